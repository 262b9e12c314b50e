//! Organisations that can sponsor a village.

use lika_proto::log::v1 as message;

use super::{Document, Fault, Index, Key, field, parts};
use crate::{
    rollup::Tally,
    value::{Code, Label},
};

/// An organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// Name.
    pub name: Label,
    /// Code list unit-type.
    pub unit_type: Code,
}

impl Document for Unit {
    type Message = message::Unit;

    fn parse(message: message::Unit) -> Result<Self, Fault> {
        let message::unit::Open { name, r#type } = field::required("open", message.open)?;
        Ok(Self {
            name: field::malformed("name", Label::parse(&name))?,
            unit_type: field::code("unit-type", "type", &r#type)?,
        })
    }

    fn message(&self) -> message::Unit {
        let Self { name, unit_type } = self;
        message::Unit {
            open: Some(message::unit::Open {
                name: name.to_string(),
                r#type: unit_type.to_string(),
            }),
        }
    }

    parts!(Unit);

    fn keys(&self) -> Vec<Key> {
        vec![Key::open(Index::UnitName, &[self.name.as_str().as_bytes()])]
    }

    fn tallies(&self) -> Vec<Tally> {
        vec![Tally::stock("units", 1)]
    }
}
