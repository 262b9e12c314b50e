//! The registry as it stood at one moment.
//!
//! Scanning the registry is no snapshot: rows come and go under it. So the ends of all logs are noted first, and what
//! was written after them is not accepted.

use std::collections::BTreeMap;

use lika_core::{
    log::Kind,
    record::{Body, Key, Record},
    value::{AreaCode, NodeId, RecordId},
};

use super::super::{Error, Gateway};
use crate::store::{Position, Reader, Survey};

/// The registry as it stood when the ends of its logs were noted.
pub struct Snapshot<'a> {
    reader: &'a Reader,
    ends: BTreeMap<NodeId, Position>,
}

impl Gateway {
    /// The registry as it stands now.
    pub(in super::super) fn snapshot(&self) -> Snapshot<'_> {
        let reader = &self.inner.reader;
        let ends = reader.heads().into_iter();
        Snapshot {
            reader,
            ends: ends.map(|tail| (tail.node, tail.position)).collect(),
        }
    }
}

impl Snapshot<'_> {
    /// How far the node's own log went.
    pub fn position(&self) -> Position {
        let node = self.reader.node();
        self.ends.get(&node).copied().unwrap_or_default()
    }

    /// The open part of a record as it stood, if the record was open: no fact is made of anything else.
    pub fn get(&self, id: &RecordId) -> Result<Option<Record>, Error> {
        let stored = self.reader.get_open(id, &self.ends)?;
        let record = stored.and_then(|stored| stored.into_record());
        Ok(record.filter(|record| !record.closed))
    }

    /// The records that were open under a key. What was changed since may be missing or be there wrongly: it is
    /// among those [since](Self::since) then.
    pub fn find(&self, key: &Key) -> Result<Vec<Record>, Error> {
        self.get_all(self.reader.find(key)?)
    }

    /// The open records of some kinds in an area, in no particular order; several threads take them, each into a
    /// result of its own.
    pub fn gather<T: Send>(
        &self,
        kinds: &[Kind],
        area: &AreaCode,
        begin: impl Fn() -> T + Sync,
        take: impl Fn(&mut T, Record) + Sync,
    ) -> Result<Vec<T>, Error> {
        let survey = Survey {
            kinds,
            area,
            at: &self.ends,
        };
        Ok(self.reader.survey(&survey, begin, take)?)
    }

    /// The open records of a kind in an area, in the order of area and id.
    pub fn each(
        &self,
        kind: Kind,
        area: &AreaCode,
        mut take: impl FnMut(RecordId, AreaCode, Body),
    ) -> Result<(), Error> {
        let shares = self.gather(&[kind], area, Vec::new, Vec::push)?;
        let mut records: Vec<Record> = shares.into_iter().flatten().collect();
        records.sort_unstable_by_key(|record| (record.area, record.id));
        for record in records {
            take(record.id, record.area, record.body);
        }
        Ok(())
    }

    /// The records of a kind that were written since, as they stood before.
    pub fn since(&self, kind: Kind) -> Result<Vec<Record>, Error> {
        let survey = Survey {
            kinds: &[kind],
            area: &AreaCode::NATION,
            at: &self.ends,
        };
        self.get_all(self.reader.written_since(&survey)?)
    }

    fn get_all(&self, ids: Vec<RecordId>) -> Result<Vec<Record>, Error> {
        let records = ids.iter().filter_map(|id| self.get(id).transpose());
        records.collect()
    }
}
