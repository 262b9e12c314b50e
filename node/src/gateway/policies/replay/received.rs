//! Replaying some of what nodes below have decided, as it arrives.
//!
//! ```text
//!  log of a node below   … │ request 7: E E D D │ request 8: E D │ …
//!                                                ▲
//!                        position: all of what one command wrote is looked at together
//! ```
//!
//! An evaluation is looked at when it arrives, and again whenever a decision arrives that names it: a decision that is
//! altered later is found then.

use std::collections::BTreeSet;

use lika_core::{
    log::{Entry, Kind},
    record::{Body, Parts},
    value::{NodeId, Ppm, RecordId, RequestId},
};
use serde::{Deserialize, Serialize};

use super::{Error, Fresh, Gateway, again::Came, component_of, sample::chooses};
use crate::store::Position;

/// Bytes of a log that are read at a time.
const READ: u64 = 1 << 20;

/// How far a node has looked at a log that it received, and what it found there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Received {
    /// The epoch of the position.
    pub epoch: u32,
    /// Everything up to this entry has been looked at.
    pub seq: u64,
    /// When it began, with the first entry: milliseconds since 1970-01-01T00:00:00Z.
    pub since: u64,
    /// Evaluations that were chosen.
    pub chosen: u64,
    /// Those that came out the same, with all their decisions.
    pub same: u64,
    /// Those that did not.
    pub mismatches: u64,
    /// The others: their component is not admitted here, they gave no answer, or another engine made them and this one
    /// makes something else of them.
    pub not_run: u64,
}

/// Which of the evaluations that arrive, and how many before a pause.
pub(in super::super) struct Choice<'a> {
    /// Which part of them.
    pub share: Ppm,
    /// What the choice is made with; whoever knows it knows which evaluations nobody looks at.
    pub seed: u64,
    /// So many at a time, and those of the last command.
    pub most: u64,
    /// Whether to go on.
    pub goes_on: &'a dyn Fn() -> bool,
}

/// The evaluations of one command that were chosen.
#[derive(Default)]
struct Chosen {
    request: Option<RequestId>,
    evaluations: BTreeSet<RecordId>,
}

impl Gateway {
    /// Looks at what a node below has decided since the last time. Blocks. Answers whether there is more.
    ///
    /// Where it is told to stop, the position is that of the last command of which everything was looked at.
    pub(in super::super) fn look_at_received(
        &self,
        node: &NodeId,
        received: &mut Received,
        choice: &Choice<'_>,
    ) -> Result<bool, Error> {
        let reader = &self.inner.reader;
        let mut fresh = Fresh::new(&self.inner.policies.host)?;
        let before = received.chosen;
        let mut read = Position {
            epoch: received.epoch,
            seq: received.seq,
        };
        let mut chosen = Chosen::default();
        loop {
            let entries = reader.entries_after(node, read, READ)?;
            let Some(last) = entries.last() else {
                // What the last command wrote may go on; its decisions are looked at when they come.
                let is_done = self.look_at(&mut fresh, node, &mut chosen, received, choice)?;
                if is_done {
                    (received.epoch, received.seq) = (read.epoch, read.seq);
                }
                return Ok(!is_done);
            };
            let end = last.position();
            for entry in &entries {
                let request = Some(entry.header().request);
                if request != chosen.request {
                    if !self.look_at(&mut fresh, node, &mut chosen, received, choice)? {
                        return Ok(true);
                    }
                    let at = entry.position();
                    (received.epoch, received.seq) = (at.epoch, at.seq - 1);
                    chosen.request = request;
                    if received.chosen - before >= choice.most {
                        return Ok(true);
                    }
                }
                let evaluation = evaluation_of(entry);
                let is_chosen = |id: &RecordId| chooses(choice.share, choice.seed, id);
                chosen.evaluations.extend(evaluation.filter(is_chosen));
            }
            if !(choice.goes_on)() {
                return Ok(true);
            }
            read = end;
        }
    }

    /// Runs the chosen evaluations again; whether it came to the end of them.
    fn look_at(
        &self,
        fresh: &mut Fresh,
        node: &NodeId,
        chosen: &mut Chosen,
        received: &mut Received,
        choice: &Choice<'_>,
    ) -> Result<bool, Error> {
        // What is not finished is done again, and counted then.
        let mut counted = received.clone();
        for id in std::mem::take(&mut chosen.evaluations) {
            if !(choice.goes_on)() {
                return Ok(false);
            }
            counted.chosen += 1;
            *match self.look_at_one(fresh, node, &id)? {
                Some(true) => &mut counted.same,
                Some(false) => &mut counted.mismatches,
                None => &mut counted.not_run,
            } += 1;
        }
        *received = counted;
        Ok(true)
    }

    /// Whether an evaluation and its decisions are what comes out again; none where that cannot be told.
    fn look_at_one(
        &self,
        fresh: &mut Fresh,
        node: &NodeId,
        id: &RecordId,
    ) -> Result<Option<bool>, Error> {
        let stored = self.inner.reader.get(id)?;
        let Some(stored) = stored.filter(|stored| stored.header.node == *node) else {
            return Ok(None);
        };
        if self.lacks(fresh, &component_of(&stored)?) {
            return Ok(None);
        }
        let replayed = match self.replay_one(fresh, stored) {
            Ok(replayed) => replayed,
            Err(error) if super::does_not_hold_together(&error) => return Ok(Some(false)),
            Err(error @ (Error::Store(_) | Error::TaskEnded)) => return Err(error),
            Err(error) => {
                tracing::warn!(evaluation = %id, %error, "a received evaluation cannot be run again");
                return Ok(None);
            }
        };
        Ok(match replayed.came {
            _ if replayed.is_mismatch() => Some(false),
            Came::Same | Came::Otherwise(_) => Some(true),
            Came::OtherEngine(_) | Came::Attempt | Came::Unfinished(_) => None,
        })
    }
}

/// The evaluation that an entry writes, or that the decision which it writes names.
fn evaluation_of(entry: &Entry) -> Option<RecordId> {
    let header = entry.header();
    match header.kind {
        Kind::Evaluation => Some(header.record),
        Kind::Decision => match Body::from_parts(header.kind, &Parts::of_entry(entry)) {
            Ok(Body::Decision(decision)) => Some(decision.evaluation),
            _ => None,
        },
        _ => None,
    }
}

/// Where an entry is in its log.
trait Placed {
    fn position(&self) -> Position;
}

impl Placed for Entry {
    fn position(&self) -> Position {
        Position {
            epoch: self.header().epoch,
            seq: self.header().seq,
        }
    }
}
