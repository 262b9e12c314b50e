//! Following the log: first what is there, then what comes.

use lika_core::{
    authority::Permission,
    value::{AreaCode, RecordId},
};
use lika_proto::v1;
use tokio::sync::mpsc;
use tonic::Status;

use super::{record, status::status};
use crate::{
    gateway::{Error, Gateway},
    store::Position,
};

/// The bytes of the log that are read at a time.
const CHUNK: u64 = 256 * 1024;

type Events = mpsc::Sender<Result<v1::LogEvent, Status>>;

/// Sends what happens in an area until the reader goes away, may no longer read it, or the node stops.
pub async fn follow(
    gateway: Gateway,
    officer: RecordId,
    area: AreaCode,
    after: Position,
    events: Events,
) {
    if let Err(error) = send_all(&gateway, officer, area, after, &events).await {
        // The reader may have left, and then nobody hears why.
        let _ = events.send(Err(status(&error))).await;
    }
}

async fn send_all(
    gateway: &Gateway,
    officer: RecordId,
    area: AreaCode,
    mut after: Position,
    events: &Events,
) -> Result<(), Error> {
    let reader = gateway.reader();
    let node = reader.node();
    let mut changed = reader.subscribe();
    loop {
        let entries = reader.entries_after(&node, after, CHUNK)?;
        // Rights end while a stream goes on. An entry that can be read has been applied, also when it takes them away.
        let caller = gateway.caller(officer)?;
        caller.must(Permission::ReadOpen, &area)?;
        let Some(last) = entries.last() else {
            tokio::select! {
                () = events.closed() => return Ok(()),
                change = changed.changed() => if change.is_err() { return Ok(()) },
            }
            continue;
        };
        after = Position {
            epoch: last.header().epoch,
            seq: last.header().seq,
        };
        for entry in &entries {
            let header = entry.header();
            let position = Position {
                epoch: header.epoch,
                seq: header.seq,
            };
            let seen = match gateway.get(&caller, &header.record, Some(position)) {
                Ok(seen) if area.contains(&header.area) => seen,
                Ok(_) | Err(Error::NotFound(_)) => continue,
                Err(error) => return Err(error),
            };
            let event = v1::LogEvent {
                revision: Some(record::revision(&seen)),
                position: Some(record::position(&node, position)),
            };
            if events.send(Ok(event)).await.is_err() {
                return Ok(());
            }
        }
    }
}
