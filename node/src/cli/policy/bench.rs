//! `lika policy bench`.

use std::time::Duration;

use clap::Args;
use serde_json::json;

use super::admitted::Tried;
use crate::{
    author::{speed, trial},
    cli::{Answer, Output},
    policy::gates::Passed,
};

/// Time the built policy: a decision of record, and many at once.
#[derive(Args, Debug)]
pub struct Bench {
    #[command(flatten)]
    tried: Tried,
    /// Milliseconds for each figure.
    #[arg(long, default_value_t = 2_000)]
    time: u64,
}

/// Runs `lika policy bench`.
pub fn run(command: &Bench, output: &mut Output) -> anyhow::Result<Answer> {
    let Passed {
        policy,
        defaults,
        admission_ms,
        ..
    } = command.tried.admit()?;
    let examples = trial::examples(policy.describe(), &command.tried.examples())?;
    let time = Duration::from_millis(command.time);
    let speed = speed::measure(&policy, &defaults, &examples, time)?;
    let micros = |time: Duration| time.as_secs_f64() * 1e6;
    let (record, bulk) = (micros(speed.record), speed.bulk.map(micros));
    output.answer(
        || {
            let bulk = bulk.map(|bulk| format!("\na subject in bulk      {bulk:.1} µs"));
            format!(
                "admission              {admission_ms} ms\na decision of record   {record:.1} µs, {} calls{}",
                speed.calls,
                bulk.unwrap_or_default()
            )
        },
        || json!({"admission_ms": admission_ms, "record_us": record, "calls": speed.calls, "bulk_us": bulk}),
    )?;
    Ok(Answer::Yes)
}
