//! The one writer: takes what is waiting, decides it in order, makes it durable as one batch, then answers.
//!
//! ```text
//!  queue ─► decide each ─► seal ─► append, fdatasync ─► apply to the registry ─► publish ─► answer all
//! ```
//!
//! Nobody is answered before the batch is durable and can be read back. A group gives the same result as its commands
//! one by one. What fails before the append leaves nothing; after a failed fdatasync the writer ends for good.

use std::{collections::BTreeMap, sync::Arc};

use lika_core::{
    command::{Circumstances, Command},
    log::{Draft, Entry, PartState, Place},
    value::{AreaCode, Digest, NodeId, RecordId, RequestId},
};
use tokio::sync::{
    mpsc::{Receiver, error::TryRecvError},
    oneshot,
};

use crate::{
    clock::Clock,
    crash,
    store::{
        Applied, Error, Position, Receipt, Shared,
        keyring::BatchSealer,
        log::{
            Log, Tail,
            batch::{Builder, Request, Span},
        },
        projection::{self, Site},
        reader,
        registry::{self, Check, Overlay, Pending, Standing, schema::OWN_LOG},
        session::{KnownAreas, Outcome, Session},
    },
};

/// So many commands are decided together at most; more would make the first wait for the last.
const MOST_COMMANDS: usize = 512;
/// So many changes, so that a group fits in memory; a larger command is a group of its own.
const MOST_CHANGES: usize = 4096;
/// So many rows are compared with the digest between two groups.
const CHECK_ROWS: usize = 512;

/// Answers a caller.
pub type Answer<T> = oneshot::Sender<Result<T, Error>>;

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

/// The writer's state.
pub struct Writer {
    pub(super) shared: Arc<Shared>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) own_area: AreaCode,
    pub(super) logs: BTreeMap<u16, Log>,
    pub(super) standing: Standing,
    pub(super) pending: Pending,
    pub(super) check: Option<Check>,
    pub(super) checked: Vec<Answer<bool>>,
    pub(super) held: Option<Job>,
    pub(super) segment_limit: u64,
    pub(super) areas: KnownAreas,
}

/// A command that is to be written.
struct Decided {
    request: Request,
    command: Command,
    drafts: Vec<Draft>,
}

/// Who waits for what.
enum Waiting {
    ForNew(usize, Answer<Receipt>),
    ForDone(registry::schema::Done, Answer<Receipt>),
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
        command: &Command,
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
            actor: command.actor,
            request: command.request,
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
    /// Serves until nobody can ask any more, or until going on would be wrong.
    pub fn serve(&mut self, jobs: &mut Receiver<Job>) -> Result<(), Error> {
        while let Some(job) = self.next_job(jobs)? {
            match job {
                Job::Submit(command, answer) => {
                    let group = self.collect(jobs, command, answer);
                    self.commit(group)?;
                }
                Job::Receive(node, entries, answer) => {
                    let received = self.receive(node, entries);
                    answer_or_stop(answer, received)?;
                }
                Job::Destroy(subject, answer) => {
                    let destroyed = self.destroy(&subject);
                    answer_or_stop(answer, destroyed)?;
                }
                Job::Check(answer) => {
                    self.checked.push(answer);
                    self.check.get_or_insert_with(Check::new);
                }
            }
            self.check_some()?;
        }
        self.shared.registry.flush()?;
        self.pending.clear()?;
        self.shared.registry.close()
    }

