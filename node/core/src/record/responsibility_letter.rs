//! Responsibility letters: what one level promises the level above.

use std::collections::BTreeSet;

use lika_proto::log::v1 as message;

use super::{Answerable, Document, Fault, Key, Problem, field, parts};
use crate::{
    log::Kind,
    rollup::Tally,
    value::{AreaCode, Code, Date, RecordId, Year},
};

/// Signatures of one letter at most; more than that is no letter.
const MOST_SIGNATURES: usize = 10;

/// What one level has promised the level above for a year (S4.8 减贫责任书, S4.9); it stands in the area of the lower side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResponsibilityLetter {
    /// The year.
    pub year: Year,
    /// The area of the upper side.
    pub upper: AreaCode,
    /// The lower side: an area or a unit.
    pub lower: Answerable,
    /// What is promised, at least one: code list letter-goal, each once, and how much.
    pub goals: Vec<(Code, i64)>,
    /// Who has signed so far.
    pub signatures: Vec<Signature>,
}

/// Who has signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// Code list letter-side.
    pub side: Code,
    /// The cadre.
    pub cadre: RecordId,
    /// The day.
    pub on: Date,
}

impl ResponsibilityLetter {
    /// The record id of what a side promises for a year: there is one.
    pub fn id_for(lower: &RecordId, year: Year) -> RecordId {
        let year = year.get().to_be_bytes();
        RecordId::derived(
            "lika.responsibility-letter",
            &[&lower.0[..], &year].concat(),
        )
    }

    /// Whether both sides have signed.
    pub fn is_signed(&self) -> bool {
        self.signatures.len() == 2
    }
}

impl Document for ResponsibilityLetter {
    type Message = message::ResponsibilityLetter;

    fn parse(message: message::ResponsibilityLetter) -> Result<Self, Fault> {
        let message::responsibility_letter::Open {
            year,
            upper,
            lower_kind,
            lower,
            goals,
            signatures,
        } = field::required("open", message.open)?;
        if signatures.len() > MOST_SIGNATURES {
            return Err(Fault::new("signatures", Problem::TooMany(MOST_SIGNATURES)));
        }
        Ok(Self {
            year: field::year("year", year)?,
            upper: field::malformed("upper", AreaCode::parse(&upper))?,
            lower: Answerable::parse("lower", lower_kind, &lower, &[Kind::Area, Kind::Unit])?,
            goals: goals_of(goals)?,
            signatures: signatures
                .into_iter()
                .map(Signature::parse)
                .collect::<Result<_, _>>()?,
        })
    }

    fn message(&self) -> message::ResponsibilityLetter {
        let Self {
            year,
            upper,
            lower,
            goals,
            signatures,
        } = self;
        let goal = |(item, target): &(Code, i64)| message::responsibility_letter::Goal {
            item: item.to_string(),
            target: *target,
        };
        message::ResponsibilityLetter {
            open: Some(message::responsibility_letter::Open {
                year: u32::from(year.get()),
                upper: upper.digits().to_owned(),
                lower_kind: lower.kind.number(),
                lower: lower.id.0.to_vec(),
                goals: goals.iter().map(goal).collect(),
                signatures: signatures.iter().map(Signature::message).collect(),
            }),
        }
    }

    parts!(ResponsibilityLetter);

    fn keys(&self) -> Vec<Key> {
        Vec::new()
    }

    fn tallies(&self) -> Vec<Tally> {
        let mut tallies = vec![Tally::in_year("letters", self.year, 1)];
        let signed = || Tally::in_year("letters-signed", self.year, 1);
        tallies.extend(self.is_signed().then(signed));
        tallies
    }
}

fn goals_of(
    messages: Vec<message::responsibility_letter::Goal>,
) -> Result<Vec<(Code, i64)>, Fault> {
    if messages.is_empty() {
        return Err(Fault::new("goals", Problem::Missing));
    }
    let mut seen = BTreeSet::new();
    let take = |message::responsibility_letter::Goal { item, target }| {
        let item = field::code("letter-goal", "goals.item", &item)?;
        if target < 0 {
            return Err(Fault::new("goals.target", Problem::Negative));
        }
        if !seen.insert(item.clone()) {
            let problem = Problem::Repeated(item.to_string());
            return Err(Fault::new("goals.item", problem));
        }
        Ok((item, target))
    };
    messages.into_iter().map(take).collect()
}

impl Signature {
    fn parse(message: message::responsibility_letter::Signature) -> Result<Self, Fault> {
        let message::responsibility_letter::Signature { side, cadre, on } = message;
        Ok(Self {
            side: field::code("letter-side", "signatures.side", &side)?,
            cadre: field::id("signatures.cadre", &cadre)?,
            on: field::date("signatures.on", on)?,
        })
    }

    fn message(&self) -> message::responsibility_letter::Signature {
        let Self { side, cadre, on } = self;
        message::responsibility_letter::Signature {
            side: side.to_string(),
            cadre: cadre.0.to_vec(),
            on: on.number(),
        }
    }
}
