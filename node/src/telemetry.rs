//! What the node says of itself: structured lines on standard error.

use std::error::Error;

use tracing_subscriber::{EnvFilter, fmt};

/// Starts the log of this process: JSON lines, as verbose as `LIKA_LOG` says (`info` when it says nothing).
pub fn start() {
    let filter = EnvFilter::try_from_env("LIKA_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let subscriber = fmt()
        .json()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    // A second start in one process keeps the first one's subscriber.
    let _ = subscriber.try_init();
}

/// An error with its causes in one line.
pub fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let words = cause.to_string();
        // Some libraries repeat the cause in their own message.
        if !text.ends_with(&words) {
            text.push_str(": ");
            text.push_str(&words);
        }
        next = cause.source();
    }
    text
}
