//! The store of a node: its log, durable before anything is acknowledged, and the registry that is projected from it.
//!
//! ```text
//!  <folder>/
//!    lock                    held while the store is open
//!    ring                    keys of data subjects, wrapped with the node key          see `keyring`
//!    log/<node>/…segment     the log of this node and of each node below it            see `log`
//!    registry/               sled; rebuilt from the log when it is missing or damaged  see `registry`
//!    redo                    changes of the registry that may be half made
//!    acknowledged/<peer>     how far a peer has acknowledged this node's log
//! ```
//!
//! The log is the truth: what is not in it has not happened. Segments and the ring hold personal data encrypted, the
//! registry holds positions, areas, and keyed hashes of what is looked up; nothing else personal reaches the disk.

mod acknowledged;
mod bytes;
pub mod disk;
mod error;
mod keyring;
mod log;
mod opening;
mod projection;
pub mod reader;
mod recount;
mod registry;
mod session;
mod stored;
mod survey;
#[cfg(test)]
mod tests;
mod tree;
mod verify;
mod writer;

use std::{
    fmt,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    thread::JoinHandle,
};

use lika_core::{
    command::Command,
    log::{Entry, Kind},
    value::{AreaCode, NodeId, RecordId, RequestId},
};
use tokio::sync::{mpsc, oneshot, watch};

use self::{
    disk::Disk,
    opening::FolderLock,
    registry::{Registry, Settling},
    stored::Sources,
    writer::Job,
};
pub use self::{
    error::Error,
    log::Tail,
    opening::{Progress, Step},
    reader::{Lifecycle, Listing, Page, PageToken, Reader, Version},
    recount::{Difference, Recounted, Witness},
    registry::Standing,
    stored::Stored,
    survey::Survey,
    verify::{Damage, LogReport, Report},
};
use crate::clock::Clock;

/// Commands that may wait for the writer; more make callers wait before they are taken.
const QUEUE: usize = 1024;

/// A place in a log, in the order of the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The epoch; 1 in a log that was never restored.
    pub epoch: u32,
    /// The sequence number of an entry, from 1; 0 is before the first.
    pub seq: u64,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "epoch {} entry {}", self.epoch, self.seq)
    }
}

/// What a store needs to know.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The data folder.
    pub folder: PathBuf,
    /// The file of the node key, 32 bytes; made when the folder is new. Not in the data folder, whose copies it protects.
    pub node_key: PathBuf,
    /// Whose store it is.
    pub node: NodeId,
    /// The area that the node serves: it writes nowhere else.
    pub area: AreaCode,
    /// Memory for sled's pages, in bytes.
    pub cache_bytes: u64,
    /// The size at which a new segment is begun, in bytes.
    pub segment_bytes: u64,
}

impl Settings {
    /// Settings with the ordinary sizes.
    pub fn new(
        folder: impl Into<PathBuf>,
        node_key: impl Into<PathBuf>,
        node: NodeId,
        area: AreaCode,
    ) -> Self {
        Self {
            folder: folder.into(),
            node_key: node_key.into(),
            node,
            area,
            cache_bytes: 128 << 20,
            segment_bytes: 256 << 20,
        }
    }
}

/// What became of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The command.
    pub request: RequestId,
    /// The position of its last entry.
    pub position: Position,
    /// When it was recorded, in milliseconds since 1970-01-01T00:00:00Z.
    pub recorded_at: u64,
    /// What it did, in order.
    pub applied: Vec<Applied>,
    /// Whether it had been carried out before; then nothing was done now.
    pub repeated: bool,
}

/// A record that a command wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Applied {
    /// The record.
    pub record: RecordId,
    /// Its kind.
    pub kind: Kind,
    /// The revision that was made.
    pub revision: u32,
}

/// The store. Closing it (or letting go of it) waits for the writer to finish what it has begun.
pub struct Store {
    shared: Arc<Shared>,
    jobs: Option<mpsc::Sender<Job>>,
    stages: Mutex<Vec<JoinHandle<()>>>,
}

