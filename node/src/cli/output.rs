//! What a command prints.

use std::io::{self, Write as _};

use jiff::Timestamp;
use lika_core::value::{RecordId, hex};
use serde_json::Value;

/// Standard output: text or, when asked, JSON.
pub struct Output {
    json: bool,
}

impl Output {
    /// Prints text, or JSON when `json` is set.
    pub fn new(json: bool) -> Self {
        Self { json }
    }

    /// Prints one answer: the text for people or the value for programs.
    pub fn answer(
        &mut self,
        text: impl FnOnce() -> String,
        value: impl FnOnce() -> Value,
    ) -> anyhow::Result<()> {
        let mut out = io::stdout().lock();
        if self.json {
            writeln!(out, "{}", value())?;
        } else {
            writeln!(out, "{}", text())?;
        }
        Ok(out.flush()?)
    }
}

/// An id as the commands take it; what is none, as it came.
pub fn shown_id(bytes: &[u8]) -> String {
    let id = bytes.try_into().map(RecordId);
    id.map_or_else(|_| hex(bytes), |id| id.to_string())
}

/// The moment that so many milliseconds after 1970-01-01T00:00:00Z are; none where no calendar reaches. For programs it
/// is printed as RFC 3339, UTC.
pub fn instant(ms: u64) -> Option<Timestamp> {
    Timestamp::from_millisecond(i64::try_from(ms).ok()?).ok()
}

/// Whether the reader of our output has left, which is its right.
pub fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause
            .downcast_ref::<io::Error>()
            .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
    })
}
