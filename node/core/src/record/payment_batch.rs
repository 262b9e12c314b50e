//! Payment batches: money of a fund that a bank pays out to households.
//!
//! ```text
//!  propose ──▶ proposed ──approve──approve──▶ posted ──send──▶ sent ──▶ returned, by a payment return of its own
//!                 └──withdraw──▶ withdrawn
//!
//!                 fund ───── posted ─────▶ in transit ───── returned, paid ────▶ payees
//!                   ▲                          │
//!                   └──── returned, failed ────┘
//! ```
//!
//! What was proposed never changes. With the second approval the money leaves the fund for the account of what is in
//! transit; what the bank made of it is a record of its own, so that neither is ever changed after it has posted.

use std::collections::BTreeSet;

use lika_proto::log::v1 as message;

use super::{
    Approval, Document, Fault, Index, Key, Posting, Problem, cooperative::positive, field, parts,
    policy,
};
use crate::{
    rollup::Tally,
    value::{Code, Date, Digest, Fen, RecordId, Year},
};

/// Money of a fund that a bank pays out to households; the record stands in the area of the fund.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentBatch {
    /// The fund's account.
    pub from: RecordId,
    /// The account of what the bank has and nobody has got yet.
    pub transit: RecordId,
    /// Code list fund-use.
    pub used_for: Code,
    /// The day on which it leaves the fund; its year is that of the books.
    pub on: Date,
    /// Whom to pay, in the order of the bank's file; each household once.
    pub payments: Vec<HouseholdPayment>,
    /// Who approved it, one after the other.
    pub approvals: Vec<Approval>,
    /// When it went to the bank; none until it did.
    pub sent: Option<Sent>,
}

/// What one household is to get.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HouseholdPayment {
    /// The household.
    pub household: RecordId,
    /// The member whose account it is.
    pub payee: RecordId,
    /// The amount, more than nothing.
    pub amount: Fen,
    /// The decision that it follows.
    pub follows: Option<Entitlement>,
    /// The batch in which a payment to the household failed that this one makes good.
    pub reissues: Option<RecordId>,
}

/// What a policy said is due in the year: its decision, as one evaluation left it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entitlement {
    /// The decision.
    pub decision: RecordId,
    /// The evaluation that made it so.
    pub evaluation: RecordId,
}

/// What went to the bank.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    /// The day.
    pub on: Date,
    /// SHA-256 of the file.
    pub file: Digest,
    /// The log position that names and accounts were read at: epoch and sequence number. The file can be written again.
    pub as_of: (u32, u64),
}

impl PaymentBatch {
    /// The most payments of a batch.
    pub const MOST: usize = 2_000;

    /// Whether the money has left the fund.
    pub fn is_posted(&self) -> bool {
        self.approvals.len() >= Approval::NEEDED
    }

    /// The year of the books that it leaves the fund in.
    pub fn year(&self) -> Year {
        self.on.year()
    }

    /// All payments together. Parsing made sure that it does not overflow.
    pub fn total(&self) -> Fen {
        Fen(self.payments.iter().map(|payment| payment.amount.0).sum())
    }

    /// What it gives by a decision. A payment that makes another one good takes that one's place, and is not counted
    /// beside it.
    pub fn given_by(&self, decision: &RecordId) -> Fen {
        let payments = self.payments.iter().filter(|payment| {
            let follows = payment.follows.map(|follows| follows.decision);
            payment.reissues.is_none() && follows.as_ref() == Some(decision)
        });
        Fen(payments
            .map(|payment| payment.amount.0)
            .fold(0, i64::saturating_add))
    }

    /// The first field of what was proposed that another version of it does not leave as it is.
    pub(crate) fn altered(&self, other: &Self) -> Option<&'static str> {
        let Self {
            from,
            transit,
            used_for,
            on,
            payments,
            approvals: _,
            sent: _,
        } = self;
        let same = [
            ("from", *from == other.from),
            ("transit", *transit == other.transit),
            ("used_for", *used_for == other.used_for),
            ("on", *on == other.on),
            ("payments", *payments == other.payments),
        ];
        let altered = same.into_iter().find(|(_, same)| !same);
        altered.map(|(field, _)| field)
    }
}

impl Document for PaymentBatch {
    type Message = message::PaymentBatch;

    fn parse(message: message::PaymentBatch) -> Result<Self, Fault> {
        let message::payment_batch::Open {
            from,
            transit,
            used_for,
            on,
            payments,
            approvals,
            sent,
        } = field::required("open", message.open)?;
        Ok(Self {
            from: field::id("from", &from)?,
            transit: field::id("transit", &transit)?,
            used_for: field::code("fund-use", "used_for", &used_for)?,
            on: field::date("on", on)?,
            payments: parse_payments(payments)?,
            approvals: Approval::parse_all(approvals)?,
            sent: sent.map(Sent::parse).transpose()?,
        })
    }

