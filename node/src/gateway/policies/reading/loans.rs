//! What stands behind loans: the funds that guarantee them, and the households that they are to.

use std::collections::{BTreeMap, BTreeSet};

use lika_core::{
    log::Kind,
    record::{Body, GuaranteeFund, Index, Key, Record},
    value::RecordId,
};

use super::{Error, Snapshot};
use crate::policy::facts::records::{Borrower, Records};

impl Snapshot<'_> {
    /// The guarantee funds behind loans, which may stand around the area.
    pub(super) fn funds_behind(
        &self,
        records: &Records,
    ) -> Result<BTreeMap<RecordId, GuaranteeFund>, Error> {
        let funds = records.loans.iter().filter_map(|loan| loan.body.fund);
        let funds: BTreeSet<RecordId> = funds.collect();
        let mut found = BTreeMap::new();
        for fund in funds {
            if let Some(Record {
                body: Body::GuaranteeFund(body),
                ..
            }) = self.get(&fund)?
            {
                found.insert(fund, body);
            }
        }
        Ok(found)
    }

    /// The households that loans are to. Who has moved has loans and blacklistings in other areas too, so they are looked
    /// up by household.
    pub(super) fn borrowers(
        &self,
        records: &Records,
    ) -> Result<BTreeMap<RecordId, Borrower>, Error> {
        let mut borrowers: BTreeMap<RecordId, Borrower> = BTreeMap::new();
        for loan in &records.loans {
            borrowers.entry(loan.body.household).or_default();
        }
        for (household, borrower) in &mut borrowers {
            if let Some(Record {
                body: Body::Household(body),
                ..
            }) = self.get(household)?
            {
                borrower.household_type = Some(body.household_type);
            }
            for index in [Index::LoansOfHousehold, Index::BlacklistingsOfHousehold] {
                for record in self.find(&Key::record(index, household))? {
                    borrower.take(record);
                }
            }
        }
        for kind in [Kind::Loan, Kind::Blacklisting] {
            for record in self.since(kind)? {
                let household = match &record.body {
                    Body::Loan(loan) => loan.household,
                    Body::Blacklisting(own) => own.household,
                    _ => continue,
                };
                if let Some(borrower) = borrowers.get_mut(&household) {
                    borrower.take(record);
                }
            }
        }
        Ok(borrowers)
    }
}

impl Borrower {
    fn take(&mut self, record: Record) {
        match record.body {
            Body::Loan(loan) => {
                self.loans.insert(record.id, loan);
            }
            Body::Blacklisting(own) => {
                self.blacklistings.insert(record.id, own);
            }
            _ => {}
        }
    }
}
