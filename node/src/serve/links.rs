//! The store as the links of the federation see it, and the links as reports see them.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use lika_core::{
    log::Entry,
    value::{AreaCode, NodeId},
};
use lika_proto::v1;

use tokio::sync::watch;

use crate::{
    federation::{
        self, CarriedLogs, Handle, Head, Known, Links, LogCheckpoint, LogError, LogHead, Member,
        NotReceived, NotWitnessed, PassedLog, PeerLogs, ShownFork,
    },
    gateway::Gateway,
    serve::evidence::Evidence,
    store::{self, Position, Reader, Tail},
    wire::{self, LinkStatus},
};

/// Each note is a durable write of its own; a log that lost less than this much is found by the next contact.
const NOTE_EVERY: Duration = Duration::from_secs(1);

/// The logs of this node, for the link to the node above: its own, and those of the nodes below it.
pub struct UplinkStore {
    gateway: Gateway,
    evidence: Arc<Evidence>,
    /// A log's area never changes: that of its first entry.
    areas: Mutex<BTreeMap<NodeId, AreaCode>>,
}

impl UplinkStore {
    /// The logs behind this gateway.
    pub fn new(gateway: Gateway, evidence: Arc<Evidence>) -> Self {
        Self {
            gateway,
            evidence,
            areas: Mutex::default(),
        }
    }

    /// A log that is to go up; none when it is not of a node below.
    fn carried(&self, reader: &Reader, tail: &Tail) -> Result<Option<LogHead>, store::Error> {
        let node = tail.node;
        let known = self.areas().get(&node).copied();
        let area = match known {
            Some(area) => Some(area),
            None => area_of(reader, &node)?,
        };
        let Some(area) = area.filter(|area| self.gateway.area().contains(area)) else {
            return Ok(None);
        };
        self.areas().insert(node, area);
        let head = Some(head(tail));
        Ok(Some(LogHead::of(Member { node, area }, head)))
    }

    fn areas(&self) -> MutexGuard<'_, BTreeMap<NodeId, AreaCode>> {
        self.areas.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The logs that end elsewhere than is known.
    fn news(&self, reader: &Reader, known: &BTreeMap<NodeId, u64>) -> Vec<LogHead> {
        let tails = reader.heads().into_iter();
        let is_news = |tail: &Tail| known.get(&tail.node) < Some(&tail.position.seq);
        let grown = tails.filter(|tail| tail.position.seq > 0 && is_news(tail));
        let carried = grown.filter_map(|tail| match self.carried(reader, &tail) {
            Ok(carried) => carried,
            Err(error) => {
                tracing::error!(log = %tail.node, %error, "a log cannot be passed on");
                None
            }
        });
        carried.collect()
    }
}

impl CarriedLogs for UplinkStore {
    fn heads(&self) -> Result<Vec<LogHead>, LogError> {
        let reader = self.gateway.reader();
        let mut heads = Vec::new();
        for tail in reader.heads() {
            heads.extend(self.carried(reader, &tail)?);
        }
        Ok(heads)
    }

    fn entries_after(
        &self,
        log: &NodeId,
        seq: u64,
        max_bytes: usize,
    ) -> Result<Vec<Entry>, LogError> {
        let reader = self.gateway.reader();
        let epoch = reader.head(log).map_or(1, |tail| tail.position.epoch);
        Ok(reader.entries_after(log, Position { epoch, seq }, max_bytes as u64)?)
    }

    fn checkpoint(&self, log: &NodeId, head: Head) -> Result<Option<String>, LogError> {
        self.evidence.to_show(log, head)
    }

    fn witnessed(&self, checkpoint: &LogCheckpoint) -> Result<(), LogError> {
        self.evidence.witnessed(checkpoint)
    }

