//! Opening a store: lock, keys, logs, registry, and what has to be made good between them.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    fs::{self, File, TryLockError},
    panic::{self, AssertUnwindSafe},
    path::{Path, PathBuf},
    sync::{Arc, mpsc},
    thread::{self, JoinHandle},
};

use lika_core::value::NodeId;
use tokio::sync::{mpsc::Receiver, watch};

use super::{
    Error, Settings, Shared, Standing, acknowledged,
    disk::Disk,
    keyring::KeyRing,
    log::{BatchPlace, Log, Opened, Tail, files::Files},
    projection::{self, Site},
    registry::{
        self, Check, Flight, Overlay, Redo, Registry, State, digest_after, schema::OWN_LOG,
    },
    stored::Sources,
    verify,
    writer::{self, Appender, Applier, Ground, Job, Writer},
};
use crate::clock::Clock;

/// There when the registry is to be rebuilt.
pub const REBUILD: &str = "rebuild";
/// A rebuild is written to sled whenever it has so many keys.
const REBUILD_KEYS: usize = 50_000;
/// Groups that may wait between two stages of the writer: the more there are, the smaller they are, and without any a
/// stage that is done waits for the next one.
const BETWEEN_STAGES: usize = 1;

/// How far a long step has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What is being done.
    pub step: Step,
    /// How much of it is done.
    pub done: u64,
    /// How much there is.
    pub total: u64,
}

/// What can take long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Replaying batches that the registry does not have yet.
    Replay,
    /// Building the registry from the whole log; counted in batches.
    Rebuild,
    /// Walking the logs; counted in batches.
    Verify,
}

/// The lock of a data folder.
pub struct FolderLock(File);

impl Drop for FolderLock {
    fn drop(&mut self) {
        // Closing would not do: a child that is being started shares the open file until it runs its program.
        drop(self.0.unlock());
    }
}

/// A store whose stages do not run yet.
pub struct Idle {
    /// What the stages and the readers share.
    pub shared: Arc<Shared>,
    logs: BTreeMap<u16, Log>,
    applier: Applier,
    writing: writer::Settings,
}

/// Opens everything.
pub fn open(
    settings: &Settings,
    disk: Arc<dyn Disk>,
    clock: Arc<dyn Clock>,
    progress: &mut dyn FnMut(Progress),
) -> Result<Idle, Error> {
    let folder = &settings.folder;
    fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
    disk.create_folder(folder)
        .map_err(Error::io("create", folder))?;
    let lock = lock(folder)?;
    let log_folder = folder.join("log");
    disk.create_folder(&log_folder)
        .map_err(Error::io("create", &log_folder))?;
    disk.sync_folder(folder)
        .map_err(Error::io("sync", folder))?;
    let is_new = log_files(&disk, &log_folder)?.is_empty();
    let ring = KeyRing::open(Arc::clone(&disk), folder, &settings.node_key, is_new)?;
    let mut redo = Redo::new(Arc::clone(&disk), folder);
    let (registry, state) = open_registry(settings, &*disk, &mut redo, ring.destroyed())?;
    let known = match &state {
        State::Whole(standing) => Some(standing.clone()),
        State::Empty => None,
    };
    let sources = Sources::new(ring);
    let mut logs = open_logs(settings, &disk, known.as_ref(), &sources)?;
    check_acknowledged(&*disk, folder, &logs)?;
    if let Some(own) = logs.get(&OWN_LOG) {
        let (files, tail) = (sources.files(OWN_LOG)?, own.log.tail());
        let ring = sources.ring();
        ring.settle(|| verify::needs_more_keys(files, ring, tail))?;
    }
    let (registry, standing, check) = catch_up(
        settings, registry, state, &mut logs, &sources, &mut redo, progress,
    )?;
    let logs: BTreeMap<u16, Log> = logs
        .into_iter()
        .map(|(number, opened)| (number, opened.log))
        .collect();
    let shared = Arc::new(Shared {
        node: settings.node,
        area: settings.area,
        folder: folder.clone(),
        disk,
        _settling: registry.settling(&registry_folder(settings)),
        registry,
        sources,
        published: watch::Sender::new(standing.clone()),
        stopped: watch::Sender::new(None),
        _lock: lock,
    });
    let applier = Applier::new(Arc::clone(&shared), standing, redo, check);
    Ok(Idle {
        shared,
        logs,
        applier,
        writing: writer::Settings {
            clock,
            own_area: settings.area,
            segment_limit: settings.segment_bytes,
        },
    })
}

