//! `lika policy run`.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use serde_json::json;

use super::admitted::Tried;
use crate::{
    author::trial,
    cli::{Answer, Output},
    clock::Stopwatch,
    policy::{Limits, conformance::answer, gates::Passed},
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
            let (fuel, memory) = (evaluation.used.fuel, evaluation.used.memory_bytes);
            let slots = input.slots();
            text += &format!(
                "took       {fuel} of {} instructions\n           {memory} of {} bytes of memory\n           \
                 {bytes} of {} bytes of answer\n           {ms:.1} of {} ms",
                limits.fuel_for(slots),
                limits.memory_bytes,
                limits.output_for(slots),
                limits.time.as_millis(),
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
                "fuel": evaluation.used.fuel,
                "memory": evaluation.used.memory_bytes,
            })
        },
    )?;
    Ok(if evaluation.result.is_ok() {
        Answer::Yes
    } else {
        Answer::No
    })
}
