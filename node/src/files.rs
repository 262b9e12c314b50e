//! Spreadsheets in and out.
//!
//! [`import::plan`] reads a file with the national headings and says what it would change; it writes nothing. The
//! changes of a plan are one command. [`export`] writes the same headings, so that importing an export changes nothing.
//!
//! [`lists::plan`] reads the other lists that a county keeps; [`template`] writes what they look like.
//!
//! What stands in a file is somebody else's: it is bounded before it is read, and personal values are masked in faults.

pub mod areas;
pub mod column;
pub mod comparison;
pub mod export;
pub mod fault;
mod fields;
pub mod import;
pub mod lists;
pub mod payments;
mod place;
pub mod sheets;
pub mod table;
pub mod template;
pub mod writer;

#[cfg(test)]
mod tests;

pub use self::{
    column::Column,
    fault::{Fault, Faults, Severity},
    import::{Class, Faulty, Known, Plan, Progress, Settings, Stage, Summary, plan},
    table::{Error, Table},
    writer::Format,
};
