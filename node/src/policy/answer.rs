//! What a policy answers, as plain data.

use serde::{Deserialize, Serialize};

use super::bindings::types as wire;
use super::codec::{self, Encode, Error, Reader, Writer, encode_fields};

const FORMAT: [u8; 4] = *b"LKA1";

/// Everything that one call answers; flat lists that name their owner by index, as
/// `wit/policy.wit` says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// One for each subject, ascending.
    pub decisions: Vec<Decision>,
    /// Facts that were missing.
    pub missing: Vec<MissingFact>,
    /// Reasons.
    pub reasons: Vec<Reason>,
    /// Facts of the reasons.
    pub evidence: Vec<Evidence>,
    /// Arguments of the reasons.
    pub arguments: Vec<Argument>,
    /// Facts held against thresholds.
    pub comparisons: Vec<Comparison>,
    /// Resources for subjects.
    pub proposals: Vec<Proposal>,
    /// Texts of the arguments.
    pub strings: Vec<String>,
}

/// What was decided about one subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Its row.
    pub subject: u32,
    /// The answer.
    pub outcome: Outcome,
    /// As what.
    pub category: Option<u32>,
    /// Amount in fen.
    pub amount: Option<i64>,
    /// Score.
    pub score: Option<i64>,
}

/// The three answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// Yes.
    Granted,
    /// No.
    Refused,
    /// Goes to a person.
    Undetermined,
}

/// One fact of one row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactReference {
    /// Index of the table.
    pub table: u32,
    /// The row.
    pub row: u32,
    /// Index of the fact.
    pub fact: u32,
}

/// A fact that was missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MissingFact {
    /// For this subject.
    pub subject: u32,
    /// The fact.
    pub fact: FactReference,
}

/// A reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// For this subject.
    pub subject: u32,
    /// Index into the manifest's reasons.
    pub code: u32,
}

/// A fact on which a reason rests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// Index of the reason.
    pub reason: u32,
    /// The fact.
    pub fact: FactReference,
}

/// An argument of a reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Argument {
    /// Index of the reason.
    pub reason: u32,
    /// The value.
    pub value: i64,
}

/// How a value was compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Comparator {
    /// `<`
    Less,
    /// `≤`
    AtMost,
    /// `=`
    Equal,
    /// `≥`
    AtLeast,
    /// `>`
    Greater,
}

/// A fact held against a threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    /// For this subject.
    pub subject: u32,
    /// The fact.
    pub fact: FactReference,
    /// How.
    pub comparator: Comparator,
    /// Its value.
    pub value: i64,
    /// The threshold.
    pub threshold: i64,
    /// Whether it holds.
    pub holds: bool,
}

/// One resource for one subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// Index into the manifest's roles.
    pub role: u32,
    /// For this subject.
    pub subject: u32,
    /// Table of the resource.
    pub table: u32,
    /// Row of the resource.
    pub row: u32,
    /// How much of its capacity; none means 1.
    pub quantity: Option<i64>,
}

impl Answer {
    /// The canonical bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        codec::to_bytes(FORMAT, self)
    }

    /// The answer of these bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        codec::from_bytes(FORMAT, bytes)
    }
}

impl Comparison {
    /// Whether the comparison is what it says.
    pub fn is_true(&self) -> bool {
        let holds = match self.comparator {
            Comparator::Less => self.value < self.threshold,
            Comparator::AtMost => self.value <= self.threshold,
            Comparator::Equal => self.value == self.threshold,
            Comparator::AtLeast => self.value >= self.threshold,
            Comparator::Greater => self.value > self.threshold,
        };
        holds == self.holds
    }
}

impl Answer {
    /// Bytes that the engine counts while a policy hands this answer back.
    pub(super) fn bytes_handed_back(&self) -> usize {
        let Self {
            decisions,
            missing,
            reasons,
            evidence,
            arguments,
            comparisons,
            proposals,
            strings,
        } = self;
        let texts: usize = strings.iter().map(String::len).sum();
        size_of::<wire::Decision>() * decisions.len()
            + size_of::<wire::MissingFact>() * missing.len()
            + size_of::<wire::Reason>() * reasons.len()
            + size_of::<wire::Evidence>() * evidence.len()
            + size_of::<wire::Argument>() * arguments.len()
            + size_of::<wire::Comparison>() * comparisons.len()
            + size_of::<wire::Proposal>() * proposals.len()
            + size_of::<String>() * strings.len()
            + texts
    }
}

