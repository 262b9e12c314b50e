//! The upper node's side: the gRPC service that nodes below open their links to.

mod lane;
mod links;
mod state;

use std::{collections::VecDeque, pin::Pin, sync::Arc};

use lika_proto::v1::{
    self as proto, Announce, FromAbove, FromBelow,
    federation_server::{Federation, FederationServer},
    from_above::Message as Answer,
    from_below::Message,
};
use tokio::{
    sync::mpsc::{self, error::TrySendError},
    task::{JoinSet, spawn_blocking},
};
use tokio_stream::{Stream, wrappers::ReceiverStream};
use tonic::{Request, Response, Status, Streaming};

pub use links::{CarriedLog, LinkStatus, Links};
pub use state::{Effect, Event, State};

use crate::{
    clock::Clock,
    federation::{
        Failure, Head, LogCheckpoint, LogHead, LogRefused, Member, NotReceived, NotWitnessed,
        PeerLogs, Refusal, ShownFork, Stands, WINDOW, batch,
        message::{decode_logs, some_log},
        refusal::FORKED,
    },
    pki::Identity,
    telemetry,
    wire::tls,
};

/// Batches that wait, unpacked, while the one before is made durable.
const READ_AHEAD: usize = 1;
/// Answers that the lower node has not read yet: one for each batch under way, one for an announcement, one for a
/// checkpoint, and the first and last word. One that lets more pile up does not keep to the window.
const ANSWERS: usize = WINDOW + 4;

/// The service for the nodes below `upper`, to be added to a server whose TLS asks for certificates, and the view of
/// its links.
pub fn service<P: PeerLogs>(
    upper: Member,
    peers: Arc<P>,
    clock: Arc<dyn Clock>,
) -> (FederationServer<Service<P>>, Links) {
    let links = Links::default();
    let service = Service {
        upper,
        peers,
        clock,
        links: links.clone(),
    };
    let server = FederationServer::new(service).max_decoding_message_size(batch::MAX_MESSAGE_BYTES);
    (server, links)
}

/// `lika.v1.Federation`.
#[derive(Debug)]
pub struct Service<P> {
    upper: Member,
    peers: Arc<P>,
    clock: Arc<dyn Clock>,
    links: Links,
}

#[tonic::async_trait]
impl<P: PeerLogs> Federation for Service<P> {
    type LinkStream = Pin<Box<dyn Stream<Item = Result<FromAbove, Status>> + Send>>;

    async fn link(
        &self,
        request: Request<Streaming<FromBelow>>,
    ) -> Result<Response<Self::LinkStream>, Status> {
        let member = self.admit(&request).map_err(|refusal| refusal.status())?;
        let (answers, outbound) = mpsc::channel(ANSWERS);
        let link = Link {
            upper: self.upper,
            member,
            peers: self.peers.clone(),
            clock: self.clock.clone(),
            links: self.links.clone(),
            answers,
        };
        tokio::spawn(link.serve(request.into_inner()));
        Ok(Response::new(Box::pin(ReceiverStream::new(outbound))))
    }
}

impl<P> Service<P> {
    fn admit<T>(&self, request: &Request<T>) -> Result<Member, Refusal> {
        let caller = request.remote_addr();
        let refuse = |refusal: Refusal, whom: String| {
            tracing::warn!(?caller, code = refusal.code(), %refusal, %whom, "link refused");
            refusal
        };
        match tls::caller(request) {
            Ok(Identity::Node { node, area }) => {
                let is_below = area != self.upper.area && self.upper.area.contains(&area);
                let member = Member { node, area };
                match is_below {
                    true => Ok(member),
                    false => {
                        let upper = self.upper.area;
                        Err(refuse(
                            Refusal::AreaOutside { area, upper },
                            node.to_string(),
                        ))
                    }
                }
            }
            Ok(client) => Err(refuse(Refusal::NotANodeCertificate, client.address())),
            Err(error) => Err(refuse(Refusal::NotANodeCertificate, error.to_string())),
        }
    }
}

struct Link<P> {
    upper: Member,
    member: Member,
    peers: Arc<P>,
    clock: Arc<dyn Clock>,
    links: Links,
    answers: mpsc::Sender<Result<FromAbove, Status>>,
}

