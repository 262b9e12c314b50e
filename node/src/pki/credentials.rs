//! A certificate and its key, on disk and in memory.
//!
//! What is never replaced is a pair of files, `<name>.pem` and `<name>.key`. What is renewed is one file,
//! `<name>.credentials`, key and certificates in one PEM text: two files cannot be switched at once, and a key beside
//! the certificate of another is a node that does not start.

use std::{
    fmt,
    fs::{self, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use zeroize::Zeroizing;

use crate::{
    crash,
    pki::{
        Certificate, Error, Identity,
        certificate::{first, hosts},
    },
};

const OTHERS: u32 = 0o077;
/// Where the certificates begin in a file that begins with the key.
const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----";

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
    /// A certificate, or a chain that begins with it, and its key, in PEM.
    pub(super) fn new(certificate_pem: String, key_pem: String) -> Self {
        Self {
            certificate_pem,
            key_pem: Zeroizing::new(key_pem),
        }
    }

    /// Reads `<name>.credentials` in a folder or, where there is none, `<name>.pem` and `<name>.key`. Refuses a key that
    /// others may read.
    pub fn open(folder: &Path, name: &str) -> Result<Self, Error> {
        let whole = whole(folder, name);
        if whole.exists() {
            return Self::split(&read_private(&whole)?);
        }
        let (certificate, key) = files(folder, name);
        Ok(Self {
            certificate_pem: read_text(&certificate)?,
            key_pem: read_private(&key)?,
        })
    }

    /// Whether a folder has credentials of this name.
    pub fn exist(folder: &Path, name: &str) -> bool {
        whole(folder, name).exists() || files(folder, name).0.exists()
    }

    /// Writes `<name>.pem`, and `<name>.key` with mode 0600. Never overwrites: a lost key cannot be made again.
    pub fn save(&self, folder: &Path, name: &str) -> Result<(), Error> {
        let (certificate, key) = files(folder, name);
        write_key(&key, &self.key_pem)?;
        write_new(&certificate, self.certificate_pem.as_bytes(), 0o644)
            .map_err(io_error("write", &certificate))
    }

    /// Puts `<name>.credentials` in the place of what was there under this name: wholly or not at all.
    pub fn replace(&self, folder: &Path, name: &str) -> Result<(), Error> {
        let text = Zeroizing::new(format!("{}{}", *self.key_pem, self.certificate_pem));
        replace(&whole(folder, name), text.as_bytes(), 0o600)?;
        let (certificate, key) = files(folder, name);
        for old in [key, certificate] {
            match fs::remove_file(&old) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(io_error("remove", &old)(error));
                }
                _ => {}
            }
        }
        Ok(())
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
        Identity::from_certificate(&first(&self.certificate_pem)?)
    }

    /// What the certificate says.
    pub fn certificate(&self) -> Result<Certificate, Error> {
        Certificate::read_pem(&self.certificate_pem)
    }

    /// The DNS names and IP addresses at which the certificate's holder is called.
    pub fn hosts(&self) -> Result<Vec<String>, Error> {
        hosts(&first(&self.certificate_pem)?)
    }

    fn split(text: &str) -> Result<Self, Error> {
        let (key, certificates) = text.split_once(CERTIFICATE).ok_or(Error::NotPem)?;
        Ok(Self::new(
            format!("{CERTIFICATE}{certificates}"),
            key.to_owned(),
        ))
    }
}

fn whole(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}.credentials"))
}

fn files(folder: &Path, name: &str) -> (PathBuf, PathBuf) {
    (
        folder.join(format!("{name}.pem")),
        folder.join(format!("{name}.key")),
    )
}

/// Writes a private key with mode 0600. Never overwrites: a lost key cannot be made again.
pub(crate) fn write_key(file: &Path, pem: &str) -> Result<(), Error> {
    write_new(file, pem.as_bytes(), 0o600).map_err(io_error("write", file))
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

/// Puts a file in the place of another, wholly or not at all, and on the disk.
pub(crate) fn replace(file: &Path, bytes: &[u8], mode: u32) -> Result<(), Error> {
    let folder = file.parent().unwrap_or(Path::new("."));
    let beside = file.with_added_extension("new");
    match fs::remove_file(&beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(io_error("remove", &beside)(error));
        }
        _ => {}
    }
    write_new(&beside, bytes, mode).map_err(io_error("write", &beside))?;
    crash::point("beside-written");
    fs::rename(&beside, file).map_err(io_error("replace", file))?;
    fs::File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(io_error("sync", folder))
}

/// Reads a file that is no secret.
pub(crate) fn read_text(file: &Path) -> Result<String, Error> {
    fs::read_to_string(file).map_err(io_error("read", file))
}

/// Reads a file that nobody else may.
pub(crate) fn read_private(file: &Path) -> Result<Zeroizing<String>, Error> {
    let metadata = fs::metadata(file).map_err(io_error("read", file))?;
    if metadata.permissions().mode() & OTHERS != 0 {
        return Err(Error::ExposedKey(file.to_owned()));
    }
    let text = fs::read_to_string(file).map_err(io_error("read", file))?;
    Ok(Zeroizing::new(text))
}

pub(super) fn io_error(doing: &'static str, file: &Path) -> impl FnOnce(io::Error) -> Error {
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
    fn what_is_replaced_is_one_or_the_other_and_the_last_counts() {
        let temp = tempfile::tempdir().unwrap();
        let of = |what: &str| {
            let certificate = format!("{CERTIFICATE}\n{what}\n-----END CERTIFICATE-----\n");
            Credentials::new(certificate, format!("the key of {what}\n"))
        };
        let opened = || Credentials::open(temp.path(), "node").unwrap();
        of("one").save(temp.path(), "node").unwrap();
        assert_eq!(opened().key_pem(), "the key of one\n");
        // As if the power went while the next was being written.
        let half = temp.path().join("node.credentials.new");
        fs::write(&half, "the key of t").unwrap();
        assert_eq!(opened().key_pem(), "the key of one\n");
        of("two").replace(temp.path(), "node").unwrap();
        assert_eq!(opened().key_pem(), "the key of two\n");
        assert_eq!(opened().certificate_pem(), of("two").certificate_pem());
        // As if it went before the old pair was removed.
        of("one").save(temp.path(), "node").unwrap();
        assert_eq!(opened().key_pem(), "the key of two\n");
        of("three").replace(temp.path(), "node").unwrap();
        assert_eq!(opened().key_pem(), "the key of three\n");
        let names = fs::read_dir(temp.path()).unwrap();
        assert_eq!(names.count(), 1);
        let whole = temp.path().join("node.credentials");
        fs::set_permissions(&whole, fs::Permissions::from_mode(0o640)).unwrap();
        let exposed = Credentials::open(temp.path(), "node");
        assert!(matches!(exposed, Err(Error::ExposedKey(_))));
    }

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
