//! `lika loan lender`, `fund` and `funds`.

use std::collections::BTreeMap;

use anyhow::Context as _;
use clap::Args;
use lika_core::value::{Fen, Ppm};
use lika_proto::{
    log::v1::{self as log, Kind},
    v1::{self, record::Body},
};
use serde_json::{Value, json};

use super::read;
use crate::cli::{
    Answer, Called, Output, block_on,
    client::{self, Registry, create, id},
    output::shown_id,
};

/// Register a lender, such as a rural credit co-operative.
#[derive(Debug, Args)]
pub struct Lender {
    /// Name.
    name: String,
    /// The area, by its code.
    #[arg(long)]
    area: String,
    #[command(flatten)]
    called: Called,
}

/// Open a guarantee fund: accounts that are deposited with a lender, which lends a multiple of what is on them.
#[derive(Debug, Args)]
pub struct Open {
    /// Name.
    name: String,
    /// The township or village in which it guarantees, by its code.
    #[arg(long)]
    area: String,
    /// The lender's record.
    #[arg(long)]
    lender: String,
    /// An account that is deposited; again for each.
    #[arg(long = "account", value_name = "ACCOUNT", required = true)]
    accounts: Vec<String>,
    /// How many times that the lender lends at most.
    #[arg(long, value_name = "TIMES")]
    leverage: u32,
    #[command(flatten)]
    called: Called,
}

/// List guarantee funds: what is deposited, what they guarantee, and what of it is free.
#[derive(Debug, Args)]
pub struct Funds {
    /// Those of this area and below, by its code; your own area when it is not given.
    #[arg(long, default_value = "", hide_default_value = true)]
    area: String,
    #[command(flatten)]
    called: Called,
}

pub fn lender(command: &Lender, output: &mut Output) -> anyhow::Result<Answer> {
    let Lender { name, area, called } = command;
    let open = log::enterprise::Open {
        name: name.clone(),
        r#type: "lender".to_owned(),
    };
    let lender = block_on(async {
        let mut registry = client::registry(called).await?;
        let body = Body::Enterprise(log::Enterprise { open: Some(open) });
        create(&mut registry, area, body).await
    })?;
    let lender = shown_id(&lender);
    output.answer(|| lender.clone(), || json!({"lender": lender}))?;
    Ok(Answer::Yes)
}

pub fn open(command: &Open, output: &mut Output) -> anyhow::Result<Answer> {
    let Open {
        name,
        area,
        lender,
        accounts,
        leverage,
        called,
    } = command;
    let accounts = accounts.iter().map(|account| id("--account", account));
    let open = log::guarantee_fund::Open {
        name: name.clone(),
        lender: id("--lender", lender)?,
        accounts: accounts.collect::<Result<_, _>>()?,
        leverage: i64::from(*leverage) * Ppm::WHOLE.0,
    };
    let fund = block_on(async {
        let mut registry = client::registry(called).await?;
        let body = Body::GuaranteeFund(log::GuaranteeFund { open: Some(open) });
        create(&mut registry, area, body).await
    })?;
    let fund = shown_id(&fund);
    output.answer(|| fund.clone(), || json!({"fund": fund}))?;
    Ok(Answer::Yes)
}

pub fn funds(command: &Funds, output: &mut Output) -> anyhow::Result<Answer> {
    let Funds { area, called } = command;
    let funds = block_on(async {
        let mut registry = client::registry(called).await?;
        let outstanding = outstanding(&mut registry, area).await?;
        let asked = client::open_of(Kind::GuaranteeFund, area);
        let records = client::list_all(&mut registry, asked).await?;
        let mut funds = Vec::new();
        for record in records {
            if let Some(Body::GuaranteeFund(log::GuaranteeFund { open: Some(open) })) = record.body
            {
                let lent = outstanding.get(&record.id).copied().unwrap_or_default();
                funds.push(Stands::of(&mut registry, &record.id, open, lent).await?);
            }
        }
        Ok(funds)
    })?;
    output.answer(
        || match &funds[..] {
            [] => "no guarantee funds".to_owned(),
            funds => funds
                .iter()
                .map(Stands::text)
                .collect::<Vec<_>>()
                .join("\n"),
        },
        || json!({"funds": funds.iter().map(Stands::value).collect::<Vec<_>>()}),
    )?;
    Ok(Answer::Yes)
}

/// What the lenders wait for, by fund.
async fn outstanding(
    registry: &mut Registry,
    area: &str,
) -> anyhow::Result<BTreeMap<Vec<u8>, i64>> {
    let mut outstanding = BTreeMap::new();
    for record in client::list_all(registry, client::open_of(Kind::Loan, area)).await? {
        if let Some(Body::Loan(log::Loan { open: Some(open) })) = record.body {
            let lent = read(&open)?.principal_lent();
            *outstanding.entry(open.fund).or_default() += lent.0;
        }
    }
    Ok(outstanding)
}

/// How a fund stands.
struct Stands {
    id: String,
    name: String,
    deposited: Fen,
    ceiling: Fen,
    outstanding: Fen,
}

impl Stands {
    async fn of(
        registry: &mut Registry,
        id: &[u8],
        open: log::guarantee_fund::Open,
        outstanding: i64,
    ) -> anyhow::Result<Self> {
        let mut deposited = 0_i64;
        for account in open.accounts {
            let balance = registry.balance(v1::BalanceRequest { account }).await;
            deposited += balance.map_err(client::refused)?.into_inner().balance;
        }
        let deposited = Fen(deposited);
        let ceiling = Ppm(open.leverage).of(deposited);
        Ok(Self {
            id: shown_id(id),
            name: open.name,
            deposited,
            ceiling: ceiling.context("the fund is too large to count")?,
            outstanding: Fen(outstanding),
        })
    }

    fn free(&self) -> Fen {
        Fen((self.ceiling.0 - self.outstanding.0).max(0))
    }

    fn text(&self) -> String {
        let Self {
            id,
            name,
            deposited,
            ceiling,
            outstanding,
        } = self;
        let free = self.free();
        format!(
            "{id} {name}: {deposited} deposited guarantee {ceiling}, {outstanding} outstanding, {free} free"
        )
    }

    fn value(&self) -> Value {
        json!({
            "fund": self.id,
            "name": self.name,
            "deposited": self.deposited.0,
            "ceiling": self.ceiling.0,
            "outstanding": self.outstanding.0,
            "free": self.free().0,
        })
    }
}
