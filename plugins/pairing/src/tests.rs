use std::collections::BTreeMap;

use lika_sdk::example::{Example, Value};
use lika_sdk::wire::types::Proposal;
use lika_sdk::{Date, share_group};
use proptest::prelude::*;

use crate::{Pairing, Scope};

fn day(year: i64, month: u8, day: u8) -> Value {
    Date::new(year, month, day).unwrap().into()
}

fn area(scope: Scope) -> Example {
    let mut example = Example::of_group::<Pairing>(scope);
    example.row("group", None, &[("group.as-of", day(2016, 5, 20))]);
    example
}

fn household(example: &mut Example, key: &str, kind: &str, village: &str) -> u32 {
    let facts = [
        ("household.key", key.into()),
        ("household.type", kind.into()),
        (
            "household.able-to-work",
            kind.starts_with("development").into(),
        ),
        ("household.township", "360323100".into()),
        ("household.village", village.into()),
    ];
    example.row("household", None, &facts)
}

fn helper(example: &mut Example, key: &str, level: &str, village: Option<&str>) -> u32 {
    let mut facts = vec![("helper.key", key.into()), ("helper.level", level.into())];
    if matches!(level, "township" | "village") {
        facts.push(("helper.township", "360323100".into()));
    }
    facts.extend(village.map(|village| ("helper.village", village.into())));
    example.row("helper", None, &facts)
}

fn pair(
    example: &mut Example,
    household: u32,
    level: &str,
    role: &str,
    since: Value,
    visits: i64,
    helper: Option<u32>,
) {
    let mut facts = vec![
        ("pairing.level", level.into()),
        ("pairing.role", role.into()),
        ("pairing.responsible", true.into()),
        ("pairing.since", since),
        ("pairing.visits-in-month", visits.into()),
    ];
    facts.extend(helper.map(|row| ("pairing.helper", row.into())));
    example.row("pairing", Some(household), &facts);
}

#[test]
fn a_household_that_nobody_answers_for_is_not_paired_whoever_helps() {
    let mut example = area(Scope::County);
    household(&mut example, "a", "allowance-only", "v1");
    let facts = [
        ("pairing.level", "village".into()),
        ("pairing.role", "contact".into()),
        ("pairing.responsible", false.into()),
        ("pairing.since", day(2016, 4, 20)),
        ("pairing.visits-in-month", 1i64.into()),
    ];
    example.row("pairing", Some(0), &facts);
    check(&example, "{}", "0 refused: no-responsible-helper\n");
}

fn check(example: &Example, settings: &str, expected: &str) {
    assert_eq!(example.share::<Pairing>(settings), expected);
}

#[test]
fn section_cadres_go_to_development_households_first() {
    let mut example = area(Scope::County);
    household(&mut example, "a", "development-allowance", "v1");
    household(&mut example, "b", "development", "v1");
    household(&mut example, "c", "five-guarantee", "v1");
    helper(&mut example, "s", "section", None);
    let expected = "\
0 refused: no-responsible-helper
  contact -> helper 0
1 refused: no-responsible-helper, development-without-section-cadre
  focus -> helper 0
2 refused: no-responsible-helper
";
    check(&example, "{}", expected);
}

#[test]
fn quotas_of_county_and_section_cadres_are_luxis() {
    let mut example = area(Scope::County);
    for index in 0..5 {
        household(&mut example, &format!("d{index}"), "development", "v1");
        household(
            &mut example,
            &format!("e{index}"),
            "development-allowance",
            "v1",
        );
    }
    helper(&mut example, "county", "county", None);
    helper(&mut example, "section", "section", None);
    let answer = share_group::<Pairing>("{}", example.input()).unwrap();
    let count = |helper, role| {
        let same = |proposal: &&Proposal| proposal.resource_row == helper && proposal.role == role;
        answer.proposals.iter().filter(same).count()
    };
    assert_eq!(
        [count(0, 0), count(0, 1), count(1, 0), count(1, 1)],
        [2, 2, 1, 2]
    );
}

#[test]
fn what_the_county_proposed_is_completed_in_the_township() {
    let mut example = area(Scope::Township);
    let first = household(&mut example, "a", "development", "v1");
    household(&mut example, "b", "allowance-only", "v1");
    pair(
        &mut example,
        first,
        "section",
        "focus",
        day(2016, 5, 20),
        0,
        None,
    );
    helper(&mut example, "t", "township", Some("v2"));
    helper(&mut example, "t1", "township", Some("v1"));
    helper(&mut example, "v", "village", Some("v1"));
    let expected = "\
0 refused: missing-township-cadre, missing-village-cadre
  focus -> helper 1
  focus -> helper 2
1 refused: no-responsible-helper
  contact -> helper 2
";
    check(&example, "{}", expected);
}

#[test]
fn three_levels_are_fully_paired_and_one_is_paired_where_no_more_is_asked() {
    let mut example = area(Scope::Township);
    let first = household(&mut example, "a", "development", "v1");
    let second = household(&mut example, "b", "five-guarantee", "v1");
    for level in ["section", "township", "village"] {
        pair(
            &mut example,
            first,
            level,
            "focus",
            day(2016, 1, 1),
            1,
            None,
        );
    }
    pair(
        &mut example,
        second,
        "village",
        "contact",
        day(2016, 1, 1),
        2,
        None,
    );
    check(&example, "{}", "0 fully-paired\n1 paired\n");
}

#[test]
fn a_helper_who_did_not_visit_for_a_month_is_a_violation() {
    let mut example = area(Scope::Township);
    for (key, since) in [("a", day(2016, 4, 20)), ("b", day(2016, 4, 21))] {
        let row = household(&mut example, key, "allowance-only", "v1");
        pair(&mut example, row, "village", "contact", since, 0, None);
    }
    check(&example, "{}", "0 refused: no-visit\n1 paired\n");
}

