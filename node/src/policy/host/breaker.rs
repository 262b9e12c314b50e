//! When a policy is not asked any more, and when its process is not started any more.
//!
//! Both are plain states that are told the time, so that tests need no waiting.

use std::time::Duration;

use super::super::evaluation::Failure;

/// Harm in a row after which a policy is suspended. Fewer would suspend a policy for one odd
/// village; more would let a policy that loops take its deadline of processor time again and
/// again.
const FAILURES: u32 = 5;
/// The first suspension.
const SUSPENSION: Duration = Duration::from_secs(10);
/// The longest one.
const LONGEST_SUSPENSION: Duration = Duration::from_secs(600);
/// The pause before the second restart in a row; the first follows at once, since most processes
/// that end were ended from outside.
const PAUSE: Duration = Duration::from_millis(250);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Suspends a policy that keeps doing harm.
///
/// ```text
///              FAILURES harms in a row                    the time has passed
///   closed ─────────────────────────────▶ open (10 s … 10 min) ──────────────▶ one call
///     ▲                                     ▲                                    │
///     │                                     └──────────── harm: twice as long ───┤
///     └────────────────────────────────────────────────── anything else ─────────┘
/// ```
#[derive(Debug, Default)]
pub struct Breaker {
    failures: u32,
    opened: u32,
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    until: Duration,
    cause: String,
}

/// Delays restarts: not at all, then 250 ms, doubled up to 30 s; an answer ends it.
#[derive(Debug, Default)]
pub struct BackOff {
    failures: u32,
    not_before: Duration,
}

impl Breaker {
    /// Whether the policy may be asked now.
    pub fn permit(&self, now: Duration) -> Result<(), Failure> {
        match &self.open {
            Some(Open { until, cause }) if now < *until => Err(Failure::Suspended {
                seconds: rounded_up(until.saturating_sub(now)),
                cause: cause.clone(),
            }),
            _ => Ok(()),
        }
    }

    /// Takes note of what came of asking it. Answers whether a row of suspensions begins with it; those that follow
    /// until the policy answers again are of the same row.
    pub fn note(&mut self, failure: Option<&Failure>, now: Duration) -> bool {
        let before = self.opened;
        match failure {
            Some(failure) if failure.is_harm() => self.note_harm(failure, now),
            // Neither the policy's merit nor its fault.
            Some(Failure::Unavailable { .. } | Failure::Suspended { .. }) => {}
            _ => *self = Self::default(),
        }
        before == 0 && self.opened > 0
    }

    fn note_harm(&mut self, failure: &Failure, now: Duration) {
        self.failures += 1;
        if self.failures >= FAILURES {
            let span = doubled(SUSPENSION, self.opened, LONGEST_SUSPENSION);
            self.opened += 1;
            self.open = Some(Open {
                until: now + span,
                cause: failure.to_string(),
            });
        }
    }
}

impl BackOff {
    /// Whether a process may be started now; if not, how long it takes yet.
    pub fn permit(&self, now: Duration) -> Result<(), Duration> {
        match self.not_before.checked_sub(now) {
            None | Some(Duration::ZERO) => Ok(()),
            Some(left) => Err(left),
        }
    }

    /// The process ended, or could not be started.
    pub fn note_end(&mut self, now: Duration) {
        self.failures += 1;
        let pause = match self.failures.checked_sub(2) {
            None => Duration::ZERO,
            Some(times) => doubled(PAUSE, times, LONGEST_PAUSE),
        };
        self.not_before = now + pause;
    }

    /// The process answered.
    pub fn note_answer(&mut self) {
        *self = Self::default();
    }
}

fn rounded_up(span: Duration) -> u64 {
    span.as_secs() + u64::from(span.subsec_nanos() > 0)
}

fn doubled(first: Duration, times: u32, longest: Duration) -> Duration {
    let factor = 2_u32.saturating_pow(times);
    first.saturating_mul(factor).min(longest)
}
