//! What must hold between loans, who borrows, who guarantees, and the funds behind them.

mod blacklisting;
mod borrower;
mod fund;
mod payments;

use super::{
    Circumstances, Kind, Result, approval, has_come, household_here, in_force, in_village,
    malformed, reads, refers,
};
use crate::{
    command::{ChangeError, LoanRefusal, Refusal, Registry},
    loan::Standing,
    record::{Approval, Body, Fault, GuaranteeFund, Loan, LoanStage, LoanStep, Problem, Record},
    value::{ActorId, Date, Fen, RecordId},
};

pub(super) use self::payments::check_reversed;

type Found<R, T> = std::result::Result<T, ChangeError<<R as Registry>::Error>>;
type Check = std::result::Result<(), Refusal>;

/// Holds a guarantee fund, a loan or a blacklisting against the others.
pub(super) fn check<R: Registry>(
    registry: &R,
    before: Option<&Record>,
    after: &Record,
    actor: ActorId,
    circumstances: &Circumstances,
) -> Result<R> {
    match &after.body {
        Body::GuaranteeFund(fund) => fund::check(registry, before, after, fund),
        Body::Loan(loan) => check_loan(registry, before, after, loan, actor, circumstances),
        Body::Blacklisting(own) => {
            blacklisting::check(registry, before, after, own, actor, circumstances)
        }
        _ => Ok(()),
    }
}

/// Stages, repayments and subsidies are added one after the other by whoever writes them down; what was applied for and
/// what has happened stays.
fn check_loan<R: Registry>(
    registry: &R,
    before: Option<&Record>,
    after: &Record,
    loan: &Loan,
    actor: ActorId,
    circumstances: &Circumstances,
) -> Result<R> {
    in_village(after)?;
    let known = match before.map(|record| &record.body) {
        Some(Body::Loan(known)) => Some(known),
        _ => None,
    };
    if let Some(known) = known {
        stays(known, loan)?;
    }
    if after.closed {
        return Ok(withdrawn(known, loan)?);
    }
    let change = Change {
        registry,
        after,
        loan,
        known,
        actor,
        circumstances,
    };
    change.order()?;
    if known.is_none() {
        change.application()?;
    }
    change.repayments()?;
    for step in change.new_steps() {
        change.step(step)?;
    }
    change.subsidies()?;
    change.recourse()
}

/// What a later version of a loan leaves as it is.
fn stays(known: &Loan, loan: &Loan) -> Check {
    if let Some(field) = known.altered(loan) {
        let problem = "stays what was applied for; close this application and make another";
        return Err(malformed(field, problem));
    }
    let kept = [
        ("steps", loan.steps.starts_with(&known.steps)),
        ("repayments", loan.repayments.starts_with(&known.repayments)),
        ("subsidies", loan.subsidies.starts_with(&known.subsidies)),
        (
            "recourse",
            known.recourse.is_none() || known.recourse == loan.recourse,
        ),
    ];
    match kept.into_iter().find(|(_, kept)| !kept) {
        Some((field, _)) => Err(malformed(field, "stays as it was written down")),
        None => Ok(()),
    }
}

/// An application is closed as it is, when it was withdrawn or turned down; what was lent is not undone so.
fn withdrawn(known: Option<&Loan>, loan: &Loan) -> Check {
    if loan.has_reached(LoanStage::Disbursed) {
        return Err(LoanRefusal::Disbursed.into());
    }
    if known != Some(loan) {
        return Err(malformed("steps", "stay as they were when it is closed"));
    }
    Ok(())
}

/// A loan as it shall stand, beside how it stood.
struct Change<'a, R> {
    registry: &'a R,
    after: &'a Record,
    loan: &'a Loan,
    known: Option<&'a Loan>,
    actor: ActorId,
    circumstances: &'a Circumstances,
}

