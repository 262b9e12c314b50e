//! Bulk evaluation: the screening example as a component, in batches with every limit on, against
//! the same code native. Prints households a second of one core and the ratio.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

#[path = "../../sdk/examples/screening.rs"]
mod screening;

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use lika::policy::{Engine, Input, InputBuilder, Limits, Manifest, Value};
use lika_sdk::judge_subjects;
use lika_sdk::wire::types;
use screening::Screening;

const BATCH: u32 = 1_000;
const ROUNDS: u32 = 200;

fn main() -> Result<()> {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../target/guests/screening.wasm"
    );
    let component = std::fs::read(path).with_context(|| format!("{path}: run `make policies`"))?;
    let engine = Engine::new(Limits::default())?;
    let policy = engine.admit(&component)?;
    let settings = policy.settings("{}")?;
    let input = batch(policy.describe(), BATCH)?;
    let native = to_native(&input);

    let component = rate(BATCH, || {
        Ok(policy.preview(&settings, &input)?.decisions.len())
    })?;
    let native = rate(BATCH, || {
        Ok(judge_subjects::<Screening>("{}", &native)
            .map_err(anyhow::Error::msg)?
            .decisions
            .len())
    })?;
    let one = batch(policy.describe(), 1)?;
    let record = rate(1, || {
        Ok(policy.evaluate(&settings, &one).result?.decisions.len())
    })?;

    println!(
        "policy, bulk preview: {component:.0} households/s, native {native:.0}, ratio {:.2}",
        native / component
    );
    println!("policy, decision of record: {:.1} µs", 1e6 / record);
    Ok(())
}

/// Households a second: the best of several rounds, since other work on the machine only slows.
fn rate(households: u32, mut judge: impl FnMut() -> Result<usize>) -> Result<f64> {
    let mut best = Duration::MAX;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        let decided = judge()?;
        best = best.min(start.elapsed());
        anyhow::ensure!(
            decided == households as usize,
            "{decided} of {households} decided"
        );
    }
    Ok(f64::from(households) / best.as_secs_f64())
}

/// Households of three members around the line.
fn batch(manifest: &Manifest, households: u32) -> Result<Input> {
    let mut builder = InputBuilder::new(manifest, 0);
    for index in 0..households {
        builder.row(0, None, |key| match key {
            "income.net-per-head" => Value::Fen(i64::from(100_000 + index % 1_000 * 100)),
            _ => Value::Flag(index % 7 != 0),
        })?;
    }
    for index in 0..households * 3 {
        let labour = ["ordinary", "skilled", "lost", "none"][index as usize * 7 % 4];
        builder.row(1, Some(index / 3), |_| Value::Code(labour))?;
    }
    Ok(builder.finish())
}

fn to_native(input: &Input) -> types::Input {
    let table = |table: &lika::policy::input::Table| types::Table {
        rows: table.rows,
        slots: table.slots.clone(),
        states: table.states.clone(),
        parents: table.parents.clone(),
    };
    types::Input {
        scope: input.scope,
        tables: input.tables.iter().map(table).collect(),
        strings: input.strings.clone(),
    }
}
