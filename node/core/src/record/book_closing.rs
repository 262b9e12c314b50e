//! The end of a year's books.

use lika_proto::log::v1 as message;

use super::{Document, Fault, Key, field, parts};
use crate::{
    rollup::Tally,
    value::{AreaCode, RecordId, Year},
};

/// After it, no transfer of the year posts in the record's area and below. It is never changed and never closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BookClosing {
    /// The year, which is over.
    pub year: Year,
}

impl BookClosing {
    /// The record id of the end of an area's year: there is one.
    pub fn id_for(area: &AreaCode, year: Year) -> RecordId {
        let parts = format!("{}/{}", area.digits(), year.get());
        RecordId::derived("lika.book-closing", parts.as_bytes())
    }
}

impl Document for BookClosing {
    type Message = message::BookClosing;

    fn parse(message: message::BookClosing) -> Result<Self, Fault> {
        let message::book_closing::Open { year } = field::required("open", message.open)?;
        Ok(Self {
            year: field::year("year", year)?,
        })
    }

    fn message(&self) -> message::BookClosing {
        let Self { year } = self;
        message::BookClosing {
            open: Some(message::book_closing::Open {
                year: u32::from(year.get()),
            }),
        }
    }

    parts!(BookClosing);

    fn keys(&self) -> Vec<Key> {
        Vec::new()
    }

    fn tallies(&self) -> Vec<Tally> {
        Vec::new()
    }
}
