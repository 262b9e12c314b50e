//! What is admitted and enacted, for programs.

use lika_core::{record::Enactment, value::hex};
use serde_json::{Value, json};

use super::{Admitted, Enacted, Told, date};
use crate::cli::output::{instant, shown_id};

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
        "policy": shown_id(&stored.id),
        "name": body.name,
        "version": body.version,
        "purpose": body.purpose,
        "family": told.family,
        "component": hex(&body.component),
        "signers": told.signers,
        "admitted": instant(stored.recorded_at).map(|at| at.to_string()),
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
        .map(|(approval, name)| json!({"officer": shown_id(&approval.officer), "name": name}));
    let by = (!told.superseded_by.is_empty()).then(|| shown_id(&told.superseded_by));
    json!({
        "enactment": shown_id(&stored.id),
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
        "policy": shown_id(&body.policy),
        "policy_name": told.policy_name,
        "policy_version": told.policy_version,
        "preview": hex(&body.preview),
    })
}
