use lika_sdk::example::{Example, Value};
use proptest::prelude::*;

use crate::Supervision;

/// 2016-10-01, as days since 1970-01-01.
const TODAY: i64 = 17_075;

/// A cadre of whom nothing is wrong, and who has climbed no rung.
fn sound() -> Vec<(&'static str, Value)> {
    vec![
        ("cadre.tasks-late", 0_i64.into()),
        ("cadre.households-unvisited", 0_i64.into()),
        ("cadre.findings", 0_i64.into()),
        ("cadre.findings-overdue", 0_i64.into()),
    ]
}

fn with(changes: &[(&'static str, Value)]) -> Vec<(&'static str, Value)> {
    let mut facts = sound();
    facts.retain(|(key, _)| changes.iter().all(|(changed, _)| changed != key));
    facts.extend_from_slice(changes);
    facts
}

fn judge(settings: &str, changes: &[(&'static str, Value)]) -> String {
    let mut example = Example::of_subjects::<Supervision>();
    example.row("cadre", None, &with(changes));
    example.row("group", None, &[("group.as-of", Value::Number(TODAY))]);
    example.judge::<Supervision>(settings)
}

#[track_caller]
fn check(changes: &[(&'static str, Value)], expected: &str) {
    assert_eq!(judge("{}", changes), expected);
}

/// A rung so many days ago.
fn rung(code: &'static str, days: i64) -> [(&'static str, Value); 2] {
    [
        ("cadre.rung", code.into()),
        ("cadre.rung-on", Value::Number(TODAY - days)),
    ]
}

/// Three lectures of the six ones that were not given (S4.8).
const LATE: (&str, Value) = ("cadre.tasks-late", Value::Number(3));

#[test]
fn who_does_the_work_is_left_alone() {
    check(&[], "0 refused: nothing-found\n");
    check(
        &[
            ("cadre.tasks-late", 2_i64.into()),
            ("cadre.findings", 1_i64.into()),
        ],
        "0 refused: nothing-found\n",
    );
}

#[test]
fn once_reprimanded_twice_interviewed_the_third_time_held_to_account() {
    check(&[LATE], "0 reprimand: tasks-late\n");
    for (last, next) in [
        ("reprimand", "interview"),
        ("interview", "accountability"),
        ("accountability", "accountability"),
    ] {
        let [rung, on] = rung(last, 100);
        check(
            &[LATE, rung, on],
            &format!("0 {next}: tasks-late, follows\n"),
        );
    }
}

#[test]
fn every_cause_counts_and_a_threshold_of_nothing_looks_at_none() {
    let all = [
        LATE,
        ("cadre.households-unvisited", 1_i64.into()),
        ("cadre.findings", 2_i64.into()),
        ("cadre.findings-overdue", 1_i64.into()),
    ];
    check(
        &all,
        "0 reprimand: tasks-late, households-unvisited, findings, findings-overdue\n",
    );
    let off =
        r#"{"late-tasks": 0, "unvisited-households": 0, "findings": 0, "overdue-findings": 0}"#;
    assert_eq!(judge(off, &all), "0 refused: nothing-found\n");
}

#[test]
fn the_ladder_forgets_and_gives_time_to_put_things_right() {
    let [code, on] = rung("interview", 400);
    check(&[LATE, code, on], "0 reprimand: tasks-late, forgotten\n");
    let [code, on] = rung("reprimand", 29);
    check(&[LATE, code, on], "0 refused: respite\n");
    let [code, on] = rung("reprimand", 30);
    check(
        &[LATE, code.clone(), on],
        "0 interview: tasks-late, follows\n",
    );
    let long = r#"{"memory-months": 24}"#;
    let [code, on] = rung("interview", 400);
    assert_eq!(
        judge(long, &[LATE, code, on]),
        "0 accountability: tasks-late, follows\n"
    );
}

#[test]
fn what_is_not_known_goes_to_a_person() {
    check(
        &[("cadre.tasks-late", Value::Unknown)],
        "0 undetermined: missing cadre 0 cadre.tasks-late\n",
    );
}

proptest! {
    #[test]
    fn no_rung_is_ever_skipped(
        tasks in 0..20_i64, findings in 0..5_i64, days in 0..2000_i64, last in 0..4_usize,
    ) {
        let rungs = ["reprimand", "interview", "accountability"];
        let mut changes = vec![
            ("cadre.tasks-late", tasks.into()),
            ("cadre.findings", findings.into()),
        ];
        if let Some(code) = rungs.get(last) {
            changes.extend(rung(code, days));
        }
        let answer = judge("{}", &changes);
        let proposed = rungs.iter().position(|rung| answer.starts_with(&format!("0 {rung}:")));
        let highest = rungs.get(last).map_or(0, |_| (last + 1).min(2));
        prop_assert!(proposed.is_none_or(|proposed| proposed <= highest), "{answer}");
    }

    #[test]
    fn more_that_is_wrong_never_ends_a_rung(tasks in 0..10_i64, more in 0..10_i64) {
        let is_proposed = |tasks: i64| {
            let answer = judge("{}", &[("cadre.tasks-late", tasks.into())]);
            !answer.starts_with("0 refused")
        };
        prop_assert!(!is_proposed(tasks) || is_proposed(tasks + more));
    }
}
