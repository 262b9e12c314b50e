//! `lika loan list` and `credit`.

use clap::Args;
use lika_core::{
    loan::{self, CreditLine, Standing},
    record,
    value::{Date, Fen, RecordId},
};
use lika_proto::{
    log::v1::{self as log, Kind},
    v1::{self, record::Body},
};
use serde_json::{Value, json};

use super::read;
use crate::cli::{
    Answer, Called, Output, block_on,
    client::{self, Registry, day, id},
};

/// List loans, each as it stands on a day.
#[derive(Debug, Args)]
pub struct List {
    /// Those of this area and below, by its code; your own area when it is not given.
    #[arg(long, default_value = "", hide_default_value = true)]
    area: String,
    /// Only those of which something is overdue; exit code 1 where there is one.
    #[arg(long)]
    overdue: bool,
    /// Only those at this stage.
    #[arg(long)]
    stage: Option<String>,
    /// The day; today when it is not given.
    #[arg(long, value_name = "DATE")]
    on: Option<String>,
    #[command(flatten)]
    called: Called,
}

/// The credit file of a household: what it borrowed, how it kept that, and whether it is blacklisted.
#[derive(Debug, Args)]
pub struct Credit {
    /// The household's record.
    household: String,
    /// The day; today when it is not given.
    #[arg(long, value_name = "DATE")]
    on: Option<String>,
    #[command(flatten)]
    called: Called,
}

pub fn list(command: &List, output: &mut Output) -> anyhow::Result<Answer> {
    let List {
        area,
        overdue,
        stage,
        on,
        called,
    } = command;
    let on = day(on.as_deref())?;
    let loans = block_on(async {
        let mut registry = client::registry(called).await?;
        loans(&mut registry, area).await
    })?;
    let listed: Vec<Listed> = loans
        .into_iter()
        .map(|(id, loan)| Listed::of(id, loan, on))
        .filter(|listed| !overdue || listed.is_overdue())
        .filter(|listed| stage.as_deref().is_none_or(|stage| listed.stage() == stage))
        .collect();
    output.answer(
        || match &listed[..] {
            [] => "no loans".to_owned(),
            listed => listed
                .iter()
                .map(Listed::text)
                .collect::<Vec<_>>()
                .join("\n"),
        },
        || json!({"loans": listed.iter().map(Listed::value).collect::<Vec<_>>()}),
    )?;
    Ok(match *overdue && !listed.is_empty() {
        true => Answer::No,
        false => Answer::Yes,
    })
}

pub fn credit(command: &Credit, output: &mut Output) -> anyhow::Result<Answer> {
    let Credit {
        household,
        on,
        called,
    } = command;
    let on = day(on.as_deref())?;
    let id = id("the household", household)?;
    let (loans, listings) = block_on(async {
        let mut registry = client::registry(called).await?;
        let area = client::read(&mut registry, &id).await?.area;
        let loans = loans(&mut registry, &area).await?;
        Ok((loans, blacklistings(&mut registry, &area).await?))
    })?;
    let own = loans.iter().filter(|(_, loan)| loan.household.0[..] == id);
    let listed = listings.iter().filter(|(_, own)| own.household.0[..] == id);
    let file = loan::credit(
        own.map(|(id, loan)| (*id, loan)),
        listed.map(|(id, own)| (*id, own)),
        on,
    );
    let blacklisted = file.is_blacklisted();
    output.answer(
        || {
            let mut lines: Vec<String> = file.loans.iter().map(line).collect();
            if lines.is_empty() {
                lines.push("no loans".to_owned());
            }
            lines.push(format!("owes {}", file.owed));
            if blacklisted {
                lines.push("blacklisted: nothing is lent".to_owned());
            }
            lines.join("\n")
        },
        || {
            let listed = file.blacklistings.iter();
            let listed = listed.map(
                |(id, in_force)| json!({"blacklisting": id.to_string(), "in_force": in_force}),
            );
            json!({
                "household": household,
                "loans": file.loans.iter().map(line_value).collect::<Vec<_>>(),
                "owed": file.owed.0,
                "blacklisted": blacklisted,
                "blacklistings": listed.collect::<Vec<_>>(),
            })
        },
    )?;
    Ok(Answer::Yes)
}

fn line(line: &CreditLine) -> String {
    let CreditLine {
        loan,
        amount,
        disbursed_on,
        kept,
        owed,
    } = line;
    let day = disbursed_on.map_or_else(String::new, |day| format!(" of {day}"));
    format!("{loan} {amount}{day}: {}, {owed} owed", kept.code())
}

fn line_value(line: &CreditLine) -> Value {
    json!({
        "loan": line.loan.to_string(),
        "amount": line.amount.0,
        "disbursed_on": line.disbursed_on.map(|day| day.to_string()),
        "kept": line.kept.code(),
        "owed": line.owed.0,
    })
}

/// A loan as it stands on a day.
struct Listed {
    id: RecordId,
    loan: record::Loan,
    standing: Option<Standing>,
}

impl Listed {
    fn of(id: RecordId, loan: record::Loan, on: Date) -> Self {
        let standing = Standing::of(&loan, on);
        Self { id, loan, standing }
    }

    fn is_overdue(&self) -> bool {
        self.standing.as_ref().is_some_and(Standing::is_overdue)
    }

    fn stage(&self) -> &'static str {
        self.loan.stage().map_or("", record::LoanStage::code)
    }

    fn owed(&self) -> Fen {
        self.standing.as_ref().map_or(Fen::ZERO, Standing::owed)
    }

    fn text(&self) -> String {
        let (id, amount, stage) = (self.id, self.loan.amount, self.stage());
        let late = self.standing.as_ref().and_then(|standing| {
            let since = standing.overdue_since?;
            Some(format!(", {} overdue since {since}", standing.overdue))
        });
        let late = late.unwrap_or_default();
        format!("{id} {amount} {stage}, {} owed{late}", self.owed())
    }

    fn value(&self) -> Value {
        let standing = self.standing.as_ref();
        let since = standing.and_then(|standing| standing.overdue_since);
        json!({
            "loan": self.id.to_string(),
            "household": self.loan.household.to_string(),
            "amount": self.loan.amount.0,
            "stage": self.stage(),
            "owed": self.owed().0,
            "overdue": standing.map_or(0, |standing| standing.overdue.0),
            "overdue_since": since.map(|since| since.to_string()),
        })
    }
}

async fn loans(
    registry: &mut Registry,
    area: &str,
) -> anyhow::Result<Vec<(RecordId, record::Loan)>> {
    let mut loans = Vec::new();
    for record in client::list_all(registry, client::open_of(Kind::Loan, area)).await? {
        if let Some(Body::Loan(log::Loan { open: Some(open) })) = &record.body {
            loans.push((RecordId(own_id(&record)?), read(open)?));
        }
    }
    Ok(loans)
}

async fn blacklistings(
    registry: &mut Registry,
    area: &str,
) -> anyhow::Result<Vec<(RecordId, record::Blacklisting)>> {
    let mut listings = Vec::new();
    let asked = client::open_of(Kind::Blacklisting, area);
    for record in client::list_all(registry, asked).await? {
        let id = RecordId(own_id(&record)?);
        if let Some(Body::Blacklisting(message)) = record.body
            && let record::Body::Blacklisting(own) = record::Body::parse(message.into())?
        {
            listings.push((id, own));
        }
    }
    Ok(listings)
}

fn own_id(record: &v1::Record) -> anyhow::Result<[u8; 16]> {
    Ok(record.id[..].try_into()?)
}
