//! What a county remembers of its own tokens: for which members it has them, and which the comparing node has.
//!
//! It is made again from the records when it is lost; then every member is evaluated once more, within the budget.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use lika_core::{
    record::Handle,
    value::{Digest, RecordId},
};
use serde::{Deserialize, Serialize};

use super::{
    Error,
    journal::Journal,
    table::Difference,
    token::{PublicKey, Token},
};
use crate::store::Position;

/// Events beside what they come to before the file is written anew.
const SLACK: usize = 10_000;

/// The county's side.
#[derive(Debug)]
pub struct Own {
    journal: Journal,
    state: State,
}

/// A member whose document can be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnMember {
    /// What stands for the member elsewhere; another one once the document is another.
    pub handle: Handle,
    /// Tells whether the document has changed: keyed, and nobody else's.
    pub tag: Digest,
}

#[derive(Debug, Default)]
struct State {
    scanned: Option<Position>,
    pins: BTreeMap<u32, Vec<u8>>,
    members: BTreeMap<RecordId, OwnMember>,
    versions: BTreeMap<u32, Version>,
    events: usize,
}

#[derive(Debug, Default)]
struct Version {
    number: u64,
    complete: bool,
    tokens: BTreeMap<RecordId, Token>,
    /// What the comparing node has, with what stands for whom.
    sent: BTreeMap<Token, Handle>,
}

#[derive(Debug, Deserialize, Serialize)]
enum Event {
    Scanned {
        epoch: u32,
        seq: u64,
    },
    Pinned {
        version: u32,
        key: Vec<u8>,
    },
    Member {
        record: [u8; 16],
        handle: [u8; 16],
        tag: [u8; 32],
    },
    Gone {
        record: [u8; 16],
    },
    Tokens {
        version: u32,
        tokens: Vec<([u8; 16], [u8; 32])>,
    },
    Sent {
        version: u32,
        number: u64,
        complete: bool,
        add: Vec<([u8; 32], [u8; 16])>,
        remove: Vec<[u8; 32]>,
    },
    Restarted {
        version: u32,
    },
    Dropped {
        version: u32,
    },
}

/// A step that was taken, to be remembered.
#[derive(Debug)]
pub struct Step(Event);

impl Step {
    /// The log was read up to here.
    pub fn scanned(at: Position) -> Self {
        Self(Event::Scanned {
            epoch: at.epoch,
            seq: at.seq,
        })
    }

    /// A member has this document now.
    pub fn member(record: &RecordId, member: &OwnMember) -> Self {
        Self(Event::Member {
            record: record.0,
            handle: member.handle.0,
            tag: member.tag.0,
        })
    }

    /// A member has no document that can be compared, or is closed.
    pub fn gone(record: &RecordId) -> Self {
        Self(Event::Gone { record: record.0 })
    }

    /// The public key of a version was seen first, or given.
    pub fn pinned(version: u32, key: &PublicKey) -> Self {
        Self(Event::Pinned {
            version,
            key: key.bytes().to_vec(),
        })
    }

    /// Members were evaluated.
    pub fn tokens(version: u32, tokens: &[(RecordId, Token)]) -> Self {
        let tokens = tokens.iter().map(|(record, token)| (record.0, token.0));
        Self(Event::Tokens {
            version,
            tokens: tokens.collect(),
        })
    }

    /// The comparing node has taken a difference.
    pub fn sent(version: u32, difference: &Difference) -> Self {
        let add = difference.add.iter();
        let remove = difference.remove.iter();
        Self(Event::Sent {
            version,
            number: difference.number,
            complete: difference.complete,
            add: add.map(|(token, handle)| (token.0, handle.0)).collect(),
            remove: remove.map(|(token, _)| token.0).collect(),
        })
    }

    /// The comparing node has something else than what was sent: all of it is sent again.
    pub fn restarted(version: u32) -> Self {
        Self(Event::Restarted { version })
    }

    /// Nobody needs a version any more.
    pub fn dropped(version: u32) -> Self {
        Self(Event::Dropped { version })
    }
}

impl Own {
    /// Reads it.
    pub fn open(file: &Path) -> Result<Self, Error> {
        let mut state = State::default();
        let journal = Journal::open(file, |event| state.apply(event))?;
        let mut own = Self { journal, state };
        let rows = own.state.members.len() * (1 + 2 * own.state.versions.len());
        if own.state.events > 2 * rows + SLACK {
            let events = own.state.events();
            own.state.events = events.len();
            own.journal.replace(&events)?;
        }
        Ok(own)
    }

    /// Remembers steps, durably.
    pub fn take(&mut self, steps: Vec<Step>) -> Result<(), Error> {
        let events: Vec<Event> = steps.into_iter().map(|Step(event)| event).collect();
        self.journal.append(&events)?;
        for event in events {
            self.state.apply(event);
        }
        Ok(())
    }

    /// How far the log was read; none before the first time.
    pub fn scanned(&self) -> Option<Position> {
        self.state.scanned
    }

    /// A member, if it is known.
    pub fn member(&self, record: &RecordId) -> Option<&OwnMember> {
        self.state.members.get(record)
    }

    /// Whom a handle stands for; none once the member is closed or has another document.
    pub fn behind(&self, handle: &Handle) -> Option<RecordId> {
        let mut members = self.state.members.iter();
        let found = members.find(|(_, member)| member.handle == *handle);
        found.map(|(record, _)| *record)
    }

    /// All members that are known.
    pub fn records(&self) -> BTreeSet<RecordId> {
        self.state.members.keys().copied().collect()
    }

    /// The public key of a version as it was seen first.
    pub fn pin(&self, version: u32) -> Option<&[u8]> {
        self.state.pins.get(&version).map(Vec::as_slice)
    }

