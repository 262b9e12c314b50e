//! The links that are open: who is connected, one link a node.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use lika_core::value::{AreaCode, NodeId};
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard, watch};

use crate::federation::{
    Failure, Head, LogHead, MAX_LOGS, Member, Refusal, downlink::Event, refusal::FORKED, skew::Skew,
};

/// The view of the links from below, cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Links {
    shared: Arc<Shared>,
}

/// What is known of the link of one node below since this node started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkStatus {
    /// Who it is.
    pub member: Member,
    /// Whether its link is open.
    pub connected: bool,
    /// Why its link was last refused or ended, until it opens again.
    pub refusal: Option<Refusal>,
    /// How far its clock is from this node's, as its last hello showed.
    pub skew: Option<Skew>,
    /// The logs that its link carries: its own, and those that it passes through.
    pub logs: BTreeMap<NodeId, CarriedLog>,
}

/// A log as a link from below carries it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CarriedLog {
    /// The area of its node.
    pub area: AreaCode,
    /// What is durable of it here, as far as the link knows.
    pub head: Head,
    /// Why no more of it is taken.
    pub refused: Option<Failure>,
    /// It has shown two histories: somebody must look at it.
    pub forked: bool,
}

impl LinkStatus {
    /// What is durable here of the node's own log.
    pub fn head(&self) -> Head {
        let own = self.logs.get(&self.member.node);
        own.map_or(Head::EMPTY, |log| log.head)
    }

    /// Whether the node has shown two histories of a log.
    pub fn forked(&self) -> bool {
        self.logs.values().any(|log| log.forked)
    }
}

#[derive(Debug)]
struct Shared {
    nodes: Mutex<BTreeMap<NodeId, Slot>>,
    draining: watch::Sender<bool>,
}

#[derive(Debug)]
struct Slot {
    status: LinkStatus,
    /// Held by the link that may store; a newer one waits for what the older has begun.
    turn: Arc<AsyncMutex<()>>,
    /// Counts the links; the one with the last number stays.
    newest: watch::Sender<u64>,
}

/// The right to be the one link of a node; given back when it is dropped.
pub(super) struct Turn {
    links: Links,
    member: Member,
    number: u64,
    newest: watch::Receiver<u64>,
    draining: watch::Receiver<bool>,
    _turn: OwnedMutexGuard<()>,
}

impl Default for Shared {
    fn default() -> Self {
        Self {
            nodes: Mutex::default(),
            draining: watch::Sender::new(false),
        }
    }
}

impl Links {
    /// Every node that has opened a link, in the order of ids.
    pub fn list(&self) -> Vec<LinkStatus> {
        self.nodes()
            .values()
            .map(|slot| slot.status.clone())
            .collect()
    }

    /// Ends all links, so that the server can stop: it waits for open calls, and a link has no end of its own.
    pub fn close(&self) {
        self.shared.draining.send_replace(true);
    }

    /// Takes the node's turn, after an older link of the same node has let go of it.
    pub(super) async fn enter(&self, member: Member) -> Turn {
        let (turn, newest, number) = {
            let mut nodes = self.nodes();
            let slot = nodes
                .entry(member.node)
                .or_insert_with(|| Slot::new(member));
            slot.newest.send_modify(|number| *number += 1);
            let newest = slot.newest.subscribe();
            let number = *newest.borrow();
            (slot.turn.clone(), newest, number)
        };
        Turn {
            links: self.clone(),
            member,
            number,
            newest,
            draining: self.shared.draining.subscribe(),
            _turn: turn.lock_owned().await,
        }
    }

    fn nodes(&self) -> MutexGuard<'_, BTreeMap<NodeId, Slot>> {
        // Statuses are whole values, so a panic elsewhere leaves nothing half-written.
        self.shared
            .nodes
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Slot {
    fn new(member: Member) -> Self {
        Self {
            status: LinkStatus {
                member,
                connected: false,
                refusal: None,
                skew: None,
                logs: BTreeMap::new(),
            },
            turn: Arc::default(),
            newest: watch::Sender::new(0),
        }
    }
}

impl Turn {
    /// The node is here.
    pub(super) fn opened(&self) {
        let member = self.member;
        self.update(|status| {
            status.member = member;
            status.connected = true;
            status.refusal = None;
        });
        tracing::info!(peer = %member.node, area = %member.area, "link opened");
    }

    /// Its clock is so far from this node's.
    pub(super) fn measured(&self, skew: Option<Skew>) {
        self.update(|status| status.skew = skew);
        if let Some(Skew { ahead_ms }) = skew.filter(|skew| skew.is_notable()) {
            let Member { node, area } = self.member;
            tracing::warn!(peer = %node, %area, ahead_ms, "the clock of a node below differs from this node's; check both");
        }
    }

    /// Its link carries these logs.
    pub(super) fn carries(&self, logs: impl Iterator<Item = LogHead>) {
        self.update(|status| {
            for LogHead { of, head } in logs {
                let log = status.logs.entry(of.node).or_insert(CarriedLog {
                    area: of.area,
                    head,
                    refused: None,
                    forked: false,
                });
                (log.area, log.head, log.refused) = (of.area, head, None);
            }
        });
    }

    /// More of a log is durable. One that grows by what it acknowledged has one history.
    pub(super) fn acknowledged(&self, log: NodeId, head: Head) {
        tracing::debug!(peer = %self.member.node, %log, seq = head.seq, "entries acknowledged");
        self.update(|status| {
            if let Some(log) = status.logs.get_mut(&log) {
                log.head = head;
                log.forked = false;
            }
        });
    }

    /// No more of a log is taken.
    pub(super) fn refused_log(&self, log: NodeId, failure: &Failure, head: Head) {
        let Member { node, area } = self.member;
        let Failure { code, message } = failure;
        let (is_fork, seq) = (code == FORKED, head.seq);
        if is_fork {
            tracing::error!(peer = %node, %area, %log, seq, code, message, "a log shows two histories");
        } else {
            tracing::warn!(peer = %node, %area, %log, seq, code, message, "log refused");
        }
        self.update(|status| {
            let is_full = status.logs.len() > MAX_LOGS;
            let known = status.logs.contains_key(&log);
            if is_full && !known {
                return;
            }
            let log = status.logs.entry(log).or_insert(CarriedLog {
                area,
                head,
                refused: None,
                forked: false,
            });
            log.refused = Some(failure.clone());
            log.forked |= is_fork;
        });
    }

    /// Its link is being ended.
    pub(super) fn refused(&self, refusal: &Refusal, head: Head) {
        let Member { node, area } = self.member;
        let code = refusal.code();
        if matches!(refusal, Refusal::Forked(_)) {
            self.refused_log(node, &Failure::from(refusal), head);
        }
        tracing::warn!(peer = %node, %area, code, %refusal, "link refused");
        self.update(|status| status.refusal = Some(refusal.clone()));
    }

    /// Waits until this link has to end although nothing is wrong with it.
    pub(super) async fn ended(&mut self) -> Event {
        let number = self.number;
        tokio::select! {
            _ = self.draining.wait_for(|draining| *draining) => Event::Draining,
            _ = self.newest.wait_for(|newest| *newest != number) => Event::Superseded,
        }
    }

    fn update(&self, change: impl FnOnce(&mut LinkStatus)) {
        if let Some(slot) = self.links.nodes().get_mut(&self.member.node) {
            change(&mut slot.status);
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.update(|status| status.connected = false);
    }
}
