//! What travels through the stages: a group of commands, or entries of another node, once it is decided.

use std::{collections::BTreeMap, sync::Arc};

use tokio::sync::oneshot;

use crate::{
    store::{
        Error, Receipt,
        log::{Log, Tail, batch::Builder},
        registry::{Flight, Standing, schema::Done},
    },
    telemetry,
};

/// Answers a caller.
pub type Answer<T> = oneshot::Sender<Result<T, Error>>;

/// A group that is decided.
pub struct Step {
    /// What it was decided upon: when a batch cannot be written, everything decided upon it fails too.
    pub round: u64,
    /// The batch to be written; none when there is nothing new.
    pub batch: Option<Batch>,
    /// What it does to the registry.
    pub flight: Arc<Flight>,
    /// Where the registry stands afterwards.
    pub standing: Standing,
    /// Who waits.
    pub answers: Answers,
}

/// A batch that is to be written.
pub struct Batch {
    /// The log.
    pub log: u16,
    /// The log itself, when the batch is the first of another node.
    pub begins: Option<Log>,
    /// The entries.
    pub builder: Builder,
    /// The end of the log afterwards.
    pub after: Tail,
    /// The digest of the registry before.
    pub registry: u128,
}

/// Who waits for a step, and for what.
pub enum Answers {
    /// Commands.
    Submitted(Vec<Receipt>, Vec<Waiting>),
    /// Entries of another node's log, which then ends so.
    Received(Answer<Tail>, Tail),
    /// The destruction of a key; whether there was one.
    Destroyed(Answer<bool>, bool),
    /// The comparison of the registry with its digest.
    Compared(Answer<bool>),
}

/// Who waits for the receipt of a command.
pub enum Waiting {
    /// Of one that the step writes, by its place.
    ForNew(usize, Answer<Receipt>),
    /// Of one that was carried out before.
    ForDone(Done, Answer<Receipt>),
    /// Of one that was refused.
    Refused(Error, Answer<Receipt>),
}

/// What became of a step.
pub enum Outcome {
    /// It is in the registry.
    Landed,
    /// Its batch could not be written: what the logs and the registry are like without it.
    Failed(Ground),
    /// It was decided upon one that failed.
    Dropped,
}

/// The logs and the registry as the next group finds them.
#[derive(Clone, Debug)]
pub struct Ground {
    /// The ends of all logs, the empty ones too.
    pub tails: BTreeMap<u16, Tail>,
    /// The order of the last batch.
    pub order: u64,
    /// The digest of the registry.
    pub digest: u128,
    /// How many keys have been destroyed.
    pub destroyed: u64,
}

impl Ground {
    /// Where the registry stands.
    pub fn standing(&self) -> Standing {
        let Self {
            tails,
            order,
            digest,
            destroyed,
        } = self;
        let tails = tails.iter().filter(|(_, tail)| tail.position.seq > 0);
        Standing {
            order: *order,
            digest: *digest,
            destroyed: *destroyed,
            tails: tails.map(|(log, tail)| (*log, tail.clone())).collect(),
        }
    }
}

impl Answers {
    /// Tells everybody that it was not done.
    pub fn fail(self, error: &Error) {
        match self {
            Self::Submitted(_, waiting) => {
                for waits in waiting {
                    let (Waiting::ForNew(_, answer)
                    | Waiting::ForDone(_, answer)
                    | Waiting::Refused(_, answer)) = waits;
                    reply(answer, Err(same(error)));
                }
            }
            Self::Received(answer, _) => reply(answer, Err(same(error))),
            Self::Destroyed(answer, _) | Self::Compared(answer) => {
                reply(answer, Err(same(error)));
            }
        }
    }
}

/// The same error for each of several callers.
pub fn same(error: &Error) -> Error {
    match error {
        Error::DiskFull => Error::DiskFull,
        Error::NoRandomness => Error::NoRandomness,
        Error::Registry(why) => Error::Registry(why.clone()),
        Error::Stopped(why) => Error::Stopped(why.clone()),
        other => Error::Stopped(telemetry::chain(other)),
    }
}

/// A caller that went away needs no answer.
pub fn reply<T>(answer: Answer<T>, result: Result<T, Error>) {
    drop(answer.send(result));
}
