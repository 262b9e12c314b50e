//! What can go wrong with a store, and what to do about it.

use std::{fmt, io, path::PathBuf};

use lika_core::{
    log::{self, Entry},
    value::{NodeId, RecordId},
};
use thiserror::Error as ThisError;

use crate::store::Position;

/// Why the store cannot do what it was asked. The variants say what a person has to do.
#[derive(Debug, ThisError)]
pub enum Error {
    /// Core refuses the command; nothing was changed.
    #[error("the command is refused")]
    Refused(#[source] lika_core::command::Refused),
    /// The request id was used for another command; nothing was changed.
    #[error("the request id was already used for another command; use a new one")]
    RequestReused,
    /// Another process has the folder.
    #[error("{0} is in use by another process; stop it first")]
    Locked(PathBuf),
    /// Written by a later version.
    #[error("{file} has format {found}, this version knows {known}; install a newer version")]
    NewerFormat {
        /// Where.
        file: PathBuf,
        /// What it says.
        found: u32,
        /// The newest that this version reads.
        known: u32,
    },
    /// Bytes are not what was written.
    #[error(
        "{file} is damaged at byte {offset}: {what}; restore it from a backup or an upper node"
    )]
    Damaged {
        /// Where.
        file: PathBuf,
        /// From which byte.
        offset: u64,
        /// What is wrong there.
        what: String,
    },
    /// The log ends before something that was acknowledged.
    #[error(
        "the log of {node} ends at {found}, but {known} was acknowledged; restore the missing entries"
    )]
    MissingAcknowledged {
        /// Whose log.
        node: NodeId,
        /// What is known to have been there.
        known: Position,
        /// Where the log ends.
        found: Position,
    },
    /// The folder is another node's.
    #[error("the folder belongs to node {found}, not {expected}")]
    WrongNode {
        /// Who opens it.
        expected: NodeId,
        /// Whose it is.
        found: NodeId,
    },
    /// The node key is not there or not the one that the folder was made with.
    #[error("{file} is not the key of this folder: {what}")]
    NodeKey {
        /// The key file.
        file: PathBuf,
        /// What is wrong with it.
        what: &'static str,
    },
    /// Something personal of somebody whose key was destroyed; nothing was changed.
    #[error(
        "what was personal of {0} was erased for good and cannot be written again; register a new record"
    )]
    Erased(RecordId),
    /// No room; nothing was changed.
    #[error("the disk is full; make room, nothing was changed")]
    DiskFull,
    /// The writer has stopped: what it was doing is either wholly in the log or not at all.
    #[error("the store has stopped: {0}; restart the node")]
    Stopped(String),
    /// The registry cannot be read; it is rebuilt when the store is next opened.
    #[error("the registry cannot be read: {0}; restart the node to rebuild it")]
    Registry(String),
    /// More was written while something was read than can be kept apart for it; nothing was changed.
    #[error("too much was written meanwhile; ask again when less is written")]
    Outrun,
    /// An entry of another node does not continue its log.
    #[error("the entries do not continue the log of {node}")]
    DoesNotFollow {
        /// Whose log.
        node: NodeId,
        /// What we have of it.
        head: Position,
        /// Why not.
        #[source]
        cause: log::Error,
    },
    /// Another node shows two histories.
    #[error("node {node} shows another entry {at} than before: its log has forked")]
    Fork {
        /// Whose log.
        node: NodeId,
        /// Where the two histories part, or later.
        at: Position,
        /// The entry that shows it.
        entry: Box<Entry>,
    },
    /// The node's own log is written by commands only.
    #[error("these are entries of this node's own log, which only commands write")]
    OwnLog,
    /// A node keeps the logs of so many others and no more.
    #[error("this node keeps the logs of {0} others and has no room for another")]
    TooManyLogs(u16),
    /// An entry of another node carries content in the clear.
    #[error("entry {at} of node {node} carries personal content in the clear")]
    InTheClear {
        /// Whose log.
        node: NodeId,
        /// Which entry.
        at: Position,
    },
    /// The operating system refuses.
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
    /// The machine gives no randomness.
    #[error("the machine gives no random bytes")]
    NoRandomness,
}

impl Error {
    /// The error of an operation on a file; a full disk has its own.
    pub(crate) fn io(
        doing: &'static str,
        file: impl Into<PathBuf>,
    ) -> impl FnOnce(io::Error) -> Self {
        move |source| match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull,
            _ => Self::Io {
                doing,
                file: file.into(),
                source,
            },
        }
    }

    pub(crate) fn damaged(file: impl Into<PathBuf>, offset: u64, what: impl fmt::Display) -> Self {
        Self::Damaged {
            file: file.into(),
            offset,
            what: what.to_string(),
        }
    }
}

impl From<sled::Error> for Error {
    fn from(error: sled::Error) -> Self {
        Self::Registry(error.to_string())
    }
}
