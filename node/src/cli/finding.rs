//! `lika finding`.

use anyhow::bail;
use clap::{Args, Subcommand};
use lika_proto::{
    log::v1::{self as log, Action, Kind},
    v1::{self, record::Body},
};
use serde_json::json;

use super::{
    Answer, Called, Output, block_on,
    client::{self, create, day, id, read},
    output::shown_id,
    subject::Subject,
};

/// What inspections found.
#[derive(Debug, Subcommand)]
pub enum Finding {
    /// Write down what was found.
    Record(Box<Found>),
    /// Write down how a finding was settled.
    Settle {
        /// The id of the finding.
        finding: String,
        /// put-right or unfounded.
        #[arg(long)]
        end: String,
        /// The day; today when it is not given.
        #[arg(long)]
        on: Option<String>,
        /// How; stays on this node.
        #[arg(long, default_value = "", hide_default_value = true)]
        text: String,
        #[command(flatten)]
        called: Called,
    },
    /// List the findings of an area.
    List {
        /// This area and below, by its code; your own area when it is not given.
        #[arg(long, default_value = "", hide_default_value = true)]
        area: String,
        /// Only those that are not settled.
        #[arg(long)]
        open: bool,
        #[command(flatten)]
        called: Called,
    },
}

/// What was found.
#[derive(Args, Debug)]
pub struct Found {
    /// inaction, misconduct, laxity, delay, false-record, failed-assessment or other.
    kind: String,
    /// Whom it is about: the id of a cadre or a unit, or the code of an area.
    #[arg(long)]
    subject: String,
    /// How it was found: spot-check, monthly-inspection, dispatch, assessment, account-check or report.
    #[arg(long, default_value = "spot-check")]
    inspection: String,
    /// The day; today when it is not given.
    #[arg(long)]
    on: Option<String>,
    /// The day by which it is to be put right.
    #[arg(long)]
    deadline: String,
    /// The id of the duty that was not done.
    #[arg(long)]
    duty: Option<String>,
    /// What was found; stays on this node.
    #[arg(long, default_value = "", hide_default_value = true)]
    note: String,
    #[command(flatten)]
    called: Called,
}

/// Runs `lika finding`.
pub fn run(command: &Finding, output: &mut Output) -> anyhow::Result<Answer> {
    match command {
        Finding::Record(found) => record(found, output)?,
        Finding::Settle {
            finding,
            end,
            on,
            text,
            called,
        } => {
            let (id, on) = (id("the finding", finding)?, day(on.as_deref())?.number());
            block_on(settle(called, &id, end, on, text))?;
            output.answer(
                || format!("finding {finding} is settled: {end}"),
                || json!({"finding": finding, "end": end}),
            )?;
        }
        Finding::List { area, open, called } => list(area, *open, called, output)?,
    }
    Ok(Answer::Yes)
}

fn record(found: &Found, output: &mut Output) -> anyhow::Result<()> {
    let duty = found.duty.as_deref().map(|duty| id("the duty", duty));
    let mut open = log::finding::Open {
        kind: found.kind.clone(),
        inspection: found.inspection.clone(),
        found_on: day(found.on.as_deref())?.number(),
        deadline: day(Some(&found.deadline))?.number(),
        duty: duty.transpose()?.unwrap_or_default(),
        ..Default::default()
    };
    let made = block_on(async {
        let mut registry = client::registry(&found.called).await?;
        let subject = Subject::read(&mut registry, &found.subject).await?;
        (open.subject_kind, open.subject) = (subject.kind, subject.id);
        let free_text = log::finding::FreeText {
            note: found.note.clone(),
            settlement: String::new(),
        };
        let body = Body::Finding(log::Finding {
            open: Some(open),
            free_text: Some(free_text),
        });
        create(&mut registry, &subject.area, body).await
    })?;
    let made = shown_id(&made);
    output.answer(
        || format!("recorded finding {made}"),
        || json!({"finding": made}),
    )
}

async fn settle(
    called: &Called,
    id: &[u8],
    end: &str,
    on: u32,
    text: &str,
) -> anyhow::Result<v1::Applied> {
    let mut registry = client::registry(called).await?;
    let mut record = read(&mut registry, id).await?;
    let Some(Body::Finding(log::Finding {
        open: Some(open),
        free_text,
    })) = record.body.clone()
    else {
        bail!("the record is no finding");
    };
    let Some(said) = free_text else {
        bail!("what was found may not be read by you; somebody who may has to settle it");
    };
    let open = log::finding::Open {
        settled_on: on,
        end: end.to_owned(),
        ..open
    };
    record.body = Some(Body::Finding(log::Finding {
        open: Some(open),
        free_text: Some(log::finding::FreeText {
            settlement: text.to_owned(),
            ..said
        }),
    }));
    client::apply(&mut registry, Action::Change, record).await
}

fn list(area: &str, only_open: bool, called: &Called, output: &mut Output) -> anyhow::Result<()> {
    let records = block_on(client::list_of(called, Kind::Finding, area))?;
    let findings = records.iter().filter_map(open_of);
    let findings: Vec<_> = findings
        .filter(|(_, open)| !only_open || open.settled_on == 0)
        .collect();
    output.answer(
        || match &findings[..] {
            [] => "no findings".to_owned(),
            findings => findings
                .iter()
                .map(|(record, open)| {
                    let (id, subject) = (shown_id(&record.id), shown_id(&open.subject));
                    let end = match open.settled_on {
                        0 => format!("to be put right by {}", open.deadline),
                        on => format!("{} on {on}", open.end),
                    };
                    let (on, kind) = (open.found_on, &open.kind);
                    format!("{id} {on} {} {kind} of {subject}: {end}", record.area)
                })
                .collect::<Vec<_>>()
                .join("\n"),
        },
        || {
            let findings = findings.iter().map(|(record, open)| {
                json!({
                    "finding": shown_id(&record.id),
                    "area": record.area,
                    "subject": shown_id(&open.subject),
                    "kind": open.kind,
                    "inspection": open.inspection,
                    "found_on": open.found_on,
                    "deadline": open.deadline,
                    "settled_on": (open.settled_on > 0).then_some(open.settled_on),
                    "end": (!open.end.is_empty()).then_some(&open.end),
                })
            });
            json!({"findings": findings.collect::<Vec<_>>()})
        },
    )
}

fn open_of(record: &v1::Record) -> Option<(&v1::Record, &log::finding::Open)> {
    match &record.body {
        Some(Body::Finding(finding)) => Some((record, finding.open.as_ref()?)),
        _ => None,
    }
}
