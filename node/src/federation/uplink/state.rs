//! What the lower node decides about its link, without network or disk.

use std::time::Duration;

use lika_core::{log::Entry, value::NodeId};

use super::{
    lane::{Lane, Next},
    lanes::Lanes,
    status::{Failure, PassedLog, Status},
};
use crate::federation::{
    Acknowledged, Head, Hello, LogCheckpoint, LogHead, LogRefused, OLDEST_VERSION, Rendered,
    Stands, VERSION, Welcome, refusal, skew::Skew,
};

/// The link upwards, as the lower node sees it. What it does about each log is a lane's.
///
/// ```text
/// Waiting ──RetryDue──► Dialling ──Dialled──► Greeting ──Welcome──► Open
///    ▲                     │                     │                   │
///    └──────────── Cut, Refused, anything out of turn ───────────────┘
/// ```
///
/// An upper node that refuses version 2 is asked again in version 1, which carries the own log alone.
#[derive(Debug)]
pub struct State {
    pace: Pace,
    lanes: Lanes,
    phase: Phase,
    /// What this node speaks on the next or the open link.
    version: u32,
    /// Links in a row that brought nothing.
    failures: u32,
    failure: Option<Failure>,
    upper: Option<NodeId>,
    skew: Option<Skew>,
}

/// How long to wait before dialling again.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// After the first failure; doubled after every other one.
    pub first: Duration,
    /// Never longer than this.
    pub longest: Duration,
    /// After a refusal that does not pass by itself, of the link or of a log.
    pub refused: Duration,
    /// Between checkpoints of a log that grows.
    pub checks: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            first: Duration::from_millis(500),
            longest: Duration::from_secs(60),
            refused: Duration::from_secs(300),
            checks: Duration::from_secs(5),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Waiting,
    Dialling,
    Greeting {
        /// What this node's clock said.
        asked: u64,
    },
    Open {
        /// What was asked to be read and has not come.
        reading: Option<NodeId>,
        /// Whether checkpoints are being shown, one after the other.
        checks: Checks,
    },
}

/// How far the showing of checkpoints is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Checks {
    /// It is not time yet.
    Rest,
    /// The next one may be shown.
    Go,
    /// One is on its way, and its answer with it.
    Await,
}

/// What happened.
#[derive(Debug)]
pub enum Event {
    /// The loop runs, or a wait is over.
    RetryDue,
    /// The stream is open; what the clock says, in milliseconds since 1970-01-01T00:00:00Z.
    Dialled(u64),
    /// The upper node answered hello; what the clock says.
    Welcome(Welcome, u64),
    /// The upper node answered an announcement.
    Stands(Stands),
    /// What was to be read of a log.
    Read(NodeId, Vec<Entry>),
    /// A log of this node cannot be read, or an entry of it cannot be sent.
    Unreadable(NodeId, Failure),
    /// Logs have grown, or are new here.
    Grown(Vec<LogHead>),
    /// The upper node has made entries durable.
    Acknowledged(Acknowledged),
    /// The upper node takes no more of a log.
    LogRefused(LogRefused),
    /// It is time to show checkpoints.
    ChecksDue,
    /// There is none to show of this log.
    NoCheckpoint(NodeId),
    /// The upper node has signed a checkpoint.
    Witnessed(LogCheckpoint),
    /// The upper node refuses the link.
    Refused(Failure),
    /// The line broke, or an answer did not come.
    Cut(String),
}

/// What to do about it, in order.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Open a stream, then say [`Event::Dialled`].
    Dial,
    /// Say hello.
    Greet(Hello),
    /// Name more logs.
    Announce(Vec<LogHead>),
    /// Read one entry of a log, then say [`Event::Read`].
    ReadOne(NodeId, u64),
    /// Read a batch of a log after a sequence number, then say [`Event::Read`].
    ReadAfter(NodeId, u64),
    /// Send a batch of a log; none for the own log, as version 1 has it.
    Send(Option<NodeId>, Vec<Rendered>),
    /// Show what there is to say of a log that the upper node has up to here, or say [`Event::NoCheckpoint`].
    Check(NodeId, Head),
    /// Keep what the upper node has signed.
    Keep(LogCheckpoint),
    /// Let go of the stream.
    HangUp,
    /// Say [`Event::RetryDue`] after this time, shortened by some jitter; a wait before it is over.
    Wait(Duration),
}

