//! Why a change of a guarantee fund, a loan or a blacklisting is refused.

use thiserror::Error;

use crate::{
    log::Kind,
    record::LoanStage,
    value::{Code, Date, Fen, RecordId},
};

/// Why a change about loans is refused. [`LoanRefusal::code`] is stable.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum LoanRefusal {
    /// Nothing is lent to the dead, nor to a household that has ended.
    #[error(
        "the {} {id} has ended{}; nothing is lent to it",
        kind.label(),
        reason.as_ref().map_or(String::new(), |reason| format!(" ({reason})"))
    )]
    BorrowerGone {
        /// Household or member.
        kind: Kind,
        /// Which.
        id: RecordId,
        /// Code list member-end-reason, of a member.
        reason: Option<Code>,
    },
    /// S0.6: no further help.
    #[error("blacklisting {0} is in force; nothing is lent while it is")]
    Blacklisted(RecordId),
    /// Nobody answers for himself.
    #[error("cadre {0} cannot guarantee it: the guarantor borrows himself")]
    GuarantorBorrows(RecordId),
    /// Nobody approves what he answers for.
    #[error("cadre {0} guarantees this loan; somebody else must approve it")]
    GuarantorApproves(RecordId),
    /// The stages of a loan follow one another.
    #[error(
        "{} does not come next; {}",
        given.code(),
        next(expected)
    )]
    StageSkipped {
        /// What was given.
        given: LoanStage,
        /// What can come next.
        expected: &'static [LoanStage],
    },
    /// Something before what it follows.
    #[error("{field}: {date} is before {last}, the day of what was written down before it")]
    Backdated {
        /// The field.
        field: &'static str,
        /// The day given.
        date: Date,
        /// The day of what it follows.
        last: Date,
    },
    /// The lender would lend more than the fund guarantees.
    #[error(
        "the fund {fund} guarantees {ceiling}, of which {outstanding} is outstanding; that leaves less than {amount}"
    )]
    AboveCeiling {
        /// The guarantee fund.
        fund: RecordId,
        /// What it guarantees.
        ceiling: Fen,
        /// What of it is outstanding.
        outstanding: Fen,
        /// What was to be lent.
        amount: Fen,
    },
    /// Nobody pays what he does not owe.
    #[error(
        "on that day {principal} of the principal and {interest} of interest are owed, no more"
    )]
    BeyondDebt {
        /// Of the principal.
        principal: Fen,
        /// Of the interest.
        interest: Fen,
    },
    /// It is repaid when nothing is owed.
    #[error("{0} is still owed on that day")]
    StillOwed(Fen),
    /// Nothing is overdue on that day.
    #[error("nothing is overdue on {0}")]
    NotOverdue(Date),
    /// What is taken over is interest that was paid.
    #[error(
        "the subsidies would be {subsidised}, more than the interest of {interest} that was paid"
    )]
    BeyondInterest {
        /// What the fund would have taken over.
        subsidised: Fen,
        /// What was paid.
        interest: Fen,
    },
    /// Money that has not moved, went elsewhere or for something else.
    #[error("{field}: transfer {transfer} {problem}")]
    NotPaid {
        /// The field.
        field: &'static str,
        /// The transfer.
        transfer: RecordId,
        /// What speaks against it.
        problem: &'static str,
    },
    /// One fen pays once.
    #[error("transfer {transfer} is of {amount}; with this, loans would count on {counted} of it")]
    BeyondTransfer {
        /// The transfer.
        transfer: RecordId,
        /// What it has moved.
        amount: Fen,
        /// What loans would count on.
        counted: Fen,
    },
    /// What a loan rests on is not undone.
    #[error("loan {0} counts on this transfer; it is not reversed")]
    CountedOn(RecordId),
    /// An account guarantees once.
    #[error("account {account} is deposited for the guarantee fund {fund} already")]
    AlreadyDeposited {
        /// The account.
        account: RecordId,
        /// The fund.
        fund: RecordId,
    },
    /// A fund is closed after its loans.
    #[error("the guarantee fund still stands behind {loans} loans; they end first")]
    StillGuarantees {
        /// How many.
        loans: usize,
    },
    /// What was lent is not undone by closing.
    #[error("the loan was disbursed; it ends when it is repaid, and is never closed")]
    Disbursed,
    /// Nobody is blacklisted for a default that was excused, or that there is none of.
    #[error("loan {0} has no default without an excuse")]
    NotInDefault(RecordId),
}

impl LoanRefusal {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::BorrowerGone { .. } => "borrower-gone",
            Self::Blacklisted(_) => "blacklisted",
            Self::GuarantorBorrows(_) => "guarantor-borrows",
            Self::GuarantorApproves(_) => "guarantor-approves",
            Self::StageSkipped { .. } => "loan-stage-skipped",
            Self::Backdated { .. } => "loan-backdated",
            Self::AboveCeiling { .. } => "above-ceiling",
            Self::BeyondDebt { .. } => "beyond-debt",
            Self::StillOwed(_) => "still-owed",
            Self::NotOverdue(_) => "not-overdue",
            Self::BeyondInterest { .. } => "beyond-interest",
            Self::NotPaid { .. } => "not-paid-by-fund",
            Self::BeyondTransfer { .. } => "beyond-transfer",
            Self::CountedOn(_) => "counted-on",
            Self::AlreadyDeposited { .. } => "already-deposited",
            Self::StillGuarantees { .. } => "still-guarantees",
            Self::Disbursed => "loan-disbursed",
            Self::NotInDefault(_) => "not-in-default",
        }
    }
}

fn next(expected: &[LoanStage]) -> String {
    match expected {
        [] => "the loan is over".to_owned(),
        stages => {
            let codes: Vec<_> = stages.iter().map(|stage| stage.code()).collect();
            format!("that is {}", codes.join(" or "))
        }
    }
}
