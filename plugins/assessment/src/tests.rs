use lika_sdk::example::{Example, Value};
use proptest::prelude::*;

use crate::{Assessment, Grade, Settings, grade};

/// S4.12: at least 5,000 people a year of nine townships; here a township with its letter.
const GOAL: i64 = 556;

fn township() -> Vec<(&'static str, Value)> {
    vec![
        ("township.people-exited", GOAL.into()),
        ("township.people-exited-in-three-years", (3 * GOAL).into()),
        ("township.exit-goal", GOAL.into()),
        ("township.income-growth", 100_000_i64.into()),
        ("township.services", 3_i64.into()),
        ("township.satisfied", 950_000_i64.into()),
    ]
}

fn with(changes: &[(&'static str, Value)]) -> Vec<(&'static str, Value)> {
    let mut facts = township();
    facts.retain(|(key, _)| changes.iter().all(|(changed, _)| changed != key));
    facts.extend_from_slice(changes);
    facts
}

fn judge(settings: &str, changes: &[(&'static str, Value)]) -> String {
    judge_facts(settings, &with(changes))
}

fn judge_facts(settings: &str, facts: &[(&'static str, Value)]) -> String {
    let mut example = Example::of_subjects::<Assessment>();
    example.row("township", None, facts);
    example.judge::<Assessment>(settings)
}

/// The township with one fact that there is none of.
fn without(key: &str) -> Vec<(&'static str, Value)> {
    let mut facts = township();
    facts.retain(|(own, _)| *own != key);
    facts
}

#[track_caller]
fn check(changes: &[(&'static str, Value)], expected: &str) {
    let answer = judge("{}", changes);
    assert!(answer.starts_with(expected), "{answer}");
}

#[test]
fn who_reaches_every_goal_is_excellent() {
    check(&[], "0 excellent");
}

#[test]
fn people_exited_weigh_most() {
    // Half of the 50 points, and all of the others: 75.
    let half = [("township.people-exited", Value::Number(GOAL / 2))];
    check(&half, "0 passing");
    let none = [("township.people-exited", Value::Number(0))];
    check(&none, "0 failing");
    let without_services = [("township.services", Value::Number(0))];
    check(&without_services, "0 good");
}

#[test]
fn what_goes_beyond_a_goal_makes_up_for_nothing() {
    check(
        &[
            ("township.people-exited", Value::Number(0)),
            ("township.income-growth", Value::Number(900_000)),
            ("township.services", Value::Number(90)),
        ],
        "0 failing",
    );
    check(
        &[("township.income-growth", Value::Number(-200_000))],
        "0 passing",
    );
}

#[test]
fn three_years_are_settled_together() {
    let late = [
        ("township.people-exited", Value::Number(0)),
        ("township.people-exited-in-three-years", (3 * GOAL).into()),
    ];
    let settled = judge(r#"{"settlement": true}"#, &late);
    assert!(settled.starts_with("0 excellent"), "{settled}");
    check(&late, "0 failing");
}

#[test]
fn a_goal_comes_from_the_letter_or_from_the_county() {
    let no_letter = without("township.exit-goal");
    assert_eq!(
        judge_facts("{}", &no_letter),
        "0 undetermined: missing township 0 township.exit-goal\n"
    );
    let own = judge_facts(r#"{"exits-goal": 556}"#, &no_letter);
    assert!(own.starts_with("0 excellent"), "{own}");
}

#[test]
fn what_is_not_known_goes_to_a_person_and_what_has_no_weight_is_not_asked() {
    let unknown = [("township.income-growth", Value::Unknown)];
    check(
        &unknown,
        "0 undetermined: missing township 0 township.income-growth",
    );
    let off = judge(r#"{"growth-weight": 0}"#, &unknown);
    assert!(off.starts_with("0 excellent"), "{off}");
    let nothing = judge(
        r#"{"growth-weight": 0, "exits-weight": 0, "services-weight": 0}"#,
        &[],
    );
    assert_eq!(nothing, "0 refused: no-weights\n");
    let asked = judge_facts(
        r#"{"satisfaction-weight": 20}"#,
        &without("township.satisfied"),
    );
    assert_eq!(
        asked,
        "0 undetermined: missing township 0 township.satisfied\n"
    );
}

#[test]
fn the_lines_between_grades_are_the_countys() {
    use lika_sdk::Settings as _;
    let settings = Settings::parse("{}").unwrap();
    for (score, expected) in [
        (10_000, Grade::Excellent),
        (9_000, Grade::Excellent),
        (8_999, Grade::Good),
        (7_999, Grade::Passing),
        (5_999, Grade::Failing),
    ] {
        assert_eq!(grade(&settings, score), expected, "{score}");
    }
}

proptest! {
    #[test]
    fn more_of_anything_is_never_a_worse_grade(
        exited in 0..1_000_i64, growth in -200_000..200_000_i64, services in 0..6_i64, more in 0..500_i64,
    ) {
        let rank = |exited: i64, growth: i64, services: i64| {
            let answer = judge("{}", &[
                ("township.people-exited", exited.into()),
                ("township.income-growth", growth.into()),
                ("township.services", services.into()),
            ]);
            let grades = ["excellent", "good", "passing", "failing"];
            grades.iter().position(|grade| answer.starts_with(&format!("0 {grade}"))).unwrap()
        };
        let before = rank(exited, growth, services);
        prop_assert!(rank(exited + more, growth, services) <= before);
        prop_assert!(rank(exited, growth + more * 100, services) <= before);
        prop_assert!(rank(exited, growth, services + more) <= before);
    }
}
