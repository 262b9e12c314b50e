//! What a county may vary: which lines are drawn, and what else is asked.

use lika_sdk::{Fen, Ppm, Settings as DeriveSettings};

/// The lines. A line of 0 is not drawn; who is under one of those that are is poor.
#[derive(Clone, Debug, PartialEq, DeriveSettings)]
pub struct Settings {
    /// The absolute line (S0.1).
    #[setting(
        "income-line",
        default = 150_000,
        min = 0,
        zh = "人均年纯收入线（分），0 为不设",
        en = "line of net income per head and year, in fen; 0 for none"
    )]
    pub income_line: Fen,
    /// The relative line (S3.1): 330,000 for "33 %", 333,333 for "below one third".
    #[setting(
        "relative-line",
        default = 0,
        min = 0,
        max = 1_000_000,
        zh = "占农村居民人均纯收入的比例线（百万分之），0 为不设",
        en = "line as a part of the rural net income per head, in parts per million; 0 for none"
    )]
    pub relative_line: Ppm,
    /// Whether the relative line is drawn in key villages only (S3.1).
    #[setting(
        "key-villages-only",
        default = false,
        zh = "比例线只用于重点村",
        en = "the relative line is drawn in key villages only"
    )]
    pub key_villages_only: bool,
    /// What makes a key village (S3.1: 60 %); 0 takes the registry's.
    #[setting(
        "village-line",
        default = 0,
        min = 0,
        max = 1_000_000,
        zh = "重点村人均纯收入占比线（百万分之），0 为按登记的重点村",
        en = "line of a key village's income per head as a part of the rural one, in parts per million; 0 takes the \
              registered key villages"
    )]
    pub village_line: Ppm,
    /// Whether households without labour capacity go to social relief (S0.1).
    #[setting(
        "labour",
        default = true,
        zh = "须有劳动能力，否则转社会救助",
        en = "labour capacity is required; without it social relief"
    )]
    pub labour: bool,
    /// Whether willingness is asked (S0.1).
    #[setting(
        "willingness",
        default = true,
        zh = "须有脱贫意愿",
        en = "willingness is required"
    )]
    pub willingness: bool,
}
