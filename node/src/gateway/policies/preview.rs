//! Trying a policy before it counts: over the records as they are, recorded nowhere.

mod effects;

use std::sync::Arc;

use lika_core::{
    authority::Permission,
    value::{AreaCode, Date, Digest, RecordId},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

pub use self::effects::Effect;
use super::{
    Caller, DEFAULTS, Error, Gateway,
    difference::{Against, Candidate},
    report::Report,
};
use crate::priority::step_back;

/// Trials at a time, previews and replays of samples: each holds the records of an area or a process of a policy, and
/// decisions of record must always find room beside them.
const TRIALS: usize = 2;

/// The room for trials of one node.
pub(super) struct Trials(Arc<Semaphore>);

impl Default for Trials {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(TRIALS)))
    }
}

impl Trials {
    /// Room for one trial, for as long as the answer is held.
    pub fn enter(&self) -> Result<OwnedSemaphorePermit, Error> {
        let room = Arc::clone(&self.0).try_acquire_owned();
        room.map_err(|_| Error::Other {
            code: "busy",
            message: "as many trials and replays are running as there is room for".to_owned(),
        })
    }
}

/// What to try, and where.
#[derive(Clone, Debug)]
pub struct Ask {
    /// The policy's record.
    pub policy: RecordId,
    /// Its settings, JSON; none for its defaults.
    pub settings: Option<String>,
    /// What it is compared with: another policy and its settings; none for what is in force.
    pub against: Option<(RecordId, Option<String>)>,
    /// The area.
    pub area: AreaCode,
    /// The day that the question is about; none for today.
    pub on: Option<Date>,
    /// Whether every numeric setting is moved by five per cent either way, each a run of its own.
    pub effects: bool,
}

impl Gateway {
    /// Tries a policy over an area and says what would change. Nothing is recorded.
    ///
    /// Runs on a thread of its own, after everything else that the machine has to do.
    pub async fn preview(&self, caller: &Caller, ask: Ask) -> Result<Report, Error> {
        let room = self.room(caller, &ask.area)?;
        let (gateway, (tell, told)) = (self.clone(), tokio::sync::oneshot::channel());
        let thread = std::thread::Builder::new().name("policy-preview".to_owned());
        let run = move || {
            step_back();
            // Whoever asked may have left.
            let _ = tell.send(gateway.try_out(&ask));
            drop(room);
        };
        thread.spawn(run).map_err(|_| Error::TaskEnded)?;
        told.await.map_err(|_| Error::TaskEnded)?
    }

    /// The same where the caller's thread may block, as a page does.
    pub fn preview_blocking(&self, caller: &Caller, ask: &Ask) -> Result<Report, Error> {
        let room = self.room(caller, &ask.area)?;
        let (gateway, ask) = (self.clone(), ask.clone());
        std::thread::scope(|scope| {
            let thread = std::thread::Builder::new().name("policy-preview".to_owned());
            let run = move || {
                step_back();
                gateway.try_out(&ask)
            };
            let running = thread.spawn_scoped(scope, run);
            let running = running.map_err(|_| Error::TaskEnded)?;
            let report = running.join().map_err(|_| Error::TaskEnded)?;
            drop(room);
            report
        })
    }

    /// Whether the caller may try policies in an area, and room for it.
    fn room(&self, caller: &Caller, area: &AreaCode) -> Result<OwnedSemaphorePermit, Error> {
        caller.must(Permission::ReadOpen, area)?;
        caller.must(Permission::TryPolicies, area)?;
        self.inner.policies.trials.enter()
    }

    fn try_out(&self, ask: &Ask) -> Result<Report, Error> {
        let policy = self.policy_record(&ask.policy)?;
        let tried = candidate(policy.component, ask.settings.as_deref());
        let against = match &ask.against {
            None => Against::InForce,
            Some((other, settings)) => {
                let other = self.policy_record(other)?;
                if other.purpose != policy.purpose {
                    let message = format!(
                        "one policy is for {}, the other for {}",
                        policy.purpose, other.purpose
                    );
                    return Err(Error::Malformed(message));
                }
                Against::Other(candidate(other.component, settings.as_deref()))
            }
        };
        let on = ask.on.unwrap_or_else(|| self.clock().today());
        let compared = self.compared(&policy.purpose, &ask.area, on, &against, &tried)?;
        let effects = match ask.effects {
            true => effects::of(&compared)?,
            false => Vec::new(),
        };
        Ok(Report::of(&compared, effects))
    }
}

fn candidate(component: Digest, settings: Option<&str>) -> Candidate {
    Candidate {
        component,
        settings: settings.unwrap_or(DEFAULTS).to_owned(),
    }
}
