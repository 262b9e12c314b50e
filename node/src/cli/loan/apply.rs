//! `lika loan apply`, `approve`, `withdraw`, `disburse`, `overdue` and `default`.

use anyhow::{Context as _, bail};
use clap::Args;
use lika_core::{
    record::{LoanStage, decision_id},
    value::{Code, Fen, Ppm, RecordId},
};
use lika_proto::{
    log::v1::{self as log, Action},
    v1::record::Body,
};
use serde_json::json;

use super::{change, loan, optional_id};
use crate::cli::{
    Answer, Called, Output, block_on,
    client::{self, Registry, day, id},
    output::shown_id,
};

/// Write down that a household applies for a loan, in your name; somebody else approves it.
#[derive(Debug, Args)]
pub struct Apply {
    /// The household's record.
    #[arg(long)]
    household: String,
    /// The member who borrows for it, where the loan is to one person.
    #[arg(long)]
    member: Option<String>,
    /// The amount in yuan.
    #[arg(long, value_name = "YUAN")]
    amount: String,
    /// The term in months.
    #[arg(long)]
    months: u32,
    /// A year's rate, such as 6%.
    #[arg(long)]
    rate: String,
    /// What for, such as planting or livestock.
    #[arg(long)]
    purpose: String,
    /// How it comes back: bullet, quarterly-interest or equal-principal.
    #[arg(long, default_value = "bullet")]
    method: String,
    /// The guarantee fund behind it.
    #[arg(long, required_unless_present = "lender")]
    fund: Option<String>,
    /// The lender; that of the fund when it is not given.
    #[arg(long)]
    lender: Option<String>,
    /// The cadre who guarantees it.
    #[arg(long)]
    guarantor: Option<String>,
    /// The day; today when it is not given.
    #[arg(long, value_name = "DATE")]
    on: Option<String>,
    #[command(flatten)]
    called: Called,
}

/// Approve an application, in your name. Where a policy for loans is in force, its decision on this one binds: run
/// `lika policy evaluate loan` first.
#[derive(Debug, Args)]
pub struct Approve {
    /// The loan's record.
    loan: String,
    /// The day; today when it is not given.
    #[arg(long, value_name = "DATE")]
    on: Option<String>,
    #[command(flatten)]
    called: Called,
}

/// Withdraw or turn down an application that was not disbursed.
#[derive(Debug, Args)]
pub struct Withdraw {
    /// The loan's record.
    loan: String,
    #[command(flatten)]
    called: Called,
}

/// Write down that the lender has paid it out, in your name.
#[derive(Debug, Args)]
pub struct Disburse {
    /// The loan's record.
    loan: String,
    /// The day; today when it is not given.
    #[arg(long, value_name = "DATE")]
    on: Option<String>,
    #[command(flatten)]
    called: Called,
}

/// Write down that the household was told that something is overdue, in your name.
#[derive(Debug, Args)]
pub struct Overdue {
    /// The loan's record.
    loan: String,
    /// The day; today when it is not given.
    #[arg(long, value_name = "DATE")]
    on: Option<String>,
    #[command(flatten)]
    called: Called,
}

/// Write down that nobody expects the household to pay any more, in your name.
#[derive(Debug, Args)]
pub struct Default {
    /// The loan's record.
    loan: String,
    /// Why it is not held against the household: disaster, hardship, market or other; without one it is.
    #[arg(long)]
    excuse: Option<String>,
    /// The day; today when it is not given.
    #[arg(long, value_name = "DATE")]
    on: Option<String>,
    #[command(flatten)]
    called: Called,
}

pub fn apply(command: &Apply, output: &mut Output) -> anyhow::Result<Answer> {
    let Apply {
        household,
        member,
        amount,
        months,
        rate,
        purpose,
        method,
        fund,
        lender,
        guarantor,
        on,
        called,
    } = command;
    let on = day(on.as_deref())?;
    let mut open = log::loan::Open {
        household: id("--household", household)?,
        member: optional_id("--member", member.as_deref())?,
        lender: optional_id("--lender", lender.as_deref())?,
        fund: optional_id("--fund", fund.as_deref())?,
        guarantor: optional_id("--guarantor", guarantor.as_deref())?,
        purpose: purpose.clone(),
        amount: Fen::parse_yuan(amount).context("--amount")?.get(),
        months: *months,
        rate: Ppm::parse_share(rate).context("--rate")?.get(),
        method: method.clone(),
        ..log::loan::Open::default()
    };
    let loan = block_on(async {
        let mut registry = client::registry(called).await?;
        if open.lender.is_empty() {
            open.lender = lender_of(&mut registry, &open.fund).await?;
        }
        let area = client::read(&mut registry, &open.household).await?.area;
        let person = client::caller(&mut registry, called).await?;
        open.steps = vec![step(LoanStage::Applied, on.number(), person)];
        let loan = log::Loan { open: Some(open) };
        client::create(&mut registry, &area, Body::Loan(loan)).await
    })?;
    let loan = shown_id(&loan);
    output.answer(
        || loan.clone(),
        || json!({"loan": loan, "stage": "applied"}),
    )?;
    Ok(Answer::Yes)
}

