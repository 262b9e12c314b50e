//! Duplicates on the wire: the service of key-holder, comparing node and county, and the calls of the county.

mod calls;
mod convert;

use std::sync::Arc;

use lika_core::{
    authority::Permission,
    log::Kind,
    record::Body,
    value::{AreaCode, NodeId, RecordId, RequestId, Text},
};
use lika_proto::v1::{
    self as proto,
    duplicates_server::{Duplicates, DuplicatesServer},
};
use tokio::{sync::Semaphore, task::spawn_blocking};
use tonic::{Request, Response, Status};
use tonic_types::StatusExt as _;

pub use self::calls::Other;
use self::convert::{alert, concern, evaluated, heard_alert, participants, submission};
use super::{
    caller, record,
    status::{refusal, status},
    tls,
};
use crate::{
    clock::Clock,
    duplicates::{Comparing, County, KeyHolder, Refusal, Roles, alerts::Alert, county::HeardAlert},
    gateway::{Caller, Gateway},
    pki::Identity,
    telemetry,
};

/// A submission of 1,024 tokens has some 56 KiB, an evaluation 18.
const LARGEST_MESSAGE: usize = 256 << 10;
/// Evaluations are arithmetic: two at a time leave the rest of the machine to others.
const EVALUATIONS: usize = 2;
/// Alerts of one answer.
const MOST_ALERTS: usize = 10_000;

/// `lika.v1.Duplicates`.
#[derive(Clone)]
pub struct DuplicatesService {
    gateway: Gateway,
    roles: Roles,
    clock: Arc<dyn Clock>,
    evaluations: Arc<Semaphore>,
}

impl DuplicatesService {
    /// The service of a node, to be added to a server behind a [`Door`](super::Door).
    pub fn server(gateway: Gateway, roles: Roles, clock: Arc<dyn Clock>) -> DuplicatesServer<Self> {
        let service = Self {
            gateway,
            roles,
            clock,
            evaluations: Arc::new(Semaphore::new(EVALUATIONS)),
        };
        DuplicatesServer::new(service).max_decoding_message_size(LARGEST_MESSAGE)
    }

    /// The node below that calls.
    fn from<T>(&self, request: &Request<T>) -> Result<(NodeId, AreaCode), Status> {
        let Ok(Identity::Node { node, area }) = tls::caller(request) else {
            let message = "only nodes below may call this";
            return Err(refusal("not-a-node-certificate", message));
        };
        let own = self.gateway.area();
        if area == own || !own.contains(&area) {
            let message = format!("area {area} does not lie inside {own}, the area of this node");
            return Err(refusal("area-outside", message));
        }
        Ok((node, area))
    }

    fn officer<T>(&self, request: &Request<T>, permission: Permission) -> Result<Caller, Status> {
        let caller = caller::caller(&self.gateway, request)?;
        let allowed = caller.must(permission, &self.gateway.area());
        allowed.map_err(|error| status(&error))?;
        Ok(caller)
    }

    fn holder(&self) -> Result<Arc<KeyHolder>, Status> {
        let holder = self.roles.holder.clone();
        holder.ok_or_else(|| self.refused(&Refusal::NotAKeyHolder))
    }

    fn comparing(&self) -> Result<Arc<Comparing>, Status> {
        let comparing = self.roles.comparing.clone();
        comparing.ok_or_else(|| self.refused(&Refusal::NotComparing))
    }

    fn county(&self) -> Result<Arc<County>, Status> {
        let county = self.roles.county.clone();
        county.ok_or_else(|| self.refused(&Refusal::NotACounty))
    }

    /// Off the threads that serve others.
    async fn apart<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Status> {
        match spawn_blocking(work).await {
            Ok(done) => done.map_err(|refused| self.refused(&refused)),
            Err(error) => {
                tracing::error!(%error, "duplicates");
                Err(refusal("internal", "a task of the node ended early"))
            }
        }
    }

    fn refused(&self, refused: &Refusal) -> Status {
        let message = match refused {
            // What is wrong with the node's files is for its own people.
            Refusal::Failed(error) => {
                tracing::error!(error = %telemetry::chain(error), "duplicates");
                "the node could not do it".to_owned()
            }
            other => other.to_string(),
        };
        let status = refusal(refused.code(), message);
        let Refusal::Budget { again_ms, .. } = refused else {
            return status;
        };
        let left = again_ms.saturating_sub(self.clock.now_ms());
        let mut details = status.get_error_details();
        details.set_retry_info(Some(std::time::Duration::from_millis(left)));
        Status::with_error_details(status.code(), status.message(), details)
    }

    fn name(&self, node: &NodeId) -> String {
        let stored = self.gateway.reader().get(&RecordId(node.0));
        match stored.ok().flatten().and_then(|stored| stored.body.ok()) {
            Some(Body::Node(node)) => node.name.to_string(),
            _ => String::new(),
        }
    }

    fn alert(&self, shown: &Alert) -> proto::DuplicateAlert {
        alert(shown, |node| self.name(node))
    }
}

