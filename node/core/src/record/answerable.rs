//! Who answers for something.

use super::{Fault, Problem, field};
use crate::{log::Kind, value::RecordId};

/// Whom a duty binds, a finding is about, an assessment is of: a cadre, a unit or an area; of a task also a post.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Answerable {
    /// Cadre, unit, area or post.
    pub kind: Kind,
    /// The record.
    pub id: RecordId,
}

impl Answerable {
    /// A cadre, a unit or an area.
    pub(super) const ANYBODY: &[Kind] = &[Kind::Cadre, Kind::Unit, Kind::Area];

    pub(super) fn parse(
        field: &'static str,
        kind: u32,
        id: &[u8],
        allowed: &[Kind],
    ) -> Result<Self, Fault> {
        match Kind::from_number(kind) {
            None => Err(Fault::new(field, Problem::Missing)),
            Some(kind) if allowed.contains(&kind) => Ok(Self {
                kind,
                id: field::id(field, id)?,
            }),
            Some(_) => {
                let allowed: Vec<_> = allowed.iter().map(|kind| kind.label()).collect();
                let problem = format!("must be one of {}", allowed.join(", "));
                Err(Fault::new(field, Problem::Malformed(problem)))
            }
        }
    }
}
