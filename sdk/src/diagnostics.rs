//! Lines for the policy's developer; never part of a decision.

use crate::wire::subject::lika::policy::diagnostics::Level;

/// Says something that helps while a policy is written.
pub fn debug(text: &str) {
    write(Level::Debug, text);
}

/// Says something worth showing next to a preview.
pub fn info(text: &str) {
    write(Level::Info, text);
}

/// Says that the input or the settings look wrong.
pub fn warning(text: &str) {
    write(Level::Warning, text);
}

/// Sends the text of a panic to the node: a trap alone carries none.
pub fn report_panics() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        std::panic::set_hook(Box::new(|panic| write(Level::Error, &panic.to_string())));
    });
}

#[cfg(target_arch = "wasm32")]
fn write(level: Level, text: &str) {
    crate::wire::subject::lika::policy::diagnostics::write(level, text);
}

#[cfg(not(target_arch = "wasm32"))]
fn write(level: Level, text: &str) {
    eprintln!("{level:?}: {text}");
}
