//! Settings: what a county may vary without a programmer.

use serde_json::{Map, Value};

use crate::money::{Fen, Ppm};
use crate::wire::types;

/// A JSON object.
pub type Object = Map<String, Value>;

/// Typed settings; derive them.
///
/// A setting that is not given takes its default; one that is not declared, of the wrong type or
/// out of range is a fault.
///
/// ```
/// use lika_sdk::{Fen, Settings};
///
/// #[derive(Debug, Settings)]
/// struct Line {
///     #[setting("income-line", default = 150_000, min = 0, zh = "人均纯收入线（分）", en = "income line per head, in fen")]
///     line: Fen,
///     #[setting("labour", default = true, zh = "须有劳动能力", en = "labour capacity is required")]
///     labour: bool,
/// }
///
/// assert_eq!(Line::parse("{}").unwrap().line, Fen::new(150_000));
/// assert_eq!(Line::parse(r#"{"income-line": -1}"#).unwrap_err()[0].path, "income-line");
/// ```
pub trait Settings: Sized {
    /// The declarations, in the order of the fields.
    const SETTINGS: &'static [SettingSpec];

    /// Takes the settings out of an object; what is wrong goes to `faults`.
    fn take(object: &Object, faults: &mut Vec<SettingFault>) -> Option<Self>;

    /// Parses a JSON object.
    fn parse(json: &str) -> Result<Self, Vec<SettingFault>> {
        let object = match serde_json::from_str(json) {
            Ok(Value::Object(object)) => object,
            Ok(_) => {
                return Err(vec![SettingFault::new(
                    "",
                    "设置必须是一个 JSON 对象",
                    "settings must be a JSON object",
                )]);
            }
            Err(error) => {
                return Err(vec![SettingFault::new(
                    "",
                    &format!("不是 JSON：{error}"),
                    &format!("not JSON: {error}"),
                )]);
            }
        };
        let mut faults = Vec::new();
        for key in object.keys() {
            if !Self::SETTINGS.iter().any(|setting| setting.key == key) {
                faults.push(SettingFault::new(
                    key,
                    "没有这项设置",
                    "there is no such setting",
                ));
            }
        }
        match Self::take(&object, &mut faults) {
            Some(settings) if faults.is_empty() => Ok(settings),
            _ => Err(faults),
        }
    }

    /// The JSON Schema.
    fn schema() -> String {
        let properties: Map<String, Value> = Self::SETTINGS
            .iter()
            .map(|setting| (setting.key.to_owned(), setting.schema()))
            .collect();
        serde_json::json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "additionalProperties": false,
            "properties": properties,
        })
        .to_string()
    }
}

/// The declaration of one setting; made by the derive.
#[derive(Clone, Copy, Debug)]
pub struct SettingSpec {
    /// Name in the document.
    pub key: &'static str,
    /// JSON type.
    pub json_type: &'static str,
    /// The value where none is given (0 and 1 for a boolean).
    pub default: i64,
    /// Smallest value.
    pub min: Option<i64>,
    /// Largest value.
    pub max: Option<i64>,
    /// Chinese name.
    pub zh: &'static str,
    /// English name.
    pub en: &'static str,
}

impl SettingSpec {
    /// Takes this setting out of an object.
    pub fn take<T: SettingValue>(
        &self,
        object: &Object,
        faults: &mut Vec<SettingFault>,
    ) -> Option<T> {
        let number = match object.get(self.key) {
            None => Some(self.default),
            Some(Value::Bool(flag)) if T::JSON_TYPE == "boolean" => Some(i64::from(*flag)),
            Some(Value::Number(number)) if T::JSON_TYPE == "integer" => number.as_i64(),
            Some(_) => None,
        };
        let within = |number: &i64| {
            self.min.is_none_or(|min| *number >= min) && self.max.is_none_or(|max| *number <= max)
        };
        let value = number.filter(within).and_then(T::from_number);
        if value.is_none() {
            let (zh, en) = (
                self.range("至", "整数", "true 或 false"),
                self.range("to", "an integer", "true or false"),
            );
            faults.push(SettingFault::new(
                self.key,
                &format!("应为{zh}"),
                &format!("must be {en}"),
            ));
        }
        value
    }

    fn schema(&self) -> Value {
        let mut schema = Map::new();
        schema.insert("type".into(), self.json_type.into());
        schema.insert("title".into(), self.zh.into());
        schema.insert("description".into(), self.en.into());
        let default = match self.json_type {
            "boolean" => Value::Bool(self.default != 0),
            _ => self.default.into(),
        };
        schema.insert("default".into(), default);
        for (name, bound) in [("minimum", self.min), ("maximum", self.max)] {
            if let Some(bound) = bound {
                schema.insert(name.into(), bound.into());
            }
        }
        Value::Object(schema)
    }

    fn range(&self, to: &str, integer: &str, boolean: &str) -> String {
        match (self.json_type, self.min, self.max) {
            ("boolean", ..) => boolean.into(),
            (_, None, None) => integer.into(),
            (_, min, max) => {
                let bound = |bound: Option<i64>| {
                    bound
                        .map(|bound| format!(" {bound} "))
                        .unwrap_or_else(|| " … ".into())
                };
                format!("{integer}{}{to}{}", bound(min), bound(max))
                    .trim_end()
                    .into()
            }
        }
    }
}

/// A fault in settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingFault {
    /// Which setting; empty for the document.
    pub path: String,
    /// What is wrong, in Chinese.
    pub zh: String,
    /// What is wrong, in English.
    pub en: String,
}

impl SettingFault {
    fn new(path: &str, zh: &str, en: &str) -> Self {
        Self {
            path: path.into(),
            zh: zh.into(),
            en: en.into(),
        }
    }
}

/// A value that a setting can have.
pub trait SettingValue: Sized {
    /// The JSON type.
    const JSON_TYPE: &'static str;

    /// From the number in the document; none where it does not fit.
    fn from_number(number: i64) -> Option<Self>;
}

impl SettingValue for bool {
    const JSON_TYPE: &'static str = "boolean";

    fn from_number(number: i64) -> Option<Self> {
        Some(number != 0)
    }
}

impl SettingValue for i64 {
    const JSON_TYPE: &'static str = "integer";

    fn from_number(number: i64) -> Option<Self> {
        Some(number)
    }
}

impl SettingValue for u32 {
    const JSON_TYPE: &'static str = "integer";

    fn from_number(number: i64) -> Option<Self> {
        Self::try_from(number).ok()
    }
}

impl SettingValue for Fen {
    const JSON_TYPE: &'static str = "integer";

    fn from_number(number: i64) -> Option<Self> {
        Some(Self::new(number))
    }
}

impl SettingValue for Ppm {
    const JSON_TYPE: &'static str = "integer";

    fn from_number(number: i64) -> Option<Self> {
        Some(Self::new(number))
    }
}

/// The faults in settings, on the wire.
pub fn faults<S: Settings>(json: &str) -> Vec<types::SettingsFault> {
    let faults = S::parse(json).err().unwrap_or_default();
    faults
        .into_iter()
        .map(|SettingFault { path, zh, en }| types::SettingsFault { path, zh, en })
        .collect()
}

/// The settings, or one English sentence with every fault.
pub(crate) fn require<S: Settings>(json: &str) -> Result<S, String> {
    S::parse(json).map_err(|faults| {
        let faults: Vec<String> = faults
            .iter()
            .map(|fault| format!("{}: {}", fault.path, fault.en))
            .collect();
        format!("faulty settings: {}", faults.join("; "))
    })
}
