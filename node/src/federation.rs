//! The link between a node and the one above it: logs flow up, acknowledgements flow down.
//!
//! ```text
//!        lower node (dials)                                      upper node (listens)
//!  ┌─────────────┐ entries ┌──────────────┐   Hello, Entries   ┌────────────────┐ entries ┌──────────┐
//!  │ CarriedLogs │────────►│    uplink    │───────────────────►│    downlink    │────────►│ PeerLogs │
//!  │             │ rendered│ State · loop │◄───────────────────│ State · service│ verified│          │
//!  └─────────────┘         └──────────────┘ Welcome, Acknowl.  └────────────────┘         └──────────┘
//! ```
//!
//! A link carries the lower node's own log and those of the nodes below it, which it *passes through* as it has them:
//! each is named, sent, verified, acknowledged and refused by itself, so that one that is forked or faulty stops no
//! other. Every node has a whole copy of every log below it, however many tiers lie between, and each tier verifies it
//! anew: the writer, the chain, the area.
//!
//! ```text
//!  county A ──A──► prefecture P ──P A B──► province       A may dial the province too: the same log on two links is
//!  county B ──B──►      │                     ▲           received once, and two histories of it are found
//!                       └─── A ───────────────┘
//! ```
//!
//! Every link is *pseudonymous*: nothing is sent but [`Rendered`] entries, whose sealed parts are withheld. The upper
//! node believes the certificate about node and area, and nothing else: a log that is passed through must be of an area
//! inside that of the certificate, and all its entries of that area.
//!
//! What is decided is decided in [`uplink::State`] and [`downlink::State`], which know no network; the loops around
//! them only carry out effects. The link survives cuts, restarts and long absences of either side; the lower node's
//! writers never wait for it.
//!
//! Versions: a node of version 2 takes links of versions 1 and 2, and falls back to 1 where the node above knows no
//! more. Version 1 carries the own log alone, so what is passed through waits until the node above is upgraded.
//!
//! Bounds: [`MAX_LOGS`] logs, [`WINDOW`] batches and [`MAX_UNDER_WAY`] bytes not acknowledged for a whole link, one
//! batch read ahead and one being stored at the upper node.

pub mod batch;
pub mod downlink;
pub mod uplink;

mod message;
mod refusal;
mod rendering;
mod repeated;
mod skew;

#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, error::Error, future::Future, time::Duration};

use lika_core::{
    log::Entry,
    value::{AreaCode, Digest, NodeId},
};
use thiserror::Error as ThisError;

pub use downlink::{CarriedLog, LinkStatus, Links, service};
pub use message::{Acknowledged, Hello, LogCheckpoint, LogRefused, Stands, Welcome};
pub use refusal::Refusal;
pub use rendering::Rendered;
pub use skew::Skew;
pub use uplink::{Dialer, Failure, Handle, Pace, PassedLog, Status};

/// The version of the link that this node speaks.
pub const VERSION: u32 = 2;
/// The oldest one that it still speaks: that of one log.
pub const OLDEST_VERSION: u32 = 1;

/// How often either side asks whether a silent peer is still there, and how long it waits for an answer. For the
/// server builder: `http2_keepalive_interval` and `http2_keepalive_timeout`.
pub const KEEP_ALIVE: Duration = Duration::from_secs(10);

/// Logs that a link carries beside the lower node's own: a province has some hundred, the nation some three thousand
/// over all its links.
pub const MAX_LOGS: usize = 1024;

/// Batches that may be under way without acknowledgement: enough to fill the line while the upper node syncs, few
/// enough that a slow upper node slows the reading down and memory stays small.
pub const WINDOW: usize = 8;
/// Bytes that may be under way before another batch is read, uncompressed.
pub const MAX_UNDER_WAY: usize = 8 * 1024 * 1024;

/// The last entry of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The epoch.
    pub epoch: u32,
    /// The sequence number; 0 in an empty log.
    pub seq: u64,
    /// The entry's hash; zeros in an empty log.
    pub hash: Digest,
}

impl Head {
    /// The head of a log without entries.
    pub const EMPTY: Self = Self {
        epoch: 1,
        seq: 0,
        hash: Digest([0; 32]),
    };

    /// The head of a log that ends in this entry.
    pub fn of(entry: &Entry) -> Self {
        Self {
            epoch: entry.header().epoch,
            seq: entry.header().seq,
            hash: *entry.hash(),
        }
    }
}

/// Who a node is and which area it serves, as its certificate says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its permanent id.
    pub node: NodeId,
    /// The area that it serves.
    pub area: AreaCode,
}

