//! What a county may vary.

use lika_sdk::Settings as DeriveSettings;

use crate::PairingRole;
use crate::facts::Level;

/// The figures of "1+1+1"; the defaults are Luxi's where the document names one.
#[derive(Clone, Debug, PartialEq, DeriveSettings)]
pub struct Settings {
    /// Households in focus of a county-level cadre.
    #[setting(
        "county-focus",
        default = 2,
        min = 0,
        max = 1000,
        zh = "县级干部重点帮扶户数",
        en = "households in focus of a county-level cadre"
    )]
    pub county_focus: i64,
    /// Households in contact of a county-level cadre.
    #[setting(
        "county-contact",
        default = 2,
        min = 0,
        max = 1000,
        zh = "县级干部联系帮扶户数",
        en = "households in contact of a county-level cadre"
    )]
    pub county_contact: i64,
    /// Households in focus of a section-level cadre.
    #[setting(
        "section-focus",
        default = 1,
        min = 0,
        max = 1000,
        zh = "科级干部重点帮扶户数",
        en = "households in focus of a section-level cadre"
    )]
    pub section_focus: i64,
    /// Households in contact of a section-level cadre.
    #[setting(
        "section-contact",
        default = 2,
        min = 0,
        max = 1000,
        zh = "科级干部联系帮扶户数",
        en = "households in contact of a section-level cadre"
    )]
    pub section_contact: i64,
    /// Households of a township cadre; the document names no figure.
    #[setting(
        "township-households",
        default = 50,
        min = 0,
        max = 10_000,
        zh = "乡镇干部最多帮扶户数",
        en = "most households of a township cadre"
    )]
    pub township_households: i64,
    /// Households of a village cadre; the document names no figure.
    #[setting(
        "village-households",
        default = 50,
        min = 0,
        max = 10_000,
        zh = "村干部最多帮扶户数",
        en = "most households of a village cadre"
    )]
    pub village_households: i64,
    /// Visits of each helper in a month.
    #[setting(
        "visits-per-month",
        default = 1,
        min = 0,
        max = 31,
        zh = "帮扶人每月走访次数",
        en = "visits of each helper per month"
    )]
    pub visits_per_month: i64,
}

impl Settings {
    /// How many households a cadre of this level may help in this role. Township and village
    /// cadres have one quota for both roles.
    pub fn quota(&self, level: Level, role: PairingRole) -> i64 {
        match (level, role) {
            (Level::County, PairingRole::Focus) => self.county_focus,
            (Level::County, PairingRole::Contact) => self.county_contact,
            (Level::Section, PairingRole::Focus) => self.section_focus,
            (Level::Section, PairingRole::Contact) => self.section_contact,
            (Level::Township, _) => self.township_households,
            (Level::Village, _) => self.village_households,
        }
    }
}
