//! What waits for everything else: trials of policies get their turn when nothing that decides for the record wants it.

use rustix::process::{Pid, setpriority_process};

/// How much later what steps back gets its turn (nice, 0 to 19).
const NICE: i32 = 10;

/// Has the calling thread step back, and what it starts from now on. The scheduler knows threads: the others of this
/// process stay as they are.
pub fn step_back() {
    set(None);
}

/// Has a child of this process step back: its first thread, and what that starts from now on.
pub fn send_back(child: u32) {
    let child = i32::try_from(child).ok().and_then(Pid::from_raw);
    if child.is_some() {
        set(child);
    }
}

/// Where the system does not allow it, all are equal.
fn set(whose: Option<Pid>) {
    if let Err(error) = setpriority_process(whose, NICE) {
        tracing::debug!(%error, "a trial runs with ordinary priority");
    }
}
