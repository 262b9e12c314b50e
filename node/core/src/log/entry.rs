//! An entry: sealed when it is made, verified when it is read, rendered for a link.

use bytes::Bytes;
use lika_proto::log::v1 as message;
use prost::Message as _;
use thiserror::Error as ThisError;

use crate::{
    log::{Action, Class, Header, Kind, Salt, commitment, entry_hash},
    value::{ActorId, AreaCode, Digest, NodeId, RecordId, RequestId},
};

/// What core decided to write, before it has a place in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// What is done.
    pub action: Action,
    /// The kind of the record.
    pub kind: Kind,
    /// The record.
    pub record: RecordId,
    /// The revision that it makes.
    pub revision: u32,
    /// The area that the record belongs to.
    pub area: AreaCode,
    /// The `Open` message of the kind, encoded.
    pub open: Bytes,
    /// What is personal, in the order in which it is hashed.
    pub sealed: Vec<Part>,
}

/// Personal content about one data subject, of one class, in the clear.
#[derive(Clone, PartialEq, Eq)]
pub struct Part {
    /// Whose it is.
    pub subject: RecordId,
    /// What kind of personal data it is.
    pub class: Class,
    /// The message of the kind and class, encoded.
    pub content: Bytes,
}

/// Content is personal: only its size may reach a log file or a panic message.
impl std::fmt::Debug for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Part({}, {:?}, {} bytes)",
            self.subject,
            self.class,
            self.content.len()
        )
    }
}

/// Where an entry goes: after which one, when, and on whose behalf.
#[derive(Clone, Debug)]
pub struct Place {
    /// The node whose log it is.
    pub node: NodeId,
    /// The epoch.
    pub epoch: u32,
    /// The sequence number.
    pub seq: u64,
    /// The hash of the entry before.
    pub previous: Digest,
    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub recorded_at: u64,
    /// Who acts.
    pub actor: ActorId,
    /// The command.
    pub request: RequestId,
}

/// What sealing needs from outside: randomness and the keys of data subjects.
pub trait Sealer {
    /// Why it could not seal.
    type Error;

    /// 32 fresh random bytes.
    fn salt(&mut self) -> Result<Salt, Self::Error>;

    /// Encrypts `salt ‖ content` with the key of the subject, bound to the commitment.
    fn seal(
        &mut self,
        subject: &RecordId,
        class: Class,
        salt: &Salt,
        content: &[u8],
        commitment: &Digest,
    ) -> Result<Bytes, Self::Error>;
}

/// An entry of a log, with the bytes that are hashed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    header: Header,
    header_bytes: Bytes,
    open: Bytes,
    open_salt: Salt,
    sealed: Vec<SealedPart>,
    hash: Digest,
}

/// A part about one data subject, in one of its states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedPart {
    /// Whose it is.
    pub subject: RecordId,
    /// What kind of personal data it is.
    pub class: Class,
    /// The commitment to its content.
    pub commitment: Digest,
    /// What is known of the content here.
    pub state: PartState,
}

/// What is known of a sealed part's content.
#[derive(Clone, PartialEq, Eq)]
pub enum PartState {
    /// Encrypted with the key of the data subject: nonce ‖ ciphertext.
    Encrypted(Bytes),
    /// In the clear, as a link whose agreement carries the class delivers it.
    Disclosed(Salt, Bytes),
    /// Not here: the agreement does not carry the class, or the key was destroyed.
    Withheld,
}

/// Says the state, never the content.
impl std::fmt::Debug for PartState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Encrypted(bytes) => write!(f, "Encrypted({} bytes)", bytes.len()),
            Self::Disclosed(_, bytes) => write!(f, "Disclosed({} bytes)", bytes.len()),
            Self::Withheld => f.write_str("Withheld"),
        }
    }
}

