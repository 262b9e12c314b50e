//! Commands that need no node: samples, the configuration.

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
