//! From the registry to the records that facts are made of, as they stood at one moment.
//!
//! What counts for a replay is the recorded input, which is complete by itself; what counts for a preview is that both
//! sides are asked about the same records.

mod snapshot;

use std::collections::{BTreeMap, BTreeSet};

use lika_core::{
    log::Kind,
    record::{Body, Index, Key, Record},
    value::{AreaCode, Date, RecordId},
};

pub(super) use self::snapshot::Snapshot;
use super::{Error, Gateway};
use crate::policy::{
    Manifest,
    facts::records::{Found, Records, month_until},
};

impl Gateway {
    /// Reads what the tables of a policy are made of, for a day.
    pub(super) fn read_records(
        &self,
        manifest: &Manifest,
        area: &AreaCode,
        on: Date,
    ) -> Result<Records, Error> {
        self.snapshot().read_records(manifest, area, on)
    }

    /// Open records of a kind, in the order of area and id.
    pub(super) fn each(
        &self,
        kind: Kind,
        area: &AreaCode,
        take: impl FnMut(RecordId, AreaCode, Body),
    ) -> Result<(), Error> {
        self.snapshot().each(kind, area, take)
    }
}

impl Snapshot<'_> {
    /// Reads what the tables of a policy are made of, for a day.
    pub(super) fn read_records(
        &self,
        manifest: &Manifest,
        area: &AreaCode,
        on: Date,
    ) -> Result<Records, Error> {
        let mut records = Records::default();
        self.each(Kind::Area, area, |id, area, body| {
            if let Body::Area(body) = body {
                records.areas.push(Found { id, area, body });
            }
        })?;
        let villages = manifest.table("village").is_some();
        let households = manifest.table("household").is_some();
        if villages || households {
            self.each(Kind::Cadre, area, |id, area, body| {
                if let Body::Cadre(body) = body {
                    records.cadres.push(Found { id, area, body });
                }
            })?;
        }
        if villages {
            self.read_villages(&mut records, area, on)?;
        }
        if households {
            self.read_households(&mut records, area, on)?;
        }
        Ok(records)
    }

    fn read_villages(&self, records: &mut Records, area: &AreaCode, on: Date) -> Result<(), Error> {
        self.each(Kind::Unit, area, |id, area, body| {
            if let Body::Unit(body) = body {
                records.units.push(Found { id, area, body });
            }
        })?;
        self.each(Kind::VillageTeam, area, |id, area, body| {
            if let Body::VillageTeam(body) = body {
                records.teams.push(Found { id, area, body });
            }
        })?;
        let holders: BTreeSet<RecordId> = records
            .teams
            .iter()
            .flat_map(|team| &team.body.seats)
            .map(|seat| seat.holder)
            .collect();
        let of_unit = |cadre: &&Found<lika_core::record::Cadre>| {
            cadre.body.unit.is_some_and(|unit| holders.contains(&unit))
        };
        let cadres: BTreeSet<RecordId> = records
            .cadres
            .iter()
            .filter(of_unit)
            .map(|cadre| cadre.id)
            .chain(holders.iter().copied())
            .collect();
        let mut visits = self.visits(Index::VisitsOfCadre, &cadres, on)?;
        let late = self.late_visits(on)?;
        visits.extend(
            late.into_iter()
                .filter(|(_, visit)| cadres.contains(&visit.cadre)),
        );
        for visit in visits.into_values() {
            let seat = (visit.village, visit.cadre);
            *records.village_visits.entry(seat).or_default() += 1;
        }
        Ok(())
    }

    fn read_households(
        &self,
        records: &mut Records,
        area: &AreaCode,
        on: Date,
    ) -> Result<(), Error> {
        self.each(Kind::Household, area, |id, area, body| {
            if let Body::Household(body) = body {
                records.households.push(Found { id, area, body });
            }
        })?;
        self.each(Kind::Member, area, |_, _, body| {
            if let Body::Member(member) = body {
                records.add_member(&member, on);
            }
        })?;
        self.each(Kind::Pairing, area, |id, area, body| {
            if let Body::Pairing(body) = body {
                records
                    .pairings
                    .entry(body.household)
                    .or_default()
                    .push(Found { id, area, body });
            }
        })?;
        let paired: BTreeSet<RecordId> = records.pairings.keys().copied().collect();
        let mut visits = self.visits(Index::VisitsOfHousehold, &paired, on)?;
        visits.extend(self.late_visits(on)?);
        for visit in visits.into_values() {
            if let Some(household) = visit.household.filter(|it| paired.contains(it)) {
                let pair = (household, visit.cadre);
                *records.household_visits.entry(pair).or_default() += 1;
            }
        }
        Ok(())
    }

    /// The visits of the month that ends with a day, by or to any of these, by their ids.
    fn visits(
        &self,
        index: Index,
        whose: &BTreeSet<RecordId>,
        on: Date,
    ) -> Result<BTreeMap<RecordId, Went>, Error> {
        let mut visits = BTreeMap::new();
        let days = day_prefixes(on);
        for id in whose {
            for day in &days {
                let found = self.find(&Key::open(index, &[&id.0, day]))?;
                visits.extend(found.into_iter().filter_map(|record| visit(record, on)));
            }
        }
        Ok(visits)
    }

    /// The same, of those that are under other keys by now, or under none.
    fn late_visits(&self, on: Date) -> Result<BTreeMap<RecordId, Went>, Error> {
        let written = self.since(Kind::Visit, None)?;
        Ok(written
            .into_iter()
            .filter_map(|record| visit(record, on))
            .collect())
    }
}

/// Who went where, and to whom: what counts of a visit.
struct Went {
    village: AreaCode,
    cadre: RecordId,
    household: Option<RecordId>,
}

/// The visit of a record, if it was in the month that ends with a day.
fn visit(record: Record, on: Date) -> Option<(RecordId, Went)> {
    let Body::Visit(visit) = record.body else {
        return None;
    };
    let before = on.plus_months(-1).unwrap_or(on);
    let went = Went {
        village: record.area,
        cadre: visit.cadre,
        household: visit.household,
    };
    (before < visit.on && visit.on <= on).then_some((record.id, went))
}

/// The first three of the four bytes of every day of the month in the keys of visits: a few scans instead of one for
/// each day, or one over years.
fn day_prefixes(on: Date) -> BTreeSet<[u8; 3]> {
    let prefix = |day: Date| {
        let [first, second, third, _] = day.number().to_be_bytes();
        [first, second, third]
    };
    month_until(on).map(prefix).collect()
}
