//! How the node above is reached, and the line to it.

use std::{
    num::NonZeroU64,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use lika_core::value::AreaCode;
use lika_proto::v1::{FromAbove, FromBelow, federation_client::FederationClient};
use prost::Message as _;
use tokio::{
    sync::mpsc,
    time::{sleep, timeout},
};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Status as CallStatus, Streaming, transport::Endpoint};
use tonic_types::StatusExt as _;

use super::{Event, Failure, throttle::Throttle};
use crate::{
    federation::{KEEP_ALIVE, LogError, Member, WINDOW, refusal},
    pki::{self, Credentials, Identity},
    telemetry,
    wire::tls,
};

const CONNECT: Duration = Duration::from_secs(10);
/// The upper node answers hello at once, unless it is busy closing an older link.
pub const ANSWER: Duration = Duration::from_secs(30);
/// Answers are heads and refusals of a bounded number of logs.
const MAX_ANSWER_BYTES: usize = 1024 * 1024;

/// How the node above is reached, and as whom.
#[derive(Clone, Debug)]
pub struct Dialer {
    address: String,
    roots: String,
    /// Shared, so that a link that runs dials with the next certificate once there is one.
    endpoint: Arc<RwLock<Endpoint>>,
    own: Member,
    throttle: Throttle,
}

/// Why a link cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The own certificate cannot be read.
    #[error("this node's certificate cannot be used")]
    Certificate(#[from] pki::Error),
    /// The own certificate is a client's.
    #[error("this node's certificate is a client's; a link needs a node certificate")]
    NotANode,
    /// The next certificate is not one of this node.
    #[error("the next certificate is that of another node or area")]
    OtherNode,
    /// TLS cannot be set up.
    #[error("TLS to the node above cannot be set up")]
    Tls(#[from] tls::Error),
    /// The own logs cannot be read.
    #[error("the logs of this node cannot be read")]
    Log(#[source] LogError),
}

impl Dialer {
    /// Dials `https://host:port` with this node's credentials. `roots` are the authorities that may have issued the
    /// upper node's certificate, in PEM. Who this node is and which area it serves is what its certificate says.
    pub fn new(address: &str, credentials: &Credentials, roots: &str) -> Result<Self, Error> {
        let Identity::Node { node, area } = credentials.identity()? else {
            return Err(Error::NotANode);
        };
        let endpoint = endpoint(address, credentials, roots, area)?;
        Ok(Self {
            address: address.to_owned(),
            roots: roots.to_owned(),
            endpoint: Arc::new(RwLock::new(endpoint)),
            own: Member { node, area },
            throttle: Throttle::new(None),
        })
    }

    /// Dials with other credentials of the same node from now on. A link that is open stays open.
    pub fn renew(&self, credentials: &Credentials) -> Result<(), Error> {
        let Identity::Node { node, area } = credentials.identity()? else {
            return Err(Error::NotANode);
        };
        if (Member { node, area }) != self.own {
            return Err(Error::OtherNode);
        }
        let next = endpoint(&self.address, credentials, &self.roots, area)?;
        *self
            .endpoint
            .write()
            .unwrap_or_else(PoisonError::into_inner) = next;
        Ok(())
    }

    /// The same, that sends no more bytes a second on average; none for any number.
    pub fn with_most_bytes_per_second(mut self, most: Option<NonZeroU64>) -> Self {
        self.throttle = Throttle::new(most);
        self
    }

    /// Who dials.
    pub fn own(&self) -> Member {
        self.own
    }

    /// Where the node above is.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The authorities that may have issued its certificate, in PEM.
    pub fn roots(&self) -> &str {
        &self.roots
    }

    fn endpoint(&self) -> Endpoint {
        let endpoint = self.endpoint.read();
        endpoint.unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) async fn open(&self) -> Result<Connection, Event> {
        let channel = timeout(CONNECT, self.endpoint().connect())
            .await
            .map_err(|_| Event::Cut("the upper node does not answer".to_owned()))?
            .map_err(|error| Event::Cut(telemetry::chain(&error)))?;
        let (outbound, waiting) = mpsc::channel(WINDOW + 1);
        let (line, messages) = mpsc::channel(1);
        // It ends when either end of the line is let go of.
        tokio::spawn(pass_on(waiting, line, self.throttle));
        let mut client = FederationClient::new(channel).max_decoding_message_size(MAX_ANSWER_BYTES);
        let inbound = timeout(ANSWER, client.link(ReceiverStream::new(messages)))
            .await
            .map_err(|_| Event::Cut("the upper node does not answer".to_owned()))?
            .map_err(|status| ended(&status))?
            .into_inner();
        Ok(Connection { outbound, inbound })
    }
}

fn endpoint(
    address: &str,
    credentials: &Credentials,
    roots: &str,
    area: AreaCode,
) -> Result<Endpoint, Error> {
    let endpoint = tls::to_upper_node(address, credentials, roots, area)?;
    Ok(endpoint
        .connect_timeout(CONNECT)
        .http2_keep_alive_interval(KEEP_ALIVE)
        .keep_alive_timeout(KEEP_ALIVE)
        .keep_alive_while_idle(true))
}

/// An open stream.
pub(super) struct Connection {
    pub outbound: mpsc::Sender<FromBelow>,
    pub inbound: Streaming<FromAbove>,
}

/// Passes messages on to the line, not faster than it may be filled.
async fn pass_on(
    mut waiting: mpsc::Receiver<FromBelow>,
    line: mpsc::Sender<FromBelow>,
    throttle: Throttle,
) {
    while let Some(message) = waiting.recv().await {
        let pause = throttle.pause_after(message.encoded_len());
        if line.send(message).await.is_err() {
            return;
        }
        if pause > Duration::ZERO {
            tokio::select! {
                () = sleep(pause) => {}
                () = line.closed() => return,
            }
        }
    }
}

/// A call that ended: refused with one of our codes, or cut.
pub(super) fn ended(status: &CallStatus) -> Event {
    match status.get_details_error_info() {
        Some(info) if info.domain == refusal::DOMAIN => Event::Refused(Failure {
            code: info.reason,
            message: status.message().to_owned(),
        }),
        _ => Event::Cut(telemetry::chain(status)),
    }
}
