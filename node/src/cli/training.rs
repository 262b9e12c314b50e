//! `lika training`.

use clap::Subcommand;
use lika_core::value::Date;
use lika_proto::{
    log::v1::{self as log, Kind},
    v1::{self, record::Body},
};
use serde_json::{Value, json};

use super::{
    Answer, Called, Output, block_on,
    client::{self, id},
    output::shown_id,
};

/// Training courses, joint meetings and advisory visits.
#[derive(Debug, Subcommand)]
pub enum Training {
    /// List trainings.
    List {
        /// Those of this area and below, by its code; your own area when it is not given.
        #[arg(long, default_value = "", hide_default_value = true)]
        area: String,
        #[command(flatten)]
        called: Called,
    },
    /// Record a training.
    Record(Box<Held>),
}

/// A training that was held.
#[derive(clap::Args, Debug)]
pub struct Held {
    /// What it was about.
    title: String,
    /// Where it counts: the code of an area.
    #[arg(long)]
    area: String,
    /// course, joint-meeting or advisory-visit.
    #[arg(long)]
    kind: String,
    /// Whom it was for: stationed-cadre, local-cadre or household.
    #[arg(long)]
    audience: String,
    /// The first day, such as 2016-03-01.
    #[arg(long)]
    on: String,
    /// How many days.
    #[arg(long, default_value_t = 1)]
    days: u32,
    /// The place, in words.
    #[arg(long)]
    place: String,
    /// How many attended.
    #[arg(long)]
    attendances: u32,
    /// How many questions it resolved.
    #[arg(long)]
    questions: Option<u32>,
    /// The id of a member or cadre who attended; again for each.
    #[arg(long = "attendee", value_name = "ID")]
    attendees: Vec<String>,
    /// The id of the unit that organised it.
    #[arg(long)]
    unit: Option<String>,
    #[command(flatten)]
    called: Called,
}

/// Runs `lika training`.
pub fn run(command: &Training, output: &mut Output) -> anyhow::Result<Answer> {
    match command {
        Training::List { area, called } => list(area, called, output),
        Training::Record(held) => record(held, output),
    }
}

fn list(area: &str, called: &Called, output: &mut Output) -> anyhow::Result<Answer> {
    let records = block_on(client::list_of(called, Kind::Training, area))?;
    let trainings: Vec<_> = records.iter().filter_map(open_of).collect();
    output.answer(
        || match &trainings[..] {
            [] => "no trainings".to_owned(),
            trainings => {
                let line = |(record, open): &(&v1::Record, &log::training::Open)| {
                    let (id, count) = (shown_id(&record.id), open.attendances);
                    format!(
                        "{id} {} {} {} for {}: {} ({count} attended)",
                        open.on, record.area, open.r#type, open.audience, open.title
                    )
                };
                trainings.iter().map(line).collect::<Vec<_>>().join("\n")
            }
        },
        || json!({"trainings": trainings.iter().map(value).collect::<Vec<_>>()}),
    )?;
    Ok(Answer::Yes)
}

fn record(held: &Held, output: &mut Output) -> anyhow::Result<Answer> {
    let attendees = held.attendees.iter().map(|it| id("who attended", it));
    let unit = held.unit.as_deref().map(|it| id("the unit", it));
    let open = log::training::Open {
        r#type: held.kind.clone(),
        audience: held.audience.clone(),
        title: held.title.clone(),
        on: Date::parse(&held.on)?.number(),
        days: held.days,
        place: held.place.clone(),
        attendances: held.attendances,
        questions_resolved: held.questions,
        attendees: attendees.collect::<Result<_, _>>()?,
        unit: unit.transpose()?.unwrap_or_default(),
    };
    let made = block_on(async {
        let mut registry = client::registry(&held.called).await?;
        let body = Body::Training(log::Training { open: Some(open) });
        client::create(&mut registry, &held.area, body).await
    })?;
    let made = shown_id(&made);
    output.answer(
        || format!("recorded training {made}"),
        || json!({"training": made}),
    )?;
    Ok(Answer::Yes)
}

fn open_of(record: &v1::Record) -> Option<(&v1::Record, &log::training::Open)> {
    match &record.body {
        Some(Body::Training(training)) => Some((record, training.open.as_ref()?)),
        _ => None,
    }
}

fn value((record, open): &(&v1::Record, &log::training::Open)) -> Value {
    json!({
        "training": shown_id(&record.id),
        "area": record.area,
        "kind": open.r#type,
        "audience": open.audience,
        "title": open.title,
        "on": open.on,
        "days": open.days,
        "place": open.place,
        "attendances": open.attendances,
        "questions_resolved": open.questions_resolved,
        "attendees": open.attendees.iter().map(|id| shown_id(id)).collect::<Vec<_>>(),
        "unit": (!open.unit.is_empty()).then(|| shown_id(&open.unit)),
    })
}
