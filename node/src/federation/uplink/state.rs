//! What the lower node decides about its link, without network or disk.

use std::{collections::VecDeque, time::Duration};

use lika_core::log::Entry;

use crate::federation::{Head, Rendered, VERSION, WINDOW, Welcome, batch, refusal};

/// The link upwards, as the lower node sees it.
///
/// ```text
/// Waiting ──RetryDue──► Dialling ──Dialled──► Greeting ──Welcome──► Comparing ──Read──► Streaming
///    ▲                                                                  │ another hash
///    │                                                                  ▼
///    └──────────────── Cut, Refused, anything wrong ─────────────── Proving
/// ```
#[derive(Debug)]
pub struct State {
    pace: Pace,
    own: Head,
    phase: Phase,
    /// Links in a row that brought nothing.
    failures: u32,
    status: Status,
}

/// How long to wait before dialling again.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// After the first failure; doubled after every other one.
    pub first: Duration,
    /// Never longer than this.
    pub longest: Duration,
    /// After a refusal that does not pass by itself.
    pub refused: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            first: Duration::from_millis(500),
            longest: Duration::from_secs(60),
            refused: Duration::from_secs(300),
        }
    }
}

/// How the link is, for people.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// Whether entries can flow.
    pub connected: bool,
    /// What the upper node has made durable, as far as it has told since this node started.
    pub acknowledged: Option<Head>,
    /// Why the link was last lost, until it is open again.
    pub failure: Option<Failure>,
    /// The upper node knows another history of this node: somebody must look at it.
    pub forked: bool,
}

/// Why the link was lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The upper node's stable code, or `cut` when the line broke.
    pub code: String,
    /// What is wrong, for people.
    pub message: String,
}

#[derive(Debug)]
enum Phase {
    Waiting,
    Dialling,
    Greeting,
    Comparing {
        theirs: Head,
    },
    Streaming {
        /// The last entry that was sent, or that the upper node had.
        sent: u64,
        /// The ends of the batches that are not acknowledged.
        under_way: VecDeque<Head>,
        reading: bool,
    },
    Proving,
}

/// What happened.
#[derive(Debug)]
pub enum Event {
    /// The loop runs, or a wait is over.
    RetryDue,
    /// The stream is open.
    Dialled,
    /// The upper node answered hello.
    Welcome(Welcome),
    /// What was to be read of the own log.
    Read(Vec<Entry>),
    /// The own log has grown.
    Grown(Head),
    /// The upper node has made entries durable.
    Acknowledged(Head),
    /// The upper node refuses.
    Refused(Failure),
    /// The line broke, or an answer did not come, or the own log cannot be read.
    Cut(String),
}

/// What to do about it, in order.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Open a stream, then say [`Event::Dialled`].
    Dial,
    /// Say hello.
    Greet(Head),
    /// Read one entry of the own log, then say [`Event::Read`].
    ReadOne(u64),
    /// Read a batch of the own log after a sequence number, then say [`Event::Read`].
    ReadAfter(u64),
    /// Send a batch.
    Send(Vec<Rendered>),
    /// Let go of the stream.
    HangUp,
    /// Say [`Event::RetryDue`] after this time, shortened by some jitter.
    Wait(Duration),
}

/// What goes wrong in a link.
enum Trouble {
    Cut(String),
    Refused(Failure),
    Forked(String),
    Odd(&'static str),
}

impl State {
    /// A link that is not open yet, for a log that ends in `own`.
    pub fn new(own: Head, pace: Pace) -> Self {
        Self {
            pace,
            own,
            phase: Phase::Waiting,
            failures: 0,
            status: Status::default(),
        }
    }

    /// How the link is.
    pub fn status(&self) -> &Status {
        &self.status
    }

    /// Where the own log ends, as far as the link knows.
    pub fn own(&self) -> Head {
        self.own
    }

    /// Whether the upper node owes an answer, so that silence is a failure.
    pub fn awaits_answer(&self) -> bool {
        matches!(self.phase, Phase::Greeting | Phase::Proving)
    }

    /// Takes note of an event and says what to do.
    pub fn apply(&mut self, event: Event) -> Vec<Effect> {
        self.decide(event)
            .unwrap_or_else(|trouble| self.lose(trouble))
    }

    fn decide(&mut self, event: Event) -> Result<Vec<Effect>, Trouble> {
        match (&mut self.phase, event) {
            (_, Event::Grown(head)) => {
                self.own = head;
                Ok(self.read_on())
            }
            (Phase::Waiting, Event::RetryDue) => {
                self.phase = Phase::Dialling;
                Ok(vec![Effect::Dial])
            }
            (Phase::Dialling, Event::Dialled) => {
                self.phase = Phase::Greeting;
                Ok(vec![Effect::Greet(self.own)])
            }
            (Phase::Greeting, Event::Welcome(welcome)) => self.compare(welcome),
            (Phase::Comparing { theirs }, Event::Read(entries)) => {
                let theirs = *theirs;
                self.compared(theirs, entries)
            }
            (Phase::Streaming { .. }, Event::Read(entries)) => self.send(entries),
            (Phase::Streaming { .. }, Event::Acknowledged(head)) => self.acknowledge(head),
            // An acknowledgement that crossed the proof of a fork says nothing new.
            (Phase::Proving, Event::Acknowledged(_)) => Ok(Vec::new()),
            (Phase::Waiting, _) => Ok(Vec::new()),
            (_, Event::Refused(failure)) => Err(Trouble::Refused(failure)),
            (_, Event::Cut(message)) => Err(Trouble::Cut(message)),
            (_, Event::Welcome(_)) => Err(Trouble::Odd("a welcome out of turn")),
            (_, Event::Acknowledged(_)) => Err(Trouble::Odd("an acknowledgement out of turn")),
            (_, Event::RetryDue | Event::Dialled | Event::Read(_)) => Ok(Vec::new()),
        }
    }

