//! The messages of the link, read once.

use bytes::Bytes;
use lika_core::value::{AreaCode, Digest, NodeId};
use lika_proto::v1 as proto;
use prost::Message as _;

use crate::federation::{
    Failure, Head, LogHead, MAX_LOGS, Member, Refusal,
    repeated::{self, Fault},
};

/// What the lower node says first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hello {
    /// The version of the link that it speaks.
    pub version: u32,
    /// Who it says that it is, and where its log ends.
    pub own: LogHead,
    /// The logs of nodes below that it passes through.
    pub logs: Vec<LogHead>,
    /// Its clock, in milliseconds since 1970-01-01T00:00:00Z; 0 when it does not say.
    pub clock: u64,
}

/// What the upper node answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Welcome {
    /// The version of the link that will be spoken.
    pub version: u32,
    /// Who it is.
    pub node: NodeId,
    /// What it has of the lower node's own log.
    pub head: Head,
    /// What it says of the other logs, and of the own one when it does not take it.
    pub logs: Stands,
    /// Its clock, in milliseconds since 1970-01-01T00:00:00Z; 0 when it does not say.
    pub clock: u64,
}

/// What the upper node says of logs that were named to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stands {
    /// Those that it takes, with what it has of each.
    pub taken: Vec<(NodeId, Head)>,
    /// Those that it does not take.
    pub refused: Vec<LogRefused>,
}

/// A log that the upper node takes no more of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogRefused {
    /// Whose log it is.
    pub log: NodeId,
    /// Why.
    pub failure: Failure,
    /// What the upper node has of it.
    pub head: Head,
}

/// A checkpoint on its way: upwards as its node and those in between have signed it, downwards with the signature of the
/// node above.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogCheckpoint {
    /// Whose log it is about.
    pub log: NodeId,
    /// The note.
    pub note: String,
}

/// What the upper node has made durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Acknowledged {
    /// Whose log it is; none for the lower node's own, as version 1 has it.
    pub log: Option<NodeId>,
    /// Where it ends there.
    pub head: Head,
}

impl From<LogCheckpoint> for proto::LogCheckpoint {
    fn from(checkpoint: LogCheckpoint) -> Self {
        let LogCheckpoint { log, note } = checkpoint;
        Self {
            log: log.0.to_vec(),
            note,
        }
    }
}

impl TryFrom<proto::LogCheckpoint> for LogCheckpoint {
    type Error = Refusal;

    fn try_from(checkpoint: proto::LogCheckpoint) -> Result<Self, Refusal> {
        let proto::LogCheckpoint { log, note } = checkpoint;
        Ok(Self {
            log: node_id(log)?,
            note,
        })
    }
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

impl From<LogHead> for proto::LogHead {
    fn from(log: LogHead) -> Self {
        let LogHead {
            of: Member { node, area },
            head,
        } = log;
        Self {
            node: node.0.to_vec(),
            area: area.digits().to_owned(),
            head: Some(head.into()),
        }
    }
}

impl TryFrom<proto::LogHead> for LogHead {
    type Error = Refusal;

    fn try_from(log: proto::LogHead) -> Result<Self, Refusal> {
        let proto::LogHead { node, area, head } = log;
        let area = AreaCode::parse(&area).map_err(|_| Refusal::Unreadable("a log's area"))?;
        Ok(Self {
            of: Member {
                node: node_id(node)?,
                area,
            },
            head: some_head(head)?,
        })
    }
}

impl From<Hello> for proto::Hello {
    fn from(hello: Hello) -> Self {
        let Hello {
            version,
            own:
                LogHead {
                    of: Member { node, area },
                    head,
                },
            logs,
            clock,
        } = hello;
        Self {
            version,
            node: node.0.to_vec(),
            area: area.digits().to_owned(),
            head: Some(head.into()),
            logs: encode_logs(logs),
            clock,
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
            logs,
            clock,
        } = hello;
        let area = AreaCode::parse(&area).map_err(|_| Refusal::Unreadable("hello's area"))?;
        Ok(Self {
            version,
            own: LogHead {
                of: Member {
                    node: node_id(node)?,
                    area,
                },
                head: some_head(head)?,
            },
            logs: decode_logs(logs)?,
            clock,
        })
    }
}

impl From<Welcome> for proto::Welcome {
    fn from(welcome: Welcome) -> Self {
        let Welcome {
            version,
            node,
            head,
            logs,
            clock,
        } = welcome;
        let proto::Stands { logs, refused } = logs.into();
        Self {
            version,
            node: node.0.to_vec(),
            head: Some(head.into()),
            logs,
            refused,
            clock,
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
            logs,
            refused,
            clock,
        } = welcome;
        Ok(Self {
            version,
            node: node_id(node)?,
            head: some_head(head)?,
            logs: proto::Stands { logs, refused }.try_into()?,
            clock,
        })
    }
}

impl From<Stands> for proto::Stands {
    fn from(stands: Stands) -> Self {
        let Stands { taken, refused } = stands;
        let taken = taken.into_iter().map(|(node, head)| proto::LogHead {
            node: node.0.to_vec(),
            area: String::new(),
            head: Some(head.into()),
        });
        Self {
            logs: taken.collect(),
            refused: refused.into_iter().map(Into::into).collect(),
        }
    }
}

impl TryFrom<proto::Stands> for Stands {
    type Error = Refusal;

