//! Whole-village batches: key villages whose projects are planned together.

use std::collections::BTreeSet;

use lika_proto::log::v1 as message;

use super::{Document, Fault, Index, Key, Problem, field, parts};
use crate::{
    rollup::Tally,
    value::{AreaCode, AreaLevel, Label, RecordId, Span},
};

/// Villages of one batch at most.
const MOST_VILLAGES: usize = 1000;

/// A whole-village batch (S1.5 整村推进); it stands in the area that plans it. The projects of its villages name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VillageBatch {
    /// Name.
    pub name: Label,
    /// The villages, at least one, each once.
    pub villages: Vec<AreaCode>,
    /// From when until when.
    pub span: Span,
}

impl VillageBatch {
    /// The village that an area is, or is in.
    pub fn village_of(&self, area: &AreaCode) -> Option<&AreaCode> {
        self.villages.iter().find(|village| village.contains(area))
    }

    /// The open batches that a village is in.
    pub fn key_of_village(village: &AreaCode) -> Key {
        Key::open(Index::BatchesOfVillage, &[&village.key()])
    }

    /// The open projects that name a batch.
    pub fn key_of_projects(batch: &RecordId) -> Key {
        Key::record(Index::ProjectsOfBatch, batch)
    }
}

impl Document for VillageBatch {
    type Message = message::VillageBatch;

    fn parse(message: message::VillageBatch) -> Result<Self, Fault> {
        let message::village_batch::Open {
            name,
            villages,
            from,
            until,
        } = field::required("open", message.open)?;
        let from = field::date("from", from)?;
        let until = field::until("until", from, until)?;
        Ok(Self {
            name: field::malformed("name", Label::parse(&name))?,
            villages: villages_of(&villages)?,
            span: field::malformed("until", Span::new(from, until))?,
        })
    }

    fn message(&self) -> message::VillageBatch {
        let Self {
            name,
            villages,
            span,
        } = self;
        let villages = villages.iter().map(|village| village.digits().to_owned());
        message::VillageBatch {
            open: Some(message::village_batch::Open {
                name: name.to_string(),
                villages: villages.collect(),
                from: span.from().number(),
                until: field::date_number(span.until()),
            }),
        }
    }

    parts!(VillageBatch);

    fn keys(&self) -> Vec<Key> {
        self.villages.iter().map(Self::key_of_village).collect()
    }

    fn tallies(&self) -> Vec<Tally> {
        let (year, villages) = (self.span.from().year(), self.villages.len());
        let villages = i64::try_from(villages).unwrap_or(i64::MAX);
        vec![
            Tally::in_year("village-batches", year, 1),
            Tally::in_year("villages-in-batches", year, villages),
        ]
    }
}

fn villages_of(codes: &[String]) -> Result<Vec<AreaCode>, Fault> {
    match codes.len() {
        0 => return Err(Fault::new("villages", Problem::Missing)),
        count if count > MOST_VILLAGES => {
            return Err(Fault::new("villages", Problem::TooMany(MOST_VILLAGES)));
        }
        _ => {}
    }
    let mut seen = BTreeSet::new();
    let take = |code: &String| {
        let village = field::malformed("villages", AreaCode::parse(code))?;
        if village.level() != AreaLevel::Village {
            let problem = format!("{code} is no village (12 digits)");
            return Err(Fault::new("villages", Problem::Malformed(problem)));
        }
        if !seen.insert(village) {
            return Err(Fault::new("villages", Problem::Repeated(code.clone())));
        }
        Ok(village)
    };
    codes.iter().map(take).collect()
}
