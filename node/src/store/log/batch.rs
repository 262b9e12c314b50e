//! A batch: the entries of one or more commands, there wholly or not at all.
//!
//! ```text
//!  header                                     64
//!   0  magic "LKB1"                            4
//!   4  number of entries                       4
//!   8  order among all batches of the store    8
//!  16  sequence number of the first entry      8
//!  24  length of what follows the header       8
//!  32  digest of the registry before          16
//!  48  number of requests                      4
//!  52  XXH3-64 of what follows the header      8
//!  60  CRC-32 of the bytes before              4
//!
//!  requests, each                             40      only in the node's own log
//!   0  request id                             16
//!  16  keyed hash of the command              16
//!  32  index of its first entry in the batch   4
//!  36  number of its entries                   4
//!
//!  entries, each
//!   0  length                                  4
//!   4  CRC-32 of the bytes                     4
//!   8  lika.log.v1.Entry
//! ```
//!
//! The hash of a command is keyed with the node's index key: a command holds personal data that can be guessed.

use bytes::Bytes;
use lika_core::{
    log::{self, Entry},
    value::RequestId,
};
use xxhash_rust::xxh3::xxh3_64;

use crate::store::bytes::{Cursor, Put as _};

/// The length of the header.
pub const HEADER_LENGTH: usize = 64;

/// What stands before each entry.
pub const ENTRY_PREFIX: usize = 8;

/// The first bytes of a batch.
pub const MAGIC: &[u8; 4] = b"LKB1";

const REQUEST_LENGTH: usize = 40;

/// What a batch says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchHeader {
    /// The number of entries.
    pub count: u32,
    /// The order among all batches of the store.
    pub order: u64,
    /// The sequence number of the first entry.
    pub first_seq: u64,
    /// The length of what follows the header.
    pub length: u64,
    /// The digest of the registry before the batch.
    pub registry: u128,
    /// The number of requests.
    pub requests: u32,
    checksum: u64,
}

/// A command whose entries are in a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// The id that the client chose.
    pub id: RequestId,
    /// The keyed hash of the command.
    pub hash: [u8; 16],
    /// The index of its first entry in the batch.
    pub first: u32,
    /// The number of its entries.
    pub count: u32,
}

/// A batch as it was read.
#[derive(Clone, Debug)]
pub struct Batch {
    /// What it says of itself.
    pub header: BatchHeader,
    /// The commands.
    pub requests: Vec<Request>,
    /// The length with its header.
    pub length: u64,
    payload: Bytes,
    /// Where each entry's prefix begins in the payload.
    entries: Vec<usize>,
}

/// Where an entry is in its batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Where its prefix begins, from the beginning of the batch.
    pub offset: u64,
    /// The length without the prefix.
    pub length: u32,
}

impl BatchHeader {
    /// Reads a header; none when the bytes are not one.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let mut cursor = Cursor(bytes.get(..HEADER_LENGTH)?);
        let magic = cursor.take(4)?;
        let count = cursor.u32()?;
        let header = Self {
            count,
            order: cursor.u64()?,
            first_seq: cursor.u64()?,
            length: cursor.u64()?,
            registry: cursor.u128()?,
            requests: cursor.u32()?,
            checksum: cursor.u64()?,
        };
        let is_whole =
            magic == MAGIC && cursor.u32()? == crc32fast::hash(&bytes[..HEADER_LENGTH - 4]);
        (is_whole && count > 0).then_some(header)
    }

    /// The length of the requests, after which the entries begin.
    pub fn requests_length(&self) -> u64 {
        u64::from(self.requests) * REQUEST_LENGTH as u64
    }
}

