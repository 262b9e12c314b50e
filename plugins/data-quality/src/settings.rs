//! What a county may vary: which rules run, and their figures.

use lika_sdk::{Fen, Settings as DeriveSettings};

/// The rules by their numbers.
#[derive(Clone, Debug, PartialEq, DeriveSettings)]
pub struct Settings {
    /// Rule 2.
    #[setting(
        "guarantees",
        default = true,
        zh = "规则二：存在住房、饮水、医保、教育问题而未监测",
        en = "rule 2: housing, water, insurance or schooling open, yet not monitored"
    )]
    pub guarantees: bool,
    /// Rule 3.
    #[setting(
        "income",
        default = true,
        zh = "规则三：收入低于监测线而未监测",
        en = "rule 3: income under the monitoring line, yet not monitored"
    )]
    pub income: bool,
    /// The line of rule 3; 0 takes the published one.
    #[setting(
        "monitoring-line",
        default = 0,
        min = 0,
        zh = "监测线：人均年纯收入（分），0 为采用公布的监测线",
        en = "monitoring line of net income per head and year, in fen; 0 takes the published one"
    )]
    pub line: Fen,
    /// Rule 4.
    #[setting(
        "removal",
        default = true,
        zh = "规则四：风险消除不实",
        en = "rule 4: a risk marked removed too early"
    )]
    pub removal: bool,
    /// Months within which a risk is not removed (rule 4).
    #[setting(
        "removal-months",
        default = 2,
        min = 0,
        max = 24,
        zh = "识别后多少个月内不得消除风险",
        en = "months after identification within which no risk is removed"
    )]
    pub removal_months: i64,
    /// Rule 5.
    #[setting(
        "labour",
        default = true,
        zh = "规则五：致贫原因“缺劳动力”与劳动能力矛盾",
        en = "rule 5: lack of labour as a cause against the members' labour"
    )]
    pub labour: bool,
    /// Rule 6.
    #[setting(
        "measures",
        default = true,
        zh = "规则六：措施与低保、工资矛盾",
        en = "rule 6: measures against the allowance and the wages"
    )]
    pub measures: bool,
    /// Rule 7.
    #[setting(
        "visits",
        default = true,
        zh = "规则七：帮扶人半年未走访",
        en = "rule 7: a helper without a visit for half a year"
    )]
    pub visits: bool,
    /// Visits in half a year (rule 7).
    #[setting(
        "visits-in-half-year",
        default = 1,
        min = 0,
        max = 183,
        zh = "半年内至少走访次数",
        en = "visits in half a year, at least"
    )]
    pub visits_in_half_year: i64,
    /// Rule 8.
    #[setting(
        "totals",
        default = true,
        zh = "规则八：收入人数与家庭人数不符",
        en = "rule 8: the income's number of people against the members"
    )]
    pub totals: bool,
}
