//! What must hold between loans, who borrows, who guarantees, and the funds behind them.

use super::{
    Circumstances, Kind, Result, has_come, household_here, in_force, in_village, malformed, reads,
    refers,
};
use crate::{
    command::{ChangeError, LoanRefusal, Refusal, Registry},
    loan::Standing,
    record::{
        Approval, Body, Fault, GuaranteeFund, Index, Key, Loan, LoanStage, LoanStep, Member,
        Problem, Record, Transfer,
    },
    value::{ActorId, Date, Fen, RecordId},
};

mod blacklisting;
mod fund;

pub(super) use self::{blacklisting::check as check_blacklisting, fund::check as check_fund};

type Found<R, T> = std::result::Result<T, ChangeError<<R as Registry>::Error>>;
type Check = std::result::Result<(), Refusal>;

/// Stages, repayments and subsidies are added one after the other by whoever writes them down; what was applied for and
/// what has happened stays.
pub(super) fn check<R: Registry>(
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
                self.guarantor_does_not(step)?;
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

    /// Somebody alive, who is not blacklisted, with a guarantor who is not the one who borrows.
    fn may_borrow(&self, on: Date) -> Result<R> {
        self.borrower_lives()?;
        let Loan {
            household, member, ..
        } = self.loan;
        if let Some(own) = blacklisting::in_force(self.registry, household, member.as_ref(), on)? {
            return Err(LoanRefusal::Blacklisted(own).into());
        }
        match &self.loan.guarantor {
            Some(guarantor) => self.guarantor_does_not_borrow(guarantor),
            None => Ok(()),
        }
    }

    fn borrower_lives(&self) -> Result<R> {
        let Loan {
            household, member, ..
        } = self.loan;
        let borrowers = [
            (Kind::Household, Some(household)),
            (Kind::Member, member.as_ref()),
        ];
        for (kind, id) in borrowers {
            let Some(id) = id else { continue };
            let record = current(self.registry, id)?;
            let Some(record) = record.filter(|record| record.body.kind() == kind) else {
                let (field, id) = (kind.label(), *id);
                return Err(Refusal::NoSuchRecord { field, kind, id }.into());
            };
            let until = match &record.body {
                Body::Member(member) => member.until.clone(),
                _ => None,
            };
            if record.closed {
                return Err(LoanRefusal::BorrowerGone {
                    kind,
                    id: *id,
                    reason: until.map(|(_, reason)| reason),
                }
                .into());
            }
            if let Body::Member(member) = &record.body
                && member.household != *household
            {
                return Err(malformed("member", "is not of this household").into());
            }
        }
        Ok(())
    }

    /// Cadres are no members, so the same person is known by name and phone: by either within the household that borrows,
    /// by both in another one, which then must owe nothing itself.
    fn guarantor_does_not_borrow(&self, guarantor: &RecordId) -> Result<R> {
        let Some(Record {
            body: Body::Cadre(cadre),
            ..
        }) = current(self.registry, guarantor)?
        else {
            return Ok(());
        };
        let Some(cadre) = &cadre.identity else {
            return Ok(());
        };
        let same_phone = |member: &Member| {
            let phone = member.identity.as_ref().and_then(|own| own.phone.as_ref());
            phone.is_some() && phone == cadre.phone.as_ref()
        };
        let same_name = |member: &Member| {
            let own = member.identity.as_ref();
            own.is_some_and(|own| own.name == cadre.name)
        };
        let of_household = Key::record(Index::MembersOfHousehold, &self.loan.household);
        let namesakes = Key::blind(Index::MemberName, cadre.name.as_str());
        for key in [of_household, namesakes] {
            let members = self.registry.with_key(&key);
            for id in members.map_err(ChangeError::Registry)? {
                let Some(Record {
                    body: Body::Member(member),
                    ..
                }) = current(self.registry, &id)?
                else {
                    continue;
                };
                let borrows = if member.household == self.loan.household {
                    same_name(&member) || same_phone(&member)
                } else {
                    same_name(&member) && same_phone(&member) && self.owes(&member.household)?
                };
                if borrows {
                    return Err(LoanRefusal::GuarantorBorrows(*guarantor).into());
                }
            }
        }
        Ok(())
    }

    fn owes(&self, household: &RecordId) -> Found<R, bool> {
        let key = Key::record(Index::LoansOfHousehold, household);
        let loans = self.registry.with_key(&key);
        for id in loans.map_err(ChangeError::Registry)? {
            if let Some(Record {
                body: Body::Loan(loan),
                ..
            }) = current(self.registry, &id)?
                && loan.principal_owed() > Fen::ZERO
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn guarantor_does_not(&self, step: &LoanStep) -> Check {
        match &self.loan.guarantor {
            Some(guarantor) if step.by.cadre.as_ref() == Some(guarantor) => {
                Err(LoanRefusal::GuarantorApproves(*guarantor).into())
            }
            _ => Ok(()),
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

    /// Each is no more than is owed on its day, after those before it.
    fn repayments(&self) -> Result<R> {
        let known = self.known.map_or(0, |known| known.repayments.len());
        let Some(disbursed) = self.loan.step(LoanStage::Disbursed) else {
            return match self.loan.repayments.is_empty() {
                true => Ok(()),
                false => Err(malformed("repayments", "come after the disbursement").into()),
            };
        };
        let was_repaid = self
            .known
            .is_some_and(|known| known.has_reached(LoanStage::Repaid));
        for (place, paid) in self.loan.repayments.iter().enumerate().skip(known) {
            has_come("repayments.on", paid.on, self.circumstances)?;
            writes_in_person(&paid.officer, self.actor)?;
            let earlier = &self.loan.repayments[..place];
            let last = earlier.last().map_or(disbursed.on, |last| last.on);
            not_before("repayments.on", paid.on, Some(last))?;
            // What was owed on the day of a stage is what the stage stands on.
            let stages = self.known.and_then(|known| known.steps.last());
            not_before("repayments.on", paid.on, stages.map(|step| step.on))?;
            let before = Loan {
                repayments: earlier.to_vec(),
                ..self.loan.clone()
            };
            let owed = Standing::of(&before, paid.on);
            let (principal, interest) = owed.map_or((Fen::ZERO, Fen::ZERO), |owed| {
                (owed.principal_owed, owed.interest_owed)
            });
            if was_repaid || paid.principal > principal || paid.interest > interest {
                return Err(LoanRefusal::BeyondDebt {
                    principal,
                    interest,
                }
                .into());
            }
        }
        Ok(())
    }

    /// The fund takes over what was paid of the interest, no more than the policy in force grants in all, and by money
    /// that has left it for that.
    fn subsidies(&self) -> Result<R> {
        let known = self.known.map_or(0, |known| known.subsidies.len());
        let mut last = self.loan.step(LoanStage::Disbursed).map(|step| step.on);
        for (place, subsidy) in self.loan.subsidies.iter().enumerate() {
            if place < known {
                last = Some(subsidy.on);
                continue;
            }
            has_come("subsidies.on", subsidy.on, self.circumstances)?;
            writes_in_person(&subsidy.officer, self.actor)?;
            not_before("subsidies.on", subsidy.on, last)?;
            last = Some(subsidy.on);
            let so_far = &self.loan.subsidies[..=place];
            let subsidised = Fen(so_far.iter().map(|it| it.amount.0).sum());
            let paid = Standing::of(self.loan, subsidy.on);
            let interest = paid.map_or(Fen::ZERO, |paid| paid.interest_paid);
            if subsidised > interest {
                return Err(LoanRefusal::BeyondInterest {
                    subsidised,
                    interest,
                }
                .into());
            }
            let named = subsidy.decision.as_ref();
            let granted = in_force::granted(
                self.registry,
                "subsidy",
                self.after,
                named,
                self.circumstances,
            )?;
            if let Some(granted) = granted {
                let amount = granted.decision.amount.unwrap_or(Fen::ZERO);
                if subsidised > amount {
                    return Err(LoanRefusal::BeyondGrant {
                        component: granted.component,
                        granted: amount,
                        subsidised,
                    }
                    .into());
                }
            }
            self.paid_by_fund("subsidies.transfer", &subsidy.transfer, "interest-subsidy")?;
        }
        Ok(())
    }

    /// The fund pays no more than the household owes on the day.
    fn recourse(&self) -> Result<R> {
        let step = self.loan.step(LoanStage::Recourse);
        let (step, recourse) = match (step, &self.loan.recourse) {
            (None, None) => return Ok(()),
            (Some(_), None) => {
                let fault = Fault::new("recourse", Problem::Missing);
                return Err(Refusal::Invalid(fault).into());
            }
            (None, Some(_)) => {
                return Err(malformed("recourse", "is given with the stage recourse").into());
            }
            (Some(step), Some(recourse)) => (step, recourse),
        };
        if self.known.is_some_and(|known| known.recourse.is_some()) {
            return Ok(());
        }
        let owed = self.standing(step.on)?;
        if recourse.amount > owed.owed() {
            return Err(LoanRefusal::BeyondDebt {
                principal: owed.principal_owed,
                interest: owed.interest_owed,
            }
            .into());
        }
        self.paid_by_fund("recourse.transfer", &recourse.transfer, "guarantee-payment")
    }

    /// Money that has left an account of the loan's fund for this use, and that other loans do not count on.
    fn paid_by_fund(&self, field: &'static str, id: &RecordId, used_for: &str) -> Result<R> {
        let not_paid = |problem| LoanRefusal::NotPaid {
            field,
            transfer: *id,
            problem,
        };
        let Some(fund) = &self.loan.fund else {
            return Err(not_paid("is of a fund, and no fund stands behind this loan").into());
        };
        let record = reads(self.registry, field, Kind::Transfer, id)?;
        let Body::Transfer(transfer) = &record.body else {
            return Err(not_paid("is none").into());
        };
        let fund = current(self.registry, fund)?;
        let accounts = match fund.map(|record| record.body) {
            Some(Body::GuaranteeFund(fund)) => fund.accounts,
            _ => Vec::new(),
        };
        if let Some(problem) = speaks_against(transfer, &accounts, used_for) {
            return Err(not_paid(problem).into());
        }
        let key = Key::record(Index::ReversalsOfTransfer, id);
        let reversals = self.registry.with_key(&key);
        if !reversals.map_err(ChangeError::Registry)?.is_empty() {
            return Err(not_paid("is reversed").into());
        }
        let counted = self.loan.counts_on(id).0 + self.others_count_on(id)?.0;
        if counted > transfer.amount.0 {
            return Err(LoanRefusal::BeyondTransfer {
                transfer: *id,
                amount: transfer.amount,
                counted: Fen(counted),
            }
            .into());
        }
        Ok(())
    }

    fn others_count_on(&self, transfer: &RecordId) -> Found<R, Fen> {
        let key = Key::record(Index::LoansOfTransfer, transfer);
        let mut counted = 0_i64;
        let loans = self.registry.with_key(&key);
        for id in loans.map_err(ChangeError::Registry)? {
            if id == self.after.id {
                continue;
            }
            if let Some(Record {
                body: Body::Loan(loan),
                ..
            }) = current(self.registry, &id)?
            {
                counted = counted.saturating_add(loan.counts_on(transfer).0);
            }
        }
        Ok(Fen(counted))
    }
}

/// What loans count on is not undone: their subsidies and recourse would rest on nothing.
pub(super) fn check_reversed<R: Registry>(registry: &R, transfer: &RecordId) -> Result<R> {
    let key = Key::record(Index::LoansOfTransfer, transfer);
    let loans = registry.with_key(&key).map_err(ChangeError::Registry)?;
    match loans.first() {
        Some(loan) => Err(LoanRefusal::CountedOn(*loan).into()),
        None => Ok(()),
    }
}

fn speaks_against(
    transfer: &Transfer,
    accounts: &[RecordId],
    used_for: &str,
) -> Option<&'static str> {
    let is_use = transfer
        .direction
        .used_for()
        .is_some_and(|given| given.as_str() == used_for);
    let problems = [
        (!transfer.is_posted(), "is not posted"),
        (transfer.reverses.is_some(), "is a reversal"),
        (
            !accounts.contains(&transfer.from),
            "does not leave an account of the loan's fund",
        ),
        (!is_use, "is for something else"),
    ];
    let mut problems = problems.into_iter().filter(|(holds, _)| *holds);
    problems.next().map(|(_, problem)| problem)
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
    writes_in_person(&by.officer, actor)?;
    let officer = reads(registry, "officer", Kind::Officer, &by.officer)?;
    match &officer.body {
        Body::Officer(officer) if officer.cadre != by.cadre => {
            Err(malformed("cadre", "is not the cadre of the officer").into())
        }
        _ => Ok(()),
    }
}

fn current<R: Registry>(registry: &R, id: &RecordId) -> Found<R, Option<Record>> {
    registry.current(id).map_err(ChangeError::Registry)
}
