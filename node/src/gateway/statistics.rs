//! Statistics through the gateway: what indicators are computed from, now or as it stood.

use std::collections::BTreeMap;

use lika_core::{
    authority::Permission,
    codes,
    indicator::{self, Formula, Indicator},
    log::Kind,
    monitoring::{self, Watched},
    record::{Area, Body, CollectiveIncome, Index, OfficialStatistic, Record, Term},
    rollup::{Coverage, Period},
    statistics::{self, Answer, Basis, Settings},
    suppression,
    value::{AreaCode, Code, Date, NodeId, RecordId, Year},
};

use super::{Caller, Error, Gateway, ListQuery};
use crate::{
    clock,
    store::{self, Lifecycle, Listing, Position, Reader, Stored, Survey},
};

/// Records that are read at a time.
const PAGE: usize = 1000;
/// What can be published by area and class, with the code list of the classes: sets that do not overlap, so that totals
/// are sums.
const PUBLISHED: [(&str, &str); 3] = [
    ("household-type", "household-type"),
    ("main-cause", "cause"),
    ("labour", "labour"),
];

/// What to compute.
#[derive(Clone, Debug)]
pub struct Question {
    /// By which definition.
    pub indicator: &'static Indicator,
    /// Where.
    pub area: AreaCode,
    /// Of which year or month.
    pub period: Period,
    /// As it was recorded at the end of this day; now where there is none.
    pub as_of: Option<Date>,
    /// What the indicator lets be set.
    pub settings: Settings,
}

/// A table as it may be published.
#[derive(Clone, Debug)]
pub struct PublishedTable {
    /// The classes.
    pub classes: Vec<&'static str>,
    /// The areas of the rows, with their names; the last one is the area of the table.
    pub areas: Vec<(AreaCode, Option<String>)>,
    /// The counts that are left, with totals.
    pub published: suppression::Published,
    /// By which threshold.
    pub threshold: u64,
}

/// What is known of a key village.
#[derive(Clone, Debug)]
pub struct Monitored {
    /// The village.
    pub area: AreaCode,
    /// Its name.
    pub name: String,
    /// Its figures.
    pub figures: Vec<Watched>,
}

impl Gateway {
    /// What is known of the villages that are key villages today, by area.
    pub fn monitoring(
        &self,
        caller: &Caller,
        area: &AreaCode,
        year: Year,
    ) -> Result<Vec<Monitored>, Error> {
        caller.must(Permission::ReadTotals, area)?;
        let reader = &self.inner.reader;
        let today = self.clock().today();
        let mut key_villages = Vec::new();
        every(reader, Kind::Area, area, &mut |record| {
            if let Body::Area(area) = record.body
                && area.is_key_village(today)
            {
                key_villages.push((area.code, area.name.to_string()));
            }
        })?;
        let heads = reader.heads().into_iter();
        let at = heads.map(|tail| (tail.node, tail.position)).collect();
        let monitored = key_villages.into_iter().map(|(area, name)| {
            let survey = Survey {
                kinds: &[Kind::Household],
                area: &area,
                at: &at,
            };
            // Whose households they are is not read.
            let shares = reader.survey(&survey, Vec::new, |households, record| {
                if let Body::Household(household) = record.body {
                    households.push(household);
                }
            })?;
            let households = shares.concat();
            let mut totals = BTreeMap::new();
            for period in reader.periods(&area)? {
                let of = reader.totals(&area, Period::from_number(period))?;
                totals.insert(period, of);
            }
            let total = |period: Period, dimension: &str| {
                let of = totals.get(&period.number());
                let value = of.and_then(|of| of.get(dimension));
                value.copied().unwrap_or_default()
            };
            Ok(Monitored {
                area,
                name,
                figures: monitoring::watch(total, &households, year),
            })
        });
        monitored.collect()
    }

