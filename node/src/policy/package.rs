//! A policy as one file, `name-1.2.0.lika`: what travels on a stick from its author to a county.
//!
//! ```text
//! name-1.2.0.lika (ZIP)
//!  ├ manifest.toml            what it is, where it comes from, and the SHA-256 of every other file
//!  ├ component.wasm           the component
//!  ├ settings.schema.json     JSON Schema of its settings
//!  ├ examples/<name>.json     inputs with the answers that its author expects
//!  └ signatures/<key>.minisig detached signatures over manifest.toml, in minisign's format
//! ```
//!
//! Whoever signs the manifest signs everything but the signatures. A file that the manifest does not name, a key that
//! it may not have, and a file that is not what the manifest says are refused: nothing in a package goes unlooked at.
//!
//! What a package says of its component is held against what the component says of itself at admission
//! ([`Manifest::must_describe`]).

mod container;
mod manifest;
mod signature;

use thiserror::Error as DeriveError;

pub use manifest::{Example, LegalBasis, Manifest, Mismatch, Provenance, Sentences};
pub use signature::{InvalidKey, KeyPair, Signer, Trust, Untrusted};

use super::{Digest, manifest::Manifest as Description};

/// The largest package in bytes.
pub const LARGEST: usize = 64 << 20;

/// A policy with everything that belongs to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Package {
    manifest: Manifest,
    /// As it was signed.
    manifest_bytes: Vec<u8>,
    component: Vec<u8>,
    settings_schema: String,
    examples: Vec<(String, Vec<u8>)>,
    /// Of `manifest_bytes`, by the name of the key.
    signatures: Vec<(String, String)>,
}

/// Why a file is no package.
#[derive(Debug, DeriveError)]
pub enum Error {
    /// Not a ZIP file, or a broken one.
    #[error("it is not a policy package (a ZIP file made by `lika policy pack`)")]
    Container(#[source] zip::result::ZipError),
    /// Cannot be read or written.
    #[error("the package cannot be read")]
    Io(#[from] std::io::Error),
    /// More than a package may have.
    #[error("{file} is larger than the {limit} bytes that it may have")]
    TooLarge {
        /// Which file.
        file: String,
        /// The limit in bytes.
        limit: u64,
    },
    /// A file that must be there.
    #[error("there is no {0} in it")]
    Missing(String),
    /// A file that nobody asked for.
    #[error("{0} is not a file of a package; only what the manifest names may be in it")]
    Unexpected(String),
    /// The manifest cannot be understood.
    #[error("manifest.toml cannot be understood")]
    Manifest(#[source] Box<toml::de::Error>),
    /// A later layout.
    #[error(
        "the package has format {0}, this node reads format {format}",
        format = manifest::FORMAT
    )]
    Format(u32),
    /// A file is not the one that was signed.
    #[error("{file} is not the one that the manifest names: it has SHA-256 {found}")]
    Altered {
        /// Which file.
        file: String,
        /// What it has.
        found: Digest,
    },
    /// Text that is no text.
    #[error("{0} is not UTF-8 text")]
    NotText(String),
    /// A name that would not survive as a file.
    #[error("`{0}` is not a name for a file: use lower-case letters, digits, hyphens and points")]
    Name(String),
}

impl Package {
    /// Packs a component that described itself, with where it comes from and its examples (name and content).
    pub fn pack(
        component: Vec<u8>,
        description: &Description,
        provenance: Provenance,
        examples: Vec<(String, Vec<u8>)>,
    ) -> Result<Self, Error> {
        for (name, _) in &examples {
            container::check_name(name)?;
        }
        let manifest = Manifest::of(&component, description, provenance, &examples);
        Ok(Self {
            manifest_bytes: manifest.to_toml().into_bytes(),
            manifest,
            component,
            settings_schema: description.settings_schema.clone(),
            examples,
            signatures: Vec::new(),
        })
    }

    /// What it says of itself.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The same as it was signed.
    pub fn manifest_text(&self) -> &str {
        std::str::from_utf8(&self.manifest_bytes).expect("it was parsed from text or printed")
    }

    /// The component.
    pub fn component(&self) -> &[u8] {
        &self.component
    }

    /// Its examples, name and content.
    pub fn examples(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.examples
            .iter()
            .map(|(name, content)| (name.as_str(), content.as_slice()))
    }

    /// A package of a component that nobody has signed.
    #[cfg(test)]
    pub(crate) fn unsigned(component: Vec<u8>) -> Self {
        let engine = super::Engine::new(super::Limits::default()).expect("an engine");
        let policy = engine.admit(&component).expect("a component for a policy");
        let provenance = Provenance {
            author: "芦溪县扶贫办".to_owned(),
            ..Provenance::default()
        };
        Self::pack(component, policy.describe(), provenance, Vec::new()).expect("a package")
    }

    /// The name that its file should have.
    pub fn file_name(&self) -> String {
        format!("{}-{}.lika", self.manifest.name, self.manifest.version)
    }
}
