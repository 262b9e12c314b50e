//! Totals: what the roll-ups say of an area, for whoever may read totals there.

use std::{collections::BTreeMap, sync::Arc};

use lika_core::{
    authority::Permission,
    record::{Body, area_id},
    rollup::Period,
    value::AreaCode,
};

use tokio::sync::OwnedSemaphorePermit;

use super::{Caller, Error, Gateway};
use crate::store::{Recounted, Witness};

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
        Ok(AreaTotals {
            name: self.area_name(area)?,
            totals: self.inner.reader.all_totals(area)?,
        })
    }

    /// The totals of the areas one level below an area.
    pub fn totals_below(
        &self,
        caller: &Caller,
        area: &AreaCode,
    ) -> Result<BTreeMap<AreaCode, AreaTotals>, Error> {
        caller.must(Permission::ReadTotals, area)?;
        let below = self.inner.reader.all_totals_below(area)?.into_iter();
        below
            .map(|(child, totals)| {
                let name = self.area_name(&child)?;
                Ok((child, AreaTotals { name, totals }))
            })
            .collect()
    }

    /// Adds up the records of an area once more and holds every total of it and of the areas inside it against them;
    /// blocks.
    pub fn verify_totals(
        &self,
        caller: &Caller,
        area: &AreaCode,
        witness: &mut dyn Witness,
    ) -> Result<Recounted, Error> {
        caller.must(Permission::ReadTotals, area)?;
        let _room = self.room_to_recount()?;
        Ok(self.inner.reader.recount(area, witness)?)
    }

    /// Room for one who goes through all records of an area, for as long as the answer is held.
    pub(super) fn room_to_recount(&self) -> Result<OwnedSemaphorePermit, Error> {
        let room = Arc::clone(&self.inner.recounts).try_acquire_owned();
        room.map_err(|_| Error::Other {
            code: "busy",
            message: "totals are being added up for somebody else".to_owned(),
        })
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
