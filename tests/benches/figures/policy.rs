//! Bulk evaluation: the screening example as a component, in batches with every limit on, against the same code native
//! and against the same policy as a plug-in that speaks JSON.
//!
//! Each side ends with decisions that can be read, in the best of several rounds. It begins with what its interface takes,
//! or with facts in memory, which are then first written in that form.

mod households;

use std::time::{Duration, Instant};

use anyhow::Result;
use lika::policy::{Engine, Host, HostProgram, Input, Limits};
use lika_sdk::{judge_subjects, wire::types};
use lika_tests::built;

pub use self::households::Answers;
use self::households::Households;
use super::{
    peers::extism::{self, Judged},
    screening::Screening,
    table::{Row, number},
};

const BATCH: u32 = 1_000;
const ROUNDS: u32 = 200;
/// Of every side, the best of which counts.
const TURNS: u32 = 3;

/// Measures a bulk preview and a decision of record.
pub fn measure(rows: &mut Vec<Row>) -> Result<()> {
    let Ok(component) = std::fs::read(built::target().join("guests/screening.wasm")) else {
        let row = Row::new("policy, bulk preview", "not measured");
        rows.push(
            row.without("no component: run `make policies`")
                .open("≥ 800,000/s; ≥ 0.2 of native; ≥ 3 × Extism"),
        );
        return Ok(());
    };
    in_bulk(&component, rows)?;
    of_record(&component, rows)
}

fn in_bulk(component: &[u8], rows: &mut Vec<Row>) -> Result<()> {
    let policy = Engine::new(Limits::default())?.admit(component)?;
    let settings = policy.settings("{}")?;
    let households = Households::new(BATCH);
    let input = households.input(policy.describe())?;
    let as_native = to_native(&input);

    // In turns, since other work on the machine comes and goes.
    let [mut ours, mut from_facts, mut native] = [0.0_f64; 3];
    let mut plugin: Option<Judged> = None;
    for _ in 0..TURNS {
        ours = ours.max(rate(BATCH, || {
            Ok(policy.preview(&settings, &input)?.decisions.len())
        })?);
        from_facts = from_facts.max(rate(BATCH, || {
            let input = households.input(policy.describe())?;
            Ok(policy.preview(&settings, &input)?.decisions.len())
        })?);
        native = native.max(rate(BATCH, || {
            let judged =
                judge_subjects::<Screening>("{}", &as_native).map_err(anyhow::Error::msg)?;
            Ok(judged.decisions.len())
        })?);
        let again = extism::measure(&households.question())?;
        plugin = again.map(|again| again.or_better(plugin.as_ref()));
    }

    let row = || {
        Row::new(
            "policy, bulk preview, one processor",
            format!("{} households/s", number(ours)),
        )
    };
    rows.push(
        row()
            .against(
                format!("the same logic native {}/s", number(native)),
                ours / native,
            )
            .target(
                "≥ 800,000/s; ≥ 0.2 of native",
                ours >= 800_000.0 && native / ours <= 5.0,
            ),
    );
    let Some(plugin) = plugin else {
        let row = row().without("Extism: not built; run `make peers`");
        rows.push(row.open("≥ 3"));
        return Ok(());
    };
    let answers = Answers::of(policy.describe(), &policy.preview(&settings, &input)?)?;
    anyhow::ensure!(
        plugin.answers == answers,
        "the component decides {answers:?}, the plug-in {:?}",
        plugin.answers
    );
    let row_from_facts = Row::new(
        "the same, and the facts written first",
        format!("{} households/s", number(from_facts)),
    );
    for (row, ours, theirs) in [
        (row(), ours, plugin.from_text),
        (row_from_facts, from_facts, plugin.from_facts),
    ] {
        let peer = format!("Extism, JSON in and out {}/s", number(theirs));
        let ratio = ours / theirs;
        rows.push(row.against(peer, ratio).target("≥ 3", ratio >= 3.0));
    }
    Ok(())
}

fn of_record(component: &[u8], rows: &mut Vec<Row>) -> Result<()> {
    let host = Host::start(HostProgram::At(built::binary()), Limits::default())?;
    let policy = host.admit(component)?;
    let settings = policy.settings("{}")?;
    let one = Households::new(1).input(policy.describe())?;
    let rate = rate(1, || {
        Ok(policy.evaluate(&settings, &one).result?.decisions.len())
    })?;
    let microseconds = 1e6 / rate;
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
