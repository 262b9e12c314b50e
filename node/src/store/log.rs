//! The log of one node: segment files of batches, each batch there wholly or not at all.
//!
//! ```text
//!  log/<node id>/0000000001-00000000000000000001.segment         <epoch>-<first seq>
//!
//!  ┌─────────┬───────┬───────┬───────┐
//!  │ segment │ batch │ batch │ batch │ …                          appended, never changed
//!  │ header  │       │       │       │
//!  └─────────┴───┬───┴───────┴───────┘
//!                └─► header ‖ requests ‖ entries                   see `batch`
//! ```
//!
//! A batch is made durable before the next one is written, so that after a power cut at most the last one is torn.
//! Opening cuts a torn tail and keeps the cut bytes in a file of their own; damage anywhere else is an error.

pub mod batch;
pub mod files;
pub mod segment;

use std::{path::PathBuf, sync::Arc};

use lika_core::value::{Digest, NodeId};

use self::{
    batch::{Batch, Builder},
    files::{Files, Found},
    segment::{Segment, SegmentHeader},
};
use crate::{
    crash,
    store::{
        Error, Position,
        disk::{Append, Disk},
    },
};

/// The last entry of a log, and where the file ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tail {
    /// Whose log it is.
    pub node: NodeId,
    /// The position of the last entry; seq 0 in an empty log.
    pub position: Position,
    /// Its hash.
    pub hash: Digest,
    /// When it was recorded, in milliseconds since 1970-01-01T00:00:00Z.
    pub recorded_at: u64,
    /// The order of its batch among all batches of the store.
    pub order: u64,
    /// The segment that it is in.
    pub segment: Segment,
    /// The end of its batch in the segment.
    pub end: u64,
}

impl Tail {
    /// Where the next batch goes: a new segment when the last one has reached the limit, in bytes.
    pub fn next_place(&self, segment_limit: u64) -> (Segment, u64) {
        let has_batches = self.end > segment::HEADER_LENGTH;
        if self.end == 0 || (has_batches && self.end >= segment_limit) {
            let Position { epoch, seq } = self.position;
            let segment = Segment {
                epoch,
                first_seq: seq + 1,
            };
            (segment, segment::HEADER_LENGTH)
        } else {
            (self.segment, self.end)
        }
    }
}

/// Where a batch is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchPlace {
    /// The order among all batches of the store.
    pub order: u64,
    /// The segment.
    pub segment: Segment,
    /// Where in the segment it begins.
    pub offset: u64,
}

/// A log that can be appended to.
pub struct Log {
    files: Files,
    number: u16,
    tail: Tail,
    writer: Option<Box<dyn Append>>,
}

/// What opening a log found.
pub struct Opened {
    /// The log.
    pub log: Log,
    /// The batches after the known position, or all of them.
    pub later: Vec<BatchPlace>,
    /// The file that keeps what was cut off, when something was.
    pub torn: Option<PathBuf>,
}

impl Log {
    /// Makes the log of a node of which there is none yet.
    pub fn create(
        disk: Arc<dyn Disk>,
        root: &std::path::Path,
        node: NodeId,
        number: u16,
    ) -> Result<Self, Error> {
        let files = Files::new(disk, root, node);
        files.create_folder()?;
        let segment = Segment {
            epoch: FIRST_EPOCH,
            first_seq: 1,
        };
        let tail = Tail {
            node,
            position: Position {
                epoch: FIRST_EPOCH,
                seq: 0,
            },
            hash: Digest::ZERO,
            recorded_at: 0,
            order: 0,
            segment,
            end: 0,
        };
        Ok(Self {
            files,
            number,
            tail,
            writer: None,
        })
    }

    /// Opens a log that has segments: reads from the known tail (or from the beginning) to the end, and cuts what a
    /// power cut left of an unfinished batch.
    pub fn open(files: Files, number: u16, known: Option<Tail>) -> Result<Opened, Error> {
        let node = files.node();
        let fresh = Self::create(files.disk(), files.root(), node, number)?.tail;
        let segments = files.segments()?;
        let mut scan = Scan {
            tail: known.clone().unwrap_or(fresh),
            later: Vec::new(),
            torn: None,
        };
        if let Some(known) = &known {
            files.check_reaches(known, &segments)?;
        }
        let (from, last) = (scan.tail.segment, segments.last().copied());
        for segment in segments.into_iter().filter(|segment| *segment >= from) {
            scan.segment(&files, segment, Some(segment) == last, number)?;
        }
        let Scan { tail, later, torn } = scan;
        files.make_durable(last)?;
        Ok(Opened {
            log: Self {
                files,
                number,
                tail,
                writer: None,
            },
            later,
            torn,
        })
    }

    /// The last entry.
    pub fn tail(&self) -> &Tail {
        &self.tail
    }

    /// The files, to read from.
    pub fn files(&self) -> Files {
        self.files.clone()
    }

