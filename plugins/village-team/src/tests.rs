use lika_sdk::example::{Example, Value};
use lika_sdk::{Date, Labels};
use proptest::prelude::*;

use crate::{Scope, TeamRole, VillageTeam};

fn day(year: i64, month: u8, day: u8) -> Value {
    Date::new(year, month, day).unwrap().into()
}

/// One key village, with so many leaders, cadres of each rank, and units to choose from.
fn county(resources: usize) -> Example {
    let mut example = Example::of_group::<VillageTeam>(Scope::County);
    example.row("group", None, &[("group.as-of", day(2016, 5, 20))]);
    for index in 0..resources {
        let key = format!("r{index}");
        example.row("leader", None, &[("leader.key", key.as_str().into())]);
        example.row("unit", None, &[("unit.key", key.as_str().into())]);
        for rank in ["full", "deputy"] {
            let key = format!("{rank}{index}");
            let facts = [
                ("reserve-cadre.key", key.as_str().into()),
                ("reserve-cadre.rank", rank.into()),
            ];
            example.row("reserve-cadre", None, &facts);
        }
    }
    example
}

fn village(example: &mut Example, key: &str) -> u32 {
    example.row(
        "village",
        None,
        &[
            ("village.key", key.into()),
            ("village.key-from", day(2016, 1, 1)),
        ],
    )
}

fn member(example: &mut Example, village: u32, role: &str, row: u32, since: Value, visits: i64) {
    let (reference, rank) = match role {
        "leader" => ("team-member.leader", None),
        "unit" => ("team-member.unit", None),
        _ => (
            "team-member.reserve-cadre",
            Some(if row.is_multiple_of(2) {
                "full"
            } else {
                "deputy"
            }),
        ),
    };
    let mut facts = vec![
        ("team-member.role", role.into()),
        ("team-member.since", since),
        ("team-member.visits-in-month", visits.into()),
        (reference, row.into()),
    ];
    facts.extend(rank.map(|rank| ("team-member.rank", rank.into())));
    example.row("team-member", Some(village), &facts);
}

fn full_team(example: &mut Example, village: u32, since: impl Fn() -> Value, visits: i64) {
    member(example, village, "leader", 0, since(), visits);
    member(example, village, "stationed", 0, since(), 0);
    member(example, village, "stationed", 1, since(), 0);
    for unit in 0..3 {
        member(example, village, "unit", unit, since(), 0);
    }
}

fn check(example: &Example, settings: &str, expected: &str) {
    assert_eq!(example.share::<VillageTeam>(settings), expected);
}

#[test]
fn an_empty_village_gets_one_two_three() {
    let mut example = county(3);
    village(&mut example, "v");
    let expected = "\
0 refused: missing-leader, missing-stationed-full, missing-stationed-deputy, missing-unit
  leader -> leader 0
  stationed -> reserve-cadre 0
  stationed -> reserve-cadre 1
  unit -> unit 0
  unit -> unit 1
  unit -> unit 2
";
    check(&example, "{}", expected);
}

#[test]
fn a_full_team_that_visits_is_granted() {
    let mut example = county(3);
    let row = village(&mut example, "v");
    full_team(&mut example, row, || day(2016, 1, 10), 1);
    check(&example, "{}", "0 full-team\n");
}

#[test]
fn a_month_without_a_visit_is_a_violation_but_not_for_a_team_bound_last_week() {
    let mut example = county(3);
    let first = village(&mut example, "a");
    let second = village(&mut example, "b");
    full_team(&mut example, first, || day(2016, 1, 10), 0);
    full_team(&mut example, second, || day(2016, 5, 13), 0);
    check(&example, "{}", "0 refused: no-visit\n1 full-team\n");
    check(
        &example,
        r#"{"visits-per-month": 0}"#,
        "0 full-team\n1 full-team\n",
    );
}

