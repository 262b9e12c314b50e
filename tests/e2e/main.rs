//! End to end: real nodes as processes, on addresses that the system chooses, in temporary folders.
//!
//! Each module is one promise of the registry, and each test says what holds.
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests stop at the first surprise, and the panic is the report; helpers of tests are no tests to clippy"
)]

mod alerts;
mod author;
mod bad_input;
mod capture;
mod cases;
mod certificates;
mod changes;
mod comparisons;
mod crashes;
mod damage;
mod demo;
mod dividend;
mod dry_run;
mod duplicates;
mod enrolment;
mod evidence;
mod first_steps;
mod forks;
mod households;
mod imports;
mod independent_client;
mod lifecycle;
mod listing;
mod loans;
mod money;
mod policies;
mod policy_host;
mod preview;
mod privacy;
mod reading;
mod replay;
mod reporting;
mod roles;
mod rollups;
mod scenario;
mod screening;
mod separation;
mod supervision;
mod switch;
mod tiers;
mod views;
mod village_batches;
mod watch;
mod works;
