//! Whether a policy keeps the contract on inputs that nobody wrote.
//!
//! | property | what is compared |
//! |---|---|
//! | an answer | no trap, no limit, no rule broken: amounts add up to the pool, capacities hold |
//! | determinism | the same input twice, each on a fresh instance, byte for byte |
//! | process | the same input in another process, byte for byte |
//! | order | subjects in another order, and each by itself: the same decisions (subject policies) |
//! | batches | subjects by 1, 7, 64 and 1,000: the same decisions (subject policies) |
//!
//! The author of a policy sees which of them hold ([`properties`]). A node admits no policy of which one does not
//! ([`must_keep`]), but for the first: what a policy gives no answer to goes to a person, and one that fails three of
//! the inputs is asked no more. What the machine is at fault for (a killed process, a deadline) is held against
//! nobody.

pub mod answer;
pub mod example;
pub mod generate;

use std::fmt;

use serde_json::Value as Json;
use thiserror::Error as DeriveError;

use self::{example::Example, generate::Generator};
use super::{Evaluation, Failure, Family, Kind, Manifest, Policy, Settings, engine::Tier};

/// Generated inputs; the subjects of each.
const INPUTS: u64 = 25;
const SUBJECTS: usize = 5;

/// Failing inputs after which a policy is asked no more: it may use up its limits each time.
const MOST_FAILURES: usize = 3;

/// Sizes in which subjects are handed over.
const BATCHES: [usize; 4] = [1, 7, 64, 1_000];

/// What came of one check.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// What was checked: a file, or a property.
    pub what: String,
    /// What is wrong, where something is.
    pub fault: Option<String>,
}

/// A policy that answers the same question in two ways.
#[derive(Clone, Debug, PartialEq, DeriveError)]
#[error("the policy answers the same question in two ways: {fault}; the input is {input}")]
pub struct Broken {
    /// Which subject is decided otherwise, and when.
    pub fault: Fault,
    /// The input, as an example to keep.
    pub input: String,
}

/// How a policy breaks the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Not the same bytes the second time.
    Repeated,
    /// Not the same bytes in another process.
    InAnotherProcess,
    /// Another decision about a subject where the subjects stand in another order.
    InAnotherOrder(usize),
    /// Another decision about a subject by itself.
    Alone(usize),
    /// Another decision about a subject where so many are handed over at a time.
    InBatchesOf {
        /// The subject.
        subject: usize,
        /// How many.
        size: usize,
    },
}

/// Why a node does not take a policy.
#[derive(Clone, Debug, PartialEq, DeriveError)]
pub enum Error {
    /// It does not keep the contract.
    #[error(transparent)]
    Broken(Broken),
    /// It could not be tried; says nothing of it.
    #[error("the policy could not be tried: {0}")]
    NotTried(Failure),
}

/// What ends a trial early.
enum Stop {
    Fault(Fault),
    /// There is no process for the policy just now.
    NotTried(Failure),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Repeated => write!(f, "two answers to the same input"),
            Self::InAnotherProcess => write!(f, "another answer in another process"),
            Self::InAnotherOrder(subject) => {
                write!(f, "subject {subject} is decided otherwise in another order")
            }
            Self::Alone(subject) => write!(f, "subject {subject} is decided otherwise by itself"),
            Self::InBatchesOf { subject, size } => {
                write!(
                    f,
                    "subject {subject} is decided otherwise in batches of {size}"
                )
            }
        }
    }
}

