//! An example: an input as a person writes it.
//!
//! ```json
//! {
//!   "about": "what it shows",
//!   "settings": { "visits-able": 2 },
//!   "scope": "township",
//!   "tables": {
//!     "household": [
//!       { "household.able-to-work": true, "pairing": [{ "pairing.visits-in-month": 1 }] }
//!     ]
//!   }
//! }
//! ```
//!
//! Facts stand by their keys, the rows of a part inside the row that owns them. A fact that is left out, or `null`, is
//! absent; `{"is": "unknown"}` and `{"is": "withheld"}` are the two others. Money is a number of fen or `"1800.00 元"`,
//! a share a number of ppm or `"33.3 %"`, a day `"2020-06-30"`, a row its number, counted from 0.

mod recorded;
mod value;

use serde::Deserialize;
use serde_json::{Map, Value as Json, json};
use thiserror::Error as DeriveError;

pub use self::recorded::Pseudonyms;
pub(in crate::policy) use self::value::Given;
use crate::policy::{Input, InputBuilder, Manifest};

/// An example that fits a manifest.
#[derive(Clone, Debug, PartialEq)]
pub struct Example {
    /// What it shows.
    pub about: String,
    /// The settings, JSON.
    pub settings: String,
    /// Which pass.
    pub scope: u32,
    /// The rows of the tables without a parent, in the order in which they count.
    pub(in crate::policy) rows: Vec<Row>,
}

/// A row with what belongs to it.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::policy) struct Row {
    pub table: usize,
    /// One for each declared fact.
    pub facts: Vec<Given>,
    pub parts: Vec<Row>,
}

