//! Many records at one moment: the open parts of all records of some kinds in an area.
//!
//! ```text
//!  registry ──▶ heads as they were ──▶ in the order of the log ──▶ entries, run by run ──▶ one result for each thread
//! ```
//!
//! One by one, a record takes a lookup and a read of the log, and most of the time is spent on the way there. Here the
//! heads are gathered first, entries that stand together are read together, and threads share both.
//!
//! A registry that is written meanwhile is no snapshot: a record that was changed since is read as it stood, one that
//! was closed or moved since is still found, and one that was made since is passed over. What cannot be seen is a
//! closing that the registry has made and that its log has not yet published, where the survey does not go through all
//! heads: a few records at most, of the one batch that is landing.

use std::{collections::BTreeMap, num::NonZero, thread};

use lika_core::{
    log::Kind,
    record::Record,
    value::{AreaCode, NodeId, RecordId},
};

use super::{
    Error, Lifecycle, Listing, Position, Reader,
    registry::schema::{self, Head},
};

/// Ids of one scan.
const PAGE: usize = 4096;
/// So many are looked up one by one. More of a whole registry are found faster by going through all its heads.
const FEW: usize = 4096;
/// Threads at a time.
const MOST_THREADS: usize = 4;
/// Fewer records are not worth a thread.
const FEWEST_OF_A_THREAD: usize = 256;
/// Bytes of the log that are read at a time.
const PIECE: u64 = 1 << 20;

/// Which records to read, as they stood when.
#[derive(Clone, Copy, Debug)]
pub struct Survey<'a> {
    /// Their kinds.
    pub kinds: &'a [Kind],
    /// In this area and all areas inside it.
    pub area: &'a AreaCode,
    /// The end of each log at that moment; of other logs, nothing.
    pub at: &'a BTreeMap<NodeId, Position>,
}

/// The log that a record is read from, and its head at the moment.
type Found = (u16, Head);

impl Reader {
    /// Reads the records that were open then, in no particular order. Nothing is decrypted, and what this version
    /// cannot read is passed over. Each thread takes its share into a result of its own.
    pub fn survey<T: Send>(
        &self,
        survey: &Survey<'_>,
        begin: impl Fn() -> T + Sync,
        take: impl Fn(&mut T, Record) + Sync,
    ) -> Result<Vec<T>, Error> {
        let may_be_most = survey.area.contains(&self.shared.area);
        let most = if may_be_most { FEW } else { usize::MAX };
        let mut found = match self.listed(survey, most)? {
            Some(ids) => self.among(survey, ids)?,
            None => self.among_all(survey)?,
        };
        found.sort_unstable_by_key(|(log, head)| (*log, head.segment, head.offset));
        share_out(&found, |share| {
            let mut taken = begin();
            self.shared.sources.each_open(share, |stored| {
                if let Some(record) = stored.into_record() {
                    take(&mut taken, record);
                }
            })?;
            Ok(taken)
        })
    }

    fn among_all(&self, survey: &Survey<'_>) -> Result<Vec<Found>, Error> {
        let ends = self.ends(survey);
        let firsts: Vec<u8> = (0..=u8::MAX).collect();
        let shares = share_out_by(&firsts, firsts.len() / MOST_THREADS, |firsts| {
            let mut found = Vec::new();
            for first in firsts {
                let mut last = None;
                for (key, value) in self.scan(&schema::heads_from(*first), None, usize::MAX)? {
                    let read = schema::of_head_key(&key).zip(Head::decode(&value));
                    let ((record, log), head) = read.ok_or_else(unreadable)?;
                    // When several logs have it, the first one counts.
                    if last.replace(record) != Some(record) {
                        let end = ends.get(&log).copied().unwrap_or_default();
                        found.extend(self.at_moment(survey, &record, (log, head), end)?);
                    }
                }
            }
            Ok(found)
        })?;
        Ok(shares.concat())
    }

