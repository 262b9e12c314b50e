//! The links that are open: who is connected, one link a node.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use lika_core::value::NodeId;
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard, watch};

use crate::federation::{Head, Member, Refusal, downlink::Event};

/// The view of the links from below, cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Links {
    shared: Arc<Shared>,
}

/// What is known of one node below since this node started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkStatus {
    /// Who it is.
    pub member: Member,
    /// Whether its link is open.
    pub connected: bool,
    /// What is durable here of its log.
    pub head: Head,
    /// Why its link was last refused or ended, until it opens again.
    pub refusal: Option<Refusal>,
    /// The node has shown two histories: somebody must look at it.
    pub forked: bool,
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
                head: Head::EMPTY,
                refusal: None,
                forked: false,
            },
            turn: Arc::default(),
            newest: watch::Sender::new(0),
        }
    }
}

impl Turn {
    /// The node is here, and this is durable of its log.
    pub(super) fn opened(&self, head: Head) {
        let member = self.member;
        self.update(|status| {
            status.member = member;
            status.connected = true;
            status.head = head;
            status.refusal = None;
        });
        tracing::info!(node = %member.node, area = %member.area, seq = head.seq, "link opened");
    }

    /// More of its log is durable. A log that grows by what it acknowledged has one history.
    pub(super) fn acknowledged(&self, head: Head) {
        self.update(|status| {
            status.head = head;
            status.forked = false;
        });
    }

    /// Its link is being ended.
    pub(super) fn refused(&self, refusal: &Refusal) {
        let Member { node, area } = self.member;
        let code = refusal.code();
        let is_fork = matches!(refusal, Refusal::Forked(_));
        if is_fork {
            tracing::error!(%node, %area, code, %refusal, "a node below shows two histories");
        } else {
            tracing::warn!(%node, %area, code, %refusal, "link refused");
        }
        self.update(|status| {
            status.refusal = Some(refusal.clone());
            status.forked |= is_fork;
        });
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
