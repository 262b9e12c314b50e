//! What takes two people: one approval at a time, each in person.

use super::{Kind, Result, malformed, reads};
use crate::{
    command::{Refusal, Registry},
    record::{Approval, Body},
    value::ActorId,
};

/// A change adds at most one approval: that of the officer who makes it, who is nobody that has approved before.
pub(super) fn check<R: Registry>(
    registry: &R,
    known: &[Approval],
    approvals: &[Approval],
    actor: ActorId,
) -> Result<R> {
    let added = match approvals.strip_prefix(known) {
        Some([]) => return Ok(()),
        Some([added]) => added,
        Some(_) => return Err(Refusal::NotTheApprover.into()),
        None => return Err(malformed("approvals", "are not taken back").into()),
    };
    if let Some(same) = known.iter().find(|other| added.is_of_same_person(other)) {
        return Err(Refusal::SamePerson(same.officer).into());
    }
    in_person(
        registry,
        ["approvals.officer", "approvals.cadre"],
        added,
        actor,
    )
}

/// Whoever makes a change is the officer whom it names in the first field, with that officer's cadre in the second.
pub(super) fn in_person<R: Registry>(
    registry: &R,
    [officer, cadre]: [&'static str; 2],
    by: &Approval,
    actor: ActorId,
) -> Result<R> {
    if by.officer.0 != actor.0 {
        return Err(Refusal::NotTheApprover.into());
    }
    let found = reads(registry, officer, Kind::Officer, &by.officer)?;
    match &found.body {
        Body::Officer(own) if own.cadre != by.cadre => {
            Err(malformed(cadre, "is not the cadre of the officer").into())
        }
        _ => Ok(()),
    }
}

/// What is proposed is approved afterwards, by whoever proposed it too.
pub(super) fn none_yet(approvals: &[Approval]) -> std::result::Result<(), Refusal> {
    if approvals.is_empty() {
        return Ok(());
    }
    let problem = "are given after it was proposed, each by the officer in person";
    Err(malformed("approvals", problem))
}
