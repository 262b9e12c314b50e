//! The host of policies: components that judge facts, run where they can do no harm.
//!
//! Everything here is synchronous and plain data: call it from a blocking thread. The host knows
//! nothing of records; it takes an [`Input`] of facts and gives an [`Evaluation`]. What facts there
//! are, and how records become facts, is in [`facts`]. Nothing outside this folder names the engine.
//!
//! ```text
//! component bytes ─▶ Engine::admit ─▶ Policy ─▶ settings ─▶ evaluate(settings, input)
//!                        │ Refusal                              │
//!                        ▼                                      ▼ fresh instance, fuel, deadline,
//!                     a sentence                                  memory; answer checked
//! ```
//!
//! A trap, a time-out, an exhausted limit or an answer that breaks a rule is a [`Failure`]: every
//! subject is then *undetermined*, and the engine goes on unharmed.

pub mod admission;
pub mod answer;
pub mod check;
pub mod codec;
pub mod digest;
pub mod engine;
pub mod evaluation;
pub mod facts;
pub mod input;
pub mod manifest;
pub mod verdict;

mod bindings;

pub use admission::Refusal;
pub use answer::{Answer, Outcome};
pub use digest::Digest;
pub use engine::{Engine, Limits};
pub use evaluation::{Evaluation, Failure, Line, Policy, Settings};
pub use input::{Input, InputBuilder, Value};
pub use manifest::{Family, Kind, Manifest};
pub use verdict::{Verdict, verdicts};

#[cfg(test)]
pub(crate) mod tests;
