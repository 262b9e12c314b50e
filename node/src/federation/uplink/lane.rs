//! One log on the link upwards.

use std::{cmp::Ordering, collections::VecDeque};

use lika_core::log::Entry;

use super::Failure;
use crate::federation::{Head, LogHead, Rendered, batch, refusal};

/// What the lower node knows and does about one log.
///
/// ```text
///                        ┌───────────────────────────── tried again ─────────────────────────────┐
///                        ▼                                                                       │
/// link lost ───────► Unnamed ──named──► Named ──taken──► Comparing ──the same entry──► Streaming │
///                                         │                  │ another entry                │     │
///                                         │                  ▼                              │     │
///                                         │               Proving                           │     │
///                                         └──refused──────────┴───────────────refused───────┴─► Refused
/// ```
#[derive(Debug)]
pub struct Lane {
    log: LogHead,
    owner: Owner,
    phase: Phase,
    acknowledged: Option<Head>,
    refused: Option<Failure>,
    /// What its node has signed of it since is to be shown to the upper node.
    is_due: bool,
}

/// Who writes the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// This node, from which the upper node has all that it has.
    This,
    /// A node below, from which the upper node may have more on another way.
    Below,
}

#[derive(Debug)]
enum Phase {
    /// The upper node has not heard of it on this link.
    Unnamed,
    /// It owes an answer.
    Named,
    /// What it has is being held against the log.
    Comparing { theirs: Head },
    /// What it lacks is sent.
    Streaming {
        /// The last entry that was sent, or that it had.
        sent: u64,
        /// The batches that are not acknowledged.
        under_way: VecDeque<Batch>,
    },
    /// It has another history; an entry that shows it is on its way.
    Proving,
    /// It takes no more.
    Refused,
}

#[derive(Debug)]
struct Batch {
    end: Head,
    bytes: usize,
}

/// What to do after an answer of the upper node.
#[derive(Debug, PartialEq)]
pub enum Next {
    /// Nothing; entries may be sent.
    Stream,
    /// Read this entry, to compare it.
    ReadOne(u64),
    /// Show this entry, which is another one there.
    Prove(Rendered),
    /// Nothing more of this log.
    Stop(Failure),
}

impl Lane {
    /// A log that the upper node has not heard of.
    pub fn new(log: LogHead, owner: Owner) -> Self {
        Self {
            log,
            owner,
            phase: Phase::Unnamed,
            acknowledged: None,
            refused: None,
            is_due: true,
        }
    }

    /// The log, and where it ends here.
    pub fn log(&self) -> LogHead {
        self.log
    }

    /// What the upper node has, as far as it has told.
    pub fn acknowledged(&self) -> Option<Head> {
        self.acknowledged
    }

    /// Why it goes no further.
    pub fn refused(&self) -> Option<&Failure> {
        self.refused.as_ref()
    }

    /// Whether it is this node's own.
    pub fn is_own(&self) -> bool {
        self.owner == Owner::This
    }

    /// The log has grown.
    pub fn grow(&mut self, head: Head) {
        self.log.head = head;
        self.is_due = true;
    }

    /// The link is lost: everything begins anew but what was acknowledged.
    pub fn reset(&mut self) {
        self.phase = Phase::Unnamed;
        self.is_due = true;
    }

    /// Its node may have signed more of it: those of nodes below sign when they like.
    pub fn may_be_due(&mut self) {
        self.is_due |= !self.is_own();
    }

    /// Where the upper node has a log whose checkpoint it has not been shown; asked once.
    pub fn take_due(&mut self) -> Option<Head> {
        let head = self.acknowledged.filter(|head| *head == self.log.head);
        let head = head.filter(|head| head.seq > 0 && self.is_due && self.is_streaming())?;
        self.is_due = false;
        Some(head)
    }

    fn is_streaming(&self) -> bool {
        matches!(self.phase, Phase::Streaming { .. })
    }

    /// Whether the upper node is still to hear of it.
    pub fn is_unnamed(&self) -> bool {
        matches!(self.phase, Phase::Unnamed)
    }

    /// Whether the upper node owes an answer about it.
    pub fn is_named(&self) -> bool {
        matches!(self.phase, Phase::Named)
    }

    /// Names it to the upper node.
    pub fn name(&mut self) -> LogHead {
        self.phase = Phase::Named;
        self.log
    }

    /// Tries a refused one again.
    pub fn try_again(&mut self) {
        if matches!(self.phase, Phase::Refused) {
            self.phase = Phase::Unnamed;
        }
    }

    /// The upper node takes no more of it, or it cannot be read.
    pub fn refuse(&mut self, failure: Failure) {
        self.phase = Phase::Refused;
        self.refused = Some(failure);
    }