impl From<wire::Answer> for Answer {
    fn from(answer: wire::Answer) -> Self {
        let wire::Answer {
            decisions,
            missing,
            reasons,
            evidence,
            arguments,
            comparisons,
            proposals,
            strings,
        } = answer;
        Self {
            decisions: decisions.into_iter().map(Into::into).collect(),
            missing: missing.into_iter().map(Into::into).collect(),
            reasons: reasons.into_iter().map(Into::into).collect(),
            evidence: evidence.into_iter().map(Into::into).collect(),
            arguments: arguments.into_iter().map(Into::into).collect(),
            comparisons: comparisons.into_iter().map(Into::into).collect(),
            proposals: proposals.into_iter().map(Into::into).collect(),
            strings,
        }
    }
}

impl From<wire::Decision> for Decision {
    fn from(
        wire::Decision {
            subject,
            outcome,
            category,
            amount,
            score,
        }: wire::Decision,
    ) -> Self {
        let outcome = match outcome {
            wire::Outcome::Granted => Outcome::Granted,
            wire::Outcome::Refused => Outcome::Refused,
            wire::Outcome::Undetermined => Outcome::Undetermined,
        };
        Self {
            subject,
            outcome,
            category,
            amount,
            score,
        }
    }
}

impl From<wire::FactReference> for FactReference {
    fn from(wire::FactReference { table, row, fact }: wire::FactReference) -> Self {
        Self { table, row, fact }
    }
}

impl From<wire::MissingFact> for MissingFact {
    fn from(wire::MissingFact { subject, fact }: wire::MissingFact) -> Self {
        Self {
            subject,
            fact: fact.into(),
        }
    }
}

impl From<wire::Reason> for Reason {
    fn from(wire::Reason { subject, code }: wire::Reason) -> Self {
        Self { subject, code }
    }
}

impl From<wire::Evidence> for Evidence {
    fn from(wire::Evidence { reason, fact }: wire::Evidence) -> Self {
        Self {
            reason,
            fact: fact.into(),
        }
    }
}

impl From<wire::Argument> for Argument {
    fn from(wire::Argument { reason, value }: wire::Argument) -> Self {
        Self { reason, value }
    }
}

impl From<wire::Comparison> for Comparison {
    fn from(comparison: wire::Comparison) -> Self {
        let wire::Comparison {
            subject,
            fact,
            comparator,
            value,
            threshold,
            holds,
        } = comparison;
        let comparator = match comparator {
            wire::Comparator::Less => Comparator::Less,
            wire::Comparator::AtMost => Comparator::AtMost,
            wire::Comparator::Equal => Comparator::Equal,
            wire::Comparator::AtLeast => Comparator::AtLeast,
            wire::Comparator::Greater => Comparator::Greater,
        };
        Self {
            subject,
            fact: fact.into(),
            comparator,
            value,
            threshold,
            holds,
        }
    }
}

impl From<wire::Proposal> for Proposal {
    fn from(
        wire::Proposal {
            role,
            subject,
            table,
            resource_row,
            quantity,
        }: wire::Proposal,
    ) -> Self {
        Self {
            role,
            subject,
            table,
            row: resource_row,
            quantity,
        }
    }
}

impl Encode for Outcome {
    fn encode(&self, writer: &mut Writer) {
        let tag: u8 = match self {
            Self::Granted => 0,
            Self::Refused => 1,
            Self::Undetermined => 2,
        };
        tag.encode(writer);
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, Error> {
        match u8::decode(reader)? {
            0 => Ok(Self::Granted),
            1 => Ok(Self::Refused),
            2 => Ok(Self::Undetermined),
            tag => Err(Error::Tag(tag)),
        }
    }
}

impl Encode for Comparator {
    fn encode(&self, writer: &mut Writer) {
        let tag: u8 = match self {
            Self::Less => 0,
            Self::AtMost => 1,
            Self::Equal => 2,
            Self::AtLeast => 3,
            Self::Greater => 4,
        };
        tag.encode(writer);
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, Error> {
        match u8::decode(reader)? {
            0 => Ok(Self::Less),
            1 => Ok(Self::AtMost),
            2 => Ok(Self::Equal),
            3 => Ok(Self::AtLeast),
            4 => Ok(Self::Greater),
            tag => Err(Error::Tag(tag)),
        }
    }
}

encode_fields!(Answer {
    decisions,
    missing,
    reasons,
    evidence,
    arguments,
    comparisons,
    proposals,
    strings
});
encode_fields!(Decision {
    subject,
    outcome,
    category,
    amount,
    score
});
encode_fields!(FactReference { table, row, fact });
encode_fields!(MissingFact { subject, fact });
encode_fields!(Reason { subject, code });
encode_fields!(Evidence { reason, fact });
encode_fields!(Argument { reason, value });
encode_fields!(Comparison {
    subject,
    fact,
    comparator,
    value,
    threshold,
    holds
});
encode_fields!(Proposal {
    role,
    subject,
    table,
    row,
    quantity
});
