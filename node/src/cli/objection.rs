//! `lika objection`.

use anyhow::bail;
use clap::Subcommand;
use lika_proto::{
    log::v1::{self as log, Action, Kind},
    v1::{self, record::Body},
};
use serde_json::json;

use super::{
    Answer, Called, Output, block_on,
    client::{self, create, day, id, read},
    output::shown_id,
};

/// Objections to what a notice lists.
#[derive(Debug, Subcommand)]
pub enum Objection {
    /// Take down an objection that somebody brought.
    Receive {
        /// The id of the notice.
        notice: String,
        /// The id of the case that it lists.
        #[arg(long)]
        case: String,
        /// What is objected; stays on this node.
        #[arg(long)]
        text: String,
        /// The day; today when it is not given.
        #[arg(long)]
        on: Option<String>,
        #[command(flatten)]
        called: Called,
    },
    /// List the objections of an area that wait for an answer or were upheld.
    List {
        /// This area and below, by its code; your own area when it is not given.
        #[arg(long, default_value = "", hide_default_value = true)]
        area: String,
        #[command(flatten)]
        called: Called,
    },
    /// Answer an objection.
    Answer {
        /// The id of the objection.
        objection: String,
        /// What came of it: upheld or dismissed.
        #[arg(long)]
        finding: String,
        /// The answer; stays on this node.
        #[arg(long)]
        text: String,
        /// The day; today when it is not given.
        #[arg(long)]
        on: Option<String>,
        #[command(flatten)]
        called: Called,
    },
}

/// Runs `lika objection`.
pub fn run(command: &Objection, output: &mut Output) -> anyhow::Result<Answer> {
    match command {
        Objection::Receive {
            notice,
            case,
            text,
            on,
            called,
        } => {
            let open = log::objection::Open {
                notice: id("the notice", notice)?,
                case: id("the case", case)?,
                received_on: day(on.as_deref())?.number(),
                ..Default::default()
            };
            let free_text = log::objection::FreeText {
                objection: text.clone(),
                answer: String::new(),
            };
            let objection = block_on(async {
                let mut registry = client::registry(called).await?;
                let area = read(&mut registry, &open.case).await?.area;
                let body = Body::Objection(log::Objection {
                    open: Some(open),
                    free_text: Some(free_text),
                });
                create(&mut registry, &area, body).await
            })?;
            let objection = shown_id(&objection);
            output.answer(
                || format!("received objection {objection}"),
                || json!({"objection": objection}),
            )?;
        }
        Objection::List { area, called } => list(area, called, output)?,
        Objection::Answer {
            objection,
            finding,
            text,
            on,
            called,
        } => {
            let (id, on) = (
                id("the objection", objection)?,
                day(on.as_deref())?.number(),
            );
            let officer = client::officer(called)?.0.to_vec();
            block_on(answer(called, &id, finding, text, on, officer))?;
            output.answer(
                || format!("answered objection {objection}: {finding}"),
                || json!({"objection": objection, "finding": finding}),
            )?;
        }
    }
    Ok(Answer::Yes)
}

async fn answer(
    called: &Called,
    id: &[u8],
    finding: &str,
    text: &str,
    on: u32,
    officer: Vec<u8>,
) -> anyhow::Result<v1::Applied> {
    let mut registry = client::registry(called).await?;
    let mut record = read(&mut registry, id).await?;
    let Some(Body::Objection(log::Objection {
        open: Some(open),
        free_text: Some(said),
    })) = record.body.clone()
    else {
        bail!("the record is no objection that you may read");
    };
    record.body = Some(Body::Objection(log::Objection {
        open: Some(log::objection::Open {
            answered_on: on,
            finding: finding.to_owned(),
            officer,
            ..open
        }),
        free_text: Some(log::objection::FreeText {
            answer: text.to_owned(),
            ..said
        }),
    }));
    // One that was upheld keeps blocking its case.
    let action = match finding {
        "upheld" => Action::Change,
        _ => Action::Close,
    };
    client::apply(&mut registry, action, record).await
}

fn list(area: &str, called: &Called, output: &mut Output) -> anyhow::Result<()> {
    let records = block_on(client::list_of(called, Kind::Objection, area))?;
    let objections = records.iter().filter_map(|record| match &record.body {
        Some(Body::Objection(objection)) => Some((record, objection.open.as_ref()?)),
        _ => None,
    });
    let objections: Vec<_> = objections.collect();
    output.answer(
        || match &objections[..] {
            [] => "no objections".to_owned(),
            objections => objections
                .iter()
                .map(|(record, open)| {
                    let (id, case) = (shown_id(&record.id), shown_id(&open.case));
                    let state = match open.finding.as_str() {
                        "" => format!("answer by {}", open.answer_due),
                        finding => finding.to_owned(),
                    };
                    format!(
                        "{id} to case {case}, received {}: {state}",
                        open.received_on
                    )
                })
                .collect::<Vec<_>>()
                .join("\n"),
        },
        || {
            let value = |(record, open): &(&v1::Record, &log::objection::Open)| {
                json!({
                    "objection": shown_id(&record.id),
                    "area": record.area,
                    "case": shown_id(&open.case),
                    "notice": shown_id(&open.notice),
                    "received_on": open.received_on,
                    "answer_due": open.answer_due,
                    "finding": (!open.finding.is_empty()).then_some(&open.finding),
                })
            };
            json!({"objections": objections.iter().map(value).collect::<Vec<_>>()})
        },
    )
}
