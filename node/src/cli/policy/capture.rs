//! `lika policy capture`.

use std::{
    fs,
    io::Cursor,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use clap::Args;
use lika_core::value::RecordId;
use lika_proto::v1;
use serde_json::{Value as Json, json};

use super::bundle::receive;
use crate::{
    author::capture,
    cli::{Answer, Called, Output},
    gateway::{
        bundle::Bundle,
        replay::{Came, Case, Fresh},
    },
    pki::write_new,
    policy::{Host, HostProgram, Limits},
};

/// Make an example of a recorded decision: what the policy was told, without names, numbers or ids of records, and
/// beside it what it answered.
///
/// Both are files of a policy's project: `lika policy test` runs the policy on the example and compares the answer.
#[derive(Args, Debug)]
pub struct Capture {
    /// The id of a decision's record, or of that of the evaluation that made it.
    decision: String,
    /// The file of the example, such as examples/case.json in a project; the answer goes beside it, into
    /// examples/case.answer.json. Neither may be there yet.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    called: Called,
}

/// Runs `lika policy capture`.
pub fn run(command: &Capture, output: &mut Output) -> anyhow::Result<Answer> {
    let Capture {
        decision,
        out,
        called,
    } = command;
    let name = out.to_string_lossy();
    anyhow::ensure!(
        name.ends_with(".json") && !name.ends_with(".answer.json"),
        "--out: an example is a file that ends in .json, and not in .answer.json"
    );
    let decision = RecordId::parse(decision).context("the decision")?;
    let bundle = ask(&decision, called)?;
    let host = Host::start(HostProgram::Own, Limits::default())?;
    let (case, component) = Bundle::open(Cursor::new(bundle), &host)?
        .first_case()?
        .map_err(|damage| anyhow::anyhow!("what the node answered is damaged: {}", damage.what))?;
    let digest = case.evaluation.component;
    let policy = Fresh::new(&host)?.policy(&digest, || Ok(component))?;
    let replayed = case.replay(&policy)?;
    match &replayed.came {
        Came::Same if replayed.is_same() => {}
        Came::Same => anyhow::bail!("the decision is not what its policy said; replay it"),
        Came::Otherwise(why) => anyhow::bail!("it does not replay: {why}"),
        Came::OtherEngine(engine) => {
            anyhow::bail!(
                "{engine} made the evaluation, and the engine of this version answers otherwise"
            )
        }
        Came::Attempt => anyhow::bail!("it was an attempt without an answer of its own"),
        Came::Unfinished(code) => anyhow::bail!("the policy gave no answer this time: {code}"),
    }
    let captured = capture::capture(
        &policy,
        &case.settings,
        &case.evaluation,
        subject(&case, &decision, policy.describe().subjects),
    )?;
    let beside = out.with_extension("answer.json");
    write(out, &captured.example)?;
    write(&beside, &captured.answer).inspect_err(|_| {
        // Half an example is none; what cannot be removed is found by the next test.
        drop(fs::remove_file(out));
    })?;
    let (example, answer) = (out.display().to_string(), beside.display().to_string());
    output.answer(
        || format!("{example}\n{answer}"),
        || json!({"example": example, "answer": answer}),
    )?;
    Ok(Answer::Yes)
}

/// The bundle of one evaluation: everything that was recorded of it.
fn ask(decision: &RecordId, called: &Called) -> anyhow::Result<Vec<u8>> {
    let request = v1::BundleRequest {
        evaluations: vec![decision.0.to_vec()],
        sample: None,
    };
    let mut bytes = Vec::new();
    receive(request, called, |piece| {
        bytes.extend(piece);
        Ok(())
    })?;
    Ok(bytes)
}

/// The row that the decision is about; none for an evaluation.
fn subject(case: &Case, decision: &RecordId, subjects: usize) -> Option<usize> {
    let (_, decided) = case.decisions.iter().find(|(id, _)| id == decision)?;
    let table = case.evaluation.tables.get(subjects)?;
    table.records.iter().position(|it| *it == decided.subject)
}

fn write(path: &Path, content: &Json) -> anyhow::Result<()> {
    let text = format!("{content:#}\n");
    write_new(path, text.as_bytes(), 0o644)
        .with_context(|| format!("cannot write {}", path.display()))
}
