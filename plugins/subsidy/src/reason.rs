//! Why so much of the interest is taken over, or nothing.

use lika_sdk::{Fen, Reasons};

/// Every reason that this policy gives.
#[derive(Clone, Debug, PartialEq, Reasons)]
pub enum Reason {
    /// Interest that was paid in time.
    #[reason(
        "interest-paid",
        zh = "已付利息 {interest} 元，按规定贴息 {subsidy} 元",
        en = "of {interest} of interest that was paid, {subsidy} is taken over"
    )]
    InterestPaid { interest: Fen, subsidy: Fen },
    /// Interest after the loan became overdue.
    #[reason(
        "cut-off",
        zh = "逾期后产生的利息 {interest} 元不予贴息",
        en = "{interest} of interest was paid for days after the loan became overdue"
    )]
    CutOff { interest: Fen },
    /// Nothing more.
    #[reason(
        "taken-over-already",
        zh = "已贴息 {subsidised} 元",
        en = "{subsidised} was taken over already"
    )]
    TakenOverAlready { subsidised: Fen },
    /// Nothing was paid.
    #[reason(
        "no-interest-paid",
        zh = "没有可贴息的已付利息",
        en = "no interest was paid that could be taken over"
    )]
    NoInterestPaid,
    /// No fund to pay it.
    #[reason(
        "not-guaranteed",
        zh = "贷款没有担保基金支持",
        en = "no guarantee fund stands behind the loan"
    )]
    NotGuaranteed,
    /// Blacklisted.
    #[reason("blacklisted", zh = "在黑名单内", en = "the household is blacklisted")]
    Blacklisted,
}