/// Why a log cannot be read or written; the link says it and tries again.
pub type LogError = Box<dyn Error + Send + Sync>;

/// Whose log it is, and where it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogHead {
    /// The node that writes it, with the area of its first entry.
    pub of: Member,
    /// Its last entry.
    pub head: Head,
}

impl LogHead {
    /// The log of a node that ends so; none for one without entries.
    pub fn of(of: Member, head: Option<Head>) -> Self {
        let head = head.unwrap_or(Head::EMPTY);
        Self { of, head }
    }
}

/// The logs that a node carries up: its own, and those of the nodes below it.
pub trait CarriedLogs: Send + Sync + 'static {
    /// Where each of them ends durably. The own one may be missing while it is empty.
    fn heads(&self) -> Result<Vec<LogHead>, LogError>;

    /// The entries of a log after a sequence number in order: as many as fit into `max_bytes`, and at least one if there
    /// is one. May block.
    fn entries_after(
        &self,
        log: &NodeId,
        seq: u64,
        max_bytes: usize,
    ) -> Result<Vec<Entry>, LogError>;

    /// What there is to say of a log that the upper node has up to here: a note that its node has signed of this place
    /// or of one before; none where there is none. May block.
    fn checkpoint(&self, log: &NodeId, head: Head) -> Result<Option<String>, LogError>;

    /// Keeps a note that the upper node has signed too. May block.
    fn witnessed(&self, checkpoint: &LogCheckpoint) -> Result<(), LogError>;

    /// Waits until logs end beyond what is known of them, or there are others, and says which. Safe to drop and ask
    /// again.
    fn grown(&self, known: &BTreeMap<NodeId, u64>) -> impl Future<Output = Vec<LogHead>> + Send;
}

/// What a node has of a log that a link names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// Its last durable entry, [`Head::EMPTY`] when there is none.
    pub head: Head,
    /// The area of its first entry; none when there is none.
    pub area: Option<AreaCode>,
    /// The entry where the lower node's copy ends, if it is here.
    pub there: Option<Head>,
}

impl Known {
    /// Nothing of it.
    pub const NOTHING: Self = Self {
        head: Head::EMPTY,
        area: None,
        there: None,
    };
}

/// The logs of the nodes below, as the links write them.
pub trait PeerLogs: Send + Sync + 'static {
    /// What is here of a log that ends so at the lower node. May block.
    fn known(&self, log: &LogHead) -> Result<Known, LogError>;

    /// Makes entries durable that continue the node's log, and says where it then ends, which may be further when
    /// another link brought more. Their chain is verified; entries that it already has may be among them, and are held
    /// against these.
    fn receive(
        &self,
        from: Member,
        entries: Vec<Entry>,
    ) -> impl Future<Output = Result<Head, NotReceived>> + Send;

    /// Holds what a node has signed of its log against what is here of it, keeps it, and signs it too. May block.
    fn witness(&self, checkpoint: &LogCheckpoint) -> Result<LogCheckpoint, NotWitnessed>;

    /// Keeps both histories of a log for people to look at, and calls them. May block.
    fn keep_fork(&self, fork: ShownFork);
}

/// Another history of a log than the one that is here.
#[derive(Clone, Debug, PartialEq)]
pub struct ShownFork {
    /// Whose log.
    pub log: NodeId,
    /// Where the histories differ, or after which entry they do.
    pub seq: u64,
    /// The entry that shows it, where one came.
    pub entry: Option<Box<Entry>>,
    /// The signed note that shows it, where one came.
    pub note: Option<String>,
}

/// Why a checkpoint was not signed.
#[derive(Debug, ThisError)]
pub enum NotWitnessed {
    /// It says another thing than the log that is here.
    #[error("the checkpoint of {0} entries is not about the log that is here")]
    Forked(u64),
    /// Not signed by the node, or no checkpoint at all.
    #[error("the checkpoint is not one of the log's node")]
    False(#[source] LogError),
    /// There is nothing to hold it against: what it is about is not here, or the log names no key.
    #[error("there is nothing to hold the checkpoint against")]
    Unknown,
    /// This node cannot read or keep it now.
    #[error("the checkpoint cannot be kept")]
    Failed(#[source] LogError),
}

/// Why entries were not made durable.
#[derive(Debug, ThisError)]
pub enum NotReceived {
    /// The node has shown another history before.
    #[error("the node's log has forked at entry {seq}")]
    Forked {
        /// Where the two histories part, or later.
        seq: u64,
        /// The entry that shows it.
        entry: Box<Entry>,
    },
    /// This node cannot keep them now.
    #[error("the entries cannot be kept")]
    Failed(#[source] LogError),
}
