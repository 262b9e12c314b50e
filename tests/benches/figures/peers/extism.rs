//! Extism: the screening policy as its plug-in, JSON in and out, in a program of its own (`tests/peers`).

use std::{
    io::Write as _,
    path::PathBuf,
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result};
use lika_tests::built;
use serde_json::Value as Json;

use crate::policy::Answers;

/// What it made of a question: households a second in the best of several rounds that begin with facts in memory, and of
/// those that begin with the text of the question.
pub struct Judged {
    pub from_facts: f64,
    pub from_text: f64,
    pub answers: Answers,
}

impl Judged {
    /// The better of two runs in each respect; the answers are those of this one.
    pub fn or_better(self, other: Option<&Self>) -> Self {
        let best = |own: f64, of: fn(&Self) -> f64| other.map_or(own, |other| own.max(of(other)));
        Self {
            from_facts: best(self.from_facts, |other| other.from_facts),
            from_text: best(self.from_text, |other| other.from_text),
            answers: self.answers,
        }
    }
}

/// Has it judge; none where it is not built.
pub fn measure(question: &Json) -> Result<Option<Judged>> {
    let [host, plugin] = programs();
    if !host.is_file() || !plugin.is_file() {
        return Ok(None);
    }
    let mut child = Command::new(host)
        .arg(plugin)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut stdin = child.stdin.take().context("the peer has no stdin")?;
    stdin.write_all(question.to_string().as_bytes())?;
    drop(stdin);
    let output = child.wait_with_output()?;
    anyhow::ensure!(
        output.status.success(),
        "the peer ended with {}",
        output.status
    );
    let said: Json = serde_json::from_slice(&output.stdout)?;
    let rate = |key: &str| {
        let rate = said[key].as_f64();
        rate.with_context(|| format!("no {key} in {said}"))
    };
    let count = |key: &str| {
        let count = said[key].as_u64();
        count.with_context(|| format!("no {key} in {said}"))
    };
    Ok(Some(Judged {
        from_facts: rate("from_facts")?,
        from_text: rate("from_text")?,
        answers: Answers {
            development: count("development")?,
            social_relief: count("social-relief")?,
            refused: count("refused")?,
        },
    }))
}

/// Its host and the plug-in, where `tools/build-peers` puts them.
fn programs() -> [PathBuf; 2] {
    let folder = built::target().join("peers");
    [
        "release/peer-extism",
        "wasm32-unknown-unknown/guest/peer_extism_screening.wasm",
    ]
    .map(|path| folder.join(path))
}
