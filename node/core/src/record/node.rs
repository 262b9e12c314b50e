//! Nodes of the federation.

use lika_proto::log::v1 as message;

use super::{Document, Fault, Key, field, parts};
use crate::{rollup::Tally, value::Label};

/// A node. The first entry of every log is the node's own record, under the node's id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Name.
    pub name: Label,
    /// The node's public key, ed25519; empty until it has one.
    pub public_key: Vec<u8>,
    /// Whether the log runs on a scenario's clock; such a log never counts as evidence.
    pub scenario: bool,
}

impl Document for Node {
    type Message = message::Node;

    fn parse(message: message::Node) -> Result<Self, Fault> {
        let message::node::Open {
            name,
            public_key,
            scenario,
        } = field::required("open", message.open)?;
        Ok(Self {
            name: field::malformed("name", Label::parse(&name))?,
            public_key,
            scenario,
        })
    }

    fn message(&self) -> message::Node {
        let Self {
            name,
            public_key,
            scenario,
        } = self;
        message::Node {
            open: Some(message::node::Open {
                name: name.to_string(),
                public_key: public_key.clone(),
                scenario: *scenario,
            }),
        }
    }

    parts!(Node);

    fn keys(&self) -> Vec<Key> {
        Vec::new()
    }

    fn tallies(&self) -> Vec<Tally> {
        Vec::new()
    }
}
