//! Whether a policy keeps the contract on inputs that nobody wrote.
//!
//! | property | what is compared |
//! |---|---|
//! | an answer | no trap, no limit, no rule broken: amounts add up to the pool, capacities hold |
//! | determinism | the same input twice, each on a fresh instance, byte for byte |
//! | process | the same input in another process, byte for byte |
//! | order | subjects in another order, and each by itself: the same decisions (subject policies) |
//! | batches | subjects by 1, 7, 64 and 1,000: the same decisions (subject policies) |
//! | declarations | a fact that is declared monotone, raised: no outcome the other way round |
//!
//! The author of a policy sees which of them hold ([`properties`]). A node admits no policy of which one does not
//! ([`must_keep`]), but for the first: what a policy gives no answer to goes to a person.

pub mod answer;
pub mod example;
pub mod generate;
mod monotone;

use std::fmt;

use serde_json::Value as Json;
use thiserror::Error as DeriveError;

pub use self::monotone::Turn;
use self::{example::Example, generate::Generator};
use super::{Failure, Family, Kind, Manifest, Policy, Settings, engine::Tier};

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

/// A policy that answers the same question in two ways, or otherwise than it has declared.
#[derive(Clone, Debug, PartialEq, DeriveError)]
#[error("{}: {fault}; the input is {input}", .fault.heading())]
pub struct Broken {
    /// Which subject is decided otherwise, and when.
    pub fault: Fault,
    /// The input, as an example to keep.
    pub input: String,
}

impl Broken {
    /// Whether it breaks what it has declared of itself, and not what every policy has to keep.
    pub fn is_of_a_declaration(&self) -> bool {
        matches!(self.fault, Fault::NotMonotone(_))
    }
}

/// How a policy breaks the contract.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// An outcome that goes the other way than a fact of it was declared to lead.
    NotMonotone(Box<Turn>),
}

impl Fault {
    /// What is broken by it.
    fn heading(&self) -> &'static str {
        match self {
            Self::NotMonotone(_) => "the policy breaks its own declaration",
            _ => "the policy answers the same question in two ways",
        }
    }
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
            Self::NotMonotone(turn) => write!(f, "{turn}"),
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
    let said = |fault: Option<Fault>| fault.map(|fault| fault.to_string());
    let mut findings = vec![
        first("every input has an answer", &|example, _| {
            trial.failure(example).map(|failure| failure.to_string())
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
    findings.extend(trial.declarations(known));
    findings
}

/// Holds a policy, and the same component in another process, to the contract.
pub fn must_keep(
    policy: &Policy,
    apart: &Policy,
    defaults: &Settings,
    known: &[Example],
    tier: Tier,
) -> Result<(), Broken> {
    let trial = Trial::new(policy, defaults);
    let broken = |fault, example: &Example| Broken {
        fault,
        input: example.to_json(trial.manifest).to_string(),
    };
    if let Some((turn, example)) = trial.breaks_declaration(known) {
        return Err(broken(Fault::NotMonotone(Box::new(turn)), &example));
    }
    let mut failures = 0;
    for (example, order) in trial.generated(known) {
        if trial.failure(&example).is_some() {
            failures += 1;
            if failures == MOST_FAILURES {
                return Ok(());
            }
            continue;
        }
        let fault = trial
            .repeats(&example)
            .or_else(|| trial.is_same_apart(apart, &example))
            .or_else(|| trial.keeps_decisions(&example, &order));
        if let Some(fault) = fault {
            return Err(broken(fault, &example));
        }
    }
    // An interpreter takes a hundred times as long for each.
    let subjects = match tier {
        Tier::Compiled => 1_003,
        Tier::Interpreted => 67,
    };
    let many = Generator::new(trial.manifest, known, 2).example(subjects);
    match trial.keeps_batches(&many) {
        Some(fault) => Err(broken(fault, &many)),
        None => Ok(()),
    }
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

    fn failure(&self, example: &Example) -> Option<Failure> {
        let input = example.input(self.manifest).ok()?;
        match self.policy.evaluate(self.defaults, &input).result {
            // A policy may say that it cannot judge an input; that is an answer too.
            Ok(_) | Err(Failure::Declined { .. }) => None,
            Err(failure) => Some(failure),
        }
    }

    fn repeats(&self, example: &Example) -> Option<Fault> {
        let input = example.input(self.manifest).ok()?;
        let [first, second] = [(); 2].map(|()| self.policy.evaluate(self.defaults, &input));
        (first.output != second.output).then_some(Fault::Repeated)
    }

    fn is_same_apart(&self, apart: &Policy, example: &Example) -> Option<Fault> {
        let input = example.input(self.manifest).ok()?;
        let [here, there] = [self.policy, apart].map(|it| it.evaluate(self.defaults, &input));
        (here.output != there.output).then_some(Fault::InAnotherProcess)
    }

    fn keeps_decisions(&self, example: &Example, order: &[usize]) -> Option<Fault> {
        if !self.judges_one_by_one() {
            return None;
        }
        let together = self.decisions(example)?;
        let reordered = self.decisions(&example.reordered(self.manifest, order))?;
        for (place, subject) in order.iter().enumerate() {
            if reordered.get(place) != together.get(*subject) {
                return Some(Fault::InAnotherOrder(*subject));
            }
        }
        for subject in 0..example.subjects(self.manifest) {
            let alone = self.decisions(&example.reordered(self.manifest, &[subject]))?;
            if alone.first() != together.get(subject) {
                return Some(Fault::Alone(subject));
            }
        }
        None
    }

    fn keeps_batches(&self, example: &Example) -> Option<Fault> {
        if !self.judges_one_by_one() {
            return None;
        }
        let together = self.decisions(example)?;
        let subjects: Vec<usize> = (0..example.subjects(self.manifest)).collect();
        for size in BATCHES.into_iter().filter(|size| *size < subjects.len()) {
            for batch in subjects.chunks(size) {
                let apart = self.decisions(&example.reordered(self.manifest, batch))?;
                let differs = |(place, subject): (usize, &usize)| {
                    (apart.get(place) != together.get(*subject)).then_some(*subject)
                };
                if let Some(subject) = batch.iter().enumerate().find_map(differs) {
                    return Some(Fault::InBatchesOf { subject, size });
                }
            }
        }
        None
    }

    /// What was decided about each subject, without the numbers of rows; none where there is no answer, which
    /// another property tells.
    fn decisions(&self, example: &Example) -> Option<Vec<Json>> {
        let input = example.input(self.manifest).ok()?;
        let result = self.policy.evaluate(self.defaults, &input).result;
        let answer = result.as_ref().ok()?;
        Some(answer::decisions(self.manifest, &input, answer))
    }
}
