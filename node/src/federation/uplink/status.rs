//! How the link upwards is, for people.

use std::collections::BTreeMap;

use lika_core::value::{AreaCode, NodeId};

use crate::federation::{Head, refusal, skew::Skew};

/// How the link is, for people.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// Whether entries can flow.
    pub connected: bool,
    /// What the upper node has made durable of this node's own log, as far as it has told since this node started.
    pub acknowledged: Option<Head>,
    /// Why the link was last lost, until it is open again; or why the upper node does not take this node's own log.
    pub failure: Option<Failure>,
    /// The upper node knows another history of a log that this node carries: somebody must look at it.
    pub forked: bool,
    /// The upper node, once it has answered.
    pub upper: Option<NodeId>,
    /// How far its clock is from this node's, as the last hello showed.
    pub skew: Option<Skew>,
    /// The logs of nodes below that the link passes through.
    pub passed: BTreeMap<NodeId, PassedLog>,
    /// Logs of nodes below that are too many for one link.
    pub left_out: usize,
}

/// A log of a node below, on its way up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PassedLog {
    /// The area of its node.
    pub area: AreaCode,
    /// What the upper node has made durable of it, as far as it has told.
    pub acknowledged: Option<Head>,
    /// Why it goes no further.
    pub refused: Option<Failure>,
}

/// Why a link was lost or a log goes no further.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The upper node's stable code, `cut` when the line broke, `unreadable` when this node cannot read its log.
    pub code: String,
    /// What is wrong, for people.
    pub message: String,
}

impl Status {
    /// The logs of which the upper node knows another history, and why, for people.
    pub fn forks(&self, own: NodeId) -> BTreeMap<NodeId, String> {
        let of_own = self.failure.iter().map(|failure| (own, failure));
        let passed = self.passed.iter();
        let of_others = passed.filter_map(|(log, passed)| Some((*log, passed.refused.as_ref()?)));
        let forks = of_own.chain(of_others);
        let forks = forks.filter(|(_, failure)| failure.is_fork());
        forks
            .map(|(log, failure)| (log, failure.message.clone()))
            .collect()
    }
}

impl Failure {
    /// Whether two histories of a log were found.
    pub fn is_fork(&self) -> bool {
        self.code == refusal::FORKED
    }

    pub(super) fn new(code: &str, message: String) -> Self {
        Self {
            code: code.to_owned(),
            message,
        }
    }
}
