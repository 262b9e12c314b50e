//! What an entry looks like on a link.

use lika_core::log::Entry;
use lika_proto::log::v1 as proto;
use prost::Message as _;

use crate::federation::Head;

/// An entry as a pseudonymous link carries it: header, open part, commitments; no sealed content and no salt of one.
///
/// There is no other way to make one, and nothing else can be packed into a batch.
#[derive(Clone, Debug, PartialEq)]
pub struct Rendered {
    head: Head,
    message: proto::Entry,
}

impl Rendered {
    /// Withholds every sealed part.
    pub fn pseudonymous(entry: Entry) -> Self {
        Self {
            head: Head::of(&entry),
            message: entry.withhold().to_message(),
        }
    }

    /// The place and hash of the entry.
    pub fn head(&self) -> Head {
        self.head
    }

    /// The length of its encoding, in bytes.
    pub fn size(&self) -> usize {
        self.message.encoded_len()
    }

    pub(super) fn into_message(self) -> proto::Entry {
        self.message
    }
}
