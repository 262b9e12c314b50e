//! `lika fund accounts` and `lika fund transfers`.

use clap::Args;
use lika_core::{record::Approval, value::Fen};
use lika_proto::{
    log::v1::{self as log, Kind, account, transfer},
    v1::{self, record::Body},
};
use serde_json::{Value, json};

use crate::cli::{Answer, Called, Output, block_on, client, output::shown_id};

/// List accounts with what is on them, and how much of that is owed already.
#[derive(Debug, Args)]
pub struct Accounts {
    /// Those of this area and below, by its code, such as 360323; your own area when it is not given.
    #[arg(long, default_value = "", hide_default_value = true)]
    area: String,
    #[command(flatten)]
    called: Called,
}

/// List transfers: those that wait for approval and those that are posted.
#[derive(Debug, Args)]
pub struct Transfers {
    /// Those of this area and below, by its code, such as 360323; your own area when it is not given.
    #[arg(long, default_value = "", hide_default_value = true)]
    area: String,
    /// Only those that wait: two people have not approved them yet.
    #[arg(long)]
    open: bool,
    #[command(flatten)]
    called: Called,
}

pub fn accounts(command: &Accounts, output: &mut Output) -> anyhow::Result<Answer> {
    let Accounts { area, called } = command;
    let accounts = block_on(async {
        let mut registry = client::registry(called).await?;
        let mut accounts = Vec::new();
        let asked = client::open_of(Kind::Account, area);
        for record in client::list_all(&mut registry, asked).await? {
            let Some(Body::Account(log::Account { open: Some(open) })) = record.body else {
                continue;
            };
            let request = v1::BalanceRequest {
                account: record.id.clone(),
            };
            let balance = registry.balance(request).await.map_err(client::refused)?;
            accounts.push(Account {
                id: shown_id(&record.id),
                area: record.area,
                open,
                balance: balance.into_inner(),
            });
        }
        Ok(accounts)
    })?;
    output.answer(
        || lines(accounts.iter().map(Account::text), "no accounts"),
        || json!({"accounts": accounts.iter().map(Account::value).collect::<Vec<_>>()}),
    )?;
    Ok(Answer::Yes)
}

pub fn transfers(command: &Transfers, output: &mut Output) -> anyhow::Result<Answer> {
    let Transfers { area, open, called } = command;
    let records = block_on(client::list_of(called, Kind::Transfer, area))?;
    let transfers = records.into_iter().filter_map(Transfer::of);
    let transfers: Vec<Transfer> = transfers
        .filter(|transfer| !open || !transfer.is_posted())
        .collect();
    output.answer(
        || lines(transfers.iter().map(Transfer::text), "no transfers"),
        || json!({"transfers": transfers.iter().map(Transfer::value).collect::<Vec<_>>()}),
    )?;
    Ok(Answer::Yes)
}

struct Account {
    id: String,
    area: String,
    open: account::Open,
    balance: v1::BalanceResponse,
}

impl Account {
    fn text(&self) -> String {
        let Self {
            id,
            area,
            open,
            balance,
        } = self;
        let what = match open.channel.is_empty() {
            true => open.side.clone(),
            false => format!("{}, {}", open.channel, open.purpose),
        };
        let owed = match balance.committed {
            0 => String::new(),
            committed => format!(", {} owed", Fen(committed)),
        };
        let (name, on_it) = (&open.name, Fen(balance.balance));
        format!("{id} {area} {on_it}{owed}: {name} ({what})")
    }

    fn value(&self) -> Value {
        let Self {
            id,
            area,
            open,
            balance,
        } = self;
        json!({
            "account": id,
            "area": area,
            "name": open.name,
            "side": open.side,
            "channel": Some(&open.channel).filter(|it| !it.is_empty()),
            "purpose": Some(&open.purpose).filter(|it| !it.is_empty()),
            "year": Some(open.year).filter(|it| *it > 0),
            "barred_from_living_expenses": open.barred_from_living_expenses,
            "balance": balance.balance,
            "committed": balance.committed,
        })
    }
}

struct Transfer {
    id: String,
    area: String,
    open: transfer::Open,
}

impl Transfer {
    fn of(record: v1::Record) -> Option<Self> {
        match record.body {
            Some(Body::Transfer(log::Transfer { open: Some(open) })) => Some(Self {
                id: shown_id(&record.id),
                area: record.area,
                open,
            }),
            _ => None,
        }
    }

    fn is_posted(&self) -> bool {
        self.open.approvals.len() >= Approval::NEEDED
    }

    fn text(&self) -> String {
        let Self { id, area, open } = self;
        let state = match self.is_posted() {
            true => "posted".to_owned(),
            false => format!("{}/{} approvals", open.approvals.len(), Approval::NEEDED),
        };
        let (from, to) = (shown_id(&open.from), shown_id(&open.to));
        let (amount, on, channel) = (Fen(open.amount), open.on, &open.channel);
        let mut text = format!("{id} {area} {on} {amount} {channel}, {state}: {from} to {to}");
        if !open.used_for.is_empty() {
            text += &format!(" for {}", open.used_for);
        }
        if !open.reverses.is_empty() {
            text += &format!(", reverses {}", shown_id(&open.reverses));
        }
        text
    }

    fn value(&self) -> Value {
        let Self { id, area, open } = self;
        let shown = |bytes: &[u8]| (!bytes.is_empty()).then(|| shown_id(bytes));
        json!({
            "transfer": id,
            "area": area,
            "from": shown(&open.from),
            "to": shown(&open.to),
            "amount": open.amount,
            "on": open.on,
            "direction": open.direction,
            "channel": open.channel,
            "used_for": Some(&open.used_for).filter(|it| !it.is_empty()),
            "reverses": shown(&open.reverses),
            "settles": shown(&open.settles),
            "approvals": open.approvals.len(),
            "posted": self.is_posted(),
        })
    }
}

pub(super) fn lines(lines: impl Iterator<Item = String>, none: &str) -> String {
    let lines: Vec<String> = lines.collect();
    match lines.is_empty() {
        true => none.to_owned(),
        false => lines.join("\n"),
    }
}
