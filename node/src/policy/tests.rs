//! Hostile and ordinary guests.

mod breaker;
mod cache;
mod child;
mod conformance;
mod examples;
mod frames;
mod guests;
mod package;
mod preview;
mod rules;
mod shipped;
mod tiers;

use std::sync::LazyLock;
use std::time::Duration;

use super::{Engine, Limits};

/// One engine for all tests of a process: a hostile guest must not disturb the others.
static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    let limits = Limits {
        time: Duration::from_secs(5),
        ..Limits::default()
    };
    Engine::new(limits).expect("the engine can be set up")
});
