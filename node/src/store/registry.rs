//! The registry in sled: where current records are, and everything that is asked by key.
//!
//! It holds positions and indexes, never the data itself: a record is one lookup here and one read of the log. It can
//! be rebuilt from the log at any time. One tree, composed keys (see [`schema`]), changed by the writer alone.
//!
//! sled promises little: it panics on damage, forgets the last half second when killed, and anything when the power
//! goes. Hence every change carries the log position that it belongs to, what is missing is replayed, and what cannot
//! be read or disagrees is moved aside and rebuilt.

mod apply;
mod check;
mod overlay;
mod redo;
pub mod schema;
mod snapshot;

use std::{
    collections::BTreeMap,
    fs, io,
    panic::{self, AssertUnwindSafe},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

#[cfg(test)]
pub use self::overlay::{Changed, Changes};
use self::snapshot::Snapshots;
pub use self::{
    apply::Applied,
    check::Check,
    overlay::{Flight, Overlay, digest_after},
    redo::Redo,
    snapshot::Snapshot,
};
use crate::store::{Error, log::Tail};

const LOCK_TRIES: u32 = 100;
const LOCK_PAUSE: Duration = Duration::from_millis(20);
/// At so many changed rows a registry is settled when it closes: sled reads a million of them in half a second.
const MANY_CHANGED: u64 = 250_000;

/// Where the registry stands among the batches of all logs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// The order of the last batch that it holds.
    pub order: u64,
    /// The order-independent digest of everything in it but the position itself.
    pub digest: u128,
    /// How many keys of data subjects had been destroyed: what is found by them is no longer in it.
    pub destroyed: u64,
    /// The tails of the logs as it knows them, by number.
    pub tails: BTreeMap<u16, Tail>,
}

/// What was found when opening.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// At a batch.
    Whole(Standing),
    /// Nothing usable: it has to be built from the log.
    Empty,
}

/// The registry.
#[derive(Clone, Debug)]
pub struct Registry {
    tree: sled::Db,
    /// Rows changed since it was opened.
    changed: Arc<AtomicU64>,
    snapshots: Snapshots,
}

/// Opens a closed registry once more when much has changed in it.
///
/// sled notes where everything is only while it opens, and reads all that was written since the last note. Whoever
/// closes it waits for that, so that whoever opens it next does not. It is to be let go of after the registry.
#[derive(Debug)]
pub struct Settling {
    folder: PathBuf,
    changed: Arc<AtomicU64>,
    many: u64,
}

impl Drop for Settling {
    fn drop(&mut self) {
        let changed = self.changed.load(Ordering::Relaxed);
        if changed < self.many {
            return;
        }
        let opened = guarded(|| Ok(sled::Config::new().path(&self.folder).open()?));
        if let Err(error) = opened {
            // The next start says what is wrong, and repairs it.
            tracing::warn!(%error, "the registry could not be settled");
        }
    }
}

impl Registry {
    /// Opens the registry in a folder and finishes what was interrupted, or says why it cannot be used.
    pub fn open(folder: &Path, cache_bytes: u64, redo: &mut Redo) -> Result<(Self, State), Error> {
        let registry = Self::open_unfinished(folder, cache_bytes)?;
        if registry.finish(redo)? {
            let state = guarded(|| registry.state())?;
            Ok((registry, state))
        } else {
            Err(Error::Registry("a change was interrupted".to_owned()))
        }
    }

    /// Opens the registry in a folder as it is, or an empty one.
    pub fn open_unfinished(folder: &Path, cache_bytes: u64) -> Result<Self, Error> {
        remove_half_written_snapshots(folder).map_err(Error::io("prepare", folder))?;
        let opened = guarded(|| Ok(open_tree(folder, cache_bytes)))?;
        let tree = opened.map_err(|error| match error {
            // What the system refuses is no damage: another registry would not open either.
            sled::Error::Io(error) if is_of_the_system(&error) => Error::io("open", folder)(error),
            error => error.into(),
        })?;
        Ok(Self {
            tree,
            changed: Arc::default(),
            snapshots: Snapshots::default(),
        })
    }

    /// What is to be done when this registry has been closed.
    pub fn settling(&self, folder: &Path) -> Settling {
        Settling {
            folder: folder.to_owned(),
            changed: Arc::clone(&self.changed),
            many: MANY_CHANGED,
        }
    }

