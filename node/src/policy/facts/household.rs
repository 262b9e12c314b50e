//! Households and who helps them (S4.4).

use std::collections::BTreeMap;

use lika_core::{
    record::{Cadre, HelperLevel, Pairing},
    value::{AreaLevel, RecordId},
};

use super::{
    Fact, Group, Proposed, Row, Tables,
    records::{Able, Found, Records},
    village,
};

/// Adds the registered households, every cadre in office on the day, and the pairings: those that are open on the day
/// and those that earlier passes propose.
///
/// How many households a cadre can take is nobody's record, so `helper.free` is absent: the settings limit it.
pub(super) fn add(tables: &mut Tables, records: &Records, group: &Group<'_>) {
    let helpers: Vec<Row> = records
        .cadres
        .iter()
        .filter(|cadre| {
            group.area.contains(&cadre.area) && village::in_office(&cadre.body, group.on)
        })
        .filter_map(helper)
        .collect();
    let pairings = Pairings {
        records,
        group,
        cadres: records
            .cadres
            .iter()
            .map(|cadre| (cadre.id, &cadre.body))
            .collect(),
        helpers: village::places(&helpers),
        proposed: proposed(group.proposed),
    };
    let (mut households, mut rows) = (Vec::new(), Vec::new());
    for household in records
        .households
        .iter()
        .filter(|household| group.area.contains(&household.area))
    {
        let able = records
            .able_to_work
            .get(&household.id)
            .copied()
            .unwrap_or(Able::Unknown);
        let Some(kind) = kind(household.body.household_type.as_str(), able) else {
            continue;
        };
        let area = |level| {
            household
                .area
                .at_level(level)
                .map_or(Fact::Unknown, |area| Fact::code(area.digits()))
        };
        let row = u32::try_from(households.len()).unwrap_or(u32::MAX);
        households.push(Row {
            record: household.id,
            parent: None,
            facts: vec![
                ("household.key", Fact::key(&household.id)),
                ("household.type", kind),
                ("household.able-to-work", able_fact(able)),
                ("household.township", area(AreaLevel::Township)),
                ("household.village", area(AreaLevel::Village)),
            ],
        });
        rows.extend(pairings.of(&household.id, row));
    }
    tables.insert("household", households);
    tables.insert("helper", helpers);
    tables.insert("pairing", rows);
}

/// The kind of household in Luxi's words; none for a household to which pairing does not apply.
///
/// The national form does not tell Luxi's kinds apart: its general and allowance households are told apart by whether
/// somebody is able to work. A general household in which nobody is able asks for a responsible helper and no more, as
/// an allowance-only household does. Households that have exited and those that are only monitored are left out.
fn kind(household_type: &str, able: Able) -> Option<Fact> {
    let told_apart = |with_labour| match able {
        Able::Yes => Fact::code(with_labour),
        Able::No => Fact::code("allowance-only"),
        Able::Unknown => Fact::Unknown,
    };
    match household_type {
        "development" | "development-allowance" | "allowance-only" | "five-guarantee" => {
            Some(Fact::code(household_type))
        }
        "general" => Some(told_apart("development")),
        "allowance" => Some(told_apart("development-allowance")),
        _ => None,
    }
}

fn able_fact(able: Able) -> Fact {
    match able {
        Able::Yes => Fact::Flag(true),
        Able::No => Fact::Flag(false),
        Able::Unknown => Fact::Unknown,
    }
}

fn helper(cadre: &Found<Cadre>) -> Option<Row> {
    let level = HelperLevel::of_rank(cadre.body.rank.as_str())?;
    let area = |level| {
        cadre
            .area
            .at_level(level)
            .map_or(Fact::Absent, |area| Fact::code(area.digits()))
    };
    Some(Row {
        record: cadre.id,
        parent: None,
        facts: vec![
            ("helper.key", Fact::key(&cadre.id)),
            ("helper.level", Fact::code(level.code())),
            ("helper.township", area(AreaLevel::Township)),
            ("helper.village", area(AreaLevel::Village)),
            ("helper.free", Fact::Absent),
        ],
    })
}

fn proposed(all: &[Proposed]) -> BTreeMap<RecordId, Vec<&Proposed>> {
    let mut by_subject: BTreeMap<RecordId, Vec<&Proposed>> = BTreeMap::new();
    for proposed in all {
        by_subject
            .entry(proposed.subject)
            .or_default()
            .push(proposed);
    }
    by_subject
}

struct Pairings<'a> {
    records: &'a Records,
    group: &'a Group<'a>,
    cadres: BTreeMap<RecordId, &'a Cadre>,
    helpers: BTreeMap<RecordId, u32>,
    proposed: BTreeMap<RecordId, Vec<&'a Proposed>>,
}

impl Pairings<'_> {
    fn of(&self, household: &RecordId, row: u32) -> Vec<Row> {
        let on = self.group.on;
        let is_open =
            |pairing: &Pairing| pairing.from <= on && pairing.until.is_none_or(|until| on < until);
        let open = self.records.pairings.get(household).into_iter().flatten();
        let open = open
            .filter(|pairing| is_open(&pairing.body))
            .map(|pairing| self.open(household, row, pairing));
        let proposed = self.proposed.get(household).into_iter().flatten();
        open.chain(proposed.filter_map(|proposed| self.proposed(row, proposed)))
            .collect()
    }

    fn open(&self, household: &RecordId, row: u32, pairing: &Found<Pairing>) -> Row {
        let Pairing {
            cadre,
            role,
            level,
            responsible,
            from,
            ..
        } = &pairing.body;
        let visits = self
            .records
            .household_visits
            .get(&(*household, *cadre))
            .copied()
            .unwrap_or_default();
        let facts = vec![
            ("pairing.level", Fact::code(level.code())),
            ("pairing.role", Fact::code(role.as_str())),
            ("pairing.responsible", Fact::Flag(*responsible)),
            ("pairing.since", Fact::date(*from)),
            ("pairing.visits-in-month", Fact::Integer(visits)),
            ("pairing.helper", self.helper(cadre)),
        ];
        Row {
            record: pairing.id,
            parent: Some(row),
            facts,
        }
    }

    /// It stands for the cadre, since there is no record of it yet.
    fn proposed(&self, row: u32, proposed: &Proposed) -> Option<Row> {
        let cadre = self.cadres.get(&proposed.resource)?;
        let level = HelperLevel::of_rank(cadre.rank.as_str())?;
        let facts = vec![
            ("pairing.level", Fact::code(level.code())),
            ("pairing.role", Fact::code(proposed.role.as_str())),
            // Who accepts proposals for a household that nobody answers for makes one of the helpers responsible.
            ("pairing.responsible", Fact::Flag(true)),
            ("pairing.since", Fact::date(self.group.on)),
            ("pairing.visits-in-month", Fact::Integer(0)),
            ("pairing.helper", self.helper(&proposed.resource)),
        ];
        Some(Row {
            record: proposed.resource,
            parent: Some(row),
            facts,
        })
    }

    fn helper(&self, cadre: &RecordId) -> Fact {
        self.helpers
            .get(cadre)
            .map_or(Fact::Absent, |row| Fact::Row("helper", *row))
    }
}
