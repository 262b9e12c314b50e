//! What comes back, and what the fund pays: no fen more than is owed, and each by money that has moved.

use super::{Change, Found, current, not_before, writes_in_person};
use crate::{
    command::{
        ChangeError, LoanRefusal, PolicyRefusal, Refusal, Registry,
        relations::{Kind, Result, has_come, in_force, malformed, reads},
    },
    loan::Standing,
    record::{Body, Fault, Index, Key, Loan, LoanStage, Problem, Record, Transfer},
    value::{Fen, RecordId},
};

impl<R: Registry> Change<'_, R> {
    /// Each is no more than is owed on its day, after those before it.
    pub(super) fn repayments(&self) -> Result<R> {
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
    pub(super) fn subsidies(&self) -> Result<R> {
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
                    return Err(PolicyRefusal::BeyondGrant {
                        component: granted.component,
                        granted: amount,
                        wanted: subsidised,
                    }
                    .into());
                }
            }
            self.paid_by_fund("subsidies.transfer", &subsidy.transfer, "interest-subsidy")?;
        }
        Ok(())
    }

    /// The fund pays no more than the household owes on the day.
    pub(super) fn recourse(&self) -> Result<R> {
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
pub(in crate::command::relations) fn check_reversed<R: Registry>(
    registry: &R,
    transfer: &RecordId,
) -> Result<R> {
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
