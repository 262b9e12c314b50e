//! The beginning of a segment file.
//!
//! ```text
//!   0  magic "LIKASEG" ‖ format '1'          8
//!   8  number of the log in the registry     4
//!  12  epoch                                 4
//!  16  node                                 16
//!  32  sequence number of the first entry    8
//!  40  hash of the entry before             32
//!  72  CRC-32 of the bytes before            4      numbers are big-endian
//! ```

use std::fmt;

use lika_core::value::{Digest, NodeId};

use crate::store::bytes::{Cursor, Put as _};

/// The length of the header.
pub const HEADER_SIZE: usize = 76;

/// Where the first batch begins.
pub const HEADER_LENGTH: u64 = HEADER_SIZE as u64;

/// The format that this version writes.
pub const FORMAT: u32 = 1;

const MAGIC: &[u8; 7] = b"LIKASEG";

/// A segment of a log, in the order of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Segment {
    /// The epoch.
    pub epoch: u32,
    /// The sequence number of the first entry.
    pub first_seq: u64,
}

/// What a segment says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SegmentHeader {
    /// The number of the log in the registry.
    pub number: u16,
    /// Whose log it is.
    pub node: NodeId,
    /// Which part of it.
    pub segment: Segment,
    /// The hash of the entry before the first.
    pub previous: Digest,
}

/// What the first bytes of a file are.
pub enum ReadHeader {
    /// A header.
    Header(SegmentHeader),
    /// The header of a later version.
    Newer(u32),
    /// Not a header.
    Invalid,
}

impl Segment {
    /// The name of the file.
    pub fn file_name(&self) -> String {
        format!("{self}.segment")
    }

    /// Reads the name of a file; none when it is not a segment's.
    pub fn from_file_name(name: &str) -> Option<Self> {
        let (epoch, first_seq) = name.strip_suffix(".segment")?.split_once('-')?;
        Some(Self {
            epoch: epoch.parse().ok()?,
            first_seq: first_seq.parse().ok()?,
        })
    }
}

impl fmt::Display for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:010}-{:020}", self.epoch, self.first_seq)
    }
}

impl SegmentHeader {
    /// The bytes.
    pub fn encode(&self) -> Vec<u8> {
        let Self {
            number,
            node,
            segment: Segment { epoch, first_seq },
            previous,
        } = self;
        let mut bytes = Vec::new();
        bytes.extend_from_slice(MAGIC);
        bytes.push(b'0' + FORMAT.to_be_bytes()[3]);
        bytes.put_u32(u32::from(*number));
        bytes.put_u32(*epoch);
        bytes.extend_from_slice(&node.0);
        bytes.put_u64(*first_seq);
        bytes.extend_from_slice(&previous.0);
        bytes.put_u32(crc32fast::hash(&bytes));
        bytes
    }

    /// Reads the bytes.
    pub fn decode(bytes: &[u8]) -> ReadHeader {
        let Some((magic, format)) = bytes
            .get(..8)
            .and_then(|start| start.split_last_chunk::<1>())
        else {
            return ReadHeader::Invalid;
        };
        let format = u32::from(format[0].wrapping_sub(b'0'));
        if magic == MAGIC && (FORMAT + 1..10).contains(&format) {
            return ReadHeader::Newer(format);
        }
        Self::decode_current(bytes).map_or(ReadHeader::Invalid, ReadHeader::Header)
    }

    fn decode_current(bytes: &[u8]) -> Option<Self> {
        let mut cursor = Cursor(bytes);
        let magic = cursor.take(8)?;
        let header = Self {
            number: u16::try_from(cursor.u32()?).ok()?,
            segment: Segment {
                epoch: cursor.u32()?,
                first_seq: 0,
            },
            node: NodeId(cursor.array()?),
            previous: Digest::ZERO,
        };
        let first_seq = cursor.u64()?;
        let previous = Digest(cursor.array()?);
        let sum = cursor.u32()?;
        let summed = bytes.get(..HEADER_SIZE - 4)?;
        let is_whole = &magic[..7] == MAGIC && magic[7] == b'1' && crc32fast::hash(summed) == sum;
        is_whole.then_some(Self {
            segment: Segment {
                first_seq,
                ..header.segment
            },
            previous,
            ..header
        })
    }
}
