//! What a county may vary.

use lika_sdk::{Fen, Settings as DeriveSettings};

/// What is due to a village in a year; the defaults are Luxi's.
#[derive(Clone, Debug, PartialEq, DeriveSettings)]
pub struct Settings {
    /// Sponsoring units of a village.
    #[setting(
        "units",
        default = 3,
        min = 0,
        max = 20,
        zh = "每村帮扶单位数",
        en = "sponsoring units per village"
    )]
    pub units: i64,
    /// What each of them raises at least.
    #[setting(
        "per-unit",
        default = 5_000_000,
        min = 0,
        zh = "每个帮扶单位每年至少筹资（分）",
        en = "what each unit raises a year at least, in fen"
    )]
    pub per_unit: Fen,
    /// What the county adds from its industry fund.
    #[setting(
        "of-county",
        default = 5_000_000,
        min = 0,
        zh = "县产业扶贫资金每村每年（分）",
        en = "what the county's industry fund adds per village a year, in fen"
    )]
    pub of_county: Fen,
    /// The village works fund.
    #[setting(
        "of-works",
        default = 20_000_000,
        min = 0,
        zh = "村庄整治资金每村每年（分）",
        en = "village works fund per village a year, in fen"
    )]
    pub of_works: Fen,
}
