//! What a command prints.

use std::io::{self, Write as _};

use lika_core::value::RecordId;
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

/// Bytes as lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether the reader of our output has left, which is its right.
pub fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause
            .downcast_ref::<io::Error>()
            .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
    })
}
