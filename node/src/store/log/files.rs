//! The segment files of one log: their names, reading them, cutting what is torn.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use lika_core::{log::Entry, value::NodeId};

use super::{
    Tail,
    batch::{self, Batch, BatchHeader},
    segment::{self, ReadHeader, Segment, SegmentHeader},
};
use crate::store::{
    Error,
    disk::{Append, Disk, Read},
};

/// The segment files of one log. Cheap to clone; the clones share the open files.
#[derive(Clone)]
pub struct Files {
    disk: Arc<dyn Disk>,
    root: PathBuf,
    folder: PathBuf,
    node: NodeId,
    open: Arc<Mutex<BTreeMap<Segment, Arc<dyn Read>>>>,
}

/// What is at a place in a segment.
pub enum Found {
    /// A whole batch.
    Batch(Box<Batch>),
    /// The end of the file.
    End,
    /// Something else.
    Invalid(&'static str),
}

/// An entry found while reading in the order of the log.
pub struct Located {
    /// The entry.
    pub entry: Entry,
    /// The length on disk.
    pub length: u32,
}

impl Files {
    /// The files of a node's log below the folder of all logs.
    pub fn new(disk: Arc<dyn Disk>, root: &Path, node: NodeId) -> Self {
        let folder = root.join(node.to_string());
        Self {
            disk,
            root: root.to_owned(),
            folder,
            node,
            open: Arc::default(),
        }
    }

    /// Whose log it is.
    pub fn node(&self) -> NodeId {
        self.node
    }

    /// The disk.
    pub fn disk(&self) -> Arc<dyn Disk> {
        Arc::clone(&self.disk)
    }

    /// The folder of all logs.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The file of a segment.
    pub fn path(&self, segment: Segment) -> PathBuf {
        self.folder.join(segment.file_name())
    }

    /// Makes the folder.
    pub fn create_folder(&self) -> Result<(), Error> {
        self.disk
            .create_folder(&self.folder)
            .map_err(Error::io("create", &self.folder))?;
        self.disk
            .sync_folder(&self.root)
            .map_err(Error::io("sync", &self.root))
    }

    /// All segments in the order of the log.
    pub fn segments(&self) -> Result<Vec<Segment>, Error> {
        let names = self
            .disk
            .list(&self.folder)
            .map_err(Error::io("list", &self.folder))?;
        let mut segments: Vec<_> = names
            .iter()
            .filter_map(|name| Segment::from_file_name(name))
            .collect();
        segments.sort_unstable();
        Ok(segments)
    }

    /// The header of a segment; none when it cannot be read.
    pub fn read_header(&self, segment: Segment) -> Result<Option<SegmentHeader>, Error> {
        let file = self.reader(segment)?;
        let mut bytes = [0; segment::HEADER_SIZE];
        match file.read_at(&mut bytes, 0) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            Err(error) => return Err(Error::io("read", self.path(segment))(error)),
        }
        match SegmentHeader::decode(&bytes) {
            ReadHeader::Header(header) => Ok(Some(header)),
            ReadHeader::Invalid => Ok(None),
            ReadHeader::Newer(found) => Err(Error::NewerFormat {
                file: self.path(segment),
                found,
                known: segment::FORMAT,
            }),
        }
    }

    /// Reads the batch at a place.
    pub fn read_batch(&self, segment: Segment, offset: u64) -> Result<Found, Error> {
        let file = self.reader(segment)?;
        let length = file
            .length()
            .map_err(Error::io("read", self.path(segment)))?;
        if offset == length {
            return Ok(Found::End);
        }
        let left = length.saturating_sub(offset);
        if left < batch::HEADER_LENGTH as u64 {
            return Ok(Found::Invalid("the header of a batch is cut off"));
        }
        let mut head = [0; batch::HEADER_LENGTH];
        file.read_at(&mut head, offset)
            .map_err(Error::io("read", self.path(segment)))?;
        let Some(header) = BatchHeader::decode(&head) else {
            return Ok(Found::Invalid("the header of a batch cannot be read"));
        };
        if header.length > left - batch::HEADER_LENGTH as u64 {
            return Ok(Found::Invalid("a batch is cut off"));
        }
        let mut payload = vec![0; usize::try_from(header.length).unwrap_or(usize::MAX)];
        file.read_at(&mut payload, offset + batch::HEADER_LENGTH as u64)
            .map_err(Error::io("read", self.path(segment)))?;
        Ok(match Batch::decode(header, Bytes::from(payload)) {
            Some(batch) => Found::Batch(Box::new(batch)),
            None => Found::Invalid("the checksum of a batch does not hold"),
        })
    }

