//! `lika payment`. Amounts are given and printed in yuan; JSON has fen.

mod bank;
mod propose;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use lika_core::{
    record::{Approval, PaymentBatch, PaymentReturn},
    value::{Fen, RecordId},
};
use lika_proto::{
    log::v1::{self as log, Action, Kind, payment_batch, payment_return},
    v1::{self, record::Body},
};
use serde_json::{Value, json};

use super::{Answer, Called, Output, block_on, client, output::shown_id};

/// Money of a fund that a bank pays out to households.
#[derive(Debug, Subcommand)]
pub enum Payment {
    Propose(propose::Propose),
    /// List payment batches.
    List {
        /// Those of this area and below, by its code; your own area when it is not given.
        #[arg(long, default_value = "", hide_default_value = true)]
        area: String,
        #[command(flatten)]
        called: Called,
    },
    /// Show a batch: whom it pays, and what the bank made of it.
    Show(Named),
    /// Approve a proposed batch in person: with the second person's approval the money leaves the fund.
    Approve(Named),
    /// Withdraw a proposed batch that two people have not approved yet.
    Withdraw(Named),
    Send(bank::Send),
    TakeBack(bank::TakeBack),
}

/// A batch.
#[derive(Args, Debug)]
pub struct Named {
    /// The batch's record.
    batch: String,
    #[command(flatten)]
    called: Called,
}

/// Runs `lika payment`.
pub fn run(command: &Payment, output: &mut Output) -> anyhow::Result<Answer> {
    match command {
        Payment::Propose(command) => propose::propose(command, output),
        Payment::List { area, called } => list(area, called, output),
        Payment::Show(command) => show(command, output),
        Payment::Approve(command) => approve(command, output),
        Payment::Withdraw(command) => withdraw(command, output),
        Payment::Send(command) => bank::send(command, output),
        Payment::TakeBack(command) => bank::take_back(command, output),
    }
}

/// A batch and, once it is here, its return.
struct Batch {
    record: v1::Record,
    open: payment_batch::Open,
    returned: Option<payment_return::Open>,
}

impl Batch {
    async fn of(registry: &mut client::Registry, record: v1::Record) -> anyhow::Result<Self> {
        let Some(Body::PaymentBatch(log::PaymentBatch { open: Some(open) })) = record.body.clone()
        else {
            bail!("{} is no payment batch", shown_id(&record.id));
        };
        let id: [u8; 16] = record.id.as_slice().try_into().context("the batch's id")?;
        let returned = PaymentReturn::id_for(&RecordId(id));
        let returned = client::find(registry, &returned.0).await?;
        let returned = match returned.and_then(|record| record.body) {
            Some(Body::PaymentReturn(returned)) => returned.open,
            _ => None,
        };
        Ok(Self {
            record,
            open,
            returned,
        })
    }

    async fn read(registry: &mut client::Registry, id: &str) -> anyhow::Result<Self> {
        let record = client::read(registry, &client::id("the batch", id)?).await?;
        Self::of(registry, record).await
    }

    fn total(&self) -> Fen {
        Fen(self
            .open
            .payments
            .iter()
            .map(|payment| payment.amount)
            .sum())
    }

    fn state(&self) -> String {
        let approvals = self.open.approvals.len();
        match (&self.returned, &self.open.sent) {
            (Some(returned), _) => match failed(returned).count() {
                0 => "paid".to_owned(),
                failures => format!("returned, {failures} failed"),
            },
            (None, Some(_)) => "sent".to_owned(),
            (None, None) if approvals >= Approval::NEEDED => "posted".to_owned(),
            (None, None) => format!("{approvals}/{} approvals", Approval::NEEDED),
        }
    }

    fn text(&self) -> String {
        let (id, area, on) = (shown_id(&self.record.id), &self.record.area, self.open.on);
        let (payments, total, used_for) =
            (self.open.payments.len(), self.total(), &self.open.used_for);
        let state = self.state();
        format!("{id} {area} {on} {total} to {payments} households for {used_for}: {state}")
    }

