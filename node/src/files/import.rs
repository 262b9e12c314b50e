//! Import: what a file would change.
//!
//! One row is a member; what belongs to the household is repeated on its rows or stands on one of them. Rows are one
//! household when they carry one 户编号; a row without it goes on with the household before, and begins a new one where
//! it is the head.
//!
//! A household is matched by 户编号, then by the identity document of its head. A member is matched by 人编号, then by
//! the identity document, then, inside the matched household, by name where neither says anything. A column that the
//! file does not have leaves its field as it is; a blank cell of a column that it has empties it. Who is not in the file
//! is absent, which is never a deletion.
//!
//! A member or household that was changed here since the file was exported (column 版本) and that the file would change
//! is *conflicting*: its whole household is left as it is.
//!
//! Where the file has no column 帮扶措施, measures follow from [`lika_core::measure`], unless somebody here has chosen
//! others.

mod matching;
mod reading;

use std::{hash::Hash, ops::ControlFlow};

use lika_core::{
    authority::Permission,
    command::Change,
    log::Kind,
    record::{Key, Record},
    value::{AreaCode, Date, Label, RecordId, RequestId, Year},
};

use self::reading::Reading;
use super::{
    Column,
    column::Header,
    fault::{Cause, Faults, Report},
    place::Places,
    table::{Error, FIRST_ROWS, Table},
};

/// Fewer known headings than this in a row are a coincidence.
const FEWEST_HEADINGS: usize = 3;

/// What an import is asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The request that will carry the changes. The ids of new records follow from it and from their rows, so that the
    /// same request has the same body.
    pub request: RequestId,
    /// The day of the import: nothing in the file can be later, and a membership of unknown date begins on it.
    pub as_of: Date,
    /// The year of the income columns.
    pub income_year: Year,
    /// What happens to a file with faults.
    pub faulty: Faulty,
}

/// What happens to a file with faults.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Faulty {
    /// Nothing of it is taken.
    RefuseAll,
    /// The households with a faulty row are left out.
    LeaveOutHouseholds,
}

/// The registry as an import sees it: records that are not closed.
pub trait Known {
    /// Why it could not be read.
    type Error: std::error::Error + Send + Sync + 'static;

    /// Every area of the node with its name.
    fn areas(&self) -> Result<Vec<(AreaCode, Label)>, Self::Error>;

    /// A record as it stands.
    fn current(&self, id: &RecordId) -> Result<Option<Record>, Self::Error>;

    /// The records under a key.
    fn with_key(&self, key: &Key) -> Result<Vec<RecordId>, Self::Error>;

    /// Whether whoever asks may do something in an area. What a file says of an area is held against the registry only
    /// where they may write there, and what it names is found only where they may read that: the answer tells what is
    /// registered.
    fn may(&self, permission: Permission, area: &AreaCode) -> bool;

    /// The records of a kind in an area and in the areas inside it, by area.
    fn in_area(&self, kind: Kind, area: &AreaCode) -> Result<Vec<RecordId>, Self::Error>;
}

/// What a file would change.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// One command. Empty where nothing changes, and where faults forbid it.
    pub changes: Vec<Change>,
    /// Counts.
    pub summary: Summary,
    /// What is wrong in the file.
    pub faults: Faults,
    /// The class of each row, by row.
    pub rows: Vec<(u32, Class)>,
    /// The households of the file's villages that are not in it.
    pub absent_households: Vec<RecordId>,
    /// The members of the file's households that are not in it.
    pub absent_members: Vec<RecordId>,
    /// The records of a list's areas that are not in it.
    pub absent_records: Vec<(Kind, RecordId)>,
}

/// Counts of what a file holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Rows below the headings that are not blank.
    pub rows: usize,
    /// Households.
    pub households: Classes,
    /// Members.
    pub members: Classes,
    /// Income statements.
    pub incomes: Classes,
    /// Records of a list.
    pub records: Classes,
    /// Households that are left out because a row of them is faulty; faulty rows of a list.
    pub left_out: usize,
}

