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
//! ([`must_keep`]), but for the first: what a policy gives no answer to goes to a person, and one that fails three of
//! the inputs is asked no more. What the machine is at fault for (a killed process, a deadline) is held against
//! nobody.

pub mod answer;
pub mod example;
pub mod generate;
mod monotone;

use std::{cell::OnceCell, fmt};

use serde_json::Value as Json;
use thiserror::Error as DeriveError;

pub use self::monotone::Turn;
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
            Self::NotMonotone(turn) => write!(f, "{turn}"),
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
    let said = |kept: Result<(), Stop>| match kept {
        Ok(()) => None,
        Err(Stop::Fault(fault)) => Some(fault.to_string()),
        Err(Stop::NotTried(failure)) => Some(failure.to_string()),
    };
    let mut findings = vec![
        first("every input has an answer", &|question| {
            failure(trial.first(question)).map(ToString::to_string)
        }),
        first("the same input, the same bytes", &|question| {
            said(trial.must_answer_alike(trial.policy, question, Fault::Repeated))
        }),
    ];
    if trial.judges_one_by_one() {
        findings.push(first("whatever the order", &|question| {
            said(trial.must_decide_alike(question))
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
) -> Result<(), Error> {
    let trial = Trial::new(policy, defaults);
    let stopped = |stop, example: &Example| match stop {
        Stop::NotTried(failure) => Error::NotTried(failure),
        Stop::Fault(fault) => Error::Broken(Broken {
            fault,
            input: example.to_json(trial.manifest).to_string(),
        }),
    };
    if let Some((turn, example)) = trial.breaks_declaration(known) {
        let fault = Fault::NotMonotone(Box::new(turn));
        return Err(stopped(Stop::Fault(fault), &example));
    }
    let mut failures = 0;
    for question in trial.questions(known) {
        match trial.keeps(apart, &question) {
            Ok(true) => {}
            Ok(false) => failures += 1,
            Err(stop) => return Err(stopped(stop, &question.example)),
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
        .must_decide_batches_alike(&many)
        .map_err(|stop| stopped(stop, &many))
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

    /// Whether a subject stands for itself: a group does not, nor does a row that another one refers to.
    fn judges_one_by_one(&self) -> bool {
        let facts = self.manifest.tables.iter().flat_map(|table| &table.facts);
        let mut kinds = facts.map(|fact| fact.kind);
        self.manifest.family == Family::Subject
            && !kinds.any(|kind| kind == Kind::Row(self.manifest.subjects))
    }

    /// Tries everything that one input can show. False where the policy gives no answer to it.
    fn keeps(&self, apart: &Policy, question: &Question) -> Result<bool, Stop> {
        tried(self.first(question))?;
        if failure(self.first(question)).is_some() {
            return Ok(false);
        }
        self.must_answer_alike(self.policy, question, Fault::Repeated)?;
        self.must_answer_alike(apart, question, Fault::InAnotherProcess)?;
        self.must_decide_alike(question)?;
        Ok(true)
    }

    fn must_answer_alike(
        &self,
        policy: &Policy,
        question: &Question,
        fault: Fault,
    ) -> Result<(), Stop> {
        let first = tried(self.first(question))?;
        let again = policy.evaluate(self.defaults, &question.input);
        let again = tried(&again)?;
        if again.output == first.output || is_attempt(first) || is_attempt(again) {
            Ok(())
        } else {
            Err(Stop::Fault(fault))
        }
    }

    fn must_decide_alike(&self, question: &Question) -> Result<(), Stop> {
        let Question { example, order, .. } = question;
        let first = tried(self.first(question))?;
        let Some(together) = self.decisions(&question.input, first) else {
            return Ok(());
        };
        self.must_be_decided_as(&together, example, order, &Fault::InAnotherOrder)?;
        let mut subjects = 0..example.subjects(self.manifest);
        subjects.try_for_each(|subject| {
            self.must_be_decided_as(&together, example, &[subject], &Fault::Alone)
        })
    }

    fn must_decide_batches_alike(&self, example: &Example) -> Result<(), Stop> {
        let subjects: Vec<usize> = (0..example.subjects(self.manifest)).collect();
        let Ok(input) = example.input_of(self.manifest, &subjects) else {
            return Ok(());
        };
        let given = self.policy.evaluate(self.defaults, &input);
        let Some(together) = self.decisions(&input, tried(&given)?) else {
            return Ok(());
        };
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
        let Ok(input) = example.input_of(self.manifest, subjects) else {
            return Ok(());
        };
        let given = self.policy.evaluate(self.defaults, &input);
        if is_attempt(tried(&given)?) {
            return Ok(());
        }
        let decided = self.decisions(&input, &given).unwrap_or_default();
        let differs = |(place, subject): (usize, &usize)| {
            (decided.get(place) != together.get(*subject)).then_some(*subject)
        };
        match subjects.iter().enumerate().find_map(differs) {
            Some(subject) => Err(Stop::Fault(fault(subject))),
            None => Ok(()),
        }
    }

    /// What was decided about each subject, without the numbers of rows; none where there is no answer, or where
    /// subjects do not stand for themselves.
    fn decisions(&self, input: &Input, given: &Evaluation) -> Option<Vec<Json>> {
        if !self.judges_one_by_one() {
            return None;
        }
        let answer = given.result.as_ref().ok()?;
        Some(answer::decisions(self.manifest, input, answer))
    }
}

/// What came of a call, unless there was no process for the policy.
fn tried(given: &Evaluation) -> Result<&Evaluation, Stop> {
    match &given.result {
        Err(failure) if failure.is_of_the_machine() => Err(Stop::NotTried(failure.clone())),
        _ => Ok(given),
    }
}

/// Why there is no answer. A policy may say that it cannot judge an input; that is an answer too.
fn failure(given: &Evaluation) -> Option<&Failure> {
    let failure = given.result.as_ref().err();
    failure.filter(|failure| !matches!(failure, Failure::Declined { .. }))
}

/// Whether it is no answer of the policy's own, which compares with nothing.
fn is_attempt(given: &Evaluation) -> bool {
    let failure = given.result.as_ref().err();
    failure.is_some_and(|failure| !failure.is_reproducible())
}
