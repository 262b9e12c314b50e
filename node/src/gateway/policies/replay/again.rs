//! Running recorded evaluations again, with nothing but what was recorded: no registry, no node.

use std::collections::BTreeMap;

use bytes::Bytes;
use lika_core::{
    record::{Decision, Evaluation, decision_id},
    value::{Code, Digest, RecordId},
};

use super::super::{Error, damaged, decisions, failures, not_admitted, refused, unavailable};
use crate::policy::{Host, Input, Policy, Settings};

/// An evaluation with everything that it takes to run it again and to look at what was made of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// The evaluation's record.
    pub id: RecordId,
    /// What was recorded.
    pub evaluation: Evaluation,
    /// What the policy was in force for.
    pub purpose: Code,
    /// The settings, JSON as they were given.
    pub settings: String,
    /// The evaluations of the passes before, of the same run: a decision is made of all of them.
    pub earlier: Vec<(RecordId, Evaluation)>,
    /// The decisions that name this evaluation, as they were recorded.
    pub decisions: Vec<(RecordId, Decision)>,
}

/// What came out when an evaluation was run again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replayed {
    /// The evaluation's record.
    pub evaluation: RecordId,
    /// Of the recorded output; of nothing where there was none.
    pub recorded: Digest,
    /// Of the new output; that of the recorded one where nothing was run.
    pub replayed: Digest,
    /// What became of it.
    pub came: Came,
    /// How many decisions were held against what came out.
    pub decisions: u64,
    /// Those that say something else.
    pub differing: Vec<Differing>,
    /// Those that this engine would not make, where another one made them: see [`Came::OtherEngine`].
    pub changing: Vec<Differing>,
}

/// What became of an evaluation that was run again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Came {
    /// The same came out: the output byte for byte, or the failure.
    Same,
    /// Something else came out, or the record does not hold together; why, in words.
    Otherwise(String),
    /// Something else came out, and the record says that another engine made it, whose name this is. Nothing is wrong
    /// with the record then, as far as this engine can tell; the decisions are held against the recorded output.
    OtherEngine(String),
    /// It was an attempt that had no answer of its own, and was not run: a deadline, a killed process.
    Attempt,
    /// It gave no answer just now, for no reason of its own; the code of the failure.
    Unfinished(&'static str),
}

/// A decision that is not what the policy said, or not what it would say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Differing {
    /// The decision's record.
    pub decision: RecordId,
    /// Its subject.
    pub subject: RecordId,
    /// What the record says, in words.
    pub recorded: String,
    /// What follows from what came out, in words.
    pub replayed: String,
}

/// Policies that have nothing in common with what ran before: each in a fresh process of its own.
pub struct Fresh {
    host: Host,
    policies: BTreeMap<Digest, Policy>,
}

impl Replayed {
    /// Whether the same came out, and every decision says it.
    pub fn is_same(&self) -> bool {
        self.came == Came::Same && self.differing.is_empty()
    }

    /// Whether something is wrong with the record.
    pub fn is_mismatch(&self) -> bool {
        matches!(self.came, Came::Otherwise(_)) || !self.differing.is_empty()
    }

    /// What is told of an evaluation that could not be run because its record does not hold together.
    pub(super) fn not_run(evaluation: RecordId, recorded: Digest, why: String) -> Self {
        Self {
            evaluation,
            recorded,
            replayed: recorded,
            came: Came::Otherwise(why),
            decisions: 0,
            differing: Vec::new(),
            changing: Vec::new(),
        }
    }

    /// The same, of one decision of the case alone.
    #[must_use]
    pub fn of(mut self, case: &Case, decision: &RecordId) -> Self {
        let held = case.decisions.iter().filter(|(id, _)| id == decision);
        self.decisions = held.count() as u64;
        for some in [&mut self.differing, &mut self.changing] {
            some.retain(|it| it.decision == *decision);
        }
        self
    }
}

impl Fresh {
    /// Policies on a host like this one.
    pub fn new(host: &Host) -> Result<Self, Error> {
        Ok(Self {
            host: host.apart().map_err(|error| refused(&error))?,
            policies: BTreeMap::new(),
        })
    }

    /// Whether the policy of a component is here already.
    pub fn knows(&self, component: &Digest) -> bool {
        self.policies.contains_key(component)
    }

    /// The policy of a component, whose bytes are asked for the first time only.
    pub fn policy(
        &mut self,
        component: &Digest,
        bytes: impl FnOnce() -> Result<Vec<u8>, Error>,
    ) -> Result<Policy, Error> {
        if let Some(policy) = self.policies.get(component) {
            return Ok(policy.clone());
        }
        let bytes = bytes()?;
        if Digest::of(&bytes) != *component {
            return Err(damaged("a component is not the one that its digest names"));
        }
        let policy = self.host.admit(&bytes).map_err(|it| not_admitted(&it))?;
        self.policies.insert(*component, policy.clone());
        Ok(policy)
    }
}

