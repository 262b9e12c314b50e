//! Roll-ups that can be verified, on the wire: recounts, commitments and opened leaves.

use lika_core::{
    log::Salt,
    record::{BodyMessage, RollupCommitment},
    rollup::{
        Period,
        sum_tree::{Opening, Subtree},
    },
    value::{AreaCode, Digest, RecordId},
};
use lika_proto::v1::{self, verify_roll_up_event::Event};
use thiserror::Error as ThisError;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;

use super::{apart::behind, record};
use crate::{
    gateway::{Caller, Gateway, commitments::Opened},
    store::{Difference, Recounted, Witness},
};

/// Events that a slow reader may leave waiting: whoever counts waits with them.
const WAITING: usize = 64;
/// How often it is said, at most, how far a recount is.
const STEPS: u64 = 100;

/// How a recount goes.
pub type VerifyStream = ReceiverStream<Result<v1::VerifyRollUpEvent, Status>>;

type Events = mpsc::Sender<Result<v1::VerifyRollUpEvent, Status>>;

/// Recounts an area, and tells how it goes.
pub fn verify(gateway: Gateway, caller: Caller, area: AreaCode) -> VerifyStream {
    let (events, stream) = mpsc::channel(WAITING);
    tokio::spawn(async move {
        let mut teller = Teller {
            events: events.clone(),
            told: 0,
        };
        let counted = behind(&gateway, move |gateway| {
            gateway.verify_totals(&caller, &area, &mut teller)
        });
        let last = counted.await.map(|recounted| summary(&area, recounted));
        // Whoever asked may have left.
        let _ = events.send(last).await;
    });
    ReceiverStream::new(stream)
}

struct Teller {
    events: Events,
    /// How many were done when it was last said.
    told: u64,
}

impl Teller {
    fn tell(&self, event: Event) {
        // Whoever asked may have left; then what is left is counted for nobody.
        let _ = self.events.blocking_send(Ok(of(event)));
    }
}

impl Witness for Teller {
    fn goes_on(&mut self, done: u64, of: u64) {
        if done >= self.told + (of / STEPS).max(1) {
            self.told = done;
            self.tell(Event::Progress(v1::VerifyRollUpProgress { done, of }));
        }
    }

    fn differs(&mut self, difference: Difference) {
        let Difference {
            area,
            period,
            dimension,
            maintained,
            recounted,
        } = difference;
        self.tell(Event::Difference(v1::TotalDifference {
            area: area.digits().to_owned(),
            period: period.number(),
            dimension,
            maintained,
            recounted,
        }));
    }

    fn is_gone(&self) -> bool {
        self.events.is_closed()
    }
}

fn of(event: Event) -> v1::VerifyRollUpEvent {
    v1::VerifyRollUpEvent { event: Some(event) }
}

fn summary(area: &AreaCode, recounted: Recounted) -> v1::VerifyRollUpEvent {
    let Recounted {
        at,
        records,
        totals,
        differences,
    } = recounted;
    let at = at.iter();
    of(Event::Summary(v1::VerifyRollUpSummary {
        area: area.digits().to_owned(),
        at: at
            .map(|(node, position)| record::position(node, *position))
            .collect(),
        records,
        totals,
        differences,
    }))
}

/// Commits to the totals of an area.
pub async fn commit(
    gateway: &Gateway,
    caller: Caller,
    request: &[u8],
    area: AreaCode,
    period: u32,
) -> Result<v1::CommitRollUpResponse, Status> {
    let request = record::request_id(request)?;
    let period = match record::year("period", period)? {
        Some(year) => Period::year(year),
        None => Period::NOW,
    };
    let committed = behind(gateway, move |gateway| {
        gateway.commit_totals(&caller, request, &area, period)
    });
    let (id, said) = committed.await?;
    Ok(v1::CommitRollUpResponse {
        commitment: id.0.to_vec(),
        said: Some(message(said)),
    })
}

fn message(said: RollupCommitment) -> lika_proto::log::v1::RollupCommitment {
    match lika_core::record::Body::from(said).message() {
        BodyMessage::RollupCommitment(message) => message,
        // A body gives the message of its own kind.
        _ => lika_proto::log::v1::RollupCommitment::default(),
    }
}

/// Opens leaves of a commitment.
pub async fn open(
    gateway: &Gateway,
    caller: Caller,
    request: v1::OpenLeavesRequest,
) -> Result<v1::OpenLeavesResponse, Status> {
    let v1::OpenLeavesRequest { commitment, leaves } = request;
    let id = RecordId(record::bytes16("commitment", &commitment)?);
    let opened = behind(gateway, move |gateway| {
        gateway.open_leaves(&caller, &id, &leaves)
    });
    let Opened { order, leaves } = opened.await?;
    Ok(v1::OpenLeavesResponse {
        order_salt: order.0.to_vec(),
        leaves: leaves.into_iter().map(leaf_message).collect(),
    })
}

fn leaf_message(opening: Opening) -> v1::OpenedLeaf {
    let Opening {
        position,
        subject,
        salt,
        values,
        path,
    } = opening;
    let path = path.into_iter().map(|subtree| {
        let Subtree {
            hash,
            leaves,
            first,
            last,
            sums,
        } = subtree;
        v1::Subtree {
            hash: hash.0.to_vec(),
            leaves,
            first: first.0.to_vec(),
            last: last.0.to_vec(),
            sums,
        }
    });
    v1::OpenedLeaf {
        position,
        subject: subject.0.to_vec(),
        salt: salt.0.to_vec(),
        values,
        path: path.collect(),
    }
}

/// What was opened is not what leaves look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ThisError)]
#[error("{0} has not the length that it must have")]
pub struct Unreadable(&'static str);

/// Reads opened leaves as a client receives them.
pub fn opened(response: v1::OpenLeavesResponse) -> Result<Opened, Unreadable> {
    let v1::OpenLeavesResponse { order_salt, leaves } = response;
    let leaves = leaves.into_iter().map(leaf);
    Ok(Opened {
        order: Salt(bytes("order_salt", &order_salt)?),
        leaves: leaves.collect::<Result<_, _>>()?,
    })
}

fn leaf(message: v1::OpenedLeaf) -> Result<Opening, Unreadable> {
    let v1::OpenedLeaf {
        position,
        subject,
        salt,
        values,
        path,
    } = message;
    let path = path.into_iter().map(|subtree| {
        let v1::Subtree {
            hash,
            leaves,
            first,
            last,
            sums,
        } = subtree;
        Ok(Subtree {
            hash: Digest(bytes("hash", &hash)?),
            leaves,
            first: Digest(bytes("first", &first)?),
            last: Digest(bytes("last", &last)?),
            sums,
        })
    });
    Ok(Opening {
        position,
        subject: RecordId(bytes("subject", &subject)?),
        salt: Salt(bytes("salt", &salt)?),
        values,
        path: path.collect::<Result<_, _>>()?,
    })
}

fn bytes<const N: usize>(field: &'static str, given: &[u8]) -> Result<[u8; N], Unreadable> {
    given.try_into().map_err(|_| Unreadable(field))
}
