//! The last gate: a policy answers the same question in one way.

use lika_guests::{HONEST, LOOP, guest, guest_that_reads, scored};

use crate::policy::{
    Engine, Limits,
    conformance::{self, Error, Fault},
    engine::Tier,
};

/// A few instances are enough, and so is a fraction of the fuel.
fn engine() -> Engine {
    let limits = Limits {
        instances: 2,
        fuel: 10_000_000,
        ..Limits::default()
    };
    Engine::new(limits).unwrap()
}

fn must_keep(component: &[u8]) -> Result<(), Error> {
    let [policy, apart] = [engine(), engine()].map(|it| it.admit(component).unwrap());
    let defaults = policy.settings("{}").unwrap();
    conformance::must_keep(&policy, &apart, &defaults, &[], Tier::Compiled)
}

fn fault(score: &str) -> Option<Fault> {
    let Error::Broken(broken) = must_keep(&guest(&scored(score))).err()? else {
        panic!("it could not be tried");
    };
    assert!(
        broken.input.contains("\"household\":[{"),
        "{}",
        broken.input
    );
    Some(broken.fault)
}

#[test]
fn a_policy_that_judges_each_by_itself_keeps_the_contract() {
    assert_eq!(fault("(i64.const 7)"), None);
}

#[test]
fn a_policy_that_looks_at_the_order_does_not() {
    let by_number = fault("(i64.extend_i32_u (local.get $row))");
    assert!(
        matches!(by_number, Some(Fault::InAnotherOrder(_) | Fault::Alone(_))),
        "{by_number:?}"
    );
}

#[test]
fn a_policy_that_looks_at_how_many_there_are_does_not() {
    let crowd =
        |size| format!("(i64.extend_i32_u (i32.gt_u (i32.load (local.get 3)) (i32.const {size})))");
    assert!(matches!(fault(&crowd(2)), Some(Fault::Alone(_))));
    let in_batches = fault(&crowd(40));
    assert_eq!(
        in_batches,
        Some(Fault::InBatchesOf {
            subject: 0,
            size: 1
        })
    );
    // No preview hands over fewer than a thousand of many.
    let last = fault(&crowd(1_001));
    assert!(matches!(last, Some(Fault::InBatchesOf { .. })), "{last:?}");
}

#[test]
fn what_gives_no_answer_is_not_asked_for_ever() {
    for body in [HONEST, "(unreachable)", LOOP] {
        assert_eq!(must_keep(&guest(body)), Ok(()));
        assert_eq!(
            must_keep(&guest_that_reads("household.key", "code", body)),
            Ok(())
        );
    }
}
