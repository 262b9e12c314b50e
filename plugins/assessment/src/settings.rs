//! What a county may vary: the documents name what is assessed, and neither weights nor lines.

use lika_sdk::{Ppm, Settings as DeriveSettings};

/// Weights, goals and the lines between grades.
#[derive(Clone, Debug, PartialEq, DeriveSettings)]
pub struct Settings {
    /// Whether three years are settled instead of one assessed.
    #[setting(
        "settlement",
        default = false,
        zh = "按三年结账：减贫人数按三年合计，目标按三倍计",
        en = "three years are settled: their exits are added up and held against three times the goal"
    )]
    pub settlement: bool,
    /// Points for people exited.
    #[setting(
        "exits-weight",
        default = 50,
        min = 0,
        max = 100,
        zh = "减贫人数的权重（分）",
        en = "points for the people who exited"
    )]
    pub exits_weight: i64,
    /// Points for income growth.
    #[setting(
        "growth-weight",
        default = 30,
        min = 0,
        max = 100,
        zh = "收入增幅的权重（分）",
        en = "points for the growth of income"
    )]
    pub growth_weight: i64,
    /// Points for services.
    #[setting(
        "services-weight",
        default = 20,
        min = 0,
        max = 100,
        zh = "基础设施和公共服务的权重（分）",
        en = "points for infrastructure and public services"
    )]
    pub services_weight: i64,
    /// Points for satisfaction.
    #[setting(
        "satisfaction-weight",
        default = 0,
        min = 0,
        max = 100,
        zh = "群众满意度的权重（分）",
        en = "points for the satisfaction of the people helped"
    )]
    pub satisfaction_weight: i64,
    /// People who shall exit in a year where no letter says so.
    #[setting(
        "exits-goal",
        default = 0,
        min = 0,
        max = 1000000,
        zh = "未签责任书时的年度减贫目标（人），0 为须有责任书",
        en = "people who shall exit in a year where no letter says how many; 0 asks for a letter"
    )]
    pub exits_goal: i64,
    /// Growth of income that earns all points.
    #[setting(
        "growth-goal",
        default = 100000,
        min = 1,
        max = 10000000,
        zh = "得满分的收入增幅（百万分之一）",
        en = "growth of income that earns all its points, in parts per million"
    )]
    pub growth_goal: Ppm,
    /// Services that earn all points.
    #[setting(
        "services-goal",
        default = 3,
        min = 1,
        max = 10000,
        zh = "得满分的基础设施和公共服务项目数",
        en = "projects of services that earn all their points"
    )]
    pub services_goal: i64,
    /// From which score on it is excellent.
    #[setting(
        "excellent",
        default = 9000,
        min = 0,
        max = 10000,
        zh = "优秀线（百分之一分）",
        en = "score from which on it is excellent, in hundredths of a point"
    )]
    pub excellent: i64,
    /// From which score on it is good.
    #[setting(
        "good",
        default = 8000,
        min = 0,
        max = 10000,
        zh = "良好线（百分之一分）",
        en = "score from which on it is good, in hundredths of a point"
    )]
    pub good: i64,
    /// From which score on it is passing.
    #[setting(
        "passing",
        default = 6000,
        min = 0,
        max = 10000,
        zh = "合格线（百分之一分）",
        en = "score from which on it passes, in hundredths of a point"
    )]
    pub passing: i64,
}
