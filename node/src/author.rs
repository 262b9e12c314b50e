//! What a developer uses to write a policy on their own machine: `lika policy new`, `build`, `test` and the rest.
//!
//! ```text
//! templates ─▶ project ─▶ build ─▶ component ─▶ gates ─▶ policy ─▶ examples, explanation
//!              policy.toml  toolchain           those of a node     trial
//! ```
//!
//! A component is tried on the very host that a node has: the same limits, the same confined child, the same checks of
//! what comes back. Nothing here talks to a node, and no node uses anything of it.

pub mod project;
pub mod template;

pub mod build;
pub mod doctor;

pub mod capture;
pub mod speed;
pub mod trial;

#[cfg(test)]
mod tests;
