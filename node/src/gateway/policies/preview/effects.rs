//! What it would do to move a setting a little.

use serde_json::{Map, Value};

use super::super::{
    Error,
    difference::{Candidate, Compared},
    report::Tally,
};

/// By how much a setting is moved, in per cent.
const PER_CENT: i128 = 5;

/// A setting that was moved, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect {
    /// The setting.
    pub setting: String,
    /// Its value.
    pub value: i64,
    /// The value that was tried.
    pub tried: i64,
    /// Against the candidate as it is: who gains, who loses, and the money; none when the policy does not take it.
    pub tally: Option<Tally>,
}

/// Moves every whole number among the settings down and up, within its bounds. A step is at least one.
pub fn of(compared: &Compared) -> Result<Vec<Effect>, Error> {
    let new = &compared.after.tried;
    let given: Map<String, Value> = serde_json::from_str(new.settings.json()).unwrap_or_default();
    let mut effects = Vec::new();
    for number in numbers(&new.policy.describe().settings_schema, &given) {
        for tried in number.moved() {
            let mut moved = given.clone();
            moved.insert(number.key.clone(), tried.into());
            let candidate = Candidate {
                component: new.side.component,
                settings: Value::Object(moved).to_string(),
            };
            let tally = match new.with_settings(&candidate) {
                Ok(tried) => {
                    let (judged, _) = compared.question.judge(&tried, &compared.asked)?;
                    let mut tally = Tally::default();
                    for (subject, now) in &compared.after.judgements {
                        tally.add(Some(now), judged.get(subject));
                    }
                    Some(tally)
                }
                Err(Error::Other {
                    code: "invalid-settings",
                    ..
                }) => None,
                Err(error) => return Err(error),
            };
            effects.push(Effect {
                setting: number.key.clone(),
                value: number.value,
                tried,
                tally,
            });
        }
    }
    Ok(effects)
}

/// A whole number among the settings.
#[derive(Debug, PartialEq, Eq)]
struct Number {
    key: String,
    value: i64,
    least: i64,
    most: i64,
}

impl Number {
    /// The values to try; none where there is no room.
    fn moved(&self) -> impl Iterator<Item = i64> {
        let value = i128::from(self.value);
        let step = (value.abs() * PER_CENT / 100).max(1);
        let within = |value: i128| {
            let value = i64::try_from(value).ok()?;
            // A schema is its author's: its bounds may contradict each other.
            Some(value.max(self.least).min(self.most)).filter(|moved| *moved != self.value)
        };
        [within(value - step), within(value + step)]
            .into_iter()
            .flatten()
    }
}

fn numbers(schema: &str, given: &Map<String, Value>) -> Vec<Number> {
    let schema: Value = serde_json::from_str(schema).unwrap_or_default();
    let properties = schema.get("properties").and_then(Value::as_object);
    let number = |(key, property): (&String, &Value)| {
        let field = |name: &str| property.get(name).and_then(Value::as_i64);
        if property.get("type").and_then(Value::as_str) != Some("integer") {
            return None;
        }
        let value = match given.get(key) {
            Some(value) => value.as_i64()?,
            None => field("default")?,
        };
        Some(Number {
            key: key.clone(),
            value,
            least: field("minimum").unwrap_or(i64::MIN),
            most: field("maximum").unwrap_or(i64::MAX),
        })
    };
    properties
        .into_iter()
        .flatten()
        .filter_map(number)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moved(value: i64) -> Vec<i64> {
        let number = Number {
            key: "line".to_owned(),
            value,
            least: 0,
            most: 1_000_000,
        };
        number.moved().collect()
    }

    #[test]
    fn a_number_is_moved_five_per_cent_at_least_one_and_within_its_bounds() {
        assert_eq!(moved(300_000), [285_000, 315_000]);
        assert_eq!(moved(2), [1, 3]);
        assert_eq!(moved(0), [1]);
        assert_eq!(moved(1_000_000), [950_000]);
    }

    #[test]
    fn only_whole_numbers_are_moved_and_defaults_count() {
        let schema = r#"{"properties": {
            "line": {"type": "integer", "default": 3, "minimum": 1},
            "labour": {"type": "boolean", "default": true},
            "share": {"type": "integer", "default": 7}}}"#;
        let given = serde_json::from_str(r#"{"line": 9}"#).unwrap();
        let found = numbers(schema, &given);
        let values: Vec<_> = found.iter().map(|it| (it.key.as_str(), it.value)).collect();
        assert_eq!(values, [("line", 9), ("share", 7)]);
    }
}
