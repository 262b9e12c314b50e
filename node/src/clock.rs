//! What time it is: the only place that asks the machine.
//!
//! Everything else takes a [`Clock`], so that tests, replays and scenarios decide what day it is. What the log records
//! is never earlier than the entry before, whatever the clock says.

use std::{
    fmt,
    sync::atomic::{AtomicU64, Ordering},
    time::{Instant, SystemTime, UNIX_EPOCH},
};

use jiff::{Timestamp, tz::Offset};
use lika_core::value::Date;

/// China has one civil time, UTC+8, without daylight saving since 1991: a registry's "today" is the day there.
const CIVIL: Offset = jiff::tz::offset(8);

/// Tells the time.
pub trait Clock: fmt::Debug + Send + Sync {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    fn now_ms(&self) -> u64;

    /// The civil date in China.
    fn today(&self) -> Date {
        let now = i64::try_from(self.now_ms())
            .ok()
            .and_then(|ms| Timestamp::from_millisecond(ms).ok());
        let day = CIVIL
            .to_datetime(now.unwrap_or(Timestamp::UNIX_EPOCH))
            .date();
        Date::from_civil(day)
            .or_else(|_| Date::new(1970, 1, 1))
            .expect("1970-01-01 is a date")
    }
}

/// The clock of the machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct System;

impl Clock for System {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that asks the machine"
    )]
    fn now_ms(&self) -> u64 {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(0))
    }
}

/// The last millisecond of a day in China, since 1970-01-01T00:00:00Z; nothing before that.
pub fn end_of_day(day: Date) -> u64 {
    let next = day.civil().tomorrow().ok();
    let next = next.and_then(|next| CIVIL.to_timestamp(next.at(0, 0, 0, 0)).ok());
    let end = next.map_or(i64::MAX, |next| next.as_millisecond().saturating_sub(1));
    u64::try_from(end).unwrap_or(0)
}

/// A clock that moves only when told: for scenarios, whose data folder is created for them, and for tests.
#[derive(Debug)]
pub struct Scenario {
    now_ms: AtomicU64,
}

impl Scenario {
    /// Stands at a time, in milliseconds since 1970-01-01T00:00:00Z.
    pub fn at(now_ms: u64) -> Self {
        Self {
            now_ms: AtomicU64::new(now_ms),
        }
    }

    /// Stands at noon of a day in China.
    pub fn on(date: Date) -> Self {
        let noon = CIVIL
            .to_timestamp(date.civil().at(12, 0, 0, 0))
            .map_or(0, Timestamp::as_millisecond);
        Self::at(u64::try_from(noon).unwrap_or(0))
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
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that asks the machine"
    )]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// The time since the start.
    pub fn elapsed(&self) -> std::time::Duration {
        self.0.elapsed()
    }
}
