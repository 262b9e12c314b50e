//! Where policies run: in children of this process, one for each policy, which hold no rights.
//!
//! ```text
//!  callers ─▶ Policy ─▶ Place ── breaker, back-off ──▶ Process ═ stdin/stdout ═▶ lika policy-host
//!               ▲         one policy, one call at a time          frames         confined, engine
//!               └ answers checked, digests made
//! ```
//!
//! A child runs one component and no other. So a policy that loops or crashes stops nobody else's
//! call; whose fault an ended process is needs no guessing; and a guest that breaks out of the
//! engine finds only what it was given anyway, and can lie only about itself. What that costs is
//! memory for each policy. Calls of one policy go one after another, which is quick enough: 60,000
//! households are some seconds.
//!
//! The first child of a component compiles it and hands the machine code out before any of it runs;
//! the node keeps it (`cache`), and later children only load it.
//!
//! What ends a call: the engine's own limits; a deadline above them, after which the child is
//! killed; the end of the child. Each is a [`Failure`], and the next call finds a new child. Children
//! that keep ending are started with growing pauses, and policies that keep failing are suspended
//! (`breaker`): meanwhile every call is answered at once with a failure, never with another answer.

pub(super) mod breaker;
pub(super) mod cache;
pub(crate) mod frame;
mod place;
mod process;
mod rooms;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use thiserror::Error as DeriveError;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

pub use self::cache::Cache;
use self::place::Duty;
pub(super) use self::place::Place;
pub use self::process::HostProgram;
use self::process::{Process, Starter};
use self::rooms::Rooms;
use super::admission::{self, Refusal};
use super::child::Confinement;
use super::digest::Digest;
use super::engine::{self, Engine, Limits};
use super::evaluation::{Failure, Policy, Runner};
use crate::clock::Stopwatch;

/// Runs policies. Cheap to clone; one serves a whole process.
#[derive(Clone)]
pub struct Host(Mode);

#[derive(Clone)]
enum Mode {
    InProcess(Engine),
    Children(Arc<Children>, Duty),
}

/// What all children have in common.
pub(crate) struct Children {
    program: HostProgram,
    limits: Limits,
    starter: Starter,
    rooms: Arc<Rooms>,
    cache: Cache,
    /// How many there have been.
    compilations: AtomicU64,
    watch: Stopwatch,
    /// Whether the log knows which protections this kernel has.
    told: AtomicBool,
    /// Who hears of suspensions.
    suspensions: OnceLock<UnboundedSender<Suspension>>,
}

/// A policy that keeps failing, and is not asked for a while.
#[derive(Clone, Debug)]
pub struct Suspension {
    /// The policy's component.
    pub component: Digest,
    /// Its last failure.
    pub cause: Failure,
}