/// What goes wrong in a link.
enum Trouble {
    Cut(String),
    Refused(Failure),
    Odd(&'static str),
}

impl State {
    /// A link that is not open yet, of a node whose own log ends so. Other logs come with [`Event::Grown`].
    pub fn new(own: LogHead, pace: Pace) -> Self {
        Self {
            pace,
            lanes: Lanes::new(own),
            phase: Phase::Waiting,
            version: VERSION,
            failures: 0,
            failure: None,
            upper: None,
            skew: None,
        }
    }

    /// How the link is.
    pub fn status(&self) -> Status {
        let own = self.lanes.own();
        let refused = own.and_then(Lane::refused);
        let below = self.lanes.iter().filter(|(_, lane)| !lane.is_own());
        Status {
            connected: self.is_open(),
            acknowledged: own.and_then(Lane::acknowledged),
            failure: self.failure.as_ref().or(refused).cloned(),
            forked: self.lanes.iter().any(|(_, lane)| is_forked(lane)),
            upper: self.upper,
            skew: self.skew,
            passed: below.map(|(log, lane)| (*log, passed(lane))).collect(),
            left_out: self.lanes.left_out(),
        }
    }

    /// Whether the upper node owes an answer to hello, so that silence is a failure.
    pub fn awaits_answer(&self) -> bool {
        matches!(self.phase, Phase::Greeting { .. })
    }

    /// Takes note of an event and says what to do.
    pub fn apply(&mut self, event: Event) -> Vec<Effect> {
        self.decide(event)
            .unwrap_or_else(|trouble| self.lose(trouble))
    }

    fn is_open(&self) -> bool {
        matches!(self.phase, Phase::Open { .. })
    }

    fn decide(&mut self, event: Event) -> Result<Vec<Effect>, Trouble> {
        match (self.phase, event) {
            (_, Event::Grown(logs)) => {
                self.lanes.grow(logs);
                Ok(self.go_on())
            }
            (Phase::Waiting, Event::RetryDue) => {
                self.phase = Phase::Dialling;
                Ok(vec![Effect::Dial])
            }
            (Phase::Waiting, _) => Ok(Vec::new()),
            (_, Event::Refused(failure)) => Err(Trouble::Refused(failure)),
            (_, Event::Cut(message)) => Err(Trouble::Cut(message)),
            (Phase::Dialling, Event::Dialled(now)) => Ok(self.greet(now)),
            (Phase::Greeting { asked }, Event::Welcome(welcome, now)) => {
                self.welcomed(welcome, asked, now)
            }
            (_, Event::Welcome(..)) => Err(Trouble::Odd("a welcome out of turn")),
            (Phase::Open { .. }, event) => self.carry_on(event),
            (_, Event::Acknowledged(_)) => Err(Trouble::Odd("an acknowledgement out of turn")),
            (_, Event::Stands(_) | Event::LogRefused(_) | Event::Witnessed(_)) => {
                Err(Trouble::Odd("an answer out of turn"))
            }
            (_, Event::RetryDue | Event::Dialled(_)) => Ok(Vec::new()),
            (_, Event::ChecksDue | Event::NoCheckpoint(_)) => Ok(Vec::new()),
            (_, Event::Read(..) | Event::Unreadable(..)) => Ok(Vec::new()),
        }
    }

    /// What happens on an open link.
    fn carry_on(&mut self, event: Event) -> Result<Vec<Effect>, Trouble> {
        let mut effects = match event {
            Event::Stands(stands) => {
                let effects = self.stand(stands)?;
                if self.lanes.is_any_named() {
                    return Err(Trouble::Odd("an answer that leaves logs out"));
                }
                effects
            }
            Event::Read(log, entries) => {
                self.has_read(log);
                self.read(log, entries)?
            }
            Event::Unreadable(log, failure) => {
                self.has_read(log);
                self.stop(log, failure)?
            }
            Event::Acknowledged(Acknowledged { log, head }) => {
                let Some((log, lane)) = self.lanes.get(log) else {
                    return Err(Trouble::Odd("an acknowledgement of a log it was not sent"));
                };
                let next = lane.acknowledge(head);
                self.failures = 0;
                self.follow(log, next)?
            }
            Event::LogRefused(LogRefused { log, failure, .. }) => self.stop(log, failure)?,
            Event::ChecksDue => {
                // An answer that did not come in so long does not come.
                self.checks(Checks::Go);
                self.lanes.iter_mut().for_each(Lane::may_be_due);
                Vec::new()
            }
            Event::NoCheckpoint(_) => {
                self.checks(Checks::Go);
                Vec::new()
            }
            Event::Witnessed(checkpoint) => {
                self.checks(Checks::Go);
                vec![Effect::Keep(checkpoint)]
            }
            Event::RetryDue => {
                self.lanes.iter_mut().for_each(Lane::try_again);
                Vec::new()
            }
            _ => return Ok(Vec::new()),
        };
        effects.extend(self.go_on());
        Ok(effects)
    }

