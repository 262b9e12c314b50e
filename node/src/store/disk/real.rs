//! The disk of the machine.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{FileExt as _, OpenOptionsExt as _},
    path::Path,
    sync::Arc,
};

use crate::store::disk::{Append, Disk, Read};

/// Read and written by the node alone: the folder holds sealed data and wrapped keys.
const OWNER_ONLY: u32 = 0o600;

/// The disk of the machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct RealDisk;

struct RealFile(File);

impl Disk for RealDisk {
    fn create_folder(&self, folder: &Path) -> io::Result<()> {
        fs::create_dir_all(folder)
    }

    fn create(&self, file: &Path) -> io::Result<Box<dyn Append>> {
        let file = OpenOptions::new()
            .append(true)
            .create_new(true)
            .mode(OWNER_ONLY)
            .open(file)?;
        Ok(Box::new(RealFile(file)))
    }

    fn append(&self, file: &Path) -> io::Result<Box<dyn Append>> {
        Ok(Box::new(RealFile(
            OpenOptions::new().append(true).open(file)?,
        )))
    }

    fn open(&self, file: &Path) -> io::Result<Arc<dyn Read>> {
        Ok(Arc::new(RealFile(File::open(file)?)))
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<String>> {
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut names = Vec::new();
        for entry in entries {
            names.extend(entry?.file_name().into_string().ok());
        }
        names.sort_unstable();
        Ok(names)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove(&self, file: &Path) -> io::Result<()> {
        fs::remove_file(file)
    }

    fn truncate(&self, file: &Path, length: u64) -> io::Result<()> {
        let file = OpenOptions::new().write(true).open(file)?;
        file.set_len(length)?;
        file.sync_all()
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        File::open(folder)?.sync_all()
    }
}

impl Append for RealFile {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.0.sync_data()
    }
}

impl Read for RealFile {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        self.0.read_exact_at(buffer, offset)
    }

    fn length(&self) -> io::Result<u64> {
        Ok(self.0.metadata()?.len())
    }
}
