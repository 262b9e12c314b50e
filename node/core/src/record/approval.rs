//! Approvals: what takes two people takes both in person, one after the other.

use lika_proto::log::v1 as message;

use super::{Fault, Problem, field};
use crate::value::RecordId;

/// One person's approval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Approval {
    /// The officer.
    pub officer: RecordId,
    /// The cadre record of the same person: two officers of one cadre are one person.
    pub cadre: Option<RecordId>,
}

impl Approval {
    /// How many people must approve.
    pub const NEEDED: usize = 2;

    /// Whether both are of the same person, as far as the records tell.
    pub fn is_of_same_person(&self, other: &Self) -> bool {
        self.officer == other.officer || (self.cadre.is_some() && self.cadre == other.cadre)
    }

    pub(super) fn parse_all(
        messages: Vec<message::enactment::Approval>,
    ) -> Result<Vec<Self>, Fault> {
        if messages.len() > Self::NEEDED {
            return Err(Fault::new("approvals", Problem::TooMany(Self::NEEDED)));
        }
        let parse = |message::enactment::Approval { officer, cadre }| {
            Ok(Self {
                officer: field::id("approvals.officer", &officer)?,
                cadre: field::optional_id("approvals.cadre", &cadre)?,
            })
        };
        messages.into_iter().map(parse).collect()
    }

    pub(super) fn message(&self) -> message::enactment::Approval {
        let Self { officer, cadre } = self;
        message::enactment::Approval {
            officer: officer.0.to_vec(),
            cadre: field::id_bytes(cadre.as_ref()),
        }
    }
}
