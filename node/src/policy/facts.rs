//! What this node can tell a policy: the tables and facts that it knows, and how records become rows of them.
//!
//! ```text
//! records of an area ──▶ tables ──▶ input of the declared facts
//!   `records`            `village`, `household`     [`input`]
//! ```
//!
//! Everything here comes from the open parts of records: no name, no identity number, nothing sensitive can reach a
//! policy. A policy that asks for a table or a fact that is not in the catalogue is not admitted ([`check`]).

pub mod records;

mod household;
mod village;

use std::collections::BTreeMap;

use lika_core::{
    log::Kind as RecordKind,
    record::EvaluationTable,
    value::{AreaCode, AreaLevel, Code, Date, RecordId},
};
use thiserror::Error as ThisError;

use self::records::Records;
use super::{
    Family, Input, InputBuilder, Kind, Manifest, Value, input,
    manifest::{self, Table as Declared},
};

/// The version of the meaning of every fact in the catalogue.
const VERSION: u32 = 1;

/// The rows of every table, by the table's name.
pub type Tables = BTreeMap<&'static str, Vec<Row>>;

/// A row and the record that it stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The record; of a row that is no record of its own, the one that it is part of.
    pub record: RecordId,
    /// The row that owns it.
    pub parent: Option<u32>,
    facts: Vec<(&'static str, Fact)>,
}

/// What one group is about.
#[derive(Clone, Copy, Debug)]
pub struct Group<'a> {
    /// The area of the group.
    pub area: AreaCode,
    /// The day that the question is about.
    pub on: Date,
    /// What earlier passes propose: rows that exist for this one.
    pub proposed: &'a [Proposed],
}

/// A resource that an earlier pass proposes for a subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposed {
    /// For whom.
    pub subject: RecordId,
    /// As what, by the policy's word.
    pub role: String,
    /// Who or what.
    pub resource: RecordId,
}

/// A fact or a word of a manifest that this node does not know; the policy is refused.
#[derive(Clone, Debug, PartialEq, Eq, ThisError)]
pub enum Unknown {
    /// A table.
    #[error(
        "this node does not know table {0}: use group, village, leader, reserve-cadre, unit, team-member, household, helper or pairing"
    )]
    Table(String),
    /// A fact.
    #[error("this node does not know fact {fact} of table {table}")]
    Fact {
        /// The table.
        table: String,
        /// The fact's key.
        fact: String,
    },
    /// A fact of another kind.
    #[error("fact {fact} holds a {known} on this node, the policy declares {declared}")]
    Kind {
        /// The fact's key.
        fact: String,
        /// What it holds here.
        known: &'static str,
        /// What the policy says.
        declared: String,
    },
    /// A fact in another meaning.
    #[error(
        "this node knows version {VERSION} of fact {fact}, the policy asks for version {declared}"
    )]
    Version {
        /// The fact's key.
        fact: String,
        /// What the policy says.
        declared: u32,
    },
    /// A table that belongs to another one here.
    #[error("table {table} must be declared {}", parent.map_or("without a parent".to_owned(), |parent| format!("with parent {parent}")))]
    Parent {
        /// The table.
        table: String,
        /// Whose rows own its rows here.
        parent: Option<&'static str>,
    },
    /// A level that no area has.
    #[error("this node cannot group by {0}: use county, township or village")]
    Scope(String),
    /// A group policy without a pass.
    #[error("a group policy must declare at least one scope")]
    NoScope,
    /// A table that the judgement of one subject cannot have.
    #[error(
        "table {0} is not part of one subject: a subject policy reads the subject, what belongs to it, and group"
    )]
    NotOfSubject(String),
    /// Rows that are no records of their own cannot be decided.
    #[error("the rows of table {0} cannot be decided: use village or household as subjects")]
    Subjects(String),
    /// A word that cannot stand in a record.
    #[error("{what} `{word}` must have at most 40 lower-case letters, digits and hyphens")]
    Word {
        /// What it names.
        what: &'static str,
        /// The word.
        word: String,
    },
}

/// Whether this node can tell a policy everything that it asks for, and record what it answers.
pub fn check(manifest: &Manifest) -> Result<(), Unknown> {
    manifest
        .tables
        .iter()
        .try_for_each(|table| check_table(manifest, table))?;
    let subjects = &manifest.tables[manifest.subjects].name;
    if !matches!(subjects.as_str(), "village" | "household") {
        return Err(Unknown::Subjects(subjects.clone()));
    }
    match manifest.family {
        Family::Subject => check_of_subject(manifest)?,
        Family::Group if manifest.scopes.is_empty() => return Err(Unknown::NoScope),
        Family::Group => {}
    }
    for scope in &manifest.scopes {
        level(&scope.code).ok_or_else(|| Unknown::Scope(scope.code.clone()))?;
    }
    let words = [("purpose", &manifest.purpose)].into_iter();
    let words = words.chain(
        manifest
            .categories
            .iter()
            .map(|label| ("category", &label.code)),
    );
    let words = words.chain(
        manifest
            .reasons
            .iter()
            .map(|reason| ("reason", &reason.label.code)),
    );
    let mut words = words.chain(manifest.roles.iter().map(|role| ("role", &role.label.code)));
    words.try_for_each(|(what, word)| match Code::parse(word) {
        Ok(_) => Ok(()),
        Err(_) => Err(Unknown::Word {
            what,
            word: word.clone(),
        }),
    })
}

