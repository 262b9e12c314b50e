//! `lika letter`.

use anyhow::{Context as _, bail};
use clap::Subcommand;
use lika_core::value::AreaCode;
use lika_proto::{
    log::v1::{self as log, Action, Kind},
    v1::{self, record::Body},
};
use serde_json::{Value, json};

use super::{
    Answer, Called, Output, block_on,
    client::{self, create, day, id, read},
    output::shown_id,
    subject::Subject,
};

/// Responsibility letters, signed level by level.
#[derive(Debug, Subcommand)]
pub enum Letter {
    /// Write down what a level promises the level right above it for a year.
    Write {
        /// Who promises: the code of an area, or the id of a unit.
        #[arg(long)]
        lower: String,
        /// The year.
        #[arg(long)]
        year: u32,
        /// What, as item=target, such as people-exited=1165: people-exited, households-exited, villages-exited,
        /// income-growth, services; again for each.
        #[arg(long = "goal", value_name = "ITEM=TARGET")]
        goals: Vec<String>,
        #[command(flatten)]
        called: Called,
    },
    /// Sign a letter.
    Sign {
        /// The id of the letter.
        letter: String,
        /// upper or lower.
        #[arg(long)]
        side: String,
        /// The id of the cadre who signs.
        #[arg(long)]
        cadre: String,
        /// The day; today when it is not given.
        #[arg(long)]
        on: Option<String>,
        #[command(flatten)]
        called: Called,
    },
    /// List the letters of an area.
    List {
        /// This area and below, by its code; your own area when it is not given.
        #[arg(long, default_value = "", hide_default_value = true)]
        area: String,
        #[command(flatten)]
        called: Called,
    },
}

/// Runs `lika letter`.
pub fn run(command: &Letter, output: &mut Output) -> anyhow::Result<Answer> {
    match command {
        Letter::Write {
            lower,
            year,
            goals,
            called,
        } => {
            let goals = goals.iter().map(|goal| goal_of(goal));
            let goals = goals.collect::<Result<_, _>>()?;
            let letter = shown_id(&block_on(write(called, lower, *year, goals))?);
            output.answer(
                || format!("wrote letter {letter}"),
                || json!({"letter": letter}),
            )?;
        }
        Letter::Sign {
            letter,
            side,
            cadre,
            on,
            called,
        } => {
            let signature = log::responsibility_letter::Signature {
                side: side.clone(),
                cadre: id("the cadre", cadre)?,
                on: day(on.as_deref())?.number(),
            };
            block_on(sign(called, &id("the letter", letter)?, signature))?;
            output.answer(
                || format!("letter {letter} is signed by the {side} side"),
                || json!({"letter": letter, "side": side}),
            )?;
        }
        Letter::List { area, called } => list(area, called, output)?,
    }
    Ok(Answer::Yes)
}

fn goal_of(text: &str) -> anyhow::Result<log::responsibility_letter::Goal> {
    let (item, target) = text
        .split_once('=')
        .with_context(|| format!("{text:?} is not item=target"))?;
    Ok(log::responsibility_letter::Goal {
        item: item.to_owned(),
        target: target
            .parse()
            .with_context(|| format!("{target:?} is no number"))?,
    })
}

async fn write(
    called: &Called,
    lower: &str,
    year: u32,
    goals: Vec<log::responsibility_letter::Goal>,
) -> anyhow::Result<Vec<u8>> {
    let mut registry = client::registry(called).await?;
    let lower = Subject::read(&mut registry, lower).await?;
    let own = AreaCode::parse(&lower.area)?;
    let upper = match lower.kind == Kind::Unit as u32 {
        true => Some(own),
        false => own.parent(),
    };
    let upper = upper.context("nobody is above the nation")?;
    let open = log::responsibility_letter::Open {
        year,
        upper: upper.digits().to_owned(),
        lower_kind: lower.kind,
        lower: lower.id,
        goals,
        signatures: Vec::new(),
    };
    let body = Body::ResponsibilityLetter(log::ResponsibilityLetter { open: Some(open) });
    create(&mut registry, &lower.area, body).await
}

async fn sign(
    called: &Called,
    id: &[u8],
    signature: log::responsibility_letter::Signature,
) -> anyhow::Result<v1::Applied> {
    let mut registry = client::registry(called).await?;
    let mut record = read(&mut registry, id).await?;
    let Some((_, open)) = open_of(&record) else {
        bail!("the record is no responsibility letter");
    };
    let mut open = open.clone();
    open.signatures.push(signature);
    let body = Body::ResponsibilityLetter(log::ResponsibilityLetter { open: Some(open) });
    record.body = Some(body);
    client::apply(&mut registry, Action::Change, record).await
}

fn list(area: &str, called: &Called, output: &mut Output) -> anyhow::Result<()> {
    let records = block_on(client::list_of(called, Kind::ResponsibilityLetter, area))?;
    let letters: Vec<_> = records.iter().filter_map(open_of).collect();
    output.answer(
        || match &letters[..] {
            [] => "no letters".to_owned(),
            letters => letters
                .iter()
                .map(|(record, open)| {
                    let sides = open.signatures.iter().map(|it| it.side.as_str());
                    let sides = sides.collect::<Vec<_>>().join(" and ");
                    let (id, year, upper) = (shown_id(&record.id), open.year, &open.upper);
                    format!("{id} {year} {} to {upper}, signed: {sides}", record.area)
                })
                .collect::<Vec<_>>()
                .join("\n"),
        },
        || json!({"letters": letters.iter().map(value).collect::<Vec<_>>()}),
    )
}

fn value((record, open): &(&v1::Record, &log::responsibility_letter::Open)) -> Value {
    let goals = open.goals.iter();
    let goals = goals.map(|goal| (goal.item.clone(), json!(goal.target)));
    let signatures = open
        .signatures
        .iter()
        .map(|it| json!({"side": it.side, "cadre": shown_id(&it.cadre), "on": it.on}));
    json!({
        "letter": shown_id(&record.id),
        "area": record.area,
        "year": open.year,
        "upper": open.upper,
        "lower": shown_id(&open.lower),
        "goals": goals.collect::<serde_json::Map<_, _>>(),
        "signatures": signatures.collect::<Vec<_>>(),
    })
}

fn open_of(record: &v1::Record) -> Option<(&v1::Record, &log::responsibility_letter::Open)> {
    match &record.body {
        Some(Body::ResponsibilityLetter(letter)) => Some((record, letter.open.as_ref()?)),
        _ => None,
    }
}
