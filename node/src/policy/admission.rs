//! Whether a component may become a policy.

use serde::{Deserialize, Serialize};
use thiserror::Error as DeriveError;
use wasmtime::component::Component;

use super::bindings::{group, subject, types as wire};
use super::compiled::{Compiled, Pre};
use super::engine::{self, CONTRACT, Engine, Limits};
use super::evaluation::Failure;
use super::manifest::{self, Family};

/// Why a component is not admitted; each says to its developer what to do.
#[derive(Clone, Debug, PartialEq, Eq, DeriveError, Serialize, Deserialize)]
pub enum Refusal {
    /// Too many bytes.
    #[error(
        "the component has {bytes} bytes, the limit is {limit}: build it with `opt-level = \"s\"` and without debug information"
    )]
    TooLarge {
        /// Its size.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// A core module, not a component.
    #[error(
        "this is a core module, not a component: run `componentize <module> <component>` on it"
    )]
    CoreModule,
    /// Not something that the engine can compile.
    #[error("not a component that this node can run: {cause}")]
    Malformed {
        /// What the engine says.
        cause: String,
    },
    /// Asks for something that no policy gets.
    #[error(
        "the component imports `{name}`, but a policy gets nothing except `lika:policy/diagnostics@{CONTRACT}`: no clock, no randomness, no files, no network"
    )]
    ForbiddenImport {
        /// What it imports.
        name: String,
    },
    /// Built against another version of the contract.
    #[error(
        "the component was built for `{found}`, this node runs lika:policy@{CONTRACT}: build it again with the SDK of this version"
    )]
    WrongVersion {
        /// The interface that it names.
        found: String,
    },
    /// Exports neither world.
    #[error(
        "the component exports neither `lika:policy/subject-policy@{CONTRACT}` nor `lika:policy/group-policy@{CONTRACT}`: use `export_subject_policy!` or `export_group_policy!`"
    )]
    NoPolicy,
    /// Exports something of the right name and the wrong shape.
    #[error("the component's exports do not have the types of lika:policy@{CONTRACT}: {cause}")]
    WrongTypes {
        /// What the engine says.
        cause: String,
    },
    /// Does not survive being asked what it is.
    #[error("the policy fails when asked to describe itself: {0}")]
    Describe(#[source] Failure),
    /// Describes itself in a way that does not hold together.
    #[error("the policy's manifest is faulty: {0}")]
    Manifest(#[source] manifest::Error),
    /// Does not survive being asked about settings.
    #[error("the policy fails when asked to check settings: {0}")]
    Settings(#[source] Failure),
    /// The host could not examine it; says nothing of the component itself.
    #[error("the component could not be examined: {0}")]
    Host(#[source] Failure),
}

/// A fault in settings, as the policy words it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingsFault {
    /// Which setting; empty for the document.
    pub path: String,
    /// What is wrong, in Chinese.
    pub zh: String,
    /// What is wrong, in English.
    pub en: String,
}

/// What can be known of a component without compiling it.
pub(super) fn check_bytes(limits: &Limits, bytes: &[u8]) -> Result<(), Refusal> {
    let limit = limits.component_bytes;
    if bytes.len() > limit {
        return Err(Refusal::TooLarge {
            bytes: bytes.len(),
            limit,
        });
    }
    if bytes.starts_with(b"\0asm\x01\0\0\0") {
        return Err(Refusal::CoreModule);
    }
    Ok(())
}

/// What the engine cannot compile.
pub(super) fn malformed(error: wasmtime::Error) -> Refusal {
    Refusal::Malformed {
        cause: format!("{error:#}"),
    }
}

/// Goes through everything that can be known of a component without an input, but for what it says
/// about itself: that is for the node to parse.
pub(super) fn examine(
    engine: &Engine,
    component: &Component,
) -> Result<(Compiled, wire::Manifest), Refusal> {
    check_imports(engine, component)?;
    let pre = prepare(engine, component)?;
    let described = describe(engine, &pre)?;
    let compiled = Compiled::new(engine.clone(), pre);
    compiled.check_settings("{}").map_err(Refusal::Settings)?;
    Ok((compiled, described))
}

fn check_imports(engine: &Engine, component: &Component) -> Result<(), Refusal> {
    for (name, _) in component.component_type().imports(engine.wasmtime()) {
        let contract = name
            .strip_prefix("lika:policy/")
            .and_then(|name| name.split_once('@'));
        match contract {
            Some(("diagnostics" | "types", CONTRACT)) => {}
            Some((_, version)) if version != CONTRACT => {
                return Err(Refusal::WrongVersion { found: name.into() });
            }
            _ => return Err(Refusal::ForbiddenImport { name: name.into() }),
        }
    }
    Ok(())
}

fn prepare(engine: &Engine, component: &Component) -> Result<Pre, Refusal> {
    let wrong_types = |error: wasmtime::Error| Refusal::WrongTypes {
        cause: format!("{error:#}"),
    };
    let family = exported_family(engine, component)?;
    let pre = engine
        .linker()
        .instantiate_pre(component)
        .map_err(wrong_types)?;
    match family {
        Family::Subject => subject::SubjectPre::new(pre).map(Pre::Subject),
        Family::Group => group::GroupPre::new(pre).map(Pre::Group),
    }
    .map_err(wrong_types)
}

fn exported_family(engine: &Engine, component: &Component) -> Result<Family, Refusal> {
    let mut other_version = None;
    for (name, _) in component.component_type().exports(engine.wasmtime()) {
        match name
            .strip_prefix("lika:policy/")
            .and_then(|name| name.split_once('@'))
        {
            Some(("subject-policy", CONTRACT)) => return Ok(Family::Subject),
            Some(("group-policy", CONTRACT)) => return Ok(Family::Group),
            Some((_, version)) if version != CONTRACT => other_version = Some(name.to_owned()),
            _ => {}
        }
    }
    Err(other_version.map_or(Refusal::NoPolicy, |found| Refusal::WrongVersion { found }))
}

/// Instantiates for the first time: a record of another shape shows only here.
fn describe(engine: &Engine, pre: &Pre) -> Result<wire::Manifest, Refusal> {
    let mut store = engine.store(0);
    let described = match pre {
        Pre::Subject(pre) => {
            let instance = pre
                .instantiate(&mut store)
                .map_err(|error| broken(&error, &store))?;
            instance
                .lika_policy_subject_policy()
                .call_describe(&mut store)
        }
        Pre::Group(pre) => {
            let instance = pre
                .instantiate(&mut store)
                .map_err(|error| broken(&error, &store))?;
            instance
                .lika_policy_group_policy()
                .call_describe(&mut store)
        }
    };
    described.map_err(|error| Refusal::Describe(engine::failure(&error, &store)))
}

fn broken(error: &wasmtime::Error, store: &wasmtime::Store<engine::State>) -> Refusal {
    match engine::failure(error, store) {
        Failure::Broken { cause } => Refusal::WrongTypes { cause },
        failure => Refusal::Describe(failure),
    }
}
