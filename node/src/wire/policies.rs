//! The service `lika.v1.Policies`.

mod lifecycle;
mod listing;
mod preview;
mod replay;

pub use self::replay::replayed;

use lika_core::{
    record::{Body, BodyMessage},
    value::{Code, RecordId, RequestId},
};
use lika_proto::v1::{self, policies_server::Policies};
use tonic::{Request, Response, Status, Streaming};

use super::{
    caller::caller,
    record,
    status::{malformed, status},
};
use crate::{
    gateway::{Error, Gateway},
    policy::package,
};

/// The service on a gateway.
pub struct PoliciesService {
    gateway: Gateway,
}

impl PoliciesService {
    /// Serves this gateway.
    pub fn new(gateway: Gateway) -> Self {
        Self { gateway }
    }

    /// Puts a package together, as long as it stays within the limit.
    async fn package(
        &self,
        mut steps: Streaming<v1::AdmitRequest>,
    ) -> Result<(RequestId, Vec<u8>), Status> {
        let limit = package::LARGEST;
        let (mut request, mut package) = (None, Vec::new());
        while let Some(v1::AdmitRequest { step }) = steps.message().await? {
            match step {
                Some(v1::admit_request::Step::Request(bytes))
                    if request.is_none() && package.is_empty() =>
                {
                    request = Some(record::request_id(&bytes)?);
                }
                Some(v1::admit_request::Step::Chunk(chunk)) if request.is_some() => {
                    package.extend(chunk)
                }
                _ => {
                    return Err(malformed(
                        "step: give the request first and once, then chunks",
                    ));
                }
            }
            if package.len() > limit {
                let message = format!("a package may have at most {limit} bytes");
                return Err(status(&Error::Other {
                    code: "too-large",
                    message,
                }));
            }
        }
        Ok((
            request.ok_or_else(|| malformed("request: must be given first"))?,
            package,
        ))
    }
}

#[tonic::async_trait]
impl Policies for PoliciesService {
    async fn admit(
        &self,
        request: Request<Streaming<v1::AdmitRequest>>,
    ) -> Result<Response<v1::AdmitResponse>, Status> {
        let caller = caller(&self.gateway, &request)?;
        self.gateway
            .may_admit(&caller)
            .map_err(|error| status(&error))?;
        let (request, package) = self.package(request.into_inner()).await?;
        let admitted = self
            .gateway
            .admit(&caller, request, package)
            .await
            .map_err(|error| status(&error))?;
        let description = match Body::Policy(admitted.description).message() {
            BodyMessage::Policy(message) => message.open,
            _ => None,
        };
        Ok(Response::new(v1::AdmitResponse {
            policy: admitted.policy.0.to_vec(),
            description,
        }))
    }

    async fn propose(
        &self,
        request: Request<v1::ProposeRequest>,
    ) -> Result<Response<v1::ProposeResponse>, Status> {
        let caller = caller(&self.gateway, &request)?;
        let (request, proposal) = lifecycle::proposal(request.into_inner())?;
        let proposed = self.gateway.propose(&caller, request, proposal).await;
        lifecycle::proposed(proposed)
    }

    async fn approve(
        &self,
        request: Request<v1::ApproveRequest>,
    ) -> Result<Response<v1::ApproveResponse>, Status> {
        let caller = caller(&self.gateway, &request)?;
        lifecycle::approve(&self.gateway, &caller, request.into_inner()).await
    }

    async fn suspend(
        &self,
        request: Request<v1::SuspendRequest>,
    ) -> Result<Response<v1::SuspendResponse>, Status> {
        let caller = caller(&self.gateway, &request)?;
        lifecycle::suspend(&self.gateway, &caller, request.into_inner()).await
    }

    async fn bring_back(
        &self,
        request: Request<v1::BringBackRequest>,
    ) -> Result<Response<v1::ProposeResponse>, Status> {
        let caller = caller(&self.gateway, &request)?;
        lifecycle::bring_back(&self.gateway, &caller, request.into_inner()).await
    }

    type ListStream = listing::Stream;

    async fn list(
        &self,
        request: Request<v1::ListPoliciesRequest>,
    ) -> Result<Response<Self::ListStream>, Status> {
        let caller = caller(&self.gateway, &request)?;
        let wanted = listing::wanted(&self.gateway, &caller, request.get_ref())?;
        let stream = listing::run(self.gateway.clone(), caller, wanted).await?;
        Ok(Response::new(stream))
    }

