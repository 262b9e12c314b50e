//! What a county may vary.

use lika_sdk::{Fen, Settings as DeriveSettings};

/// The line, and which risks are looked at besides.
#[derive(Clone, Debug, PartialEq, DeriveSettings)]
pub struct Settings {
    /// The monitoring line; 0 takes the published one.
    #[setting(
        "monitoring-line",
        default = 0,
        min = 0,
        zh = "监测线：人均年纯收入（分），0 为采用公布的监测线",
        en = "monitoring line of net income per head and year, in fen; 0 takes the published one"
    )]
    pub line: Fen,
    /// Whether hardship expenses are taken from the income.
    #[setting(
        "hardship",
        default = true,
        zh = "扣除刚性支出后再比较",
        en = "hardship expenses are taken from the income"
    )]
    pub hardship: bool,
    /// Whether a dangerous house is a risk.
    #[setting(
        "housing",
        default = true,
        zh = "查住房安全",
        en = "housing is looked at"
    )]
    pub housing: bool,
    /// Whether unsafe water is a risk.
    #[setting("water", default = true, zh = "查饮水安全", en = "water is looked at")]
    pub water: bool,
    /// Whether missing medical insurance is a risk.
    #[setting(
        "insurance",
        default = true,
        zh = "查医疗保险",
        en = "medical insurance is looked at"
    )]
    pub insurance: bool,
    /// Whether a child out of school is a risk.
    #[setting(
        "schooling",
        default = true,
        zh = "查义务教育",
        en = "schooling is looked at"
    )]
    pub schooling: bool,
}
