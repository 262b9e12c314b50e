//! What the child gives up before it reads anything.
//!
//! | protection | so that an escaped guest |
//! |---|---|
//! | inherited descriptors closed, few to be opened | reaches no file or line but its own |
//! | dies with the node's starter thread | does not outlive the node, even if it never reads again |
//! | not dumpable | leaves no image, and is not read by others of its user |
//! | no new privileges, no capabilities | gains nothing by executing, and nothing from being root |
//! | limits of memory and processes | cannot exhaust the machine |
//! | landlock without any rule | opens no file, no port, signals nobody outside |
//! | filter of system calls | cannot even ask for most of it |
//!
//! The address space is not limited, since the engine reserves far more of it than it uses; what
//! may be written to is.

use std::collections::BTreeMap;
use std::{fmt, fs};

use landlock::{ABI, Access, AccessFs, AccessNet, Ruleset, RulesetAttr, RulesetStatus, Scope};
use rustix::process::{
    DumpableBehavior, Resource, Rlimit, Signal, set_dumpable_behavior,
    set_parent_process_death_signal, setrlimit,
};
use rustix::thread::{CapabilitySet, CapabilitySets, set_capabilities, set_no_new_privs};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule,
};
use serde::{Deserialize, Serialize};

/// Memory that can be written to, for everything: compiling an interpreter of 19 MB takes most.
const MEMORY: u64 = 2 << 30;
/// The three of the line and, since instances share the first image of a memory through one without
/// a name, as many as a component may have memories, with one to spare.
const DESCRIPTORS: u64 = 8;
/// What landlock is asked for; an older kernel gives what it has, and says so.
const LANDLOCK: ABI = ABI::V6;

/// Which protections hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confinement {
    /// Those that do.
    pub held: Vec<Protection>,
    /// Those that do not, or not fully, and why.
    pub lacking: Vec<(Protection, String)>,
}

/// One of the protections.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Protection {
    /// Nothing was open but the three standard descriptors, and few more can be.
    Descriptors,
    /// Ends when the node ends.
    EndsWithNode,
    /// Not dumpable, and without core files.
    NotDumpable,
    /// Executing gives no privileges.
    NoNewPrivileges,
    /// Root's capabilities are gone.
    NoCapabilities,
    /// Memory is bounded.
    Memory,
    /// There will be no further process.
    Processes,
    /// Landlock, with no rights at all.
    Landlock,
    /// The filter of system calls.
    SystemCalls,
}

impl Confinement {
    /// What has to come before there are other threads.
    pub(super) fn give_up_rights(&mut self) {
        self.note(Protection::EndsWithNode, end_with_node());
        self.note(Protection::NotDumpable, stay_out_of_core_files());
        self.note(Protection::NoNewPrivileges, set_no_new_privs(true));
        self.note(Protection::NoCapabilities, drop_capabilities());
        let closed = close_inherited();
        self.note(Protection::Landlock, restrict_by_landlock());
        self.note(Protection::Memory, limit(Resource::Data, MEMORY));
        if let Err(error) = closed {
            self.lacking.push((Protection::Descriptors, error));
        }
    }

    /// What has to come after the last thread was started and the last file read. A policy's memory may have so many
    /// bytes, and so may the image of one.
    pub(super) fn give_up_calls(&mut self, memory: u64) {
        if self.lacks(Protection::Descriptors).is_none() {
            let few =
                limit(Resource::Fsize, memory).and_then(|()| limit(Resource::Nofile, DESCRIPTORS));
            self.note(Protection::Descriptors, few);
        }
        self.note(Protection::Processes, limit(Resource::Nproc, 0));
        self.note(Protection::SystemCalls, filter_system_calls());
    }

    /// Why a protection does not hold.
    pub fn lacks(&self, protection: Protection) -> Option<&str> {
        let lacking = self
            .lacking
            .iter()
            .find(|(lacking, _)| *lacking == protection);
        lacking.map(|(_, cause)| cause.as_str())
    }

    fn note<E: fmt::Display>(&mut self, protection: Protection, done: Result<(), E>) {
        match done {
            Ok(()) => self.held.push(protection),
            Err(cause) => self.lacking.push((protection, cause.to_string())),
        }
    }
}

impl fmt::Display for Protection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Descriptors => "no inherited descriptors",
            Self::EndsWithNode => "ends with the node",
            Self::NotDumpable => "not dumpable",
            Self::NoNewPrivileges => "no new privileges",
            Self::NoCapabilities => "no capabilities",
            Self::Memory => "limited memory",
            Self::Processes => "no processes",
            Self::Landlock => "landlock",
            Self::SystemCalls => "seccomp",
        })
    }
}

/// The end of the input ends the child too, but only when it reads; a guest that holds its thread
/// would not. If the node is gone already, the input has ended before the first frame.
fn end_with_node() -> rustix::io::Result<()> {
    set_parent_process_death_signal(Some(Signal::KILL))
}

fn stay_out_of_core_files() -> rustix::io::Result<()> {
    limit(Resource::Core, 0)?;
    set_dumpable_behavior(DumpableBehavior::NotDumpable)
}

fn drop_capabilities() -> rustix::io::Result<()> {
    let none = CapabilitySets {
        effective: CapabilitySet::empty(),
        permitted: CapabilitySet::empty(),
        inheritable: CapabilitySet::empty(),
    };
    set_capabilities(None, none)
}

