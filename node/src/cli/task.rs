//! `lika task`.

use anyhow::Context as _;
use clap::{Args, Subcommand};
use lika_core::value::Date;
use lika_proto::{
    log::v1 as log,
    v1::{self, record::Body},
};
use serde_json::{Value, json};

use super::{
    Answer, Called, Output, block_on,
    client::{self, create, day},
    output::shown_id,
    subject::Subject,
};

/// Months in which the period of a task is looked for.
const LONGEST_PERIOD: i32 = 36;

/// What is due, what is late, and what was done.
#[derive(Debug, Subcommand)]
pub enum Task {
    /// What is due in an area as of a day, what of it is late, and all of it counted.
    Due {
        /// This area and below, by its code; your own area when it is not given.
        #[arg(long, default_value = "", hide_default_value = true)]
        area: String,
        /// The day, such as 2016-10-01; today when it is not given.
        #[arg(long)]
        on: Option<String>,
        /// Tasks of periods that begin on this day or later; the first day of the year when it is not given.
        #[arg(long)]
        since: Option<String>,
        #[command(flatten)]
        called: Called,
    },
    /// Write down that a task was done.
    Done(Written),
    /// Excuse somebody from a task; the note says why.
    Excuse(Written),
}

/// A task that was done or excused.
#[derive(Args, Debug)]
pub struct Written {
    /// The duty, by its code.
    duty: String,
    /// Who owes it: the id of a post, a cadre or a unit, or the code of an area.
    #[arg(long)]
    holder: String,
    /// The day; today when it is not given.
    #[arg(long)]
    on: Option<String>,
    /// A day of the period for which it is; the day itself when it is not given.
    #[arg(long)]
    period: Option<String>,
    /// What was done, or why it is excused; stays on this node.
    #[arg(long, default_value = "", hide_default_value = true)]
    note: String,
    #[command(flatten)]
    called: Called,
}

/// Runs `lika task`.
pub fn run(command: &Task, output: &mut Output) -> anyhow::Result<Answer> {
    match command {
        Task::Due {
            area,
            on,
            since,
            called,
        } => {
            let request = v1::TasksRequest {
                area: area.clone(),
                on: day(on.as_deref())?.number(),
                since: since.as_deref().map_or(Ok(0), |day| {
                    Date::parse(day).map(Date::number).context("since")
                })?,
            };
            due(request, called, output)?;
        }
        Task::Done(written) => write(written, "done", output)?,
        Task::Excuse(written) => write(written, "excused", output)?,
    }
    Ok(Answer::Yes)
}

async fn tasks(called: &Called, request: v1::TasksRequest) -> anyhow::Result<v1::TasksResponse> {
    let mut supervision = client::supervision(called).await?;
    let tasks = supervision.tasks(request).await.map_err(client::refused)?;
    Ok(tasks.into_inner())
}

fn due(request: v1::TasksRequest, called: &Called, output: &mut Output) -> anyhow::Result<()> {
    let found = block_on(tasks(called, request))?;
    output.answer(
        || {
            let counts = found.counts.iter().map(|count| {
                format!(
                    "{}: {} of {} done, {} of them late; {} excused, {} late",
                    count.code, count.done, count.owed, count.done_late, count.excused, count.late
                )
            });
            let owed = found.owed.iter().map(|owed| {
                let late = if owed.late { " late" } else { "" };
                let (code, area, holder) = (&owed.code, &owed.area, shown_id(&owed.holder));
                format!(
                    "{}{late} {code} {area} holder {holder} for {}",
                    owed.due, owed.period
                )
            });
            let more = found.has_more.then(|| "there are more".to_owned());
            let lines: Vec<String> = owed.chain(more).chain(counts).collect();
            match lines.is_empty() {
                true => "nothing is due".to_owned(),
                false => lines.join("\n"),
            }
        },
        || {
            json!({
                "on": found.on,
                "owed": found.owed.iter().map(owed_value).collect::<Vec<_>>(),
                "counts": found.counts.iter().map(count_value).collect::<Vec<_>>(),
                "has_more": found.has_more,
            })
        },
    )
}

fn owed_value(owed: &v1::OwedTask) -> Value {
    json!({
        "duty": shown_id(&owed.duty),
        "code": owed.code,
        "holder": shown_id(&owed.holder),
        "cadre": (!owed.cadre.is_empty()).then(|| shown_id(&owed.cadre)),
        "area": owed.area,
        "period": owed.period,
        "due": owed.due,
        "late": owed.late,
    })
}

fn count_value(count: &v1::DutyCount) -> Value {
    json!({
        "code": count.code,
        "owed": count.owed,
        "done": count.done,
        "done_late": count.done_late,
        "excused": count.excused,
        "late": count.late,
    })
}

fn write(written: &Written, result: &str, output: &mut Output) -> anyhow::Result<()> {
    let on = day(written.on.as_deref())?;
    let within = match &written.period {
        Some(within) => Date::parse(within).context("the period")?,
        None => on,
    };
    let task = block_on(async {
        let called = &written.called;
        let mut registry = client::registry(called).await?;
        let holder = Subject::read(&mut registry, &written.holder).await?;
        let (duty, period) = owed_by(written, &holder, within).await?;
        let open = log::task::Open {
            duty,
            holder_kind: holder.kind,
            holder: holder.id,
            period,
            result: result.to_owned(),
            on: on.number(),
            ..Default::default()
        };
        let note = written.note.clone();
        let body = Body::Task(log::Task {
            open: Some(open),
            free_text: Some(log::task::FreeText { note }),
        });
        create(&mut registry, &holder.area, body).await
    })?;
    let task = shown_id(&task);
    output.answer(
        || format!("{} is {result}: task {task}", written.duty),
        || json!({"task": task, "result": result}),
    )
}

/// The duty and the first day of the period that a day is in, of what a holder owes.
async fn owed_by(
    written: &Written,
    holder: &Subject,
    within: Date,
) -> anyhow::Result<(Vec<u8>, u32)> {
    let since = within.plus_months(-LONGEST_PERIOD).unwrap_or(within);
    let request = v1::TasksRequest {
        area: holder.area.clone(),
        on: within.number(),
        since: since.number(),
    };
    let found = tasks(&written.called, request).await?;
    let owed = found.owed.into_iter();
    let own = owed.filter(|owed| owed.holder == holder.id && owed.code == written.duty);
    let last = own.max_by_key(|owed| owed.period).with_context(|| {
        let duty = &written.duty;
        format!("nothing of {duty} is open for this holder; `lika task due` lists what is")
    })?;
    Ok((last.duty, last.period))
}
