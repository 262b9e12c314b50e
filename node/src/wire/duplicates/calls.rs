//! What a county calls: a key-holder, or a node that compares.

use std::{path::PathBuf, sync::Arc, time::Duration};

use lika_core::value::{AreaCode, NodeId, RecordId};
use lika_proto::v1::{self as proto, duplicates_client::DuplicatesClient};
use tokio::{sync::Mutex, time::timeout};
use tonic::{Response, Status, transport::Channel};
use tonic_types::StatusExt as _;

use super::convert;
use crate::{
    clock::Clock,
    duplicates::{
        county::{CallFailed, ComparingNode, Heard, HeldKeys, Holder},
        table::Difference,
        token::{Element, Evaluation, PublicKey},
    },
    enrolment::{Joining, Peer, is_due},
    pki::{self, Credentials},
    telemetry,
    wire::{enrolment, status::Refused, tls},
};

/// An evaluation of 512 elements takes a tenth of a second, and others may come first.
const ANSWER: Duration = Duration::from_secs(60);

/// Another node that this one calls about tokens, with the certificate that it has from there.
#[derive(Debug)]
pub struct Other {
    /// As whom it is called.
    pub peer: Peer,
    /// `https://host:port`.
    pub address: String,
    /// The area of this node, which its own must surround.
    pub area: AreaCode,
    /// The folder of certificates.
    pub certificates: PathBuf,
    /// Certificates go by the real time.
    pub clock: Arc<dyn Clock>,
    /// The connection, while it lasts.
    pub channel: Mutex<Option<Channel>>,
}

impl Other {
    /// A client over the connection that there is, or a new one.
    async fn client(&self) -> Result<DuplicatesClient<Channel>, CallFailed> {
        let mut channel = self.channel.lock().await;
        if let Some(channel) = &*channel {
            return Ok(DuplicatesClient::new(channel.clone()));
        }
        let connected = self.connect().await?;
        *channel = Some(connected.clone());
        Ok(DuplicatesClient::new(connected).max_decoding_message_size(16 << 20))
    }

    /// The first call of a round: with the certificate of this moment.
    async fn client_anew(&self) -> Result<DuplicatesClient<Channel>, CallFailed> {
        *self.channel.lock().await = None;
        self.client().await
    }

    async fn connect(&self) -> Result<Channel, CallFailed> {
        let credentials = self.credentials().await?;
        let roots = pki::read_text(&self.certificates.join(self.peer.authority()));
        let roots = roots.map_err(own)?;
        let endpoint = tls::to_upper_node(&self.address, &credentials, &roots, self.area);
        let connecting = endpoint.map_err(own)?;
        let connected = timeout(ANSWER, connecting.connect()).await;
        let connected = connected.map_err(|_| unanswered("time is up"))?;
        connected.map_err(|error| unanswered(&telemetry::chain(&error)))
    }

    /// What is shown there. The link's is renewed with the link; the others are renewed here.
    async fn credentials(&self) -> Result<Credentials, CallFailed> {
        let folder = &self.certificates;
        let name = self.peer.credentials();
        let current = match Credentials::exist(folder, name) {
            true => Credentials::open(folder, name).map_err(own)?,
            // A node that has not enrolled by itself was given what it shows to everybody.
            false if self.peer == Peer::Upper => Credentials::open(folder, "node").map_err(own)?,
            false => {
                return Err(CallFailed {
                    message: format!(
                        "this node is not enrolled there; `lika duplicates enrol {name}` does it"
                    ),
                    code: "certificate-missing".to_owned(),
                    again_ms: None,
                });
            }
        };
        let certificate = current.certificate().map_err(own)?;
        if self.peer == Peer::Upper || !is_due(&certificate, self.clock.now_ms()) {
            return Ok(current);
        }
        let joining = Joining::begin_renewal(folder, certificate.identity, self.peer);
        let joining = joining.map_err(own)?;
        let roots = pki::read_text(&folder.join(self.peer.authority())).map_err(own)?;
        let answered = enrolment::renew(&self.address, &current, &roots, &joining, None).await;
        let renewed = match answered {
            Ok(answered) => joining.renew(&answered, self.clock.now_ms()).map_err(own),
            Err(error) => Err(own(error)),
        };
        // The one that still holds is as good until it ends.
        renewed.or_else(|failed| {
            tracing::warn!(who = name, %failed, "certificate not renewed");
            Ok(current)
        })
    }

