//! A household's income of one year.

use lika_proto::log::v1 as message;

use super::{Document, Fault, Index, Key, Problem, field, parts};
use crate::{
    rollup::Tally,
    value::{Fen, RecordId, Year},
};

/// The most fen of one source, ten thousand times what is plausible: the sum of a nation's households stays exact.
const MOST_FEN: i64 = 100_000_000_000;

/// The most people a household can have; beyond it somebody mistyped.
const MOST_PERSONS: u32 = 99;

/// Income by source; net income is the sources less the expenses of the household's business.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IncomeStatement {
    /// The household.
    pub household: RecordId,
    /// The year; a survey's year often runs from October to September.
    pub year: Year,
    /// 工资性收入.
    pub wages: Fen,
    /// 生产经营性收入.
    pub business: Fen,
    /// 财产性收入.
    pub property: Fen,
    /// 转移性收入.
    pub transfers: Fen,
    /// 生产经营性支出.
    pub expenses: Fen,
    /// The people it is divided by.
    pub persons: u32,
}

impl IncomeStatement {
    /// The record id of a household's statement of a year: there is one.
    pub fn id_for(household: &RecordId, year: Year) -> RecordId {
        RecordId::derived(
            "lika.income-statement",
            &[&household.0[..], &year.get().to_be_bytes()].concat(),
        )
    }

    /// Net income of the household. Parsing made sure that it does not overflow.
    pub fn net(&self) -> Fen {
        Fen(self.wages.0 + self.business.0 + self.property.0 + self.transfers.0 - self.expenses.0)
    }

    /// Net income per head, rounded down to the fen: a household is never shown richer than it is.
    pub fn net_per_head(&self) -> Fen {
        Fen(self.net().0.div_euclid(i64::from(self.persons)))
    }
}

impl Document for IncomeStatement {
    type Message = message::IncomeStatement;

    fn parse(message: message::IncomeStatement) -> Result<Self, Fault> {
        let message::income_statement::Open {
            household,
            year,
            wages,
            business,
            property,
            transfers,
            expenses,
            persons,
        } = field::required("open", message.open)?;
        if persons == 0 || persons > MOST_PERSONS {
            return Err(Fault::new(
                "persons",
                Problem::OutOfRange {
                    least: 1,
                    most: i64::from(MOST_PERSONS),
                },
            ));
        }
        Ok(Self {
            household: field::id("household", &household)?,
            year: field::year("year", year)?,
            wages: field::amount("wages", wages, MOST_FEN)?,
            business: field::amount("business", business, MOST_FEN)?,
            property: field::amount("property", property, MOST_FEN)?,
            transfers: field::amount("transfers", transfers, MOST_FEN)?,
            expenses: field::amount("expenses", expenses, MOST_FEN)?,
            persons,
        })
    }

    fn message(&self) -> message::IncomeStatement {
        let Self {
            household,
            year,
            wages,
            business,
            property,
            transfers,
            expenses,
            persons,
        } = self;
        message::IncomeStatement {
            open: Some(message::income_statement::Open {
                household: household.0.to_vec(),
                year: u32::from(year.get()),
                wages: wages.0,
                business: business.0,
                property: property.0,
                transfers: transfers.0,
                expenses: expenses.0,
                persons: *persons,
            }),
        }
    }

    parts!(IncomeStatement);

    fn keys(&self) -> Vec<Key> {
        vec![Key::open(
            Index::IncomeOfHousehold,
            &[&self.household.0, &self.year.get().to_be_bytes()],
        )]
    }

    fn tallies(&self) -> Vec<Tally> {
        vec![
            Tally::in_year("income/net", self.year, self.net().0),
            Tally::in_year("income/wages", self.year, self.wages.0),
            Tally::in_year("income/persons", self.year, i64::from(self.persons)),
        ]
    }
}
