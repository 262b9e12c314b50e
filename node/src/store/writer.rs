//! The one writer, in three stages that work side by side: while one group is being decided, the one before it becomes
//! durable and the one before that reaches the registry.
//!
//! ```text
//!          decide, seal            append, fdatasync          apply, publish, answer
//!  queue ─► [writer] ─── Step ───► [append] ─── Appended ───► [apply]
//!              ▲                                                 │
//!              └──────────────────── Outcome ────────────────────┘
//! ```
//!
//! Nobody is answered before the batch is durable and can be read back. A group is decided upon the registry and upon
//! every group that is still on its way there, so that it gives the same result as its commands one by one. What fails
//! before the append leaves nothing, and takes with it what was decided upon it; after a failed fdatasync the store
//! stops for good.

mod append;
mod apply;
pub mod step;

use std::{
    collections::VecDeque,
    sync::{Arc, Weak, mpsc as stages},
};

use lika_core::{
    command::{Circumstances, Command},
    log::{Draft, Entry, PartState, Place},
    value::{ActorId, AreaCode, Digest, NodeId, RecordId, RequestId},
};
use tokio::sync::mpsc::Receiver;

use self::step::{Answers, Batch, Waiting, reply};
pub use self::{
    append::Appender,
    apply::Applier,
    step::{Answer, Ground, Outcome, Step},
};
use crate::{
    clock::Clock,
    store::{
        Applied, Error, Position, Receipt, Shared,
        keyring::BatchSealer,
        log::{
            Log, Tail,
            batch::{Builder, Request, Span},
        },
        projection::{self, Site, Written},
        reader,
        registry::{Flight, Overlay, digest_after, schema::OWN_LOG},
        session::{self, KnownOutlines, Session},
    },
};

/// So many commands are decided together at most; more would make the first wait for the last.
const MOST_COMMANDS: usize = 512;
/// So many changes, so that a group fits in memory; a larger command is a group of its own.
const MOST_CHANGES: usize = 4096;

/// Logs of other nodes: the nation has some 3,300 below it. Each is a folder and an open file, and who may send logs
/// could make up any number of them.
const MOST_LOGS: u16 = 8_192;

/// What the writer is asked to do.
pub enum Job {
    /// Carry out a command.
    Submit(Command, Answer<Receipt>),
    /// Take entries of another node's log.
    Receive(NodeId, Vec<Entry>, Answer<Tail>),
    /// Destroy a data subject's key.
    Destroy(RecordId, Answer<bool>),
    /// Compare the registry with its digest; false when it disagrees.
    Check(Answer<bool>),
}

/// The first stage's state.
pub struct Writer {
    shared: Arc<Shared>,
    clock: Arc<dyn Clock>,
    own_area: AreaCode,
    segment_limit: u64,
    /// What the logs and the registry will be like when everything on its way has arrived.
    ground: Ground,
    /// What is on its way, the oldest first. Who carries it lets go of it when it has arrived, also while nobody asks
    /// anything.
    flights: VecDeque<Weak<Flight>>,
    known: KnownOutlines,
    /// How often everything on its way was lost.
    round: u64,
    steps: stages::SyncSender<Step>,
    outcomes: stages::Receiver<Outcome>,
    held: Option<Job>,
}

/// What a writer needs to know.
pub struct Settings {
    /// What it tells the time by.
    pub clock: Arc<dyn Clock>,
    /// The area that the node serves.
    pub own_area: AreaCode,
    /// The size at which a new segment is begun, in bytes.
    pub segment_limit: u64,
}

/// A command that is to be written. What it asked for is in the drafts, and is not held twice.
struct Decided {
    request: Request,
    actor: ActorId,
    drafts: Vec<Draft>,
}

/// A batch that is ready to be written.
struct Sealed {
    builder: Builder,
    site: Site,
    last: Entry,
    receipts: Vec<Receipt>,
}

/// The end of the log while a batch is being sealed.
struct Chain {
    node: NodeId,
    position: Position,
    hash: Digest,
    recorded_at: u64,
}

impl Chain {
    fn next(
        &mut self,
        request: RequestId,
        actor: ActorId,
        draft: Draft,
        sealer: &mut BatchSealer<'_>,
    ) -> Result<Entry, Error> {
        self.position.seq += 1;
        let place = Place {
            node: self.node,
            epoch: self.position.epoch,
            seq: self.position.seq,
            previous: self.hash,
            recorded_at: self.recorded_at,
            actor,
            request,
        };
        let entry = Entry::seal(draft, &place, sealer)?;
        self.hash = *entry.hash();
        Ok(entry)
    }

