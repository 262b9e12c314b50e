//! How far peers have acknowledged this node's log: a log that ends before that has lost something.

use std::path::{Path, PathBuf};

use lika_core::value::NodeId;

use crate::store::{
    Error, Position,
    bytes::{Cursor, Put as _},
    disk::{self, Disk},
};

/// Notes a position. It only ever moves on.
pub fn note(
    disk: &dyn Disk,
    data_folder: &Path,
    peer: &NodeId,
    position: Position,
) -> Result<(), Error> {
    if read(disk, data_folder, peer)?.is_some_and(|known| known >= position) {
        return Ok(());
    }
    let file = file(data_folder, peer);
    let mut bytes = Vec::new();
    bytes.put_u32(position.epoch);
    bytes.put_u64(position.seq);
    bytes.put_u32(crc32fast::hash(&bytes));
    disk.create_folder(&folder(data_folder))
        .map_err(Error::io("create", folder(data_folder)))?;
    disk::replace(disk, &file, &bytes).map_err(Error::io("write", file))
}

/// The position of a peer.
pub fn read(disk: &dyn Disk, data_folder: &Path, peer: &NodeId) -> Result<Option<Position>, Error> {
    let file = file(data_folder, peer);
    let Some(bytes) = disk::read_whole(disk, &file).map_err(Error::io("read", &file))? else {
        return Ok(None);
    };
    decode(&bytes)
        .map(Some)
        .ok_or_else(|| Error::damaged(file, 0, "an acknowledgement cannot be read"))
}

/// The furthest position of any peer.
pub fn furthest(disk: &dyn Disk, data_folder: &Path) -> Result<Option<Position>, Error> {
    let folder = folder(data_folder);
    let mut furthest = None;
    for name in disk.list(&folder).map_err(Error::io("list", &folder))? {
        if let Ok(peer) = NodeId::parse(&name) {
            furthest = furthest.max(read(disk, data_folder, &peer)?);
        }
    }
    Ok(furthest)
}

fn decode(bytes: &[u8]) -> Option<Position> {
    let (content, sum) = bytes.split_last_chunk::<4>()?;
    let mut cursor = Cursor(content);
    let position = Position {
        epoch: cursor.u32()?,
        seq: cursor.u64()?,
    };
    (u32::from_be_bytes(*sum) == crc32fast::hash(content)).then_some(())?;
    cursor.finish(position)
}

fn folder(data_folder: &Path) -> PathBuf {
    data_folder.join("acknowledged")
}

fn file(data_folder: &Path, peer: &NodeId) -> PathBuf {
    folder(data_folder).join(peer.to_string())
}
