//! What the policy reads.

use lika_sdk::{Facts, Fen, Ppm, State, Subject};

/// An application.
#[derive(Debug, Subject)]
pub struct Case {
    /// The loan that waits for its approval.
    pub application: Application,
}

/// A loan that waits for its approval.
#[derive(Debug, Facts)]
#[table("application")]
pub struct Application {
    /// What is asked for.
    #[fact("application.amount")]
    pub amount: Fen,
    /// For how many months.
    #[fact("application.months", monotone = "decreasing")]
    pub months: i64,
    /// A year's rate.
    #[fact("application.rate", monotone = "decreasing")]
    pub rate: Ppm,
    /// Whether a cadre guarantees it.
    #[fact("application.guarantor", monotone = "increasing")]
    pub guarantor: bool,
    /// Whether that cadre is a helper of the household; absent where nobody guarantees it.
    #[fact("application.guarantor-helps", monotone = "increasing")]
    pub guarantor_helps: State<bool>,
    /// How much the lender lends for what is in the fund; absent where no fund stands behind it.
    #[fact("application.leverage")]
    pub leverage: State<Ppm>,
    /// What the household owes and asks for besides.
    #[fact("application.owed", monotone = "decreasing")]
    pub owed: Fen,
    /// Whether something else is overdue.
    #[fact("application.overdue", monotone = "decreasing")]
    pub overdue: bool,
    /// Loans that the household has not repaid without an excuse.
    #[fact("application.defaults", monotone = "decreasing")]
    pub defaults: i64,
    /// Whether the household is blacklisted.
    #[fact("application.blacklisted", monotone = "decreasing")]
    pub blacklisted: bool,
}
