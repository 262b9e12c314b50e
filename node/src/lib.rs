//! The node: one small binary that a county, a prefecture or a province runs.
//!
//! ```text
//!  gateway ── who calls, what they may, one door      wire ── gRPC and TLS        console ── pages
//!  store ──── the log and the registry                federation ── the link up and down
//!  policy ─── sandboxed rules                         files ── spreadsheets       pki ── certificates
//!  evidence ─ signed checkpoints, proofs               duplicates ─ one person in two counties, on tokens
//! ```
//!
//! The rules are not here but in `lika-core`, which knows no I/O. Edges never import each other; [`serve`] introduces
//! them, as [`config`] says. [`cli`] is the command line, [`sample`] and [`demo`] show the whole with a made-up county.

pub mod author;
pub mod blobs;
pub mod cli;
pub mod clock;
pub mod config;
pub mod console;
pub mod crash;
pub mod demo;
pub mod duplicates;
pub mod duties;
pub mod enrolment;
pub mod evidence;
pub mod federation;
pub mod files;
pub mod gateway;
#[cfg(test)]
mod laws;
pub mod pki;
pub mod policy;
pub mod priority;
pub mod procedures;
pub mod sample;
pub mod scenario;
pub mod serve;
pub mod setup;
pub mod store;
pub mod telemetry;
pub mod views;
pub mod wire;
