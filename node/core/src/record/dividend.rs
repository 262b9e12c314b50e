//! Dividends: what a co-operative returned in a year, and who got it.

use std::collections::BTreeSet;

use lika_proto::log::v1 as message;

use super::{
    Document, Fault, Key, Problem,
    cooperative::{MOST_FEN, positive},
    field, parts,
};
use crate::{
    rollup::Tally,
    value::{Fen, RecordId, Year},
};

/// The return of a year on a co-operative's equity from poverty funds (S2.4); the record stands in the area of the
/// co-operative.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dividend {
    /// The co-operative.
    pub cooperative: RecordId,
    /// The year.
    pub year: Year,
    /// The return.
    pub amount: Fen,
    /// Who got what, each holder once, together no more than the return; empty until it was distributed.
    pub payments: Vec<Payment>,
}

/// What one holder got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// The holder's shareholding.
    pub shareholding: RecordId,
    /// The amount, more than nothing.
    pub amount: Fen,
    /// The decision that it follows.
    pub decision: Option<RecordId>,
}

impl Dividend {
    /// The record id of a co-operative's dividend of a year: there is one.
    pub fn id_for(cooperative: &RecordId, year: Year) -> RecordId {
        RecordId::derived(
            "lika.dividend",
            &[&cooperative.0[..], &year.get().to_be_bytes()].concat(),
        )
    }

    /// What was distributed. Parsing made sure that it does not overflow.
    pub fn distributed(&self) -> Fen {
        Fen(self.payments.iter().map(|payment| payment.amount.0).sum())
    }
}

impl Document for Dividend {
    type Message = message::Dividend;

    fn parse(message: message::Dividend) -> Result<Self, Fault> {
        let message::dividend::Open {
            cooperative,
            year,
            amount,
            payments,
        } = field::required("open", message.open)?;
        let amount = field::amount("amount", amount, MOST_FEN)?;
        let mut paid = 0_i64;
        let mut holders = BTreeSet::new();
        let mut parsed = Vec::with_capacity(payments.len());
        for payment in payments {
            let payment = Payment::parse(payment)?;
            paid = paid.saturating_add(payment.amount.0);
            if !holders.insert(payment.shareholding) {
                let holder = payment.shareholding.to_string();
                return Err(Fault::new(
                    "payments.shareholding",
                    Problem::Repeated(holder),
                ));
            }
            parsed.push(payment);
        }
        if paid > amount.0 {
            let problem = format!("add up to {}, more than the return of {amount}", Fen(paid));
            return Err(Fault::new("payments", Problem::Malformed(problem)));
        }
        Ok(Self {
            cooperative: field::id("cooperative", &cooperative)?,
            year: field::year("year", year)?,
            amount,
            payments: parsed,
        })
    }

    fn message(&self) -> message::Dividend {
        let Self {
            cooperative,
            year,
            amount,
            payments,
        } = self;
        message::Dividend {
            open: Some(message::dividend::Open {
                cooperative: cooperative.0.to_vec(),
                year: u32::from(year.get()),
                amount: amount.0,
                payments: payments.iter().map(Payment::message).collect(),
            }),
        }
    }

    parts!(Dividend);

    fn keys(&self) -> Vec<Key> {
        Vec::new()
    }

    fn tallies(&self) -> Vec<Tally> {
        vec![
            Tally::in_year("dividend/return", self.year, self.amount.0),
            Tally::in_year("dividend/distributed", self.year, self.distributed().0),
        ]
    }
}

impl Payment {
    fn parse(message: message::dividend::Payment) -> Result<Self, Fault> {
        let message::dividend::Payment {
            shareholding,
            amount,
            decision,
        } = message;
        Ok(Self {
            shareholding: field::id("payments.shareholding", &shareholding)?,
            amount: positive("payments.amount", amount)?,
            decision: field::optional_id("payments.decision", &decision)?,
        })
    }

    fn message(&self) -> message::dividend::Payment {
        let Self {
            shareholding,
            amount,
            decision,
        } = self;
        message::dividend::Payment {
            shareholding: shareholding.0.to_vec(),
            amount: amount.0,
            decision: field::id_bytes(decision.as_ref()),
        }
    }
}
