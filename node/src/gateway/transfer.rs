//! Spreadsheets through the gateway: a whole import is one command.

use std::{fs::File, io::Seek as _};

use lika_core::{
    authority::{Denied, Permission},
    command::Refusal,
    log::Kind,
    record::{Approval, Body, Key, Record},
    value::{ActorId, AreaCode, Date, Label, RecordId, RequestId, Year},
};
use thiserror::Error as ThisError;

use super::{
    Caller, Error, Gateway, failure,
    views::{Book, Ledger, Place, Receiver},
};
use crate::{
    files::{
        self, Faulty, Format, Known, Plan, Progress, Settings, Stage, Table,
        column::Column,
        lists::{self, Draft, List, Proposal},
        sheets::Sheets,
    },
    store::{self, Lifecycle, Listing, Reader, Receipt},
};

/// Records that are read at a time.
const PAGE: usize = 1000;

/// What a file is a list of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// Households, under the national headings.
    Households {
        /// The year of the income columns; the last one that is over on the file's day when it is not given.
        income_year: Option<Year>,
    },
    /// Another list that a county keeps.
    List(List),
}

/// What an import is asked to do.
#[derive(Clone, Copy, Debug)]
pub struct Import {
    /// What the file is.
    pub what: What,
    /// The request: the whole import is one command.
    pub request: RequestId,
    /// Only say what would happen.
    pub dry_run: bool,
    /// Leave out the faulty rows, with their households, instead of refusing the file.
    pub valid_rows: bool,
    /// The day from which memberships of unknown date count; today when it is not given.
    pub as_of: Option<Date>,
}

/// What of an area is written as a workbook (S0.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// The cards of a village.
    Card,
    /// The book of a village.
    Book,
    /// The ledger of a township.
    Ledger,
    /// The archive of a county, with its ledgers and books.
    Archive,
}

/// What came of an import.
#[derive(Clone, Debug)]
pub struct Imported {
    /// What the file is.
    pub what: What,
    /// What the file holds and what is wrong in it.
    pub plan: Plan,
    /// What was written; none in a dry run, when nothing changes, or when faults forbid it.
    pub receipt: Option<Receipt>,
}

impl Gateway {
    /// Imports a spreadsheet. `progress` hears from a blocking thread.
    pub async fn import(
        &self,
        caller: &Caller,
        import: Import,
        name: String,
        file: File,
        mut progress: impl FnMut(Progress) + Send + 'static,
    ) -> Result<Imported, Error> {
        self.may_import(caller, import.what)?;
        let gateway = self.clone();
        let by = caller.clone();
        let planned = tokio::task::spawn_blocking(move || {
            let plan = gateway.plan(&by, &import, name, file, &mut progress)?;
            Ok::<_, Error>((plan, progress))
        });
        let (plan, mut progress) = planned.await.map_err(|_| Error::TaskEnded)??;
        let (mut plan, origin) = match plan {
            Planned::Households(plan) => (plan, None),
            Planned::List(mut draft) => {
                let (plan, rows) = draft.settle(import.faulty());
                (plan, Some((draft, rows)))
            }
        };
        let changes = std::mem::take(&mut plan.changes);
        for change in &changes {
            caller.must(Permission::Write(change.body.kind()), &change.area)?;
        }
        let total = changes.len();
        let mut writing = |done| {
            progress(Progress {
                stage: Stage::Writing,
                done,
                total: Some(total),
            });
        };
        let applied = if changes.is_empty() {
            Ok(None)
        } else if import.dry_run {
            // What core refuses the plan says already.
            self.check_helpers(&changes).await.map(|()| None)
        } else {
            writing(0);
            self.apply(caller, import.request, changes).await.map(Some)
        };
        let receipt = match (applied, origin) {
            // The policy in force speaks against it, or something has changed since the plan was made.
            (Err(Error::Store(store::Error::Refused(refused))), Some((mut draft, rows))) => {
                let row = rows.get(refused.change).copied().unwrap_or_default();
                refuse(&mut draft, row, &refused.refusal);
                plan = draft.settle(Faulty::RefuseAll).0;
                None
            }
            (applied, _) => applied?,
        };
        if receipt.is_some() {
            writing(total);
        }
        Ok(Imported {
            what: import.what,
            plan,
            receipt,
        })
    }

    /// Whether there is any area for which the caller may import: asked before a file is taken.
    pub fn may_import(&self, caller: &Caller, what: What) -> Result<(), Error> {
        let kind = match what {
            What::Households { .. } => Kind::Household,
            What::List(list) => list.kind(),
        };
        caller.must_somewhere(Permission::Write(kind))
    }