    fn greet(&mut self, now: u64) -> Vec<Effect> {
        self.phase = Phase::Greeting { asked: now };
        self.lanes.iter_mut().for_each(Lane::reset);
        let version = self.version;
        let lanes = self.lanes.iter_mut();
        let carried = lanes.filter(|lane| version > OLDEST_VERSION || lane.is_own());
        let (mut own, mut logs) = (None, Vec::new());
        for lane in carried {
            match lane.is_own() {
                true => own = Some(lane.name()),
                false => logs.push(lane.name()),
            }
        }
        let greeting = own.map(|own| {
            Effect::Greet(Hello {
                version,
                own,
                logs,
                clock: now,
            })
        });
        greeting.into_iter().collect()
    }

    fn welcomed(&mut self, welcome: Welcome, asked: u64, now: u64) -> Result<Vec<Effect>, Trouble> {
        let Welcome {
            version,
            node,
            head,
            mut logs,
            clock,
        } = welcome;
        if version != self.version {
            return Err(Trouble::Odd("another version of the link"));
        }
        let own = self.lanes.own().map(|lane| lane.log().of.node);
        let is_own = |refused: &LogRefused| Some(refused.log) == own;
        if !logs.refused.iter().any(is_own) {
            logs.taken.extend(own.map(|own| (own, head)));
        }
        self.phase = Phase::Open {
            reading: None,
            checks: Checks::Rest,
        };
        self.failure = None;
        self.upper = Some(node);
        self.skew = Skew::of_answer(asked, clock, now);
        let mut effects = self.stand(logs)?;
        if self.lanes.is_any_named() {
            return Err(Trouble::Odd("a welcome that leaves logs out"));
        }
        if self.version == OLDEST_VERSION {
            self.leave_out_passed();
        }
        if self.lanes.are_all_sent() {
            self.failures = 0;
        }
        effects.extend(self.go_on());
        Ok(effects)
    }

    /// Version 1 carries the own log only: those below wait for the upper node's upgrade.
    fn leave_out_passed(&mut self) {
        let message = "the node above takes this node's own log only; upgrade it";
        for lane in self.lanes.iter_mut().filter(|lane| !lane.is_own()) {
            lane.refuse(Failure::new(refusal::VERSION_CODE, message.to_owned()));
        }
    }

    fn stand(&mut self, stands: Stands) -> Result<Vec<Effect>, Trouble> {
        let Stands { taken, refused } = stands;
        let mut effects = Vec::new();
        for (log, theirs) in taken {
            match self.lanes.get(Some(log)) {
                Some((log, lane)) if lane.is_named() => {
                    let next = lane.taken(theirs);
                    effects.extend(self.follow(log, next)?);
                }
                _ => return Err(Trouble::Odd("an answer about a log that was not named")),
            }
        }
        for LogRefused { log, failure, .. } in refused {
            effects.extend(self.stop(log, failure)?);
        }
        Ok(effects)
    }

    fn checks(&mut self, next: Checks) {
        if let Phase::Open { checks, .. } = &mut self.phase {
            *checks = next;
        }
    }

    fn has_read(&mut self, log: NodeId) {
        if let Phase::Open { reading, .. } = &mut self.phase {
            reading.take_if(|reading| *reading == log);
        }
    }

