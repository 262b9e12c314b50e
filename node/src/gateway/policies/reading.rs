//! From the registry to the records that facts are made of, as they stood at one moment.
//!
//! What counts for a replay is the recorded input, which is complete by itself; what counts for a preview is that both
//! sides are asked about the same records.

mod loans;
mod money;
mod snapshot;

use std::collections::{BTreeMap, BTreeSet};

use lika_core::{
    log::Kind,
    record::{Body, Cadre, Duty, Index, Key, OfficialStatistic, Record},
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
        let sources = facts::sources(manifest);
        let take = |records: &mut Records, record| add(records, sources, on, record);
        let shares = self.gather(&kinds(sources), area, Records::default, take)?;
        let mut records = Records::default();
        for share in shares {
            records.merge(share);
        }
        if sources.payments || sources.funds {
            self.read_money(&mut records, sources, on)?;
        }
        records.sort();
        if sources.villages {
            records.village_visits = self.visits_of_teams(&records, on)?;
        }
        if sources.households {
            let paired: BTreeSet<RecordId> = records.pairings.keys().copied().collect();
            records.household_visits = self.visits_of_pairs(&paired, on, 1)?;
            if sources.half_year {
                records.half_year_visits = self.visits_of_pairs(&paired, on, HALF_A_YEAR)?;
            }
        }
        if sources.cadres {
            records.supervised.duties = self.duties_around(area)?;
        }
        if sources.figures {
            self.read_lines_around(&mut records, area, on)?;
        }
        if sources.loans {
            records.guarantee_funds = self.funds_behind(&records)?;
            records.borrowers = self.borrowers(&records)?;
        }
        Ok(records)
    }

    /// The duties that hold in an area or in a part of it: those of the areas around it too.
    fn duties_around(&self, area: &AreaCode) -> Result<Vec<Found<Duty>>, Error> {
        let found = self.find(&Duty::key_of_all())?;
        let mut duties = BTreeMap::new();
        for record in found.into_iter().chain(self.since(Kind::Duty)?) {
            let Record {
                id,
                area: own,
                body,
                ..
            } = record;
            if let Body::Duty(body) = body
                && (own.contains(area) || area.contains(&own))
            {
                duties.insert(
                    (own, id),
                    Found {
                        id,
                        area: own,
                        body,
                    },
                );
            }
        }
        Ok(duties.into_values().collect())
    }

    /// How often each member of a village's team has been there in the month that ends with a day, to its households
    /// or to the village itself.
    fn visits_of_teams(
        &self,
        records: &Records,
        on: Date,
    ) -> Result<BTreeMap<(AreaCode, RecordId), i64>, Error> {
        let holders: BTreeSet<RecordId> = records
            .teams
            .iter()
            .flat_map(|team| &team.body.seats)
            .map(|seat| seat.holder)
            .collect();
        let of_unit =
            |cadre: &&Found<Cadre>| cadre.body.unit.is_some_and(|unit| holders.contains(&unit));
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
        let mut seats = BTreeMap::new();
        for visit in visits.into_values() {
            *seats.entry((visit.village, visit.cadre)).or_default() += 1;
        }
        Ok(seats)
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

    /// The figures that the areas around an area draw lines from.
    fn read_lines_around(
        &self,
        records: &mut Records,
        area: &AreaCode,
        on: Date,
    ) -> Result<(), Error> {
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
        let written = self.since(Kind::Visit)?;
        Ok(written
            .into_iter()
            .filter_map(|record| visit(record, on, months))
            .collect())
    }
}

/// The kinds of records that facts are made of.
fn kinds(sources: Sources) -> Vec<Kind> {
    let Sources {
        villages,
        households,
        // Of members it is asked at least whether they can work.
        members: _,
        incomes,
        living,
        half_year: _,
        figures,
        cooperatives,
        cases,
        cadres,
        townships,
        loans,
        // Money of an area may stand above it, so it is not gathered with the rest.
        payments: _,
        funds: _,
    } = sources;
    let wanted = [
        (true, Kind::Area),
        (villages || households, Kind::Cadre),
        (villages, Kind::Unit),
        (villages, Kind::VillageTeam),
        (households || loans, Kind::Household),
        (households, Kind::Member),
        (households || loans, Kind::Pairing),
        (households && incomes, Kind::IncomeStatement),
        (households && living, Kind::LivingConditions),
        (cooperatives, Kind::Cooperative),
        (cooperatives, Kind::Shareholding),
        (cooperatives, Kind::Dividend),
        (figures, Kind::OfficialStatistic),
        (cases, Kind::Case),
        (cadres, Kind::Post),
        (cadres, Kind::Task),
        (cadres, Kind::Finding),
        (cadres, Kind::Sanction),
        (townships && !incomes, Kind::IncomeStatement),
        (townships, Kind::Project),
        (townships, Kind::ResponsibilityLetter),
        (townships, Kind::SatisfactionSurvey),
        (loans, Kind::Loan),
    ];
    let wanted = wanted.into_iter().filter(|(is_wanted, _)| *is_wanted);
    wanted.map(|(_, kind)| kind).collect()
}

/// Takes what a record says on a day.
fn add(records: &mut Records, sources: Sources, on: Date, record: Record) {
    let Record { id, area, body, .. } = record;
    if sources.townships
        && let Body::IncomeStatement(income) = &body
    {
        records.supervised.add_income(&area, income, on);
    }
    match body {
        Body::Area(body) => records.areas.push(Found { id, area, body }),
        Body::Cadre(body) => records.cadres.push(Found { id, area, body }),
        Body::Unit(body) => records.units.push(Found { id, area, body }),
        Body::VillageTeam(body) => records.teams.push(Found { id, area, body }),
        Body::Household(body) => records.households.push(Found { id, area, body }),
        Body::Member(body) => {
            records.add_member(&body, on);
            if sources.members {
                records.keep_member(Found { id, area, body }, on);
            }
        }
        Body::Pairing(body) => {
            let of_household = records.pairings.entry(body.household).or_default();
            of_household.push(Found { id, area, body });
        }
        Body::IncomeStatement(income) if income.year <= on.year() => records.add_income(income),
        Body::LivingConditions(living) => {
            records.living.insert(living.household, living);
        }
        Body::Case(case) => records.add_case(&case, on),
        Body::Cooperative(body) => records.cooperatives.push(Found { id, area, body }),
        Body::Shareholding(body) if body.from <= on => {
            records.shareholdings.push(Found { id, area, body });
        }
        Body::Post(body) => records.supervised.posts.push(Found { id, area, body }),
        Body::Task(task) if task.on <= on => {
            records.supervised.done.insert(id);
        }
        Body::Finding(body) if body.found_on <= on => {
            records.supervised.findings.push(Found { id, area, body });
        }
        Body::Sanction(body) if body.on <= on => {
            records.supervised.sanctions.push(Found { id, area, body });
        }
        Body::Project(body) => records.supervised.add_project(&area, &body, on),
        Body::ResponsibilityLetter(letter) => {
            records.supervised.add_letter(&area, &letter, on);
        }
        Body::SatisfactionSurvey(survey) => {
            records.supervised.add_survey(&area, &survey, on);
        }
        Body::Loan(body) => records.loans.push(Found { id, area, body }),
        Body::Dividend(dividend) if dividend.year <= on.year() => records.add_dividend(dividend),
        Body::OfficialStatistic(figure) if figure.year <= on.year() => {
            let (year, value) = (figure.year, figure.value);
            records.add_figure(area, figure.series.as_str(), Figure { year, value });
        }
        _ => {}
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
