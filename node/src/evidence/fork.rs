//! Two histories of one log, kept for people to look at.
//!
//! ```text
//! forks/<node>-<epoch>-<seq>-<first digits of their hash>.json
//! ```
//!
//! The format is told in the README of `proto`. A file is written once and never changed.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use lika_core::{log::Entry, value::NodeId};
use serde::Serialize;

use crate::{
    evidence::{Error, proof::EntryFile},
    pki,
};

const FORMAT: &str = "lika-fork/1";

/// Two histories of one log.
#[derive(Clone, Debug)]
pub struct Fork {
    /// Whose log.
    pub log: NodeId,
    /// The epoch and the sequence number at which they differ, or after which they do.
    pub at: (u32, u64),
    /// What was here before.
    pub ours: Version,
    /// What was shown since.
    pub theirs: Version,
}

/// One of the histories.
#[derive(Clone, Debug, Default)]
pub struct Version {
    /// Its entry at that place, if it is known.
    pub entry: Option<Entry>,
    /// The last checkpoint that its node has signed of it.
    pub note: Option<String>,
}

#[derive(Serialize)]
struct ForkFile {
    format: &'static str,
    node: String,
    epoch: u32,
    seq: u64,
    ours: VersionFile,
    theirs: VersionFile,
}

#[derive(Serialize)]
struct VersionFile {
    #[serde(skip_serializing_if = "Option::is_none")]
    entry: Option<EntryFile>,
    #[serde(skip_serializing_if = "Option::is_none")]
    checkpoint: Option<String>,
}

impl Fork {
    /// Writes it into a folder, once; the file.
    pub fn keep(&self, folder: &Path) -> Result<PathBuf, Error> {
        fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
        let Self {
            log,
            at: (epoch, seq),
            ours,
            theirs,
        } = self;
        let shown = theirs.entry.as_ref().map(|entry| entry.hash().to_string());
        let shown = shown.unwrap_or_else(|| "without".to_owned());
        let mark: String = shown.chars().take(8).collect();
        let file = folder.join(format!("{log}-{epoch}-{seq}-{mark}.json"));
        let content = ForkFile {
            format: FORMAT,
            node: log.to_string(),
            epoch: *epoch,
            seq: *seq,
            ours: VersionFile::from(ours),
            theirs: VersionFile::from(theirs),
        };
        let text = serde_json::to_string_pretty(&content);
        let text = text.map_err(|error| Error::NotAProof(error.to_string()))? + "\n";
        match pki::write_new(&file, text.as_bytes(), 0o644) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(file),
            Err(error) => Err(Error::io("write", &file)(error)),
            Ok(()) => Ok(file),
        }
    }
}

impl From<&Version> for VersionFile {
    fn from(version: &Version) -> Self {
        Self {
            entry: version.entry.as_ref().map(EntryFile::of),
            checkpoint: version.note.clone(),
        }
    }
}
