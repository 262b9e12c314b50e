//! `lika loan blacklist`, `appeal` and `answer`.

use anyhow::bail;
use clap::Args;
use lika_core::value::Date;
use lika_proto::{
    log::v1::{self as log, Action, blacklisting},
    v1::record::Body,
};
use serde_json::json;

use super::optional_id;
use crate::cli::{
    Answer as Done, Called, Output, block_on,
    client::{self, day, id, read},
    output::shown_id,
};

/// Blacklist a household, in your name: nothing is lent to it until that expires or an appeal is upheld.
#[derive(Debug, Args)]
pub struct Blacklist {
    /// The household's record.
    household: String,
    /// fraud, diversion or unexcused-default.
    #[arg(long)]
    reason: String,
    /// The loan that it is about; always given but for fraud.
    #[arg(long)]
    loan: Option<String>,
    /// The member who did it, where it was one person.
    #[arg(long)]
    member: Option<String>,
    /// The first day; today when it is not given.
    #[arg(long, value_name = "DATE")]
    from: Option<String>,
    /// The first day after it.
    #[arg(long, value_name = "DATE")]
    until: String,
    /// What happened; kept sealed.
    #[arg(long, default_value = "", hide_default_value = true)]
    ground: String,
    #[command(flatten)]
    called: Called,
}

/// Write down what the household says against its blacklisting.
#[derive(Debug, Args)]
pub struct Appeal {
    /// The blacklisting's record.
    blacklisting: String,
    /// What it says; kept sealed.
    #[arg(long)]
    text: String,
    /// The day; today when it is not given.
    #[arg(long, value_name = "DATE")]
    on: Option<String>,
    #[command(flatten)]
    called: Called,
}

/// Answer an appeal, in your name; whoever wrote down the blacklisting does not.
#[derive(Debug, Args)]
pub struct Answer {
    /// The blacklisting's record.
    blacklisting: String,
    /// upheld, which ends the blacklisting, or dismissed.
    finding: String,
    /// Why; kept sealed.
    #[arg(long)]
    text: String,
    /// The day; today when it is not given.
    #[arg(long, value_name = "DATE")]
    on: Option<String>,
    #[command(flatten)]
    called: Called,
}

pub fn blacklist(command: &Blacklist, output: &mut Output) -> anyhow::Result<Done> {
    let Blacklist {
        household,
        reason,
        loan,
        member,
        from,
        until,
        ground,
        called,
    } = command;
    let mut open = blacklisting::Open {
        household: id("the household", household)?,
        member: optional_id("--member", member.as_deref())?,
        reason: reason.clone(),
        loan: optional_id("--loan", loan.as_deref())?,
        from: day(from.as_deref())?.number(),
        until: Date::parse(until)?.number(),
        ..blacklisting::Open::default()
    };
    let free_text = blacklisting::FreeText {
        ground: ground.clone(),
        ..blacklisting::FreeText::default()
    };
    let made = block_on(async {
        let mut registry = client::registry(called).await?;
        let area = read(&mut registry, &open.household).await?.area;
        (open.officer, open.cadre) = client::caller(&mut registry, called).await?;
        let body = log::Blacklisting {
            open: Some(open),
            free_text: Some(free_text),
        };
        client::create(&mut registry, &area, Body::Blacklisting(body)).await
    })?;
    let made = shown_id(&made);
    output.answer(|| made.clone(), || json!({"blacklisting": made}))?;
    Ok(Done::Yes)
}

pub fn appeal(command: &Appeal, output: &mut Output) -> anyhow::Result<Done> {
    let Appeal {
        blacklisting,
        text,
        on,
        called,
    } = command;
    let on = day(on.as_deref())?.number();
    change(blacklisting, called, |open, texts, _| {
        open.appeal = Some(blacklisting::Appeal { on, answer: None });
        texts.appeal.clone_from(text);
        Ok(())
    })?;
    output.answer(
        || format!("blacklisting {blacklisting} is appealed against"),
        || json!({"blacklisting": blacklisting, "appealed": true}),
    )?;
    Ok(Done::Yes)
}

pub fn answer(command: &Answer, output: &mut Output) -> anyhow::Result<Done> {
    let Answer {
        blacklisting,
        finding,
        text,
        on,
        called,
    } = command;
    let on = day(on.as_deref())?.number();
    change(blacklisting, called, |open, texts, (officer, cadre)| {
        let Some(appeal) = &mut open.appeal else {
            bail!("there is no appeal to answer");
        };
        appeal.answer = Some(blacklisting::Answer {
            on,
            finding: finding.clone(),
            officer,
            cadre,
        });
        texts.answer.clone_from(text);
        Ok(())
    })?;
    output.answer(
        || format!("the appeal against {blacklisting} is {finding}"),
        || json!({"blacklisting": blacklisting, "finding": finding}),
    )?;
    Ok(Done::Yes)
}

/// Reads a blacklisting, changes it and writes it back.
fn change(
    blacklisting: &str,
    called: &Called,
    edit: impl FnOnce(
        &mut blacklisting::Open,
        &mut blacklisting::FreeText,
        super::Person,
    ) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let id = id("the blacklisting", blacklisting)?;
    block_on(async {
        let mut registry = client::registry(called).await?;
        let mut record = read(&mut registry, &id).await?;
        let Some(Body::Blacklisting(log::Blacklisting {
            open: Some(mut open),
            free_text,
        })) = record.body
        else {
            bail!("{blacklisting} is no blacklisting");
        };
        let mut texts = free_text.unwrap_or_default();
        let person = client::caller(&mut registry, called).await?;
        edit(&mut open, &mut texts, person)?;
        record.body = Some(Body::Blacklisting(log::Blacklisting {
            open: Some(open),
            free_text: Some(texts),
        }));
        client::apply(&mut registry, Action::Change, record).await?;
        Ok(())
    })
}
