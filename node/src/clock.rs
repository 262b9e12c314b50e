//! What time it is: the only place that asks the machine.
//!
//! Everything else takes a [`Clock`], so that tests, replays and scenarios decide what day it is. What the log records
//! is never earlier than the entry before, whatever the clock says.

use std::{
    fmt,
    sync::atomic::{AtomicU64, Ordering},
    time::{Instant, SystemTime, UNIX_EPOCH},
};

use lika_core::value::Date;

/// China has one civil time, UTC+8, without daylight saving since 1991: a registry's "today" is the day there.
const CIVIL_OFFSET_MS: u64 = 8 * 60 * 60 * 1000;
const DAY_MS: u64 = 24 * 60 * 60 * 1000;

/// Tells the time.
pub trait Clock: fmt::Debug + Send + Sync {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    fn now_ms(&self) -> u64;

    /// The civil date in China.
    fn today(&self) -> Date {
        civil_date(self.now_ms())
    }
}

/// The clock of the machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct System;

impl Clock for System {
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the machine")]
    fn now_ms(&self) -> u64 {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(0))
    }
}

/// A clock that moves only when told: for scenarios, whose data folder is created for them, and for tests.
#[derive(Debug)]
pub struct Scenario {
    now_ms: AtomicU64,
}

impl Scenario {
    /// Stands at a time, in milliseconds since 1970-01-01T00:00:00Z.
    pub fn at(now_ms: u64) -> Self {
        Self { now_ms: AtomicU64::new(now_ms) }
    }

    /// Stands at noon of a day in China.
    pub fn on(date: Date) -> Self {
        Self::at(noon_ms(date))
    }

    /// Moves to another time, earlier or later.
    pub fn set(&self, now_ms: u64) {
        self.now_ms.store(now_ms, Ordering::Relaxed);
    }

    /// Moves on.
    pub fn advance(&self, ms: u64) {
        self.now_ms.fetch_add(ms, Ordering::Relaxed);
    }
}

impl Clock for Scenario {
    fn now_ms(&self) -> u64 {
        self.now_ms.load(Ordering::Relaxed)
    }
}

/// How long something took: for progress and measurements, never for anything that is recorded.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts measuring.
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the machine")]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// The time since the start.
    pub fn elapsed(&self) -> std::time::Duration {
        self.0.elapsed()
    }
}
