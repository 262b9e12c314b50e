//! The two parts of a household's fund.

use lika_sdk::{Fen, Rounding};

use crate::Settings;

/// What is due from whom in a year; together it is the whole amount, to the fen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Split {
    /// From the county's industry fund: its share, rounded down.
    pub county: Fen,
    /// Raised by the cadre: the rest.
    pub cadre: Fen,
}

impl Split {
    /// Splits the amount of the settings.
    pub fn of(settings: &Settings) -> Self {
        let amount = settings.amount;
        // A share of at most the whole is at most the amount, and neither can be too large.
        let county = amount
            .share(settings.county_share, Rounding::Down)
            .unwrap_or(amount);
        let cadre = amount.checked_sub(county).unwrap_or(Fen::ZERO);
        Self { county, cadre }
    }
}
