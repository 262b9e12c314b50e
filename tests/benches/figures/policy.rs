//! Bulk evaluation: the screening example as a component, in batches with every limit on, against
//! the same code native.

use std::time::{Duration, Instant};

use anyhow::Result;
use lika::policy::{Engine, Host, HostProgram, Input, InputBuilder, Limits, Manifest, Value};
use lika_sdk::{judge_subjects, wire::types};
use lika_tests::built;

use super::{
    screening::Screening,
    table::{Row, number},
};

const BATCH: u32 = 1_000;
const ROUNDS: u32 = 200;

/// Measures a bulk preview and a decision of record.
pub fn measure(rows: &mut Vec<Row>) -> Result<()> {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../target/guests/screening.wasm"
    );
    let Ok(component) = std::fs::read(path) else {
        let row = Row::new("policy, bulk preview", "not measured");
        rows.push(
            row.without("no component: run `make policies`")
                .open("≥ 800,000/s; ≤ 5 × native"),
        );
        return Ok(());
    };
    let engine = Engine::new(Limits::default())?;
    let policy = engine.admit(&component)?;
    let settings = policy.settings("{}")?;
    let input = batch(policy.describe(), BATCH)?;
    let native = to_native(&input);

    let preview = rate(BATCH, || {
        Ok(policy.preview(&settings, &input)?.decisions.len())
    })?;
    let native = rate(BATCH, || {
        let judged = judge_subjects::<Screening>("{}", &native).map_err(anyhow::Error::msg)?;
        Ok(judged.decisions.len())
    })?;
    let one = batch(policy.describe(), 1)?;
    let host = Host::start(HostProgram::At(built::binary()), Limits::default())?;
    let apart = host.admit(&component)?;
    let record = rate(1, || {
        Ok(apart.evaluate(&settings, &one).result?.decisions.len())
    })?;

    rows.push(
        Row::new(
            "policy, bulk preview, one processor",
            format!("{} households/s", number(preview)),
        )
        .against(
            format!("the same logic native {}/s", number(native)),
            preview / native,
        )
        .target(
            "≥ 800,000/s; ≥ 0.2 of native",
            preview >= 800_000.0 && native / preview <= 5.0,
        ),
    );
    let microseconds = 1e6 / record;
    rows.push(
        Row::new(
            "policy, decision of record, fresh instance, child process",
            format!("{microseconds:.1} µs"),
        )
        .target("≤ 60 µs", microseconds <= 60.0),
    );
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
