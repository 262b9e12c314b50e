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
//! believed. Keys are ECDSA P-256. Revocation is not here: until it is, certificates are issued for short times.

mod authority;
mod credentials;
mod identity;

use std::{io, path::PathBuf};

use thiserror::Error as ThisError;

pub use authority::{Authority, Validity};
pub use credentials::Credentials;
pub(crate) use credentials::write_new;
pub use identity::Identity;

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
