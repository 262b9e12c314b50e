//! `lika policy check`.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::admitted::{self, Tried};
use crate::{
    cli::{Answer, Output},
    policy::{engine::Tier, gates},
    telemetry,
};

/// Take a component through every gate that a node has.
#[derive(Args, Debug)]
pub struct Check {
    /// The component; the one that the project has built when it is not given.
    file: Option<PathBuf>,
    /// The project's folder.
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    project: PathBuf,
}

/// Runs `lika policy check`.
pub fn run(command: &Check, output: &mut Output) -> anyhow::Result<Answer> {
    let Check { file, project } = command;
    let tried = Tried {
        project: project.clone(),
        component: file.clone(),
    };
    let component = admitted::read(&tried.file()?)?;
    let host = gates::host()?;
    let examples = match file {
        Some(_) => Vec::new(),
        None => admitted::read_examples(&tried.examples())?,
    };
    let examples = examples
        .iter()
        .map(|(name, content)| (name.as_str(), content.as_slice()));
    match gates::pass(&host, &component, examples) {
        Ok(passed) => {
            let manifest = passed.policy.describe();
            let tier = match passed.tier {
                Tier::Compiled => "compiled",
                Tier::Interpreted => "interpreted",
            };
            let (bytes, ms) = (component.len(), passed.admission_ms);
            output.answer(
                || {
                    format!(
                        "{} {} for {}: admitted in {ms} ms, {bytes} bytes, limits of tier {tier}",
                        manifest.name, manifest.version, manifest.purpose
                    )
                },
                || {
                    json!({
                        "admitted": true,
                        "name": manifest.name,
                        "version": manifest.version,
                        "purpose": manifest.purpose,
                        "digest": passed.policy.digest().to_string(),
                        "bytes": bytes,
                        "tier": tier,
                        "ms": ms,
                    })
                },
            )?;
            Ok(Answer::Yes)
        }
        Err(error) if error.says_nothing_of_it() => Err(error.into()),
        Err(error) => {
            let cause = telemetry::chain(&error);
            output.answer(
                || cause.clone(),
                || json!({"admitted": false, "cause": cause}),
            )?;
            Ok(Answer::No)
        }
    }
}
