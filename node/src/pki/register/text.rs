//! Values of ours as texts in the register's lines, read back strictly.

use std::borrow::Cow;

use lika_core::value::{AreaCode, Digest, NodeId, RecordId};
use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

use crate::pki::{Identity, Serial, register::Holder};

/// A value that has one text.
pub trait Text: Sized {
    fn print(&self) -> String;
    fn read(text: &str) -> Option<Self>;
}

pub fn serialize<T: Text, S: Serializer>(value: &T, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&value.print())
}

pub fn deserialize<'de, T: Text, D: Deserializer<'de>>(from: D) -> Result<T, D::Error> {
    let text = Cow::<'de, str>::deserialize(from)?;
    T::read(&text).ok_or_else(|| D::Error::custom(format_args!("{text:?} cannot be read")))
}

impl<T: Text> Text for Option<T> {
    fn print(&self) -> String {
        self.as_ref().map_or_else(String::new, Text::print)
    }

    fn read(text: &str) -> Option<Self> {
        match text {
            "" => Some(None),
            text => T::read(text).map(Some),
        }
    }
}

impl Text for [u8; 32] {
    fn print(&self) -> String {
        Digest(*self).to_string()
    }

    fn read(text: &str) -> Option<Self> {
        Digest::parse(text).ok().map(|digest| digest.0)
    }
}

impl Text for Digest {
    fn print(&self) -> String {
        self.to_string()
    }

    fn read(text: &str) -> Option<Self> {
        Self::parse(text).ok()
    }
}

impl Text for AreaCode {
    fn print(&self) -> String {
        self.digits().to_owned()
    }

    fn read(text: &str) -> Option<Self> {
        Self::parse(text).ok()
    }
}

impl Text for NodeId {
    fn print(&self) -> String {
        self.to_string()
    }

    fn read(text: &str) -> Option<Self> {
        Self::parse(text).ok()
    }
}

impl Text for Serial {
    fn print(&self) -> String {
        self.to_string()
    }

    fn read(text: &str) -> Option<Self> {
        Self::parse(text)
    }
}

impl Text for Identity {
    fn print(&self) -> String {
        self.address()
    }

    fn read(text: &str) -> Option<Self> {
        Self::parse(text).ok()
    }
}

impl Text for Holder {
    fn print(&self) -> String {
        self.to_string()
    }

    fn read(text: &str) -> Option<Self> {
        let (profile, id) = text.split_once('/')?;
        match profile {
            "node" => NodeId::parse(id).ok().map(Self::Node),
            "client" => RecordId::parse(id).ok().map(Self::Client),
            _ => None,
        }
    }
}
