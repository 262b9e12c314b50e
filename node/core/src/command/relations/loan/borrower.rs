//! Who borrows and who guarantees: alive, not blacklisted, and two people.

use super::{Change, Check, Found, blacklisting, current};
use crate::{
    command::{
        ChangeError, LoanRefusal, Refusal, Registry,
        relations::{Kind, Result, malformed},
    },
    record::{Body, Index, Key, Loan, LoanStep, Member, Record},
    value::{Date, Fen, RecordId},
};

impl<R: Registry> Change<'_, R> {
    /// Somebody alive, who is not blacklisted, with a guarantor who is not the one who borrows.
    pub(super) fn may_borrow(&self, on: Date) -> Result<R> {
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

    pub(super) fn borrower_lives(&self) -> Result<R> {
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

    pub(super) fn guarantor_does_not_approve(&self, step: &LoanStep) -> Check {
        match &self.loan.guarantor {
            Some(guarantor) if step.by.cadre.as_ref() == Some(guarantor) => {
                Err(LoanRefusal::GuarantorApproves(*guarantor).into())
            }
            _ => Ok(()),
        }
    }
}
