//! What a policy says about itself, parsed once at admission.

use std::{borrow::Cow, fmt};

use serde::{Deserialize, Serialize};
use thiserror::Error as DeriveError;

use super::bindings::types as wire;

/// The note that names a document.
const LEGAL_BASIS: &str = "legal-basis";
/// The note with which way an outcome goes.
const MONOTONE: &str = "monotone";

/// What a policy says about itself; every index and name in it has been checked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// Name, for example `village-team`.
    pub name: String,
    /// Version of the policy.
    pub version: String,
    /// What it can be enacted for.
    pub purpose: String,
    /// Whether it judges one by one or shares out.
    pub family: Family,
    /// What it does, in Chinese.
    pub summary_zh: String,
    /// What it does, in English.
    pub summary_en: String,
    /// Index of the table whose rows are decided.
    pub subjects: usize,
    /// The tables of an input, in order.
    pub tables: Vec<Table>,
    /// What *granted* can say.
    pub categories: Vec<Label>,
    /// The reasons it can give.
    pub reasons: Vec<Reason>,
    /// The roles it can propose.
    pub roles: Vec<Role>,
    /// The passes over groups, in order; the code is the level of the groups.
    pub scopes: Vec<Label>,
    /// Table and fact with the amount to be shared out.
    pub pool: Option<(usize, usize)>,
    /// JSON Schema of the settings.
    pub settings_schema: String,
    /// The documents that it rests on, each as its number, where it has one, a space and its title.
    pub legal_basis: Vec<String>,
}

/// The two kinds of policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Family {
    /// Judges one subject at a time.
    Subject,
    /// Shares something out inside a group.
    Group,
}

/// A code with its names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Label {
    /// Stable code.
    pub code: String,
    /// Chinese name.
    pub zh: String,
    /// English name.
    pub en: String,
}

/// One declared table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// Name of the part.
    pub name: String,
    /// Index of the table that owns its rows.
    pub parent: Option<usize>,
    /// The slots of a row.
    pub facts: Vec<Fact>,
}

/// One declared fact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// Stable name.
    pub key: String,
    /// What a slot holds.
    pub kind: Kind,
    /// Version of the meaning.
    pub version: u32,
    /// Whether the policy can do without.
    pub optional: bool,
    /// What it means to the policy.
    pub meaning: String,
    /// Which way the outcome goes where the fact rises.
    pub monotone: Option<Monotone>,
}

/// Which way a subject's outcome goes where one fact of it rises and everything else stays. *Undetermined* is compared
/// with nothing, and a category is none of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Monotone {
    /// Never from *granted* to *refused*.
    Increasing,
    /// Never from *refused* to *granted*.
    Decreasing,
}

/// What a slot or an argument holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// 0 or 1.
    Flag,
    /// A number.
    Integer,
    /// 1/100 yuan.
    Fen,
    /// Parts per million.
    Ppm,
    /// Days since 1970-01-01.
    Date,
    /// Index of a code in the strings.
    Code,
    /// Index of a text in the strings.
    Text,
    /// A row of the table with this index.
    Row(usize),
}

/// One declared reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// Stable code and the two sentences.
    pub label: Label,
    /// Name and kind of its arguments.
    pub arguments: Vec<(String, Kind)>,
}

/// One declared role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    /// What it is called.
    pub label: Label,
    /// Index of the table whose rows are given out.
    pub resource_table: usize,
    /// Slot with what a resource row can still take.
    pub capacity: Option<usize>,
}

/// A manifest that does not hold together.
#[derive(Clone, Debug, PartialEq, Eq, DeriveError, Serialize, Deserialize)]
pub enum Error {
    /// The family is not that of the world.
    #[error("the manifest says family `{0}`, but the component exports the other world")]
    Family(String),
    /// A word that this version of the node does not know.
    #[error("`{0}` is not a kind of fact: use flag, integer, fen, ppm, date, code, text or row")]
    Kind(String),
    /// A name that nothing has.
    #[error("there is no {what} `{name}`")]
    Unknown {
        /// What was looked for.
        what: Cow<'static, str>,
        /// Its name.
        name: String,
    },
    /// A name that two have.
    #[error("{what} `{name}` is declared twice")]
    Twice {
        /// What was declared.
        what: Cow<'static, str>,
        /// Its name.
        name: String,
    },
    /// A table that is a part of its own part.
    #[error("table `{0}` belongs to itself")]
    Circle(String),
    /// A name that is empty or not made of lower-case words.
    #[error("`{0}` is not a name: use lower-case letters, digits, hyphens and points")]
    Name(String),
    /// A word for which way an outcome goes that is none.
    #[error("fact `{key}` is declared monotone as `{word}`: use increasing or decreasing")]
    Way {
        /// The fact.
        key: String,
        /// The word.
        word: String,
    },
    /// A fact that does not rise, or that is not of one subject.
    #[error(
        "fact `{0}` cannot be monotone: it is not a number, a day or a flag of the subject or of its parts"
    )]
    Monotone(String),
    /// Settings that nobody can fill in.
    #[error("the settings schema is not a JSON object")]
    Schema,
}

