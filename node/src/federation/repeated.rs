//! Lists that strangers send: counted before there is room for them.
//!
//! Decoding such a message whole would first make room for as many elements as fit into it empty, two bytes each.

use bytes::{Buf as _, Bytes};
use prost::encoding::{WireType, decode_key, decode_varint};

/// The tag of the only field of such a message.
const TAG: u32 = 1;

/// Why a list cannot be taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is no list.
    Unreadable,
    /// It has more elements than it may.
    TooMany,
}

/// The elements of a message whose one field is `repeated` with the number 1, still encoded.
pub fn split(mut message: Bytes, most: usize) -> Result<Vec<Bytes>, Fault> {
    let mut elements = Vec::new();
    while message.has_remaining() {
        if elements.len() == most {
            return Err(Fault::TooMany);
        }
        let (tag, wire_type) = decode_key(&mut message).map_err(|_| Fault::Unreadable)?;
        if tag != TAG || wire_type != WireType::LengthDelimited {
            return Err(Fault::Unreadable);
        }
        let length = decode_varint(&mut message).map_err(|_| Fault::Unreadable)?;
        let length = usize::try_from(length).map_err(|_| Fault::Unreadable)?;
        if length > message.remaining() {
            return Err(Fault::Unreadable);
        }
        elements.push(message.split_to(length));
    }
    Ok(elements)
}
