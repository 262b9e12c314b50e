//! Files on the wire: pieces in, progress and pieces out.
//!
//! What a client sends is personal and must not lie about on a disk: it is kept in a file of memory while it is read.

mod listing;

use std::{
    fs::File,
    io::{Read as _, Seek as _, Write as _},
};

use lika_core::value::AreaCode;
use lika_proto::v1::{self, import_event::Event};
use tokio::sync::mpsc;
use tonic::{Status, Streaming};

use super::{record, status::malformed, status::status};
use crate::{
    files::{Fault, Format, Progress, Severity, Stage, Summary, lists::List, table::LARGEST_FILE},
    gateway::{Caller, Error, Gateway, Import, Imported, View, What},
};

/// The size of the pieces that are sent.
const PIECE: usize = 256 * 1024;

type Events = mpsc::Sender<Result<v1::ImportEvent, Status>>;

/// Takes a file, imports it, and tells how it goes until the summary.
pub async fn import(
    gateway: Gateway,
    caller: Caller,
    requests: Streaming<v1::ImportRequest>,
    events: Events,
) {
    if let Err(refused) = run_import(&gateway, &caller, requests, &events).await {
        // The client may have left, and then nobody hears why.
        let _ = events.send(Err(refused)).await;
    }
}

async fn run_import(
    gateway: &Gateway,
    caller: &Caller,
    mut requests: Streaming<v1::ImportRequest>,
    events: &Events,
) -> Result<(), Status> {
    let Some(v1::ImportRequest {
        step: Some(v1::import_request::Step::Options(options)),
    }) = requests.message().await?
    else {
        return Err(malformed(
            "the first message of an import carries its options",
        ));
    };
    let import = import_of(&options)?;
    // Before a file of many megabytes is taken.
    gateway
        .may_import(caller, import.what)
        .map_err(|error| status(&error))?;
    let file = receive(requests).await?;
    let told = events.clone();
    let progress = move |progress| {
        // Progress that a slow client has no room for is dropped: the next one says more.
        let _ = told.try_send(Ok(event(Event::Progress(progress_message(progress)))));
    };
    let imported = gateway
        .import(caller, import, options.file_name, file, progress)
        .await
        .map_err(|error| status(&error))?;
    report(gateway, caller, &imported, events).await
}

/// Sends what came of it: faults, the listing and the summary.
async fn report(
    gateway: &Gateway,
    caller: &Caller,
    imported: &Imported,
    events: &Events,
) -> Result<(), Status> {
    let plan = &imported.plan;
    let faults = plan.faults.list().iter().map(fault_message);
    let rows = listing::rows(plan).map(Event::Row);
    let absent = listing::absent(gateway, caller, plan);
    let told = faults
        .map(Event::Fault)
        .chain(rows)
        .map(Ok)
        .chain(absent.map(|absent| absent.map(Event::Absent)))
        .chain([Ok(Event::Summary(summary(gateway, imported)))]);
    for told in told {
        if events.send(Ok(event(told?))).await.is_err() {
            // The client has left.
            break;
        }
    }
    Ok(())
}

/// What is to be exported of an area.
pub struct Wanted {
    /// xlsx or csv.
    pub format: String,
    /// A view; empty for the households.
    pub view: String,
    /// Of a view, the year of the incomes; 0 for the last income year that is over.
    pub year: u32,
}

/// Exports the households of an area, or a view of it, in pieces.
pub async fn export(
    gateway: Gateway,
    caller: Caller,
    area: AreaCode,
    wanted: Wanted,
    chunks: mpsc::Sender<Result<v1::ExportChunk, Status>>,
) {
    if let Err(refused) = run_export(&gateway, &caller, area, &wanted, &chunks).await {
        let _ = chunks.send(Err(refused)).await;
    }
}

async fn run_export(
    gateway: &Gateway,
    caller: &Caller,
    area: AreaCode,
    wanted: &Wanted,
    chunks: &mpsc::Sender<Result<v1::ExportChunk, Status>>,
) -> Result<(), Status> {
    let format = match wanted.format.as_str() {
        "xlsx" => Format::Xlsx,
        "csv" => Format::Csv,
        _ => return Err(malformed("format: must be xlsx or csv")),
    };
    let view = view_of(&wanted.view)?;
    let year = record::year("year", wanted.year)?;
    if view.is_some() && format != Format::Xlsx {
        return Err(malformed("format: a view is xlsx"));
    }
    let file = memory_file()?;
    let written = match view {
        Some(view) => gateway.export_view(caller, area, view, year, file).await,
        None => gateway.export(caller, area, format, file).await,
    };
    let mut file = written.map_err(|error| status(&error))?;
    loop {
        let mut chunk = Vec::with_capacity(PIECE);
        std::io::Read::by_ref(&mut file)
            .take(PIECE as u64)
            .read_to_end(&mut chunk)
            .map_err(|_| status(&Error::TaskEnded))?;
        let is_end = chunk.is_empty();
        if is_end || chunks.send(Ok(v1::ExportChunk { chunk })).await.is_err() {
            return Ok(());
        }
    }
}

fn view_of(view: &str) -> Result<Option<View>, Status> {
    Ok(Some(match view {
        "" => return Ok(None),
        "card" => View::Card,
        "book" => View::Book,
        "ledger" => View::Ledger,
        "archive" => View::Archive,
        _ => return Err(malformed("view: must be card, book, ledger or archive")),
    }))
}