impl Idle {
    /// Starts the stages, each in a thread of its own; they end when nobody can ask any more.
    pub fn start(self, mut jobs: Receiver<Job>) -> Result<Vec<JoinHandle<()>>, Error> {
        let Self {
            shared,
            logs,
            mut applier,
            writing,
        } = self;
        let standing = shared.published.borrow().clone();
        let tails = logs.iter().map(|(log, known)| (*log, known.tail().clone()));
        let ground = Ground {
            tails: tails.collect(),
            order: standing.order,
            digest: standing.digest,
            destroyed: standing.destroyed,
        };
        let (steps, decided) = mpsc::sync_channel(BETWEEN_STAGES);
        let (durable, appended) = mpsc::sync_channel(BETWEEN_STAGES);
        let (landed, outcomes) = mpsc::channel();
        let mut appender = Appender::new(logs);
        let mut writer = Writer::new(Arc::clone(&shared), writing, ground, steps, outcomes);
        Ok(vec![
            stage(&shared, "store-writer", move || writer.serve(&mut jobs))?,
            stage(&shared, "store-append", move || {
                appender.serve(&decided, &durable)
            })?,
            stage(&shared, "store-apply", move || {
                applier.serve(&appended, &landed)
            })?,
        ])
    }
}

fn stage(
    shared: &Arc<Shared>,
    name: &str,
    mut serve: impl FnMut() -> Result<(), Error> + Send + 'static,
) -> Result<JoinHandle<()>, Error> {
    let stopping = Arc::clone(shared);
    let run = move || {
        let served = panic::catch_unwind(AssertUnwindSafe(&mut serve));
        let why = match served {
            Ok(Ok(())) => return,
            Ok(Err(Error::Stopped(why))) => why,
            Ok(Err(Error::Registry(why))) => {
                drop(stopping.want_rebuild());
                format!("the registry is rebuilt at the next start: {why}")
            }
            Ok(Err(error)) => error.to_string(),
            Err(_) => "a stage of the store panicked".to_owned(),
        };
        tracing::error!(why, "the store has stopped");
        // First the reason, then the queues of the stage: whoever finds one closed can say why.
        stopping.stop(why);
        drop(serve);
    };
    let thread = thread::Builder::new().name(name.to_owned()).spawn(run);
    thread.map_err(Error::io("start a thread for", shared.folder.clone()))
}

/// Builds a registry from batches of the logs, in the order in which they were written.
pub struct Rebuild<'a> {
    registry: &'a Registry,
    sources: &'a Sources,
    /// Where the registry has arrived.
    pub standing: Standing,
    overlay: Overlay<'a>,
}

impl<'a> Rebuild<'a> {
    /// Begins with an empty registry.
    pub fn new(registry: &'a Registry, sources: &'a Sources) -> Self {
        Self {
            registry,
            sources,
            standing: Standing::default(),
            overlay: Overlay::new(registry),
        }
    }

    /// Adds a batch.
    pub fn add(&mut self, log: u16, place: BatchPlace) -> Result<(), Error> {
        let files = self.sources.files(log)?;
        let batch = files.batch_at(place.segment, place.offset)?;
        let site = Site {
            log,
            segment: place.segment,
            offset: place.offset,
            end: place.offset + batch.length,
        };
        projection::replay(&mut self.overlay, self.sources, &site, &batch)?;
        self.standing.order = place.order;
        if self.overlay.len() >= REBUILD_KEYS {
            self.write()
        } else {
            Ok(())
        }
    }

    /// Writes what is left.
    pub fn write(&mut self) -> Result<(), Error> {
        let overlay = std::mem::replace(&mut self.overlay, Overlay::new(self.registry));
        let Flight { changes, .. } = overlay.into_flight()?;
        self.standing.digest = digest_after(self.standing.digest, &changes);
        self.registry.load(&changes)
    }
}

/// All batches in the order in which they were written.
pub fn in_order(logs: impl IntoIterator<Item = (u16, Vec<BatchPlace>)>) -> Vec<(u16, BatchPlace)> {
    let mut all: Vec<_> = logs
        .into_iter()
        .flat_map(|(log, places)| places.into_iter().map(move |place| (log, place)))
        .collect();
    all.sort_by_key(|(_, place)| place.order);
    all
}

fn lock(folder: &Path) -> Result<FolderLock, Error> {
    let path = folder.join("lock");
    let file = File::create(&path).map_err(Error::io("create", &path))?;
    match file.try_lock() {
        Ok(()) => Ok(FolderLock(file)),
        Err(TryLockError::WouldBlock) => Err(Error::Locked(folder.to_owned())),
        Err(TryLockError::Error(error)) => Err(Error::io("lock", path)(error)),
    }
}

