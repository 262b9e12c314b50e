//! What a county may vary.

use lika_sdk::{Fen, Ppm, Settings as DeriveSettings};

use crate::facts::{HouseholdType, Level, Pairing};

/// How much, for whom and by whose help; the defaults are Luxi's.
#[derive(Clone, Debug, PartialEq, DeriveSettings)]
pub struct Settings {
    /// The fund of a household in a year.
    #[setting(
        "amount",
        default = 200_000,
        min = 0,
        zh = "每户每年到户资金（分）",
        en = "fund of a household in a year, in fen"
    )]
    pub amount: Fen,
    /// The part of it from the county's industry fund; the cadre raises the rest.
    #[setting(
        "county-share",
        default = 500_000,
        min = 0,
        max = 1_000_000,
        zh = "其中县产业扶贫资金承担的比例（百万分之），其余由结对干部自筹",
        en = "the part from the county's industry fund, in parts per million; the cadre raises the rest"
    )]
    pub county_share: Ppm,
    /// Whether development households get it.
    #[setting(
        "development",
        default = true,
        zh = "扶贫开发户享受",
        en = "development households get it"
    )]
    pub development: bool,
    /// Whether development-allowance households get it.
    #[setting(
        "development-allowance",
        default = false,
        zh = "扶贫低保户享受",
        en = "development-allowance households get it"
    )]
    pub development_allowance: bool,
    /// Whether allowance-only households get it.
    #[setting(
        "allowance-only",
        default = false,
        zh = "纯低保户享受",
        en = "allowance-only households get it"
    )]
    pub allowance_only: bool,
    /// Whether five-guarantee households get it.
    #[setting(
        "five-guarantee",
        default = false,
        zh = "五保户享受",
        en = "five-guarantee households get it"
    )]
    pub five_guarantee: bool,
    /// The lowest level of a helper that counts: 1 county, 2 section, 3 township, 4 village.
    #[setting(
        "lowest-level",
        default = 2,
        min = 1,
        max = 4,
        zh = "结对干部最低级别：1 县级，2 科级，3 乡镇，4 村级",
        en = "lowest level of the helper: 1 county, 2 section, 3 township, 4 village"
    )]
    pub lowest_level: i64,
    /// Whether only focus help counts, as the document says.
    #[setting(
        "focus-only",
        default = true,
        zh = "仅限重点帮扶",
        en = "only focus help counts"
    )]
    pub focus_only: bool,
}

impl Settings {
    /// Whether households of this kind get it.
    pub fn gives_to(&self, kind: HouseholdType) -> bool {
        match kind {
            HouseholdType::Development => self.development,
            HouseholdType::DevelopmentAllowance => self.development_allowance,
            HouseholdType::AllowanceOnly => self.allowance_only,
            HouseholdType::FiveGuarantee => self.five_guarantee,
            HouseholdType::NotPoor => false,
        }
    }

    /// Whether a household is entitled by this pairing.
    pub fn counts(&self, pairing: &Pairing<'_>) -> bool {
        let place = match pairing.level {
            Level::County => 1,
            Level::Section => 2,
            Level::Township => 3,
            Level::Village => 4,
        };
        place <= self.lowest_level && (!self.focus_only || pairing.role.0 == "focus")
    }
}