    /// Computes an indicator.
    pub fn compute(&self, caller: &Caller, question: &Question) -> Result<Answer, Error> {
        caller.must(Permission::ReadTotals, &question.area)?;
        let basis = match question.as_of {
            None => self.basis(&question.area, question.period, &question.indicator.formula)?,
            Some(day) => self.basis_as_of(&question.area, question.period, day)?,
        };
        self.computed(question, &basis)
    }

    /// What an area's indicator comes to now, by its totals alone.
    pub(super) fn of_totals(
        &self,
        indicator: &'static Indicator,
        area: &AreaCode,
        period: Period,
    ) -> Result<Option<i64>, Error> {
        let basis = self.basis(area, period, &indicator.formula)?;
        let question = Question {
            indicator,
            area: *area,
            period,
            as_of: None,
            settings: Settings::default(),
        };
        Ok(self.computed(&question, &basis)?.value)
    }

    fn computed(&self, question: &Question, basis: &Basis) -> Result<Answer, Error> {
        let Question {
            indicator,
            area,
            period,
            as_of: _,
            settings,
        } = question;
        let answer = statistics::compute(indicator, basis, area, *period, settings);
        answer.map_err(|error| Error::Malformed(error.to_string()))
    }

    /// A table of counts by area and class, without small counts and without what gives them away. A threshold below the
    /// node's is refused.
    pub fn published_table(
        &self,
        caller: &Caller,
        area: &AreaCode,
        classes: &str,
        threshold: Option<u64>,
    ) -> Result<PublishedTable, Error> {
        caller.must(Permission::ReadTotals, area)?;
        let own = self.inner.counting.threshold;
        let threshold = threshold.unwrap_or(own);
        if threshold < own {
            return Err(Error::Other {
                code: "below-threshold",
                message: format!("the threshold of this node is {own}; nothing is published below"),
            });
        }
        let group = PUBLISHED.iter().find(|(group, _)| *group == classes);
        let group = group.and_then(|(group, list)| Some((group, codes::list(list)?)));
        let (group, list) = group.ok_or_else(|| {
            let groups = PUBLISHED.map(|(group, _)| group).join(", ");
            Error::Malformed(format!("classes: must be one of {groups}"))
        })?;
        let classes: Vec<&str> = list.entries.iter().map(|entry| entry.code).collect();
        let below = self.inner.reader.totals_below(area, Period::NOW)?;
        let mut areas = Vec::with_capacity(below.len() + 1);
        let mut counts = Vec::with_capacity(below.len());
        for (child, totals) in &below {
            areas.push((*child, self.area_name(child)?));
            let row = classes.iter().map(|class| {
                let count = totals.get(&format!("{group}/{class}"));
                count.copied().unwrap_or_default().unsigned_abs()
            });
            counts.push(row.collect::<Vec<u64>>());
        }
        areas.push((*area, self.area_name(area)?));
        let published = suppression::publish(&counts, threshold).map_err(|error| Error::Other {
            code: "nothing-to-publish",
            message: error.to_string(),
        })?;
        Ok(PublishedTable {
            classes,
            areas,
            published,
            threshold,
        })
    }

    /// What a formula needs, as it stands.
    fn basis(&self, area: &AreaCode, period: Period, formula: &Formula) -> Result<Basis, Error> {
        let reader = &self.inner.reader;
        let mut basis = Basis::default();
        for of in [Period::NOW, period] {
            let totals = reader.totals(area, of)?.into_iter();
            let totals = totals.map(|(dimension, value)| ((of.number(), dimension), value));
            basis.totals.extend(totals);
        }
        let year = period.in_year();
        let (regions, villages) = match formula {
            Formula::Variation { .. } => (true, false),
            Formula::ShellVillages => (false, true),
            _ => (false, false),
        };
        if regions || villages {
            every(reader, Kind::Area, area, &mut |record| {
                if let Body::Area(Area { code, .. }) = record.body {
                    basis.areas.push(code);
                }
            })?;
        }
        if regions {
            every(reader, Kind::OfficialStatistic, area, &mut |record| {
                add_official(&mut basis, &record, year);
            })?;
        }
        if villages {
            every(reader, Kind::CollectiveIncome, area, &mut |record| {
                add_income(&mut basis, &record, year);
            })?;
        }
        for series in series_of(formula) {
            self.add_around(&mut basis, area, series, year, |id| reader.get(id))?;
        }
        Ok(basis)
    }

