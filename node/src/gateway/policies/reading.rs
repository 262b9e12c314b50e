//! From the registry to the records that facts are made of, as they stood at one moment.
//!
//! What counts for a replay is the recorded input, which is complete by itself; what counts for a preview is that both
//! sides are asked about the same records.

mod snapshot;

use std::collections::{BTreeMap, BTreeSet};

use lika_core::{
    log::Kind,
    record::{Body, Index, Key, OfficialStatistic, Record},
    value::{AreaCode, Code, Date, RecordId, Year},
};

pub(super) use self::snapshot::Snapshot;
use super::{Error, Gateway};
use crate::policy::{
    Manifest,
    facts::{
        self,
        records::{Figure, Found, Records, Sources, months_until},
    },
};

/// The series that wider areas draw lines from.
const SERIES_OF_LINES: [&str; 3] = ["rural-income-per-head", "poverty-line", "monitoring-line"];

/// An older figure draws no line any more.
const YEARS_OF_A_FIGURE: u16 = 5;

/// Months that a helper may stay away before somebody asks (DOMAIN, data quality 7).
const HALF_A_YEAR: i32 = 6;

impl Gateway {
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
        let mut visits = self.visits(Index::VisitsOfCadre, &cadres, on, 1)?;
        let late = self.late_visits(on, 1)?;
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
        let paired: BTreeSet<RecordId> = records.pairings.keys().copied().collect();
        records.household_visits = self.visits_of_pairs(&paired, on, 1)?;
        if sources.half_year {
            records.half_year_visits = self.visits_of_pairs(&paired, on, HALF_A_YEAR)?;
        }
        Ok(())
    }

    /// How often each cadre has been with each of these households in so many months that end with a day.
    fn visits_of_pairs(
        &self,
        households: &BTreeSet<RecordId>,
        on: Date,
        months: i32,
    ) -> Result<BTreeMap<(RecordId, RecordId), i64>, Error> {
        let mut visits = self.visits(Index::VisitsOfHousehold, households, on, months)?;
        visits.extend(self.late_visits(on, months)?);
        let mut pairs = BTreeMap::new();
        for visit in visits.into_values() {
            if let Some(household) = visit.household.filter(|it| households.contains(it)) {
                *pairs.entry((household, visit.cadre)).or_default() += 1;
            }
        }
        Ok(pairs)
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
                        body: Body::OfficialStatistic(figure),
                        ..
                    }) = self.get(&id)?
                    {
                        let value = figure.value;
                        records.add_figure(around, series.as_str(), Figure { year, value });
                    }
                }
            }
        }
        Ok(())
    }

    /// The visits of so many months that end with a day, by or to any of these, by their ids.
    fn visits(
        &self,
        index: Index,
        whose: &BTreeSet<RecordId>,
        on: Date,
        months: i32,
    ) -> Result<BTreeMap<RecordId, Went>, Error> {
        let mut visits = BTreeMap::new();
        let days = day_prefixes(on, months);
        for id in whose {
            for day in &days {
                let found = self.find(&Key::open(index, &[&id.0, day]))?;
                visits.extend(
                    found
                        .into_iter()
                        .filter_map(|record| visit(record, on, months)),
                );
            }
        }
        Ok(visits)
    }

    /// The same, of those that are under other keys by now, or under none.
    fn late_visits(&self, on: Date, months: i32) -> Result<BTreeMap<RecordId, Went>, Error> {
        let written = self.since(Kind::Visit, None)?;
        Ok(written
            .into_iter()
            .filter_map(|record| visit(record, on, months))
            .collect())
    }
}

/// Who went where, and to whom: what counts of a visit.
struct Went {
    village: AreaCode,
    cadre: RecordId,
    household: Option<RecordId>,
}

/// The visit of a record, if it was in so many months that end with a day.
fn visit(record: Record, on: Date, months: i32) -> Option<(RecordId, Went)> {
    let Body::Visit(visit) = record.body else {
        return None;
    };
    let before = on.plus_months(-months).unwrap_or(on);
    let went = Went {
        village: record.area,
        cadre: visit.cadre,
        household: visit.household,
    };
    (before < visit.on && visit.on <= on).then_some((record.id, went))
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
