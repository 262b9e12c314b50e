//! Why a call is refused, and what else goes wrong.

use std::{io, path::PathBuf};

use lika_core::value::{NodeId, RecordId};
use thiserror::Error as ThisError;

use super::{MOST_CHANGES, MOST_ELEMENTS};

/// Why a key-holder or a comparing node does not do what a node below asks.
#[derive(Debug, ThisError)]
pub enum Refusal {
    /// No such role here.
    #[error("this node holds no key for tokens")]
    NotAKeyHolder,
    /// No such role here.
    #[error("this node compares no tokens")]
    NotComparing,
    /// No such role here.
    #[error(
        "this node compares nobody of its own with others; see [duplicates] in its configuration"
    )]
    NotACounty,
    /// Whoever has the tokens must not be able to make any.
    #[error("node {0} compares tokens, or serves a whole province, and gets none evaluated")]
    ComparesItself(NodeId),
    /// A key version that is not here.
    #[error("there is no version {0} of the key")]
    UnknownVersion(u32),
    /// Too many at once, or none.
    #[error("{0} elements were sent; expected 1 to {MOST_ELEMENTS}")]
    BatchSize(usize),
    /// Too many at once.
    #[error("{0} tokens were sent; expected at most {MOST_CHANGES}")]
    SubmissionSize(usize),
    /// No point of the curve, or the point at infinity.
    #[error("element {0} is no point that can be evaluated")]
    BadElement(usize),
    /// Enough for today.
    #[error(
        "of {budget} evaluations a day {left} are left and {asked} were asked for; come back at {again}"
    )]
    Budget {
        /// How many a day.
        budget: u64,
        /// How many are left.
        left: u64,
        /// How many were asked for.
        asked: u64,
        /// When there is a new budget, as RFC 3339.
        again: String,
        /// The same in milliseconds since 1970-01-01T00:00:00Z.
        again_ms: u64,
    },
    /// A submission was lost, came twice, or is not what this table has.
    #[error("submission {found} was sent where {expected} is expected; submit everything again")]
    OutOfOrder {
        /// What was sent.
        found: u64,
        /// What is expected.
        expected: u64,
    },
    /// It adds what is here, or removes what is not.
    #[error("the submission is no difference to what is here; submit everything again")]
    Differs,
    /// A field of the message.
    #[error("{0} cannot be read")]
    Malformed(&'static str),
    /// More than anybody can look at.
    #[error("there are {0} open alerts already; settle some of them")]
    TooManyAlerts(usize),
    /// No such alert, or somebody else's.
    #[error("there is no alert {0} about a member of the calling node")]
    UnknownAlert(RecordId),
    /// Both have signed.
    #[error("both counties have signed what becomes of alert {0}")]
    Settled(RecordId),
    /// Somebody has taken the token out.
    #[error("alert {0} has lapsed: one of the two counties no longer has the member")]
    Lapsed(RecordId),
    /// Nobody here knows with which key the node signs.
    #[error("the signing key of node {0} is not known here yet")]
    UnknownSigner(NodeId),
    /// The signature is not the node's.
    #[error("the statement is not signed by node {0}")]
    NotSigned(NodeId),
    /// The node itself.
    #[error(transparent)]
    Failed(#[from] Error),
}

/// What goes wrong with a node's own files.
#[derive(Debug, ThisError)]
pub enum Error {
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
    /// A file is not what was written.
    #[error("{file} is damaged at byte {at}")]
    Damaged {
        /// The file.
        file: PathBuf,
        /// Where.
        at: u64,
    },
    /// The key file.
    #[error("the key for tokens cannot be used")]
    Key(#[from] crate::pki::Error),
    /// Not a key file.
    #[error("{0} is no key file for tokens")]
    NotAKey(PathBuf),
    /// There were evaluations, and the key they were made with is gone.
    #[error(
        "{0} is missing, although tokens were made with it; put it back from where it is kept apart"
    )]
    KeyMissing(PathBuf),
    /// The suite.
    #[error("the function for tokens cannot be computed")]
    Suite,
    /// The registry cannot be read or written.
    #[error("the registry cannot be used")]
    Store(#[from] crate::store::Error),
    /// An earlier write failed; what is on the disk is not known.
    #[error("{0} could not be written earlier; restart the node")]
    Stopped(PathBuf),
}

impl Refusal {
    /// The stable code; what to do stands in the table of [`failure`](crate::gateway::failure).
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotAKeyHolder => "not-a-key-holder",
            Self::NotComparing => "not-comparing",
            Self::NotACounty => "not-compared",
            Self::ComparesItself(_) => "comparing-node",
            Self::UnknownVersion(_) => "key-version-unknown",
            Self::BatchSize(_) | Self::SubmissionSize(_) => "batch-size",
            Self::BadElement(_) => "element-invalid",
            Self::Budget { .. } => "evaluation-budget",
            Self::OutOfOrder { .. } => "submission-out-of-order",
            Self::Differs => "submission-differs",
            Self::Malformed(_) => "malformed-request",
            Self::TooManyAlerts(_) => "too-many-duplicates",
            Self::UnknownAlert(_) => "no-such-duplicate",
            Self::Settled(_) => "ownership-settled",
            Self::Lapsed(_) => "duplicate-lapsed",
            Self::UnknownSigner(_) => "signing-key-unknown",
            Self::NotSigned(_) => "statement-not-signed",
            Self::Failed(Error::Damaged { .. }) => "damaged",
            Self::Failed(_) => "internal",
        }
    }
}

impl Error {
    pub(super) fn io(
        doing: &'static str,
        file: &std::path::Path,
    ) -> impl FnOnce(io::Error) -> Self {
        let file = file.to_owned();
        move |source| Self::Io {
            doing,
            file,
            source,
        }
    }
}
