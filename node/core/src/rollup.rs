//! Totals: what records add to the figures of their area and of every area that contains it.
//!
//! A tally is a plain number under a dimension and a period. The registry adds the tallies of a record when it is
//! created, exchanges them when it changes and takes them away when it closes, so that a total never needs a scan.

pub mod committed;
pub mod inspection;
pub mod sum_tree;

use std::{borrow::Cow, collections::BTreeSet};

use crate::{
    record::Index,
    value::{AreaCode, Date, RecordId, Year},
};

/// What a record adds to the totals of its area.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tally {
    /// What is counted, for example `people` or `main-cause/illness`.
    pub dimension: Cow<'static, str>,
    /// When.
    pub period: Period,
    /// How much: a count, or fen.
    pub value: i64,
}

/// The time that a total is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period(u32);

impl Period {
    /// What stands now.
    pub const NOW: Self = Self(0);

    /// What happened in a year.
    pub fn year(year: Year) -> Self {
        Self(u32::from(year.get()))
    }

    /// What happened in the month of a day.
    pub fn month_of(day: Date) -> Self {
        Self(day.month().number())
    }

    /// Whether it is a month: [`Self::number`] of one is above that of any year.
    pub fn is_month(self) -> bool {
        self.0 >= 10_000
    }

    /// The year that it is or is in; none of what stands now.
    pub fn in_year(self) -> Option<Year> {
        let number = match self.is_month() {
            true => self.0 / 100,
            false => self.0,
        };
        Year::new(u16::try_from(number).ok()?).ok()
    }

    /// 0 for now, the year as 2016, the month as 201606.
    pub fn number(self) -> u32 {
        self.0
    }

    /// Reads [`Self::number`].
    pub fn from_number(number: u32) -> Self {
        Self(number)
    }
}

impl Tally {
    /// A figure that stands until the record changes.
    pub fn stock(dimension: impl Into<Cow<'static, str>>, value: i64) -> Self {
        Self {
            dimension: dimension.into(),
            period: Period::NOW,
            value,
        }
    }

    /// A figure of a year.
    pub fn in_year(dimension: impl Into<Cow<'static, str>>, year: Year, value: i64) -> Self {
        Self {
            dimension: dimension.into(),
            period: Period::year(year),
            value,
        }
    }

    /// A figure of the month of a day.
    pub fn in_month(dimension: impl Into<Cow<'static, str>>, day: Date, value: i64) -> Self {
        Self {
            dimension: dimension.into(),
            period: Period::month_of(day),
            value,
        }
    }

    /// The same figure, taken away.
    pub fn negated(self) -> Self {
        Self {
            value: -self.value,
            ..self
        }
    }
}

/// Records about one subject that add to the totals together: it counts once, however many there are.
///
/// Everything that counts is in their keys, so that no record is read for it. Mostly all of them stand in one area, that
/// of the subject; where somebody has left for another one, [`covering`] counts them once in each area and once around.
#[derive(Clone, Copy, Debug)]
pub struct Coverage {
    /// The index in which they stand, their terms beginning with the subject.
    pub index: Index,
    /// Who counts once.
    pub subject: RecordId,
    /// What they add, from what follows the subject in their terms.
    pub tallies: fn(&[&[u8]]) -> Vec<Tally>,
}

impl Coverage {
    /// Whether both are about the same records.
    pub fn is_of_same_records(&self, other: &Self) -> bool {
        (self.index, self.subject) == (other.index, other.subject)
    }
}

/// What records of a coverage add together, from the area of each and what follows the subject in its terms: figures to
/// be added in areas, so that in every area, with those inside it, the subject counts once.
pub fn covering(coverage: &Coverage, records: &[(AreaCode, &[u8])]) -> Vec<(AreaCode, Vec<Tally>)> {
    let Some((first, _)) = records.first() else {
        return Vec::new();
    };
    let of = |inside: &AreaCode| {
        let inside = records.iter().filter(|(area, _)| inside.contains(area));
        (coverage.tallies)(&inside.map(|(_, term)| *term).collect::<Vec<_>>())
    };
    if records.iter().all(|(area, _)| area == first) {
        return vec![(*first, of(first))];
    }
    let around = records
        .iter()
        .flat_map(|(area, _)| area.ancestors_inclusive());
    let mut figures = Vec::new();
    for area in BTreeSet::from_iter(around) {
        // What is counted inside goes up to what is around; there it is counted anew.
        let tallies = of(&area);
        if let Some(parent) = area.parent() {
            let again = tallies.iter().cloned().map(Tally::negated);
            figures.push((parent, again.collect()));
        }
        figures.push((area, tallies));
    }
    figures
}
