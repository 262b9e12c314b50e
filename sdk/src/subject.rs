//! Policies that judge one subject at a time.

use crate::about::{About, LegalBasis};
use crate::decision::{Decision, Writer, number};
use crate::facts::{self, Facts, RowView, TableSpec};
use crate::label::{Label, Labels};
use crate::reason::{self, Reasons};
use crate::settings::{self, Settings};
use crate::wire::types;

/// A policy that judges a household, a village, a helper: each by itself.
pub trait SubjectPolicy {
    /// What a county may vary.
    type Settings: Settings;
    /// What is judged.
    type Subject<'a>: Subject<'a>;
    /// What *granted* can say.
    type Category: Labels;
    /// Why.
    type Reason: Reasons;
    /// What the policy is.
    const ABOUT: About;

    /// Judges one subject. Facts that were missing have been answered already.
    fn judge(
        settings: &Self::Settings,
        subject: &Self::Subject<'_>,
    ) -> Decision<Self::Category, Self::Reason>;
}

/// A subject with its parts; every row struct is one without parts, and a struct of a row and
/// `Vec`s of rows derives it. A field marked `#[context]` is a single row that belongs to no
/// subject: today's date, a line that holds for everybody.
pub trait Subject<'a>: Sized {
    /// The tables: the subject's own, then its parts.
    fn tables() -> Vec<TableSpec>;

    /// Reads the next subject and its parts, or says what is missing.
    fn read(parts: &mut Parts<'a>) -> Result<Self, Vec<types::FactReference>>;
}

impl<'a, T: Facts<'a>> Subject<'a> for T {
    fn tables() -> Vec<TableSpec> {
        vec![T::TABLE]
    }

    #[inline]
    fn read(parts: &mut Parts<'a>) -> Result<Self, Vec<types::FactReference>> {
        let mut missing = Vec::new();
        parts.subject(&mut missing).ok_or(missing)
    }
}

/// Goes through an input subject by subject; part rows are in the order of their subjects.
pub struct Parts<'a> {
    input: &'a types::Input,
    row: usize,
    /// For each part table the rows of the current subject.
    ranges: Vec<(usize, usize)>,
}

impl<'a> Parts<'a> {
    /// The row of the subject itself.
    #[inline]
    pub fn subject<T: Facts<'a>>(&self, missing: &mut Vec<types::FactReference>) -> Option<T> {
        read(self.input, 0, self.row, missing)
    }

    /// The rows of a part that this subject owns.
    pub fn part<T: Facts<'a>>(
        &self,
        table: u32,
        missing: &mut Vec<types::FactReference>,
    ) -> Vec<T> {
        let (start, end) = self.ranges[table as usize];
        (start..end)
            .filter_map(|row| read(self.input, table, row, missing))
            .collect()
    }

    /// The first row of a table that belongs to no subject: what holds for all of them.
    pub fn context<T: Facts<'a>>(
        &self,
        table: u32,
        missing: &mut Vec<types::FactReference>,
    ) -> Option<T> {
        if self.input.tables[table as usize].rows > 0 {
            return read(self.input, table, 0, missing);
        }
        let all = 0..number(T::TABLE.facts.len());
        let row = 0;
        missing.extend(all.map(|fact| types::FactReference { table, row, fact }));
        None
    }

    fn advance(&mut self, row: usize) {
        self.row = row;
        for (table, range) in self.input.tables.iter().zip(&mut self.ranges).skip(1) {
            let start = range.1;
            let owned = table.parents[start..]
                .iter()
                .take_while(|parent| **parent as usize == row)
                .count();
            *range = (start, start + owned);
        }
    }
}

/// Judges every subject of an input: what a component exports, and the native way to call a policy.
pub fn judge_subjects<P: SubjectPolicy>(
    settings: &str,
    input: &types::Input,
) -> Result<types::Answer, String> {
    let settings: P::Settings = settings::require(settings)?;
    let tables = P::Subject::tables();
    if input.tables.len() != tables.len() {
        return Err(format!(
            "{} tables given, {} declared",
            input.tables.len(),
            tables.len()
        ));
    }
    let subjects = input.tables[0].rows as usize;
    let mut parts = Parts {
        input,
        row: 0,
        ranges: vec![(0, 0); tables.len()],
    };
    let mut writer = Writer::new(&tables, subjects);
    for row in 0..subjects {
        parts.advance(row);
        match P::Subject::read(&mut parts) {
            Ok(subject) => {
                writer.starts[0] = number(row);
                for (start, range) in writer.starts.iter_mut().zip(&parts.ranges).skip(1) {
                    *start = number(range.0);
                }
                writer.write(number(row), P::judge(&settings, &subject));
            }
            Err(missing) => writer.undetermined(number(row), missing.into_iter()),
        }
    }
    Ok(writer.answer)
}

/// The manifest of a policy.
pub fn describe<P: SubjectPolicy>() -> types::Manifest {
    let tables = P::Subject::tables();
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
        family: "subject".into(),
        summary: (&Label { code: name, zh, en }).into(),
        subjects: tables[0].name.into(),
        tables: facts::declare(&tables),
        categories: P::Category::LABELS.iter().map(Into::into).collect(),
        reasons: reason::declare::<P::Reason>(),
        roles: Vec::new(),
        scopes: Vec::new(),
        pool: None,
        settings_schema: P::Settings::schema(),
        notes: legal_basis.iter().map(LegalBasis::note).collect(),
    }
}

#[inline]
fn read<'a, T: Facts<'a>>(
    input: &'a types::Input,
    table: u32,
    row: usize,
    missing: &mut Vec<types::FactReference>,
) -> Option<T> {
    let view = RowView::new(
        &input.tables[table as usize],
        row,
        T::TABLE.facts.len(),
        &input.strings,
    );
    match T::read(view) {
        Ok(value) => Some(value),
        Err(slots) => {
            let row = number(row);
            missing.extend(
                slots
                    .slots()
                    .map(|fact| types::FactReference { table, row, fact }),
            );
            None
        }
    }
}
