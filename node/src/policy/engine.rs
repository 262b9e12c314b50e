//! The engine: limits, the clock that stops endless loops, fresh instances.

pub(super) mod tier;

use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use thiserror::Error as DeriveError;
use wasmtime::component::{Component, Linker};
use wasmtime::{
    Config, EngineWeak, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig,
    ResourceLimiter, Store, Trap,
};

pub use self::tier::Tier;
use super::admission::{self, Refusal};
use super::bindings::diagnostics;
use super::digest::Digest;
use super::evaluation::{Failure, Line, Policy, Runner, Trace, Used};
use super::manifest::Manifest;

/// Version of the contract, `lika:policy@…` in `sdk/wit`.
pub const CONTRACT: &str = "0.1.0";

/// Everything that can change what a component computes: the engine and how it is set up. Fuel is
/// not part of it, since its prices change between versions of the engine.
pub const PROFILE: &str = "wasmtime-48/nan-canonical/relaxed-simd-deterministic/lika-policy-0.1";

/// Ticks of the engine's clock; the deadline is that exact.
const TICK: Duration = Duration::from_millis(10);

/// What a policy may use up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Bytes of a component.
    pub component_bytes: usize,
    /// Bytes of memory of an instance.
    pub memory_bytes: usize,
    /// Instances at a time.
    pub instances: u32,
    /// Core instances of one component.
    pub core_instances: u32,
    /// Tables of one component.
    pub tables: u32,
    /// Elements of one table.
    pub table_elements: usize,
    /// Time to compile the component.
    pub compile: Duration,
    /// Whether the compiler optimises. It changes how long things take, never what is computed.
    pub optimised: bool,
    /// Fuel of every call; about one unit an instruction.
    pub fuel: u64,
    /// Further fuel for each slot of the input.
    pub fuel_per_slot: u64,
    /// Time of every call.
    pub time: Duration,
    /// Bytes that a call may hand back.
    pub output_bytes: usize,
    /// Further bytes for each slot of the input.
    pub output_bytes_per_slot: usize,
    /// Lines of diagnostics kept of a call.
    pub lines: usize,
}

/// Compiles and runs policies. Cheap to clone; one serves a whole process.
#[derive(Clone)]
pub struct Engine(Arc<Inner>);

struct Inner {
    limits: Limits,
    engine: wasmtime::Engine,
    linker: Linker<State>,
}

/// The engine cannot be set up.
#[derive(Debug, DeriveError)]
pub enum Error {
    /// Usually too little address space for the pool.
    #[error(
        "the policy engine cannot be set up: {0}; lower the number of instances or their memory"
    )]
    Engine(String),
    /// No thread for the clock.
    #[error("the clock of the policy engine cannot be started")]
    Clock(#[source] std::io::Error),
}

/// What belongs to one instance.
pub(super) struct State {
    memory_bytes: usize,
    table_elements: usize,
    memory_exhausted: bool,
    memory_peak: usize,
    most_lines: usize,
    lines: Vec<Line>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            component_bytes: 32 << 20,
            memory_bytes: 64 << 20,
            instances: 16,
            core_instances: 4,
            tables: 4,
            table_elements: 20_000,
            compile: tier::COMPILE,
            optimised: true,
            fuel: 500_000_000,
            fuel_per_slot: 50_000,
            time: Duration::from_secs(10),
            output_bytes: 1 << 20,
            output_bytes_per_slot: 128,
            lines: 100,
        }
    }
}

impl Limits {
    /// The fuel of a call over so many slots.
    pub fn fuel_for(&self, slots: usize) -> u64 {
        let more = self.fuel_per_slot.saturating_mul(slots as u64);
        self.fuel.saturating_add(more)
    }

    /// The bytes that a call over so many slots may hand back.
    pub fn output_for(&self, slots: usize) -> usize {
        let more = self.output_bytes_per_slot.saturating_mul(slots);
        self.output_bytes.saturating_add(more)
    }
}

impl Engine {
    /// Sets the engine up and starts its clock.
    pub fn new(limits: Limits) -> Result<Self, Error> {
        let failed = |error: wasmtime::Error| Error::Engine(format!("{error:#}"));
        let engine = wasmtime::Engine::new(&config(&limits)).map_err(failed)?;
        let mut linker = Linker::new(&engine);
        diagnostics::add_to_linker::<_, wasmtime::component::HasSelf<State>>(
            &mut linker,
            |state| state,
        )
        .map_err(failed)?;
        start_clock(engine.weak()).map_err(Error::Clock)?;
        Ok(Self(Arc::new(Inner {
            limits,
            engine,
            linker,
        })))
    }

    /// Compiles a component and admits it, or says what is wrong with it. It then runs in this
    /// process: nodes use a [`Host`](super::Host) instead.
    pub fn admit(&self, component: &[u8]) -> Result<Policy, Refusal> {
        admission::check_bytes(self.limits(), component)?;
        // Text is a convenience of the engine for its own tests and no component.
        let compiled = Component::from_binary(self.wasmtime(), component);
        let compiled = compiled.map_err(admission::malformed)?;
        let (compiled, described) = admission::examine(self, &compiled)?;
        let manifest = Manifest::parse(compiled.family(), described).map_err(Refusal::Manifest)?;
        let runner = Runner::Here(compiled);
        Ok(Policy::new(Digest::of(component), manifest, runner))
    }

    /// What a policy may use up.
    pub fn limits(&self) -> &Limits {
        &self.0.limits
    }

