//! Named places where a test can kill the node, as a power failure would, without unwinding anything.
//!
//! Compiled only into builds with debug assertions: a release binary has no such switch.

/// Ends the process with SIGKILL when `LIKA_CRASH_AT` names this point: `after-append`, or `after-append:3` for the
/// third time that it is reached.
#[cfg(debug_assertions)]
pub fn point(name: &'static str) {
    use std::sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    };
    static WANTED: OnceLock<Option<(String, u32)>> = OnceLock::new();
    static REACHED: AtomicU32 = AtomicU32::new(0);

    let Some((wanted, times)) = WANTED.get_or_init(wanted) else {
        return;
    };
    if wanted == name && REACHED.fetch_add(1, Ordering::Relaxed) + 1 == *times {
        kill();
    }
}

/// Does nothing: see the documentation of the module.
#[cfg(not(debug_assertions))]
pub fn point(_name: &'static str) {}

#[cfg(debug_assertions)]
#[expect(
    clippy::disallowed_methods,
    reason = "a switch for tests, absent from release builds"
)]
fn wanted() -> Option<(String, u32)> {
    let text = std::env::var("LIKA_CRASH_AT").ok()?;
    match text.split_once(':') {
        Some((name, times)) => Some((name.to_owned(), times.parse().ok()?)),
        None => Some((text, 1)),
    }
}

#[cfg(debug_assertions)]
#[allow(
    unsafe_code,
    reason = "the standard library cannot send SIGKILL, and SIGABRT would be told apart by a harness"
)]
fn kill() {
    let own = i32::try_from(std::process::id()).unwrap_or(0);
    // SAFETY: `kill` touches no memory of this process.
    unsafe { libc::kill(own, libc::SIGKILL) };
}
