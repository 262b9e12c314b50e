//! Holding what a node has signed against the log that is here.

use lika_core::{
    record::Body,
    value::{NodeId, RecordId},
};
use thiserror::Error as ThisError;

use crate::{
    evidence::{Checkpoint, Error, PublicKey},
    store::{self, Position, Reader, Stored},
};

/// Why a checkpoint does not agree with the log that is here.
#[derive(Debug, ThisError)]
pub enum NotHeld {
    /// The log names no key, or is not here.
    #[error("the log of {0} names no key here")]
    NoKey(NodeId),
    /// It is no checkpoint of the log's node.
    #[error("it is no checkpoint of the log's node")]
    False(#[source] Error),
    /// The log that is here ends before.
    #[error("the log that is here has less than {0} entries")]
    NotHere(u64),
    /// The log that is here is another history.
    #[error("the first {0} entries of the log that is here are another history")]
    OtherHistory(u64),
    /// The log cannot be read.
    #[error("the log cannot be read")]
    Store(#[from] store::Error),
}

/// The key that a log names as that of its node.
pub fn public_key(reader: &Reader, log: &NodeId) -> Result<Option<PublicKey>, store::Error> {
    let stored = reader.get_of(log, &RecordId(log.0))?;
    let body = stored
        .and_then(Stored::into_record)
        .map(|record| record.body);
    let Some(Body::Node(node)) = body else {
        return Ok(None);
    };
    let bytes = node.public_key.as_slice().try_into().ok();
    Ok(bytes.map(|bytes| PublicKey { node: *log, bytes }))
}

/// Reads a note of a log and holds it against the entries that are here.
pub fn hold(reader: &Reader, log: &NodeId, note: &str) -> Result<Checkpoint, NotHeld> {
    let key = public_key(reader, log)?.ok_or(NotHeld::NoKey(*log))?;
    let read = Checkpoint::open(note, &key).map_err(NotHeld::False)?;
    let size = read.tree.size;
    let at = Position {
        epoch: read.epoch,
        seq: size,
    };
    let tree = reader.tree_head(log, at)?.ok_or(NotHeld::NotHere(size))?;
    let entry = reader.entry_at(log, at)?;
    let is_ours = entry.is_some_and(|entry| *entry.hash() == read.hash);
    if tree == read.tree && is_ours {
        Ok(read)
    } else {
        Err(NotHeld::OtherHistory(size))
    }
}
