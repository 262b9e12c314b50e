//! `lika scenario`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::{
    Answer, Output,
    table::{
        Column::{Left, Right},
        table,
    },
};
use crate::scenario::{self, Claim, Document, Falsified, Outcome, Scale};

/// Build the county of a source document in an empty node, let its year pass, and hold its figures against the node's.
#[derive(Args, Debug)]
pub struct Scenario {
    /// The document.
    document: Named,
    /// A province as large as the document has it: 3,407 villages and 367,000 households.
    #[arg(long)]
    full: bool,
    /// Then change the records behind every figure, and see that the figure changes.
    #[arg(long)]
    falsify: bool,
    /// The folder of built policies (`make policies`).
    #[arg(long, default_value = "target/policies", value_name = "FOLDER")]
    policies: PathBuf,
    /// An empty folder to keep the node in; a temporary one that is deleted when it is not given.
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Named {
    /// Taishun county, "one household, one policy, one cadre" (S0).
    Taishun,
    /// Tuanfeng county, "precise identification, help and management" (S1); its rows are rules.
    Tuanfeng,
    /// Luxi county, "2+3+10" (S4).
    Luxi,
    /// Sanming city, "348" (S2).
    Sanming,
    /// Guangdong province, "plan to the household, responsibility to the person" (S3); at 1:100 without `--full`.
    Guangdong,
}

/// Plays the scenario and prints its table; no where a row does not hold.
pub fn run(scenario: &Scenario, output: &mut Output) -> anyhow::Result<Answer> {
    let temporary = tempfile::Builder::new()
        .prefix("lika-scenario-")
        .tempdir()?;
    let folder = scenario.folder.clone();
    let settings = scenario::Settings {
        folder: folder.unwrap_or_else(|| temporary.path().to_owned()),
        policies: scenario.policies.clone(),
        falsify: scenario.falsify,
    };
    let mut tell = |what: &str| eprintln!("{what} …");
    let outcomes = scenario::run(document(scenario), &settings, &mut tell)?;
    output.answer(
        || text(&outcomes),
        || Value::Array(outcomes.iter().map(value).collect()),
    )?;
    Ok(match outcomes.iter().all(Outcome::holds) {
        true => Answer::Yes,
        false => Answer::No,
    })
}

fn document(scenario: &Scenario) -> Document {
    match scenario.document {
        Named::Taishun => Document::Taishun,
        Named::Tuanfeng => Document::Tuanfeng,
        Named::Luxi => Document::Luxi,
        Named::Sanming => Document::Sanming,
        Named::Guangdong if scenario.full => Document::Guangdong(Scale::Whole),
        Named::Guangdong => Document::Guangdong(Scale::Hundredth),
    }
}

fn text(outcomes: &[Outcome]) -> String {
    let mut columns = vec![
        Left("row"),
        Left("figure"),
        Right("document"),
        Right("node"),
        Left("equal"),
        Left("how"),
        Left("remark"),
    ];
    let falsified = outcomes.iter().any(|outcome| outcome.falsified.is_some());
    if falsified {
        columns.splice(6..6, [Right("falsified"), Left("noticed")]);
    }
    let yes_no = |yes: bool| if yes { "yes" } else { "NO" }.to_owned();
    let row = |outcome: &Outcome| {
        let mut cells = vec![
            outcome.statement.id.to_owned(),
            outcome.statement.what.to_owned(),
            outcome.statement.source.to_string(),
            outcome.found.to_string(),
            equal(outcome),
            outcome.statement.origin.label().to_owned(),
        ];
        if let Some(falsified) = &outcome.falsified {
            let is_noticed = falsified.is_noticed();
            cells.extend([falsified.after.to_string(), yes_no(is_noticed)]);
        }
        cells.push(outcome.statement.remark.to_owned());
        cells
    };
    table(&columns, &outcomes.iter().map(row).collect::<Vec<_>>())
}

/// Loud where the row does not hold.
fn equal(outcome: &Outcome) -> String {
    match (outcome.is_equal(), outcome.statement.claim) {
        (true, Claim::Stands) => "yes",
        (false, Claim::Stands) => "NO",
        (true, Claim::Misprint) => "YES",
        (false, Claim::Misprint) => "no",
    }
    .to_owned()
}

fn value(outcome: &Outcome) -> Value {
    let falsified = |falsified: &Falsified| {
        let Falsified { before, after } = falsified;
        json!({
            "change": outcome.statement.change,
            "before": before.to_string(),
            "after": after.to_string(),
            "noticed": falsified.is_noticed(),
        })
    };
    json!({
        "row": outcome.statement.id,
        "figure": outcome.statement.what,
        "document": outcome.statement.source.to_string(),
        "node": outcome.found.to_string(),
        "equal": outcome.is_equal(),
        "misprint": outcome.statement.claim == Claim::Misprint,
        "origin": outcome.statement.origin.label(),
        "remark": outcome.statement.remark,
        "falsified": outcome.falsified.as_ref().map(falsified),
    })
}
