//! `lika satisfaction`.

use anyhow::Context as _;
use clap::Subcommand;
use lika_proto::{
    log::v1::{self as log, Kind},
    v1::{self, record::Body},
};
use serde_json::{Value, json};

use super::{
    Answer, Called, Output, block_on,
    client::{self, create, day},
    output::shown_id,
    subject::Subject,
};

/// What people who are helped think of it.
#[derive(Debug, Subcommand)]
pub enum Satisfaction {
    /// Write down the answers of a survey.
    Record {
        /// Whose help they were asked about: the id of a cadre or a unit, or the code of an area.
        #[arg(long)]
        subject: String,
        /// The day; today when it is not given.
        #[arg(long)]
        on: Option<String>,
        /// How many people were asked.
        #[arg(long)]
        asked: u32,
        /// How many gave an answer, as answer=people: very-satisfied, satisfied, fairly-satisfied, dissatisfied; again for
        /// each.
        #[arg(long = "answer", value_name = "ANSWER=PEOPLE")]
        answers: Vec<String>,
        #[command(flatten)]
        called: Called,
    },
    /// List the surveys of an area.
    List {
        /// This area and below, by its code; your own area when it is not given.
        #[arg(long, default_value = "", hide_default_value = true)]
        area: String,
        #[command(flatten)]
        called: Called,
    },
}

/// Runs `lika satisfaction`.
pub fn run(command: &Satisfaction, output: &mut Output) -> anyhow::Result<Answer> {
    match command {
        Satisfaction::Record {
            subject,
            on,
            asked,
            answers,
            called,
        } => {
            let answers = answers.iter().map(|answer| answer_of(answer));
            let mut open = log::satisfaction_survey::Open {
                on: day(on.as_deref())?.number(),
                asked: *asked,
                answers: answers.collect::<Result<_, _>>()?,
                ..Default::default()
            };
            let made = block_on(async {
                let mut registry = client::registry(called).await?;
                let subject = Subject::read(&mut registry, subject).await?;
                (open.subject_kind, open.subject) = (subject.kind, subject.id);
                let survey = log::SatisfactionSurvey { open: Some(open) };
                create(
                    &mut registry,
                    &subject.area,
                    Body::SatisfactionSurvey(survey),
                )
                .await
            })?;
            let made = shown_id(&made);
            output.answer(
                || format!("recorded survey {made}"),
                || json!({"survey": made}),
            )?;
        }
        Satisfaction::List { area, called } => list(area, called, output)?,
    }
    Ok(Answer::Yes)
}

fn answer_of(text: &str) -> anyhow::Result<log::satisfaction_survey::Answer> {
    let (answer, people) = text
        .split_once('=')
        .with_context(|| format!("{text:?} is not answer=people"))?;
    Ok(log::satisfaction_survey::Answer {
        answer: answer.to_owned(),
        people: people
            .parse()
            .with_context(|| format!("{people:?} is no number of people"))?,
    })
}

fn list(area: &str, called: &Called, output: &mut Output) -> anyhow::Result<()> {
    let records = block_on(client::list_of(called, Kind::SatisfactionSurvey, area))?;
    let surveys: Vec<_> = records.iter().filter_map(open_of).collect();
    output.answer(
        || match &surveys[..] {
            [] => "no surveys".to_owned(),
            surveys => surveys
                .iter()
                .map(|(record, open)| {
                    let answers = open.answers.iter();
                    let answers = answers.map(|it| format!("{} {}", it.people, it.answer));
                    let answers = answers.collect::<Vec<_>>().join(", ");
                    let (id, on, asked) = (shown_id(&record.id), open.on, open.asked);
                    format!("{id} {on} {} of {asked} asked: {answers}", record.area)
                })
                .collect::<Vec<_>>()
                .join("\n"),
        },
        || json!({"surveys": surveys.iter().map(value).collect::<Vec<_>>()}),
    )
}

fn value((record, open): &(&v1::Record, &log::satisfaction_survey::Open)) -> Value {
    let answers = open.answers.iter();
    let answers = answers.map(|it| (it.answer.clone(), json!(it.people)));
    json!({
        "survey": shown_id(&record.id),
        "area": record.area,
        "subject": shown_id(&open.subject),
        "on": open.on,
        "asked": open.asked,
        "answers": answers.collect::<serde_json::Map<_, _>>(),
    })
}

fn open_of(record: &v1::Record) -> Option<(&v1::Record, &log::satisfaction_survey::Open)> {
    match &record.body {
        Some(Body::SatisfactionSurvey(survey)) => Some((record, survey.open.as_ref()?)),
        _ => None,
    }
}
