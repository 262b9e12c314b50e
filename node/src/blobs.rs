//! Files that are named by what is in them: `<folder>/<sha256>.<extension>`.
//!
//! The log holds the digest of a component or a package, the file holds its bytes. A file is there wholly or not at all, is never
//! changed, and is checked against its name whenever it is read.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use lika_core::value::Digest;
use thiserror::Error as ThisError;

/// Files of one kind.
#[derive(Clone, Debug)]
pub struct Blobs {
    folder: PathBuf,
    extension: &'static str,
}

/// Why a file cannot be kept or given.
#[derive(Debug, ThisError)]
pub enum Error {
    /// There is no such file.
    #[error("{0} is missing; admit the package again")]
    Missing(PathBuf),
    /// Its bytes are not the ones that its name promises.
    #[error("{0} is damaged; remove it and admit the package again")]
    Damaged(PathBuf),
    /// The disk would not.
    #[error("{path} cannot be used")]
    Io {
        /// Which file or folder.
        path: PathBuf,
        /// What the system says.
        #[source]
        cause: io::Error,
    },
}

impl Blobs {
    /// The files of this folder, which is made when the first one comes.
    pub fn at(folder: impl Into<PathBuf>, extension: &'static str) -> Self {
        Self {
            folder: folder.into(),
            extension,
        }
    }

    /// Keeps these bytes: when this answers, they survive a power cut. Bytes that are here already are not written
    /// again.
    pub fn put(&self, bytes: &[u8]) -> Result<Digest, Error> {
        let digest = Digest::of(bytes);
        match self.get(&digest) {
            Ok(_) => return Ok(digest),
            Err(Error::Missing(_) | Error::Damaged(_)) => {}
            Err(error) => return Err(error),
        }
        let failed = |path: &Path, cause| Error::Io {
            path: path.to_owned(),
            cause,
        };
        fs::create_dir_all(&self.folder).map_err(|cause| failed(&self.folder, cause))?;
        let path = self.path(&digest);
        write_whole(&path, bytes).map_err(|cause| failed(&path, cause))?;
        Ok(digest)
    }

    /// The bytes with this digest.
    pub fn get(&self, digest: &Digest) -> Result<Vec<u8>, Error> {
        let path = self.path(digest);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(Error::Missing(path));
            }
            Err(cause) => return Err(Error::Io { path, cause }),
        };
        if Digest::of(&bytes) == *digest {
            Ok(bytes)
        } else {
            Err(Error::Damaged(path))
        }
    }

    /// Whether there is a file of this name. Where that cannot be told, reading it says why.
    pub fn has(&self, digest: &Digest) -> bool {
        self.path(digest).try_exists().unwrap_or(true)
    }

    /// What is here, by name; not whether it is what its name says.
    pub fn names(&self) -> Result<Vec<Digest>, Error> {
        let failed = |cause| Error::Io {
            path: self.folder.clone(),
            cause,
        };
        let files = match fs::read_dir(&self.folder) {
            Ok(files) => files,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(failed(error)),
        };
        let mut names = Vec::new();
        for file in files {
            let path = file.map_err(failed)?.path();
            let is_blob = path.extension().is_some_and(|it| it == self.extension);
            let name = path.file_stem().and_then(|name| name.to_str());
            let digest = name.and_then(|name| Digest::parse(name).ok());
            names.extend(digest.filter(|_| is_blob));
        }
        Ok(names)
    }

    fn path(&self, digest: &Digest) -> PathBuf {
        self.folder.join(format!("{digest}.{}", self.extension))
    }
}

/// Writes a file wholly or not at all; when this answers, it survives a power cut.
pub fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    let mut beside = tempfile::NamedTempFile::new_in(folder)?;
    beside.write_all(bytes)?;
    beside.as_file().sync_all()?;
    beside.persist(path)?;
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_is_given_and_damage_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::at(folder.path().join("components"), "wasm");
        let digest = blobs.put(b"component").unwrap();
        assert_eq!(blobs.put(b"component").unwrap(), digest);
        assert_eq!(blobs.get(&digest).unwrap(), b"component");
        fs::write(blobs.path(&digest), b"componen").unwrap();
        assert!(matches!(blobs.get(&digest), Err(Error::Damaged(_))));
        blobs.put(b"component").unwrap();
        assert_eq!(blobs.get(&digest).unwrap(), b"component");
        assert!(matches!(
            blobs.get(&Digest::of(b"other")),
            Err(Error::Missing(_))
        ));
        fs::write(folder.path().join("components/other"), b"").unwrap();
        assert_eq!(blobs.names().unwrap(), [digest]);
        assert!(blobs.has(&digest) && !blobs.has(&Digest::of(b"other")));
        let none = Blobs::at(folder.path().join("packages"), "lika");
        assert_eq!(none.names().unwrap(), []);
    }
}