impl<R: Registry> Change<'_, R> {
    fn reached(&self) -> usize {
        self.known.map_or(0, |known| known.steps.len())
    }

    fn new_steps(&self) -> impl Iterator<Item = &LoanStep> {
        self.loan.steps.iter().skip(self.reached())
    }

    /// No stage is skipped or backdated, and an application stands by itself: whoever approves it has to have seen it.
    fn order(&self) -> Check {
        let mut expected: &[LoanStage] = &[LoanStage::Applied];
        let mut last: Option<Date> = None;
        for step in &self.loan.steps {
            let given = step.stage;
            if !expected.contains(&given) {
                return Err(LoanRefusal::StageSkipped { given, expected }.into());
            }
            not_before("steps.on", step.on, last)?;
            expected = given.followed_by();
            last = Some(step.on);
        }
        match (self.known, &self.loan.steps[..]) {
            (Some(_), _) | (None, [_]) => Ok(()),
            (None, []) => Err(Fault::new("steps", Problem::Missing).into()),
            (None, [_, second, ..]) => Err(LoanRefusal::StageSkipped {
                given: second.stage,
                expected: &[LoanStage::Applied],
            }
            .into()),
        }
    }

    fn application(&self) -> Result<R> {
        let Self {
            registry,
            after,
            loan,
            ..
        } = self;
        self.borrower_lives()?;
        household_here(*registry, after, &loan.household)?;
        fund::is_lender(*registry, &loan.lender)?;
        if let Some(guarantor) = &loan.guarantor {
            refers(*registry, "guarantor", Kind::Cadre, guarantor)?;
        }
        match &loan.fund {
            Some(fund) => self.fund(fund).map(drop),
            None => Ok(()),
        }
    }

    fn step(&self, step: &LoanStep) -> Result<R> {
        has_come("steps.on", step.on, self.circumstances)?;
        in_person(self.registry, &step.by, self.actor)?;
        let paid = self.known.and_then(|known| known.repayments.last());
        not_before("steps.on", step.on, paid.map(|paid| paid.on))?;
        let another = step.stage.written_by_another_than();
        if let Some(other) = another.and_then(|stage| self.loan.step(stage))
            && step.by.is_of_same_person(&other.by)
        {
            return Err(Refusal::SamePerson(other.by.officer).into());
        }
        match step.stage {
            LoanStage::Applied => self.may_borrow(step.on),
            LoanStage::Approved => {
                self.may_borrow(step.on)?;
                self.guarantor_does_not_approve(step)?;
                in_force::granted(
                    self.registry,
                    "loan",
                    self.after,
                    step.decision.as_ref(),
                    self.circumstances,
                )
                .map(drop)
            }
            LoanStage::Disbursed => {
                self.may_borrow(step.on)?;
                self.has_an_end(step.on)?;
                self.below_ceiling()
            }
            LoanStage::Overdue | LoanStage::Defaulted => Ok(self.is_overdue(step.on)?),
            LoanStage::Recourse => Ok(()),
            LoanStage::Repaid => Ok(self.is_repaid(step.on)?),
        }
    }

    fn has_an_end(&self, from: Date) -> Check {
        match self.loan.terms().last_day(from) {
            Some(_) => Ok(()),
            None => Err(malformed("months", "end after the calendar does")),
        }
    }

    /// What the lender waits for, with this loan, is no more than the fund guarantees with what is on its accounts now.
    fn below_ceiling(&self) -> Result<R> {
        let Some(id) = &self.loan.fund else {
            return Ok(());
        };
        let fund = self.fund(id)?;
        let deposited = fund::deposited(self.registry, &fund)?;
        let ceiling = fund.ceiling(deposited);
        let outstanding = fund::outstanding(self.registry, id, &self.after.id)?;
        let amount = self.loan.amount;
        // Too large to add up is too large for any fund.
        if outstanding
            .checked_add(amount)
            .is_ok_and(|sum| sum <= ceiling)
        {
            return Ok(());
        }
        Err(LoanRefusal::AboveCeiling {
            fund: *id,
            ceiling,
            outstanding,
            amount,
        }
        .into())
    }

    /// The fund stands around the household and is deposited with the lender.
    fn fund(&self, id: &RecordId) -> Found<R, GuaranteeFund> {
        let record = reads(self.registry, "fund", Kind::GuaranteeFund, id)?;
        if !record.area.contains(&self.after.area) {
            return Err(Refusal::OtherArea {
                current: record.area,
                wanted: self.after.area,
            }
            .into());
        }
        match record.body {
            Body::GuaranteeFund(fund) if fund.lender == self.loan.lender => Ok(fund),
            _ => Err(malformed("fund", "is not deposited with this lender").into()),
        }
    }

    fn standing(&self, on: Date) -> std::result::Result<Standing, Refusal> {
        // Before the disbursement nothing is owed, and stages come in order.
        Standing::of(self.loan, on).ok_or_else(|| malformed("on", "is before the disbursement"))
    }

    fn is_overdue(&self, on: Date) -> Check {
        match self.standing(on)?.is_overdue() {
            true => Ok(()),
            false => Err(LoanRefusal::NotOverdue(on).into()),
        }
    }

    fn is_repaid(&self, on: Date) -> Check {
        if let Some(last) = self.loan.repayments.last() {
            not_before("steps.on", on, Some(last.on))?;
        }
        match self.standing(on)?.owed() {
            Fen::ZERO => Ok(()),
            owed => Err(LoanRefusal::StillOwed(owed).into()),
        }
    }
}

fn not_before(field: &'static str, date: Date, last: Option<Date>) -> Check {
    match last.filter(|last| date < *last) {
        Some(last) => Err(LoanRefusal::Backdated { field, date, last }.into()),
        None => Ok(()),
    }
}

fn writes_in_person(officer: &RecordId, actor: ActorId) -> Check {
    if officer.0 == actor.0 {
        return Ok(());
    }
    Err(Refusal::NotTheApprover)
}

/// Whoever writes it down is the officer named, with that officer's cadre.
fn in_person<R: Registry>(registry: &R, by: &Approval, actor: ActorId) -> Result<R> {
    approval::in_person(registry, ["officer", "cadre"], by, actor)
}

fn current<R: Registry>(registry: &R, id: &RecordId) -> Found<R, Option<Record>> {
    registry.current(id).map_err(ChangeError::Registry)
}
