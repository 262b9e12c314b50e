//! Policies that share something out inside one group.

use std::collections::BTreeMap;

use crate::about::{About, LegalBasis};
use crate::decision::{Decision, Writer, number};
use crate::facts::{self, Facts, Missing, RowView, TableSpec};
use crate::label::{Label, Labels, Role};
use crate::reason::{self, Reasons};
use crate::settings::{self, Settings};
use crate::wire::types;

/// A policy that looks at a whole group: helpers and households of a township, shares of a pool.
pub trait GroupPolicy {
    /// What a county may vary.
    type Settings: Settings;
    /// The tables of a group.
    type Group<'a>: Group<'a>;
    /// What *granted* can say.
    type Category: Labels;
    /// Why.
    type Reason: Reasons;
    /// What can be proposed.
    type Role: Role;
    /// The passes, in order; the code of each is the level of its groups.
    type Scope: Labels;
    /// What the policy is.
    const ABOUT: About;
    /// Key of the fact with the amount to be shared out, where there is one.
    const POOL: Option<&'static str> = None;

    /// Decides about every subject that could be read, and proposes what is missing.
    fn share(
        settings: &Self::Settings,
        scope: Self::Scope,
        group: &Self::Group<'_>,
    ) -> Shares<Self::Category, Self::Reason, Self::Role>;
}

/// The tables of a group; derive it on a struct of [`Rows`].
///
/// The field marked `#[subjects]` holds the rows to be decided; a field marked `#[context]` is a
/// single row that everything depends on (today's date, the pool).
pub trait Group<'a>: Sized {
    /// Index of the table of the subjects.
    const SUBJECTS: u32;

    /// The tables in the order of the fields.
    fn tables() -> Vec<TableSpec>;

    /// Reads an input; the missing facts where the context cannot be read.
    fn read(input: &'a types::Input) -> Result<Self, Vec<types::FactReference>>;

    /// The subjects that could not be read.
    fn unreadable(&self) -> Vec<(u32, Missing)>;
}

/// The rows of one table; those that could not be read are left out but keep their number.
#[derive(Debug)]
pub struct Rows<T> {
    rows: Vec<Result<T, Missing>>,
    parents: Vec<u32>,
}

impl<T> Rows<T> {
    /// Every row that could be read, with its number.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &T)> {
        self.rows
            .iter()
            .enumerate()
            .filter_map(|(row, value)| Some((number(row), value.as_ref().ok()?)))
    }

    /// One row.
    pub fn get(&self, row: u32) -> Option<&T> {
        self.rows.get(row as usize)?.as_ref().ok()
    }

    /// The row of the parent table that owns this one.
    pub fn parent(&self, row: u32) -> Option<u32> {
        self.parents.get(row as usize).copied()
    }

    /// Number of rows, readable or not.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no row at all.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The rows that could not be read, with the slots that are missing.
    pub fn unreadable(&self) -> impl Iterator<Item = (u32, Missing)> + '_ {
        self.rows
            .iter()
            .enumerate()
            .filter_map(|(row, value)| Some((number(row), *value.as_ref().err()?)))
    }
}

impl<'a, T: Facts<'a>> Rows<T> {
    /// Reads a table.
    pub fn read(input: &'a types::Input, table: usize) -> Self {
        let (width, table) = (T::TABLE.facts.len(), &input.tables[table]);
        let read = |row| T::read(RowView::new(table, row as usize, width, &input.strings));
        Self {
            rows: (0..table.rows).map(read).collect(),
            parents: table.parents.clone(),
        }
    }
}

/// Reads the single row of a context table.
pub fn read_context<'a, T: Facts<'a>>(
    input: &'a types::Input,
    table: usize,
) -> Result<T, Vec<types::FactReference>> {
    let reference = |fact| types::FactReference {
        table: number(table),
        row: 0,
        fact,
    };
    let rows = &input.tables[table];
    if rows.rows == 0 {
        return Err((0..number(T::TABLE.facts.len())).map(reference).collect());
    }
    let view = RowView::new(rows, 0, T::TABLE.facts.len(), &input.strings);
    T::read(view).map_err(|missing| missing.slots().map(reference).collect())
}

/// What a group policy answers.
#[derive(Debug)]
pub struct Shares<C, R, P> {
    decisions: BTreeMap<u32, Decision<C, R>>,
    proposals: Vec<Proposal<P>>,
}

/// One resource for one subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Proposal<P> {
    /// Row of the subject.
    pub subject: u32,
    /// As what.
    pub role: P,
    /// Row of the resource in the table of the role.
    pub resource: u32,
    /// How much of its capacity; none means 1.
    pub quantity: Option<i64>,
}

impl<C, R, P> Default for Shares<C, R, P> {
    fn default() -> Self {
        Self {
            decisions: BTreeMap::new(),
            proposals: Vec::new(),
        }
    }
}

