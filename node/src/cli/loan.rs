//! `lika loan`. Amounts are given and printed in yuan; JSON has fen.

mod apply;
mod blacklist;
mod fund;
mod listed;
mod paid;
mod show;

use anyhow::bail;
use clap::Subcommand;
use lika_core::record;
use lika_proto::{
    log::v1::{self as log, Action},
    v1::{self, record::Body},
};

use super::{
    Answer, Called, Output,
    client::{self, Registry, id},
    output::shown_id,
};

/// Loans to households, from application to the last fen, and the guarantee funds behind them.
#[derive(Debug, Subcommand)]
pub enum Loan {
    Lender(fund::Lender),
    Fund(fund::Open),
    Funds(fund::Funds),
    Apply(apply::Apply),
    Approve(apply::Approve),
    Withdraw(apply::Withdraw),
    Disburse(apply::Disburse),
    Repay(paid::Repay),
    Overdue(apply::Overdue),
    Default(apply::Default),
    Recourse(paid::Recourse),
    Subsidise(paid::Subsidise),
    List(listed::List),
    Show(show::Show),
    Credit(listed::Credit),
    Blacklist(blacklist::Blacklist),
    Appeal(blacklist::Appeal),
    Answer(blacklist::Answer),
}

/// Runs `lika loan`.
pub fn run(command: &Loan, output: &mut Output) -> anyhow::Result<Answer> {
    match command {
        Loan::Lender(command) => fund::lender(command, output),
        Loan::Fund(command) => fund::open(command, output),
        Loan::Funds(command) => fund::funds(command, output),
        Loan::Apply(command) => apply::apply(command, output),
        Loan::Approve(command) => apply::approve(command, output),
        Loan::Withdraw(command) => apply::withdraw(command, output),
        Loan::Disburse(command) => apply::disburse(command, output),
        Loan::Repay(command) => paid::repay(command, output),
        Loan::Overdue(command) => apply::overdue(command, output),
        Loan::Default(command) => apply::default(command, output),
        Loan::Recourse(command) => paid::recourse(command, output),
        Loan::Subsidise(command) => paid::subsidise(command, output),
        Loan::List(command) => listed::list(command, output),
        Loan::Show(command) => show::show(command, output),
        Loan::Credit(command) => listed::credit(command, output),
        Loan::Blacklist(command) => blacklist::blacklist(command, output),
        Loan::Appeal(command) => blacklist::appeal(command, output),
        Loan::Answer(command) => blacklist::answer(command, output),
    }
}

/// An officer and the cadre record of the same person.
type Person = (Vec<u8>, Vec<u8>);

fn optional_id(what: &'static str, text: Option<&str>) -> anyhow::Result<Vec<u8>> {
    text.map_or_else(|| Ok(Vec::new()), |text| id(what, text))
}

/// A loan's record and what it says.
async fn loan(registry: &mut Registry, id: &[u8]) -> anyhow::Result<(v1::Record, log::loan::Open)> {
    let record = client::read(registry, id).await?;
    match &record.body {
        Some(Body::Loan(log::Loan { open: Some(open) })) => {
            let open = open.clone();
            Ok((record, open))
        }
        _ => bail!("{} is no loan", shown_id(id)),
    }
}

/// Reads a loan, changes it and writes it back.
async fn change(
    registry: &mut Registry,
    called: &Called,
    loan: &[u8],
    edit: impl FnOnce(&mut log::loan::Open, Person),
) -> anyhow::Result<log::loan::Open> {
    let (mut record, mut open) = self::loan(registry, loan).await?;
    let person = client::caller(registry, called).await?;
    edit(&mut open, person);
    record.body = Some(Body::Loan(log::Loan {
        open: Some(open.clone()),
    }));
    client::apply(registry, Action::Change, record).await?;
    Ok(open)
}

/// What a loan says, checked.
fn read(open: &log::loan::Open) -> anyhow::Result<record::Loan> {
    let message = log::Loan {
        open: Some(open.clone()),
    };
    match record::Body::parse(message.into())? {
        record::Body::Loan(loan) => Ok(loan),
        _ => bail!("this is no loan"),
    }
}
