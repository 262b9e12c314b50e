//! The registry at one moment, while it goes on changing: sled has no snapshots.
//!
//! ```text
//!  apply:     note the old value of each row that changes ──▶ change it
//!  snapshot:  read the row ──▶ look whether an old value was noted ──▶ that one, else what was read
//! ```
//!
//! What changes is noted before it is changed and looked for after it was read, so that nothing slips through. A batch
//! is applied as a whole before or after a snapshot is taken.

use std::{
    collections::BTreeMap,
    ops::Bound,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

use super::{Registry, Standing, overlay::Changes, schema};
use crate::store::Error;

/// Rows that are kept apart at most, some hundred megabytes: whoever reads on through so many changes reads too slowly.
const MOST_KEPT: usize = if cfg!(test) { 5_000 } else { 500_000 };
/// Rows that are read at a time.
const AT_A_TIME: usize = 1024;

/// A key and its value.
pub type Row = (Vec<u8>, Vec<u8>);

/// The registry as it stood when the snapshot was taken: heads, records by area and by key, and totals.
#[derive(Debug)]
pub struct Snapshot {
    registry: Registry,
    /// Where the registry stood.
    pub standing: Standing,
    kept: Arc<Kept>,
}

/// The snapshots that somebody reads.
#[derive(Clone, Debug, Default)]
pub struct Snapshots(Arc<Mutex<Vec<Weak<Kept>>>>);

/// What rows were before they were changed; none for those that were not there.
#[derive(Debug, Default)]
struct Kept(Mutex<Old>);

#[derive(Debug, Default)]
struct Old {
    rows: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
    is_outrun: bool,
}

/// Held while a batch is applied, so that no snapshot is taken of half of it.
pub struct Applying<'a>(
    #[expect(dead_code, reason = "it is held")] MutexGuard<'a, Vec<Weak<Kept>>>,
);

impl Snapshots {
    /// Notes what is about to change.
    pub fn note(&self, changes: &Changes) -> Applying<'_> {
        let mut snapshots = self.lock();
        snapshots.retain(|kept| kept.strong_count() > 0);
        for kept in snapshots.iter().filter_map(Weak::upgrade) {
            kept.note(changes);
        }
        Applying(snapshots)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Weak<Kept>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn lock(&self) -> MutexGuard<'_, Old> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, changes: &Changes) {
        let mut old = self.lock();
        if old.is_outrun {
            return;
        }
        let read = changes.iter().filter(|(key, _)| is_read(key));
        for (key, changed) in read {
            let known = old.rows.entry(key.clone());
            known.or_insert_with(|| changed.old.clone());
        }
        if old.rows.len() > MOST_KEPT {
            old.is_outrun = true;
            old.rows.clear();
        }
    }
}

impl Registry {
    /// The registry as it stands now. What is read of it costs a little more for whoever writes until it is let go of.
    pub fn snapshot(&self) -> Result<Snapshot, Error> {
        let mut snapshots = self.snapshots.lock();
        let kept = Arc::new(Kept::default());
        let standing = super::guarded(|| self.standing())?;
        let standing = standing
            .ok_or_else(|| Error::Registry("it does not say where it stands".to_owned()))?;
        snapshots.push(Arc::downgrade(&kept));
        drop(snapshots);
        Ok(Snapshot {
            registry: self.clone(),
            standing,
            kept,
        })
    }
}

impl Snapshot {
    /// A value.
    pub fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        let now = self.registry.get(key)?;
        let old = self.old()?;
        match old.rows.get(key) {
            Some(old) => Ok(old.clone()),
            None => Ok(now.map(|value| value.to_vec())),
        }
    }

    /// The first rows under a prefix, from a key on, in order: at most so many, and fewer only where there are no more.
    pub fn scan(
        &self,
        prefix: &[u8],
        from: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<Row>, Error> {
        let mut found = Vec::new();
        let start = from.filter(|from| *from > prefix).unwrap_or(prefix);
        let mut start = start.to_vec();
        loop {
            let many = limit.saturating_sub(found.len()).min(AT_A_TIME);
            let rows = self.registry.scan(prefix, Some(&start), many)?;
            let next = rows.last().map(|(key, _)| [key, &[0][..]].concat());
            let is_last = rows.len() < many;
            let mut piece: BTreeMap<Vec<u8>, Vec<u8>> = rows
                .into_iter()
                .map(|(key, value)| (key.to_vec(), value.to_vec()))
                .collect();
            let end = match &next {
                Some(next) if !is_last => Bound::Excluded(next.as_slice()),
                _ => Bound::Unbounded,
            };
            let old = self.old()?;
            let old = old
                .rows
                .range::<[u8], _>((Bound::Included(start.as_slice()), end));
            for (key, value) in old.take_while(|(key, _)| key.starts_with(prefix)) {
                match value {
                    Some(value) => drop(piece.insert(key.clone(), value.clone())),
                    None => drop(piece.remove(key)),
                }
            }
            found.extend(piece);
            match next {
                Some(next) if !is_last && found.len() < limit => start = next,
                _ => break,
            }
        }
        found.truncate(limit);
        Ok(found)
    }

    fn old(&self) -> Result<MutexGuard<'_, Old>, Error> {
        let old = self.kept.lock();
        match old.is_outrun {
            true => Err(Error::Outrun),
            false => Ok(old),
        }
    }
}

/// Whether a row is of those that a snapshot has.
fn is_read(key: &[u8]) -> bool {
    use lika_core::{log::Kind, record::Index, value::AreaCode};
    let first = [
        schema::heads_from(0)[0],
        schema::within_area(schema::Lifecycle::Open, Kind::Area, &AreaCode::NATION)[0],
        schema::under_term(Index::Document, &[])[0],
        schema::totals_below(0, &AreaCode::NATION)[0],
    ];
    key.first().is_some_and(|own| first.contains(own))
}