pub fn approve(command: &Approve, output: &mut Output) -> anyhow::Result<Answer> {
    let Approve { loan, on, called } = command;
    let on = day(on.as_deref())?.number();
    let done = block_on(async {
        let mut registry = client::registry(called).await?;
        let loan = id("the loan", loan)?;
        let decision = decision_on(&mut registry, "loan", &loan).await?;
        change(&mut registry, called, &loan, |open, person| {
            open.steps.push(log::loan::Step {
                decision,
                ..step(LoanStage::Approved, on, person)
            });
        })
        .await
    });
    done?;
    said(loan, LoanStage::Approved, output)
}

pub fn withdraw(command: &Withdraw, output: &mut Output) -> anyhow::Result<Answer> {
    let Withdraw {
        loan: given,
        called,
    } = command;
    block_on(async {
        let mut registry = client::registry(called).await?;
        let (record, _) = loan(&mut registry, &id("the loan", given)?).await?;
        client::apply(&mut registry, Action::Close, record).await
    })?;
    output.answer(|| format!("withdrew {given}"), || json!({"loan": given}))?;
    Ok(Answer::Yes)
}

pub fn disburse(command: &Disburse, output: &mut Output) -> anyhow::Result<Answer> {
    let Disburse { loan, on, called } = command;
    reach(loan, LoanStage::Disbursed, on.as_deref(), "", called)?;
    said(loan, LoanStage::Disbursed, output)
}

pub fn overdue(command: &Overdue, output: &mut Output) -> anyhow::Result<Answer> {
    let Overdue { loan, on, called } = command;
    reach(loan, LoanStage::Overdue, on.as_deref(), "", called)?;
    said(loan, LoanStage::Overdue, output)
}

pub fn default(command: &Default, output: &mut Output) -> anyhow::Result<Answer> {
    let Default {
        loan,
        excuse,
        on,
        called,
    } = command;
    let excuse = excuse.as_deref().unwrap_or_default();
    reach(loan, LoanStage::Defaulted, on.as_deref(), excuse, called)?;
    said(loan, LoanStage::Defaulted, output)
}

fn reach(
    loan: &str,
    stage: LoanStage,
    on: Option<&str>,
    excuse: &str,
    called: &Called,
) -> anyhow::Result<()> {
    let on = day(on)?.number();
    block_on(async {
        let mut registry = client::registry(called).await?;
        change(
            &mut registry,
            called,
            &id("the loan", loan)?,
            |open, person| {
                open.steps.push(log::loan::Step {
                    excuse: excuse.to_owned(),
                    ..step(stage, on, person)
                });
            },
        )
        .await
    })?;
    Ok(())
}

pub(super) fn said(loan: &str, stage: LoanStage, output: &mut Output) -> anyhow::Result<Answer> {
    let stage = stage.code();
    output.answer(
        || format!("loan {loan} is {stage}"),
        || json!({"loan": loan, "stage": stage}),
    )?;
    Ok(Answer::Yes)
}

pub(super) fn step(stage: LoanStage, on: u32, (officer, cadre): super::Person) -> log::loan::Step {
    log::loan::Step {
        stage: stage.code().to_owned(),
        on,
        officer,
        cadre,
        ..log::loan::Step::default()
    }
}

/// The decision on a loan for a purpose; empty where there is none. Whether it binds is for the node to say.
pub(super) async fn decision_on(
    registry: &mut Registry,
    purpose: &str,
    loan: &[u8],
) -> anyhow::Result<Vec<u8>> {
    let subject = RecordId(loan.try_into().context("the loan")?);
    let decision = decision_id(&Code::parse(purpose)?, &subject);
    let known = client::find(registry, &decision.0).await?;
    Ok(known.map(|known| known.id).unwrap_or_default())
}

async fn lender_of(registry: &mut Registry, fund: &[u8]) -> anyhow::Result<Vec<u8>> {
    match client::read(registry, fund).await?.body {
        Some(Body::GuaranteeFund(log::GuaranteeFund { open: Some(open) })) => Ok(open.lender),
        _ => bail!("{} is no guarantee fund", shown_id(fund)),
    }
}
