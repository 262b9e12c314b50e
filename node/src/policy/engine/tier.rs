//! Which limits a component gets: an interpreter that carries its program needs more of everything.
//!
//! | | compiled | interpreted |
//! |---|---|---|
//! | what it is | up to 4 MiB: Rust and its like | more: Python, JavaScript |
//! | component | 4 MiB | 32 MiB |
//! | memory | 64 MiB | 128 MiB |
//! | fuel of a call, and of each slot | 0.5 G, 50,000 | 10 G, 2 M |
//! | core instances, tables, elements of a table | 4, 4, 20,000 | 64, 16, 60,000 |
//! | compiling, when it is admitted | optimised, 60 s | not optimised, 180 s |
//!
//! The size decides, and nothing that a component says of itself. A Rust policy has some 250 KB, an
//! interpreter 10 to 20 MB, so that nobody stands near the line; and whoever blows a small policy up
//! to cross it pays with the time that compiling takes. Time, output and diagnostics are the same
//! for both: a county waits for a policy as long as it waits, in whatever language it is written.

use std::time::Duration;

use super::Limits;

/// The largest component that counts as compiled.
pub const COMPILED_BYTES: usize = 4 << 20;

/// What kind of program a component is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tier {
    /// Machine code of a compiler.
    Compiled,
    /// An interpreter with its program.
    Interpreted,
}

impl Tier {
    /// Of a component with so many bytes.
    pub fn of(component_bytes: usize) -> Self {
        if component_bytes > COMPILED_BYTES {
            Self::Interpreted
        } else {
            Self::Compiled
        }
    }
}

impl Limits {
    /// These limits for a component of a tier. Those of a compiled one are never wider than these.
    #[must_use]
    pub fn for_tier(&self, tier: Tier) -> Self {
        match tier {
            Tier::Compiled => Self {
                component_bytes: self.component_bytes.min(COMPILED_BYTES),
                ..self.clone()
            },
            Tier::Interpreted => Self {
                memory_bytes: self.memory_bytes.saturating_mul(2),
                core_instances: 64,
                tables: 16,
                table_elements: 60_000,
                fuel: self.fuel.saturating_mul(20),
                fuel_per_slot: self.fuel_per_slot.saturating_mul(40),
                compile: self.compile.saturating_mul(3),
                // Quicker to compile by a third or more; an interpreter is slow by itself.
                optimised: false,
                ..self.clone()
            },
        }
    }
}

/// How long a compiled component may take to be compiled.
pub(super) const COMPILE: Duration = Duration::from_secs(60);
