//! What does not fit together on a card.

use lika_sdk::{Date, Fen, Reasons};

/// Every reason that this policy gives.
#[derive(Clone, Debug, PartialEq, Reasons)]
pub enum Reason {
    /// Rule 2.
    #[reason(
        "dangerous-house-not-monitored",
        zh = "住房不安全，但未纳入监测",
        en = "a dangerous house, yet not monitored"
    )]
    DangerousHouse,
    /// Rule 2.
    #[reason(
        "unsafe-water-not-monitored",
        zh = "饮水不安全，但未纳入监测",
        en = "no safe water, yet not monitored"
    )]
    UnsafeWater,
    /// Rule 2.
    #[reason(
        "uninsured-not-monitored",
        zh = "有 {people} 人未参加医疗保险，但未纳入监测",
        en = "{people} members without medical insurance, yet not monitored"
    )]
    Uninsured { people: i64 },
    /// Rule 2.
    #[reason(
        "out-of-school-not-monitored",
        zh = "有 {people} 名 6–16 岁儿童未在校，但未纳入监测",
        en = "{people} children of 6 to 16 years out of school, yet not monitored"
    )]
    OutOfSchool { people: i64 },
    /// Rule 3.
    #[reason(
        "income-under-line-not-monitored",
        zh = "人均纯收入 {income} 元，低于监测线 {line} 元，但未纳入监测",
        en = "income per head {income} under the monitoring line of {line}, yet not monitored"
    )]
    IncomeUnderLine { income: Fen, line: Fen },
    /// Rule 4.
    #[reason(
        "removed-while-open",
        zh = "风险已标记消除，但住房、饮水或教育问题仍存在",
        en = "the risk is marked removed while housing, water or schooling is open"
    )]
    RemovedWhileOpen,
    /// Rule 4.
    #[reason(
        "removed-too-soon",
        zh = "{since} 识别，不满 {months} 个月即标记风险消除",
        en = "identified on {since}, and the risk marked removed within {months} months"
    )]
    RemovedTooSoon { since: Date, months: i64 },
    /// Rule 4.
    #[reason(
        "removed-without-measure",
        zh = "风险已标记消除，但没有任何发展类措施",
        en = "the risk is marked removed without any development measure on record"
    )]
    RemovedWithoutMeasure,
    /// Rule 5.
    #[reason(
        "labour-lacking-though-able",
        zh = "致贫原因为缺劳动力，但家中有劳动力",
        en = "lack of labour is a cause, though somebody is able to work"
    )]
    LackingThoughAble,
    /// Rule 5, the reverse.
    #[reason(
        "nobody-able-though-not-lacking",
        zh = "家中无劳动力，但致贫原因中没有缺劳动力",
        en = "nobody is able to work, and lack of labour is no cause"
    )]
    NobodyAble,
    /// Rule 6.
    #[reason(
        "allowance-household-without-allowance",
        zh = "户类型为低保类，但无人享受低保",
        en = "a household of the allowance in which nobody draws it"
    )]
    NobodyDraws,
    /// Rule 6.
    #[reason(
        "employment-without-wages",
        zh = "有就业措施，但工资性收入为 0",
        en = "employment as a measure, though the wages are 0"
    )]
    NoWages,
    /// Rule 7.
    #[reason(
        "helper-without-visit",
        zh = "帮扶人半年内走访 {visits} 次，应至少 {need} 次",
        en = "{visits} visits of a helper in half a year, at least {need} are required"
    )]
    NoVisit { visits: i64, need: i64 },
    /// Rule 8.
    #[reason(
        "people-do-not-add-up",
        zh = "收入按 {counted} 人计算，家庭成员 {members} 人",
        en = "the income counts {counted} people, the household has {members}"
    )]
    PeopleDiffer { counted: i64, members: i64 },
}
