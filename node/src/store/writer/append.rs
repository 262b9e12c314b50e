//! The second stage: makes batches durable, in the order in which they were decided.

use std::{
    collections::BTreeMap,
    sync::mpsc::{Receiver, SyncSender},
};

use crate::store::{
    Error,
    log::Log,
    writer::{
        leaves_nothing,
        step::{Batch, Ground, Step},
    },
};

/// What the third stage gets.
pub enum Appended {
    /// It is durable, or had nothing to be made durable.
    Durable(Step),
    /// It could not be written, and nothing of it was.
    Failed(Step, Error, Ground),
    /// It was decided upon one that could not be written.
    Dropped(Step),
}

/// The stage's state.
pub struct Appender {
    /// The logs, by number.
    pub logs: BTreeMap<u16, Log>,
    /// The round that ended with a batch that could not be written.
    failed: Option<u64>,
}

impl Appender {
    /// Writes to these logs.
    pub fn new(logs: BTreeMap<u16, Log>) -> Self {
        Self { logs, failed: None }
    }

    /// Serves until the first stage has ended, or until going on would be wrong.
    pub fn serve(
        &mut self,
        steps: &Receiver<Step>,
        appended: &SyncSender<Appended>,
    ) -> Result<(), Error> {
        for step in steps {
            let next = self.append(step)?;
            if appended.send(next).is_err() {
                // The third stage has said why it ended.
                return Ok(());
            }
        }
        Ok(())
    }

    fn append(&mut self, mut step: Step) -> Result<Appended, Error> {
        let Some(batch) = step.batch.take() else {
            return Ok(self.unless_failed(step));
        };
        let Batch {
            log,
            begins,
            builder,
            after,
            registry,
        } = batch;
        if let Some(begun) = begins {
            self.logs.insert(log, begun);
        }
        if self.failed == Some(step.round) {
            return Ok(Appended::Dropped(step));
        }
        let order = after.order - 1;
        let known = self.logs.get_mut(&log);
        let known = known.ok_or_else(|| Error::Stopped(format!("log {log} is not open")))?;
        match known.append(builder, &after, registry) {
            Ok(()) => Ok(Appended::Durable(step)),
            Err(error) if leaves_nothing(&error) => {
                self.failed = Some(step.round);
                let tails = self.logs.iter();
                let tails = tails.map(|(log, known)| (*log, known.tail().clone()));
                let ground = Ground {
                    tails: tails.collect(),
                    order,
                    digest: registry,
                    destroyed: step.standing.destroyed,
                };
                Ok(Appended::Failed(step, error, ground))
            }
            Err(error) => {
                step.answers.fail(&error);
                Err(error)
            }
        }
    }

    fn unless_failed(&self, step: Step) -> Appended {
        if self.failed == Some(step.round) {
            Appended::Dropped(step)
        } else {
            Appended::Durable(step)
        }
    }
}
