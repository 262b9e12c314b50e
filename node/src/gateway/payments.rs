//! Payment batches on their way to a bank and back.

use std::fs::File;

use lika_core::{
    authority::Permission,
    codes,
    command::{Change, Refusal},
    log::{Action, Kind},
    record::{Account, Body, PaymentBatch, PaymentResult, PaymentReturn, Record, Sent, Side},
    value::{Code, Date, Digest, Fen, RecordId, RequestId},
};

use super::{Caller, Error, Gateway};
use crate::{
    files::{
        Table,
        payments::{self, BankRow},
    },
    store::Position,
};

/// A file for a bank.
#[derive(Clone)]
pub struct BankFile {
    /// What it says: names and accounts in the clear.
    pub content: Vec<u8>,
    /// Its digest, as the batch has it.
    pub digest: Digest,
    /// The batch.
    pub batch: PaymentBatch,
}

impl Gateway {
    /// The bank's file of a batch. The first time writes down that it was sent; afterwards it is the same file.
    pub async fn send_payments(
        &self,
        caller: &Caller,
        request: RequestId,
        id: &RecordId,
    ) -> Result<BankFile, Error> {
        let (record, batch) = self.payment_batch(caller, id)?;
        caller.must(Permission::Export, &record.area)?;
        caller.must(Permission::ReadPersonal, &record.area)?;
        if let Some(sent) = &batch.sent {
            let content = self.bank_file(&batch, sent.as_of)?;
            let digest = Digest::of(&content);
            if digest != sent.file {
                let message = format!("it would not be the file that was sent, {}", sent.file);
                return Err(other("bank-file-differs", message));
            }
            return Ok(BankFile {
                content,
                digest,
                batch,
            });
        }
        let head = self.inner.reader.head(&self.inner.reader.node());
        let head = head.map(|tail| tail.position).unwrap_or_default();
        let as_of = (head.epoch, head.seq);
        let content = self.bank_file(&batch, as_of)?;
        let digest = Digest::of(&content);
        let sent = PaymentBatch {
            sent: Some(Sent {
                on: self.clock().today(),
                file: digest,
                as_of,
            }),
            ..batch
        };
        let change = Change::of(&record, Action::Change, sent.clone());
        self.apply(caller, request, vec![change]).await?;
        Ok(BankFile {
            content,
            digest,
            batch: sent,
        })
    }

    /// Writes the return of a batch from what a bank answers: an XLSX or CSV file.
    pub async fn take_back_payments(
        &self,
        caller: &Caller,
        request: RequestId,
        id: &RecordId,
        payees: RecordId,
        on: Option<Date>,
        file: File,
    ) -> Result<PaymentReturn, Error> {
        let (record, batch) = self.payment_batch(caller, id)?;
        caller.must(Permission::Write(Kind::PaymentReturn), &record.area)?;
        let returned_id = PaymentReturn::id_for(id);
        if self.inner.reader.version(&returned_id)?.is_some() {
            return Err(refused(&Refusal::AlreadyReturned(*id)));
        }
        let Some(sent) = batch.sent else {
            return Err(refused(&Refusal::PaymentNotSent(*id)));
        };
        let rows = self.bank_rows(&batch, sent.as_of)?;
        let answers = Table::of_file(file, "")
            .map_err(payments::Error::from)
            .and_then(|table| payments::read(table, &rows))
            .map_err(|error| other("bank-answer-unreadable", error.to_string()))?;
        let results = batch.payments.iter().zip(answers);
        let results = results.map(|(payment, fault)| PaymentResult {
            household: payment.household,
            amount: payment.amount,
            fault,
        });
        let returned = PaymentReturn {
            batch: *id,
            from: batch.from,
            transit: batch.transit,
            payees,
            channel: self.channel_of(caller, &batch.from)?,
            used_for: batch.used_for.clone(),
            on: on.unwrap_or_else(|| self.clock().today()),
            results: results.collect(),
        };
        let change = Change::create(returned_id, record.area, returned.clone());
        self.apply(caller, request, vec![change]).await?;
        Ok(returned)
    }

    fn payment_batch(
        &self,
        caller: &Caller,
        id: &RecordId,
    ) -> Result<(Record, PaymentBatch), Error> {
        let record = self.get(caller, id, None)?.record;
        match record.body.clone() {
            Body::PaymentBatch(batch) => Ok((record, batch)),
            _ => Err(Error::NotFound(*id)),
        }
    }

    fn channel_of(&self, caller: &Caller, account: &RecordId) -> Result<Code, Error> {
        match self.get(caller, account, None)?.record.body {
            Body::Account(Account {
                side: Side::Internal(fund),
                ..
            }) => Ok(fund.channel),
            _ => Err(Error::NotFound(*account)),
        }
    }

    fn bank_file(&self, batch: &PaymentBatch, as_of: (u32, u64)) -> Result<Vec<u8>, Error> {
        let rows = self.bank_rows(batch, as_of)?;
        let list = codes::list("fund-use");
        let used_for = list.and_then(|list| list.by_code(batch.used_for.as_str()));
        let used_for = used_for.map_or("", |entry| entry.zh);
        payments::write(&rows, used_for).map_err(|_| Error::TaskEnded)
    }

    /// Names and accounts as they were at a position; a batch with a household that has none goes nowhere.
    fn bank_rows(
        &self,
        batch: &PaymentBatch,
        (epoch, seq): (u32, u64),
    ) -> Result<Vec<BankRow>, Error> {
        let at = Position { epoch, seq };
        let mut rows = Vec::with_capacity(batch.payments.len());
        let mut missing = Vec::new();
        for payment in &batch.payments {
            let name = match self.body_as_of(&payment.payee, at)? {
                Some(Body::Member(member)) => member.identity.map(|it| it.name.to_string()),
                _ => None,
            };
            let account = match self.body_as_of(&payment.household, at)? {
                Some(Body::Household(household)) => {
                    household.identity.and_then(|it| it.bank_account)
                }
                _ => None,
            };
            match (name, account) {
                (Some(name), Some(account)) => rows.push(BankRow {
                    name,
                    account: account.to_string(),
                    amount: payment.amount,
                }),
                _ => missing.push(payment.household),
            }
        }
        match missing.first() {
            None => Ok(rows),
            Some(first) => Err(other(
                "no-bank-account",
                format!(
                    "{} households have no bank account, or no name, on their card; the first is {first}",
                    missing.len()
                ),
            )),
        }
    }

    fn body_as_of(&self, id: &RecordId, at: Position) -> Result<Option<Body>, Error> {
        let stored = self.inner.reader.get_as_of(id, at)?;
        Ok(stored.and_then(|stored| stored.body.ok()))
    }
}

impl BankFile {
    /// All payments together.
    pub fn total(&self) -> Fen {
        self.batch.total()
    }
}

fn refused(refusal: &Refusal) -> Error {
    other(refusal.code(), refusal.to_string())
}

fn other(code: &'static str, message: String) -> Error {
    Error::Other { code, message }
}
