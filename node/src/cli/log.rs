//! `lika log`: verifying it, and proving what is in it.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Context as _;
use clap::{Args, Subcommand};
use lika_core::value::RecordId;
use lika_proto::v1;
use serde_json::json;

use super::{Answer, Called, Output, client};
use crate::{
    clock::System,
    config,
    evidence::{Checkpoint, Kept, Proof, PublicKey, hold},
    setup,
    store::{Reader, Report, Store},
    telemetry,
};

/// The log: verify all of it, prove an entry, check a proof.
#[derive(Debug, Subcommand)]
pub enum Log {
    /// Walk all logs of a node that does not run from the first entry, and compare the registry with a rebuild.
    Verify {
        /// The node's configuration file.
        #[arg(long, default_value = "lika.toml", value_name = "FILE")]
        config: PathBuf,
    },
    /// Have the node sign where its log ends. Keep the file: later proofs show that nothing before it was changed.
    Checkpoint(CheckpointOf),
    /// Prove that an entry is in the node's log, to whoever has the node's key.
    Prove(Prove),
    /// Check a proof. Needs no node.
    Check(Check),
}

/// What to sign, and where it goes.
#[derive(Args, Debug)]
pub struct CheckpointOf {
    #[command(flatten)]
    called: Called,
    /// The file for the checkpoint; standard output when it is not given.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// What to prove.
#[derive(Args, Debug)]
pub struct Prove {
    #[command(flatten)]
    called: Called,
    #[command(flatten)]
    what: What,
    /// A checkpoint that was kept: proves that the log continues it too.
    #[arg(long, value_name = "FILE")]
    since: Option<PathBuf>,
    /// The file for the proof; standard output when it is not given.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// An entry.
#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
struct What {
    /// The entry with this sequence number.
    #[arg(long)]
    seq: Option<u64>,
    /// The last entry of this record.
    #[arg(long, value_name = "ID")]
    record: Option<String>,
}

/// What to check.
#[derive(Args, Debug)]
pub struct Check {
    /// The proof.
    #[arg(value_name = "FILE")]
    proof: PathBuf,
    /// The node's key, as `lika log checkpoint` prints it; from somewhere that you trust, not from the proof.
    #[arg(long, value_name = "lika/NODE+ID+BASE64")]
    key: String,
}

/// Carries out a command on the log.
pub fn run(command: &Log, output: &mut Output) -> anyhow::Result<Answer> {
    match command {
        Log::Verify { config } => verify(config, output),
        Log::Checkpoint(of) => super::block_on(checkpoint(of, output)),
        Log::Prove(what) => super::block_on(prove(what, output)),
        Log::Check(what) => check(what, output),
    }
}

/// Verifies the logs and the registry of a node.
fn verify(config: &Path, output: &mut Output) -> anyhow::Result<Answer> {
    let config = config::Config::read(config)?;
    let settings = setup::store_settings(&config);
    let mut progress = super::node::print_progress();
    let store = Store::open(&settings, Arc::new(System), &mut progress)?;
    let report = store.verify(&mut progress)?;
    let notes = notes(&store.reader(), &config.data)?;
    store.close()?;
    let is_sound = report.is_sound() && notes.iter().all(|note| note.wrong.is_none());
    output.answer(|| text(&report, &notes), || value(&report, &notes))?;
    Ok(if is_sound { Answer::Yes } else { Answer::No })
}

/// A checkpoint that was kept.
struct Note {
    file: PathBuf,
    /// What is wrong with it.
    wrong: Option<String>,
}

/// Holds every checkpoint that was kept against the logs.
fn notes(reader: &Reader, data: &Path) -> anyhow::Result<Vec<Note>> {
    let kept = Kept::in_data(data)?.all()?;
    let notes = kept.into_iter().map(|kept| {
        let held = kept.note.map(|note| hold(reader, &kept.log, &note));
        let wrong = match held {
            Ok(Ok(read)) if read.epoch == kept.epoch => None,
            Ok(Ok(read)) => Some(format!("it is about epoch {}", read.epoch)),
            Ok(Err(why)) => Some(telemetry::chain(&why)),
            Err(why) => Some(telemetry::chain(&why)),
        };
        let file = kept.file;
        Note { file, wrong }
    });
    Ok(notes.collect())
}

async fn checkpoint(of: &CheckpointOf, output: &mut Output) -> anyhow::Result<Answer> {
    let mut evidence = client::evidence(&of.called).await?;
    let answer = evidence.checkpoint(v1::CheckpointRequest {}).await;
    let v1::CheckpointResponse { note, key } = answer.map_err(client::refused)?.into_inner();
    let read = Checkpoint::open(&note, &key.parse()?)?;
    match &of.out {
        Some(file) => write(file, &note)?,
        None => output.answer(
            || note.trim_end().to_owned(),
            || json!({"note": note, "key": key, "seq": read.tree.size}),
        )?,
    }
    // The key has to be kept apart from what it signs.
    eprintln!("key {key}");
    Ok(Answer::Yes)
}

async fn prove(asked: &Prove, output: &mut Output) -> anyhow::Result<Answer> {
    let What { seq, record } = &asked.what;
    let seq = match (seq, record) {
        (Some(seq), _) => *seq,
        (None, Some(record)) => last_entry(&asked.called, record).await?,
        (None, None) => anyhow::bail!("--seq or --record must be given"),
    };
    let earlier = asked.since.as_deref().map(read).transpose()?;
    let mut evidence = client::evidence(&asked.called).await?;
    let answer = evidence.prove(v1::ProveRequest {
        seq,
        earlier: earlier.unwrap_or_default(),
    });
    let v1::ProveResponse { proof } = answer.await.map_err(client::refused)?.into_inner();
    match &asked.out {
        Some(file) => write(file, &proof)?,
        None => output.answer(
            || proof.trim_end().to_owned(),
            || serde_json::from_str(&proof).unwrap_or_default(),
        )?,
    }
    Ok(Answer::Yes)
}

async fn last_entry(called: &Called, record: &str) -> anyhow::Result<u64> {
    let id = RecordId::parse(record).context("--record")?;
    let mut registry = client::registry(called).await?;
    let asked = v1::GetRequest {
        id: id.0.to_vec(),
        as_of_seq: 0,
    };
    let found = registry
        .get(asked)
        .await
        .map_err(client::refused)?
        .into_inner();
    let position = found.position.context("the record has no position")?;
    Ok(position.seq)
}

fn check(what: &Check, output: &mut Output) -> anyhow::Result<Answer> {
    let key: PublicKey = what.key.parse().context("--key")?;
    let proof = Proof::from_json(&read(&what.proof)?)?;
    let header = proof.entry.header();
    let (node, seq) = (header.node, header.seq);
    match proof.check(&key) {
        Ok(Checkpoint {
            tree, signed_at, ..
        }) => {
            let said = || {
                let continues = match &proof.earlier {
                    Some(_) => "; it continues the earlier checkpoint",
                    None => "",
                };
                let (kind, record, hash) = (header.kind.label(), header.record, proof.entry.hash());
                format!(
                    "entry {seq} of the log of {node} is {hash}: {kind} {record}, revision {}\nproved by the checkpoint of {} entries{continues}",
                    header.revision, tree.size
                )
            };
            output.answer(said, || {
                json!({
                    "proved": true,
                    "node": node.to_string(),
                    "seq": seq,
                    "hash": proof.entry.hash().to_string(),
                    "kind": header.kind.label(),
                    "record": header.record.to_string(),
                    "revision": header.revision,
                    "size": tree.size,
                    "signed_at": signed_at,
                    "continues": proof.earlier.is_some(),
                })
            })?;
            Ok(Answer::Yes)
        }
        Err(error) => {
            let why = telemetry::chain(&error);
            output.answer(
                || format!("not proved: {why}"),
                || json!({"proved": false, "why": why}),
            )?;
            Ok(Answer::No)
        }
    }
}

fn read(file: &Path) -> anyhow::Result<String> {
    fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))
}

fn write(file: &Path, text: &str) -> anyhow::Result<()> {
    fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))
}

fn text(report: &Report, notes: &[Note]) -> String {
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
    lines.extend(notes.iter().map(|Note { file, wrong }| match wrong {
        None => format!("checkpoint {}: holds", file.display()),
        Some(why) => format!("checkpoint {}: {why}", file.display()),
    }));
    lines.join("\n")
}

fn value(report: &Report, notes: &[Note]) -> serde_json::Value {
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
        "sound": report.is_sound() && notes.iter().all(|note| note.wrong.is_none()),
        "logs": logs.collect::<Vec<_>>(),
        "damage": report.damage.as_ref().map(|damage| json!({
            "file": damage.file.display().to_string(),
            "offset": damage.offset,
            "seq": damage.at.seq,
            "what": damage.what,
        })),
        "registry_agrees": report.registry_agrees,
        "checkpoints": notes.iter().map(|Note { file, wrong }| json!({
            "file": file.display().to_string(),
            "wrong": wrong,
        })).collect::<Vec<_>>(),
    })
}
