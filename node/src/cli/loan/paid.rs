//! `lika loan repay`, `recourse` and `subsidise`.

use anyhow::Context as _;
use clap::Args;
use lika_core::{loan::Standing, record::LoanStage, value::Fen};
use lika_proto::log::v1 as log;
use serde_json::json;

use super::{
    apply::{decision_on, said, step},
    change, loan, read,
};
use crate::cli::{
    Answer, Called, Output, block_on,
    client::{self, day, id},
};

/// Write down that money came back, in your name; with the last fen the loan is repaid.
#[derive(Debug, Args)]
pub struct Repay {
    /// The loan's record.
    loan: String,
    /// Of the principal, in yuan.
    #[arg(long, value_name = "YUAN", default_value = "0")]
    principal: String,
    /// Of the interest, in yuan.
    #[arg(long, value_name = "YUAN", default_value = "0")]
    interest: String,
    /// Everything that is owed on the day.
    #[arg(long, conflicts_with_all = ["principal", "interest"])]
    all: bool,
    /// The day; today when it is not given.
    #[arg(long, value_name = "DATE")]
    on: Option<String>,
    #[command(flatten)]
    called: Called,
}

/// Write down that the fund has paid the lender in the household's place, in your name.
#[derive(Debug, Args)]
pub struct Recourse {
    /// The loan's record.
    loan: String,
    /// How much, in yuan.
    #[arg(long, value_name = "YUAN")]
    amount: String,
    /// The posted transfer of the fund, for guarantee-payment.
    #[arg(long)]
    transfer: String,
    /// The day; today when it is not given.
    #[arg(long, value_name = "DATE")]
    on: Option<String>,
    #[command(flatten)]
    called: Called,
}

/// Write down that the fund has repaid interest to the household, in your name. Where a policy for subsidies is in force,
/// it says how much in all: run `lika policy evaluate subsidy` first.
#[derive(Debug, Args)]
pub struct Subsidise {
    /// The loan's record.
    loan: String,
    /// How much, in yuan.
    #[arg(long, value_name = "YUAN")]
    amount: String,
    /// The posted transfer of the fund, for interest-subsidy.
    #[arg(long)]
    transfer: String,
    /// The day; today when it is not given.
    #[arg(long, value_name = "DATE")]
    on: Option<String>,
    #[command(flatten)]
    called: Called,
}

pub fn repay(command: &Repay, output: &mut Output) -> anyhow::Result<Answer> {
    let Repay {
        loan: given,
        principal,
        interest,
        all,
        on,
        called,
    } = command;
    let on = day(on.as_deref())?;
    let mut paid = (
        Fen::parse_yuan(principal).context("--principal")?,
        Fen::parse_yuan(interest).context("--interest")?,
    );
    let owed = block_on(async {
        let mut registry = client::registry(called).await?;
        let record = id("the loan", given)?;
        let (_, open) = loan(&mut registry, &record).await?;
        let standing = Standing::of(&read(&open)?, on).context("the loan is not disbursed")?;
        if *all {
            paid = (standing.principal_owed, standing.interest_owed);
        }
        let left = Fen(standing.owed().0 - paid.0.0 - paid.1.0);
        change(&mut registry, called, &record, |open, person| {
            open.repayments.push(log::loan::Repayment {
                on: on.number(),
                principal: paid.0.0,
                interest: paid.1.0,
                officer: person.0.clone(),
            });
            if left == Fen::ZERO {
                open.steps
                    .push(step(LoanStage::Repaid, on.number(), person));
            }
        })
        .await?;
        Ok(left)
    })?;
    let (principal, interest) = paid;
    output.answer(
        || match owed {
            Fen::ZERO => format!("loan {given} is repaid: {principal} + {interest}"),
            owed => format!("loan {given}: {principal} + {interest} came back, {owed} is owed"),
        },
        || json!({"loan": given, "principal": principal.0, "interest": interest.0, "owed": owed.0}),
    )?;
    Ok(Answer::Yes)
}

pub fn recourse(command: &Recourse, output: &mut Output) -> anyhow::Result<Answer> {
    let Recourse {
        loan,
        amount,
        transfer,
        on,
        called,
    } = command;
    let on = day(on.as_deref())?.number();
    let recourse = log::loan::Recourse {
        amount: Fen::parse_yuan(amount).context("--amount")?.get(),
        transfer: id("--transfer", transfer)?,
    };
    block_on(async {
        let mut registry = client::registry(called).await?;
        change(
            &mut registry,
            called,
            &id("the loan", loan)?,
            |open, person| {
                open.steps.push(step(LoanStage::Recourse, on, person));
                open.recourse = Some(recourse);
            },
        )
        .await
    })?;
    said(loan, LoanStage::Recourse, output)
}

pub fn subsidise(command: &Subsidise, output: &mut Output) -> anyhow::Result<Answer> {
    let Subsidise {
        loan,
        amount,
        transfer,
        on,
        called,
    } = command;
    let on = day(on.as_deref())?.number();
    let amount = Fen::parse_yuan(amount).context("--amount")?;
    let transfer = id("--transfer", transfer)?;
    let open = block_on(async {
        let mut registry = client::registry(called).await?;
        let record = id("the loan", loan)?;
        let decision = decision_on(&mut registry, "subsidy", &record).await?;
        change(&mut registry, called, &record, |open, (officer, _)| {
            open.subsidies.push(log::loan::Subsidy {
                on,
                amount: amount.0,
                transfer,
                decision,
                officer,
            });
        })
        .await
    })?;
    let subsidised = Fen(open.subsidies.iter().map(|it| it.amount).sum());
    output.answer(
        || format!("loan {loan}: {subsidised} of its interest is taken over"),
        || json!({"loan": loan, "subsidised": subsidised.0}),
    )?;
    Ok(Answer::Yes)
}
