//! The canonical bytes of inputs and answers: what is recorded, hashed and replayed.
//!
//! ```text
//! u32, i64 …… little-endian      list …… u32 count, items
//! text …… u32 length, UTF-8      option …… u8 0, or u8 1 and the value
//! ```
//!
//! The same value has one encoding, and decoding refuses every other one: bytes left over, an
//! option that is neither 0 nor 1, a count that cannot be.

use thiserror::Error as DeriveError;

/// Bytes that are not an encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, DeriveError)]
pub enum Error {
    /// The bytes end early.
    #[error("the bytes end before the value does")]
    Short,
    /// Bytes follow the value.
    #[error("{0} bytes follow the value")]
    Left(usize),
    /// The first bytes are not those of this format and version.
    #[error("not this format, or another version of it")]
    Format,
    /// Text that is not UTF-8.
    #[error("text is not UTF-8")]
    Text,
    /// A tag that has no meaning.
    #[error("{0} is not a tag of this place")]
    Tag(u8),
}

/// Writes values.
#[derive(Debug, Default)]
pub struct Writer(Vec<u8>);

/// Reads values.
#[derive(Debug)]
pub struct Reader<'a>(&'a [u8]);

/// A value with one encoding.
pub trait Encode: Sized {
    /// Writes it.
    fn encode(&self, writer: &mut Writer);

    /// Reads it.
    fn decode(reader: &mut Reader<'_>) -> Result<Self, Error>;
}

/// The bytes of a value, after four bytes that name the format.
pub fn to_bytes<T: Encode>(format: [u8; 4], value: &T) -> Vec<u8> {
    let mut writer = Writer(format.to_vec());
    value.encode(&mut writer);
    writer.0
}

/// The value of these bytes.
pub fn from_bytes<T: Encode>(format: [u8; 4], bytes: &[u8]) -> Result<T, Error> {
    let mut reader = Reader(bytes);
    if reader.take(4)? != format {
        return Err(Error::Format);
    }
    let value = T::decode(&mut reader)?;
    match reader.0.len() {
        0 => Ok(value),
        left => Err(Error::Left(left)),
    }
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], Error> {
        let (taken, left) = self.0.split_at_checked(count).ok_or(Error::Short)?;
        self.0 = left;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        self.take(N)?.try_into().map_err(|_| Error::Short)
    }
}

impl Encode for u8 {
    fn encode(&self, writer: &mut Writer) {
        writer.0.push(*self);
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, Error> {
        Ok(reader.array::<1>()?[0])
    }
}

impl Encode for u32 {
    fn encode(&self, writer: &mut Writer) {
        writer.0.extend(self.to_le_bytes());
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, Error> {
        reader.array().map(Self::from_le_bytes)
    }
}

impl Encode for u64 {
    fn encode(&self, writer: &mut Writer) {
        writer.0.extend(self.to_le_bytes());
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, Error> {
        reader.array().map(Self::from_le_bytes)
    }
}

impl Encode for i64 {
    fn encode(&self, writer: &mut Writer) {
        writer.0.extend(self.to_le_bytes());
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, Error> {
        reader.array().map(Self::from_le_bytes)
    }
}

impl Encode for bool {
    fn encode(&self, writer: &mut Writer) {
        u8::from(*self).encode(writer);
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, Error> {
        match u8::decode(reader)? {
            0 => Ok(false),
            1 => Ok(true),
            tag => Err(Error::Tag(tag)),
        }
    }
}

impl Encode for String {
    fn encode(&self, writer: &mut Writer) {
        count(self.len()).encode(writer);
        writer.0.extend(self.as_bytes());
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, Error> {
        let length = u32::decode(reader)?;
        let bytes = reader.take(length as usize)?;
        std::str::from_utf8(bytes)
            .map(Self::from)
            .map_err(|_| Error::Text)
    }
}

impl<T: Encode> Encode for Option<T> {
    fn encode(&self, writer: &mut Writer) {
        self.is_some().encode(writer);
        if let Some(value) = self {
            value.encode(writer);
        }
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, Error> {
        bool::decode(reader)?.then(|| T::decode(reader)).transpose()
    }
}

impl<T: Encode> Encode for Vec<T> {
    fn encode(&self, writer: &mut Writer) {
        count(self.len()).encode(writer);
        self.iter().for_each(|item| item.encode(writer));
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self, Error> {
        let count = u32::decode(reader)? as usize;
        // Every item takes a byte at least, so a count beyond what is left is a lie that must not
        // be believed with memory.
        let mut items = Self::with_capacity(count.min(reader.0.len()));
        for _ in 0..count {
            items.push(T::decode(reader)?);
        }
        Ok(items)
    }
}

/// Implements [`Encode`] field by field.
macro_rules! encode_fields {
    ($type:ty { $($field:ident),+ $(,)? }) => {
        impl $crate::policy::codec::Encode for $type {
            fn encode(&self, writer: &mut $crate::policy::codec::Writer) {
                let Self { $($field),+ } = self;
                $($field.encode(writer);)+
            }

            fn decode(
                reader: &mut $crate::policy::codec::Reader<'_>,
            ) -> Result<Self, $crate::policy::codec::Error> {
                Ok(Self { $($field: $crate::policy::codec::Encode::decode(reader)?),+ })
            }
        }
    };
}

pub(crate) use encode_fields;

/// The limits on inputs and answers keep every list far below 2^32 items.
fn count(length: usize) -> u32 {
    u32::try_from(length)
        .expect("a list of more than 2^32 items does not fit the memory of a policy")
}
