//! Lists: what a county keeps in spreadsheets besides its households.
//!
//! ```text
//!  columns of a list ─┬─▶ template            headings, what belongs under them, example rows
//!                     └─▶ row, read and typed ─▶ what it names in the registry ─▶ proposals, each with its row
//! ```
//!
//! Each list is declared once, as the columns of its rows; the template, the reader and the faults follow from that. A
//! row is one record, or few. What is registered as the row has it is not written again; what differs is a change, which
//! core refuses where the record stays what it was.

mod account;
mod cadre;
mod cell;
mod column;
mod directory;
mod loan;
mod pairing;
mod project;
mod taking;
mod unit;
mod village;

use std::ops::ControlFlow;

use lika_core::{
    command::{Change, Refusal},
    log::Kind,
    record::Approval,
    value::{Date, RequestId},
};

pub use self::column::Column;
use self::{
    cell::Look,
    column::{Cells, Row},
    directory::Directory,
    taking::{Halt, Taking},
};
use super::{
    Faulty, Known, Plan, Progress, Stage,
    column::Header,
    fault::{Cause, Fault, Faults, Report},
    import::{find_headings, registry},
    place::Places,
    table::{Error, Table},
};

/// Fewer known headings than this in a row are a coincidence.
const FEWEST_HEADINGS: usize = 2;

/// The most rows of a list: a county of 100,000 households has three helpers for each.
pub const MOST_ROWS: usize = 300_000;

/// A list that a county keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum List {
    /// Units that help.
    Units,
    /// Cadres.
    Cadres,
    /// Which cadre helps which household.
    Pairings,
    /// Villages: when they are key villages, and their collective income.
    Villages,
    /// Projects, as they are proposed.
    Projects,
    /// Accounts of the ledger with their opening deposits, as they are proposed.
    Accounts,
    /// Loans, as they are applied for.
    Loans,
}

/// What an import of a list is asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The request that will carry the changes. The ids of new records follow from it and from their rows.
    pub request: RequestId,
    /// The day of the import: nothing in the file can be later.
    pub as_of: Date,
    /// Who proposes and applies, in person.
    pub by: Approval,
}

/// A change of the registry, and the row that asks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// The row.
    pub row: u32,
    /// What it would do.
    pub change: Change,
}

/// A list as it was read: what it would change, before core has said what it refuses.
#[derive(Clone, Debug)]
pub struct Draft {
    columns: &'static [Column],
    sheet: String,
    plan: Plan,
    proposals: Vec<Proposal>,
}

impl List {
    /// Every list, in the order in which a county imports them.
    pub const ALL: [Self; 7] = [
        Self::Villages,
        Self::Units,
        Self::Cadres,
        Self::Pairings,
        Self::Projects,
        Self::Accounts,
        Self::Loans,
    ];

    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Units => "units",
            Self::Cadres => "cadres",
            Self::Pairings => "pairings",
            Self::Villages => "villages",
            Self::Projects => "projects",
            Self::Accounts => "accounts",
            Self::Loans => "loans",
        }
    }

    /// The list of a code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|list| list.code() == code)
    }

    /// What it is called, zh.
    pub fn title(self) -> &'static str {
        match self {
            Self::Units => "单位",
            Self::Cadres => "干部",
            Self::Pairings => "结对帮扶",
            Self::Villages => "行政村",
            Self::Projects => "项目",
            Self::Accounts => "资金账户",
            Self::Loans => "贷款申请",
        }
    }

    /// The kind of the records that its rows are.
    pub fn kind(self) -> Kind {
        match self {
            Self::Units => Kind::Unit,
            Self::Cadres => Kind::Cadre,
            Self::Pairings => Kind::Pairing,
            Self::Villages => Kind::Area,
            Self::Projects => Kind::Project,
            Self::Accounts => Kind::Account,
            Self::Loans => Kind::Loan,
        }
    }

    /// Its columns, in the order of the template.
    pub fn columns(self) -> &'static [Column] {
        match self {
            Self::Units => unit::UnitRow::COLUMNS,
            Self::Cadres => cadre::CadreRow::COLUMNS,
            Self::Pairings => pairing::PairingRow::COLUMNS,
            Self::Villages => village::VillageRow::COLUMNS,
            Self::Projects => project::ProjectRow::COLUMNS,
            Self::Accounts => account::AccountRow::COLUMNS,
            Self::Loans => loan::LoanRow::COLUMNS,
        }
    }

    /// Whether a file of it holds all that its areas have, so that what is not in it is absent. What was applied for or
    /// planned is listed as it comes.
    fn is_whole(self) -> bool {
        match self {
            Self::Units | Self::Cadres | Self::Pairings | Self::Accounts => true,
            Self::Villages | Self::Projects | Self::Loans => false,
        }
    }
}

/// What a list makes of its rows.
trait Rows: Default {
    /// A row.
    type Row: Row;

    /// Takes a row: proposes what it asks for, or says what is wrong with it.
    fn take<K: Known>(
        &mut self,
        at: u32,
        row: Self::Row,
        to: &mut Taking<'_, K>,
    ) -> Result<(), Halt>;

    /// Takes what waits for all rows to be read.
    fn finish<K: Known>(self, _to: &mut Taking<'_, K>) -> Result<(), Halt> {
        Ok(())
    }
}

