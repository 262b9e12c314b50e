//! Training courses, joint meetings and advisory visits.

use std::collections::BTreeSet;

use lika_proto::log::v1 as message;

use super::{Document, Fault, Key, Problem, field, parts};
use crate::{
    rollup::Tally,
    value::{Code, Date, Label, RecordId},
};

/// The most people who are named.
const MOST_ATTENDEES: usize = 200;
/// The most of any count: beyond it somebody mistyped.
const MOST: u32 = 1_000_000;

/// A training course, a joint meeting or an advisory visit (S3.5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Training {
    /// Code list training-kind.
    pub kind: Code,
    /// Code list training-audience.
    pub audience: Code,
    /// What it was about.
    pub title: Label,
    /// The first day.
    pub on: Date,
    /// How many days, at least one.
    pub days: u32,
    /// Where.
    pub place: Label,
    /// How many attended, named or not.
    pub attendances: u32,
    /// How many questions it resolved.
    pub questions_resolved: Option<u32>,
    /// Members and cadres who attended, as far as they are named; no more than attended.
    pub attendees: Vec<RecordId>,
    /// The unit that organised it.
    pub unit: Option<RecordId>,
}

impl Document for Training {
    type Message = message::Training;

    fn parse(message: message::Training) -> Result<Self, Fault> {
        let message::training::Open {
            r#type,
            audience,
            title,
            on,
            days,
            place,
            attendances,
            questions_resolved,
            attendees,
            unit,
        } = field::required("open", message.open)?;
        let questions = questions_resolved.unwrap_or_default();
        for (field, count, least) in [
            ("days", days, 1),
            ("attendances", attendances, 0),
            ("questions_resolved", questions, 0),
        ] {
            if !(least..=MOST).contains(&count) {
                let (least, most) = (i64::from(least), i64::from(MOST));
                return Err(Fault::new(field, Problem::OutOfRange { least, most }));
            }
        }
        if attendees.len() > MOST_ATTENDEES {
            return Err(Fault::new("attendees", Problem::TooMany(MOST_ATTENDEES)));
        }
        if usize::try_from(attendances).is_ok_and(|attended| attendees.len() > attended) {
            let problem = "are more than attended".to_owned();
            return Err(Fault::new("attendees", Problem::Malformed(problem)));
        }
        let mut named = BTreeSet::new();
        let attendees = attendees
            .iter()
            .map(|bytes| {
                let id = field::id("attendees", bytes)?;
                if named.insert(id) {
                    Ok(id)
                } else {
                    Err(Fault::new("attendees", Problem::Repeated(id.to_string())))
                }
            })
            .collect::<Result<_, _>>()?;
        Ok(Self {
            kind: field::code("training-kind", "type", &r#type)?,
            audience: field::code("training-audience", "audience", &audience)?,
            title: field::malformed("title", Label::parse(&title))?,
            on: field::date("on", on)?,
            days,
            place: field::malformed("place", Label::parse(&place))?,
            attendances,
            questions_resolved,
            attendees,
            unit: field::optional_id("unit", &unit)?,
        })
    }

    fn message(&self) -> message::Training {
        let Self {
            kind,
            audience,
            title,
            on,
            days,
            place,
            attendances,
            questions_resolved,
            attendees,
            unit,
        } = self;
        message::Training {
            open: Some(message::training::Open {
                r#type: kind.to_string(),
                audience: audience.to_string(),
                title: title.to_string(),
                on: on.number(),
                days: *days,
                place: place.to_string(),
                attendances: *attendances,
                questions_resolved: *questions_resolved,
                attendees: attendees.iter().map(|id| id.0.to_vec()).collect(),
                unit: field::id_bytes(unit.as_ref()),
            }),
        }
    }

    parts!(Training);

    fn keys(&self) -> Vec<Key> {
        Vec::new()
    }

    fn tallies(&self) -> Vec<Tally> {
        let year = self.on.year();
        let mut tallies = vec![
            Tally::in_year(format!("trainings/{}", self.kind), year, 1),
            Tally::in_year(
                format!("trainings/{}-{}", self.kind, self.audience),
                year,
                1,
            ),
            Tally::in_year(
                format!("training-attendances/{}", self.audience),
                year,
                i64::from(self.attendances),
            ),
        ];
        tallies.extend(
            self.questions_resolved
                .map(|count| Tally::in_year("questions-resolved", year, i64::from(count))),
        );
        tallies
    }
}
