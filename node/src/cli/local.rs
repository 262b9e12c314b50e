//! Commands that need no running node: samples, verification of a log, the configuration.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use lika_core::value::Date;
use serde_json::json;

use super::{Answer, Output};
use crate::{
    clock::{Clock as _, System},
    config,
    files::Format,
    sample::{self, County},
    setup,
    store::{Report, Store},
};

/// Write the spreadsheet of a made-up county.
#[derive(Args, Debug)]
pub struct Sample {
    /// How many households; 3,906 has exactly the figures of Luxi.
    #[arg(long, default_value_t = sample::HOUSEHOLDS_OF_LUXI)]
    households: usize,
    /// The same seed makes the same county.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The day on which ages are right; today when it is not given.
    #[arg(long, value_name = "DATE")]
    as_of: Option<String>,
    /// The file; its ending says the format (.xlsx or .csv).
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// A file for the county's townships and villages, as `lika area import` reads them (.csv).
    #[arg(long, value_name = "FILE")]
    areas: Option<PathBuf>,
}

/// The log of a node that does not run.
#[derive(Debug, Subcommand)]
pub enum Log {
    /// Walk all logs from the first entry, and compare the registry with a rebuild.
    Verify {
        /// The node's configuration file.
        #[arg(long, default_value = "lika.toml", value_name = "FILE")]
        config: PathBuf,
    },
}

/// The configuration.
#[derive(Debug, Subcommand)]
pub enum Config {
    /// Print the configuration in force, paths resolved.
    Show {
        /// The node's configuration file.
        #[arg(long, default_value = "lika.toml", value_name = "FILE")]
        config: PathBuf,
    },
}

/// Makes a county and writes its spreadsheet.
pub fn sample(sample: &Sample, output: &mut Output) -> anyhow::Result<Answer> {
    let as_of = match &sample.as_of {
        Some(text) => Date::parse(text).context("--as-of")?,
        None => System.today(),
    };
    let format = match sample.out.extension().and_then(|ending| ending.to_str()) {
        Some("xlsx") => Format::Xlsx,
        Some("csv") => Format::Csv,
        _ => anyhow::bail!("{} must end in .xlsx or .csv", sample.out.display()),
    };
    let county = County::generate(&sample::Settings {
        seed: sample.seed,
        households: sample.households,
        as_of,
    });
    county
        .write(&sample.out, format)
        .with_context(|| format!("cannot write {}", sample.out.display()))?;
    if let Some(areas) = &sample.areas {
        std::fs::write(areas, county.areas_csv())
            .with_context(|| format!("cannot write {}", areas.display()))?;
    }
    let (households, people) = (county.households.len(), county.people());
    let path = sample.out.display().to_string();
    output.answer(
        || format!("{households} households, {people} people in {path}"),
        || json!({"households": households, "people": people, "file": path}),
    )?;
    Ok(Answer::Yes)
}

/// Verifies the logs and the registry of a node.
pub fn log(command: &Log, output: &mut Output) -> anyhow::Result<Answer> {
    let Log::Verify { config } = command;
    let config = config::Config::read(config)?;
    let settings = setup::store_settings(&config);
    let mut progress = super::node::print_progress();
    let store = Store::open(&settings, std::sync::Arc::new(System), &mut progress)?;
    let report = store.verify(&mut progress)?;
    store.close()?;
    let is_sound = report.is_sound();
    output.answer(|| text(&report), || value(&report))?;
    Ok(if is_sound { Answer::Yes } else { Answer::No })
}

/// Shows the configuration.
pub fn config(command: &Config, output: &mut Output) -> anyhow::Result<Answer> {
    let Config::Show { config } = command;
    let config = config::Config::read(config)?;
    let text = config.to_string();
    output.answer(
        || text.trim_end().to_owned(),
        || {
            text.lines()
                .filter_map(|line| line.split_once('='))
                .map(pair)
                .collect::<serde_json::Map<_, _>>()
                .into()
        },
    )?;
    Ok(Answer::Yes)
}

fn pair((key, value): (&str, &str)) -> (String, serde_json::Value) {
    (key.trim().to_owned(), value.trim().into())
}

fn text(report: &Report) -> String {
    let mut lines: Vec<String> = report
        .logs
        .iter()
        .map(|log| {
            let (node, entries, parts) = (log.node, log.entries, log.parts_checked);
            format!(
                "log of {node}: {entries} entries, {parts} sealed parts checked, head {} at {}",
                log.hash, log.position
            )
        })
        .collect();
    if let Some(damage) = &report.damage {
        let (file, offset) = (damage.file.display(), damage.offset);
        lines.push(format!(
            "damaged: {file} at byte {offset}, {}: {}",
            damage.at, damage.what
        ));
    }
    lines.push(match report.registry_agrees {
        Some(true) => "the registry is what the logs give".to_owned(),
        Some(false) => {
            "the registry is not what the logs give; it is rebuilt when the node is next started"
                .to_owned()
        }
        None => "the registry was not compared".to_owned(),
    });
    lines.join("\n")
}

fn value(report: &Report) -> serde_json::Value {
    let logs = report.logs.iter().map(|log| {
        json!({
            "node": log.node.to_string(),
            "entries": log.entries,
            "epoch": log.position.epoch,
            "seq": log.position.seq,
            "head": log.hash.to_string(),
            "parts_checked": log.parts_checked,
        })
    });
    json!({
        "sound": report.is_sound(),
        "logs": logs.collect::<Vec<_>>(),
        "damage": report.damage.as_ref().map(|damage| json!({
            "file": damage.file.display().to_string(),
            "offset": damage.offset,
            "seq": damage.at.seq,
            "what": damage.what,
        })),
        "registry_agrees": report.registry_agrees,
    })
}