    fn receipt(&self, request: RequestId, applied: Vec<Applied>) -> Receipt {
        Receipt {
            request,
            position: self.position,
            recorded_at: self.recorded_at,
            applied,
            repeated: false,
        }
    }
}

impl Writer {
    /// Writes on this ground; `steps` go to the second stage, `outcomes` come from the third.
    pub fn new(
        shared: Arc<Shared>,
        settings: Settings,
        ground: Ground,
        steps: stages::SyncSender<Step>,
        outcomes: stages::Receiver<Outcome>,
    ) -> Self {
        let Settings {
            clock,
            own_area,
            segment_limit,
        } = settings;
        Self {
            shared,
            clock,
            own_area,
            segment_limit,
            ground,
            flights: VecDeque::new(),
            known: KnownOutlines::default(),
            round: 0,
            steps,
            outcomes,
            held: None,
        }
    }

    /// Serves until nobody can ask any more, or until a later stage has ended.
    pub fn serve(&mut self, jobs: &mut Receiver<Job>) -> Result<(), Error> {
        while let Some(job) = self.held.take().or_else(|| jobs.blocking_recv()) {
            self.note_outcomes();
            let step = match job {
                Job::Submit(command, answer) => {
                    let group = self.collect(jobs, command, answer);
                    Some(self.decide(group)?)
                }
                Job::Receive(node, entries, answer) => match self.receive(node, entries) {
                    Ok(Received::New(batch, flight)) => {
                        let answers = Answers::Received(answer, batch.after.clone());
                        Some(self.step(Some(*batch), flight, answers))
                    }
                    Ok(Received::Known(tail)) => {
                        let answers = Answers::Received(answer, tail);
                        Some(self.step(None, Flight::default(), answers))
                    }
                    Err(error) => refuse(answer, error)?,
                },
                Job::Destroy(subject, answer) => match self.destroy(&subject) {
                    Ok((destroyed, flight)) => {
                        self.ground.destroyed = self.shared.sources.ring().destroyed();
                        let answers = Answers::Destroyed(answer, destroyed);
                        Some(self.step(None, flight, answers))
                    }
                    Err(error) => refuse(answer, error)?,
                },
                Job::Check(answer) => {
                    Some(self.step(None, Flight::default(), Answers::Compared(answer)))
                }
            };
            let Some(step) = step else { continue };
            if self.steps.send(step).is_err() {
                // A later stage has said why it ended.
                return Ok(());
            }
        }
        Ok(())
    }

    fn collect(
        &mut self,
        jobs: &mut Receiver<Job>,
        command: Command,
        answer: Answer<Receipt>,
    ) -> Vec<(Command, Answer<Receipt>)> {
        let mut changes = command.changes.len();
        let mut group = vec![(command, answer)];
        while group.len() < MOST_COMMANDS && changes < MOST_CHANGES {
            match jobs.try_recv() {
                Ok(Job::Submit(command, answer)) => {
                    changes += command.changes.len();
                    group.push((command, answer));
                }
                Ok(other) => {
                    self.held = Some(other);
                    break;
                }
                Err(_) => break,
            }
        }
        group
    }