/// What the writer and the readers share.
pub(crate) struct Shared {
    node: NodeId,
    /// That the node serves.
    area: AreaCode,
    folder: PathBuf,
    disk: Arc<dyn Disk>,
    registry: Registry,
    /// Done when the registry is closed: fields are let go of in their order.
    _settling: Settling,
    sources: Sources,
    published: watch::Sender<Standing>,
    /// Why the writer ended early.
    stopped: watch::Sender<Option<String>>,
    /// Held as long as the folder is in use.
    _lock: FolderLock,
}

impl Store {
    /// Opens a data folder, or makes it: replays what the registry lacks, rebuilds it when it cannot be used.
    ///
    /// Blocks until the store can serve; `progress` hears of what takes long.
    pub fn open(
        settings: &Settings,
        clock: Arc<dyn Clock>,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Self, Error> {
        Self::open_on(settings, Arc::new(disk::RealDisk), clock, progress)
    }

    /// Opens a data folder whose log is on a disk of the caller's choice.
    pub fn open_on(
        settings: &Settings,
        disk: Arc<dyn Disk>,
        clock: Arc<dyn Clock>,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Self, Error> {
        let idle = opening::open(settings, disk, clock, progress)?;
        let (jobs, waiting) = mpsc::channel(QUEUE);
        Ok(Self {
            shared: Arc::clone(&idle.shared),
            jobs: Some(jobs),
            stages: Mutex::new(idle.start(waiting)?),
        })
    }

    /// Carries out a command: when this answers, it is durable and can be read.
    ///
    /// [`Error::Refused`] and [`Error::RequestReused`] leave everything as it was. A command whose caller does not
    /// wait for the answer may still be carried out; sending it again with the same request id tells.
    pub async fn submit(&self, command: Command) -> Result<Receipt, Error> {
        self.ask(|answer| Job::Submit(command, answer)).await
    }

    /// [`Self::submit`] for callers outside of the runtime.
    pub fn submit_blocking(&self, command: Command) -> Result<Receipt, Error> {
        self.ask_blocking(|answer| Job::Submit(command, answer))
    }

    /// Takes entries of another node's log, neighbours in order: verified against what is here of it, made durable,
    /// projected. Those that are here already are passed over. Answers the end of that log.
    pub async fn receive(&self, node: NodeId, entries: Vec<Entry>) -> Result<Tail, Error> {
        self.ask(|answer| Job::Receive(node, entries, answer)).await
    }

    /// [`Self::receive`] for callers outside of the runtime.
    pub fn receive_blocking(&self, node: NodeId, entries: Vec<Entry>) -> Result<Tail, Error> {
        self.ask_blocking(|answer| Job::Receive(node, entries, answer))
    }

    /// Destroys the key of a data subject: what was sealed with it is withheld from now on, in every revision.
    /// Answers whether there was a key.
    pub async fn destroy_key(&self, subject: RecordId) -> Result<bool, Error> {
        self.ask(|answer| Job::Destroy(subject, answer)).await
    }

    /// [`Self::destroy_key`] for callers outside of the runtime.
    pub fn destroy_key_blocking(&self, subject: RecordId) -> Result<bool, Error> {
        self.ask_blocking(|answer| Job::Destroy(subject, answer))
    }

    /// Notes how far a peer has acknowledged this node's log. A log that ends before that is never opened again.
    pub fn acknowledged(&self, peer: &NodeId, position: Position) -> Result<(), Error> {
        acknowledged::note(&*self.shared.disk, &self.shared.folder, peer, position)
    }

    /// How far a peer has acknowledged this node's log.
    pub fn acknowledged_by(&self, peer: &NodeId) -> Result<Option<Position>, Error> {
        acknowledged::read(&*self.shared.disk, &self.shared.folder, peer)
    }

    /// The rows of the registry, all that the log decides of it.
    #[cfg(test)]
    pub(crate) fn rows(&self) -> std::collections::BTreeMap<Vec<u8>, Vec<u8>> {
        let rows = self.shared.registry.scan(&[], None, usize::MAX);
        let rows = rows
            .expect("a registry that is open can be read")
            .into_iter();
        let decided = rows.filter(|(key, _)| key.first() != Some(&registry::schema::META));
        decided
            .map(|(key, value)| (key.to_vec(), value.to_vec()))
            .collect()
    }

    /// Reads.
    pub fn reader(&self) -> Reader {
        Reader::new(Arc::clone(&self.shared))
    }

    /// Walks all logs from the first entry to where they end now, rebuilds a registry from them beside the live one,
    /// and compares the two. Serves meanwhile. Damage is in the report; an error means that it could not look.
    pub fn verify(&self, progress: &mut dyn FnMut(Progress)) -> Result<Report, Error> {
        verify::verify(&self.shared, progress, || self.registry_agrees())
    }

    /// Why the store has stopped; none while it serves.
    pub fn stopped(&self) -> Option<String> {
        self.shared.stopped.borrow().clone()
    }

    /// Waits until the store has stopped, and says why: nothing can be written any more, and what is read may be
    /// wrong. Opening it again repairs what can be repaired.
    pub async fn until_stopped(&self) -> String {
        let mut stopped = self.shared.stopped.subscribe();
        let why = stopped.wait_for(Option::is_some).await;
        why.ok().and_then(|why| why.clone()).unwrap_or_default()
    }

    /// Waits until everything that was submitted is done, and closes the store in order.
    pub fn close(mut self) -> Result<(), Error> {
        self.finish();
        self.stopped()
            .map_or(Ok(()), |why| Err(Error::Stopped(why)))
    }

    async fn ask<T>(&self, job: impl FnOnce(writer::Answer<T>) -> Job) -> Result<T, Error> {
        let (answer, waiting) = oneshot::channel();
        let Some(jobs) = &self.jobs else {
            return Err(self.gone());
        };
        jobs.send(job(answer)).await.map_err(|_| self.gone())?;
        waiting.await.map_err(|_| self.gone())?
    }

    fn ask_blocking<T>(&self, job: impl FnOnce(writer::Answer<T>) -> Job) -> Result<T, Error> {
        let (answer, waiting) = oneshot::channel();
        let Some(jobs) = &self.jobs else {
            return Err(self.gone());
        };
        jobs.blocking_send(job(answer)).map_err(|_| self.gone())?;
        waiting.blocking_recv().map_err(|_| self.gone())?
    }

    /// A registry that cannot even be read does not agree; it is marked to be rebuilt, as one that differs is.
    fn registry_agrees(&self) -> Result<bool, Error> {
        match self.ask_blocking(Job::Check) {
            Err(Error::Registry(_) | Error::Stopped(_)) if self.shared.rebuild_is_wanted() => {
                Ok(false)
            }
            answer => answer,
        }
    }

    fn gone(&self) -> Error {
        Error::Stopped(self.stopped().unwrap_or_else(|| "it is closed".to_owned()))
    }

    fn finish(&mut self) {
        drop(self.jobs.take());
        let mut stages = self.stages.lock().unwrap_or_else(PoisonError::into_inner);
        for stage in stages.drain(..) {
            // A stage catches its own panics and says why it stopped.
            drop(stage.join());
        }
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.finish();
    }
}

impl Shared {
    /// Notes why the store stops; what came first counts.
    fn stop(&self, why: String) {
        self.stopped.send_if_modified(|stopped| {
            let is_first = stopped.is_none();
            stopped.get_or_insert(why);
            is_first
        });
    }

    /// What was read of the registry. Damage that a reader meets stops the store, as it does when the writer meets it.
    fn heed<T>(&self, read: Result<T, Error>) -> Result<T, Error> {
        if let Err(Error::Registry(why)) = &read {
            drop(self.want_rebuild());
            self.stop(format!("the registry is rebuilt at the next start: {why}"));
        }
        read
    }

    fn rebuild_is_wanted(&self) -> bool {
        self.folder.join(opening::REBUILD).exists()
    }

    /// Marks the registry to be rebuilt when the store is next opened.
    fn want_rebuild(&self) -> Result<(), Error> {
        let file = self.folder.join(opening::REBUILD);
        disk::replace(&*self.disk, &file, b"").map_err(Error::io("write", file))
    }
}
