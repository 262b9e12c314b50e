//! The newest checkpoint of each log that this node has held against its own copy, on the disk.
//!
//! ```text
//! checkpoints/<node>-<epoch>.note      as it came, with the signature of its node and of those who have witnessed it,
//!                                      and a last line: sha256 and 64 hexadecimal digits, of everything before it
//! ```
//!
//! Whose signature cannot be checked here, because the key is not known, cannot be altered unnoticed either.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use lika_core::value::{Digest, NodeId};

use crate::{
    evidence::{Checkpoint, Error},
    pki,
};

const FOLDER: &str = "checkpoints";
const ENDING: &str = "note";
const SUM: &str = "sha256 ";

/// A folder of checkpoints.
#[derive(Debug)]
pub struct Kept {
    folder: PathBuf,
    /// How many entries each of them is about.
    sizes: Mutex<BTreeMap<(NodeId, u32), u64>>,
}

/// A note that was kept.
#[derive(Debug)]
pub struct KeptNote {
    /// Where it stands.
    pub file: PathBuf,
    /// Whose log it is about, by the name of the file.
    pub log: NodeId,
    /// Which epoch of it, by the name of the file.
    pub epoch: u32,
    /// What stands there, if it is what was written.
    pub note: Result<String, Error>,
}

impl Kept {
    /// The checkpoints in a node's folder of data.
    pub fn in_data(data: &Path) -> Result<Self, Error> {
        let folder = data.join(FOLDER);
        fs::create_dir_all(&folder).map_err(Error::io("create", &folder))?;
        Ok(Self {
            folder,
            sizes: Mutex::default(),
        })
    }

    /// The newest note of an epoch of a log. What it says is for [`Checkpoint::open`] to check.
    pub fn note(&self, log: &NodeId, epoch: u32) -> Result<Option<String>, Error> {
        let file = self.file(log, epoch);
        match fs::read_to_string(&file) {
            Ok(kept) => sound(&kept).map(|note| Some(note.to_owned())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::io("read", &file)(error)),
        }
    }

    /// Keeps a note instead of an older one; a note that says no more is not written again.
    pub fn keep(&self, checkpoint: &Checkpoint, note: &str) -> Result<(), Error> {
        let Checkpoint { node, epoch, .. } = checkpoint;
        let size = checkpoint.tree.size;
        let mut sizes = self.sizes();
        if sizes.get(&(*node, *epoch)) >= Some(&size) {
            return Ok(());
        }
        let kept = format!("{note}{SUM}{}\n", Digest::of(note.as_bytes()));
        pki::replace(&self.file(node, *epoch), kept.as_bytes(), 0o644)?;
        sizes.insert((*node, *epoch), size);
        Ok(())
    }

    /// Every note.
    pub fn all(&self) -> Result<Vec<KeptNote>, Error> {
        let listed = fs::read_dir(&self.folder).map_err(Error::io("list", &self.folder))?;
        let mut all = Vec::new();
        for file in listed {
            let file = file.map_err(Error::io("list", &self.folder))?.path();
            let Some((log, epoch)) = of_file(&file) else {
                continue;
            };
            let bytes = fs::read(&file).map_err(Error::io("read", &file))?;
            // A byte that is none of a text is one that was not signed.
            let kept = String::from_utf8_lossy(&bytes);
            let note = sound(&kept).map(str::to_owned);
            all.push(KeptNote {
                file,
                log,
                epoch,
                note,
            });
        }
        all.sort_by_key(|kept| (kept.log, kept.epoch));
        Ok(all)
    }

    fn file(&self, log: &NodeId, epoch: u32) -> PathBuf {
        self.folder.join(format!("{log}-{epoch}.{ENDING}"))
    }

    fn sizes(&self) -> MutexGuard<'_, BTreeMap<(NodeId, u32), u64>> {
        self.sizes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whose log and which epoch of it the name of a file says.
fn of_file(file: &Path) -> Option<(NodeId, u32)> {
    let is_note = file.extension().is_some_and(|ending| ending == ENDING);
    let name = file.file_stem().filter(|_| is_note)?.to_str()?;
    let (log, epoch) = name.rsplit_once('-')?;
    Some((NodeId::parse(log).ok()?, epoch.parse().ok()?))
}

/// The note of a file, if it is what was written.
fn sound(kept: &str) -> Result<&str, Error> {
    let parts = kept.trim_end_matches('\n').rsplit_once('\n');
    let sum = parts.and_then(|(_, last)| last.strip_prefix(SUM));
    let length = parts.map_or(0, |(note, _)| note.len() + 1);
    let note = kept.get(..length).unwrap_or_default();
    let is_whole = sum == Some(Digest::of(note.as_bytes()).to_string().as_str());
    is_whole
        .then_some(note)
        .ok_or(Error::NotACheckpoint("the file is not what was written"))
}
