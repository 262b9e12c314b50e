//! A file that only grows, in frames that are there wholly or not at all.
//!
//! ```text
//!  magic(8) │ length u32 │ crc32 of the payload u32 │ crc32 of these eight bytes u32 │ payload │ length │ …
//! ```
//!
//! Numbers are big-endian, a payload is postcard. A last frame that is not whole, or ends in zeros that a file system put
//! there, was never acknowledged and is cut off. Whatever else is not what was written is damage, and is named.

use std::{
    fs::{self, File, OpenOptions},
    io::{Read as _, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
};

use serde::{Serialize, de::DeserializeOwned};

use super::Error;
use crate::pki;

const MAGIC: [u8; 8] = *b"LIKADUP1";
const PREFIX: usize = 12;
/// No payload of ours ends in so many zeros; a file that was made longer and never filled does.
const UNWRITTEN: usize = 64;

/// The file, open for appending.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
    has_failed: bool,
}

impl Journal {
    /// Opens a file, or makes it, and hands out what stands in it.
    pub fn open<T: DeserializeOwned>(path: &Path, mut each: impl FnMut(T)) -> Result<Self, Error> {
        let mut options = OpenOptions::new();
        let opened = options.read(true).write(true).create(true).truncate(false);
        let mut file = opened.open(path).map_err(Error::io("open", path))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)
            .map_err(Error::io("read", path))?;
        let damaged = |at: usize| Error::Damaged {
            file: path.to_owned(),
            at: at as u64,
        };
        let mut end = MAGIC.len();
        match bytes.get(..end) {
            Some(magic) if magic == MAGIC => {}
            // The power went while it was being made.
            None if MAGIC.starts_with(&bytes) => {
                bytes.clear();
                bytes.extend(MAGIC);
                file.set_len(0).map_err(Error::io("cut", path))?;
                file.rewind().map_err(Error::io("write", path))?;
                file.write_all(&MAGIC).map_err(Error::io("write", path))?;
                sync_folder(path)?;
            }
            _ => return Err(damaged(0)),
        }
        while let Some((payload, next)) = frame(&bytes, end).map_err(|()| damaged(end))? {
            each(postcard::from_bytes(payload).map_err(|_| damaged(end))?);
            end = next;
        }
        file.set_len(end as u64).map_err(Error::io("cut", path))?;
        file.seek(SeekFrom::Start(end as u64))
            .map_err(Error::io("read", path))?;
        file.sync_all().map_err(Error::io("sync", path))?;
        Ok(Self {
            path: path.to_owned(),
            file,
            has_failed: false,
        })
    }

    /// Appends, and is on the disk when it answers. After a failure nothing is written any more: what is on the disk is
    /// not known.
    pub fn append<T: Serialize>(&mut self, events: &[T]) -> Result<(), Error> {
        if self.has_failed {
            return Err(Error::Stopped(self.path.clone()));
        }
        if events.is_empty() {
            return Ok(());
        }
        let bytes = frames(events).ok_or_else(|| Error::Stopped(self.path.clone()))?;
        let written = self
            .file
            .write_all(&bytes)
            .and_then(|()| self.file.sync_data());
        self.has_failed = written.is_err();
        written.map_err(Error::io("write", &self.path))
    }

    /// Puts other frames in the place of all that stand here, wholly or not at all.
    pub fn replace<T: Serialize>(&mut self, events: &[T]) -> Result<(), Error> {
        let bytes = frames(events).ok_or_else(|| Error::Stopped(self.path.clone()))?;
        let bytes = [&MAGIC[..], &bytes].concat();
        pki::replace(&self.path, &bytes, 0o600)?;
        let mut options = OpenOptions::new();
        let mut file = options
            .append(true)
            .open(&self.path)
            .map_err(Error::io("open", &self.path))?;
        file.seek(SeekFrom::End(0))
            .map_err(Error::io("read", &self.path))?;
        self.file = file;
        Ok(())
    }
}

