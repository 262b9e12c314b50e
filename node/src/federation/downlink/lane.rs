//! One log on a link from below.

use lika_core::log::Entry;

use crate::federation::{Head, Known, LogHead, Member, Refusal};

/// What the upper node knows and decides about one log of a link.
///
/// ```text
/// named ──admitted──► Taking ──another history, a gap, another's entry──► Refused
///    └────────────────────────── not admitted ──────────────────────────────┘
/// ```
///
/// A refused log stays refused until it is named again: what of it was under way is passed over.
#[derive(Debug)]
pub struct Lane {
    of: Member,
    source: Source,
    /// What is durable of the log, as far as this link knows. Another link may have brought more.
    head: Head,
    is_refused: bool,
}

/// How a log comes to a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The node that opened the link wrote it.
    Writer,
    /// That node passes it through.
    PassedThrough,
}

/// What to do with a batch.
#[derive(Clone, Debug, PartialEq)]
pub enum Take {
    /// Nothing: it is the end of what is here.
    Known(Head),
    /// To store it. What is here already is held against it there.
    Store(Vec<Entry>),
    /// Nothing: this entry, the one with this number or before it, is of another history.
    Fork(u64, Box<Entry>),
    /// Nothing: the log is refused.
    PassOver,
}

impl Lane {
    /// A log that was named, held against what is known of it here and against the certificate.
    pub fn admit(
        named: &LogHead,
        known: &Known,
        source: Source,
        certificate: &Member,
    ) -> Result<Self, Refusal> {
        let LogHead { of, head: theirs } = *named;
        let outside = [Some(of.area), known.area]
            .into_iter()
            .flatten()
            .find(|area| !certificate.area.contains(area));
        if let Some(area) = outside.filter(|_| source == Source::PassedThrough) {
            let allowed = certificate.area;
            return Err(Refusal::LogOutside { area, allowed });
        }
        if let Some(found) = known.area.filter(|known| *known != of.area)
            && source == Source::PassedThrough
        {
            let said = of.area;
            return Err(Refusal::LogArea { said, found });
        }
        check_history(theirs, known, source)?;
        Ok(Self {
            of,
            source,
            head: known.head,
            is_refused: false,
        })
    }

    /// Whose log it is.
    pub fn of(&self) -> Member {
        self.of
    }

    /// What is durable of it, as far as this link knows.
    pub fn head(&self) -> Head {
        self.head
    }

    /// More of it is durable.
    pub fn stored(&mut self, head: Head) {
        self.head = head;
    }

    /// Whether no more of it is taken on this link.
    pub fn is_refused(&self) -> bool {
        self.is_refused
    }

    /// No more of it is taken on this link.
    pub fn refuse(&mut self) {
        self.is_refused = true;
    }

    /// Verifies a batch: the writer, the area, the chain, and that it continues what is here or repeats it.
    pub fn take(&self, entries: Vec<Entry>) -> Result<Take, Refusal> {
        if self.is_refused {
            return Ok(Take::PassOver);
        }
        let Some(first) = entries.first() else {
            return Err(Refusal::Unreadable("an empty batch"));
        };
        let first_seq = first.header().seq;
        let mut before = match first_seq > self.head.seq {
            true => Some(self.head),
            // What comes before it is known, and what it is is seen when it meets what is here.
            false => None,
        };
        for entry in &entries {
            self.check_writer(entry)?;
            if let Some(before) = before {
                let follows = entry.follows(&self.of.node, before.epoch, before.seq, &before.hash);
                match follows.map_err(|error| Refusal::from_log(&error, entry.header().seq)) {
                    Err(Refusal::Forked(seq)) => {
                        return Ok(Take::Fork(seq, Box::new(entry.clone())));
                    }
                    other => other?,
                }
            }
            let head = Head::of(entry);
            if head.seq == self.head.seq && head != self.head {
                return Ok(Take::Fork(head.seq, Box::new(entry.clone())));
            }
            before = Some(head);
        }
        let known = self.known_at(&entries);
        match known {
            // It ends before what is here: only the store can tell whether it is the same.
            None => Ok(Take::Store(entries)),
            Some(known) if known == entries.len() => Ok(Take::Known(self.head)),
            Some(known) => {
                let mut entries = entries;
                Ok(Take::Store(entries.split_off(known)))
            }
        }
    }

    /// How many of the entries are those up to the end of what is here; none when they do not reach it.
    fn known_at(&self, entries: &[Entry]) -> Option<usize> {
        let is_new = |entry: &Entry| entry.header().seq > self.head.seq;
        let reaches = entries
            .last()
            .is_some_and(|last| last.header().seq >= self.head.seq);
        let known = entries.iter().position(is_new).unwrap_or(entries.len());
        reaches.then_some(known)
    }

    fn check_writer(&self, entry: &Entry) -> Result<(), Refusal> {
        let header = entry.header();
        if header.node != self.of.node {
            return Err(Refusal::WrongNode(header.node));
        }
        if !self.of.area.contains(&header.area) {
            return Err(Refusal::EntryOutside {
                seq: header.seq,
                area: header.area,
                allowed: self.of.area,
            });
        }
        // A log begins with its node's record, so that its area is what it says itself.
        let is_first = header.seq == 1 && self.source == Source::PassedThrough;
        if is_first && header.area != self.of.area {
            let (said, found) = (self.of.area, header.area);
            return Err(Refusal::LogArea { said, found });
        }
        Ok(())
    }
}

/// Whether what the lower node has and what is here can be one history.
fn check_history(theirs: Head, known: &Known, source: Source) -> Result<(), Refusal> {
    let ours = known.head;
    if ours.seq == 0 || theirs.seq == 0 && source == Source::PassedThrough {
        return Ok(());
    }
    let is_one = match source {
        // What is durable here was acknowledged, so its writer has it or has lost its history.
        Source::Writer if theirs.seq < ours.seq => false,
        // Whether the entries in between lead from here to there, they say themselves.
        _ if theirs.seq > ours.seq => theirs.epoch == ours.epoch,
        _ => known.there == Some(theirs),
    };
    match is_one {
        true => Ok(()),
        false => Err(Refusal::Forked(ours.seq.min(theirs.seq))),
    }
}