impl Manifest {
    /// Index of a table.
    pub fn table(&self, name: &str) -> Option<usize> {
        self.tables.iter().position(|table| table.name == name)
    }

    /// Parses what a component says.
    pub(super) fn parse(family: Family, manifest: wire::Manifest) -> Result<Self, Error> {
        let wire::Manifest {
            name,
            version,
            purpose,
            family: word,
            summary,
            subjects,
            tables,
            categories,
            reasons,
            roles,
            scopes,
            pool,
            settings_schema,
            notes,
        } = manifest;
        if word != family.to_string() {
            return Err(Error::Family(word));
        }
        unique("table", tables.iter().map(|table| table.name.as_str()))?;
        unique(
            "category",
            categories.iter().map(|label| label.code.as_str()),
        )?;
        unique("reason", reasons.iter().map(|reason| reason.code.as_str()))?;
        unique("role", roles.iter().map(|role| role.label.code.as_str()))?;
        unique("scope", scopes.iter().map(|label| label.code.as_str()))?;
        for name in [&name, &purpose] {
            check_name(name)?;
        }
        if !matches!(
            serde_json::from_str(&settings_schema),
            Ok(serde_json::Value::Object(_))
        ) {
            return Err(Error::Schema);
        }
        let names: Vec<String> = tables.iter().map(|table| table.name.clone()).collect();
        let tables = tables
            .into_iter()
            .map(|table| parse_table(&names, table))
            .collect::<Result<Vec<_>, _>>()?;
        check_owners(&tables)?;
        let subject_table = position("table", &names, &subjects)?;
        check_monotone(&tables, subject_table)?;
        let roles = roles
            .into_iter()
            .map(|role| parse_role(&names, &tables, &subjects, role))
            .collect::<Result<_, _>>()?;
        let pool = pool.map(|key| find_pool(&tables, key)).transpose()?;
        let wire::Label {
            code: _,
            zh: summary_zh,
            en: summary_en,
        } = summary;
        Ok(Self {
            name,
            version,
            purpose,
            family,
            summary_zh,
            summary_en,
            subjects: subject_table,
            tables,
            categories: categories.into_iter().map(Label::from).collect(),
            reasons: reasons
                .into_iter()
                .map(parse_reason)
                .collect::<Result<_, _>>()?,
            roles,
            scopes: scopes.into_iter().map(Label::from).collect(),
            pool,
            settings_schema,
            legal_basis: notes
                .into_iter()
                .filter(|(name, _)| name == LEGAL_BASIS)
                .map(|(_, document)| document)
                .collect(),
        })
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Subject => "subject",
            Self::Group => "group",
        })
    }
}

impl fmt::Display for Monotone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Increasing => "increasing",
            Self::Decreasing => "decreasing",
        })
    }
}

impl From<wire::Label> for Label {
    fn from(wire::Label { code, zh, en }: wire::Label) -> Self {
        Self { code, zh, en }
    }
}

fn parse_table(names: &[String], table: wire::TableDeclaration) -> Result<Table, Error> {
    let wire::TableDeclaration {
        name,
        parent,
        facts,
        notes: _,
    } = table;
    check_name(&name)?;
    unique("fact", facts.iter().map(|fact| fact.key.as_str()))?;
    Ok(Table {
        name,
        parent: parent
            .map(|parent| position("table", names, &parent))
            .transpose()?,
        facts: facts
            .into_iter()
            .map(|fact| parse_fact(names, fact))
            .collect::<Result<_, _>>()?,
    })
}

fn parse_fact(names: &[String], fact: wire::FactDeclaration) -> Result<Fact, Error> {
    let wire::FactDeclaration {
        key,
        kind,
        version,
        optional,
        meaning,
        notes,
    } = fact;
    check_name(&key)?;
    let kind = match kind.as_str() {
        "row" => {
            let table = notes
                .iter()
                .find(|(name, _)| name == "table")
                .map_or("", |(_, table)| table);
            Kind::Row(position("table", names, table)?)
        }
        _ => parse_kind(kind)?,
    };
    let monotone = notes.iter().find(|(name, _)| name == MONOTONE);
    let monotone = match monotone.map(|(_, word)| word.as_str()) {
        None => None,
        Some("increasing") => Some(Monotone::Increasing),
        Some("decreasing") => Some(Monotone::Decreasing),
        Some(word) => {
            let word = word.to_owned();
            return Err(Error::Way { key, word });
        }
    };
    Ok(Fact {
        key,
        kind,
        version,
        optional,
        meaning,
        monotone,
    })
}

