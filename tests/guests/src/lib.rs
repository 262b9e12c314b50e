//! Guests written by hand, for tests: components of the subject world that do whatever a test wants.
#![allow(
    clippy::unwrap_used,
    reason = "a guest that cannot be written is a failed test, and the panic is its report"
)]

use std::{fmt::Write as _, path::Path};

use wit_component::{ComponentEncoder, StringEncoding};
use wit_parser::Resolve;

/// Loops until somebody stops it.
pub const LOOP: &str = "(loop $again (br $again)) (unreachable)";

/// Calls itself until the stack is used up: functions count from the one that allocates.
pub const RECURSION: &str = "(call 3 (local.get 0) (local.get 1) (local.get 2) (local.get 3)
    (local.get 4) (local.get 5) (local.get 6))";

/// Asks for memory until it gets no more.
pub const MEMORY_BOMB: &str =
    "(loop $again (drop (memory.grow (i32.const 64))) (br $again)) (unreachable)";

/// Hands back 450,000 decisions of 48 bytes, some 20 MiB.
pub const HUGE_ANSWER: &str = "(drop (memory.grow (i32.const 400)))
    (i32.store (i32.const 516) (i32.const 65536)) (i32.store (i32.const 520) (i32.const 450000)) (i32.const 512)";

/// Leaves an answer that says *undetermined* about subject 0.
pub const HONEST: &str =
    "(i32.store (i32.const 516) (i32.const 600)) (i32.store (i32.const 520) (i32.const 1))
    (i32.store8 (i32.const 604) (i32.const 2)) (i32.const 512)";

/// Wants to know what time it is.
pub const FORBIDDEN_IMPORT: &str = r#"(component
    (import "wasi:clocks/monotonic-clock@0.2.0" (instance (export "now" (func (result u64))))))"#;

/// Was built for another version of the contract.
pub const WRONG_VERSION: &str = r#"(component
    (instance $none) (export "lika:policy/subject-policy@0.2.0" (instance $none)))"#;

/// Does something else where the first household has an income of 666 fen, and is honest elsewhere.
pub fn only_at_666(evil: &str) -> String {
    format!(
        "(if (i64.eq (i64.load (i32.load (i32.add (local.get 3) (i32.const 4)))) (i64.const 666))
            (then (drop (block (result i32) {evil}))))
        {HONEST}"
    )
}

/// A module or component of this text.
pub fn component(text: &str) -> Vec<u8> {
    wat::parse_str(text).unwrap()
}

/// A guest of the subject world, written by hand, with this body of `evaluate`.
///
/// It judges a table `household` with one fact `income` and can give one reason, `no`. The answer
/// of `evaluate` lies at 512, the decisions at 600, both zero to begin with.
pub fn guest(evaluate: &str) -> Vec<u8> {
    guest_that_reads("income", "fen", evaluate)
}

/// The same, with another fact of this kind.
pub fn guest_that_reads(fact: &str, kind: &str, evaluate: &str) -> Vec<u8> {
    written(&manifest(fact, kind, None), evaluate)
}

/// The same with an amount of money, of which it declares that the outcome is monotone in this way. It can grant as `yes`.
pub fn guest_that_declares(fact: &str, monotone: &str, evaluate: &str) -> Vec<u8> {
    written(&manifest(fact, "fen", Some(monotone)), evaluate)
}

fn written((data, manifest): &(String, u32), evaluate: &str) -> Vec<u8> {
    let interface = "lika:policy/subject-policy@0.1.0";
    let module = format!(
        r#"(module
            (memory (export "memory") 3)
            (data (i32.const {BASE}) "{data}")
            (global $next (mut i32) (i32.const 65536))
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
                (local $at i32)
                (local.set $at (i32.and (i32.add (global.get $next) (i32.const 15)) (i32.const -16)))
                (global.set $next (i32.add (local.get $at) (local.get 3)))
                (local.get $at))
            (func (export "{interface}#describe") (result i32) (i32.const {manifest}))
            (func (export "{interface}#validate-settings") (param i32 i32) (result i32) (i32.const 1016))
            (func (export "{interface}#evaluate") (param i32 i32 i32 i32 i32 i32 i32) (result i32) {evaluate}))"#
    );
    let mut module = component(&module);
    let mut resolve = Resolve::default();
    let wit = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sdk/wit");
    let (package, _) = resolve.push_dir(wit).unwrap();
    let world = resolve.select_world(&[package], Some("subject")).unwrap();
    wit_component::embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8)
        .unwrap();
    ComponentEncoder::default()
        .validate(true)
        .module(&module)
        .unwrap()
        .encode()
        .unwrap()
}

const BASE: u32 = 1024;

