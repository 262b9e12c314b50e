//! Entries packed for the line: neighbours in the log, compressed together.
//!
//! What arrives is a stranger's: its size is declared and bounded before a byte is decompressed, its entries are counted
//! before they are read.

use bytes::{Buf as _, Bytes};
use lika_core::log::{Entry, PartState};
use lika_proto::v1 as proto;
use prost::{
    Message as _,
    encoding::{WireType, decode_key, decode_varint},
};

use crate::federation::{Refusal, Rendered};

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
/// The tag of `EntryBatch.entries`.
const ENTRIES_TAG: u32 = 1;
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

/// Packs a batch. Refuses what the other side would refuse.
pub fn pack(batch: Vec<Rendered>) -> Result<proto::Entries, Refusal> {
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
    })
}

/// Unpacks a batch: its entries with their hashes computed, none with sealed content. Their places are not checked here.
pub fn unpack(message: proto::Entries) -> Result<Vec<Entry>, Refusal> {
    let proto::Entries {
        first_seq,
        count,
        uncompressed_size,
        batch,
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

/// Reads an `EntryBatch` entry by entry. Decoding the message whole would first make room for as many entries as a
/// stranger can fit into a mebibyte of empty ones.
fn split(mut plain: Bytes, count: u32) -> Result<Vec<Entry>, Refusal> {
    const UNREADABLE: Refusal = Refusal::Unreadable("the batch");
    let mut entries = Vec::with_capacity(count as usize);
    while plain.has_remaining() {
        if entries.len() == count as usize {
            return Err(Refusal::Unreadable(
                "a batch with more entries than it says",
            ));
        }
        let (tag, wire_type) = decode_key(&mut plain).map_err(|_| UNREADABLE)?;
        if tag != ENTRIES_TAG || wire_type != WireType::LengthDelimited {
            return Err(UNREADABLE);
        }
        let length = decode_varint(&mut plain).map_err(|_| UNREADABLE)?;
        let length = usize::try_from(length).map_err(|_| UNREADABLE)?;
        if length > plain.remaining() {
            return Err(UNREADABLE);
        }
        let entry =
            Entry::decode(plain.split_to(length)).map_err(|_| Refusal::Unreadable("an entry"))?;
        entries.push(entry);
    }
    match entries.len() == count as usize {
        true => Ok(entries),
        false => Err(Refusal::Unreadable(
            "a batch with fewer entries than it says",
        )),
    }
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
