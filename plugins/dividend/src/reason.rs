//! Why a holder gets what it gets.

use lika_sdk::{Fen, Reasons};

/// Every reason that this policy gives.
#[derive(Clone, Debug, PartialEq, Reasons)]
pub enum Reason {
    /// A household's aid.
    #[reason(
        "hardship-aid",
        zh = "收益 {gain} 元，其中 {part} 元用于贫困户困难补助、慰问；按困难程度 {points}/{all_points} 分得 {amount} 元",
        en = "of the return of {gain}, {part} is hardship aid for the households; by need, {points} of {all_points} \
              points, {amount}"
    )]
    HardshipAid {
        gain: Fen,
        part: Fen,
        points: i64,
        all_points: i64,
        amount: Fen,
    },
    /// What a household's people hold.
    #[reason(
        "household-equity",
        zh = "{people} 人应占股权 {equity} 元，人均 {per_head} 元",
        en = "equity of {people} people: {equity}, {per_head} yuan a head"
    )]
    HouseholdEquity {
        people: i64,
        equity: Fen,
        per_head: String,
    },
    /// The registered equity is not the household's part by heads.
    #[reason(
        "equity-differs",
        zh = "登记股权 {registered} 元与按人头应占的 {equity} 元不符",
        en = "the registered equity of {registered} is not the {equity} that its people hold"
    )]
    EquityDiffers { registered: Fen, equity: Fen },
    /// The other households need all of it.
    #[reason(
        "no-need",
        zh = "困难程度为 0（全社共 {all_points}），不分得困难补助",
        en = "no need is counted, of {all_points} points in all"
    )]
    NoNeed { all_points: i64 },
    /// What the village holds.
    #[reason(
        "village-equity",
        zh = "村集体股权 {equity} 元，占合作社股份的 {percent}",
        en = "equity of the village collective: {equity}, {percent} of the co-operative"
    )]
    VillageEquity { equity: Fen, percent: String },
    /// What the village gets.
    #[reason(
        "village-income",
        zh = "收益 {gain} 元，其中 {part} 元用于村财增收，分得 {amount} 元",
        en = "of the return of {gain}, {part} is income of the village; {amount} of it here"
    )]
    VillageIncome { gain: Fen, part: Fen, amount: Fen },
    /// Not part of what poverty funds earned.
    #[reason(
        "not-poverty-fund",
        zh = "股权 {equity} 元（占 {percent}）不属扶贫资金入股，不参与本项分配",
        en = "the equity of {equity}, {percent} of the co-operative, was not paid from poverty funds"
    )]
    NotPovertyFund { equity: Fen, percent: String },
    /// A part would go to nobody.
    #[reason(
        "nobody-to-pay",
        zh = "收益有一部分没有对应的股东（贫困户或村集体），转人工处理",
        en = "part of the return has no holder, household or village, to go to: a person decides"
    )]
    NobodyToPay,
    /// A need cannot be counted.
    #[reason(
        "need-unknown",
        zh = "有贫困户的困难程度所需信息未登记，全社暂不分配",
        en = "what the need of a household is counted from is not recorded, so nothing is shared out yet"
    )]
    NeedUnknown,
}
