//! The boundary, generated from `sdk/wit`.

#![allow(
    unsafe_code,
    missing_docs,
    reason = "generated: passing values into a component's memory is unsafe inside"
)]

pub(super) mod subject {
    wasmtime::component::bindgen!({
        path: "../sdk/wit",
        world: "subject",
        // A manifest travels from the child as the component gave it, and is parsed by the node.
        additional_derives: [serde::Serialize, serde::Deserialize],
    });
}

pub(super) mod group {
    wasmtime::component::bindgen!({
        path: "../sdk/wit",
        world: "group",
        with: {
            "lika:policy/types": crate::policy::bindings::subject::lika::policy::types,
            "lika:policy/diagnostics": crate::policy::bindings::subject::lika::policy::diagnostics,
        },
    });
}

pub(super) use subject::lika::policy::{diagnostics, types};
