//! `lika policy-host`: not for people, the node starts it for its policies.

use anyhow::Context as _;
use clap::Args;

use super::{Answer, Output};
use crate::policy::{Limits, child::Child};

/// Run one policy for the node that started this process.
#[derive(Args, Debug)]
pub struct PolicyHost {
    /// What the policy may use up, as JSON.
    #[arg(long)]
    limits: String,
    /// Try to reach these files and whatever else an escaped guest would, and say what was refused.
    #[cfg(debug_assertions)]
    #[arg(long, num_args = 1.., value_name = "FILE")]
    attempt_escape: Option<Vec<std::path::PathBuf>>,
}

/// Runs `lika policy-host`.
pub fn run(
    command: PolicyHost,
    #[cfg_attr(
        not(debug_assertions),
        expect(unused_variables, reason = "frames are no output for people")
    )]
    output: &mut Output,
) -> anyhow::Result<Answer> {
    let limits: Limits = serde_json::from_str(&command.limits).context("--limits")?;
    #[cfg(debug_assertions)]
    if let Some(files) = command.attempt_escape {
        let escape = crate::policy::child::escape::attempt(limits, &files)?;
        let escape = serde_json::to_value(escape)?;
        output.answer(|| escape.to_string(), || escape.clone())?;
        return Ok(Answer::Yes);
    }
    Child::confine(limits)?.serve()?;
    Ok(Answer::Yes)
}