    fn try_from(stands: proto::Stands) -> Result<Self, Refusal> {
        let proto::Stands { logs, refused } = stands;
        let taken = logs.into_iter().map(|log| {
            let proto::LogHead {
                node,
                area: _,
                head,
            } = log;
            Ok((node_id(node)?, some_head(head)?))
        });
        Ok(Self {
            taken: taken.collect::<Result<_, Refusal>>()?,
            refused: refused
                .into_iter()
                .map(TryInto::try_into)
                .collect::<Result<_, Refusal>>()?,
        })
    }
}

impl From<LogRefused> for proto::LogRefused {
    fn from(refused: LogRefused) -> Self {
        let LogRefused {
            log,
            failure: Failure { code, message },
            head,
        } = refused;
        Self {
            log: log.0.to_vec(),
            code,
            message,
            head: Some(head.into()),
        }
    }
}

impl TryFrom<proto::LogRefused> for LogRefused {
    type Error = Refusal;

    fn try_from(refused: proto::LogRefused) -> Result<Self, Refusal> {
        let proto::LogRefused {
            log,
            code,
            message,
            head,
        } = refused;
        Ok(Self {
            log: node_id(log)?,
            failure: Failure { code, message },
            head: some_head(head)?,
        })
    }
}

impl From<Acknowledged> for proto::Acknowledged {
    fn from(acknowledged: Acknowledged) -> Self {
        let Acknowledged { log, head } = acknowledged;
        Self {
            head: Some(head.into()),
            log: log.map(|log| log.0.to_vec()).unwrap_or_default(),
        }
    }
}

impl TryFrom<proto::Acknowledged> for Acknowledged {
    type Error = Refusal;

    fn try_from(acknowledged: proto::Acknowledged) -> Result<Self, Refusal> {
        let proto::Acknowledged { head, log } = acknowledged;
        Ok(Self {
            log: some_log(log)?,
            head: some_head(head)?,
        })
    }
}

/// Logs as hello and an announcement carry them.
pub(super) fn encode_logs(logs: Vec<LogHead>) -> Vec<u8> {
    let logs = logs.into_iter().map(Into::into).collect();
    proto::Logs { logs }.encode_to_vec()
}

/// Reads what a stranger names: no more logs than a link carries, and none twice.
pub(super) fn decode_logs(logs: Vec<u8>) -> Result<Vec<LogHead>, Refusal> {
    let encoded = repeated::split(Bytes::from(logs), MAX_LOGS).map_err(|fault| match fault {
        Fault::Unreadable => Refusal::Unreadable("the list of logs"),
        Fault::TooMany => Refusal::TooManyLogs,
    })?;
    let decoded = encoded.into_iter().map(|log| {
        proto::LogHead::decode(log)
            .map_err(|_| Refusal::Unreadable("a log's head"))?
            .try_into()
    });
    let logs: Vec<LogHead> = decoded.collect::<Result<_, _>>()?;
    let mut nodes: Vec<NodeId> = logs.iter().map(|log| log.of.node).collect();
    nodes.sort_unstable();
    match nodes.windows(2).any(|pair| pair.first() == pair.last()) {
        true => Err(Refusal::Unexpected("a log that is named twice")),
        false => Ok(logs),
    }
}

/// A head that the message must have.
pub(super) fn some_head(head: Option<proto::Head>) -> Result<Head, Refusal> {
    head.ok_or(Refusal::Unreadable("a head"))?.try_into()
}

/// A log that the message names; none for the lower node's own, as version 1 has it.
pub(super) fn some_log(log: Vec<u8>) -> Result<Option<NodeId>, Refusal> {
    match log.is_empty() {
        true => Ok(None),
        false => node_id(log).map(Some),
    }
}

fn node_id(bytes: Vec<u8>) -> Result<NodeId, Refusal> {
    let bytes = bytes
        .try_into()
        .map_err(|_| Refusal::Unreadable("a node id"))?;
    Ok(NodeId(bytes))
}
