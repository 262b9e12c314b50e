//! Decisions: what a policy said of one subject for one purpose.

use lika_proto::log::v1::{self as message, decision::Outcome as OutcomeNumber};

use super::{Document, Fault, Index, Key, Problem, field, parts};
use crate::{
    log::Kind,
    rollup::Tally,
    value::{Code, Fen, RecordId},
};

/// What a policy said of one subject. Revisions are the history; the current one is the last word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The evaluation.
    pub evaluation: RecordId,
    /// The purpose.
    pub purpose: Code,
    /// The subject's kind.
    pub subject_kind: Kind,
    /// The subject.
    pub subject: RecordId,
    /// The answer.
    pub outcome: Outcome,
    /// An amount, when the policy gives one.
    pub amount: Option<Fen>,
    /// Why.
    pub reasons: Vec<Reason>,
    /// What was compared with what.
    pub comparisons: Vec<Compared>,
    /// What the policy proposes to do about it.
    pub proposals: Vec<Proposal>,
    /// A score in the policy's own unit, when it gives one.
    pub score: Option<i64>,
}

/// The answer of a policy. There is no fourth: what is not answered goes to a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Yes, with a category.
    Granted(Code),
    /// No, with reasons.
    Refused,
    /// Not answered, and the facts that were missing.
    Undetermined(Vec<String>),
}

/// A reason: the sentence comes from the policy's manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// Stable code.
    pub code: Code,
    /// Facts used.
    pub facts: Vec<String>,
    /// Arguments of the sentence, in order.
    pub arguments: Vec<String>,
}

/// A fact held against a threshold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compared {
    /// The fact.
    pub fact: String,
    /// Its value, in the fact's unit.
    pub value: i64,
    /// The threshold.
    pub threshold: i64,
    /// Whether the value met it.
    pub met: bool,
}

/// An assignment that a person can accept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// The role, as the policy declares them.
    pub role: Code,
    /// The resource's kind.
    pub resource_kind: Kind,
    /// The resource.
    pub resource: RecordId,
}

/// The record id of the decision on a subject for a purpose.
pub fn decision_id(purpose: &Code, subject: &RecordId) -> RecordId {
    RecordId::derived(
        "lika.decision",
        &[purpose.as_str().as_bytes(), b"/", &subject.0].concat(),
    )
}

impl Outcome {
    /// The code of the outcome in dimensions and pages.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Granted(_) => "granted",
            Self::Refused => "refused",
            Self::Undetermined(_) => "undetermined",
        }
    }
}

impl Document for Decision {
    type Message = message::Decision;

    fn parse(message: message::Decision) -> Result<Self, Fault> {
        let message::decision::Open {
            evaluation,
            purpose,
            subject_kind,
            subject,
            outcome,
            category,
            amount,
            reasons,
            missing,
            comparisons,
            proposals,
            score,
        } = field::required("open", message.open)?;
        let outcome = match OutcomeNumber::try_from(outcome) {
            Ok(OutcomeNumber::Granted) => {
                Outcome::Granted(field::malformed("category", Code::parse(&category))?)
            }
            Ok(OutcomeNumber::Refused) => Outcome::Refused,
            Ok(OutcomeNumber::Undetermined) => Outcome::Undetermined(missing),
            Ok(OutcomeNumber::Unspecified) | Err(_) => {
                return Err(Fault::new("outcome", Problem::Missing));
            }
        };
        Ok(Self {
            evaluation: field::id("evaluation", &evaluation)?,
            purpose: field::malformed("purpose", Code::parse(&purpose))?,
            subject_kind: kind("subject_kind", subject_kind)?,
            subject: field::id("subject", &subject)?,
            outcome,
            amount: amount.map(Fen),
            reasons: reasons
                .into_iter()
                .map(Reason::parse)
                .collect::<Result<_, _>>()?,
            comparisons: comparisons.into_iter().map(Compared::parse).collect(),
            proposals: proposals
                .into_iter()
                .map(Proposal::parse)
                .collect::<Result<_, _>>()?,
            score,
        })
    }

