//! The bytes of a difference, of which its digest is taken: `lika.v1.Difference`.

use lika_core::value::Digest;
use lika_proto::{log::v1::decision, v1};
use prost::Message as _;

use super::{Change, Difference, Judged, Outcome, Side};

impl Difference {
    /// Of everything that is promised: the purpose, the area, the day, both sides and what would change. Not of the
    /// position that was read at, nor of subjects that do not change, nor of reasons.
    pub fn digest(&self) -> Digest {
        let content = v1::Difference {
            purpose: self.purpose.to_string(),
            area: self.area.digits().to_owned(),
            on: self.on.number(),
            before: self.before.as_ref().map(side),
            after: Some(side(&self.after)),
            changes: self.changes.iter().map(change).collect(),
        };
        Digest::of(&content.encode_to_vec())
    }
}

/// A side, as it is digested and sent.
pub fn side(side: &Side) -> v1::DifferenceSide {
    let Side {
        enactment,
        component,
        settings,
    } = side;
    v1::DifferenceSide {
        enactment: enactment.map(|id| id.0.to_vec()).unwrap_or_default(),
        component: component.0.to_vec(),
        settings: settings.0.to_vec(),
    }
}

/// What would change for a subject, as it is digested and sent.
pub fn change(change: &Change) -> v1::DifferenceChange {
    let Change {
        subject,
        kind,
        area,
        before,
        after,
    } = change;
    v1::DifferenceChange {
        subject: subject.0.to_vec(),
        subject_kind: kind.number(),
        area: area.digits().to_owned(),
        before: before.as_ref().map(verdict),
        after: after.as_ref().map(verdict),
    }
}

fn verdict(judged: &Judged) -> v1::DifferenceVerdict {
    v1::DifferenceVerdict {
        amount: judged.amount.map(|fen| fen.0),
        ..outcome(&judged.outcome)
    }
}

/// An outcome without an amount.
pub fn outcome(outcome: &Outcome) -> v1::DifferenceVerdict {
    let number = match outcome {
        Outcome::Granted(_) => decision::Outcome::Granted,
        Outcome::Refused => decision::Outcome::Refused,
        Outcome::Undetermined => decision::Outcome::Undetermined,
    };
    let category = outcome.category();
    v1::DifferenceVerdict {
        outcome: number.into(),
        category: category.map(ToString::to_string).unwrap_or_default(),
        amount: None,
    }
}