/// The node opens everything so that it is not inherited; what whoever started the node has left
/// open is.
fn close_inherited() -> Result<(), String> {
    for descriptor in open_descriptors()? {
        // One is that of the list itself, closed already.
        let _ = nix::unistd::close(descriptor);
    }
    // The list's own descriptor is the lowest free one.
    match open_descriptors()?.as_slice() {
        [] | [3] => Ok(()),
        left => Err(format!("descriptors {left:?} are open")),
    }
}

fn open_descriptors() -> Result<Vec<i32>, String> {
    let listed = fs::read_dir("/proc/self/fd").map_err(|error| error.to_string())?;
    let number = |entry: std::io::Result<fs::DirEntry>| {
        let name = entry.ok()?.file_name();
        name.to_str()?.parse::<i32>().ok()
    };
    Ok(listed
        .filter_map(number)
        .filter(|number| *number > 2)
        .collect())
}

fn limit(resource: Resource, most: u64) -> rustix::io::Result<()> {
    let limit = Rlimit {
        current: Some(most),
        maximum: Some(most),
    };
    setrlimit(resource, limit)
}

fn restrict_by_landlock() -> Result<(), String> {
    let nothing = || -> Result<RulesetStatus, landlock::RulesetError> {
        let status = Ruleset::default()
            .handle_access(AccessFs::from_all(LANDLOCK))?
            .handle_access(AccessNet::from_all(LANDLOCK))?
            .scope(Scope::from_all(LANDLOCK))?
            .create()?
            .restrict_self()?;
        Ok(status.ruleset)
    };
    match nothing().map_err(|error| error.to_string())? {
        RulesetStatus::FullyEnforced => Ok(()),
        RulesetStatus::PartiallyEnforced => Err("this kernel has only a part of landlock".into()),
        RulesetStatus::NotEnforced => Err("this kernel has no landlock".into()),
    }
}

/// A call that is not on the list fails with EPERM instead of ending the process: what prints a
/// panic looks for its own program file, and shall fail at that and not die of it.
fn filter_system_calls() -> Result<(), String> {
    let text = |error: seccompiler::BackendError| error.to_string();
    let arch = std::env::consts::ARCH.try_into().map_err(text)?;
    let refused = u32::try_from(libc::EPERM).unwrap_or(1);
    let filter = SeccompFilter::new(
        allowed().map_err(text)?,
        SeccompAction::Errno(refused),
        SeccompAction::Allow,
        arch,
    );
    let program: BpfProgram = filter.and_then(TryInto::try_into).map_err(text)?;
    seccompiler::apply_filter_all_threads(&program).map_err(|error| error.to_string())
}

/// What the engine, the compiler and the allocator do once their threads run.
fn allowed() -> Result<BTreeMap<i64, Vec<SeccompRule>>, seccompiler::BackendError> {
    // The line to the node.
    let line = [
        libc::SYS_read,
        libc::SYS_write,
        libc::SYS_readv,
        libc::SYS_writev,
    ];
    // Memory; compiled code has to become executable.
    let memory = [
        libc::SYS_brk,
        libc::SYS_madvise,
        libc::SYS_mmap,
        libc::SYS_mprotect,
        libc::SYS_mremap,
        libc::SYS_munmap,
    ];
    // Images of memories: files without a name, and nowhere but in memory.
    let images = [libc::SYS_memfd_create];
    // Threads that are there already, and the clock.
    let threads = [
        libc::SYS_clock_gettime,
        libc::SYS_clock_nanosleep,
        libc::SYS_futex,
        libc::SYS_getpid,
        libc::SYS_getrandom,
        libc::SYS_gettid,
        libc::SYS_membarrier,
        libc::SYS_nanosleep,
        libc::SYS_restart_syscall,
        libc::SYS_sched_getaffinity,
        libc::SYS_sched_yield,
    ];
    // Traps of components are signals.
    let signals = [
        libc::SYS_rt_sigaction,
        libc::SYS_rt_sigprocmask,
        libc::SYS_rt_sigreturn,
        libc::SYS_sigaltstack,
    ];
    let end = [libc::SYS_close, libc::SYS_exit, libc::SYS_exit_group];
    let mut allowed: BTreeMap<i64, Vec<SeccompRule>> = [
        line.as_slice(),
        memory.as_slice(),
        images.as_slice(),
        threads.as_slice(),
        signals.as_slice(),
        end.as_slice(),
    ]
    .concat()
    .into_iter()
    .map(|call| (call, Vec::new()))
    .collect();
    let only_with = |argument: u8, value: u64| {
        let (length, equal) = (SeccompCmpArgLen::Dword, SeccompCmpOp::Eq);
        let condition = SeccompCondition::new(argument, length, equal, value)?;
        Ok(vec![SeccompRule::new(vec![condition])?])
    };
    // To abort is to signal oneself.
    let own = u64::from(std::process::id());
    allowed.insert(libc::SYS_tgkill, only_with(0, own)?);
    // An image is sealed before it is used.
    let seal = u64::from(libc::F_ADD_SEALS.unsigned_abs());
    allowed.insert(libc::SYS_fcntl, only_with(1, seal)?);
    Ok(allowed)
}
