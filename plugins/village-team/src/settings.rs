//! What a county may vary.

use lika_sdk::Settings as DeriveSettings;

/// The figures of "1+2+3"; the defaults are Luxi's.
#[derive(Clone, Debug, PartialEq, DeriveSettings)]
pub struct Settings {
    /// County leaders of a village.
    #[setting(
        "leaders",
        default = 1,
        min = 0,
        max = 9,
        zh = "每村挂点县领导人数",
        en = "county leaders per village"
    )]
    pub leaders: i64,
    /// Stationed cadres of full section level.
    #[setting(
        "stationed-full",
        default = 1,
        min = 0,
        max = 9,
        zh = "每村驻村正科级后备干部人数",
        en = "stationed cadres of full section level per village"
    )]
    pub stationed_full: i64,
    /// Stationed cadres of deputy section level.
    #[setting(
        "stationed-deputy",
        default = 1,
        min = 0,
        max = 9,
        zh = "每村驻村副科级后备干部人数",
        en = "stationed cadres of deputy section level per village"
    )]
    pub stationed_deputy: i64,
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
    /// Months after which a stationed cadre is relieved.
    #[setting(
        "rotation-months",
        default = 12,
        min = 1,
        max = 120,
        zh = "驻村轮换月数",
        en = "months after which a stationed cadre is relieved"
    )]
    pub rotation_months: i64,
    /// Visits of the team in a month.
    #[setting(
        "visits-per-month",
        default = 1,
        min = 0,
        max = 31,
        zh = "工作队每月走访次数",
        en = "visits of the team per month"
    )]
    pub visits_per_month: i64,
}