    fn read(&mut self, log: NodeId, entries: Vec<Entry>) -> Result<Vec<Effect>, Trouble> {
        let Some((_, lane)) = self.lanes.get(Some(log)) else {
            return Ok(Vec::new());
        };
        if lane.is_comparing() {
            let next = lane.read(entries);
            return self.follow(log, next);
        }
        match lane.send(entries) {
            Ok(batch) if batch.is_empty() => Ok(Vec::new()),
            Ok(batch) => Ok(vec![Effect::Send(self.said(log), batch)]),
            Err(failure) => self.stop(log, failure),
        }
    }

    fn follow(&mut self, log: NodeId, next: Next) -> Result<Vec<Effect>, Trouble> {
        match next {
            Next::Stream => Ok(Vec::new()),
            Next::ReadOne(seq) => Ok(vec![Effect::ReadOne(log, seq)]),
            Next::Prove(entry) => Ok(vec![Effect::Send(self.said(log), vec![entry])]),
            Next::Stop(failure) => self.stop(log, failure),
        }
    }

    /// One log goes no further; it is tried again after a while. In version 1 it is the only one.
    fn stop(&mut self, log: NodeId, failure: Failure) -> Result<Vec<Effect>, Trouble> {
        let Some((_, lane)) = self.lanes.get(Some(log)) else {
            return Err(Trouble::Odd("a refusal of a log that was not named"));
        };
        lane.refuse(failure.clone());
        match self.version {
            OLDEST_VERSION => Err(Trouble::Refused(failure)),
            _ => Ok(vec![Effect::Wait(self.pace.refused)]),
        }
    }

    /// How a log is named on the line.
    fn said(&self, log: NodeId) -> Option<NodeId> {
        (self.version > OLDEST_VERSION).then_some(log)
    }

    /// Names what the upper node has not heard of, and reads on.
    fn go_on(&mut self) -> Vec<Effect> {
        let Phase::Open { reading, checks } = self.phase else {
            return Vec::new();
        };
        let mut effects = Vec::new();
        let may_announce = self.version > OLDEST_VERSION && !self.lanes.is_any_named();
        if may_announce {
            let new = self.lanes.name_unnamed();
            effects.extend((!new.is_empty()).then_some(Effect::Announce(new)));
        }
        if reading.is_none()
            && let Some((log, after)) = self.lanes.next_to_read()
        {
            self.phase = Phase::Open {
                reading: Some(log),
                checks,
            };
            effects.push(Effect::ReadAfter(log, after));
        }
        if checks == Checks::Go && self.version > OLDEST_VERSION {
            let next = self.lanes.next_to_check();
            self.checks(match next {
                Some(_) => Checks::Await,
                None => Checks::Rest,
            });
            effects.extend(next.map(|(log, head)| Effect::Check(log, head)));
        }
        effects
    }

    fn lose(&mut self, trouble: Trouble) -> Vec<Effect> {
        let (failure, comes_back) = match trouble {
            Trouble::Cut(message) => (Failure::new("cut", message), true),
            Trouble::Refused(failure) => {
                let passes = refusal::passes(&failure.code) || self.falls_back(&failure);
                (failure, passes)
            }
            Trouble::Odd(what) => {
                let message =
                    format!("the upper node sent {what}; one of the two must be upgraded");
                (Failure::new("message-unexpected", message), false)
            }
        };
        if self.is_open() {
            // It may have been upgraded when it is back.
            self.version = VERSION;
        }
        self.failure = Some(failure);
        self.phase = Phase::Waiting;
        let wait = match comes_back {
            true => self.next_wait(),
            false => self.pace.refused,
        };
        vec![Effect::HangUp, Effect::Wait(wait)]
    }

    /// Whether the older version is tried next; after that, the newer one again.
    fn falls_back(&mut self, failure: &Failure) -> bool {
        if failure.code != refusal::VERSION_CODE {
            return false;
        }
        let falls_back = self.version == VERSION;
        self.version = match falls_back {
            true => OLDEST_VERSION,
            false => VERSION,
        };
        falls_back
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

fn passed(lane: &Lane) -> PassedLog {
    PassedLog {
        area: lane.log().of.area,
        acknowledged: lane.acknowledged(),
        refused: lane.refused().cloned(),
    }
}

fn is_forked(lane: &Lane) -> bool {
    let is_refused = lane
        .refused()
        .is_some_and(|failure| failure.code == refusal::FORKED);
    lane.is_proving() || is_refused
}
