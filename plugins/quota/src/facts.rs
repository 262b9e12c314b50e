//! What the policy reads.

use lika_sdk::{Code, Date, Facts, Fen, Group, Rows, State};

/// The households of a village.
#[derive(Debug, Group)]
pub struct Applicants<'a> {
    /// What holds for all of them.
    #[context]
    pub village: Village,
    /// The households, those that apply and the others: each is decided.
    #[subjects]
    pub households: Rows<Household<'a>>,
}

/// What holds for the village.
#[derive(Debug, Facts)]
#[table("group")]
pub struct Village {
    /// How many households may be identified this year.
    #[fact("group.identification-quota")]
    pub quota: State<i64>,
    /// How many were.
    #[fact("group.identified-in-year")]
    pub identified: i64,
}

/// A household.
#[derive(Debug, Facts)]
#[table("household")]
pub struct Household<'a> {
    /// Stable key; its order settles ties.
    #[fact("household.key")]
    pub key: Code<'a>,
    /// When it applied; absent where it does not.
    #[fact("household.applied-on")]
    pub applied_on: Option<Date>,
    /// Net income per head.
    #[fact("income.net-per-head")]
    pub income: State<Fen>,
}
