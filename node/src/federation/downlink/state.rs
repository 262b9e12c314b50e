//! What the upper node decides about one link, without network or disk.

use lika_core::{log::Entry, value::NodeId};

use crate::federation::{Head, Hello, Member, NotReceived, Refusal, VERSION, Welcome};

/// One link, as the upper node sees it.
///
/// ```text
/// AwaitingHello ──Hello──► Open ──Entries──► Storing ──Stored──► Open …
///       └───────────────────┴── anything wrong ──┴─► Ended
/// ```
#[derive(Debug)]
pub struct State {
    upper: NodeId,
    /// Whom the certificate names.
    member: Member,
    /// What is durable of the member's log.
    head: Head,
    phase: Phase,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    AwaitingHello,
    Open,
    Storing,
    Ended,
}

/// What happened.
#[derive(Debug)]
pub enum Event {
    /// The lower node said hello.
    Hello(Hello),
    /// A batch arrived and was unpacked.
    Entries(Vec<Entry>),
    /// A message could not be read.
    Faulty(Refusal),
    /// What was to be stored is durable, up to here.
    Stored(Head),
    /// What was to be stored is not.
    NotStored(NotReceived),
    /// The node is being stopped.
    Draining,
    /// The same node has opened another link.
    Superseded,
}

/// What to do about it, in order.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Answer hello.
    Welcome(Welcome),
    /// Make these durable, then say [`Event::Stored`].
    Store(Vec<Entry>),
    /// Tell the lower node what is durable.
    Acknowledge(Head),
    /// Tell the lower node why, and end the link.
    Refuse(Refusal, Head),
}

impl State {
    /// A link that was just opened with a certificate, by a node of whose log `head` is durable here.
    pub fn new(upper: NodeId, member: Member, head: Head) -> Self {
        Self {
            upper,
            member,
            head,
            phase: Phase::AwaitingHello,
        }
    }

    /// What is durable of the member's log.
    pub fn head(&self) -> Head {
        self.head
    }

    /// Takes note of an event and says what to do.
    pub fn apply(&mut self, event: Event) -> Vec<Effect> {
        if self.phase == Phase::Ended {
            return Vec::new();
        }
        match self.decide(event) {
            Ok(effects) => effects,
            Err(refusal) => {
                self.phase = Phase::Ended;
                vec![Effect::Refuse(refusal, self.head)]
            }
        }
    }

    fn decide(&mut self, event: Event) -> Result<Vec<Effect>, Refusal> {
        match (self.phase, event) {
            (Phase::AwaitingHello, Event::Hello(hello)) => {
                self.check_hello(&hello)?;
                self.phase = Phase::Open;
                Ok(vec![Effect::Welcome(Welcome {
                    version: VERSION,
                    node: self.upper,
                    head: self.head,
                })])
            }
            (_, Event::Hello(_)) => Err(Refusal::Unexpected("a second hello")),
            (Phase::Open, Event::Entries(entries)) => self.take(entries),
            (_, Event::Entries(_)) => Err(Refusal::Unexpected("a batch")),
            (Phase::Storing, Event::Stored(head)) => {
                self.head = head;
                self.phase = Phase::Open;
                Ok(vec![Effect::Acknowledge(head)])
            }
            (_, Event::Stored(_)) => Ok(Vec::new()),
            (_, Event::NotStored(NotReceived::Forked(seq))) => Err(Refusal::Forked(seq)),
            (_, Event::NotStored(NotReceived::Failed(_))) => Err(Refusal::NotStored),
            (_, Event::Faulty(refusal)) => Err(refusal),
            (_, Event::Draining) => Err(Refusal::Draining),
            (_, Event::Superseded) => Err(Refusal::Superseded),
        }
    }

    fn check_hello(&self, hello: &Hello) -> Result<(), Refusal> {
        if hello.version != VERSION {
            return Err(Refusal::Version(hello.version));
        }
        if hello.member != self.member {
            return Err(Refusal::NotTheCertificate);
        }
        let have = self.head;
        if have.seq == 0 {
            return Ok(());
        }
        let continues = match hello.head.seq.cmp(&have.seq) {
            // What is durable here was acknowledged, so its writer has it or has lost its history.
            std::cmp::Ordering::Less => false,
            std::cmp::Ordering::Equal => hello.head == have,
            // Whether the entries in between lead from here to there, they say themselves.
            std::cmp::Ordering::Greater => hello.head.epoch == have.epoch,
        };
        match continues {
            true => Ok(()),
            false => Err(Refusal::Forked(have.seq.min(hello.head.seq))),
        }
    }

    /// Verifies a batch against the certificate and the chain. What is already here is passed over, so that a batch
    /// may come again.
    fn take(&mut self, entries: Vec<Entry>) -> Result<Vec<Effect>, Refusal> {
        let mut expected = self.head;
        let mut fresh = Vec::with_capacity(entries.len());
        for entry in entries {
            self.check_writer(&entry)?;
            let header = entry.header();
            if header.seq <= self.head.seq {
                let is_other = header.seq == self.head.seq && Head::of(&entry) != self.head;
                if is_other {
                    return Err(Refusal::Forked(header.seq));
                }
                continue;
            }
            entry
                .follows(
                    &self.member.node,
                    expected.epoch,
                    expected.seq,
                    &expected.hash,
                )
                .map_err(|error| Refusal::from_log(&error, header.seq))?;
            expected = Head::of(&entry);
            fresh.push(entry);
        }
        if fresh.is_empty() {
            return Ok(vec![Effect::Acknowledge(self.head)]);
        }
        self.phase = Phase::Storing;
        Ok(vec![Effect::Store(fresh)])
    }

    fn check_writer(&self, entry: &Entry) -> Result<(), Refusal> {
        let header = entry.header();
        if header.node != self.member.node {
            return Err(Refusal::WrongNode(header.node));
        }
        if !self.member.area.contains(&header.area) {
            return Err(Refusal::EntryOutside {
                seq: header.seq,
                area: header.area,
                allowed: self.member.area,
            });
        }
        Ok(())
    }
}
