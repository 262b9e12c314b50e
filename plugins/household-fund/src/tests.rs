use lika_sdk::example::{Example, Value};
use lika_sdk::wire::types::{Answer, Outcome};
use lika_sdk::{Fen, Ppm, Settings as _, judge_subjects};
use proptest::prelude::*;

use crate::split::Split;
use crate::{HouseholdFund, Settings};

/// 1,000 yuan (S4.5).
const THOUSAND: i64 = 100_000;

/// A household with helpers of these levels and roles, and payments from funds of these channels for a purpose.
struct Household {
    kind: Value,
    able: Value,
    helpers: Vec<(Value, &'static str)>,
    payments: Vec<(i64, &'static str, &'static str)>,
    decided: bool,
}

impl Household {
    /// A development household in focus of a section-level cadre.
    fn of_luxi() -> Self {
        Self {
            kind: "development".into(),
            able: true.into(),
            helpers: vec![("section".into(), "focus"), ("village".into(), "focus")],
            payments: Vec::new(),
            decided: false,
        }
    }

    fn answer(&self, settings: &str) -> (String, Answer) {
        let mut example = Example::of_subjects::<HouseholdFund>();
        let facts = [
            ("household.registered-type", self.kind.clone()),
            ("household.able-to-work", self.able.clone()),
        ];
        let row = example.row("household", None, &facts);
        for (level, role) in &self.helpers {
            let facts = [
                ("pairing.level", level.clone()),
                ("pairing.role", (*role).into()),
            ];
            example.row("pairing", Some(row), &facts);
        }
        for (amount, channel, purpose) in &self.payments {
            let facts = [
                ("payment.amount", (*amount).into()),
                ("payment.channel", (*channel).into()),
                ("payment.purpose", (*purpose).into()),
                ("payment.decided", self.decided.into()),
            ];
            example.row("payment", Some(row), &facts);
        }
        let answer = judge_subjects::<HouseholdFund>(settings, example.input()).unwrap();
        (example.judge::<HouseholdFund>(settings), answer)
    }

    #[track_caller]
    fn check(&self, settings: &str, expected: &str, amount: Option<i64>) {
        let (shown, answer) = self.answer(settings);
        assert_eq!(shown, expected);
        assert_eq!(answer.decisions[0].amount, amount);
    }

