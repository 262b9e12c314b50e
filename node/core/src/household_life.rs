//! What happens in the life of a household, as the changes that make it so (S1.4): split, merge, move, death, birth, who
//! joins, who leaves, another head, exit and relapse.
//!
//! [`plan`] reads the records and answers with one command's changes, which end with the event that says what happened.
//! It decides nothing that [`crate::command`] would not refuse by itself, except what the changes alone do not show: a
//! split that leaves nobody, a merge with itself, a relation to a new head that nobody has told.

mod kinship;
mod moving;
mod steps;

pub(crate) use self::moving::under;

use std::collections::BTreeMap;

use thiserror::Error as ThisError;

use crate::{
    cases::Records,
    command::{Change, Refusal},
    value::{AreaCode, Code, Date, IdentityDocument, Name, RecordId, Text, Year},
};

/// Something that happens to a household.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Life {
    /// The household.
    pub household: RecordId,
    /// The day.
    pub on: Date,
    /// Code list household-event-reason.
    pub reason: Option<Code>,
    /// A note.
    pub note: Option<Text>,
    /// Who becomes head of the household that loses its own.
    pub heir: Option<RecordId>,
    /// How members are related to their new head (code list relation), where it does not follow.
    pub relations: BTreeMap<RecordId, Code>,
    /// What it is.
    pub what: What,
}

/// What happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// Some members found a household of their own, with the same helpers.
    Split {
        /// Who leaves.
        members: Vec<RecordId>,
        /// Who of them becomes its head.
        head: RecordId,
        /// Its 户编号.
        number: Option<Text>,
    },
    /// All members go to another household, and this one ends.
    Merge {
        /// The other one.
        into: RecordId,
    },
    /// The household goes to another village with all that is written about it.
    Move {
        /// The village.
        to: AreaCode,
        /// The address there.
        address: Option<Text>,
    },
    /// A member dies. With the last one the household ends.
    Death {
        /// Who.
        member: RecordId,
    },
    /// A child is born.
    Birth(Person),
    /// Somebody from outside the register joins.
    Arrival(Person),
    /// Somebody from another household joins.
    Join {
        /// Who.
        member: RecordId,
        /// Code list relation: to the head here.
        relation: Code,
    },
    /// A member goes where no household of the register is.
    Leave {
        /// Who.
        member: RecordId,
        /// Code list member-end-reason.
        end: Code,
    },
    /// Another member becomes head.
    Head {
        /// Who.
        member: RecordId,
    },
    /// The household exits by a case whose steps are all taken: its pairings end, and its follow-up begins.
    Exit {
        /// The case.
        case: RecordId,
    },
    /// It falls back by a case whose steps are all taken, and is helped again.
    Relapse {
        /// The case.
        case: RecordId,
        /// Code list household-type: what it is from now on.
        household_type: Code,
    },
}

/// Somebody whom the register does not know yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Name.
    pub name: Name,
    /// The identity document.
    pub document: IdentityDocument,
    /// Code list sex.
    pub sex: Option<Code>,
    /// Code list relation: to the head.
    pub relation: Code,
    /// Year of birth, where the document does not say.
    pub birth_year: Option<Year>,
}

/// The changes of one command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// In the order in which they hold.
    pub changes: Vec<Change>,
    /// The event.
    pub event: RecordId,
    /// The household that a split founds.
    pub founded: Option<RecordId>,
}

/// Why there is no plan.
#[derive(Debug, ThisError)]
pub enum Error<E> {
    /// It cannot be.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The records could not be read.
    #[error("the records could not be read")]
    Records(#[source] E),
}

/// The changes by which it comes about. `id` names new records by their place; the event is the first, a household that
/// is founded the second.
pub fn plan<R: Records>(
    records: &R,
    life: &Life,
    id: impl Fn(u32) -> RecordId,
) -> Result<Plan, Error<R::Error>> {
    let mut steps = steps::Steps::new(records, life, &id);
    steps.take()?;
    Ok(steps.into_plan())
}
