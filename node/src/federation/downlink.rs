//! The upper node's side: the gRPC service that nodes below open their links to.

mod links;
mod state;

use std::{pin::Pin, sync::Arc};

use lika_proto::v1::{
    self as proto, FromAbove, FromBelow,
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

pub use links::{LinkStatus, Links};
pub use state::{Effect, Event, State};

use crate::{
    federation::{Head, Member, PeerLogs, Refusal, WINDOW, batch},
    pki::Identity,
    telemetry,
    wire::tls,
};

/// Batches that wait, unpacked, while the one before is made durable.
const READ_AHEAD: usize = 1;
/// Answers that the lower node has not read yet: an acknowledgement for each batch under way, and the first and last
/// word. One that lets more pile up does not keep to the window.
const ANSWERS: usize = WINDOW + 2;

/// The service for the nodes below `upper`, to be added to a server whose TLS asks for certificates, and the view of
/// its links.
pub fn service<P: PeerLogs>(upper: Member, peers: Arc<P>) -> (FederationServer<Service<P>>, Links) {
    let links = Links::default();
    let service = Service {
        upper,
        peers,
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
    links: Links,
    answers: mpsc::Sender<Result<FromAbove, Status>>,
}

impl<P: PeerLogs> Link<P> {
    async fn serve(self, inbound: Streaming<FromBelow>) {
        let mut turn = self.links.enter(self.member).await;
        let Some(head) = self.durable_head().await else {
            self.answer(refused(&Refusal::NotStored, Head::EMPTY));
            return;
        };
        turn.opened(head);
        let mut state = State::new(self.upper.node, self.member, head);
        let (events, mut arrived) = mpsc::channel(READ_AHEAD);
        // Dropped with this function, so that a lower node that keeps its half open holds nothing here.
        let mut reader = JoinSet::new();
        reader.spawn(read(inbound, events));
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
        let mut event = Some(event);
        while let Some(current) = event.take() {
            for effect in state.apply(current) {
                match effect {
                    Effect::Welcome(welcome) => {
                        if !self.answer(Answer::Welcome(welcome.into())) {
                            return false;
                        }
                    }
                    Effect::Store(entries) => event = Some(self.store(entries).await),
                    Effect::Acknowledge(head) => {
                        turn.acknowledged(head);
                        let head = Some(head.into());
                        if !self.answer(Answer::Acknowledged(proto::Acknowledged { head })) {
                            return false;
                        }
                    }
                    Effect::Refuse(refusal, head) => {
                        turn.refused(&refusal);
                        self.answer(refused(&refusal, head));
                        return false;
                    }
                }
            }
        }
        true
    }

    async fn store(&self, entries: Vec<lika_core::log::Entry>) -> Event {
        match self.peers.receive(self.member, entries).await {
            Ok(head) => Event::Stored(head),
            Err(error) => {
                tracing::error!(node = %self.member.node, error = %telemetry::chain(&error), "entries not kept");
                Event::NotStored(error)
            }
        }
    }

    async fn durable_head(&self) -> Option<Head> {
        let peers = self.peers.clone();
        let node = self.member.node;
        let head = spawn_blocking(move || peers.head(&node)).await;
        match head {
            Ok(Ok(head)) => Some(head),
            Ok(Err(error)) => {
                tracing::error!(%node, error = %telemetry::chain(&*error), "the node's log cannot be read");
                None
            }
            Err(error) => {
                tracing::error!(%node, %error, "the node's log cannot be read");
                None
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
                tracing::warn!(node = %self.member.node, "the lower node reads no answers, link ended");
                false
            }
        }
    }
}

/// Reads and unpacks ahead of the storing, off the threads that serve others.
async fn read(mut inbound: Streaming<FromBelow>, events: mpsc::Sender<Event>) {
    loop {
        let event = match inbound.message().await {
            Ok(Some(FromBelow { message })) => event(message).await,
            Ok(None) => return,
            Err(status) => {
                tracing::info!(error = %telemetry::chain(&status), "link cut");
                return;
            }
        };
        if events.send(event).await.is_err() {
            return;
        }
    }
}

async fn event(message: Option<Message>) -> Event {
    let read = match message {
        Some(Message::Hello(hello)) => hello.try_into().map(Event::Hello),
        Some(Message::Entries(entries)) => spawn_blocking(move || batch::unpack(entries))
            .await
            .unwrap_or(Err(Refusal::Unreadable("the batch")))
            .map(Event::Entries),
        None => Err(Refusal::Unreadable("an empty message")),
    };
    read.unwrap_or_else(Event::Faulty)
}

fn refused(refusal: &Refusal, head: Head) -> Answer {
    Answer::Refused(proto::LinkRefused {
        code: refusal.code().to_owned(),
        message: refusal.to_string(),
        head: Some(head.into()),
    })
}
