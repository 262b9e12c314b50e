//! What would change if a policy were put in force: the one in force and a candidate, asked about the same records.
//!
//! ```text
//! records as they stand ──┬─▶ what is in force ─▶ judgements ──┐
//!   (one snapshot)        └─▶ candidate ────────▶ judgements ──┴─▶ changes ─▶ digest
//! ```
//!
//! Nothing of it is recorded. Subjects are judged in bulk, in processes apart from those that decide for the record, so
//! that no decision waits for a preview and no preview counts against the policy that it tries.

mod content;
mod judging;

use std::collections::{BTreeMap, BTreeSet};

use lika_core::{
    log::Kind,
    value::{AreaCode, Code, Date, Digest, RecordId},
};

pub use self::judging::{Judged, Outcome};
use self::judging::{Judgements, Trial};
use super::{Error, Gateway, not_admitted, refused, take_settings, unusable};
use crate::{
    policy::{Policy, Settings, facts, facts::records::Records},
    store::Position,
};

/// A policy with settings that could be put in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Of its component, which has been admitted.
    pub component: Digest,
    /// Its settings, JSON.
    pub settings: String,
}

/// What would change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// How far the node's own log went when its records were read.
    pub as_of: Position,
    /// The day that the question is about.
    pub on: Date,
    /// The area.
    pub area: AreaCode,
    /// The purpose.
    pub purpose: Code,
    /// What is in force; none when nothing is.
    pub before: Option<Side>,
    /// What would be.
    pub after: Side,
    /// The subjects whose outcome, category or amount would differ, by their ids.
    pub changes: Vec<Change>,
    /// The figures of all subjects.
    pub summary: Summary,
}

/// A policy with settings, on one side of a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Side {
    /// The enactment; none of what is not in force.
    pub enactment: Option<RecordId>,
    /// Of the component.
    pub component: Digest,
    /// Of the settings as they were given.
    pub settings: Digest,
}

/// A subject that would be judged otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The subject.
    pub subject: RecordId,
    /// Its kind.
    pub kind: Kind,
    /// Its area.
    pub area: AreaCode,
    /// What is said of it; none when nothing is.
    pub before: Option<Judged>,
    /// What would be said of it; none when nothing would.
    pub after: Option<Judged>,
}

/// The figures of all subjects, those that do not change too.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Subjects that either side judges.
    pub subjects: u64,
    /// How many go from which answer to which; none where a side does not judge them.
    pub transitions: BTreeMap<(Option<Outcome>, Option<Outcome>), u64>,
    /// The sum of all amounts in fen, before and after.
    pub money: (i128, i128),
}

impl Gateway {
    /// What would change for a purpose in an area on a day, if the candidate took the place of what is in force.
    ///
    /// Blocks, and asks nobody whether they may: it reads the records of the area and judges every subject twice. Refused where the candidate is for
    /// another purpose, does not take its settings, or shares out over wider areas than this one.
    pub fn difference(
        &self,
        purpose: &Code,
        area: &AreaCode,
        on: Date,
        candidate: &Candidate,
    ) -> Result<Difference, Error> {
        Ok(self.compared(purpose, area, on, candidate)?.difference())
    }

    /// Both sides of the question, judged.
    pub(super) fn compared(
        &self,
        purpose: &Code,
        area: &AreaCode,
        on: Date,
        candidate: &Candidate,
    ) -> Result<Compared, Error> {
        let before = match self.policy_in_force(purpose, area, on) {
            Ok(in_force) => Some(in_force),
            Err(Error::Other {
                code: "no-policy-in-force",
                ..
            }) => None,
            Err(error) => return Err(error),
        };
        let new = self.tried(candidate.component)?;
        if new.describe().purpose != purpose.as_str() {
            let theirs = &new.describe().purpose;
            let message = format!("the policy is for {theirs}, not for {purpose}");
            return Err(Error::Malformed(message));
        }
        let settings = take_settings(&new, &candidate.settings)?;
        let snapshot = self.snapshot();
        let question = Question {
            purpose: purpose.clone(),
            area: *area,
            on,
        };
        let records = snapshot.read_records(new.describe(), area, on)?;
        let after = Judging {
            side: side(None, &new, &settings),
            judgements: question.judge(&new, &settings, &records)?,
        };
        let before = match before {
            None => None,
            Some(in_force) => {
                let component = self.policy_record(&in_force.body.policy)?.component;
                let old = match component == candidate.component {
                    true => new.clone(),
                    false => self.tried(component)?,
                };
                // Accepted when they were enacted.
                let settings = Settings::accepted(&in_force.body.settings);
                let judgements = if old.describe().tables == new.describe().tables {
                    question.judge(&old, &settings, &records)?
                } else {
                    let records = snapshot.read_records(old.describe(), area, on)?;
                    question.judge(&old, &settings, &records)?
                };
                Some(Judging {
                    side: side(Some(in_force.enactment), &old, &settings),
                    judgements,
                })
            }
        };
        Ok(Compared {
            as_of: snapshot.position(),
            question,
            before,
            after,
            policy: new,
            records,
        })
    }

