use lika_sdk::Date;
use lika_sdk::example::{Example, Value};
use proptest::prelude::*;

use crate::DataQuality;

type Facts = Vec<(&'static str, Value)>;

fn day(year: i64, month: u8, day: u8) -> Value {
    Date::new(year, month, day).unwrap().into()
}

/// An exited household of three in which everything fits.
fn clean() -> Facts {
    vec![
        ("household.registered-type", "exited".into()),
        ("household.identified-on", day(2014, 5, 1)),
        ("household.dangerous-house", false.into()),
        ("household.safe-water", true.into()),
        ("household.uninsured", 0_i64.into()),
        ("household.children-out-of-school", 0_i64.into()),
        ("household.able-to-work", true.into()),
        ("household.allowance-members", 0_i64.into()),
        ("household.persons", 3_i64.into()),
        ("income.net-per-head", 700_000_i64.into()),
        ("income.wages", 1_i64.into()),
        ("income.persons", 3_i64.into()),
    ]
}

fn with(changes: &[(&'static str, Value)]) -> Facts {
    let mut facts = clean();
    facts.retain(|(key, _)| changes.iter().all(|(changed, _)| changed != key));
    facts.extend_from_slice(changes);
    facts
}

struct Card {
    facts: Facts,
    causes: &'static [&'static str],
    measures: &'static [&'static str],
    /// First day and visits in half a year.
    pairings: &'static [((i64, u8, u8), i64)],
}

impl Card {
    fn of(changes: &[(&'static str, Value)]) -> Self {
        Self {
            facts: with(changes),
            causes: &["skill"],
            measures: &["employment"],
            pairings: &[((2016, 1, 1), 1)],
        }
    }

    fn judge(&self, settings: &str) -> String {
        let mut example = Example::of_subjects::<DataQuality>();
        let row = example.row("household", None, &self.facts);
        for cause in self.causes {
            example.row("cause", Some(row), &[("cause.code", (*cause).into())]);
        }
        for measure in self.measures {
            example.row("measure", Some(row), &[("measure.code", (*measure).into())]);
        }
        for ((year, month, of_month), visits) in self.pairings {
            let facts = [
                ("pairing.since", day(*year, *month, *of_month)),
                ("pairing.visits-in-half-year", (*visits).into()),
            ];
            example.row("pairing", Some(row), &facts);
        }
        let facts = [
            ("group.as-of", day(2017, 1, 1)),
            ("group.monitoring-line", 600_000_i64.into()),
        ];
        example.row("group", None, &facts);
        example.judge::<DataQuality>(settings)
    }

    #[track_caller]
    fn check(&self, expected: &str) {
        assert_eq!(self.judge("{}"), expected);
    }
}

#[test]
fn a_card_on_which_everything_fits_is_clean() {
    Card::of(&[]).check("0 clean\n");
}

#[test]
fn rule_2_open_guarantees_of_who_is_not_monitored() {
    let open = [
        ("household.dangerous-house", Value::from(true)),
        ("household.safe-water", false.into()),
        ("household.uninsured", 1_i64.into()),
        ("household.children-out-of-school", 1_i64.into()),
    ];
    Card::of(&open).check(
        "0 refused: dangerous-house-not-monitored, unsafe-water-not-monitored, uninsured-not-monitored, \
         out-of-school-not-monitored\n",
    );
    let monitored = ("household.registered-type", Value::from("exited-unstable"));
    let open = [&open[..], &[monitored]].concat();
    Card::of(&open).check("0 clean\n");
}

#[test]
fn rule_3_income_under_the_line_of_who_is_not_monitored() {
    Card::of(&[("income.net-per-head", 599_999_i64.into())])
        .check("0 refused: income-under-line-not-monitored\n");
    Card::of(&[("income.net-per-head", 600_000_i64.into())]).check("0 clean\n");
}

#[test]
fn rule_4_a_risk_that_was_marked_removed_too_early() {
    let removed = ("household.risk-removed", Value::from(true));
    let monitored = ("household.registered-type", Value::from("marginal"));
    Card::of(&[removed.clone(), monitored.clone()]).check("0 clean\n");
    let open = ("household.safe-water", Value::from(false));
    Card::of(&[removed.clone(), monitored.clone(), open]).check("0 refused: removed-while-open\n");
    let soon = ("household.identified-on", day(2016, 11, 2));
    Card::of(&[removed.clone(), monitored.clone(), soon]).check("0 refused: removed-too-soon\n");
    let late = ("household.identified-on", day(2016, 11, 1));
    Card::of(&[removed.clone(), monitored.clone(), late]).check("0 clean\n");
    let card = Card {
        measures: &["protection"],
        ..Card::of(&[removed, monitored])
    };
    card.check("0 refused: removed-without-measure\n");
}

#[test]
fn rule_5_lack_of_labour_against_labour() {
    let card = Card {
        causes: &["skill", "labour"],
        ..Card::of(&[])
    };
    card.check("0 refused: labour-lacking-though-able\n");
    let nobody = ("household.able-to-work", Value::from(false));
    Card::of(std::slice::from_ref(&nobody)).check("0 refused: nobody-able-though-not-lacking\n");
    let card = Card {
        causes: &["labour"],
        ..Card::of(&[nobody])
    };
    card.check("0 clean\n");
}

#[test]
fn rule_6_measures_against_allowance_and_wages() {
    for kind in ["allowance", "allowance-only", "development-allowance"] {
        Card::of(&[("household.registered-type", kind.into())])
            .check("0 refused: allowance-household-without-allowance\n");
    }
    Card::of(&[("income.wages", 0_i64.into())]).check("0 refused: employment-without-wages\n");
}

#[test]
fn rule_7_a_helper_who_stays_away_for_half_a_year() {
    let card = Card {
        pairings: &[((2016, 7, 1), 0), ((2016, 7, 2), 0)],
        ..Card::of(&[])
    };
    card.check("0 refused: helper-without-visit\n");
}

#[test]
fn rule_8_people_who_do_not_add_up() {
    Card::of(&[("income.persons", 4_i64.into())]).check("0 refused: people-do-not-add-up\n");
}

#[test]
fn a_card_is_clean_only_where_everything_is_known() {
    Card::of(&[("household.safe-water", Value::Unknown)])
        .check("0 undetermined: missing household 0 household.safe-water\n");
    let card = Card::of(&[
        ("household.safe-water", Value::Unknown),
        ("income.wages", 0_i64.into()),
    ]);
    card.check("0 refused: employment-without-wages\n");
    let off = r#"{"guarantees": false}"#;
    let card = Card::of(&[("household.safe-water", Value::Unknown)]);
    assert_eq!(card.judge(off), "0 clean\n");
}

proptest! {
    #[test]
    fn a_higher_line_finds_no_less(
        income in 0..2_000_000_i64,
        line in 1..2_000_000_i64,
        more in 0..2_000_000_i64,
    ) {
        let card = Card::of(&[("income.net-per-head", income.into())]);
        let finds = |line: i64| {
            card.judge(&format!(r#"{{"monitoring-line": {line}}}"#)).starts_with("0 refused")
        };
        prop_assert!(!finds(line) || finds(line + more));
    }
}
