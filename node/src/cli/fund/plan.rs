//! `lika fund commit`, `commitments`, `release` and `budget`: what is owed and what is planned.

use anyhow::{Context as _, bail};
use clap::Args;
use lika_core::{
    record,
    value::{AreaCode, Code, Fen, Year},
};
use lika_proto::{
    log::v1::{self as log, Action, Kind, commitment},
    v1::{self, record::Body},
};
use serde_json::{Value, json};

use super::listed;
use crate::cli::{
    Answer, Called, Output, block_on,
    client::{self, day, id},
    output::shown_id,
};

/// Set money of a fund aside for what it owes: nobody else can be given it.
#[derive(Debug, Args)]
pub struct Commit {
    /// The account.
    #[arg(long)]
    account: String,
    /// The amount in yuan, such as 50,000 or 1234.50.
    #[arg(long, value_name = "YUAN")]
    amount: String,
    /// What for; nothing personal.
    #[arg(long = "for", value_name = "TEXT")]
    what_for: String,
    /// Since which day; today when it is not given.
    #[arg(long, value_name = "DATE")]
    on: Option<String>,
    #[command(flatten)]
    called: Called,
}

/// List what is owed: the commitments that nobody has closed.
#[derive(Debug, Args)]
pub struct Commitments {
    /// Those of this area and below, by its code, such as 360323; your own area when it is not given.
    #[arg(long, default_value = "", hide_default_value = true)]
    area: String,
    #[command(flatten)]
    called: Called,
}

/// Close a commitment: nothing of it is owed any more, paid or not.
#[derive(Debug, Args)]
pub struct Release {
    /// The commitment's record.
    commitment: String,
    #[command(flatten)]
    called: Called,
}

/// Write down what is planned for a year, or change it until the books of the year are closed.
#[derive(Debug, Args)]
pub struct Budget {
    /// The year, such as 2016.
    year: String,
    /// The area, by its code, such as 360323.
    #[arg(long)]
    area: String,
    /// Where the money is to come from, such as county-budget.
    #[arg(long)]
    channel: String,
    /// What it is to be for, such as industry.
    #[arg(long)]
    purpose: String,
    /// The amount in yuan, such as 2,000,000.
    #[arg(long, value_name = "YUAN")]
    amount: String,
    #[command(flatten)]
    called: Called,
}

pub fn commit(command: &Commit, output: &mut Output) -> anyhow::Result<Answer> {
    let Commit {
        account,
        amount,
        what_for,
        on,
        called,
    } = command;
    let open = commitment::Open {
        account: id("--account", account)?,
        amount: Fen::parse_yuan(amount).context("--amount")?.get(),
        on: day(on.as_deref())?.number(),
        what_for: what_for.clone(),
        project: Vec::new(),
    };
    let commitment = block_on(async {
        let mut registry = client::registry(called).await?;
        let area = client::read(&mut registry, &open.account).await?.area;
        let body = Body::Commitment(log::Commitment { open: Some(open) });
        client::create(&mut registry, &area, body).await
    })?;
    let commitment = shown_id(&commitment);
    output.answer(|| commitment.clone(), || json!({"commitment": commitment}))?;
    Ok(Answer::Yes)
}

pub fn commitments(command: &Commitments, output: &mut Output) -> anyhow::Result<Answer> {
    let Commitments { area, called } = command;
    let records = block_on(client::list_of(called, Kind::Commitment, area))?;
    let commitments = records.iter().filter_map(|record| match &record.body {
        Some(Body::Commitment(log::Commitment { open: Some(open) })) => Some((record, open)),
        _ => None,
    });
    let commitments: Vec<_> = commitments.collect();
    output.answer(
        || listed::lines(commitments.iter().map(|it| text(it.0, it.1)), "nothing is owed"),
        || json!({"commitments": commitments.iter().map(|it| value(it.0, it.1)).collect::<Vec<_>>()}),
    )?;
    Ok(Answer::Yes)
}

pub fn release(command: &Release, output: &mut Output) -> anyhow::Result<Answer> {
    let Release { commitment, called } = command;
    let commitment = id("the commitment", commitment)?;
    let released = block_on(async {
        let mut registry = client::registry(called).await?;
        let record = client::read(&mut registry, &commitment).await?;
        if !matches!(record.body, Some(Body::Commitment(_))) {
            bail!("{} is no commitment", shown_id(&commitment));
        }
        client::apply(&mut registry, Action::Close, record).await
    })?;
    let released = shown_id(&released.id);
    output.answer(
        || format!("released {released}"),
        || json!({"commitment": released}),
    )?;
    Ok(Answer::Yes)
}

pub fn budget(command: &Budget, output: &mut Output) -> anyhow::Result<Answer> {
    let Budget {
        year,
        area,
        channel,
        purpose,
        amount,
        called,
    } = command;
    let area = AreaCode::parse(area).context("--area")?;
    let planned = record::Budget {
        year: Year::parse(year).context("the year")?,
        channel: Code::parse(channel).context("--channel")?,
        purpose: Code::parse(purpose).context("--purpose")?,
        amount: Fen::parse_yuan(amount).context("--amount")?,
    };
    let id = planned.id_for(&area).0.to_vec();
    let open = log::budget::Open {
        year: u32::from(planned.year.get()),
        channel: channel.clone(),
        purpose: purpose.clone(),
        amount: planned.amount.get(),
    };
    let budget = block_on(async {
        let mut registry = client::registry(called).await?;
        let (action, known) = match client::find(&mut registry, &id).await? {
            Some(known) => (Action::Change, known),
            None => (Action::Create, v1::Record::default()),
        };
        let record = v1::Record {
            id,
            area: area.digits().to_owned(),
            body: Some(Body::Budget(log::Budget { open: Some(open) })),
            ..known
        };
        client::apply(&mut registry, action, record).await
    })?;
    let budget = shown_id(&budget.id);
    output.answer(|| budget.clone(), || json!({"budget": budget}))?;
    Ok(Answer::Yes)
}

fn text(record: &v1::Record, open: &commitment::Open) -> String {
    let (id, account) = (shown_id(&record.id), shown_id(&open.account));
    let (area, on, amount, what_for) = (&record.area, open.on, Fen(open.amount), &open.what_for);
    format!("{id} {area} {on} {amount}: {what_for}, of account {account}")
}

fn value(record: &v1::Record, open: &commitment::Open) -> Value {
    json!({
        "commitment": shown_id(&record.id),
        "area": record.area,
        "account": shown_id(&open.account),
        "amount": open.amount,
        "on": open.on,
        "for": open.what_for,
    })
}
