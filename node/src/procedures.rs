//! The procedures that ship with the program: those of the five documents, of "347", and of usual practice.
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
const SHIPPED: [(&str, &str); 7] = [
    ("taishun", include_str!("../procedures/taishun.toml")),
    ("tuanfeng", include_str!("../procedures/tuanfeng.toml")),
    ("sanming", include_str!("../procedures/sanming.toml")),
    (
        "sanming-347",
        include_str!("../procedures/sanming-347.toml"),
    ),
    ("guangdong", include_str!("../procedures/guangdong.toml")),
    ("luxi", include_str!("../procedures/luxi.toml")),
    ("practice", include_str!("../procedures/practice.toml")),
];

/// Why procedures cannot be read.
#[derive(Debug, ThisError)]
pub enum Error {
    /// None of that name ships.
    #[error("no procedures of the name {0:?} ship; there are {known}", known = names().join(", "))]
    Unknown(String),
    /// The text is no such file.
    #[error("the procedures cannot be read")]
    Unreadable(#[from] toml::de::Error),
    /// A procedure is wrong.
    #[error("the procedure {name:?} is refused")]
    Refused {
        /// Its name.
        name: String,
        /// What is wrong.
        #[source]
        fault: Fault,
    },
}

/// The names under which procedures ship.
pub fn names() -> Vec<&'static str> {
    SHIPPED.iter().map(|(name, _)| *name).collect()
}

/// The procedures that ship under a name, in force from a day on.
pub fn shipped(name: &str, from: Date) -> Result<Vec<message::Procedure>, Error> {
    let found = SHIPPED.iter().find(|(own, _)| *own == name);
    let (_, text) = found.ok_or_else(|| Error::Unknown(name.to_owned()))?;
    read(text, from)
}

/// Reads procedures from a file, in force from a day on. Each holds by itself.
pub fn read(text: &str, from: Date) -> Result<Vec<message::Procedure>, Error> {
    let File { procedure } = toml::from_str(text)?;
    let checked = procedure.into_iter().map(|raw| {
        let name = raw.name.clone();
        let message = raw.message(from);
        match Body::parse(message.clone().into()) {
            Ok(_) => Ok(message),
            Err(fault) => Err(Error::Refused { name, fault }),
        }
    });
    checked.collect()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    procedure: Vec<RawProcedure>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawProcedure {
    kind: String,
    name: String,
    objection_days: u32,
    steps: Vec<RawStep>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawStep {
    code: String,
    act: String,
    level: String,
    #[serde(default)]
    least: u32,
    #[serde(default)]
    most: u32,
    #[serde(default)]
    days: Days,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Days {
    #[default]
    Calendar,
    Working,
}

impl RawProcedure {
    fn message(self, from: Date) -> message::Procedure {
        let step = |RawStep {
                        code,
                        act,
                        level,
                        least,
                        most,
                        days,
                    }| message::procedure::Step {
            code,
            act,
            level,
            least,
            most,
            working: days == Days::Working,
        };
        message::Procedure {
            open: Some(message::procedure::Open {
                kind: self.kind,
                name: self.name,
                from: from.number(),
                until: 0,
                steps: self.steps.into_iter().map(step).collect(),
                objection_days: self.objection_days,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day() -> Date {
        Date::from_number(20_150_101).unwrap()
    }

    #[test]
    fn what_ships_holds_and_347_is_one_application_two_reviews_two_notices() {
        for name in names() {
            let procedures = shipped(name, day()).unwrap();
            assert!(!procedures.is_empty(), "{name}");
        }
        let urban = shipped("sanming-347", day()).unwrap();
        let steps = &urban[0].open.as_ref().unwrap().steps;
        let count = |act: &str| steps.iter().filter(|step| step.act == act).count();
        assert_eq!(
            (count("application"), count("review"), count("notice")),
            (1, 2, 2)
        );
    }

    #[test]
    fn a_wrong_procedure_names_itself() {
        let text = r#"
            [[procedure]]
            kind = "exit"
            name = "某县"
            objection_days = 5
            steps = [{ code = "a", act = "announcement", level = "county" }]
        "#;
        let refused = read(text, day()).unwrap_err();
        assert!(matches!(refused, Error::Refused { name, .. } if name == "某县"));
        assert!(matches!(shipped("atlantis", day()), Err(Error::Unknown(_))));
    }
}
