//! Contracts of households with co-operatives and enterprises.

use std::collections::BTreeSet;

use lika_proto::log::v1 as message;

use super::{Document, Fault, Index, Key, Problem, cooperative::MOST_FEN, field, parts};
use crate::{
    rollup::{Coverage, Tally},
    value::{Code, Date, Fen, Label, RecordId, Year},
};

/// The most that one contract is about, in its small unit: sums of a nation stay exact.
const MOST_VOLUME: u64 = 1_000_000_000_000;

/// What a household has signed with a co-operative or an enterprise (S0.8, S2.6).
///
/// What is over has an end and stays open, because the year that it was signed in goes on counting it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contract {
    /// The household.
    pub household: RecordId,
    /// The co-operative or the enterprise.
    pub organisation: RecordId,
    /// Code list contract-kind.
    pub kind: Code,
    /// What is grown, kept or made.
    pub product: Option<Label>,
    /// How much of it, more than nothing: grams, hundredths of a mu or head, by the code of the list contract-unit.
    pub volume: Option<(u64, Code)>,
    /// The agreed price of a kilogram, a mu or a head (S2.6: buy-back).
    pub price: Option<Fen>,
    /// What it added to the household's income.
    pub added_income: Option<Fen>,
    /// The first day.
    pub from: Date,
    /// The first day after the agreed time.
    pub until: Option<Date>,
    /// The day it ended, early or not.
    pub ended_on: Option<Date>,
}

impl Contract {
    /// The record id: of the same two, the same kind, first day and product there is one contract.
    pub fn id(&self) -> RecordId {
        let product = self.product.as_ref().map_or("", Label::as_str);
        let about = [
            &self.household.0[..],
            &self.organisation.0,
            &self.from.number().to_be_bytes(),
            self.kind.as_str().as_bytes(),
            &[0],
            product.as_bytes(),
        ];
        RecordId::derived("lika.contract", &about.concat())
    }
}

impl Document for Contract {
    type Message = message::Contract;

    fn parse(message: message::Contract) -> Result<Self, Fault> {
        let message::contract::Open {
            household,
            organisation,
            r#type,
            product,
            volume,
            unit,
            price,
            added_income,
            from,
            until,
            ended_on,
        } = field::required("open", message.open)?;
        let unit = field::optional_code("contract-unit", "unit", &unit)?;
        let volume = match (volume, unit) {
            (0, None) => None,
            (1..=MOST_VOLUME, Some(unit)) => Some((volume, unit)),
            (0, Some(_)) => return Err(Fault::new("volume", Problem::Missing)),
            (1..=MOST_VOLUME, None) => return Err(Fault::new("unit", Problem::Missing)),
            _ => return Err(Fault::new("volume", Problem::TooLarge)),
        };
        let amount = |field, fen: Option<i64>| {
            fen.map(|fen| field::amount(field, fen, MOST_FEN))
                .transpose()
        };
        let from = field::date("from", from)?;
        let ended_on = field::optional_date("ended_on", ended_on)?;
        if ended_on.is_some_and(|end| end < from) {
            return Err(Fault::new("ended_on", Problem::EndsBeforeItBegins));
        }
        Ok(Self {
            household: field::id("household", &household)?,
            organisation: field::id("organisation", &organisation)?,
            kind: field::code("contract-kind", "type", &r#type)?,
            product: field::optional_text("product", &product, Label::parse)?,
            volume,
            price: amount("price", price)?,
            added_income: amount("added_income", added_income)?,
            from,
            until: field::until("until", from, until)?,
            ended_on,
        })
    }

    fn message(&self) -> message::Contract {
        let Self {
            household,
            organisation,
            kind,
            product,
            volume,
            price,
            added_income,
            from,
            until,
            ended_on,
        } = self;
        let volume = volume.as_ref();
        message::Contract {
            open: Some(message::contract::Open {
                household: household.0.to_vec(),
                organisation: organisation.0.to_vec(),
                r#type: kind.to_string(),
                product: field::printed(product.as_ref()),
                volume: volume.map_or(0, |(volume, _)| *volume),
                unit: field::printed(volume.map(|(_, unit)| unit)),
                price: price.map(|amount| amount.0),
                added_income: added_income.map(|amount| amount.0),
                from: from.number(),
                until: field::date_number(*until),
                ended_on: field::date_number(*ended_on),
            }),
        }
    }

    parts!(Contract);

    fn keys(&self) -> Vec<Key> {
        let counting = [
            &[u8::from(self.ended_on.is_none())][..],
            &self.from.year().get().to_be_bytes(),
            self.kind.as_str().as_bytes(),
        ]
        .concat();
        vec![
            Key::open(Index::ContractsOfHousehold, &[&self.household.0, &counting]),
            Key::record(Index::ContractsOfOrganisation, &self.organisation),
        ]
    }

    fn tallies(&self) -> Vec<Tally> {
        let (kind, year) = (&self.kind, self.from.year());
        let mut tallies = vec![Tally::in_year(format!("contracts/{kind}"), year, 1)];
        if let Some((volume, unit)) = &self.volume {
            // Parsing holds it far below what is cut off here.
            let volume = i64::try_from(*volume).unwrap_or(i64::MAX);
            tallies.push(Tally::in_year(
                format!("contract-volume/{kind}-{unit}"),
                year,
                volume,
            ));
        }
        if let Some(income) = self.added_income {
            tallies.push(Tally::in_year(
                format!("contract-income/{kind}"),
                year,
                income.0,
            ));
        }
        tallies
    }

    fn coverages(&self) -> Vec<Coverage> {
        vec![Coverage {
            index: Index::ContractsOfHousehold,
            subject: self.household,
            tallies: contracted,
        }]
    }
}

/// A household counts once for a kind of contract: in each year in which it has signed one, and now while one is kept.
fn contracted(terms: &[&[u8]]) -> Vec<Tally> {
    let mut signed: BTreeSet<(Year, &str)> = BTreeSet::new();
    let mut kept: BTreeSet<&str> = BTreeSet::new();
    for term in terms {
        let Some(([runs, high, low], kind)) = term.split_first_chunk::<3>() else {
            continue;
        };
        let year = Year::new(u16::from_be_bytes([*high, *low]));
        if let (Ok(year), Ok(kind)) = (year, std::str::from_utf8(kind)) {
            signed.insert((year, kind));
            if *runs == 1 {
                kept.insert(kind);
            }
        }
    }
    let signed = signed
        .into_iter()
        .map(|(year, kind)| Tally::in_year(format!("households-contracted/{kind}"), year, 1));
    let kept = kept
        .into_iter()
        .map(|kind| Tally::stock(format!("households-contracted/{kind}"), 1));
    signed.chain(kept).collect()
}
