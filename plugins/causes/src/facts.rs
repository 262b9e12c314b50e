//! What the policy reads.

use lika_sdk::{Code, Facts, State, Subject};

use crate::map::{CauseCode, MeasureCode};

/// A household with its causes and what is planned for its members.
#[derive(Debug, Subject)]
pub struct Case<'a> {
    /// The household.
    pub household: Household<'a>,
    /// Why it is poor, the main cause first.
    pub causes: Vec<Cause>,
    /// The measures that its members are planned for.
    pub measures: Vec<Measure>,
}

/// A household.
#[derive(Debug, Facts)]
#[table("household")]
pub struct Household<'a> {
    /// The main cause: without one there is nothing to plan from.
    #[fact("household.main-cause")]
    pub main_cause: State<Code<'a>>,
}

/// A cause.
#[derive(Debug, Facts)]
#[table("cause", parent = "household")]
pub struct Cause {
    /// Which.
    #[fact("cause.code")]
    pub code: CauseCode,
    /// Whether it is the main one.
    #[fact("cause.main")]
    pub main: bool,
}

/// A measure.
#[derive(Debug, Facts)]
#[table("measure", parent = "household")]
pub struct Measure {
    /// Which.
    #[fact("measure.code")]
    pub code: MeasureCode,
    /// How many members are planned for it.
    #[fact("measure.people")]
    pub people: i64,
}