impl<P: PeerLogs> Link<P> {
    async fn serve(self, inbound: Streaming<FromBelow>) {
        let mut turn = self.links.enter(self.member).await;
        turn.opened();
        let mut state = State::new(self.upper.node, self.member);
        let (events, mut arrived) = mpsc::channel(READ_AHEAD);
        // Dropped with this function, so that a lower node that keeps its half open holds nothing here.
        let mut reader = JoinSet::new();
        reader.spawn(read(inbound, self.member, self.clock.clone(), events));
        loop {
            let event = tokio::select! {
                event = turn.ended() => event,
                event = arrived.recv() => match event {
                    Some(event) => event,
                    None => return,
                },
            };
            if !self.handle(&mut state, &turn, event).await {
                return;
            }
        }
    }

    /// Carries out what the state says; whether the link goes on.
    async fn handle(&self, state: &mut State, turn: &links::Turn, event: Event) -> bool {
        let mut effects = VecDeque::from(state.apply(event));
        while let Some(effect) = effects.pop_front() {
            let goes_on = match effect {
                Effect::Look(logs) => {
                    effects.extend(state.apply(self.look(logs).await));
                    true
                }
                Effect::Store(of, entries) => {
                    effects.extend(state.apply(self.store(of, entries).await));
                    true
                }
                Effect::Witness(checkpoint) => {
                    effects.extend(state.apply(self.witness(checkpoint).await));
                    true
                }
                Effect::Checkpoint(checkpoint) => {
                    self.answer(Answer::Checkpoint(checkpoint.into()))
                }
                Effect::KeepFork(fork) => {
                    self.keep_fork(fork).await;
                    true
                }
                Effect::Welcome(welcome) => {
                    turn.measured(state.skew());
                    turn.carries(state.logs());
                    self.note_refused(turn, &welcome.logs).await;
                    self.answer(Answer::Welcome(welcome.into()))
                }
                Effect::Stands(stands) => {
                    turn.carries(state.logs());
                    self.note_refused(turn, &stands).await;
                    self.answer(Answer::Stands(stands.into()))
                }
                Effect::Acknowledge(acknowledged) => {
                    let log = acknowledged.log.unwrap_or(self.member.node);
                    turn.acknowledged(log, acknowledged.head);
                    self.answer(Answer::Acknowledged(acknowledged.into()))
                }
                Effect::RefuseLog(log, refusal, head) => {
                    let failure = Failure::from(&refusal);
                    turn.refused_log(log, &failure, head);
                    let refused = LogRefused { log, failure, head };
                    self.answer(Answer::LogRefused(refused.into()))
                }
                Effect::Refuse(refusal, head) => {
                    turn.refused(&refusal, head);
                    self.answer(refused(&refusal, head));
                    false
                }
            };
            if !goes_on {
                return false;
            }
        }
        true
    }

    async fn store(&self, of: Member, entries: Vec<lika_core::log::Entry>) -> Event {
        let ends = entries.first().zip(entries.last());
        let ends = ends.map(|(one, other)| (one.header().seq, other.header().seq));
        match self.peers.receive(of, entries).await {
            Ok(head) => Event::Stored(head),
            Err(error) => {
                let (peer, log) = (self.member.node, of.node);
                tracing::error!(%peer, %log, ?ends, error = %telemetry::chain(&error), "entries not kept");
                Event::NotStored(error)
            }
        }
    }

    async fn look(&self, logs: Vec<LogHead>) -> Event {
        let peers = self.peers.clone();
        let known = spawn_blocking(move || {
            let known = logs.iter().map(|log| peers.known(log));
            known.collect::<Result<Vec<_>, _>>()
        });
        match known.await {
            Ok(Ok(known)) => Event::Looked(known),
            Ok(Err(error)) => {
                let (peer, chain) = (self.member.node, telemetry::chain(&*error));
                tracing::error!(%peer, error = chain, "what is here of the logs cannot be read");
                Event::NotStored(NotReceived::Failed(error))
            }
            Err(error) => Event::NotStored(NotReceived::Failed(error.into())),
        }
    }

    async fn witness(&self, checkpoint: LogCheckpoint) -> Event {
        let (peers, log) = (self.peers.clone(), checkpoint.log);
        let witnessed = spawn_blocking(move || peers.witness(&checkpoint)).await;
        let witnessed = witnessed.unwrap_or_else(|error| Err(NotWitnessed::Failed(error.into())));
        match witnessed {
            Ok(checkpoint) => Event::Witnessed(checkpoint),
            Err(error) => {
                let (peer, chain) = (self.member.node, telemetry::chain(&error));
                tracing::warn!(%peer, %log, error = chain, "a checkpoint was not signed");
                Event::NotWitnessed(log, error)
            }
        }
    }