impl Entry {
    /// Gives a draft its place: encodes the header, salts and commits every part, encrypts the sealed ones.
    pub fn seal<S: Sealer>(draft: Draft, place: &Place, sealer: &mut S) -> Result<Self, S::Error> {
        let Draft {
            action,
            kind,
            record,
            revision,
            area,
            open,
            sealed,
        } = draft;
        let Place {
            node,
            epoch,
            seq,
            previous,
            recorded_at,
            actor,
            request,
        } = place.clone();
        let header = Header {
            node,
            epoch,
            seq,
            previous,
            recorded_at,
            actor,
            request,
            action,
            kind,
            record,
            revision,
            area,
        };
        let header_bytes = Bytes::from(header.encode());
        let open_salt = sealer.salt()?;
        let sealed = sealed
            .into_iter()
            .map(|part| seal_part(part, sealer))
            .collect::<Result<Vec<_>, _>>()?;
        let hash = hash_of(&header_bytes, &open_salt, &open, &sealed);
        Ok(Self {
            header,
            header_bytes,
            open,
            open_salt,
            sealed,
            hash,
        })
    }

    /// Reads an entry and computes its hash. Disclosed parts are checked against their commitments; whether the hash
    /// is the expected one is for the caller, who knows the chain.
    pub fn decode(bytes: Bytes) -> Result<Self, Error> {
        let entry = message::Entry::decode(bytes).map_err(|_| Error::Malformed("entry"))?;
        Self::try_from(entry)
    }

    /// Encodes the entry as it stands: at rest when its parts are encrypted, for a link after [`Self::withhold`].
    pub fn encode(&self) -> Vec<u8> {
        self.to_message().encode_to_vec()
    }

    /// The entry as a message, sharing its bytes.
    pub fn to_message(&self) -> message::Entry {
        let Self {
            header: _,
            header_bytes,
            open,
            open_salt,
            sealed,
            hash: _,
        } = self;
        message::Entry {
            header: header_bytes.clone(),
            open: open.clone(),
            open_salt: Bytes::copy_from_slice(&open_salt.0),
            sealed: sealed.iter().map(SealedPart::to_message).collect(),
        }
    }

    /// The rendering for a link that carries no sealed part: salts go with their content.
    pub fn withhold(mut self) -> Self {
        for part in &mut self.sealed {
            part.state = PartState::Withheld;
        }
        self
    }

    /// Whether it is the next entry after `(epoch, seq, hash)` of the log of `node`.
    pub fn follows(&self, node: &NodeId, epoch: u32, seq: u64, head: &Digest) -> Result<(), Error> {
        let header = &self.header;
        if header.node != *node {
            return Err(Error::WrongNode {
                expected: *node,
                found: header.node,
            });
        }
        if header.epoch != epoch || header.seq != seq + 1 {
            return Err(Error::Gap {
                expected: (epoch, seq + 1),
                found: (header.epoch, header.seq),
            });
        }
        if header.previous != *head {
            return Err(Error::BrokenChain {
                seq: header.seq,
                expected: *head,
                found: header.previous,
            });
        }
        Ok(())
    }

    /// Who did what, when and where.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The `Open` message of the kind, encoded.
    pub fn open(&self) -> &Bytes {
        &self.open
    }

    /// The parts about data subjects.
    pub fn sealed(&self) -> &[SealedPart] {
        &self.sealed
    }

    /// The hash that the next entry names as its previous one.
    pub fn hash(&self) -> &Digest {
        &self.hash
    }
}

impl TryFrom<message::Entry> for Entry {
    type Error = Error;

    fn try_from(entry: message::Entry) -> Result<Self, Error> {
        let message::Entry {
            header: header_bytes,
            open,
            open_salt,
            sealed,
        } = entry;
        let header = Header::decode(&header_bytes)?;
        let open_salt = Salt(
            open_salt
                .as_ref()
                .try_into()
                .map_err(|_| Error::Malformed("open_salt"))?,
        );
        let sealed = sealed
            .into_iter()
            .map(SealedPart::try_from)
            .collect::<Result<Vec<_>, _>>()?;
        let hash = hash_of(&header_bytes, &open_salt, &open, &sealed);
        Ok(Self {
            header,
            header_bytes,
            open,
            open_salt,
            sealed,
            hash,
        })
    }
}