/// Tries what must hold for any input, with values like those of known examples. A fault carries the input, as an
/// example to keep.
pub fn properties(policy: &Policy, defaults: &Settings, known: &[Example]) -> Vec<Finding> {
    let trial = Trial::new(policy, defaults);
    let generated = trial.generated(known);
    let first = |what: &str, check: &dyn Fn(&Example, &[usize]) -> Option<String>| {
        let mut faults = generated.iter().filter_map(|(example, order)| {
            let fault = check(example, order)?;
            Some(format!(
                "{fault}\n    for {}",
                example.to_json(trial.manifest)
            ))
        });
        Finding {
            what: format!("{what}, {INPUTS} generated inputs"),
            fault: faults.next(),
        }
    };
    let said = |kept: Result<(), Stop>| match kept {
        Ok(()) => None,
        Err(Stop::Fault(fault)) => Some(fault.to_string()),
        Err(Stop::NotTried(failure)) => Some(failure.to_string()),
    };
    let mut findings = vec![
        first("every input has an answer", &|example, _| {
            let given = trial.judge(trial.policy, example).ok()??;
            failure(&given).map(|failure| failure.to_string())
        }),
        first("the same input, the same bytes", &|example, _| {
            said(trial.repeats(example))
        }),
    ];
    if trial.judges_one_by_one() {
        findings.push(first("whatever the order", &|example, order| {
            said(trial.keeps_decisions(example, order))
        }));
    }
    findings
}

/// Holds a policy, and the same component in another process, to the contract.
pub fn must_keep(
    policy: &Policy,
    apart: &Policy,
    defaults: &Settings,
    known: &[Example],
    tier: Tier,
) -> Result<(), Error> {
    let trial = Trial::new(policy, defaults);
    let stopped = |stop, example: &Example| match stop {
        Stop::NotTried(failure) => Error::NotTried(failure),
        Stop::Fault(fault) => Error::Broken(Broken {
            fault,
            input: example.to_json(trial.manifest).to_string(),
        }),
    };
    let mut failures = 0;
    for (example, order) in trial.generated(known) {
        match trial.keeps(apart, &example, &order) {
            Ok(true) => {}
            Ok(false) => failures += 1,
            Err(stop) => return Err(stopped(stop, &example)),
        }
        if failures == MOST_FAILURES {
            return Ok(());
        }
    }
    // An interpreter takes a hundred times as long for each.
    let subjects = match tier {
        Tier::Compiled => 1_003,
        Tier::Interpreted => 67,
    };
    let many = Generator::new(trial.manifest, known, 2).example(subjects);
    trial
        .keeps_batches(&many)
        .map_err(|stop| stopped(stop, &many))
}

struct Trial<'a> {
    policy: &'a Policy,
    manifest: &'a Manifest,
    defaults: &'a Settings,
}

impl<'a> Trial<'a> {
    fn new(policy: &'a Policy, defaults: &'a Settings) -> Self {
        Self {
            policy,
            manifest: policy.describe(),
            defaults,
        }
    }

    /// Inputs, each with another order of its subjects.
    fn generated(&self, known: &[Example]) -> Vec<(Example, Vec<usize>)> {
        let mut generator = Generator::new(self.manifest, known, 1);
        let mut generated = Vec::new();
        for _ in 0..INPUTS {
            let example = generator.example(SUBJECTS);
            let order = generator.order(SUBJECTS);
            generated.push((example, order));
        }
        generated
    }

    /// Whether a subject stands for itself: a group does not, nor does a row that another one refers to.
    fn judges_one_by_one(&self) -> bool {
        let facts = self.manifest.tables.iter().flat_map(|table| &table.facts);
        let mut kinds = facts.map(|fact| fact.kind);
        self.manifest.family == Family::Subject
            && !kinds.any(|kind| kind == Kind::Row(self.manifest.subjects))
    }

    /// Tries everything that one input can show. False where the policy gives no answer to it.
    fn keeps(&self, apart: &Policy, example: &Example, order: &[usize]) -> Result<bool, Stop> {
        let Some(given) = self.judge(self.policy, example)? else {
            return Ok(true);
        };
        if failure(&given).is_some() {
            return Ok(false);
        }
        self.must_equal(self.policy, example, &given, Fault::Repeated)?;
        self.must_equal(apart, example, &given, Fault::InAnotherProcess)?;
        self.must_decide_alike(example, &given, order)?;
        Ok(true)
    }

    fn repeats(&self, example: &Example) -> Result<(), Stop> {
        match self.judge(self.policy, example)? {
            Some(given) => self.must_equal(self.policy, example, &given, Fault::Repeated),
            None => Ok(()),
        }
    }

    fn keeps_decisions(&self, example: &Example, order: &[usize]) -> Result<(), Stop> {
        match self.judge(self.policy, example)? {
            Some(given) => self.must_decide_alike(example, &given, order),
            None => Ok(()),
        }
    }

