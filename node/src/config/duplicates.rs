//! The table `[duplicates]`: what a node does about people whom two counties have registered.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    time::Duration,
};

use lika_core::value::NodeId;
use serde::{Deserialize, Serialize};

use super::keep;
use crate::duplicates::{county, holder};

/// Stands for the node above, in the place of an address.
const UPPER: &str = "upper";
/// Between two rounds of a county where nobody says otherwise, in seconds.
const ORDINARY_SECONDS: u64 = 60;

/// The table as it is written.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Duplicates {
    /// Whether this node holds the key.
    #[serde(default, skip_serializing_if = "is_false")]
    pub hold_key: bool,
    /// Of a key-holder, the nodes that compare: they get nothing evaluated.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub comparing_nodes: Vec<String>,
    /// Of a key-holder, evaluations for one node in a day; follows the number of its members when nobody says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evaluations_per_day: Option<u64>,
    /// Whether this node compares for those below.
    #[serde(default, skip_serializing_if = "is_false")]
    pub compare: bool,
    /// Of a county, where the key-holder is: https://host:port, or "upper" for the node above.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_holder: Option<String>,
    /// Of a county, where the comparing node is, likewise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comparing: Option<String>,
    /// Of a county, public keys that are known beforehand: version, a colon, and hexadecimal digits.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub public_keys: Vec<String>,
    /// Of a county, seconds between two rounds; 60 when nobody says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every_seconds: Option<u64>,
}

/// What a node does, validated.
#[derive(Clone, Debug, Default)]
pub struct Roles {
    /// Holds the key.
    pub holder: Option<holder::Settings>,
    /// Compares.
    pub compares: bool,
    /// Has members of its own that others may have too.
    pub county: Option<CountySettings>,
}

/// What a county does.
#[derive(Clone, Debug)]
pub struct CountySettings {
    /// Where the key-holder is.
    pub key_holder: Place,
    /// Where the comparing node is.
    pub comparing: Place,
    /// The rest.
    pub settings: county::Settings,
}

/// Where another node is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// It is the node above.
    Upper,
    /// At an address, `https://host:port`.
    At(String),
}

impl Place {
    fn parse(text: &str) -> Option<Self> {
        match text {
            UPPER => Some(Self::Upper),
            address if address.starts_with("https://") => Some(Self::At(address.to_owned())),
            _ => None,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Upper => f.write_str(UPPER),
            Self::At(address) => f.write_str(address),
        }
    }
}

/// Holds every value against what it may be.
pub(super) fn validate(table: Duplicates, has_upper: bool, faults: &mut Vec<String>) -> Roles {
    let Duplicates {
        hold_key,
        comparing_nodes,
        evaluations_per_day,
        compare,
        key_holder,
        comparing,
        public_keys,
        every_seconds,
    } = table;
    let mut fault = |key: &str, problem: &str| faults.push(format!("duplicates.{key}: {problem}"));
    if hold_key && compare {
        fault(
            "compare",
            "whoever holds the key cannot compare too: it could find out whose the tokens are",
        );
    }
    if hold_key && comparing_nodes.is_empty() {
        fault(
            "comparing_nodes",
            "must name the nodes that compare, which get nothing evaluated",
        );
    }
    if !hold_key && (!comparing_nodes.is_empty() || evaluations_per_day.is_some()) {
        fault(
            "hold_key",
            "must be true where comparing_nodes or evaluations_per_day is given",
        );
    }
    if key_holder.is_some() != comparing.is_some() {
        fault("key_holder", "must be given together with comparing");
    }
    let places = key_holder.zip(comparing);
    if places
        .as_ref()
        .is_some_and(|(holder, comparing)| holder == comparing)
    {
        fault("comparing", "must be another node than key_holder");
    }
    if every_seconds.is_some_and(|every| !(1..=86_400).contains(&every)) {
        fault("every_seconds", "must be from 1 to 86400");
    }
    let mut place = |key: &str, text: &str| {
        let place = Place::parse(text).filter(|place| has_upper || *place != Place::Upper);
        if place.is_none() {
            fault(
                key,
                "must be https://host:port, or \"upper\" where there is a node above",
            );
        }
        place
    };
    let places = places
        .map(|(holder, comparing)| (place("key_holder", &holder), place("comparing", &comparing)));
    let comparing = comparing_nodes
        .iter()
        .filter_map(|node| keep(faults, "duplicates.comparing_nodes", NodeId::parse(node)));
    let comparing: BTreeSet<NodeId> = comparing.collect();
    let pins = pins(&public_keys, faults);
    let county = match places {
        Some((Some(key_holder), Some(comparing))) => Some(CountySettings {
            key_holder,
            comparing,
            settings: county::Settings {
                pins,
                every: Duration::from_secs(every_seconds.unwrap_or(ORDINARY_SECONDS)),
            },
        }),
        _ => None,
    };
    Roles {
        holder: hold_key.then_some(holder::Settings {
            comparing,
            per_day: evaluations_per_day,
        }),
        compares: compare,
        county,
    }
}

