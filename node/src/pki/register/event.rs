//! What the register of an authority is made of.

use std::fmt;

use lika_core::value::{AreaCode, Digest, NodeId, RecordId};
use serde::{Deserialize, Serialize};

use crate::pki::{Certificate, Identity, Serial, TokenHash, TokenId, register::text};

/// One line.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Event {
    /// Somebody may enrol.
    TokenMade {
        /// The token's id.
        token: TokenId,
        /// What is kept of its secret.
        hash: TokenHash,
        /// The area that the node serves.
        #[serde(with = "text")]
        area: AreaCode,
        /// The only node that may use it, where that was said.
        #[serde(with = "text")]
        node: Option<NodeId>,
        /// For people: whom it is meant for.
        name: String,
        /// Until when it may be used, in milliseconds since 1970-01-01T00:00:00Z.
        until_ms: u64,
        /// How long the certificate holds, in milliseconds.
        certificate_ms: u64,
    },
    /// A token counts no more.
    TokenRevoked {
        /// Which.
        token: TokenId,
    },
    /// A certificate is signed. It is given out only after this line is on the disk.
    Issued(Issued),
    /// A certificate, or everything that a holder had by then, counts no more.
    Revoked {
        /// What.
        what: Revoked,
        /// Why, in a person's words.
        reason: String,
    },
    /// Somebody asked and got nothing.
    Refused {
        /// The stable code.
        code: String,
        /// The address that the call came from, where it is known.
        from: String,
        /// Who it was about, as far as anybody can tell; nothing of it is proven.
        about: String,
    },
}

/// A certificate that was issued.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Issued {
    /// Its number.
    #[serde(with = "text")]
    pub serial: Serial,
    /// Whom it names.
    #[serde(with = "text")]
    pub to: Identity,
    /// From when it holds, in milliseconds since 1970-01-01T00:00:00Z.
    pub from_ms: u64,
    /// Until when, likewise.
    pub until_ms: u64,
    /// The digest of its public key.
    #[serde(with = "text")]
    pub key: Digest,
    /// Why it was issued.
    pub ground: Ground,
    /// The certificate itself, in PEM: an answer that was lost is given again, not made again.
    pub pem: String,
}

/// Why a certificate was issued.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ground {
    /// This node is its own.
    Own,
    /// An officer of this node needs one.
    Officer,
    /// A node below showed a token.
    Token(TokenId),
    /// A node below showed its certificate of this number.
    Renewal(#[serde(with = "text")] Serial),
}

/// What is revoked.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Revoked {
    /// One certificate, whether or not it stands in the register.
    Serial(#[serde(with = "text")] Serial),
    /// Every certificate that the holder has got so far, also those that were issued before there was a register.
    Holder(#[serde(with = "text")] Holder),
}

/// Who holds certificates, whatever the area.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Holder {
    /// A node.
    Node(NodeId),
    /// An officer, through the programs that act for him.
    Client(RecordId),
}

impl Issued {
    /// The entry of a certificate that was just signed.
    pub fn new(certificate: &Certificate, pem: &str, ground: Ground) -> Self {
        let Certificate {
            serial,
            identity,
            from_ms,
            until_ms,
            key,
            signing_key: _,
        } = certificate;
        Self {
            serial: serial.clone(),
            to: *identity,
            from_ms: *from_ms,
            until_ms: *until_ms,
            key: *key,
            ground,
            pem: pem.to_owned(),
        }
    }
}

impl From<Identity> for Holder {
    fn from(identity: Identity) -> Self {
        match identity {
            Identity::Node { node, area: _ } => Self::Node(node),
            Identity::Client { officer } => Self::Client(officer),
        }
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Node(node) => write!(f, "node/{node}"),
            Self::Client(officer) => write!(f, "client/{officer}"),
        }
    }
}
