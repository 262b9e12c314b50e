use lika_sdk::example::{Example, Value};
use lika_sdk::wire::types::{Answer, Outcome};
use lika_sdk::{group, share_group};
use proptest::prelude::*;

use crate::{Quota, Scope};

/// The day of its application, counted from 1970, and its income in fen.
type Applicant = (Option<i64>, Option<i64>);

fn village(quota: Option<i64>, identified: i64, applicants: &[Applicant]) -> Example {
    let mut example = Example::of_group::<Quota>(Scope::Village);
    let mut facts: Vec<(&str, Value)> = vec![("group.identified-in-year", identified.into())];
    facts.extend(quota.map(|quota| ("group.identification-quota", quota.into())));
    example.row("group", None, &facts);
    for (number, (applied_on, income)) in applicants.iter().enumerate() {
        let key = format!("h{number:04}");
        let mut facts: Vec<(&str, Value)> = vec![("household.key", key.as_str().into())];
        let day = applied_on.and_then(lika_sdk::Date::from_days);
        facts.extend(day.map(|day| ("household.applied-on", day.into())));
        facts.extend(income.map(|income| ("income.net-per-head", income.into())));
        example.row("household", None, &facts);
    }
    example
}

fn answer(settings: &str, example: &Example) -> Answer {
    share_group::<Quota>(settings, example.input()).unwrap()
}

/// What each household gets: granted its category by number, refused, or left to a person.
fn outcomes(answer: &Answer) -> Vec<String> {
    let manifest = group::describe::<Quota>();
    let outcome = |decision: &lika_sdk::wire::types::Decision| match decision.outcome {
        Outcome::Granted => {
            let category = decision.category.unwrap();
            manifest.categories[category as usize].code.clone()
        }
        Outcome::Refused => "refused".to_owned(),
        Outcome::Undetermined => "undetermined".to_owned(),
    };
    answer.decisions.iter().map(outcome).collect()
}

const FIVE: [Applicant; 5] = [
    (Some(100), Some(250_000)),
    (Some(101), Some(120_000)),
    (Some(99), Some(180_000)),
    (Some(98), Some(300_000)),
    (None, Some(1)),
];

#[test]
fn s1_1_the_poorest_applicants_fill_what_is_left() {
    let found = outcomes(&answer("{}", &village(Some(3), 1, &FIVE)));
    let expected = [
        "refused",
        "within-quota",
        "within-quota",
        "refused",
        "not-applying",
    ];
    assert_eq!(found, expected);
}

#[test]
fn whoever_applied_first_comes_first_where_a_county_wants_it() {
    let settings = r#"{"by-income": false}"#;
    let found = outcomes(&answer(settings, &village(Some(3), 1, &FIVE)));
    let expected = [
        "refused",
        "refused",
        "within-quota",
        "within-quota",
        "not-applying",
    ];
    assert_eq!(found, expected);
}

#[test]
fn without_a_quota_a_person_decides() {
    let found = outcomes(&answer("{}", &village(None, 0, &FIVE)));
    let expected = ["undetermined"; 4].into_iter().chain(["not-applying"]);
    assert!(found.iter().map(String::as_str).eq(expected), "{found:?}");
}

#[test]
fn a_place_is_kept_for_whose_income_is_not_known() {
    let applicants = [(Some(1), None), (Some(2), Some(100)), (Some(3), Some(200))];
    let found = outcomes(&answer("{}", &village(Some(2), 0, &applicants)));
    assert_eq!(found, ["undetermined", "within-quota", "refused"]);
}

#[test]
fn an_overshoot_is_said_and_a_tolerance_allows_it() {
    let beyond = answer("{}", &village(Some(2), 3, &FIVE[..1]));
    assert_eq!(outcomes(&beyond), ["refused"]);
    let manifest = group::describe::<Quota>();
    let said = beyond.reasons.iter();
    let said: Vec<_> = said
        .map(|reason| manifest.reasons[reason.code as usize].code.as_str())
        .collect();
    assert_eq!(said, ["beyond-quota", "overshoot"]);
    let allowed = answer(r#"{"tolerance": 2}"#, &village(Some(2), 3, &FIVE[..1]));
    assert_eq!(outcomes(&allowed), ["within-quota"]);
}

proptest! {
    /// Never more than what is left, never a poorer one behind, and the order of the rows decides nothing.
    #[test]
    fn no_more_than_what_is_left_and_the_poorest_first(
        incomes in proptest::collection::vec(0_i64..1000, 0..20),
        quota in 0_i64..25,
        identified in 0_i64..25,
    ) {
        let applicants: Vec<Applicant> = incomes
            .iter()
            .zip(1..)
            .map(|(income, day)| (Some(day), Some(*income)))
            .collect();
        let found = outcomes(&answer("{}", &village(Some(quota), identified, &applicants)));
        let granted: Vec<i64> = found
            .iter()
            .zip(&incomes)
            .filter(|(outcome, _)| *outcome == "within-quota")
            .map(|(_, income)| *income)
            .collect();
        let refused = found
            .iter()
            .zip(&incomes)
            .filter(|(outcome, _)| *outcome == "refused")
            .map(|(_, income)| *income);
        let left = (quota - identified).max(0).min(i64::try_from(incomes.len()).unwrap());
        prop_assert_eq!(i64::try_from(granted.len()).unwrap(), left);
        if let Some(poorest_refused) = refused.min() {
            prop_assert!(granted.iter().all(|income| *income <= poorest_refused));
        }
        let mut reversed = applicants.clone();
        reversed.reverse();
        let again = outcomes(&answer("{}", &village(Some(quota), identified, &reversed)));
        let count = again.iter().filter(|outcome| *outcome == "within-quota").count();
        prop_assert_eq!(count, granted.len());
    }
}
