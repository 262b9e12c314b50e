//! A new project, with the SDK beside the policy.
//!
//! The SDK is on no package index, and a developer in a county has this binary and perhaps nothing else: so the binary
//! carries the SDK, and a project gets the one that its node was built with. The project then needs neither this binary
//! nor a source tree to be built.

use std::{fs, io, path::Path};

use include_dir::{Dir, DirEntry, include_dir};
use thiserror::Error as DeriveError;

use super::project::{FILE, Language, World};

static SDK: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../sdk");
/// The versions that the SDK was tested with; the first build drops what it does not need.
const LOCK: &str = include_str!("../../../Cargo.lock");
const WASM_TOOLCHAIN: &str = include_str!("../../../tools/wasm-toolchain");
const PYTHON_REQUIREMENTS: &str = include_str!("../../../tools/python-requirements.txt");

/// Why there is no new project.
#[derive(Debug, DeriveError)]
pub enum Error {
    /// A name that no policy can have.
    #[error(
        "`{0}` is not a name: start with a letter, go on with lower-case letters, digits and hyphens, 40 at most"
    )]
    Name(String),
    /// The folder is there already.
    #[error("{0} is there already")]
    Exists(String),
    /// It cannot be written.
    #[error("{path} cannot be written")]
    Write {
        /// The file.
        path: String,
        /// Why.
        #[source]
        cause: io::Error,
    },
}

/// Writes the project `name` into `folder`, which must not be there yet.
pub fn write(folder: &Path, name: &str, language: Language, family: World) -> Result<(), Error> {
    check_name(name)?;
    if folder.exists() {
        return Err(Error::Exists(folder.display().to_string()));
    }
    let target = Target { folder, name };
    let world = family.to_string();
    target.text(
        FILE,
        &format!("language = \"{language}\"\nfamily = \"{world}\"\n"),
    )?;
    target.copy(&format!("templates/examples/{world}"), "examples")?;
    target.text(
        ".gitignore",
        "/target\n/.venv\n/node_modules\n__pycache__\n",
    )?;
    match language {
        Language::Rust => {
            target.template("templates/rust/Cargo.toml.in", "Cargo.toml")?;
            target.template(&format!("templates/rust/{world}.rs"), "src/lib.rs")?;
            target.program("tools/build", &source("templates/rust/build"))?;
            target.program("tools/wasm-toolchain", WASM_TOOLCHAIN)?;
            target.text("Cargo.lock", LOCK)?;
            for part in ["src", "derive", "wit", "examples"] {
                target.copy(part, &format!("sdk/{part}"))?;
            }
            target.text("sdk/Cargo.toml", &source("Cargo.toml"))
        }
        Language::Python => {
            target.template(&format!("templates/python/{world}.py"), "policy.py")?;
            target.text("requirements.txt", &componentize_py())?;
            target.copy("python/lika", "lika")?;
            let export = format!("lika_{world}.py");
            target.text(&export, &source(&format!("python/{export}")))?;
            target.copy("wit", "wit")
        }
        Language::Js => {
            target.template(&format!("templates/js/{world}.js"), "policy.js")?;
            target.copy("js/lika", "lika")?;
            let export = format!("lika-{world}.js");
            for file in [
                "componentize.mjs",
                "package.json",
                "package-lock.json",
                &export,
            ] {
                target.text(file, &source(&format!("js/{file}")))?;
            }
            target.copy("wit", "wit")
        }
    }
}

struct Target<'a> {
    folder: &'a Path,
    name: &'a str,
}

impl Target<'_> {
    fn template(&self, from: &str, to: &str) -> Result<(), Error> {
        self.text(to, &source(from).replace("{{name}}", self.name))
    }

    fn copy(&self, from: &str, to: &str) -> Result<(), Error> {
        let folder = SDK.get_dir(from).expect("the SDK has this folder");
        self.copy_entries(folder, from, to)
    }

    fn copy_entries(&self, folder: &Dir<'_>, from: &str, to: &str) -> Result<(), Error> {
        for entry in folder.entries() {
            match entry {
                DirEntry::Dir(inner) if inner.path().ends_with("__pycache__") => {}
                DirEntry::Dir(inner) => self.copy_entries(inner, from, to)?,
                DirEntry::File(file) => {
                    let below = file.path().strip_prefix(from).unwrap_or(file.path());
                    let text = file.contents_utf8().unwrap_or_default();
                    self.text(&format!("{to}/{}", below.display()), text)?;
                }
            }
        }
        Ok(())
    }

    fn text(&self, to: &str, text: &str) -> Result<(), Error> {
        let path = self.folder.join(to);
        let written = path
            .parent()
            .map_or(Ok(()), fs::create_dir_all)
            .and_then(|()| fs::write(&path, text));
        written.map_err(|cause| Error::Write {
            path: path.display().to_string(),
            cause,
        })
    }

    fn program(&self, to: &str, text: &str) -> Result<(), Error> {
        self.text(to, text)?;
        let path = self.folder.join(to);
        let runnable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs::set_permissions(&path, runnable).map_err(|cause| Error::Write {
            path: path.display().to_string(),
            cause,
        })
    }
}

/// A file of the SDK.
fn source(path: &str) -> String {
    let file = SDK.get_file(path).expect("the SDK has this file");
    file.contents_utf8().unwrap_or_default().to_owned()
}

/// The line of the tests' own requirements, so that one version is pinned in one place.
fn componentize_py() -> String {
    let line = PYTHON_REQUIREMENTS
        .lines()
        .find(|line| line.starts_with("componentize-py=="));
    format!("{}\n", line.unwrap_or("componentize-py"))
}

/// A policy's name is a code of the registry and the name of a Rust package.
fn check_name(name: &str) -> Result<(), Error> {
    let known = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let starts = name.starts_with(|first: char| first.is_ascii_lowercase());
    if starts && name.len() <= 40 && name.bytes().all(known) && !name.ends_with('-') {
        Ok(())
    } else {
        Err(Error::Name(name.into()))
    }
}
