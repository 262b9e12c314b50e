//! What a package says of itself: TOML that people can read before they sign it.

use serde::{Deserialize, Serialize};
use thiserror::Error as DeriveError;

use super::Description;
use crate::policy::{Digest, Kind, engine::CONTRACT};

/// The layout of packages that this version writes and reads.
pub(super) const FORMAT: u32 = 1;

/// The manifest of a package. A key that is not here is an error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Manifest {
    /// The layout of the package.
    pub format: u32,
    /// Name of the policy.
    pub name: String,
    /// Version of the policy.
    pub version: String,
    /// What it can be enacted for.
    pub purpose: String,
    /// `subject` or `group`.
    pub family: String,
    /// The version of the contract (WIT) that the component was built for.
    pub contract: String,
    /// What it does.
    pub summary: Sentences,
    /// Where it comes from.
    pub provenance: Provenance,
    /// The facts that it reads, as `table/fact@version (kind)`.
    pub reads: Vec<String>,
    /// The component.
    pub component: Pinned,
    /// JSON Schema of the settings.
    pub settings_schema: Pinned,
    /// What *granted* can say.
    #[serde(default, rename = "category", skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<Labelled>,
    /// The reasons that it can give.
    #[serde(default, rename = "reason", skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Labelled>,
    /// The examples.
    #[serde(default, rename = "example", skip_serializing_if = "Vec::is_empty")]
    pub examples: Vec<Example>,
}

/// Where a policy comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Provenance {
    /// Who answers for it: an office, not a private person.
    pub author: String,
    /// The documents that it carries out: those that the component names, and more.
    pub legal_basis: Vec<LegalBasis>,
    /// The revision of its source.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source_revision: String,
    /// What it was built with.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub toolchain: String,
}

/// A document that a policy carries out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LegalBasis {
    /// Its number, such as `中办发[2014]25号`; empty for one without a number.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub number: String,
    /// Its title.
    pub title: String,
}

impl LegalBasis {
    /// The document of `number title`; a number has no space in it and ends as `中办发[2014]25号` does.
    pub fn parse(text: &str) -> Self {
        let (number, title) = match text.split_once(' ') {
            Some((number, title)) if number.ends_with('号') => (number, title),
            _ => ("", text),
        };
        Self {
            number: number.to_owned(),
            title: title.trim().to_owned(),
        }
    }
}

/// The same in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sentences {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

/// A code with its sentences.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Labelled {
    /// Stable code.
    pub code: String,
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

/// A file of the package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pinned {
    /// SHA-256, hexadecimal.
    pub sha256: String,
    /// Size in bytes.
    pub bytes: u64,
}

/// An example.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// Its name; the file is `examples/<name>.json`.
    pub name: String,
    /// SHA-256, hexadecimal.
    pub sha256: String,
    /// Size in bytes.
    pub bytes: u64,
}

impl Example {
    pub(super) fn pinned(&self) -> Pinned {
        Pinned {
            sha256: self.sha256.clone(),
            bytes: self.bytes,
        }
    }
}

/// A package that says something else of its component than the component itself.
#[derive(Clone, Debug, PartialEq, Eq, DeriveError)]
#[error(
    "`{key}` of the manifest is not what the component says of itself; pack it again with `lika policy pack`"
)]
pub struct Mismatch {
    /// The key of the manifest.
    pub key: &'static str,
}

impl Pinned {
    pub(super) fn of(bytes: &[u8]) -> Self {
        Self {
            sha256: Digest::of(bytes).to_string(),
            bytes: bytes.len() as u64,
        }
    }
}

impl Manifest {
    pub(super) fn of(
        component: &[u8],
        description: &Description,
        provenance: Provenance,
        examples: &[(String, Vec<u8>)],
    ) -> Self {
        let own = description.legal_basis.iter();
        let mut legal_basis: Vec<LegalBasis> = own.map(|text| LegalBasis::parse(text)).collect();
        for document in provenance.legal_basis {
            if !legal_basis.contains(&document) {
                legal_basis.push(document);
            }
        }
        let provenance = Provenance {
            legal_basis,
            ..provenance
        };
        let example = |(name, content): &(String, Vec<u8>)| {
            let Pinned { sha256, bytes } = Pinned::of(content);
            Example {
                name: name.clone(),
                sha256,
                bytes,
            }
        };
        Self {
            format: FORMAT,
            name: description.name.clone(),
            version: description.version.clone(),
            purpose: description.purpose.clone(),
            family: description.family.to_string(),
            contract: CONTRACT.to_owned(),
            summary: Sentences {
                zh: description.summary_zh.clone(),
                en: description.summary_en.clone(),
            },
            provenance,
            reads: reads(description),
            component: Pinned::of(component),
            settings_schema: Pinned::of(description.settings_schema.as_bytes()),
            categories: description.categories.iter().map(labelled).collect(),
            reasons: description
                .reasons
                .iter()
                .map(|reason| labelled(&reason.label))
                .collect(),
            examples: examples.iter().map(example).collect(),
        }
    }

    /// Holds everything that it says of the component against what the component says of itself.
    pub fn must_describe(&self, description: &Description) -> Result<(), Mismatch> {
        let Self {
            format: _,
            name,
            version,
            purpose,
            family,
            contract,
            summary,
            provenance,
            reads,
            component: _,
            settings_schema,
            categories,
            reasons,
            examples: _,
        } = self;
        let described = Self::of(&[], description, provenance.clone(), &[]);
        let same = [
            ("name", *name == described.name),
            ("version", *version == described.version),
            ("purpose", *purpose == described.purpose),
            ("family", *family == described.family),
            ("contract", *contract == described.contract),
            ("summary", *summary == described.summary),
            ("provenance", *provenance == described.provenance),
            ("reads", *reads == described.reads),
            (
                "settings-schema",
                *settings_schema == described.settings_schema,
            ),
            ("category", *categories == described.categories),
            ("reason", *reasons == described.reasons),
        ];
        match same.into_iter().find(|(_, same)| !same) {
            Some((key, _)) => Err(Mismatch { key }),
            None => Ok(()),
        }
    }

    pub(super) fn to_toml(&self) -> String {
        toml::to_string_pretty(self).expect("strings, numbers and lists of them are TOML")
    }
}

fn reads(description: &Description) -> Vec<String> {
    let tables = description.tables.iter();
    let facts = tables.flat_map(|table| table.facts.iter().map(move |fact| (table, fact)));
    facts
        .map(|(table, fact)| {
            let kind = match fact.kind {
                Kind::Row(of) => format!("row of {}", description.tables[of].name),
                kind => format!("{kind:?}").to_lowercase(),
            };
            format!("{}/{}@{} ({kind})", table.name, fact.key, fact.version)
        })
        .collect()
}

fn labelled(label: &crate::policy::manifest::Label) -> Labelled {
    Labelled {
        code: label.code.clone(),
        zh: label.zh.clone(),
        en: label.en.clone(),
    }
}