    async fn grown(&self, known: &BTreeMap<NodeId, u64>) -> Vec<LogHead> {
        let reader = self.gateway.reader();
        let mut standing = reader.subscribe();
        loop {
            standing.mark_unchanged();
            let news = self.news(reader, known);
            if !news.is_empty() {
                return news;
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
    evidence: Arc<Evidence>,
}

impl PeerStore {
    /// The store behind this gateway.
    pub fn new(gateway: Gateway, evidence: Arc<Evidence>) -> Self {
        Self { gateway, evidence }
    }
}

impl PeerLogs for PeerStore {
    fn known(&self, log: &LogHead) -> Result<Known, LogError> {
        let reader = self.gateway.reader();
        let LogHead {
            of: Member { node, .. },
            head: theirs,
        } = log;
        let Some(tail) = reader.head(node) else {
            return Ok(Known::NOTHING);
        };
        let there = match theirs.seq {
            0 => None,
            seq if seq == tail.position.seq => Some(head(&tail)),
            seq => {
                let epoch = tail.position.epoch;
                let before = Position {
                    epoch,
                    seq: seq - 1,
                };
                let found = reader.entries_after(node, before, 1)?;
                found.first().map(Head::of)
            }
        };
        Ok(Known {
            head: head(&tail),
            area: area_of(reader, node)?,
            there,
        })
    }

    async fn receive(&self, from: Member, entries: Vec<Entry>) -> Result<Head, NotReceived> {
        let received = self.gateway.store().receive(from.node, entries).await;
        match received {
            Ok(tail) => Ok(head(&tail)),
            Err(store::Error::Fork { at, entry, .. }) => {
                Err(NotReceived::Forked { seq: at.seq, entry })
            }
            Err(error) => Err(NotReceived::Failed(Box::new(error))),
        }
    }

    fn witness(&self, checkpoint: &LogCheckpoint) -> Result<LogCheckpoint, NotWitnessed> {
        self.evidence.witness(checkpoint)
    }

    fn keep_fork(&self, fork: ShownFork) {
        self.evidence.keep_fork(fork);
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
            acknowledged: status.acknowledged.map(Into::into),
            last_failure: status
                .failure
                .map(|failure| failure.message)
                .unwrap_or_default(),
            clock_ahead_ms: status.skew.map(|skew| skew.ahead_ms),
            passed: status.passed.into_iter().map(passed).collect(),
        })
    }

    fn below(&self, node: &NodeId) -> wire::LinkBelow {
        let links = self.below.list();
        let carries = |link: &&federation::LinkStatus| link.logs.contains_key(node);
        // A node's own link says more than one that passes its log through.
        let own = links.iter().find(|link| link.member.node == *node);
        let through = links.iter().find(|link| link.connected && carries(link));
        let open = own.filter(|link| link.connected).or(through);
        let carried = open.or(own).and_then(|link| link.logs.get(node));
        let refused = carried.and_then(|log| log.refused.as_ref());
        wire::LinkBelow {
            carried_by: open.map(|link| link.member.node),
            area: carried.filter(|_| open.is_some()).map(|log| log.area),
            refusal: refused.map(|failure| failure.message.clone()),
            clock_ahead_ms: own.and_then(|link| link.skew).map(|skew| skew.ahead_ms),
        }
    }
}

fn passed((node, passed): (NodeId, PassedLog)) -> v1::PassedLog {
    let PassedLog {
        area,
        acknowledged,
        refused,
    } = passed;
    v1::PassedLog {
        node: node.0.to_vec(),
        area: area.digits().to_owned(),
        acknowledged: acknowledged.map(Into::into),
        refusal: refused.map(|failure| failure.message).unwrap_or_default(),
    }
}

/// The area of a log: that of its first entry, with which its node has registered itself.
fn area_of(reader: &Reader, node: &NodeId) -> Result<Option<AreaCode>, store::Error> {
    let first = reader.entries_after(node, Position { epoch: 1, seq: 0 }, 1)?;
    Ok(first.first().map(|entry| entry.header().area))
}

fn head(tail: &Tail) -> Head {
    Head {
        epoch: tail.position.epoch,
        seq: tail.position.seq,
        hash: tail.hash,
    }
}
