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

use std::collections::{BTreeMap, BTreeSet};

use lika_core::{
    log::{Entry, Kind},
    record::{Body, Parts},
    value::{NodeId, Ppm, RecordId, RequestId},
};
use serde::{Deserialize, Serialize};

use super::{
    super::UNAVAILABLE, Error, Failed, Fresh, Gateway, again::Came, component_of, named::Named,
    sample::chooses,
};
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

/// The evaluations of one command that were chosen, each with the decisions of the command that name it.
#[derive(Default)]
struct Chosen {
    request: Option<RequestId>,
    evaluations: BTreeMap<RecordId, Vec<Named>>,
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
                let is_chosen = |id: &RecordId| chooses(choice.share, choice.seed, id);
                if let Some((id, named)) = evaluation_of(entry).filter(|(id, _)| is_chosen(id)) {
                    chosen.evaluations.entry(id).or_default().extend(named);
                }
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
        for (id, named) in std::mem::take(&mut chosen.evaluations) {
            if !(choice.goes_on)() {
                return Ok(false);
            }
            counted.chosen += 1;
            *match self.look_at_one(fresh, node, &id, &named)? {
                Some(true) => &mut counted.same,
                Some(false) => &mut counted.mismatches,
                None => &mut counted.not_run,
            } += 1;
        }
        *received = counted;
        Ok(true)
    }

    /// Whether an evaluation and its decisions are what comes out again; none where that cannot be told.
    ///
    /// Whoever writes a log chooses what its decisions name, so nothing that they name is an error here: an error is
    /// tried again, and nobody would come past it.
    fn look_at_one(
        &self,
        fresh: &mut Fresh,
        node: &NodeId,
        id: &RecordId,
        named: &[Named],
    ) -> Result<Option<bool>, Error> {
        let reader = &self.inner.reader;
        let stored = match reader.get(id)? {
            Some(stored) if stored.header.node == *node => stored,
            // A newer version may have written it, which this one keeps without knowing what it is.
            None if reader.unprojected()? > 0 => return Ok(None),
            _ => {
                let why = "the evaluation that it names is not in its log";
                self.note_forged(id, named, why);
                return Ok((!named.is_empty()).then_some(false));
            }
        };
        let forged = Named::out_of_place(named, &stored);
        if let Some((forged, why)) = &forged {
            self.note_forged(id, forged, why);
        }
        let is_forged = forged.is_some();
        let cannot_tell = is_forged.then_some(false);
        let Ok(component) = component_of(&stored) else {
            return Ok(cannot_tell);
        };
        if self.lacks(fresh, &component) {
            return Ok(cannot_tell);
        }
        // What was told already is not told twice.
        let forged = forged.map(|(forged, _)| forged).unwrap_or_default();
        let forged: BTreeSet<RecordId> = forged.iter().map(|it| it.decision).collect();
        let named = named.iter().map(|it| it.decision);
        let named: Vec<RecordId> = named.filter(|id| !forged.contains(id)).collect();
        let replayed = match self.run_again(fresh, &stored, &named) {
            Ok((_, replayed)) => replayed,
            Err(Failed::Record(_)) => return Ok(Some(false)),
            Err(Failed::Other(error @ (Error::Store(_) | Error::TaskEnded))) => return Err(error),
            // Nothing was tried, and something will be when there is a process again.
            Err(Failed::Other(error)) if error.code() == UNAVAILABLE => return Err(error),
            Err(Failed::Other(error)) => {
                tracing::warn!(evaluation = %id, %error, "a received evaluation cannot be run again");
                return Ok(cannot_tell);
            }
        };
        Ok(match replayed.came {
            _ if is_forged || replayed.is_mismatch() => Some(false),
            Came::Same | Came::Otherwise(_) => Some(true),
            Came::OtherEngine(_) | Came::Attempt | Came::Unfinished(_) => None,
        })
    }
}

/// The evaluation that an entry writes, or that the decision which it writes names, with that decision.
fn evaluation_of(entry: &Entry) -> Option<(RecordId, Option<Named>)> {
    let header = entry.header();
    match header.kind {
        Kind::Evaluation => Some((header.record, None)),
        Kind::Decision => match Body::from_parts(header.kind, &Parts::of_entry(entry)) {
            Ok(Body::Decision(decision)) => {
                let named = Named::new(header, &decision);
                Some((decision.evaluation, Some(named)))
            }
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