fn pins(public_keys: &[String], faults: &mut Vec<String>) -> BTreeMap<u32, String> {
    let mut pins = BTreeMap::new();
    for text in public_keys {
        let pin = text.split_once(':').and_then(|(version, key)| {
            let is_key = key.len() == 66 && key.bytes().all(|digit| digit.is_ascii_hexdigit());
            Some((version.parse().ok()?, key.to_owned())).filter(|_| is_key)
        });
        match pin {
            Some((version, key)) => drop(pins.insert(version, key)),
            None => faults.push(format!(
                "duplicates.public_keys: {text:?} must be a version, a colon and 66 hexadecimal digits"
            )),
        }
    }
    pins
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_false(value: &bool) -> bool {
    !value
}

/// For `lika config show`.
impl fmt::Display for Roles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            holder,
            compares,
            county,
        } = self;
        if let Some(holder::Settings { comparing, per_day }) = holder {
            writeln!(f, "duplicates.hold_key = true")?;
            let nodes: Vec<String> = comparing.iter().map(ToString::to_string).collect();
            writeln!(f, "duplicates.comparing_nodes = {}", nodes.join(" "))?;
            let per_day = per_day.map_or("by members".to_owned(), |it| it.to_string());
            writeln!(f, "duplicates.evaluations_per_day = {per_day}")?;
        }
        if *compares {
            writeln!(f, "duplicates.compare = true")?;
        }
        let Some(CountySettings {
            key_holder,
            comparing,
            settings: county::Settings { pins, every },
        }) = county
        else {
            return Ok(());
        };
        writeln!(f, "duplicates.key_holder = {key_holder}")?;
        writeln!(f, "duplicates.comparing = {comparing}")?;
        for (version, key) in pins {
            writeln!(f, "duplicates.public_keys = {version}:{key}")?;
        }
        writeln!(f, "duplicates.every_seconds = {}", every.as_secs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NODE: &str = "0198f3c2-0000-8000-8000-000000000002";

    fn check(text: &str) -> Result<Roles, Vec<String>> {
        let table: Duplicates = toml::from_str(text).unwrap();
        let mut faults = Vec::new();
        let roles = validate(table, true, &mut faults);
        if faults.is_empty() {
            Ok(roles)
        } else {
            Err(faults)
        }
    }

    #[test]
    fn each_role_is_a_setting() {
        let none = check("").unwrap();
        assert!(none.holder.is_none() && !none.compares && none.county.is_none());
        let holder = check(&format!("hold_key = true\ncomparing_nodes = [\"{NODE}\"]")).unwrap();
        assert_eq!(holder.holder.unwrap().comparing.len(), 1);
        assert!(check("compare = true").unwrap().compares);
        let county = check("key_holder = \"upper\"\ncomparing = \"https://x:1\"").unwrap();
        let county = county.county.unwrap();
        assert_eq!(county.key_holder, Place::Upper);
        assert_eq!(county.settings.every, Duration::from_secs(60));
    }

    #[test]
    fn what_would_tell_whose_the_tokens_are_is_refused() {
        let key = format!("1:{}", "0".repeat(65));
        let rows = [
            (
                "hold_key = true\ncomparing_nodes = [\"NODE\"]\ncompare = true",
                "compare",
            ),
            ("hold_key = true", "comparing_nodes"),
            (
                "hold_key = true\ncomparing_nodes = [\"x\"]",
                "comparing_nodes",
            ),
            ("comparing_nodes = [\"NODE\"]", "hold_key"),
            ("key_holder = \"upper\"", "key_holder"),
            ("key_holder = \"upper\"\ncomparing = \"upper\"", "comparing"),
            (
                "key_holder = \"http://x\"\ncomparing = \"upper\"",
                "key_holder",
            ),
            ("every_seconds = 0", "every_seconds"),
            ("public_keys = [\"KEY\"]", "public_keys"),
        ];
        for (text, key_of) in rows {
            let text = text.replace("NODE", NODE).replace("KEY", &key);
            let faults = check(&text).unwrap_err();
            let expected = format!("duplicates.{key_of}:");
            assert!(faults[0].starts_with(&expected), "{text}: {faults:?}");
        }
    }
}