    /// Decides a group.
    fn decide(&mut self, group: Vec<(Command, Answer<Receipt>)>) -> Result<Step, Error> {
        let shared = Arc::clone(&self.shared);
        let known = std::mem::take(&mut self.known);
        let mut session = Session::new(self.overlay(&shared), &shared.sources, known);
        let circumstances = Circumstances {
            own_area: self.own_area,
            today: self.clock.today(),
        };
        let mut decided: Vec<Decided> = Vec::new();
        let mut waiting = Vec::new();
        for (command, answer) in group {
            match session.decide(&command, &circumstances, decided.len()) {
                Ok(session::Outcome::New(drafts, hash)) => {
                    waiting.push(Waiting::ForNew(decided.len(), answer));
                    let first = decided
                        .last()
                        .map_or(0, |earlier| earlier.request.first + earlier.request.count);
                    let count = u32::try_from(drafts.len())
                        .expect("a command has far fewer than 2^32 changes");
                    decided.push(Decided {
                        request: Request {
                            id: command.request,
                            hash,
                            first,
                            count,
                        },
                        actor: command.actor,
                        drafts,
                    });
                }
                Ok(session::Outcome::Repeated(place)) => {
                    waiting.push(Waiting::ForNew(place, answer));
                }
                Ok(session::Outcome::Done(done)) => waiting.push(Waiting::ForDone(done, answer)),
                Err(error @ Error::Registry(_)) => {
                    let unusable = step::same(&error);
                    reply(answer, Err(error));
                    return Err(unusable);
                }
                // It may be refused because of what is not durable yet.
                Err(error) => waiting.push(Waiting::Refused(error, answer)),
            }
        }
        let Session { overlay, known, .. } = session;
        self.known = known;
        if decided.is_empty() {
            let answers = Answers::Submitted(Vec::new(), waiting);
            return Ok(self.step(None, Flight::default(), answers));
        }
        match self.write(&shared, overlay, decided) {
            Ok((batch, flight, receipts)) => {
                let answers = Answers::Submitted(receipts, waiting);
                Ok(self.step(Some(batch), flight, answers))
            }
            Err(error) => {
                // Who was refused may have been refused because of what is lost now.
                let (done, lost) = waiting
                    .into_iter()
                    .partition(|waits| matches!(waits, Waiting::ForDone(..)));
                Answers::Submitted(Vec::new(), lost).fail(&error);
                go_on_after(&error)?;
                let answers = Answers::Submitted(Vec::new(), done);
                Ok(self.step(None, Flight::default(), answers))
            }
        }
    }

    fn write(
        &self,
        shared: &Shared,
        mut overlay: Overlay<'_>,
        decided: Vec<Decided>,
    ) -> Result<(Batch, Flight, Vec<Receipt>), Error> {
        overlay.keep();
        let Sealed {
            builder,
            site,
            last,
            receipts,
        } = self.seal(shared, &mut overlay, decided)?;
        let batch = self.batch(&site, builder, &last);
        Ok((batch, overlay.into_flight()?, receipts))
    }

    fn seal(
        &self,
        shared: &Shared,
        overlay: &mut Overlay<'_>,
        decided: Vec<Decided>,
    ) -> Result<Sealed, Error> {
        let tail = self.tail(OWN_LOG)?;
        let (segment, offset) = tail.next_place(self.segment_limit);
        let first_seq = tail.position.seq + 1;
        let requests: Vec<Request> = decided.iter().map(|command| command.request).collect();
        let mut builder = Builder::new(first_seq, &requests);
        let mut sealer = shared.sources.ring().sealer();
        let mut chain = Chain {
            node: tail.node,
            position: tail.position,
            hash: tail.hash,
            recorded_at: self.clock.now_ms().max(tail.recorded_at),
        };
        let mut site = Site {
            log: OWN_LOG,
            segment,
            offset,
            end: offset,
        };
        let (mut written, mut last) = (Written::new(first_seq), None);
        let mut receipts = Vec::new();
        for Decided {
            request: Request { id, .. },
            actor,
            drafts,
        } in decided
        {
            let mut applied = Vec::with_capacity(drafts.len());
            for draft in drafts {
                applied.push(Applied {
                    record: draft.record,
                    kind: draft.kind,
                    revision: draft.revision,
                });
                let entry = chain.next(id, actor, draft, &mut sealer)?;
                let span = builder.push(&entry);
                let (header, head) = (entry.header(), site.head(&entry, span));
                if header.revision == 1 {
                    // It was just decided that there is no such record.
                    projection::put_first_head(overlay, OWN_LOG, &header.record, &head);
                } else {
                    projection::put_head(overlay, OWN_LOG, &header.record, &head)?;
                }
                written.note(&entry, span);
                last = Some(entry);
            }
            receipts.push(chain.receipt(id, applied));
        }
        shared.sources.ring().keep(sealer.new_keys())?;
        site.end = offset + builder.len();
        projection::finish(overlay, &site, &written, &requests)?;
        let last = last.ok_or_else(|| Error::Stopped("a batch without entries".to_owned()))?;
        Ok(Sealed {
            builder,
            site,
            last,
            receipts,
        })
    }

