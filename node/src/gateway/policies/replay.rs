//! Running recorded evaluations again: one, those of a decision, or a sample of all.

mod again;
mod named;
mod received;
mod reverify;
mod sample;

use std::collections::BTreeSet;

use lika_core::{
    authority::Permission,
    log::Kind,
    record::{Body, Decision, Evaluation, decision_id},
    value::{Code, Digest, RecordId},
};

pub(super) use self::{again::words, named::Named, received::Choice};
pub use self::{
    again::{Came, Case, Differing, Fresh, Replayed},
    received::Received,
    reverify::Reverified,
    sample::{Sample, Sampled},
};
use super::{Caller, Error, Gateway, blocking, damaged, unusable};
use crate::{
    blobs,
    policy::{Family, Manifest, Policy},
    store::{self, Position, Stored},
};

/// Why an evaluation could not be run again.
#[derive(Debug)]
pub(super) enum Failed {
    /// What its record says is at odds with what stands around it.
    Record(Error),
    /// Anything else: a store or a component that cannot be read, no process to run it. Says nothing of the record.
    Other(Error),
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

impl From<store::Error> for Failed {
    fn from(error: store::Error) -> Self {
        Self::Other(error.into())
    }
}

impl From<Failed> for Error {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::Record(error) | Failed::Other(error) => error,
        }
    }
}

impl Gateway {
    /// Runs a recorded evaluation again, from its recorded input, component and settings, in a process of its own, and
    /// holds the decisions that were made of it against what comes out. The record of a decision stands for the
    /// evaluation that it names.
    ///
    /// A policy that ran out of time or of instructions, or whose process ended, gave no answer of its own: such an
    /// attempt is outside of replay, and is not run.
    pub async fn replay(&self, caller: &Caller, record: &RecordId) -> Result<Replayed, Error> {
        let (gateway, caller, record) = (self.clone(), caller.clone(), *record);
        blocking(move || {
            let (evaluation, decision) = gateway.readable(&caller, &record)?;
            let mut fresh = Fresh::new(&gateway.inner.policies.host)?;
            let named = decision.as_slice();
            let (case, replayed) = gateway.run_again(&mut fresh, &evaluation, named)?;
            Ok(match decision {
                Some(decision) => replayed.of(&case, &decision),
                None => replayed,
            })
        })
        .await
    }

    /// The evaluation that a record is or names, and the decision if it is one. A decision that the evaluation cannot
    /// have led to is both an error and an alert. Blocks.
    pub(super) fn readable(
        &self,
        caller: &Caller,
        record: &RecordId,
    ) -> Result<(Stored, Option<RecordId>), Error> {
        let stored = self.readable_record(caller, record)?;
        match &stored.body {
            Ok(Body::Evaluation(_)) => Ok((stored, None)),
            Ok(Body::Decision(decision)) => {
                let evaluation = self.readable_record(caller, &decision.evaluation)?;
                let named = [Named::new(&stored.header, decision)];
                match Named::out_of_place(&named, &evaluation) {
                    Some((_, why)) => {
                        self.note_forged(&decision.evaluation, &named, why);
                        Err(damaged(why))
                    }
                    None => Ok((evaluation, Some(*record))),
                }
            }
            _ => Err(Error::NotFound(*record)),
        }
    }

    pub(super) fn readable_record(&self, caller: &Caller, id: &RecordId) -> Result<Stored, Error> {
        let stored = self.inner.reader.get(id)?.ok_or(Error::NotFound(*id))?;
        if caller.may(Permission::ReadOpen, &stored.header.area) {
            Ok(stored)
        } else {
            Err(Error::NotFound(*id))
        }
    }

    /// Runs one again and raises alerts about what is wrong with it; a record that does not hold together is both an
    /// error and an alert. `named` are decisions that are known to name it.
    fn run_again(
        &self,
        fresh: &mut Fresh,
        evaluation: &Stored,
        named: &[RecordId],
    ) -> Result<(Case, Replayed), Failed> {
        let policy = self.fresh_policy(fresh, &component_of(evaluation)?)?;
        let case = self.case_of(policy.describe(), evaluation, named)?;
        let replayed = case.replay(&policy)?;
        self.note_replayed(evaluation.header.area, &replayed);
        Ok((case, replayed))
    }

    /// [`Self::case`], with an alert where the record does not hold together.
    fn case_of(
        &self,
        manifest: &Manifest,
        evaluation: &Stored,
        named: &[RecordId],
    ) -> Result<Case, Failed> {
        let case = self.case(manifest, evaluation, named);
        if let Err(Failed::Record(error)) = &case {
            self.note_damaged(evaluation, &error.to_string());
        }
        case
    }

    /// The policy of a component of this node, in a process of its own.
    pub(super) fn fresh_policy(
        &self,
        fresh: &mut Fresh,
        component: &Digest,
    ) -> Result<Policy, Error> {
        fresh.policy(component, || self.component(component))
    }

    /// The bytes of a component of this node.
    pub(super) fn component(&self, component: &Digest) -> Result<Vec<u8>, Error> {
        let components = &self.inner.policies.components;
        components
            .get(component)
            .map_err(|error| lacking(component, &error))
    }

