//! What the upper node decides about one link, without network or disk.

use std::collections::BTreeMap;

use lika_core::{log::Entry, value::NodeId};

use super::lane::{Lane, Source, Take};
use crate::federation::{
    Acknowledged, Failure, Head, Hello, Known, LogCheckpoint, LogHead, LogRefused, MAX_LOGS,
    Member, NotReceived, NotWitnessed, OLDEST_VERSION, Refusal, ShownFork, Stands, VERSION,
    Welcome, skew::Skew,
};

/// One link, as the upper node sees it. What it does about each log is a lane's.
///
/// ```text
///                                       ┌──Announce──► Looking ──Looked──┐
/// AwaitingHello ──Hello──► Looking ──Looked──► Open ◄────────────────────┘
///                                              │ ▲
///                                        Entries │ Stored
///                                              ▼ │
///                                            Storing           anything wrong with the link ──► Ended
/// ```
#[derive(Debug)]
pub struct State {
    upper: NodeId,
    /// Whom the certificate names.
    member: Member,
    /// What is spoken.
    version: u32,
    skew: Option<Skew>,
    lanes: BTreeMap<NodeId, Lane>,
    phase: Phase,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Phase {
    AwaitingHello,
    /// What is known of these is being looked up.
    Looking {
        named: Vec<LogHead>,
        answer: Answer,
    },
    Open,
    Storing(NodeId),
    Ended,
}

/// What is answered when it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Welcome {
        /// What this node's clock said when hello came.
        clock: u64,
    },
    Stands,
}

/// What happened.
#[derive(Debug)]
pub enum Event {
    /// The lower node said hello; what the clock says, in milliseconds since 1970-01-01T00:00:00Z.
    Hello(Hello, u64),
    /// It named more logs.
    Announced(Vec<LogHead>),
    /// What is known of the logs that were to be looked up, in their order.
    Looked(Vec<Known>),
    /// A batch of a log arrived and was unpacked; none for the lower node's own, as version 1 has it.
    Entries(Option<NodeId>, Vec<Entry>),
    /// A checkpoint of a log arrived.
    Checkpoint(LogCheckpoint),
    /// The checkpoint that was to be witnessed agrees with what is here.
    Witnessed(LogCheckpoint),
    /// It was not, and the log whose checkpoint it was.
    NotWitnessed(NodeId, NotWitnessed),
    /// A message could not be read: a batch of this log, or another one.
    Faulty(Option<NodeId>, Refusal),
    /// What was to be stored is durable, up to here.
    Stored(Head),
    /// What was to be stored is not, or a log cannot be read.
    NotStored(NotReceived),
    /// The node is being stopped.
    Draining,
    /// The same node has opened another link.
    Superseded,
}

/// What to do about it, in order.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Look up what is known of these, then say [`Event::Looked`].
    Look(Vec<LogHead>),
    /// Answer hello.
    Welcome(Welcome),
    /// Answer an announcement.
    Stands(Stands),
    /// Make these entries of a log durable, then say [`Event::Stored`].
    Store(Member, Vec<Entry>),
    /// Tell the lower node what is durable.
    Acknowledge(Acknowledged),
    /// Hold a checkpoint against what is here, then say [`Event::Witnessed`].
    Witness(LogCheckpoint),
    /// Answer a checkpoint.
    Checkpoint(LogCheckpoint),
    /// Keep both histories of a log for people to look at.
    KeepFork(ShownFork),
    /// Tell the lower node why no more of a log is taken.
    RefuseLog(NodeId, Refusal, Head),
    /// Tell the lower node why, and end the link.
    Refuse(Refusal, Head),
}

impl State {
    /// A link that was just opened with a certificate.
    pub fn new(upper: NodeId, member: Member) -> Self {
        Self {
            upper,
            member,
            version: VERSION,
            skew: None,
            lanes: BTreeMap::new(),
            phase: Phase::AwaitingHello,
        }
    }

    /// How far the lower node's clock is from this one's, as its hello showed.
    pub fn skew(&self) -> Option<Skew> {
        self.skew
    }

    /// The logs that the link carries, with what is durable of each.
    pub fn logs(&self) -> impl Iterator<Item = LogHead> {
        self.lanes
            .values()
            .map(|lane| LogHead::of(lane.of(), Some(lane.head())))
    }

    /// Takes note of an event and says what to do.
    pub fn apply(&mut self, event: Event) -> Vec<Effect> {
        if self.phase == Phase::Ended {
            return Vec::new();
        }
        self.decide(event)
            .unwrap_or_else(|refusal| self.end(refusal))
    }

