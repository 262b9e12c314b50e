//! A disk in memory whose power can be cut: what was not made durable is lost, kept or torn at random.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use crate::store::disk::{Append, Disk, Read};

/// A disk in memory.
#[derive(Clone, Debug, Default)]
pub struct SimulatedDisk {
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    files: Vec<Content>,
    /// What a process sees.
    names: BTreeMap<PathBuf, usize>,
    /// What is there after a power cut, whatever happens.
    durable_names: BTreeMap<PathBuf, usize>,
    operations: u64,
    cut_at: Option<u64>,
    full_at: Option<usize>,
    syncs_fail: bool,
}

#[derive(Clone, Debug, Default)]
struct Content {
    bytes: Vec<u8>,
    durable: usize,
}

struct SimulatedFile {
    disk: SimulatedDisk,
    content: usize,
}

impl SimulatedDisk {
    /// After this many more operations that change something, every operation fails, as if the power were gone.
    pub fn cut_after(&self, operations: u64) {
        let mut state = self.lock();
        state.cut_at = Some(state.operations + operations);
    }

    /// Whether the power is gone.
    pub fn is_cut(&self) -> bool {
        let state = self.lock();
        state.cut_at.is_some_and(|at| state.operations >= at)
    }

    /// Lets the disk hold this many bytes altogether; none for any number.
    pub fn fill_at(&self, bytes: Option<usize>) {
        self.lock().full_at = bytes;
    }

    /// Lets every `fdatasync` fail, or none.
    pub fn let_syncs_fail(&self, fail: bool) {
        self.lock().syncs_fail = fail;
    }

    /// How many bytes it holds.
    pub fn used(&self) -> usize {
        self.lock().used()
    }

    /// The disk as the next start finds it.
    pub fn after_power_cut(&self, seed: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let state = self.lock();
        let mut names = state.durable_names.clone();
        let all: Vec<_> = state
            .names
            .keys()
            .chain(state.durable_names.keys())
            .cloned()
            .collect();
        for name in all {
            if state.names.get(&name) != state.durable_names.get(&name) && rng.random_bool(0.5) {
                match state.names.get(&name) {
                    Some(content) => names.insert(name, *content),
                    None => names.remove(&name),
                };
            }
        }
        let files = state
            .files
            .iter()
            .map(|content| content.after_power_cut(&mut rng))
            .collect();
        let next = State {
            files,
            durable_names: names.clone(),
            names,
            ..State::default()
        };
        Self {
            state: Arc::new(Mutex::new(next)),
        }
    }

    /// The whole content of a file.
    pub fn content(&self, file: &Path) -> Option<Vec<u8>> {
        let state = self.lock();
        state
            .names
            .get(file)
            .map(|content| state.files[*content].bytes.clone())
    }

    /// Changes one byte.
    pub fn flip(&self, file: &Path, offset: usize) {
        let mut state = self.lock();
        let content = state.names[file];
        state.files[content].bytes[offset] ^= 0x40;
    }

    /// The names of all files.
    pub fn files(&self) -> Vec<PathBuf> {
        self.lock().names.keys().cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn look(&self) -> io::Result<MutexGuard<'_, State>> {
        if self.is_cut() {
            return Err(io::Error::other("the power is gone"));
        }
        Ok(self.lock())
    }

    fn operate(&self) -> io::Result<MutexGuard<'_, State>> {
        let mut state = self.look()?;
        state.operations += 1;
        Ok(state)
    }
}

impl State {
    fn used(&self) -> usize {
        self.names
            .values()
            .map(|content| self.files[*content].bytes.len())
            .sum()
    }

