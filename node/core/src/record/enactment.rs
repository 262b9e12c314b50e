//! Enactments: a policy with settings, proposed, approved by two people, in force.
//!
//! ```text
//!  propose ──▶ proposed ──approve──▶ proposed ──approve──▶ approved ──from──▶ in force ──until──▶ over
//!                          first                second        │                  │
//!                                                             └──suspend / resume┘
//! ```
//!
//! What was proposed never changes: other settings are another enactment. A change of one adds the approval of whoever
//! makes the change, or suspends it, resumes it, or says when it ends.

use std::cmp::Reverse;

use lika_proto::log::v1 as message;

use super::{Approval, Document, Fault, Index, Key, field, parts, policy};
use crate::{
    rollup::Tally,
    value::{AreaCode, Code, Date, Digest, RecordId},
};

/// A policy with settings for a purpose in the record's area and below.
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
    /// Of the preview that is approved: what it changes against what was in force.
    pub preview: Digest,
    /// Who approved it, one after the other.
    pub approvals: Vec<Approval>,
    /// Whether it holds in the areas below in place of what is enacted there.
    pub binding: bool,
    /// Whether it is suspended: then nothing is in force in its place.
    pub suspended: bool,
    /// The earlier enactment that this one brings back.
    pub brings_back: Option<RecordId>,
}

impl Enactment {
    /// How many people must approve.
    pub const APPROVERS: usize = Approval::NEEDED;

    /// Whether enough people have approved it.
    pub fn is_approved(&self) -> bool {
        self.approvals.len() >= Self::APPROVERS
    }

    /// Whether it has been approved and its days include this one. A suspended one still stands in the place of
    /// others: nothing is in force then.
    pub fn stands_on(&self, on: Date) -> bool {
        self.is_approved() && self.from <= on && self.until.is_none_or(|until| on < until)
    }

    /// What of several that stand comes first, the highest of all: what binds the widest area; where nothing binds, the
    /// nearest; and of one area the latest first day.
    pub fn rank(&self, enacted_for: &AreaCode) -> impl Ord + Copy + use<> {
        let level = enacted_for.level();
        (self.binding.then_some(Reverse(level)), level, self.from)
    }

    /// The first field of what was proposed that another version of it does not leave as it is.
    pub(crate) fn altered(&self, other: &Self) -> Option<&'static str> {
        let Self {
            policy,
            purpose,
            settings,
            from,
            until: _,
            preview,
            approvals: _,
            binding,
            suspended: _,
            brings_back,
        } = self;
        let same = [
            ("policy", *policy == other.policy),
            ("purpose", *purpose == other.purpose),
            ("settings", *settings == other.settings),
            ("from", *from == other.from),
            ("preview", *preview == other.preview),
            ("binding", *binding == other.binding),
            ("brings_back", *brings_back == other.brings_back),
        ];
        same.into_iter()
            .find(|(_, same)| !same)
            .map(|(field, _)| field)
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
            preview,
            approvals,
            binding,
            suspended,
            brings_back,
        } = field::required("open", message.open)?;
        let from = field::date("from", from)?;
        Ok(Self {
            policy: field::id("policy", &policy)?,
            purpose: field::malformed("purpose", Code::parse(&purpose))?,
            settings,
            from,
            until: field::until("until", from, until)?,
            preview: policy::digest("preview", &preview)?,
            approvals: Approval::parse_all(approvals)?,
            binding,
            suspended,
            brings_back: field::optional_id("brings_back", &brings_back)?,
        })
    }

    fn message(&self) -> message::Enactment {
        let Self {
            policy,
            purpose,
            settings,
            from,
            until,
            preview,
            approvals,
            binding,
            suspended,
            brings_back,
        } = self;
        message::Enactment {
            open: Some(message::enactment::Open {
                policy: policy.0.to_vec(),
                purpose: purpose.to_string(),
                settings: settings.clone(),
                from: from.number(),
                until: field::date_number(*until),
                preview: preview.0.to_vec(),
                approvals: approvals.iter().map(Approval::message).collect(),
                binding: *binding,
                suspended: *suspended,
                brings_back: field::id_bytes(brings_back.as_ref()),
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
