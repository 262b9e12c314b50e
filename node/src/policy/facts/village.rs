//! Villages and their teams (S4.2).

use std::collections::BTreeMap;

use lika_core::{
    record::{Cadre, Seat, VillageTeam},
    value::{AreaCode, AreaLevel, Date, RecordId},
};

use super::{
    Fact, Group, Row, Tables, money,
    records::{Found, Records},
};

/// Adds the villages that are key villages on the day, everybody who could be bound to one, and the teams.
///
/// Who is in office on the day can be proposed. How many villages one can take is nobody's record, so `free` is absent:
/// the settings of the policy limit it.
pub(super) fn add(tables: &mut Tables, records: &Records, group: &Group<'_>) {
    let cadres: BTreeMap<RecordId, &Cadre> = records
        .cadres
        .iter()
        .map(|cadre| (cadre.id, &cadre.body))
        .collect();
    let mut leaders = Vec::new();
    let mut reserve = Vec::new();
    for cadre in records
        .cadres
        .iter()
        .filter(|cadre| group.area.contains(&cadre.area))
    {
        if !in_office(&cadre.body, group.on) {
            continue;
        }
        let row = |facts| Row {
            record: cadre.id,
            parent: None,
            facts,
        };
        match cadre.body.rank.as_str() {
            "county" => {
                leaders.push(row(vec![
                    ("leader.key", Fact::key(&cadre.id)),
                    ("leader.free", Fact::Absent),
                ]));
            }
            "reserve-full" | "reserve-deputy" => reserve.push(row(vec![
                ("reserve-cadre.key", Fact::key(&cadre.id)),
                ("reserve-cadre.rank", rank(&cadre.body)),
                ("reserve-cadre.free", Fact::Absent),
            ])),
            _ => {}
        }
    }
    let units: Vec<Row> = records
        .units
        .iter()
        .filter(|unit| group.area.contains(&unit.area))
        .map(|unit| Row {
            record: unit.id,
            parent: None,
            facts: vec![
                ("unit.key", Fact::key(&unit.id)),
                ("unit.free", Fact::Absent),
            ],
        })
        .collect();
    let people = People {
        cadres,
        leaders: places(&leaders),
        reserve: places(&reserve),
        units: places(&units),
    };
    let (villages, members, funds) = villages(records, group, &people);
    tables.insert("village", villages);
    tables.insert("leader", leaders);
    tables.insert("reserve-cadre", reserve);
    tables.insert("unit", units);
    tables.insert("team-member", members);
    tables.insert("fund", funds);
}

/// Whether a cadre is in the post on a day.
pub(super) fn in_office(cadre: &Cadre, on: Date) -> bool {
    cadre.from <= on && cadre.until.is_none_or(|until| on < until)
}

/// Where records stand in their tables.
pub(super) fn places(rows: &[Row]) -> BTreeMap<RecordId, u32> {
    rows.iter().map(|row| row.record).zip(0..).collect()
}

struct People<'a> {
    cadres: BTreeMap<RecordId, &'a Cadre>,
    leaders: BTreeMap<RecordId, u32>,
    reserve: BTreeMap<RecordId, u32>,
    units: BTreeMap<RecordId, u32>,
}

fn villages(
    records: &Records,
    group: &Group<'_>,
    people: &People<'_>,
) -> (Vec<Row>, Vec<Row>, Vec<Row>) {
    let teams: BTreeMap<AreaCode, &Found<VillageTeam>> =
        records.teams.iter().map(|team| (team.area, team)).collect();
    let (mut villages, mut members, mut funds) = (Vec::new(), Vec::new(), Vec::new());
    for area in &records.areas {
        let in_group = area.area.level() == AreaLevel::Village && group.area.contains(&area.area);
        let span = area
            .body
            .key_village
            .iter()
            .find(|span| span.contains(group.on));
        let (true, Some(span)) = (in_group, span) else {
            continue;
        };
        let row = u32::try_from(villages.len()).unwrap_or(u32::MAX);
        // The record names the first day that is no longer, the policy reads the last that is.
        let until = span.until().and_then(|until| until.plus_days(-1));
        villages.push(Row {
            record: area.id,
            parent: None,
            facts: vec![
                ("village.key", Fact::code(area.area.digits())),
                ("village.key-from", Fact::date(span.from())),
                ("village.key-until", until.map_or(Fact::Absent, Fact::date)),
            ],
        });
        funds.extend(money::funds(records, area.area, row));
        let Some(team) = teams.get(&area.area) else {
            continue;
        };
        for seat in seats_on(&team.body, group.on) {
            let facts = member(seat, &team.body, area.area, records, people);
            members.push(Row {
                record: team.id,
                parent: Some(row),
                facts,
            });
        }
    }
    (villages, members, funds)
}

fn seats_on(team: &VillageTeam, on: Date) -> impl Iterator<Item = &Seat> {
    team.seats
        .iter()
        .filter(move |seat| seat.from <= on && seat.until.is_none_or(|until| on < until))
}

fn member(
    seat: &Seat,
    team: &VillageTeam,
    village: AreaCode,
    records: &Records,
    people: &People<'_>,
) -> Vec<(&'static str, Fact)> {
    let place = |table: &'static str, places: &BTreeMap<RecordId, u32>| {
        places
            .get(&seat.holder)
            .map_or(Fact::Absent, |row| Fact::Row(table, *row))
    };
    let cadre = people.cadres.get(&seat.holder);
    let (unit_name, raised) = match seat.role.as_str() {
        "sponsor" => money::sponsor(records, &seat.holder, village),
        _ => (Fact::Absent, Fact::Absent),
    };
    let (role, rank) = match seat.role.as_str() {
        "sponsor" => ("unit", Fact::Absent),
        "stationed" => (
            "stationed",
            cadre.map_or(Fact::Unknown, |cadre| rank(cadre)),
        ),
        role => (role, Fact::Absent),
    };
    vec![
        ("team-member.role", Fact::code(role)),
        ("team-member.rank", rank),
        ("team-member.since", Fact::date(seat.from)),
        (
            "team-member.visits-in-month",
            Fact::Integer(visits(seat, team, village, records)),
        ),
        ("team-member.leader", place("leader", &people.leaders)),
        (
            "team-member.reserve-cadre",
            place("reserve-cadre", &people.reserve),
        ),
        ("team-member.unit", place("unit", &people.units)),
        ("team-member.unit-name", unit_name),
        ("team-member.raised", raised),
    ]
}

/// A unit visits by its cadres; those with a seat of their own count there.
fn visits(seat: &Seat, team: &VillageTeam, village: AreaCode, records: &Records) -> i64 {
    let by = |cadre: &RecordId| {
        records
            .village_visits
            .get(&(village, *cadre))
            .copied()
            .unwrap_or_default()
    };
    if seat.role.as_str() != "sponsor" {
        return by(&seat.holder);
    }
    let has_seat = |cadre: &RecordId| team.seats.iter().any(|seat| seat.holder == *cadre);
    let of_unit = records
        .cadres
        .iter()
        .filter(|cadre| cadre.body.unit == Some(seat.holder) && !has_seat(&cadre.id));
    of_unit.map(|cadre| by(&cadre.id)).sum()
}

/// Reserve cadres are of section level, full or deputy.
fn rank(cadre: &Cadre) -> Fact {
    match cadre.rank.as_str() {
        "reserve-full" | "section-full" => Fact::code("full"),
        "reserve-deputy" | "section-deputy" => Fact::code("deputy"),
        _ => Fact::Unknown,
    }
}