/// The host cannot be set up.
#[derive(Debug, DeriveError)]
#[error("the thread that starts the processes of policies cannot be started")]
pub struct Error(#[source] std::io::Error);

impl Host {
    /// A host whose policies run in children of this process, for a tool that has one policy at a
    /// time: it keeps no machine code but the last.
    pub fn start(program: HostProgram, limits: Limits) -> Result<Self, Error> {
        Self::start_with(program, limits, Cache::in_memory())
    }

    /// A host whose policies run in children of this process and whose machine code is kept there. A
    /// first child is started to learn what protections there are; where that does not work, the log
    /// says so, and calls answer [`Failure::Unavailable`] until it does.
    pub fn start_with(program: HostProgram, limits: Limits, cache: Cache) -> Result<Self, Error> {
        // A child has one call at a time.
        let limits = Limits {
            instances: 1,
            ..limits
        };
        let children = Children {
            program,
            limits,
            starter: Starter::new().map_err(Error)?,
            rooms: Arc::default(),
            cache,
            compilations: AtomicU64::new(0),
            watch: Stopwatch::start(),
            told: AtomicBool::new(false),
            suspensions: OnceLock::new(),
        };
        if let Err(failure) = children.start_process(&children.limits) {
            tracing::error!(%failure, "policies cannot be run");
        }
        Ok(Self(Mode::Children(Arc::new(children), Duty::Record)))
    }

    /// A host whose policies run in this process, with the engine's limits and no other
    /// protection: for tests and for tools of authors.
    pub fn in_process(engine: Engine) -> Self {
        Self(Mode::InProcess(engine))
    }

    /// Examines a component and admits it, or says what is wrong with it. What it says of itself,
    /// and its digest, are known from then on without asking it.
    pub fn admit(&self, component: &[u8]) -> Result<Policy, Refusal> {
        let (children, duty) = match &self.0 {
            Mode::InProcess(engine) => return engine.admit(component),
            Mode::Children(children, duty) => (children, *duty),
        };
        admission::check_bytes(&children.limits, component)?;
        let (place, manifest) = Place::admit(children, duty, component)?;
        let digest = place.digest();
        Ok(Policy::new(digest, manifest, Runner::Child(place)))
    }

    /// A host for trials, which has nothing in common with what ran before: what it admits runs on an
    /// engine of its own. With children, each admission is that already, and only the machine code
    /// is the same; what a policy does on trial is told to nobody, since nobody waits for it.
    pub fn apart(&self) -> Result<Self, engine::Error> {
        match &self.0 {
            Mode::InProcess(engine) => {
                let limits = Limits {
                    instances: 1,
                    ..engine.limits().clone()
                };
                Engine::new(limits).map(Self::in_process)
            }
            Mode::Children(children, _) => {
                Ok(Self(Mode::Children(Arc::clone(children), Duty::Trial)))
            }
        }
    }

    /// Every policy that decides for the record and is suspended from now on, once until it answers
    /// again; for the first who asks.
    pub fn suspensions(&self) -> UnboundedReceiver<Suspension> {
        let (tell, hear) = unbounded_channel();
        if let Mode::Children(children, _) = &self.0 {
            // Whoever asks later hears nothing.
            let _ = children.suspensions.set(tell);
        }
        hear
    }

    /// What a policy may use up.
    pub fn limits(&self) -> &Limits {
        match &self.0 {
            Mode::InProcess(engine) => engine.limits(),
            Mode::Children(children, _) => &children.limits,
        }
    }

    /// Lets go of machine code of all but these components.
    pub fn retain(&self, components: &[Digest]) {
        if let Mode::Children(children, _) = &self.0 {
            children.cache.retain(components, &children.limits);
        }
    }

    /// How often children of this host have compiled a component; all others have loaded theirs.
    pub fn compilations(&self) -> u64 {
        match &self.0 {
            Mode::InProcess(_) => 0,
            Mode::Children(children, _) => children.compilations.load(Ordering::Relaxed),
        }
    }

    /// The policies whose processes wait for a call, with their process ids.
    pub fn idle(&self) -> Vec<(Digest, u32)> {
        let Mode::Children(children, _) = &self.0 else {
            return Vec::new();
        };
        let places = children.rooms.places();
        let idle = places.iter().filter_map(|place| {
            let id = place.idle_process()?;
            Some((place.digest(), id))
        });
        idle.collect()
    }
}

impl Children {
    fn now(&self) -> Duration {
        self.watch.elapsed()
    }

    fn tell_suspended(&self, component: Digest, cause: &Failure) {
        if let Some(suspensions) = self.suspensions.get() {
            let cause = cause.clone();
            // Nobody may listen any more.
            let _ = suspensions.send(Suspension { component, cause });
        }
    }

    fn start_process(&self, limits: &Limits) -> Result<Process, Failure> {
        let (process, confinement) = Process::start(&self.starter, &self.program, limits)
            .map_err(|cause| Failure::Unavailable { cause })?;
        if !self.told.swap(true, Ordering::Relaxed) {
            tell(&confinement);
        }
        Ok(process)
    }
}

fn tell(confinement: &Confinement) {
    let held: Vec<String> = confinement.held.iter().map(ToString::to_string).collect();
    tracing::info!(held = held.join(", "), "policies run in confined processes");
    for (protection, cause) in &confinement.lacking {
        tracing::warn!(%protection, cause, "this kernel does not confine policies fully");
    }
}
