//! From the registry to the records that facts are made of.
//!
//! Reading is no snapshot: the position is noted first, and what is written while records are read may be seen or not.
//! What counts for a replay is the recorded input, which is complete by itself.

use std::collections::BTreeSet;

use lika_core::{
    log::Kind,
    record::{Body, Index, Key, OfficialStatistic, Record},
    value::{AreaCode, Code, Date, RecordId, Year},
};

use super::{Error, Gateway};
use crate::{
    policy::{
        Manifest,
        facts::{
            self,
            records::{Figure, Found, Records, Sources, months_until},
        },
    },
    store::{Lifecycle, Listing},
};

/// Ids of one scan.
const PAGE: usize = 4096;

/// The series that wider areas draw lines from.
const SERIES_OF_LINES: [&str; 3] = ["rural-income-per-head", "poverty-line", "monitoring-line"];

/// An older figure draws no line any more.
const YEARS_OF_A_FIGURE: u16 = 5;

/// Months that a helper may stay away before somebody asks (DOMAIN, data quality 7).
const HALF_A_YEAR: i32 = 6;

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
        let sources = facts::sources(manifest);
        if sources.villages || sources.households {
            self.each(Kind::Cadre, area, |id, area, body| {
                if let Body::Cadre(body) = body {
                    records.cadres.push(Found { id, area, body });
                }
            })?;
        }
        if sources.villages {
            self.read_villages(&mut records, area, on)?;
        }
        if sources.households {
            self.read_households(&mut records, sources, area, on)?;
            self.read_circumstances(&mut records, sources, area, on)?;
        }
        if sources.cooperatives {
            self.read_cooperatives(&mut records, area, on)?;
        }
        if sources.figures {
            self.read_figures(&mut records, area, on)?;
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
        let days = day_prefixes(on, 1);
        for cadre in cadres {
            for (village, _) in self.visits(Index::VisitsOfCadre, &cadre, &days, on, 1)? {
                *records.village_visits.entry((village, cadre)).or_default() += 1;
            }
        }
        Ok(())
    }

    fn read_households(
        &self,
        records: &mut Records,
        sources: Sources,
        area: &AreaCode,
        on: Date,
    ) -> Result<(), Error> {
        self.each(Kind::Household, area, |id, area, body| {
            if let Body::Household(body) = body {
                records.households.push(Found { id, area, body });
            }
        })?;
        self.each(Kind::Member, area, |id, area, body| {
            if let Body::Member(body) = body {
                records.add_member(&body, on);
                if sources.members {
                    records.keep_member(Found { id, area, body }, on);
                }
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
        let paired: Vec<RecordId> = records.pairings.keys().copied().collect();
        let index = Index::VisitsOfHousehold;
        let days = day_prefixes(on, 1);
        let half_year = day_prefixes(on, HALF_A_YEAR);
        for household in paired {
            for (_, cadre) in self.visits(index, &household, &days, on, 1)? {
                let visits = &mut records.household_visits;
                *visits.entry((household, cadre)).or_default() += 1;
            }
            if !sources.half_year {
                continue;
            }
            for (_, cadre) in self.visits(index, &household, &half_year, on, HALF_A_YEAR)? {
                let visits = &mut records.half_year_visits;
                *visits.entry((household, cadre)).or_default() += 1;
            }
        }
        Ok(())
    }

    /// What households earn and how they live.
    fn read_circumstances(
        &self,
        records: &mut Records,
        sources: Sources,
        area: &AreaCode,
        on: Date,
    ) -> Result<(), Error> {
        if sources.incomes {
            self.each(Kind::IncomeStatement, area, |_, _, body| {
                let Body::IncomeStatement(income) = body else {
                    return;
                };
                let known = records.incomes.get(&income.household);
                let is_later = known.is_none_or(|known| known.year < income.year);
                if income.year <= on.year() && is_later {
                    records.incomes.insert(income.household, income);
                }
            })?;
        }
        if sources.living {
            self.each(Kind::LivingConditions, area, |_, _, body| {
                if let Body::LivingConditions(living) = body {
                    records.living.insert(living.household, living);
                }
            })?;
        }
        Ok(())
    }

    fn read_cooperatives(
        &self,
        records: &mut Records,
        area: &AreaCode,
        on: Date,
    ) -> Result<(), Error> {
        self.each(Kind::Cooperative, area, |id, area, body| {
            if let Body::Cooperative(body) = body {
                records.cooperatives.push(Found { id, area, body });
            }
        })?;
        self.each(Kind::Shareholding, area, |id, area, body| {
            if let Body::Shareholding(body) = body
                && body.from <= on
            {
                records.shareholdings.push(Found { id, area, body });
            }
        })?;
        self.each(Kind::Dividend, area, |_, _, body| {
            let Body::Dividend(dividend) = body else {
                return;
            };
            let known = records.dividends.get(&dividend.cooperative);
            let is_later = known.is_none_or(|known| known.year < dividend.year);
            if dividend.year <= on.year() && is_later {
                records.dividends.insert(dividend.cooperative, dividend);
            }
        })
    }

    /// The figures of the area and of everything in it, and those that the areas around it draw lines from.
    fn read_figures(&self, records: &mut Records, area: &AreaCode, on: Date) -> Result<(), Error> {
        self.each(Kind::OfficialStatistic, area, |_, area, body| {
            if let Body::OfficialStatistic(figure) = body
                && figure.year <= on.year()
            {
                let (year, value) = (figure.year, figure.value);
                records.add_figure(area, figure.series.as_str(), Figure { year, value });
            }
        })?;
        for around in area.ancestors_inclusive().filter(|around| around != area) {
            for series in SERIES_OF_LINES {
                let series = Code::parse(series).map_err(|_| super::damaged(series))?;
                let last = on.year().get();
                for year in last.saturating_sub(YEARS_OF_A_FIGURE)..=last {
                    let Ok(year) = Year::new(year) else { continue };
                    let id = OfficialStatistic::id_for(&around, &series, year);
                    if let Some(Record {
                        closed: false,
                        body: Body::OfficialStatistic(figure),
                        ..
                    }) = self.inner.reader.get(&id)?.and_then(|it| it.into_record())
                    {
                        let value = figure.value;
                        records.add_figure(around, series.as_str(), Figure { year, value });
                    }
                }
            }
        }
        Ok(())
    }

    /// The visits of so many months that end with a day: where they went, and who.
    fn visits(
        &self,
        index: Index,
        whose: &RecordId,
        days: &BTreeSet<[u8; 3]>,
        on: Date,
        months: i32,
    ) -> Result<Vec<(AreaCode, RecordId)>, Error> {
        let mut visits = Vec::new();
        let before = on.plus_months(-months).unwrap_or(on);
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

/// The first three of the four bytes of every day of so many months in the keys of visits: a few scans instead of one
/// for each day, or one over years.
fn day_prefixes(on: Date, months: i32) -> BTreeSet<[u8; 3]> {
    let prefix = |day: Date| {
        let [first, second, third, _] = day.number().to_be_bytes();
        [first, second, third]
    };
    months_until(on, months).map(prefix).collect()
}
