//! Visits to households and villages.

use lika_proto::log::v1 as message;

use super::{Document, Fault, Index, Key, field, parts};
use crate::{
    rollup::Tally,
    value::{Code, Date, RecordId, Text},
};

/// A visit to a household, or, without one, to the village that is the record's area.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    /// The household.
    pub household: Option<RecordId>,
    /// The cadre who went.
    pub cadre: RecordId,
    /// The day.
    pub on: Date,
    /// Code list visit-purpose.
    pub purpose: Option<Code>,
    /// What was seen and agreed; not known where it was withheld.
    pub note: Option<Option<Text>>,
}

impl Document for Visit {
    type Message = message::Visit;

    fn parse(message: message::Visit) -> Result<Self, Fault> {
        let message::Visit { open, free_text } = message;
        let message::visit::Open {
            household,
            cadre,
            on,
            purpose,
        } = field::required("open", open)?;
        Ok(Self {
            household: field::optional_id("household", &household)?,
            cadre: field::id("cadre", &cadre)?,
            on: field::date("on", on)?,
            purpose: field::optional_code("visit-purpose", "purpose", &purpose)?,
            note: free_text
                .map(|message::visit::FreeText { note }| {
                    field::optional_text("note", &note, Text::parse)
                })
                .transpose()?,
        })
    }

    fn message(&self) -> message::Visit {
        let Self {
            household,
            cadre,
            on,
            purpose,
            note,
        } = self;
        message::Visit {
            open: Some(message::visit::Open {
                household: field::id_bytes(household.as_ref()),
                cadre: cadre.0.to_vec(),
                on: on.number(),
                purpose: field::printed(purpose.as_ref()),
            }),
            free_text: note.as_ref().map(|note| message::visit::FreeText {
                note: field::printed(note.as_ref()),
            }),
        }
    }

    parts!(Visit, free_text = FreeText);

    /// What is written of a visit is about the household, and goes when the household's key goes.
    fn subject(&self, own: RecordId) -> RecordId {
        self.household.unwrap_or(own)
    }

    fn keys(&self) -> Vec<Key> {
        let on = self.on.number().to_be_bytes();
        let mut keys = vec![Key::open(Index::VisitsOfCadre, &[&self.cadre.0, &on])];
        keys.extend(
            self.household
                .map(|household| Key::open(Index::VisitsOfHousehold, &[&household.0, &on])),
        );
        keys
    }

    fn tallies(&self) -> Vec<Tally> {
        vec![Tally::in_month("visits", self.on, 1)]
    }
}
