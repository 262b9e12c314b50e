//! The lower node's side: dials the node above and keeps it up to date.

mod state;

use std::{pin::Pin, sync::Arc, time::Duration};

use lika_core::log::Entry;
use lika_proto::v1::{
    FromAbove, FromBelow, federation_client::FederationClient, from_above::Message as Answer,
    from_below::Message,
};
use rand::{Rng, RngExt as _};
use tokio::{
    sync::{mpsc, watch},
    task::{JoinHandle, spawn_blocking},
    time::{Sleep, sleep, timeout},
};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Status as CallStatus, Streaming, transport::Endpoint};
use tonic_types::StatusExt as _;

pub use state::{Effect, Event, Failure, Pace, State, Status};

use crate::{
    federation::{
        Hello, KEEP_ALIVE, LogError, Member, OwnLog, Rendered, VERSION, WINDOW, batch,
        message::some_head,
    },
    pki::{self, Credentials, Identity},
    telemetry,
    wire::tls,
};

const CONNECT: Duration = Duration::from_secs(10);
/// The upper node answers hello and a proof of a fork at once, unless it is busy closing an older link.
const ANSWER: Duration = Duration::from_secs(30);

/// How the node above is reached, and as whom.
#[derive(Clone, Debug)]
pub struct Dialer {
    endpoint: Endpoint,
    own: Member,
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
    /// TLS cannot be set up.
    #[error("TLS to the node above cannot be set up")]
    Tls(#[from] tls::Error),
    /// The own log cannot be read.
    #[error("the log of this node cannot be read")]
    Log(#[source] LogError),
}

impl Dialer {
    /// Dials `https://host:port` with this node's credentials. `roots` are the authorities that may have issued the
    /// upper node's certificate, in PEM. Who this node is and which area it serves is what its certificate says.
    pub fn new(address: &str, credentials: &Credentials, roots: &str) -> Result<Self, Error> {
        let Identity::Node { node, area } = credentials.identity()? else {
            return Err(Error::NotANode);
        };
        let endpoint = tls::to_upper_node(address, credentials, roots, area)?
            .connect_timeout(CONNECT)
            .http2_keep_alive_interval(KEEP_ALIVE)
            .keep_alive_timeout(KEEP_ALIVE)
            .keep_alive_while_idle(true);
        Ok(Self {
            endpoint,
            own: Member { node, area },
        })
    }

    /// Who dials.
    pub fn own(&self) -> Member {
        self.own
    }

    async fn open(&self) -> Result<Connection, Event> {
        let channel = timeout(CONNECT, self.endpoint.connect())
            .await
            .map_err(|_| Event::Cut("the upper node does not answer".to_owned()))?
            .map_err(|error| Event::Cut(telemetry::chain(&error)))?;
        let (outbound, messages) = mpsc::channel(WINDOW + 1);
        let mut client = FederationClient::new(channel);
        let inbound = timeout(ANSWER, client.link(ReceiverStream::new(messages)))
            .await
            .map_err(|_| Event::Cut("the upper node does not answer".to_owned()))?
            .map_err(|status| ended(&status))?
            .into_inner();
        Ok(Connection { outbound, inbound })
    }
}

/// Starts the link. It dials, keeps the upper node up to date and comes back after every failure, until it is stopped.
/// `rng` spreads the attempts of many counties after a province's restart.
pub fn start<L: OwnLog, R: Rng + Send + 'static>(
    dialer: Dialer,
    log: Arc<L>,
    pace: Pace,
    rng: R,
) -> Result<Handle, Error> {
    let own = log.head().map_err(Error::Log)?;
    let (stop, stopped) = watch::channel(false);
    let (publish, status) = watch::channel(Status::default());
    let uplink = Uplink {
        state: State::new(own, pace),
        dialer,
        log,
        rng,
        connection: None,
        timer: Box::pin(sleep(Duration::ZERO)),
        publish,
    };
    let task = Arc::new(tokio::spawn(uplink.run(stopped)));
    Ok(Handle { status, stop, task })
}

/// A running link, cheap to clone.
#[derive(Clone, Debug)]
pub struct Handle {
    status: watch::Receiver<Status>,
    stop: watch::Sender<bool>,
    task: Arc<JoinHandle<()>>,
}

impl Handle {
    /// How the link is.
    pub fn status(&self) -> Status {
        self.status.borrow().clone()
    }