/// Only what is a subject's own can rise for it alone.
fn check_monotone(tables: &[Table], subjects: usize) -> Result<(), Error> {
    for (index, table) in tables.iter().enumerate() {
        let owner = |owner: &usize| tables[*owner].parent;
        let is_own = std::iter::successors(Some(index), owner).any(|it| it == subjects);
        let declared = table.facts.iter().filter(|fact| fact.monotone.is_some());
        for fact in declared {
            let rises = !matches!(fact.kind, Kind::Code | Kind::Text | Kind::Row(_));
            if !(is_own && rises) {
                return Err(Error::Monotone(fact.key.clone()));
            }
        }
    }
    Ok(())
}

fn parse_kind(kind: String) -> Result<Kind, Error> {
    Ok(match kind.as_str() {
        "flag" => Kind::Flag,
        "integer" => Kind::Integer,
        "fen" => Kind::Fen,
        "ppm" => Kind::Ppm,
        "date" => Kind::Date,
        "code" => Kind::Code,
        "text" => Kind::Text,
        _ => return Err(Error::Kind(kind)),
    })
}

fn parse_reason(reason: wire::ReasonDeclaration) -> Result<Reason, Error> {
    let wire::ReasonDeclaration {
        code,
        zh,
        en,
        arguments,
    } = reason;
    check_name(&code)?;
    let argument = |wire::ArgumentDeclaration { name, kind }| Ok((name, parse_kind(kind)?));
    let arguments = arguments
        .into_iter()
        .map(argument)
        .collect::<Result<_, _>>()?;
    Ok(Reason {
        label: Label { code, zh, en },
        arguments,
    })
}

fn parse_role(
    names: &[String],
    tables: &[Table],
    subjects: &str,
    role: wire::RoleDeclaration,
) -> Result<Role, Error> {
    let wire::RoleDeclaration {
        label,
        subject_table,
        resource_table,
        capacity,
    } = role;
    if subject_table != subjects {
        return Err(Error::Unknown {
            what: "table of subjects".into(),
            name: subject_table,
        });
    }
    let resource_table = position("table", names, &resource_table)?;
    let slot = |key: String| {
        let found = tables[resource_table]
            .facts
            .iter()
            .position(|fact| fact.key == key);
        found.ok_or(Error::Unknown {
            what: "fact".into(),
            name: key,
        })
    };
    Ok(Role {
        label: label.into(),
        resource_table,
        capacity: capacity.map(slot).transpose()?,
    })
}

fn find_pool(tables: &[Table], key: String) -> Result<(usize, usize), Error> {
    let slot = |table: &Table| {
        table
            .facts
            .iter()
            .position(|fact| fact.key == key && fact.kind == Kind::Fen)
    };
    let found = tables
        .iter()
        .enumerate()
        .find_map(|(index, table)| Some((index, slot(table)?)));
    found.ok_or(Error::Unknown {
        what: "amount".into(),
        name: key,
    })
}

fn position(what: &'static str, names: &[String], name: &str) -> Result<usize, Error> {
    let found = names.iter().position(|candidate| candidate == name);
    found.ok_or_else(|| Error::Unknown {
        what: what.into(),
        name: name.into(),
    })
}

fn unique<'a>(what: &'static str, names: impl Iterator<Item = &'a str>) -> Result<(), Error> {
    let mut seen = std::collections::BTreeSet::new();
    for name in names {
        if !seen.insert(name) {
            return Err(Error::Twice {
                what: what.into(),
                name: name.into(),
            });
        }
    }
    Ok(())
}

/// Whoever follows owners relies on coming to an end.
fn check_owners(tables: &[Table]) -> Result<(), Error> {
    for table in tables {
        let owner = |owner: &usize| tables[*owner].parent;
        if std::iter::successors(table.parent, owner)
            .nth(tables.len())
            .is_some()
        {
            return Err(Error::Circle(table.name.clone()));
        }
    }
    Ok(())
}

fn check_name(name: &str) -> Result<(), Error> {
    let known = |byte: u8| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'.'
    };
    if name.is_empty() || !name.bytes().all(known) {
        return Err(Error::Name(name.into()));
    }
    Ok(())
}
