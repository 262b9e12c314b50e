//! Pairings: a helper bound to a household.

use lika_proto::log::v1 as message;

use super::{Document, Fault, HelperLevel, Index, Key, Problem, field, parts};
use crate::{
    rollup::{Coverage, Tally},
    value::{Code, Date, RecordId},
};

/// A helper bound to a household (S4.4). Added with dates, never overwritten.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pairing {
    /// The household.
    pub household: RecordId,
    /// The cadre.
    pub cadre: RecordId,
    /// Code list pairing-role: focus or contact.
    pub role: Code,
    /// The cadre's level when the pairing was made.
    pub level: HelperLevel,
    /// Whether this helper answers for the household (帮扶责任人).
    pub responsible: bool,
    /// The first day.
    pub from: Date,
    /// The first day after it.
    pub until: Option<Date>,
    /// The decision whose proposal was accepted.
    pub decision: Option<RecordId>,
}

impl Document for Pairing {
    type Message = message::Pairing;

    fn parse(message: message::Pairing) -> Result<Self, Fault> {
        let message::pairing::Open {
            household,
            cadre,
            role,
            level,
            responsible,
            from,
            until,
            decision,
        } = field::required("open", message.open)?;
        let from = field::date("from", from)?;
        let unknown_level = || Problem::UnknownCode {
            list: "helper-level",
            code: level.clone(),
        };
        Ok(Self {
            household: field::id("household", &household)?,
            cadre: field::id("cadre", &cadre)?,
            role: field::code("pairing-role", "role", &role)?,
            level: HelperLevel::from_code(&level)
                .ok_or_else(|| Fault::new("level", unknown_level()))?,
            responsible,
            from,
            until: field::until("until", from, until)?,
            decision: field::optional_id("decision", &decision)?,
        })
    }

    fn message(&self) -> message::Pairing {
        let Self {
            household,
            cadre,
            role,
            level,
            responsible,
            from,
            until,
            decision,
        } = self;
        message::Pairing {
            open: Some(message::pairing::Open {
                household: household.0.to_vec(),
                cadre: cadre.0.to_vec(),
                role: role.to_string(),
                level: level.code().to_owned(),
                responsible: *responsible,
                from: from.number(),
                until: field::date_number(*until),
                decision: field::id_bytes(decision.as_ref()),
            }),
        }
    }

    parts!(Pairing);

    fn keys(&self) -> Vec<Key> {
        let answers = [self.level.number(), u8::from(self.responsible)];
        vec![
            Key::open(Index::PairingsOfHousehold, &[&self.household.0, &answers]),
            Key::record(Index::PairingsOfCadre, &self.cadre),
        ]
    }

    fn tallies(&self) -> Vec<Tally> {
        vec![Tally::stock(format!("pairings/{}", self.role), 1)]
    }

    fn coverages(&self) -> Vec<Coverage> {
        vec![Coverage {
            index: Index::PairingsOfHousehold,
            subject: self.household,
            tallies: paired,
        }]
    }
}

/// A household is *paired* when somebody answers for it (S4.4), however many helpers it has.
fn paired(terms: &[&[u8]]) -> Vec<Tally> {
    let is_responsible = |term: &&[u8]| matches!(term, [_, 1]);
    let paired = terms.iter().any(is_responsible);
    Vec::from_iter(paired.then(|| Tally::stock("households-paired", 1)))
}