    /// Writes a batch, so that the log then ends as the tail says, and makes it durable.
    ///
    /// [`Error::DiskFull`] leaves the log as it was. After any other error the log must not be used again: nobody
    /// knows what is on the disk.
    pub fn append(&mut self, batch: Builder, after: &Tail, registry: u128) -> Result<(), Error> {
        if self.tail.end == 0 || self.tail.segment != after.segment {
            self.start_segment(after.segment)?;
        }
        let file = self.files.path(self.tail.segment);
        let bytes = batch.finish(after.order, registry);
        let offset = self.tail.end;
        crash::point("before-append");
        let writer = self.writer()?;
        if let Err(error) = writer.append(&bytes) {
            self.files.cut(self.tail.segment, offset)?;
            return Err(Error::io("append to", file)(error));
        }
        crash::point("after-append");
        let synced = self.writer()?.sync();
        synced.map_err(|error| {
            Error::Stopped(format!(
                "{} cannot be made durable: {error}",
                file.display()
            ))
        })?;
        crash::point("after-sync");
        self.tail = after.clone();
        Ok(())
    }

    fn writer(&mut self) -> Result<&mut Box<dyn Append>, Error> {
        if self.writer.is_none() {
            self.writer = Some(self.files.append(self.tail.segment)?);
        }
        self.writer
            .as_mut()
            .ok_or_else(|| Error::Stopped("the segment has no writer".to_owned()))
    }

    fn start_segment(&mut self, segment: Segment) -> Result<(), Error> {
        let header = SegmentHeader {
            number: self.number,
            node: self.tail.node,
            segment,
            previous: self.tail.hash,
        };
        self.writer = Some(self.files.start(segment, &header)?);
        self.tail.segment = segment;
        self.tail.end = segment::HEADER_LENGTH;
        Ok(())
    }
}

/// The epoch of a log that was never restored.
pub const FIRST_EPOCH: u32 = 1;

struct Scan {
    tail: Tail,
    later: Vec<BatchPlace>,
    torn: Option<PathBuf>,
}

impl Scan {
    fn segment(
        &mut self,
        files: &Files,
        segment: Segment,
        is_last: bool,
        number: u16,
    ) -> Result<(), Error> {
        let is_entered = segment == self.tail.segment && self.tail.end > 0;
        if !is_entered && !self.enter(files, segment, is_last, number)? {
            return Ok(());
        }
        loop {
            match files.read_batch(segment, self.tail.end)? {
                Found::End => return Ok(()),
                Found::Batch(batch) => self.follow(files, segment, &batch)?,
                Found::Invalid(what) => {
                    let at = self.tail.end;
                    if !is_last || files.has_batch_after(segment, at)? {
                        return Err(Error::damaged(files.path(segment), at, what));
                    }
                    self.torn = Some(files.cut_torn(segment, at)?);
                    return Ok(());
                }
            }
        }
    }

    /// Reads the header of the next segment. A last one that has none was being created when the power went.
    fn enter(
        &mut self,
        files: &Files,
        segment: Segment,
        is_last: bool,
        number: u16,
    ) -> Result<bool, Error> {
        let expected = SegmentHeader {
            number,
            node: files.node(),
            segment,
            previous: self.tail.hash,
        };
        match files.read_header(segment)? {
            Some(found) if found == expected && segment.first_seq == self.tail.position.seq + 1 => {
                self.tail.segment = segment;
                self.tail.end = segment::HEADER_LENGTH;
                Ok(true)
            }
            Some(_) => Err(Error::damaged(
                files.path(segment),
                0,
                "the segment does not continue the one before",
            )),
            None if is_last && !files.has_batch_after(segment, 0)? => {
                self.torn = Some(files.set_aside(segment)?);
                Ok(false)
            }
            None => Err(Error::damaged(
                files.path(segment),
                0,
                "the header of the segment cannot be read",
            )),
        }
    }

    fn follow(&mut self, files: &Files, segment: Segment, batch: &Batch) -> Result<(), Error> {
        let damaged = |what: &str| Error::damaged(files.path(segment), self.tail.end, what);
        if batch.header.first_seq != self.tail.position.seq + 1 {
            return Err(damaged("the batch does not continue the one before"));
        }
        let first = batch
            .entry(0)
            .map_err(|error| damaged(&error.to_string()))?;
        if first.header().previous != self.tail.hash {
            return Err(damaged(
                "the first entry does not name the hash of the one before",
            ));
        }
        let last = batch.last().map_err(|error| damaged(&error.to_string()))?;
        self.later.push(BatchPlace {
            order: batch.header.order,
            segment,
            offset: self.tail.end,
        });
        self.tail.position = Position {
            epoch: segment.epoch,
            seq: last.header().seq,
        };
        self.tail.hash = *last.hash();
        self.tail.recorded_at = last.header().recorded_at;
        self.tail.order = batch.header.order;
        self.tail.end += batch.length;
        Ok(())
    }
}