    /// The official statistics of the area and the areas around it.
    fn add_around(
        &self,
        basis: &mut Basis,
        area: &AreaCode,
        series: &str,
        year: Option<Year>,
        read: impl Fn(&RecordId) -> Result<Option<Stored>, store::Error>,
    ) -> Result<(), Error> {
        let (Ok(series), Some(year)) = (Code::parse(series), year) else {
            return Ok(());
        };
        for around in area.ancestors_inclusive() {
            let id = OfficialStatistic::id_for(&around, &series, year);
            if let Some(record) = read(&id)?.and_then(Stored::into_record)
                && !record.closed
            {
                add_official(basis, &record, Some(year));
            }
        }
        Ok(())
    }

    /// Everything as it was recorded at the end of a day. Reads the records of the area one and all.
    fn basis_as_of(&self, area: &AreaCode, period: Period, day: Date) -> Result<Basis, Error> {
        let reader = &self.inner.reader;
        let at = positions_at(reader, clock::end_of_day(day))?;
        let survey = Survey {
            kinds: Kind::ALL,
            area,
            at: &at,
        };
        let year = period.in_year();
        let shares = reader.survey(&survey, Stood::default, |stood, record| {
            stood.take(&record, year);
        })?;
        let mut stood = Stood::default();
        shares.into_iter().for_each(|share| stood.join(share));
        let mut basis = stood.finish();
        for it in indicator::INDICATORS {
            for series in series_of(&it.formula) {
                let read = |id: &RecordId| reader.get_open(id, &at);
                self.add_around(&mut basis, area, series, year, read)?;
            }
        }
        Ok(basis)
    }

    /// The windows that ask any area of which the caller may read totals.
    pub fn windows(&self, caller: &Caller) -> Result<Vec<super::Seen>, Error> {
        // Who is asked may know that, also when the window stands above.
        let node = Caller::node(self.inner.reader.node(), self.inner.area)?;
        let query = ListQuery {
            kind: Kind::ReportingWindow,
            area: self.inner.area,
            limit: PAGE,
            after: None,
            lifecycle: Lifecycle::Open,
        };
        let mut windows = self.list(&node, &query)?.items;
        windows.retain(|seen| match &seen.record.body {
            Body::ReportingWindow(window) => {
                let mut areas = window.areas.iter();
                areas.any(|area| caller.may(Permission::ReadTotals, area))
            }
            _ => false,
        });
        Ok(windows)
    }
}

/// The definition that is asked for: the latest where no version is named.
pub fn indicator(id: &str, version: u32) -> Result<&'static Indicator, Error> {
    let found = match version {
        0 => indicator::latest(id),
        version => {
            let mut all = indicator::INDICATORS.iter();
            all.find(|it| it.id == id && it.version == version)
        }
    };
    found.ok_or_else(|| Error::Other {
        code: "unknown-indicator",
        message: match version {
            0 => format!("there is no indicator {id}"),
            version => format!("there is no version {version} of an indicator {id}"),
        },
    })
}

fn series_of(formula: &Formula) -> Vec<&'static str> {
    match formula {
        Formula::Quotient { above, below } => vec![above, below],
        Formula::Line { series, .. } => vec![series],
        _ => Vec::new(),
    }
}

/// Hands on the open records of a kind in an area, one after the other.
pub(super) fn every(
    reader: &Reader,
    kind: Kind,
    area: &AreaCode,
    each: &mut dyn FnMut(Record),
) -> Result<(), Error> {
    let mut after = None;
    loop {
        let page = reader.list(&Listing {
            kind,
            area: *area,
            lifecycle: Lifecycle::Open,
            after,
            limit: PAGE,
        })?;
        let records = page.items.into_iter().filter_map(Stored::into_record);
        records.for_each(&mut *each);
        after = page.next;
        if after.is_none() {
            return Ok(());
        }
    }
}