/// The level of the areas that a scope groups by.
pub fn level(scope: &str) -> Option<AreaLevel> {
    match scope {
        "county" => Some(AreaLevel::County),
        "township" => Some(AreaLevel::Township),
        "village" => Some(AreaLevel::Village),
        _ => None,
    }
}

/// The kind of record that the rows of a table stand for.
pub fn record_kind(table: &str) -> RecordKind {
    match table {
        "household" => RecordKind::Household,
        "leader" | "reserve-cadre" | "helper" => RecordKind::Cadre,
        "unit" => RecordKind::Unit,
        "team-member" => RecordKind::VillageTeam,
        "pairing" => RecordKind::Pairing,
        _ => RecordKind::Area,
    }
}

/// The tables of a group.
pub fn tables(manifest: &Manifest, records: &Records, group: &Group<'_>) -> Tables {
    let mut tables = Tables::new();
    let context = vec![("group.as-of", Fact::date(group.on))];
    tables.insert(
        "group",
        vec![Row {
            record: lika_core::record::area_id(&group.area),
            parent: None,
            facts: context,
        }],
    );
    if manifest.table("village").is_some() {
        village::add(&mut tables, records, group);
    }
    if manifest.table("household").is_some() {
        household::add(&mut tables, records, group);
    }
    tables
}

/// The tables of a group, cut apart: one of each for every subject, with what belongs to it.
pub fn one_by_one<'a>(
    manifest: &'a Manifest,
    tables: &'a Tables,
) -> impl Iterator<Item = Tables> + 'a {
    let subjects = manifest.tables[manifest.subjects].name.as_str();
    let rows = tables.get(subjects).map_or(0..0, |rows| 0..rows.len());
    rows.map(move |row| {
        let of_subject = |(name, rows): (&&'static str, &Vec<Row>)| {
            let table = CATALOGUE.iter().find(|table| table.name == *name)?;
            let rows = match table {
                Table { name: "group", .. } => rows.clone(),
                Table { name, .. } if *name == subjects => vec![rows[row].clone()],
                Table {
                    parent: Some(parent),
                    ..
                } if *parent == subjects => owned(rows, row),
                Table { .. } => return None,
            };
            Some((*name, rows))
        };
        tables.iter().filter_map(of_subject).collect()
    })
}

/// The input of a pass over these tables: of every table the declared facts and no others.
pub fn input(manifest: &Manifest, scope: u32, tables: &Tables) -> Result<Input, input::Error> {
    let mut builder = InputBuilder::new(manifest, scope);
    for (index, declared) in manifest.tables.iter().enumerate() {
        for row in tables.get(declared.name.as_str()).into_iter().flatten() {
            builder.row(index, row.parent, |key| row.value(key, tables))?;
        }
    }
    Ok(builder.finish())
}

/// Which records the rows of the declared tables stand for.
pub fn records_of(manifest: &Manifest, tables: &Tables) -> Vec<EvaluationTable> {
    let table = |declared: &Declared| {
        let rows = tables.get(declared.name.as_str()).into_iter().flatten();
        EvaluationTable {
            name: declared.name.clone(),
            records: rows.map(|row| row.record).collect(),
        }
    };
    manifest.tables.iter().map(table).collect()
}

/// A fact of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Fact {
    Flag(bool),
    Integer(i64),
    Date(i64),
    Code(String),
    Row(&'static str, u32),
    Absent,
    Unknown,
}

impl Fact {
    fn date(date: Date) -> Self {
        Self::Date(days(date))
    }

    fn code(text: impl Into<String>) -> Self {
        Self::Code(text.into())
    }

    /// A key by which a policy tells records apart: the same on every node, and nobody's number or name.
    fn key(record: &RecordId) -> Self {
        Self::Code(record.to_string())
    }
}

impl Row {
    fn value<'a>(&'a self, key: &str, tables: &Tables) -> Value<'a> {
        let fact = self
            .facts
            .iter()
            .find(|(known, _)| *known == key)
            .map(|(_, fact)| fact);
        match fact {
            Some(Fact::Flag(flag)) => Value::Flag(*flag),
            Some(Fact::Integer(number)) => Value::Integer(*number),
            Some(Fact::Date(days)) => Value::Date(*days),
            Some(Fact::Code(code)) => Value::Code(code),
            // One subject by itself comes without the table that the row is in.
            Some(Fact::Row(table, _)) if !tables.contains_key(table) => Value::Absent,
            Some(Fact::Row(_, row)) => Value::Row(*row),
            Some(Fact::Absent) => Value::Absent,
            Some(Fact::Unknown) | None => Value::Unknown,
        }
    }
}

struct Table {
    name: &'static str,
    parent: Option<&'static str>,
    /// Key, kind, and for a row its table.
    facts: &'static [(&'static str, &'static str, &'static str)],
}

