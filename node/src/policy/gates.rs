//! The gates that a component has to pass before a node takes it: the node's own, one after another.

use thiserror::Error as DeriveError;

use super::{
    Failure, Host, HostProgram, Limits, Policy, Refusal, Settings,
    conformance::{
        self,
        example::{self, Example},
    },
    engine::{self, Tier},
    evaluation::SettingsRefusal,
    facts, host,
};
use crate::clock::Stopwatch;

/// How the name of a recorded answer ends.
const ANSWER: &str = ".answer";

/// A policy that has passed.
pub struct Passed {
    /// The policy.
    pub policy: Policy,
    /// Its default settings.
    pub defaults: Settings,
    /// Which limits it runs under.
    pub tier: Tier,
    /// Milliseconds until it ran, compiling included.
    pub admission_ms: u128,
}

/// The gate at which a component is turned away.
#[derive(Debug, DeriveError)]
pub enum Error {
    /// No host could be started; says nothing of the component.
    #[error("policies cannot be run here")]
    Host(#[from] host::Error),
    /// The child could not be had; says nothing of the component.
    #[error("policies cannot be run here: {0}")]
    Child(Failure),
    /// The component itself.
    #[error("not admitted")]
    Refused(#[source] Refusal),
    /// What it asks for.
    #[error("not admitted: no node can tell it what it asks for")]
    Facts(#[source] facts::Unknown),
    /// Its own defaults.
    #[error("not admitted: it refuses its own default settings")]
    Defaults(#[source] SettingsRefusal),
    /// An example that is none for this policy.
    #[error("not admitted: its example {name} is none")]
    Example {
        /// Its name.
        name: String,
        /// Where and why.
        #[source]
        cause: example::Error,
    },
    /// Another answer to the same question.
    #[error("not admitted")]
    Conformance(#[source] conformance::Broken),
    /// No second host could be started; says nothing of the component.
    #[error("policies cannot be run here")]
    Engine(#[from] engine::Error),
}

impl Error {
    /// Whether it is this machine that is at fault and not the component.
    pub fn says_nothing_of_it(&self) -> bool {
        match self {
            Self::Host(_) | Self::Child(_) | Self::Engine(_) => true,
            Self::Defaults(SettingsRefusal::Failed(failure)) => failure.is_of_the_machine(),
            Self::Refused(_)
            | Self::Facts(_)
            | Self::Defaults(_)
            | Self::Example { .. }
            | Self::Conformance(_) => false,
        }
    }
}

/// The host of a node, for one command.
pub fn host() -> Result<Host, Error> {
    Ok(Host::start(HostProgram::Own, Limits::default())?)
}

/// Takes a component through the gates that open quickly: all but conformance.
pub fn enter(host: &Host, component: &[u8]) -> Result<Passed, Error> {
    let watch = Stopwatch::start();
    let policy = host.admit(component).map_err(refused)?;
    let admission_ms = watch.elapsed().as_millis();
    facts::check(policy.describe()).map_err(Error::Facts)?;
    let defaults = policy.settings("{}").map_err(Error::Defaults)?;
    Ok(Passed {
        policy,
        defaults,
        tier: Tier::of(component.len()),
        admission_ms,
    })
}

/// Takes a component and the examples of its package (name and content) through all gates.
pub fn pass<'a>(
    host: &Host,
    component: &[u8],
    examples: impl IntoIterator<Item = (&'a str, &'a [u8])>,
) -> Result<Passed, Error> {
    let passed = enter(host, component)?;
    let mut known = Vec::new();
    for (name, content) in examples {
        // What is recorded beside an example is its author's.
        if name.ends_with(ANSWER) {
            continue;
        }
        let text = String::from_utf8_lossy(content);
        let example = Example::parse(passed.policy.describe(), &text);
        known.push(example.map_err(|cause| Error::Example {
            name: name.to_owned(),
            cause,
        })?);
    }
    // What is admitted will decide for the record: made-up inputs that it fails for are not held against it.
    let apart = host.apart()?.admit(component).map_err(refused)?;
    conformance::must_keep(
        &apart,
        &passed.policy,
        &passed.defaults,
        &known,
        passed.tier,
    )
    .map_err(|error| match error {
        conformance::Error::Broken(broken) => Error::Conformance(broken),
        conformance::Error::NotTried(failure) => Error::Child(failure),
    })?;
    Ok(passed)
}

fn refused(refusal: Refusal) -> Error {
    match refusal {
        Refusal::Host(failure) => Error::Child(failure),
        refusal => Error::Refused(refusal),
    }
}
