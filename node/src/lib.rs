//! The node: one small binary that a county, a prefecture or a province runs.

pub mod crash;
pub mod files;
pub mod sample;
