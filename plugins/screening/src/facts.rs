//! What the policy reads.

use lika_sdk::{Facts, Fen, State, Subject};

/// A household and what lines are drawn from.
#[derive(Debug, Subject)]
pub struct Case {
    /// The household.
    pub household: Household,
    /// What holds for everybody.
    #[context]
    pub context: Context,
}

/// A household.
#[derive(Debug, Facts)]
#[table("household")]
pub struct Household {
    /// Net income per head of the year: held against every line that is drawn.
    #[fact("income.net-per-head", monotone = "decreasing")]
    pub income: Fen,
    /// Whether somebody is able to work.
    #[fact("household.able-to-work")]
    pub able_to_work: State<bool>,
    /// Whether it wants to work its way out.
    #[fact("household.willing", monotone = "increasing")]
    pub willing: State<bool>,
    /// Whether its village is a key village on the day.
    #[fact("household.in-key-village", monotone = "increasing")]
    pub in_key_village: State<bool>,
    /// Net income per head of its village, where the key villages are drawn by a line too.
    #[fact("household.village-income", monotone = "decreasing")]
    pub village_income: State<Fen>,
}

/// What holds for everybody.
#[derive(Debug, Facts)]
#[table("group")]
pub struct Context {
    /// Rural net income per head, as published: never computed from the registered poor.
    #[fact("group.rural-mean-income")]
    pub mean: State<Fen>,
}
