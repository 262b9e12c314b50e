//! Commitments: what an account owes already.

use lika_proto::log::v1 as message;

use super::{Document, Fault, Index, Key, Transfer, cooperative::positive, field, parts};
use crate::{
    rollup::Tally,
    value::{Date, Fen, Label, RecordId},
};

/// What an internal account owes already: nobody else can be given it (S1.5). Closed when nothing is owed any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commitment {
    /// The account.
    pub account: RecordId,
    /// The amount, more than nothing.
    pub amount: Fen,
    /// Since which day.
    pub on: Date,
    /// What for; nothing personal.
    pub what_for: Label,
    /// The project.
    pub project: Option<RecordId>,
}

impl Commitment {
    /// What is still owed after the posted ones of these transfers, which settle it.
    pub fn outstanding<'a>(&self, settlements: impl IntoIterator<Item = &'a Transfer>) -> Fen {
        let posted = settlements.into_iter().filter(|it| it.is_posted());
        let settled = posted.map(|transfer| match transfer.reverses {
            Some(_) => -transfer.amount.0,
            None => transfer.amount.0,
        });
        // No settlement posts beyond what is owed, so the sum stays within the amount.
        Fen(self.amount.0 - settled.sum::<i64>())
    }

    /// The first field that another version of it does not leave as it is.
    pub(crate) fn altered(&self, other: &Self) -> Option<&'static str> {
        let Self {
            account,
            amount,
            on,
            what_for,
            project,
        } = self;
        let same = [
            ("account", *account == other.account),
            ("amount", *amount == other.amount),
            ("on", *on == other.on),
            ("what_for", *what_for == other.what_for),
            ("project", *project == other.project),
        ];
        same.into_iter()
            .find(|(_, same)| !same)
            .map(|(field, _)| field)
    }
}

impl Document for Commitment {
    type Message = message::Commitment;

    fn parse(message: message::Commitment) -> Result<Self, Fault> {
        let message::commitment::Open {
            account,
            amount,
            on,
            what_for,
            project,
        } = field::required("open", message.open)?;
        Ok(Self {
            account: field::id("account", &account)?,
            amount: positive("amount", amount)?,
            on: field::date("on", on)?,
            what_for: field::malformed("what_for", Label::parse(&what_for))?,
            project: field::optional_id("project", &project)?,
        })
    }

    fn message(&self) -> message::Commitment {
        let Self {
            account,
            amount,
            on,
            what_for,
            project,
        } = self;
        message::Commitment {
            open: Some(message::commitment::Open {
                account: account.0.to_vec(),
                amount: amount.0,
                on: on.number(),
                what_for: what_for.to_string(),
                project: field::id_bytes(project.as_ref()),
            }),
        }
    }

    parts!(Commitment);

    fn keys(&self) -> Vec<Key> {
        vec![Key::record(Index::CommitmentsOfAccount, &self.account)]
    }

    fn tallies(&self) -> Vec<Tally> {
        Vec::new()
    }
}
