//! What a county may vary.

use lika_sdk::Settings as DeriveSettings;

/// How much has to be planned for a cause.
#[derive(Clone, Debug, PartialEq, DeriveSettings)]
pub struct Settings {
    /// Measures for each cause.
    #[setting(
        "measures-per-cause",
        default = 1,
        min = 1,
        max = 3,
        zh = "每个致贫原因至少对应的措施数",
        en = "measures for each cause, at least"
    )]
    pub measures_per_cause: i64,
    /// Whether the other causes ask for measures too.
    #[setting(
        "other-causes",
        default = true,
        zh = "其他致贫原因也须有措施",
        en = "the causes besides the main one ask for measures too"
    )]
    pub other_causes: bool,
}
