//! Payment returns: what a bank made of a payment batch.

use lika_proto::log::v1 as message;

use super::{
    Document, Fault, Key, PaymentBatch, Posting, Problem, cooperative::positive, field, parts,
};
use crate::{
    rollup::Tally,
    value::{Code, Date, Fen, RecordId, Year},
};

/// What a bank made of a batch: one for each batch, with an answer for each of its payments. It is never changed and
/// never closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentReturn {
    /// The batch; where the money was, what it is spent on and whose it is are the batch's.
    pub batch: RecordId,
    /// The fund's account, to which what failed goes back.
    pub from: RecordId,
    /// The account of what was in transit.
    pub transit: RecordId,
    /// The external account to which what was paid went.
    pub payees: RecordId,
    /// Code list fund-channel: that of the fund.
    pub channel: Code,
    /// Code list fund-use.
    pub used_for: Code,
    /// The day; its year is that of the books.
    pub on: Date,
    /// What became of each payment, in the order of the batch.
    pub results: Vec<PaymentResult>,
}

/// What became of a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentResult {
    /// The household.
    pub household: RecordId,
    /// The amount of the batch.
    pub amount: Fen,
    /// Code list payment-fault: why it failed; none where it was paid.
    pub fault: Option<Code>,
}

impl PaymentReturn {
    /// The record id of a batch's return: there is one.
    pub fn id_for(batch: &RecordId) -> RecordId {
        RecordId::derived("lika.payment-return", &batch.0)
    }

    /// The year of the books that it is in.
    pub fn year(&self) -> Year {
        self.on.year()
    }

    /// What households got. Parsing made sure that it does not overflow.
    pub fn paid(&self) -> Fen {
        self.sum(|result| result.fault.is_none())
    }

    /// What went back to the fund.
    pub fn failed(&self) -> Fen {
        self.sum(|result| result.fault.is_some())
    }

    /// Whether the payment to a household failed.
    pub fn has_failed(&self, household: &RecordId) -> bool {
        let mut results = self.results.iter();
        results.any(|result| result.household == *household && result.fault.is_some())
    }

    fn sum(&self, counts: impl Fn(&&PaymentResult) -> bool) -> Fen {
        Fen(self
            .results
            .iter()
            .filter(counts)
            .map(|result| result.amount.0)
            .sum())
    }
}

impl Document for PaymentReturn {
    type Message = message::PaymentReturn;

    fn parse(message: message::PaymentReturn) -> Result<Self, Fault> {
        let message::payment_return::Open {
            batch,
            from,
            transit,
            payees,
            channel,
            used_for,
            on,
            results,
        } = field::required("open", message.open)?;
        if results.len() > PaymentBatch::MOST {
            return Err(Fault::new("results", Problem::TooMany(PaymentBatch::MOST)));
        }
        let mut total = Fen::ZERO;
        let mut parsed = Vec::with_capacity(results.len());
        for result in results {
            let result = PaymentResult::parse(result)?;
            let sum = total.checked_add(result.amount);
            total = sum.map_err(|_| Fault::new("results.amount", Problem::TooLarge))?;
            parsed.push(result);
        }
        Ok(Self {
            batch: field::id("batch", &batch)?,
            from: field::id("from", &from)?,
            transit: field::id("transit", &transit)?,
            payees: field::id("payees", &payees)?,
            channel: field::code("fund-channel", "channel", &channel)?,
            used_for: field::code("fund-use", "used_for", &used_for)?,
            on: field::date("on", on)?,
            results: parsed,
        })
    }

    fn message(&self) -> message::PaymentReturn {
        let Self {
            batch,
            from,
            transit,
            payees,
            channel,
            used_for,
            on,
            results,
        } = self;
        message::PaymentReturn {
            open: Some(message::payment_return::Open {
                batch: batch.0.to_vec(),
                from: from.0.to_vec(),
                transit: transit.0.to_vec(),
                payees: payees.0.to_vec(),
                channel: channel.to_string(),
                used_for: used_for.to_string(),
                on: on.number(),
                results: results.iter().map(PaymentResult::message).collect(),
            }),
        }
    }

    parts!(PaymentReturn);

    fn keys(&self) -> Vec<Key> {
        Vec::new()
    }

    /// Spent is what somebody got, in the year in which the bank said so.
    fn tallies(&self) -> Vec<Tally> {
        let Self {
            channel, used_for, ..
        } = self;
        let paid = self.paid().0;
        let failed = self.results.iter().filter(|result| result.fault.is_some());
        let tally = |dimension, value| Tally::in_year(dimension, self.year(), value);
        vec![
            tally(format!("fund-out/{channel}"), paid),
            tally(format!("fund-use/{used_for}"), paid),
            tally(
                "payments-failed".to_owned(),
                i64::try_from(failed.count()).unwrap_or(i64::MAX),
            ),
        ]
    }

    fn postings(&self) -> Vec<Posting> {
        let (paid, failed) = (self.paid().0, self.failed().0);
        let posting = |account, fen| Posting {
            account,
            amount: Fen(fen),
        };
        vec![
            posting(self.transit, -paid - failed),
            posting(self.payees, paid),
            posting(self.from, failed),
        ]
    }
}

impl PaymentResult {
    fn parse(message: message::payment_return::Result) -> Result<Self, Fault> {
        let message::payment_return::Result {
            household,
            amount,
            fault,
        } = message;
        Ok(Self {
            household: field::id("results.household", &household)?,
            amount: positive("results.amount", amount)?,
            fault: field::optional_code("payment-fault", "results.fault", &fault)?,
        })
    }

    fn message(&self) -> message::payment_return::Result {
        let Self {
            household,
            amount,
            fault,
        } = self;
        message::payment_return::Result {
            household: household.0.to_vec(),
            amount: amount.0,
            fault: field::printed(fault.as_ref()),
        }
    }
}
