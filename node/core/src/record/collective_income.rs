//! Collective income of villages.

use std::collections::BTreeSet;

use lika_proto::log::v1 as message;

use super::{Document, Fault, Key, Problem, cooperative::positive, field, parts};
use crate::{
    rollup::Tally,
    value::{AreaCode, Code, Fen, RecordId, Year},
};

/// The collective income of the village that is the record's area, in a year (S2.7, S3.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CollectiveIncome {
    /// The year.
    pub year: Year,
    /// The amounts by source (code list collective-source), each source once; none is a village without income.
    pub sources: Vec<(Code, Fen)>,
}

impl CollectiveIncome {
    /// The record id of a village's income of a year: there is one.
    pub fn id_for(village: &AreaCode, year: Year) -> RecordId {
        RecordId::derived(
            "lika.collective-income",
            &[village.digits().as_bytes(), &year.get().to_be_bytes()].concat(),
        )
    }

    /// The income. There are few sources and each is bounded, so it does not overflow.
    pub fn total(&self) -> Fen {
        Fen(self.sources.iter().map(|(_, amount)| amount.0).sum())
    }
}

impl Document for CollectiveIncome {
    type Message = message::CollectiveIncome;

    fn parse(message: message::CollectiveIncome) -> Result<Self, Fault> {
        let message::collective_income::Open { year, sources } =
            field::required("open", message.open)?;
        let mut named = BTreeSet::new();
        let mut parsed = Vec::with_capacity(sources.len());
        for message::collective_income::Source { source, amount } in sources {
            let code = field::code("collective-source", "sources.source", &source)?;
            if !named.insert(source.clone()) {
                return Err(Fault::new("sources.source", Problem::Repeated(source)));
            }
            parsed.push((code, positive("sources.amount", amount)?));
        }
        Ok(Self {
            year: field::year("year", year)?,
            sources: parsed,
        })
    }

    fn message(&self) -> message::CollectiveIncome {
        let Self { year, sources } = self;
        let source = |(source, amount): &(Code, Fen)| message::collective_income::Source {
            source: source.to_string(),
            amount: amount.0,
        };
        message::CollectiveIncome {
            open: Some(message::collective_income::Open {
                year: u32::from(year.get()),
                sources: sources.iter().map(source).collect(),
            }),
        }
    }

    parts!(CollectiveIncome);

    fn keys(&self) -> Vec<Key> {
        Vec::new()
    }

    /// How many villages are known at all stands beside how many have an income, so that nobody takes the unknown for
    /// nothing.
    fn tallies(&self) -> Vec<Tally> {
        let total = self.total();
        let mut tallies = vec![
            Tally::in_year("villages-with-income-statement", self.year, 1),
            Tally::in_year("collective-income", self.year, total.0),
        ];
        if total > Fen::ZERO {
            tallies.push(Tally::in_year(
                "villages-with-collective-income",
                self.year,
                1,
            ));
        }
        tallies.extend(self.sources.iter().map(|(source, amount)| {
            Tally::in_year(format!("collective-income/{source}"), self.year, amount.0)
        }));
        tallies
    }
}
