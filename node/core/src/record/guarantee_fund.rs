//! Guarantee funds: money deposited with a lender, which lends a multiple of it.

use std::collections::BTreeSet;

use lika_proto::log::v1 as message;

use super::{Document, Fault, Index, Key, Problem, field, parts};
use crate::{
    rollup::Tally,
    value::{Fen, Label, Ppm, RecordId},
};

/// The most times that what is deposited is lent: beyond it somebody mistyped.
const MOST_TIMES: i64 = 100;

/// More accounts than one fund has.
const MOST_ACCOUNTS: usize = 20;

/// A guarantee fund of a township or a village (S0.5, S2.5). The record's area is where it guarantees.
///
/// What it guarantees is bounded by what is on its accounts: interest subsidies and recourse are paid from them, so each
/// lowers the ceiling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuaranteeFund {
    /// Name.
    pub name: Label,
    /// The enterprise of kind lender with which it is deposited; it stays.
    pub lender: RecordId,
    /// The accounts of the ledger that are deposited, at least one, each in one fund only.
    pub accounts: Vec<RecordId>,
    /// How much the lender lends at most for what is deposited: 2,000,000 to 5,000,000 with Taishun (S0.5).
    pub leverage: Ppm,
}

impl GuaranteeFund {
    /// What the lender lends at most for this much on the accounts, rounded down; nothing for less than nothing.
    pub fn ceiling(&self, deposited: Fen) -> Fen {
        // A deposit that large has no ceiling that anybody reaches.
        let ceiling = self.leverage.of(deposited).unwrap_or(Fen(i64::MAX));
        ceiling.max(Fen::ZERO)
    }
}

impl Document for GuaranteeFund {
    type Message = message::GuaranteeFund;

    fn parse(message: message::GuaranteeFund) -> Result<Self, Fault> {
        let message::guarantee_fund::Open {
            name,
            lender,
            accounts,
            leverage,
        } = field::required("open", message.open)?;
        let (least, most) = (Ppm::WHOLE.0, Ppm::WHOLE.0 * MOST_TIMES);
        if !(least..=most).contains(&leverage) {
            return Err(Fault::new("leverage", Problem::OutOfRange { least, most }));
        }
        if accounts.is_empty() {
            return Err(Fault::new("accounts", Problem::Missing));
        }
        if accounts.len() > MOST_ACCOUNTS {
            return Err(Fault::new("accounts", Problem::TooMany(MOST_ACCOUNTS)));
        }
        let accounts: Vec<RecordId> = accounts
            .iter()
            .map(|account| field::id("accounts", account))
            .collect::<Result<_, _>>()?;
        let mut seen = BTreeSet::new();
        if let Some(twice) = accounts.iter().find(|account| !seen.insert(**account)) {
            return Err(Fault::new("accounts", Problem::Repeated(twice.to_string())));
        }
        Ok(Self {
            name: field::malformed("name", Label::parse(&name))?,
            lender: field::id("lender", &lender)?,
            accounts,
            leverage: Ppm(leverage),
        })
    }

    fn message(&self) -> message::GuaranteeFund {
        let Self {
            name,
            lender,
            accounts,
            leverage,
        } = self;
        message::GuaranteeFund {
            open: Some(message::guarantee_fund::Open {
                name: name.to_string(),
                lender: lender.0.to_vec(),
                accounts: accounts.iter().map(|account| account.0.to_vec()).collect(),
                leverage: leverage.0,
            }),
        }
    }

    parts!(GuaranteeFund);

    fn keys(&self) -> Vec<Key> {
        let accounts = self.accounts.iter();
        accounts
            .map(|account| Key::record(Index::FundsOfAccount, account))
            .collect()
    }

    fn tallies(&self) -> Vec<Tally> {
        vec![Tally::stock("guarantee-funds", 1)]
    }
}