impl Case {
    /// Runs it again on its policy, and holds the decisions against what comes out.
    ///
    /// An error says that it could not be tried; whatever is wrong with the record itself is in the answer.
    pub fn replay(&self, policy: &Policy) -> Result<Replayed, Error> {
        let (came, again) = self.run(policy)?;
        let recorded = Digest::of(&self.evaluation.output);
        let replayed = again.as_ref().map(|again| Digest::of(&again.output));
        let mut told = Replayed {
            evaluation: self.id,
            recorded,
            replayed: replayed.unwrap_or(recorded),
            came,
            decisions: self.decisions.len() as u64,
            differing: Vec::new(),
            changing: Vec::new(),
        };
        // What could not be finished says nothing of the decisions, and neither does what another engine says; the
        // recorded output does.
        let (last, other) = match (&told.came, again) {
            (Came::OtherEngine(_), Some(other)) => (self.evaluation.clone(), Some(other)),
            (_, Some(again)) => (again, None),
            (_, None) => (self.evaluation.clone(), None),
        };
        match self.differing(policy, last) {
            Ok(differing) => told.differing = differing,
            Err(error) if matches!(told.came, Came::Otherwise(_)) => drop(error),
            Err(error) => told.came = Came::Otherwise(error.to_string()),
        }
        if let Some(other) = other {
            told.changing = self.changing(policy, other, &told.differing);
        }
        Ok(told)
    }

    fn run(&self, policy: &Policy) -> Result<(Came, Option<Evaluation>), Error> {
        let recorded = &self.evaluation;
        if let Some(failure) = &recorded.failure
            && failures::is_attempt(failure)
        {
            return Ok((Came::Attempt, None));
        }
        if Digest::of(self.settings.as_bytes()) != recorded.settings {
            let why = "the settings are not those that the evaluation names";
            return Ok((Came::Otherwise(why.to_owned()), None));
        }
        let Ok(input) = Input::from_bytes(&recorded.input) else {
            let why = "the recorded input cannot be read";
            return Ok((Came::Otherwise(why.to_owned()), None));
        };
        let again = policy.evaluate_again(&Settings::accepted(&self.settings), &input);
        let failure = again.result.as_ref().err();
        match failure {
            Some(failure) if failure.is_of_the_machine() => return Err(unavailable(failure)),
            Some(failure) if !failure.is_reproducible() => {
                return Ok((Came::Unfinished(failures::code(failure)), None));
            }
            Some(_) | None => {}
        }
        let failure = failure.map(failures::code);
        let is_same = again.output == recorded.output && failure == recorded.failure.as_deref();
        let is_of_this_engine = recorded.engine == again.profile;
        let came = match (is_same, failure) {
            (true, _) => Came::Same,
            (false, _) if !is_of_this_engine => Came::OtherEngine(recorded.engine.clone()),
            (false, Some(failure)) => Came::Otherwise(format!("it fails now: {failure}")),
            (false, None) => Came::Otherwise("another output".to_owned()),
        };
        let again = Evaluation {
            output: Bytes::from(again.output),
            failure: failure.map(str::to_owned),
            ..recorded.clone()
        };
        Ok((came, Some(again)))
    }

    fn differing(&self, policy: &Policy, last: Evaluation) -> Result<Vec<Differing>, Error> {
        let mut passes = self.earlier.clone();
        passes.push((self.id, last));
        let follows = decisions::decide(policy.describe(), &self.purpose, &passes)?;
        let differing = self.decisions.iter().filter_map(|(id, recorded)| {
            // Another record than the one of its subject says it in nobody's name.
            let is_own = *id == decision_id(&self.purpose, &recorded.subject);
            let expected = follows.get(&recorded.subject).filter(|_| is_own);
            (expected != Some(recorded)).then(|| Differing {
                decision: *id,
                subject: recorded.subject,
                recorded: words(recorded),
                replayed: expected.map_or_else(|| "no decision".to_owned(), words),
            })
        });
        Ok(differing.collect())
    }

    /// The decisions that would be others, had this engine made them. Those that are not even what the recorded output
    /// says are told as that.
    fn changing(&self, policy: &Policy, other: Evaluation, known: &[Differing]) -> Vec<Differing> {
        let changing = self.differing(policy, other).unwrap_or_else(|error| {
            // An output that no decisions can be made of changes all of them.
            let all = self.decisions.iter().map(|(id, recorded)| Differing {
                decision: *id,
                subject: recorded.subject,
                recorded: words(recorded),
                replayed: error.to_string(),
            });
            all.collect()
        });
        let is_new = |it: &Differing| known.iter().all(|known| known.decision != it.decision);
        changing.into_iter().filter(is_new).collect()
    }
}

/// A decision in short, with everything that it could be told apart by.
pub(in super::super) fn words(decision: &Decision) -> String {
    use lika_core::record::Outcome;
    let mut words = vec![decision.outcome.code().to_owned()];
    match &decision.outcome {
        Outcome::Granted(category) => words.push(category.to_string()),
        Outcome::Refused => {}
        Outcome::Undetermined(missing) => words.extend(missing.iter().cloned()),
    }
    words.extend(decision.amount.map(|fen| format!("{} fen", fen.0)));
    let reasons = decision.reasons.iter();
    let reasons: Vec<_> = reasons.map(|reason| reason.code.as_str()).collect();
    if !reasons.is_empty() {
        words.push(format!("({})", reasons.join(", ")));
    }
    let (comparisons, proposals) = (decision.comparisons.len(), decision.proposals.len());
    if comparisons > 0 {
        words.push(format!("{comparisons} comparisons"));
    }
    if proposals > 0 {
        words.push(format!("{proposals} proposals"));
    }
    words.join(" ")
}