    fn must_equal(
        &self,
        policy: &Policy,
        example: &Example,
        given: &Evaluation,
        fault: Fault,
    ) -> Result<(), Stop> {
        match self.judge(policy, example)? {
            Some(again) if again.output != given.output && !is_attempt(&[given, &again]) => {
                Err(Stop::Fault(fault))
            }
            _ => Ok(()),
        }
    }

    fn must_decide_alike(
        &self,
        example: &Example,
        given: &Evaluation,
        order: &[usize],
    ) -> Result<(), Stop> {
        let Some(together) = self.decided(example, given) else {
            return Ok(());
        };
        let compare = |subjects: &[usize], fault: &dyn Fn(usize) -> Fault| {
            self.must_be_decided_as(&together, example, subjects, fault)
        };
        compare(order, &Fault::InAnotherOrder)?;
        for subject in 0..example.subjects(self.manifest) {
            compare(&[subject], &Fault::Alone)?;
        }
        Ok(())
    }

    fn keeps_batches(&self, example: &Example) -> Result<(), Stop> {
        let given = self.judge(self.policy, example)?;
        let Some(together) = given.and_then(|given| self.decided(example, &given)) else {
            return Ok(());
        };
        let subjects: Vec<usize> = (0..example.subjects(self.manifest)).collect();
        for size in BATCHES.into_iter().filter(|size| *size < subjects.len()) {
            for batch in subjects.chunks(size) {
                let fault = |subject| Fault::InBatchesOf { subject, size };
                self.must_be_decided_as(&together, example, batch, &fault)?;
            }
        }
        Ok(())
    }

    /// Hands some subjects over, in this order, and looks whether each is decided as it was among all. Where there is
    /// an answer about all and none about them, that is another answer.
    fn must_be_decided_as(
        &self,
        together: &[Json],
        example: &Example,
        subjects: &[usize],
        fault: &dyn Fn(usize) -> Fault,
    ) -> Result<(), Stop> {
        let some = example.reordered(self.manifest, subjects);
        let Some(given) = self.judge(self.policy, &some)? else {
            return Ok(());
        };
        if is_attempt(&[&given]) {
            return Ok(());
        }
        let decided = self.decided(&some, &given).unwrap_or_default();
        let differs = |(place, subject): (usize, &usize)| {
            (decided.get(place) != together.get(*subject)).then_some(*subject)
        };
        match subjects.iter().enumerate().find_map(differs) {
            Some(subject) => Err(Stop::Fault(fault(subject))),
            None => Ok(()),
        }
    }

    /// What comes of an example; nothing where it is no input of the policy.
    fn judge(&self, policy: &Policy, example: &Example) -> Result<Option<Evaluation>, Stop> {
        let Ok(input) = example.input(self.manifest) else {
            return Ok(None);
        };
        let evaluation = policy.evaluate(self.defaults, &input);
        match &evaluation.result {
            Err(failure) if failure.is_of_the_machine() => Err(Stop::NotTried(failure.clone())),
            _ => Ok(Some(evaluation)),
        }
    }

    /// What was decided about each subject, without the numbers of rows; none where there is no answer, or where
    /// subjects do not stand for themselves.
    fn decided(&self, example: &Example, given: &Evaluation) -> Option<Vec<Json>> {
        if !self.judges_one_by_one() {
            return None;
        }
        let answer = given.result.as_ref().ok()?;
        let input = example.input(self.manifest).ok()?;
        Some(answer::decisions(self.manifest, &input, answer))
    }
}

/// Why there is no answer. A policy may say that it cannot judge an input; that is an answer too.
fn failure(given: &Evaluation) -> Option<&Failure> {
    let failure = given.result.as_ref().err();
    failure.filter(|failure| !matches!(failure, Failure::Declined { .. }))
}

/// Whether one of them is no answer of the policy's own, which compares with nothing.
fn is_attempt(given: &[&Evaluation]) -> bool {
    let mut failures = given.iter().filter_map(|given| given.result.as_ref().err());
    failures.any(|failure| !failure.is_reproducible())
}
