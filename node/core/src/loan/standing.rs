//! How a loan stands on a day.

use super::{Course, Instalment};
use crate::{
    record::{Loan, LoanStage},
    value::{Date, Fen},
};

/// How a loan stands on a day, after what was paid until then, that day included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// What of the principal has not come back.
    pub principal_owed: Fen,
    /// What of the interest has not been paid.
    pub interest_owed: Fen,
    /// The interest that has accrued until the day.
    pub interest_accrued: Fen,
    /// The interest that was paid.
    pub interest_paid: Fen,
    /// What was due on an earlier day and has not been paid, principal and interest together.
    pub overdue: Fen,
    /// The day on which the earliest of it was due.
    pub overdue_since: Option<Date>,
    /// The first day on which something was due and was not paid by its end, settled since or not.
    pub first_overdue: Option<Date>,
    /// The interest that had accrued until the loan was overdue for the first time; all of it where it never was.
    pub interest_until_overdue: Fen,
}

impl Standing {
    /// How a loan stands on a day; none before it was disbursed.
    ///
    /// No interest accrues after the recourse to the fund: the lender's claim is settled on that day.
    pub fn of(loan: &Loan, on: Date) -> Option<Self> {
        let from = loan.step(LoanStage::Disbursed)?.on;
        if on < from {
            return None;
        }
        Some(Ledger::of(loan, from).on(on))
    }

    /// What is owed, principal and interest together.
    pub fn owed(&self) -> Fen {
        Fen(self.principal_owed.0 + self.interest_owed.0)
    }

    /// Whether something was due on an earlier day and has not been paid.
    pub fn is_overdue(&self) -> bool {
        self.overdue_since.is_some()
    }
}

/// What was agreed beside what was paid.
struct Ledger<'a> {
    loan: &'a Loan,
    course: Course,
    schedule: Vec<Instalment>,
    /// The day from which no interest accrues any more.
    settled: Option<Date>,
}

impl<'a> Ledger<'a> {
    fn of(loan: &'a Loan, from: Date) -> Self {
        let terms = loan.terms();
        let paid = loan.repayments.iter();
        let course = Course {
            from,
            amount: terms.amount,
            rate: terms.rate,
            paid: paid.map(|paid| (paid.on, paid.principal)).collect(),
        };
        Self {
            loan,
            course,
            schedule: terms.schedule(from),
            settled: loan.step(LoanStage::Recourse).map(|step| step.on),
        }
    }

    fn on(&self, on: Date) -> Standing {
        let (principal_paid, interest_paid) = self.paid_by(on);
        let interest_accrued = self.accrued(on);
        let mut standing = Standing {
            principal_owed: Fen(self.loan.amount.0 - principal_paid.0),
            interest_owed: Fen(interest_accrued.0 - interest_paid.0),
            interest_accrued,
            interest_paid,
            overdue: Fen::ZERO,
            overdue_since: None,
            first_overdue: None,
            interest_until_overdue: interest_accrued,
        };
        let mut principal_due = Fen::ZERO;
        for (place, instalment) in self.schedule.iter().enumerate() {
            let due = instalment.due;
            if on <= due {
                break;
            }
            principal_due = Fen(principal_due.0 + instalment.principal.0);
            // After the last day every day's interest is due at once.
            let is_last = place + 1 == self.schedule.len();
            let interest_due = self.accrued(if is_last { on } else { due });
            let left =
                missing(principal_due, principal_paid) + missing(interest_due, interest_paid);
            standing.overdue = Fen(left);
            if left > 0 {
                standing.overdue_since.get_or_insert(due);
            }
            let (principal, interest) = self.paid_by(due);
            if principal < principal_due || interest < self.accrued(due) {
                standing.first_overdue.get_or_insert(due);
            }
        }
        if let Some(day) = standing.first_overdue {
            standing.interest_until_overdue = self.accrued(day);
        }
        standing
    }

    fn accrued(&self, on: Date) -> Fen {
        let until = self.settled.map_or(on, |settled| settled.min(on));
        self.course.accrued(until)
    }

    /// Principal and interest that were paid by the end of a day.
    fn paid_by(&self, on: Date) -> (Fen, Fen) {
        let paid = self.loan.repayments.iter().filter(|paid| paid.on <= on);
        paid.fold((Fen::ZERO, Fen::ZERO), |(principal, interest), paid| {
            (
                Fen(principal.0 + paid.principal.0),
                Fen(interest.0 + paid.interest.0),
            )
        })
    }
}

fn missing(due: Fen, paid: Fen) -> i64 {
    (due.0 - paid.0).max(0)
}
