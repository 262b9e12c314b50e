//! What is due to a village in a year.

use lika_sdk::Fen;

use crate::facts::Case;
use crate::{Reason, Settings};

/// The fund of a year: 3 × 50,000 + 50,000 + 200,000 = 400,000 yuan (S4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The sponsoring units that the village has on the day.
    pub sponsors: i64,
    /// Due from all units: from those that there are, and from those that are missing.
    pub of_units: Fen,
    /// All that is due.
    pub total: Fen,
}

impl Plan {
    /// Plans for a village.
    pub fn of(settings: &Settings, case: &Case<'_>) -> Self {
        let sponsors = i64::try_from(case.sponsors().count()).unwrap_or(i64::MAX);
        let units = sponsors.max(settings.units);
        let of_units = Fen::new(settings.per_unit.get().saturating_mul(units));
        Self {
            sponsors,
            of_units,
            total: sum([of_units, settings.of_county, settings.of_works]),
        }
    }

    /// What is said of it.
    pub fn reason(&self, settings: &Settings) -> Reason {
        Reason::Due {
            total: self.total,
            units: self.of_units,
            per_unit: settings.per_unit,
            county: settings.of_county,
            works: settings.of_works,
        }
    }
}

/// Amounts together; the largest that there is where they are more.
pub fn sum(amounts: impl IntoIterator<Item = Fen>) -> Fen {
    let amounts = amounts.into_iter();
    Fen::new(amounts.fold(0, |sum, amount| amount.get().saturating_add(sum)))
}
