//! `lika fund propose`, `approve`, `withdraw` and `reverse`.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::Args;
use lika_core::{
    record::Approval,
    value::{Digest, Fen},
};
use lika_proto::{
    log::v1::{self as log, Action, transfer},
    v1::{self, record::Body},
};
use serde_json::json;

use crate::cli::{
    Answer, Called, Output, block_on,
    client::{self, Registry, create, day, id},
    output::shown_id,
};

/// Propose that money goes from one account to another; it goes when two people have approved it.
#[derive(Debug, Args)]
pub struct Propose {
    /// The account that the money leaves.
    #[arg(long)]
    from: String,
    /// The account that it goes to.
    #[arg(long)]
    to: String,
    /// The amount in yuan, such as 50,000 or 1234.50.
    #[arg(long, value_name = "YUAN")]
    amount: String,
    /// The day; today when it is not given.
    #[arg(long, value_name = "DATE")]
    on: Option<String>,
    /// What it is spent on, where it leaves the funds, such as industry or infrastructure.
    #[arg(
        long = "for",
        value_name = "USE",
        default_value = "",
        hide_default_value = true
    )]
    used_for: String,
    /// The file that shows why, such as the scan of an invoice: its digest is kept, the file is not.
    #[arg(long, value_name = "FILE")]
    evidence: Option<PathBuf>,
    /// The commitment that it settles, or settles in part.
    #[arg(long, value_name = "COMMITMENT")]
    settles: Option<String>,
    #[command(flatten)]
    called: Called,
}

/// Approve a proposed transfer in person: with the second person's approval the money goes.
#[derive(Debug, Args)]
pub struct Approve {
    /// The transfer's record.
    transfer: String,
    #[command(flatten)]
    called: Called,
}

/// Withdraw a proposed transfer that two people have not approved yet.
#[derive(Debug, Args)]
pub struct Withdraw {
    /// The transfer's record.
    transfer: String,
    #[command(flatten)]
    called: Called,
}

/// Propose that a transfer which is posted is undone by another one, which two people approve.
#[derive(Debug, Args)]
pub struct Reverse {
    /// The record of the transfer that is to be undone.
    transfer: String,
    /// The day; today when it is not given.
    #[arg(long, value_name = "DATE")]
    on: Option<String>,
    #[command(flatten)]
    called: Called,
}

pub fn propose(command: &Propose, output: &mut Output) -> anyhow::Result<Answer> {
    let Propose {
        from,
        to,
        amount,
        on,
        used_for,
        evidence,
        settles,
        called,
    } = command;
    let evidence = evidence.as_ref().map(std::fs::read).transpose();
    let evidence = evidence.context("--evidence")?;
    let open = transfer::Open {
        from: id("--from", from)?,
        to: id("--to", to)?,
        amount: Fen::parse_yuan(amount).context("--amount")?.get(),
        on: day(on.as_deref())?.number(),
        used_for: used_for.clone(),
        evidence: evidence.map_or_else(Vec::new, |bytes| Digest::of(&bytes).0.to_vec()),
        settles: match settles {
            Some(settles) => id("--settles", settles)?,
            None => Vec::new(),
        },
        ..transfer::Open::default()
    };
    let transfer = block_on(async {
        let mut registry = client::registry(called).await?;
        let from = Side::read(&mut registry, &open.from).await?;
        let to = Side::read(&mut registry, &open.to).await?;
        let (direction, of) = match (from.is_internal(), to.is_internal()) {
            (true, true) => ("internal", &from),
            (true, false) => ("out", &from),
            (false, _) => ("in", &to),
        };
        let open = transfer::Open {
            direction: direction.to_owned(),
            channel: of.open.channel.clone(),
            ..open
        };
        let transfer = log::Transfer { open: Some(open) };
        create(&mut registry, &of.area, Body::Transfer(transfer)).await
    })?;
    let transfer = shown_id(&transfer);
    output.answer(|| transfer.clone(), || json!({"transfer": transfer}))?;
    Ok(Answer::Yes)
}

pub fn approve(command: &Approve, output: &mut Output) -> anyhow::Result<Answer> {
    let Approve { transfer, called } = command;
    let transfer = id("the transfer", transfer)?;
    let approvals = block_on(async {
        let mut registry = client::registry(called).await?;
        let (officer, cadre) = client::caller(&mut registry, called).await?;
        let (mut record, mut open) = read(&mut registry, &transfer).await?;
        open.approvals
            .push(log::enactment::Approval { officer, cadre });
        let approvals = open.approvals.len();
        record.body = Some(Body::Transfer(log::Transfer { open: Some(open) }));
        client::apply(&mut registry, Action::Change, record).await?;
        Ok(approvals)
    })?;
    let needed = Approval::NEEDED;
    output.answer(
        || format!("{approvals} of {needed} approvals"),
        || json!({"approvals": approvals, "needed": needed}),
    )?;
    Ok(Answer::Yes)
}

pub fn withdraw(command: &Withdraw, output: &mut Output) -> anyhow::Result<Answer> {
    let Withdraw { transfer, called } = command;
    let transfer = id("the transfer", transfer)?;
    let withdrawn = block_on(async {
        let mut registry = client::registry(called).await?;
        let (record, _) = read(&mut registry, &transfer).await?;
        client::apply(&mut registry, Action::Close, record).await
    })?;
    let withdrawn = shown_id(&withdrawn.id);
    output.answer(
        || format!("withdrew {withdrawn}"),
        || json!({"transfer": withdrawn}),
    )?;
    Ok(Answer::Yes)
}

pub fn reverse(command: &Reverse, output: &mut Output) -> anyhow::Result<Answer> {
    let Reverse {
        transfer,
        on,
        called,
    } = command;
    let transfer = id("the transfer", transfer)?;
    let on = day(on.as_deref())?.number();
    let reversal = block_on(async {
        let mut registry = client::registry(called).await?;
        let (_, undone) = read(&mut registry, &transfer).await?;
        let from = Side::read(&mut registry, &undone.to).await?;
        let to = Side::read(&mut registry, &undone.from).await?;
        let area = if from.is_internal() { &from } else { &to }.area.clone();
        let open = transfer::Open {
            from: undone.to,
            to: undone.from,
            on,
            reverses: transfer,
            evidence: Vec::new(),
            approvals: Vec::new(),
            ..undone
        };
        let reversal = log::Transfer { open: Some(open) };
        create(&mut registry, &area, Body::Transfer(reversal)).await
    })?;
    let reversal = shown_id(&reversal);
    output.answer(|| reversal.clone(), || json!({"transfer": reversal}))?;
    Ok(Answer::Yes)
}

/// An account of a transfer.
struct Side {
    area: String,
    open: log::account::Open,
}

impl Side {
    async fn read(registry: &mut Registry, id: &[u8]) -> anyhow::Result<Self> {
        let record = client::read(registry, id).await?;
        let Some(Body::Account(log::Account { open: Some(open) })) = record.body else {
            bail!("{} is no account", shown_id(id));
        };
        Ok(Self {
            area: record.area,
            open,
        })
    }

    fn is_internal(&self) -> bool {
        self.open.side == "internal"
    }
}

/// A transfer as it stands.
async fn read(registry: &mut Registry, id: &[u8]) -> anyhow::Result<(v1::Record, transfer::Open)> {
    let record = client::read(registry, id).await?;
    match &record.body {
        Some(Body::Transfer(log::Transfer { open: Some(open) })) => {
            let open = open.clone();
            Ok((record, open))
        }
        _ => bail!("{} is no transfer", shown_id(id)),
    }
}
