//! What this node can tell a policy: the tables and facts that it knows, and how records become rows of them.
//!
//! ```text
//! records of an area ──▶ tables ──▶ input of the declared facts
//!   `records`            `village`, `household`,    [`input`]
//!                        `card`, `cooperative`,
//!                        `supervision`
//!                        `money`
//! ```
//!
//! Everything here comes from the open parts of records: no name, no identity number, nothing sensitive can reach a
//! policy. What can be asked for is the [`catalogue`]; a policy that asks for anything else is not admitted ([`check`]).

pub mod catalogue;
pub mod records;

mod card;
mod cooperative;
mod household;
mod loan;
mod money;
pub mod supervision;
mod village;

use std::collections::BTreeMap;

use lika_core::{
    log::Kind as RecordKind,
    record::EvaluationTable,
    value::{AreaCode, AreaLevel, Code, Date, RecordId},
};
use thiserror::Error as ThisError;

use self::{
    catalogue::Holds,
    records::{Records, Sources},
};
use super::{
    Family, Input, InputBuilder, Kind, Manifest, Value, input,
    manifest::{self, Table as Declared},
};

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
    #[error("this node does not know table {0}: use one of {known}", known = names(|_| true))]
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
        "this node knows version {known} of fact {fact}, the policy asks for version {declared}"
    )]
    Version {
        /// The fact's key.
        fact: String,
        /// What it knows.
        known: u32,
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
    #[error("this node cannot group by {0}: use county, township, village or co-operative")]
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
    #[error("the rows of table {0} cannot be decided: use one of {known}", known = names(|table| table.decidable))]
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
    if !catalogue::table(subjects).is_some_and(|table| table.decidable) {
        return Err(Unknown::Subjects(subjects.clone()));
    }
    match manifest.family {
        Family::Subject => check_of_subject(manifest)?,
        Family::Group if manifest.scopes.is_empty() => return Err(Unknown::NoScope),
        Family::Group => {}
    }
    for scope in &manifest.scopes {
        grouping(&scope.code).ok_or_else(|| Unknown::Scope(scope.code.clone()))?;
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

/// Whether a fact is the key of a record, of which only the order means something.
pub fn is_key(table: &str, key: &str) -> bool {
    let facts = catalogue::table(table).map_or(&[][..], |table| table.facts);
    let mut facts = facts.iter().filter(|fact| fact.key == key);
    facts.any(|fact| fact.holds == catalogue::Holds::Code("id"))
}

/// What a scope makes groups of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grouping {
    /// The areas of a level.
    Areas(AreaLevel),
    /// Co-operatives.
    Cooperatives,
}

/// What a scope makes groups of.
pub fn grouping(scope: &str) -> Option<Grouping> {
    match scope {
        "county" => Some(Grouping::Areas(AreaLevel::County)),
        "township" => Some(Grouping::Areas(AreaLevel::Township)),
        "village" => Some(Grouping::Areas(AreaLevel::Village)),
        "co-operative" => Some(Grouping::Cooperatives),
        _ => None,
    }
}

/// The kind of record that the rows of a table stand for.
pub fn record_kind(table: &str) -> RecordKind {
    catalogue::table(table).map_or(RecordKind::Area, |table| table.record)
}

/// Which records the facts of a policy are made of.
pub fn sources(manifest: &Manifest) -> Sources {
    let has = |table: &str| manifest.table(table).is_some();
    let asks = |table: &str, is_wanted: fn(&str) -> bool| {
        declared(manifest, table).into_iter().any(is_wanted)
    };
    let shares = has("co-operative") || has("shareholding");
    let (cadres, townships) = (has("cadre"), has("township"));
    Sources {
        villages: has("village"),
        households: has("household") || cadres || townships,
        members: has("member")
            || has("measure")
            || asks("household", |key| {
                matches!(
                    key,
                    "household.pupils"
                        | "household.allowance-members"
                        | "household.able-members"
                        | "household.workers-away"
                        | "household.uninsured"
                        | "household.children-out-of-school"
                )
            }),
        incomes: asks("household", |key| key.starts_with("income.")),
        living: asks("household", |key| key.starts_with("living.")),
        half_year: asks("pairing", |key| key == "pairing.visits-in-half-year"),
        cases: asks("household", |key| {
            key.starts_with("exit-survey.") || key == "household.applied-on"
        }) || asks("group", |key| key == "group.identified-in-year"),
        figures: asks("group", |key| key != "group.as-of")
            || asks("household", |key| key.starts_with("household.village-")),
        cooperatives: shares,
        cadres,
        townships,
        loans: has("application") || has("loan"),
        payments: has("payment"),
        funds: has("fund") || asks("team-member", |key| key == "team-member.raised"),
    }
}

/// The tables of a group.
pub fn tables(manifest: &Manifest, records: &Records, group: &Group<'_>) -> Tables {
    let mut tables = Tables::new();
    tables.insert("group", vec![context(manifest, records, group)]);
    if manifest.table("village").is_some() {
        village::add(&mut tables, records, group);
    }
    if manifest.table("household").is_some() {
        household::add(&mut tables, manifest, records, group);
    }
    if manifest.table("co-operative").is_some() || manifest.table("shareholding").is_some() {
        cooperative::add(&mut tables, records, group);
    }
    if manifest.table("cadre").is_some() {
        supervision::add_cadres(&mut tables, records, group);
    }
    if manifest.table("township").is_some() {
        supervision::add_townships(&mut tables, records, group);
    }
    if manifest.table("application").is_some() || manifest.table("loan").is_some() {
        loan::add(&mut tables, records, group);
    }
    tables
}

fn context(manifest: &Manifest, records: &Records, group: &Group<'_>) -> Row {
    let figure = |series| records.widest_figure(&group.area, series);
    let fen = |series| figure(series).map_or(Fact::Unknown, |figure| Fact::Fen(figure.value));
    let income = "rural-income-per-head";
    let year = figure(income).map_or(Fact::Unknown, |figure| {
        Fact::Integer(figure.year.get().into())
    });
    let mut facts = vec![
        ("group.as-of", Fact::date(group.on)),
        ("group.rural-mean-income", fen(income)),
        ("group.rural-mean-year", year),
        ("group.poverty-line", fen("poverty-line")),
        ("group.monitoring-line", fen("monitoring-line")),
    ];
    // A scan of all households for each group, so only for those who ask.
    for key in declared(manifest, "group") {
        match key {
            "group.identification-quota" => facts.push((key, quota(records, group))),
            "group.identified-in-year" => {
                let identified = records.identified_in(&group.area, group.on.year());
                facts.push((key, Fact::Integer(identified)));
            }
            _ => {}
        }
    }
    Row {
        record: lika_core::record::area_id(&group.area),
        parent: None,
        facts,
    }
}

/// A quota is of its own year and area: last year's, or the county's, is not the village's.
fn quota(records: &Records, group: &Group<'_>) -> Fact {
    let figure = records.figure(&group.area, "identification-quota");
    let figure = figure.filter(|figure| figure.year == group.on.year());
    figure.map_or(Fact::Unknown, |figure| Fact::Integer(figure.value))
}

/// The facts of a table that a policy declares, as the catalogue names them.
fn declared(manifest: &Manifest, table: &str) -> Vec<&'static str> {
    let Some(known) = catalogue::table(table) else {
        return Vec::new();
    };
    let is_declared = |key: &str| {
        let own = manifest.table(table).map(|index| &manifest.tables[index]);
        own.is_some_and(|own| own.facts.iter().any(|fact| fact.key == key))
    };
    let keys = known.facts.iter().map(|fact| fact.key);
    keys.filter(|key| is_declared(key)).collect()
}