impl<C, R, P: Copy> Shares<C, R, P> {
    /// Decides about a subject; a second decision takes the place of the first.
    pub fn decide(&mut self, subject: u32, decision: Decision<C, R>) {
        self.decisions.insert(subject, decision);
    }

    /// Proposes one resource for one subject.
    pub fn propose(&mut self, role: P, subject: u32, resource: u32) {
        self.proposals.push(Proposal {
            subject,
            role,
            resource,
            quantity: None,
        });
    }

    /// The decision about a subject.
    pub fn decision(&self, subject: u32) -> Option<&Decision<C, R>> {
        self.decisions.get(&subject)
    }

    /// What has been proposed so far.
    pub fn proposals(&self) -> &[Proposal<P>] {
        &self.proposals
    }
}

/// Judges a group: what a component exports, and the native way to call a policy.
pub fn share_group<P: GroupPolicy>(
    settings: &str,
    input: &types::Input,
) -> Result<types::Answer, String> {
    let settings: P::Settings = settings::require(settings)?;
    let tables = P::Group::tables();
    if input.tables.len() != tables.len() {
        return Err(format!(
            "{} tables given, {} declared",
            input.tables.len(),
            tables.len()
        ));
    }
    let scope = *P::Scope::ALL
        .get(input.scope as usize)
        .ok_or_else(|| format!("there is no scope {}", input.scope))?;
    let subjects = input.tables[P::Group::SUBJECTS as usize].rows;
    let mut writer = Writer::new(&tables, subjects as usize);
    let group = match P::Group::read(input) {
        Ok(group) => group,
        Err(missing) => {
            for subject in 0..subjects {
                writer.undetermined(subject, missing.iter().copied());
            }
            return Ok(writer.answer);
        }
    };
    let shares = P::share(&settings, scope, &group);
    write_decisions(
        &mut writer,
        shares.decisions,
        &group.unreadable(),
        P::Group::SUBJECTS,
    );
    writer.answer.proposals = write_proposals(shares.proposals, &tables);
    Ok(writer.answer)
}

/// The manifest of a policy.
pub fn describe<P: GroupPolicy>() -> types::Manifest {
    let tables = P::Group::tables();
    let subjects = tables[P::Group::SUBJECTS as usize].name;
    let About {
        name,
        version,
        purpose,
        zh,
        en,
        legal_basis,
    } = P::ABOUT;
    types::Manifest {
        name: name.into(),
        version: version.into(),
        purpose: purpose.into(),
        family: "group".into(),
        summary: (&Label { code: name, zh, en }).into(),
        subjects: subjects.into(),
        tables: facts::declare(&tables),
        categories: P::Category::LABELS.iter().map(Into::into).collect(),
        reasons: reason::declare::<P::Reason>(),
        roles: P::Role::ALL
            .iter()
            .map(|role| declare_role(*role, subjects))
            .collect(),
        scopes: P::Scope::LABELS.iter().map(Into::into).collect(),
        pool: P::POOL.map(Into::into),
        settings_schema: P::Settings::schema(),
        notes: legal_basis.iter().map(LegalBasis::note).collect(),
    }
}

fn declare_role<R: Role>(role: R, subjects: &str) -> types::RoleDeclaration {
    types::RoleDeclaration {
        label: role.label().into(),
        subject_table: subjects.into(),
        resource_table: role.resource().into(),
        capacity: role.capacity().map(Into::into),
    }
}

/// Writes what was decided, and *undetermined* for the subjects that could not be read, ascending.
fn write_decisions<C: Labels, R: Reasons>(
    writer: &mut Writer<'_>,
    decisions: BTreeMap<u32, Decision<C, R>>,
    unreadable: &[(u32, Missing)],
    subjects: u32,
) {
    let mut unreadable = unreadable.iter().copied().peekable();
    let reference = |row| {
        move |fact| types::FactReference {
            table: subjects,
            row,
            fact,
        }
    };
    for (subject, decision) in decisions {
        while let Some((row, missing)) = unreadable.next_if(|(row, _)| *row < subject) {
            writer.undetermined(row, missing.slots().map(reference(row)));
        }
        writer.write(subject, decision);
    }
    for (row, missing) in unreadable {
        writer.undetermined(row, missing.slots().map(reference(row)));
    }
}

/// # Panics
///
/// Where a role gives out rows of a table that the policy does not declare.
fn write_proposals<P: Role>(
    mut proposals: Vec<Proposal<P>>,
    tables: &[TableSpec],
) -> Vec<types::Proposal> {
    proposals.sort_by_key(|proposal| (proposal.subject, proposal.role.index(), proposal.resource));
    let table = |role: P| {
        tables
            .iter()
            .position(|table| table.name == role.resource())
    };
    proposals
        .into_iter()
        .map(
            |Proposal {
                 subject,
                 role,
                 resource,
                 quantity,
             }| types::Proposal {
                role: role.index(),
                subject,
                table: number(table(role).expect("a role gives out rows of a declared table")),
                resource_row: resource,
                quantity,
            },
        )
        .collect()
}
