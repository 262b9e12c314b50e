//! `lika demo`.

use std::{path::PathBuf, sync::Arc};

use anyhow::Context as _;
use clap::Args;
use lika_core::value::hex;
use serde_json::{Value, json};
use tokio::signal::unix::{SignalKind, signal};

use super::{Answer, Output, block_on};
use crate::{
    clock::System,
    demo::{self, Figures, LOGIN, Ports, Running},
    gateway::AreaTotals,
    sample,
};

/// The measures of S4.10 whose counts the document gives for people who can be told from their records.
const MEASURES: [&str; 5] = [
    "industry",
    "schooling",
    "employment",
    "protection",
    "science",
];

/// Run a made-up county and its province on this machine.
#[derive(Args, Debug)]
pub struct Demo {
    /// Stop when the province has everything, and print the figures.
    #[arg(long)]
    once: bool,
    /// The folder of built policies (`make policies`).
    #[arg(long, default_value = "target/policies", value_name = "FOLDER")]
    policies: PathBuf,
    /// How many households; 3,906 has exactly the figures of Luxi.
    #[arg(long, default_value_t = sample::HOUSEHOLDS_OF_LUXI)]
    households: usize,
    /// The same seed makes the same county.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// An empty folder to keep both nodes in; a temporary one that is deleted when it is not given.
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
    /// The first of four free ports on loopback; any free ports when it is not given.
    #[arg(long, value_name = "PORT")]
    port: Option<u16>,
}

/// Runs the demonstration until it is told to stop, or once.
pub fn run(demo: &Demo, output: &mut Output) -> anyhow::Result<Answer> {
    let temporary = tempfile::Builder::new().prefix("lika-demo-").tempdir()?;
    let settings = demo::Settings {
        folder: demo
            .folder
            .clone()
            .unwrap_or_else(|| temporary.path().to_owned()),
        policies: demo.policies.clone(),
        households: demo.households,
        seed: demo.seed,
        password: uuid::Uuid::new_v4().simple().to_string(),
        ports: ports(demo.port),
    };
    block_on(async {
        let mut tell = |what: &str| eprintln!("{what} …");
        let running = demo::run(&settings, Arc::new(System), &mut tell).await?;
        tell("waiting until the province has everything");
        running.delivered().await?;
        let figures = figures(&running)?;
        output.answer(
            || text(&running, &figures, &settings, demo.once),
            || figures.clone(),
        )?;
        if !demo.once {
            let mut terminate = signal(SignalKind::terminate())?;
            let mut interrupt = signal(SignalKind::interrupt())?;
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        }
        running.stop().await;
        Ok(Answer::Yes)
    })
}

fn ports(first: Option<u16>) -> Ports {
    match first {
        None => Ports::default(),
        Some(first) => Ports {
            county: (first, first.saturating_add(1)),
            province: (first.saturating_add(2), first.saturating_add(3)),
        },
    }
}

fn figures(running: &Running) -> anyhow::Result<Value> {
    let (county, province) = (running.county_figures()?, running.province_figures()?);
    let head = |figures: &Figures| figures.head.as_ref().map(|tail| hex(&tail.hash.0));
    let entries = county
        .head
        .as_ref()
        .context("the county has no log")?
        .position
        .seq;
    let node = |figures: &Figures| {
        json!({
            "households": figures.totals.now("households"),
            "people": figures.totals.now("people"),
            "log_head": head(figures),
        })
    };
    let mut county_value = node(&county);
    county_value["entries"] = entries.into();
    let measures = MEASURES.iter().map(|measure| {
        let count = |totals: &AreaTotals| totals.now(&format!("measure/{measure}"));
        (
            (*measure).to_owned(),
            json!({"county": count(&county.totals), "province": count(&province.totals)}),
        )
    });
    let policies: Vec<Value> = running
        .evaluated
        .iter()
        .map(|evaluated| {
            json!({
                "name": evaluated.policy,
                "digest": hex(&evaluated.component.0),
                "decisions": evaluated.decisions,
                "granted": evaluated.granted,
                "refused": evaluated.refused,
                "undetermined": evaluated.undetermined,
            })
        })
        .collect();
    Ok(json!({
        "county": county_value,
        "province": node(&province),
        "policies": policies,
        "measures": measures.collect::<serde_json::Map<_, _>>(),
        "villages_with_full_team": county.totals.now("decision/village-team/granted/full-team"),
        "households_paired": county.totals.now("households-paired"),
        "households_fully_paired": county.totals.now("decision/pairing/granted/fully-paired"),
    }))
}

fn text(running: &Running, figures: &Value, settings: &demo::Settings, once: bool) -> String {
    let mut lines = vec![
        format!(
            "county 360323: {} households, {} people, {} log entries",
            figures["county"]["households"],
            figures["county"]["people"],
            figures["county"]["entries"]
        ),
        format!(
            "province 36: {} households, {} people, the same head",
            figures["province"]["households"], figures["province"]["people"]
        ),
    ];
    if !once {
        lines.extend([
            format!("county console    http://{}/", running.county.console()),
            format!("province console  http://{}/", running.province.console()),
            format!("sign in as {LOGIN} with password {}", settings.password),
            "stop with Ctrl-C".to_owned(),
        ]);
    }
    lines.join("\n")
}
