//! Why the upper node refuses a link or a batch.

use lika_core::{
    log,
    value::{AreaCode, NodeId},
};
use thiserror::Error as ThisError;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

use crate::federation::{Failure, MAX_LOGS, OLDEST_VERSION, VERSION};

/// Whose codes these are, in `google.rpc.ErrorInfo`.
pub const DOMAIN: &str = "lika";

/// Why the upper node refuses: one log, or the whole link. What was acknowledged before stays.
#[derive(Clone, Debug, PartialEq, Eq, ThisError)]
pub enum Refusal {
    /// A client, or nobody that we know.
    #[error("only a node may open a link; enrol this node and use its certificate")]
    NotANodeCertificate,
    /// A node of elsewhere.
    #[error("the certificate's area {area} does not lie inside {upper}, the area of this node")]
    AreaOutside {
        /// What the certificate says.
        area: AreaCode,
        /// The area of the upper node.
        upper: AreaCode,
    },
    /// Another version of the link.
    #[error(
        "version {0} of the link is not known here: this node speaks versions {OLDEST_VERSION} to {VERSION}; \
         upgrade this node first, then the nodes below"
    )]
    Version(u32),
    /// Hello says something else than the certificate.
    #[error("hello names another node or area than the certificate")]
    NotTheCertificate,
    /// A message that has no place here.
    #[error("{0} was not expected")]
    Unexpected(&'static str),
    /// A message whose fields cannot be read.
    #[error("{0} cannot be read")]
    Unreadable(&'static str),
    /// More than a batch may hold.
    #[error("a batch of {entries} entries and {bytes} bytes is too large")]
    TooLarge {
        /// Its entries.
        entries: u32,
        /// Its size before compression.
        bytes: u32,
    },
    /// It does not decompress to what it says.
    #[error("the batch does not decompress to the {0} bytes that it declares")]
    FalseSize(u32),
    /// Sealed content on a link that carries none.
    #[error("entry {0} carries sealed content, which this link does not")]
    NotWithheld(u64),
    /// More logs than a link carries.
    #[error("a link carries {MAX_LOGS} logs and no more")]
    TooManyLogs,
    /// The log of a node of elsewhere.
    #[error("a log of {area} does not come from below {allowed}, the area of the certificate")]
    LogOutside {
        /// The area of the log.
        area: AreaCode,
        /// What the certificate says.
        allowed: AreaCode,
    },
    /// The log of another area than was said.
    #[error("the log was announced as that of {said}, its first entry is of {found}")]
    LogArea {
        /// What was announced.
        said: AreaCode,
        /// What the log says.
        found: AreaCode,
    },
    /// The log of the upper node, from below.
    #[error("this is the log of the upper node itself")]
    OwnLog,
    /// Another node's entry.
    #[error("the batch holds an entry of node {0}, whose log this is not")]
    WrongNode(NodeId),
    /// The writer has no say there.
    #[error("entry {seq} writes under {area}, outside {allowed}, the area of its node")]
    EntryOutside {
        /// Which entry.
        seq: u64,
        /// Where it writes.
        area: AreaCode,
        /// Where it may.
        allowed: AreaCode,
    },
    /// Entries are missing in between.
    #[error("expected entry {expected}, found entry {found}")]
    Gap {
        /// The next one.
        expected: u64,
        /// What came.
        found: u64,
    },
    /// Two histories of one node.
    #[error("the log has forked at or before entry {0}: another history was acknowledged earlier")]
    Forked(u64),
    /// A checkpoint that its node has not signed.
    #[error("the checkpoint is not signed by the node whose log it is")]
    FalseCheckpoint,
    /// This node cannot keep entries now.
    #[error("the entries cannot be kept now; they will be taken later")]
    NotStored,
    /// This node is being stopped.
    #[error("this node is being stopped")]
    Draining,
    /// The same node has opened another link.
    #[error("the same node has opened another link")]
    Superseded,
}

impl Refusal {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotANodeCertificate => "not-a-node-certificate",
            Self::AreaOutside { .. } => "area-outside",
            Self::Version(_) => VERSION_CODE,
            Self::NotTheCertificate => "not-the-certificate",
            Self::Unexpected(_) => "message-unexpected",
            Self::Unreadable(_) => "message-unreadable",
            Self::TooLarge { .. } => "batch-too-large",
            Self::FalseSize(_) => "batch-false-size",
            Self::NotWithheld(_) => "content-not-withheld",
            Self::TooManyLogs => "too-many-logs",
            Self::LogOutside { .. } => "log-outside-area",
            Self::LogArea { .. } => "log-area",
            Self::OwnLog => "own-log",
            Self::WrongNode(_) => "wrong-node",
            Self::EntryOutside { .. } => "entry-outside-area",
            Self::Gap { .. } => "gap",
            Self::Forked(_) => FORKED,
            Self::FalseCheckpoint => "checkpoint-false",
            Self::NotStored => "not-stored",
            Self::Draining => "draining",
            Self::Superseded => "superseded",
        }
    }

    /// Whether no honest node can have sent what is refused, so that the whole link ends and not only one log.
    pub(super) fn is_of_the_link(&self) -> bool {
        match self {
            Self::Unreadable(what) => *what != AN_ENTRY,
            Self::EntryOutside { .. }
            | Self::FalseCheckpoint
            | Self::Forked(_)
            | Self::Gap { .. }
            | Self::LogArea { .. }
            | Self::LogOutside { .. }
            | Self::OwnLog
            | Self::TooManyLogs
            | Self::WrongNode(_) => false,
            Self::AreaOutside { .. }
            | Self::Draining
            | Self::FalseSize(_)
            | Self::NotANodeCertificate
            | Self::NotStored
            | Self::NotTheCertificate
            | Self::NotWithheld(_)
            | Self::Superseded
            | Self::TooLarge { .. }
            | Self::Unexpected(_)
            | Self::Version(_) => true,
        }
    }

    /// The status of a call that is refused before the link opens.
    pub fn status(&self) -> Status {
        let details =
            ErrorDetails::with_error_info(self.code(), DOMAIN, std::collections::HashMap::new());
        Status::with_error_details(Code::PermissionDenied, self.to_string(), details)
    }

    /// The refusal of an entry that is not the next one.
    pub(super) fn from_log(error: &log::Error, seq: u64) -> Self {
        match error {
            log::Error::Gap { expected, found } if expected.0 == found.0 => Self::Gap {
                expected: expected.1,
                found: found.1,
            },
            // Another epoch continues what was acknowledged only if a restore says so; nothing here says it.
            log::Error::Gap { .. } | log::Error::BrokenChain { .. } => Self::Forked(seq),
            log::Error::WrongNode { found, .. } => Self::WrongNode(*found),
            log::Error::Malformed(_) | log::Error::UnknownSuite(_) | log::Error::FalsePart => {
                Self::Unreadable(AN_ENTRY)
            }
        }
    }
}

impl From<&Refusal> for Failure {
    fn from(refusal: &Refusal) -> Self {
        Self {
            code: refusal.code().to_owned(),
            message: refusal.to_string(),
        }
    }
}

/// What a node of a later version may have written and this one cannot read.
pub(super) const AN_ENTRY: &str = "an entry";

/// The code of another version.
pub(super) const VERSION_CODE: &str = "link-version";

/// The code that raises the alarm at both ends.
pub(super) const FORKED: &str = "forked";

/// Whether a refusal with this code passes by itself, so that trying again soon makes sense.
pub(super) fn passes(code: &str) -> bool {
    [Refusal::NotStored, Refusal::Draining]
        .iter()
        .any(|refusal| refusal.code() == code)
}
