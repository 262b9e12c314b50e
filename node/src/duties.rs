//! The duties that ship with the program: those that the documents spell out.
//!
//! They are data. A county puts them in force, or writes others, as records.

use lika_core::{
    record::{Body, Fault},
    value::Date,
};
use lika_proto::log::v1 as message;
use serde::Deserialize;
use thiserror::Error as ThisError;

/// The names of the files, and what is in them.
const SHIPPED: [(&str, &str); 3] = [
    ("taishun", include_str!("../duties/taishun.toml")),
    ("guangdong", include_str!("../duties/guangdong.toml")),
    ("luxi", include_str!("../duties/luxi.toml")),
];

/// Why duties cannot be read.
#[derive(Debug, ThisError)]
pub enum Error {
    /// None of that name ships.
    #[error("no duties of the name {0:?} ship; there are {known}", known = names().join(", "))]
    Unknown(String),
    /// The text is no such file.
    #[error("the duties cannot be read")]
    Unreadable(#[from] toml::de::Error),
    /// A duty is wrong.
    #[error("the duty {code:?} is refused")]
    Refused {
        /// Its code.
        code: String,
        /// What is wrong.
        #[source]
        fault: Fault,
    },
}

/// The names under which duties ship.
pub fn names() -> Vec<&'static str> {
    SHIPPED.iter().map(|(name, _)| *name).collect()
}

/// The duties that ship under a name, in force from a day on.
pub fn shipped(name: &str, from: Date) -> Result<Vec<message::Duty>, Error> {
    let found = SHIPPED.iter().find(|(own, _)| *own == name);
    let (_, text) = found.ok_or_else(|| Error::Unknown(name.to_owned()))?;
    read(text, from)
}

/// Reads duties from a file, in force from a day on. Each holds by itself.
pub fn read(text: &str, from: Date) -> Result<Vec<message::Duty>, Error> {
    let File { duty } = toml::from_str(text)?;
    let checked = duty.into_iter().map(|raw| {
        let code = raw.code.clone();
        let message = raw.message(from);
        match Body::parse(message.clone().into()) {
            Ok(_) => Ok(message),
            Err(fault) => Err(Error::Refused { code, fault }),
        }
    });
    checked.collect()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    duty: Vec<RawDuty>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawDuty {
    code: String,
    name: String,
    rhythm: String,
    side: String,
    roles: Vec<String>,
    #[serde(default)]
    grace: u32,
}

impl RawDuty {
    fn message(self, from: Date) -> message::Duty {
        let Self {
            code,
            name,
            rhythm,
            side,
            roles,
            grace,
        } = self;
        message::Duty {
            open: Some(message::duty::Open {
                code,
                name,
                rhythm,
                side,
                roles,
                subject_kind: 0,
                subject: Vec::new(),
                grace,
                from: from.number(),
                until: 0,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day() -> Date {
        Date::from_number(20_160_101).unwrap()
    }

    #[test]
    fn what_ships_holds_and_luxi_has_the_six_ones() {
        for name in names() {
            assert!(!shipped(name, day()).unwrap().is_empty(), "{name}");
        }
        let luxi = shipped("luxi", day()).unwrap();
        let of_secretaries = luxi.iter().filter(|duty| {
            let roles = &duty.open.as_ref().unwrap().roles;
            roles.contains(&"first-secretary".to_owned())
        });
        assert_eq!(of_secretaries.count(), 6);
    }

    #[test]
    fn a_wrong_duty_names_itself() {
        let text = r#"
            [[duty]]
            code = "diary"
            name = "日记"
            rhythm = "daily"
            side = "helping"
            roles = ["first-secretary"]
        "#;
        let refused = read(text, day()).unwrap_err();
        assert!(matches!(refused, Error::Refused { code, .. } if code == "diary"));
        assert!(matches!(shipped("atlantis", day()), Err(Error::Unknown(_))));
    }
}
