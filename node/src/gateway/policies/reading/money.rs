//! The records that money is told from. A fund of the county pays households of its villages, and gives to theirs, so
//! what is asked of an area may stand above it: all of the ledger is read, and what is of another year left out.

use std::collections::{BTreeMap, BTreeSet};

use lika_core::{
    log::Kind,
    record::{Body, Record},
    value::{AreaCode, Date, RecordId},
};

use super::{Error, Snapshot};
use crate::policy::facts::records::{Found, Records, Sources};

impl Snapshot<'_> {
    /// Reads accounts, and what moved on them in the day's year.
    pub(super) fn read_money(
        &self,
        records: &mut Records,
        sources: Sources,
        on: Date,
    ) -> Result<(), Error> {
        let everywhere = &AreaCode::NATION;
        self.each(Kind::Account, everywhere, |id, area, body| {
            if let Body::Account(body) = body {
                records.accounts.insert(id, Found { id, area, body });
            }
        })?;
        if sources.funds {
            self.each(Kind::Transfer, everywhere, |_, _, body| {
                if let Body::Transfer(transfer) = body {
                    records.add_transfer(transfer, on);
                }
            })?;
            self.read_sponsors(records)?;
        }
        if sources.payments {
            let mut returns = BTreeMap::new();
            self.each(Kind::PaymentReturn, everywhere, |_, _, body| {
                if let Body::PaymentReturn(returned) = body {
                    returns.insert(returned.batch, returned);
                }
            })?;
            let mut batches = BTreeMap::new();
            self.each(Kind::PaymentBatch, everywhere, |id, _, body| {
                if let Body::PaymentBatch(batch) = body {
                    batches.insert(id, batch);
                }
            })?;
            records.add_batches(&batches, &returns, on);
        }
        Ok(())
    }

    /// Sponsoring units that stand above the area: a village's are mostly the county's.
    fn read_sponsors(&self, records: &mut Records) -> Result<(), Error> {
        let known: BTreeSet<RecordId> = records.units.iter().map(|unit| unit.id).collect();
        let seats = records.teams.iter().flat_map(|team| &team.body.seats);
        let sponsors = seats.filter(|seat| seat.role.as_str() == "sponsor");
        let missing: BTreeSet<RecordId> = sponsors
            .map(|seat| seat.holder)
            .filter(|holder| !known.contains(holder))
            .collect();
        for id in missing {
            if let Some(Record {
                area,
                body: Body::Unit(body),
                ..
            }) = self.get(&id)?
            {
                records.units.push(Found { id, area, body });
            }
        }
        Ok(())
    }
}
