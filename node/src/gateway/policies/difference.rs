//! What would change if a policy were put in force: the one in force and a candidate, asked about the same records.
//!
//! ```text
//! records as they stand ──┬─▶ what is in force ─▶ judgements ──┐
//!   (one snapshot)        └─▶ candidate ────────▶ judgements ──┴─▶ changes ─▶ digest
//! ```
//!
//! Nothing of it is recorded. Subjects are judged in bulk, in processes apart from those that decide for the record, so
//! that no decision waits for a preview and no preview counts against the policy that it tries.

pub mod content;
mod judging;

use std::{collections::BTreeMap, iter, thread};

use lika_core::{
    log::Kind,
    value::{AreaCode, Code, Date, Digest, RecordId},
};

pub use self::judging::{Asked, Judged, Outcome};
use self::judging::{Judgements, Trial};
use super::{
    Error, Gateway, not_admitted, reading::Snapshot, refused, report::Used, take_settings, unusable,
};
use crate::{
    policy::{Manifest, Policy, Settings, facts},
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

/// What a candidate is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Against {
    /// What is in force; nothing, when nothing is.
    InForce,
    /// Another candidate.
    Other(Candidate),
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
    /// What is in force; none when nothing is. Where it can say nothing here, since it is damaged or shares out over
    /// wider areas, no subject has a judgement before.
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
        let compared = self.compared(purpose, area, on, &Against::InForce, candidate)?;
        Ok(compared.difference())
    }

    /// Both sides of the question, judged.
    pub(super) fn compared(
        &self,
        purpose: &Code,
        area: &AreaCode,
        on: Date,
        against: &Against,
        candidate: &Candidate,
    ) -> Result<Compared, Error> {
        let new = self.tried(purpose, None, candidate)?;
        let snapshot = self.snapshot();
        let question = Question {
            purpose: purpose.clone(),
            area: *area,
            on,
        };
        let manifest = new.policy.describe();
        let records = snapshot.read_records(manifest, area, on)?;
        let asked = Asked::of(&question, manifest, records)?;
        // Each side waits for its own process much of the time.
        let (before, after) = thread::scope(|scope| {
            let before = || self.before(&question, against, &new, &snapshot, &asked);
            let before = scope.spawn(before);
            let after = question.judge(&new, &asked);
            (before.join().map_err(|_| Error::TaskEnded), after)
        });
        let (before, (judgements, used)) = (before??, after?);
        Ok(Compared {
            as_of: snapshot.position(),
            question,
            before,
            after: Judging {
                tried: new,
                judgements,
                used,
            },
            asked,
        })
    }

    /// What the candidate is compared with, judged; none when nothing is in force.
    fn before(
        &self,
        question: &Question,
        against: &Against,
        new: &Tried,
        snapshot: &Snapshot<'_>,
        asked: &Asked,
    ) -> Result<Option<Before>, Error> {
        let Question { purpose, area, on } = question;
        let old = match against {
            Against::InForce => self.in_force_to_try(purpose, area, *on)?,
            Against::Other(other) => Some((None, other.clone())),
        };
        let Some((enactment, old)) = old else {
            return Ok(None);
        };
        let judge = || {
            // A process of its own, also where the component is the same: neither waits for the other, and what one
            // does there is not held against the other.
            let tried = self.tried(purpose, enactment, &old)?;
            let manifest = tried.policy.describe();
            let (judgements, used) = if is_asked_the_same(manifest, new.policy.describe()) {
                question.judge(&tried, asked)?
            } else {
                let records = snapshot.read_records(manifest, area, *on)?;
                let asked = Asked::of(question, manifest, records)?;
                question.judge(&tried, &asked)?
            };
            Ok(Judging {
                tried,
                judgements,
                used,
            })
        };
        let judging = match judge() {
            Ok(judging) => Some(judging),
            Err(error) if enactment.is_some() && is_of_the_policy(&error) => {
                tracing::warn!(%error, %purpose, "what is in force cannot be previewed");
                None
            }
            Err(error) => return Err(error),
        };
        let side = Side {
            enactment,
            component: old.component,
            settings: Digest::of(old.settings.as_bytes()),
        };
        Ok(Some(Before { side, judging }))
    }

    /// What is in force, with its enactment; none when nothing is.
    fn in_force_to_try(
        &self,
        purpose: &Code,
        area: &AreaCode,
        on: Date,
    ) -> Result<Option<(Option<RecordId>, Candidate)>, Error> {
        let in_force = match self.policy_in_force(purpose, area, on) {
            Ok(in_force) => in_force,
            Err(Error::Other {
                code: "no-policy-in-force" | "policy-suspended",
                ..
            }) => return Ok(None),
            Err(error) => return Err(error),
        };
        let component = self.policy_record(&in_force.body.policy)?.component;
        let settings = in_force.body.settings;
        let candidate = Candidate {
            component,
            settings,
        };
        Ok(Some((Some(in_force.enactment), candidate)))
    }

    /// A policy to try, apart from the one that decides for the record: what waits for the other, or fails, or is
    /// suspended, is the preview alone.
    fn tried(
        &self,
        purpose: &Code,
        enactment: Option<RecordId>,
        candidate: &Candidate,
    ) -> Result<Tried, Error> {
        let policies = &self.inner.policies;
        let bytes = policies.components.get(&candidate.component);
        let bytes = bytes.map_err(|error| unusable(&error))?;
        let host = policies.host.apart().map_err(|error| refused(&error))?;
        let policy = host.admit(&bytes).map_err(|it| not_admitted(&it))?;
        let manifest = policy.describe();
        facts::check(manifest).map_err(|unknown| refused(&unknown))?;
        if manifest.purpose != purpose.as_str() {
            let theirs = &manifest.purpose;
            let message = format!("the policy is for {theirs}, not for {purpose}");
            return Err(Error::Malformed(message));
        }
        let limit_ms = host.limits().time.as_millis();
        Tried::new(policy, enactment, candidate, limit_ms)
    }
}

