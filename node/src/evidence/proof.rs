//! A proof as it is handed to somebody: JSON, with every byte string in base64.
//!
//! The format is told in full where third parties read it, in the README of `proto`.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use lika_core::{
    log::{Entry, tree},
    value::Digest,
};
use lika_proto::log::v1 as message;
use serde::{Deserialize, Serialize};

use crate::evidence::{Checkpoint, Error, PublicKey};

const FORMAT: &str = "lika-proof/1";

/// That an entry is in a log, and, where it was asked for, that the log continues what it was at an earlier checkpoint.
#[derive(Clone, Debug, PartialEq)]
pub struct Proof {
    /// The entry, without sealed content.
    pub entry: Entry,
    /// The note of a checkpoint.
    pub checkpoint: String,
    /// From the entry to the root.
    pub inclusion: tree::Proof,
    /// What it continues.
    pub earlier: Option<Earlier>,
}

/// A checkpoint that somebody kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Earlier {
    /// Its note.
    pub checkpoint: String,
    /// From its root to the later one.
    pub consistency: tree::Proof,
}

impl Proof {
    /// Checks everything under the key of the node, and answers the checkpoint.
    pub fn check(&self, key: &PublicKey) -> Result<Checkpoint, Error> {
        let checkpoint = Checkpoint::open(&self.checkpoint, key)?;
        let header = self.entry.header();
        if (header.node, header.epoch) != (checkpoint.node, checkpoint.epoch) {
            let of = format!("epoch {} of node {}", header.epoch, header.node);
            return Err(Error::OtherLog(of));
        }
        let (hash, seq) = (self.entry.hash(), header.seq);
        self.inclusion
            .shows_inclusion(hash, seq, &checkpoint.tree)?;
        if let Some(Earlier {
            checkpoint: earlier,
            consistency,
        }) = &self.earlier
        {
            let earlier = Checkpoint::open(earlier, key)?;
            if earlier.epoch != checkpoint.epoch {
                return Err(Error::OtherLog(format!("epoch {}", earlier.epoch)));
            }
            consistency.shows_consistency(&earlier.tree, &checkpoint.tree)?;
        }
        Ok(checkpoint)
    }

    /// The file.
    pub fn to_json(&self) -> String {
        let Self {
            entry,
            checkpoint,
            inclusion,
            earlier,
        } = self;
        let file = ProofFile {
            format: FORMAT.to_owned(),
            seq: entry.header().seq,
            entry: EntryFile::of(entry),
            checkpoint: checkpoint.clone(),
            inclusion: hashes(inclusion),
            earlier: earlier.as_ref().map(|earlier| EarlierFile {
                checkpoint: earlier.checkpoint.clone(),
                consistency: hashes(&earlier.consistency),
            }),
        };
        let text = serde_json::to_string_pretty(&file);
        text.expect("texts, numbers and lists of them are JSON") + "\n"
    }

    /// Reads a file. What it says is checked by [`Self::check`].
    pub fn from_json(text: &str) -> Result<Self, Error> {
        let file: ProofFile =
            serde_json::from_str(text).map_err(|error| Error::NotAProof(error.to_string()))?;
        let ProofFile {
            format,
            seq,
            entry,
            checkpoint,
            inclusion,
            earlier,
        } = file;
        if format != FORMAT {
            return Err(Error::NotAProof(format!(
                "its format is {format:?}, this version reads {FORMAT:?}"
            )));
        }
        let entry = entry.read()?;
        if entry.header().seq != seq {
            let found = entry.header().seq;
            return Err(Error::NotAProof(format!("entry {seq} says it is {found}")));
        }
        let earlier = earlier.map(|earlier| {
            Ok::<_, Error>(Earlier {
                checkpoint: earlier.checkpoint,
                consistency: proof(&earlier.consistency)?,
            })
        });
        Ok(Self {
            entry,
            checkpoint,
            inclusion: proof(&inclusion)?,
            earlier: earlier.transpose()?,
        })
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProofFile {
    format: String,
    seq: u64,
    entry: EntryFile,
    checkpoint: String,
    inclusion: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    earlier: Option<EarlierFile>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EarlierFile {
    checkpoint: String,
    consistency: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EntryFile {
    header: String,
    open: String,
    open_salt: String,
    sealed: Vec<SealedFile>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SealedFile {
    subject: String,
    class: i32,
    commitment: String,
}

impl EntryFile {
    pub(super) fn of(entry: &Entry) -> Self {
        let message::Entry {
            header,
            open,
            open_salt,
            sealed,
        } = entry.to_message();
        let sealed = sealed.into_iter().map(|part| SealedFile {
            subject: BASE64_STANDARD.encode(part.subject),
            class: part.class,
            commitment: BASE64_STANDARD.encode(part.commitment),
        });
        Self {
            header: BASE64_STANDARD.encode(header),
            open: BASE64_STANDARD.encode(open),
            open_salt: BASE64_STANDARD.encode(open_salt),
            sealed: sealed.collect(),
        }
    }

    fn read(self) -> Result<Entry, Error> {
        let Self {
            header,
            open,
            open_salt,
            sealed,
        } = self;
        let sealed = sealed.into_iter().map(|part| {
            let SealedFile {
                subject,
                class,
                commitment,
            } = part;
            Ok(message::SealedPart {
                subject: bytes(&subject)?,
                class,
                commitment: bytes(&commitment)?,
                state: None,
            })
        });
        let entry = message::Entry {
            header: bytes(&header)?,
            open: bytes(&open)?,
            open_salt: bytes(&open_salt)?,
            sealed: sealed.collect::<Result<_, Error>>()?,
        };
        Ok(Entry::try_from(entry)?)
    }
}

fn hashes(proof: &tree::Proof) -> Vec<String> {
    let hashes = proof.hashes().iter();
    hashes.map(|hash| BASE64_STANDARD.encode(hash.0)).collect()
}

fn proof(hashes: &[String]) -> Result<tree::Proof, Error> {
    let hashes = hashes.iter().map(|hash| {
        let hash: Result<[u8; 32], _> = bytes(hash)?.as_ref().try_into();
        hash.map(Digest)
            .map_err(|_| Error::NotAProof("a hash has not 32 bytes".to_owned()))
    });
    hashes.collect::<Result<_, _>>().map(tree::Proof::new)
}

fn bytes(text: &str) -> Result<Bytes, Error> {
    let bytes = BASE64_STANDARD.decode(text);
    bytes
        .map(Bytes::from)
        .map_err(|error| Error::NotAProof(format!("{text:?} is not base64: {error}")))
}
