//! Which conditions a household does not meet.

use lika_sdk::{Fen, Reasons};

/// Every reason that this policy gives.
#[derive(Clone, Debug, PartialEq, Reasons)]
pub enum Reason {
    /// Nothing is left open.
    #[reason("all-met", zh = "所设条件均已满足", en = "every condition is met")]
    AllMet,
    /// A condition that the survey found open, whatever else is recorded.
    #[reason(
        "survey-found-open",
        zh = "入户核查认定第 {condition} 项条件未满足",
        en = "the survey found condition {condition} open"
    )]
    SurveyFoundOpen { condition: i64 },
    /// First condition.
    #[reason("dangerous-house", zh = "住房不安全", en = "the house is dangerous")]
    DangerousHouse,
    /// Second condition.
    #[reason(
        "no-allowance",
        zh = "符合低保条件但无人享受低保",
        en = "entitled to the allowance, and nobody draws it"
    )]
    NoAllowance,
    /// Third condition.
    #[reason(
        "uninsured",
        zh = "有 {people} 人未参加医疗保险",
        en = "{people} members without medical insurance"
    )]
    Uninsured { people: i64 },
    /// Fourth condition.
    #[reason(
        "drop-out",
        zh = "有 {people} 人辍学",
        en = "{people} members have dropped out of school"
    )]
    DropOut { people: i64 },
    /// Fifth condition.
    #[reason(
        "student-unsupported",
        zh = "录取学生 {admitted} 人，能完成学业 {supported} 人",
        en = "of {admitted} admitted students {supported} can finish"
    )]
    StudentUnsupported { admitted: i64, supported: i64 },
    /// Sixth condition, first half.
    #[reason(
        "too-few-trained",
        zh = "参加就业培训 {have} 人，应有 {need} 人",
        en = "{have} members have had job training, {need} are required"
    )]
    TooFewTrained { have: i64, need: i64 },
    /// Sixth condition, second half.
    #[reason(
        "too-few-workers-away",
        zh = "外出务工 {have} 人，应有 {need} 人",
        en = "{have} members work away, {need} are required"
    )]
    TooFewWorkersAway { have: i64, need: i64 },
    /// Seventh condition.
    #[reason(
        "too-few-skills",
        zh = "掌握实用技术 {have} 项，应有 {need} 项",
        en = "{have} skills learned, {need} are required"
    )]
    TooFewSkills { have: i64, need: i64 },
    /// S3.3.
    #[reason(
        "income-too-low",
        zh = "人均纯收入 {income} 元，应达到 {need} 元",
        en = "income per head {income}, {need} is required"
    )]
    IncomeTooLow { income: Fen, need: Fen },
    /// S3.3.
    #[reason(
        "village-income-too-low",
        zh = "村集体收入 {income} 元，应达到 {need} 元",
        en = "collective income of the village {income}, {need} is required"
    )]
    VillageIncomeTooLow { income: Fen, need: Fen },
    /// A county's own.
    #[reason("unsafe-water", zh = "饮水不安全", en = "no safe water")]
    UnsafeWater,
    /// A county's own.
    #[reason("no-electricity", zh = "未通电", en = "no electricity")]
    NoElectricity,
    /// A county's own.
    #[reason("no-toilet", zh = "无卫生厕所", en = "no sanitary toilet")]
    NoToilet,
    /// A county's own.
    #[reason("no-road", zh = "入户路未硬化", en = "no hardened road")]
    NoRoad,
    /// A county's own.
    #[reason("no-broadband", zh = "未通宽带", en = "no broadband")]
    NoBroadband,
    /// A county's own.
    #[reason(
        "house-too-small",
        zh = "住房面积 {have} 平方米，应有 {need} 平方米",
        en = "the house has {have} square metres, {need} are required"
    )]
    HouseTooSmall { have: i64, need: i64 },
}
