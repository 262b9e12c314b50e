//! What a county may vary.

use lika_sdk::Settings as DeriveSettings;

/// How the quota is filled. The document says that the scale is controlled and not who comes first, so both are a
/// county's own.
#[derive(Clone, Debug, PartialEq, DeriveSettings)]
pub struct Settings {
    /// Whether the poorest come first, and not whoever applied first.
    #[setting(
        "by-income",
        default = true,
        zh = "按人均纯收入由低到高排序（否则按申请先后）",
        en = "the lowest income per head comes first, not the earliest application"
    )]
    pub by_income: bool,
    /// Households that may be identified beyond the quota.
    #[setting(
        "tolerance",
        default = 0,
        min = 0,
        max = 10_000,
        zh = "允许超出控制规模的户数",
        en = "households that may be identified beyond the quota"
    )]
    pub tolerance: i64,
}