    /// Reads the batch at a place that is known to have one.
    pub fn batch_at(&self, segment: Segment, offset: u64) -> Result<Batch, Error> {
        match self.read_batch(segment, offset)? {
            Found::Batch(batch) => Ok(*batch),
            Found::End => Err(Error::damaged(
                self.path(segment),
                offset,
                "the file ends before a batch",
            )),
            Found::Invalid(what) => Err(Error::damaged(self.path(segment), offset, what)),
        }
    }

    /// Reads the entry whose prefix begins at a place; the length is read from there.
    pub fn entry_at(&self, segment: Segment, offset: u64) -> Result<Located, Error> {
        let file = self.reader(segment)?;
        let mut prefix = [0; batch::ENTRY_PREFIX];
        file.read_at(&mut prefix, offset)
            .map_err(Error::io("read", self.path(segment)))?;
        let [a, b, c, d, ..] = prefix;
        self.entry(segment, offset, u32::from_be_bytes([a, b, c, d]))
    }

    /// Reads the entry whose prefix begins at a place.
    pub fn entry(&self, segment: Segment, offset: u64, length: u32) -> Result<Located, Error> {
        let bytes = self.bytes(
            segment,
            offset,
            batch::ENTRY_PREFIX as u64 + u64::from(length),
        )?;
        let entry = self.entry_of(bytes, segment, offset)?;
        Ok(Located { entry, length })
    }

    /// Bytes of a segment in which entries stand.
    pub fn bytes(&self, segment: Segment, offset: u64, size: u64) -> Result<Bytes, Error> {
        let unread = |error| Error::io("read", self.path(segment))(error);
        let file = self.reader(segment)?;
        if offset + size > file.length().map_err(unread)? {
            let what = "the file ends inside an entry";
            return Err(Error::damaged(self.path(segment), offset, what));
        }
        let mut bytes = vec![0; usize::try_from(size).unwrap_or(usize::MAX)];
        file.read_at(&mut bytes, offset).map_err(unread)?;
        Ok(Bytes::from(bytes))
    }

    /// The entry that these bytes are, its prefix first; they were read at a place.
    pub fn entry_of(&self, bytes: Bytes, segment: Segment, offset: u64) -> Result<Entry, Error> {
        let damaged =
            |what: &dyn std::fmt::Display| Error::damaged(self.path(segment), offset, what);
        let mut content = bytes;
        let prefix = content.split_to(batch::ENTRY_PREFIX.min(content.len()));
        let length = u32::try_from(content.len()).unwrap_or(u32::MAX);
        let expected = [
            length.to_be_bytes(),
            crc32fast::hash(&content).to_be_bytes(),
        ];
        if prefix != expected.as_flattened() {
            return Err(damaged(&"the checksum of an entry does not hold"));
        }
        Entry::decode(content).map_err(|error| damaged(&error))
    }

