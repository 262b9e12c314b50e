//! `lika policy test`.

use clap::Args;
use serde_json::{Value as Json, json};

use super::admitted::Tried;
use crate::{
    author::{build, project::Project, trial},
    cli::{Answer, Output},
    policy::{
        conformance::{self, Finding, example::Example},
        gates::Passed,
    },
};

/// Try the built policy: its examples against what is recorded beside them, and what must hold for any input.
///
/// In Rust, the project's own tests run too.
#[derive(Args, Debug)]
pub struct Test {
    #[command(flatten)]
    tried: Tried,
    /// Record what the policy answers to its examples.
    #[arg(long)]
    accept: bool,
}

impl Test {
    /// The test of a project as it is.
    pub fn of(tried: Tried) -> Self {
        Self {
            tried,
            accept: false,
        }
    }
}

/// Runs `lika policy test`.
pub fn run(command: &Test, output: &mut Output) -> anyhow::Result<Answer> {
    let Passed {
        policy, defaults, ..
    } = command.tried.admit()?;
    let examples = trial::examples(policy.describe(), &command.tried.examples())?;
    let mut findings = trial::golden(&policy, &examples, command.accept)?;
    if command.tried.component.is_none() {
        let project = Project::open(&command.tried.project)?;
        findings.extend(build::test_natively(&project)?);
    }
    let known: Vec<Example> = examples.into_iter().map(|named| named.example).collect();
    findings.extend(conformance::properties(&policy, &defaults, &known));
    let faults = findings.iter().filter(|finding| finding.fault.is_some());
    let faults = faults.count();
    output.answer(
        || {
            let lines: Vec<String> = findings.iter().map(line).collect();
            let held = findings.len() - faults;
            format!("{}\n{held} held, {faults} did not", lines.join("\n"))
        },
        || findings.iter().map(value).collect(),
    )?;
    Ok(if faults == 0 { Answer::Yes } else { Answer::No })
}

fn line(finding: &Finding) -> String {
    match &finding.fault {
        None => format!("held    {}", finding.what),
        Some(fault) => format!("FAULT   {}: {fault}", finding.what),
    }
}

fn value(finding: &Finding) -> Json {
    json!({"what": finding.what, "held": finding.fault.is_none(), "fault": finding.fault})
}
