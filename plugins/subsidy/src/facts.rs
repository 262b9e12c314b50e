//! What the policy reads.

use lika_sdk::{Facts, Fen, Ppm, Subject};

/// A loan.
#[derive(Debug, Subject)]
pub struct Case {
    /// The loan that was disbursed.
    pub loan: Loan,
}

/// A loan that was disbursed.
#[derive(Debug, Facts)]
#[table("loan")]
pub struct Loan {
    /// A year's rate.
    #[fact("loan.rate")]
    pub rate: Ppm,
    /// Whether a guarantee fund stands behind it.
    #[fact("loan.guaranteed", monotone = "increasing")]
    pub guaranteed: bool,
    /// The interest that was paid.
    #[fact("loan.interest-paid", monotone = "increasing")]
    pub interest_paid: Fen,
    /// The interest until the loan was overdue for the first time.
    #[fact("loan.interest-until-overdue", monotone = "increasing")]
    pub until_overdue: Fen,
    /// What the fund has taken over so far.
    #[fact("loan.subsidised")]
    pub subsidised: Fen,
    /// Whether the household is blacklisted.
    #[fact("loan.blacklisted", monotone = "decreasing")]
    pub blacklisted: bool,
}
