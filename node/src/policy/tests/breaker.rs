//! When a policy is suspended, and when its process is started again; no test waits.

use std::time::Duration;

use crate::policy::Failure;
use crate::policy::host::breaker::{BackOff, Breaker};

const HARM: Failure = Failure::TimedOut;

fn at(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn harmed(breaker: &mut Breaker, times: u32, now: Duration) {
    for _ in 0..times {
        breaker.note(Some(&HARM), now);
    }
}

#[test]
fn five_harms_in_a_row_suspend_a_policy_and_name_the_last() {
    let mut breaker = Breaker::default();
    harmed(&mut breaker, 4, at(0));
    assert_eq!(breaker.permit(at(0)), Ok(()));
    harmed(&mut breaker, 1, at(0));
    let suspended = Failure::Suspended {
        seconds: 9,
        cause: "the policy did not answer in time".into(),
    };
    assert_eq!(breaker.permit(at(1)), Err(suspended));
    assert_eq!(breaker.permit(at(10)), Ok(()));
}

#[test]
fn each_suspension_in_a_row_is_longer_up_to_ten_minutes() {
    let mut breaker = Breaker::default();
    harmed(&mut breaker, 5, at(0));
    let mut now = at(10);
    for span in [20, 40, 80, 160, 320, 600, 600] {
        assert_eq!(breaker.permit(now), Ok(()));
        harmed(&mut breaker, 1, now);
        assert!(
            breaker
                .permit(now + at(span) - Duration::from_millis(1))
                .is_err()
        );
        now += at(span);
    }
    assert_eq!(breaker.permit(now), Ok(()));
}

#[test]
fn a_row_of_suspensions_begins_once() {
    let mut breaker = Breaker::default();
    for _ in 0..2 {
        harmed(&mut breaker, 4, at(0));
        assert!(breaker.note(Some(&HARM), at(0)));
        // Asked again after the time has passed, it does no better.
        for now in [20, 60, 200] {
            assert!(!breaker.note(Some(&HARM), at(now)));
        }
        assert!(!breaker.note(None, at(900)));
    }
}

#[test]
fn any_answer_forgets_the_harm() {
    let mut breaker = Breaker::default();
    harmed(&mut breaker, 4, at(0));
    breaker.note(None, at(0));
    harmed(&mut breaker, 4, at(0));
    let declined = Failure::Declined {
        reason: "no".into(),
    };
    breaker.note(Some(&declined), at(0));
    harmed(&mut breaker, 4, at(0));
    assert_eq!(breaker.permit(at(0)), Ok(()));
}

#[test]
fn what_is_not_the_policys_doing_counts_neither_way() {
    let mut breaker = Breaker::default();
    harmed(&mut breaker, 4, at(0));
    let away = Failure::Unavailable {
        cause: "no memory".into(),
    };
    breaker.note(Some(&away), at(0));
    assert_eq!(breaker.permit(at(0)), Ok(()));
    harmed(&mut breaker, 1, at(0));
    assert!(breaker.permit(at(0)).is_err());
}

#[test]
fn the_first_restart_is_at_once_and_later_ones_take_twice_as_long_each() {
    let mut back_off = BackOff::default();
    let mut now = at(0);
    for pause in [
        0, 250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000,
    ] {
        back_off.note_end(now);
        let pause = Duration::from_millis(pause);
        let expected = if pause.is_zero() { Ok(()) } else { Err(pause) };
        assert_eq!(back_off.permit(now), expected);
        now += pause;
        assert_eq!(back_off.permit(now), Ok(()));
    }
    back_off.note_answer();
    back_off.note_end(now);
    assert_eq!(back_off.permit(now), Ok(()));
}
