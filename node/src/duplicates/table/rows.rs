//! The rows of a generation: written once, from front to back, and read by the block.

use std::{
    fs::{File, OpenOptions},
    io::{BufWriter, Write as _},
    os::unix::fs::{FileExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use super::Error;

/// Bytes of a row.
pub const ROW: usize = 52;
/// A row.
pub type Row = [u8; ROW];

const MAGIC: [u8; 8] = *b"LIKAROW1";
const HEADER: usize = 20;
const ROWS: usize = 128;
const BLOCK: usize = ROWS * ROW + CRC;
const CRC: usize = 4;

/// The rows of a generation, open for reading.
#[derive(Debug)]
pub struct Rows {
    path: PathBuf,
    file: Option<File>,
    count: u64,
    /// The first row of each block.
    firsts: Vec<Row>,
}

impl Rows {
    /// None at all.
    pub fn empty() -> Self {
        Self {
            path: PathBuf::new(),
            file: None,
            count: 0,
            firsts: Vec::new(),
        }
    }

    /// Opens a file. Each block is checked when it is read.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let file = File::open(path).map_err(Error::io("open", path))?;
        let mut header = [0; HEADER];
        file.read_exact_at(&mut header, 0)
            .map_err(Error::io("read", path))?;
        let damaged = || Error::Damaged {
            file: path.to_owned(),
            at: 0,
        };
        let (head, crc) = header.split_at(16);
        let is_whole = head.starts_with(&MAGIC) && crc == crc32fast::hash(head).to_be_bytes();
        if !is_whole {
            return Err(damaged());
        }
        let mut count = [0; 8];
        count.copy_from_slice(&head[8..]);
        let count = u64::from_be_bytes(count);
        let blocks = count.div_ceil(ROWS as u64);
        let length = HEADER as u64 + count * ROW as u64 + blocks * CRC as u64;
        let found = file.metadata().map_err(Error::io("read", path))?.len();
        if found != length {
            return Err(damaged());
        }
        let mut firsts = Vec::new();
        for block in 0..blocks {
            let mut first = [0; ROW];
            file.read_exact_at(&mut first, start(block))
                .map_err(Error::io("read", path))?;
            firsts.push(first);
        }
        Ok(Self {
            path: path.to_owned(),
            file: Some(file),
            count,
            firsts,
        })
    }

    /// The rows that begin so.
    pub fn with_prefix(&self, prefix: &[u8]) -> Result<Vec<Row>, Error> {
        let mut found = Vec::new();
        // The last block that begins before them, and those after it that begin with them.
        let before = self.firsts.partition_point(|first| &first[..] < prefix);
        let blocks = self
            .firsts
            .iter()
            .enumerate()
            .skip(before.saturating_sub(1));
        for (block, first) in blocks {
            if block >= before && !first.starts_with(prefix) {
                break;
            }
            let rows = self.block(block as u64)?;
            found.extend(rows.into_iter().filter(|row| row.starts_with(prefix)));
        }
        Ok(found)
    }

    /// All of them, in order.
    pub fn iter(&self) -> Result<impl Iterator<Item = Result<Row, Error>>, Error> {
        let blocks = 0..self.firsts.len() as u64;
        Ok(blocks.flat_map(|block| match self.block(block) {
            Ok(rows) => rows.into_iter().map(Ok).collect::<Vec<_>>(),
            Err(error) => vec![Err(error)],
        }))
    }

    fn block(&self, block: u64) -> Result<Vec<Row>, Error> {
        let Some(file) = &self.file else {
            return Ok(Vec::new());
        };
        let left = self.count.saturating_sub(block * ROWS as u64);
        let rows = usize::try_from(left).unwrap_or(ROWS).min(ROWS);
        let mut bytes = vec![0; rows * ROW + CRC];
        let at = start(block);
        file.read_exact_at(&mut bytes, at)
            .map_err(Error::io("read", &self.path))?;
        let (content, crc) = bytes.split_at(rows * ROW);
        if crc != crc32fast::hash(content).to_be_bytes() {
            return Err(Error::Damaged {
                file: self.path.clone(),
                at,
            });
        }
        let rows = content.chunks_exact(ROW).map(|bytes| {
            let mut row = [0; ROW];
            row.copy_from_slice(bytes);
            row
        });
        Ok(rows.collect())
    }
}

/// Writes the rows of a generation.
pub struct Writer {
    path: PathBuf,
    file: BufWriter<File>,
    block: Vec<u8>,
    count: u64,
}

impl Writer {
    /// Begins a file, over whatever a node left there that was stopped.
    pub fn create(path: &Path) -> Result<Self, Error> {
        let mut options = OpenOptions::new();
        let options = options.write(true).create(true).truncate(true).mode(0o600);
        let file = options.open(path).map_err(Error::io("make", path))?;
        let mut file = BufWriter::with_capacity(1 << 18, file);
        file.write_all(&[0; HEADER])
            .map_err(Error::io("write", path))?;
        Ok(Self {
            path: path.to_owned(),
            file,
            block: Vec::with_capacity(BLOCK),
            count: 0,
        })
    }

    /// The next row.
    pub fn push(&mut self, row: &Row) -> Result<(), Error> {
        self.block.extend(row);
        self.count += 1;
        match self.block.len() == ROWS * ROW {
            true => self.end_block(),
            false => Ok(()),
        }
    }

    /// All of it is on the disk.
    pub fn finish(mut self) -> Result<Rows, Error> {
        if !self.block.is_empty() {
            self.end_block()?;
        }
        let Self {
            path,
            file,
            block: _,
            count,
        } = self;
        let write = Error::io("write", &path);
        let file = file
            .into_inner()
            .map_err(|error| write(error.into_error()))?;
        let head = [&MAGIC[..], &count.to_be_bytes()].concat();
        let header = [&head[..], &crc32fast::hash(&head).to_be_bytes()].concat();
        file.write_all_at(&header, 0)
            .and_then(|()| file.sync_all())
            .map_err(Error::io("write", &path))?;
        Rows::open(&path)
    }

    fn end_block(&mut self) -> Result<(), Error> {
        let crc = crc32fast::hash(&self.block).to_be_bytes();
        self.block.extend(crc);
        let written = self.file.write_all(&self.block);
        self.block.clear();
        written.map_err(Error::io("write", &self.path))
    }
}

fn start(block: u64) -> u64 {
    HEADER as u64 + block * BLOCK as u64
}