    /// Batches and bytes that are not acknowledged.
    pub fn under_way(&self) -> (usize, usize) {
        match &self.phase {
            Phase::Streaming { under_way, .. } => (
                under_way.len(),
                under_way.iter().map(|batch| batch.bytes).sum(),
            ),
            _ => (0, 0),
        }
    }

    /// After which entry to read on, when the upper node lacks some.
    pub fn unsent(&self) -> Option<u64> {
        match &self.phase {
            Phase::Streaming { sent, .. } => Some(*sent).filter(|sent| *sent < self.log.head.seq),
            _ => None,
        }
    }

    /// Holds what the upper node has against the log: it must be a beginning of it, or, of a log from below, go on
    /// from where this node's copy ends.
    pub fn taken(&mut self, theirs: Head) -> Next {
        let ours = self.log.head;
        if theirs.seq == 0 || theirs == ours {
            return self.stream_after(theirs);
        }
        let is_other_epoch = ours.seq > 0 && theirs.epoch != ours.epoch;
        match theirs.seq.cmp(&ours.seq) {
            _ if is_other_epoch => self.fork(theirs),
            Ordering::Less => {
                self.phase = Phase::Comparing { theirs };
                Next::ReadOne(theirs.seq)
            }
            // The upper node has held this node's end against its own entry before it answered.
            Ordering::Greater if !self.is_own() => self.stream_after(theirs),
            Ordering::Equal | Ordering::Greater => self.fork(theirs),
        }
    }

    /// The entry at the place of the upper node's last one, or the next entries to send.
    pub fn read(&mut self, entries: Vec<Entry>) -> Next {
        match (&self.phase, entries.into_iter().next()) {
            (Phase::Comparing { theirs }, Some(ours)) if Head::of(&ours) == *theirs => {
                self.stream_after(*theirs)
            }
            (Phase::Comparing { .. }, Some(ours)) => {
                // The upper node cannot know that we know: our entry at its place shows it, and it answers with the
                // refusal.
                self.phase = Phase::Proving;
                Next::Prove(Rendered::pseudonymous(ours))
            }
            (Phase::Comparing { theirs }, None) => Next::Stop(missing(theirs.seq)),
            _ => Next::Stream,
        }
    }

    /// Whether entries that were read are to be compared, not sent.
    pub fn is_comparing(&self) -> bool {
        matches!(self.phase, Phase::Comparing { .. })
    }

    /// Whether the upper node is about to refuse it because of a fork.
    pub fn is_proving(&self) -> bool {
        matches!(self.phase, Phase::Proving)
    }

    /// The next batch from what was read; none when it is not wanted any more.
    pub fn send(&mut self, entries: Vec<Entry>) -> Result<Vec<Rendered>, Failure> {
        let Phase::Streaming { sent, under_way } = &mut self.phase else {
            return Ok(Vec::new());
        };
        let rendered = batch::fill(entries);
        let Some(end) = rendered.last().map(Rendered::head) else {
            return Err(missing(*sent + 1));
        };
        *sent = end.seq;
        let bytes = rendered.iter().map(Rendered::size).sum();
        under_way.push_back(Batch { end, bytes });
        Ok(rendered)
    }

    /// The upper node has made it durable up to here.
    pub fn acknowledge(&mut self, head: Head) -> Next {
        let is_own = self.is_own();
        let Phase::Streaming { sent, under_way } = &mut self.phase else {
            // One that crossed a refusal or the proof of a fork says nothing new.
            return Next::Stream;
        };
        if is_own && head.seq > self.log.head.seq {
            return self.fork(head);
        }
        while let Some(batch) = under_way.pop_front_if(|batch| batch.end.seq <= head.seq) {
            if batch.end.seq == head.seq && batch.end != head {
                return self.fork(head);
            }
        }
        // It may have more than this link sent: by a link before it, or on another way.
        *sent = (*sent).max(head.seq);
        self.acknowledged = Some(head);
        Next::Stream
    }

    fn stream_after(&mut self, theirs: Head) -> Next {
        self.phase = Phase::Streaming {
            sent: theirs.seq,
            under_way: VecDeque::new(),
        };
        self.acknowledged = Some(theirs);
        self.refused = None;
        Next::Stream
    }

    fn fork(&self, theirs: Head) -> Next {
        let ours = self.log.head;
        let message = format!(
            "the upper node has entry {} of epoch {} with another hash, this node's copy ends at entry {} of epoch {}",
            theirs.seq, theirs.epoch, ours.seq, ours.epoch
        );
        Next::Stop(Failure::new(refusal::FORKED, message))
    }
}

fn missing(seq: u64) -> Failure {
    let message = format!("entry {seq} cannot be found in the log of this node");
    Failure::new("unreadable", message)
}
