//! Why a rung is proposed, or none.

use lika_sdk::{Date, Reasons};

/// Every reason that this policy gives.
#[derive(Clone, Debug, PartialEq, Reasons)]
pub enum Reason {
    /// Nothing speaks for it.
    #[reason(
        "nothing-found",
        zh = "任务、走访和督查均未发现应处理的问题",
        en = "tasks, visits and findings give no cause"
    )]
    NothingFound,
    /// Tasks that were not done.
    #[reason(
        "tasks-late",
        zh = "逾期任务 {tasks} 项",
        en = "{tasks} tasks are late"
    )]
    TasksLate { tasks: i64 },
    /// Households that were not visited.
    #[reason(
        "households-unvisited",
        zh = "当月未走访 {households} 户",
        en = "{households} households were not visited in the month"
    )]
    Unvisited { households: i64 },
    /// Findings of the year.
    #[reason(
        "findings",
        zh = "一年内督查发现问题 {findings} 个",
        en = "{findings} findings in a year"
    )]
    Findings { findings: i64 },
    /// Findings that were not settled in time.
    #[reason(
        "findings-overdue",
        zh = "逾期未整改问题 {findings} 个",
        en = "{findings} findings were not put right in time"
    )]
    Overdue { findings: i64 },
    /// What came before.
    #[reason(
        "follows",
        zh = "{since} 已处理，依次进入下一步",
        en = "the last rung was on {since}; this is the next"
    )]
    Follows { since: Date },
    /// What came before, long ago.
    #[reason(
        "forgotten",
        zh = "{since} 的处理已超过记忆期，从通报开始",
        en = "the last rung, on {since}, is forgotten; the ladder begins anew"
    )]
    Forgotten { since: Date },
    /// Time to put things right.
    #[reason(
        "respite",
        zh = "{since} 刚处理，整改期内不再提出",
        en = "the last rung was on {since}; there is time to put things right"
    )]
    Respite { since: Date },
}