    /// The records that are open now; none where there are more than so many.
    fn listed(&self, survey: &Survey<'_>, most: usize) -> Result<Option<Vec<RecordId>>, Error> {
        let mut ids = Vec::new();
        for kind in survey.kinds {
            let mut after = None;
            loop {
                let page = self.list_ids(&Listing {
                    kind: *kind,
                    area: *survey.area,
                    lifecycle: Lifecycle::Open,
                    after,
                    limit: PAGE,
                })?;
                ids.extend(page.items);
                if ids.len() > most {
                    return Ok(None);
                }
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
        }
        Ok(Some(ids))
    }

    /// Of those that are open now, and those that were written since, the ones that were open at the moment.
    fn among(&self, survey: &Survey<'_>, mut ids: Vec<RecordId>) -> Result<Vec<Found>, Error> {
        let ends = self.ends(survey);
        ids.extend(self.written_since(survey)?);
        ids.sort_unstable();
        ids.dedup();
        let shares = share_out(&ids, |ids| {
            let mut found = Vec::new();
            for record in ids {
                if let Some((log, head)) = self.head_of(record)? {
                    let end = ends.get(&log).copied().unwrap_or_default();
                    found.extend(self.at_moment(survey, record, (log, head), end)?);
                }
            }
            Ok(found)
        })?;
        Ok(shares.concat())
    }

    /// The head of a record when its log ended there, if the record belongs to the survey.
    fn at_moment(
        &self,
        survey: &Survey<'_>,
        record: &RecordId,
        (log, head): Found,
        end: Position,
    ) -> Result<Option<Found>, Error> {
        if !survey.kinds.contains(&head.outline.kind) {
            return Ok(None);
        }
        let head = match head.position <= end {
            true => Some(head),
            false => self.earlier_at(record, log, end)?,
        };
        let belongs =
            |head: &Head| !head.outline.closed && survey.area.contains(&head.outline.area);
        Ok(head.filter(belongs).map(|head| (log, head)))
    }

    /// The ends of the logs by their numbers.
    fn ends(&self, survey: &Survey<'_>) -> BTreeMap<u16, Position> {
        let tails = self.standing().tails.into_iter();
        let end = |(log, tail): (u16, super::Tail)| Some((log, *survey.at.get(&tail.node)?));
        tails.filter_map(end).collect()
    }

    /// The records of some kinds that were written after the moment.
    pub fn written_since(&self, survey: &Survey<'_>) -> Result<Vec<RecordId>, Error> {
        let mut ids = Vec::new();
        for tail in self.heads() {
            // A log that began since had no end: everything in it is later.
            let mut after = survey.at.get(&tail.node).copied().unwrap_or_default();
            loop {
                let entries = self.entries_after(&tail.node, after, PIECE)?;
                let Some(last) = entries.last().map(|entry| entry.header()) else {
                    break;
                };
                after = Position {
                    epoch: last.epoch,
                    seq: last.seq,
                };
                let written = entries.iter().map(|entry| entry.header());
                let wanted = written.filter(|header| survey.kinds.contains(&header.kind));
                ids.extend(wanted.map(|header| header.record));
            }
        }
        ids.sort_unstable();
        ids.dedup();
        Ok(ids)
    }
}

/// Has several threads work on shares of these, in their order.
pub(super) fn share_out<T: Sync, R: Send>(
    all: &[T],
    work: impl Fn(&[T]) -> Result<R, Error> + Sync,
) -> Result<Vec<R>, Error> {
    share_out_by(all, FEWEST_OF_A_THREAD, work)
}

fn share_out_by<T: Sync, R: Send>(
    all: &[T],
    fewest: usize,
    work: impl Fn(&[T]) -> Result<R, Error> + Sync,
) -> Result<Vec<R>, Error> {
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let share = all.len().div_ceil(threads.min(MOST_THREADS)).max(fewest);
    if all.len() <= share {
        return Ok(vec![work(all)?]);
    }
    thread::scope(|scope| {
        let work = &work;
        let working = all.chunks(share).map(|own| scope.spawn(move || work(own)));
        let working: Vec<_> = working.collect();
        let done = working.into_iter();
        done.map(|share| {
            share
                .join()
                .map_err(|_| Error::Stopped("a thread that reads has ended".to_owned()))?
        })
        .collect()
    })
}

fn unreadable() -> Error {
    Error::Registry("a head cannot be read".to_owned())
}
