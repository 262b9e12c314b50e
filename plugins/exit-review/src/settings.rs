//! What a county may vary: which conditions are asked, and from where on each is met.

use lika_sdk::{Fen, Settings as DeriveSettings};

/// The seven conditions of Luxi (S4.11), the targets of Guangdong (S3.3), and what a county adds. A condition that is
/// switched off, and a figure of 0, asks for nothing.
#[derive(Clone, Debug, PartialEq, DeriveSettings)]
pub struct Settings {
    /// First condition.
    #[setting("safe-housing", default = true, zh = "住房安全", en = "safe housing")]
    pub safe_housing: bool,
    /// Second condition.
    #[setting(
        "allowance",
        default = true,
        zh = "符合条件的享受低保",
        en = "the allowance where entitled"
    )]
    pub allowance: bool,
    /// Third condition.
    #[setting(
        "medical-insurance",
        default = true,
        zh = "全员参加医疗保险",
        en = "medical insurance of every member"
    )]
    pub medical_insurance: bool,
    /// Fourth condition.
    #[setting("schooling", default = true, zh = "无辍学", en = "no school drop-out")]
    pub schooling: bool,
    /// Fifth condition.
    #[setting(
        "admitted-students",
        default = true,
        zh = "录取学生能完成学业",
        en = "admitted students can finish"
    )]
    pub admitted_students: bool,
    /// Sixth condition, first half.
    #[setting(
        "trained",
        default = 1,
        min = 0,
        max = 99,
        zh = "参加就业培训人数",
        en = "members who have had job training"
    )]
    pub trained: i64,
    /// Sixth condition, second half.
    #[setting(
        "workers-away",
        default = 1,
        min = 0,
        max = 99,
        zh = "外出务工人数",
        en = "members who work away"
    )]
    pub workers_away: i64,
    /// Seventh condition: one or two.
    #[setting(
        "skills",
        default = 1,
        min = 0,
        max = 99,
        zh = "掌握实用技术（项）",
        en = "skills learned"
    )]
    pub skills: i64,
    /// Whether nobody exits without a survey of all seven conditions.
    #[setting(
        "survey-required",
        default = false,
        zh = "须有入户核查结论",
        en = "a survey of the conditions is required"
    )]
    pub survey_required: bool,
    /// Whether the sixth and seventh conditions are asked of households too in which nobody is able to work.
    #[setting(
        "labour-conditions-for-all",
        default = false,
        zh = "无劳动能力户也须满足培训、务工、技术条件",
        en = "training, work and skills are asked of households without labour capacity too"
    )]
    pub labour_conditions_for_all: bool,
    /// S3.3: 2,500 yuan.
    #[setting(
        "income-per-head",
        default = 250_000,
        min = 0,
        zh = "人均年纯收入（分）",
        en = "net income per head and year, in fen"
    )]
    pub income_per_head: Fen,
    /// S3.3: 30,000 yuan where it is asked.
    #[setting(
        "village-collective-income",
        default = 0,
        min = 0,
        zh = "村集体经济年收入（分）",
        en = "collective income of the village and year, in fen"
    )]
    pub village_collective_income: Fen,
    /// A county's own.
    #[setting("safe-water", default = false, zh = "饮水安全", en = "safe water")]
    pub safe_water: bool,
    /// A county's own.
    #[setting("electricity", default = false, zh = "通电", en = "electricity")]
    pub electricity: bool,
    /// A county's own.
    #[setting("toilet", default = false, zh = "卫生厕所", en = "a sanitary toilet")]
    pub toilet: bool,
    /// A county's own.
    #[setting("road", default = false, zh = "入户路硬化", en = "a hardened road")]
    pub road: bool,
    /// A county's own.
    #[setting("broadband", default = false, zh = "宽带", en = "broadband")]
    pub broadband: bool,
    /// A county's own.
    #[setting(
        "house-area",
        default = 0,
        min = 0,
        max = 10_000,
        zh = "住房面积（平方米）",
        en = "floor of the house, square metres"
    )]
    pub house_area: i64,
}
