//! The third stage: brings durable batches into the registry, lets everybody see them, and answers.

use std::sync::{
    Arc,
    mpsc::{Receiver, Sender, TryRecvError},
};

use super::{
    append::Appended,
    step::{Answer, Answers, Outcome, Step, Waiting, reply},
};
use crate::{
    crash,
    store::{
        Applied, Error, Position, Receipt, Shared, Standing, reader,
        registry::{
            self, Check, Redo,
            schema::{Done, OWN_LOG},
        },
    },
};

/// So many rows are compared with the digest between two steps.
const CHECK_ROWS: usize = 512;

/// The stage's state.
pub struct Applier {
    shared: Arc<Shared>,
    standing: Standing,
    redo: Redo,
    check: Option<Check>,
    compared: Vec<Answer<bool>>,
}

impl Applier {
    /// Changes the registry of this store, which stands here; `check` holds it against its digest while it serves.
    pub fn new(shared: Arc<Shared>, standing: Standing, redo: Redo, check: Option<Check>) -> Self {
        Self {
            shared,
            standing,
            redo,
            check,
            compared: Vec::new(),
        }
    }

    /// Serves until the second stage has ended, or until going on would be wrong.
    pub fn serve(
        &mut self,
        appended: &Receiver<Appended>,
        outcomes: &Sender<Outcome>,
    ) -> Result<(), Error> {
        while let Some(next) = self.next(appended)? {
            // The first stage hears of a failure before those who wait, so that whoever tries again is decided anew.
            // It may have ended: then nobody asks any more.
            match next {
                Appended::Durable(step) => {
                    self.land(step)?;
                    drop(outcomes.send(Outcome::Landed));
                }
                Appended::Failed(step, error, ground) => {
                    drop(outcomes.send(Outcome::Failed(ground)));
                    self.fail(step.answers, &error);
                }
                Appended::Dropped(step) => {
                    drop(outcomes.send(Outcome::Dropped));
                    self.fail(step.answers, &Error::DiskFull);
                }
            }
            self.check_some()?;
        }
        self.shared.registry.flush()?;
        self.redo.clear()
    }

    fn next(&mut self, appended: &Receiver<Appended>) -> Result<Option<Appended>, Error> {
        while self.check.is_some() {
            match appended.try_recv() {
                Ok(next) => return Ok(Some(next)),
                Err(TryRecvError::Disconnected) => return Ok(None),
                Err(TryRecvError::Empty) => self.check_some()?,
            }
        }
        Ok(appended.recv().ok())
    }

    fn land(&mut self, step: Step) -> Result<(), Error> {
        let Step {
            flight,
            standing,
            answers,
            ..
        } = step;
        let is_new = standing != self.standing;
        if is_new {
            if let Some(check) = &mut self.check {
                check.note(&flight.changes);
            }
            let applied = self.shared.registry.apply(
                &registry::Applied {
                    changes: &flight.changes,
                    before: &self.standing,
                    standing: &standing,
                },
                &mut self.redo,
            );
            if let Err(error) = applied {
                // The batch is in the log: whoever is told that it was not applied must not take it for refused.
                let stopped = Error::Stopped(format!("the registry cannot be changed: {error}"));
                answers.fail(&stopped);
                return Err(stopped);
            }
            self.standing = standing;
            self.shared.published.send_replace(self.standing.clone());
            crash::point("before-answer");
        }
        self.answer(answers);
        Ok(())
    }

    /// Tells those who wait for what was lost; what was in the log before is answered as it is.
    fn fail(&mut self, answers: Answers, error: &Error) {
        let Answers::Submitted(receipts, waiting) = answers else {
            answers.fail(error);
            return;
        };
        let head = self.standing.tails.get(&OWN_LOG).map(|tail| tail.position);
        let (done, lost) = waiting.into_iter().partition(
            |waits| matches!(waits, Waiting::ForDone(done, _) if Some(done.first) <= head),
        );
        Answers::Submitted(receipts, lost).fail(error);
        self.answer(Answers::Submitted(Vec::new(), done));
    }

    fn answer(&mut self, answers: Answers) {
        match answers {
            Answers::Submitted(receipts, waiting) => {
                let mut given = vec![false; receipts.len()];
                for waits in waiting {
                    match waits {
                        Waiting::ForNew(place, answer) => {
                            let repeated = std::mem::replace(&mut given[place], true);
                            let receipt = receipts[place].clone();
                            reply(
                                answer,
                                Ok(Receipt {
                                    repeated,
                                    ..receipt
                                }),
                            );
                        }
                        Waiting::ForDone(done, answer) => reply(answer, self.receipt_of(&done)),
                        Waiting::Refused(error, answer) => reply(answer, Err(error)),
                    }
                }
            }
            Answers::Received(answer, tail) => reply(answer, Ok(tail)),
            Answers::Destroyed(answer, destroyed) => reply(answer, Ok(destroyed)),
            Answers::Compared(answer) => {
                self.compared.push(answer);
                self.check.get_or_insert_with(Check::new);
            }
        }
    }

    fn receipt_of(&self, done: &Done) -> Result<Receipt, Error> {
        let lost = || Error::Registry("what was written cannot be found".to_owned());
        let entries = reader::read_entries(
            &self.shared,
            OWN_LOG,
            done.first,
            &reader::Amount::Entries(done.count),
        )?;
        let last = entries.last().ok_or_else(lost)?.header().clone();
        let applied = entries.iter().map(|entry| entry.header());
        let applied = applied.map(|header| Applied {
            record: header.record,
            kind: header.kind,
            revision: header.revision,
        });
        Ok(Receipt {
            request: last.request,
            position: Position {
                epoch: last.epoch,
                seq: last.seq,
            },
            recorded_at: last.recorded_at,
            applied: applied.collect(),
            repeated: true,
        })
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
            self.shared.want_rebuild()?;
        }
        for answer in self.compared.drain(..) {
            reply(answer, Ok(agrees));
        }
        if agrees {
            Ok(())
        } else {
            Err(Error::Registry("it disagrees with its digest".to_owned()))
        }
    }
}
