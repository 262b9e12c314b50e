//! Machine code: a component as the engine's compiler leaves it, so that the next child need not compile it.
//!
//! The node keeps it in between (`host/cache.rs`).

use wasmtime::CodeBuilder;
use wasmtime::component::Component;

use super::admission::{self, Refusal};
use super::engine::Engine;

/// Compiles a component. Nothing of it runs.
pub(super) fn compile(engine: &Engine, component: &[u8]) -> Result<Vec<u8>, Refusal> {
    let mut builder = CodeBuilder::new(engine.wasmtime());
    // Text is a convenience of the engine for its own tests and no component.
    let compiled = builder
        .wasm_binary(component, None)
        .and_then(|builder| builder.compile_component_serialized());
    compiled.map_err(admission::malformed)
}

/// Takes what [`compile`] has made, here or in a child of the same program. Where the engine sees that it cannot run
/// here, it says why: another version, other settings, a processor that lacks something.
#[expect(
    unsafe_code,
    reason = "an interpreter takes ten seconds to compile; the one other way to run it again is this"
)]
pub(super) fn load(engine: &Engine, code: &[u8]) -> Result<Component, String> {
    // SAFETY: the engine asks for the unchanged bytes of its own compiler, and that is what these are.
    //
    // - A child compiles before anything of its component has run, and compiles once: no guest has had a hand in it.
    // - In between, the node alone has the bytes. It keeps them under the names of the component and of the compiler,
    //   with a code of authentication over both names and the bytes, made with a key that no child ever sees. What
    //   does not authenticate, or was kept by a program with another compiler, never gets here.
    // - The engine itself refuses what was compiled by another version, with other settings or for another processor.
    //
    // Were all of that wrong, what runs is what an escaped guest would be: in a confined child that holds this one
    // policy and nothing else.
    let loaded = unsafe { Component::deserialize(engine.wasmtime(), code) };
    loaded.map_err(|error| format!("{error:#}"))
}