fn add_official(basis: &mut Basis, record: &Record, year: Option<Year>) {
    if let Body::OfficialStatistic(figure) = &record.body
        && Some(figure.year) == year
    {
        let key = (record.area, figure.series.to_string());
        basis.official.insert(key, figure.value);
    }
}

fn add_income(basis: &mut Basis, record: &Record, year: Option<Year>) {
    if let Body::CollectiveIncome(income) = &record.body
        && Some(income.year) == year
    {
        basis
            .collective
            .insert(record.area, CollectiveIncome::total(income));
    }
}

/// Where each log stood at a moment.
fn positions_at(reader: &Reader, moment: u64) -> Result<BTreeMap<NodeId, Position>, Error> {
    let mut at = BTreeMap::new();
    for tail in reader.heads() {
        let place = |seq| Position {
            epoch: tail.position.epoch,
            seq,
        };
        // Times never go back within a log, so the last entry of the moment is found by halving.
        let (mut before, mut after) = (0, tail.position.seq + 1);
        while before + 1 < after {
            let middle = before + (after - before) / 2;
            let entry = reader.entries_after(&tail.node, place(middle - 1), 1)?;
            let is_in_time = entry
                .first()
                .is_some_and(|entry| entry.header().recorded_at <= moment);
            if is_in_time {
                before = middle;
            } else {
                after = middle;
            }
        }
        at.insert(tail.node, place(before));
    }
    Ok(at)
}

/// Terms of the records about one subject, and what they add together.
type Covered = BTreeMap<(Index, RecordId), (Coverage, Vec<Vec<u8>>)>;

/// What stood at a moment, as a survey finds it: totals as the roll-up would have them.
#[derive(Default)]
struct Stood {
    basis: Basis,
    covered: Covered,
}

impl Stood {
    fn take(&mut self, record: &Record, year: Option<Year>) {
        if let Body::Area(area) = &record.body {
            self.basis.areas.push(area.code);
        }
        add_official(&mut self.basis, record, year);
        add_income(&mut self.basis, record, year);
        self.add(record.body.tallies());
        let coverages = record.body.coverages();
        if coverages.is_empty() {
            return;
        }
        let keys = record.body.keys();
        for coverage in coverages {
            let own = keys.iter().filter(|key| key.index == coverage.index);
            let terms = own.filter_map(|key| match &key.term {
                Term::Open(term) => Some(term.strip_prefix(&coverage.subject.0[..])?.to_vec()),
                Term::Blind(_) => None,
            });
            let key = (coverage.index, coverage.subject);
            let (_, covered) = self.covered.entry(key).or_insert((coverage, Vec::new()));
            covered.extend(terms);
        }
    }

    fn add(&mut self, tallies: Vec<lika_core::rollup::Tally>) {
        for tally in tallies {
            let key = (tally.period.number(), tally.dimension.into_owned());
            *self.basis.totals.entry(key).or_default() += tally.value;
        }
    }

    fn join(&mut self, other: Self) {
        let Self { basis, covered } = other;
        for (key, value) in basis.totals {
            *self.basis.totals.entry(key).or_default() += value;
        }
        self.basis.official.extend(basis.official);
        self.basis.areas.extend(basis.areas);
        self.basis.collective.extend(basis.collective);
        for (key, (coverage, terms)) in covered {
            let (_, known) = self.covered.entry(key).or_insert((coverage, Vec::new()));
            known.extend(terms);
        }
    }

    fn finish(mut self) -> Basis {
        for (coverage, terms) in std::mem::take(&mut self.covered).into_values() {
            let terms: Vec<&[u8]> = terms.iter().map(Vec::as_slice).collect();
            self.add((coverage.tallies)(&terms));
        }
        self.basis
    }
}
