//! What the policy reads.

use lika_sdk::{Facts, Ppm, State, Subject};

/// A township.
#[derive(Debug, Subject)]
pub struct Case {
    /// The township.
    pub township: Township,
}

/// A township and what it has reached.
#[derive(Debug, Facts)]
#[table("township")]
pub struct Township {
    /// People who have exited in the year.
    #[fact("township.people-exited")]
    pub exited: State<i64>,
    /// People who have exited in the year or the two before.
    #[fact("township.people-exited-in-three-years")]
    pub exited_in_three: State<i64>,
    /// People who shall exit in the year, by the signed letter.
    #[fact("township.exit-goal")]
    pub goal: State<i64>,
    /// By how much the income per head grew.
    #[fact("township.income-growth")]
    pub growth: State<Ppm>,
    /// Services that were finished in the year.
    #[fact("township.services")]
    pub services: State<i64>,
    /// The part of those asked who are not dissatisfied.
    #[fact("township.satisfied")]
    pub satisfied: State<Ppm>,
}
