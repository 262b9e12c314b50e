//! The lower node's side: dials the node above and keeps it up to date.

mod dialer;
mod handle;
mod lane;
mod lanes;
mod state;
mod status;
mod throttle;

use std::{
    collections::{BTreeMap, VecDeque},
    pin::Pin,
    sync::Arc,
    time::Duration,
};

use lika_core::{log::Entry, value::NodeId};
use lika_proto::v1::{
    Announce, FromAbove, FromBelow, from_above::Message as Answer, from_below::Message,
};
use rand::{Rng, RngExt as _};
use tokio::{
    sync::watch,
    task::spawn_blocking,
    time::{Sleep, sleep},
};

pub use dialer::{Dialer, Error};
pub use handle::Handle;
pub use state::{Effect, Event, Pace, State};
pub use status::{Failure, PassedLog, Status};
pub use throttle::Throttle;

use self::dialer::{ANSWER, Connection, ended};
use crate::{
    clock::Clock,
    federation::{
        CarriedLogs, Head, LogCheckpoint, LogHead, Rendered, batch, message::encode_logs,
    },
    telemetry,
};

/// Starts the link. It dials, keeps the upper node up to date and comes back after every failure, until it is stopped.
/// `rng` spreads the attempts of many counties after a province's restart.
pub fn start<L: CarriedLogs, R: Rng + Send + 'static>(
    dialer: Dialer,
    logs: Arc<L>,
    pace: Pace,
    clock: Arc<dyn Clock>,
    rng: R,
) -> Result<Handle, Error> {
    let own = dialer.own();
    let heads = logs.heads().map_err(Error::Log)?;
    let is_own = |log: &LogHead| log.of.node == own.node;
    let head = heads.iter().find(|log| is_own(log)).map(|log| log.head);
    let mut state = State::new(LogHead::of(own, head), pace);
    let others = heads.iter().filter(|log| !is_own(log)).copied().collect();
    state.apply(Event::Grown(others));
    let (stop, stopped) = watch::channel(false);
    let (publish, status) = watch::channel(state.status());
    let uplink = Uplink {
        state,
        seen: ends(&heads).collect(),
        dialer,
        logs,
        clock,
        rng,
        connection: None,
        retry: Some(Box::pin(sleep(Duration::ZERO))),
        answer_due: Box::pin(sleep(ANSWER)),
        checks_due: None,
        checks: pace.checks,
        publish,
    };
    let task = Arc::new(tokio::spawn(uplink.run(stopped)));
    Ok(Handle { status, stop, task })
}

struct Uplink<L, R> {
    state: State,
    /// Where the logs ended when the state was last told.
    seen: BTreeMap<NodeId, u64>,
    dialer: Dialer,
    logs: Arc<L>,
    clock: Arc<dyn Clock>,
    rng: R,
    connection: Option<Connection>,
    /// The wait before dialling, or before a refused log is tried again.
    retry: Option<Pin<Box<Sleep>>>,
    answer_due: Pin<Box<Sleep>>,
    /// Between checkpoints; only while the link is open.
    checks_due: Option<Pin<Box<Sleep>>>,
    checks: Duration,
    publish: watch::Sender<Status>,
}

