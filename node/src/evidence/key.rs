//! The key that a node signs its checkpoints with.

use std::{fmt, path::Path, str::FromStr};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use lika_core::value::NodeId;
use rcgen::{KeyPair, PKCS_ED25519};
use ring::{
    digest::{SHA256, digest},
    signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey},
};

use crate::{
    evidence::Error,
    pki::{self, read_private, write_key},
};

/// Ed25519 as the signed-note format numbers it.
const ED25519_NOTE: u8 = 1;
/// What names a node in a note, before its id.
const NAME: &str = "lika/";

/// The secret key of a node's log. It is never printed.
pub struct SigningKey {
    node: NodeId,
    pair: Ed25519KeyPair,
}

/// The public key of a node's log, by which everybody can check what the node has signed.
///
/// It is written as a verifier key of the C2SP signed-note format: `lika/<node>+<key id>+<base64>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicKey {
    /// Whose log it signs.
    pub node: NodeId,
    /// Ed25519, RFC 8032.
    pub bytes: [u8; 32],
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SigningKey").field(&self.public()).finish()
    }
}

impl SigningKey {
    /// Makes a key and writes it to a file (PKCS #8 in PEM, mode 0600); never overwrites one.
    pub fn create(file: &Path, node: NodeId) -> Result<Self, Error> {
        let made = KeyPair::generate_for(&PKCS_ED25519).map_err(pki::Error::Make)?;
        write_key(file, &made.serialize_pem())?;
        Self::open(file, node)
    }

    /// Reads the key of a node. Refuses one that others may read.
    pub fn open(file: &Path, node: NodeId) -> Result<Self, Error> {
        let pem = read_private(file)?;
        let not_a_key = || Error::NotAKey(file.to_owned());
        let read = KeyPair::from_pem(&pem).map_err(|_| not_a_key())?;
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(read.serialized_der());
        Ok(Self {
            node,
            pair: pair.map_err(|_| not_a_key())?,
        })
    }

    /// The key that checks what this one signs.
    pub fn public(&self) -> PublicKey {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(self.pair.public_key().as_ref());
        PublicKey {
            node: self.node,
            bytes,
        }
    }

    /// Signs a text.
    pub(crate) fn sign(&self, text: &str) -> [u8; 64] {
        let mut bytes = [0; 64];
        bytes.copy_from_slice(self.pair.sign(text.as_bytes()).as_ref());
        bytes
    }
}

impl PublicKey {
    /// Whether a text was signed with the secret key.
    pub(crate) fn has_signed(&self, text: &str, signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, self.bytes)
            .verify(text.as_bytes(), signature)
            .is_ok()
    }

    /// The name of the key in a note.
    pub(super) fn name(&self) -> String {
        format!("{NAME}{}", self.node)
    }

    /// The first bytes of a signature in a note, which say whose it is.
    pub(super) fn id(&self) -> [u8; 4] {
        let name = self.name();
        let named = [name.as_bytes(), b"\n", &[ED25519_NOTE], &self.bytes].concat();
        let hash = digest(&SHA256, &named);
        let mut id = [0; 4];
        id.copy_from_slice(&hash.as_ref()[..4]);
        id
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = u32::from_be_bytes(self.id());
        let key = [&[ED25519_NOTE][..], &self.bytes].concat();
        write!(
            f,
            "{}+{id:08x}+{}",
            self.name(),
            BASE64_STANDARD.encode(key)
        )
    }
}

impl FromStr for PublicKey {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let mut fields = text.trim().splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (fields.next(), fields.next(), fields.next())
        else {
            return Err(Error::NotAPublicKey);
        };
        let node = name.strip_prefix(NAME).ok_or(Error::NotAPublicKey)?;
        let key = BASE64_STANDARD.decode(key).unwrap_or_default();
        let Some((&ED25519_NOTE, bytes)) = key.split_first() else {
            return Err(Error::NotAPublicKey);
        };
        let read = Self {
            node: NodeId::parse(node).map_err(|_| Error::NotAPublicKey)?,
            bytes: bytes.try_into().map_err(|_| Error::NotAPublicKey)?,
        };
        let is_whole = format!("{:08x}", u32::from_be_bytes(read.id())) == id;
        is_whole.then_some(read).ok_or(Error::NotAPublicKey)
    }
}