    fn message(&self) -> message::Decision {
        let Self {
            evaluation,
            purpose,
            subject_kind,
            subject,
            outcome,
            amount,
            reasons,
            comparisons,
            proposals,
            score,
        } = self;
        let (outcome, category, missing) = match outcome {
            Outcome::Granted(category) => {
                (OutcomeNumber::Granted, category.to_string(), Vec::new())
            }
            Outcome::Refused => (OutcomeNumber::Refused, String::new(), Vec::new()),
            Outcome::Undetermined(missing) => {
                (OutcomeNumber::Undetermined, String::new(), missing.clone())
            }
        };
        message::Decision {
            open: Some(message::decision::Open {
                evaluation: evaluation.0.to_vec(),
                purpose: purpose.to_string(),
                subject_kind: subject_kind.number(),
                subject: subject.0.to_vec(),
                outcome: outcome.into(),
                category,
                amount: amount.map(|fen| fen.0),
                reasons: reasons.iter().map(Reason::message).collect(),
                missing,
                comparisons: comparisons.iter().map(Compared::message).collect(),
                proposals: proposals.iter().map(Proposal::message).collect(),
                score: *score,
            }),
        }
    }

    parts!(Decision);

    fn keys(&self) -> Vec<Key> {
        vec![
            Key::record(Index::DecisionsOfSubject, &self.subject),
            Key::open(
                Index::DecisionsOfPurpose,
                &[self.purpose.as_str().as_bytes()],
            ),
        ]
    }

    fn tallies(&self) -> Vec<Tally> {
        let answer = format!("decision/{}/{}", self.purpose, self.outcome.code());
        let mut tallies = vec![Tally::stock(answer.clone(), 1)];
        if let Outcome::Granted(category) = &self.outcome {
            tallies.push(Tally::stock(format!("{answer}/{category}"), 1));
        }
        tallies
    }
}

impl Reason {
    fn parse(message: message::decision::Reason) -> Result<Self, Fault> {
        let message::decision::Reason {
            code,
            facts,
            arguments,
        } = message;
        Ok(Self {
            code: field::malformed("reasons.code", Code::parse(&code))?,
            facts,
            arguments,
        })
    }

    fn message(&self) -> message::decision::Reason {
        let Self {
            code,
            facts,
            arguments,
        } = self;
        message::decision::Reason {
            code: code.to_string(),
            facts: facts.clone(),
            arguments: arguments.clone(),
        }
    }
}

impl Compared {
    fn parse(message: message::decision::Comparison) -> Self {
        let message::decision::Comparison {
            fact,
            value,
            threshold,
            met,
        } = message;
        Self {
            fact,
            value,
            threshold,
            met,
        }
    }

    fn message(&self) -> message::decision::Comparison {
        let Self {
            fact,
            value,
            threshold,
            met,
        } = self;
        message::decision::Comparison {
            fact: fact.clone(),
            value: *value,
            threshold: *threshold,
            met: *met,
        }
    }
}

impl Proposal {
    fn parse(message: message::decision::Proposal) -> Result<Self, Fault> {
        let message::decision::Proposal {
            role,
            resource_kind,
            resource,
        } = message;
        Ok(Self {
            role: field::malformed("proposals.role", Code::parse(&role))?,
            resource_kind: kind("proposals.resource_kind", resource_kind)?,
            resource: field::id("proposals.resource", &resource)?,
        })
    }

    fn message(&self) -> message::decision::Proposal {
        let Self {
            role,
            resource_kind,
            resource,
        } = self;
        message::decision::Proposal {
            role: role.to_string(),
            resource_kind: resource_kind.number(),
            resource: resource.0.to_vec(),
        }
    }
}

fn kind(field: &'static str, number: u32) -> Result<Kind, Fault> {
    Kind::from_number(number).ok_or(Fault::new(field, Problem::Missing))
}
