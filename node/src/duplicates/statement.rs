//! What two counties sign about a person whom both have registered.

use lika_core::{
    record::{KeeperSignature, OwnershipSide as Side},
    value::{NodeId, RecordId},
};

use crate::evidence::{PublicKey, SigningKey};

/// Which of the two keeps the person. Both sign the same text, so that neither the reason nor the time is in it: why
/// a county agrees is its own affair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Statement {
    /// What it settles.
    pub alert: RecordId,
    /// Where the person stays registered.
    pub keeps: Side,
    /// Where the member is closed afterwards.
    pub closes: Side,
}

impl Statement {
    /// That one of the two keeps the person; none when the node is neither of them.
    pub fn that_keeps(node: NodeId, alert: RecordId, sides: [Side; 2]) -> Option<Self> {
        let [one, other] = sides;
        let (keeps, closes) = match node {
            node if node == one.node => (one, other),
            node if node == other.node => (other, one),
            _ => return None,
        };
        Some(Self {
            alert,
            keeps,
            closes,
        })
    }

    /// Signs it.
    pub fn sign(&self, key: &SigningKey) -> KeeperSignature {
        let public = key.public();
        KeeperSignature {
            node: public.node,
            key: public.bytes,
            signature: key.sign(&self.text()),
        }
    }

    /// Whether a signature is that of its node, with the key that it names.
    pub fn is_signed(&self, signed: &KeeperSignature) -> bool {
        let key = PublicKey {
            node: signed.node,
            bytes: signed.key,
        };
        key.has_signed(&self.text(), &signed.signature)
    }

    fn text(&self) -> String {
        let Self {
            alert,
            keeps,
            closes,
        } = self;
        format!(
            "lika ownership transfer 1\nalert {alert}\nkeeps {} {}\ncloses {} {}\n",
            keeps.node, keeps.handle, closes.node, closes.handle
        )
    }
}
