//! Guests that misbehave: each is refused or fails in its own typed way, and the engine goes on.

use std::time::Duration;

use lika_guests::{
    FORBIDDEN_IMPORT, HONEST, HUGE_ANSWER, LOOP, MEMORY_BOMB, RECURSION, WRONG_VERSION, component,
    guest,
};

use super::ENGINE;
use crate::policy::check::Violation;
use crate::policy::{
    Engine, Failure, Input, InputBuilder, Limits, Outcome, Policy, Refusal, Value,
};

fn admit(engine: &Engine, evaluate: &str) -> Policy {
    engine.admit(&guest(evaluate)).unwrap()
}

fn household(policy: &Policy) -> Input {
    let mut builder = InputBuilder::new(policy.describe(), 0);
    builder.row(0, None, |_| Value::Fen(100)).unwrap();
    builder.finish()
}

fn evaluate(engine: &Engine, body: &str) -> Result<(), Failure> {
    let policy = admit(engine, body);
    let settings = policy.settings("{}").unwrap();
    policy
        .evaluate(&settings, &household(&policy))
        .result
        .map(drop)
}

/// Evaluates a hostile guest, and an honest one afterwards on the same engine.
fn failure(body: &str) -> Failure {
    let failure = evaluate(&ENGINE, body).unwrap_err();
    assert_eq!(evaluate(&ENGINE, HONEST), Ok(()));
    failure
}

fn refusal(text: &str) -> Refusal {
    ENGINE.admit(&component(text)).err().unwrap()
}

#[test]
fn an_honest_guest_is_heard() {
    let policy = admit(&ENGINE, HONEST);
    assert_eq!(policy.describe().tables[0].facts[0].key, "income");
    let settings = policy.settings("{}").unwrap();
    let evaluation = policy.evaluate(&settings, &household(&policy));
    assert_eq!(
        evaluation.result.as_ref().unwrap().decisions[0].outcome,
        Outcome::Undetermined
    );
    assert_eq!(evaluation, policy.evaluate(&settings, &household(&policy)));
}

#[test]
fn an_endless_loop_runs_out_of_fuel() {
    assert_eq!(failure(LOOP), Failure::OutOfFuel);
}

#[test]
fn an_endless_loop_with_much_fuel_runs_out_of_time() {
    let limits = Limits {
        fuel: u64::MAX,
        time: Duration::from_millis(50),
        instances: 2,
        ..Limits::default()
    };
    let engine = Engine::new(limits).unwrap();
    let failure = evaluate(&engine, LOOP).unwrap_err();
    assert_eq!(failure, Failure::TimedOut);
    assert!(!failure.is_reproducible());
    assert_eq!(evaluate(&engine, HONEST), Ok(()));
}

#[test]
fn a_memory_bomb_meets_its_limit() {
    assert_eq!(
        failure(MEMORY_BOMB),
        Failure::OutOfMemory { limit: 64 << 20 }
    );
}

#[test]
fn a_trap_is_named() {
    let Failure::Trapped { cause, .. } = failure("(unreachable)") else {
        panic!("another failure")
    };
    assert!(cause.contains("unreachable"), "{cause}");
}

#[test]
fn recursion_without_end_is_a_trap() {
    let Failure::Trapped { cause, .. } = failure(RECURSION) else {
        panic!("another failure")
    };
    assert!(cause.contains("stack"), "{cause}");
}

#[test]
fn an_answer_that_is_too_large_is_not_taken() {
    assert_eq!(failure(HUGE_ANSWER), Failure::OutputTooLarge);
}

#[test]
fn an_answer_without_a_decision_is_rubbish() {
    let expected = Failure::Rubbish(Violation::Subject {
        expected: 0,
        found: None,
    });
    assert_eq!(failure("(i32.const 512)"), expected);
}

#[test]
fn a_refusal_without_a_reason_is_rubbish() {
    let body = HONEST.replace(
        "(i32.store8 (i32.const 604) (i32.const 2))",
        "(i32.store8 (i32.const 604) (i32.const 1))",
    );
    assert_eq!(
        failure(&body),
        Failure::Rubbish(Violation::NoReason { subject: 0 })
    );
}

#[test]
fn an_address_outside_the_memory_is_a_failure() {
    assert!(matches!(
        failure("(i32.const -4)"),
        Failure::Trapped { .. } | Failure::Broken { .. }
    ));
}

#[test]
fn an_outcome_that_does_not_exist_is_a_failure() {
    let body = HONEST.replace(
        "(i32.store8 (i32.const 604) (i32.const 2))",
        "(i32.store8 (i32.const 604) (i32.const 9))",
    );
    assert!(matches!(
        failure(&body),
        Failure::Trapped { .. } | Failure::Broken { .. }
    ));
}

#[test]
fn an_input_that_does_not_fit_is_the_callers_fault() {
    let policy = admit(&ENGINE, HONEST);
    let settings = policy.settings("{}").unwrap();
    let mut input = household(&policy);
    input.tables[0].rows = 2;
    let violation = Violation::Shape {
        table: "household".into(),
    };
    assert_eq!(
        policy.evaluate(&settings, &input).result,
        Err(Failure::Input(violation))
    );
}

#[test]
fn an_import_is_refused() {
    let refusal = refusal(FORBIDDEN_IMPORT);
    assert_eq!(
        refusal,
        Refusal::ForbiddenImport {
            name: "wasi:clocks/monotonic-clock@0.2.0".into()
        }
    );
    assert!(refusal.to_string().contains("no clock"));
}

#[test]
fn another_version_is_refused_in_words() {
    let found = "lika:policy/subject-policy@0.2.0";
    let refused = refusal(WRONG_VERSION);
    assert_eq!(
        refused,
        Refusal::WrongVersion {
            found: found.into()
        }
    );
    let sentence = "the component was built for `lika:policy/subject-policy@0.2.0`, this node runs lika:policy@0.1.0: \
        build it again with the SDK of this version";
    assert_eq!(refused.to_string(), sentence);
    let imports = refusal(r#"(component (import "lika:policy/diagnostics@0.2.0" (instance)))"#);
    assert_eq!(
        imports,
        Refusal::WrongVersion {
            found: "lika:policy/diagnostics@0.2.0".into()
        }
    );
}

#[test]
fn what_is_no_policy_is_refused() {
    assert_eq!(refusal("(module)"), Refusal::CoreModule);
    assert_eq!(refusal("(component)"), Refusal::NoPolicy);
    let empty = r#"(component (instance $none) (export "lika:policy/group-policy@0.1.0" (instance $none)))"#;
    assert!(matches!(refusal(empty), Refusal::WrongTypes { .. }));
    assert!(matches!(
        ENGINE.admit(b"\0asm rubbish").err(),
        Some(Refusal::Malformed { .. })
    ));
    assert!(matches!(
        ENGINE.admit(b"(component)").err(),
        Some(Refusal::Malformed { .. })
    ));
}

#[test]
fn what_is_too_large_is_refused_unread() {
    let limit = ENGINE.limits().component_bytes;
    assert_eq!(
        ENGINE.admit(&vec![0; limit + 1]).err(),
        Some(Refusal::TooLarge {
            bytes: limit + 1,
            limit
        })
    );
}
