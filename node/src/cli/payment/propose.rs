//! `lika payment propose`.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use anyhow::{Context as _, bail};
use clap::{ArgGroup, Args};
use lika_core::{
    record::{self, Outcome},
    value::{Date, RecordId, Year},
};
use lika_proto::{
    log::v1::{self as log, Action, Kind, payment_batch},
    v1::{self, find_request::By, record::Body, registry_client::RegistryClient},
};
use serde_json::json;
use tonic::transport::Channel;

use super::{Batch, MOST, failed};
use crate::{
    cli::{Answer, Called, Output, block_on, client, output::shown_id},
    clock::{Clock as _, System},
    files::{Table, payments},
    wire::record::received,
};

/// Propose a batch of payments from a list, from what a policy has decided, or from what a bank could not pay. The head
/// of each household is paid.
#[derive(Args, Debug)]
#[command(group(ArgGroup::new("whom").required(true)))]
pub struct Propose {
    /// The fund's account.
    #[arg(long)]
    from: String,
    /// The account, for the purpose in-transit, of what the bank has and nobody has got yet.
    #[arg(long)]
    transit: String,
    /// What it is spent on, such as industry.
    #[arg(long = "for", value_name = "USE")]
    used_for: String,
    /// The day; today when it is not given.
    #[arg(long, value_name = "DATE")]
    on: Option<String>,
    /// A spreadsheet with the headings 户编号 金额.
    #[arg(long, value_name = "FILE", group = "whom")]
    list: Option<PathBuf>,
    /// The amounts that decisions for this purpose give to households, where nothing of them is paid yet.
    #[arg(long, value_name = "PURPOSE", group = "whom")]
    decisions: Option<String>,
    /// The payments of this batch that failed.
    #[arg(long, value_name = "BATCH", group = "whom")]
    reissue: Option<String>,
    #[command(flatten)]
    called: Called,
}

pub fn propose(command: &Propose, output: &mut Output) -> anyhow::Result<Answer> {
    let on = command.on.as_deref().map(Date::parse).transpose();
    let on = on.context("--on")?.unwrap_or_else(|| System.today());
    let from = RecordId::parse(&command.from).context("--from")?;
    let transit = RecordId::parse(&command.transit).context("--transit")?;
    let (batch, payments) = block_on(async {
        let mut registry = client::registry(&command.called).await?;
        let area = client::read(&mut registry, &from.0).await?.area;
        let payments = whom(&mut registry, &area, on, command).await?;
        if payments.is_empty() {
            bail!("there is nobody to pay");
        }
        if payments.len() > MOST {
            let count = payments.len();
            bail!(
                "{count} payments are more than the {MOST} of one batch; use a fund of a township, or several lists"
            );
        }
        let count = payments.len();
        let open = payment_batch::Open {
            from: from.0.to_vec(),
            transit: transit.0.to_vec(),
            used_for: command.used_for.clone(),
            on: on.number(),
            payments,
            ..payment_batch::Open::default()
        };
        let record = v1::Record {
            area,
            body: Some(Body::PaymentBatch(log::PaymentBatch { open: Some(open) })),
            ..v1::Record::default()
        };
        let proposed = client::apply(&mut registry, Action::Create, record).await?;
        Ok((shown_id(&proposed.id), count))
    })?;
    output.answer(
        || format!("{batch} {payments} payments"),
        || json!({"batch": batch, "payments": payments}),
    )?;
    Ok(Answer::Yes)
}

async fn whom(
    registry: &mut RegistryClient<Channel>,
    area: &str,
    on: Date,
    command: &Propose,
) -> anyhow::Result<Vec<payment_batch::Payment>> {
    let heads = heads(registry, area).await?;
    let mut payments = if let Some(file) = &command.list {
        let table = Table::open(file).context("--list")?;
        listed(registry, payments::read_list(table)?).await?
    } else if let Some(purpose) = &command.decisions {
        decided(registry, area, purpose, on.year()).await?
    } else if let Some(batch) = &command.reissue {
        reissued(&Batch::read(registry, batch).await?)?
    } else {
        Vec::new()
    };
    for payment in &mut payments {
        let household = shown_id(&payment.household);
        let head = heads.get(&payment.household);
        payment.payee = head
            .with_context(|| format!("household {household} has no head in {area}"))?
            .clone();
    }
    Ok(payments)
}

