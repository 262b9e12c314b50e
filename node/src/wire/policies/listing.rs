//! What is admitted and enacted, on the wire.

use lika_core::value::Code;
use lika_proto::v1::{
    self, list_policies_response::Item, standing_enactment::Standing as StandingNumber,
};
use tokio_stream::Iter;
use tonic::Status;

use super::super::{apart::apart, caller, record, status::malformed};
use crate::gateway::{
    Caller, Error, Gateway,
    standing::{Asked, Enacted, Registered, Standing},
};

/// What there is, one by one: a county has dozens.
pub type Stream = Iter<std::vec::IntoIter<Result<v1::ListPoliciesResponse, Status>>>;

/// What somebody wants to see.
pub struct Wanted {
    asked: Asked,
    in_force: bool,
}

/// Reads what somebody wants to see.
pub fn wanted(
    gateway: &Gateway,
    caller: &Caller,
    request: &v1::ListPoliciesRequest,
) -> Result<Wanted, Status> {
    let v1::ListPoliciesRequest {
        purpose,
        area,
        on,
        in_force,
    } = request;
    let purpose = (!purpose.is_empty()).then(|| Code::parse(purpose));
    let purpose = purpose.transpose();
    let on = record::day_or_today(gateway.clock(), "on", *on)?;
    Ok(Wanted {
        asked: Asked {
            purpose: purpose.map_err(|error| malformed(format!("purpose: {error}")))?,
            area: caller::area(gateway, caller, area)?,
            on,
        },
        in_force: *in_force,
    })
}

/// Answers it. Packages are read from the disk.
pub async fn run(gateway: Gateway, caller: Caller, wanted: Wanted) -> Result<Stream, Status> {
    let items = apart(&gateway, move |gateway| list(gateway, &caller, &wanted)).await?;
    let response = |item| Ok(v1::ListPoliciesResponse { item: Some(item) });
    let items: Vec<_> = items.into_iter().map(response).collect();
    Ok(tokio_stream::iter(items))
}

fn list(gateway: &Gateway, caller: &Caller, wanted: &Wanted) -> Result<Vec<Item>, Error> {
    let Wanted { asked, in_force } = wanted;
    if *in_force {
        let enacted = gateway.enacted_in_force(caller, asked)?;
        return Ok(enacted.iter().map(enactment).collect());
    }
    let policies = gateway.registered(caller, asked.purpose.as_ref())?;
    let enacted = gateway.enacted(caller, asked)?;
    let policies = policies.into_iter().map(policy);
    Ok(policies.chain(enacted.iter().map(enactment)).collect())
}

fn policy(registered: Registered) -> Item {
    let Registered {
        seen,
        family,
        signers,
    } = registered;
    Item::Policy(v1::AdmittedPolicy {
        record: Some(record::record(&seen)),
        family: family.unwrap_or_default(),
        signers,
    })
}

fn enactment(enacted: &Enacted) -> Item {
    let Enacted {
        seen,
        standing,
        policy,
        approvers,
    } = enacted;
    let (policy_name, policy_version) = policy.clone().unwrap_or_default();
    let number = match standing {
        Standing::Proposed => StandingNumber::Proposed,
        Standing::ToCome => StandingNumber::ToCome,
        Standing::InForce => StandingNumber::InForce,
        Standing::Suspended => StandingNumber::Suspended,
        Standing::Superseded(_) => StandingNumber::Superseded,
        Standing::Over => StandingNumber::Over,
    };
    let superseded_by = match standing {
        Standing::Superseded(by) => by.0.to_vec(),
        _ => Vec::new(),
    };
    Item::Enactment(v1::StandingEnactment {
        record: Some(record::record(seen)),
        standing: number.into(),
        superseded_by,
        policy_name,
        policy_version,
        approvers: approvers
            .iter()
            .map(|name| name.clone().unwrap_or_default())
            .collect(),
    })
}
