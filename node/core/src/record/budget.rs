//! Budgets: what is planned for a year.

use lika_proto::log::v1 as message;

use super::{Document, Fault, Key, cooperative::MOST_FEN, field, parts};
use crate::{
    rollup::Tally,
    value::{AreaCode, Code, Fen, RecordId, Year},
};

/// What is planned for a year in the record's area, by channel and purpose (S0.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Budget {
    /// The year.
    pub year: Year,
    /// Code list fund-channel.
    pub channel: Code,
    /// Code list fund-purpose.
    pub purpose: Code,
    /// The amount.
    pub amount: Fen,
}

impl Budget {
    /// The record id of a plan: one for each area, year, channel and purpose.
    pub fn id_for(&self, area: &AreaCode) -> RecordId {
        let Self {
            year,
            channel,
            purpose,
            amount: _,
        } = self;
        let parts = format!("{}/{}/{channel}/{purpose}", area.digits(), year.get());
        RecordId::derived("lika.budget", parts.as_bytes())
    }
}

impl Document for Budget {
    type Message = message::Budget;

    fn parse(message: message::Budget) -> Result<Self, Fault> {
        let message::budget::Open {
            year,
            channel,
            purpose,
            amount,
        } = field::required("open", message.open)?;
        Ok(Self {
            year: field::year("year", year)?,
            channel: field::code("fund-channel", "channel", &channel)?,
            purpose: field::code("fund-purpose", "purpose", &purpose)?,
            amount: field::amount("amount", amount, MOST_FEN)?,
        })
    }

    fn message(&self) -> message::Budget {
        let Self {
            year,
            channel,
            purpose,
            amount,
        } = self;
        message::Budget {
            open: Some(message::budget::Open {
                year: u32::from(year.get()),
                channel: channel.to_string(),
                purpose: purpose.to_string(),
                amount: amount.0,
            }),
        }
    }

    parts!(Budget);

    fn keys(&self) -> Vec<Key> {
        Vec::new()
    }

    fn tallies(&self) -> Vec<Tally> {
        let dimension = format!("budget/{}", self.channel);
        vec![Tally::in_year(dimension, self.year, self.amount.0)]
    }
}
