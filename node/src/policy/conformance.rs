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
//! ([`must_keep`]), but for the first: what a policy gives no answer to goes to a person.

pub mod answer;
pub mod example;
pub mod generate;

use std::{cell::OnceCell, fmt};

use serde_json::Value as Json;
use thiserror::Error as DeriveError;

use self::{example::Example, generate::Generator};
use super::{Evaluation, Failure, Family, Input, Kind, Manifest, Policy, Settings, engine::Tier};

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
    let questions: Vec<Question> = trial.questions(known).collect();
    let first = |what: &str, check: &dyn Fn(&Question) -> Option<String>| {
        let mut faults = questions.iter().filter_map(|question| {
            let fault = check(question)?;
            let input = question.example.to_json(trial.manifest);
            Some(format!("{fault}\n    for {input}"))
        });
        Finding {
            what: format!("{what}, {INPUTS} generated inputs"),
            fault: faults.next(),
        }
    };
    let said = |fault: Option<Fault>| fault.map(|fault| fault.to_string());
    let mut findings = vec![
        first("every input has an answer", &|question| {
            trial.failure(question).map(ToString::to_string)
        }),
        first("the same input, the same bytes", &|question| {
            said(trial.repeats(question))
        }),
    ];
    if trial.judges_one_by_one() {
        findings.push(first("whatever the order", &|question| {
            said(trial.keeps_decisions(question))
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
) -> Result<(), Broken> {
    let trial = Trial::new(policy, defaults);
    let broken = |fault, example: &Example| Broken {
        fault,
        input: example.to_json(trial.manifest).to_string(),
    };
    let mut failures = 0;
    for question in trial.questions(known) {
        if trial.failure(&question).is_some() {
            failures += 1;
            if failures == MOST_FAILURES {
                return Ok(());
            }
            continue;
        }
        let fault = trial
            .repeats(&question)
            .or_else(|| trial.is_same_apart(apart, &question))
            .or_else(|| trial.keeps_decisions(&question));
        if let Some(fault) = fault {
            return Err(broken(fault, &question.example));
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

/// A generated input.
struct Question {
    example: Example,
    /// Another order of its subjects.
    order: Vec<usize>,
    input: Input,
    /// What was said to it first, once it was asked: everything else is held against that.
    first: OnceCell<Evaluation>,
}

impl<'a> Trial<'a> {
    fn new(policy: &'a Policy, defaults: &'a Settings) -> Self {
        Self {
            policy,
            manifest: policy.describe(),
            defaults,
        }
    }

    fn questions(&self, known: &[Example]) -> impl Iterator<Item = Question> {
        let mut generator = Generator::new(self.manifest, known, 1);
        (0..INPUTS).filter_map(move |_| {
            let example = generator.example(SUBJECTS);
            let order = generator.order(SUBJECTS);
            let input = example.input(self.manifest).ok()?;
            Some(Question {
                example,
                order,
                input,
                first: OnceCell::new(),
            })
        })
    }

    fn first<'q>(&self, question: &'q Question) -> &'q Evaluation {
        let ask = || self.policy.evaluate(self.defaults, &question.input);
        question.first.get_or_init(ask)
    }

    fn failure<'q>(&self, question: &'q Question) -> Option<&'q Failure> {
        match &self.first(question).result {
            // A policy may say that it cannot judge an input; that is an answer too.
            Ok(_) | Err(Failure::Declined { .. }) => None,
            Err(failure) => Some(failure),
        }
    }

    /// Whether a subject stands for itself: a group does not, nor does a row that another one refers to.
    fn judges_one_by_one(&self) -> bool {
        let facts = self.manifest.tables.iter().flat_map(|table| &table.facts);
        let mut kinds = facts.map(|fact| fact.kind);
        self.manifest.family == Family::Subject
            && !kinds.any(|kind| kind == Kind::Row(self.manifest.subjects))
    }

    fn repeats(&self, question: &Question) -> Option<Fault> {
        let first = self.first(question);
        let again = self.policy.evaluate(self.defaults, &question.input);
        (again.output != first.output).then_some(Fault::Repeated)
    }

    fn is_same_apart(&self, apart: &Policy, question: &Question) -> Option<Fault> {
        let here = self.first(question);
        let there = apart.evaluate(self.defaults, &question.input);
        (there.output != here.output).then_some(Fault::InAnotherProcess)
    }

    fn keeps_decisions(&self, question: &Question) -> Option<Fault> {
        if !self.judges_one_by_one() {
            return None;
        }
        let Question { example, order, .. } = question;
        let together = self.decisions(&question.input, self.first(question))?;
        let reordered = self.decisions_of(example, order)?;
        for (place, subject) in order.iter().enumerate() {
            if reordered.get(place) != together.get(*subject) {
                return Some(Fault::InAnotherOrder(*subject));
            }
        }
        for subject in 0..example.subjects(self.manifest) {
            let alone = self.decisions_of(example, &[subject])?;
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
        let subjects: Vec<usize> = (0..example.subjects(self.manifest)).collect();
        let together = self.decisions_of(example, &subjects)?;
        for size in BATCHES.into_iter().filter(|size| *size < subjects.len()) {
            for batch in subjects.chunks(size) {
                let apart = self.decisions_of(example, batch)?;
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

    /// The same about these subjects of an example, in this order.
    fn decisions_of(&self, example: &Example, order: &[usize]) -> Option<Vec<Json>> {
        let input = example.input_of(self.manifest, order).ok()?;
        let evaluation = self.policy.evaluate(self.defaults, &input);
        self.decisions(&input, &evaluation)
    }

    /// What was decided about each subject, without the numbers of rows; none where there is no answer, which
    /// another property tells.
    fn decisions(&self, input: &Input, evaluation: &Evaluation) -> Option<Vec<Json>> {
        let answer = evaluation.result.as_ref().ok()?;
        Some(answer::decisions(self.manifest, input, answer))
    }
}
