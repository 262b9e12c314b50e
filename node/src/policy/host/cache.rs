//! Machine code that is kept, so that a component is compiled once.
//!
//! ```text
//!  <folder>/<component>-<compiler>.code
//!    HMAC-SHA-256(32) ‖ machine code        over component(32) ‖ compiler(32) ‖ SHA-256 of the machine code(32)
//! ```
//!
//! `component` is the digest of the component, `compiler` that of everything that decides what becomes of it; a file
//! name has the first sixteen digits of the latter. Machine code runs without being checked, so what was not written
//! here is not believed: not a file that was touched, not one that was put under the name of another.
//!
//! All of it can be made again. So nothing waits for the disk, and a file with a fault is removed and no more.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ring::hmac;
use tempfile::NamedTempFile;

use super::super::digest::Digest;
use super::super::engine::{Limits, PROFILE, Tier};
use super::frame;

/// The versions of everything that this program is made of. The engine looks at its own major version only, and what
/// a compiler with a fault has left must go with the fault.
const VERSIONS: &[u8] = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.lock"));

/// Bytes of an authentication code.
const CODE_LENGTH: usize = 32;

/// Where machine code is kept between two children.
pub struct Cache(Keeping);

enum Keeping {
    Folder {
        folder: PathBuf,
        key: hmac::Key,
    },
    /// That of one component, the last: a tool has one at a time, and leaves nothing behind.
    Memory(Mutex<Last>),
}

type Last = Option<(Name, Arc<Vec<u8>>)>;

/// What machine code is kept under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Name {
    component: Digest,
    compiler: Digest,
}

/// Machine code that is not kept yet, and never is where this is dropped.
pub struct Draft<'c>(Content<'c>);

enum Content<'c> {
    /// Beside the file that it is to become.
    File { file: NamedTempFile, path: PathBuf },
    Bytes {
        name: Name,
        code: Vec<u8>,
        last: &'c Mutex<Last>,
    },
}

impl Cache {
    /// Keeps machine code in a folder, which is made when the first comes, under a secret of the node: 32 bytes that
    /// nobody else has and that nobody can learn from what is kept.
    pub fn in_folder(folder: impl Into<PathBuf>, secret: &[u8]) -> Self {
        // A key of its own for this use; the secret is uniform, so the second step of RFC 5869 is enough.
        let secret = hmac::Key::new(hmac::HMAC_SHA256, secret);
        let key = hmac::sign(&secret, b"lika machine code of policies\x01");
        Self(Keeping::Folder {
            folder: folder.into(),
            key: hmac::Key::new(hmac::HMAC_SHA256, key.as_ref()),
        })
    }

    /// Keeps the last machine code for as long as this lives.
    pub fn in_memory() -> Self {
        Self(Keeping::Memory(Mutex::default()))
    }

    /// The machine code of this name, as it was kept.
    pub fn get(&self, name: &Name) -> Option<Arc<Vec<u8>>> {
        let (folder, key) = match &self.0 {
            Keeping::Folder { folder, key } => (folder, key),
            Keeping::Memory(last) => {
                let last = lock(last);
                let (kept, code) = last.as_ref()?;
                return (kept == name).then(|| Arc::clone(code));
            }
        };
        let file = folder.join(name.file());
        match read(&file, key, name) {
            Ok(code) => Some(Arc::new(code)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => {
                tracing::warn!(file = %file.display(), %error, "machine code of a policy is not believed");
                self.remove(name);
                None
            }
        }
    }

    /// Takes machine code in. Where that does not work, the log says why, and the next child compiles again.
    pub fn draft(&self, name: Name, code: Vec<u8>) -> Option<Draft<'_>> {
        let (folder, key) = match &self.0 {
            Keeping::Folder { folder, key } => (folder, key),
            Keeping::Memory(last) => return Some(Draft(Content::Bytes { name, code, last })),
        };
        match write(folder, key, &name, &code) {
            Ok(file) => {
                let path = folder.join(name.file());
                Some(Draft(Content::File { file, path }))
            }
            Err(error) => {
                not_kept(folder, &error);
                None
            }
        }
    }