    /// A policy to try, apart from the one that decides for the record: what waits for the other, or fails, or is
    /// suspended, is the preview alone.
    fn tried(&self, component: Digest) -> Result<Policy, Error> {
        let policies = &self.inner.policies;
        let bytes = policies.components.get(&component);
        let bytes = bytes.map_err(|error| unusable(&error))?;
        let host = policies.host.apart().map_err(|error| refused(&error))?;
        let policy = host.admit(&bytes).map_err(|it| not_admitted(&it))?;
        facts::check(policy.describe()).map_err(|unknown| refused(&unknown))?;
        Ok(policy)
    }
}

/// What is asked of both sides.
#[derive(Clone, Debug)]
pub(super) struct Question {
    pub purpose: Code,
    pub area: AreaCode,
    pub on: Date,
}

impl Question {
    /// What a policy with settings says of every subject.
    pub fn judge(
        &self,
        policy: &Policy,
        settings: &Settings,
        records: &Records,
    ) -> Result<Judgements, Error> {
        Trial {
            question: self,
            policy,
            settings,
        }
        .judge(records)
    }
}

/// Both sides of a question, judged.
pub(super) struct Compared {
    pub as_of: Position,
    pub question: Question,
    pub before: Option<Judging>,
    pub after: Judging,
    /// The candidate.
    pub policy: Policy,
    /// What the candidate was asked about.
    pub records: Records,
}

/// One side, judged.
pub(super) struct Judging {
    pub side: Side,
    pub judgements: Judgements,
}

impl Compared {
    /// Where they differ.
    pub fn difference(&self) -> Difference {
        let Question { purpose, area, on } = self.question.clone();
        let mut changes = Vec::new();
        let mut summary = Summary::default();
        for (subject, before, after) in self.pairs() {
            summary.add(before, after);
            if before.map(Judged::verdict) == after.map(Judged::verdict) {
                continue;
            }
            let Some(either) = after.or(before) else {
                continue;
            };
            changes.push(Change {
                subject,
                kind: either.kind,
                area: either.area,
                before: before.cloned(),
                after: after.cloned(),
            });
        }
        Difference {
            as_of: self.as_of,
            on,
            area,
            purpose,
            before: self.before.as_ref().map(|before| before.side),
            after: self.after.side,
            changes,
            summary,
        }
    }

    /// Every subject with what both sides say of it, by the subjects' ids.
    pub fn pairs(&self) -> impl Iterator<Item = (RecordId, Option<&Judged>, Option<&Judged>)> {
        let (old, new) = (self.before.as_ref(), &self.after.judgements);
        let old = old.map(|before| &before.judgements);
        let subjects = old.into_iter().flat_map(|old| old.keys());
        let subjects: BTreeSet<RecordId> = subjects.chain(new.keys()).copied().collect();
        subjects.into_iter().map(move |subject| {
            (
                subject,
                old.and_then(|old| old.get(&subject)),
                new.get(&subject),
            )
        })
    }
}

impl Summary {
    fn add(&mut self, before: Option<&Judged>, after: Option<&Judged>) {
        let amount = |judged: Option<&Judged>| {
            let amount = judged.and_then(|judged| judged.amount);
            amount.map_or(0, |fen| i128::from(fen.0))
        };
        let outcome = |judged: Option<&Judged>| judged.map(|judged| judged.outcome.clone());
        let transition = (outcome(before), outcome(after));
        self.subjects += 1;
        *self.transitions.entry(transition).or_default() += 1;
        self.money.0 += amount(before);
        self.money.1 += amount(after);
    }
}

fn side(enactment: Option<RecordId>, policy: &Policy, settings: &Settings) -> Side {
    Side {
        enactment,
        component: Digest(*policy.digest().as_bytes()),
        settings: Digest(*settings.digest().as_bytes()),
    }
}
