//! Totals: what the roll-ups say of an area, for whoever may read totals there.

use std::collections::BTreeMap;

use lika_core::{
    authority::Permission,
    record::{Body, area_id},
    rollup::Period,
    value::AreaCode,
};

use super::{Caller, Error, Gateway};

/// The figures of one area, by period and dimension.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AreaTotals {
    /// The name, when the area is registered here.
    pub name: Option<String>,
    /// Dimension and period → count or fen. What is not there is 0.
    pub totals: BTreeMap<(u32, String), i64>,
}

impl AreaTotals {
    /// A figure that stands now.
    pub fn now(&self, dimension: &str) -> i64 {
        self.of(Period::NOW, dimension)
    }

    /// A figure of a period.
    pub fn of(&self, period: Period, dimension: &str) -> i64 {
        self.totals
            .get(&(period.number(), dimension.to_owned()))
            .copied()
            .unwrap_or_default()
    }

    /// The figures that stand now whose dimension begins with a group, by the rest of the dimension.
    pub fn group(&self, group: &str) -> BTreeMap<String, i64> {
        let prefix = format!("{group}/");
        let now = self
            .totals
            .iter()
            .filter(|((period, _), _)| *period == Period::NOW.number());
        now.filter_map(|((_, dimension), value)| {
            Some((dimension.strip_prefix(&prefix)?.to_owned(), *value))
        })
        .collect()
    }

    /// Net income per head in a year, in fen, of the households with a statement; none without one.
    pub fn income_per_head(&self, year: Period) -> Option<i64> {
        let persons = self.of(year, "income/persons");
        (persons > 0).then(|| self.of(year, "income/net").div_euclid(persons))
    }
}

impl Gateway {
    /// The totals of an area.
    pub fn totals(&self, caller: &Caller, area: &AreaCode) -> Result<AreaTotals, Error> {
        caller.must(Permission::ReadTotals, area)?;
        let mut totals = AreaTotals {
            name: self.area_name(area)?,
            totals: BTreeMap::new(),
        };
        for period in self.inner.reader.periods(area)? {
            let figures = self
                .inner
                .reader
                .totals(area, Period::from_number(period))?;
            totals.totals.extend(
                figures
                    .into_iter()
                    .map(|(dimension, value)| ((period, dimension), value)),
            );
        }
        Ok(totals)
    }

    /// The totals of the areas one level below an area.
    pub fn totals_below(
        &self,
        caller: &Caller,
        area: &AreaCode,
    ) -> Result<BTreeMap<AreaCode, AreaTotals>, Error> {
        caller.must(Permission::ReadTotals, area)?;
        let mut below: BTreeMap<AreaCode, AreaTotals> = BTreeMap::new();
        for period in self.inner.reader.periods(area)? {
            for (child, figures) in self
                .inner
                .reader
                .totals_below(area, Period::from_number(period))?
            {
                let of_child = below.entry(child).or_default();
                of_child.totals.extend(
                    figures
                        .into_iter()
                        .map(|(dimension, value)| ((period, dimension), value)),
                );
            }
        }
        for (child, totals) in &mut below {
            totals.name = self.area_name(child)?;
        }
        Ok(below)
    }

    /// The registered name of an area.
    pub fn area_name(&self, area: &AreaCode) -> Result<Option<String>, Error> {
        let stored = self.inner.reader.get(&area_id(area))?;
        Ok(stored.and_then(|stored| match stored.body {
            Ok(Body::Area(area)) => Some(area.name.to_string()),
            _ => None,
        }))
    }
}
