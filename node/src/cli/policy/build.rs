//! `lika policy build`.

use std::{fs, path::PathBuf};

use anyhow::Context as _;
use clap::Args;
use serde_json::json;

use crate::{
    author::{build, project::Project},
    cli::{Answer, Output},
    policy::Digest,
};

/// Build the project's component, `target/policy.wasm`.
#[derive(Args, Debug)]
pub struct Build {
    /// The project's folder.
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    project: PathBuf,
}

/// Runs `lika policy build`.
pub fn run(command: &Build, output: &mut Output) -> anyhow::Result<Answer> {
    let project = Project::open(&command.project)?;
    let path = build::build(&project)?;
    let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let (shown, digest) = (path.display().to_string(), Digest::of(&bytes).to_string());
    output.answer(
        || format!("{shown}: {} bytes, {digest}", bytes.len()),
        || json!({"component": shown, "bytes": bytes.len(), "digest": digest}),
    )?;
    Ok(Answer::Yes)
}
