//! `lika import`, `lika template` and `lika export`.

mod outcome;

use std::{
    fs::File,
    io::{Read as _, Write as _},
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Context as _;
use clap::{Args, builder::PossibleValuesParser};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use lika_core::value::Date;
use lika_proto::v1::{self, import_event::Event, import_request::Step};
use serde_json::json;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use self::outcome::Outcome;
use super::{Answer, Called, Output, block_on, client};
use crate::{
    clock::{Clock as _, System},
    files::{lists::List, table::LARGEST_FILE, template},
};

/// What is imported when nobody says.
const HOUSEHOLDS: &str = "households";

/// The size of the pieces in which a file is sent.
pub(super) const PIECE: usize = 1 << 20;

/// Import a spreadsheet (XLSX, or CSV in UTF-8 or GB18030): households with the national headings, or another list.
#[derive(Args, Debug)]
pub struct Import {
    /// The file.
    file: PathBuf,
    /// What the file is a list of; `lika template` writes what each looks like.
    ///
    /// What a list asks for is done in your name: projects are proposed, loans applied for, deposits proposed.
    #[arg(long, default_value = HOUSEHOLDS, value_parser = imported())]
    kind: String,
    #[command(flatten)]
    called: Called,
    /// Only say what would happen, row by row.
    #[arg(long)]
    dry_run: bool,
    /// Leave out the faulty rows, with their households; otherwise a fault keeps the whole file out.
    #[arg(long)]
    valid_rows: bool,
    /// The day from which memberships of unknown date count; today when it is not given.
    #[arg(long, value_name = "DATE")]
    as_of: Option<String>,
    /// The year of the income columns; the last income year that is over on `--as-of` when it is not given.
    #[arg(long, value_name = "YEAR")]
    income_year: Option<u32>,
    /// Repeat this request: a UUID that an earlier import was given.
    #[arg(long, value_name = "UUID")]
    request: Option<uuid::Uuid>,
}

/// Write a workbook to fill in: the headings of a list with example rows, and what belongs under each.
#[derive(Args, Debug)]
pub struct Template {
    /// The list, as `lika import --kind` takes it.
    #[arg(value_parser = PossibleValuesParser::new(List::ALL.map(List::code)))]
    kind: String,
    /// The file (.xlsx); named after the list when it is not given.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Export registered data under the headings that import reads, or as a view to print.
#[derive(Args, Debug)]
pub struct Export {
    /// What to export.
    ///
    /// `households` is what import reads. The others are views to print: the cards or the book of a village, the ledger
    /// of a township, the archive of a county with its ledgers and books.
    #[arg(value_parser = ["households", "card", "book", "ledger", "archive"])]
    what: String,
    /// The file; its ending says the format (.xlsx or .csv; a view is .xlsx).
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    called: Called,
    /// The area; the officer's own when it is not given.
    #[arg(long, default_value = "", hide_default_value = true)]
    area: String,
    /// Of a view, the year of the incomes; the last income year that is over when it is not given.
    #[arg(long)]
    year: Option<u32>,
}

/// What `--kind` takes.
fn imported() -> PossibleValuesParser {
    let lists = List::ALL.into_iter().map(List::code);
    PossibleValuesParser::new([HOUSEHOLDS].into_iter().chain(lists))
}

/// Writes the template of a list.
pub fn template(template: &Template, output: &mut Output) -> anyhow::Result<Answer> {
    let Template { kind, out } = template;
    let list = List::from_code(kind).context("there is no such list")?;
    let out = match out {
        Some(out) => out.clone(),
        None => PathBuf::from(format!("{kind}.xlsx")),
    };
    let written = File::create(&out).map_err(Into::into);
    written
        .and_then(|mut file| template::write(list, System.today(), &mut file))
        .with_context(|| format!("cannot write {}", out.display()))?;
    let columns = list.columns().len();
    let path = out.display().to_string();
    output.answer(
        || format!("{kind}: {columns} columns in {path}"),
        || json!({"kind": kind, "file": path, "columns": columns}),
    )?;
    Ok(Answer::Yes)
}

/// Sends the file and prints what came of it.
pub fn import(import: &Import, output: &mut Output) -> anyhow::Result<Answer> {
    let size = std::fs::metadata(&import.file)
        .with_context(|| format!("cannot read {}", import.file.display()))?
        .len();
    if size > LARGEST_FILE {
        anyhow::bail!(
            "{} has {size} bytes, more than {LARGEST_FILE}; split it by township",
            import.file.display()
        );
    }
    let file = File::open(&import.file)
        .with_context(|| format!("cannot read {}", import.file.display()))?;
    let options = options(import)?;
    let outcome = block_on(send(import, options, file))?;
    let is_clean = outcome.summary.faulty_rows == 0;
    output.answer(
        || outcome.text(import.dry_run),
        || outcome.value(import.dry_run),
    )?;
    Ok(if is_clean { Answer::Yes } else { Answer::No })
}

/// Receives the file beside its place and moves it there when it is whole.
pub fn export(export: &Export, output: &mut Output) -> anyhow::Result<Answer> {
    let format = match export.out.extension().and_then(|ending| ending.to_str()) {
        Some(ending @ ("xlsx" | "csv")) => ending.to_owned(),
        _ => anyhow::bail!("{} must end in .xlsx or .csv", export.out.display()),
    };
    let folder = export
        .out
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)
        .with_context(|| format!("cannot write in {}", folder.display()))?;
    let bytes = block_on(async {
        let mut registry = client::registry(&export.called).await?;
        let request = v1::ExportRequest {
            area: export.area.clone(),
            format,
            view: match export.what.as_str() {
                "households" => String::new(),
                view => view.to_owned(),
            },
            year: export.year.unwrap_or_default(),
        };
        let mut chunks = registry
            .export(request)
            .await
            .map_err(client::refused)?
            .into_inner();
        let mut bytes = 0u64;
        while let Some(v1::ExportChunk { chunk }) =
            chunks.message().await.map_err(client::refused)?
        {
            file.write_all(&chunk)?;
            bytes += chunk.len() as u64;
        }
        Ok(bytes)
    })?;
    file.as_file().sync_all()?;
    file.persist(&export.out)
        .with_context(|| format!("cannot write {}", export.out.display()))?;
    let path = export.out.display().to_string();
    output.answer(
        || format!("{}: {bytes} bytes in {path}", export.what),
        || json!({"what": export.what, "file": path, "bytes": bytes}),
    )?;
    Ok(Answer::Yes)
}

fn options(import: &Import) -> anyhow::Result<v1::ImportOptions> {
    let as_of = match &import.as_of {
        Some(text) => Date::parse(text).context("--as-of")?.number(),
        None => 0,
    };
    let name = import
        .file
        .file_stem()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    Ok(v1::ImportOptions {
        request: import
            .request
            .map_or_else(client::request_id, |request| request.into_bytes().to_vec()),
        file_name: name,
        dry_run: import.dry_run,
        valid_rows: import.valid_rows,
        as_of,
        income_year: import.income_year.unwrap_or_default(),
        kind: import.kind.clone(),
    })
}

async fn send(import: &Import, options: v1::ImportOptions, file: File) -> anyhow::Result<Outcome> {
    let mut registry = client::registry(&import.called).await?;
    let (pieces, requests) = mpsc::channel(4);
    tokio::task::spawn_blocking(move || feed(options, file, &pieces));
    let mut events = registry
        .import(ReceiverStream::new(requests))
        .await
        .map_err(client::refused)?
        .into_inner();
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    bar.set_style(ProgressStyle::with_template(
        "{msg} {pos}/{len} {wide_bar} {elapsed}",
    )?);
    bar.enable_steady_tick(Duration::from_millis(200));
    let mut outcome = Outcome {
        is_of_list: import.kind != HOUSEHOLDS,
        ..Outcome::default()
    };
    while let Some(message) = events.message().await.map_err(client::refused)? {
        match message.event {
            Some(Event::Progress(progress)) => {
                bar.set_message(progress.stage);
                bar.set_length(progress.total.max(progress.done));
                bar.set_position(progress.done);
            }
            Some(Event::Fault(fault)) => bar.suspend(|| eprintln!("{}", fault_line(&fault))),
            Some(Event::Row(row)) => outcome.rows.push(row),
            Some(Event::Absent(absent)) => outcome.absent.push(absent),
            Some(Event::Summary(summary)) => {
                bar.finish_and_clear();
                outcome.summary = summary;
                return Ok(outcome);
            }
            None => {}
        }
    }
    anyhow::bail!("the node ended the import without a summary; repeat it with the same --request")
}

/// Sends the file in pieces; ends early when the node has ended the call.
fn feed(options: v1::ImportOptions, mut file: File, pieces: &mpsc::Sender<v1::ImportRequest>) {
    let message = |step| v1::ImportRequest { step: Some(step) };
    if pieces
        .blocking_send(message(Step::Options(options)))
        .is_err()
    {
        return;
    }
    loop {
        let mut piece = Vec::with_capacity(PIECE);
        match std::io::Read::by_ref(&mut file)
            .take(PIECE as u64)
            .read_to_end(&mut piece)
        {
            Ok(0) | Err(_) => return,
            Ok(_) if pieces.blocking_send(message(Step::Chunk(piece))).is_err() => return,
            Ok(_) => {}
        }
    }
}

pub(super) fn fault_line(fault: &v1::RowFault) -> String {
    let v1::RowFault {
        sheet,
        row,
        column,
        value,
        code,
        message_zh,
        message_en,
        warning,
    } = fault;
    let severity = if *warning { "warning" } else { "fault" };
    format!("{severity} {code}: {sheet} row {row} {column} {value:?}: {message_en} / {message_zh}")
}
