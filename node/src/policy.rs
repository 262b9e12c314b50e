//! The host of policies: components that judge facts, run where they can do no harm.
//!
//! Everything here is synchronous and plain data: call it from a blocking thread. The host knows
//! nothing of records; it takes an [`Input`] of facts and gives an [`Evaluation`]. What facts there
//! are, and how records become facts, is in [`facts`]. Nothing outside this folder names the engine.
//!
//! ```text
//! component bytes ─▶ Host::admit ─▶ Policy ─▶ settings ─▶ evaluate(settings, input)
//!                        │ Refusal                             │
//!                        ▼                                     ▼ in a confined process of its own: fresh
//!                     a sentence                                 instance, fuel, deadline, memory;
//!                                                                answer checked on this side
//! ```
//!
//! A trap, a time-out, an exhausted limit, an answer that breaks a rule or the end of the process is
//! a [`Failure`]: every subject is then *undetermined*, and the node goes on unharmed. The node's
//! side of the processes is in [`host`], the other one in [`child`].

pub mod admission;
pub mod answer;
pub mod check;
pub mod child;
pub mod codec;
pub mod conformance;
pub mod digest;
pub mod engine;
pub mod evaluation;
pub mod facts;
pub mod gates;
pub mod host;
pub mod input;
pub mod manifest;
pub mod package;
pub mod peak;
pub mod preview;
pub mod verdict;

mod bindings;
mod compiled;
mod machine_code;

pub use admission::Refusal;
pub use answer::{Answer, Outcome};
pub use digest::Digest;
pub use engine::{Engine, Limits};
pub use evaluation::{Evaluation, Failure, Line, Policy, Settings, Trace, Used};
pub use host::{Cache, Host, HostProgram};
pub use input::{Input, InputBuilder, Value};
pub use manifest::{Family, Kind, Manifest, Monotone};
pub use package::{Package, Trust};
pub use peak::Peak;
pub use preview::Part;
pub use verdict::{Verdict, verdicts};

#[cfg(test)]
mod tests;
