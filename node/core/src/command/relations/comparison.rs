//! Comparisons never change, and a doubt is verified once: by any officer who may, also by whoever imported the list,
//! since what is verified is the other bureau's word and not the importer's.

use super::{Kind, Result, has_come, malformed, reads, refers, same_area};
use crate::{
    command::{ChangeError, Circumstances, Refusal, Registry},
    record::{Body, Comparison, Doubt, Fault, Problem, Record},
    value::ActorId,
};

/// Holds a list against the day.
pub(super) fn check(
    before: Option<&Record>,
    comparison: &Comparison,
    circumstances: &Circumstances,
) -> std::result::Result<(), Refusal> {
    if before.is_some() {
        return Err(malformed("comparison", "stays what it was"));
    }
    has_come("listed_on", comparison.listed_on, circumstances)?;
    if comparison.compared_on != circumstances.today {
        return Err(malformed("compared_on", "is today"));
    }
    if comparison.digest.is_none() {
        return Err(Fault::new("digest", Problem::Missing).into());
    }
    Ok(())
}

/// Holds a doubt against its comparison, its member and who verifies it.
pub(super) fn check_doubt<R: Registry>(
    registry: &R,
    before: Option<&Record>,
    after: &Record,
    doubt: &Doubt,
    actor: ActorId,
    circumstances: &Circumstances,
) -> Result<R> {
    match before.map(|record| &record.body) {
        Some(Body::Doubt(known)) => Ok(check_verified(known, after, doubt, actor, circumstances)?),
        _ => check_raised(registry, after, doubt, circumstances),
    }
}

fn check_raised<R: Registry>(
    registry: &R,
    after: &Record,
    doubt: &Doubt,
    circumstances: &Circumstances,
) -> Result<R> {
    let is_verified = doubt.verification.is_some();
    if is_verified || doubt.note.as_ref().is_some_and(Option::is_some) {
        return Err(malformed("finding", "is given when somebody has verified it").into());
    }
    has_come("raised_on", doubt.raised_on, circumstances)?;
    let comparison = &doubt.comparison;
    let comparison = reads(registry, "comparison", Kind::Comparison, comparison)?;
    if !matches!(&comparison.body, Body::Comparison(of) if of.source == doubt.source) {
        return Err(malformed("source", "is that of the comparison").into());
    }
    let member = refers(registry, "member", Kind::Member, &doubt.member)?;
    same_area(after, &member)?;
    let hit = doubt
        .hit()
        .ok_or(Refusal::Invalid(Fault::new("statements", Problem::Missing)))?;
    let known = registry.with_key(&hit).map_err(ChangeError::Registry)?;
    match known.into_iter().find(|known| *known != after.id) {
        Some(known) => Err(Refusal::AlreadyDoubted(known).into()),
        None => Ok(()),
    }
}

fn check_verified(
    known: &Doubt,
    after: &Record,
    doubt: &Doubt,
    actor: ActorId,
    circumstances: &Circumstances,
) -> std::result::Result<(), Refusal> {
    if known.verification.is_some() {
        return Err(Refusal::DoubtSettled(after.id));
    }
    if after.closed {
        return Err(malformed(
            "finding",
            "is all that becomes of a doubt; it is not closed",
        ));
    }
    let Doubt {
        comparison,
        member,
        source,
        raised_on,
        name_differs,
        verification,
        statements,
        note,
    } = doubt;
    let same = [
        ("comparison", known.comparison == *comparison),
        ("member", known.member == *member),
        ("source", known.source == *source),
        ("raised_on", known.raised_on == *raised_on),
        ("name_differs", known.name_differs == *name_differs),
        ("statements", known.statements == *statements),
    ];
    if let Some((field, _)) = same.into_iter().find(|(_, same)| !same) {
        return Err(malformed(field, "stays what the list said"));
    }
    let Some(verification) = verification else {
        return Err(Fault::new("finding", Problem::Missing).into());
    };
    if verification.officer.0 != actor.0 {
        return Err(malformed(
            "officer",
            "is the officer who verifies it, in person",
        ));
    }
    if verification.on != circumstances.today {
        return Err(malformed("verified_on", "is today"));
    }
    if !note.as_ref().is_some_and(Option::is_some) {
        return Err(Fault::new("note", Problem::Missing).into());
    }
    Ok(())
}
