//! The files of a store: the few operations that it needs, so that a test can cut the power between any two of them.
//!
//! The registry is not behind this: sled opens its own files, promises nothing after a power cut, and is rebuilt.

mod real;
#[cfg(test)]
pub mod simulated;

use std::{fmt, io, path::Path, sync::Arc};

pub use real::RealDisk;

/// A disk: files that grow at their end and are never changed in the middle.
pub trait Disk: fmt::Debug + Send + Sync {
    /// Makes a folder and those around it.
    fn create_folder(&self, folder: &Path) -> io::Result<()>;

    /// Makes a file that only its owner can read; it must not exist.
    fn create(&self, file: &Path) -> io::Result<Box<dyn Append>>;

    /// Opens a file to write on at its end.
    fn append(&self, file: &Path) -> io::Result<Box<dyn Append>>;

    /// Opens a file to read at any place.
    fn open(&self, file: &Path) -> io::Result<Arc<dyn Read>>;

    /// The names in a folder, sorted; none when there is no such folder.
    fn list(&self, folder: &Path) -> io::Result<Vec<String>>;

    /// Gives a file another name in the same folder, replacing what has it.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file.
    fn remove(&self, file: &Path) -> io::Result<()>;

    /// Cuts a file to a length and makes that durable.
    fn truncate(&self, file: &Path, length: u64) -> io::Result<()>;

    /// Makes the names in a folder durable.
    fn sync_folder(&self, folder: &Path) -> io::Result<()>;
}

/// A file that is written at its end.
pub trait Append: Send {
    /// Writes all of it; on an error an unknown part of it.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Makes durable what was written (`fdatasync`). After an error nobody knows what is on the disk.
    fn sync(&mut self) -> io::Result<()>;
}

/// A file that is read at any place.
pub trait Read: Send + Sync {
    /// Fills the buffer, or answers [`io::ErrorKind::UnexpectedEof`].
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()>;

    /// The length now.
    fn length(&self) -> io::Result<u64>;
}

/// Reads a whole file; none when it does not exist.
pub fn read_whole(disk: &dyn Disk, file: &Path) -> io::Result<Option<Vec<u8>>> {
    let opened = match disk.open(file) {
        Ok(opened) => opened,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let length = usize::try_from(opened.length()?).map_err(|_| io::ErrorKind::FileTooLarge)?;
    let mut bytes = vec![0; length];
    opened.read_at(&mut bytes, 0)?;
    Ok(Some(bytes))
}

/// Puts a file in place wholly or not at all: written beside it, made durable, renamed.
pub fn replace(disk: &dyn Disk, file: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = file.parent().ok_or(io::ErrorKind::InvalidInput)?;
    let beside = file.with_extension("new");
    match disk.remove(&beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut writer = disk.create(&beside)?;
    writer.append(bytes)?;
    writer.sync()?;
    drop(writer);
    disk.rename(&beside, file)?;
    disk.sync_folder(folder)
}
