//! What a replay or the host finds, as alerts.

use lika_core::{
    record::{Body, Policy},
    value::{AreaCode, Digest, RecordId},
};

use super::{
    Error, Gateway, failures,
    replay::{Came, Differing, Named, Replayed, words},
};
use crate::{gateway::alerts::Finding, policy::host::Suspension, store::Stored};

/// Decisions of one evaluation that get an alert each. Where more differ, the first ones say what there is to look at.
const MOST_DECISIONS: usize = 100;

/// A decision as it was recorded, from outside.
struct Recorded {
    area: AreaCode,
    revision: u32,
}

impl Gateway {
    /// What was recorded is not what the policy says, or another engine says otherwise: somebody has to look into it.
    /// Blocks.
    pub(super) fn note_replayed(&self, area: AreaCode, replayed: &Replayed) {
        match self.found_in(area, replayed) {
            Ok(findings) => self.raise(&findings),
            Err(error) => tracing::error!(
                error = &error as &dyn std::error::Error,
                ?replayed,
                "what a replay found cannot be told"
            ),
        }
    }

    /// An evaluation whose record does not hold together, so that it cannot be run again at all. Blocks.
    pub(super) fn note_damaged(&self, evaluation: &Stored, why: &str) {
        let header = &evaluation.header;
        let finding = Finding::new("replay-mismatch", header.area, Some(header.record));
        self.raise(&[finding.with("why", why)]);
    }

    /// Decisions that cannot have come of the record that they name as their evaluation. Blocks.
    pub(super) fn note_forged(&self, evaluation: &RecordId, forged: &[Named], why: &str) {
        let finding = |it: &Named| {
            Finding::new("decision-tampered", it.area, Some(it.decision))
                .with("evaluation", evaluation)
                .with("why", why)
        };
        let findings = forged.iter().take(MOST_DECISIONS).map(finding);
        self.raise(&findings.collect::<Vec<_>>());
        let (all, told) = (forged.len(), MOST_DECISIONS);
        if told < all {
            tracing::error!(%evaluation, all, told, "more decisions are forged than get an alert each");
        }
    }

    /// A policy that keeps failing is not asked for a while. Blocks.
    ///
    /// While nobody has looked at an alert of the same policy there is no second one. A component that is not
    /// registered is being examined, which has an answer of its own.
    pub fn note_suspension(&self, suspension: &Suspension) {
        let Suspension { component, cause } = suspension;
        let component = Digest(*component.as_bytes());
        let policy = Policy::id_for(&component);
        let waits = || {
            let stored = self.inner.reader.get(&policy)?;
            let is_registered = stored.is_some_and(|stored| !stored.closed);
            Ok::<_, Error>(is_registered && !self.is_alerted("policy-suspended", &policy)?)
        };
        match waits() {
            Ok(false) => {}
            Ok(true) => {
                let at = self.position();
                let finding = Finding::new("policy-suspended", self.area(), Some(policy))
                    .with("component", component)
                    .with("cause", failures::code(cause))
                    .with("words", cause)
                    .with("position", at);
                self.raise(&[finding]);
            }
            Err(error) => tracing::error!(
                error = &error as &dyn std::error::Error,
                %component,
                "a suspension cannot be told"
            ),
        }
    }

    fn found_in(&self, area: AreaCode, replayed: &Replayed) -> Result<Vec<Finding>, Error> {
        let evaluation = replayed.evaluation;
        let outputs = |finding: Finding| {
            finding
                .with("recorded-output", replayed.recorded)
                .with("replayed-output", replayed.replayed)
        };
        let mut findings = Vec::new();
        let code = match &replayed.came {
            Came::Otherwise(why) => {
                if replayed.differing.is_empty() {
                    let finding = Finding::new("replay-mismatch", area, Some(evaluation));
                    findings.push(outputs(finding).with("why", why));
                }
                "replay-mismatch"
            }
            Came::Same | Came::OtherEngine(_) | Came::Attempt | Came::Unfinished(_) => {
                "decision-tampered"
            }
        };
        for differing in replayed.differing.iter().take(MOST_DECISIONS) {
            findings.push(outputs(self.found_of(code, evaluation, differing)?));
        }
        if let Came::OtherEngine(engine) = &replayed.came {
            for changing in replayed.changing.iter().take(MOST_DECISIONS) {
                let finding = self.found_of("engine-changes-decision", evaluation, changing)?;
                let finding = outputs(finding).with("recorded-engine", engine);
                findings.push(finding.with("engine", crate::policy::engine::PROFILE));
            }
        }
        let told = findings.len();
        let all = replayed.differing.len() + replayed.changing.len();
        if told < all {
            tracing::error!(%evaluation, all, told, "more decisions differ than get an alert each");
        }
        Ok(findings)
    }

    fn found_of(
        &self,
        code: &'static str,
        evaluation: RecordId,
        differing: &Differing,
    ) -> Result<Finding, Error> {
        let Differing {
            decision,
            subject,
            recorded,
            replayed,
        } = differing;
        let Recorded { area, revision } = self.recorded(evaluation, differing)?;
        let finding = Finding::new(code, area, Some(*decision))
            .with("evaluation", evaluation)
            .with("subject", subject)
            .with("revision", revision)
            .with("recorded", recorded)
            .with("replayed", replayed);
        Ok(finding)
    }

    /// The last revision of a decision that says what was recorded of an evaluation.
    fn recorded(&self, evaluation: RecordId, differing: &Differing) -> Result<Recorded, Error> {
        let decision = differing.decision;
        let says_it = |stored: &&Stored| match &stored.body {
            Ok(Body::Decision(body)) => {
                body.evaluation == evaluation && words(body) == differing.recorded
            }
            _ => false,
        };
        let revisions = self.inner.reader.history(&decision)?;
        let stored = revisions.iter().rev().find(says_it);
        let stored = stored.ok_or(Error::NotFound(decision))?;
        Ok(Recorded {
            area: stored.header.area,
            revision: stored.header.revision,
        })
    }
}
