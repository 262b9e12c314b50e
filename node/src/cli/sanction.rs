//! `lika sanction`.

use anyhow::bail;
use clap::{Args, Subcommand};
use lika_core::value::Date;
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

/// Reprimand, interview, accountability, and what stands beside the ladder.
#[derive(Debug, Subcommand)]
pub enum Sanction {
    /// Impose a sanction; it rests on findings about the same subject.
    Impose(Box<Imposed>),
    /// Lift a yellow card.
    Lift {
        /// The id of the sanction.
        sanction: String,
        /// The day; today when it is not given.
        #[arg(long)]
        on: Option<String>,
        #[command(flatten)]
        called: Called,
    },
    /// Take a sanction back; no later rung may rest on it.
    TakeBack {
        /// The id of the sanction.
        sanction: String,
        #[command(flatten)]
        called: Called,
    },
    /// List the sanctions of an area.
    List {
        /// This area and below, by its code; your own area when it is not given.
        #[arg(long, default_value = "", hide_default_value = true)]
        area: String,
        #[command(flatten)]
        called: Called,
    },
}

/// A sanction that is imposed.
#[derive(Args, Debug)]
pub struct Imposed {
    /// reprimand, interview, accountability, naming or yellow-card.
    kind: String,
    /// Whom it is about: the id of a cadre or a unit, or the code of an area.
    #[arg(long)]
    subject: String,
    /// The id of a finding on which it rests; again for each.
    #[arg(long = "finding", value_name = "ID")]
    findings: Vec<String>,
    /// The day; today when it is not given.
    #[arg(long)]
    on: Option<String>,
    /// The first day on which the ladder no longer remembers it.
    #[arg(long)]
    lapses_on: Option<String>,
    /// The day by which things are to be put right; of a yellow card.
    #[arg(long)]
    deadline: Option<String>,
    /// warning, demerit, demotion or dismissal; of accountability.
    #[arg(long, default_value = "", hide_default_value = true)]
    penalty: String,
    /// The id of the decision that proposed it.
    #[arg(long)]
    decision: Option<String>,
    /// A note; stays on this node.
    #[arg(long, default_value = "", hide_default_value = true)]
    note: String,
    #[command(flatten)]
    called: Called,
}

/// Runs `lika sanction`.
pub fn run(command: &Sanction, output: &mut Output) -> anyhow::Result<Answer> {
    match command {
        Sanction::Impose(imposed) => impose(imposed, output)?,
        Sanction::Lift {
            sanction,
            on,
            called,
        } => {
            let lifted_on = day(on.as_deref())?.number();
            let edit = |open| log::sanction::Open { lifted_on, ..open };
            block_on(alter(called, sanction, Action::Change, edit))?;
            output.answer(
                || format!("yellow card {sanction} is lifted"),
                || json!({"sanction": sanction, "lifted_on": lifted_on}),
            )?;
        }
        Sanction::TakeBack { sanction, called } => {
            block_on(alter(called, sanction, Action::Close, |open| open))?;
            output.answer(
                || format!("sanction {sanction} is taken back"),
                || json!({"sanction": sanction}),
            )?;
        }
        Sanction::List { area, called } => list(area, called, output)?,
    }
    Ok(Answer::Yes)
}

fn impose(imposed: &Imposed, output: &mut Output) -> anyhow::Result<()> {
    let some_day = |text: &Option<String>| match text {
        Some(text) => day(Some(text)).map(Date::number),
        None => Ok(0),
    };
    let findings = imposed.findings.iter().map(|it| id("a finding", it));
    let decision = imposed.decision.as_deref();
    let decision = decision.map(|it| id("the decision", it)).transpose()?;
    let mut open = log::sanction::Open {
        kind: imposed.kind.clone(),
        on: day(imposed.on.as_deref())?.number(),
        findings: findings.collect::<Result<_, _>>()?,
        lapses_on: some_day(&imposed.lapses_on)?,
        deadline: some_day(&imposed.deadline)?,
        penalty: imposed.penalty.clone(),
        decision: decision.unwrap_or_default(),
        ..Default::default()
    };
    let made = block_on(async {
        let mut registry = client::registry(&imposed.called).await?;
        let subject = Subject::read(&mut registry, &imposed.subject).await?;
        (open.subject_kind, open.subject) = (subject.kind, subject.id);
        let note = imposed.note.clone();
        let body = Body::Sanction(log::Sanction {
            open: Some(open),
            free_text: Some(log::sanction::FreeText { note }),
        });
        create(&mut registry, &subject.area, body).await
    })?;
    let made = shown_id(&made);
    output.answer(
        || format!("imposed {} {made}", imposed.kind),
        || json!({"sanction": made}),
    )
}

async fn alter(
    called: &Called,
    sanction: &str,
    action: Action,
    edit: impl FnOnce(log::sanction::Open) -> log::sanction::Open,
) -> anyhow::Result<v1::Applied> {
    let mut registry = client::registry(called).await?;
    let mut record = read(&mut registry, &id("the sanction", sanction)?).await?;
    let Some(Body::Sanction(log::Sanction {
        open: Some(open), ..
    })) = record.body.clone()
    else {
        bail!("the record is no sanction");
    };
    // A note that is not given stays.
    record.body = Some(Body::Sanction(log::Sanction {
        open: Some(edit(open)),
        free_text: None,
    }));
    client::apply(&mut registry, action, record).await
}

fn list(area: &str, called: &Called, output: &mut Output) -> anyhow::Result<()> {
    let records = block_on(client::list_of(called, Kind::Sanction, area))?;
    let sanctions: Vec<_> = records.iter().filter_map(open_of).collect();
    let some = |day: u32| (day > 0).then_some(day);
    output.answer(
        || match &sanctions[..] {
            [] => "no sanctions".to_owned(),
            sanctions => sanctions
                .iter()
                .map(|(record, open)| {
                    let (id, subject) = (shown_id(&record.id), shown_id(&open.subject));
                    let (on, kind) = (open.on, &open.kind);
                    format!("{id} {on} {} {kind} of {subject}", record.area)
                })
                .collect::<Vec<_>>()
                .join("\n"),
        },
        || {
            let sanctions = sanctions.iter().map(|(record, open)| {
                json!({
                    "sanction": shown_id(&record.id),
                    "area": record.area,
                    "subject": shown_id(&open.subject),
                    "kind": open.kind,
                    "on": open.on,
                    "findings": open.findings.iter().map(|id| shown_id(id)).collect::<Vec<_>>(),
                    "lapses_on": some(open.lapses_on),
                    "deadline": some(open.deadline),
                    "lifted_on": some(open.lifted_on),
                    "penalty": (!open.penalty.is_empty()).then_some(&open.penalty),
                    "decision": (!open.decision.is_empty()).then(|| shown_id(&open.decision)),
                })
            });
            json!({"sanctions": sanctions.collect::<Vec<_>>()})
        },
    )
}

fn open_of(record: &v1::Record) -> Option<(&v1::Record, &log::sanction::Open)> {
    match &record.body {
        Some(Body::Sanction(sanction)) => Some((record, sanction.open.as_ref()?)),
        _ => None,
    }
}