impl SealedPart {
    fn to_message(&self) -> message::SealedPart {
        let Self {
            subject,
            class,
            commitment,
            state,
        } = self;
        message::SealedPart {
            subject: Bytes::copy_from_slice(&subject.0),
            class: i32::from(class.number()),
            commitment: Bytes::copy_from_slice(&commitment.0),
            state: match state {
                PartState::Encrypted(bytes) => {
                    Some(message::sealed_part::State::Ciphertext(bytes.clone()))
                }
                PartState::Disclosed(salt, content) => {
                    Some(message::sealed_part::State::Disclosed(message::Disclosed {
                        salt: Bytes::copy_from_slice(&salt.0),
                        content: content.clone(),
                    }))
                }
                PartState::Withheld => None,
            },
        }
    }
}

impl TryFrom<message::SealedPart> for SealedPart {
    type Error = Error;

    fn try_from(part: message::SealedPart) -> Result<Self, Error> {
        let message::SealedPart {
            subject,
            class,
            commitment: committed,
            state,
        } = part;
        let commitment_given = Digest(
            committed
                .as_ref()
                .try_into()
                .map_err(|_| Error::Malformed("commitment"))?,
        );
        let state = match state {
            None => PartState::Withheld,
            Some(message::sealed_part::State::Ciphertext(bytes)) => PartState::Encrypted(bytes),
            Some(message::sealed_part::State::Disclosed(message::Disclosed { salt, content })) => {
                let salt = Salt(
                    salt.as_ref()
                        .try_into()
                        .map_err(|_| Error::Malformed("salt"))?,
                );
                if commitment(&salt, &content) != commitment_given {
                    return Err(Error::FalsePart);
                }
                PartState::Disclosed(salt, content)
            }
        };
        Ok(Self {
            subject: RecordId(
                subject
                    .as_ref()
                    .try_into()
                    .map_err(|_| Error::Malformed("subject"))?,
            ),
            class: Class::from_number(class).ok_or(Error::Malformed("class"))?,
            commitment: commitment_given,
            state,
        })
    }
}

/// Why bytes are not an entry, or not the next one.
#[derive(Clone, Debug, PartialEq, Eq, ThisError)]
pub enum Error {
    /// A field cannot be read.
    #[error("the entry's {0} cannot be read")]
    Malformed(&'static str),
    /// Made with a suite of a newer version.
    #[error("the entry uses suite {0}, which this version does not know; upgrade this node")]
    UnknownSuite(u32),
    /// Another node's entry.
    #[error("the entry belongs to node {found}, not {expected}")]
    WrongNode {
        /// Whose log it should be.
        expected: NodeId,
        /// Whose it is.
        found: NodeId,
    },
    /// Not the next position.
    #[error("expected epoch {} entry {}, found epoch {} entry {}", expected.0, expected.1, found.0, found.1)]
    Gap {
        /// The next (epoch, seq).
        expected: (u32, u64),
        /// What came.
        found: (u32, u64),
    },
    /// The chain does not hold.
    #[error("entry {seq} continues {found}, but the log ends in {expected}")]
    BrokenChain {
        /// The entry.
        seq: u64,
        /// The head of the log.
        expected: Digest,
        /// What the entry names.
        found: Digest,
    },
    /// A disclosed part is not what was committed to.
    #[error("a disclosed part does not match its commitment")]
    FalsePart,
}

fn seal_part<S: Sealer>(part: Part, sealer: &mut S) -> Result<SealedPart, S::Error> {
    let Part {
        subject,
        class,
        content,
    } = part;
    let salt = sealer.salt()?;
    let commitment = commitment(&salt, &content);
    let ciphertext = sealer.seal(&subject, class, &salt, &content, &commitment)?;
    Ok(SealedPart {
        subject,
        class,
        commitment,
        state: PartState::Encrypted(ciphertext),
    })
}

fn hash_of(header: &[u8], open_salt: &Salt, open: &[u8], sealed: &[SealedPart]) -> Digest {
    let parts = sealed
        .iter()
        .map(|part| (part.class, &part.subject, &part.commitment));
    entry_hash(header, &commitment(open_salt, open), parts)
}
