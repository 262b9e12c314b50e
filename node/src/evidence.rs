//! What a node can prove to somebody who has nothing of it but its public key.
//!
//! ```text
//!  signing.key ──► Checkpoint ── note ──┐            C2SP tlog-checkpoint in a C2SP signed-note
//!                  (size, root)         ├──► Proof   one entry, as a pseudonymous link carries it, with the hashes
//!  log ──► tree ── inclusion ───────────┘            that lead from it to the root (RFC 6962, section 2.1.1)
//! ```
//!
//! Whoever checks needs no node, no network and no registry, and learns of the entry what leaves the county under every
//! agreement. A log that runs on a scenario's clock says so in its first entry and proves nothing about the world.

mod checkpoint;
mod fork;
mod held;
mod kept;
mod key;
mod proof;

use std::{
    io,
    path::{Path, PathBuf},
};

use lika_core::{log, log::tree::NotProven};
use thiserror::Error as ThisError;

pub use self::{
    checkpoint::Checkpoint,
    fork::{Fork, Version},
    held::{NotHeld, hold, public_key},
    kept::{Kept, KeptNote},
    key::{PublicKey, SigningKey},
    proof::{Earlier, Proof},
};
use crate::pki;

/// Why something cannot be signed, or does not prove what it says.
#[derive(Debug, ThisError)]
pub enum Error {
    /// The key cannot be made or used.
    #[error("the signing key cannot be used")]
    Key(#[from] pki::Error),
    /// A key file that is none.
    #[error("{0} holds no ed25519 key")]
    NotAKey(PathBuf),
    /// A public key that is none.
    #[error("expected the key of a node, such as lika/<node>+<8 hexadecimal digits>+<base64>")]
    NotAPublicKey,
    /// A text that is no checkpoint.
    #[error("the checkpoint cannot be read: {0}")]
    NotACheckpoint(&'static str),
    /// The checkpoint was not signed with the key.
    #[error("the checkpoint is not signed with the key {0}")]
    NotSigned(PublicKey),
    /// A file that is no proof.
    #[error("the proof cannot be read: {0}")]
    NotAProof(String),
    /// The entry of a proof cannot be read.
    #[error("the entry of the proof cannot be read")]
    Entry(#[from] log::Error),
    /// The entry, the checkpoint and what stands beside them are not about the same log.
    #[error("the proof is about {0}, the checkpoint is not")]
    OtherLog(String),
    /// The hashes lead elsewhere.
    #[error("it is not proved")]
    NotProven(#[from] NotProven),
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
}

impl Error {
    fn io(doing: &'static str, file: &Path) -> impl FnOnce(io::Error) -> Self {
        let file = file.to_owned();
        move |source| Self::Io {
            doing,
            file,
            source,
        }
    }
}
