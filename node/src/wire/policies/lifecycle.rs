//! Proposing, approving, suspending and bringing back.

use lika_core::{
    record::Enactment,
    value::{Digest, RecordId, RequestId},
};
use lika_proto::v1;
use tonic::{Response, Status};

use crate::{
    gateway::{Caller, Error, Gateway, Proposal},
    wire::{
        record,
        status::{malformed, status},
    },
};

type Answer<T> = Result<Response<T>, Status>;

/// What somebody wants to put in force.
pub(super) fn proposal(request: v1::ProposeRequest) -> Result<(RequestId, Proposal), Status> {
    let v1::ProposeRequest {
        request,
        policy,
        area,
        settings,
        from,
        preview,
        binding,
    } = request;
    let proposal = Proposal {
        policy: RecordId(record::bytes16("policy", &policy)?),
        area: record::area("area", &area)?,
        settings: Some(settings).filter(|settings| !settings.is_empty()),
        from: record::day("from", from)?.ok_or_else(|| malformed("from: must be given"))?,
        binding,
        preview: digest("preview", &preview)?,
    };
    Ok((record::request_id(&request)?, proposal))
}

pub(super) fn proposed(enactment: Result<RecordId, Error>) -> Answer<v1::ProposeResponse> {
    let enactment = enactment.map_err(|error| status(&error))?;
    Ok(Response::new(v1::ProposeResponse {
        enactment: enactment.0.to_vec(),
    }))
}

pub(super) async fn approve(
    gateway: &Gateway,
    caller: &Caller,
    request: v1::ApproveRequest,
) -> Answer<v1::ApproveResponse> {
    let v1::ApproveRequest {
        request,
        enactment,
        preview,
    } = request;
    let request = record::request_id(&request)?;
    let enactment = RecordId(record::bytes16("enactment", &enactment)?);
    let preview = digest("preview", &preview)?;
    let approved = gateway.approve(caller, request, &enactment, preview).await;
    let approved = approved.map_err(|error| status(&error))?;
    let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    Ok(Response::new(v1::ApproveResponse {
        approvals: count(approved.approvals.len()),
        needed: count(Enactment::APPROVERS),
    }))
}

pub(super) async fn suspend(
    gateway: &Gateway,
    caller: &Caller,
    request: v1::SuspendRequest,
) -> Answer<v1::SuspendResponse> {
    let v1::SuspendRequest {
        request,
        enactment,
        suspended,
    } = request;
    let request = record::request_id(&request)?;
    let enactment = RecordId(record::bytes16("enactment", &enactment)?);
    let done = if suspended {
        gateway.suspend(caller, request, &enactment).await
    } else {
        gateway.resume(caller, request, &enactment).await
    };
    done.map_err(|error| status(&error))?;
    Ok(Response::new(v1::SuspendResponse {}))
}

pub(super) async fn bring_back(
    gateway: &Gateway,
    caller: &Caller,
    request: v1::BringBackRequest,
) -> Answer<v1::ProposeResponse> {
    let v1::BringBackRequest {
        request,
        enactment,
        from,
        preview,
    } = request;
    let request = record::request_id(&request)?;
    let enactment = RecordId(record::bytes16("enactment", &enactment)?);
    let from = record::day("from", from)?.ok_or_else(|| malformed("from: must be given"))?;
    let preview = digest("preview", &preview)?;
    proposed(
        gateway
            .bring_back(caller, request, &enactment, from, preview)
            .await,
    )
}

fn digest(field: &str, bytes: &[u8]) -> Result<Digest, Status> {
    let digest = bytes.try_into().map(Digest);
    digest.map_err(|_| malformed(format!("{field}: must be 32 bytes")))
}
