//! The key that the node signs its checkpoints with, and the log that names it.
//!
//! A node that was made before there were such keys makes one when it first starts, and names it in its log.

use std::path::PathBuf;

use lika_core::{
    command::{Change, Command},
    log::Action,
    record::{Body, Node},
    value::{ActorId, RecordId, RequestId},
};
use thiserror::Error as ThisError;

use crate::{
    config::Config,
    evidence::{self, SigningKey},
    setup,
    store::{self, Store},
};

/// Why there is no key.
#[derive(Debug, ThisError)]
pub enum Error {
    /// The key cannot be read or made.
    #[error("the signing key cannot be used")]
    Key(#[from] evidence::Error),
    /// The log names a key that is not here.
    #[error("{0} is not the key that the log names; put that one back from where it is kept apart")]
    NotNamed(PathBuf),
    /// The log cannot be read, or does not take the name of the key.
    #[error("the log cannot name the signing key")]
    Store(#[from] store::Error),
}

/// Reads the key, or makes the first one, and sees to it that the log names it.
pub fn open(config: &Config, store: &Store) -> Result<SigningKey, Error> {
    let file = setup::signing_key(config);
    let own = RecordId(config.node.0);
    let stored = store.reader().get(&own)?;
    let record = stored.and_then(store::Stored::into_record);
    let named = record.as_ref().and_then(|record| match &record.body {
        Body::Node(node) if !node.public_key.is_empty() => Some(node.public_key.clone()),
        _ => None,
    });
    let key = if file.exists() {
        SigningKey::open(&file, config.node)?
    } else if named.is_some() {
        return Err(Error::NotNamed(file));
    } else {
        SigningKey::create(&file, config.node)?
    };
    let public = key.public().bytes;
    match (named, record) {
        (Some(named), _) if named != public => return Err(Error::NotNamed(file)),
        (None, Some(record)) => {
            let Body::Node(node) = record.body.clone() else {
                return Ok(key);
            };
            let public_key = public.to_vec();
            let change = Change::of(
                &record,
                Action::Change,
                Body::Node(Node { public_key, ..node }),
            );
            store.submit_blocking(Command {
                request: RequestId::derived("lika.signing-key", &public),
                actor: ActorId(config.node.0),
                changes: vec![change],
            })?;
        }
        _ => {}
    }
    Ok(key)
}
