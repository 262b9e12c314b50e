//! Failed attempts to enrol, counted so that nobody can guess for long.

use std::{collections::VecDeque, net::IpAddr};

/// How long a failure counts.
const WINDOW_MS: u64 = 15 * 60 * 1000;
/// From one address. A whole office may stand behind one.
const FROM_ONE: usize = 10;
/// From all of them together: whoever has many addresses has no more tries. It also bounds what the register grows by.
const FROM_ALL: usize = 100;

/// The failures of the last quarter of an hour.
#[derive(Debug, Default)]
pub(super) struct Attempts {
    failures: VecDeque<(u64, Option<IpAddr>)>,
}

impl Attempts {
    /// Whether another attempt may be made from here.
    pub(super) fn may_try(&mut self, now_ms: u64, from: Option<IpAddr>) -> bool {
        // A clock that was set back must not keep the door shut for long: what lies ahead does not count.
        self.failures
            .retain(|(at, _)| *at <= now_ms && now_ms - at < WINDOW_MS);
        let of_this = self.failures.iter().filter(|(_, of)| *of == from).count();
        of_this < FROM_ONE && self.failures.len() < FROM_ALL
    }

    /// One has failed.
    pub(super) fn failed(&mut self, now_ms: u64, from: Option<IpAddr>) {
        if self.failures.len() >= FROM_ALL {
            self.failures.pop_front();
        }
        self.failures.push_back((now_ms, from));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(last: u8) -> Option<IpAddr> {
        Some(IpAddr::from([192, 0, 2, last]))
    }

    #[test]
    fn one_address_has_ten_tries_in_a_quarter_of_an_hour() {
        let mut attempts = Attempts::default();
        for at in 0..10 {
            assert!(attempts.may_try(at, address(1)));
            attempts.failed(at, address(1));
        }
        assert!(!attempts.may_try(10, address(1)));
        assert!(attempts.may_try(10, address(2)));
        assert!(!attempts.may_try(WINDOW_MS - 1, address(1)));
        assert!(attempts.may_try(WINDOW_MS, address(1)));
    }

    #[test]
    fn many_addresses_have_a_hundred_together_and_cost_no_more_memory() {
        let mut attempts = Attempts::default();
        for last in 0..250 {
            attempts.failed(1, address(last));
        }
        assert!(!attempts.may_try(1, address(251)));
        assert_eq!(attempts.failures.len(), FROM_ALL);
        assert!(attempts.may_try(1 + WINDOW_MS, address(251)));
    }

    #[test]
    fn a_clock_that_was_set_back_shuts_nobody_out() {
        let mut attempts = Attempts::default();
        for _ in 0..FROM_ALL {
            attempts.failed(WINDOW_MS * 9, address(1));
        }
        assert!(attempts.may_try(WINDOW_MS, address(1)));
    }
}