#[test]
fn after_a_year_the_successor_takes_over() {
    let mut example = county(3);
    let row = village(&mut example, "v");
    full_team(&mut example, row, || day(2015, 5, 20), 1);
    let expected = "\
0 refused: rotation-due, rotation-due, missing-stationed-full, missing-stationed-deputy
  stationed -> reserve-cadre 2
  stationed -> reserve-cadre 3
";
    check(&example, "{}", expected);
    check(&example, r#"{"rotation-months": 13}"#, "0 full-team\n");
}

#[test]
fn a_village_that_is_not_key_on_the_day_needs_no_team() {
    let mut example = county(3);
    example.row("village", None, &[("village.key", "never".into())]);
    let left = [
        ("village.key", "left".into()),
        ("village.key-from", day(2014, 1, 1)),
        ("village.key-until", day(2016, 5, 19)),
    ];
    example.row("village", None, &left);
    check(
        &example,
        "{}",
        "0 refused: not-key-village\n1 refused: not-key-village\n",
    );
}

#[test]
fn a_status_that_nobody_has_recorded_is_undetermined() {
    let mut example = county(3);
    example.row(
        "village",
        None,
        &[
            ("village.key", "v".into()),
            ("village.key-from", Value::Unknown),
        ],
    );
    check(
        &example,
        "{}",
        "0 undetermined: missing village 0 village.key-from\n",
    );
}

#[test]
fn who_has_no_room_is_not_proposed_and_the_place_is_named() {
    let mut example = Example::of_group::<VillageTeam>(Scope::County);
    example.row("group", None, &[("group.as-of", day(2016, 5, 20))]);
    example.row(
        "leader",
        None,
        &[("leader.key", "l".into()), ("leader.free", 0_i64.into())],
    );
    village(&mut example, "v");
    let settings = r#"{"stationed-full": 0, "stationed-deputy": 0, "units": 0}"#;
    check(
        &example,
        settings,
        "0 refused: missing-leader, nobody-free\n",
    );
}

#[test]
fn faulty_settings_are_named() {
    let error =
        lika_sdk::share_group::<VillageTeam>(r#"{"leaders": -1, "lead": 1}"#, county(1).input())
            .unwrap_err();
    assert_eq!(
        error,
        "faulty settings: lead: there is no such setting; leaders: must be an integer 0 to 9"
    );
}

/// What was proposed, by keys, so that answers over permuted rows can be compared.
fn by_keys(villages: &[usize], resources: &[usize]) -> Vec<(usize, u32, usize)> {
    let mut example = Example::of_group::<VillageTeam>(Scope::County);
    example.row("group", None, &[("group.as-of", day(2016, 5, 20))]);
    for key in villages {
        village(&mut example, &format!("v{key:04}"));
    }
    for key in resources {
        let text = format!("{key:04}");
        let rank = if key % 2 == 0 { "full" } else { "deputy" };
        example.row("leader", None, &[("leader.key", text.as_str().into())]);
        let facts = [
            ("reserve-cadre.key", text.as_str().into()),
            ("reserve-cadre.rank", rank.into()),
        ];
        example.row("reserve-cadre", None, &facts);
        example.row("unit", None, &[("unit.key", text.as_str().into())]);
    }
    let answer = lika_sdk::share_group::<VillageTeam>("{}", example.input()).unwrap();
    let proposal = |proposal: &lika_sdk::wire::types::Proposal| {
        (
            villages[proposal.subject as usize],
            proposal.role,
            resources[proposal.resource_row as usize],
        )
    };
    let mut proposals: Vec<_> = answer.proposals.iter().map(proposal).collect();
    proposals.sort_unstable();
    proposals
}

proptest! {
    #[test]
    fn the_order_of_rows_decides_nothing(
        (villages, resources) in (1..8_usize, 1..20_usize).prop_flat_map(|(villages, resources)| (
            Just((0..villages).collect::<Vec<_>>()).prop_shuffle(),
            Just((0..resources).collect::<Vec<_>>()).prop_shuffle(),
        ))
    ) {
        let (mut sorted_villages, mut sorted_resources) = (villages.clone(), resources.clone());
        sorted_villages.sort_unstable();
        sorted_resources.sort_unstable();
        prop_assert_eq!(by_keys(&villages, &resources), by_keys(&sorted_villages, &sorted_resources));
    }

    #[test]
    fn nobody_is_stationed_twice_and_load_is_even(villages in 1..15_usize, resources in 1..40_usize) {
        let villages: Vec<_> = (0..villages).collect();
        let resources: Vec<_> = (0..resources).collect();
        let proposals = by_keys(&villages, &resources);
        let load = |role: TeamRole, resource: usize| {
            proposals.iter().filter(|(_, of, to)| *of == role.index() && *to == resource).count()
        };
        for &resource in &resources {
            prop_assert!(load(TeamRole::Stationed, resource) <= 1);
        }
        let loads: Vec<_> = resources.iter().map(|&resource| load(TeamRole::Leader, resource)).collect();
        prop_assert!(loads.iter().max().unwrap() - loads.iter().min().unwrap() <= 1);
        prop_assert_eq!(loads.iter().sum::<usize>(), villages.len());
    }
}
