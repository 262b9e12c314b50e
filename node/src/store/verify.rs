//! Verifying a store: every byte of every log, and the registry against a rebuild.

use std::{collections::BTreeMap, fs, path::PathBuf};

use lika_core::{
    log::Entry,
    value::{Digest, NodeId},
};

use super::{
    Error, Position, Progress, Shared, Tail,
    keyring::KeyRing,
    log::{
        BatchPlace, FIRST_EPOCH,
        files::{Files, Found},
        segment::{self, Segment, SegmentHeader},
    },
    opening::{Rebuild, Step, in_order},
    registry::{Registry, schema::OWN_LOG},
};

/// The memory that the rebuilt registry may use for its pages.
const CACHE_BYTES: u64 = 64 << 20;

/// What verifying found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Every log, the node's own first.
    pub logs: Vec<LogReport>,
    /// The first damage.
    pub damage: Option<Damage>,
    /// Whether the live registry is what a rebuild gives; unknown when a log is damaged.
    pub registry_agrees: Option<bool>,
}

impl Report {
    /// Whether everything is as it should be.
    pub fn is_sound(&self) -> bool {
        self.damage.is_none() && self.registry_agrees == Some(true)
    }
}

/// One log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogReport {
    /// Whose log it is.
    pub node: NodeId,
    /// How many entries were verified.
    pub entries: u64,
    /// The position of the last of them.
    pub position: Position,
    /// Its hash.
    pub hash: Digest,
    /// How many sealed parts could be held against their commitments here.
    pub parts_checked: u64,
}

/// The first thing that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// Whose log it is.
    pub node: NodeId,
    /// In which file.
    pub file: PathBuf,
    /// From which byte.
    pub offset: u64,
    /// The position of the entry.
    pub at: Position,
    /// What is wrong.
    pub what: String,
}

/// Walks and compares; `check_live` compares what the live registry holds with its digest.
pub fn verify(
    shared: &Shared,
    progress: &mut dyn FnMut(Progress),
    check_live: impl FnOnce() -> Result<bool, Error>,
) -> Result<Report, Error> {
    let standing = shared.published.borrow().clone();
    let mut report = Report {
        logs: Vec::new(),
        damage: None,
        registry_agrees: None,
    };
    let mut batches = BTreeMap::new();
    let total = standing.order;
    let mut done = 0;
    for (number, tail) in &standing.tails {
        let mut walk = Walk::new(
            shared.sources.files(*number)?,
            shared.sources.ring(),
            *number,
        );
        let mut note = || {
            done += 1;
            progress(Progress {
                step: Step::Verify,
                done,
                total,
            });
        };
        let damage = walk.to(tail, &mut note)?;
        report.logs.push(walk.report());
        batches.insert(*number, walk.batches);
        if let Some(damage) = damage {
            report.damage = Some(damage);
            return Ok(report);
        }
    }
    let digest = rebuilt_digest(shared, in_order(batches), progress)?;
    report.registry_agrees = Some(digest == standing.digest && check_live()?);
    Ok(report)
}

/// Whether the log of this node cannot be read to its end with the keys of a ring.
pub fn needs_more_keys(files: Files, ring: &KeyRing, tail: &Tail) -> Result<bool, Error> {
    let damage = Walk::new(files, ring, OWN_LOG).to(tail, &mut || ())?;
    Ok(damage.is_some())
}

fn rebuilt_digest(
    shared: &Shared,
    batches: Vec<(u16, BatchPlace)>,
    progress: &mut dyn FnMut(Progress),
) -> Result<u128, Error> {
    let folder = shared.folder.join("registry.verify");
    let remove = || match fs::remove_dir_all(&folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(Error::io("remove", &folder)(error))
        }
        _ => Ok(()),
    };
    remove()?;
    let total = batches.len() as u64;
    let registry = Registry::open_unfinished(&folder, CACHE_BYTES)?;
    let mut rebuild = Rebuild::new(&registry, &shared.sources);
    for (done, (log, place)) in (1..).zip(batches) {
        rebuild.add(log, place)?;
        progress(Progress {
            step: Step::Rebuild,
            done,
            total,
        });
    }
    rebuild.write()?;
    let digest = rebuild.standing.digest;
    drop(rebuild);
    drop(registry);
    remove()?;
    Ok(digest)
}

