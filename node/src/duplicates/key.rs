//! The key of a key-holder, in versions.
//!
//! ```text
//!  lika duplicates key 1
//!  1 <64 hexadecimal digits>          mode 0600; a version is never used twice
//!  2 <64 hexadecimal digits>          new tokens are made under the last one
//! ```
//!
//! Whoever has the file and a table of tokens can find out whose they are: it never leaves the key-holder, and is backed up
//! apart from everything else.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    io,
    path::{Path, PathBuf},
};

use lika_core::value::hex;
use zeroize::Zeroizing;

use super::{
    Error,
    token::{PublicKey, SecretKey},
};
use crate::pki;

const FIRST_LINE: &str = "lika duplicates key 1";
const FILE: &str = "duplicates.key";

/// The versions of the key.
#[derive(Debug)]
pub struct Keys {
    versions: BTreeMap<u32, SecretKey>,
}

/// Where the key is kept: with the other keys of the node, apart from the data.
pub fn file(certificates: &Path) -> PathBuf {
    certificates.join(FILE)
}

impl Keys {
    /// Reads a file; none when there is none. Refuses one that others may read.
    pub fn open(file: &Path) -> Result<Option<Self>, Error> {
        let text = match pki::read_private(file) {
            Ok(text) => text,
            Err(pki::Error::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                return Ok(None);
            }
            Err(error) => return Err(error.into()),
        };
        Self::parse(&text)
            .map(Some)
            .ok_or_else(|| Error::NotAKey(file.to_owned()))
    }

    /// Makes the first version.
    pub fn create(file: &Path) -> Result<Self, Error> {
        let mut keys = Self {
            versions: BTreeMap::new(),
        };
        keys.versions.insert(1, SecretKey::generate()?);
        keys.save(file)?;
        Ok(keys)
    }

    /// Adds a version, under which new tokens are made from now on. Those before it stay usable.
    pub fn rotate(&mut self, file: &Path) -> Result<u32, Error> {
        let next = self.latest().0.checked_add(1).ok_or(Error::Suite)?;
        self.versions.insert(next, SecretKey::generate()?);
        self.save(file)?;
        Ok(next)
    }

    /// Forgets a version for good. The last one stays; whether there was another.
    pub fn retire(&mut self, version: u32, file: &Path) -> Result<bool, Error> {
        let is_there = version != self.latest().0 && self.versions.remove(&version).is_some();
        if is_there {
            self.save(file)?;
        }
        Ok(is_there)
    }

    /// A version.
    pub fn version(&self, version: u32) -> Option<&SecretKey> {
        self.versions.get(&version)
    }

    /// The public keys, the oldest version first.
    pub fn public(&self) -> BTreeMap<u32, PublicKey> {
        let keys = self.versions.iter();
        keys.map(|(version, key)| (*version, key.public()))
            .collect()
    }

    fn latest(&self) -> (u32, &SecretKey) {
        let latest = self.versions.last_key_value();
        let (version, key) =
            latest.expect("there is always a version: `parse` and `retire` see to it");
        (*version, key)
    }

    fn save(&self, file: &Path) -> Result<(), Error> {
        let mut text = Zeroizing::new(format!("{FIRST_LINE}\n"));
        for (version, key) in &self.versions {
            let digits = Zeroizing::new(hex(&*key.bytes()));
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{version} {}", *digits);
        }
        Ok(pki::replace(file, text.as_bytes(), 0o600)?)
    }

    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        (lines.next() == Some(FIRST_LINE)).then_some(())?;
        let mut versions = BTreeMap::new();
        for line in lines {
            let (version, digits) = line.split_once(' ')?;
            let version = version.parse().ok().filter(|version| *version > 0)?;
            let key = SecretKey::from_bytes(&Zeroizing::new(unhex(digits)?))?;
            versions.insert(version, key).is_none().then_some(())?;
        }
        (!versions.is_empty()).then_some(Self { versions })
    }
}

/// The bytes of hexadecimal digits.
pub fn unhex(digits: &str) -> Option<Vec<u8>> {
    let digits = digits.as_bytes();
    digits.len().is_multiple_of(2).then_some(())?;
    let nibble = |digit: u8| {
        char::from(digit)
            .to_digit(16)
            .and_then(|it| u8::try_from(it).ok())
    };
    let pairs = digits.chunks(2);
    pairs
        .map(|pair| Some((nibble(pair[0])? << 4) | nibble(pair[1])?))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt as _};

    use super::*;

    #[test]
    fn a_rotation_keeps_what_was_and_a_retirement_never_takes_the_last() {
        let temp = tempfile::tempdir().unwrap();
        let file = file(temp.path());
        assert!(Keys::open(&file).unwrap().is_none());
        let first = Keys::create(&file).unwrap().public();
        let mut keys = Keys::open(&file).unwrap().unwrap();
        assert_eq!(keys.public(), first);
        assert_eq!(keys.rotate(&file).unwrap(), 2);
        let mut keys = Keys::open(&file).unwrap().unwrap();
        assert_eq!(keys.public().get(&1), first.get(&1));
        assert_ne!(keys.public().get(&2), first.get(&1));
        assert!(!keys.retire(2, &file).unwrap());
        assert!(keys.retire(1, &file).unwrap());
        assert!(!keys.retire(1, &file).unwrap());
        // The number of a version that is gone never comes back.
        let mut keys = Keys::open(&file).unwrap().unwrap();
        assert_eq!(keys.rotate(&file).unwrap(), 3);
        let mode = fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        let exposed = Keys::open(&file);
        assert!(matches!(
            exposed,
            Err(Error::Key(pki::Error::ExposedKey(_)))
        ));
    }

    #[test]
    fn rubbish_is_no_key() {
        let key = "11".repeat(32);
        let good = format!("{FIRST_LINE}\n1 {key}\n");
        assert!(Keys::parse(&good).is_some());
        let rows = [
            String::new(),
            format!("{FIRST_LINE}\n"),
            format!("{good}1 {key}\n"),
            good.replace("1 1", "0 1"),
            good.replace("11\n", "\n"),
            good.replace("11\n", "1g\n"),
            format!("{FIRST_LINE}\n1 {}\n", "00".repeat(32)),
            format!("{FIRST_LINE}\n1 {}\n", "ff".repeat(32)),
        ];
        for row in rows {
            assert!(Keys::parse(&row).is_none(), "{row}");
        }
    }
}