    /// Reads a file and says what it would change.
    fn plan(
        &self,
        caller: &Caller,
        import: &Import,
        name: String,
        file: File,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Planned, Error> {
        let registered = Registered {
            reader: self.inner.reader.clone(),
            caller: caller.clone(),
        };
        let table = Table::of_file(file, &name).map_err(file_refused)?;
        let as_of = import.as_of.unwrap_or_else(|| self.inner.clock.today());
        match import.what {
            What::Households { income_year } => {
                let settings = Settings {
                    request: import.request,
                    as_of,
                    income_year: income_year.map_or_else(|| self.last_whole_year(as_of), Ok)?,
                    faulty: import.faulty(),
                };
                let plan = files::plan(table, &registered, &settings, progress);
                Ok(Planned::Households(plan.map_err(file_refused)?))
            }
            What::List(list) => {
                let settings = lists::Settings {
                    request: import.request,
                    as_of,
                    by: self.in_person(caller)?,
                };
                let draft = lists::plan(table, list, &registered, &settings, progress);
                let mut draft = draft.map_err(file_refused)?;
                self.rehearse(caller, &mut draft)?;
                Ok(Planned::List(draft))
            }
        }
    }

    /// Notes what core refuses of what the rows ask for, each after the rows before it.
    fn rehearse(&self, caller: &Caller, draft: &mut Draft) -> Result<(), Error> {
        let actor = ActorId(caller.officer.0);
        let today = self.inner.clock.today();
        let mut rehearsal = self.inner.reader.rehearse(actor, today);
        for place in 0..draft.proposals().len() {
            let Some(Proposal { row, change }) = draft.proposals().get(place).cloned() else {
                break;
            };
            if draft.is_faulty(row) {
                continue;
            }
            if let Some(refusal) = rehearsal.refuses(change)? {
                refuse(draft, row, &refusal);
            }
        }
        Ok(())
    }

    /// The caller as one who proposes and applies in person.
    fn in_person(&self, caller: &Caller) -> Result<Approval, Error> {
        let officer = self.inner.reader.get(&caller.officer)?;
        let cadre = match officer.and_then(store::Stored::into_record) {
            Some(Record {
                body: Body::Officer(officer),
                ..
            }) => officer.cadre,
            _ => None,
        };
        Ok(Approval {
            officer: caller.officer,
            cadre,
        })
    }

    /// Writes the households of an area as a spreadsheet into an open file, and rewinds it.
    pub async fn export(
        &self,
        caller: &Caller,
        area: AreaCode,
        format: Format,
        mut file: File,
    ) -> Result<File, Error> {
        caller.must(Permission::Export, &area)?;
        let today = self.inner.clock.today();
        let year = self.last_whole_year(today)?;
        let registered = Registered {
            reader: self.inner.reader.clone(),
            caller: caller.clone(),
        };
        let written = tokio::task::spawn_blocking(move || {
            let mut writer = files::writer::Writer::of_file(
                file.try_clone()?,
                format,
                today,
                Column::ALL.to_vec(),
            )?;
            files::export::households(&registered, &area, year, &mut writer, &mut |_, _| {})?;
            writer.finish()?;
            file.rewind()?;
            Ok::<_, files::export::Error>(file)
        });
        written
            .await
            .map_err(|_| Error::TaskEnded)?
            .map_err(|error| Error::Other {
                code: "internal",
                message: error.to_string(),
            })
    }

    /// The last income year that is over on a day.
    pub(super) fn last_whole_year(&self, day: Date) -> Result<Year, Error> {
        let year = self.inner.counting.income_year.last_whole(day);
        year.ok_or_else(|| {
            Error::Malformed("the day is before the first year of the registry".to_owned())
        })
    }

    /// Writes a view of an area as a workbook into an open file, and rewinds it. The incomes are those of the year, of
    /// the last income year that is over when it is not given.
    pub async fn export_view(
        &self,
        caller: &Caller,
        area: AreaCode,
        view: View,
        year: Option<Year>,
        mut file: File,
    ) -> Result<File, Error> {
        caller.must(Permission::Export, &area)?;
        let (gateway, caller) = (self.clone(), caller.clone());
        let written = tokio::task::spawn_blocking(move || {
            let sheets = gateway.sheets(&caller, &area, view, year)?;
            let rewound = sheets
                .finish(&mut file)
                .and_then(|()| Ok(file.rewind()?))
                .map_err(not_written);
            rewound.map(|()| file)
        });
        written.await.map_err(|_| Error::TaskEnded)?
    }

    fn sheets(
        &self,
        caller: &Caller,
        area: &AreaCode,
        view: View,
        year: Option<Year>,
    ) -> Result<Sheets, Error> {
        let year = year.map_or_else(|| self.year_of_views(), Ok)?;
        let mut sheets = Sheets::new(self.clock().today()).map_err(not_written)?;
        match view {
            View::Card => {
                let book = self.book(caller, area, year)?;
                let name = sheet_name(&book.of);
                sheets.cards(&name, &book.cards()).map_err(not_written)?;
            }
            View::Book => {
                let book = self.book(caller, area, year)?;
                sheets.book(&book)?;
            }
            View::Ledger => {
                let ledger = self.ledger::<Error>(caller, area, year, &mut ())?;
                sheets.ledger(&ledger)?;
            }
            View::Archive => {
                let archive = self.archive(caller, area, year, &mut sheets)?;
                let name = sheet_name(&archive.of);
                let table = sheets.table(&name, &archive.table());
                table.map_err(not_written)?;
                sheets.show_last_first();
            }
        }
        Ok(sheets)
    }
}

impl Import {
    fn faulty(&self) -> Faulty {
        if self.valid_rows {
            Faulty::LeaveOutHouseholds
        } else {
            Faulty::RefuseAll
        }
    }
}

/// A file as it was read.
enum Planned {
    Households(Plan),
    List(Draft),
}

fn refuse(draft: &mut Draft, row: u32, refusal: &Refusal) {
    let advice = failure::failure(refusal.code()).advice_zh;
    draft.refuse(row, refusal, advice);
}

/// Takes the books and ledgers of an archive into its workbook.
impl Receiver<Error> for Sheets {
    fn book(&mut self, book: &Book) -> Result<(), Error> {
        let table = self.table(&sheet_name(&book.of), &book.table());
        table.map_err(not_written)
    }

