use lika_sdk::example::{Example, Value};
use lika_sdk::judge_subjects;
use proptest::prelude::*;

use crate::ExitReview;

/// A household that meets all seven conditions and earns 2,500 yuan a head (S3.3).
fn met() -> Vec<(&'static str, Value)> {
    vec![
        ("income.net-per-head", 250_000_i64.into()),
        ("household.dangerous-house", false.into()),
        ("household.able-to-work", true.into()),
        ("household.allowance-members", 0_i64.into()),
        ("household.uninsured", 0_i64.into()),
        ("household.workers-away", 1_i64.into()),
        ("living.allowance-entitled", false.into()),
        ("living.drop-outs", 0_i64.into()),
        ("living.admitted", 1_i64.into()),
        ("living.admitted-supported", 1_i64.into()),
        ("living.trained", 1_i64.into()),
        ("living.skills", 1_i64.into()),
    ]
}

fn with(changes: &[(&'static str, Value)]) -> Vec<(&'static str, Value)> {
    let mut facts = met();
    facts.retain(|(key, _)| changes.iter().all(|(changed, _)| changed != key));
    facts.extend_from_slice(changes);
    facts
}

fn judge(settings: &str, facts: &[(&str, Value)]) -> String {
    let mut example = Example::of_subjects::<ExitReview>();
    example.row("household", None, facts);
    example.judge::<ExitReview>(settings)
}

#[test]
fn the_seven_conditions_and_2500_yuan_are_enough() {
    assert_eq!(judge("{}", &met()), "0 may-exit: all-met\n");
    let exited = with(&[("household.exit-year", 2015_i64.into())]);
    assert_eq!(judge("{}", &exited), "0 stays-out: all-met\n");
}

#[test]
fn each_condition_by_itself_stops_the_exit() {
    let none: Value = 0_i64.into();
    for (change, expected) in [
        (
            ("household.dangerous-house", true.into()),
            "dangerous-house",
        ),
        (("living.allowance-entitled", true.into()), "no-allowance"),
        (("household.uninsured", 1_i64.into()), "uninsured"),
        (("living.drop-outs", 1_i64.into()), "drop-out"),
        (
            ("living.admitted-supported", none.clone()),
            "student-unsupported",
        ),
        (("living.trained", none.clone()), "too-few-trained"),
        (
            ("household.workers-away", none.clone()),
            "too-few-workers-away",
        ),
        (("living.skills", none), "too-few-skills"),
        (
            ("income.net-per-head", 249_999_i64.into()),
            "income-too-low",
        ),
    ] {
        let expected = format!("0 refused: {expected}\n");
        assert_eq!(judge("{}", &with(&[change])), expected);
    }
}

#[test]
fn s4_11_what_the_survey_found_open_stays_open_whatever_is_recorded() {
    let conditions = [
        "housing",
        "allowance",
        "medical",
        "schooling",
        "admitted",
        "work",
        "skill",
    ];
    let keys = [
        "exit-survey.housing",
        "exit-survey.allowance",
        "exit-survey.medical",
        "exit-survey.schooling",
        "exit-survey.admitted",
        "exit-survey.work",
        "exit-survey.skill",
    ];
    for (key, condition) in keys.into_iter().zip(conditions) {
        assert_eq!(key, format!("exit-survey.{condition}"));
        let open = with(&[(key, false.into())]);
        assert_eq!(judge("{}", &open), "0 refused: survey-found-open\n");
    }
    let required = r#"{"survey-required": true}"#;
    let all: Vec<(&'static str, Value)> = keys.map(|key| (key, true.into())).into();
    assert_eq!(judge(required, &with(&all)), "0 may-exit: all-met\n");
    let mut but_one = with(&all);
    but_one.retain(|(key, _)| *key != "exit-survey.work");
    let expected = "0 undetermined: missing household 0 exit-survey.work\n";
    assert_eq!(judge(required, &but_one), expected);
}

#[test]
fn each_condition_that_is_not_known_goes_to_a_person() {
    for key in [
        "household.dangerous-house",
        "living.allowance-entitled",
        "household.uninsured",
        "living.drop-outs",
        "living.admitted",
        "living.admitted-supported",
        "household.able-to-work",
        "living.trained",
        "household.workers-away",
        "living.skills",
        "income.net-per-head",
    ] {
        let expected = format!("0 undetermined: missing household 0 {key}\n");
        assert_eq!(judge("{}", &with(&[(key, Value::Unknown)])), expected);
    }
}

#[test]
fn a_failed_condition_is_a_no_whatever_is_unknown() {
    let facts = with(&[
        ("household.dangerous-house", true.into()),
        ("living.skills", Value::Unknown),
    ]);
    assert_eq!(judge("{}", &facts), "0 refused: dangerous-house\n");
}

#[test]
fn who_cannot_work_is_not_asked_for_work_unless_the_county_says_so() {
    let none: Value = 0_i64.into();
    let facts = with(&[
        ("household.able-to-work", false.into()),
        ("living.trained", none.clone()),
        ("household.workers-away", none.clone()),
        ("living.skills", none),
    ]);
    assert_eq!(judge("{}", &facts), "0 may-exit: all-met\n");
    assert_eq!(
        judge(r#"{"labour-conditions-for-all": true}"#, &facts),
        "0 refused: too-few-trained, too-few-workers-away, too-few-skills\n"
    );
}

#[test]
fn the_allowance_counts_where_somebody_draws_it() {
    let facts = with(&[
        ("living.allowance-entitled", true.into()),
        ("household.allowance-members", 2_i64.into()),
    ]);
    assert_eq!(judge("{}", &facts), "0 may-exit: all-met\n");
    let nobody_admitted = with(&[
        ("living.admitted", 0_i64.into()),
        ("living.admitted-supported", Value::Unknown),
    ]);
    assert_eq!(judge("{}", &nobody_admitted), "0 may-exit: all-met\n");
}

#[test]
fn a_county_adds_its_own_and_guangdong_asks_30000_yuan_of_the_village() {
    let village = r#"{"village-collective-income": 3000000}"#;
    for (income, expected) in [
        (3_000_000_i64, "0 may-exit: all-met\n"),
        (2_999_999, "0 refused: village-income-too-low\n"),
    ] {
        let facts = with(&[("household.village-collective-income", income.into())]);
        assert_eq!(judge(village, &facts), expected);
    }
    let own = r#"{"safe-water": true, "electricity": true, "toilet": true, "road": true, "broadband": true, "house-area": 60}"#;
    let flags = [
        "household.safe-water",
        "living.electricity",
        "living.toilet",
        "living.road",
        "living.broadband",
    ];
    let mut facts: Vec<(&str, Value)> = flags.iter().map(|key| (*key, false.into())).collect();
    facts.push(("living.house-area", 59_i64.into()));
    assert_eq!(
        judge(own, &with(&facts)),
        "0 refused: unsafe-water, no-electricity, no-toilet, no-road, no-broadband, house-too-small\n"
    );
    let mut facts: Vec<(&str, Value)> = flags.iter().map(|key| (*key, true.into())).collect();
    facts.push(("living.house-area", 60_i64.into()));
    assert_eq!(judge(own, &with(&facts)), "0 may-exit: all-met\n");
}

#[test]
fn every_threshold_is_compared() {
    let mut example = Example::of_subjects::<ExitReview>();
    example.row("household", None, &met());
    let answer = judge_subjects::<ExitReview>("{}", example.input()).unwrap();
    let compared: Vec<_> = answer
        .comparisons
        .iter()
        .map(|own| (own.value, own.threshold, own.holds))
        .collect();
    assert_eq!(
        compared,
        [
            (0, 0, true),
            (0, 0, true),
            (1, 1, true),
            (1, 1, true),
            (1, 1, true),
            (1, 1, true),
            (250_000, 250_000, true)
        ]
    );
}

fn may_exit(settings: &str, facts: &[(&str, Value)]) -> bool {
    judge(settings, facts).starts_with("0 may-exit")
}

proptest! {
    #[test]
    fn a_higher_target_lets_nobody_exit_who_could_not(
        income in 0..1_000_000_i64,
        target in 0..1_000_000_i64,
        more in 0..1_000_000_i64,
    ) {
        let facts = with(&[("income.net-per-head", income.into())]);
        let settings = |target| format!(r#"{{"income-per-head": {target}}}"#);
        prop_assert!(!may_exit(&settings(target + more), &facts) || may_exit(&settings(target), &facts));
    }

    #[test]
    fn who_earns_more_is_not_held_back(income in 0..1_000_000_i64, more in 0..1_000_000_i64) {
        let of = |income: i64| may_exit("{}", &with(&[("income.net-per-head", income.into())]));
        prop_assert!(!of(income) || of(income + more));
    }
}
