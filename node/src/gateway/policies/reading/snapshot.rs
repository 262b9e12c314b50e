//! The registry as it stood at one moment.
//!
//! Scanning the registry is no snapshot: rows come and go under it. So the ends of all logs are noted first, and what
//! was written after them is not accepted: a record that was changed since is read as it stood, one that was closed
//! since is found in the log and read as it stood, one that was made since is passed over.
//!
//! What cannot be seen is a closing that the registry has made and that its log has not yet published: a few records
//! at most, of the one batch that is landing.

use std::{collections::BTreeMap, num::NonZero, thread};

use lika_core::{
    log::{Action, Kind},
    record::{Body, Key, Record},
    value::{AreaCode, NodeId, RecordId},
};

use super::super::{Error, Gateway};
use crate::store::{Lifecycle, Listing, Position, Reader};

/// Ids of one scan.
const PAGE: usize = 4096;
/// Threads that read at a time.
const MOST_THREADS: usize = 4;
/// Fewer records are not worth a thread.
const FEWEST_OF_A_THREAD: usize = 256;
/// Bytes of the log that are read at a time.
const PIECE: u64 = 1 << 20;

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
        self.end(&self.reader.node())
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
        let ids = self.reader.find(key)?;
        let records = ids.iter().filter_map(|id| self.get(id).transpose());
        records.collect()
    }

    /// The open records of a kind in an area, in the order of area and id.
    pub fn each(
        &self,
        kind: Kind,
        area: &AreaCode,
        mut take: impl FnMut(RecordId, AreaCode, Body),
    ) -> Result<(), Error> {
        let ids = self.open_ids(kind, area)?;
        // Those that left the list before it was read.
        let mut left = BTreeMap::new();
        for record in self.since(kind, Some(Action::Close))? {
            if area.contains(&record.area) {
                left.insert((record.area, record.id), record);
            }
        }
        let mut left = left.into_iter().peekable();
        for ids in ids.chunks(PAGE) {
            for record in self.get_all(ids)? {
                let here = (record.area, record.id);
                while let Some((key, earlier)) = left.next_if(|(key, _)| *key <= here) {
                    if key != here {
                        take(earlier.id, earlier.area, earlier.body);
                    }
                }
                take(record.id, record.area, record.body);
            }
        }
        for (_, record) in left {
            take(record.id, record.area, record.body);
        }
        Ok(())
    }

    /// Those of these records that were open, in their order. Most of the time goes into reading entries, which threads
    /// share.
    fn get_all(&self, ids: &[RecordId]) -> Result<Vec<Record>, Error> {
        let threads = thread::available_parallelism().map_or(1, NonZero::get);
        let share = ids
            .len()
            .div_ceil(threads.min(MOST_THREADS))
            .max(FEWEST_OF_A_THREAD);
        let read = |ids: &[RecordId]| {
            let records = ids.iter().filter_map(|id| self.get(id).transpose());
            records.collect::<Result<Vec<_>, Error>>()
        };
        if ids.len() <= share {
            return read(ids);
        }
        let shares = thread::scope(|scope| {
            let reading = ids.chunks(share).map(|ids| scope.spawn(move || read(ids)));
            let reading: Vec<_> = reading.collect();
            let read = reading.into_iter();
            read.map(|share| share.join().map_err(|_| Error::TaskEnded)?)
                .collect::<Result<Vec<_>, Error>>()
        })?;
        Ok(shares.into_iter().flatten().collect())
    }

    /// The records of a kind that were written since, or in one way only, as they stood before.
    pub fn since(&self, kind: Kind, action: Option<Action>) -> Result<Vec<Record>, Error> {
        let mut ids = Vec::new();
        for tail in self.reader.heads() {
            let mut after = self.end(&tail.node);
            loop {
                let entries = self.reader.entries_after(&tail.node, after, PIECE)?;
                let Some(last) = entries.last().map(|entry| entry.header()) else {
                    break;
                };
                after = Position {
                    epoch: last.epoch,
                    seq: last.seq,
                };
                let written = entries.iter().map(|entry| entry.header());
                let wanted = written.filter(|header| {
                    header.kind == kind && action.is_none_or(|action| header.action == action)
                });
                ids.extend(wanted.map(|header| header.record));
            }
        }
        ids.sort_unstable();
        ids.dedup();
        let records = ids.iter().filter_map(|id| self.get(id).transpose());
        records.collect()
    }

    fn open_ids(&self, kind: Kind, area: &AreaCode) -> Result<Vec<RecordId>, Error> {
        let (mut ids, mut after) = (Vec::new(), None);
        loop {
            let page = self.reader.list_ids(&Listing {
                kind,
                area: *area,
                lifecycle: Lifecycle::Open,
                after,
                limit: PAGE,
            })?;
            ids.extend(page.items);
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(ids),
            }
        }
    }

    /// A log that began since had no end: everything in it is later.
    fn end(&self, node: &NodeId) -> Position {
        self.ends.get(node).copied().unwrap_or_default()
    }
}
