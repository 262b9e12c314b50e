//! Accounts: where money is, where it comes from and where it goes.

use lika_proto::log::v1 as message;

use super::{Document, Fault, Key, Problem, field, parts};
use crate::{
    rollup::Tally,
    value::{Code, Label, Year},
};

/// An account of the ledger (S0.4). All but the name stays as it was written; it is closed when nothing is on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// What it is called; nothing personal.
    pub name: Label,
    /// Whether its money is kept here.
    pub side: Side,
}

/// Code list account-side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Side {
    /// A fund that is kept here: it never holds less than nothing.
    Internal(Fund),
    /// Where money comes from or goes to, such as a giver, a supplier or a household: it may stand below nothing.
    External,
}

/// Money of one channel for one purpose: sources that are planned together stay apart in the books (S1.5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fund {
    /// Code list fund-channel: where it comes from.
    pub channel: Code,
    /// Code list fund-purpose: what it is for.
    pub purpose: Code,
    /// The year whose money it is, where it is of one.
    pub year: Option<Year>,
    /// Whether it is never for living expenses, wherever it goes (S4.5).
    pub barred_from_living_expenses: bool,
}

impl Side {
    /// Code list account-side.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Internal(_) => "internal",
            Self::External => "external",
        }
    }
}

impl Account {
    /// The fund that is kept here; none where the account is external.
    pub fn fund(&self) -> Option<&Fund> {
        match &self.side {
            Side::Internal(fund) => Some(fund),
            Side::External => None,
        }
    }
}

impl Document for Account {
    type Message = message::Account;

    fn parse(message: message::Account) -> Result<Self, Fault> {
        let message::account::Open {
            name,
            side,
            channel,
            purpose,
            year,
            barred_from_living_expenses,
        } = field::required("open", message.open)?;
        let side = field::code("account-side", "side", &side)?;
        let side = if side.as_str() == "internal" {
            Side::Internal(Fund {
                channel: field::code("fund-channel", "channel", &channel)?,
                purpose: field::code("fund-purpose", "purpose", &purpose)?,
                year: field::optional_year("year", year)?,
                barred_from_living_expenses,
            })
        } else {
            let given = [
                ("channel", !channel.is_empty()),
                ("purpose", !purpose.is_empty()),
                ("year", year != 0),
                ("barred_from_living_expenses", barred_from_living_expenses),
            ];
            if let Some((field, _)) = given.into_iter().find(|(_, is_given)| *is_given) {
                let problem = "is given where the account is internal".to_owned();
                return Err(Fault::new(field, Problem::Malformed(problem)));
            }
            Side::External
        };
        Ok(Self {
            name: field::malformed("name", Label::parse(&name))?,
            side,
        })
    }

    fn message(&self) -> message::Account {
        let Self { name, side } = self;
        let open = message::account::Open {
            name: name.to_string(),
            side: side.code().to_owned(),
            ..message::account::Open::default()
        };
        let open = match side {
            Side::External => open,
            Side::Internal(Fund {
                channel,
                purpose,
                year,
                barred_from_living_expenses,
            }) => message::account::Open {
                channel: channel.to_string(),
                purpose: purpose.to_string(),
                year: field::year_number(*year),
                barred_from_living_expenses: *barred_from_living_expenses,
                ..open
            },
        };
        message::Account { open: Some(open) }
    }

    parts!(Account);

    fn keys(&self) -> Vec<Key> {
        Vec::new()
    }

    fn tallies(&self) -> Vec<Tally> {
        Vec::new()
    }
}
