//! The logs that a link carries, and whose turn it is.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Bound,
};

use lika_core::value::NodeId;

use super::lane::{Lane, Owner};
use crate::federation::{Head, LogHead, MAX_LOGS, MAX_UNDER_WAY, WINDOW};

/// All lanes of a link.
///
/// What is not acknowledged is bounded for all of them together. Who has something to send takes turns, a batch each,
/// so that a county with a year to catch up on does not keep the others waiting.
#[derive(Debug)]
pub struct Lanes {
    own: NodeId,
    lanes: BTreeMap<NodeId, Lane>,
    /// Who sent last.
    served: NodeId,
    left_out: BTreeSet<NodeId>,
}

impl Lanes {
    /// The own log, and no other yet.
    pub fn new(own: LogHead) -> Self {
        Self {
            own: own.of.node,
            lanes: BTreeMap::from([(own.of.node, Lane::new(own, Owner::This))]),
            served: own.of.node,
            left_out: BTreeSet::new(),
        }
    }

    /// Logs have grown or are new. What is more than a link carries is left out.
    pub fn grow(&mut self, logs: Vec<LogHead>) {
        for log in logs {
            let is_full = self.lanes.len() > MAX_LOGS;
            match self.lanes.get_mut(&log.of.node) {
                Some(lane) => lane.grow(log.head),
                None if is_full => drop(self.left_out.insert(log.of.node)),
                None => {
                    self.lanes.insert(log.of.node, Lane::new(log, Owner::Below));
                }
            }
        }
    }

    /// Logs that are too many for one link.
    pub fn left_out(&self) -> usize {
        self.left_out.len()
    }

    /// The lane of this node's own log.
    pub fn own(&self) -> Option<&Lane> {
        self.lanes.get(&self.own)
    }

    /// A lane; that of the own log for none, as version 1 has it.
    pub fn get(&mut self, log: Option<NodeId>) -> Option<(NodeId, &mut Lane)> {
        let log = log.unwrap_or(self.own);
        self.lanes.get_mut(&log).map(|lane| (log, lane))
    }

    /// All of them, by node.
    pub fn iter(&self) -> impl Iterator<Item = (&NodeId, &Lane)> {
        self.lanes.iter()
    }

    /// All of them, to be changed.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Lane> {
        self.lanes.values_mut()
    }

    /// Names those that the upper node has not heard of.
    pub fn name_unnamed(&mut self) -> Vec<LogHead> {
        let unnamed = self.iter_mut().filter(|lane| lane.is_unnamed());
        unnamed.map(Lane::name).collect()
    }

    /// Whether the upper node owes an answer about one of them.
    pub fn is_any_named(&self) -> bool {
        self.lanes.values().any(Lane::is_named)
    }

    /// Whether the upper node has everything that it takes.
    pub fn are_all_sent(&self) -> bool {
        self.lanes.values().all(|lane| lane.unsent().is_none())
    }

    /// The next log whose checkpoint the upper node has not been shown, and up to where it has that log.
    pub fn next_to_check(&mut self) -> Option<(NodeId, Head)> {
        let mut lanes = self.lanes.iter_mut();
        lanes.find_map(|(log, lane)| Some((*log, lane.take_due()?)))
    }

    /// The next log to read and after which entry, when there is room on the line.
    pub fn next_to_read(&mut self) -> Option<(NodeId, u64)> {
        let (batches, bytes) = self
            .lanes
            .values()
            .map(Lane::under_way)
            .fold((0, 0), |(batches, bytes), (more, size)| {
                (batches + more, bytes + size)
            });
        if batches >= WINDOW || bytes >= MAX_UNDER_WAY {
            return None;
        }
        let after = (Bound::Excluded(self.served), Bound::Unbounded);
        let others = self.lanes.range(after);
        let in_turn = others.chain(self.lanes.range(..=self.served));
        let mut waiting = in_turn.filter_map(|(log, lane)| Some((*log, lane.unsent()?)));
        let (log, after) = waiting.next()?;
        self.served = log;
        Some((log, after))
    }
}