impl<L: CarriedLogs, R: Rng + Send + 'static> Uplink<L, R> {
    async fn run(mut self, mut stopped: watch::Receiver<bool>) {
        // Whatever is under way may be dropped: the upper node says what it has.
        tokio::select! {
            _ = stopped.wait_for(|stopped| *stopped) => {}
            () = self.keep() => {}
        }
    }

    async fn keep(&mut self) {
        loop {
            let event = self.next_event().await;
            let mut effects = VecDeque::from(self.apply(event));
            while let Some(effect) = effects.pop_front() {
                if let Some(outcome) = self.carry_out(effect).await {
                    effects.extend(self.apply(outcome));
                }
            }
        }
    }

    fn apply(&mut self, event: Event) -> Vec<Effect> {
        self.note(&event);
        if let Event::Grown(logs) = &event {
            self.seen.extend(ends(logs));
        }
        if let Event::Welcome(..) | Event::ChecksDue = &event {
            self.checks_due = Some(Box::pin(sleep(self.checks)));
        }
        let effects = self.state.apply(event);
        self.publish();
        effects
    }

    async fn carry_out(&mut self, effect: Effect) -> Option<Event> {
        match effect {
            Effect::Dial => match self.dialer.open().await {
                Ok(connection) => {
                    self.connection = Some(connection);
                    Some(Event::Dialled(self.clock.now_ms()))
                }
                Err(event) => Some(event),
            },
            Effect::Greet(hello) => {
                self.answer_due = Box::pin(sleep(ANSWER));
                let (version, seq, logs) = (hello.version, hello.own.head.seq, hello.logs.len());
                tracing::debug!(peer = self.dialer.address(), version, seq, logs, "hello");
                self.send(Message::Hello(hello.into())).await
            }
            Effect::Announce(logs) => {
                for LogHead { of, head } in &logs {
                    let (peer, log, seq) = (self.dialer.address(), of.node, head.seq);
                    tracing::debug!(peer, %log, area = %of.area, seq, "log announced");
                }
                let logs = encode_logs(logs);
                self.send(Message::Announce(Announce { logs })).await
            }
            Effect::ReadOne(log, seq) => Some(self.read(log, seq - 1, 1).await),
            Effect::ReadAfter(log, seq) => Some(self.read(log, seq, batch::MAX_BYTES).await),
            Effect::Send(log, entries) => self.send_batch(log, entries).await,
            Effect::Check(log, head) => self.check(log, head).await,
            Effect::Keep(checkpoint) => {
                self.keep_witnessed(checkpoint).await;
                None
            }
            Effect::HangUp => {
                self.connection = None;
                self.checks_due = None;
                None
            }
            Effect::Wait(longest) => {
                let wait = jittered(longest, &mut self.rng);
                self.retry = Some(Box::pin(sleep(wait)));
                None
            }
        }
    }

    async fn next_event(&mut self) -> Event {
        let awaits_answer = self.state.awaits_answer();
        tokio::select! {
            grown = self.logs.grown(&self.seen) => Event::Grown(grown),
            event = answer(&mut self.connection, &*self.clock) => event,
            () = &mut self.answer_due, if awaits_answer => {
                Event::Cut("the upper node does not answer".to_owned())
            }
            () = due(&mut self.retry) => {
                self.retry = None;
                Event::RetryDue
            }
            () = due(&mut self.checks_due) => Event::ChecksDue,
        }
    }

    async fn read(&mut self, log: NodeId, after: u64, max_bytes: usize) -> Event {
        let logs = self.logs.clone();
        let read = spawn_blocking(move || logs.entries_after(&log, after, max_bytes)).await;
        let read: Result<Vec<Entry>, String> = match read {
            Ok(read) => read.map_err(|error| telemetry::chain(&*error)),
            Err(error) => Err(telemetry::chain(&error)),
        };
        match read {
            Ok(entries) => Event::Read(log, entries),
            Err(why) => {
                let message = format!("the log cannot be read after entry {after}: {why}");
                let code = "unreadable".to_owned();
                Event::Unreadable(log, Failure { code, message })
            }
        }
    }

    /// Shows what there is to say of a log.
    async fn check(&mut self, log: NodeId, head: Head) -> Option<Event> {
        let logs = self.logs.clone();
        let signed = spawn_blocking(move || logs.checkpoint(&log, head)).await;
        let signed = match signed {
            Ok(signed) => signed.map_err(|error| telemetry::chain(&*error)),
            Err(error) => Err(telemetry::chain(&error)),
        };
        match signed {
            Ok(Some(note)) => {
                let checkpoint = LogCheckpoint { log, note };
                self.send(Message::Checkpoint(checkpoint.into())).await
            }
            Ok(None) => Some(Event::NoCheckpoint(log)),
            Err(error) => {
                let peer = self.dialer.address();
                tracing::error!(peer, %log, error, "there is no checkpoint to show");
                Some(Event::NoCheckpoint(log))
            }
        }
    }

    async fn keep_witnessed(&mut self, checkpoint: LogCheckpoint) {
        let (logs, log) = (self.logs.clone(), checkpoint.log);
        let kept = spawn_blocking(move || logs.witnessed(&checkpoint)).await;
        let kept = match kept {
            Ok(kept) => kept.map_err(|error| telemetry::chain(&*error)),
            Err(error) => Err(telemetry::chain(&error)),
        };
        if let Err(error) = kept {
            let peer = self.dialer.address();
            tracing::error!(peer, %log, error, "what the upper node has signed was not kept");
        }
    }

    async fn send_batch(&mut self, log: Option<NodeId>, entries: Vec<Rendered>) -> Option<Event> {
        let own = self.dialer.own().node;
        let whose = log.unwrap_or(own);
        let (first, last) = (entries.first(), entries.last());
        let ends = first
            .zip(last)
            .map(|(one, other)| (one.head(), other.head()));
        match spawn_blocking(move || batch::pack(log, entries)).await {
            Ok(Ok(message)) => {
                if let Some((first, last)) = ends {
                    let (peer, bytes) = (self.dialer.address(), message.batch.len());
                    let (first, last) = (first.seq, last.seq);
                    tracing::debug!(peer, log = %whose, first, last, bytes, "entries sent");
                }
                self.send(Message::Entries(message)).await
            }
            Ok(Err(refusal)) => Some(Event::Unreadable(whose, Failure::from(&refusal))),
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

    /// Every message names the peer, the log and the position.
    fn note(&self, event: &Event) {
        let peer = self.dialer.address();
        match event {
            Event::Acknowledged(acknowledged) => {
                let log = acknowledged.log.unwrap_or(self.dialer.own().node);
                let seq = acknowledged.head.seq;
                tracing::debug!(peer, %log, seq, "entries acknowledged");
            }
            Event::LogRefused(refused) => {
                let Failure { code, message } = &refused.failure;
                let (log, seq) = (refused.log, refused.head.seq);
                tracing::warn!(peer, %log, seq, code, message, "the upper node takes no more of this log");
            }
            Event::Unreadable(log, Failure { code, message }) => {
                tracing::error!(peer, %log, code, message, "a log cannot be passed on");
            }
            Event::Witnessed(LogCheckpoint { log, .. }) => {
                tracing::debug!(peer, %log, "checkpoint signed by the upper node");
            }
            Event::Stands(stands) => note_refused(peer, &stands.refused),
            Event::Welcome(welcome, _) => {
                let (upper, version) = (welcome.node, welcome.version);
                let (seq, logs) = (welcome.head.seq, welcome.logs.taken.len());
                tracing::debug!(peer, %upper, version, seq, logs, "welcome");
                note_refused(peer, &welcome.logs.refused);
            }
            _ => {}
        }
    }

    fn publish(&self) {
        let next = self.state.status();
        self.publish.send_if_modified(|previous| {
            let is_news = *previous != next;
            if is_news {
                self.note_status(previous, &next);
                *previous = next;
            }
            is_news
        });
    }

    fn note_status(&self, previous: &Status, next: &Status) {
        let peer = self.dialer.address();
        if next.forked && !previous.forked {
            tracing::error!(
                peer,
                "the upper node knows another history of a log that this node carries"
            );
        }
        if next.connected && !previous.connected {
            let seq = next.acknowledged.map(|head| head.seq);
            let logs = next.passed.len();
            tracing::info!(peer, seq, logs, "link to the upper node open");
            if let Some(skew) = next.skew.filter(|skew| skew.is_notable()) {
                let ahead_ms = skew.ahead_ms;
                tracing::warn!(
                    peer,
                    ahead_ms,
                    "the clock of the upper node differs from this node's; check both"
                );
            }
        }
        if next.left_out > previous.left_out {
            let logs = next.left_out;
            tracing::error!(
                peer,
                logs,
                "logs of nodes below are too many for one link and do not go up"
            );
        }
        if let Some(Failure { code, message }) = &next.failure
            && next.failure != previous.failure
        {
            tracing::warn!(peer, %code, %message, "no link to the upper node, or not for this node's log");
        }
    }
}

fn note_refused(peer: &str, refused: &[super::LogRefused]) {
    for super::LogRefused { log, failure, head } in refused {
        let (code, message, seq) = (&failure.code, &failure.message, head.seq);
        tracing::warn!(peer, %log, seq, code, message, "the upper node does not take this log");
    }
}

fn ends(logs: &[LogHead]) -> impl Iterator<Item = (NodeId, u64)> {
    logs.iter().map(|log| (log.of.node, log.head.seq))
}

async fn due(timer: &mut Option<Pin<Box<Sleep>>>) {
    match timer {
        Some(timer) => timer.await,
        None => std::future::pending().await,
    }
}

/// The next answer of the upper node; never, without a connection.
async fn answer(connection: &mut Option<Connection>, clock: &dyn Clock) -> Event {
    let Some(connection) = connection else {
        return std::future::pending().await;
    };
    match connection.inbound.message().await {
        Ok(Some(FromAbove { message })) => event(message, clock.now_ms()),
        Ok(None) => Event::Cut("the upper node ended the link".to_owned()),
        Err(status) => ended(&status),
    }
}

/// What an answer that came now means.
pub(super) fn event(message: Option<Answer>, now: u64) -> Event {
    let read = match message {
        Some(Answer::Welcome(welcome)) => welcome
            .try_into()
            .map(|welcome| Event::Welcome(welcome, now)),
        Some(Answer::Acknowledged(acknowledged)) => {
            acknowledged.try_into().map(Event::Acknowledged)
        }
        Some(Answer::LogRefused(refused)) => refused.try_into().map(Event::LogRefused),
        Some(Answer::Stands(stands)) => stands.try_into().map(Event::Stands),
        Some(Answer::Checkpoint(checkpoint)) => checkpoint.try_into().map(Event::Witnessed),
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

/// Between half of the time and all of it.
fn jittered(longest: Duration, rng: &mut impl Rng) -> Duration {
    let longest = u64::try_from(longest.as_millis()).unwrap_or(u64::MAX);
    Duration::from_millis(rng.random_range(longest / 2..=longest))
}
