//! The link between a node and the one above it: a log flows up, acknowledgements flow down.
//!
//! ```text
//!        lower node (dials)                                    upper node (listens)
//!  ┌──────────┐ entries ┌──────────────┐   Hello, Entries   ┌────────────────┐ entries ┌──────────┐
//!  │  OwnLog  │────────►│    uplink    │───────────────────►│    downlink    │────────►│ PeerLogs │
//!  │          │ rendered│ State · loop │◄───────────────────│ State · service│ verified│          │
//!  └──────────┘         └──────────────┘ Welcome, Acknowl.  └────────────────┘         └──────────┘
//! ```
//!
//! Every link is *pseudonymous*: nothing is sent but [`Rendered`] entries, whose sealed parts are withheld. The upper
//! node believes the certificate about node and area, and nothing else: it verifies every entry and its place.
//!
//! What is decided is decided in [`uplink::State`] and [`downlink::State`], which know no network; the loops around
//! them only carry out effects. The link survives cuts, restarts and long absences of either side; the lower node's
//! writers never wait for it.

pub mod batch;
pub mod downlink;
pub mod uplink;

mod message;
mod refusal;
mod rendering;

#[cfg(test)]
mod tests;

use std::{error::Error, future::Future, time::Duration};

use lika_core::{
    log::Entry,
    value::{AreaCode, Digest, NodeId},
};
use thiserror::Error as ThisError;

pub use downlink::{LinkStatus, Links, service};
pub use message::{Hello, Welcome};
pub use refusal::Refusal;
pub use rendering::Rendered;
pub use uplink::{Dialer, Handle, Pace, Status};

/// The version of the link that this node speaks.
pub const VERSION: u32 = 1;

/// How often either side asks whether a silent peer is still there, and how long it waits for an answer. For the
/// server builder: `http2_keepalive_interval` and `http2_keepalive_timeout`.
pub const KEEP_ALIVE: Duration = Duration::from_secs(10);

/// Batches that may be under way without acknowledgement: enough to fill the line while the upper node syncs, few
/// enough that a slow upper node slows the reading down and memory stays small.
pub const WINDOW: usize = 8;

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

/// Why a log cannot be read or written; the link logs it and tries again.
pub type LogError = Box<dyn Error + Send + Sync>;

/// The log of this node, as the link reads it.
pub trait OwnLog: Send + Sync + 'static {
    /// Its last durable entry.
    fn head(&self) -> Result<Head, LogError>;

    /// The entries after a sequence number in order: as many as fit into `max_bytes`, and at least one if there is one.
    /// May block.
    fn entries_after(&self, seq: u64, max_bytes: usize) -> Result<Vec<Entry>, LogError>;

    /// Waits until the log ends beyond a sequence number, and says where. Safe to drop and ask again.
    fn grown(&self, beyond: u64) -> impl Future<Output = Head> + Send;
}

/// The logs of the nodes below, as the link writes them.
pub trait PeerLogs: Send + Sync + 'static {
    /// The last durable entry of a node's log, [`Head::EMPTY`] when there is none. May block.
    fn head(&self, node: &NodeId) -> Result<Head, LogError>;

    /// Makes entries durable that continue the node's log, and says where it then ends. They are verified; entries that
    /// it already has may be among them and change nothing.
    fn receive(
        &self,
        from: Member,
        entries: Vec<Entry>,
    ) -> impl Future<Output = Result<Head, NotReceived>> + Send;
}

/// Why entries were not made durable.
#[derive(Debug, ThisError)]
pub enum NotReceived {
    /// The node has shown another history before.
    #[error("the node's log has forked at entry {0}")]
    Forked(u64),
    /// This node cannot keep them now.
    #[error("the entries cannot be kept")]
    Failed(#[source] LogError),
}
