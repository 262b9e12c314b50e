//! The store as the links of the federation see it, and the links as reports see them.

use std::time::Duration;

use lika_core::{
    log::Entry,
    value::{AreaCode, NodeId},
};
use lika_proto::v1;

use tokio::sync::watch;

use crate::{
    federation::{Handle, Head, Links, LogError, Member, NotReceived, OwnLog, PeerLogs},
    gateway::Gateway,
    store::{self, Position, Tail},
    wire::LinkStatus,
};

/// Each note is a durable write of its own; a log that lost less than this much is found by the next contact.
const NOTE_EVERY: Duration = Duration::from_secs(1);

/// The node's own log, for the link to the node above.
pub struct UplinkStore {
    gateway: Gateway,
}

impl UplinkStore {
    /// The log behind this gateway.
    pub fn new(gateway: Gateway) -> Self {
        Self { gateway }
    }
}

impl OwnLog for UplinkStore {
    fn head(&self) -> Result<Head, LogError> {
        let reader = self.gateway.reader();
        Ok(reader
            .head(&reader.node())
            .map_or(Head::EMPTY, |tail| head(&tail)))
    }

    fn entries_after(&self, seq: u64, max_bytes: usize) -> Result<Vec<Entry>, LogError> {
        let reader = self.gateway.reader();
        let node = reader.node();
        let epoch = reader.head(&node).map_or(1, |tail| tail.position.epoch);
        Ok(reader.entries_after(&node, Position { epoch, seq }, max_bytes as u64)?)
    }

    async fn grown(&self, beyond: u64) -> Head {
        let reader = self.gateway.reader();
        let node = reader.node();
        let mut standing = reader.subscribe();
        loop {
            match reader.head(&node) {
                Some(tail) if tail.position.seq > beyond => return head(&tail),
                _ => {}
            }
            if standing.changed().await.is_err() {
                // The store is closed and will never grow; whoever waits is about to be stopped.
                std::future::pending::<()>().await;
            }
        }
    }
}

/// The logs of the nodes below, for their links.
pub struct PeerStore {
    gateway: Gateway,
}

impl PeerStore {
    /// The store behind this gateway.
    pub fn new(gateway: Gateway) -> Self {
        Self { gateway }
    }
}

impl PeerLogs for PeerStore {
    fn head(&self, node: &NodeId) -> Result<Head, LogError> {
        Ok(self
            .gateway
            .reader()
            .head(node)
            .map_or(Head::EMPTY, |tail| head(&tail)))
    }

    async fn receive(&self, from: Member, entries: Vec<Entry>) -> Result<Head, NotReceived> {
        let received = self.gateway.store().receive(from.node, entries).await;
        match received {
            Ok(tail) => Ok(head(&tail)),
            Err(store::Error::Fork { at, .. }) => Err(NotReceived::Forked(at.seq)),
            Err(error) => Err(NotReceived::Failed(Box::new(error))),
        }
    }
}

/// Keeps on the disk how far the upper node has acknowledged the log, so that a log that lost its end is not opened
/// as if nothing had happened. Ends with the link or the node.
pub async fn note_acknowledged(
    gateway: Gateway,
    uplink: Handle,
    address: String,
    mut stopped: watch::Receiver<bool>,
) {
    let peer = NodeId::derived("lika.upper", address.as_bytes());
    let mut noted = 0;
    loop {
        let beyond =
            uplink.wait_for(|status| status.acknowledged.is_some_and(|head| head.seq > noted));
        let status = tokio::select! {
            status = beyond => status,
            _ = stopped.wait_for(|stopped| *stopped) => None,
        };
        let Some(head) = status.and_then(|status| status.acknowledged) else {
            return;
        };
        noted = head.seq;
        let position = Position {
            epoch: head.epoch,
            seq: head.seq,
        };
        if let Err(error) = gateway.store().acknowledged(&peer, position) {
            tracing::error!(%error, "an acknowledgement could not be noted");
        }
        tokio::time::sleep(NOTE_EVERY).await;
    }
}

/// The links, for the status.
pub struct LinkView {
    address: Option<String>,
    above: Option<Handle>,
    below: Links,
}

impl LinkView {
    /// A view of these links.
    pub fn new(address: Option<String>, above: Option<Handle>, below: Links) -> Self {
        Self {
            address,
            above,
            below,
        }
    }
}

impl LinkStatus for LinkView {
    fn above(&self) -> Option<v1::UpperStatus> {
        let (address, status) = self
            .address
            .clone()
            .zip(self.above.as_ref().map(Handle::status))?;
        Some(v1::UpperStatus {
            address,
            connected: status.connected,
            acknowledged: status.acknowledged.map(|head| v1::Head {
                epoch: head.epoch,
                seq: head.seq,
                hash: head.hash.0.to_vec(),
            }),
            last_failure: status
                .failure
                .map(|failure| failure.message)
                .unwrap_or_default(),
        })
    }

    fn connected_below(&self, node: &NodeId) -> Option<AreaCode> {
        let links = self.below.list();
        links
            .into_iter()
            .find(|link| link.member.node == *node && link.connected)
            .map(|link| link.member.area)
    }
}

fn head(tail: &Tail) -> Head {
    Head {
        epoch: tail.position.epoch,
        seq: tail.position.seq,
        hash: tail.hash,
    }
}
