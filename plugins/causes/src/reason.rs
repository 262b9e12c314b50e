//! Whether what is planned answers to the causes.

use lika_sdk::Reasons;

/// Every reason that this policy gives.
#[derive(Clone, Debug, PartialEq, Reasons)]
pub enum Reason {
    /// A cause has what it points to.
    #[reason(
        "measures-planned",
        zh = "{cause_zh}：已安排 {measures_zh}",
        en = "{cause_en}: {measures_en} is planned"
    )]
    Planned {
        cause_zh: String,
        measures_zh: String,
        cause_en: String,
        measures_en: String,
    },
    /// A cause has not.
    #[reason(
        "measures-missing",
        zh = "{cause_zh}：可安排 {measures_zh}，现有 {have} 项，应有 {need} 项",
        en = "{cause_en} points to {measures_en}; {have} planned, {need} required"
    )]
    Missing {
        cause_zh: String,
        measures_zh: String,
        have: i64,
        need: i64,
        cause_en: String,
        measures_en: String,
    },
}
