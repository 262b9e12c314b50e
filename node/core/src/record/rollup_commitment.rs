//! What a node says once of the totals of an area.

use lika_proto::log::v1 as message;

use super::{Document, Fault, Key, Problem, field, parts};
use crate::{
    rollup::{
        Period, Tally,
        committed::{Dimension, Dimensions},
        sum_tree::{Commitment, LogEnd, Subject},
    },
    value::{AreaCode, Digest, NodeId},
};

/// Logs of one node at most: one of its own and one of each node below.
const MOST_LOGS: usize = 10_000;

/// The commitment to the totals of an area and a period (DESIGN: federation). It is never changed and never closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RollupCommitment {
    /// What is committed. Its area is that of the record.
    pub commitment: Commitment,
}

impl Document for RollupCommitment {
    type Message = message::RollupCommitment;

    fn parse(message: message::RollupCommitment) -> Result<Self, Fault> {
        let message::rollup_commitment::Open {
            node,
            area,
            period,
            logs,
            dimensions,
            order,
            leaves,
            root,
        } = field::required("open", message.open)?;
        let (dimensions, totals) = dimensions_of(dimensions, leaves)?;
        let subject = Subject {
            node: NodeId(field::id("node", &node)?.0),
            area: field::malformed("area", AreaCode::parse(&area))?,
            period: period_of(period)?,
            logs: logs_of(logs)?,
            dimensions,
        };
        Ok(Self {
            commitment: Commitment {
                subject,
                order: digest("order", &order)?,
                leaves,
                totals,
                root: digest("root", &root)?,
            },
        })
    }

    fn message(&self) -> message::RollupCommitment {
        let Commitment {
            subject,
            order,
            leaves,
            totals,
            root,
        } = &self.commitment;
        let Subject {
            node,
            area,
            period,
            logs,
            dimensions,
        } = subject;
        let logs = logs.iter().map(|log| message::rollup_commitment::LogEnd {
            node: log.node.0.to_vec(),
            epoch: log.epoch,
            seq: log.seq,
            hash: log.hash.0.to_vec(),
        });
        let dimensions = dimensions.as_slice().iter().zip(totals);
        let dimensions = dimensions.map(|(dimension, total)| {
            let Dimension { name, most } = dimension;
            message::rollup_commitment::Dimension {
                name: name.to_string(),
                most: *most,
                total: *total,
            }
        });
        message::RollupCommitment {
            open: Some(message::rollup_commitment::Open {
                node: node.0.to_vec(),
                area: area.digits().to_owned(),
                period: period.number(),
                logs: logs.collect(),
                dimensions: dimensions.collect(),
                order: order.0.to_vec(),
                leaves: *leaves,
                root: root.0.to_vec(),
            }),
        }
    }

    parts!(RollupCommitment);

    fn keys(&self) -> Vec<Key> {
        Vec::new()
    }

    fn tallies(&self) -> Vec<Tally> {
        Vec::new()
    }
}

fn period_of(number: u32) -> Result<Period, Fault> {
    let period = Period::from_number(number);
    if period == Period::NOW || period.in_year().is_some() {
        return Ok(period);
    }
    let problem = "must be 0, a year such as 2016 or a month such as 201606".to_owned();
    Err(Fault::new("period", Problem::Malformed(problem)))
}

fn logs_of(messages: Vec<message::rollup_commitment::LogEnd>) -> Result<Vec<LogEnd>, Fault> {
    match messages.len() {
        0 => return Err(Fault::new("logs", Problem::Missing)),
        many if many > MOST_LOGS => return Err(Fault::new("logs", Problem::TooMany(MOST_LOGS))),
        _ => {}
    }
    let end = |log: message::rollup_commitment::LogEnd| {
        let message::rollup_commitment::LogEnd {
            node,
            epoch,
            seq,
            hash,
        } = log;
        Ok(LogEnd {
            node: NodeId(field::id("logs.node", &node)?.0),
            epoch,
            seq,
            hash: digest("logs.hash", &hash)?,
        })
    };
    let logs: Vec<LogEnd> = messages.into_iter().map(end).collect::<Result<_, _>>()?;
    if !logs.is_sorted_by(|one, next| one.node < next.node) {
        let problem = "must be in the order of the nodes, each once".to_owned();
        return Err(Fault::new("logs", Problem::Malformed(problem)));
    }
    Ok(logs)
}

fn dimensions_of(
    messages: Vec<message::rollup_commitment::Dimension>,
    leaves: u64,
) -> Result<(Dimensions, Vec<u64>), Fault> {
    let (mut dimensions, mut totals) = (Vec::new(), Vec::new());
    for message::rollup_commitment::Dimension { name, most, total } in messages {
        if i64::try_from(total).is_err() || total > leaves.saturating_mul(most) {
            let problem = format!("{leaves} households cannot add {total} to {name:?}");
            return Err(Fault::new("dimensions", Problem::Malformed(problem)));
        }
        dimensions.push(Dimension {
            name: name.into(),
            most,
        });
        totals.push(total);
    }
    let dimensions = field::malformed("dimensions", Dimensions::new(dimensions))?;
    Ok((dimensions, totals))
}

fn digest(field: &'static str, bytes: &[u8]) -> Result<Digest, Fault> {
    let digest = bytes.try_into().map(Digest);
    digest.map_err(|_| Fault::new(field, Problem::Malformed("must be 32 bytes".to_owned())))
}
