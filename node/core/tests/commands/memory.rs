//! A registry in memory: small enough to be seen to be right.

use std::{collections::BTreeMap, convert::Infallible};

use lika_core::{
    command::Registry,
    log::{Draft, Kind},
    record::{Body, Key, Parts, Record, Term},
    value::{AreaCode, Fen, RecordId},
};

#[derive(Clone, Default)]
pub struct Memory(BTreeMap<RecordId, Record>);

impl Memory {
    pub fn get(&self, id: RecordId) -> &Record {
        &self.0[&id]
    }

    /// A record as it stands, where there is one.
    pub fn find(&self, id: RecordId) -> Option<Record> {
        self.0.get(&id).cloned()
    }

    /// Whether both hold the same.
    pub fn same(&self, other: &Self) -> bool {
        self.0 == other.0
    }

    fn open_records(&self) -> impl Iterator<Item = &Record> {
        self.0.values().filter(|record| !record.closed)
    }
}

impl Registry for Memory {
    type Error = Infallible;

    fn current(&self, id: &RecordId) -> Result<Option<Record>, Infallible> {
        Ok(self.0.get(id).cloned())
    }

    fn with_key(&self, key: &Key) -> Result<Vec<RecordId>, Infallible> {
        let found = |record: &&Record| record.body.keys().iter().any(|own| answers(own, key));
        Ok(self
            .open_records()
            .filter(found)
            .map(|record| record.id)
            .collect())
    }

    fn in_area(&self, kind: Kind, area: &AreaCode) -> Result<Vec<RecordId>, Infallible> {
        let found = |record: &&Record| record.body.kind() == kind && area.contains(&record.area);
        Ok(self
            .open_records()
            .filter(found)
            .map(|record| record.id)
            .collect())
    }

    /// Added up anew every time.
    fn balance(&self, account: &RecordId) -> Result<Fen, Infallible> {
        let postings = self
            .open_records()
            .flat_map(|record| record.body.postings());
        let own = postings.filter(|posting| posting.account == *account);
        Ok(Fen(own.map(|posting| posting.amount.0).sum()))
    }

    /// Keeps what the log would give back, and checks that this is the state that was decided.
    fn stage(
        &mut self,
        before: Option<&Record>,
        after: &Record,
        draft: &Draft,
    ) -> Result<(), Infallible> {
        assert_eq!(before, self.0.get(&after.id));
        let parts = Parts {
            open: draft.open.clone(),
            sealed: draft
                .sealed
                .iter()
                .map(|part| (part.class, part.content.clone()))
                .collect(),
        };
        let body = Body::from_parts(draft.kind, &parts).unwrap();
        assert_eq!(body, after.body, "the draft must give back the state");
        assert_eq!((draft.record, draft.revision), (after.id, after.revision));
        self.0.insert(after.id, after.clone());
        Ok(())
    }
}

fn answers(own: &Key, asked: &Key) -> bool {
    own.index == asked.index
        && match (&own.term, &asked.term) {
            (Term::Open(own), Term::Open(asked)) => own.starts_with(asked),
            (Term::Blind(own), Term::Blind(asked)) => own == asked,
            _ => false,
        }
}
