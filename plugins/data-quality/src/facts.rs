//! What the policy reads. Rules look at what is known; what they need and is not known they say.

use lika_sdk::{Code, Date, Facts, Fen, State, Subject};

/// A household with what belongs to it.
#[derive(Debug, Subject)]
pub struct Case<'a> {
    /// The household.
    pub household: Household<'a>,
    /// Why it is poor.
    pub causes: Vec<Cause<'a>>,
    /// What is planned for its members.
    pub measures: Vec<Measure<'a>>,
    /// Who helps.
    pub pairings: Vec<Pairing>,
    /// What holds for everybody.
    #[context]
    pub context: Context,
}

/// A household.
#[derive(Debug, Facts)]
#[table("household")]
pub struct Household<'a> {
    /// Its registered type: whether it is monitored, and whether it is one of the allowance.
    #[fact("household.registered-type")]
    pub registered_type: Code<'a>,
    /// When it was first identified.
    #[fact("household.identified-on")]
    pub identified_on: State<Date>,
    /// Whether its risk was marked removed.
    #[fact("household.risk-removed")]
    pub risk_removed: Option<bool>,
    /// Whether it lives in a dangerous house.
    #[fact("household.dangerous-house")]
    pub dangerous_house: State<bool>,
    /// Whether it has safe water.
    #[fact("household.safe-water")]
    pub safe_water: State<bool>,
    /// Members without medical insurance.
    #[fact("household.uninsured")]
    pub uninsured: State<i64>,
    /// Children who must go to school and do not.
    #[fact("household.children-out-of-school")]
    pub out_of_school: State<i64>,
    /// Whether somebody is able to work.
    #[fact("household.able-to-work")]
    pub able_to_work: State<bool>,
    /// Members who draw the allowance.
    #[fact("household.allowance-members")]
    pub allowance_members: State<i64>,
    /// Its members on the day.
    #[fact("household.persons")]
    pub persons: i64,
    /// Net income per head.
    #[fact("income.net-per-head")]
    pub income: State<Fen>,
    /// Wages of the year.
    #[fact("income.wages")]
    pub wages: State<Fen>,
    /// The people that the income was divided by.
    #[fact("income.persons")]
    pub income_persons: State<i64>,
}

/// A cause.
#[derive(Debug, Facts)]
#[table("cause", parent = "household")]
pub struct Cause<'a> {
    /// Which.
    #[fact("cause.code")]
    pub code: Code<'a>,
}

/// A measure.
#[derive(Debug, Facts)]
#[table("measure", parent = "household")]
pub struct Measure<'a> {
    /// Which.
    #[fact("measure.code")]
    pub code: Code<'a>,
}

/// A pairing.
#[derive(Debug, Facts)]
#[table("pairing", parent = "household")]
pub struct Pairing {
    /// First day.
    #[fact("pairing.since")]
    pub since: Date,
    /// Visits of the helper in the half year that ends with the day.
    #[fact("pairing.visits-in-half-year")]
    pub visits: i64,
}

/// What holds for everybody.
#[derive(Debug, Facts)]
#[table("group")]
pub struct Context {
    /// The day.
    #[fact("group.as-of")]
    pub as_of: Date,
    /// The published monitoring line of the year.
    #[fact("group.monitoring-line")]
    pub line: State<Fen>,
}
