//! What is admitted and enacted, for programs.

use jiff::Timestamp;
use lika_core::record::Enactment;
use serde_json::{Value, json};

use super::{Admitted, Enacted, Told, date, record};
use crate::cli::output::hex;

/// An object with a list of each; no policies where the question was what is in force.
pub fn of(told: &Told, in_force: bool) -> Value {
    let Told {
        policies,
        enactments,
    } = told;
    let enactments: Vec<Value> = enactments.iter().map(enactment).collect();
    if in_force {
        return json!({"enactments": enactments});
    }
    let policies: Vec<Value> = policies.iter().map(policy).collect();
    json!({"policies": policies, "enactments": enactments})
}

fn policy(admitted: &Admitted) -> Value {
    let Admitted {
        told,
        record: stored,
        body,
    } = admitted;
    json!({
        "policy": record(&stored.id),
        "name": body.name,
        "version": body.version,
        "purpose": body.purpose,
        "family": told.family,
        "component": hex(&body.component),
        "signers": told.signers,
        "admitted": when(stored.recorded_at),
    })
}

fn enactment(enacted: &Enacted) -> Value {
    let Enacted {
        told,
        record: stored,
        body,
    } = enacted;
    let approvals = body.approvals.iter().zip(&told.approvers);
    let approvals = approvals
        .map(|(approval, name)| json!({"officer": record(&approval.officer), "name": name}));
    let by = (!told.superseded_by.is_empty()).then(|| record(&told.superseded_by));
    json!({
        "enactment": record(&stored.id),
        "purpose": body.purpose,
        "area": stored.area,
        "from": date(body.from),
        "until": (body.until > 0).then(|| date(body.until)),
        "standing": enacted.standing().replace(' ', "-"),
        "superseded_by": by,
        "approvals": approvals.collect::<Vec<_>>(),
        "needed": Enactment::APPROVERS,
        "binding": body.binding,
        "suspended": body.suspended,
        "policy": record(&body.policy),
        "policy_name": told.policy_name,
        "policy_version": told.policy_version,
        "preview": hex(&body.preview),
    })
}

/// RFC 3339, UTC.
fn when(recorded_at: u64) -> Option<String> {
    let at = i64::try_from(recorded_at).ok()?;
    let at = Timestamp::from_millisecond(at).ok()?;
    Some(at.to_string())
}
