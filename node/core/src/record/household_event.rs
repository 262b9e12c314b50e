//! Household events: what happened in the life of a household, and why (S1.4).

use lika_proto::log::v1 as message;

use super::{Document, Fault, Index, Key, Problem, field, parts};
use crate::{
    rollup::Tally,
    value::{Code, Date, RecordId, Text},
};

/// The most members that one event names.
const MOST_MEMBERS: usize = 200;

/// What happened in the life of a household. It is written in one command with what it speaks of, and never changed;
/// closing takes back one that was written by mistake.
///
/// It stands where it happened: a household that has moved left one event behind and brought one along.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HouseholdEvent {
    /// Code list household-event.
    pub kind: Code,
    /// The household.
    pub household: RecordId,
    /// The one founded by a split, the one that took the members of a merged one, or the one that somebody came from or
    /// went to.
    pub other: Option<RecordId>,
    /// Who was born, died, came, left, or became head.
    pub members: Vec<RecordId>,
    /// The day.
    pub on: Date,
    /// Code list household-event-reason; a birth and a death need none.
    pub reason: Option<Code>,
    /// The case that led to it, of an exit or a relapse.
    pub case: Option<RecordId>,
    /// A note; not known where it was withheld.
    pub note: Option<Option<Text>>,
}

impl HouseholdEvent {
    /// The key of the events of a household, those of another one that name it too; by day.
    pub fn key_of(household: &RecordId) -> Key {
        Key::record(Index::EventsOfHousehold, household)
    }
}

impl Document for HouseholdEvent {
    type Message = message::HouseholdEvent;

    fn parse(message: message::HouseholdEvent) -> Result<Self, Fault> {
        let message::HouseholdEvent { open, free_text } = message;
        let message::household_event::Open {
            r#type,
            household,
            other,
            members,
            on,
            reason,
            case,
        } = field::required("open", open)?;
        if members.len() > MOST_MEMBERS {
            return Err(Fault::new("members", Problem::TooMany(MOST_MEMBERS)));
        }
        let kind = field::code("household-event", "type", &r#type)?;
        let reason = field::optional_code("household-event-reason", "reason", &reason)?;
        let speaks_for_itself = matches!(kind.as_str(), "birth" | "death");
        if reason.is_none() && !speaks_for_itself {
            return Err(Fault::new("reason", Problem::Missing));
        }
        let case = field::optional_id("case", &case)?;
        if case.is_some() != matches!(kind.as_str(), "exited" | "relapsed") {
            let problem = "is given for an exit or a relapse, and for nothing else";
            return Err(Fault::new("case", Problem::Malformed(problem.to_owned())));
        }
        Ok(Self {
            kind,
            household: field::id("household", &household)?,
            other: field::optional_id("other", &other)?,
            members: members
                .iter()
                .map(|member| field::id("members", member))
                .collect::<Result<_, _>>()?,
            on: field::date("on", on)?,
            reason,
            case,
            note: free_text
                .map(|message::household_event::FreeText { note }| {
                    field::optional_text("note", &note, Text::parse)
                })
                .transpose()?,
        })
    }

    fn message(&self) -> message::HouseholdEvent {
        let Self {
            kind,
            household,
            other,
            members,
            on,
            reason,
            case,
            note,
        } = self;
        message::HouseholdEvent {
            open: Some(message::household_event::Open {
                r#type: kind.to_string(),
                household: household.0.to_vec(),
                other: field::id_bytes(other.as_ref()),
                members: members.iter().map(|member| member.0.to_vec()).collect(),
                on: on.number(),
                reason: field::printed(reason.as_ref()),
                case: field::id_bytes(case.as_ref()),
            }),
            free_text: note
                .as_ref()
                .map(|note| message::household_event::FreeText {
                    note: field::printed(note.as_ref()),
                }),
        }
    }

    parts!(HouseholdEvent, free_text = FreeText);

    /// What is typed about a household is sealed with the household's key.
    fn subject(&self, _own: RecordId) -> RecordId {
        self.household
    }

    fn keys(&self) -> Vec<Key> {
        let day = self.on.number().to_be_bytes();
        let households = [Some(self.household), self.other].into_iter().flatten();
        let of_household = households.map(|it| Key::open(Index::EventsOfHousehold, &[&it.0, &day]));
        let members = self.members.iter();
        let of_member = members.map(|it| Key::open(Index::EventsOfMember, &[&it.0, &day]));
        of_household.chain(of_member).collect()
    }

    fn tallies(&self) -> Vec<Tally> {
        let (kind, year) = (&self.kind, self.on.year());
        let mut tallies = vec![Tally::in_year(format!("household-event/{kind}"), year, 1)];
        if let Some(reason) = &self.reason {
            let dimension = format!("household-event/{kind}/{reason}");
            tallies.push(Tally::in_year(dimension, year, 1));
        }
        tallies
    }
}
