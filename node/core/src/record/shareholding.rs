//! Shareholdings: equity of one holder in a co-operative.

use lika_proto::log::v1 as message;

use super::{Document, Fault, Index, Key, Problem, cooperative::positive, field, parts};
use crate::{
    rollup::Tally,
    value::{Code, Date, Fen, RecordId},
};

/// Equity of one holder in a co-operative (S2.4); the record stands in the area of the co-operative.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shareholding {
    /// The co-operative.
    pub cooperative: RecordId,
    /// Whose it is.
    pub holder: Holder,
    /// How much, more than nothing.
    pub equity: Fen,
    /// Whether it was paid from poverty funds.
    pub poverty_fund: bool,
    /// The first day.
    pub from: Date,
    /// The first day after it.
    pub until: Option<Date>,
}

/// Whose equity it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holder {
    /// A registered household's.
    Household(RecordId),
    /// The village collective's, or somebody's who is no record here: code list holder.
    Other(Code),
}

const HOUSEHOLD: &str = "household";

impl Holder {
    /// Code list holder.
    pub fn code(&self) -> &str {
        match self {
            Self::Household(_) => HOUSEHOLD,
            Self::Other(code) => code.as_str(),
        }
    }

    /// The household, where it is one's.
    pub fn household(&self) -> Option<&RecordId> {
        match self {
            Self::Household(household) => Some(household),
            Self::Other(_) => None,
        }
    }
}

impl Document for Shareholding {
    type Message = message::Shareholding;

    fn parse(message: message::Shareholding) -> Result<Self, Fault> {
        let message::shareholding::Open {
            cooperative,
            holder,
            household,
            equity,
            poverty_fund,
            from,
            until,
        } = field::required("open", message.open)?;
        let holder = field::code("holder", "holder", &holder)?;
        let household = field::optional_id("household", &household)?;
        let holder = match (holder.as_str() == HOUSEHOLD, household) {
            (true, Some(household)) => Holder::Household(household),
            (true, None) => return Err(Fault::new("household", Problem::Missing)),
            (false, None) => Holder::Other(holder),
            (false, Some(_)) => {
                let problem = "is given where the holder is a household".to_owned();
                return Err(Fault::new("household", Problem::Malformed(problem)));
            }
        };
        let from = field::date("from", from)?;
        Ok(Self {
            cooperative: field::id("cooperative", &cooperative)?,
            holder,
            equity: positive("equity", equity)?,
            poverty_fund,
            from,
            until: field::until("until", from, until)?,
        })
    }

    fn message(&self) -> message::Shareholding {
        let Self {
            cooperative,
            holder,
            equity,
            poverty_fund,
            from,
            until,
        } = self;
        message::Shareholding {
            open: Some(message::shareholding::Open {
                cooperative: cooperative.0.to_vec(),
                holder: holder.code().to_owned(),
                household: field::id_bytes(holder.household()),
                equity: equity.0,
                poverty_fund: *poverty_fund,
                from: from.number(),
                until: field::date_number(*until),
            }),
        }
    }

    parts!(Shareholding);

    fn keys(&self) -> Vec<Key> {
        let mut keys = vec![Key::record(Index::SharesOfCooperative, &self.cooperative)];
        keys.extend(
            self.holder
                .household()
                .map(|household| Key::record(Index::SharesOfHousehold, household)),
        );
        keys
    }

    fn tallies(&self) -> Vec<Tally> {
        vec![Tally::stock(
            format!("equity/{}", self.holder.code()),
            self.equity.0,
        )]
    }
}
