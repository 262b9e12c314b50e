//! Why a household is monitored, or is not.

use lika_sdk::{Fen, Reasons};

/// Every reason that this policy gives.
#[derive(Clone, Debug, PartialEq, Reasons)]
pub enum Reason {
    /// Who is registered as poor is helped.
    #[reason(
        "still-registered",
        zh = "尚未脱贫，按贫困户帮扶，不纳入监测",
        en = "still registered as poor: it is helped, not monitored"
    )]
    StillRegistered,
    /// Nothing speaks for monitoring.
    #[reason("no-risk", zh = "未发现返贫致贫风险", en = "no risk was found")]
    NoRisk,
    /// Income under the line.
    #[reason(
        "income-under-line",
        zh = "人均纯收入 {income} 元，低于监测线 {line} 元",
        en = "income per head {income} is under the monitoring line of {line}"
    )]
    IncomeUnderLine { income: Fen, line: Fen },
    /// Under the line only after what could not be helped.
    #[reason(
        "hardship",
        zh = "刚性支出 {expenses} 元，扣除后人均 {left} 元，低于监测线 {line} 元",
        en = "after hardship expenses of {expenses}, {left} a head are left, under the monitoring line of {line}"
    )]
    Hardship { expenses: Fen, left: Fen, line: Fen },
    /// Housing.
    #[reason("dangerous-house", zh = "住房不安全", en = "the house is dangerous")]
    DangerousHouse,
    /// Water.
    #[reason("unsafe-water", zh = "饮水不安全", en = "no safe water")]
    UnsafeWater,
    /// Insurance.
    #[reason(
        "uninsured",
        zh = "有 {people} 人未参加医疗保险",
        en = "{people} members without medical insurance"
    )]
    Uninsured { people: i64 },
    /// Schooling.
    #[reason(
        "out-of-school",
        zh = "有 {people} 名 6–16 岁儿童未在校",
        en = "{people} children of 6 to 16 years out of school"
    )]
    OutOfSchool { people: i64 },
    /// Marked removed, and there all the same.
    #[reason(
        "risk-marked-removed",
        zh = "风险已标记消除，但仍存在",
        en = "the risk was marked removed, and is there"
    )]
    RiskMarkedRemoved,
}