    fn county(&self, settings: &str) -> i64 {
        self.answer(settings).1.decisions[0].amount.unwrap_or(0)
    }
}

#[test]
fn of_2000_yuan_the_county_pays_1000_and_the_cadre_raises_1000() {
    let household = Household::of_luxi();
    household.check("{}", "0 household-fund: due\n", Some(THOUSAND));
    let (_, answer) = household.answer("{}");
    let told: Vec<i64> = answer.arguments.iter().map(|own| own.value).collect();
    assert_eq!(told, [2 * THOUSAND, THOUSAND, THOUSAND]);
}

#[test]
fn only_development_households_of_the_registry_get_it() {
    let check = |kind: &str, able: Value, expected: &str| {
        let household = Household {
            kind: kind.into(),
            able,
            ..Household::of_luxi()
        };
        let amount = expected.contains("household-fund").then_some(THOUSAND);
        household.check("{}", expected, amount);
    };
    check("general", true.into(), "0 household-fund: due\n");
    let other = "0 refused: not-development-household\n";
    check("general", false.into(), other);
    check("allowance", true.into(), other);
    check("allowance-only", Value::Unknown, other);
    check("five-guarantee", true.into(), other);
    let left = "0 refused: not-registered-as-poor\n";
    check("exited", true.into(), left);
    check("marginal", true.into(), left);
    let unknown = "0 undetermined: missing household 0 household.able-to-work\n";
    check("general", Value::Unknown, unknown);
}

#[test]
fn a_county_may_name_other_types() {
    let household = Household {
        kind: "allowance".into(),
        ..Household::of_luxi()
    };
    let settings = r#"{"development": false, "development-allowance": true}"#;
    household.check(settings, "0 household-fund: due\n", Some(THOUSAND));
    let expected = "0 refused: not-development-household\n";
    Household::of_luxi().check(settings, expected, None);
}

#[test]
fn only_focus_help_of_section_level_or_above_entitles() {
    let by = |helpers: &[(&str, &'static str)]| Household {
        helpers: helpers
            .iter()
            .map(|(level, role)| ((*level).into(), *role))
            .collect(),
        ..Household::of_luxi()
    };
    let (granted, refused) = ("0 household-fund: due\n", "0 refused: no-such-helper\n");
    by(&[("county", "focus")]).check("{}", granted, Some(THOUSAND));
    by(&[]).check("{}", refused, None);
    let local = by(&[("township", "focus"), ("village", "focus")]);
    local.check("{}", refused, None);
    local.check(r#"{"lowest-level": 3}"#, granted, Some(THOUSAND));
    let contact = by(&[("section", "contact")]);
    contact.check("{}", refused, None);
    contact.check(r#"{"focus-only": false}"#, granted, Some(THOUSAND));
    by(&[("section", "focus")]).check(r#"{"lowest-level": 1}"#, refused, None);
}

#[test]
fn a_level_that_nobody_has_recorded_is_undetermined() {
    let household = Household {
        helpers: vec![(Value::Unknown, "focus")],
        ..Household::of_luxi()
    };
    let expected = "0 undetermined: missing pairing 0 pairing.level\n";
    household.check("{}", expected, None);
}

#[test]
fn what_the_county_has_paid_this_year_is_not_due_again() {
    let paid = |payments: &[(i64, &'static str, &'static str)]| Household {
        payments: payments.to_vec(),
        ..Household::of_luxi()
    };
    let county = (THOUSAND, "industry-fund", "household-fund");
    let expected = "0 household-fund: due, paid-already\n";
    paid(&[county]).check("{}", expected, Some(0));
    let part = (40_000, county.1, county.2);
    paid(&[part]).check("{}", expected, Some(60_000));
    paid(&[part, county]).check("{}", expected, Some(0));
    // What follows a decision is counted where it is paid.
    let by_decision = Household {
        decided: true,
        ..paid(&[part, county])
    };
    by_decision.check("{}", expected, Some(THOUSAND));
    // The cadre's part, and what the industry fund pays for another purpose, are not the county's part.
    let others = [
        (THOUSAND, "cadre", "household-fund"),
        (THOUSAND, "industry-fund", "relief"),
    ];
    paid(&others).check("{}", "0 household-fund: due\n", Some(THOUSAND));
}

#[test]
fn faulty_settings_are_named() {
    let faults = Settings::parse(r#"{"county-share": 1000001, "lowest-level": 0}"#).unwrap_err();
    let paths: Vec<_> = faults.iter().map(|fault| fault.path.as_str()).collect();
    assert_eq!(paths, ["county-share", "lowest-level"]);
}

fn settings(amount: i64, share: i64) -> Settings {
    let text = format!(r#"{{"amount": {amount}, "county-share": {share}}}"#);
    Settings::parse(&text).unwrap()
}

proptest! {
    #[test]
    fn the_split_never_loses_a_fen(amount in 0..=i64::MAX, share in 0..=1_000_000_i64) {
        let settings = settings(amount, share);
        prop_assert_eq!(settings.county_share, Ppm::new(share));
        let Split { county, cadre } = Split::of(&settings);
        prop_assert!(county >= Fen::ZERO && cadre >= Fen::ZERO);
        prop_assert_eq!(county.checked_add(cadre), Some(Fen::new(amount)));
    }

    #[test]
    fn more_in_the_settings_is_never_less_for_a_household(
        amount in 0..1_000_000_i64,
        more in 0..1_000_000_i64,
        share in 0..=500_000_i64,
        greater in 0..=500_000_i64,
        paid in 0..300_000_i64,
        level in 1..4_i64,
    ) {
        let mut household = Household::of_luxi();
        if paid > 0 {
            household.payments.push((paid, "industry-fund", "household-fund"));
        }
        let due = |amount: i64, share: i64, level: i64| household.county(&format!(
            r#"{{"amount": {amount}, "county-share": {share}, "lowest-level": {level}}}"#
        ));
        let before = due(amount, share, level);
        prop_assert!(due(amount + more, share, level) >= before);
        prop_assert!(due(amount, share + greater, level) >= before);
        prop_assert!(due(amount, share, level + 1) >= before);
        // What is paid and what is due is never more than the county's part.
        let part = Split::of(&settings(amount, share)).county.get();
        prop_assert!(before + paid <= part.max(paid));
    }

    #[test]
    fn everybody_gets_an_answer_and_only_who_is_granted_an_amount(
        kind in prop::sample::select(vec!["development", "general", "allowance", "exited", "other"]),
        levels in prop::collection::vec(prop::sample::select(vec!["county", "section", "township", "village"]), 0..4),
    ) {
        let household = Household {
            kind: kind.into(),
            helpers: levels.into_iter().map(|level| (level.into(), "focus")).collect(),
            ..Household::of_luxi()
        };
        let (_, answer) = household.answer("{}");
        let decision = &answer.decisions[0];
        prop_assert_eq!(decision.amount.is_some(), decision.outcome == Outcome::Granted);
    }
}
