//! `lika fund`. Amounts are given and printed in yuan; JSON has fen.

mod account;
mod listed;
mod plan;
mod transfer;

use anyhow::Context as _;
use clap::Subcommand;
use lika_core::value::{AreaCode, Year};
use lika_proto::{log::v1 as log, v1::record::Body};
use serde_json::json;

use super::{Answer, Called, Output, block_on, client};

/// The ledger: every fen of every fund, from where it came and to where it went.
#[derive(Debug, Subcommand)]
pub enum Fund {
    Account(account::Open),
    Accounts(listed::Accounts),
    Transfers(listed::Transfers),
    Propose(transfer::Propose),
    Approve(transfer::Approve),
    Withdraw(transfer::Withdraw),
    Reverse(transfer::Reverse),
    Commit(plan::Commit),
    Commitments(plan::Commitments),
    Release(plan::Release),
    Budget(plan::Budget),
    /// Close the books of a year that is over, in an area and everything below it: no transfer of that year posts there
    /// any more. It cannot be undone.
    CloseYear {
        /// The year, such as 2015.
        year: String,
        /// The area, by its code, such as 360323.
        #[arg(long)]
        area: String,
        #[command(flatten)]
        called: Called,
    },
}

/// Runs `lika fund`.
pub fn run(command: &Fund, output: &mut Output) -> anyhow::Result<Answer> {
    match command {
        Fund::Account(command) => account::open(command, output),
        Fund::Accounts(command) => listed::accounts(command, output),
        Fund::Transfers(command) => listed::transfers(command, output),
        Fund::Propose(command) => transfer::propose(command, output),
        Fund::Approve(command) => transfer::approve(command, output),
        Fund::Withdraw(command) => transfer::withdraw(command, output),
        Fund::Reverse(command) => transfer::reverse(command, output),
        Fund::Commit(command) => plan::commit(command, output),
        Fund::Commitments(command) => plan::commitments(command, output),
        Fund::Release(command) => plan::release(command, output),
        Fund::Budget(command) => plan::budget(command, output),
        Fund::CloseYear { year, area, called } => close_year(year, area, called, output),
    }
}

fn close_year(
    year: &str,
    area: &str,
    called: &Called,
    output: &mut Output,
) -> anyhow::Result<Answer> {
    let year = Year::parse(year).context("the year")?.get();
    let area = AreaCode::parse(area).context("--area")?;
    let open = log::book_closing::Open {
        year: u32::from(year),
    };
    let closing = log::BookClosing { open: Some(open) };
    block_on(async {
        let mut registry = client::registry(called).await?;
        client::create(&mut registry, area.digits(), Body::BookClosing(closing)).await
    })?;
    output.answer(
        || format!("closed the books of {year} in {area}"),
        || json!({"year": year, "area": area.digits()}),
    )?;
    Ok(Answer::Yes)
}
