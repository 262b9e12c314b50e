//! The redo file: every change of the registry stands in it before it is made, so that what a kill interrupts is
//! finished at the next start.
//!
//! ```text
//!  redo    frame frame …                                       begun anew whenever sled has written what it describes
//!  frame   magic "LKF1"(4) ‖ serial(8) ‖ length(8) ‖ XXH3-64 of the rows(8) ‖ rows
//!  row     length(4) ‖ key ‖ 0(1)                              the key is removed
//!          length(4) ‖ key ‖ 1(1) ‖ length(4) ‖ value          it gets this value
//! ```
//!
//! Values are absolute: making a change again changes nothing. The file need not be durable. What was killed finds it
//! as it was, and after a power cut without it the registry is rebuilt from the log.

use std::{path::PathBuf, sync::Arc};

use xxhash_rust::xxh3::xxh3_64;

use crate::store::{
    Error,
    bytes::{Cursor, Put as _},
    disk::{self, Append, Disk},
};

const MAGIC: &[u8; 4] = b"LKF1";
const FRAME_START: usize = 28;
/// At this length, in bytes, sled is told to write what it holds, and the file is begun anew.
const LONGEST: u64 = 64 << 20;

/// The values that a change gives to keys; none removes the key.
pub type Rows = Vec<(Vec<u8>, Option<Vec<u8>>)>;

/// The redo file of a data folder.
pub struct Redo {
    disk: Arc<dyn Disk>,
    file: PathBuf,
    writer: Option<Box<dyn Append>>,
    length: u64,
}

impl Redo {
    /// The file of a data folder, whether there is one or not.
    pub fn new(disk: Arc<dyn Disk>, data_folder: &std::path::Path) -> Self {
        Self {
            disk,
            file: data_folder.join("redo"),
            writer: None,
            length: 0,
        }
    }

    /// The changes that it holds, from a serial number on, up to the first that is missing or torn.
    pub fn read(&self, from: u64) -> Result<Vec<(u64, Rows)>, Error> {
        let bytes =
            disk::read_whole(&*self.disk, &self.file).map_err(Error::io("read", &self.file))?;
        let bytes = bytes.unwrap_or_default();
        let mut cursor = Cursor(&bytes);
        let mut found = Vec::new();
        while let Some((serial, rows)) = frame(&mut cursor) {
            if serial == from + found.len() as u64 {
                found.push((serial, rows));
            }
        }
        Ok(found)
    }

    /// Adds a change. [`Error::DiskFull`] leaves the file as it was.
    pub fn write(&mut self, serial: u64, rows: &Rows) -> Result<(), Error> {
        let bytes = encode(serial, rows);
        if self.writer.is_none() {
            let created = self.disk.create(&self.file);
            self.writer = Some(created.map_err(Error::io("create", &self.file))?);
            self.length = 0;
        }
        let written = self.writer.as_mut().map(|writer| writer.append(&bytes));
        if let Some(Err(error)) = written {
            self.disk
                .truncate(&self.file, self.length)
                .map_err(Error::io("cut", &self.file))?;
            return Err(Error::io("write", &self.file)(error));
        }
        self.length += bytes.len() as u64;
        Ok(())
    }

    /// Whether it is time to let sled write, and to begin anew.
    pub fn is_long(&self) -> bool {
        self.length >= LONGEST
    }

    /// Removes the file: sled has written what it describes, or the registry is about to be rebuilt.
    pub fn clear(&mut self) -> Result<(), Error> {
        self.writer = None;
        match self.disk.remove(&self.file) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(Error::io("remove", &self.file)(error))
            }
            _ => Ok(()),
        }
    }
}

fn encode(serial: u64, rows: &Rows) -> Vec<u8> {
    let length =
        |bytes: &[u8]| u32::try_from(bytes.len()).expect("a row is far smaller than 4 GiB");
    let mut bytes = vec![0; FRAME_START];
    for (key, value) in rows {
        bytes.put_u32(length(key));
        bytes.extend_from_slice(key);
        match value {
            Some(value) => {
                bytes.push(1);
                bytes.put_u32(length(value));
                bytes.extend_from_slice(value);
            }
            None => bytes.push(0),
        }
    }
    let mut start = MAGIC.to_vec();
    start.put_u64(serial);
    start.put_u64((bytes.len() - FRAME_START) as u64);
    start.put_u64(xxh3_64(&bytes[FRAME_START..]));
    bytes[..FRAME_START].copy_from_slice(&start);
    bytes
}

fn frame(cursor: &mut Cursor<'_>) -> Option<(u64, Rows)> {
    if cursor.take(4)? != MAGIC {
        return None;
    }
    let serial = cursor.u64()?;
    let length = usize::try_from(cursor.u64()?).ok()?;
    let hash = cursor.u64()?;
    let content = cursor.take(length)?;
    if hash != xxh3_64(content) {
        return None;
    }
    let mut content = Cursor(content);
    let mut rows = Rows::new();
    while !content.0.is_empty() {
        rows.push(row(&mut content)?);
    }
    Some((serial, rows))
}

fn row(cursor: &mut Cursor<'_>) -> Option<(Vec<u8>, Option<Vec<u8>>)> {
    let bytes = |cursor: &mut Cursor<'_>| {
        let length = usize::try_from(cursor.u32()?).ok()?;
        Some(cursor.take(length)?.to_vec())
    };
    let key = bytes(cursor)?;
    let value = match cursor.u8()? {
        0 => None,
        _ => Some(bytes(cursor)?),
    };
    Some((key, value))
}