    /// A value.
    pub fn get(&self, key: &[u8]) -> Result<Option<sled::IVec>, Error> {
        guarded(|| Ok(self.tree.get(key)?))
    }

    /// The keys and values under a prefix, from a key on, in order, at most so many.
    pub fn scan(
        &self,
        prefix: &[u8],
        from: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<(sled::IVec, sled::IVec)>, Error> {
        let start = from.filter(|from| *from > prefix).unwrap_or(prefix);
        guarded(|| {
            let mut found = Vec::new();
            for row in self.tree.range(start.to_vec()..).take(limit) {
                let (key, value) = row?;
                if !key.starts_with(prefix) {
                    break;
                }
                found.push((key, value));
            }
            Ok(found)
        })
    }

    /// The last key under a prefix that is not after a key.
    pub fn last_at_or_before(
        &self,
        prefix: &[u8],
        key: &[u8],
    ) -> Result<Option<(sled::IVec, sled::IVec)>, Error> {
        guarded(|| {
            let found = self
                .tree
                .range(prefix.to_vec()..=key.to_vec())
                .next_back()
                .transpose()?;
            Ok(found)
        })
    }

    /// Makes sled write what it holds in memory.
    pub fn flush(&self) -> Result<(), Error> {
        guarded(|| Ok(self.tree.flush().map(drop)?))
    }

    /// Removes everything: what an interrupted rebuild, or another format, left.
    pub fn erase(&self) -> Result<(), Error> {
        guarded(|| Ok(self.tree.clear()?))
    }

    fn state(&self) -> Result<State, Error> {
        let Some(format) = self.tree.get(schema::FORMAT)? else {
            return Ok(State::Empty);
        };
        if format != schema::CURRENT_FORMAT {
            return Ok(State::Empty);
        }
        let Some(standing) = self.standing()? else {
            return Ok(State::Empty);
        };
        Ok(State::Whole(standing))
    }

    fn standing(&self) -> Result<Option<Standing>, Error> {
        let finished = self.tree.get(schema::STANDING)?;
        let Some(finished) = finished.and_then(|value| schema::Finished::decode(&value)) else {
            return Ok(None);
        };
        let mut tails = BTreeMap::new();
        for row in self.tree.scan_prefix(schema::TAILS) {
            let (key, value) = row?;
            match schema::tail(&key, &value) {
                Some((number, tail)) => tails.insert(number, tail),
                None => return Ok(None),
            };
        }
        Ok(Some(Standing {
            order: finished.order,
            digest: finished.digest,
            destroyed: finished.destroyed,
            tails,
        }))
    }
}

/// Moves an unusable registry out of the way, for people to look at. Answers where it is now.
pub fn move_aside(folder: &Path) -> Result<Option<PathBuf>, Error> {
    if !folder.exists() {
        return Ok(None);
    }
    let name = folder
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let free = (1_u32..)
        .map(|number| folder.with_file_name(format!("{name}.damaged-{number}")))
        .find(|path| !path.exists())
        .expect("the numbers do not run out");
    fs::rename(folder, &free).map_err(Error::io("move aside", folder))?;
    Ok(Some(free))
}

/// Opens sled. Its threads may hold its lock for a moment after a registry was let go of; ours is held already, so
/// nobody else can have it.
pub(super) fn open_tree(folder: &Path, cache_bytes: u64) -> Result<sled::Db, sled::Error> {
    let config = sled::Config::new().path(folder).cache_capacity(cache_bytes);
    for _ in 0..LOCK_TRIES {
        match config.open() {
            Err(sled::Error::Io(_)) => thread::sleep(LOCK_PAUSE),
            other => return other,
        }
    }
    config.open()
}

fn is_of_the_system(error: &io::Error) -> bool {
    error.raw_os_error().is_some() && error.kind() != io::ErrorKind::NotFound
}

/// Runs what touches sled: on damage it panics instead of answering.
fn guarded<T>(run: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    panic::catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|panicked| {
        let what = panicked
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panicked.downcast_ref::<&str>().copied())
            .unwrap_or("sled panicked");
        Err(Error::Registry(what.to_owned()))
    })
}

/// Killed while opening, sled leaves them behind and refuses to open the next time.
fn remove_half_written_snapshots(folder: &Path) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with("snap.") && name.ends_with(".generating") {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}
