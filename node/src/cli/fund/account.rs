//! `lika fund account`.

use anyhow::Context as _;
use clap::Args;
use lika_core::value::Year;
use lika_proto::{log::v1 as log, v1::record::Body};
use serde_json::json;

use crate::cli::{Answer, Called, Output, block_on, client, output::shown_id};

/// Open an account: a fund that is kept here, or with `--external` somebody whom money comes from or goes to.
#[derive(Debug, Args)]
pub struct Open {
    /// What it is called; nothing personal, so a household is named by its number.
    name: String,
    /// The area, by its code, such as 360323101.
    #[arg(long)]
    area: String,
    /// It is where money comes from or goes to, such as a giver, a supplier or a household.
    #[arg(long, conflicts_with_all = ["channel", "purpose", "year", "never_living_expenses"])]
    external: bool,
    /// Where its money comes from: county-budget, township, higher-government, sponsoring-unit, donation,
    /// fund-raising-day, cadre, industry-fund or village-works.
    #[arg(long, required_unless_present = "external")]
    channel: Option<String>,
    /// What its money is for, such as industry, guarantee, village-fund or household-fund; in-transit for what banks have to
    /// pay out.
    #[arg(long, required_unless_present = "external")]
    purpose: Option<String>,
    /// The year whose money it is, where it is of one.
    #[arg(long)]
    year: Option<String>,
    /// Its money is never for living expenses, wherever it goes.
    #[arg(long)]
    never_living_expenses: bool,
    #[command(flatten)]
    called: Called,
}

pub fn open(command: &Open, output: &mut Output) -> anyhow::Result<Answer> {
    let Open {
        name,
        area,
        external,
        channel,
        purpose,
        year,
        never_living_expenses,
        called,
    } = command;
    let year = year.as_deref().map(Year::parse).transpose();
    let side = if *external { "external" } else { "internal" };
    let open = log::account::Open {
        name: name.clone(),
        side: side.to_owned(),
        channel: channel.clone().unwrap_or_default(),
        purpose: purpose.clone().unwrap_or_default(),
        year: year
            .context("--year")?
            .map_or(0, |year| u32::from(year.get())),
        barred_from_living_expenses: *never_living_expenses,
    };
    let account = log::Account { open: Some(open) };
    let account = block_on(async {
        let mut registry = client::registry(called).await?;
        client::create(&mut registry, area, Body::Account(account)).await
    })?;
    let account = shown_id(&account);
    output.answer(|| account.clone(), || json!({"account": account}))?;
    Ok(Answer::Yes)
}
