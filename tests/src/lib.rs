//! The harness of the end-to-end tests: nodes as processes of the built binary, in temporary folders, on addresses that
//! the system chooses.
//!
//! Nothing here looks into a node: what a test learns, it learns through the command line, through gRPC, or from the
//! files. [`Pair`] is a county below a province, [`Node`] one of them, [`Client`] calls it, [`Sample`] is the data.
//! Whatever is started is killed, by its own process id, when its owner goes out of scope.
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a harness that cannot go on is a failed test, and the panic is its report"
)]

pub mod built;
mod client;
mod command_line;
mod door;
mod node;
mod officer;
mod pair;
mod policies;
mod record;
mod sample;
pub mod search;
mod tiers;
mod wait;

pub use self::{
    client::{Client, Totals, Watched, code_of},
    command_line::{Ran, Started, lika},
    door::Door,
    node::{Ended, Node},
    officer::{Officer, create},
    pair::Pair,
    policies::InForce,
    record::{apply, area, changed, household, new, numbered, shown},
    sample::{Sample, Sheet, request},
    tiers::{Tier, Tiers, below},
    wait::until,
};