    async fn answer<T>(
        &self,
        call: impl Future<Output = Result<Response<T>, Status>>,
    ) -> Result<T, CallFailed> {
        let answer = timeout(ANSWER, call).await;
        let answer = answer.unwrap_or_else(|_| Err(Status::deadline_exceeded("time is up")));
        match answer {
            Ok(response) => Ok(response.into_inner()),
            Err(status) => {
                let again = status.get_details_retry_info();
                let again = again.and_then(|again| again.retry_delay);
                let again = again.map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX));
                let again_ms = again.map(|wait| self.clock.now_ms().saturating_add(wait));
                Err(match Refused::from(status) {
                    Refused::ByNode { message, code, .. } => CallFailed {
                        message,
                        code,
                        again_ms,
                    },
                    Refused::OnTheWay { message, .. } => {
                        *self.channel.lock().await = None;
                        unanswered(&message)
                    }
                })
            }
        }
    }
}

impl Holder for Other {
    async fn keys(&self) -> Result<HeldKeys, CallFailed> {
        let mut client = self.client_anew().await?;
        let asked = client.token_keys(proto::TokenKeysRequest {});
        let proto::TokenKeysResponse { keys, left } = self.answer(asked).await?;
        let keys = keys.into_iter().map(|key| (key.version, key.public_key));
        Ok(HeldKeys {
            keys: keys.collect(),
            left,
        })
    }

    async fn evaluate(&self, version: u32, blinded: &[Element]) -> Result<Evaluation, CallFailed> {
        let mut client = self.client().await?;
        let asked = client.evaluate(proto::EvaluateElementsRequest {
            version,
            blinded: blinded.iter().map(|element| element.to_vec()).collect(),
        });
        let proto::EvaluateElementsResponse { evaluated, proof } = self.answer(asked).await?;
        let elements = evaluated.into_iter().map(Element::try_from);
        let elements = elements.collect::<Result<Vec<_>, _>>();
        Ok(Evaluation {
            elements: elements.map_err(|_| unreadable())?,
            proof: proof.try_into().map_err(|_| unreadable())?,
        })
    }
}

impl ComparingNode for Other {
    async fn alerts(&self) -> Result<Heard, CallFailed> {
        let mut client = self.client_anew().await?;
        let heard = self.answer(client.alerts(proto::AlertsRequest {})).await?;
        convert::heard(heard).ok_or_else(unreadable)
    }

    async fn submit(
        &self,
        version: u32,
        key: &PublicKey,
        restart: bool,
        difference: &Difference,
    ) -> Result<(), CallFailed> {
        let mut client = self.client().await?;
        let submission = convert::submit(version, key, restart, difference);
        self.answer(client.submit(submission)).await.map(drop)
    }

    async fn agree(
        &self,
        alert: &RecordId,
        keeps: &NodeId,
        signature: &[u8; 64],
    ) -> Result<(), CallFailed> {
        let mut client = self.client().await?;
        let asked = client.agree(proto::AgreeRequest {
            statement: Some(proto::Statement {
                alert: alert.0.to_vec(),
                keeps: keeps.0.to_vec(),
            }),
            signature: signature.to_vec(),
        });
        self.answer(asked).await.map(drop)
    }
}

/// What is wrong on this side.
fn own(error: impl std::error::Error) -> CallFailed {
    CallFailed {
        message: telemetry::chain(&error),
        code: "internal".to_owned(),
        again_ms: None,
    }
}

fn unanswered(why: &str) -> CallFailed {
    CallFailed {
        message: format!("no answer: {why}"),
        code: "unavailable".to_owned(),
        again_ms: None,
    }
}

fn unreadable() -> CallFailed {
    CallFailed {
        message: "its answer cannot be read".to_owned(),
        code: "malformed-answer".to_owned(),
        again_ms: None,
    }
}
