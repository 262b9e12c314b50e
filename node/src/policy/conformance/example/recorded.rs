//! A recorded input as an example, with nothing in it that names a record.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use lika_core::value::RecordId;

use super::{Example, Given, Row};
use crate::policy::{Input, Kind, Manifest, facts, input};

/// What stands in place of keys and texts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pseudonyms(BTreeMap<String, String>);

impl Pseudonyms {
    /// A text in which nothing is left of what was replaced.
    pub fn in_place_of(&self, text: &str) -> String {
        match self.0.get(text) {
            Some(pseudonym) => pseudonym.clone(),
            None => self.0.iter().fold(text.to_owned(), |text, (own, other)| {
                text.replace(own, other)
            }),
        }
    }
}

impl Example {
    /// The example of a recorded input; none where the input is not one of this policy.
    ///
    /// Keys of records become `subject-1`, `subject-2`, …, in the order that the keys have: only their order may matter
    /// to a policy. Texts for people become `text-1`, `text-2`, …. Everything else is a fact that the policy declares.
    pub fn recorded(manifest: &Manifest, input: &Input) -> Option<(Self, Pseudonyms)> {
        if input.tables.len() != manifest.tables.len() {
            return None;
        }
        let mut rows = Vec::new();
        for (table, declared) in manifest.tables.iter().enumerate() {
            if declared.parent.is_none() {
                rows.extend(read(manifest, input, table, 0..input.tables[table].rows)?);
            }
        }
        let pseudonyms = pseudonyms(manifest, &rows);
        let mut example = Self {
            about: String::new(),
            settings: "{}".into(),
            scope: input.scope,
            rows,
        };
        replace(&mut example.rows, &pseudonyms);
        Some((example, pseudonyms))
    }
}

/// Rows of a table with what belongs to them.
fn read(manifest: &Manifest, input: &Input, table: usize, rows: Range<u32>) -> Option<Vec<Row>> {
    rows.map(|row| read_row(manifest, input, table, row))
        .collect()
}

fn read_row(manifest: &Manifest, input: &Input, table: usize, row: u32) -> Option<Row> {
    let (declared, given) = (&manifest.tables[table], &input.tables[table]);
    let first = row as usize * declared.facts.len();
    let facts = declared.facts.iter().enumerate().map(|(slot, fact)| {
        let position = first + slot;
        (position < given.slots.len()).then_some(())?;
        value(input, given, position, fact.kind)
    });
    let facts = facts.collect::<Option<_>>()?;
    let mut parts = Vec::new();
    for (part, declared) in manifest.tables.iter().enumerate() {
        if declared.parent == Some(table) {
            let owned = owned(&input.tables[part], row);
            parts.extend(read(manifest, input, part, owned)?);
        }
    }
    Some(Row {
        table,
        facts,
        parts,
    })
}

/// The rows that belong to one of the parent table: owners ascend.
fn owned(part: &input::Table, owner: u32) -> Range<u32> {
    let until = |owner: Option<u32>| {
        let before = |parent: &u32| owner.is_none_or(|owner| *parent < owner);
        u32::try_from(part.parents.partition_point(before)).unwrap_or(u32::MAX)
    };
    until(Some(owner))..until(owner.checked_add(1))
}

fn value(input: &Input, table: &input::Table, position: usize, kind: Kind) -> Option<Given> {
    let (state, number) = table.get(position);
    let string = || {
        let index = usize::try_from(number).ok()?;
        input.strings.get(index).cloned()
    };
    Some(match (state, kind) {
        (1, _) => Given::Absent,
        (2, _) => Given::Unknown,
        (3, _) => Given::Withheld,
        (_, Kind::Flag) => Given::Flag(number != 0),
        (_, Kind::Integer) => Given::Integer(number),
        (_, Kind::Fen) => Given::Fen(number),
        (_, Kind::Ppm) => Given::Ppm(number),
        (_, Kind::Date) => Given::Date(number),
        (_, Kind::Code) => Given::Code(string()?),
        (_, Kind::Text) => Given::Text(string()?),
        (_, Kind::Row(_)) => Given::Row(u32::try_from(number).ok()?),
    })
}

fn pseudonyms(manifest: &Manifest, rows: &[Row]) -> Pseudonyms {
    let (mut keys, mut texts) = (BTreeSet::new(), BTreeSet::new());
    note(manifest, rows, &mut keys, &mut texts);
    let mut pseudonyms = numbered("subject", keys);
    pseudonyms.extend(numbered("text", texts));
    Pseudonyms(pseudonyms)
}

fn note(
    manifest: &Manifest,
    rows: &[Row],
    keys: &mut BTreeSet<String>,
    texts: &mut BTreeSet<String>,
) {
    for row in rows {
        let declared = &manifest.tables[row.table];
        for (fact, given) in declared.facts.iter().zip(&row.facts) {
            match given {
                Given::Code(code)
                    if facts::is_key(&declared.name, &fact.key)
                        || RecordId::parse(code).is_ok() =>
                {
                    keys.insert(code.clone());
                }
                Given::Text(text) => {
                    texts.insert(text.clone());
                }
                _ => {}
            }
        }
        note(manifest, &row.parts, keys, texts);
    }
}

/// Numbers as wide as the largest, so that the order stays.
fn numbered(word: &str, own: BTreeSet<String>) -> BTreeMap<String, String> {
    let width = own.len().to_string().len();
    let number = |(number, own): (usize, String)| (own, format!("{word}-{number:0width$}"));
    (1..).zip(own).map(number).collect()
}

fn replace(rows: &mut [Row], pseudonyms: &Pseudonyms) {
    for row in rows {
        for given in &mut row.facts {
            if let Given::Code(text) | Given::Text(text) = given
                && let Some(pseudonym) = pseudonyms.0.get(text)
            {
                text.clone_from(pseudonym);
            }
        }
        replace(&mut row.parts, pseudonyms);
    }
}
