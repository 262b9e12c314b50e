//! What an authority has issued, allowed, refused and revoked: a file of its own beside the authority.
//!
//! ```text
//! certificates/register.log      <64 hexadecimal digits> <JSON> \n      one line an event, only ever longer
//!                                SHA-256(digits of the line before, as bytes ‖ JSON); zeros before the first line
//! ```
//!
//! It is not in the node's log, for three reasons. A data folder that is brought back from a backup must not bring back
//! a token that was used or a certificate that was revoked. A node's log goes to the node above, which need not learn
//! whom this one lets in. And an office revokes while the node runs, or while it cannot run. Whoever may write this
//! file may also read the authority's key beside it, so that it is no weaker a place; the chain finds accidents and
//! careless editing, not an intruder.
//!
//! The command line and the node that runs write it in turns, under a lock of the operating system; what one of them
//! has written the other sees at its next question, since a longer file is read on.

mod event;
mod standing;
pub(super) mod text;

use std::{
    fs::{File, OpenOptions},
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use lika_core::value::Digest;
use serde::{Deserialize, Serialize};
use thiserror::Error as ThisError;
use tokio::sync::watch;

pub use self::{
    event::{Event, Ground, Holder, Issued, Revoked},
    standing::{Fate, KnownToken, Revocation, Standing},
};
use crate::pki::Certificate;

const NAME: &str = "register.log";
/// The digest and the space before a line's JSON.
const BEFORE_JSON: usize = 65;

/// The register of a folder of certificates.
#[derive(Debug)]
pub struct Register {
    file: PathBuf,
    known: Mutex<Known>,
    lines: watch::Sender<u64>,
}

/// Why the register cannot be read or written.
#[derive(Debug, ThisError)]
pub enum Error {
    /// The file cannot be read or written.
    #[error("cannot {doing} {file}")]
    Io {
        /// What was tried.
        doing: &'static str,
        /// With what.
        file: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// Somebody has changed the file, or the disk has.
    #[error("{file} is damaged at line {line}; bring it back from a backup")]
    Damaged {
        /// The file.
        file: PathBuf,
        /// Where.
        line: u64,
    },
    /// A newer program has written it.
    #[error("line {line} of {file} is not known to this version; a newer one has written it")]
    Newer {
        /// The file.
        file: PathBuf,
        /// Where.
        line: u64,
        /// What is not known.
        #[source]
        source: serde_json::Error,
    },
}

#[derive(Debug)]
struct Known {
    standing: Standing,
    /// How much of the file has been read, in bytes: whole lines.
    read: u64,
    line: u64,
    last: Digest,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Line {
    at_ms: u64,
    event: Event,
}

impl Register {
    /// Reads the register of a folder; one that is not there is empty.
    pub fn open(folder: &Path) -> Result<Self, Error> {
        let register = Self {
            file: folder.join(NAME),
            known: Mutex::new(Known {
                standing: Standing::default(),
                read: 0,
                line: 0,
                last: Digest::ZERO,
            }),
            lines: watch::Sender::new(0),
        };
        register.refresh()?;
        Ok(register)
    }

    /// Asks what stands there now.
    pub fn ask<T>(&self, ask: impl FnOnce(&Standing) -> T) -> Result<T, Error> {
        let mut known = self.known();
        self.read_on(&mut known)?;
        Ok(ask(&known.standing))
    }

    /// Why a certificate counts no more, if it does not. What cannot be read changes nothing: what was revoked stays
    /// so, and the fault is reported once a line is written or the node starts.
    pub fn revocation(&self, certificate: &Certificate) -> Option<Revocation> {
        let mut known = self.known();
        if let Err(error) = self.read_on(&mut known) {
            tracing::error!(error = %crate::telemetry::chain(&error), "the register of certificates");
        }
        known.standing.revocation(certificate).cloned()
    }

    /// Reads what others have written.
    pub fn refresh(&self) -> Result<(), Error> {
        self.read_on(&mut self.known())
    }

    /// Tells how many lines there are whenever there are more.
    pub fn subscribe(&self) -> watch::Receiver<u64> {
        self.lines.subscribe()
    }

    /// Decides on what stands there and writes what was decided, while nobody else does either. What is answered is
    /// answered after the lines are on the disk.
    pub fn record<T, E: From<Error>>(
        &self,
        now_ms: u64,
        decide: impl FnOnce(&Standing) -> Result<(Vec<Event>, T), E>,
    ) -> Result<T, E> {
        let mut known = self.known();
        let file = self.locked()?;
        self.read_on(&mut known)?;
        let (events, answer) = decide(&known.standing)?;
        self.append(file, &mut known, now_ms, events)?;
        Ok(answer)
    }

    /// Opened to write, and locked until it is dropped.
    fn locked(&self) -> Result<File, Error> {
        let is_new = !self.file.exists();
        let file = OpenOptions::new()
            .create(true)
            .read(true)
            .append(true)
            .mode(0o600)
            .open(&self.file)
            .map_err(self.failed("open"))?;
        file.lock().map_err(self.failed("lock"))?;
        if is_new && let Some(folder) = self.file.parent() {
            let folder = File::open(folder).map_err(self.failed("open the folder of"))?;
            folder.sync_all().map_err(self.failed("sync"))?;
        }
        Ok(file)
    }

    fn append(
        &self,
        mut file: File,
        known: &mut Known,
        now_ms: u64,
        events: Vec<Event>,
    ) -> Result<(), Error> {
        // Half a line was never answered: its writer was killed.
        file.set_len(known.read).map_err(self.failed("cut"))?;
        let mut last = known.last;
        let mut lines = String::new();
        for event in events {
            let json = serde_json::to_string(&Line {
                at_ms: now_ms,
                event,
            });
            let json = json.map_err(|error| self.failed("write")(error.into()))?;
            last = chained(&last, json.as_bytes());
            lines.push_str(&format!("{last} {json}\n"));
        }
        file.write_all(lines.as_bytes())
            .map_err(self.failed("write"))?;
        file.sync_data().map_err(self.failed("sync"))?;
        self.read_on(known)
    }

    fn read_on(&self, known: &mut Known) -> Result<(), Error> {
        let length = match self.file.metadata() {
            Ok(metadata) => metadata.len(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
            Err(error) => return Err(self.failed("read")(error)),
        };
        if length == known.read {
            return Ok(());
        }
        if length < known.read {
            // It only ever grows: a shorter one has forgotten something.
            return Err(self.damaged(known.line));
        }
        let mut bytes = Vec::new();
        let mut file = File::open(&self.file).map_err(self.failed("read"))?;
        file.seek(SeekFrom::Start(known.read))
            .and_then(|_| file.read_to_end(&mut bytes))
            .map_err(self.failed("read"))?;
        // What has no end yet is being written, or was never finished.
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            if let Some(line) = line.strip_suffix(b"\n") {
                self.take(known, line)?;
            }
        }
        self.lines.send_if_modified(|lines| {
            let grew = *lines != known.line;
            *lines = known.line;
            grew
        });
        Ok(())
    }

    fn take(&self, known: &mut Known, line: &[u8]) -> Result<(), Error> {
        let number = known.line + 1;
        let damaged = || self.damaged(number);
        let (digest, json) = line.split_at_checked(BEFORE_JSON).ok_or_else(damaged)?;
        let expected = chained(&known.last, json);
        if digest != format!("{expected} ").as_bytes() {
            return Err(damaged());
        }
        let Line { at_ms, event } =
            serde_json::from_slice(json).map_err(|source| Error::Newer {
                file: self.file.clone(),
                line: number,
                source,
            })?;
        known.standing.apply(at_ms, event);
        known.read += line.len() as u64 + 1;
        known.line = number;
        known.last = expected;
        Ok(())
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        // A line is taken as a whole, so a panic elsewhere leaves nothing half-read.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn damaged(&self, line: u64) -> Error {
        Error::Damaged {
            file: self.file.clone(),
            line,
        }
    }

    fn failed(&self, doing: &'static str) -> impl Fn(io::Error) -> Error {
        let file = self.file.clone();
        move |source| Error::Io {
            doing,
            file: file.clone(),
            source,
        }
    }
}

fn chained(last: &Digest, json: &[u8]) -> Digest {
    Digest::of(&[last.bytes().as_slice(), json].concat())
}

#[cfg(test)]
mod tests;
