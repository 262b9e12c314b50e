//! Transfers: money that goes from one account to another.
//!
//! ```text
//!  propose ──▶ proposed ──approve──▶ proposed ──approve──▶ posted ──reverse──▶ undone by another transfer
//!                 │        first        │        second
//!                 └──────withdraw───────┴──▶ withdrawn
//! ```
//!
//! What was proposed never changes. The money moves with the second approval, and from then on nothing of the transfer
//! changes any more: it is undone by another one.

use lika_proto::log::v1 as message;

use super::{
    Approval, Document, Fault, Index, Key, Problem, cooperative::positive, field, parts, policy,
};
use crate::{
    rollup::Tally,
    value::{Code, Date, Digest, Fen, RecordId, Year},
};

/// Money that goes from one account to another (S0.4, S1.5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// The account that the money leaves.
    pub from: RecordId,
    /// The account that it goes to; another one.
    pub to: RecordId,
    /// The amount, more than nothing.
    pub amount: Fen,
    /// The day; its year is that of the books.
    pub on: Date,
    /// Into the funds, out of them or between them; of a reversal, that of what it undoes.
    pub direction: Direction,
    /// Code list fund-channel: that of every internal account that it touches.
    pub channel: Code,
    /// Of the evidence.
    pub evidence: Option<Digest>,
    /// The posted transfer that this one undoes.
    pub reverses: Option<RecordId>,
    /// The commitment that it settles, or settles in part.
    pub settles: Option<RecordId>,
    /// Who approved it, one after the other.
    pub approvals: Vec<Approval>,
}

/// Code list transfer-direction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From an external account to an internal one.
    In,
    /// From an internal account to an external one.
    Out {
        /// Code list fund-use: what the money is spent on.
        used_for: Code,
    },
    /// From one internal account to another.
    Internal,
}

/// What happens to an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Posting {
    /// The account.
    pub account: RecordId,
    /// What comes to it; negative where it leaves.
    pub amount: Fen,
}

impl Direction {
    /// Code list transfer-direction.
    pub fn code(&self) -> &'static str {
        match self {
            Self::In => "in",
            Self::Out { .. } => "out",
            Self::Internal => "internal",
        }
    }

    /// What the money is spent on, where it goes out.
    pub fn used_for(&self) -> Option<&Code> {
        match self {
            Self::Out { used_for } => Some(used_for),
            Self::In | Self::Internal => None,
        }
    }
}

impl Transfer {
    /// Whether it has moved the money.
    pub fn is_posted(&self) -> bool {
        self.approvals.len() >= Approval::NEEDED
    }

    /// The year of the books that it is in.
    pub fn year(&self) -> Year {
        self.on.year()
    }

    /// The first field of what was proposed that another version of it does not leave as it is.
    pub(crate) fn altered(&self, other: &Self) -> Option<&'static str> {
        let Self {
            from,
            to,
            amount,
            on,
            direction,
            channel,
            evidence,
            reverses,
            settles,
            approvals: _,
        } = self;
        let same = [
            ("from", *from == other.from),
            ("to", *to == other.to),
            ("amount", *amount == other.amount),
            ("on", *on == other.on),
            ("direction", *direction == other.direction),
            ("channel", *channel == other.channel),
            ("evidence", *evidence == other.evidence),
            ("reverses", *reverses == other.reverses),
            ("settles", *settles == other.settles),
        ];
        same.into_iter()
            .find(|(_, same)| !same)
            .map(|(field, _)| field)
    }
}

impl Document for Transfer {
    type Message = message::Transfer;

    fn parse(message: message::Transfer) -> Result<Self, Fault> {
        let message::transfer::Open {
            from,
            to,
            amount,
            on,
            direction,
            channel,
            used_for,
            evidence,
            reverses,
            settles,
            approvals,
        } = field::required("open", message.open)?;
        let (from, to) = (field::id("from", &from)?, field::id("to", &to)?);
        if from == to {
            let problem = "is the account that the money leaves".to_owned();
            return Err(Fault::new("to", Problem::Malformed(problem)));
        }
        let used_for = field::optional_code("fund-use", "used_for", &used_for)?;
        let direction = field::code("transfer-direction", "direction", &direction)?;
        let direction = match (direction.as_str(), used_for) {
            ("out", used_for) => Direction::Out {
                used_for: field::required("used_for", used_for)?,
            },
            (_, Some(_)) => {
                let problem = "is given where the money goes out".to_owned();
                return Err(Fault::new("used_for", Problem::Malformed(problem)));
            }
            ("in", None) => Direction::In,
            (_, None) => Direction::Internal,
        };
        let evidence = match evidence.is_empty() {
            true => None,
            false => Some(policy::digest("evidence", &evidence)?),
        };
        Ok(Self {
            from,
            to,
            amount: positive("amount", amount)?,
            on: field::date("on", on)?,
            direction,
            channel: field::code("fund-channel", "channel", &channel)?,
            evidence,
            reverses: field::optional_id("reverses", &reverses)?,
            settles: field::optional_id("settles", &settles)?,
            approvals: Approval::parse_all(approvals)?,
        })
    }

    fn message(&self) -> message::Transfer {
        let Self {
            from,
            to,
            amount,
            on,
            direction,
            channel,
            evidence,
            reverses,
            settles,
            approvals,
        } = self;
        message::Transfer {
            open: Some(message::transfer::Open {
                from: from.0.to_vec(),
                to: to.0.to_vec(),
                amount: amount.0,
                on: on.number(),
                direction: direction.code().to_owned(),
                channel: channel.to_string(),
                used_for: field::printed(direction.used_for()),
                evidence: evidence.map(|digest| digest.0.to_vec()).unwrap_or_default(),
                reverses: field::id_bytes(reverses.as_ref()),
                settles: field::id_bytes(settles.as_ref()),
                approvals: approvals.iter().map(Approval::message).collect(),
            }),
        }
    }

    parts!(Transfer);

    fn keys(&self) -> Vec<Key> {
        let reverses = self.reverses.iter();
        let settles = self.settles.iter();
        reverses
            .map(|transfer| Key::record(Index::ReversalsOfTransfer, transfer))
            .chain(settles.map(|it| Key::record(Index::SettlementsOfCommitment, it)))
            .collect()
    }

    /// A reversal takes away what it undoes, in the year in which it does.
    fn tallies(&self) -> Vec<Tally> {
        if !self.is_posted() {
            return Vec::new();
        }
        let amount = match self.reverses {
            Some(_) => -self.amount.0,
            None => self.amount.0,
        };
        let tally = |dimension| Tally::in_year(dimension, self.year(), amount);
        match &self.direction {
            Direction::In => vec![tally(format!("fund-in/{}", self.channel))],
            Direction::Out { used_for } => vec![
                tally(format!("fund-out/{}", self.channel)),
                tally(format!("fund-use/{used_for}")),
            ],
            Direction::Internal => Vec::new(),
        }
    }

    fn postings(&self) -> Vec<Posting> {
        if !self.is_posted() {
            return Vec::new();
        }
        let posting = |account, amount| Posting { account, amount };
        vec![
            posting(self.from, Fen(-self.amount.0)),
            posting(self.to, self.amount),
        ]
    }
}
