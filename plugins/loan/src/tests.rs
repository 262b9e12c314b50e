use lika_sdk::example::{Example, Value};
use proptest::prelude::*;

use crate::Loan;

/// S2.5: up to 5万, up to three years, no collateral, the helper guarantees. No leverage is given.
const SANMING: &str = r#"{
    "amount-least": 0, "amount-most": 5000000, "months-most": 36, "guarantor-helps": true,
    "leverage-least": 0, "leverage-most": 0
}"#;

/// S4.10: 3,460万 for 467 households, 7.41万 each: no guarantor and no fund is named.
const LUXI: &str = r#"{
    "amount-least": 0, "amount-most": 8000000, "months-most": 36, "guarantor": false, "fund": false
}"#;

/// Taishun's most (S0.5): 5,000 yuan for a year from a fund that is lent five times.
fn taishun() -> Vec<(&'static str, Value)> {
    vec![
        ("application.amount", 500_000_i64.into()),
        ("application.months", 12_i64.into()),
        ("application.rate", 60_000_i64.into()),
        ("application.guarantor", true.into()),
        ("application.guarantor-helps", false.into()),
        ("application.leverage", 5_000_000_i64.into()),
        ("application.owed", 0_i64.into()),
        ("application.overdue", false.into()),
        ("application.defaults", 0_i64.into()),
        ("application.blacklisted", false.into()),
    ]
}

type Changes<'a> = &'a [(&'static str, Value)];

fn judge(settings: &str, changes: Changes<'_>, absent: &[&str]) -> String {
    let mut facts = taishun();
    facts.retain(|(key, _)| changes.iter().all(|(changed, _)| changed != key));
    facts.extend_from_slice(changes);
    facts.retain(|(key, _)| !absent.contains(key));
    let mut example = Example::of_subjects::<Loan>();
    example.row("application", None, &facts);
    example.judge::<Loan>(settings)
}

fn check(settings: &str, changes: Changes<'_>, expected: &str) {
    check_without(settings, changes, &[], expected);
}

fn check_without(settings: &str, changes: Changes<'_>, absent: &[&str], expected: &str) {
    let said = judge(settings, changes, absent);
    assert_eq!(said, format!("0 {expected}\n"));
}

fn amount(yuan: i64) -> (&'static str, Value) {
    ("application.amount", (yuan * 100).into())
}

#[test]
fn s0_5_taishun_lends_1000_to_5000_yuan_for_a_year() {
    check("{}", &[amount(1_000)], "loan: within-terms");
    check("{}", &[amount(5_000)], "loan: within-terms");
    check("{}", &[amount(999)], "refused: amount-below-least");
    check("{}", &[amount(5_001)], "refused: amount-above-ceiling");
    let longer = ("application.months", Value::from(13_i64));
    check("{}", &[longer], "refused: term-too-long");
}

#[test]
fn s0_5_the_cadre_guarantees_and_the_fund_is_lent_two_to_five_times() {
    let alone = [("application.guarantor", false.into())];
    let absent = ["application.guarantor-helps"];
    check_without("{}", &alone, &absent, "refused: no-guarantor");
    for (leverage, expected) in [
        (1_999_999_i64, "refused: leverage-outside"),
        (2_000_000, "loan: within-terms"),
        (5_000_000, "loan: within-terms"),
        (5_000_001, "refused: leverage-outside"),
    ] {
        check("{}", &[("application.leverage", leverage.into())], expected);
    }
    let absent = ["application.leverage"];
    check_without("{}", &[], &absent, "refused: no-fund");
    let unknown = ("application.leverage", Value::Unknown);
    check(
        "{}",
        &[unknown],
        "undetermined: missing application 0 application.leverage",
    );
}

#[test]
fn s2_5_sanming_lends_up_to_50000_yuan_for_three_years_and_the_helper_guarantees() {
    let years = ("application.months", Value::from(36_i64));
    let helper = ("application.guarantor-helps", Value::from(true));
    let of = |yuan| [amount(yuan), years.clone(), helper.clone()];
    check(SANMING, &of(50_000), "loan: within-terms");
    check(SANMING, &of(50_001), "refused: amount-above-ceiling");
    check(
        SANMING,
        &[amount(50_000), years.clone()],
        "refused: guarantor-does-not-help",
    );
    check(
        "{}",
        &of(50_000),
        "refused: amount-above-ceiling, term-too-long",
    );
}

#[test]
fn s4_10_the_ceiling_is_a_setting_because_luxi_lends_more() {
    // 3,460万 for 467 households are 74,089.93 yuan each.
    let each = ("application.amount", Value::from(7_408_993_i64));
    let own = [each, ("application.guarantor", false.into())];
    let absent = ["application.guarantor-helps", "application.leverage"];
    check_without(LUXI, &own, &absent, "loan: within-terms");
    check_without(
        SANMING,
        &own,
        &absent,
        "refused: amount-above-ceiling, no-guarantor, no-fund",
    );
}

#[test]
fn two_loans_are_one_against_the_ceiling() {
    let besides = ("application.owed", Value::from(400_000_i64));
    check(
        "{}",
        &[amount(1_000), besides.clone()],
        "loan: within-terms",
    );
    check(
        "{}",
        &[amount(1_001), besides.clone()],
        "refused: together-above-ceiling",
    );
    check(
        r#"{"together": false}"#,
        &[amount(5_000), besides],
        "loan: within-terms",
    );
}

#[test]
fn s0_6_who_has_not_kept_a_loan_gets_none() {
    check(
        "{}",
        &[
            ("application.blacklisted", true.into()),
            ("application.overdue", true.into()),
            ("application.defaults", 1_i64.into()),
        ],
        "refused: blacklisted, overdue, in-default",
    );
    check(
        r#"{"no-defaults": false}"#,
        &[("application.defaults", 1_i64.into())],
        "loan: within-terms",
    );
}

#[test]
fn what_speaks_against_it_counts_whatever_is_unknown() {
    let unknown = ("application.guarantor-helps", Value::Unknown);
    let settings = r#"{"guarantor-helps": true}"#;
    check(
        settings,
        std::slice::from_ref(&unknown),
        "undetermined: missing application 0 application.guarantor-helps",
    );
    check(
        settings,
        &[unknown, amount(6_000)],
        "refused: amount-above-ceiling",
    );
}

#[test]
fn a_dear_loan_is_refused_where_a_rate_is_set() {
    let settings = r#"{"rate-most": 59999}"#;
    check(settings, &[], "refused: rate-too-high");
    check(r#"{"rate-most": 60000}"#, &[], "loan: within-terms");
}

proptest! {
    #[test]
    fn a_higher_ceiling_refuses_nobody(
        amount in 1..10_000_000_i64,
        owed in 0..10_000_000_i64,
        most in 1..10_000_000_i64,
        more in 0..10_000_000_i64,
    ) {
        let facts = [
            ("application.amount", Value::from(amount)),
            ("application.owed", owed.into()),
        ];
        let is_granted = |most: i64| {
            let settings = format!(r#"{{"amount-least": 0, "amount-most": {most}}}"#);
            judge(&settings, &facts, &[]).starts_with("0 loan:")
        };
        prop_assert!(!is_granted(most) || is_granted(most + more));
        prop_assert_eq!(is_granted(most), amount + owed <= most);
    }
}
