//! The credit file of a household (S0.6): found when it is asked for, kept nowhere.

use super::Standing;
use crate::{
    record::{Blacklisting, Loan, LoanStage},
    value::{Date, Fen, RecordId},
};

/// What a household has borrowed, how it kept that, and whether it is helped no further.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreditFile {
    /// Its loans, by day of disbursement; those that were not disbursed last.
    pub loans: Vec<CreditLine>,
    /// What it owes, principal and interest of all loans.
    pub owed: Fen,
    /// Its blacklistings, and whether each is in force on the day.
    pub blacklistings: Vec<(RecordId, bool)>,
}

/// A loan in a credit file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreditLine {
    /// The loan.
    pub loan: RecordId,
    /// What was lent.
    pub amount: Fen,
    /// The day; none where it was not disbursed.
    pub disbursed_on: Option<Date>,
    /// How it was kept.
    pub kept: Kept,
    /// What is owed, principal and interest.
    pub owed: Fen,
}

/// How a loan was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// It was not disbursed.
    NotLent,
    /// It runs, and all that was due was paid on its day.
    Running,
    /// It runs; something was paid after its day.
    RunningLate,
    /// Something is overdue.
    Overdue,
    /// It was repaid, everything on its day.
    OnTime,
    /// It was repaid, something after its day.
    Late,
    /// It was not repaid, with an excuse that was accepted.
    ExcusedDefault,
    /// It was not repaid, without an excuse.
    Defaulted,
}

impl Kept {
    /// The word for it on the command line and in files.
    pub fn code(self) -> &'static str {
        match self {
            Self::NotLent => "not-lent",
            Self::Running => "running",
            Self::RunningLate => "running-late",
            Self::Overdue => "overdue",
            Self::OnTime => "on-time",
            Self::Late => "late",
            Self::ExcusedDefault => "excused-default",
            Self::Defaulted => "defaulted",
        }
    }
}

impl CreditFile {
    /// Whether a blacklisting is in force.
    pub fn is_blacklisted(&self) -> bool {
        self.blacklistings.iter().any(|(_, in_force)| *in_force)
    }
}

/// The credit file of one household from its loans and blacklistings, as they stand on a day.
pub fn credit<'a>(
    loans: impl IntoIterator<Item = (RecordId, &'a Loan)>,
    blacklistings: impl IntoIterator<Item = (RecordId, &'a Blacklisting)>,
    on: Date,
) -> CreditFile {
    let loans = loans.into_iter();
    let mut loans: Vec<CreditLine> = loans.map(|(id, loan)| line(id, loan, on)).collect();
    loans.sort_by_key(|line| (line.disbursed_on.is_none(), line.disbursed_on, line.loan));
    let blacklistings = blacklistings.into_iter();
    CreditFile {
        owed: Fen(loans.iter().map(|line| line.owed.0).sum()),
        loans,
        blacklistings: blacklistings
            .map(|(id, own)| (id, own.is_in_force(on)))
            .collect(),
    }
}

fn line(id: RecordId, loan: &Loan, on: Date) -> CreditLine {
    let standing = Standing::of(loan, on);
    CreditLine {
        loan: id,
        amount: loan.amount,
        disbursed_on: loan.step(LoanStage::Disbursed).map(|step| step.on),
        kept: standing
            .as_ref()
            .map_or(Kept::NotLent, |standing| kept(loan, standing)),
        owed: standing.map_or(Fen::ZERO, |standing| standing.owed()),
    }
}

fn kept(loan: &Loan, standing: &Standing) -> Kept {
    if let Some(default) = loan.step(LoanStage::Defaulted) {
        return match default.excuse {
            Some(_) => Kept::ExcusedDefault,
            None => Kept::Defaulted,
        };
    }
    let was_late = standing.first_overdue.is_some();
    match (loan.has_reached(LoanStage::Repaid), was_late) {
        (true, false) => Kept::OnTime,
        (true, true) => Kept::Late,
        (false, _) if standing.is_overdue() => Kept::Overdue,
        (false, false) => Kept::Running,
        (false, true) => Kept::RunningLate,
    }
}
