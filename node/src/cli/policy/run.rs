//! `lika policy run`.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use serde_json::json;

use super::admitted::Tried;
use crate::{
    author::{answer, gates::Passed, trial},
    cli::{Answer, Output},
    clock::Stopwatch,
    policy::Limits,
};

/// Run an example and explain the answer: reasons, the facts behind them, how far from the thresholds, what it took.
#[derive(Args, Debug)]
pub struct Run {
    /// The example.
    #[arg(short, long, value_name = "FILE")]
    input: PathBuf,
    #[command(flatten)]
    tried: Tried,
}

/// Runs `lika policy run`.
pub fn run(command: &Run, output: &mut Output) -> anyhow::Result<Answer> {
    let Passed { policy, tier, .. } = command.tried.admit()?;
    let manifest = policy.describe();
    let example = trial::read(manifest, &command.input)?;
    let settings = policy
        .settings(&example.settings)
        .with_context(|| format!("{}: settings", command.input.display()))?;
    let input = example
        .input(manifest)
        .with_context(|| command.input.display().to_string())?;
    let watch = Stopwatch::start();
    let evaluation = policy.evaluate(&settings, &input);
    let took = watch.elapsed();
    let limits = Limits::default().for_tier(tier);
    let (bytes, lines) = (evaluation.output.len(), &evaluation.lines);
    let ms = took.as_secs_f64() * 1_000.0;
    output.answer(
        || {
            let mut text = answer::explain(manifest, &input, &evaluation.result);
            for line in lines {
                text += &format!("{}: {}\n", line.level, line.text);
            }
            let allowed = limits.output_for(input.slots());
            text += &format!(
                "took {ms:.1} ms of {} ms; the answer has {bytes} bytes of {allowed}; {} lines of {}",
                limits.time.as_millis(),
                lines.len(),
                limits.lines
            );
            text
        },
        || {
            json!({
                "about": example.about,
                "answer": answer::to_json(manifest, &input, &evaluation.result),
                "lines": lines,
                "ms": ms,
                "bytes": bytes,
            })
        },
    )?;
    Ok(if evaluation.result.is_ok() {
        Answer::Yes
    } else {
        Answer::No
    })
}
