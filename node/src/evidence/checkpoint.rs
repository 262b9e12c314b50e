//! What a node says of its log at one moment, under its signature.
//!
//! ```text
//!  lika/<node id>/<epoch>                 the log                         C2SP tlog-checkpoint
//!  1234                                   entries
//!  <base64>                               root of their tree
//!  head <base64>                          hash of the last entry
//!  time 1764000000000                     milliseconds since 1970-01-01T00:00:00Z
//!                                         an empty line
//!  — lika/<node id> <base64>              key id(4) ‖ ed25519(64) over everything before the empty line
//! ```
//!
//! Others may have signed the same text below: their lines are passed over.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use lika_core::{
    log::tree::TreeHead,
    value::{Digest, NodeId},
};

use crate::evidence::{Error, PublicKey, SigningKey};

const ORIGIN: &str = "lika/";
const HEAD: &str = "head ";
const TIME: &str = "time ";
/// A note has far fewer signatures than this; strangers write them.
const LONGEST: usize = 16 << 10;

/// A log at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Whose log.
    pub node: NodeId,
    /// Its epoch.
    pub epoch: u32,
    /// The tree of its entries.
    pub tree: TreeHead,
    /// The hash of the last entry.
    pub hash: Digest,
    /// When it was signed, in milliseconds since 1970-01-01T00:00:00Z.
    pub signed_at: u64,
}

impl Checkpoint {
    /// Signs it: the note.
    pub fn sign(&self, key: &SigningKey) -> String {
        format!("{}\n{}\n", self.text(), self.line(key))
    }

    /// Signs a note that another node has signed: this one has held it against its own copy of the log.
    pub fn witness(&self, note: &str, key: &SigningKey) -> String {
        let line = self.line(key);
        let is_new = note.lines().all(|known| known != line);
        format!("{note}{}", if is_new { line + "\n" } else { String::new() })
    }

    /// Reads a note that a key has signed.
    pub fn open(note: &str, key: &PublicKey) -> Result<Self, Error> {
        let text = signed_text(note, key)?;
        let checkpoint = Self::parse(text)?;
        if checkpoint.node == key.node {
            Ok(checkpoint)
        } else {
            Err(Error::NotACheckpoint("it is about the log of another node"))
        }
    }

    fn line(&self, key: &SigningKey) -> String {
        let public = key.public();
        let signature = [&public.id()[..], &key.sign(&self.text())].concat();
        let signature = BASE64_STANDARD.encode(signature);
        format!("— {} {signature}", public.name())
    }

    fn text(&self) -> String {
        let Self {
            node,
            epoch,
            tree: TreeHead { size, root },
            hash,
            signed_at,
        } = self;
        let (root, hash) = (
            BASE64_STANDARD.encode(root.0),
            BASE64_STANDARD.encode(hash.0),
        );
        format!("{ORIGIN}{node}/{epoch}\n{size}\n{root}\n{HEAD}{hash}\n{TIME}{signed_at}\n")
    }

    fn parse(text: &str) -> Result<Self, Error> {
        let mut lines = text.lines();
        let mut line = || {
            lines
                .next()
                .ok_or(Error::NotACheckpoint("a line is missing"))
        };
        let (node, epoch) = line()?
            .strip_prefix(ORIGIN)
            .and_then(|origin| origin.split_once('/'))
            .ok_or(Error::NotACheckpoint("the first line names no log"))?;
        let size = line()?;
        let root = digest(line()?).ok_or(Error::NotACheckpoint("the root"))?;
        let hash = line()?.strip_prefix(HEAD).and_then(digest);
        let signed_at = line()?.strip_prefix(TIME);
        let read = Self {
            node: NodeId::parse(node).map_err(|_| Error::NotACheckpoint("the node"))?,
            epoch: epoch
                .parse()
                .map_err(|_| Error::NotACheckpoint("the epoch"))?,
            tree: TreeHead {
                size: size
                    .parse()
                    .map_err(|_| Error::NotACheckpoint("the size"))?,
                root,
            },
            hash: hash.ok_or(Error::NotACheckpoint("the head"))?,
            signed_at: signed_at
                .and_then(|time| time.parse().ok())
                .ok_or(Error::NotACheckpoint("the time"))?,
        };
        // Numbers can be written in several ways, and only one of them is signed.
        (read.text() == text)
            .then_some(read)
            .ok_or(Error::NotACheckpoint(
                "it is not written as checkpoints are",
            ))
    }
}

/// The text of a note, if the key has signed it.
fn signed_text<'a>(note: &'a str, key: &PublicKey) -> Result<&'a str, Error> {
    if note.len() > LONGEST {
        return Err(Error::NotACheckpoint("it is too long"));
    }
    let at = note.rfind("\n\n");
    let at = at.ok_or(Error::NotACheckpoint("it has no signature"))?;
    let (text, signatures) = note.split_at(at + 1);
    let signed = signatures.lines().any(|line| {
        let signature = line
            .strip_prefix("— ")
            .and_then(|line| line.split_once(' '))
            .filter(|(name, _)| *name == key.name())
            .and_then(|(_, signature)| BASE64_STANDARD.decode(signature).ok());
        let signature = signature.unwrap_or_default();
        let signature = signature.strip_prefix(&key.id());
        signature.is_some_and(|signature| key.has_signed(text, signature))
    });
    signed.then_some(text).ok_or(Error::NotSigned(*key))
}

fn digest(text: &str) -> Option<Digest> {
    let bytes = BASE64_STANDARD.decode(text).ok()?;
    bytes.try_into().ok().map(Digest)
}