    fn ledger(&mut self, ledger: &Ledger) -> Result<(), Error> {
        let table = self.table(&sheet_name(&ledger.of), &ledger.table());
        table.map_err(not_written)
    }
}

fn sheet_name(place: &Place) -> String {
    format!("{} {}", place.area.digits(), place.name)
}

fn not_written(error: files::writer::Error) -> Error {
    Error::Other {
        code: "internal",
        message: error.to_string(),
    }
}

impl Caller {
    /// Whether the caller may do something anywhere at all.
    pub fn must_somewhere(&self, permission: Permission) -> Result<(), Error> {
        let allowed = self
            .grants
            .iter()
            .any(|grant| self.may(permission, &grant.area));
        if allowed {
            Ok(())
        } else {
            Err(Denied {
                area: AreaCode::NATION,
            }
            .into())
        }
    }
}

/// The registry as spreadsheets see it.
struct Registered {
    reader: Reader,
    caller: Caller,
}

/// Why it could not be read.
#[derive(Debug, ThisError)]
#[error("the registry could not be read")]
struct Unreadable(#[from] store::Error);

impl Registered {
    fn every(
        &self,
        kind: Kind,
        area: AreaCode,
        mut each: impl FnMut(store::Stored),
    ) -> Result<(), Unreadable> {
        let mut after = None;
        loop {
            let listing = Listing {
                kind,
                area,
                lifecycle: Lifecycle::Open,
                after,
                limit: PAGE,
            };
            let page = self.reader.list(&listing)?;
            page.items.into_iter().for_each(&mut each);
            after = page.next;
            if after.is_none() {
                return Ok(());
            }
        }
    }
}

impl Known for Registered {
    type Error = Unreadable;

    fn areas(&self) -> Result<Vec<(AreaCode, Label)>, Unreadable> {
        let mut areas = Vec::new();
        self.every(Kind::Area, AreaCode::NATION, |stored| {
            if let Ok(Body::Area(area)) = stored.body {
                areas.push((area.code, area.name));
            }
        })?;
        Ok(areas)
    }

    fn may(&self, permission: Permission, area: &AreaCode) -> bool {
        self.caller.may(permission, area)
    }

    fn current(&self, id: &RecordId) -> Result<Option<Record>, Unreadable> {
        Ok(self.reader.get(id)?.and_then(store::Stored::into_record))
    }

    fn with_key(&self, key: &Key) -> Result<Vec<RecordId>, Unreadable> {
        Ok(self.reader.find(key)?)
    }

    fn in_area(&self, kind: Kind, area: &AreaCode) -> Result<Vec<RecordId>, Unreadable> {
        let listing = |after| Listing {
            kind,
            area: *area,
            lifecycle: Lifecycle::Open,
            after,
            limit: PAGE,
        };
        let (mut records, mut after) = (Vec::new(), None);
        loop {
            let page = self.reader.list_ids(&listing(after))?;
            records.extend(page.items);
            after = page.next;
            if after.is_none() {
                return Ok(records);
            }
        }
    }
}

pub(super) fn file_refused(error: files::Error) -> Error {
    match error {
        files::Error::Io(_) | files::Error::Registry(_) => Error::Other {
            code: "internal",
            message: "the file could not be processed".to_owned(),
        },
        files::Error::NotYours(area) => Denied { area }.into(),
        files::Error::TooLarge { .. }
        | files::Error::UnpacksTooLarge { .. }
        | files::Error::TooManyRows { .. } => Error::Other {
            code: "too-large",
            message: error.to_string(),
        },
        _ => Error::Other {
            code: "file-refused",
            message: error.to_string(),
        },
    }
}
