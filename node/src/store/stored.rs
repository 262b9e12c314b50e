//! A record as it was read from the log.

use std::{
    collections::BTreeMap,
    sync::{PoisonError, RwLock},
};

use lika_core::{
    log::{Class, Entry, Header},
    record::{Body, Fault, Parts, Record},
    value::Digest,
};

use crate::store::{
    Error, Position,
    keyring::KeyRing,
    log::{batch::ENTRY_PREFIX, files::Files},
    registry::schema::Head,
};

/// Bytes that are read at once where entries stand together.
const LONGEST_RUN: u64 = 256 << 10;
/// Bytes of other entries that are read along rather than leapt over.
const WIDEST_GAP: u64 = 16 << 10;

/// A revision of a record, as the log has it.
#[derive(Clone, Debug)]
pub struct Stored {
    /// Who wrote it, when, and where in which log.
    pub header: Header,
    /// The hash of the entry.
    pub hash: Digest,
    /// Whether the entry closed the record.
    pub closed: bool,
    /// The parts that can be read here.
    pub parts: Parts,
    /// The classes of the parts that cannot: never delivered, or their key was destroyed.
    pub withheld: Vec<Class>,
    /// What it says, or why this version cannot read it.
    pub body: Result<Body, Fault>,
}

impl Stored {
    /// The position of the entry in its log.
    pub fn position(&self) -> Position {
        Position {
            epoch: self.header.epoch,
            seq: self.header.seq,
        }
    }

    /// The record, if this version can read it.
    pub fn into_record(self) -> Option<Record> {
        let Header {
            record,
            area,
            revision,
            ..
        } = self.header;
        Some(Record {
            id: record,
            area,
            revision,
            closed: self.closed,
            body: self.body.ok()?,
        })
    }
}

/// Where entries are read from: the files of all logs, and the keys of what is sealed in them.
pub struct Sources {
    logs: RwLock<BTreeMap<u16, Files>>,
    ring: KeyRing,
}

impl Sources {
    /// Reads with these keys.
    pub fn new(ring: KeyRing) -> Self {
        Self {
            logs: RwLock::default(),
            ring,
        }
    }

    /// The keys.
    pub fn ring(&self) -> &KeyRing {
        &self.ring
    }

    /// Adds the files of a log.
    pub fn add(&self, log: u16, files: Files) {
        self.logs
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(log, files);
    }

    /// The files of a log.
    pub fn files(&self, log: u16) -> Result<Files, Error> {
        let logs = self.logs.read().unwrap_or_else(PoisonError::into_inner);
        logs.get(&log)
            .cloned()
            .ok_or_else(|| Error::Registry(format!("it names log {log}, which does not exist")))
    }

    /// Reads the entry that a head names.
    pub fn stored(&self, log: u16, head: &Head) -> Result<Stored, Error> {
        let files = self.files(log)?;
        let entry = entry_of(&files, head)?;
        let what = "a sealed part cannot be decrypted";
        self.open(&entry, head.outline.closed)
            .map_err(|_| Error::damaged(files.path(head.segment), head.offset, what))
    }

    /// Reads the open part of the entry that a head names: no key is touched, and everything sealed is withheld.
    pub fn stored_open(&self, log: u16, head: &Head) -> Result<Stored, Error> {
        Ok(open_part(&entry_of(&self.files(log)?, head)?, head))
    }

    /// The same for many heads, each with its log, in the order in which their entries stand there: what stands
    /// together is read together.
    pub fn each_open(
        &self,
        heads: &[(u16, Head)],
        mut take: impl FnMut(Stored),
    ) -> Result<(), Error> {
        let mut rest = heads;
        while let Some((run, later)) = rest.split_at_checked(run_of(rest))
            && let (Some((log, first)), Some((_, last))) = (run.first(), run.last())
        {
            rest = later;
            let files = self.files(*log)?;
            let size = end_of(last) - first.offset;
            let Ok(bytes) = files.bytes(first.segment, first.offset, size) else {
                // Which of them cannot be read is for each to say.
                for (_, head) in run {
                    take(open_part(&entry_of(&files, head)?, head));
                }
                continue;
            };
            for (_, head) in run {
                let within = |at: u64| usize::try_from(at - first.offset).unwrap_or(usize::MAX);
                let own = bytes.slice(within(head.offset)..within(end_of(head)));
                let entry = files.entry_of(own, head.segment, head.offset)?;
                take(open_part(&named_by(head, entry)?, head));
            }
        }
        Ok(())
    }

    /// Reads the parts of an entry.
    pub fn open(
        &self,
        entry: &Entry,
        closed: bool,
    ) -> Result<Stored, crate::store::keyring::Damaged> {
        let mut parts = Parts {
            open: entry.open().clone(),
            sealed: Vec::new(),
        };
        let mut withheld = Vec::new();
        for part in entry.sealed() {
            match self.ring.unseal(part)? {
                Some((_, content)) => parts.sealed.push((part.class, content)),
                None => withheld.push(part.class),
            }
        }
        Ok(stored(entry, closed, parts, withheld))
    }
}

fn entry_of(files: &Files, head: &Head) -> Result<Entry, Error> {
    let entry = files.entry(head.segment, head.offset, head.length)?.entry;
    named_by(head, entry)
}

/// The entry, if it is the one that the head names.
fn named_by(head: &Head, entry: Entry) -> Result<Entry, Error> {
    let found = Position {
        epoch: entry.header().epoch,
        seq: entry.header().seq,
    };
    if found == head.position {
        return Ok(entry);
    }
    Err(Error::Registry(format!(
        "it names entry {} where {found} is",
        head.position
    )))
}

/// How many of these heads, from the first on, name entries that stand close enough to be read at once.
fn run_of(heads: &[(u16, Head)]) -> usize {
    let Some((_, first)) = heads.first() else {
        return 0;
    };
    let stands_close = |pair: &&[(u16, Head)]| {
        let [(one_log, one), (next_log, next)] = pair else {
            return false;
        };
        (one_log, one.segment) == (next_log, next.segment)
            && end_of(one) <= next.offset
            && next.offset - end_of(one) <= WIDEST_GAP
            && end_of(next) - first.offset <= LONGEST_RUN
    };
    1 + heads.windows(2).take_while(stands_close).count()
}

/// Where the entry of a head ends in its segment.
fn end_of(head: &Head) -> u64 {
    head.offset + ENTRY_PREFIX as u64 + u64::from(head.length)
}

fn open_part(entry: &Entry, head: &Head) -> Stored {
    let parts = Parts {
        open: entry.open().clone(),
        sealed: Vec::new(),
    };
    let withheld = entry.sealed().iter().map(|part| part.class).collect();
    stored(entry, head.outline.closed, parts, withheld)
}

fn stored(entry: &Entry, closed: bool, parts: Parts, withheld: Vec<Class>) -> Stored {
    let header = entry.header().clone();
    let body = Body::from_parts(header.kind, &parts);
    Stored {
        header,
        hash: *entry.hash(),
        closed,
        parts,
        withheld,
        body,
    }
}