    async fn keep_fork(&self, fork: ShownFork) {
        let peers = self.peers.clone();
        if let Err(error) = spawn_blocking(move || peers.keep_fork(fork)).await {
            tracing::error!(peer = %self.member.node, %error, "a fork could not be kept");
        }
    }

    async fn note_refused(&self, turn: &links::Turn, logs: &Stands) {
        for LogRefused { log, failure, head } in &logs.refused {
            turn.refused_log(*log, failure, *head);
            if failure.code == FORKED {
                let fork = ShownFork {
                    log: *log,
                    seq: head.seq,
                    entry: None,
                    note: None,
                };
                self.keep_fork(fork).await;
            }
        }
    }

    fn answer(&self, message: Answer) -> bool {
        let message = FromAbove {
            message: Some(message),
        };
        match self.answers.try_send(Ok(message)) {
            Ok(()) => true,
            Err(TrySendError::Closed(_)) => false,
            Err(TrySendError::Full(_)) => {
                tracing::warn!(peer = %self.member.node, "the lower node reads no answers, link ended");
                false
            }
        }
    }
}

/// Reads and unpacks ahead of the storing, off the threads that serve others.
async fn read(
    mut inbound: Streaming<FromBelow>,
    from: Member,
    clock: Arc<dyn Clock>,
    events: mpsc::Sender<Event>,
) {
    let peer = from.node;
    loop {
        let event = match inbound.message().await {
            Ok(Some(FromBelow { message })) => {
                note(&from, message.as_ref());
                let now = clock.now_ms();
                let read = spawn_blocking(move || event(message, now)).await;
                read.unwrap_or_else(|_| Event::Faulty(None, Refusal::Unreadable("the batch")))
            }
            Ok(None) => return,
            Err(status) => {
                tracing::info!(%peer, error = %telemetry::chain(&status), "link cut");
                return;
            }
        };
        if events.send(event).await.is_err() {
            return;
        }
    }
}

/// What a message that came now means.
pub(super) fn event(message: Option<Message>, now: u64) -> Event {
    let read = match message {
        Some(Message::Hello(hello)) => hello.try_into().map(|hello| Event::Hello(hello, now)),
        Some(Message::Checkpoint(checkpoint)) => checkpoint.try_into().map(Event::Checkpoint),
        Some(Message::Announce(Announce { logs })) => decode_logs(logs).map(Event::Announced),
        Some(Message::Entries(mut entries)) => {
            let log = some_log(std::mem::take(&mut entries.log));
            return match log.map(|log| (log, batch::unpack(entries))) {
                Ok((log, Ok(entries))) => Event::Entries(log, entries),
                Ok((log, Err(refusal))) => Event::Faulty(log, refusal),
                Err(refusal) => Event::Faulty(None, refusal),
            };
        }
        None => Err(Refusal::Unreadable("an empty message")),
    };
    read.unwrap_or_else(|refusal| Event::Faulty(None, refusal))
}

/// Every message names the peer, the log and the position.
fn note(from: &Member, message: Option<&Message>) {
    let peer = from.node;
    match message {
        Some(Message::Hello(hello)) => {
            let seq = hello.head.as_ref().map(|head| head.seq);
            let (version, bytes) = (hello.version, hello.logs.len());
            tracing::debug!(%peer, area = %from.area, version, seq, bytes, "hello");
        }
        Some(Message::Announce(announce)) => {
            tracing::debug!(%peer, bytes = announce.logs.len(), "logs announced");
        }
        Some(Message::Entries(entries)) => {
            let log = some_log(entries.log.clone()).ok().flatten();
            let log = log.unwrap_or(peer);
            let (first, count) = (entries.first_seq, entries.count);
            tracing::debug!(%peer, %log, first, count, bytes = entries.batch.len(), "entries received");
        }
        Some(Message::Checkpoint(checkpoint)) => {
            let log = some_log(checkpoint.log.clone()).ok().flatten();
            let log = log.unwrap_or(peer);
            tracing::debug!(%peer, %log, bytes = checkpoint.note.len(), "checkpoint received");
        }
        None => {}
    }
}

fn refused(refusal: &Refusal, head: Head) -> Answer {
    Answer::Refused(proto::LinkRefused {
        code: refusal.code().to_owned(),
        message: refusal.to_string(),
        head: Some(head.into()),
    })
}
