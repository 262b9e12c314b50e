//! Why a loan is granted or refused.

use lika_sdk::{Fen, Ppm, Reasons};

/// Every reason that this policy gives.
#[derive(Clone, Debug, PartialEq, Reasons)]
pub enum Reason {
    /// Nothing speaks against it.
    #[reason(
        "within-terms",
        zh = "{amount} 元，{months} 个月，符合规定",
        en = "{amount} for {months} months is within the terms"
    )]
    WithinTerms { amount: Fen, months: i64 },
    /// Above the ceiling.
    #[reason(
        "amount-above-ceiling",
        zh = "贷款 {amount} 元，超过最高 {most} 元",
        en = "{amount} is above the ceiling of {most}"
    )]
    AmountAboveCeiling { amount: Fen, most: Fen },
    /// Above the ceiling with what else is owed.
    #[reason(
        "together-above-ceiling",
        zh = "与已有贷款 {owed} 元合计，超过最高 {most} 元",
        en = "with {owed} owed or asked for besides it is above the ceiling of {most}"
    )]
    TogetherAboveCeiling { owed: Fen, most: Fen },
    /// Too little.
    #[reason(
        "amount-below-least",
        zh = "贷款 {amount} 元，低于最低 {least} 元",
        en = "{amount} is below the least of {least}"
    )]
    AmountBelowLeast { amount: Fen, least: Fen },
    /// Too long.
    #[reason(
        "term-too-long",
        zh = "期限 {months} 个月，超过最长 {most} 个月",
        en = "{months} months are longer than {most}"
    )]
    TermTooLong { months: i64, most: i64 },
    /// Too dear.
    #[reason(
        "rate-too-high",
        zh = "年利率（百万分之）{rate}，超过 {most}",
        en = "a rate of {rate} is above {most}"
    )]
    RateTooHigh { rate: Ppm, most: Ppm },
    /// Nobody guarantees it.
    #[reason("no-guarantor", zh = "没有干部担保", en = "no cadre guarantees it")]
    NoGuarantor,
    /// Somebody else guarantees it.
    #[reason(
        "guarantor-does-not-help",
        zh = "担保人不是该户帮扶责任人",
        en = "the guarantor is no helper of the household"
    )]
    GuarantorDoesNotHelp,
    /// No fund.
    #[reason(
        "no-fund",
        zh = "没有担保基金",
        en = "no guarantee fund stands behind it"
    )]
    NoFund,
    /// The fund is lent too often, or too seldom.
    #[reason(
        "leverage-outside",
        zh = "担保基金放大比例（百万分之）{leverage} 不符合规定",
        en = "the fund's leverage of {leverage} is outside of what is allowed"
    )]
    LeverageOutside { leverage: Ppm },
    /// Something else is overdue.
    #[reason("overdue", zh = "另有贷款逾期", en = "another loan is overdue")]
    Overdue,
    /// A default.
    #[reason(
        "in-default",
        zh = "有 {loans} 笔贷款无正当理由未还",
        en = "{loans} loans were not repaid without an excuse"
    )]
    InDefault { loans: i64 },
    /// Blacklisted.
    #[reason("blacklisted", zh = "在黑名单内", en = "the household is blacklisted")]
    Blacklisted,
}