/// What is wrong with an example, and where.
#[derive(Debug, DeriveError)]
pub enum Error {
    /// No JSON, or not the fields of an example; names line and column.
    #[error("not an example: {0}")]
    Json(#[from] serde_json::Error),
    /// Something at a place.
    #[error("{place}: {what}")]
    At {
        /// The place, as `tables/household/0/pairing/1`.
        place: String,
        /// What is wrong with it.
        what: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    about: String,
    #[serde(default)]
    settings: Map<String, Json>,
    scope: Option<String>,
    tables: Map<String, Json>,
}

impl Example {
    /// Parses an example for a policy.
    pub fn parse(manifest: &Manifest, text: &str) -> Result<Self, Error> {
        let File {
            about,
            settings,
            scope,
            mut tables,
        } = serde_json::from_str(text)?;
        let scope = match &scope {
            None => 0,
            Some(word) => scope_number(manifest, word)?,
        };
        let mut rows = Vec::new();
        for (table, declared) in manifest.tables.iter().enumerate() {
            if declared.parent.is_none()
                && let Some(given) = tables.remove(&declared.name)
            {
                let place = format!("tables/{}", declared.name);
                rows.extend(parse_rows(manifest, table, &given, &place)?);
            }
        }
        if let Some(name) = tables.keys().next() {
            let place = format!("tables/{name}");
            let what = match manifest.table(name) {
                Some(_) => "its rows belong to those of another table: write them inside".into(),
                None => format!(
                    "the policy declares no such table; it declares {}",
                    names(manifest.tables.iter().map(|table| &table.name))
                ),
            };
            return Err(Error::At { place, what });
        }
        Ok(Self {
            about,
            settings: Json::Object(settings).to_string(),
            scope,
            rows,
        })
    }

    /// The input that a policy gets.
    pub fn input(&self, manifest: &Manifest) -> Result<Input, Error> {
        let mut builder = InputBuilder::new(manifest, self.scope);
        add(manifest, &mut builder, &self.rows, None)?;
        Ok(builder.finish())
    }

    /// The same with these subjects in this order, and everything that belongs to no subject.
    pub fn input_of(&self, manifest: &Manifest, order: &[usize]) -> Result<Input, Error> {
        let is_subject = |row: &&Row| row.table == manifest.subjects;
        let (subjects, others): (Vec<&Row>, Vec<&Row>) = self.rows.iter().partition(is_subject);
        let rows = order.iter().map(|number| subjects[*number]).chain(others);
        let mut builder = InputBuilder::new(manifest, self.scope);
        add(manifest, &mut builder, rows, None)?;
        Ok(builder.finish())
    }

    /// Number of subjects.
    pub fn subjects(&self, manifest: &Manifest) -> usize {
        let rows = self.rows.iter();
        rows.filter(|row| row.table == manifest.subjects).count()
    }

    /// As a person would write it.
    pub fn to_json(&self, manifest: &Manifest) -> Json {
        let mut tables = Map::new();
        write(manifest, &self.rows, &mut tables);
        let mut file = Map::new();
        file.insert("about".into(), self.about.clone().into());
        let settings = serde_json::from_str(&self.settings).unwrap_or(json!({}));
        file.insert("settings".into(), settings);
        if let Some(scope) = manifest.scopes.get(self.scope as usize) {
            file.insert("scope".into(), scope.code.clone().into());
        }
        file.insert("tables".into(), tables.into());
        file.into()
    }
}

fn scope_number(manifest: &Manifest, word: &str) -> Result<u32, Error> {
    let found = manifest.scopes.iter().position(|scope| scope.code == word);
    let number = found.and_then(|index| u32::try_from(index).ok());
    number.ok_or_else(|| Error::At {
        place: "scope".into(),
        what: format!(
            "the policy declares no scope `{word}`; it declares {}",
            names(manifest.scopes.iter().map(|scope| &scope.code))
        ),
    })
}

fn parse_rows(
    manifest: &Manifest,
    table: usize,
    given: &Json,
    place: &str,
) -> Result<Vec<Row>, Error> {
    let Json::Array(rows) = given else {
        return Err(Error::At {
            place: place.into(),
            what: "a list of rows belongs here".into(),
        });
    };
    let row = |(number, row)| parse_row(manifest, table, row, &format!("{place}/{number}"));
    rows.iter().enumerate().map(row).collect()
}

fn parse_row(manifest: &Manifest, table: usize, given: &Json, place: &str) -> Result<Row, Error> {
    let at = |place: String, what: String| Error::At { place, what };
    let Json::Object(given) = given else {
        return Err(at(place.into(), "a row is an object of facts".into()));
    };
    let declared = &manifest.tables[table];
    let mut row = Row {
        table,
        facts: vec![Given::Absent; declared.facts.len()],
        parts: Vec::new(),
    };
    for (key, value) in given {
        let place = format!("{place}/{key}");
        if let Some(slot) = declared.facts.iter().position(|fact| fact.key == *key) {
            let kind = declared.facts[slot].kind;
            row.facts[slot] = Given::parse(kind, value).map_err(|what| at(place, what))?;
            continue;
        }
        let part = manifest.table(key);
        match part.filter(|part| manifest.tables[*part].parent == Some(table)) {
            Some(part) => row.parts.extend(parse_rows(manifest, part, value, &place)?),
            None => {
                let facts = declared.facts.iter().map(|fact| &fact.key);
                let what = format!(
                    "the policy reads no such fact of a {}; it reads {}",
                    declared.name,
                    names(facts)
                );
                return Err(at(place, what));
            }
        }
    }
    Ok(row)
}

fn names<'a>(names: impl Iterator<Item = &'a String>) -> String {
    names.map(String::as_str).collect::<Vec<_>>().join(", ")
}

fn add<'a>(
    manifest: &Manifest,
    builder: &mut InputBuilder<'_>,
    rows: impl IntoIterator<Item = &'a Row>,
    owner: Option<u32>,
) -> Result<(), Error> {
    for row in rows {
        let declared = &manifest.tables[row.table];
        let value = |key: &str| {
            let slot = declared.facts.iter().position(|fact| fact.key == key);
            slot.map_or(Given::Absent.value(), |slot| row.facts[slot].value())
        };
        let number = builder
            .row(row.table, owner, value)
            .map_err(|error| Error::At {
                place: format!("tables/{}", declared.name),
                what: error.to_string(),
            })?;
        add(manifest, builder, &row.parts, Some(number))?;
    }
    Ok(())
}

fn write(manifest: &Manifest, rows: &[Row], into: &mut Map<String, Json>) {
    for row in rows {
        let declared = &manifest.tables[row.table];
        let mut object = Map::new();
        for (fact, given) in declared.facts.iter().zip(&row.facts) {
            if *given != Given::Absent {
                object.insert(fact.key.clone(), given.to_json());
            }
        }
        write(manifest, &row.parts, &mut object);
        let list = into.entry(declared.name.clone()).or_insert(json!([]));
        if let Json::Array(list) = list {
            list.push(object.into());
        }
    }
}
