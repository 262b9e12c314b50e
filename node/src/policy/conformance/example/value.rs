//! One fact of an example.

use lika_core::value::{Date, Fen, Ppm};
use serde_json::{Value as Json, json};

use crate::policy::{Kind, Value, facts, verdict};

/// A fact as an example gives it.
#[derive(Clone, Debug, PartialEq)]
pub enum Given {
    Flag(bool),
    Integer(i64),
    Fen(i64),
    Ppm(i64),
    /// Days since 1970-01-01.
    Date(i64),
    Code(String),
    Text(String),
    Row(u32),
    Absent,
    Unknown,
    Withheld,
}

impl Given {
    /// Parses a value of a kind, or says what belongs there.
    pub fn parse(kind: Kind, json: &Json) -> Result<Self, String> {
        if let Some(state) = state(json)? {
            return Ok(state);
        }
        let text = json.as_str();
        let parsed = match kind {
            Kind::Flag => json.as_bool().map(Self::Flag),
            Kind::Integer => json.as_i64().map(Self::Integer),
            Kind::Fen => json.as_i64().or_else(|| yuan(text?)).map(Self::Fen),
            Kind::Ppm => json.as_i64().or_else(|| percent(text?)).map(Self::Ppm),
            Kind::Date => text.and_then(day).map(Self::Date),
            Kind::Code => text.map(|text| Self::Code(text.into())),
            Kind::Text => text.map(|text| Self::Text(text.into())),
            Kind::Row(_) => json
                .as_u64()
                .and_then(|row| u32::try_from(row).ok())
                .map(Self::Row),
        };
        parsed.ok_or_else(|| format!("{json} is not {}", expected(kind)))
    }

    /// For the input.
    pub fn value(&self) -> Value<'_> {
        match self {
            Self::Flag(flag) => Value::Flag(*flag),
            Self::Integer(number) => Value::Integer(*number),
            Self::Fen(fen) => Value::Fen(*fen),
            Self::Ppm(ppm) => Value::Ppm(*ppm),
            Self::Date(days) => Value::Date(*days),
            Self::Code(code) => Value::Code(code),
            Self::Text(text) => Value::Text(text),
            Self::Row(row) => Value::Row(*row),
            Self::Absent => Value::Absent,
            Self::Unknown => Value::Unknown,
            Self::Withheld => Value::Withheld,
        }
    }

    /// As a person would write it.
    pub fn to_json(&self) -> Json {
        match self {
            Self::Flag(flag) => json!(flag),
            Self::Integer(number) | Self::Fen(number) | Self::Ppm(number) => json!(number),
            Self::Date(days) => json!(verdict::show_date(*days)),
            Self::Code(text) | Self::Text(text) => json!(text),
            Self::Row(row) => json!(row),
            Self::Absent => Json::Null,
            Self::Unknown => json!({"is": "unknown"}),
            Self::Withheld => json!({"is": "withheld"}),
        }
    }
}

fn state(json: &Json) -> Result<Option<Given>, String> {
    let Json::Object(object) = json else {
        return Ok(json.is_null().then_some(Given::Absent));
    };
    let word = object.get("is").and_then(Json::as_str);
    match word.filter(|_| object.len() == 1) {
        Some("absent") => Ok(Some(Given::Absent)),
        Some("unknown") => Ok(Some(Given::Unknown)),
        Some("withheld") => Ok(Some(Given::Withheld)),
        _ => Err(format!(
            "{json} is no state: write {{\"is\": \"unknown\"}}, \"withheld\" or \"absent\""
        )),
    }
}

fn expected(kind: Kind) -> &'static str {
    match kind {
        Kind::Flag => "true or false",
        Kind::Integer => "a whole number",
        Kind::Fen => "money: a whole number of fen, or text like \"1800.00 元\"",
        Kind::Ppm => "a share: a whole number of ppm, or text like \"33.3 %\"",
        Kind::Date => "a day: text like \"2020-06-30\"",
        Kind::Code => "a code: text",
        Kind::Text => "text",
        Kind::Row(_) => "the number of a row, counted from 0",
    }
}

/// `1800 元`, `1800.5 yuan` in fen.
fn yuan(text: &str) -> Option<i64> {
    let number = text
        .strip_suffix('元')
        .or_else(|| text.strip_suffix("yuan"))?;
    Fen::parse_yuan(number).ok().map(Fen::get)
}

/// `33.3 %` in parts per million.
fn percent(text: &str) -> Option<i64> {
    Ppm::parse_share(text).ok().map(Ppm::get)
}

fn day(text: &str) -> Option<i64> {
    Date::parse(text).ok().map(facts::days)
}
