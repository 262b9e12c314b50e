//! Running recorded evaluations again: one, those of a decision, or a sample of all.

mod again;
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

pub(super) use self::{again::words, received::Choice};
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
    store::{Position, Stored},
};

impl Gateway {
    /// Runs a recorded evaluation again, from its recorded input, component and settings, in a process of its own, and
    /// holds the decisions that were made of it against what comes out. The record of a decision stands for the
    /// evaluation that it names.
    ///
    /// A policy that ran out of time or of instructions, or whose process ended, gave no answer of its own: such an
    /// attempt is outside of replay, and is not run.
    pub async fn replay(&self, caller: &Caller, record: &RecordId) -> Result<Replayed, Error> {
        let (evaluation, decision) = self.readable(caller, record)?;
        let gateway = self.clone();
        blocking(move || {
            let mut fresh = Fresh::new(&gateway.inner.policies.host)?;
            let replayed = gateway.replay_one(&mut fresh, evaluation)?;
            Ok(match decision {
                Some(decision) => replayed.of(&decision),
                None => replayed,
            })
        })
        .await
    }

    /// The evaluation that a record is or names, and the decision if it is one.
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
                Ok((evaluation, Some(*record)))
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
    /// error and an alert.
    fn replay_one(&self, fresh: &mut Fresh, evaluation: Stored) -> Result<Replayed, Error> {
        let policy = self.fresh_policy(fresh, &component_of(&evaluation)?)?;
        let case = self.case_of(policy.describe(), &evaluation)?;
        let replayed = case.replay(&policy)?;
        self.note_replayed(evaluation.header.area, &replayed);
        Ok(replayed)
    }

    /// [`Self::case`], with an alert where the record does not hold together.
    fn case_of(&self, manifest: &Manifest, evaluation: &Stored) -> Result<Case, Error> {
        let case = self.case(manifest, evaluation);
        if let Err(error) = &case
            && does_not_hold_together(error)
        {
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

    /// An evaluation with what stands around it in the registry.
    pub(super) fn case(&self, manifest: &Manifest, stored: &Stored) -> Result<Case, Error> {
        let earlier = self.earlier_passes(manifest, stored)?;
        let id = stored.header.record;
        let Ok(Body::Evaluation(evaluation)) = &stored.body else {
            return Err(Error::NotFound(id));
        };
        let (purpose, settings) = self.enacted_for(evaluation)?;
        let decisions = self.decisions_of(manifest, id, &purpose, evaluation)?;
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
    ) -> Result<Vec<(RecordId, Evaluation)>, Error> {
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
                _ => return Err(damaged("an evaluation cannot be read")),
            }
        }
        earlier.reverse();
        Ok(earlier)
    }

    /// The purpose of an evaluation's enactment, and the settings that the evaluation names, from whichever revision
    /// of the enactment has them.
    fn enacted_for(&self, recorded: &Evaluation) -> Result<(Code, String), Error> {
        let revisions = self.inner.reader.history(&recorded.enactment)?;
        let mut enactments = revisions
            .into_iter()
            .filter_map(|stored| match stored.body {
                Ok(Body::Enactment(enactment)) => Some(enactment),
                _ => None,
            });
        let same = enactments
            .find(|enactment| Digest::of(enactment.settings.as_bytes()) == recorded.settings);
        let same =
            same.ok_or_else(|| damaged("the enactment of the evaluation has other settings"))?;
        Ok((same.purpose, same.settings))
    }

    /// The decisions that name an evaluation, in whichever revision.
    fn decisions_of(
        &self,
        manifest: &Manifest,
        id: RecordId,
        purpose: &Code,
        evaluation: &Evaluation,
    ) -> Result<Vec<(RecordId, Decision)>, Error> {
        let subjects = evaluation.tables.get(manifest.subjects);
        let mut decisions = Vec::new();
        for subject in subjects.into_iter().flat_map(|table| &table.records) {
            let decision = decision_id(purpose, subject);
            let revisions = self.inner.reader.history(&decision)?.into_iter();
            let named = revisions.filter_map(|stored| match stored.body {
                Ok(Body::Decision(decision)) if decision.evaluation == id => Some(decision),
                _ => None,
            });
            decisions.extend(named.map(|body| (decision, body)));
        }
        Ok(decisions)
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

/// What a record says is at odds with what stands around it, as opposed to a store that cannot be read.
fn does_not_hold_together(error: &Error) -> bool {
    matches!(
        error,
        Error::Other {
            code: "damaged",
            ..
        }
    )
}
