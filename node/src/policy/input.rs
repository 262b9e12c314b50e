//! Facts on their way to a policy.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::{Deserialize, Serialize};
use thiserror::Error as DeriveError;

use super::bindings::types as wire;
use super::codec::{self, encode_fields};
use super::manifest::{Kind, Manifest};

const FORMAT: [u8; 4] = *b"LKI1";

/// Everything that one call judges; build it with [`InputBuilder`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Input {
    /// Which pass: an index into the manifest's scopes.
    pub scope: u32,
    /// One for each declared table.
    pub tables: Vec<Table>,
    /// Texts and codes, each once.
    pub strings: Vec<String>,
}

/// The rows of one part.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// Number of rows.
    pub rows: u32,
    /// The slots, row after row.
    pub slots: Vec<i64>,
    /// Two bits a slot, as `wit/policy.wit` says; empty where every slot is present.
    pub states: Vec<u64>,
    /// For each row the row that owns it.
    pub parents: Vec<u32>,
}

/// A fact of one row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// Yes or no.
    Flag(bool),
    /// A number.
    Integer(i64),
    /// Money in fen.
    Fen(i64),
    /// Parts per million.
    Ppm(i64),
    /// Days since 1970-01-01.
    Date(i64),
    /// A stable code.
    Code(&'a str),
    /// Text for people.
    Text(&'a str),
    /// A row of the table that the fact names.
    Row(u32),
    /// Known to be without.
    Absent,
    /// Nobody has recorded it.
    Unknown,
    /// Known, but not to be given.
    Withheld,
}

/// Facts that do not fit the manifest.
#[derive(Clone, Debug, PartialEq, Eq, DeriveError)]
pub enum Error {
    /// A value of another kind than declared.
    #[error("fact `{key}` is declared as {kind:?}, but got {value}")]
    Kind {
        /// The fact.
        key: String,
        /// As declared.
        kind: Kind,
        /// What was given.
        value: String,
    },
    /// A part's row without an owner, or an owner for a row that has none.
    #[error("table `{0}`: give the owner's row exactly where the table has a parent")]
    Parent(String),
    /// Owners must ascend, so that the rows of one owner stand together.
    #[error("table `{0}`: add rows in the order of their owners")]
    Order(String),
    /// More rows than can be counted.
    #[error("table `{0}` has too many rows")]
    TooMany(String),
}

/// Builds an input that fits a manifest.
#[derive(Debug)]
pub struct InputBuilder<'m> {
    manifest: &'m Manifest,
    input: Input,
    interned: BTreeMap<String, i64>,
}

impl<'m> InputBuilder<'m> {
    /// An input without rows.
    pub fn new(manifest: &'m Manifest, scope: u32) -> Self {
        let tables = manifest.tables.iter().map(|_| Table::default()).collect();
        Self {
            manifest,
            input: Input {
                scope,
                tables,
                strings: Vec::new(),
            },
            interned: BTreeMap::new(),
        }
    }

    /// Adds a row: `value` is asked once for each declared fact of the table, by its key.
    /// The number of the row is the answer. Facts that `value` does not know it answers with
    /// [`Value::Unknown`].
    pub fn row<'v>(
        &mut self,
        table: usize,
        parent: Option<u32>,
        mut value: impl FnMut(&str) -> Value<'v>,
    ) -> Result<u32, Error> {
        let manifest = self.manifest;
        let declared = &manifest.tables[table];
        let name = || declared.name.clone();
        let rows = &self.input.tables[table];
        let row = rows.rows;
        if declared.parent.is_some() != parent.is_some() {
            return Err(Error::Parent(name()));
        }
        if rows.parents.last().copied() > parent {
            return Err(Error::Order(name()));
        }
        for (slot, fact) in declared.facts.iter().enumerate() {
            let given = value(&fact.key);
            let (state, number) = self.slot(given, fact.kind).ok_or_else(|| Error::Kind {
                key: fact.key.clone(),
                kind: fact.kind,
                value: format!("{given:?}"),
            })?;
            let position = row as usize * declared.facts.len() + slot;
            self.input.tables[table].push(position, state, number);
        }
        let rows = &mut self.input.tables[table];
        rows.parents.extend(parent);
        rows.rows = row.checked_add(1).ok_or_else(|| Error::TooMany(name()))?;
        Ok(row)
    }

    /// The input.
    pub fn finish(mut self) -> Input {
        for table in &mut self.input.tables {
            table.trim();
        }
        self.input
    }

    fn slot(&mut self, value: Value<'_>, kind: Kind) -> Option<(u64, i64)> {
        let number = match (value, kind) {
            (Value::Absent, _) => return Some((1, 0)),
            (Value::Unknown, _) => return Some((2, 0)),
            (Value::Withheld, _) => return Some((3, 0)),
            (Value::Flag(flag), Kind::Flag) => i64::from(flag),
            (Value::Integer(number), Kind::Integer)
            | (Value::Fen(number), Kind::Fen)
            | (Value::Ppm(number), Kind::Ppm)
            | (Value::Date(number), Kind::Date) => number,
            (Value::Code(text), Kind::Code) | (Value::Text(text), Kind::Text) => self.intern(text),
            (Value::Row(row), Kind::Row(_)) => i64::from(row),
            _ => return None,
        };
        Some((0, number))
    }

    fn intern(&mut self, text: &str) -> i64 {
        if let Some(index) = self.interned.get(text) {
            return *index;
        }
        let index = i64::try_from(self.input.strings.len())
            .expect("no list in memory is longer than an i64 counts");
        self.input.strings.push(text.to_owned());
        self.interned.insert(text.to_owned(), index);
        index
    }
}

