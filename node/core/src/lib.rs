//! The rules of Lika: records, commands and the log, without I/O, clock, randomness or runtime.
//!
//! Core decides; everything around it does. A command comes in, [`command::decide`] holds it against the current
//! records and answers with drafts or a refusal; the store gives drafts their place in the [`log`]. What is personal,
//! how a record is found and what it adds to the totals is declared with its kind in [`record`].
//!
//! Start with [`record`] for the data, [`command`] for the rules, [`log`] for what is kept for ever.

pub mod authority;
pub mod cases;
pub mod codes;
pub mod command;
pub mod duties;
pub mod household_life;
pub mod income_year;
pub mod indicator;
pub mod loan;
pub mod log;
pub mod measure;
pub mod monitoring;
pub mod ranking;
pub mod record;
pub mod rollup;
pub mod shell;
pub mod statistics;
pub mod succession;
pub mod suppression;
pub mod value;
pub mod whole_village;
pub mod working_days;
