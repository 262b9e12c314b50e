//! What the policy reads.

use lika_sdk::{Date, Facts, Labels, Subject};

/// A cadre and the day.
#[derive(Debug, Subject)]
pub struct Case {
    /// The cadre.
    pub cadre: Cadre,
    /// What holds for everybody.
    #[context]
    pub context: Context,
}

/// A cadre as supervision sees them.
#[derive(Debug, Facts)]
#[table("cadre")]
pub struct Cadre {
    /// Tasks of the year that are over, without having been done or excused.
    #[fact("cadre.tasks-late", monotone = "increasing")]
    pub tasks_late: i64,
    /// Households of open pairings that were not visited in the month.
    #[fact("cadre.households-unvisited", monotone = "increasing")]
    pub unvisited: i64,
    /// Findings of the year.
    #[fact("cadre.findings", monotone = "increasing")]
    pub findings: i64,
    /// Findings that should have been settled.
    #[fact("cadre.findings-overdue", monotone = "increasing")]
    pub overdue: i64,
    /// The last rung; absent where there is none.
    #[fact("cadre.rung")]
    pub rung: Option<Rung>,
    /// Its day.
    #[fact("cadre.rung-on")]
    pub rung_on: Option<Date>,
}

/// A rung of the ladder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Labels)]
pub enum Rung {
    /// 一次通报.
    #[label("reprimand", zh = "通报", en = "reprimand")]
    Reprimand,
    /// 二次约谈.
    #[label("interview", zh = "约谈", en = "interview")]
    Interview,
    /// 三次问责.
    #[label("accountability", zh = "问责", en = "accountability")]
    Accountability,
}

/// What holds for everybody.
#[derive(Debug, Facts)]
#[table("group")]
pub struct Context {
    /// The day that is asked about.
    #[fact("group.as-of")]
    pub as_of: Date,
}
