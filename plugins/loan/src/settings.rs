//! What a county may vary: Taishun (S0.5) by default, Sanming (S2.5) and Luxi (S4.10) by settings.

use lika_sdk::{Fen, Ppm, Settings as DeriveSettings};

/// How much, for how long, and who stands behind it. A figure of 0 asks for nothing.
#[derive(Clone, Debug, PartialEq, DeriveSettings)]
pub struct Settings {
    /// S0.5: 1,000 yuan.
    #[setting(
        "amount-least",
        default = 100_000,
        min = 0,
        zh = "每笔贷款最低金额（分）",
        en = "the least of a loan, in fen"
    )]
    pub amount_least: Fen,
    /// S0.5: 5,000 yuan; S2.5: 5万; S4.10's average is 7.41万.
    #[setting(
        "amount-most",
        default = 500_000,
        min = 0,
        zh = "每笔贷款最高金额（分）",
        en = "the most of a loan, in fen"
    )]
    pub amount_most: Fen,
    /// Whether a household's loans are held against the most together: two small loans would else be a large one.
    #[setting(
        "together",
        default = true,
        zh = "同一农户各笔贷款合并计算最高金额",
        en = "the loans of a household are held against the most together"
    )]
    pub together: bool,
    /// S0.5: one year; S2.5: three.
    #[setting(
        "months-most",
        default = 12,
        min = 0,
        max = 360,
        zh = "最长期限（月）",
        en = "the longest term, in months"
    )]
    pub months_most: i64,
    /// No document gives one.
    #[setting(
        "rate-most",
        default = 0,
        min = 0,
        max = 1_000_000,
        zh = "最高年利率（百万分之）",
        en = "the highest rate a year, in parts per million"
    )]
    pub rate_most: Ppm,
    /// S0.5: the cadre is guarantor.
    #[setting(
        "guarantor",
        default = true,
        zh = "须有干部担保",
        en = "a cadre has to guarantee it"
    )]
    pub guarantor: bool,
    /// S2.5: the helper guarantees.
    #[setting(
        "guarantor-helps",
        default = false,
        zh = "担保人须为该户帮扶责任人",
        en = "whoever guarantees it has to be a helper of the household"
    )]
    pub guarantor_helps: bool,
    /// S0.5 and S2.5: the fund stands behind every loan.
    #[setting(
        "fund",
        default = true,
        zh = "须有担保基金",
        en = "a guarantee fund has to stand behind it"
    )]
    pub fund: bool,
    /// S0.5: twice what is deposited.
    #[setting(
        "leverage-least",
        default = 2_000_000,
        min = 0,
        zh = "担保基金最低放大比例（百万分之）",
        en = "the least that the lender lends for what is deposited, in parts per million"
    )]
    pub leverage_least: Ppm,
    /// S0.5: five times what is deposited.
    #[setting(
        "leverage-most",
        default = 5_000_000,
        min = 0,
        zh = "担保基金最高放大比例（百万分之）",
        en = "the most that the lender lends for what is deposited, in parts per million"
    )]
    pub leverage_most: Ppm,
    /// Whether whoever has not repaid an earlier loan gets none, blacklisted or not.
    #[setting(
        "no-defaults",
        default = true,
        zh = "有违约贷款的不再贷款",
        en = "nothing is lent to who has not repaid a loan without an excuse"
    )]
    pub no_defaults: bool,
}