/// Walks one log from its first entry.
struct Walk<'a> {
    files: Files,
    ring: &'a KeyRing,
    number: u16,
    position: Position,
    hash: Digest,
    entries: u64,
    parts_checked: u64,
    batches: Vec<BatchPlace>,
}

impl<'a> Walk<'a> {
    fn new(files: Files, ring: &'a KeyRing, number: u16) -> Self {
        let position = Position {
            epoch: FIRST_EPOCH,
            seq: 0,
        };
        Self {
            files,
            ring,
            number,
            position,
            hash: Digest::ZERO,
            entries: 0,
            parts_checked: 0,
            batches: Vec::new(),
        }
    }

    fn report(&self) -> LogReport {
        LogReport {
            node: self.files.node(),
            entries: self.entries,
            position: self.position,
            hash: self.hash,
            parts_checked: self.parts_checked,
        }
    }

    fn to(&mut self, tail: &Tail, note: &mut dyn FnMut()) -> Result<Option<Damage>, Error> {
        for segment in self
            .files
            .segments()?
            .into_iter()
            .filter(|segment| *segment <= tail.segment)
        {
            if let Some(damage) = self.segment(segment, tail, note)? {
                return Ok(Some(damage));
            }
        }
        if self.position != tail.position || self.hash != tail.hash {
            return Ok(Some(self.damage(
                tail.segment,
                tail.end,
                "the log does not end where the registry says",
            )));
        }
        Ok(None)
    }

    fn segment(
        &mut self,
        segment: Segment,
        tail: &Tail,
        note: &mut dyn FnMut(),
    ) -> Result<Option<Damage>, Error> {
        let node = self.files.node();
        let expected = SegmentHeader {
            number: self.number,
            node,
            segment,
            previous: self.hash,
        };
        if segment.first_seq != self.position.seq + 1
            || self.files.read_header(segment)? != Some(expected)
        {
            return Ok(Some(self.damage(
                segment,
                0,
                "the segment does not continue the one before",
            )));
        }
        let mut offset = segment::HEADER_LENGTH;
        while segment != tail.segment || offset < tail.end {
            match self.files.read_batch(segment, offset)? {
                Found::End if segment == tail.segment => {
                    return Ok(Some(self.damage(
                        segment,
                        offset,
                        "the segment ends too early",
                    )));
                }
                Found::End => break,
                Found::Invalid(what) => return Ok(Some(self.damage(segment, offset, what))),
                Found::Batch(batch) => {
                    for index in 0..batch.len() {
                        let at = offset + batch.span(index).offset;
                        let checked = batch.entry(index).map_err(|error| error.to_string());
                        if let Err(what) = checked.and_then(|entry| self.entry(&entry)) {
                            return Ok(Some(self.damage(segment, at, &what)));
                        }
                    }
                    self.batches.push(BatchPlace {
                        order: batch.header.order,
                        segment,
                        offset,
                    });
                    offset += batch.length;
                    note();
                }
            }
        }
        Ok(None)
    }

    fn entry(&mut self, entry: &Entry) -> Result<(), String> {
        let Position { epoch, seq } = self.position;
        entry
            .follows(&self.files.node(), epoch, seq, &self.hash)
            .map_err(|error| error.to_string())?;
        for part in entry.sealed() {
            if self.ring.lacks(part) {
                let subject = part.subject;
                return Err(format!("the key ring has lost the key of {subject}"));
            }
            if !self.ring.holds(part) {
                return Err(format!(
                    "a sealed part of {} is not what the entry commits to",
                    part.subject
                ));
            }
            self.parts_checked += u64::from(self.ring.knows(&part.subject));
        }
        self.position.seq = entry.header().seq;
        self.hash = *entry.hash();
        self.entries += 1;
        Ok(())
    }

    /// Something wrong with the entry after the last good one.
    fn damage(&self, segment: Segment, offset: u64, what: &str) -> Damage {
        let at = Position {
            seq: self.position.seq + 1,
            ..self.position
        };
        Damage {
            node: self.files.node(),
            file: self.files.path(segment),
            offset,
            at,
            what: what.to_owned(),
        }
    }
}