/// Reads a file and says what it would change. Writes nothing.
pub fn plan<K: Known>(
    table: Table,
    list: List,
    known: &K,
    settings: &Settings,
    progress: &mut dyn FnMut(Progress),
) -> Result<Draft, Error> {
    match list {
        List::Units => take::<K, unit::Units>(table, list, known, settings, progress),
        List::Cadres => take::<K, cadre::Cadres>(table, list, known, settings, progress),
        List::Pairings => take::<K, pairing::Pairings>(table, list, known, settings, progress),
        List::Villages => take::<K, village::Villages>(table, list, known, settings, progress),
        List::Projects => take::<K, project::Projects>(table, list, known, settings, progress),
        List::Accounts => take::<K, account::Accounts>(table, list, known, settings, progress),
        List::Loans => take::<K, loan::Loans>(table, list, known, settings, progress),
    }
}

fn take<K: Known, R: Rows>(
    mut table: Table,
    list: List,
    known: &K,
    settings: &Settings,
    progress: &mut dyn FnMut(Progress),
) -> Result<Draft, Error> {
    let columns = list.columns();
    let (sheet, header, at) = headings(&mut table, columns)?;
    let mut report = Report {
        sheet: &sheet,
        faults: Faults::default(),
    };
    for heading in &header.unknown {
        report.add(at, None, Some(heading.clone()), Cause::UnknownColumn);
    }
    let places = Places::new(known.areas().map_err(registry)?);
    let mut look = Look::new(places, settings.as_of);
    let mut taking = Taking::new(list, settings, Directory::new(known), report);
    let mut rows = R::default();
    let mut stopped = None;
    table.read(&sheet, &mut |row| {
        if row.number <= at || row.is_blank() {
            return ControlFlow::Continue(());
        }
        if taking.rows().is_multiple_of(1_000) {
            progress(Progress {
                stage: Stage::Reading,
                done: taking.rows(),
                total: None,
            });
        }
        taking.begin();
        let taken = match taking.rows() > MOST_ROWS {
            true => Err(Halt::Error(Error::TooManyRows {
                most: MOST_ROWS as u64,
            })),
            false => {
                let mut cells = Cells::new(columns, &header, row, &mut look, taking.report());
                match R::Row::read(&mut cells) {
                    Some(typed) => rows.take(row.number, typed, &mut taking),
                    None => Err(Halt::Faulty),
                }
            }
        };
        match taken {
            Ok(()) | Err(Halt::Faulty) => ControlFlow::Continue(()),
            Err(Halt::Error(error)) => {
                stopped = Some(error);
                ControlFlow::Break(())
            }
        }
    })?;
    drop(table);
    if let Some(error) = stopped {
        return Err(error);
    }
    match rows.finish(&mut taking) {
        Ok(()) | Err(Halt::Faulty) => {}
        Err(Halt::Error(error)) => return Err(error),
    }
    if list.is_whole() {
        taking.note_absent()?;
    }
    let (plan, proposals) = taking.finish();
    Ok(Draft {
        columns,
        sheet,
        plan,
        proposals,
    })
}

/// The sheet of a list, its headings and their row.
fn headings(table: &mut Table, columns: &[Column]) -> Result<(String, Header<usize>, u32), Error> {
    let of_heading = |heading: &str| Column::of_heading(columns, heading);
    let found = find_headings(table, FEWEST_HEADINGS, of_heading)?;
    let (sheet, header, at) = found.ok_or(Error::NotASpreadsheet(
        "none of its first rows has the headings of this list",
    ))?;
    let missing = columns.iter().enumerate();
    let missing = missing.filter(|(place, column)| column.is_obligatory && !header.has(*place));
    let missing: Vec<_> = missing.map(|(_, column)| column.heading).collect();
    if !missing.is_empty() {
        return Err(Error::MissingHeadings(missing));
    }
    Ok((sheet, header, at))
}

impl Draft {
    /// What the rows ask for, in the order in which it is to be done. That of a faulty row is not among it.
    pub fn proposals(&self) -> &[Proposal] {
        &self.proposals
    }

    /// Whether a row has a fault, so that nothing of it is done.
    pub fn is_faulty(&self, row: u32) -> bool {
        self.plan.faults.is_faulty(row)
    }

    /// Notes that core refuses what a row asks for; `advice` says in Chinese what to do.
    pub fn refuse(&mut self, row: u32, refusal: &Refusal, advice: &'static str) {
        let column = refusal.field().and_then(|field| {
            let mut columns = self.columns.iter();
            columns.find(|column| column.is_of_field(field))
        });
        self.plan.faults.add(Fault {
            sheet: self.sheet.clone(),
            row,
            column: column.map(|column| column.heading),
            value: None,
            cause: Cause::Refused {
                code: refusal.code(),
                message: refusal.to_string(),
                advice,
            },
        });
    }

    /// The plan, and the row of each of its changes: nothing where a fault keeps the whole file out, and nothing of the
    /// faulty rows where they are left out. What it would change is taken, so that a large file is not held twice.
    pub fn settle(&mut self, faulty: Faulty) -> (Plan, Vec<u32>) {
        let mut plan = self.plan.clone();
        let mut proposals = std::mem::take(&mut self.proposals);
        plan.faults.sort();
        let is_sound = |row: &u32| !plan.faults.is_faulty(*row);
        proposals.retain(|proposal| is_sound(&proposal.row));
        plan.rows.retain(|(row, _)| is_sound(row));
        plan.summary.left_out = plan.faults.faulty_rows();
        for (_, class) in &plan.rows {
            plan.summary.records.count(*class);
        }
        if faulty == Faulty::RefuseAll && plan.faults.faults() > 0 {
            proposals.clear();
        }
        let rows = proposals.iter().map(|proposal| proposal.row).collect();
        plan.changes = proposals
            .into_iter()
            .map(|proposal| proposal.change)
            .collect();
        (plan, rows)
    }
}