fn log_files(disk: &Arc<dyn Disk>, log_folder: &Path) -> Result<Vec<Files>, Error> {
    let mut found = Vec::new();
    for name in disk
        .list(log_folder)
        .map_err(Error::io("list", log_folder))?
    {
        let Ok(node) = NodeId::parse(&name) else {
            continue;
        };
        let files = Files::new(Arc::clone(disk), log_folder, node);
        if !files.segments()?.is_empty() {
            found.push(files);
        }
    }
    Ok(found)
}

fn registry_folder(settings: &Settings) -> PathBuf {
    settings.folder.join("registry")
}

fn open_registry(
    settings: &Settings,
    disk: &dyn Disk,
    redo: &mut Redo,
    destroyed: u64,
) -> Result<(Registry, State), Error> {
    let folder = registry_folder(settings);
    let wanted = settings.folder.join(REBUILD);
    if disk.open(&wanted).is_ok() {
        set_aside(&folder)?;
        disk.remove(&wanted).map_err(Error::io("remove", wanted))?;
    }
    let opened = Registry::open(&folder, settings.cache_bytes, redo);
    match opened {
        Ok((registry, State::Whole(standing))) if standing.destroyed != destroyed => {
            drop(registry);
            tracing::warn!(
                "a key was destroyed and the registry does not know of it; it is rebuilt"
            );
            fresh_registry(settings, redo)
        }
        Err(Error::Registry(why)) => {
            tracing::warn!(why, "the registry cannot be used and is rebuilt");
            fresh_registry(settings, redo)
        }
        opened => opened,
    }
}

fn fresh_registry(settings: &Settings, redo: &mut Redo) -> Result<(Registry, State), Error> {
    let folder = registry_folder(settings);
    set_aside(&folder)?;
    redo.clear()?;
    Registry::open(&folder, settings.cache_bytes, redo)
}

fn set_aside(folder: &Path) -> Result<(), Error> {
    if let Some(aside) = registry::move_aside(folder)? {
        tracing::warn!(aside = %aside.display(), "the registry was moved aside");
    }
    Ok(())
}

fn open_logs(
    settings: &Settings,
    disk: &Arc<dyn Disk>,
    known: Option<&Standing>,
    sources: &Sources,
) -> Result<BTreeMap<u16, Opened>, Error> {
    let log_folder = settings.folder.join("log");
    let mut logs = BTreeMap::new();
    for files in log_files(disk, &log_folder)? {
        let node = files.node();
        let Some(number) = number_of(&files)? else {
            continue;
        };
        if (number == OWN_LOG) != (node == settings.node) {
            let owner = if number == OWN_LOG {
                node
            } else {
                settings.node
            };
            return Err(Error::WrongNode {
                expected: settings.node,
                found: owner,
            });
        }
        sources.add(number, files.clone());
        let tail = known.and_then(|known| known.tails.get(&number)).cloned();
        let opened = Log::open(files, number, tail)?;
        if let Some(torn) = &opened.torn {
            tracing::warn!(file = %torn.display(), "the end of a log was torn and has been cut off");
        }
        logs.insert(number, opened);
    }
    let missing = known.and_then(|known| {
        known
            .tails
            .iter()
            .find(|(number, _)| !logs.contains_key(number))
    });
    if let Some((_, Tail { node, position, .. })) = missing {
        return Err(Error::MissingAcknowledged {
            node: *node,
            known: *position,
            found: Default::default(),
        });
    }
    if let Entry::Vacant(own) = logs.entry(OWN_LOG) {
        let log = Log::create(Arc::clone(disk), &log_folder, settings.node, OWN_LOG)?;
        sources.add(OWN_LOG, log.files());
        own.insert(Opened {
            log,
            later: Vec::new(),
            torn: None,
        });
    }
    Ok(logs)
}

/// The number of a log, from its first segment. None when not even that was finished.
fn number_of(files: &Files) -> Result<Option<u16>, Error> {
    let segments = files.segments()?;
    let Some(first) = segments.first() else {
        return Ok(None);
    };
    match files.read_header(*first)? {
        Some(header) => Ok(Some(header.number)),
        None if segments.len() == 1 && !files.has_batch_after(*first, 0)? => {
            let torn = files.set_aside(*first)?;
            tracing::warn!(file = %torn.display(), "a segment was never finished and has been set aside");
            Ok(None)
        }
        None => Err(Error::damaged(
            files.path(*first),
            0,
            "the header of the segment cannot be read",
        )),
    }
}

fn check_acknowledged(
    disk: &dyn Disk,
    folder: &Path,
    logs: &BTreeMap<u16, Opened>,
) -> Result<(), Error> {
    let Some(known) = acknowledged::furthest(disk, folder)? else {
        return Ok(());
    };
    let tail = logs.get(&OWN_LOG).map(|opened| opened.log.tail());
    match tail {
        Some(tail) if tail.position < known => Err(Error::MissingAcknowledged {
            node: tail.node,
            known,
            found: tail.position,
        }),
        _ => Ok(()),
    }
}