impl Input {
    /// The canonical bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        codec::to_bytes(FORMAT, self)
    }

    /// The input of these bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, codec::Error> {
        codec::from_bytes(FORMAT, bytes)
    }

    /// Number of slots, by which the limits of a call grow.
    pub fn slots(&self) -> usize {
        self.tables.iter().map(|table| table.slots.len()).sum()
    }

    /// The input of some of its subjects: their rows and what they own, and of every table that
    /// belongs to no subject all rows. None where a fact refers to a row that would be missing.
    pub fn of_subjects(&self, manifest: &Manifest, subjects: Range<u32>) -> Option<Self> {
        let kept: Vec<Range<u32>> = (0..self.tables.len())
            .map(|table| self.kept(manifest, table, &subjects))
            .collect();
        let table = |index: usize| self.tables[index].part(manifest, index, &kept);
        Some(Self {
            scope: self.scope,
            tables: (0..self.tables.len()).map(table).collect::<Option<_>>()?,
            strings: self.strings.clone(),
        })
    }

    /// The rows of a table that belong to some subjects; owners ascend, so they stand together.
    fn kept(&self, manifest: &Manifest, table: usize, subjects: &Range<u32>) -> Range<u32> {
        let rows = &self.tables[table];
        if table == manifest.subjects {
            return subjects.clone();
        }
        let Some(parent) = manifest.tables[table].parent else {
            return 0..rows.rows;
        };
        let owners = self.kept(manifest, parent, subjects);
        let before = |owner: u32| {
            let count = rows.parents.partition_point(|parent| *parent < owner);
            u32::try_from(count).unwrap_or(u32::MAX)
        };
        before(owners.start)..before(owners.end)
    }

    pub(super) fn to_wire(&self) -> wire::Input {
        let Self {
            scope,
            tables,
            strings,
        } = self;
        let table = |Table {
                         rows,
                         slots,
                         states,
                         parents,
                     }: &Table| wire::Table {
            rows: *rows,
            slots: slots.clone(),
            states: states.clone(),
            parents: parents.clone(),
        };
        wire::Input {
            scope: *scope,
            tables: tables.iter().map(table).collect(),
            strings: strings.clone(),
        }
    }
}

impl Table {
    /// The state and number of a slot.
    pub fn get(&self, position: usize) -> (u64, i64) {
        let state = self
            .states
            .get(position / 32)
            .map_or(0, |word| word >> (position % 32 * 2) & 3);
        (state, self.slots[position])
    }

    /// Some of its rows, where of every table these are kept.
    fn part(&self, manifest: &Manifest, index: usize, kept: &[Range<u32>]) -> Option<Self> {
        let declared = &manifest.tables[index];
        let (rows, width) = (&kept[index], declared.facts.len());
        let mut part = Self {
            rows: rows.end - rows.start,
            ..Self::default()
        };
        let first = rows.start as usize * width;
        for position in first..rows.end as usize * width {
            let (state, mut number) = self.get(position);
            if let (0, Kind::Row(target)) = (state, declared.facts[position % width].kind) {
                let row = u32::try_from(number).ok()?;
                let target = &kept[target];
                if !target.contains(&row) {
                    return None;
                }
                number = i64::from(row - target.start);
            }
            part.push(position - first, state, number);
        }
        part.trim();
        if let Some(parent) = declared.parent {
            let owners = self.parents.get(rows.start as usize..rows.end as usize)?;
            let first = kept[parent].start;
            part.parents = owners.iter().map(|owner| owner - first).collect();
        }
        Some(part)
    }

    fn push(&mut self, position: usize, state: u64, number: i64) {
        if position.is_multiple_of(32) {
            self.states.push(0);
        }
        self.slots.push(number);
        self.states[position / 32] |= state << (position % 32 * 2);
    }

    fn trim(&mut self) {
        if self.states.iter().all(|word| *word == 0) {
            self.states.clear();
        }
    }
}

encode_fields!(Input {
    scope,
    tables,
    strings
});
encode_fields!(Table {
    rows,
    slots,
    states,
    parents
});