/// Counts by class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Classes {
    /// Not registered yet.
    pub new: usize,
    /// Registered, with other content.
    pub changed: usize,
    /// Registered with this content.
    pub unchanged: usize,
    /// Edited here since the export.
    pub conflicting: usize,
    /// Registered and not in the file; never a deletion.
    pub absent: usize,
}

/// What a row is to the registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Registered with this content.
    Unchanged,
    /// Registered, with other content.
    Changed,
    /// Not registered yet.
    New,
    /// Edited here since the export.
    Conflicting,
}

impl Class {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Unchanged => "unchanged",
            Self::Changed => "changed",
            Self::New => "new",
            Self::Conflicting => "conflicting",
        }
    }
}

impl Classes {
    pub(in crate::files) fn count(&mut self, class: Class) {
        match class {
            Class::Unchanged => self.unchanged += 1,
            Class::Changed => self.changed += 1,
            Class::New => self.new += 1,
            Class::Conflicting => self.conflicting += 1,
        }
    }
}

/// How far an import is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What is being done.
    pub stage: Stage,
    /// Rows when reading, households when matching, changes when writing.
    pub done: usize,
    /// Of how many, once that is known.
    pub total: Option<usize>,
}

/// What an import is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Reading rows.
    Reading,
    /// Holding households against the registry.
    Matching,
    /// Writing the changes, at one stroke. Who carries the plan out says so.
    Writing,
}

/// Reads a file and says what it would change. Writes nothing.
pub fn plan<K: Known>(
    mut table: Table,
    known: &K,
    settings: &Settings,
    progress: &mut dyn FnMut(Progress),
) -> Result<Plan, Error> {
    let places = Places::new(known.areas().map_err(registry)?);
    let (sheet, header, at) = find_headings(&mut table, FEWEST_HEADINGS, Column::of_heading)?
        .ok_or(Error::NotASpreadsheet(
            "none of its first rows has the headings of the national form",
        ))?;
    let missing = header.missing();
    if !missing.is_empty() {
        return Err(Error::MissingHeadings(missing));
    }
    let mut report = Report {
        sheet: &sheet,
        faults: Faults::default(),
    };
    for heading in &header.unknown {
        report.add(at, None, Some(heading.clone()), Cause::UnknownColumn);
    }
    let mut reading = Reading::new(&header, places, settings.as_of, report);
    table.read(&sheet, &mut |row| {
        if row.number > at && !row.is_blank() {
            if reading.rows().is_multiple_of(1_000) {
                crate::crash::point("while-parsing");
                progress(Progress {
                    stage: Stage::Reading,
                    done: reading.rows(),
                    total: None,
                });
            }
            reading.read(row);
        }
        ControlFlow::Continue(())
    })?;
    drop(table);
    let read = reading.finish();
    let villages = read.households.iter().filter_map(|rows| rows.area);
    if let Some(village) = villages
        .into_iter()
        .find(|area| !known.may(Permission::Write(Kind::Household), area))
    {
        return Err(Error::NotYours(village));
    }
    matching::plan(read, &header, known, settings, progress)
}

/// The first sheet with so many of the headings in one of its first rows, its headings and their row.
pub(in crate::files) fn find_headings<C: Copy + Eq + Hash>(
    table: &mut Table,
    fewest: usize,
    of_heading: impl Fn(&str) -> Option<C>,
) -> Result<Option<(String, Header<C>, u32)>, Error> {
    for sheet in table.sheets() {
        let mut found: Option<(Header<C>, u32)> = None;
        table.read(&sheet, &mut |row| {
            if row.number > FIRST_ROWS {
                return ControlFlow::Break(());
            }
            let header = Header::of(row.texts(), &of_heading);
            if header.known() < fewest {
                return ControlFlow::Continue(());
            }
            found = Some((header, row.number));
            ControlFlow::Break(())
        })?;
        if let Some((header, at)) = found {
            return Ok(Some((sheet, header, at)));
        }
    }
    Ok(None)
}

pub(in crate::files) fn registry<E: std::error::Error + Send + Sync + 'static>(error: E) -> Error {
    Error::Registry(Box::new(error))
}
