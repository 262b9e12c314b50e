//! What a score is made of.

use lika_sdk::{Ppm, Reasons};

/// Every reason that this policy gives.
#[derive(Clone, Debug, PartialEq, Reasons)]
pub enum Reason {
    /// People exited.
    #[reason(
        "exits",
        zh = "减贫 {people} 人，目标 {goal} 人，得 {points} 分（百分之一分）",
        en = "{people} people exited of {goal}: {points} hundredths of a point"
    )]
    Exits { people: i64, goal: i64, points: i64 },
    /// Income growth.
    #[reason(
        "growth",
        zh = "收入增幅 {growth}，得 {points} 分（百分之一分）",
        en = "income grew by {growth}: {points} hundredths of a point"
    )]
    Growth { growth: Ppm, points: i64 },
    /// Services.
    #[reason(
        "services",
        zh = "完成基础设施和公共服务项目 {projects} 个，得 {points} 分（百分之一分）",
        en = "{projects} projects of services were finished: {points} hundredths of a point"
    )]
    Services { projects: i64, points: i64 },
    /// Satisfaction.
    #[reason(
        "satisfaction",
        zh = "满意度 {satisfied}，得 {points} 分（百分之一分）",
        en = "{satisfied} are not dissatisfied: {points} hundredths of a point"
    )]
    Satisfaction { satisfied: Ppm, points: i64 },
    /// Nothing has a weight.
    #[reason(
        "no-weights",
        zh = "各项权重均为零，无法考核",
        en = "no item has a weight"
    )]
    NoWeights,
}