    /// The versions under which there are tokens, or were sent.
    pub fn versions(&self) -> Vec<u32> {
        self.state.versions.keys().copied().collect()
    }

    /// Members without a token of a version, so many at most.
    pub fn missing(&self, version: u32, most: usize) -> Vec<RecordId> {
        let tokens = self.state.versions.get(&version);
        let has = |record: &RecordId| tokens.is_some_and(|it| it.tokens.contains_key(record));
        let members = self.state.members.keys();
        members.filter(|it| !has(it)).take(most).copied().collect()
    }

    /// The number of the last submission of each version.
    pub fn numbers(&self) -> Vec<(u32, u64)> {
        let versions = self.state.versions.iter();
        versions
            .map(|(version, it)| (*version, it.number))
            .collect()
    }

    /// How many tokens of a version the comparing node has, and how many members there are.
    pub fn counts(&self, version: u32) -> (u64, u64) {
        let sent = self
            .state
            .versions
            .get(&version)
            .map_or(0, |it| it.sent.len());
        (sent as u64, self.state.members.len() as u64)
    }

    /// What is to be submitted of a version, in differences of so many changes at most; none when the comparing node has
    /// everything and knows that it has.
    pub fn differences(&self, version: u32, most: usize) -> Vec<Difference> {
        let Some(state) = self.state.versions.get(&version) else {
            return Vec::new();
        };
        let wanted = state.tokens.iter();
        let wanted: BTreeMap<Token, Handle> = wanted
            .filter_map(|(record, token)| Some((*token, self.member(record)?.handle)))
            .collect();
        let beyond = |one: &BTreeMap<Token, Handle>, other: &BTreeMap<Token, Handle>| {
            let beyond = one
                .iter()
                .filter(|(token, handle)| other.get(token) != Some(handle));
            let beyond = beyond.map(|(token, handle)| (*token, *handle));
            beyond.collect::<Vec<_>>()
        };
        // What goes comes first: the same token may come again for another member.
        let gone = beyond(&state.sent, &wanted)
            .into_iter()
            .map(|it| (it, false));
        let come = beyond(&wanted, &state.sent)
            .into_iter()
            .map(|it| (it, true));
        let changes: Vec<_> = gone.chain(come).collect();
        let numbers = state.number + 1..;
        let mut differences: Vec<Difference> = changes
            .chunks(most)
            .zip(numbers)
            .map(|(changes, number)| {
                let of = |comes| {
                    let of = changes.iter().filter(move |(_, is)| *is == comes);
                    of.map(|(change, _)| *change).collect()
                };
                Difference {
                    number,
                    add: of(true),
                    remove: of(false),
                    complete: false,
                }
            })
            .collect();
        let complete = self.missing(version, 1).is_empty();
        match differences.last_mut() {
            Some(last) => last.complete = complete,
            None if complete != state.complete => differences.push(Difference {
                number: state.number + 1,
                complete,
                ..Difference::default()
            }),
            None => {}
        }
        differences
    }
}

impl State {
    fn apply(&mut self, event: Event) {
        self.events += 1;
        match event {
            Event::Scanned { epoch, seq } => self.scanned = Some(Position { epoch, seq }),
            Event::Pinned { version, key } => {
                self.pins.insert(version, key);
            }
            Event::Member {
                record,
                handle,
                tag,
            } => {
                self.forget_tokens(&RecordId(record));
                let member = OwnMember {
                    handle: Handle(handle),
                    tag: Digest(tag),
                };
                self.members.insert(RecordId(record), member);
            }
            Event::Gone { record } => {
                self.forget_tokens(&RecordId(record));
                self.members.remove(&RecordId(record));
            }
            Event::Tokens { version, tokens } => {
                let known = &mut self.versions.entry(version).or_default().tokens;
                let tokens = tokens.into_iter();
                known.extend(tokens.map(|(record, token)| (RecordId(record), Token(token))));
            }
            Event::Sent {
                version,
                number,
                complete,
                add,
                remove,
            } => {
                let version = self.versions.entry(version).or_default();
                (version.number, version.complete) = (number, complete);
                for token in remove {
                    version.sent.remove(&Token(token));
                }
                let add = add.into_iter();
                let add = add.map(|(token, handle)| (Token(token), Handle(handle)));
                version.sent.extend(add);
            }
            Event::Restarted { version } => {
                let version = self.versions.entry(version).or_default();
                (version.number, version.complete) = (0, false);
                version.sent.clear();
            }
            Event::Dropped { version } => {
                self.versions.remove(&version);
            }
        }
    }

    fn forget_tokens(&mut self, record: &RecordId) {
        for version in self.versions.values_mut() {
            version.tokens.remove(record);
        }
    }

    /// What leads to this state, in few steps.
    fn events(&self) -> Vec<Event> {
        let pins = self.pins.iter().map(|(version, key)| Event::Pinned {
            version: *version,
            key: key.clone(),
        });
        let members = self.members.iter();
        let members = members.map(|(record, member)| Step::member(record, member).0);
        let mut events: Vec<Event> = pins.chain(members).collect();
        for (version, state) in &self.versions {
            let tokens: Vec<_> = state
                .tokens
                .iter()
                .map(|(it, token)| (*it, *token))
                .collect();
            let tokens = tokens.chunks(512);
            events.extend(tokens.map(|tokens| Step::tokens(*version, tokens).0));
            events.push(Step(Event::Restarted { version: *version }).0);
            let sent = Difference {
                number: state.number,
                add: state
                    .sent
                    .iter()
                    .map(|(it, handle)| (*it, *handle))
                    .collect(),
                remove: Vec::new(),
                complete: state.complete,
            };
            events.push(Step::sent(*version, &sent).0);
        }
        events.extend(self.scanned.map(|at| Step::scanned(at).0));
        events
    }
}
