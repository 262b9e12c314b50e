//! What the policy reads.

use lika_sdk::{Facts, Fen, State};

/// A household. What a condition that is switched on needs must be known, and nothing else.
#[derive(Debug, Facts)]
#[table("household")]
pub struct Household {
    /// The year of its exit; absent before.
    #[fact("household.exit-year")]
    pub exit_year: Option<i64>,
    /// Net income per head.
    #[fact("income.net-per-head", monotone = "increasing")]
    pub income: State<Fen>,
    /// Collective income of its village.
    #[fact("household.village-collective-income", monotone = "increasing")]
    pub village_income: State<Fen>,
    /// Whether it lives in a dangerous house.
    #[fact("household.dangerous-house", monotone = "decreasing")]
    pub dangerous_house: State<bool>,
    /// Whether it has safe water.
    #[fact("household.safe-water", monotone = "increasing")]
    pub safe_water: State<bool>,
    /// Whether somebody is able to work.
    #[fact("household.able-to-work")]
    pub able_to_work: State<bool>,
    /// Members who draw the allowance.
    #[fact("household.allowance-members", monotone = "increasing")]
    pub allowance_members: State<i64>,
    /// Members without medical insurance.
    #[fact("household.uninsured", monotone = "decreasing")]
    pub uninsured: State<i64>,
    /// Members who work away.
    #[fact("household.workers-away", monotone = "increasing")]
    pub workers_away: State<i64>,
    /// Whether a member is entitled to the allowance.
    #[fact("living.allowance-entitled", monotone = "decreasing")]
    pub allowance_entitled: State<bool>,
    /// Who has left school before their time.
    #[fact("living.drop-outs", monotone = "decreasing")]
    pub drop_outs: State<i64>,
    /// Members who were admitted to a school beyond compulsory schooling.
    #[fact("living.admitted", monotone = "decreasing")]
    pub admitted: State<i64>,
    /// Those of them who can pay for it to the end.
    #[fact("living.admitted-supported", monotone = "increasing")]
    pub admitted_supported: State<i64>,
    /// Members who have had job training.
    #[fact("living.trained", monotone = "increasing")]
    pub trained: State<i64>,
    /// Skills that members have learned.
    #[fact("living.skills", monotone = "increasing")]
    pub skills: State<i64>,
    /// What the survey of its exit found of safe housing.
    #[fact("exit-survey.housing", monotone = "increasing")]
    pub found_housing: State<bool>,
    /// Of the allowance.
    #[fact("exit-survey.allowance", monotone = "increasing")]
    pub found_allowance: State<bool>,
    /// Of medical insurance.
    #[fact("exit-survey.medical", monotone = "increasing")]
    pub found_medical: State<bool>,
    /// Of school.
    #[fact("exit-survey.schooling", monotone = "increasing")]
    pub found_schooling: State<bool>,
    /// Of admitted students.
    #[fact("exit-survey.admitted", monotone = "increasing")]
    pub found_admitted: State<bool>,
    /// Of training and work.
    #[fact("exit-survey.work", monotone = "increasing")]
    pub found_work: State<bool>,
    /// Of skills.
    #[fact("exit-survey.skill", monotone = "increasing")]
    pub found_skill: State<bool>,
    /// Floor of the house, square metres.
    #[fact("living.house-area", monotone = "increasing")]
    pub house_area: State<i64>,
    /// Whether there is electricity.
    #[fact("living.electricity", monotone = "increasing")]
    pub electricity: State<bool>,
    /// Whether there is a sanitary toilet.
    #[fact("living.toilet", monotone = "increasing")]
    pub toilet: State<bool>,
    /// Whether a hardened road leads to the house.
    #[fact("living.road", monotone = "increasing")]
    pub road: State<bool>,
    /// Whether there is broadband.
    #[fact("living.broadband", monotone = "increasing")]
    pub broadband: State<bool>,
}
