use lika_sdk::example::{Example, Value};
use proptest::prelude::*;

use crate::Monitoring;

/// A published monitoring line of 6,000 yuan.
const LINE: i64 = 600_000;

/// An exited household of four without any risk.
fn sound() -> Vec<(&'static str, Value)> {
    vec![
        ("household.registered-type", "exited".into()),
        ("household.exit-year", 2016_i64.into()),
        ("income.net-per-head", 800_000_i64.into()),
        ("income.net", 3_200_000_i64.into()),
        ("income.persons", 4_i64.into()),
        ("living.hardship-expenses", 0_i64.into()),
        ("household.dangerous-house", false.into()),
        ("household.safe-water", true.into()),
        ("household.uninsured", 0_i64.into()),
        ("household.children-out-of-school", 0_i64.into()),
    ]
}

fn with(changes: &[(&'static str, Value)]) -> Vec<(&'static str, Value)> {
    let mut facts = sound();
    facts.retain(|(key, _)| changes.iter().all(|(changed, _)| changed != key));
    facts.extend_from_slice(changes);
    facts
}

fn judge(settings: &str, line: Value, facts: &[(&str, Value)]) -> String {
    let mut example = Example::of_subjects::<Monitoring>();
    example.row("household", None, facts);
    example.row("group", None, &[("group.monitoring-line", line)]);
    example.judge::<Monitoring>(settings)
}

fn check(changes: &[(&'static str, Value)], expected: &str) {
    assert_eq!(judge("{}", LINE.into(), &with(changes)), expected);
}

#[test]
fn there_are_three_kinds_of_monitored_households() {
    let low = ("income.net-per-head", Value::Number(599_999));
    check(
        std::slice::from_ref(&low),
        "0 exited-unstable: income-under-line\n",
    );
    let marginal = ("household.registered-type", Value::from("marginal"));
    let never = [
        marginal,
        ("household.risk-removed", false.into()),
        low.clone(),
    ];
    let mut facts = with(&never);
    facts.retain(|(key, _)| *key != "household.exit-year");
    assert_eq!(
        judge("{}", LINE.into(), &facts),
        "0 marginal: income-under-line\n"
    );
    // 32,000 yuan less 8,000.04 leave 5,999.99 a head.
    let expenses = ("living.hardship-expenses", Value::Number(800_004));
    check(&[expenses], "0 sudden-hardship: hardship\n");
    check(
        &[("living.hardship-expenses", Value::Number(800_000))],
        "0 refused: no-risk\n",
    );
}

#[test]
fn who_is_still_registered_is_helped_and_not_monitored() {
    let mut facts = with(&[
        ("household.registered-type", "general".into()),
        ("income.net-per-head", 1_i64.into()),
    ]);
    facts.retain(|(key, _)| *key != "household.exit-year");
    assert_eq!(
        judge("{}", LINE.into(), &facts),
        "0 refused: still-registered\n"
    );
}

#[test]
fn housing_water_insurance_and_schooling_are_risks_too() {
    check(
        &[
            ("household.dangerous-house", true.into()),
            ("household.safe-water", false.into()),
            ("household.uninsured", 2_i64.into()),
            ("household.children-out-of-school", 1_i64.into()),
        ],
        "0 exited-unstable: dangerous-house, unsafe-water, uninsured, out-of-school\n",
    );
    let off = r#"{"housing": false, "water": false, "insurance": false, "schooling": false, "hardship": false}"#;
    let facts = with(&[
        ("household.dangerous-house", Value::Unknown),
        ("household.safe-water", Value::Unknown),
        ("household.uninsured", Value::Unknown),
        ("household.children-out-of-school", Value::Unknown),
        ("living.hardship-expenses", Value::Unknown),
    ]);
    assert_eq!(judge(off, LINE.into(), &facts), "0 refused: no-risk\n");
}

#[test]
fn a_risk_that_is_found_counts_whatever_is_unknown() {
    check(
        &[
            ("household.dangerous-house", true.into()),
            ("household.risk-removed", true.into()),
            ("income.net-per-head", Value::Unknown),
        ],
        "0 exited-unstable: dangerous-house, risk-marked-removed\n",
    );
    check(
        &[("living.hardship-expenses", Value::Unknown)],
        "0 undetermined: missing household 0 living.hardship-expenses\n",
    );
}

#[test]
fn the_line_is_the_published_one_or_the_countys() {
    let unknown = judge("{}", Value::Unknown, &sound());
    assert_eq!(
        unknown,
        "0 undetermined: missing group 0 group.monitoring-line\n"
    );
    let own = r#"{"monitoring-line": 800001}"#;
    assert_eq!(
        judge(own, Value::Unknown, &sound()),
        "0 exited-unstable: income-under-line\n"
    );
}

proptest! {
    #[test]
    fn a_higher_line_drops_nobody(
        income in 0..2_000_000_i64,
        expenses in 0..2_000_000_i64,
        line in 1..2_000_000_i64,
        more in 0..2_000_000_i64,
    ) {
        let facts = with(&[
            ("income.net-per-head", income.into()),
            ("income.net", (income * 4).into()),
            ("living.hardship-expenses", expenses.into()),
        ]);
        let is_monitored = |line: i64| !judge("{}", line.into(), &facts).starts_with("0 refused");
        prop_assert!(!is_monitored(line) || is_monitored(line + more));
    }
}