    fn content(&self, file: &Path) -> io::Result<usize> {
        self.names
            .get(file)
            .copied()
            .ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

impl Content {
    /// Keeps what is durable and some of the rest, of which some never reached the disk and reads as zero.
    fn after_power_cut(&self, rng: &mut ChaCha8Rng) -> Self {
        let kept = rng.random_range(self.durable..=self.bytes.len());
        let mut bytes = self.bytes[..kept].to_vec();
        if kept > self.durable && rng.random_bool(0.5) {
            let from = rng.random_range(self.durable..kept);
            let until = rng.random_range(from..=kept);
            bytes[from..until].fill(0);
        }
        Self {
            durable: bytes.len(),
            bytes,
        }
    }
}

impl Disk for SimulatedDisk {
    fn create_folder(&self, _folder: &Path) -> io::Result<()> {
        self.operate().map(drop)
    }

    fn create(&self, file: &Path) -> io::Result<Box<dyn Append>> {
        let mut state = self.operate()?;
        if state.names.contains_key(file) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let content = state.files.len();
        state.files.push(Content::default());
        state.names.insert(file.to_owned(), content);
        Ok(Box::new(SimulatedFile {
            disk: self.clone(),
            content,
        }))
    }

    fn append(&self, file: &Path) -> io::Result<Box<dyn Append>> {
        let content = self.look()?.content(file)?;
        Ok(Box::new(SimulatedFile {
            disk: self.clone(),
            content,
        }))
    }

    fn open(&self, file: &Path) -> io::Result<Arc<dyn Read>> {
        let content = self.look()?.content(file)?;
        Ok(Arc::new(SimulatedFile {
            disk: self.clone(),
            content,
        }))
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<String>> {
        let state = self.look()?;
        let mut names: Vec<String> = state
            .names
            .keys()
            .filter_map(|file| file.strip_prefix(folder).ok())
            .filter_map(|below| below.iter().next())
            .map(|name| name.to_string_lossy().into_owned())
            .collect();
        names.dedup();
        Ok(names)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.operate()?;
        let content = state.content(from)?;
        state.names.remove(from);
        state.names.insert(to.to_owned(), content);
        Ok(())
    }

    fn remove(&self, file: &Path) -> io::Result<()> {
        let mut state = self.operate()?;
        state.content(file)?;
        state.names.remove(file);
        Ok(())
    }

    fn truncate(&self, file: &Path, length: u64) -> io::Result<()> {
        let mut state = self.operate()?;
        let content = state.content(file)?;
        let content = &mut state.files[content];
        content
            .bytes
            .truncate(usize::try_from(length).map_err(io::Error::other)?);
        content.durable = content.bytes.len();
        Ok(())
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        let mut state = self.operate()?;
        let below = |file: &PathBuf| file.parent() == Some(folder);
        state.durable_names.retain(|file, _| !below(file));
        let now: Vec<_> = state
            .names
            .iter()
            .filter(|(file, _)| below(file))
            .map(|(file, content)| (file.clone(), *content))
            .collect();
        state.durable_names.extend(now);
        Ok(())
    }
}

impl Append for SimulatedFile {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut state = self.disk.operate()?;
        let room = state
            .full_at
            .map_or(usize::MAX, |at| at.saturating_sub(state.used()));
        let taken = bytes.len().min(room);
        state.files[self.content]
            .bytes
            .extend_from_slice(&bytes[..taken]);
        if taken < bytes.len() {
            Err(io::ErrorKind::StorageFull.into())
        } else {
            Ok(())
        }
    }

    fn sync(&mut self) -> io::Result<()> {
        let mut state = self.disk.operate()?;
        if state.syncs_fail {
            return Err(io::Error::other("the device does not answer"));
        }
        let content = &mut state.files[self.content];
        content.durable = content.bytes.len();
        Ok(())
    }
}

impl Read for SimulatedFile {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        let state = self.disk.look()?;
        let from = usize::try_from(offset).map_err(io::Error::other)?;
        let bytes = &state.files[self.content].bytes;
        let wanted = bytes
            .get(from..from + buffer.len())
            .ok_or(io::ErrorKind::UnexpectedEof)?;
        buffer.copy_from_slice(wanted);
        Ok(())
    }

    fn length(&self) -> io::Result<u64> {
        Ok(self.disk.look()?.files[self.content].bytes.len() as u64)
    }
}
