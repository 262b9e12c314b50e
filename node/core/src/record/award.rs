//! Awards: who is commended in a year.

use std::collections::BTreeSet;

use lika_proto::log::v1 as message;

use super::{Document, Fault, Key, Problem, field, parts};
use crate::{
    log::Kind,
    rollup::Tally,
    value::{AreaCode, AreaLevel, Code, RecordId, Year},
};

/// The most awards of a category: beyond it somebody mistyped.
const MOST: u32 = 1000;

/// Who is commended in a year in the record's area (S4.9: 3 townships, 10 units, 10 people).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Award {
    /// The year.
    pub year: Year,
    /// Code list award-category.
    pub category: Code,
    /// How many there may be: the county's own, fixed before anybody is named.
    pub most: u32,
    /// Who is commended, each once.
    pub recipients: Vec<RecordId>,
}

impl Award {
    /// The record id of the awards of an area, a year and a category: there is one.
    pub fn id_in(&self, area: &AreaCode) -> RecordId {
        let year = self.year.get().to_be_bytes();
        let parts = [&area.key()[..], &year, self.category.as_str().as_bytes()];
        RecordId::derived("lika.award", &parts.concat())
    }

    /// What those in a category are, and of which level the areas among them; none for a code that is no category.
    pub fn subjects_of(category: &str) -> Option<(Kind, Option<AreaLevel>)> {
        Some(match category {
            "county" => (Kind::Area, Some(AreaLevel::County)),
            "township" => (Kind::Area, Some(AreaLevel::Township)),
            "village" => (Kind::Area, Some(AreaLevel::Village)),
            "unit" => (Kind::Unit, None),
            "person" => (Kind::Cadre, None),
            _ => return None,
        })
    }
}

impl Document for Award {
    type Message = message::Award;

    fn parse(message: message::Award) -> Result<Self, Fault> {
        let message::award::Open {
            year,
            category,
            most,
            recipients,
        } = field::required("open", message.open)?;
        if !(1..=MOST).contains(&most) {
            let (least, most) = (1, i64::from(MOST));
            return Err(Fault::new("most", Problem::OutOfRange { least, most }));
        }
        let mut seen = BTreeSet::new();
        let take = |bytes: &Vec<u8>| {
            let id = field::id("recipients", bytes)?;
            if seen.insert(id) {
                Ok(id)
            } else {
                Err(Fault::new("recipients", Problem::Repeated(id.to_string())))
            }
        };
        Ok(Self {
            year: field::year("year", year)?,
            category: field::code("award-category", "category", &category)?,
            most,
            recipients: recipients.iter().map(take).collect::<Result<_, _>>()?,
        })
    }

    fn message(&self) -> message::Award {
        let Self {
            year,
            category,
            most,
            recipients,
        } = self;
        message::Award {
            open: Some(message::award::Open {
                year: u32::from(year.get()),
                category: category.to_string(),
                most: *most,
                recipients: recipients.iter().map(|id| id.0.to_vec()).collect(),
            }),
        }
    }

    parts!(Award);

    fn keys(&self) -> Vec<Key> {
        Vec::new()
    }

    fn tallies(&self) -> Vec<Tally> {
        let count = i64::try_from(self.recipients.len()).unwrap_or(i64::MAX);
        vec![Tally::in_year(
            format!("awards/{}", self.category),
            self.year,
            count,
        )]
    }
}
