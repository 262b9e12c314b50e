//! Why a team is not accepted.

use lika_sdk::{Date, Reasons};

/// Every reason that this policy gives.
#[derive(Clone, Debug, PartialEq, Reasons)]
pub enum Reason {
    /// The village needs no team on that day.
    #[reason(
        "not-key-village",
        zh = "当日不是重点村",
        en = "not a key village on that day"
    )]
    NotKeyVillage,
    /// Too few county leaders.
    #[reason(
        "missing-leader",
        zh = "应有挂点县领导 {need} 名，现有 {have} 名",
        en = "{need} county leaders are required, there are {have}"
    )]
    MissingLeader { have: i64, need: i64 },
    /// Too few stationed cadres of full section level.
    #[reason(
        "missing-stationed-full",
        zh = "应有驻村正科级后备干部 {need} 名，现有 {have} 名",
        en = "{need} stationed cadres of full section level are required, there are {have}"
    )]
    MissingStationedFull { have: i64, need: i64 },
    /// Too few stationed cadres of deputy section level.
    #[reason(
        "missing-stationed-deputy",
        zh = "应有驻村副科级后备干部 {need} 名，现有 {have} 名",
        en = "{need} stationed cadres of deputy section level are required, there are {have}"
    )]
    MissingStationedDeputy { have: i64, need: i64 },
    /// Too few sponsoring units.
    #[reason(
        "missing-unit",
        zh = "应有帮扶单位 {need} 个，现有 {have} 个",
        en = "{need} sponsoring units are required, there are {have}"
    )]
    MissingUnit { have: i64, need: i64 },
    /// A stationed cadre is due for relief.
    #[reason(
        "rotation-due",
        zh = "驻村干部自 {since} 起驻村，已满 {months} 个月，应予轮换",
        en = "stationed since {since}, due for relief after {months} months"
    )]
    RotationDue { since: Date, months: i64 },
    /// The team visits too rarely.
    #[reason(
        "no-visit",
        zh = "一个月内走访 {visits} 次，应至少 {need} 次",
        en = "{visits} visits within a month, at least {need} are required"
    )]
    NoVisit { visits: i64, need: i64 },
    /// A place cannot be filled from the tables.
    #[reason(
        "nobody-free",
        zh = "没有可用人选：{role}",
        en = "nobody is free as {role}"
    )]
    NobodyFree { role: String },
}