impl Batch {
    /// Reads what follows a header; none when it is not what was written.
    pub fn decode(header: BatchHeader, payload: Bytes) -> Option<Self> {
        if xxh3_64(&payload) != header.checksum || payload.len() as u64 != header.length {
            return None;
        }
        let mut cursor = Cursor(&payload);
        let mut requests = Vec::new();
        for _ in 0..header.requests {
            requests.push(Request::decode(cursor.take(REQUEST_LENGTH)?)?);
        }
        let mut entries = Vec::new();
        for _ in 0..header.count {
            entries.push(payload.len() - cursor.0.len());
            let length = cursor.u32()?;
            let _checksum = cursor.u32()?;
            cursor.take(usize::try_from(length).ok()?)?;
        }
        cursor.finish(())?;
        let length = HEADER_LENGTH as u64 + header.length;
        Some(Self {
            header,
            requests,
            length,
            payload,
            entries,
        })
    }

    /// The number of entries.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Where the entry of an index is.
    pub fn span(&self, index: usize) -> Span {
        let from = self.entries[index];
        let until = self
            .entries
            .get(index + 1)
            .copied()
            .unwrap_or(self.payload.len());
        let length = u32::try_from(until - from - ENTRY_PREFIX).unwrap_or(u32::MAX);
        Span {
            offset: (HEADER_LENGTH + from) as u64,
            length,
        }
    }

    /// The entry of an index.
    pub fn entry(&self, index: usize) -> Result<Entry, log::Error> {
        let from = self.entries[index] + ENTRY_PREFIX;
        let until = self
            .entries
            .get(index + 1)
            .copied()
            .unwrap_or(self.payload.len());
        Entry::decode(self.payload.slice(from..until))
    }

    /// The last entry.
    pub fn last(&self) -> Result<Entry, log::Error> {
        self.entry(self.entries.len() - 1)
    }
}

impl Request {
    fn encode(&self, bytes: &mut Vec<u8>) {
        let Self {
            id,
            hash,
            first,
            count,
        } = self;
        bytes.extend_from_slice(&id.0);
        bytes.extend_from_slice(hash);
        bytes.put_u32(*first);
        bytes.put_u32(*count);
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let mut cursor = Cursor(bytes);
        Some(Self {
            id: RequestId(cursor.array()?),
            hash: cursor.array()?,
            first: cursor.u32()?,
            count: cursor.u32()?,
        })
    }
}

/// A batch that is being made. The requests are known before the entries, so that places are final when given.
pub struct Builder {
    bytes: Vec<u8>,
    first_seq: u64,
    count: u32,
    requests: u32,
}

impl Builder {
    /// Begins a batch.
    pub fn new(first_seq: u64, requests: &[Request]) -> Self {
        let mut bytes = vec![0; HEADER_LENGTH];
        for request in requests {
            request.encode(&mut bytes);
        }
        let requests =
            u32::try_from(requests.len()).expect("a group has at most a few thousand commands");
        Self {
            bytes,
            first_seq,
            count: 0,
            requests,
        }
    }

    /// Adds an entry.
    pub fn push(&mut self, entry: &Entry) -> Span {
        let offset = self.bytes.len() as u64;
        let encoded = entry.encode();
        let length = u32::try_from(encoded.len()).expect("an entry is far smaller than 4 GiB");
        self.bytes.put_u32(length);
        self.bytes.put_u32(crc32fast::hash(&encoded));
        self.bytes.extend_from_slice(&encoded);
        self.count += 1;
        Span { offset, length }
    }

    /// The number of bytes so far.
    pub fn len(&self) -> u64 {
        self.bytes.len() as u64
    }

    /// The bytes of the batch.
    pub fn finish(self, order: u64, registry: u128) -> Vec<u8> {
        let Self {
            mut bytes,
            first_seq,
            count,
            requests,
        } = self;
        let payload = &bytes[HEADER_LENGTH..];
        let mut header = Vec::with_capacity(HEADER_LENGTH);
        header.extend_from_slice(MAGIC);
        header.put_u32(count);
        header.put_u64(order);
        header.put_u64(first_seq);
        header.put_u64(payload.len() as u64);
        header.put_u128(registry);
        header.put_u32(requests);
        header.put_u64(xxh3_64(payload));
        header.put_u32(crc32fast::hash(&header));
        bytes[..HEADER_LENGTH].copy_from_slice(&header);
        bytes
    }
}
