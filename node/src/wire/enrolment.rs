//! Enrolment on the wire: the service of the upper node, and the calls of the lower one.

use std::{net::IpAddr, sync::Arc, time::Duration};

use lika_core::value::{AreaCode, NodeId};
use lika_proto::v1::{
    self as proto,
    enrolment_client::EnrolmentClient,
    enrolment_server::{Enrolment, EnrolmentServer},
};
use thiserror::Error as ThisError;
use tokio::{task::spawn_blocking, time::timeout};
use tonic::{
    Request, Response, Status,
    transport::{Channel, Endpoint},
};

use super::{
    status::{Refused, refusal},
    tls::{self, Distrust},
};
use crate::{
    enrolment::{Answered, Asked, Granted, Invitation, Joining, Office, Refusal, Renewing},
    pki::{Certificate, Credentials, Identity},
    telemetry,
};

/// A request and its token are some 300 bytes.
const LARGEST_MESSAGE: usize = 16 << 10;
/// The upper node answers at once, or not at all.
const ANSWER: Duration = Duration::from_secs(30);

/// `lika.v1.Enrolment`.
#[derive(Clone, Debug)]
pub struct EnrolmentService {
    office: Arc<Office>,
}

/// Why a call to the upper node brought no answer.
#[derive(Debug, ThisError)]
pub enum Failed {
    /// The address, or a file.
    #[error("the upper node cannot be called")]
    Tls(#[from] tls::Error),
    /// It could not show that it is the one that was named.
    #[error("{0} ({code})", code = .0.code())]
    NotBelieved(Distrust),
    /// Nobody there, or a line that broke.
    #[error("the upper node does not answer: {0}")]
    NoAnswer(String),
    /// It said no.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// It answered something else.
    #[error("the upper node's answer cannot be read")]
    Unreadable,
    /// This node's own key or certificate.
    #[error(transparent)]
    Own(#[from] crate::enrolment::Error),
}

impl EnrolmentService {
    /// The service of an office, to be added to a server behind a [`Door`](super::Door).
    pub fn server(office: Arc<Office>) -> EnrolmentServer<Self> {
        EnrolmentServer::new(Self { office }).max_decoding_message_size(LARGEST_MESSAGE)
    }
}

#[tonic::async_trait]
impl Enrolment for EnrolmentService {
    async fn enrol(
        &self,
        request: Request<proto::EnrolRequest>,
    ) -> Result<Response<proto::EnrolResponse>, Status> {
        let from = address(&request);
        let asked = Asked::try_from(request.into_inner()).map_err(|refusal| status(&refusal))?;
        self.decide(move |office| office.enrol(from, &asked)).await
    }

    async fn renew(
        &self,
        request: Request<proto::RenewRequest>,
    ) -> Result<Response<proto::EnrolResponse>, Status> {
        let from = address(&request);
        let chain = request.peer_certs();
        let shown = chain.as_deref().and_then(|chain| chain.first());
        let shown = shown.and_then(|der| Certificate::read(der).ok());
        let shown = shown.ok_or_else(|| status(&Refusal::NotANode))?;
        let proto::RenewRequest {
            request,
            signing_key,
        } = request.into_inner();
        let signing_key = key(signing_key).map_err(|refusal| status(&refusal))?;
        let asked = Renewing {
            request,
            signing_key,
        };
        self.decide(move |office| office.renew(from, &shown, &asked))
            .await
    }
}

impl EnrolmentService {
    /// Off the threads that serve others: signatures, a lock and a disk.
    async fn decide(
        &self,
        decide: impl FnOnce(&Office) -> Result<Granted, Refusal> + Send + 'static,
    ) -> Result<Response<proto::EnrolResponse>, Status> {
        let office = Arc::clone(&self.office);
        let decided = spawn_blocking(move || decide(&office)).await;
        match decided {
            Ok(Ok(granted)) => Ok(Response::new(granted.into())),
            Ok(Err(refusal)) => Err(status(&refusal)),
            Err(error) => {
                tracing::error!(%error, "enrolment");
                Err(refusal("internal", "the certificate could not be issued"))
            }
        }
    }
}

/// Asks for the first certificate. The token is sent only after the node there has shown that it belongs to the
/// authority of the invitation.
pub async fn enrol(
    invitation: &Invitation,
    joining: &Joining,
    signing_key: Option<[u8; 32]>,
) -> Result<Answered, Failed> {
    let Identity::Node { node, area } = joining.own() else {
        return Err(Failed::Unreadable);
    };
    let Invitation {
        address,
        token,
        fingerprint,
    } = invitation;
    let (endpoint, doubts) = tls::to_unknown_upper_node(address, *fingerprint, area)?;
    let request = proto::EnrolRequest {
        token: token.expose().to_string(),
        request: joining.request()?,
        node: node.0.to_vec(),
        area: area.digits().to_owned(),
        signing_key: signing_key.map(Vec::from).unwrap_or_default(),
    };
    let channel = connect(&endpoint).await;
    let channel = channel.map_err(|failed| doubts.get().map_or(failed, Failed::NotBelieved))?;
    let mut client = EnrolmentClient::new(channel);
    answered(timeout(ANSWER, client.enrol(request)).await)
}

/// Asks for the next certificate with the one that still holds.
pub async fn renew(
    address: &str,
    credentials: &Credentials,
    roots: &str,
    joining: &Joining,
    signing_key: Option<[u8; 32]>,
) -> Result<Answered, Failed> {
    let Identity::Node { area, .. } = joining.own() else {
        return Err(Failed::Unreadable);
    };
    let endpoint = tls::to_upper_node(address, credentials, roots, area)?;
    let request = proto::RenewRequest {
        request: joining.request()?,
        signing_key: signing_key.map(Vec::from).unwrap_or_default(),
    };
    let mut client = EnrolmentClient::new(connect(&endpoint).await?);
    answered(timeout(ANSWER, client.renew(request)).await)
}

async fn connect(endpoint: &Endpoint) -> Result<Channel, Failed> {
    let connected = timeout(ANSWER, endpoint.connect()).await;
    let connected = connected.map_err(|_| Failed::NoAnswer("time is up".to_owned()))?;
    connected.map_err(|error| Failed::NoAnswer(telemetry::chain(&error)))
}

fn answered<E>(
    answer: Result<Result<Response<proto::EnrolResponse>, Status>, E>,
) -> Result<Answered, Failed> {
    let answer = answer.map_err(|_| Failed::NoAnswer("time is up".to_owned()))?;
    let proto::EnrolResponse {
        certificate_chain,
        authority,
        upper,
        now,
    } = answer.map_err(Refused::from)?.into_inner();
    Ok(Answered {
        chain: certificate_chain,
        authority,
        upper: NodeId(upper.try_into().map_err(|_| Failed::Unreadable)?),
        now_ms: now,
    })
}

fn address<T>(request: &Request<T>) -> Option<IpAddr> {
    request.remote_addr().map(|address| address.ip())
}

fn key(bytes: Vec<u8>) -> Result<Option<[u8; 32]>, Refusal> {
    if bytes.is_empty() {
        return Ok(None);
    }
    let key = bytes.try_into();
    key.map(Some)
        .map_err(|_| Refusal::Malformed("the signing key"))
}

fn status(refused: &Refusal) -> Status {
    let message = match refused {
        // What is wrong with the authority is for its own people.
        Refusal::Authority(error) => {
            tracing::error!(error = %telemetry::chain(error), "no certificate could be issued");
            "the authority cannot issue certificates now".to_owned()
        }
        other => other.to_string(),
    };
    refusal(refused.code(), message)
}

impl TryFrom<proto::EnrolRequest> for Asked {
    type Error = Refusal;

    fn try_from(message: proto::EnrolRequest) -> Result<Self, Refusal> {
        let proto::EnrolRequest {
            token,
            request,
            node,
            area,
            signing_key,
        } = message;
        let node = node.try_into();
        Ok(Self {
            token,
            request,
            node: NodeId(node.map_err(|_| Refusal::Malformed("the node's id"))?),
            area: AreaCode::parse(&area).map_err(|_| Refusal::Malformed("the area"))?,
            signing_key: key(signing_key)?,
        })
    }
}

impl From<Granted> for proto::EnrolResponse {
    fn from(granted: Granted) -> Self {
        let Granted {
            certificate,
            authority,
            upper,
            now_ms,
        } = granted;
        Self {
            certificate_chain: certificate,
            authority,
            upper: upper.0.to_vec(),
            now: now_ms,
        }
    }
}
