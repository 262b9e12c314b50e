//! What the policy in force has decided of a record: how a decision binds a command.
//!
//! What this county rules is a policy, and core runs none. Where one is in force for a purpose, a change that it rules on
//! names the decision, and core sees that the decision is about this record, was made by what is in force, and says yes.

use std::cmp::Reverse;

use super::{Kind, reads};
use crate::{
    command::{ChangeError, Circumstances, LoanRefusal, Registry},
    record::{Body, Decision, Enactment, Index, Key, Outcome, Record},
    value::{AreaCode, Date, Digest, RecordId},
};

type Found<R, T> = std::result::Result<T, ChangeError<<R as Registry>::Error>>;

/// A decision that says yes, and the component that made it.
pub(super) struct Granted {
    /// What was decided.
    pub decision: Decision,
    /// SHA-256 of the component.
    pub component: Digest,
}

/// The decision on a record for a purpose, as a change of it names it; none where no policy is in force there. A decision
/// that says anything but yes, or that what is in force has not made, is refused.
pub(super) fn granted<R: Registry>(
    registry: &R,
    purpose: &'static str,
    subject: &Record,
    named: Option<&RecordId>,
    circumstances: &Circumstances,
) -> Found<R, Option<Granted>> {
    let standing = standing(registry, purpose, &subject.area, circumstances.today)?;
    let Some((enactment, _)) = standing.first() else {
        return match named {
            // What nothing in force has made decides nothing, and would read as if it did.
            Some(_) => Err(super::malformed("decision", "no policy is in force for this").into()),
            None => Ok(None),
        };
    };
    if standing.iter().all(|(_, body)| body.suspended) {
        let enactment = *enactment;
        return Err(LoanRefusal::PolicySuspended { purpose, enactment }.into());
    }
    let not_decided = || LoanRefusal::NotDecided {
        purpose,
        enactment: *enactment,
    };
    let named = named.ok_or_else(not_decided)?;
    let decision = match reads(registry, "decision", Kind::Decision, named)?.body {
        Body::Decision(decision) => decision,
        _ => return Err(not_decided().into()),
    };
    let evaluation = reads(registry, "decision", Kind::Evaluation, &decision.evaluation)?;
    let Body::Evaluation(evaluation) = evaluation.body else {
        return Err(not_decided().into());
    };
    let is_of_it = decision.purpose.as_str() == purpose && decision.subject == subject.id;
    let mut in_force = standing.iter().filter(|(_, body)| !body.suspended);
    if !is_of_it || !in_force.any(|(id, _)| *id == evaluation.enactment) {
        return Err(not_decided().into());
    }
    let component = evaluation.component;
    match &decision.outcome {
        Outcome::Granted(_) => Ok(Some(Granted {
            decision,
            component,
        })),
        Outcome::Refused => {
            let reasons = decision.reasons.iter();
            Err(LoanRefusal::RefusedByPolicy {
                component,
                reasons_given: reasons.map(|reason| reason.code.clone()).collect(),
            }
            .into())
        }
        Outcome::Undetermined(_) => Err(LoanRefusal::Undetermined { component }.into()),
    }
}

/// The enactment that stands for a purpose in an area on a day: what binds the widest area around it; where nothing binds,
/// the nearest one; and of several of one area the one with the latest first day. Several where even that is the same:
/// which of them was written last is not known here, and either decides.
fn standing<R: Registry>(
    registry: &R,
    purpose: &str,
    area: &AreaCode,
    on: Date,
) -> Found<R, Vec<(RecordId, Enactment)>> {
    let key = Key::open(Index::EnactmentsOfPurpose, &[purpose.as_bytes()]);
    let mut standing = Vec::new();
    for id in registry.with_key(&key).map_err(ChangeError::Registry)? {
        let Some(Record {
            area: enacted_for,
            body: Body::Enactment(body),
            ..
        }) = registry.current(&id).map_err(ChangeError::Registry)?
        else {
            continue;
        };
        let is_for_it = body.purpose.as_str() == purpose && enacted_for.contains(area);
        if is_for_it && body.stands_on(on) {
            let level = enacted_for.level();
            let rank = (body.binding.then_some(Reverse(level)), level, body.from);
            standing.push((rank, (id, body)));
        }
    }
    let first = standing.iter().map(|(rank, _)| *rank).max();
    let of_first = standing
        .into_iter()
        .filter(|(rank, _)| Some(*rank) == first);
    Ok(of_first.map(|(_, own)| own).collect())
}