    fn decide(&mut self, event: Event) -> Result<Vec<Effect>, Refusal> {
        match (&self.phase, event) {
            (Phase::AwaitingHello, Event::Hello(hello, now)) => self.greeted(hello, now),
            (_, Event::Hello(..)) => Err(Refusal::Unexpected("a second hello")),
            (Phase::Open, Event::Announced(logs)) => Ok(self.look(logs, Answer::Stands)),
            (_, Event::Announced(_)) => Err(Refusal::Unexpected("an announcement")),
            (Phase::Looking { .. }, Event::Looked(known)) => Ok(self.looked(known)),
            (Phase::Open, Event::Entries(log, entries)) => {
                self.take(log.unwrap_or(self.member.node), entries)
            }
            (_, Event::Entries(..)) => Err(Refusal::Unexpected("a batch")),
            (Phase::Storing(log), Event::Stored(head)) => {
                let log = *log;
                Ok(self.stored(log, head))
            }
            (Phase::Storing(log), Event::NotStored(NotReceived::Forked { seq, entry })) => {
                let log = *log;
                self.phase = Phase::Open;
                Ok(self.fork(log, seq, Some(entry)))
            }
            (Phase::Open, Event::Checkpoint(checkpoint)) => self.hold(checkpoint),
            (_, Event::Checkpoint(_)) => Err(Refusal::Unexpected("a checkpoint")),
            (Phase::Open, Event::Witnessed(checkpoint)) => Ok(vec![Effect::Checkpoint(checkpoint)]),
            (Phase::Open, Event::NotWitnessed(log, why)) => self.not_witnessed(log, &why),
            (_, Event::Witnessed(_) | Event::NotWitnessed(..)) => Ok(Vec::new()),
            (_, Event::Stored(_) | Event::Looked(_)) => Ok(Vec::new()),
            (_, Event::NotStored(_)) => Err(Refusal::NotStored),
            (Phase::Open, Event::Faulty(Some(log), refusal)) => self.refuse(log, refusal),
            (_, Event::Faulty(_, refusal)) => Err(refusal),
            (_, Event::Draining) => Err(Refusal::Draining),
            (_, Event::Superseded) => Err(Refusal::Superseded),
        }
    }

    fn greeted(&mut self, hello: Hello, now: u64) -> Result<Vec<Effect>, Refusal> {
        let Hello {
            version,
            own,
            mut logs,
            clock,
        } = hello;
        if !(OLDEST_VERSION..=VERSION).contains(&version) {
            return Err(Refusal::Version(version));
        }
        if own.of != self.member {
            return Err(Refusal::NotTheCertificate);
        }
        if logs.iter().any(|log| log.of.node == own.of.node) {
            return Err(Refusal::Unexpected("a log that is named twice"));
        }
        if version == OLDEST_VERSION && !logs.is_empty() {
            return Err(Refusal::Unexpected("a log that version 1 does not carry"));
        }
        self.version = version;
        self.skew = Skew::of_message(clock, now);
        logs.insert(0, own);
        Ok(self.look(logs, Answer::Welcome { clock: now }))
    }

    fn look(&mut self, named: Vec<LogHead>, answer: Answer) -> Vec<Effect> {
        self.phase = Phase::Looking {
            named: named.clone(),
            answer,
        };
        vec![Effect::Look(named)]
    }

    fn looked(&mut self, known: Vec<Known>) -> Vec<Effect> {
        let phase = std::mem::replace(&mut self.phase, Phase::Open);
        let Phase::Looking { named, answer } = phase else {
            return Vec::new();
        };
        let own = self.member.node;
        let (mut head, mut logs) = (Head::EMPTY, Stands::default());
        for (named, known) in named.iter().zip(&known) {
            let log = named.of.node;
            let is_own = log == own;
            if is_own {
                head = known.head;
            }
            match self.admit(named, known) {
                Ok(()) if is_own && answer != Answer::Stands => {}
                Ok(()) => logs.taken.push((log, known.head)),
                Err(refusal) if self.version == OLDEST_VERSION => {
                    return self.end_with(refusal, head);
                }
                Err(refusal) => logs.refused.push(LogRefused {
                    log,
                    failure: Failure::from(&refusal),
                    head: known.head,
                }),
            }
        }
        match answer {
            Answer::Stands => vec![Effect::Stands(logs)],
            Answer::Welcome { clock } => vec![Effect::Welcome(Welcome {
                version: self.version,
                node: self.upper,
                head,
                logs,
                clock,
            })],
        }
    }

