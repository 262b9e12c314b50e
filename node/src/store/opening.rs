//! Opening a store: lock, keys, logs, registry, and what has to be made good between them.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    fs::{self, File, TryLockError},
    panic::{self, AssertUnwindSafe},
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
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
    registry::{self, Check, Overlay, Pending, Registry, State, digest_after, schema::OWN_LOG},
    session::KnownAreas,
    stored::Sources,
    writer::{Job, Writer},
};
use crate::clock::Clock;

/// There while the store is open.
const RUNNING: &str = "running";
/// There when the registry is to be rebuilt.
pub const REBUILD: &str = "rebuild";
/// A rebuild is written to sled whenever it has so many keys.
const REBUILD_KEYS: usize = 50_000;

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

/// Opens everything but the writer's thread.
pub fn open(
    settings: &Settings,
    disk: Arc<dyn Disk>,
    clock: Arc<dyn Clock>,
    progress: &mut dyn FnMut(Progress),
) -> Result<(Arc<Shared>, Writer), Error> {
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
    let was_running = mark_running(&*disk, folder)?;
    let mut pending = Pending::open(Arc::clone(&disk), folder)?;
    let (registry, state) = open_registry(settings, &*disk, &mut pending, was_running)?;
    let known = match &state {
        State::Clean(standing) | State::Unclean(standing) | State::Partial(standing) => {
            Some(standing.clone())
        }
        State::Empty => None,
    };
    let sources = Sources::new(ring);
    let mut logs = open_logs(settings, &disk, known.as_ref(), &sources)?;
    check_acknowledged(&*disk, folder, &logs)?;
    let (registry, standing, check) = catch_up(
        settings,
        registry,
        state,
        &mut logs,
        &sources,
        &mut pending,
        progress,
    )?;
    let logs: BTreeMap<u16, Log> = logs
        .into_iter()
        .map(|(number, opened)| (number, opened.log))
        .collect();
    let shared = Arc::new(Shared {
        node: settings.node,
        folder: folder.clone(),
        disk,
        registry,
        sources,
        published: watch::Sender::new(standing.clone()),
        stopped: OnceLock::new(),
        _lock: lock,
    });
    let writer = Writer {
        shared: Arc::clone(&shared),
        clock,
        own_area: settings.area,
        logs,
        standing,
        pending,
        check,
        checked: Vec::new(),
        held: None,
        segment_limit: settings.segment_bytes,
        areas: KnownAreas::default(),
    };
    Ok((shared, writer))
}

/// Starts the writer's thread.
pub fn start(
    shared: Arc<Shared>,
    mut writer: Writer,
    mut jobs: Receiver<Job>,
) -> Result<JoinHandle<()>, Error> {
    let folder = shared.folder.clone();
    let run = move || {
        let served = panic::catch_unwind(AssertUnwindSafe(|| writer.serve(&mut jobs)));
        let why = match served {
            Ok(Ok(())) => {
                drop(shared.disk.remove(&shared.folder.join(RUNNING)));
                return;
            }
            Ok(Err(Error::Stopped(why))) => why,
            Ok(Err(error)) => {
                if matches!(error, Error::Registry(_)) {
                    drop(shared.want_rebuild());
                }
                error.to_string()
            }
            Err(_) => "the writer panicked".to_owned(),
        };
        tracing::error!(why, "the store has stopped");
        // First the reason, then the queue: whoever finds it closed can say why.
        drop(shared.stopped.set(why));
        drop(jobs);
    };
    let thread = thread::Builder::new()
        .name("store-writer".to_owned())
        .spawn(run);
    thread.map_err(Error::io("start a thread for", folder))
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
        self.overlay.set_savepoint();
        if self.overlay.len() >= REBUILD_KEYS {
            self.write()
        } else {
            Ok(())
        }
    }

    /// Writes what is left.
    pub fn write(&mut self) -> Result<(), Error> {
        let changes =
            std::mem::replace(&mut self.overlay, Overlay::new(self.registry)).into_changes()?;
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

/// Answers whether the store was not closed in order the last time.
fn mark_running(disk: &dyn Disk, folder: &Path) -> Result<bool, Error> {
    let file = folder.join(RUNNING);
    match disk.create(&file) {
        Ok(_) => {
            disk.sync_folder(folder)
                .map_err(Error::io("sync", folder))?;
            Ok(false)
        }
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(true),
        Err(error) => Err(Error::io("create", file)(error)),
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
    pending: &mut Pending,
    was_running: bool,
) -> Result<(Registry, State), Error> {
    let folder = registry_folder(settings);
    let wanted = settings.folder.join(REBUILD);
    if disk.open(&wanted).is_ok() {
        set_aside(&folder)?;
        disk.remove(&wanted).map_err(Error::io("remove", wanted))?;
    }
    let opened = Registry::open(&folder, settings.cache_bytes).and_then(|(registry, state)| {
        let state = match state {
            State::Partial(_) if registry.finish_pending(pending)? => registry.state_now()?,
            state => state,
        };
        Ok((registry, state))
    });
    let (registry, state) = match opened {
        Ok((registry, State::Partial(_))) => {
            drop(registry);
            fresh_registry(settings)?
        }
        Ok((registry, State::Clean(standing))) if was_running => {
            (registry, State::Unclean(standing))
        }
        Ok(found) => found,
        Err(Error::Registry(why)) => {
            tracing::warn!(why, "the registry cannot be opened and is rebuilt");
            fresh_registry(settings)?
        }
        Err(error) => return Err(error),
    };
    pending.clear()?;
    Ok((registry, state))
}

fn fresh_registry(settings: &Settings) -> Result<(Registry, State), Error> {
    let folder = registry_folder(settings);
    set_aside(&folder)?;
    Registry::open(&folder, settings.cache_bytes)
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
    let limit = settings.segment_bytes;
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
        let opened = Log::open(files, number, tail, limit)?;
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
        let log = Log::create(Arc::clone(disk), &log_folder, settings.node, OWN_LOG, limit)?;
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
    pending: &mut Pending,
    progress: &mut dyn FnMut(Progress),
) -> Result<(Registry, Standing, Option<Check>), Error> {
    let (standing, check) = match state {
        State::Clean(standing) => (Some(standing), None),
        State::Unclean(standing) => (Some(standing), Some(Check::new())),
        State::Partial(_) | State::Empty => (None, None),
    };
    if let Some(standing) = standing {
        let later = in_order(
            logs.iter()
                .map(|(number, opened)| (*number, opened.later.clone())),
        );
        if let Some(standing) = replay_lag(
            &registry, standing, &later, logs, sources, pending, progress,
        )? {
            return Ok((registry, standing, check));
        }
        tracing::warn!("the registry disagrees with the log and is rebuilt");
        drop(registry);
        let (registry, _) = fresh_registry(settings)?;
        pending.clear()?;
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
    pending: &mut Pending,
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
        let changes = overlay.into_changes()?;
        standing.order = place.order;
        standing.digest = digest_after(standing.digest, &changes);
        let last = batch
            .last()
            .map_err(|error| Error::damaged(files.path(place.segment), place.offset, error))?;
        standing.tails.insert(*log, tail_of(&last, *place, end));
        registry.apply(
            &registry::Applied {
                changes: &changes,
                standing: &standing,
                log: *log,
            },
            pending,
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
