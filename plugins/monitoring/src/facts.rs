//! What the policy reads.

use lika_sdk::{Code, Facts, Fen, State, Subject};

/// A household and the line that holds for everybody.
#[derive(Debug, Subject)]
pub struct Case<'a> {
    /// The household.
    pub household: Household<'a>,
    /// What holds for everybody.
    #[context]
    pub context: Context,
}

/// A household. Illness is not told to a policy: what it costs is, and only as part of a sum.
#[derive(Debug, Facts)]
#[table("household")]
pub struct Household<'a> {
    /// Its registered type: who is registered as poor is helped, not monitored.
    #[fact("household.registered-type")]
    pub registered_type: Code<'a>,
    /// The year of its exit; absent before.
    #[fact("household.exit-year")]
    pub exit_year: Option<i64>,
    /// Whether its risk was marked removed.
    #[fact("household.risk-removed")]
    pub risk_removed: Option<bool>,
    /// Net income per head.
    #[fact("income.net-per-head", monotone = "decreasing")]
    pub income: State<Fen>,
    /// Net income of the household, from which its hardship expenses are taken.
    #[fact("income.net", monotone = "decreasing")]
    pub net: State<Fen>,
    /// The people among whom it is divided.
    #[fact("income.persons")]
    pub persons: State<i64>,
    /// What it could not help spending.
    #[fact("living.hardship-expenses", monotone = "increasing")]
    pub hardship: State<Fen>,
    /// Whether it lives in a dangerous house.
    #[fact("household.dangerous-house", monotone = "increasing")]
    pub dangerous_house: State<bool>,
    /// Whether it has safe water.
    #[fact("household.safe-water", monotone = "decreasing")]
    pub safe_water: State<bool>,
    /// Members without medical insurance.
    #[fact("household.uninsured", monotone = "increasing")]
    pub uninsured: State<i64>,
    /// Children who must go to school and do not.
    #[fact("household.children-out-of-school", monotone = "increasing")]
    pub out_of_school: State<i64>,
}

/// What holds for everybody.
#[derive(Debug, Facts)]
#[table("group")]
pub struct Context {
    /// The published monitoring line of the year.
    #[fact("group.monitoring-line")]
    pub line: State<Fen>,
}