    /// An evaluation with what stands around it in the registry. The decisions are those of its subjects, and of
    /// `named` those that name it, whoever they are about.
    pub(super) fn case(
        &self,
        manifest: &Manifest,
        stored: &Stored,
        named: &[RecordId],
    ) -> Result<Case, Failed> {
        let earlier = self.earlier_passes(manifest, stored)?;
        let id = stored.header.record;
        let Ok(Body::Evaluation(evaluation)) = &stored.body else {
            return Err(Error::NotFound(id).into());
        };
        let (purpose, settings) = self.enacted_for(evaluation)?;
        let own = evaluation.tables.get(manifest.subjects).into_iter();
        let own = own.flat_map(|table| &table.records);
        let own = own.map(|subject| decision_id(&purpose, subject));
        let decisions = own.chain(named.iter().copied()).collect();
        let decisions = self.naming(id, &decisions)?;
        Ok(Case {
            id,
            evaluation: evaluation.clone(),
            purpose,
            settings,
            earlier,
            decisions,
        })
    }

    /// The evaluations of the same subjects that the same command wrote before: it wrote the passes in order, one after
    /// another.
    pub(super) fn earlier_passes(
        &self,
        manifest: &Manifest,
        stored: &Stored,
    ) -> Result<Vec<(RecordId, Evaluation)>, Failed> {
        if manifest.family == Family::Subject {
            // Each subject was judged by itself, in one pass.
            return Ok(Vec::new());
        }
        let reader = &self.inner.reader;
        let last = &stored.header;
        let subjects = |evaluation: &Evaluation| {
            let table = evaluation.tables.get(manifest.subjects).cloned();
            table.map(|table| table.records).unwrap_or_default()
        };
        let own: BTreeSet<RecordId> = match &stored.body {
            Ok(Body::Evaluation(evaluation)) => subjects(evaluation).into_iter().collect(),
            _ => BTreeSet::new(),
        };
        let mut earlier = Vec::new();
        for seq in (1..last.seq).rev() {
            let before = Position {
                epoch: last.epoch,
                seq: seq - 1,
            };
            let entries = reader.entries_after(&last.node, before, 1)?;
            let Some(header) = entries.first().map(|entry| entry.header().clone()) else {
                break;
            };
            let is_of_the_run = header.kind == Kind::Evaluation
                && (header.request, header.actor) == (last.request, last.actor);
            if !is_of_the_run {
                break;
            }
            let stored = reader.get(&header.record)?;
            match stored.map(|stored| stored.body) {
                Some(Ok(Body::Evaluation(evaluation))) => {
                    if subjects(&evaluation).iter().any(|it| own.contains(it)) {
                        earlier.push((header.record, evaluation));
                    }
                }
                _ => return Err(Failed::Record(damaged("an evaluation cannot be read"))),
            }
        }
        earlier.reverse();
        Ok(earlier)
    }

    /// The purpose of an evaluation's enactment, and the settings that the evaluation names, from whichever revision
    /// of the enactment has them.
    fn enacted_for(&self, recorded: &Evaluation) -> Result<(Code, String), Failed> {
        let revisions = self.inner.reader.history(&recorded.enactment)?;
        let mut enactments = revisions
            .into_iter()
            .filter_map(|stored| match stored.body {
                Ok(Body::Enactment(enactment)) => Some(enactment),
                _ => None,
            });
        let same = enactments
            .find(|enactment| Digest::of(enactment.settings.as_bytes()) == recorded.settings);
        let same = same.ok_or_else(|| {
            Failed::Record(damaged(
                "the enactment of the evaluation has other settings",
            ))
        })?;
        Ok((same.purpose, same.settings))
    }

    /// Those of some decisions that name an evaluation, in whichever revision.
    fn naming(
        &self,
        evaluation: RecordId,
        decisions: &BTreeSet<RecordId>,
    ) -> Result<Vec<(RecordId, Decision)>, Error> {
        let mut naming = Vec::new();
        for id in decisions {
            let revisions = self.inner.reader.history(id)?.into_iter();
            let own = revisions.filter_map(|stored| match stored.body {
                Ok(Body::Decision(decision)) if decision.evaluation == evaluation => Some(decision),
                _ => None,
            });
            naming.extend(own.map(|decision| (*id, decision)));
        }
        Ok(naming)
    }
}

pub(super) fn component_of(stored: &Stored) -> Result<Digest, Error> {
    match &stored.body {
        Ok(Body::Evaluation(evaluation)) => Ok(evaluation.component),
        _ => Err(Error::NotFound(stored.header.record)),
    }
}

/// A component that was never here is nobody's damage: it is admitted at the node that runs it, and links carry none.
fn lacking(component: &Digest, error: &blobs::Error) -> Error {
    match error {
        blobs::Error::Missing(_) => Error::Other {
            code: "not-found",
            message: format!(
                "component {component} is not on this node; admit it here, or replay a bundle"
            ),
        },
        error => unusable(error),
    }
}