    fn receive(&mut self, node: NodeId, entries: Vec<Entry>) -> Result<Received, Error> {
        if self.may_know(node, &entries) {
            // What is on its way cannot be read yet, and may still be lost.
            self.wait_for_all()?;
        }
        let (number, begins) = self.log_of(node)?;
        let tail = match &begins {
            Some(log) => log.tail(),
            None => self.tail(number)?,
        };
        let tail = tail.clone();
        let new = self.new_entries(number, &tail, entries)?;
        let Some(last) = new.last() else {
            return Ok(Received::Known(tail));
        };
        let shared = Arc::clone(&self.shared);
        let (segment, offset) = tail.next_place(self.segment_limit);
        let first_seq = tail.position.seq + 1;
        let mut builder = Builder::new(first_seq, &[]);
        let spans: Vec<Span> = new.iter().map(|entry| builder.push(entry)).collect();
        let site = Site {
            log: number,
            segment,
            offset,
            end: offset + builder.len(),
        };
        let mut overlay = self.overlay(&shared);
        let mut written = Written::new(first_seq);
        for (entry, span) in new.iter().zip(spans) {
            projection::project(&mut overlay, &shared.sources, &site, entry, span)?;
            written.note(entry, span);
        }
        projection::finish(&mut overlay, &site, &written, &[])?;
        let mut batch = self.batch(&site, builder, last);
        if let Some(log) = begins {
            shared.sources.add(number, log.files());
            batch.begins = Some(log);
        }
        Ok(Received::New(Box::new(batch), overlay.into_flight()?))
    }

    /// Whether some of the entries may be here already.
    fn may_know(&self, node: NodeId, entries: &[Entry]) -> bool {
        let mut tails = self.ground.tails.values();
        let known = tails.find(|tail| tail.node == node);
        known
            .zip(entries.first())
            .is_some_and(|(tail, first)| position(first) <= tail.position)
    }

    /// Those of the entries that are not here yet. All must be of one chain that continues or repeats ours.
    fn new_entries(
        &self,
        number: u16,
        tail: &Tail,
        entries: Vec<Entry>,
    ) -> Result<Vec<Entry>, Error> {
        let node = tail.node;
        let known = entries
            .iter()
            .take_while(|entry| position(entry) <= tail.position)
            .count();
        if let Some(last_known) = known.checked_sub(1).and_then(|last| entries.get(last)) {
            let at = position(last_known);
            let ours = reader::read_entries(&self.shared, number, at, &reader::Amount::Entries(1))?;
            if ours.first().map(Entry::hash) != Some(last_known.hash()) {
                let entry = Box::new(last_known.clone());
                return Err(Error::Fork { node, at, entry });
            }
        }
        let new: Vec<Entry> = entries.into_iter().skip(known).collect();
        let (mut at, mut hash) = (tail.position, tail.hash);
        for entry in &new {
            follows(entry, node, at, &hash, tail)?;
            (at, hash) = (position(entry), *entry.hash());
        }
        Ok(new)
    }

    /// The number of a node's log, and the log itself when it begins now.
    fn log_of(&self, node: NodeId) -> Result<(u16, Option<Log>), Error> {
        let tails = &self.ground.tails;
        let known = tails.iter().find(|(_, tail)| tail.node == node);
        match known {
            Some((&OWN_LOG, _)) => Err(Error::OwnLog),
            Some((number, _)) => Ok((*number, None)),
            None => {
                let number = tails.keys().max().map_or(1, |last| last + 1);
                if number > MOST_LOGS {
                    return Err(Error::TooManyLogs(MOST_LOGS));
                }
                let folder = self.shared.folder.join("log");
                let log = Log::create(Arc::clone(&self.shared.disk), &folder, node, number)?;
                Ok((number, Some(log)))
            }
        }
    }

    /// Destroys a key, and takes out of the registry what was made of it.
    fn destroy(&mut self, subject: &RecordId) -> Result<(bool, Flight), Error> {
        // What is on its way was made with the key.
        self.wait_for_all()?;
        let shared = Arc::clone(&self.shared);
        let mut overlay = self.overlay(&shared);
        let before = projection::current(&overlay, &shared.sources, OWN_LOG, subject)?;
        let destroyed = shared.sources.ring().destroy(subject)?;
        if let Some(before) = before {
            let after = projection::current(&overlay, &shared.sources, OWN_LOG, subject)?;
            let after = after.ok_or_else(|| {
                Error::Registry(format!("{subject} cannot be read without its key"))
            })?;
            projection::stage(
                &mut overlay,
                shared.sources.ring(),
                OWN_LOG,
                Some(&before),
                &after,
            )?;
        }
        Ok((destroyed, overlay.into_flight()?))
    }