fn catch_up(
    settings: &Settings,
    registry: Registry,
    state: State,
    logs: &mut BTreeMap<u16, Opened>,
    sources: &Sources,
    redo: &mut Redo,
    progress: &mut dyn FnMut(Progress),
) -> Result<(Registry, Standing, Option<Check>), Error> {
    if let State::Whole(standing) = state {
        let later = in_order(
            logs.iter()
                .map(|(number, opened)| (*number, opened.later.clone())),
        );
        if let Some(standing) =
            replay_lag(&registry, standing, &later, logs, sources, redo, progress)?
        {
            // Damage does not wait for a kill: what is on the disk is held against the digest after every start.
            return Ok((registry, standing, Some(Check::new())));
        }
        tracing::warn!("the registry disagrees with the log and is rebuilt");
        drop(registry);
        let (registry, _) = fresh_registry(settings, redo)?;
        *logs = open_logs(settings, &disk_of(logs)?, None, sources)?;
        return rebuild(registry, logs, sources, progress);
    }
    rebuild(registry, logs, sources, progress)
}

fn rebuild(
    registry: Registry,
    logs: &BTreeMap<u16, Opened>,
    sources: &Sources,
    progress: &mut dyn FnMut(Progress),
) -> Result<(Registry, Standing, Option<Check>), Error> {
    registry.erase()?;
    let all = in_order(
        logs.iter()
            .map(|(number, opened)| (*number, opened.later.clone())),
    );
    let total = all.len() as u64;
    let mut rebuild = Rebuild::new(&registry, sources);
    for (done, (log, place)) in (1..).zip(all) {
        rebuild.add(log, place)?;
        progress(Progress {
            step: Step::Rebuild,
            done,
            total,
        });
    }
    rebuild.write()?;
    let mut standing = rebuild.standing.clone();
    standing.tails = tails(logs);
    standing.destroyed = sources.ring().destroyed();
    registry.finish_load(&standing)?;
    Ok((registry, standing, None))
}

/// Applies what the registry lacks; none when it is not the registry that the log was written with.
fn replay_lag(
    registry: &Registry,
    mut standing: Standing,
    later: &[(u16, BatchPlace)],
    logs: &BTreeMap<u16, Opened>,
    sources: &Sources,
    redo: &mut Redo,
    progress: &mut dyn FnMut(Progress),
) -> Result<Option<Standing>, Error> {
    let total = later.len() as u64;
    for (done, (log, place)) in (1..).zip(later) {
        let files = sources.files(*log)?;
        let batch = files.batch_at(place.segment, place.offset)?;
        if batch.header.registry != standing.digest || place.order != standing.order + 1 {
            return Ok(None);
        }
        let end = place.offset + batch.length;
        let site = Site {
            log: *log,
            segment: place.segment,
            offset: place.offset,
            end,
        };
        let mut overlay = Overlay::new(registry);
        projection::replay(&mut overlay, sources, &site, &batch)?;
        let Flight { changes, .. } = overlay.into_flight()?;
        let before = standing.clone();
        standing.order = place.order;
        standing.digest = digest_after(standing.digest, &changes);
        let last = batch
            .last()
            .map_err(|error| Error::damaged(files.path(place.segment), place.offset, error))?;
        standing.tails.insert(*log, tail_of(&last, *place, end));
        registry.apply(
            &registry::Applied {
                changes: &changes,
                before: &before,
                standing: &standing,
            },
            redo,
        )?;
        progress(Progress {
            step: Step::Replay,
            done,
            total,
        });
    }
    // A log may have begun a segment in which there is nothing yet.
    standing.tails = tails(logs);
    Ok(Some(standing))
}

fn tail_of(last: &lika_core::log::Entry, place: BatchPlace, end: u64) -> Tail {
    let header = last.header();
    Tail {
        node: header.node,
        position: super::Position {
            epoch: header.epoch,
            seq: header.seq,
        },
        hash: *last.hash(),
        recorded_at: header.recorded_at,
        order: place.order,
        segment: place.segment,
        end,
    }
}

/// The tails of the logs that have entries.
fn tails(logs: &BTreeMap<u16, Opened>) -> BTreeMap<u16, Tail> {
    let tails = logs
        .iter()
        .map(|(number, opened)| (*number, opened.log.tail().clone()));
    tails.filter(|(_, tail)| tail.position.seq > 0).collect()
}

fn disk_of(logs: &BTreeMap<u16, Opened>) -> Result<Arc<dyn Disk>, Error> {
    let any = logs.values().next().map(|opened| opened.log.files().disk());
    any.ok_or_else(|| Error::Registry("there is no log to rebuild it from".to_owned()))
}
