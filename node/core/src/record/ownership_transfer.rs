//! Which of two counties keeps a person whom both have registered.
//!
//! ```text
//!  an officer resolves ──▶ one signature ──▶ the other county signs the same ──▶ settled, for good
//!            ▲                   │
//!            └── thinks again ◀──┘
//! ```
//!
//! Each of the two counties has a record of its own. The two name each other's members by handles, which say nothing to
//! anybody else; which record the own handle stands for is sealed.

use std::fmt;

use lika_proto::log::v1 as message;

use super::{Document, Fault, Key, Problem, field, parts};
use crate::{
    rollup::Tally,
    value::{NodeId, RecordId, Text, hex},
};

/// What stands for a member where its record must not be named: 16 random bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Handle(pub [u8; 16]);

impl fmt::Display for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&hex(&self.0))
    }
}

/// One of the two counties, and what stands for the member there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Side {
    /// The node.
    pub node: NodeId,
    /// The member.
    pub handle: Handle,
}

/// A node's signature of what is settled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeeperSignature {
    /// The node.
    pub node: NodeId,
    /// Its public key, ed25519.
    pub key: [u8; 32],
    /// The signature.
    pub signature: [u8; 64],
}

/// A transfer of ownership, as one of the two counties has it. That the signatures are genuine is for those to check who
/// have the keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnershipTransfer {
    /// What it settles.
    pub alert: RecordId,
    /// Where the person stays registered.
    pub keeps: Side,
    /// Where the member is closed afterwards.
    pub closes: Side,
    /// By node, each of the two once, at least one.
    pub signatures: Vec<KeeperSignature>,
    /// The own member; not known where it was withheld.
    pub member: Option<RecordId>,
    /// Why; not known where it was withheld.
    pub reason: Option<Option<Text>>,
}

impl OwnershipTransfer {
    /// The record id at one of the two nodes: there is one for each alert.
    pub fn id_for(node: &NodeId, alert: &RecordId) -> RecordId {
        let bytes = [node.0, alert.0].concat();
        RecordId::derived("lika.ownership-transfer", &bytes)
    }

    /// Whether both have signed.
    pub fn is_settled(&self) -> bool {
        self.signatures.len() == 2
    }
}

impl Document for OwnershipTransfer {
    type Message = message::OwnershipTransfer;

    fn parse(message: message::OwnershipTransfer) -> Result<Self, Fault> {
        let message::OwnershipTransfer {
            open,
            identity,
            free_text,
        } = message;
        let message::ownership_transfer::Open {
            alert,
            keeps,
            closes,
            signatures,
        } = field::required("open", open)?;
        let keeps = side("keeps", keeps)?;
        let closes = side("closes", closes)?;
        if keeps.node == closes.node {
            let problem = "must be of another node than keeps".to_owned();
            return Err(Fault::new("closes", Problem::Malformed(problem)));
        }
        Ok(Self {
            alert: field::id("alert", &alert)?,
            signatures: signatures_of(signatures, [keeps.node, closes.node])?,
            keeps,
            closes,
            member: identity
                .map(|message::ownership_transfer::Identity { member }| {
                    field::id("member", &member)
                })
                .transpose()?,
            reason: free_text
                .map(|message::ownership_transfer::FreeText { reason }| {
                    field::optional_text("reason", &reason, Text::parse)
                })
                .transpose()?,
        })
    }

    fn message(&self) -> message::OwnershipTransfer {
        let Self {
            alert,
            keeps,
            closes,
            signatures,
            member,
            reason,
        } = self;
        let side = |side: &Side| message::ownership_transfer::Side {
            node: side.node.0.to_vec(),
            handle: side.handle.0.to_vec(),
        };
        let signature = |signed: &KeeperSignature| message::ownership_transfer::Signature {
            node: signed.node.0.to_vec(),
            key: signed.key.to_vec(),
            signature: signed.signature.to_vec(),
        };
        message::OwnershipTransfer {
            open: Some(message::ownership_transfer::Open {
                alert: alert.0.to_vec(),
                keeps: Some(side(keeps)),
                closes: Some(side(closes)),
                signatures: signatures.iter().map(signature).collect(),
            }),
            identity: member.map(|member| message::ownership_transfer::Identity {
                member: member.0.to_vec(),
            }),
            free_text: reason
                .as_ref()
                .map(|reason| message::ownership_transfer::FreeText {
                    reason: field::printed(reason.as_ref()),
                }),
        }
    }

    parts!(OwnershipTransfer, identity = Identity, free_text = FreeText);

    fn keys(&self) -> Vec<Key> {
        Vec::new()
    }

    fn tallies(&self) -> Vec<Tally> {
        Vec::new()
    }
}

fn side(
    name: &'static str,
    message: Option<message::ownership_transfer::Side>,
) -> Result<Side, Fault> {
    let message::ownership_transfer::Side { node, handle } = field::required(name, message)?;
    Ok(Side {
        node: NodeId(field::id(name, &node)?.0),
        handle: Handle(field::id(name, &handle)?.0),
    })
}

fn signatures_of(
    messages: Vec<message::ownership_transfer::Signature>,
    of: [NodeId; 2],
) -> Result<Vec<KeeperSignature>, Fault> {
    let malformed =
        |problem: &str| Fault::new("signatures", Problem::Malformed(problem.to_owned()));
    let signature = |message| {
        let message::ownership_transfer::Signature {
            node,
            key,
            signature,
        } = message;
        Ok(KeeperSignature {
            node: NodeId(field::id("signatures.node", &node)?.0),
            key: key
                .try_into()
                .map_err(|_| malformed("a key has 32 bytes"))?,
            signature: signature
                .try_into()
                .map_err(|_| malformed("a signature has 64 bytes"))?,
        })
    };
    let signatures: Vec<KeeperSignature> = messages
        .into_iter()
        .map(signature)
        .collect::<Result<_, _>>()?;
    let is_ours = signatures.iter().all(|signed| of.contains(&signed.node));
    let is_sorted = signatures.is_sorted_by(|one, next| one.node < next.node);
    match (signatures.is_empty(), is_ours && is_sorted) {
        (true, _) => Err(Fault::new("signatures", Problem::Missing)),
        (false, false) => Err(malformed(
            "must be of the two nodes, in their order, each once",
        )),
        (false, true) => Ok(signatures),
    }
}
