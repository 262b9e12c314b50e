//! The messages of the link, read once.

use lika_core::value::{AreaCode, Digest, NodeId};
use lika_proto::v1 as proto;

use crate::federation::{Head, Member, Refusal};

/// What the lower node says first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hello {
    /// The version of the link that it speaks.
    pub version: u32,
    /// Who it says that it is.
    pub member: Member,
    /// Where its log ends.
    pub head: Head,
}

/// What the upper node answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Welcome {
    /// The version of the link that it speaks.
    pub version: u32,
    /// Who it is.
    pub node: NodeId,
    /// What it has of the lower node's log.
    pub head: Head,
}

impl From<Head> for proto::Head {
    fn from(head: Head) -> Self {
        let Head { epoch, seq, hash } = head;
        Self {
            epoch,
            seq,
            hash: hash.0.to_vec(),
        }
    }
}

impl TryFrom<proto::Head> for Head {
    type Error = Refusal;

    fn try_from(head: proto::Head) -> Result<Self, Refusal> {
        let proto::Head { epoch, seq, hash } = head;
        let hash = hash
            .try_into()
            .map_err(|_| Refusal::Unreadable("a head's hash"))?;
        Ok(Self {
            epoch,
            seq,
            hash: Digest(hash),
        })
    }
}

impl From<Hello> for proto::Hello {
    fn from(hello: Hello) -> Self {
        let Hello {
            version,
            member: Member { node, area },
            head,
        } = hello;
        Self {
            version,
            node: node.0.to_vec(),
            area: area.digits().to_owned(),
            head: Some(head.into()),
        }
    }
}

impl TryFrom<proto::Hello> for Hello {
    type Error = Refusal;

    fn try_from(hello: proto::Hello) -> Result<Self, Refusal> {
        let proto::Hello {
            version,
            node,
            area,
            head,
        } = hello;
        let area = AreaCode::parse(&area).map_err(|_| Refusal::Unreadable("hello's area"))?;
        Ok(Self {
            version,
            member: Member {
                node: node_id(node)?,
                area,
            },
            head: some_head(head)?,
        })
    }
}

impl From<Welcome> for proto::Welcome {
    fn from(welcome: Welcome) -> Self {
        let Welcome {
            version,
            node,
            head,
        } = welcome;
        Self {
            version,
            node: node.0.to_vec(),
            head: Some(head.into()),
        }
    }
}

impl TryFrom<proto::Welcome> for Welcome {
    type Error = Refusal;

    fn try_from(welcome: proto::Welcome) -> Result<Self, Refusal> {
        let proto::Welcome {
            version,
            node,
            head,
        } = welcome;
        Ok(Self {
            version,
            node: node_id(node)?,
            head: some_head(head)?,
        })
    }
}

/// A head that the message must have.
pub(super) fn some_head(head: Option<proto::Head>) -> Result<Head, Refusal> {
    head.ok_or(Refusal::Unreadable("a head"))?.try_into()
}

fn node_id(bytes: Vec<u8>) -> Result<NodeId, Refusal> {
    let bytes = bytes
        .try_into()
        .map_err(|_| Refusal::Unreadable("a node id"))?;
    Ok(NodeId(bytes))
}