fn names(is_meant: fn(&catalogue::Table) -> bool) -> String {
    let meant = catalogue::TABLES.iter().filter(|table| is_meant(table));
    meant.map(|table| table.name).collect::<Vec<_>>().join(", ")
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
            let parent = catalogue::table(name)?.parent;
            let rows = match *name {
                "group" => rows.clone(),
                name if name == subjects => vec![rows[row].clone()],
                _ if parent == Some(subjects) => owned(rows, row),
                _ => return None,
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
    Fen(i64),
    Ppm(i64),
    Date(i64),
    Code(String),
    Text(String),
    Row(&'static str, u32),
    /// Known to be without.
    Absent,
    /// Nobody has recorded it.
    Unknown,
    /// Known, and not for a policy.
    Withheld,
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
            Some(Fact::Fen(fen)) => Value::Fen(*fen),
            Some(Fact::Ppm(parts)) => Value::Ppm(*parts),
            Some(Fact::Date(days)) => Value::Date(*days),
            Some(Fact::Code(code)) => Value::Code(code),
            Some(Fact::Text(text)) => Value::Text(text),
            Some(Fact::Withheld) => Value::Withheld,
            // One subject by itself comes without the table that the row is in.
            Some(Fact::Row(table, _)) if !tables.contains_key(table) => Value::Absent,
            Some(Fact::Row(_, row)) => Value::Row(*row),
            Some(Fact::Absent) => Value::Absent,
            Some(Fact::Unknown) | None => Value::Unknown,
        }
    }
}

fn check_table(manifest: &Manifest, declared: &Declared) -> Result<(), Unknown> {
    let known = catalogue::table(&declared.name);
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

fn check_fact(
    manifest: &Manifest,
    table: &catalogue::Table,
    fact: &manifest::Fact,
) -> Result<(), Unknown> {
    let found = table.facts.iter().find(|known| known.key == fact.key);
    let Some(known) = found else {
        return Err(Unknown::Fact {
            table: table.name.to_owned(),
            fact: fact.key.clone(),
        });
    };
    if fact.version != known.version {
        return Err(Unknown::Version {
            fact: fact.key.clone(),
            known: known.version,
            declared: fact.version,
        });
    }
    let is_known = match (fact.kind, known.holds) {
        (Kind::Flag, Holds::Flag)
        | (Kind::Integer, Holds::Integer(_))
        | (Kind::Fen, Holds::Fen)
        | (Kind::Ppm, Holds::Ppm)
        | (Kind::Date, Holds::Date)
        | (Kind::Code, Holds::Code(_))
        | (Kind::Text, Holds::Text) => true,
        (Kind::Row(table), Holds::Row(of)) => manifest.tables[table].name == of,
        _ => false,
    };
    if is_known {
        Ok(())
    } else {
        Err(Unknown::Kind {
            fact: fact.key.clone(),
            known: known.holds.word(),
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
pub(in crate::policy) fn days(date: Date) -> i64 {
    let epoch = Date::new(1970, 1, 1).expect("it is a day");
    i64::from(epoch.days_until(date))
}

#[cfg(test)]
mod tests;
