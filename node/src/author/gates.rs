//! The gates that a component has to pass before a node takes it: the node's own, one after another.

use thiserror::Error as DeriveError;

use crate::{
    clock::Stopwatch,
    policy::{
        Failure, Host, HostProgram, Limits, Policy, Refusal, Settings,
        engine::Tier,
        evaluation::SettingsRefusal,
        facts,
        host::{self},
    },
};

/// A policy that has passed every gate.
pub struct Passed {
    /// The policy.
    pub policy: Policy,
    /// Its default settings.
    pub defaults: Settings,
    /// Which limits it runs under.
    pub tier: Tier,
    /// Milliseconds until it was admitted: the one time that it is compiled.
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
}

/// The host of a node, for one command.
pub fn host() -> Result<Host, Error> {
    Ok(Host::start(HostProgram::Own, Limits::default())?)
}

/// Takes a component through the gates.
pub fn pass(host: &Host, component: &[u8]) -> Result<Passed, Error> {
    let watch = Stopwatch::start();
    let policy = host.admit(component).map_err(|refusal| match refusal {
        Refusal::Host(failure) => Error::Child(failure),
        refusal => Error::Refused(refusal),
    })?;
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
