//! `lika village`.

mod batches;

use std::collections::BTreeMap;

use anyhow::Context as _;
use clap::Subcommand;
use lika_core::{
    shell::{ShellVillages, shell_villages},
    value::{AreaCode, Fen},
};
use lika_proto::{
    log::v1::Kind,
    v1::{self, record::Body},
};
use serde_json::json;

use super::{Answer, Called, Output, block_on, client};
use crate::clock::{Clock as _, System};

/// Villages.
#[derive(Debug, Subcommand)]
pub enum Village {
    /// List and count the villages whose collective income of a year stays below a threshold.
    ///
    /// A village whose income nobody has stated is listed apart: it is unknown.
    Shell {
        /// The threshold in yuan; no document gives one.
        #[arg(long, value_name = "YUAN")]
        below: String,
        /// The year; the one before this when it is not given.
        #[arg(long)]
        year: Option<u32>,
        /// Those in this area, by its code; your own area when it is not given.
        #[arg(long, default_value = "", hide_default_value = true)]
        area: String,
        #[command(flatten)]
        called: Called,
    },
    /// Plan a whole-village batch: key villages whose projects are planned together.
    Plan(batches::Plan),
    /// List the whole-village batches, and how far each is: projects, accepted ones, what is planned and what it cost.
    Batches(batches::Batches),
}

/// Runs `lika village`.
pub fn run(command: &Village, output: &mut Output) -> anyhow::Result<Answer> {
    match command {
        Village::Shell {
            below,
            year,
            area,
            called,
        } => shell(below, *year, area, called, output),
        Village::Plan(plan) => batches::plan(plan, output),
        Village::Batches(asked) => batches::list(asked, output),
    }
}

fn shell(
    below: &str,
    year: Option<u32>,
    area: &str,
    called: &Called,
    output: &mut Output,
) -> anyhow::Result<Answer> {
    let below = Fen::parse_yuan(below).context("the threshold")?;
    let year = year.unwrap_or_else(|| u32::from(System.today().year().get()) - 1);
    let (areas, statements) = block_on(async {
        let mut registry = client::registry(called).await?;
        let asked = |kind| client::open_of(kind, area);
        let areas = client::list_all(&mut registry, asked(Kind::Area)).await?;
        let statements = client::list_all(&mut registry, asked(Kind::CollectiveIncome)).await?;
        Ok((areas, statements))
    })?;
    let code = |record: &v1::Record| AreaCode::parse(&record.area).ok();
    let incomes: BTreeMap<AreaCode, Fen> = statements
        .iter()
        .filter_map(|record| Some((code(record)?, income_of(record, year)?)))
        .collect();
    let found = shell_villages(areas.iter().filter_map(code), &incomes, below);
    print(&found, below, year, output)?;
    Ok(Answer::Yes)
}

/// The income of a statement of the year.
fn income_of(record: &v1::Record, year: u32) -> Option<Fen> {
    let Some(Body::CollectiveIncome(income)) = &record.body else {
        return None;
    };
    let open = income.open.as_ref().filter(|open| open.year == year)?;
    let amounts = open.sources.iter().map(|source| Fen(source.amount));
    Fen::sum(amounts).ok()
}

fn print(found: &ShellVillages, below: Fen, year: u32, output: &mut Output) -> anyhow::Result<()> {
    let ShellVillages {
        below: shells,
        reached,
        unknown,
    } = found;
    output.answer(
        || {
            let mut lines: Vec<String> = shells
                .iter()
                .map(|(village, income)| format!("{} {income}", village.digits()))
                .collect();
            lines.extend(
                unknown
                    .iter()
                    .map(|village| format!("{} no statement", village.digits())),
            );
            lines.push(format!(
                "{year}: {} below {below}, {reached} reach it, {} without a statement",
                shells.len(),
                unknown.len()
            ));
            lines.join("\n")
        },
        || {
            let shells = shells
                .iter()
                .map(|(village, income)| json!({"village": village.digits(), "income": income.0}));
            let unknown = unknown.iter().map(AreaCode::digits);
            json!({
                "year": year,
                "below": below.0,
                "shell": shells.len(),
                "reached": reached,
                "unknown": unknown.len(),
                "villages": shells.collect::<Vec<_>>(),
                "without_statement": unknown.collect::<Vec<_>>(),
            })
        },
    )
}
