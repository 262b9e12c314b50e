//! Why a change is refused for what a policy has decided, or has not.

use thiserror::Error;

use crate::value::{Code, Digest, Fen, RecordId};

/// Why a change is refused for the sake of the policy in force. [`PolicyRefusal::code`] is stable.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PolicyRefusal {
    /// The policy in force has not been asked, or not about this.
    #[error(
        "enactment {enactment} is in force for {purpose}; run its policy and name its decision on this record"
    )]
    NotDecided {
        /// The purpose.
        purpose: &'static str,
        /// The enactment in force.
        enactment: RecordId,
    },
    /// The policy in force is suspended: nothing is in force in its place.
    #[error(
        "enactment {enactment} for {purpose} is suspended; nothing is decided until it is resumed"
    )]
    Suspended {
        /// The purpose.
        purpose: &'static str,
        /// The enactment.
        enactment: RecordId,
    },
    /// The policy in force says no.
    #[error("the policy {component} for {purpose} says no: {}", reasons(given))]
    Refused {
        /// The purpose.
        purpose: &'static str,
        /// The component's digest.
        component: Digest,
        /// Its reasons, by their codes.
        given: Vec<Code>,
    },
    /// The policy in force has no answer.
    #[error("the policy {component} for {purpose} has no answer; a fact is missing")]
    Undetermined {
        /// The purpose.
        purpose: &'static str,
        /// The component's digest.
        component: Digest,
    },
    /// More than the policy in force grants.
    #[error("the policy {component} grants {granted} in all, less than {wanted}")]
    BeyondGrant {
        /// The component's digest.
        component: Digest,
        /// What it grants.
        granted: Fen,
        /// What would have been given.
        wanted: Fen,
    },
}

impl PolicyRefusal {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotDecided { .. } => "not-decided",
            Self::Suspended { .. } => "decision-suspended",
            Self::Refused { .. } => "refused-by-policy",
            Self::Undetermined { .. } => "undetermined-by-policy",
            Self::BeyondGrant { .. } => "beyond-grant",
        }
    }
}

fn reasons(given: &[Code]) -> String {
    match given {
        [] => "no reason".to_owned(),
        codes => codes
            .iter()
            .map(Code::as_str)
            .collect::<Vec<_>>()
            .join(", "),
    }
}
