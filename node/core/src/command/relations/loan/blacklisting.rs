//! Blacklistings: what they rest on, and how an appeal ends them.

use super::{Found, current, in_person, not_before};
use crate::{
    command::{
        ChangeError, Circumstances, LoanRefusal, Refusal, Registry,
        relations::{Kind, Result, has_come, household_here, malformed, reads, works::belongs},
    },
    record::{Answer, Blacklisting, Body, Fault, Index, Key, LoanStage, Problem, Record},
    value::{ActorId, Date, RecordId},
};

/// What was written down stays; an appeal is added once, and once answered, by somebody else.
pub(super) fn check<R: Registry>(
    registry: &R,
    before: Option<&Record>,
    after: &Record,
    own: &Blacklisting,
    actor: ActorId,
    circumstances: &Circumstances,
) -> Result<R> {
    let known = match before.map(|record| &record.body) {
        Some(Body::Blacklisting(known)) => Some(known),
        _ => None,
    };
    if after.closed {
        let problem = "expires, or ends by an appeal that is upheld; it is not closed";
        return Err(malformed("until", problem).into());
    }
    match known {
        Some(known) => stays(known, own)?,
        None => {
            has_come("from", own.from, circumstances)?;
            in_person(registry, &own.by, actor)?;
            household_here(registry, after, &own.household)?;
            belongs(registry, own.member.as_ref(), &own.household)?;
            grounds(registry, own)?;
        }
    }
    let Some(appeal) = &own.appeal else {
        return Ok(());
    };
    let known = known.and_then(|known| known.appeal.as_ref());
    if known.is_none() {
        has_come("appeal.on", appeal.on, circumstances)?;
        not_before("appeal.on", appeal.on, Some(own.from))?;
    }
    match &appeal.answer {
        Some(answer) if known.is_none_or(|known| known.answer.is_none()) => {
            check_answer(registry, own, appeal.on, answer, actor, circumstances)
        }
        _ => Ok(()),
    }
}

/// The blacklisting of a household, or of the member who borrows for it, that is in force on a day.
pub(super) fn in_force<R: Registry>(
    registry: &R,
    household: &RecordId,
    member: Option<&RecordId>,
    on: Date,
) -> Found<R, Option<RecordId>> {
    let of_household = Key::record(Index::BlacklistingsOfHousehold, household);
    let of_member = member.map(|member| Key::record(Index::BlacklistingsOfMember, member));
    for key in std::iter::once(of_household).chain(of_member) {
        for id in registry.with_key(&key).map_err(ChangeError::Registry)? {
            if let Some(Record {
                body: Body::Blacklisting(own),
                ..
            }) = current(registry, &id)?
                && own.is_in_force(on)
            {
                return Ok(Some(id));
            }
        }
    }
    Ok(None)
}

fn stays(known: &Blacklisting, own: &Blacklisting) -> std::result::Result<(), Refusal> {
    if let Some(field) = known.altered(own) {
        return Err(malformed(field, "stays as it was written down"));
    }
    let is_kept = match (&known.appeal, &own.appeal) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(known), Some(appeal)) => {
            known.on == appeal.on && (known.answer.is_none() || known.answer == appeal.answer)
        }
    };
    if is_kept {
        return Ok(());
    }
    Err(malformed("appeal", "stays as it was written down"))
}

/// What is about a loan names one of the household's, and a default has to be one without an excuse.
fn grounds<R: Registry>(registry: &R, own: &Blacklisting) -> Result<R> {
    let Some(id) = &own.loan else {
        return match own.reason.as_str() {
            "fraud" => Ok(()),
            _ => Err(Refusal::Invalid(Fault::new("loan", Problem::Missing)).into()),
        };
    };
    let record = reads(registry, "loan", Kind::Loan, id)?;
    let Body::Loan(loan) = &record.body else {
        return Ok(());
    };
    if loan.household != own.household {
        return Err(malformed("loan", "is not to this household").into());
    }
    let default = loan.step(LoanStage::Defaulted);
    let is_unexcused = default.is_some_and(|step| step.excuse.is_none());
    if own.reason.as_str() == "unexcused-default" && !is_unexcused {
        return Err(LoanRefusal::NotInDefault(*id).into());
    }
    Ok(())
}

fn check_answer<R: Registry>(
    registry: &R,
    own: &Blacklisting,
    appealed_on: Date,
    answer: &Answer,
    actor: ActorId,
    circumstances: &Circumstances,
) -> Result<R> {
    has_come("appeal.answer.on", answer.on, circumstances)?;
    not_before("appeal.answer.on", answer.on, Some(appealed_on))?;
    if answer.by.is_of_same_person(&own.by) {
        return Err(Refusal::SamePerson(own.by.officer).into());
    }
    in_person(registry, &answer.by, actor)
}