/// The head of each household of an area.
async fn heads(
    registry: &mut RegistryClient<Channel>,
    area: &str,
) -> anyhow::Result<BTreeMap<Vec<u8>, Vec<u8>>> {
    let mut heads = BTreeMap::new();
    for record in all(registry, Kind::Member, area).await? {
        if let record::Body::Member(member) = &record.body
            && member.is_head()
        {
            heads.insert(member.household.0.to_vec(), record.id.0.to_vec());
        }
    }
    Ok(heads)
}

async fn listed(
    registry: &mut RegistryClient<Channel>,
    list: Vec<(String, lika_core::value::Fen)>,
) -> anyhow::Result<Vec<payment_batch::Payment>> {
    let mut payments = Vec::with_capacity(list.len());
    for (number, amount) in list {
        let by = Some(By::HouseholdNumber(number.clone()));
        let found = registry.find(v1::FindRequest { by }).await;
        let found = found.map_err(client::refused)?.into_inner();
        let household = found.records.into_iter().next();
        let household =
            household.with_context(|| format!("no household has the number {number}"))?;
        payments.push(payment_batch::Payment {
            household: household.id,
            amount: amount.get(),
            ..payment_batch::Payment::default()
        });
    }
    Ok(payments)
}

/// What decisions give, less what batches of the year give by them already.
async fn decided(
    registry: &mut RegistryClient<Channel>,
    area: &str,
    purpose: &str,
    year: Year,
) -> anyhow::Result<Vec<payment_batch::Payment>> {
    let mut batches = Vec::new();
    for record in all(registry, Kind::PaymentBatch, "").await? {
        if let record::Body::PaymentBatch(batch) = record.body
            && batch.year() == year
        {
            batches.push(batch);
        }
    }
    let mut payments = Vec::new();
    for record in all(registry, Kind::Decision, area).await? {
        let record::Body::Decision(decision) = &record.body else {
            continue;
        };
        let is_household = decision.subject_kind == lika_core::log::Kind::Household;
        let is_granted = matches!(decision.outcome, Outcome::Granted(_));
        if decision.purpose.as_str() != purpose || !is_household || !is_granted {
            continue;
        }
        let given = batches.iter().map(|batch| batch.given_by(&record.id).get());
        let given = given.fold(0, i64::saturating_add);
        let due = decision.amount.map_or(0, |amount| amount.get() - given);
        if due > 0 {
            payments.push(payment_batch::Payment {
                household: decision.subject.0.to_vec(),
                amount: due,
                decision: record.id.0.to_vec(),
                evaluation: decision.evaluation.0.to_vec(),
                ..payment_batch::Payment::default()
            });
        }
    }
    Ok(payments)
}

/// The payments of a batch that failed, as they were.
fn reissued(batch: &Batch) -> anyhow::Result<Vec<payment_batch::Payment>> {
    let Some(returned) = &batch.returned else {
        bail!("the bank has not answered for that batch yet");
    };
    let failed: BTreeSet<&[u8]> = failed(returned).map(|it| it.household.as_slice()).collect();
    let payments = batch.open.payments.iter();
    let payments = payments.filter(|payment| failed.contains(payment.household.as_slice()));
    let again = payments.map(|payment| payment_batch::Payment {
        reissues: batch.record.id.clone(),
        ..payment.clone()
    });
    Ok(again.collect())
}

async fn all(
    registry: &mut RegistryClient<Channel>,
    kind: Kind,
    area: &str,
) -> anyhow::Result<Vec<record::Record>> {
    let records = client::list_all(registry, client::open_of(kind, area))
        .await?
        .into_iter();
    let records = records.map(|record| received(record).map_err(client::refused));
    records.collect()
}
