//! Companies that households have contracts with.

use lika_proto::log::v1 as message;

use super::{Document, Fault, Key, field, parts};
use crate::{
    rollup::Tally,
    value::{Code, Label},
};

/// A company: a leading enterprise, the holder of a hosting base, an insurer (S0.8, S2.6, S2.8). The record's area is
/// where it works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enterprise {
    /// Name.
    pub name: Label,
    /// Code list enterprise-kind.
    pub kind: Code,
}

impl Enterprise {
    /// Whether it insures.
    pub fn is_insurer(&self) -> bool {
        self.kind.as_str() == "insurer"
    }
}

impl Document for Enterprise {
    type Message = message::Enterprise;

    fn parse(message: message::Enterprise) -> Result<Self, Fault> {
        let message::enterprise::Open { name, r#type } = field::required("open", message.open)?;
        Ok(Self {
            name: field::malformed("name", Label::parse(&name))?,
            kind: field::code("enterprise-kind", "type", &r#type)?,
        })
    }

    fn message(&self) -> message::Enterprise {
        let Self { name, kind } = self;
        message::Enterprise {
            open: Some(message::enterprise::Open {
                name: name.to_string(),
                r#type: kind.to_string(),
            }),
        }
    }

    parts!(Enterprise);

    fn keys(&self) -> Vec<Key> {
        Vec::new()
    }

    fn tallies(&self) -> Vec<Tally> {
        vec![Tally::stock(format!("enterprises/{}", self.kind), 1)]
    }
}