    fn admit(&mut self, named: &LogHead, known: &Known) -> Result<(), Refusal> {
        let log = named.of.node;
        if log == self.upper {
            return Err(Refusal::OwnLog);
        }
        let is_new = !self.lanes.contains_key(&log);
        if is_new && self.lanes.len() > MAX_LOGS {
            return Err(Refusal::TooManyLogs);
        }
        let source = match log == self.member.node {
            true => Source::Writer,
            false => Source::PassedThrough,
        };
        let lane = Lane::admit(named, known, source, &self.member);
        if lane.is_err() {
            // What of it was under way must not end the link.
            self.lanes.get_mut(&log).map(Lane::refuse);
        }
        self.lanes.insert(log, lane?);
        Ok(())
    }

    fn take(&mut self, log: NodeId, entries: Vec<Entry>) -> Result<Vec<Effect>, Refusal> {
        let Some(lane) = self.lanes.get_mut(&log) else {
            return Err(Refusal::Unexpected("a batch of a log that was not named"));
        };
        match lane.take(entries) {
            Ok(Take::PassOver) => Ok(Vec::new()),
            Ok(Take::Known(head)) => Ok(vec![self.acknowledge(log, head)]),
            Ok(Take::Store(entries)) => {
                let of = lane.of();
                self.phase = Phase::Storing(log);
                Ok(vec![Effect::Store(of, entries)])
            }
            Ok(Take::Fork(seq, entry)) => Ok(self.fork(log, seq, Some(entry))),
            Err(refusal) => self.refuse(log, refusal),
        }
    }

    /// A checkpoint is looked at when its log is one of the link and goes on.
    fn hold(&self, checkpoint: LogCheckpoint) -> Result<Vec<Effect>, Refusal> {
        match self.lanes.get(&checkpoint.log) {
            None => Err(Refusal::Unexpected(
                "a checkpoint of a log that was not named",
            )),
            Some(lane) if lane.is_refused() => Ok(Vec::new()),
            Some(_) => Ok(vec![Effect::Witness(checkpoint)]),
        }
    }

    fn not_witnessed(&mut self, log: NodeId, why: &NotWitnessed) -> Result<Vec<Effect>, Refusal> {
        match why {
            // Who witnessed it keeps it too: it came with the note.
            NotWitnessed::Forked(seq) => self.refuse(log, Refusal::Forked(*seq)),
            NotWitnessed::False(_) => self.refuse(log, Refusal::FalseCheckpoint),
            // Entries are taken all the same, and the next checkpoint may find more.
            NotWitnessed::Unknown | NotWitnessed::Failed(_) => Ok(Vec::new()),
        }
    }

    /// A log has shown two histories.
    fn fork(&mut self, log: NodeId, seq: u64, entry: Option<Box<Entry>>) -> Vec<Effect> {
        let refused = self.refuse(log, Refusal::Forked(seq));
        let mut effects = refused.unwrap_or_else(|refusal| self.end(refusal));
        let fork = ShownFork {
            log,
            seq,
            entry,
            note: None,
        };
        effects.insert(0, Effect::KeepFork(fork));
        effects
    }

    fn stored(&mut self, log: NodeId, head: Head) -> Vec<Effect> {
        self.phase = Phase::Open;
        if let Some(lane) = self.lanes.get_mut(&log) {
            lane.stored(head);
        }
        vec![self.acknowledge(log, head)]
    }

    fn acknowledge(&self, log: NodeId, head: Head) -> Effect {
        let log = (self.version > OLDEST_VERSION).then_some(log);
        Effect::Acknowledge(Acknowledged { log, head })
    }

    /// One log cannot go on. In version 1 it is the only one, and what no honest node sends ends the link too.
    fn refuse(&mut self, log: NodeId, refusal: Refusal) -> Result<Vec<Effect>, Refusal> {
        let is_of_the_link = refusal.is_of_the_link() || self.version == OLDEST_VERSION;
        let Some(lane) = self.lanes.get_mut(&log).filter(|_| !is_of_the_link) else {
            return Err(refusal);
        };
        lane.refuse();
        Ok(vec![Effect::RefuseLog(log, refusal, lane.head())])
    }

    fn end(&mut self, refusal: Refusal) -> Vec<Effect> {
        let own = self.lanes.get(&self.member.node);
        let head = own.map_or(Head::EMPTY, Lane::head);
        self.end_with(refusal, head)
    }

    fn end_with(&mut self, refusal: Refusal, head: Head) -> Vec<Effect> {
        self.phase = Phase::Ended;
        vec![Effect::Refuse(refusal, head)]
    }
}