    pub(super) fn wasmtime(&self) -> &wasmtime::Engine {
        &self.0.engine
    }

    pub(super) fn linker(&self) -> &Linker<State> {
        &self.0.linker
    }

    /// A store for one call over an input with so many slots.
    pub(super) fn store(&self, slots: usize) -> Store<State> {
        let limits = &self.0.limits;
        let state = State {
            memory_bytes: limits.memory_bytes,
            table_elements: limits.table_elements,
            memory_exhausted: false,
            memory_peak: 0,
            most_lines: limits.lines,
            lines: Vec::new(),
        };
        let mut store = Store::new(&self.0.engine, state);
        store.limiter(|state| state);
        store
            .set_fuel(limits.fuel_for(slots))
            .expect("the engine is configured to count fuel");
        let ticks = limits.time.as_millis() / TICK.as_millis();
        store.set_epoch_deadline(u64::from(u32::try_from(ticks).unwrap_or(u32::MAX)) + 1);
        store.set_hostcall_fuel(limits.output_for(slots));
        store
    }

    /// What a call over so many slots leaves behind in its store.
    pub(super) fn trace(&self, store: Store<State>, slots: usize) -> Trace {
        let left = store.get_fuel().unwrap_or(0);
        let State {
            memory_peak, lines, ..
        } = store.into_data();
        let used = Used {
            fuel: self.0.limits.fuel_for(slots).saturating_sub(left),
            memory_bytes: memory_peak,
        };
        Trace { lines, used }
    }
}

/// Names the cause of an error of the engine.
pub(super) fn failure(error: &wasmtime::Error, store: &Store<State>) -> Failure {
    if store.data().memory_exhausted {
        return Failure::OutOfMemory {
            limit: store.data().memory_bytes,
        };
    }
    match error.downcast_ref::<Trap>() {
        Some(Trap::OutOfFuel) => Failure::OutOfFuel,
        Some(Trap::Interrupt) => Failure::TimedOut,
        Some(trap) => Failure::Trapped {
            cause: trap.to_string(),
            last_words: last_words(store.data()),
        },
        // The engine has no type for an exhausted budget of what is handed back.
        None if error.to_string().contains("fuel allocated for hostcalls") => {
            Failure::OutputTooLarge
        }
        None => Failure::Broken {
            cause: format!("{error:#}"),
        },
    }
}

impl ResourceLimiter for State {
    fn memory_growing(
        &mut self,
        _: usize,
        desired: usize,
        _: Option<usize>,
    ) -> wasmtime::Result<bool> {
        if desired > self.memory_bytes {
            self.memory_exhausted = true;
            wasmtime::bail!("a policy has {} bytes of memory", self.memory_bytes);
        }
        self.memory_peak = self.memory_peak.max(desired);
        Ok(true)
    }

    fn table_growing(
        &mut self,
        _: usize,
        desired: usize,
        _: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(desired <= self.table_elements)
    }
}

impl diagnostics::Host for State {
    fn write(&mut self, level: diagnostics::Level, text: String) {
        if self.lines.len() < self.most_lines {
            let level = match level {
                diagnostics::Level::Debug => "debug",
                diagnostics::Level::Info => "info",
                diagnostics::Level::Warning => "warning",
                diagnostics::Level::Error => "error",
            };
            self.lines.push(Line {
                level: level.into(),
                text: text.chars().take(MOST_CHARACTERS).collect(),
            });
        }
    }
}

const MOST_CHARACTERS: usize = 500;

fn last_words(state: &State) -> Option<String> {
    state
        .lines
        .iter()
        .rev()
        .find(|line| line.level == "error")
        .map(|line| line.text.clone())
}

fn config(limits: &Limits) -> Config {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(limits.instances)
        .total_core_instances(limits.instances * limits.core_instances)
        .max_core_instances_per_component(limits.core_instances)
        .total_memories(limits.instances)
        .max_memories_per_component(1)
        .max_memory_size(limits.memory_bytes)
        .total_tables(limits.instances * limits.tables)
        .max_tables_per_component(limits.tables)
        .table_elements(limits.table_elements)
        .linear_memory_keep_resident(64 << 10);
    let mut config = Config::new();
    config
        .allocation_strategy(InstanceAllocationStrategy::Pooling(pool))
        .memory_reservation(limits.memory_bytes as u64)
        .consume_fuel(true)
        .epoch_interruption(true)
        .cranelift_nan_canonicalization(true)
        .relaxed_simd_deterministic(true)
        .concurrency_support(false);
    if !limits.optimised {
        // The compiler's quicker way to allocate registers would save as much again, but its authors do not yet stand
        // in for its safety.
        config.cranelift_opt_level(OptLevel::None);
    }
    config
}

/// Epochs do not advance by themselves, and a policy that loops holds its own thread: hence a
/// thread for the clock, which ends with the engine. It runs when this returns: a thread that is
/// still being set up needs rights that a child gives up next.
fn start_clock(engine: EngineWeak) -> std::io::Result<()> {
    let (started, runs) = mpsc::sync_channel(1);
    let tick = move || {
        // The other end waits for it, so it is there.
        let _ = started.send(());
        while let Some(engine) = engine.upgrade() {
            engine.increment_epoch();
            drop(engine);
            thread::sleep(TICK);
        }
    };
    thread::Builder::new()
        .name("policy-clock".into())
        .spawn(tick)?;
    runs.recv().map_err(std::io::Error::other)
}