/// A policy and settings that it takes, to be tried.
pub(super) struct Tried {
    pub side: Side,
    pub policy: Policy,
    pub settings: Settings,
    limit_ms: u64,
}

impl Tried {
    fn new(
        policy: Policy,
        enactment: Option<RecordId>,
        candidate: &Candidate,
        limit_ms: u128,
    ) -> Result<Self, Error> {
        let settings = match enactment {
            // Accepted when they were enacted.
            Some(_) => Settings::accepted(&candidate.settings),
            None => take_settings(&policy, &candidate.settings)?,
        };
        Ok(Self {
            side: Side {
                enactment,
                component: candidate.component,
                settings: Digest(*settings.digest().as_bytes()),
            },
            policy,
            settings,
            limit_ms: u64::try_from(limit_ms).unwrap_or(u64::MAX),
        })
    }

    /// The same policy with other settings.
    pub fn with_settings(&self, candidate: &Candidate) -> Result<Self, Error> {
        let limit_ms = u128::from(self.limit_ms);
        Self::new(self.policy.clone(), None, candidate, limit_ms)
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
    /// What a policy says of every subject, and what that took.
    pub fn judge(&self, tried: &Tried, asked: &Asked) -> Result<(Judgements, Used), Error> {
        let question = self;
        Trial { question, tried }.judge(asked)
    }
}

/// Both sides of a question, judged.
pub(super) struct Compared {
    pub as_of: Position,
    pub question: Question,
    pub before: Option<Before>,
    pub after: Judging,
    /// What the candidate was asked about.
    pub asked: Asked,
}

/// What a candidate is compared with.
pub(super) struct Before {
    pub side: Side,
    /// None where it is in force and says nothing here: its component is damaged or no longer admitted, or it shares
    /// out over wider areas. It must not stand in the way of what would replace it.
    pub judging: Option<Judging>,
}

/// One side, judged.
pub(super) struct Judging {
    pub tried: Tried,
    pub judgements: Judgements,
    pub used: Used,
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
            after: self.after.tried.side,
            changes,
            summary,
        }
    }

    /// What it is compared with, where that says something here.
    pub fn old(&self) -> Option<&Judging> {
        self.before.as_ref()?.judging.as_ref()
    }

    /// Every subject with what both sides say of it, by the subjects' ids.
    pub fn pairs(&self) -> impl Iterator<Item = (RecordId, Option<&Judged>, Option<&Judged>)> {
        let old = self.old().map(|old| &old.judgements);
        let mut old = old.into_iter().flatten().peekable();
        let mut new = self.after.judgements.iter().peekable();
        iter::from_fn(move || {
            let subjects = [old.peek(), new.peek()].into_iter().flatten();
            let subject = *subjects.map(|(subject, _)| *subject).min()?;
            let before = old.next_if(|(own, _)| **own == subject);
            let after = new.next_if(|(own, _)| **own == subject);
            let judged = |(_, judged)| judged;
            Some((subject, before.map(judged), after.map(judged)))
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

/// Whether two policies are asked about the same facts in the same way.
fn is_asked_the_same(one: &Manifest, other: &Manifest) -> bool {
    let asked = |it: &Manifest| (it.family, it.subjects);
    asked(one) == asked(other) && one.tables == other.tables
}

/// Whether an error is of the policy in force itself, and would come again whenever it is asked.
fn is_of_the_policy(error: &Error) -> bool {
    matches!(
        error.code(),
        "policy-refused" | "damaged" | "malformed-request"
    )
}
