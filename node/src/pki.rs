//! Certificates: who a node or a client is, in the words of an authority that both sides trust.
//!
//! There are two profiles, told apart by one URI and the uses that go with it:
//!
//! ```text
//! node     lika://node/<node id>/<area digits>    server and client authentication, names of its listen address
//! client   lika://client/<officer record id>      client authentication only
//! ```
//!
//! Whoever keeps the authority decides which area a node may write under; nothing that a node says about itself is
//! believed. Keys are ECDSA P-256. What an authority issues and revokes stands in its [`Register`].

mod authority;
mod certificate;
mod check;
mod credentials;
mod identity;
pub mod register;
mod request;
mod token;

use std::{io, path::PathBuf};

use thiserror::Error as ThisError;

pub use authority::{Authority, Fingerprint, Validity};
pub(crate) use certificate::first as first_certificate;
pub use certificate::{Certificate, Serial, check_issuer};
pub use check::check;
pub use credentials::Credentials;
pub(crate) use credentials::{read_private, read_text, replace, write_key, write_new};
pub use identity::Identity;
pub use register::Register;
pub use request::{BadRequest, LARGEST_REQUEST, NewKey, Request, forget};
pub use token::{Token, TokenHash, TokenId};

/// Why a certificate cannot be made, read or believed.
#[derive(Debug, ThisError)]
pub enum Error {
    /// The caller did not show one.
    #[error("no certificate was shown; call with a certificate of this node's authority")]
    NoCertificate,
    /// Not a certificate at all.
    #[error("the certificate cannot be read")]
    Unreadable,
    /// None of the names is ours.
    #[error("the certificate names nobody: it has no lika:// address")]
    NoIdentity,
    /// More than one of the names is ours, so nobody can say who is meant.
    #[error("the certificate has {0} lika:// addresses; expected one")]
    SeveralIdentities(usize),
    /// Our kind of name, but not one of the two profiles.
    #[error(
        "the certificate's lika:// address is neither node/<id>/<area> nor client/<officer id>"
    )]
    BadIdentity,
    /// The uses do not go with the name.
    #[error("the certificate's uses are not those of a {0} certificate")]
    WrongUses(&'static str),
    /// No certificate in a PEM text.
    #[error("expected a certificate in PEM")]
    NotPem,
    /// Another authority has signed it, or nobody.
    #[error("the certificate is not signed by the authority that is named with it")]
    OtherIssuer,
    /// Two files that do not belong together.
    #[error("the key is not that of the certificate")]
    OtherKey,
    /// Not a fingerprint.
    #[error("the fingerprint cannot be read; expected sha256: and 64 hexadecimal digits")]
    BadFingerprint,
    /// The machine gives no randomness.
    #[error("the machine gives no random bytes")]
    NoRandomness,
    /// The register cannot be used.
    #[error("the register of certificates cannot be used")]
    Register(#[from] register::Error),
    /// The time does not fit in a certificate, or ends before it starts.
    #[error("the validity must end after it starts, and before the year 10000")]
    Validity,
    /// Neither a DNS name nor an IP address.
    #[error("{0:?} is neither a DNS name nor an IP address")]
    BadHost(String),
    /// The library refuses.
    #[error("the certificate cannot be made")]
    Make(#[from] rcgen::Error),
    /// A key that others can read is no longer a secret.
    #[error("others may read the key {0}; replace it and keep it at mode 0600")]
    ExposedKey(PathBuf),
    /// A file cannot be read or written.
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