    /// Sends a group on its way: what is decided next is decided upon it.
    fn step(&mut self, batch: Option<Batch>, flight: Flight, answers: Answers) -> Step {
        if let Some(Batch { log, after, .. }) = &batch {
            self.ground.order = after.order;
            self.ground.tails.insert(*log, after.clone());
        }
        self.ground.digest = digest_after(self.ground.digest, &flight.changes);
        let flight = Arc::new(flight);
        self.flights.push_back(Arc::downgrade(&flight));
        Step {
            round: self.round,
            batch,
            flight,
            standing: self.ground.standing(),
            answers,
        }
    }

    fn batch(&self, site: &Site, builder: Builder, last: &Entry) -> Batch {
        let header = last.header();
        Batch {
            log: site.log,
            begins: None,
            builder,
            after: Tail {
                node: header.node,
                position: position(last),
                hash: *last.hash(),
                recorded_at: header.recorded_at,
                order: self.ground.order + 1,
                segment: site.segment,
                end: site.end,
            },
            registry: self.ground.digest,
        }
    }

    fn overlay<'a>(&self, shared: &'a Shared) -> Overlay<'a> {
        let flights = self.flights.iter().filter_map(Weak::upgrade);
        Overlay::over(&shared.registry, flights.collect())
    }

    fn note_outcomes(&mut self) {
        while let Ok(outcome) = self.outcomes.try_recv() {
            self.note(outcome);
        }
    }

    fn wait_for_all(&mut self) -> Result<(), Error> {
        while !self.flights.is_empty() {
            let outcome = self.outcomes.recv();
            self.note(outcome.map_err(|_| Error::Stopped("it is stopping".to_owned()))?);
        }
        Ok(())
    }

    fn note(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Landed => drop(self.flights.pop_front()),
            Outcome::Failed(ground) => {
                self.flights.clear();
                self.known.clear();
                self.ground = ground;
                self.round += 1;
            }
            // It went with the one that it was decided upon.
            Outcome::Dropped => {}
        }
    }

    fn tail(&self, number: u16) -> Result<&Tail, Error> {
        self.ground
            .tails
            .get(&number)
            .ok_or_else(|| Error::Stopped(format!("log {number} is not open")))
    }
}

/// What there is to do about entries of another node.
enum Received {
    /// Nothing: the log ends so already.
    Known(Tail),
    /// To write them.
    New(Box<Batch>, Flight),
}

fn position(entry: &Entry) -> Position {
    let header = entry.header();
    Position {
        epoch: header.epoch,
        seq: header.seq,
    }
}

fn follows(
    entry: &Entry,
    node: NodeId,
    at: Position,
    hash: &Digest,
    tail: &Tail,
) -> Result<(), Error> {
    entry
        .follows(&node, at.epoch, at.seq, hash)
        .map_err(|cause| match cause {
            lika_core::log::Error::BrokenChain { seq, .. } if seq == tail.position.seq + 1 => {
                Error::Fork {
                    node,
                    at: Position {
                        epoch: at.epoch,
                        seq,
                    },
                    entry: Box::new(entry.clone()),
                }
            }
            cause => Error::DoesNotFollow {
                node,
                head: tail.position,
                cause,
            },
        })?;
    let in_the_clear = entry
        .sealed()
        .iter()
        .any(|part| !matches!(part.state, PartState::Withheld));
    if in_the_clear {
        let at = Position {
            epoch: entry.header().epoch,
            seq: entry.header().seq,
        };
        return Err(Error::InTheClear { node, at });
    }
    Ok(())
}

/// Tells a caller that it was not done.
fn refuse<T>(answer: Answer<T>, error: Error) -> Result<Option<Step>, Error> {
    let goes_on = go_on_after(&error);
    reply(answer, Err(error));
    goes_on.map(|()| None)
}

/// An error when nothing more can be done.
fn go_on_after(error: &Error) -> Result<(), Error> {
    if leaves_nothing(error) {
        Ok(())
    } else {
        Err(step::same(error))
    }
}

/// Whether the store is as it was before what failed with this.
fn leaves_nothing(error: &Error) -> bool {
    matches!(
        error,
        Error::DiskFull
            | Error::NoRandomness
            | Error::Fork { .. }
            | Error::DoesNotFollow { .. }
            | Error::InTheClear { .. }
            | Error::OwnLog
            | Error::TooManyLogs(_)
            | Error::Damaged { .. }
    )
}