    fn lines(&self) -> String {
        let mut lines = vec![self.text()];
        for payment in &self.open.payments {
            let (household, amount) = (shown_id(&payment.household), Fen(payment.amount));
            let results = self.returned.iter().flat_map(|returned| &returned.results);
            let result = results
                .filter(|result| result.household == payment.household)
                .map(|result| match result.fault.as_str() {
                    "" => ": paid".to_owned(),
                    fault => format!(": failed, {fault}"),
                });
            lines.push(format!(
                "  {household} {amount}{}",
                result.collect::<String>()
            ));
        }
        lines.join("\n")
    }

    fn value(&self) -> Value {
        let results = self.returned.as_ref().map(|returned| {
            let fault = |fault: &str| Some(fault.to_owned()).filter(|it| !it.is_empty());
            let results = returned.results.iter().map(|result| {
                json!({
                    "household": shown_id(&result.household),
                    "amount": result.amount,
                    "fault": fault(&result.fault),
                })
            });
            json!({"on": returned.on, "results": results.collect::<Vec<_>>()})
        });
        json!({
            "batch": shown_id(&self.record.id),
            "area": self.record.area,
            "from": shown_id(&self.open.from),
            "transit": shown_id(&self.open.transit),
            "used_for": self.open.used_for,
            "on": self.open.on,
            "payments": self.open.payments.len(),
            "total": self.total().get(),
            "approvals": self.open.approvals.len(),
            "sent": self.open.sent.as_ref().map(|sent| sent.on),
            "returned": results,
        })
    }
}

fn failed(returned: &payment_return::Open) -> impl Iterator<Item = &payment_return::Result> {
    let results = returned.results.iter();
    results.filter(|result| !result.fault.is_empty())
}

fn list(area: &str, called: &Called, output: &mut Output) -> anyhow::Result<Answer> {
    let batches = block_on(async {
        let mut registry = client::registry(called).await?;
        let request = client::open_of(Kind::PaymentBatch, area);
        let mut batches = Vec::new();
        for record in client::list_all(&mut registry, request).await? {
            batches.push(Batch::of(&mut registry, record).await?);
        }
        Ok(batches)
    })?;
    let text = || match batches.is_empty() {
        true => "no payment batches".to_owned(),
        false => {
            let lines: Vec<_> = batches.iter().map(Batch::text).collect();
            lines.join("\n")
        }
    };
    output.answer(
        text,
        || json!({"batches": batches.iter().map(Batch::value).collect::<Vec<_>>()}),
    )?;
    Ok(Answer::Yes)
}

fn show(command: &Named, output: &mut Output) -> anyhow::Result<Answer> {
    let batch = block_on(async {
        let mut registry = client::registry(&command.called).await?;
        Batch::read(&mut registry, &command.batch).await
    })?;
    output.answer(|| batch.lines(), || batch.value())?;
    Ok(Answer::Yes)
}

fn approve(command: &Named, output: &mut Output) -> anyhow::Result<Answer> {
    let approvals = block_on(async {
        let mut registry = client::registry(&command.called).await?;
        let Batch {
            mut record,
            mut open,
            ..
        } = Batch::read(&mut registry, &command.batch).await?;
        let (officer, cadre) = client::caller(&mut registry, &command.called).await?;
        let approval = log::enactment::Approval { officer, cadre };
        open.approvals.push(approval);
        let approvals = open.approvals.len();
        record.body = Some(Body::PaymentBatch(log::PaymentBatch { open: Some(open) }));
        client::apply(&mut registry, Action::Change, record).await?;
        Ok(approvals)
    })?;
    let needed = Approval::NEEDED;
    output.answer(
        || format!("{approvals} of {needed} approvals"),
        || json!({"approvals": approvals, "needed": needed}),
    )?;
    Ok(Answer::Yes)
}

fn withdraw(command: &Named, output: &mut Output) -> anyhow::Result<Answer> {
    let batch = block_on(async {
        let mut registry = client::registry(&command.called).await?;
        let Batch { record, .. } = Batch::read(&mut registry, &command.batch).await?;
        let withdrawn = client::apply(&mut registry, Action::Close, record).await?;
        Ok(shown_id(&withdrawn.id))
    })?;
    output.answer(|| format!("withdrew {batch}"), || json!({"batch": batch}))?;
    Ok(Answer::Yes)
}

/// The most payments of one batch, as usage texts have it.
const MOST: usize = PaymentBatch::MOST;
