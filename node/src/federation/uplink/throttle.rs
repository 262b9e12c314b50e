//! A line that must not be filled.

use std::{num::NonZeroU64, time::Duration};

/// Keeps the bytes of a link below a rate on average: after each message the next one waits as long as this one takes
/// at that rate. A message itself goes out as fast as the line is.
#[derive(Clone, Copy, Debug)]
pub struct Throttle {
    most_bytes_per_second: Option<NonZeroU64>,
}

impl Throttle {
    /// No more bytes a second than this; none for any number.
    pub fn new(most_bytes_per_second: Option<NonZeroU64>) -> Self {
        Self {
            most_bytes_per_second,
        }
    }

    /// How long after a message of so many bytes the next one may go.
    pub fn pause_after(self, bytes: usize) -> Duration {
        let Some(rate) = self.most_bytes_per_second else {
            return Duration::ZERO;
        };
        let nanos = bytes as u128 * 1_000_000_000 / u128::from(rate.get());
        Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
    }
}
