//! Why a household gets the fund, or does not.

use lika_sdk::{Fen, Reasons};

/// Every reason that this policy gives.
#[derive(Clone, Debug, PartialEq, Reasons)]
pub enum Reason {
    /// What is due in a year, and from whom.
    #[reason(
        "due",
        zh = "每年到户资金 {amount} 元：县产业扶贫资金 {county} 元，结对干部自筹 {cadre} 元，不得用于生活开支",
        en = "{amount} a year: {county} from the county's industry fund, {cadre} raised by the cadre, never for living \
              expenses"
    )]
    Due {
        amount: Fen,
        county: Fen,
        cadre: Fen,
    },
    /// The county's part was paid, wholly or in part.
    #[reason(
        "paid-already",
        zh = "本年度县产业扶贫资金已支付 {paid} 元，尚应支付 {left} 元",
        en = "{paid} of the county's part has been paid this year, {left} is left"
    )]
    PaidAlready { paid: Fen, left: Fen },
    /// Exited, or only monitored.
    #[reason(
        "not-registered-as-poor",
        zh = "已脱贫或仅纳入监测，不享受到户资金",
        en = "exited, or only monitored"
    )]
    NotRegisteredAsPoor,
    /// Of another type.
    #[reason(
        "not-development-household",
        zh = "不是扶贫开发户（或本县规定的其他户类型）",
        en = "not a development household, nor of another type that the county names"
    )]
    NotDevelopmentHousehold,
    /// Nobody of the level helps it.
    #[reason(
        "no-such-helper",
        zh = "没有科级以上（或本县规定级别）干部重点帮扶",
        en = "no cadre of section level or above, or of the county's level, helps it"
    )]
    NoSuchHelper,
}
