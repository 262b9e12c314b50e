//! Households and who helps them (S4.4).

use std::collections::{BTreeMap, BTreeSet};

use lika_core::{
    record::{Area, Cadre, HelperLevel, Pairing},
    value::{AreaCode, AreaLevel, RecordId},
};

use super::{
    Fact, Group, Manifest, Proposed, Row, Tables, card, declared, money,
    records::{Found, Records},
    village,
};

/// Adds the households with what belongs to them, every cadre in office on the day, and the pairings: those that are open
/// on the day and those that earlier passes propose.
///
/// How many households a cadre can take is nobody's record, so `helper.free` is absent: the settings limit it.
pub(super) fn add(tables: &mut Tables, manifest: &Manifest, records: &Records, group: &Group<'_>) {
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
    let is_key = |area: &&Found<Area>| {
        let spans = &area.body.key_village;
        spans.iter().any(|span| span.contains(group.on))
    };
    let key_villages = records.areas.iter().filter(is_key).map(|area| area.area);
    let key_villages: BTreeSet<AreaCode> = key_villages.collect();
    let keys = declared(manifest, "household");
    let member_keys = declared(manifest, "member");
    let mut households = Vec::new();
    let (mut members, mut causes, mut measures) = (Vec::new(), Vec::new(), Vec::new());
    let (mut paired, mut payments) = (Vec::new(), Vec::new());
    for household in records
        .households
        .iter()
        .filter(|household| group.area.contains(&household.area))
    {
        let Some(own) = card::household(&keys, records, group, &key_villages, household) else {
            continue;
        };
        let row = u32::try_from(households.len()).unwrap_or(u32::MAX);
        households.push(own);
        members.extend(card::members(
            &member_keys,
            records,
            group,
            &household.id,
            row,
        ));
        causes.extend(card::causes(household, row));
        measures.extend(card::measures(records, &household.id, row));
        paired.extend(pairings.of(&household.id, row));
        payments.extend(money::payments(records, &household.id, row));
    }
    tables.insert("household", households);
    tables.insert("member", members);
    tables.insert("cause", causes);
    tables.insert("measure", measures);
    tables.insert("helper", helpers);
    tables.insert("pairing", paired);
    tables.insert("payment", payments);
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
        let by = (*household, *cadre);
        let counted = |visits: &BTreeMap<(RecordId, RecordId), i64>| {
            Fact::Integer(visits.get(&by).copied().unwrap_or_default())
        };
        let facts = vec![
            ("pairing.level", Fact::code(level.code())),
            ("pairing.role", Fact::code(role.as_str())),
            ("pairing.responsible", Fact::Flag(*responsible)),
            ("pairing.since", Fact::date(*from)),
            (
                "pairing.visits-in-month",
                counted(&self.records.household_visits),
            ),
            (
                "pairing.visits-in-half-year",
                counted(&self.records.half_year_visits),
            ),
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
            ("pairing.visits-in-half-year", Fact::Integer(0)),
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
