//! What is on an account.

use lika_core::{
    record::{Body, Index, Key, Transfer},
    value::{Fen, RecordId},
};

use super::{Caller, Error, Gateway};

/// What is on an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Balance {
    /// What the posted transfers leave on it; below nothing only where the account is external.
    pub balance: Fen,
    /// What of it is owed already: the open commitments without what was settled.
    pub committed: Fen,
}

impl Gateway {
    /// What is on an account that the caller may read.
    pub fn balance(&self, caller: &Caller, account: &RecordId) -> Result<Balance, Error> {
        let Body::Account(_) = self.get(caller, account, None)?.record.body else {
            return Err(Error::NotFound(*account));
        };
        let mut committed = 0_i64;
        for (id, body) in self.open_bodies(&Key::record(Index::CommitmentsOfAccount, account))? {
            let Body::Commitment(commitment) = body else {
                continue;
            };
            let settlements =
                self.open_bodies(&Key::record(Index::SettlementsOfCommitment, &id))?;
            let settlements: Vec<Transfer> = settlements
                .into_iter()
                .filter_map(|(_, body)| match body {
                    Body::Transfer(transfer) => Some(transfer),
                    _ => None,
                })
                .collect();
            committed = committed.saturating_add(commitment.outstanding(&settlements).get());
        }
        Ok(Balance {
            balance: self.inner.reader.balance(account)?,
            committed: Fen(committed),
        })
    }

    /// What the open records under a key say. Asks nobody's permission: whoever may read an account may know its sums.
    fn open_bodies(&self, key: &Key) -> Result<Vec<(RecordId, Body)>, Error> {
        let mut bodies = Vec::new();
        for id in self.inner.reader.find(key)? {
            let stored = self.inner.reader.get(&id)?;
            let record = stored.and_then(|stored| stored.into_record());
            bodies.extend(record.map(|record| (id, record.body)));
        }
        Ok(bodies)
    }
}