fn import_of(options: &v1::ImportOptions) -> Result<Import, Status> {
    let what = match options.kind.as_str() {
        "" | "households" => What::Households {
            income_year: record::year("income_year", options.income_year)?,
        },
        code => What::List(List::from_code(code).ok_or_else(unknown_list)?),
    };
    Ok(Import {
        what,
        request: record::request_id(&options.request)?,
        dry_run: options.dry_run,
        valid_rows: options.valid_rows,
        as_of: record::day("as_of", options.as_of)?,
    })
}

fn unknown_list() -> Status {
    let lists: Vec<_> = List::ALL.into_iter().map(List::code).collect();
    malformed(format!("kind: must be households, {}", lists.join(", ")))
}

async fn receive(mut requests: Streaming<v1::ImportRequest>) -> Result<File, Status> {
    let mut file = Receiving::new()?;
    while let Some(v1::ImportRequest { step }) = requests.message().await? {
        let Some(v1::import_request::Step::Chunk(chunk)) = step else {
            return Err(malformed(
                "after its options an import carries pieces of the file",
            ));
        };
        file.take(&chunk)?;
    }
    file.finish()
}

/// A file on its way in: in memory, and no larger than one that is read.
pub(super) struct Receiving {
    file: File,
    size: u64,
}

impl Receiving {
    pub(super) fn new() -> Result<Self, Status> {
        let file = memory_file()?;
        Ok(Self { file, size: 0 })
    }

    pub(super) fn take(&mut self, piece: &[u8]) -> Result<(), Status> {
        self.size += piece.len() as u64;
        if self.size > LARGEST_FILE {
            let message =
                format!("the file has more than {LARGEST_FILE} bytes; split it by township");
            return Err(status(&Error::Other {
                code: "too-large",
                message,
            }));
        }
        let written = self.file.write_all(piece);
        written.map_err(|_| status(&Error::TaskEnded))
    }

    pub(super) fn finish(mut self) -> Result<File, Status> {
        let rewound = self.file.rewind();
        rewound.map_err(|_| status(&Error::TaskEnded))?;
        Ok(self.file)
    }
}

/// A file that never touches a disk, with this in it.
pub fn in_memory(content: &[u8]) -> Result<File, Status> {
    let mut file = memory_file()?;
    file.write_all(content)
        .and_then(|()| file.rewind())
        .map_err(|_| status(&Error::TaskEnded))?;
    Ok(file)
}

fn memory_file() -> Result<File, Status> {
    let file = rustix::fs::memfd_create("lika-transfer", rustix::fs::MemfdFlags::CLOEXEC);
    file.map(File::from).map_err(|_| status(&Error::TaskEnded))
}

fn event(event: Event) -> v1::ImportEvent {
    v1::ImportEvent { event: Some(event) }
}

fn progress_message(progress: Progress) -> v1::ImportProgress {
    let stage = match progress.stage {
        Stage::Reading => "reading",
        Stage::Matching => "matching",
        Stage::Writing => "writing",
    };
    v1::ImportProgress {
        stage: stage.to_owned(),
        done: progress.done as u64,
        total: progress.total.unwrap_or_default() as u64,
    }
}

pub(super) fn fault_message(fault: &Fault) -> v1::RowFault {
    v1::RowFault {
        sheet: fault.sheet.clone(),
        row: fault.row,
        column: fault.column.unwrap_or_default().to_owned(),
        value: fault.value.clone().unwrap_or_default(),
        code: fault.cause.code().to_owned(),
        message_zh: fault.cause.zh(),
        message_en: fault.cause.to_string(),
        warning: fault.severity() == Severity::Warning,
    }
}

fn summary(gateway: &Gateway, imported: &Imported) -> v1::ImportSummary {
    let Imported {
        what,
        plan,
        receipt,
    } = imported;
    let Summary {
        rows,
        households,
        members,
        incomes,
        records,
        left_out,
    } = &plan.summary;
    let is_of_households = matches!(what, What::Households { .. });
    let left_out = *left_out as u64;
    let conflicting = households.conflicting + members.conflicting + incomes.conflicting;
    v1::ImportSummary {
        rows: *rows as u64,
        households_new: households.new as u64,
        households_changed: households.changed as u64,
        households_unchanged: households.unchanged as u64,
        members_new: members.new as u64,
        members_changed: members.changed as u64,
        members_unchanged: members.unchanged as u64,
        households_absent: households.absent as u64,
        members_absent: members.absent as u64,
        conflicting: conflicting as u64,
        faulty_rows: plan.faults.faulty_rows() as u64,
        warnings: plan.faults.warnings() as u64,
        applied: receipt.is_some(),
        position: receipt
            .as_ref()
            .map(|receipt| record::position(&gateway.reader().node(), receipt.position)),
        incomes_new: incomes.new as u64,
        incomes_changed: incomes.changed as u64,
        incomes_unchanged: incomes.unchanged as u64,
        households_left_out: if is_of_households { left_out } else { 0 },
        faults: plan.faults.faults() as u64,
        unlisted: listing::unlisted(plan) as u64,
        records_new: records.new as u64,
        records_changed: records.changed as u64,
        records_unchanged: records.unchanged as u64,
        records_absent: records.absent as u64,
        rows_left_out: if is_of_households { 0 } else { left_out },
    }
}