#[test]
fn of_a_helper_over_quota_the_households_that_came_last_are_named() {
    let mut example = area(Scope::Township);
    let helper = helper(&mut example, "v", "village", Some("v1"));
    for (key, since) in [
        ("a", day(2016, 5, 3)),
        ("b", day(2016, 5, 1)),
        ("c", day(2016, 5, 2)),
    ] {
        let row = household(&mut example, key, "allowance-only", "v1");
        pair(
            &mut example,
            row,
            "village",
            "contact",
            since,
            0,
            Some(helper),
        );
    }
    check(
        &example,
        r#"{"village-households": 2}"#,
        "0 refused: helper-over-quota\n1 paired\n2 paired\n",
    );
}

#[test]
fn an_unknown_fact_of_a_pairing_makes_its_household_undetermined() {
    let mut example = area(Scope::Township);
    let row = household(&mut example, "a", "allowance-only", "v1");
    pair(
        &mut example,
        row,
        "village",
        "contact",
        Value::Unknown,
        0,
        None,
    );
    helper(&mut example, "v", "village", Some("v1"));
    check(
        &example,
        "{}",
        "0 undetermined: missing pairing 0 pairing.since\n",
    );
}

#[test]
fn without_the_day_nothing_can_be_judged() {
    let mut example = Example::of_group::<Pairing>(Scope::County);
    household(&mut example, "a", "development", "v1");
    check(
        &example,
        "{}",
        "0 undetermined: missing group 0 group.as-of\n",
    );
}

/// Households as (kind, village), helpers as (level, village).
#[derive(Clone, Debug)]
struct Township {
    households: Vec<(usize, usize)>,
    helpers: Vec<(usize, usize)>,
}

const KINDS: [&str; 4] = [
    "development",
    "development-allowance",
    "allowance-only",
    "five-guarantee",
];
const LEVELS: [&str; 4] = ["county", "section", "township", "village"];

fn townships() -> impl Strategy<Value = Township> {
    let households = proptest::collection::vec((0..4_usize, 0..3_usize), 1..40);
    let helpers = proptest::collection::vec((0..4_usize, 0..3_usize), 0..20);
    (households, helpers).prop_map(|(households, helpers)| Township {
        households,
        helpers,
    })
}

/// Proposals as (role, household, helper) in the given order of households.
fn proposals(
    township: &Township,
    order: &[usize],
    scope: Scope,
    settings: &str,
) -> Vec<(u32, usize, u32)> {
    let mut example = area(scope);
    for &index in order {
        let (kind, village) = township.households[index];
        household(
            &mut example,
            &format!("h{index:04}"),
            KINDS[kind],
            &format!("v{village}"),
        );
    }
    for (index, &(level, village)) in township.helpers.iter().enumerate() {
        let village = format!("v{village}");
        helper(
            &mut example,
            &format!("p{index:04}"),
            LEVELS[level],
            (level > 1).then_some(village.as_str()),
        );
    }
    let answer = share_group::<Pairing>(settings, example.input()).unwrap();
    let mut proposals: Vec<_> = answer
        .proposals
        .iter()
        .map(|proposal| {
            (
                proposal.role,
                order[proposal.subject as usize],
                proposal.resource_row,
            )
        })
        .collect();
    proposals.sort_unstable();
    proposals
}

fn in_order(township: &Township) -> Vec<usize> {
    (0..township.households.len()).collect()
}

proptest! {
    #[test]
    fn the_order_of_rows_decides_nothing(township in townships(), seed in any::<u64>()) {
        let mut order = in_order(&township);
        order.sort_by_key(|index| (*index as u64 + 1).wrapping_mul(seed | 1));
        for scope in [Scope::County, Scope::Township] {
            let permuted = proposals(&township, &order, scope, "{}");
            prop_assert_eq!(permuted, proposals(&township, &in_order(&township), scope, "{}"));
        }
    }

    #[test]
    fn quotas_are_never_exceeded(township in townships()) {
        let settings = r#"{"township-households": 3, "village-households": 2}"#;
        for scope in [Scope::County, Scope::Township] {
            let mut load: BTreeMap<(u32, u32), usize> = BTreeMap::new();
            for (role, _, helper) in proposals(&township, &in_order(&township), scope, settings) {
                // Township and village cadres have one quota for both roles.
                let level = township.helpers[helper as usize].0;
                *load.entry((helper, if level > 1 { 0 } else { role })).or_default() += 1;
            }
            for ((helper, role), households) in load {
                let quota = [[2, 2], [1, 2], [3, 3], [2, 2]][township.helpers[helper as usize].0][role as usize];
                prop_assert!(households <= quota);
            }
        }
    }

    /// Hall's condition for this shape: what a village's own cadres cannot take must fit the
    /// township's cadres, who can stand in anywhere.
    #[test]
    fn every_household_gets_a_helper_when_there_is_room(township in townships()) {
        let settings = r#"{"township-households": 3, "village-households": 2}"#;
        let cadres = |level: usize, village: Option<usize>| {
            township.helpers.iter().filter(|(of, at)| *of == level && village.is_none_or(|village| *at == village)).count()
        };
        let overflow: usize = (0..3)
            .map(|village| {
                let households = township.households.iter().filter(|(_, at)| *at == village).count();
                households.saturating_sub(cadres(3, Some(village)) * 2)
            })
            .sum();
        let covered = proposals(&township, &in_order(&township), Scope::Township, settings).len();
        let room = cadres(2, None) * 3;
        prop_assert_eq!(covered, township.households.len() - overflow.saturating_sub(room));
    }
}