    /// Holds what the upper node has against the own log: it must be a beginning of it.
    fn compare(&mut self, welcome: Welcome) -> Result<Vec<Effect>, Trouble> {
        let Welcome {
            version,
            node: _,
            head: theirs,
        } = welcome;
        if version != VERSION {
            return Err(Trouble::Odd("another version of the link"));
        }
        if theirs.seq == 0 {
            return Ok(self.stream_after(Head::EMPTY));
        }
        if theirs == self.own {
            return Ok(self.stream_after(theirs));
        }
        if theirs.seq > self.own.seq || theirs.epoch != self.own.epoch {
            let message = format!(
                "the upper node has entry {} of epoch {}, this log ends at entry {} of epoch {}",
                theirs.seq, theirs.epoch, self.own.seq, self.own.epoch
            );
            return Err(Trouble::Forked(message));
        }
        self.phase = Phase::Comparing { theirs };
        Ok(vec![Effect::ReadOne(theirs.seq)])
    }

    fn compared(&mut self, theirs: Head, entries: Vec<Entry>) -> Result<Vec<Effect>, Trouble> {
        let Some(entry) = entries.into_iter().next() else {
            return Err(Trouble::Cut(missing(theirs.seq)));
        };
        if Head::of(&entry) == theirs {
            return Ok(self.stream_after(theirs));
        }
        // The upper node cannot know that we know: our entry at its place shows it, and it answers with the refusal.
        self.phase = Phase::Proving;
        self.status.forked = true;
        Ok(vec![Effect::Send(vec![Rendered::pseudonymous(entry)])])
    }

    fn stream_after(&mut self, theirs: Head) -> Vec<Effect> {
        self.phase = Phase::Streaming {
            sent: theirs.seq,
            under_way: VecDeque::new(),
            reading: false,
        };
        self.status = Status {
            connected: true,
            acknowledged: Some(theirs),
            failure: None,
            forked: false,
        };
        if theirs.seq == self.own.seq {
            self.failures = 0;
        }
        self.read_on()
    }

    fn read_on(&mut self) -> Vec<Effect> {
        let own = self.own.seq;
        match &mut self.phase {
            Phase::Streaming {
                sent,
                under_way,
                reading,
            } if !*reading && *sent < own && under_way.len() < WINDOW => {
                *reading = true;
                vec![Effect::ReadAfter(*sent)]
            }
            _ => Vec::new(),
        }
    }

    fn send(&mut self, entries: Vec<Entry>) -> Result<Vec<Effect>, Trouble> {
        let Phase::Streaming {
            sent,
            under_way,
            reading,
        } = &mut self.phase
        else {
            return Ok(Vec::new());
        };
        let rendered = batch::fill(entries);
        let Some(last) = rendered.last().map(Rendered::head) else {
            return Err(Trouble::Cut(missing(*sent + 1)));
        };
        *reading = false;
        *sent = last.seq;
        under_way.push_back(last);
        let mut effects = vec![Effect::Send(rendered)];
        effects.extend(self.read_on());
        Ok(effects)
    }

    fn acknowledge(&mut self, head: Head) -> Result<Vec<Effect>, Trouble> {
        let Phase::Streaming {
            sent, under_way, ..
        } = &mut self.phase
        else {
            return Ok(Vec::new());
        };
        if head.seq > self.own.seq {
            let message = format!(
                "the upper node has entry {}, this log ends at entry {}",
                head.seq, self.own.seq
            );
            return Err(Trouble::Forked(message));
        }
        while let Some(end) = under_way.pop_front_if(|end| end.seq <= head.seq) {
            if end.seq == head.seq && end != head {
                let message = format!("the upper node has another entry {}", head.seq);
                return Err(Trouble::Forked(message));
            }
        }
        // It may have more than this link sent: what a link before it had under way.
        *sent = (*sent).max(head.seq);
        self.failures = 0;
        self.status.acknowledged = Some(head);
        Ok(self.read_on())
    }

    fn lose(&mut self, trouble: Trouble) -> Vec<Effect> {
        let (failure, comes_back) = match trouble {
            Trouble::Cut(message) => (failure("cut", message), true),
            Trouble::Refused(failure) => {
                let passes = refusal::passes(&failure.code);
                (failure, passes)
            }
            Trouble::Forked(message) => (failure(refusal::FORKED, message), false),
            Trouble::Odd(what) => {
                let message =
                    format!("the upper node sent {what}; one of the two must be upgraded");
                (failure("message-unexpected", message), false)
            }
        };
        self.status.connected = false;
        self.status.forked |= failure.code == refusal::FORKED;
        self.status.failure = Some(failure);
        self.phase = Phase::Waiting;
        let wait = match comes_back {
            true => self.next_wait(),
            false => self.pace.refused,
        };
        vec![Effect::HangUp, Effect::Wait(wait)]
    }

    fn next_wait(&mut self) -> Duration {
        let doubled = self
            .pace
            .first
            .saturating_mul(1_u32.checked_shl(self.failures).unwrap_or(u32::MAX));
        self.failures = self.failures.saturating_add(1);
        doubled.min(self.pace.longest)
    }
}

fn failure(code: &str, message: String) -> Failure {
    Failure {
        code: code.to_owned(),
        message,
    }
}

fn missing(seq: u64) -> String {
    format!("entry {seq} cannot be found in the log of this node")
}