    fn next_job(&mut self, jobs: &mut Receiver<Job>) -> Result<Option<Job>, Error> {
        if let Some(job) = self.held.take() {
            return Ok(Some(job));
        }
        while self.check.is_some() {
            match jobs.try_recv() {
                Ok(job) => return Ok(Some(job)),
                Err(TryRecvError::Disconnected) => return Ok(None),
                Err(TryRecvError::Empty) => self.check_some()?,
            }
        }
        Ok(jobs.blocking_recv())
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

    fn commit(&mut self, group: Vec<(Command, Answer<Receipt>)>) -> Result<(), Error> {
        let shared = Arc::clone(&self.shared);
        let areas = std::mem::take(&mut self.areas);
        let mut session = Session::new(&shared.registry, &shared.sources, &areas);
        let circumstances = Circumstances {
            own_area: self.own_area,
            today: self.clock.today(),
        };
        let mut decided: Vec<Decided> = Vec::new();
        let mut waiting = Vec::new();
        for (command, answer) in group {
            match session.decide(&command, &circumstances, decided.len()) {
                Ok(Outcome::New(drafts, hash)) => {
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
                        command,
                        drafts,
                    });
                }
                Ok(Outcome::Repeated(place)) => waiting.push(Waiting::ForNew(place, answer)),
                Ok(Outcome::Done(done)) => waiting.push(Waiting::ForDone(done, answer)),
                Err(error) => reply(answer, Err(error)),
            }
        }
        let receipts = self.write(session.overlay, decided);
        self.areas = areas;
        crash::point("before-answer");
        self.answer(waiting, receipts)
    }

    /// Writes what was decided; the receipts, or an error that leaves everything as it was.
    fn write(
        &mut self,
        mut overlay: Overlay<'_>,
        decided: Vec<Decided>,
    ) -> Result<Vec<Receipt>, Error> {
        if decided.is_empty() {
            return Ok(Vec::new());
        }
        let Sealed {
            builder,
            site,
            last,
            receipts,
        } = self.seal(&mut overlay, decided)?;
        self.append(site, builder, &last, overlay)?;
        Ok(receipts)
    }

    fn seal(&mut self, overlay: &mut Overlay<'_>, decided: Vec<Decided>) -> Result<Sealed, Error> {
        let shared = Arc::clone(&self.shared);
        let now = self.clock.now_ms();
        let log = self.log(OWN_LOG)?;
        let (segment, offset) = log.next_place()?;
        let tail = log.tail().clone();
        let first_seq = tail.position.seq + 1;
        let requests: Vec<Request> = decided.iter().map(|command| command.request).collect();
        let mut builder = Builder::new(first_seq, &requests);
        let mut sealer = shared.sources.ring().sealer();
        let mut chain = Chain {
            node: tail.node,
            position: tail.position,
            hash: tail.hash,
            recorded_at: now.max(tail.recorded_at),
        };
        let mut sealed: Vec<(Entry, Span)> = Vec::new();
        let mut receipts = Vec::new();
        for Decided {
            request: _,
            command,
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
                let entry = chain.next(&command, draft, &mut sealer)?;
                let span = builder.push(&entry);
                sealed.push((entry, span));
            }
            receipts.push(chain.receipt(command.request, applied));
        }
        shared.sources.ring().keep(sealer.new_keys())?;
        let site = Site {
            log: OWN_LOG,
            segment,
            offset,
            end: offset + builder.len(),
        };
        for (entry, span) in &sealed {
            projection::put_head(
                overlay,
                OWN_LOG,
                &entry.header().record,
                &site.head(entry, *span),
            )?;
        }
        let spans: Vec<Span> = sealed.iter().map(|(_, span)| *span).collect();
        projection::finish(overlay, &site, first_seq, &requests, &spans);
        let (last, _) = sealed
            .pop()
            .ok_or_else(|| Error::Stopped("a batch without entries".to_owned()))?;
        Ok(Sealed {
            builder,
            site,
            last,
            receipts,
        })
    }

    /// Makes a batch durable, applies it, and lets everybody see it.
    fn append(
        &mut self,
        site: Site,
        builder: Builder,
        last: &Entry,
        overlay: Overlay<'_>,
    ) -> Result<(), Error> {
        let order = self.standing.order + 1;
        let digest = self.standing.digest;
        let changes = overlay.into_changes()?;
        let log = self.log(site.log)?;
        log.append(builder, last, order, digest)?;
        let tail = log.tail().clone();
        self.standing.order = order;
        self.standing.digest = registry::digest_after(digest, &changes);
        self.standing.tails.insert(site.log, tail);
        if let Some(check) = &mut self.check {
            check.note(&changes);
        }
        let batch = registry::Applied {
            changes: &changes,
            standing: &self.standing,
            log: site.log,
        };
        let applied = self.shared.registry.apply(&batch, &mut self.pending);
        // The batch is in the log: whoever is told that it was not applied must not take it for refused.
        applied
            .map_err(|error| Error::Stopped(format!("the registry cannot be changed: {error}")))?;
        self.shared.published.send_replace(self.standing.clone());
        Ok(())
    }

    fn answer(
        &self,
        waiting: Vec<Waiting>,
        receipts: Result<Vec<Receipt>, Error>,
    ) -> Result<(), Error> {
        let mut failed = None;
        let receipts = receipts.unwrap_or_else(|error| {
            failed = Some(error);
            Vec::new()
        });
        let mut given = vec![false; receipts.len()];
        for waits in waiting {
            match waits {
                Waiting::ForNew(place, answer) => match receipts.get(place) {
                    Some(receipt) => {
                        let repeated = std::mem::replace(&mut given[place], true);
                        reply(
                            answer,
                            Ok(Receipt {
                                repeated,
                                ..receipt.clone()
                            }),
                        );
                    }
                    None => reply(answer, Err(failed.as_ref().map_or_else(lost, same))),
                },
                Waiting::ForDone(done, answer) => reply(answer, self.receipt_of(&done)),
            }
        }
        match failed {
            Some(error) if leaves_nothing(&error) => Ok(()),
            Some(error) => Err(error),
            None => Ok(()),
        }
    }

    fn receipt_of(&self, done: &registry::schema::Done) -> Result<Receipt, Error> {
        let entries = reader::read_entries(
            &self.shared,
            OWN_LOG,
            done.first,
            &reader::Amount::Entries(done.count),
        )?;
        let last = entries.last().ok_or_else(lost)?.header().clone();
        let applied = entries
            .iter()
            .map(|entry| entry.header())
            .map(|header| Applied {
                record: header.record,
                kind: header.kind,
                revision: header.revision,
            })
            .collect();
        Ok(Receipt {
            request: last.request,
            position: Position {
                epoch: last.epoch,
                seq: last.seq,
            },
            recorded_at: last.recorded_at,
            applied,
            repeated: true,
        })
    }

    fn receive(&mut self, node: NodeId, entries: Vec<Entry>) -> Result<Tail, Error> {
        let number = self.log_of(node)?;
        let tail = self.log(number)?.tail().clone();
        let new = self.new_entries(number, &tail, entries)?;
        let Some(last) = new.last().cloned() else {
            return Ok(tail);
        };
        let shared = Arc::clone(&self.shared);
        let log = self.log(number)?;
        let (segment, offset) = log.next_place()?;
        let first_seq = tail.position.seq + 1;
        let mut builder = Builder::new(first_seq, &[]);
        let spans: Vec<Span> = new.iter().map(|entry| builder.push(entry)).collect();
        let site = Site {
            log: number,
            segment,
            offset,
            end: offset + builder.len(),
        };
        let mut overlay = Overlay::new(&shared.registry);
        let mut earlier = projection::NotYetWritten::default();
        for (entry, span) in new.iter().zip(&spans) {
            projection::project(
                &mut overlay,
                &shared.sources,
                &mut earlier,
                &site,
                entry,
                *span,
            )?;
        }
        projection::finish(&mut overlay, &site, first_seq, &[], &spans);
        self.append(site, builder, &last, overlay)?;
        Ok(self.log(number)?.tail().clone())
    }

    /// Those of the entries that are not here yet. All must be of one chain that continues or repeats ours.
    fn new_entries(
        &self,
        number: u16,
        tail: &Tail,
        entries: Vec<Entry>,
    ) -> Result<Vec<Entry>, Error> {
        let node = tail.node;
        let position = |entry: &Entry| Position {
            epoch: entry.header().epoch,
            seq: entry.header().seq,
        };
        let known = entries
            .iter()
            .take_while(|entry| position(entry) <= tail.position)
            .count();
        if let Some(last_known) = known.checked_sub(1).and_then(|last| entries.get(last)) {
            let at = position(last_known);
            let ours = reader::read_entries(&self.shared, number, at, &reader::Amount::Entries(1))?;
            if ours.first().map(Entry::hash) != Some(last_known.hash()) {
                return Err(Error::Fork { node, at });
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

    /// The number of a node's log, which is begun when there is none.
    fn log_of(&mut self, node: NodeId) -> Result<u16, Error> {
        let known = self
            .logs
            .iter()
            .find(|(_, log)| log.tail().node == node)
            .map(|(number, _)| *number);
        match known {
            Some(OWN_LOG) => Err(Error::OwnLog),
            Some(number) => Ok(number),
            None => {
                let number = self.logs.keys().max().map_or(1, |last| last + 1);
                let folder = self.shared.folder.join("log");
                let log = Log::create(
                    Arc::clone(&self.shared.disk),
                    &folder,
                    node,
                    number,
                    self.segment_limit,
                )?;
                self.shared.sources.add(number, log.files());
                self.logs.insert(number, log);
                Ok(number)
            }
        }
    }

    /// Destroys a key, and takes out of the registry what was made of it.
    fn destroy(&mut self, subject: &RecordId) -> Result<bool, Error> {
        let shared = Arc::clone(&self.shared);
        let mut overlay = Overlay::new(&shared.registry);
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
            self.apply_without_batch(overlay)?;
        }
        Ok(destroyed)
    }

    fn apply_without_batch(&mut self, overlay: Overlay<'_>) -> Result<(), Error> {
        let changes = overlay.into_changes()?;
        self.standing.digest = registry::digest_after(self.standing.digest, &changes);
        if let Some(check) = &mut self.check {
            check.note(&changes);
        }
        let batch = registry::Applied {
            changes: &changes,
            standing: &self.standing,
            log: OWN_LOG,
        };
        self.shared.registry.apply(&batch, &mut self.pending)?;
        self.shared.published.send_replace(self.standing.clone());
        Ok(())
    }

    fn check_some(&mut self) -> Result<(), Error> {
        let Some(check) = &mut self.check else {
            return Ok(());
        };
        let Some(sum) = check.step(&self.shared.registry, CHECK_ROWS)? else {
            return Ok(());
        };
        self.check = None;
        let agrees = sum == self.standing.digest;
        if !agrees {
            tracing::error!(
                "the registry disagrees with its digest; it is rebuilt when the node starts again"
            );
            self.shared.want_rebuild()?;
        }
        for answer in self.checked.drain(..) {
            reply(answer, Ok(agrees));
        }
        Ok(())
    }

    fn log(&mut self, number: u16) -> Result<&mut Log, Error> {
        self.logs
            .get_mut(&number)
            .ok_or_else(|| Error::Stopped(format!("log {number} is not open")))
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
        .any(|part| matches!(part.state, PartState::Disclosed(..)));
    if in_the_clear {
        let at = Position {
            epoch: entry.header().epoch,
            seq: entry.header().seq,
        };
        return Err(Error::InTheClear { node, at });
    }
    Ok(())
}

/// Answers, and says whether the writer can go on.
fn answer_or_stop<T>(answer: Answer<T>, result: Result<T, Error>) -> Result<(), Error> {
    let stop = match &result {
        Err(error) if !leaves_nothing(error) => Some(same(error)),
        _ => None,
    };
    reply(answer, result);
    stop.map_or(Ok(()), Err)
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
            | Error::Damaged { .. }
    )
}

/// The same error for each of several callers.
fn same(error: &Error) -> Error {
    match error {
        Error::DiskFull => Error::DiskFull,
        Error::NoRandomness => Error::NoRandomness,
        Error::Stopped(why) => Error::Stopped(why.clone()),
        other => Error::Stopped(with_causes(other)),
    }
}

fn with_causes(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ")
}

fn lost() -> Error {
    Error::Registry("what was written cannot be found".to_owned())
}

/// A caller that went away needs no answer.
fn reply<T>(answer: Answer<T>, result: Result<T, Error>) {
    drop(answer.send(result));
}