    /// Waits until the link is as asked; none if it was stopped before.
    pub async fn wait_for(&self, mut asked: impl FnMut(&Status) -> bool) -> Option<Status> {
        let mut status = self.status.clone();
        let found = status.wait_for(|status| asked(status)).await;
        found.ok().map(|status| status.clone())
    }

    /// Waits until the upper node has made everything up to a sequence number durable; whether it did before the link
    /// was stopped.
    pub async fn delivered(&self, seq: u64) -> bool {
        self.wait_for(|status| status.acknowledged.is_some_and(|head| head.seq >= seq))
            .await
            .is_some()
    }

    /// Ends the link and waits until it has let go of the log.
    pub async fn stop(&self) {
        self.stop.send_replace(true);
        // The loop owns the sender: it is closed when the loop is gone.
        let mut status = self.status.clone();
        while status.changed().await.is_ok() {}
    }

    /// Whether the loop still runs; it ends only when it is stopped.
    pub fn is_running(&self) -> bool {
        !self.task.is_finished()
    }
}

struct Connection {
    outbound: mpsc::Sender<FromBelow>,
    inbound: Streaming<FromAbove>,
}

struct Uplink<L, R> {
    state: State,
    dialer: Dialer,
    log: Arc<L>,
    rng: R,
    connection: Option<Connection>,
    /// The wait before dialling, or for an answer.
    timer: Pin<Box<Sleep>>,
    publish: watch::Sender<Status>,
}

impl<L: OwnLog, R: Rng + Send + 'static> Uplink<L, R> {
    async fn run(mut self, mut stopped: watch::Receiver<bool>) {
        // Whatever is under way may be dropped: the upper node says what it has.
        tokio::select! {
            _ = stopped.wait_for(|stopped| *stopped) => {}
            () = self.keep() => {}
        }
    }

    async fn keep(&mut self) {
        let mut event = Event::RetryDue;
        loop {
            let mut effects: std::collections::VecDeque<Effect> = self.state.apply(event).into();
            self.publish();
            while let Some(effect) = effects.pop_front() {
                if let Some(outcome) = self.carry_out(effect).await {
                    effects.extend(self.state.apply(outcome));
                    self.publish();
                }
            }
            event = self.next_event().await;
        }
    }

    async fn carry_out(&mut self, effect: Effect) -> Option<Event> {
        match effect {
            Effect::Dial => match self.dialer.open().await {
                Ok(connection) => {
                    self.connection = Some(connection);
                    Some(Event::Dialled)
                }
                Err(event) => Some(event),
            },
            Effect::Greet(head) => {
                self.timer = Box::pin(sleep(ANSWER));
                let hello = Hello {
                    version: VERSION,
                    member: self.dialer.own,
                    head,
                };
                self.send(Message::Hello(hello.into())).await
            }
            Effect::ReadOne(seq) => Some(self.read(seq - 1, 1).await),
            Effect::ReadAfter(seq) => Some(self.read(seq, batch::MAX_BYTES).await),
            Effect::Send(entries) => {
                self.timer = Box::pin(sleep(ANSWER));
                self.send_batch(entries).await
            }
            Effect::HangUp => {
                self.connection = None;
                None
            }
            Effect::Wait(longest) => {
                self.timer = Box::pin(sleep(jittered(longest, &mut self.rng)));
                None
            }
        }
    }

