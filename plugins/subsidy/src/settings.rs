//! What a county may vary.

use lika_sdk::{Ppm, Settings as DeriveSettings};

/// How much of the interest the fund takes over, and until when.
#[derive(Clone, Debug, PartialEq, DeriveSettings)]
pub struct Settings {
    /// S0.5: interest is subsidised; the document gives no part, so it is all of it.
    #[setting(
        "share",
        default = 1_000_000,
        min = 0,
        max = 1_000_000,
        zh = "贴息比例（百万分之）",
        en = "the part of the interest, in parts per million"
    )]
    pub share: Ppm,
    /// What is charged above this rate the household bears; 0 for any rate.
    #[setting(
        "rate-most",
        default = 0,
        min = 0,
        max = 1_000_000,
        zh = "贴息利率上限（百万分之），0 为不限",
        en = "the highest rate a year up to which interest is taken over, in parts per million; 0 for any"
    )]
    pub rate_most: Ppm,
    /// Whether nothing is taken over of the interest after a loan became overdue, also when that is made good.
    #[setting(
        "cut-off",
        default = true,
        zh = "逾期后停止贴息",
        en = "nothing is taken over from the first day overdue on"
    )]
    pub cut_off: bool,
    /// S0.5: it is paid from the same fund.
    #[setting(
        "guaranteed-only",
        default = true,
        zh = "仅限担保基金支持的贷款",
        en = "only for loans behind which a guarantee fund stands"
    )]
    pub guaranteed_only: bool,
}