    fn message(&self) -> message::PaymentBatch {
        let Self {
            from,
            transit,
            used_for,
            on,
            payments,
            approvals,
            sent,
        } = self;
        message::PaymentBatch {
            open: Some(message::payment_batch::Open {
                from: from.0.to_vec(),
                transit: transit.0.to_vec(),
                used_for: used_for.to_string(),
                on: on.number(),
                payments: payments.iter().map(HouseholdPayment::message).collect(),
                approvals: approvals.iter().map(Approval::message).collect(),
                sent: sent.as_ref().map(Sent::message),
            }),
        }
    }

    parts!(PaymentBatch);

    fn keys(&self) -> Vec<Key> {
        let of_payments = self.payments.iter().flat_map(|payment| {
            let decision = payment.follows.map(|follows| follows.decision);
            [
                Some((Index::PaymentsToHousehold, payment.household)),
                decision.map(|decision| (Index::PaymentsOfDecision, decision)),
                payment
                    .reissues
                    .map(|batch| (Index::ReissuesOfBatch, batch)),
            ]
        });
        let of_accounts = [self.from, self.transit].map(|it| (Index::PaymentsOfAccount, it));
        // A batch that is reissued is named by every payment that makes one of its good.
        let once: BTreeSet<_> = of_payments.flatten().chain(of_accounts).collect();
        let keys = once
            .iter()
            .map(|(index, record)| Key::record(*index, record));
        keys.collect()
    }

    /// What is in transit has not been spent: the return counts.
    fn tallies(&self) -> Vec<Tally> {
        Vec::new()
    }

    fn postings(&self) -> Vec<Posting> {
        if !self.is_posted() {
            return Vec::new();
        }
        let total = self.total();
        let posting = |account, amount| Posting { account, amount };
        vec![
            posting(self.from, Fen(-total.0)),
            posting(self.transit, total),
        ]
    }
}

fn parse_payments(
    payments: Vec<message::payment_batch::Payment>,
) -> Result<Vec<HouseholdPayment>, Fault> {
    if payments.is_empty() {
        return Err(Fault::new("payments", Problem::Missing));
    }
    if payments.len() > PaymentBatch::MOST {
        return Err(Fault::new("payments", Problem::TooMany(PaymentBatch::MOST)));
    }
    let mut total = Fen::ZERO;
    let mut households = BTreeSet::new();
    let mut parsed = Vec::with_capacity(payments.len());
    for payment in payments {
        let payment = HouseholdPayment::parse(payment)?;
        let sum = total.checked_add(payment.amount);
        total = sum.map_err(|_| Fault::new("payments.amount", Problem::TooLarge))?;
        if !households.insert(payment.household) {
            let household = payment.household.to_string();
            return Err(Fault::new(
                "payments.household",
                Problem::Repeated(household),
            ));
        }
        parsed.push(payment);
    }
    Ok(parsed)
}

impl HouseholdPayment {
    fn parse(message: message::payment_batch::Payment) -> Result<Self, Fault> {
        let message::payment_batch::Payment {
            household,
            payee,
            amount,
            decision,
            evaluation,
            reissues,
        } = message;
        let decision = field::optional_id("payments.decision", &decision)?;
        let evaluation = field::optional_id("payments.evaluation", &evaluation)?;
        let follows = match (decision, evaluation) {
            (Some(decision), Some(evaluation)) => Some(Entitlement {
                decision,
                evaluation,
            }),
            (None, None) => None,
            (Some(_), None) => return Err(Fault::new("payments.evaluation", Problem::Missing)),
            (None, Some(_)) => return Err(Fault::new("payments.decision", Problem::Missing)),
        };
        Ok(Self {
            household: field::id("payments.household", &household)?,
            payee: field::id("payments.payee", &payee)?,
            amount: positive("payments.amount", amount)?,
            follows,
            reissues: field::optional_id("payments.reissues", &reissues)?,
        })
    }

    fn message(&self) -> message::payment_batch::Payment {
        let Self {
            household,
            payee,
            amount,
            follows,
            reissues,
        } = self;
        let of_entitlement =
            |id: fn(&Entitlement) -> RecordId| field::id_bytes(follows.as_ref().map(id).as_ref());
        message::payment_batch::Payment {
            household: household.0.to_vec(),
            payee: payee.0.to_vec(),
            amount: amount.0,
            decision: of_entitlement(|it| it.decision),
            evaluation: of_entitlement(|it| it.evaluation),
            reissues: field::id_bytes(reissues.as_ref()),
        }
    }
}

impl Sent {
    fn parse(message: message::payment_batch::Sent) -> Result<Self, Fault> {
        let message::payment_batch::Sent {
            on,
            file,
            as_of_epoch,
            as_of_seq,
        } = message;
        Ok(Self {
            on: field::date("sent.on", on)?,
            file: policy::digest("sent.file", &file)?,
            as_of: (as_of_epoch, as_of_seq),
        })
    }

    fn message(&self) -> message::payment_batch::Sent {
        let Self { on, file, as_of } = self;
        message::payment_batch::Sent {
            on: on.number(),
            file: file.0.to_vec(),
            as_of_epoch: as_of.0,
            as_of_seq: as_of.1,
        }
    }
}
