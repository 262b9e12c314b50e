//! A policy's project: a folder with `policy.toml`.

use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
};

use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use thiserror::Error as DeriveError;

/// The file that makes a folder a project.
pub const FILE: &str = "policy.toml";

/// A project.
#[derive(Clone, Debug)]
pub struct Project {
    /// Its folder.
    pub folder: PathBuf,
    /// What the policy is written in.
    pub language: Language,
    /// Whether it judges one by one or shares out.
    pub family: World,
}

/// Languages that a policy can be written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Compiled: small and quick.
    Rust,
    /// Interpreted, by componentize-py.
    Python,
    /// Interpreted, by componentize-js.
    Js,
}

/// The two worlds of the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum World {
    /// Judges one subject at a time.
    Subject,
    /// Shares something out inside a group.
    Group,
}

/// A folder that is no project.
#[derive(Debug, DeriveError)]
pub enum Error {
    /// Nothing there, or not to be read.
    #[error("{} cannot be read: run this in the folder of a policy, or make one with `lika policy new`", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// Not what it should be.
    #[error("{} is faulty", path.display())]
    Faulty {
        /// The file.
        path: PathBuf,
        /// Where and why.
        #[source]
        cause: Box<toml::de::Error>,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    language: Language,
    family: World,
}

impl Project {
    /// The project in a folder.
    pub fn open(folder: &Path) -> Result<Self, Error> {
        let path = folder.join(FILE);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(cause) => return Err(Error::Unreadable { path, cause }),
        };
        let file = toml::from_str(&text).map_err(|cause| Error::Faulty {
            path,
            cause: Box::new(cause),
        })?;
        let File { language, family } = file;
        Ok(Self {
            folder: folder.into(),
            language,
            family,
        })
    }

    /// Where the component is built.
    pub fn component(&self) -> PathBuf {
        self.folder.join("target/policy.wasm")
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Rust => "rust",
            Self::Python => "python",
            Self::Js => "js",
        })
    }
}

impl fmt::Display for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Subject => "subject",
            Self::Group => "group",
        })
    }
}
