//! What a county may vary: the document names the ladder and neither thresholds nor times.

use lika_sdk::Settings as DeriveSettings;

/// From how much on somebody is taken to task, and how long the ladder remembers.
#[derive(Clone, Debug, PartialEq, DeriveSettings)]
pub struct Settings {
    /// Late tasks from which on a rung is proposed.
    #[setting(
        "late-tasks",
        default = 3,
        min = 0,
        max = 1000,
        zh = "逾期任务达到多少项时提出处理，0 为不看",
        en = "late tasks from which on a rung is proposed; 0 looks at none"
    )]
    pub late_tasks: i64,
    /// Unvisited households from which on a rung is proposed.
    #[setting(
        "unvisited-households",
        default = 1,
        min = 0,
        max = 1000,
        zh = "当月未走访户数达到多少户时提出处理，0 为不看",
        en = "households not visited in the month from which on a rung is proposed; 0 looks at none"
    )]
    pub unvisited: i64,
    /// Findings from which on a rung is proposed.
    #[setting(
        "findings",
        default = 2,
        min = 0,
        max = 1000,
        zh = "一年内督查问题达到多少个时提出处理，0 为不看",
        en = "findings in a year from which on a rung is proposed; 0 looks at none"
    )]
    pub findings: i64,
    /// Overdue findings from which on a rung is proposed.
    #[setting(
        "overdue-findings",
        default = 1,
        min = 0,
        max = 1000,
        zh = "逾期未整改问题达到多少个时提出处理，0 为不看",
        en = "findings past their deadline from which on a rung is proposed; 0 looks at none"
    )]
    pub overdue: i64,
    /// Months after which a rung is forgotten.
    #[setting(
        "memory-months",
        default = 12,
        min = 1,
        max = 120,
        zh = "处理记忆期（月）：超过后从通报重新开始",
        en = "months for which the ladder remembers a rung; afterwards it begins anew"
    )]
    pub memory_months: i64,
    /// Days after a rung in which no other is proposed.
    #[setting(
        "respite-days",
        default = 30,
        min = 0,
        max = 366,
        zh = "整改期（天）：处理后多少天内不再提出下一步",
        en = "days after a rung in which no other is proposed, so that things can be put right"
    )]
    pub respite_days: i64,
}
