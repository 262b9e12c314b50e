//! Enactments: a policy with settings, in force.

use lika_proto::log::v1 as message;

use super::{Document, Fault, Index, Key, field, parts};
use crate::{
    rollup::Tally,
    value::{Code, Date, RecordId},
};

/// A policy with settings, in force for a purpose in the record's area and below.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enactment {
    /// The policy.
    pub policy: RecordId,
    /// The purpose.
    pub purpose: Code,
    /// The settings, JSON as the policy validated it.
    pub settings: String,
    /// The first day.
    pub from: Date,
    /// The first day after it.
    pub until: Option<Date>,
}

impl Enactment {
    /// Whether it is in force on a day.
    pub fn is_in_force(&self, on: Date) -> bool {
        self.from <= on && self.until.is_none_or(|until| on < until)
    }
}

impl Document for Enactment {
    type Message = message::Enactment;

    fn parse(message: message::Enactment) -> Result<Self, Fault> {
        let message::enactment::Open {
            policy,
            purpose,
            settings,
            from,
            until,
        } = field::required("open", message.open)?;
        let from = field::date("from", from)?;
        Ok(Self {
            policy: field::id("policy", &policy)?,
            purpose: field::malformed("purpose", Code::parse(&purpose))?,
            settings,
            from,
            until: field::until("until", from, until)?,
        })
    }

    fn message(&self) -> message::Enactment {
        let Self {
            policy,
            purpose,
            settings,
            from,
            until,
        } = self;
        message::Enactment {
            open: Some(message::enactment::Open {
                policy: policy.0.to_vec(),
                purpose: purpose.to_string(),
                settings: settings.clone(),
                from: from.number(),
                until: field::date_number(*until),
            }),
        }
    }

    parts!(Enactment);

    fn keys(&self) -> Vec<Key> {
        vec![Key::open(
            Index::EnactmentsOfPurpose,
            &[self.purpose.as_str().as_bytes()],
        )]
    }

    fn tallies(&self) -> Vec<Tally> {
        Vec::new()
    }
}