/// Everything that can be asked for.
const CATALOGUE: &[Table] = &[
    Table {
        name: "group",
        parent: None,
        facts: &[("group.as-of", "date", "")],
    },
    Table {
        name: "village",
        parent: None,
        facts: &[
            ("village.key", "code", ""),
            ("village.key-from", "date", ""),
            ("village.key-until", "date", ""),
        ],
    },
    Table {
        name: "leader",
        parent: None,
        facts: &[("leader.key", "code", ""), ("leader.free", "integer", "")],
    },
    Table {
        name: "reserve-cadre",
        parent: None,
        facts: &[
            ("reserve-cadre.key", "code", ""),
            ("reserve-cadre.rank", "code", ""),
            ("reserve-cadre.free", "integer", ""),
        ],
    },
    Table {
        name: "unit",
        parent: None,
        facts: &[("unit.key", "code", ""), ("unit.free", "integer", "")],
    },
    Table {
        name: "team-member",
        parent: Some("village"),
        facts: &[
            ("team-member.role", "code", ""),
            ("team-member.rank", "code", ""),
            ("team-member.since", "date", ""),
            ("team-member.visits-in-month", "integer", ""),
            ("team-member.leader", "row", "leader"),
            ("team-member.reserve-cadre", "row", "reserve-cadre"),
            ("team-member.unit", "row", "unit"),
        ],
    },
    Table {
        name: "household",
        parent: None,
        facts: &[
            ("household.key", "code", ""),
            ("household.type", "code", ""),
            ("household.able-to-work", "flag", ""),
            ("household.township", "code", ""),
            ("household.village", "code", ""),
        ],
    },
    Table {
        name: "helper",
        parent: None,
        facts: &[
            ("helper.key", "code", ""),
            ("helper.level", "code", ""),
            ("helper.township", "code", ""),
            ("helper.village", "code", ""),
            ("helper.free", "integer", ""),
        ],
    },
    Table {
        name: "pairing",
        parent: Some("household"),
        facts: &[
            ("pairing.level", "code", ""),
            ("pairing.role", "code", ""),
            ("pairing.responsible", "flag", ""),
            ("pairing.since", "date", ""),
            ("pairing.visits-in-month", "integer", ""),
            ("pairing.helper", "row", "helper"),
        ],
    },
];

fn check_table(manifest: &Manifest, declared: &Declared) -> Result<(), Unknown> {
    let known = CATALOGUE.iter().find(|table| table.name == declared.name);
    let known = known.ok_or_else(|| Unknown::Table(declared.name.clone()))?;
    let parent = declared
        .parent
        .map(|parent| manifest.tables[parent].name.as_str());
    if parent != known.parent {
        return Err(Unknown::Parent {
            table: declared.name.clone(),
            parent: known.parent,
        });
    }
    declared
        .facts
        .iter()
        .try_for_each(|fact| check_fact(manifest, known, fact))
}

fn check_fact(manifest: &Manifest, table: &Table, fact: &manifest::Fact) -> Result<(), Unknown> {
    let found = table.facts.iter().find(|(key, ..)| *key == fact.key);
    let Some((_, kind, of)) = found else {
        return Err(Unknown::Fact {
            table: table.name.to_owned(),
            fact: fact.key.clone(),
        });
    };
    if fact.version != VERSION {
        return Err(Unknown::Version {
            fact: fact.key.clone(),
            declared: fact.version,
        });
    }
    let is_known = match fact.kind {
        Kind::Flag => *kind == "flag",
        Kind::Integer => *kind == "integer",
        Kind::Date => *kind == "date",
        Kind::Code => *kind == "code",
        Kind::Row(table) => *kind == "row" && manifest.tables[table].name == *of,
        Kind::Fen | Kind::Ppm | Kind::Text => false,
    };
    if is_known {
        Ok(())
    } else {
        Err(Unknown::Kind {
            fact: fact.key.clone(),
            known: kind,
            declared: format!("{:?}", fact.kind),
        })
    }
}

fn check_of_subject(manifest: &Manifest) -> Result<(), Unknown> {
    let is_part = |(index, table): (usize, &Declared)| {
        index == manifest.subjects
            || table.parent == Some(manifest.subjects)
            || table.name == "group"
    };
    match manifest
        .tables
        .iter()
        .enumerate()
        .find(|table| !is_part(*table))
    {
        Some((_, table)) => Err(Unknown::NotOfSubject(table.name.clone())),
        None => Ok(()),
    }
}

/// The rows of one owner, which stand together because owners ascend; it is the only owner now.
fn owned(rows: &[Row], owner: usize) -> Vec<Row> {
    let owner_of = |row: &Row| row.parent.map_or(usize::MAX, |parent| parent as usize);
    let from = rows.partition_point(|row| owner_of(row) < owner);
    let until = rows.partition_point(|row| owner_of(row) <= owner);
    let own = |row: &Row| Row {
        parent: Some(0),
        ..row.clone()
    };
    rows[from..until].iter().map(own).collect()
}

/// Days since 1970-01-01.
fn days(date: Date) -> i64 {
    let epoch = Date::new(1970, 1, 1).expect("it is a day");
    i64::from(epoch.days_until(date))
}