    /// Whether there is such a segment.
    pub fn has(&self, segment: Segment) -> Result<bool, Error> {
        match self.reader(segment) {
            Ok(_) => Ok(true),
            Err(Error::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Where the first entry of a batch begins and where the batch ends, from its header alone.
    pub fn batch_bounds(&self, segment: Segment, offset: u64) -> Result<(u64, u64), Error> {
        let mut head = [0; batch::HEADER_LENGTH];
        let file = self.reader(segment)?;
        file.read_at(&mut head, offset)
            .map_err(Error::io("read", self.path(segment)))?;
        let header = BatchHeader::decode(&head).ok_or_else(|| {
            Error::damaged(
                self.path(segment),
                offset,
                "the header of a batch cannot be read",
            )
        })?;
        let start = offset + batch::HEADER_LENGTH as u64;
        Ok((start + header.requests_length(), start + header.length))
    }

    /// Whether a whole batch begins anywhere after a place: then what is there is damage and not a torn end.
    pub fn has_batch_after(&self, segment: Segment, offset: u64) -> Result<bool, Error> {
        let file = self.reader(segment)?;
        let length = file
            .length()
            .map_err(Error::io("read", self.path(segment)))?;
        let mut rest =
            vec![0; usize::try_from(length.saturating_sub(offset)).unwrap_or(usize::MAX)];
        file.read_at(&mut rest, offset)
            .map_err(Error::io("read", self.path(segment)))?;
        let starts = rest.windows(batch::MAGIC.len()).enumerate().skip(1);
        for (start, window) in starts {
            if window != batch::MAGIC {
                continue;
            }
            if let Found::Batch(_) = self.read_batch(segment, offset + start as u64)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Fails unless the log reaches to where the registry has been.
    pub fn check_reaches(&self, known: &Tail, segments: &[Segment]) -> Result<(), Error> {
        let missing = |found| Error::MissingAcknowledged {
            node: self.node,
            known: known.position,
            found,
        };
        if known.position.seq == 0 {
            return Ok(());
        }
        if !segments.contains(&known.segment) {
            return Err(missing(crate::store::Position {
                epoch: known.segment.epoch,
                seq: known.segment.first_seq - 1,
            }));
        }
        let length = self
            .reader(known.segment)?
            .length()
            .map_err(Error::io("read", self.path(known.segment)))?;
        if length < known.end {
            return Err(missing(crate::store::Position {
                epoch: known.segment.epoch,
                seq: known.segment.first_seq - 1,
            }));
        }
        Ok(())
    }

    /// Opens a segment to write on.
    pub fn append(&self, segment: Segment) -> Result<Box<dyn Append>, Error> {
        self.disk
            .append(&self.path(segment))
            .map_err(Error::io("open", self.path(segment)))
    }

    /// Makes a segment; its name and header are durable when this returns.
    pub fn start(
        &self,
        segment: Segment,
        header: &SegmentHeader,
    ) -> Result<Box<dyn Append>, Error> {
        let path = self.path(segment);
        let mut writer = self
            .disk
            .create(&path)
            .map_err(Error::io("create", &path))?;
        let written = writer
            .append(&header.encode())
            .and_then(|()| writer.sync())
            .and_then(|()| self.disk.sync_folder(&self.folder));
        if let Err(error) = written {
            self.disk
                .remove(&path)
                .map_err(Error::io("remove", &path))?;
            return Err(Error::io("write", path)(error));
        }
        Ok(writer)
    }

    /// Makes durable what is there: a killed node may have left the last batch in memory only, and whatever is built
    /// upon it must not outlive it.
    pub fn make_durable(&self, last: Option<Segment>) -> Result<(), Error> {
        let Some(last) = last else { return Ok(()) };
        let path = self.path(last);
        match self.disk.append(&path) {
            Ok(mut file) => file.sync().map_err(Error::io("sync", &path))?,
            // Nothing of it was worth keeping, and it was set aside.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(Error::io("open", path)(error)),
        }
        self.disk
            .sync_folder(&self.folder)
            .map_err(Error::io("sync", &self.folder))
    }

    /// Cuts a segment back to where it was before a batch that could not be written.
    pub fn cut(&self, segment: Segment, offset: u64) -> Result<(), Error> {
        let path = self.path(segment);
        self.disk.truncate(&path, offset).map_err(|error| {
            Error::Stopped(format!("{} cannot be cut back: {error}", path.display()))
        })
    }

    /// Cuts a torn end off and keeps it in a file of its own.
    pub fn cut_torn(&self, segment: Segment, offset: u64) -> Result<PathBuf, Error> {
        let path = self.path(segment);
        let file = self.reader(segment)?;
        let length = file.length().map_err(Error::io("read", &path))?;
        let mut torn = vec![0; usize::try_from(length - offset).unwrap_or(usize::MAX)];
        file.read_at(&mut torn, offset)
            .map_err(Error::io("read", &path))?;
        let kept = self.free_name(segment)?;
        let mut writer = self
            .disk
            .create(&kept)
            .map_err(Error::io("create", &kept))?;
        writer
            .append(&torn)
            .and_then(|()| writer.sync())
            .map_err(Error::io("write", &kept))?;
        self.disk
            .sync_folder(&self.folder)
            .map_err(Error::io("sync", &self.folder))?;
        self.disk
            .truncate(&path, offset)
            .map_err(Error::io("cut", &path))?;
        Ok(kept)
    }

    /// Sets aside a segment that was never finished.
    pub fn set_aside(&self, segment: Segment) -> Result<PathBuf, Error> {
        let kept = self.free_name(segment)?;
        let path = self.path(segment);
        self.lock_open().remove(&segment);
        self.disk
            .rename(&path, &kept)
            .map_err(Error::io("rename", &path))?;
        self.disk
            .sync_folder(&self.folder)
            .map_err(Error::io("sync", &self.folder))?;
        Ok(kept)
    }

    fn free_name(&self, segment: Segment) -> Result<PathBuf, Error> {
        let names = self
            .disk
            .list(&self.folder)
            .map_err(Error::io("list", &self.folder))?;
        let free = (1..=names.len() + 1)
            .map(|number| format!("{segment}.{number}.torn"))
            .find(|name| !names.contains(name))
            .expect("one more name than files is free");
        Ok(self.folder.join(free))
    }

    fn reader(&self, segment: Segment) -> Result<Arc<dyn Read>, Error> {
        if let Some(file) = self.lock_open().get(&segment) {
            return Ok(Arc::clone(file));
        }
        let file = self
            .disk
            .open(&self.path(segment))
            .map_err(Error::io("open", self.path(segment)))?;
        self.lock_open().insert(segment, Arc::clone(&file));
        Ok(file)
    }

    fn lock_open(&self) -> std::sync::MutexGuard<'_, BTreeMap<Segment, Arc<dyn Read>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
