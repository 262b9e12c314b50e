//! `lika comparison`.

use std::{fs::File, io::Read as _, path::PathBuf};

use anyhow::Context as _;
use clap::Subcommand;
use lika_core::value::Date;
use lika_proto::{
    log::v1::Kind,
    v1::{self, compare_event::Event, compare_request::Step, record::Body},
};
use serde_json::json;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use super::{
    Answer, Called, Output, block_on, client,
    import::{PIECE, fault_line},
    output::shown_id,
    table::{Column, table},
};
use crate::files::table::LARGEST_FILE;

/// Lists of other bureaus.
#[derive(Debug, Subcommand)]
pub enum Comparison {
    /// Hold a list (XLSX, or CSV in UTF-8 or GB18030) against the registry; each hit that is new becomes a doubt.
    ///
    /// A row without a number that can be looked up is left out. Of people who are not registered nothing is kept.
    Import(Box<Import>),
    /// List the comparisons of an area.
    List {
        /// Those of this area and below, by its code; your own area when it is not given.
        #[arg(long, default_value = "", hide_default_value = true)]
        area: String,
        #[command(flatten)]
        called: Called,
    },
}

/// A list.
#[derive(clap::Args, Debug)]
pub struct Import {
    /// Whose list it is: vehicles, property, companies, payroll, allowances or deaths.
    source: String,
    /// The file, with a column 证件号码, a column 姓名 and what the bureau says.
    file: PathBuf,
    /// Whose people are looked up: the code of an area; your own area when it is not given.
    #[arg(long, default_value = "", hide_default_value = true)]
    area: String,
    /// The day of the list; today when it is not given.
    #[arg(long, value_name = "DATE")]
    on: Option<String>,
    /// Only say what would happen.
    #[arg(long)]
    dry_run: bool,
    /// Repeat this request: a UUID that an earlier comparison was given.
    #[arg(long, value_name = "UUID")]
    request: Option<uuid::Uuid>,
    #[command(flatten)]
    called: Called,
}

/// Runs `lika comparison`.
pub fn run(command: &Comparison, output: &mut Output) -> anyhow::Result<Answer> {
    match command {
        Comparison::Import(import) => send(import, output),
        Comparison::List { area, called } => list(area, called, output),
    }
}

fn send(import: &Import, output: &mut Output) -> anyhow::Result<Answer> {
    let shown = import.file.display();
    let file = File::open(&import.file).with_context(|| format!("cannot read {shown}"))?;
    let size = file.metadata()?.len();
    if size > LARGEST_FILE {
        anyhow::bail!("{shown} has {size} bytes, more than {LARGEST_FILE}; split it");
    }
    let listed_on = match &import.on {
        Some(text) => Date::parse(text).context("--on")?.number(),
        None => 0,
    };
    let options = v1::CompareOptions {
        request: import
            .request
            .map_or_else(client::request_id, |request| request.into_bytes().to_vec()),
        source: import.source.clone(),
        area: import.area.clone(),
        listed_on,
        dry_run: import.dry_run,
    };
    let summary = block_on(async {
        let mut comparisons = client::comparisons(&import.called).await?;
        let (pieces, requests) = mpsc::channel(4);
        tokio::task::spawn_blocking(move || feed(options, file, &pieces));
        let events = comparisons.compare(ReceiverStream::new(requests)).await;
        let mut events = events.map_err(client::refused)?.into_inner();
        while let Some(message) = events.message().await.map_err(client::refused)? {
            match message.event {
                Some(Event::Fault(fault)) => eprintln!("{}", fault_line(&fault)),
                Some(Event::Summary(summary)) => return Ok(summary),
                None => {}
            }
        }
        anyhow::bail!("the node ended the comparison without a summary; repeat it with --request")
    })?;
    print(import, &summary, output)?;
    Ok(if summary.unreadable == 0 {
        Answer::Yes
    } else {
        Answer::No
    })
}

fn print(import: &Import, summary: &v1::CompareSummary, output: &mut Output) -> anyhow::Result<()> {
    let v1::CompareSummary {
        comparison,
        rows,
        unreadable,
        hits,
        raised,
        position,
    } = summary;
    output.answer(
        || {
            let verb = if import.dry_run {
                "would raise"
            } else {
                "raised"
            };
            format!("{rows} rows, {unreadable} unreadable, {hits} hits; {verb} {raised} doubts")
        },
        || {
            json!({
                "comparison": (!comparison.is_empty()).then(|| shown_id(comparison)),
                "source": import.source,
                "dry_run": import.dry_run,
                "rows": rows,
                "unreadable": unreadable,
                "hits": hits,
                "raised": raised,
                "seq": position.as_ref().map(|position| position.seq),
            })
        },
    )
}

/// Sends the file in pieces; ends early when the node has ended the call.
fn feed(options: v1::CompareOptions, mut file: File, pieces: &mpsc::Sender<v1::CompareRequest>) {
    let message = |step| v1::CompareRequest { step: Some(step) };
    let mut next = message(Step::Options(options));
    while pieces.blocking_send(next).is_ok() {
        let mut piece = Vec::with_capacity(PIECE);
        let read = std::io::Read::by_ref(&mut file)
            .take(PIECE as u64)
            .read_to_end(&mut piece);
        match read {
            Ok(0) | Err(_) => return,
            Ok(_) => next = message(Step::Chunk(piece)),
        }
    }
}

fn list(area: &str, called: &Called, output: &mut Output) -> anyhow::Result<Answer> {
    let records = block_on(client::list_of(called, Kind::Comparison, area))?;
    let listed: Vec<_> = records
        .iter()
        .filter_map(|record| match &record.body {
            Some(Body::Comparison(comparison)) => Some((record, comparison.open.as_ref()?)),
            _ => None,
        })
        .collect();
    output.answer(
        || {
            let columns = [
                Column::Left("comparison"),
                Column::Left("source"),
                Column::Left("list of"),
                Column::Right("rows"),
                Column::Right("unreadable"),
                Column::Right("hits"),
                Column::Right("raised"),
            ];
            let rows = listed.iter().map(|(record, open)| {
                vec![
                    shown_id(&record.id),
                    open.source.clone(),
                    open.listed_on.to_string(),
                    open.rows.to_string(),
                    open.unreadable.to_string(),
                    open.hits.to_string(),
                    open.raised.to_string(),
                ]
            });
            table(&columns, &rows.collect::<Vec<_>>())
        },
        || {
            let values = listed.iter().map(|(record, open)| {
                json!({
                    "comparison": shown_id(&record.id),
                    "area": record.area,
                    "source": open.source,
                    "listed_on": open.listed_on,
                    "compared_on": open.compared_on,
                    "rows": open.rows,
                    "unreadable": open.unreadable,
                    "hits": open.hits,
                    "raised": open.raised,
                })
            });
            json!({"comparisons": values.collect::<Vec<_>>()})
        },
    )?;
    Ok(Answer::Yes)
}
