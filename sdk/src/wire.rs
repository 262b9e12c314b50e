//! The types of `wit/policy.wit`, generated; the same on both sides of the boundary.

/// The world of policies that judge one subject at a time.
#[allow(
    missing_docs,
    unsafe_code,
    clippy::mem_forget,
    reason = "generated: the boundary to the component's host is raw memory"
)]
pub mod subject {
    wit_bindgen::generate!({
        path: "wit",
        world: "subject",
        pub_export_macro: true,
        default_bindings_module: "lika_sdk::wire::subject",
        additional_derives: [PartialEq],
    });
}

/// The world of policies that share something out inside a group.
#[allow(
    missing_docs,
    unsafe_code,
    clippy::mem_forget,
    reason = "generated: the boundary to the component's host is raw memory"
)]
pub mod group {
    wit_bindgen::generate!({
        path: "wit",
        world: "group",
        pub_export_macro: true,
        default_bindings_module: "lika_sdk::wire::group",
        with: { "lika:policy/types@0.1.0": crate::wire::subject::lika::policy::types },
    });
}

pub use subject::lika::policy::types;