    /// Removes what is of no use.
    pub fn remove(&self, name: &Name) {
        match &self.0 {
            Keeping::Folder { folder, .. } => remove(&folder.join(name.file())),
            Keeping::Memory(last) => *lock(last) = None,
        }
    }

    /// Removes whatever is kept, or was begun to be, but for that of these components by this program's compiler.
    pub fn retain(&self, components: &[Digest], limits: &Limits) {
        let Keeping::Folder { folder, .. } = &self.0 else {
            return;
        };
        let tiers = [Tier::Compiled, Tier::Interpreted].map(|tier| limits.for_tier(tier));
        let names = components.iter().flat_map(|component| {
            let name = |limits: &Limits| Name::new(*component, limits).file();
            tiers.each_ref().map(name)
        });
        let names: BTreeSet<String> = names.collect();
        let files = match fs::read_dir(folder) {
            Ok(files) => files,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return,
            Err(error) => return not_kept(folder, &error),
        };
        for file in files.flatten() {
            let is_known = file
                .file_name()
                .to_str()
                .is_some_and(|it| names.contains(it));
            if !is_known {
                remove(&file.path());
            }
        }
    }
}

impl Name {
    /// That of a component under these limits, which are those of its tier.
    pub fn new(component: Digest, limits: &Limits) -> Self {
        let Limits {
            optimised,
            memory_bytes,
            ..
        } = limits;
        let versions = Digest::of(VERSIONS);
        let compiler = format!("{PROFILE} optimised={optimised} memory={memory_bytes} {versions}");
        Self {
            component,
            compiler: Digest::of(compiler.as_bytes()),
        }
    }

    fn file(&self) -> String {
        let compiler = self.compiler.to_string();
        format!("{}-{compiler:.16}.code", self.component)
    }

    /// What an authentication code is made of.
    fn with(&self, code: &[u8]) -> Vec<u8> {
        let digests = [self.component, self.compiler, Digest::of(code)];
        digests.map(|digest| *digest.as_bytes()).concat()
    }
}

impl Draft<'_> {
    /// Keeps it from now on.
    pub fn keep(self) {
        match self.0 {
            Content::File { file, path } => {
                if let Err(error) = file.persist(&path) {
                    not_kept(&path, &error.error);
                }
            }
            Content::Bytes { name, code, last } => *lock(last) = Some((name, Arc::new(code))),
        }
    }
}

fn read(file: &Path, key: &hmac::Key, name: &Name) -> io::Result<Vec<u8>> {
    let mut file = File::open(file)?;
    let mut authentication = [0; CODE_LENGTH];
    file.read_exact(&mut authentication)?;
    let mut code = Vec::new();
    file.take(frame::MACHINE_CODE as u64)
        .read_to_end(&mut code)?;
    hmac::verify(key, &name.with(&code), &authentication)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it does not authenticate"))?;
    Ok(code)
}

fn write(folder: &Path, key: &hmac::Key, name: &Name, code: &[u8]) -> io::Result<NamedTempFile> {
    fs::create_dir_all(folder)?;
    let mut file = NamedTempFile::new_in(folder)?;
    file.write_all(hmac::sign(key, &name.with(code)).as_ref())?;
    file.write_all(code)?;
    Ok(file)
}

fn remove(file: &Path) {
    match fs::remove_file(file) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => {
            tracing::warn!(file = %file.display(), %error, "machine code of a policy cannot be removed");
        }
    }
}

fn not_kept(path: &Path, error: &io::Error) {
    tracing::warn!(path = %path.display(), %error, "machine code of policies cannot be kept");
}

fn lock<T>(last: &Mutex<T>) -> MutexGuard<'_, T> {
    // What it holds is whole between any two uses.
    last.lock().unwrap_or_else(PoisonError::into_inner)
}