impl DuplicatesService {
    fn listed(&self, all: bool) -> Result<proto::ListDuplicatesResponse, Refusal> {
        let mut response = proto::ListDuplicatesResponse::default();
        if let Some(comparing) = &self.roles.comparing {
            let alerts = comparing.alerts().into_iter();
            let waiting = alerts.filter(|it| all || (!it.lapsed && it.settled().is_none()));
            let listed = waiting.map(|shown| proto::ListedDuplicate {
                alert: Some(self.alert(&shown)),
                member: Vec::new(),
            });
            response.alerts.extend(listed.take(MOST_ALERTS));
            response.participants = participants(&comparing.slots());
        }
        if let Some(holder) = &self.roles.holder {
            response.keys = holder.public_keys()?.iter().map(convert::key).collect();
            response.evaluated = holder.evaluated().iter().map(evaluated).collect();
        }
        if let Some(county) = &self.roles.county {
            let standing = county.standing();
            let waits = |it: &&HeardAlert| all || (!it.lapsed && !it.is_settled());
            let waiting = standing.alerts.iter().filter(waits);
            response.alerts.extend(waiting.map(|shown| {
                let own = shown.seen_by(&county.node());
                let member = own.and_then(|(own, _)| county.member(&own.side));
                proto::ListedDuplicate {
                    alert: Some(heard_alert(shown)),
                    member: member.map(|member| member.0.to_vec()).unwrap_or_default(),
                }
            }));
            response.failure = standing.failure.unwrap_or_default();
            (response.submitted, response.comparable) = (standing.submitted, standing.comparable);
        }
        Ok(response)
    }
}

#[tonic::async_trait]
impl Duplicates for DuplicatesService {
    async fn token_keys(
        &self,
        request: Request<proto::TokenKeysRequest>,
    ) -> Result<Response<proto::TokenKeysResponse>, Status> {
        let from = self.from(&request)?;
        let holder = self.holder()?;
        let (keys, left) = self.apart(move || holder.keys_for(from)).await?;
        let keys = keys.iter().map(convert::key).collect();
        Ok(Response::new(proto::TokenKeysResponse { keys, left }))
    }

    async fn evaluate(
        &self,
        request: Request<proto::EvaluateElementsRequest>,
    ) -> Result<Response<proto::EvaluateElementsResponse>, Status> {
        let from = self.from(&request)?;
        let holder = self.holder()?;
        let proto::EvaluateElementsRequest { version, blinded } = request.into_inner();
        let place = Arc::clone(&self.evaluations).acquire_owned().await;
        let evaluation = self.apart(move || {
            let _place = place;
            holder.evaluate(from, version, &blinded)
        });
        let evaluation = evaluation.await?;
        let elements = evaluation.elements.iter().map(|it| it.to_vec());
        Ok(Response::new(proto::EvaluateElementsResponse {
            evaluated: elements.collect(),
            proof: evaluation.proof.to_vec(),
        }))
    }

    async fn submit(
        &self,
        request: Request<proto::SubmitRequest>,
    ) -> Result<Response<proto::SubmitResponse>, Status> {
        let from = self.from(&request)?;
        let comparing = self.comparing()?;
        let submission = submission(request.into_inner()).map_err(|it| self.refused(&it))?;
        let tokens = self
            .apart(move || comparing.submit(from, &submission))
            .await?;
        Ok(Response::new(proto::SubmitResponse { tokens }))
    }

    async fn alerts(
        &self,
        request: Request<proto::AlertsRequest>,
    ) -> Result<Response<proto::AlertsResponse>, Status> {
        let (node, _) = self.from(&request)?;
        let comparing = self.comparing()?;
        let service = self.clone();
        let known = self.apart(move || {
            let known = comparing.concerning(&node);
            Ok(concern(known, MOST_ALERTS, |shown| service.alert(shown)))
        });
        Ok(Response::new(known.await?))
    }

    async fn agree(
        &self,
        request: Request<proto::AgreeRequest>,
    ) -> Result<Response<proto::AgreeResponse>, Status> {
        let (node, _) = self.from(&request)?;
        let comparing = self.comparing()?;
        let proto::AgreeRequest {
            statement,
            signature,
        } = request.into_inner();
        let proto::Statement { alert, keeps } = statement.unwrap_or_default();
        let read = || {
            let alert = RecordId(convert::id("alert", alert)?);
            let keeps = NodeId(convert::id("keeps", keeps)?);
            let signature = signature.try_into();
            let signature = signature.map_err(|_| Refusal::Malformed("the signature"))?;
            Ok::<_, Refusal>((alert, keeps, signature))
        };
        let (alert, keeps, signature) = read().map_err(|it| self.refused(&it))?;
        let agreed = self.apart(move || comparing.agree(node, &alert, keeps, signature));
        let alert = self.alert(&agreed.await?);
        Ok(Response::new(proto::AgreeResponse { alert: Some(alert) }))
    }

    async fn list_duplicates(
        &self,
        request: Request<proto::ListDuplicatesRequest>,
    ) -> Result<Response<proto::ListDuplicatesResponse>, Status> {
        self.officer(&request, Permission::ReadOpen)?;
        let all = request.into_inner().all;
        let service = self.clone();
        let listed = self.apart(move || service.listed(all));
        Ok(Response::new(listed.await?))
    }

    async fn resolve_duplicate(
        &self,
        request: Request<proto::ResolveDuplicateRequest>,
    ) -> Result<Response<proto::ResolveDuplicateResponse>, Status> {
        let caller = self.officer(&request, Permission::Write(Kind::OwnershipTransfer))?;
        let county = self.county()?;
        let proto::ResolveDuplicateRequest {
            request,
            alert,
            keep_here,
            reason,
        } = request.into_inner();
        let read = || {
            let request = RequestId(convert::id("request", request)?);
            let alert = RecordId(convert::id("alert", alert)?);
            let reason = Text::parse(&reason).map_err(|_| Refusal::Malformed("the reason"))?;
            Ok::<_, Refusal>((request, alert, reason))
        };
        let (request, alert, reason) = read().map_err(|it| self.refused(&it))?;
        let reason = Some(reason).filter(|reason| !reason.is_empty());
        let resolved = county.resolve(&caller, request, &alert, keep_here, reason);
        let (transfer, receipt) = resolved.await.map_err(|error| status(&error))?;
        Ok(Response::new(proto::ResolveDuplicateResponse {
            transfer: transfer.0.to_vec(),
            position: Some(record::position(&county.node(), receipt.position)),
        }))
    }
}
