//! How a node below gets its certificate from the node above, and another one before that ends.
//!
//! ```text
//!  upper node                                              lower node
//!  lika ca token ──► token + fingerprint ──(by hand)──►    lika node enrol
//!                                                            │ makes a key, keeps it
//!  Office::enrol ◄────── request, token ─────────────────────┤ after the fingerprint is right
//!    │ writes it down, then                                  │
//!    └─────────────────── certificate ──────────────────►    joins: certificate, authority, address
//!
//!  Office::renew ◄────── request, own certificate ───────    a third of its time is left
//!    └─────────────────── certificate ──────────────────►    takes it without a break
//! ```
//!
//! The key never leaves the lower node, and the token reaches nobody but the holder of the authority's key. What the
//! certificate says is decided by the [`Office`]: the token's area, a node id that is not somebody else's, no host.
//! Nothing here knows a network; [`wire`](crate::wire) carries it.

mod attempts;
mod joining;
mod office;
mod renewal;

#[cfg(test)]
mod tests;

use lika_core::value::{AreaCode, NodeId};
use thiserror::Error as ThisError;

pub use self::{
    joining::{Answered, Error, Invitation, Joining, LINK, Peer},
    office::{Asked, Granted, Office, Renewing},
    renewal::{check_after_ms, is_due},
};
use crate::pki::{self, BadRequest, register};

/// Why the upper node issues no certificate.
#[derive(Debug, ThisError)]
pub enum Refusal {
    /// It was never made, or the secret is wrong.
    #[error("the token is not known here")]
    UnknownToken,
    /// Its time is over.
    #[error("the token has expired")]
    ExpiredToken,
    /// It was taken back.
    #[error("the token was revoked")]
    RevokedToken,
    /// Another key has been certified with it.
    #[error("the token was used for another key")]
    UsedToken,
    /// Another area.
    #[error("the token is for area {allowed}, not for {asked}")]
    OtherArea {
        /// The area of the token.
        allowed: AreaCode,
        /// The area that was asked for.
        asked: AreaCode,
    },
    /// Another node.
    #[error("the token is for another node than {0}")]
    OtherNode(NodeId),
    /// The id belongs to a node that has enrolled, or whose log is here.
    #[error(
        "node {0} is enrolled or has a log here; only a token for this very node may enrol it again"
    )]
    TakenNode(NodeId),
    /// The request itself.
    #[error(transparent)]
    BadRequest(#[from] BadRequest),
    /// A client's certificate, or none.
    #[error("only a node may renew its certificate")]
    NotANode,
    /// A node of elsewhere.
    #[error("area {asked} does not lie inside {own}, the area of this node")]
    OutsideArea {
        /// The area of the certificate.
        asked: AreaCode,
        /// The area of this node.
        own: AreaCode,
    },
    /// It still holds for long.
    #[error("more than half of the certificate's time is left")]
    TooEarly,
    /// Its time is over.
    #[error("the certificate has expired")]
    ExpiredCertificate,
    /// The certificate does not count any more.
    #[error("the certificate was revoked: {0}")]
    RevokedCertificate(String),
    /// Too many failures.
    #[error("too many attempts to enrol have failed; try again later")]
    TooMany,
    /// A field of the message.
    #[error("{0} cannot be read")]
    Malformed(&'static str),
    /// The authority cannot sign.
    #[error("the authority cannot issue certificates now")]
    Authority(#[from] pki::Error),
}

impl Refusal {
    /// The stable code; what to do stands in the table of [`failure`](crate::gateway::failure).
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownToken => "token-unknown",
            Self::ExpiredToken => "token-expired",
            Self::RevokedToken => "token-revoked",
            Self::UsedToken => "token-used",
            Self::OtherArea { .. } => "token-area",
            Self::OtherNode(_) => "token-node",
            Self::TakenNode(_) => "node-taken",
            Self::BadRequest(BadRequest::TooLarge(_)) => "request-too-large",
            Self::BadRequest(BadRequest::Unreadable) => "request-unreadable",
            Self::BadRequest(BadRequest::NotSigned) => "request-not-signed",
            Self::BadRequest(BadRequest::WrongKey) => "request-key",
            Self::BadRequest(BadRequest::HasWishes) => "request-wishes",
            Self::NotANode => "not-a-node-certificate",
            Self::OutsideArea { .. } => "area-outside",
            Self::TooEarly => "renewal-too-early",
            Self::ExpiredCertificate => "certificate-expired",
            Self::RevokedCertificate(_) => "certificate-revoked",
            Self::TooMany => "too-many-enrolments",
            Self::Malformed(_) => "malformed-request",
            Self::Authority(_) => "authority-failed",
        }
    }
}

impl From<register::Error> for Refusal {
    fn from(error: register::Error) -> Self {
        Self::Authority(error.into())
    }
}
