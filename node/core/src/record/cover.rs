//! Insurance of households and their members.

use std::collections::BTreeSet;

use lika_proto::log::v1 as message;

use super::{Document, Fault, Index, Key, cooperative::MOST_FEN, field, parts};
use crate::{
    rollup::{Coverage, Tally},
    value::{Code, Date, Fen, RecordId, Year},
};

/// An insurance of a household or of one member (S2.8). It says what is insured and never what happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cover {
    /// The household.
    pub household: RecordId,
    /// The member; nobody where it covers the household.
    pub member: Option<RecordId>,
    /// Code list insurance-kind.
    pub kind: Code,
    /// The insurer, an enterprise.
    pub insurer: RecordId,
    /// The premium.
    pub premium: Fen,
    /// Code list fund-channel: who paid the premium.
    pub paid_by: Code,
    /// The first day.
    pub from: Date,
    /// The first day after it.
    pub until: Date,
}

impl Cover {
    /// Whether both insure the same against the same at the same time.
    pub fn repeats(&self, other: &Self) -> bool {
        (self.household, self.member) == (other.household, other.member)
            && self.kind == other.kind
            && self.from < other.until
            && other.from < self.until
    }
}

impl Document for Cover {
    type Message = message::Cover;

    fn parse(message: message::Cover) -> Result<Self, Fault> {
        let message::cover::Open {
            household,
            member,
            r#type,
            insurer,
            premium,
            paid_by,
            from,
            until,
        } = field::required("open", message.open)?;
        let from = field::date("from", from)?;
        Ok(Self {
            household: field::id("household", &household)?,
            member: field::optional_id("member", &member)?,
            kind: field::code("insurance-kind", "type", &r#type)?,
            insurer: field::id("insurer", &insurer)?,
            premium: field::amount("premium", premium, MOST_FEN)?,
            paid_by: field::code("fund-channel", "paid_by", &paid_by)?,
            from,
            until: field::required("until", field::until("until", from, until)?)?,
        })
    }

    fn message(&self) -> message::Cover {
        let Self {
            household,
            member,
            kind,
            insurer,
            premium,
            paid_by,
            from,
            until,
        } = self;
        message::Cover {
            open: Some(message::cover::Open {
                household: household.0.to_vec(),
                member: field::id_bytes(member.as_ref()),
                r#type: kind.to_string(),
                insurer: insurer.0.to_vec(),
                premium: premium.0,
                paid_by: paid_by.to_string(),
                from: from.number(),
                until: until.number(),
            }),
        }
    }

    parts!(Cover);

    fn keys(&self) -> Vec<Key> {
        let year = self.from.year().get().to_be_bytes();
        let kind = self.kind.as_str().as_bytes();
        vec![Key::open(
            Index::CoversOfHousehold,
            &[&self.household.0, &year, kind],
        )]
    }

    fn tallies(&self) -> Vec<Tally> {
        let year = self.from.year();
        vec![
            Tally::in_year(format!("covers/{}", self.kind), year, 1),
            Tally::in_year(format!("premiums/{}", self.kind), year, self.premium.0),
            Tally::in_year(
                format!("premiums-by/{}", self.paid_by),
                year,
                self.premium.0,
            ),
        ]
    }

    fn coverages(&self) -> Vec<Coverage> {
        vec![Coverage {
            index: Index::CoversOfHousehold,
            subject: self.household,
            tallies: insured,
        }]
    }
}

/// A household counts once a year for each kind, however many of its members are insured.
fn insured(terms: &[&[u8]]) -> Vec<Tally> {
    let mut insured: BTreeSet<(Year, &str)> = BTreeSet::new();
    for term in terms {
        let Some((year, kind)) = term.split_first_chunk::<2>() else {
            continue;
        };
        let year = Year::new(u16::from_be_bytes(*year));
        if let (Ok(year), Ok(kind)) = (year, std::str::from_utf8(kind)) {
            insured.insert((year, kind));
        }
    }
    insured
        .into_iter()
        .map(|(year, kind)| Tally::in_year(format!("households-insured/{kind}"), year, 1))
        .collect()
}
