//! The values that records are made of.
//!
//! A value is parsed once, at the door, and trusted from there on. What has an invariant has a private field and a
//! checking constructor; of an amount, a rate, an identifier or a digest every value is legal, so its field is public.
//! Printing a value and parsing the text gives the same value.
//! Parse errors say what is wrong and what is expected; they never carry the text that they refuse,
//! because it may be somebody's name or number.

pub mod area_code;
pub mod code;
pub mod date;
pub mod document;
pub mod fen;
pub mod id;
pub mod id_number;
pub mod text;
mod width;

pub use area_code::{AreaCode, AreaLevel};
pub use code::Code;
pub use date::{Date, Month, Span, Year};
pub use document::{DisabilityNumber, DocumentNumber, IdentityDocument};
pub use fen::{Fen, Ppm};
pub use id::{ActorId, Digest, NodeId, RecordId, RequestId, hex};
pub use id_number::{IdNumber, Sex};
pub use text::{Label, Name, Phone, Text};

pub(crate) use width::fold_width;
