//! Changing the registry, and finishing what a kill interrupted.
//!
//! sled offers atomic batches, but each makes it write its buffer twice and wake all its threads, and a huge one blocks
//! readers for seconds. So a change is first added to the redo file and then made row by row, between two marks. sled
//! keeps a prefix of what was done: when the marks differ, the redo file says what is missing.

use std::{sync::atomic::Ordering, thread};

use crate::{
    crash,
    store::{
        Error,
        registry::{
            Registry, Standing,
            overlay::Changes,
            redo::{Redo, Rows},
            schema::{self, Finished},
        },
    },
};

/// A change of so many rows is made by several threads.
const MANY_ROWS: usize = 512;
const MOST_THREADS: usize = 4;

/// A batch to apply.
pub struct Applied<'a> {
    /// What changes.
    pub changes: &'a Changes,
    /// Where the registry stands before.
    pub before: &'a Standing,
    /// Where it stands afterwards.
    pub standing: &'a Standing,
}

impl Registry {
    /// Applies a batch.
    pub fn apply(&self, batch: &Applied<'_>, redo: &mut Redo) -> Result<(), Error> {
        let Applied {
            changes,
            before,
            standing,
        } = batch;
        let serial = self.finished()? + 1;
        let mut rows = rows(changes);
        rows.extend(tails(Some(before), standing));
        rows.push(mark_finished(standing, serial));
        let _applying = self.snapshots.note(changes);
        match redo.write(serial, &rows) {
            Ok(()) => self.make(serial, &rows)?,
            // The log has it already, so it must be made; a kill meanwhile costs a rebuild.
            Err(Error::DiskFull) => self.make(serial, &rows)?,
            Err(error) => return Err(error),
        }
        if redo.is_long() {
            self.flush()?;
            redo.clear()?;
        }
        Ok(())
    }

    /// Finishes what was interrupted; false when the redo file does not have it, so that only a rebuild helps.
    pub fn finish(&self, redo: &mut Redo) -> Result<bool, Error> {
        let finished = self.finished()?;
        let begun = self.get(schema::BEGUN)?;
        let begun = begun.and_then(|value| schema::begun(&value));
        let missing = redo.read(finished + 1)?;
        for (serial, rows) in &missing {
            self.make(*serial, rows)?;
        }
        self.flush()?;
        redo.clear()?;
        Ok(begun.is_none_or(|begun| begun <= finished + missing.len() as u64))
    }

    /// Applies the changes of a rebuild: nobody reads, and an interrupted rebuild begins anew.
    pub fn load(&self, changes: &Changes) -> Result<(), Error> {
        self.insert(&rows(changes))
    }

    /// Notes where a rebuild has arrived; from here on the registry is usable.
    pub fn finish_load(&self, standing: &Standing) -> Result<(), Error> {
        let mut rows: Rows = tails(None, standing).collect();
        rows.push(mark_finished(standing, 0));
        rows.push((
            schema::FORMAT.to_vec(),
            Some(schema::CURRENT_FORMAT.to_vec()),
        ));
        self.make_at_once(&rows)?;
        self.flush()
    }

    /// The last change that was finished.
    fn finished(&self) -> Result<u64, Error> {
        let finished = self.get(schema::STANDING)?;
        let finished = finished.and_then(|value| Finished::decode(&value));
        Ok(finished.map_or(0, |finished| finished.serial))
    }

    /// Makes a change that stands in the redo file.
    fn make(&self, serial: u64, rows: &Rows) -> Result<(), Error> {
        let (data, mark) = rows.split_at(rows.len().saturating_sub(1));
        self.insert(&[(schema::BEGUN.to_vec(), Some(serial.to_be_bytes().to_vec()))])?;
        let passes = data.chunk_by(|row, next| pass(row) == pass(next));
        let half = data.len() / 2;
        let mut done = 0;
        for rows in passes {
            let until_half = half.saturating_sub(done).min(rows.len());
            let (first, second) = rows.split_at(until_half);
            self.insert(first)?;
            if done <= half && half <= done + rows.len() {
                crash::point("half-applied");
            }
            self.insert(second)?;
            done += rows.len();
        }
        // sled keeps what was done up to a moment: with the mark everything before it is there.
        self.insert(mark)
    }

    fn make_at_once(&self, rows: &Rows) -> Result<(), Error> {
        let mut batch = sled::Batch::default();
        for (key, value) in rows {
            match value {
                Some(value) => batch.insert(key.as_slice(), value.as_slice()),
                None => batch.remove(key.as_slice()),
            }
        }
        super::guarded(|| Ok(self.tree.apply_batch(batch)?))
    }

    fn insert(&self, rows: &[(Vec<u8>, Option<Vec<u8>>)]) -> Result<(), Error> {
        self.changed.fetch_add(rows.len() as u64, Ordering::Relaxed);
        if rows.len() < MANY_ROWS {
            return super::guarded(|| Ok(self.insert_in_order(rows)?));
        }
        let threads = thread::available_parallelism().map_or(1, usize::from);
        let each = rows.len().div_ceil(threads.min(MOST_THREADS));
        thread::scope(|scope| {
            let threads: Vec<_> = rows
                .chunks(each)
                .map(|rows| scope.spawn(|| super::guarded(|| Ok(self.insert_in_order(rows)?))))
                .collect();
            threads.into_iter().try_for_each(|thread| {
                let made = thread.join();
                made.unwrap_or_else(|_| Err(Error::Registry("a thread panicked".to_owned())))
            })
        })
    }

    fn insert_in_order(&self, rows: &[(Vec<u8>, Option<Vec<u8>>)]) -> Result<(), sled::Error> {
        for (key, value) in rows {
            match value {
                Some(value) => drop(self.tree.insert(key, value.as_slice())?),
                None => drop(self.tree.remove(key)?),
            }
        }
        Ok(())
    }
}

/// In passes, each in the order of its keys.
fn rows(changes: &Changes) -> Rows {
    let rows = changes.iter();
    let mut rows: Rows = rows
        .map(|(key, changed)| (key.clone(), changed.new.clone()))
        .collect();
    rows.sort_by_key(pass);
    rows
}

/// Readers read meanwhile. Earlier revisions come first, so that what was current is found as soon as it is not; what
/// is removed goes last, so that a record which changes its place is for a moment in both and never in none.
fn pass((key, value): &(Vec<u8>, Option<Vec<u8>>)) -> u8 {
    match (schema::is_history(key), value) {
        (true, Some(_)) => 0,
        (false, Some(_)) => 1,
        (_, None) => 2,
    }
}

/// The tails of the logs that have moved.
fn tails<'a>(
    before: Option<&'a Standing>,
    standing: &'a Standing,
) -> impl Iterator<Item = (Vec<u8>, Option<Vec<u8>>)> + 'a {
    let tails = standing.tails.iter();
    let moved = tails
        .filter(move |(log, tail)| before.and_then(|before| before.tails.get(log)) != Some(*tail));
    moved.map(|(log, tail)| (schema::tail_key(*log), Some(schema::tail_value(tail))))
}

fn mark_finished(standing: &Standing, serial: u64) -> (Vec<u8>, Option<Vec<u8>>) {
    let finished = Finished {
        order: standing.order,
        digest: standing.digest,
        destroyed: standing.destroyed,
        serial,
    };
    (schema::STANDING.to_vec(), Some(finished.encode()))
}
