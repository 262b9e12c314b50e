//! From the registry to the records that facts are made of.
//!
//! Reading is no snapshot: the position is noted first, and what is written while records are read may be seen or not.
//! What counts for a replay is the recorded input, which is complete by itself.

use std::collections::BTreeSet;

use lika_core::{
    log::Kind,
    record::{Body, Index, Key, Record},
    value::{AreaCode, Date, RecordId},
};

use super::{Error, Gateway};
use crate::{
    policy::{
        Manifest,
        facts::records::{Found, Records, month_until},
    },
    store::{Lifecycle, Listing},
};

/// Ids of one scan.
const PAGE: usize = 4096;

impl Gateway {
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

    /// Open records of a kind, in the order of area and id.
    pub(super) fn each(
        &self,
        kind: Kind,
        area: &AreaCode,
        mut take: impl FnMut(RecordId, AreaCode, Body),
    ) -> Result<(), Error> {
        let mut after = None;
        loop {
            let listing = Listing {
                kind,
                area: *area,
                lifecycle: Lifecycle::Open,
                after,
                limit: PAGE,
            };
            let page = self.inner.reader.list(&listing)?;
            for stored in page.items {
                if let Some(Record {
                    id,
                    area,
                    closed: false,
                    body,
                    ..
                }) = stored.into_record()
                {
                    take(id, area, body);
                }
            }
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(()),
            }
        }
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
        let days = day_prefixes(on);
        for cadre in cadres {
            for (village, _) in self.visits(Index::VisitsOfCadre, &cadre, &days, on)? {
                *records.village_visits.entry((village, cadre)).or_default() += 1;
            }
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
        let days = day_prefixes(on);
        let paired: Vec<RecordId> = records.pairings.keys().copied().collect();
        for household in paired {
            for (_, cadre) in self.visits(Index::VisitsOfHousehold, &household, &days, on)? {
                *records
                    .household_visits
                    .entry((household, cadre))
                    .or_default() += 1;
            }
        }
        Ok(())
    }

    /// The visits of the month that ends with a day: where they went, and who.
    fn visits(
        &self,
        index: Index,
        whose: &RecordId,
        days: &BTreeSet<[u8; 3]>,
        on: Date,
    ) -> Result<Vec<(AreaCode, RecordId)>, Error> {
        let mut visits = Vec::new();
        let before = on.plus_months(-1).unwrap_or(on);
        for day in days {
            for id in self
                .inner
                .reader
                .find(&Key::open(index, &[&whose.0, day]))?
            {
                let Some(stored) = self.inner.reader.get(&id)? else {
                    continue;
                };
                if let Some(Record {
                    area,
                    closed: false,
                    body: Body::Visit(visit),
                    ..
                }) = stored.into_record()
                    && before < visit.on
                    && visit.on <= on
                {
                    visits.push((area, visit.cadre));
                }
            }
        }
        Ok(visits)
    }
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
