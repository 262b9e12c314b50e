//! What the policy in force has decided of a record: how a decision binds a command.
//!
//! What this county rules is a policy, and core runs none. A decision that what is in force has made binds in one of two
//! ways. Money goes out only on a yes: the change names the decision, and core sees that it is about this record, was made
//! by what is in force, and says yes. An approval belongs to people: only a no stands in its way, and a policy that has not
//! been asked, or could not say, leaves it to them.

use super::{Kind, reads};
use crate::{
    command::{ChangeError, Circumstances, PolicyRefusal, Registry},
    record::{Body, Decision, Enactment, Evaluation, Index, Key, Outcome, Record, decision_id},
    value::{AreaCode, Code, Date, Digest, RecordId},
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
    let enactment = *enactment;
    if standing.iter().all(|(_, body)| body.suspended) {
        return Err(PolicyRefusal::Suspended { purpose, enactment }.into());
    }
    let not_decided = || PolicyRefusal::NotDecided { purpose, enactment };
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
    if !is_of_it || !is_made_by(&standing, &evaluation) {
        return Err(not_decided().into());
    }
    let component = evaluation.component;
    match &decision.outcome {
        Outcome::Granted(_) => Ok(Some(Granted {
            decision,
            component,
        })),
        Outcome::Refused => Err(refused(purpose, component, &decision).into()),
        Outcome::Undetermined(_) => Err(PolicyRefusal::Undetermined { purpose, component }.into()),
    }
}

/// That what is in force for a purpose in an area has not refused a subject.
pub(super) fn not_refused<R: Registry>(
    registry: &R,
    purpose: &'static str,
    area: &AreaCode,
    subject: &RecordId,
    circumstances: &Circumstances,
) -> super::Result<R> {
    let read = |id: &RecordId| {
        let record = registry.current(id).map_err(ChangeError::Registry)?;
        let open = record.filter(|record| !record.closed);
        Ok::<_, ChangeError<R::Error>>(open.map(|record| record.body))
    };
    let Ok(code) = Code::parse(purpose) else {
        return Ok(());
    };
    let Some(Body::Decision(decision)) = read(&decision_id(&code, subject))? else {
        return Ok(());
    };
    if decision.outcome != Outcome::Refused {
        return Ok(());
    }
    let Some(Body::Evaluation(evaluation)) = read(&decision.evaluation)? else {
        return Ok(());
    };
    let standing = standing(registry, purpose, area, circumstances.today)?;
    if !is_made_by(&standing, &evaluation) {
        return Ok(());
    }
    Err(refused(purpose, evaluation.component, &decision).into())
}

fn is_made_by(standing: &[(RecordId, Enactment)], evaluation: &Evaluation) -> bool {
    let mut in_force = standing.iter().filter(|(_, body)| !body.suspended);
    in_force.any(|(id, _)| *id == evaluation.enactment)
}

fn refused(purpose: &'static str, component: Digest, decision: &Decision) -> PolicyRefusal {
    let reasons = decision.reasons.iter();
    PolicyRefusal::Refused {
        purpose,
        component,
        given: reasons.map(|reason| reason.code.clone()).collect(),
    }
}

/// The enactment that stands for a purpose in an area on a day, the first by [rank](Enactment::rank). Several where even
/// that is the same: which of them was written last is not known here, and either decides.
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
            standing.push((body.rank(&enacted_for), (id, body)));
        }
    }
    let first = standing.iter().map(|(rank, _)| *rank).max();
    let of_first = standing
        .into_iter()
        .filter(|(rank, _)| Some(*rank) == first);
    Ok(of_first.map(|(_, own)| own).collect())
}