    type PreviewStream = preview::Stream;

    async fn preview(
        &self,
        request: Request<v1::PreviewRequest>,
    ) -> Result<Response<Self::PreviewStream>, Status> {
        let caller = caller(&self.gateway, &request)?;
        let ask = preview::ask(request.get_ref())?;
        let stream = preview::run(self.gateway.clone(), caller, ask).await?;
        Ok(Response::new(stream))
    }

    async fn evaluate(
        &self,
        request: Request<v1::EvaluateRequest>,
    ) -> Result<Response<v1::EvaluateResponse>, Status> {
        let caller = caller(&self.gateway, &request)?;
        let v1::EvaluateRequest {
            request,
            purpose,
            area,
            on,
        } = request.into_inner();
        let request = record::request_id(&request)?;
        let (purpose, area) = (code("purpose", &purpose)?, record::area("area", &area)?);
        let evaluated = self
            .gateway
            .evaluate(&caller, request, &purpose, &area, record::day("on", on)?)
            .await;
        let evaluated = evaluated.map_err(|error| status(&error))?;
        Ok(Response::new(v1::EvaluateResponse {
            policy: evaluated.policy,
            component: evaluated.component.0.to_vec(),
            decisions: evaluated.decisions,
            granted: evaluated.granted,
            refused: evaluated.refused,
            undetermined: evaluated.undetermined,
            proposals: evaluated.proposals,
            position: Some(record::position(
                &self.gateway.reader().node(),
                evaluated.position,
            )),
        }))
    }

    async fn accept(
        &self,
        request: Request<v1::AcceptRequest>,
    ) -> Result<Response<v1::AcceptResponse>, Status> {
        let caller = caller(&self.gateway, &request)?;
        let v1::AcceptRequest {
            request,
            purpose,
            area,
            from,
        } = request.into_inner();
        let request = record::request_id(&request)?;
        let (purpose, area) = (code("purpose", &purpose)?, record::area("area", &area)?);
        let accepted = self
            .gateway
            .accept(
                &caller,
                request,
                &purpose,
                &area,
                record::day("from", from)?,
            )
            .await;
        let accepted = accepted.map_err(|error| status(&error))?;
        Ok(Response::new(v1::AcceptResponse {
            pairings: accepted.pairings,
            seats: accepted.seats,
            position: Some(record::position(
                &self.gateway.reader().node(),
                accepted.position,
            )),
        }))
    }

    async fn replay(
        &self,
        request: Request<v1::ReplayRequest>,
    ) -> Result<Response<v1::ReplayResponse>, Status> {
        let caller = caller(&self.gateway, &request)?;
        let evaluation = RecordId(record::bytes16(
            "evaluation",
            &request.into_inner().evaluation,
        )?);
        let replayed = self
            .gateway
            .replay(&caller, &evaluation)
            .await
            .map_err(|error| status(&error))?;
        Ok(Response::new(replay::replayed(&replayed)))
    }

    type ReplaySampleStream = replay::SampleStream;

    async fn replay_sample(
        &self,
        request: Request<v1::ReplaySampleRequest>,
    ) -> Result<Response<Self::ReplaySampleStream>, Status> {
        let caller = caller(&self.gateway, &request)?;
        let sample = replay::sample(request.get_ref())?;
        let stream = replay::run_sample(self.gateway.clone(), caller, sample);
        Ok(Response::new(stream))
    }

    type ReverifyStream = replay::ReverifyStream;

    async fn reverify(
        &self,
        request: Request<v1::ReverifyRequest>,
    ) -> Result<Response<Self::ReverifyStream>, Status> {
        let caller = caller(&self.gateway, &request)?;
        let area = record::area("area", &request.into_inner().area)?;
        let stream = replay::run_reverify(self.gateway.clone(), caller, area);
        Ok(Response::new(stream))
    }

    type BundleStream = replay::BundleStream;

    async fn bundle(
        &self,
        request: Request<v1::BundleRequest>,
    ) -> Result<Response<Self::BundleStream>, Status> {
        let caller = caller(&self.gateway, &request)?;
        let wanted = replay::wanted(request.get_ref())?;
        let stream = replay::run_bundle(self.gateway.clone(), caller, wanted);
        Ok(Response::new(stream))
    }
}

fn code(field: &str, text: &str) -> Result<Code, Status> {
    Code::parse(text).map_err(|error| malformed(format!("{field}: {error}")))
}