/// The guest's memory from [`BASE`], as the escapes of a text module, and the address of its
/// manifest in it.
fn manifest(key: &str, kind: &str, monotone: Option<&str>) -> (String, u32) {
    let mut memory = Memory::default();
    let (notes, categories) = match monotone {
        None => ((0, 0), (0, 0)),
        Some(way) => {
            let note = [memory.text("monotone"), memory.text(way)];
            let label = [memory.text("yes"); 3];
            ((memory.words(&note), 1), (memory.words(&label), 1))
        }
    };
    let fact = [
        memory.text(key),
        memory.text(kind),
        (1, 0),
        memory.text(key),
        notes,
    ];
    let facts = memory.words(&fact);
    let name = memory.text("household");
    let table = memory.words(&[name]);
    // No parent, then the facts, then no notes: the option takes three words.
    memory.raw(&[0, 0, 0, facts, 1, 0, 0]);
    let (no, sentence) = (memory.text("no"), memory.text("no"));
    let reason = memory.words(&[no, sentence, sentence, (0, 0)]);
    let schema = memory.text("{}");
    let (hand, version, screening, family) = (
        memory.text("hand"),
        memory.text("0.1.0"),
        memory.text("screening"),
        memory.text("subject"),
    );
    let manifest = memory.words(&[hand, version, screening, family, hand, hand, hand, name]);
    memory.words(&[(table, 1), categories, (reason, 1), (0, 0), (0, 0)]);
    memory.raw(&[0, 0, 0]);
    memory.words(&[schema, (0, 0)]);
    let mut data = String::new();
    memory
        .0
        .iter()
        .for_each(|byte| write!(data, "\\{byte:02x}").unwrap());
    (data, manifest)
}

#[derive(Default)]
struct Memory(Vec<u8>);

impl Memory {
    fn next(&self) -> u32 {
        BASE + u32::try_from(self.0.len()).unwrap()
    }

    /// A text, padded so that what follows is aligned; its address and length.
    fn text(&mut self, text: &str) -> (u32, u32) {
        let at = self.next();
        self.0.extend(text.as_bytes());
        self.0.resize(self.0.len().next_multiple_of(4), 0);
        (at, u32::try_from(text.len()).unwrap())
    }

    fn words(&mut self, pairs: &[(u32, u32)]) -> u32 {
        let at = self.next();
        pairs
            .iter()
            .for_each(|(first, second)| self.raw(&[*first, *second]));
        at
    }

    fn raw(&mut self, words: &[u32]) {
        words
            .iter()
            .for_each(|word| self.0.extend(word.to_le_bytes()));
    }
}

/// The body of `evaluate` that says *undetermined* about every subject, with the value of an expression as its score:
/// `$row` is the subject's number, and the word at parameter 3 is how many there are.
pub fn scored(score: &str) -> String {
    let decision = "(i32.add (i32.const 98304) (i32.mul (local.get $row) (i32.const 48)))";
    format!(
        "(local $row i32)
        (i32.store (i32.const 516) (i32.const 98304)) (i32.store (i32.const 520) (i32.load (local.get 3)))
        (loop $next (if (i32.lt_u (local.get $row) (i32.load (local.get 3))) (then
            (i32.store {decision} (local.get $row))
            (i32.store8 offset=4 {decision} (i32.const 2))
            (i32.store8 offset=32 {decision} (i32.const 1))
            (i64.store offset=40 {decision} {score})
            (local.set $row (i32.add (local.get $row) (i32.const 1)))
            (br $next))))
        (i32.const 512)"
    )
}

/// The body of `evaluate` that grants where this holds of `$value`, the subject's one fact, and refuses otherwise.
pub fn granting(condition: &str) -> String {
    let decision = "(i32.add (i32.const 98304) (i32.mul (local.get $row) (i32.const 48)))";
    let reason = "(i32.add (i32.const 147456) (i32.mul (local.get $row) (i32.const 8)))";
    let slot =
        "(i32.add (i32.load offset=4 (local.get 3)) (i32.mul (local.get $row) (i32.const 8)))";
    format!(
        "(local $row i32) (local $value i64) (local $granted i32)
        (i32.store (i32.const 516) (i32.const 98304)) (i32.store (i32.const 520) (i32.load (local.get 3)))
        (i32.store (i32.const 532) (i32.const 147456)) (i32.store (i32.const 536) (i32.load (local.get 3)))
        (loop $next (if (i32.lt_u (local.get $row) (i32.load (local.get 3))) (then
            (local.set $value (i64.load {slot}))
            (local.set $granted {condition})
            (i32.store {decision} (local.get $row))
            (i32.store8 offset=4 {decision} (i32.eqz (local.get $granted)))
            (i32.store8 offset=8 {decision} (local.get $granted))
            (i32.store {reason} (local.get $row))
            (local.set $row (i32.add (local.get $row) (i32.const 1)))
            (br $next))))
        (i32.const 512)"
    )
}
