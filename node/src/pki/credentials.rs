//! A certificate and its key, on disk and in memory.

use std::{
    fmt,
    fs::{self, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use rustls::pki_types::{CertificateDer, pem::PemObject as _};
use zeroize::Zeroizing;

use crate::pki::{Error, Identity};

const OTHERS: u32 = 0o077;

/// A certificate and the private key that belongs to it.
#[derive(Clone)]
pub struct Credentials {
    certificate_pem: String,
    key_pem: Zeroizing<String>,
}

/// Never prints the key.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("certificate_pem", &self.certificate_pem)
            .finish_non_exhaustive()
    }
}

impl Credentials {
    pub(super) fn new(certificate_pem: String, key_pem: String) -> Self {
        Self {
            certificate_pem,
            key_pem: Zeroizing::new(key_pem),
        }
    }

    /// Reads `<name>.pem` and `<name>.key` in a folder. Refuses a key that others may read.
    pub fn open(folder: &Path, name: &str) -> Result<Self, Error> {
        let (certificate, key) = files(folder, name);
        let certificate_pem =
            fs::read_to_string(&certificate).map_err(io_error("read", &certificate))?;
        let mode = fs::metadata(&key)
            .map_err(io_error("read", &key))?
            .permissions()
            .mode();
        if mode & OTHERS != 0 {
            return Err(Error::ExposedKey(key));
        }
        let key_pem = Zeroizing::new(fs::read_to_string(&key).map_err(io_error("read", &key))?);
        Ok(Self {
            certificate_pem,
            key_pem,
        })
    }

    /// Writes `<name>.pem`, and `<name>.key` with mode 0600. Never overwrites: a lost key cannot be made again.
    pub fn save(&self, folder: &Path, name: &str) -> Result<(), Error> {
        let (certificate, key) = files(folder, name);
        write_new(&key, self.key_pem.as_bytes(), 0o600).map_err(io_error("write", &key))?;
        write_new(&certificate, self.certificate_pem.as_bytes(), 0o644)
            .map_err(io_error("write", &certificate))
    }

    /// The certificate, in PEM.
    pub fn certificate_pem(&self) -> &str {
        &self.certificate_pem
    }

    /// The private key, in PEM (PKCS #8). A secret.
    pub fn key_pem(&self) -> &str {
        &self.key_pem
    }

    /// Whom the certificate names.
    pub fn identity(&self) -> Result<Identity, Error> {
        let der = CertificateDer::from_pem_slice(self.certificate_pem.as_bytes())
            .map_err(|_| Error::NotPem)?;
        Identity::from_certificate(&der)
    }
}

fn files(folder: &Path, name: &str) -> (PathBuf, PathBuf) {
    (
        folder.join(format!("{name}.pem")),
        folder.join(format!("{name}.key")),
    )
}

/// Writes a file that is not there yet, for whom the mode says, and to the disk: all of it or none.
pub(crate) fn write_new(file: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    let mut opened = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(file)?;
    let written = opened.write_all(bytes).and_then(|()| opened.sync_all());
    written.inspect_err(|_| {
        // Half a file would stand in the way of the next attempt. What cannot be removed is named by that one.
        drop(fs::remove_file(file));
    })
}

fn io_error(doing: &'static str, file: &Path) -> impl FnOnce(io::Error) -> Error {
    let file = file.to_owned();
    move |source| Error::Io {
        doing,
        file,
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_there_stays_as_it_is() {
        let temp = tempfile::tempdir().unwrap();
        let file = temp.path().join("node.key");
        write_new(&file, b"one", 0o600).unwrap();
        let again = write_new(&file, b"another", 0o600).unwrap_err();
        assert_eq!(again.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&file).unwrap(), b"one");
        let mode = fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
