//! Reading fields of messages: every failure names its field.

use thiserror::Error;

use crate::{
    codes,
    log::Kind,
    value::{Code, Date, Fen, RecordId, Year},
};

/// What is wrong with a field.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{field}: {problem}")]
pub struct Fault {
    /// The field as the message names it.
    pub field: &'static str,
    /// What is wrong.
    pub problem: Problem,
}

impl Fault {
    /// Something wrong with a field.
    pub fn new(field: &'static str, problem: Problem) -> Self {
        Self { field, problem }
    }
}

/// What can be wrong with a field. Personal values are never repeated.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Problem {
    /// It must be given.
    #[error("must be given")]
    Missing,
    /// The bytes are not the message they should be.
    #[error("cannot be read")]
    Unreadable,
    /// Not an id.
    #[error("must be 16 bytes")]
    NotAnId,
    /// Not a date.
    #[error("{0} is not a date; write it as the number YYYYMMDD")]
    NotADate(u32),
    /// Not a year.
    #[error("{0} is not a year from 1800 to 2100")]
    NotAYear(u32),
    /// An end that is not after its beginning.
    #[error("must be after the first day")]
    EndsBeforeItBegins,
    /// Not in the code list.
    #[error("{code:?} is not in the code list {list}")]
    UnknownCode {
        /// The list.
        list: &'static str,
        /// What was given.
        code: String,
    },
    /// More of them than there may be.
    #[error("there may be at most {0}")]
    TooMany(usize),
    /// The same twice.
    #[error("{0:?} stands there twice")]
    Repeated(String),
    /// Out of range.
    #[error("must be from {least} to {most}")]
    OutOfRange {
        /// The least.
        least: i64,
        /// The most.
        most: i64,
    },
    /// Less than nothing.
    #[error("must not be negative")]
    Negative,
    /// The amounts overflow.
    #[error("the amounts are too large to add up")]
    TooLarge,
    /// Not well-formed; the text says what is expected.
    #[error("{0}")]
    Malformed(String),
    /// A kind of a newer version.
    #[error("is a kind of a newer version; upgrade this node")]
    UnknownKind,
    /// A reference to the wrong kind of record.
    #[error("must refer to a {}", .0.label())]
    WrongKind(Kind),
}

pub(super) fn required<T>(field: &'static str, value: Option<T>) -> Result<T, Fault> {
    value.ok_or(Fault::new(field, Problem::Missing))
}

pub(super) fn malformed<T, E: std::fmt::Display>(
    field: &'static str,
    result: Result<T, E>,
) -> Result<T, Fault> {
    result.map_err(|error| Fault::new(field, Problem::Malformed(error.to_string())))
}

/// A text that may be empty, parsed when it is not.
pub(super) fn optional_text<T, E: std::fmt::Display>(
    field: &'static str,
    text: &str,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Result<Option<T>, Fault> {
    if text.trim().is_empty() {
        Ok(None)
    } else {
        malformed(field, parse(text)).map(Some)
    }
}

pub(super) fn printed<T: ToString>(value: Option<&T>) -> String {
    value.map(ToString::to_string).unwrap_or_default()
}

pub(super) fn id(field: &'static str, bytes: &[u8]) -> Result<RecordId, Fault> {
    bytes
        .try_into()
        .map(RecordId)
        .map_err(|_| Fault::new(field, Problem::NotAnId))
}

pub(super) fn optional_id(field: &'static str, bytes: &[u8]) -> Result<Option<RecordId>, Fault> {
    if bytes.is_empty() {
        Ok(None)
    } else {
        id(field, bytes).map(Some)
    }
}

pub(super) fn id_bytes(id: Option<&RecordId>) -> Vec<u8> {
    id.map(|id| id.0.to_vec()).unwrap_or_default()
}

pub(super) fn optional_date(field: &'static str, number: u32) -> Result<Option<Date>, Fault> {
    if number == 0 {
        return Ok(None);
    }
    Date::from_number(number)
        .map(Some)
        .map_err(|_| Fault::new(field, Problem::NotADate(number)))
}

pub(super) fn date(field: &'static str, number: u32) -> Result<Date, Fault> {
    required(field, optional_date(field, number)?)
}

/// The end of a time that begins on `from`: absent, or after it.
pub(super) fn until(field: &'static str, from: Date, number: u32) -> Result<Option<Date>, Fault> {
    let until = optional_date(field, number)?;
    match until {
        Some(day) if day <= from => Err(Fault::new(field, Problem::EndsBeforeItBegins)),
        other => Ok(other),
    }
}

pub(super) fn date_number(date: Option<Date>) -> u32 {
    date.map_or(0, |date| date.number())
}

pub(super) fn optional_year(field: &'static str, number: u32) -> Result<Option<Year>, Fault> {
    if number == 0 {
        return Ok(None);
    }
    u16::try_from(number)
        .ok()
        .and_then(|year| Year::new(year).ok())
        .map(Some)
        .ok_or(Fault::new(field, Problem::NotAYear(number)))
}

pub(super) fn year(field: &'static str, number: u32) -> Result<Year, Fault> {
    required(field, optional_year(field, number)?)
}

pub(super) fn year_number(year: Option<Year>) -> u32 {
    year.map_or(0, |year| u32::from(year.get()))
}

pub(super) fn optional_code(
    list: &'static str,
    field: &'static str,
    code: &str,
) -> Result<Option<Code>, Fault> {
    if code.is_empty() {
        return Ok(None);
    }
    let code = codes::listed(list, code);
    code.map(Some).map_err(|problem| Fault::new(field, problem))
}

pub(super) fn code(list: &'static str, field: &'static str, code: &str) -> Result<Code, Fault> {
    required(field, optional_code(list, field, code)?)
}

/// A set of codes, in the order given.
pub(super) fn code_set(
    list: &'static str,
    field: &'static str,
    given: &[String],
    most: usize,
) -> Result<Vec<Code>, Fault> {
    if given.len() > most {
        return Err(Fault::new(field, Problem::TooMany(most)));
    }
    let mut set: Vec<Code> = Vec::with_capacity(given.len());
    for text in given {
        let code = code(list, field, text)?;
        if set.contains(&code) {
            return Err(Fault::new(field, Problem::Repeated(text.clone())));
        }
        set.push(code);
    }
    Ok(set)
}

pub(super) fn code_texts(codes: &[Code]) -> Vec<String> {
    codes.iter().map(ToString::to_string).collect()
}

pub(super) fn amount(field: &'static str, fen: i64, most: i64) -> Result<Fen, Fault> {
    match fen {
        ..0 => Err(Fault::new(field, Problem::Negative)),
        fen if fen > most => Err(Fault::new(field, Problem::TooLarge)),
        fen => Ok(Fen(fen)),
    }
}