/// The payload that begins here, and where the next frame begins; none at the end, or where the last is not whole.
fn frame(bytes: &[u8], at: usize) -> Result<Option<(&[u8], usize)>, ()> {
    let Some(prefix) = bytes.get(at..at + PREFIX) else {
        return Ok(None);
    };
    let number = |from: usize| {
        let number = [
            prefix[from],
            prefix[from + 1],
            prefix[from + 2],
            prefix[from + 3],
        ];
        u32::from_be_bytes(number)
    };
    if crc32fast::hash(&prefix[..8]) != number(8) {
        let is_unwritten = bytes[at..].iter().all(|byte| *byte == 0);
        return if is_unwritten { Ok(None) } else { Err(()) };
    }
    let start = at + PREFIX;
    let end = start + number(0) as usize;
    let Some(payload) = bytes.get(start..end) else {
        return Ok(None);
    };
    let is_whole = crc32fast::hash(payload) == number(4);
    let zeros = payload.iter().rev().take_while(|byte| **byte == 0).count();
    let is_unwritten = end == bytes.len() && zeros >= UNWRITTEN;
    match (is_whole, is_unwritten) {
        (true, _) => Ok(Some((payload, end))),
        (false, true) => Ok(None),
        (false, false) => Err(()),
    }
}

fn frames<T: Serialize>(events: &[T]) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    for event in events {
        let payload = postcard::to_stdvec(event).ok()?;
        let length = u32::try_from(payload.len()).ok()?.to_be_bytes();
        let prefix = [length, crc32fast::hash(&payload).to_be_bytes()].concat();
        bytes.extend(&prefix);
        bytes.extend(crc32fast::hash(&prefix).to_be_bytes());
        bytes.extend(payload);
    }
    Some(bytes)
}

pub(super) fn sync_folder(path: &Path) -> Result<(), Error> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let synced = fs::File::open(folder).and_then(|folder| folder.sync_all());
    synced.map_err(Error::io("sync", folder))
}

/// Makes a folder that only this node reads.
pub(super) fn make_folder(folder: &Path) -> Result<(), Error> {
    use std::os::unix::fs::DirBuilderExt as _;
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true).mode(0o700);
    builder.create(folder).map_err(Error::io("make", folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(path: &Path) -> Result<Vec<u32>, Error> {
        let mut found = Vec::new();
        Journal::open(path, |number| found.push(number)).map(|_| found)
    }

    #[test]
    fn what_was_appended_is_there_again_and_a_torn_end_is_cut() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("journal");
        let mut journal = Journal::open(&path, |_: u32| {}).unwrap();
        journal.append(&[1_u32, 2]).unwrap();
        let whole = fs::metadata(&path).unwrap().len();
        journal.append(&[300_u32]).unwrap();
        drop(journal);
        let bytes = fs::read(&path).unwrap();
        for end in usize::try_from(whole).unwrap()..bytes.len() {
            fs::write(&path, &bytes[..end]).unwrap();
            assert_eq!(read(&path).unwrap(), [1, 2], "{end}");
        }
        for end in 0..MAGIC.len() {
            fs::write(&path, &bytes[..end]).unwrap();
            assert_eq!(read(&path).unwrap(), [0_u32; 0], "{end}");
        }
    }

    #[test]
    fn one_flipped_bit_is_found_and_named() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("journal");
        let mut journal = Journal::open(&path, |_: u32| {}).unwrap();
        journal.append(&[1_u32, 2, 3]).unwrap();
        let bytes = fs::read(&path).unwrap();
        for at in 0..bytes.len() {
            let mut flipped = bytes.clone();
            flipped[at] ^= 0x10;
            fs::write(&path, &flipped).unwrap();
            let read = read(&path);
            let is_named = matches!(&read, Err(Error::Damaged { file, .. }) if *file == path);
            assert!(is_named, "{at}: {read:?}");
        }
    }

    #[test]
    fn all_of_it_can_be_replaced_and_appended_to() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("journal");
        let mut journal = Journal::open(&path, |_: u32| {}).unwrap();
        journal.append(&[1_u32, 2, 3]).unwrap();
        journal.replace(&[6_u32]).unwrap();
        journal.append(&[7_u32]).unwrap();
        assert_eq!(read(&path).unwrap(), [6, 7]);
    }
}