    async fn next_event(&mut self) -> Event {
        let waits = self.connection.is_none() || self.state.awaits_answer();
        tokio::select! {
            head = self.log.grown(self.state.own().seq) => Event::Grown(head),
            event = answer(&mut self.connection) => event,
            () = &mut self.timer, if waits => match self.state.awaits_answer() {
                true => Event::Cut("the upper node does not answer".to_owned()),
                false => Event::RetryDue,
            },
        }
    }

    async fn read(&mut self, after: u64, max_bytes: usize) -> Event {
        let log = self.log.clone();
        let read = spawn_blocking(move || log.entries_after(after, max_bytes)).await;
        let read: Result<Vec<Entry>, String> = match read {
            Ok(read) => read.map_err(|error| telemetry::chain(&*error)),
            Err(error) => Err(telemetry::chain(&error)),
        };
        match read {
            Ok(entries) => Event::Read(entries),
            Err(message) => Event::Cut(format!("the log of this node cannot be read: {message}")),
        }
    }

    async fn send_batch(&mut self, entries: Vec<Rendered>) -> Option<Event> {
        match spawn_blocking(move || batch::pack(entries)).await {
            Ok(Ok(message)) => self.send(Message::Entries(message)).await,
            Ok(Err(refusal)) => Some(Event::Refused(Failure {
                code: refusal.code().to_owned(),
                message: refusal.to_string(),
            })),
            Err(error) => Some(Event::Cut(telemetry::chain(&error))),
        }
    }

    async fn send(&mut self, message: Message) -> Option<Event> {
        let connection = self.connection.as_ref()?;
        let message = FromBelow {
            message: Some(message),
        };
        // When the line is gone the answers end too, and they say why.
        connection.outbound.send(message).await.ok();
        None
    }

    fn publish(&self) {
        let next = self.state.status();
        let previous = self.publish.borrow().clone();
        if previous == *next {
            return;
        }
        if next.forked && !previous.forked {
            tracing::error!(own = ?self.state.own(), "the upper node knows another history of this node; the link waits");
        }
        if next.connected && !previous.connected {
            tracing::info!(acknowledged = ?next.acknowledged, "link to the upper node open");
        }
        if let Some(Failure { code, message }) = &next.failure
            && next.failure != previous.failure
        {
            tracing::warn!(%code, %message, "no link to the upper node");
        }
        self.publish.send_replace(next.clone());
    }
}

/// The next answer of the upper node; never, without a connection.
async fn answer(connection: &mut Option<Connection>) -> Event {
    let Some(connection) = connection else {
        return std::future::pending().await;
    };
    match connection.inbound.message().await {
        Ok(Some(FromAbove { message })) => event(message),
        Ok(None) => Event::Cut("the upper node ended the link".to_owned()),
        Err(status) => ended(&status),
    }
}

fn event(message: Option<Answer>) -> Event {
    let read = match message {
        Some(Answer::Welcome(welcome)) => welcome.try_into().map(Event::Welcome),
        Some(Answer::Acknowledged(acknowledged)) => {
            some_head(acknowledged.head).map(Event::Acknowledged)
        }
        Some(Answer::Refused(refused)) => Ok(Event::Refused(Failure {
            code: refused.code,
            message: refused.message,
        })),
        None => Ok(Event::Cut(
            "the upper node sent an empty message".to_owned(),
        )),
    };
    read.unwrap_or_else(|refusal| Event::Cut(format!("the upper node's answer: {refusal}")))
}

/// A call that ended: refused with one of our codes, or cut.
fn ended(status: &CallStatus) -> Event {
    match status.get_details_error_info() {
        Some(info) if info.domain == crate::federation::refusal::DOMAIN => {
            Event::Refused(Failure {
                code: info.reason,
                message: status.message().to_owned(),
            })
        }
        _ => Event::Cut(telemetry::chain(status)),
    }
}

/// Between half of the time and all of it.
fn jittered(longest: Duration, rng: &mut impl Rng) -> Duration {
    let longest = u64::try_from(longest.as_millis()).unwrap_or(u64::MAX);
    Duration::from_millis(rng.random_range(longest / 2..=longest))
}
