//! Entries packed for the line: neighbours in the log, compressed together.
//!
//! What arrives is a stranger's: its size is declared and bounded before a byte is decompressed, its entries are counted
//! before they are read.

use bytes::Bytes;
use lika_core::{
    log::{Entry, PartState},
    value::NodeId,
};
use lika_proto::v1 as proto;
use prost::Message as _;

use crate::federation::{
    Refusal, Rendered,
    refusal::AN_ENTRY,
    repeated::{self, Fault},
};

/// Entries in a batch.
pub const MAX_ENTRIES: usize = 1_000;
/// Bytes in a batch before compression.
pub const MAX_BYTES: usize = 1024 * 1024;
/// Bytes of one entry, which may be alone in a batch: a group policy's evaluation carries a whole township.
pub const MAX_ENTRY_BYTES: usize = lika_core::log::LARGEST_ENTRY;
/// Bytes of a message: a batch of one entry that did not compress, and what surrounds it.
pub const MAX_MESSAGE_BYTES: usize = MAX_ENTRY_BYTES + 64 * 1024;

/// Fast: the line is rarely the limit, both processors often are.
const LEVEL: i32 = 1;
/// What surrounds an entry in a batch: a tag and a length.
const FRAME_BYTES: usize = 6;

/// Renders the entries that fit into one batch: at least the first.
pub fn fill(entries: Vec<Entry>) -> Vec<Rendered> {
    let mut bytes = 0;
    let mut batch = Vec::with_capacity(entries.len().min(MAX_ENTRIES));
    for entry in entries.into_iter().take(MAX_ENTRIES) {
        let rendered = Rendered::pseudonymous(entry);
        bytes += rendered.size() + FRAME_BYTES;
        if bytes > MAX_BYTES && !batch.is_empty() {
            break;
        }
        batch.push(rendered);
    }
    batch
}

/// Packs a batch of a log; none for the sender's own log as version 1 of the link has it. Refuses what the other side
/// would refuse.
pub fn pack(log: Option<NodeId>, batch: Vec<Rendered>) -> Result<proto::Entries, Refusal> {
    let first_seq = batch
        .first()
        .ok_or(Refusal::Unreadable("an empty batch"))?
        .head()
        .seq;
    let count = saturating(batch.len());
    let entries = batch.into_iter().map(Rendered::into_message).collect();
    let plain = proto::EntryBatch { entries }.encode_to_vec();
    let uncompressed_size = saturating(plain.len());
    check_size(count, uncompressed_size)?;
    let batch =
        zstd::bulk::compress(&plain, LEVEL).map_err(|_| Refusal::Unreadable("the batch"))?;
    Ok(proto::Entries {
        first_seq,
        count,
        uncompressed_size,
        batch,
        log: log.map(|log| log.0.to_vec()).unwrap_or_default(),
    })
}

/// Unpacks a batch: its entries with their hashes computed, none with sealed content. Their places are not checked here.
pub fn unpack(message: proto::Entries) -> Result<Vec<Entry>, Refusal> {
    let proto::Entries {
        first_seq,
        count,
        uncompressed_size,
        batch,
        log: _,
    } = message;
    check_size(count, uncompressed_size)?;
    let plain = decompress(&batch, uncompressed_size)?;
    let entries = split(Bytes::from(plain), count)?;
    let first = entries
        .first()
        .ok_or(Refusal::Unreadable("an empty batch"))?;
    if first.header().seq != first_seq {
        return Err(Refusal::Gap {
            expected: first_seq,
            found: first.header().seq,
        });
    }
    match entries.iter().find(|entry| has_content(entry)) {
        Some(entry) => Err(Refusal::NotWithheld(entry.header().seq)),
        None => Ok(entries),
    }
}

fn check_size(count: u32, bytes: u32) -> Result<(), Refusal> {
    let limit = match count {
        1 => MAX_ENTRY_BYTES,
        _ => MAX_BYTES,
    };
    let fits = count as usize <= MAX_ENTRIES && bytes as usize <= limit;
    match fits {
        true => Ok(()),
        false => Err(Refusal::TooLarge {
            entries: count,
            bytes,
        }),
    }
}

/// The capacity bounds the memory, whatever the compressed bytes would expand to.
fn decompress(batch: &[u8], declared: u32) -> Result<Vec<u8>, Refusal> {
    let plain = zstd::bulk::decompress(batch, declared as usize)
        .map_err(|_| Refusal::FalseSize(declared))?;
    match plain.len() == declared as usize {
        true => Ok(plain),
        false => Err(Refusal::FalseSize(declared)),
    }
}

/// Reads an `EntryBatch` entry by entry.
fn split(plain: Bytes, count: u32) -> Result<Vec<Entry>, Refusal> {
    let encoded = repeated::split(plain, count as usize).map_err(|fault| match fault {
        Fault::Unreadable => Refusal::Unreadable("the batch"),
        Fault::TooMany => Refusal::Unreadable("a batch with more entries than it says"),
    })?;
    if encoded.len() < count as usize {
        return Err(Refusal::Unreadable(
            "a batch with fewer entries than it says",
        ));
    }
    let decoded = encoded.into_iter().map(Entry::decode);
    decoded
        .collect::<Result<_, _>>()
        .map_err(|_| Refusal::Unreadable(AN_ENTRY))
}

fn has_content(entry: &Entry) -> bool {
    entry
        .sealed()
        .iter()
        .any(|part| part.state != PartState::Withheld)
}

fn saturating(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
