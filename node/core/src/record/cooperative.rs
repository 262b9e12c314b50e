//! Co-operatives in which money of poverty funds is invested.

use lika_proto::log::v1 as message;

use super::{Document, Fault, Key, Problem, field, parts};
use crate::{
    rollup::Tally,
    value::{Fen, Label},
};

/// The most fen of one amount of a co-operative, far above what one has: sums of a nation stay exact.
pub(super) const MOST_FEN: i64 = 1_000_000_000_000;

/// A co-operative (S2.4). The record's area is where it works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cooperative {
    /// Name.
    pub name: Label,
    /// Its whole capital, more than nothing: also what belongs to holders who are no records here.
    pub capital: Fen,
}

impl Document for Cooperative {
    type Message = message::Cooperative;

    fn parse(message: message::Cooperative) -> Result<Self, Fault> {
        let message::cooperative::Open { name, capital } = field::required("open", message.open)?;
        Ok(Self {
            name: field::malformed("name", Label::parse(&name))?,
            capital: positive("capital", capital)?,
        })
    }

    fn message(&self) -> message::Cooperative {
        let Self { name, capital } = self;
        message::Cooperative {
            open: Some(message::cooperative::Open {
                name: name.to_string(),
                capital: capital.0,
            }),
        }
    }

    parts!(Cooperative);

    fn keys(&self) -> Vec<Key> {
        Vec::new()
    }

    fn tallies(&self) -> Vec<Tally> {
        vec![
            Tally::stock("co-operatives", 1),
            Tally::stock("co-operative-capital", self.capital.0),
        ]
    }
}

/// An amount that there would be no record of were it nothing.
pub(super) fn positive(field: &'static str, fen: i64) -> Result<Fen, Fault> {
    match field::amount(field, fen, MOST_FEN)? {
        Fen(0) => Err(Fault::new(
            field,
            Problem::OutOfRange {
                least: 1,
                most: MOST_FEN,
            },
        )),
        amount => Ok(amount),
    }
}
