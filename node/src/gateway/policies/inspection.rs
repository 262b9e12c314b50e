//! What a node looks at by itself: some of what arrives from below, and what an earlier engine decided.
//!
//! How far it is stands in a file beside the log. A node that has lost the file begins again, and raises no alert
//! twice.

use std::{
    collections::BTreeMap,
    fs, io,
    path::PathBuf,
    sync::{Mutex, PoisonError},
};

use lika_core::value::{NodeId, Ppm};
use serde::{Deserialize, Serialize};

use super::{
    Error, Gateway,
    replay::{Choice, Received},
};
use crate::{blobs::write_whole, policy::engine::PROFILE, store::Position};

/// Evaluations that are run again before the node takes a breath.
const MOST_A_ROUND: u64 = 200;

/// How far the node is, in memory and in the file.
pub(super) struct Inspection {
    file: PathBuf,
    state: Mutex<State>,
}

/// Nothing of it stands for itself where the file lacks it: a seed of 0 is one that anybody can guess.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct State {
    /// What evaluations are chosen with. It never leaves the node: who knew it could tell what nobody will look at.
    seed: u64,
    /// The engine of which everything in force is known to be.
    engine: String,
    /// By the nodes whose logs they are.
    logs: BTreeMap<String, Received>,
}

impl Inspection {
    /// What the file says; without one, the beginning.
    pub(super) fn open(file: PathBuf) -> Self {
        let begins = || State {
            seed: uuid::Uuid::new_v4().as_u64_pair().0,
            ..State::default()
        };
        let state = match fs::read(&file) {
            Ok(bytes) => serde_json::from_slice(&bytes).unwrap_or_else(|error| {
                tracing::warn!(%error, file = %file.display(), "begun again, since it cannot be read");
                begins()
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => begins(),
            Err(error) => {
                tracing::warn!(%error, file = %file.display(), "begun again, since it cannot be read");
                begins()
            }
        };
        Self {
            file,
            state: Mutex::new(state),
        }
    }

    fn state(&self) -> State {
        self.state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn change(&self, change: impl FnOnce(&mut State)) -> Result<(), Error> {
        let bytes = {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            change(&mut state);
            serde_json::to_vec_pretty(&*state)
        };
        let written = bytes
            .map_err(io::Error::other)
            .and_then(|bytes| write_whole(&self.file, &bytes));
        written.map_err(|error| Error::Other {
            code: "internal",
            message: format!("{} cannot be written: {error}", self.file.display()),
        })
    }
}

impl Gateway {
    /// What was run again of a node's log; none before it was looked at.
    pub fn looked_at(&self, node: &NodeId) -> Option<Received> {
        let state = self.inner.policies.inspection.state();
        state.logs.get(&node.to_string()).cloned()
    }

    /// A round of looking at what nodes below have decided: a share of what arrived, chosen so that the same is chosen
    /// whenever the node begins again. Blocks. Answers whether there is more.
    ///
    /// Of a log that cannot be looked at now there is more; the others do not wait for it.
    pub fn inspect_received(&self, share: Ppm, goes_on: &dyn Fn() -> bool) -> Result<bool, Error> {
        let inspection = &self.inner.policies.inspection;
        let own = self.inner.reader.node();
        let mut has_more = false;
        for tail in self.inner.reader.heads() {
            let State { seed, mut logs, .. } = inspection.state();
            let known = logs.remove(&tail.node.to_string());
            let mut received = known.unwrap_or_else(|| Received {
                since: self.clock().now_ms(),
                ..Received::default()
            });
            let at = Position {
                epoch: received.epoch,
                seq: received.seq,
            };
            if tail.node == own || at >= tail.position || !goes_on() {
                continue;
            }
            let choice = Choice {
                share,
                seed,
                most: MOST_A_ROUND,
                goes_on,
            };
            let before = received.clone();
            let looked = self.look_at_received(&tail.node, &mut received, &choice);
            if received != before {
                inspection.change(|state| {
                    state.logs.insert(tail.node.to_string(), received);
                })?;
            }
            has_more |= looked.unwrap_or_else(|error| {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    node = %tail.node,
                    "what arrived cannot be looked at now"
                );
                true
            });
        }
        Ok(has_more)
    }

    /// Runs again what an earlier engine decided and is still in force, once for each engine that this node starts
    /// with. Blocks. Answers whether it came to the end.
    pub fn inspect_engine(&self, goes_on: &dyn Fn() -> bool) -> Result<bool, Error> {
        let inspection = &self.inner.policies.inspection;
        if inspection.state().engine == PROFILE {
            return Ok(true);
        }
        let pass = self.reverify_all(&self.area(), &mut |_| goes_on())?;
        for (component, told) in &pass.policies {
            let (checked, would_change) = (told.checked, told.would_change);
            tracing::info!(
                %component, checked, would_change, could_not_run = told.could_not_run, engine = PROFILE,
                "decisions of an earlier engine were run again"
            );
        }
        if pass.is_whole {
            inspection.change(|state| PROFILE.clone_into(&mut state.engine))?;
        }
        Ok(pass.is_whole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_looked_at_survives_and_a_damaged_file_begins_again() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("inspection.json");
        let inspection = Inspection::open(file.clone());
        inspection
            .change(|state| state.engine = "earlier".to_owned())
            .unwrap();
        let state = inspection.state();
        assert_eq!(Inspection::open(file.clone()).state(), state);
        // Nor is a seed made up for a file that has none.
        for damaged in ["{", r#"{"engine": "earlier", "logs": {}}"#] {
            fs::write(&file, damaged).unwrap();
            let again = Inspection::open(file.clone()).state();
            assert_eq!(again.engine, "");
            assert!(![0, state.seed].contains(&again.seed));
        }
    }
}
