//! What a component is decides what it may use up.

use lika_guests::{HONEST, LOOP, guest};

use crate::policy::engine::{Tier, tier::COMPILED_BYTES};
use crate::policy::{Engine, Failure, InputBuilder, Limits, Refusal, Value};

/// A guest with so many bytes more: a custom section that nobody reads.
fn padded(evaluate: &str, bytes: usize) -> Vec<u8> {
    let mut component = guest(evaluate);
    let mut section = vec![3];
    section.extend(b"pad");
    section.resize(bytes, 0);
    component.push(0);
    let mut length = section.len();
    while length >= 0x80 {
        component.push(u8::try_from(length & 0x7f).unwrap() | 0x80);
        length >>= 7;
    }
    component.push(u8::try_from(length).unwrap());
    component.extend(section);
    component
}

#[test]
fn the_size_decides() {
    assert_eq!(Tier::of(250_000), Tier::Compiled);
    assert_eq!(Tier::of(COMPILED_BYTES), Tier::Compiled);
    assert_eq!(Tier::of(COMPILED_BYTES + 1), Tier::Interpreted);
}

#[test]
fn a_compiled_policy_gets_no_more_than_before() {
    let all = Limits::default();
    let compiled = all.for_tier(Tier::Compiled);
    let expected = Limits {
        component_bytes: COMPILED_BYTES,
        ..all
    };
    assert_eq!(compiled, expected);
}

#[test]
fn an_interpreter_gets_more_but_no_more_time_and_no_larger_answer() {
    let all = Limits::default();
    let interpreted = all.for_tier(Tier::Interpreted);
    assert!(interpreted.fuel > all.fuel && interpreted.memory_bytes > all.memory_bytes);
    assert_eq!(interpreted.time, all.time);
    assert_eq!(interpreted.output_for(1_000), all.output_for(1_000));
    assert_eq!(interpreted.lines, all.lines);
    assert_eq!(interpreted.component_bytes, all.component_bytes);
}

#[test]
fn an_engine_for_compiled_policies_refuses_an_interpreter_unread() {
    let limits = Limits {
        instances: 1,
        ..Limits::default().for_tier(Tier::Compiled)
    };
    let engine = Engine::new(limits).unwrap();
    let refused = engine.admit(&vec![0; COMPILED_BYTES + 1]).err();
    let expected = Refusal::TooLarge {
        bytes: COMPILED_BYTES + 1,
        limit: COMPILED_BYTES,
    };
    assert_eq!(refused, Some(expected));
}

#[test]
fn a_large_component_is_held_to_limits_too() {
    let component = padded(LOOP, COMPILED_BYTES);
    let limits = Limits {
        instances: 1,
        fuel: 1_000_000,
        fuel_per_slot: 0,
        ..Limits::default()
    };
    let limits = limits.for_tier(Tier::of(component.len()));
    assert_eq!(limits.fuel, 20_000_000);
    let engine = Engine::new(limits).unwrap();
    let judge = |component: &[u8]| {
        let policy = engine.admit(component).unwrap();
        let mut builder = InputBuilder::new(policy.describe(), 0);
        builder.row(0, None, |_| Value::Fen(100)).unwrap();
        let settings = policy.settings("{}").unwrap();
        policy.evaluate(&settings, &builder.finish()).result
    };
    assert_eq!(judge(&component), Err(Failure::OutOfFuel));
    assert!(judge(&padded(HONEST, COMPILED_BYTES)).is_ok());
}
