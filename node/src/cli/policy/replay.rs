//! `lika policy replay`.

use std::{fs::File, io::BufReader, path::PathBuf};

use anyhow::Context as _;
use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use lika_core::value::{Ppm, RecordId, hex};
use lika_proto::v1;
use serde_json::{Value, json};

use super::{
    super::{Answer, Called, Output, block_on, client, output::shown_id},
    area_or_own, call, day,
};
use crate::{
    gateway::{
        bundle::{self, Item},
        replay::{Came, Replayed},
    },
    policy::{Host, HostProgram, Limits},
    telemetry,
};

/// Run recorded evaluations again and compare: one, a sample, or those of a bundle.
#[derive(Args, Debug)]
pub struct Replay {
    /// The record of an evaluation, or of a decision, which names its evaluation.
    #[arg(required_unless_present_any = ["sample", "bundle"])]
    record: Option<String>,
    #[command(flatten)]
    sample: Chosen,
    /// Replay this file, in processes of this command: no node is asked.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["record", "sample"])]
    bundle: Option<PathBuf>,
    #[command(flatten)]
    called: Called,
}

/// Evaluations that are chosen by chance.
#[derive(Args, Debug)]
pub struct Chosen {
    /// Choose by chance this part of all evaluations: more than 0%, at most 100%, such as 1% or 0.25%.
    #[arg(long, value_name = "SHARE")]
    sample: Option<String>,
    /// Choose among those recorded on this day or later, such as 2026-01-01; among all when it is not given.
    #[arg(long, value_name = "DATE", requires = "sample")]
    since: Option<String>,
    /// Choose among those of this area and below, by its code, such as 360323; the node's area when it is not given.
    #[arg(long, requires = "sample")]
    area: Option<String>,
    /// Choose the same ones as a command that printed this seed.
    #[arg(long, requires = "sample")]
    seed: Option<u64>,
}

impl Chosen {
    /// The sample that is asked for; none when none is.
    pub fn request(&self, called: &Called) -> anyhow::Result<Option<v1::ReplaySampleRequest>> {
        let Some(share) = &self.sample else {
            return Ok(None);
        };
        let (random, _) = uuid::Uuid::new_v4().as_u64_pair();
        Ok(Some(v1::ReplaySampleRequest {
            area: area_or_own(self.area.as_deref(), called)?,
            since: day(self.since.as_deref()).context("--since")?,
            share: parts_per_million(share).context("--sample")?,
            seed: self.seed.unwrap_or(random),
        }))
    }
}

/// Runs `lika policy replay`.
pub fn run(replay: &Replay, output: &mut Output) -> anyhow::Result<Answer> {
    if let Some(file) = &replay.bundle {
        return of_bundle(file, output);
    }
    match replay.sample.request(&replay.called)? {
        Some(request) => of_sample(request, &replay.called, output),
        None => one(
            replay.record.as_deref().unwrap_or_default(),
            &replay.called,
            output,
        ),
    }
}

fn one(record: &str, called: &Called, output: &mut Output) -> anyhow::Result<Answer> {
    let request = v1::ReplayRequest {
        evaluation: RecordId::parse(record).context("the record")?.0.to_vec(),
    };
    let replayed = call(called, async |mut policies| policies.replay(request).await)?;
    output.answer(|| text(&replayed), || value(&replayed))?;
    Ok(if replayed.same {
        Answer::Yes
    } else {
        Answer::No
    })
}

fn of_sample(
    request: v1::ReplaySampleRequest,
    called: &Called,
    output: &mut Output,
) -> anyhow::Result<Answer> {
    let seed = request.seed;
    let (done, mismatches) = block_on(async {
        let mut policies = client::policies(called).await?;
        let stream = policies.replay_sample(request).await;
        let mut stream = stream.map_err(client::refused)?.into_inner();
        let (mut done, mut mismatches) = (v1::ReplaySampleResponse::default(), Vec::new());
        let bar = spinner();
        while let Some(mut told) = stream.message().await.map_err(client::refused)? {
            mismatches.extend(told.mismatch.take());
            bar.set_position(told.chosen);
            done = told;
        }
        bar.finish_and_clear();
        Ok((done, mismatches))
    })?;
    let figures = Figures {
        evaluations: done.chosen,
        same: done.same,
        mismatches: done.mismatches,
        attempts: done.attempts,
        unfinished: done.unfinished,
        without_component: done.without_component,
        other_engine: done.other_engine,
        decisions: done.decisions,
        damage: Vec::new(),
    };
    let missing: Vec<String> = done.missing.iter().map(|it| hex(it)).collect();
    let words = || {
        let mut lines = vec![figures.text(&mismatches)];
        lines.extend(
            missing
                .iter()
                .map(|it| format!("component {it} is not on the node")),
        );
        lines.push(format!("seed {seed}"));
        lines.join("\n")
    };
    let data = || {
        let mut data = figures.value(&mismatches);
        data["seed"] = seed.into();
        data["missing"] = json!(missing);
        data
    };
    output.answer(words, data)?;
    Ok(figures.answer())
}

fn of_bundle(file: &PathBuf, output: &mut Output) -> anyhow::Result<Answer> {
    let opened = File::open(file).with_context(|| format!("cannot read {}", file.display()))?;
    let host = Host::start(HostProgram::Own, Limits::default())?;
    let mut bundle = bundle::Bundle::open(BufReader::new(opened), &host)?;
    let (mut figures, mut mismatches) = (Figures::default(), Vec::new());
    let bar = spinner();
    while let Some(item) = bundle.replay_next()? {
        bar.inc(1);
        match item {
            Item::Replayed(replayed) => {
                figures.note(&replayed);
                if replayed.is_mismatch() {
                    mismatches.push(crate::wire::replayed(&replayed));
                }
            }
            Item::Failed(evaluation, error) => {
                figures.evaluations += 1;
                figures.without_component += 1;
                let cause = telemetry::chain(&error);
                eprintln!("evaluation {evaluation} cannot be run again: {cause}");
            }
            Item::Damaged(damage) => {
                let bundle::Damage { item, offset, what } = damage;
                figures
                    .damage
                    .push(format!("item {item} at byte {offset}: {what}"));
            }
        }
    }
    bar.finish_and_clear();
    output.answer(|| figures.text(&mismatches), || figures.value(&mismatches))?;
    Ok(figures.answer())
}

/// Counts what is done; nobody knows how much there is.
fn spinner() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("replaying {pos} {spinner} {elapsed}") {
        bar.set_style(style);
    }
    bar
}

/// How many came out how.
#[derive(Default)]
struct Figures {
    evaluations: u64,
    same: u64,
    mismatches: u64,
    attempts: u64,
    unfinished: u64,
    without_component: u64,
    other_engine: u64,
    decisions: u64,
    damage: Vec<String>,
}

impl Figures {
    fn note(&mut self, replayed: &Replayed) {
        self.evaluations += 1;
        self.decisions += replayed.decisions;
        *match replayed.came {
            _ if replayed.is_mismatch() => &mut self.mismatches,
            Came::Same | Came::Otherwise(_) => &mut self.same,
            Came::Attempt => &mut self.attempts,
            Came::Unfinished(_) => &mut self.unfinished,
            Came::OtherEngine(_) => &mut self.other_engine,
        } += 1;
    }

    /// What was not compared is not the same.
    fn answer(&self) -> Answer {
        let open = [self.mismatches, self.unfinished, self.without_component];
        if open == [0; 3] && self.damage.is_empty() {
            Answer::Yes
        } else {
            Answer::No
        }
    }

    fn text(&self, mismatches: &[v1::ReplayResponse]) -> String {
        let mut lines: Vec<String> = mismatches.iter().map(text).collect();
        lines.extend(
            self.damage
                .iter()
                .map(|damage| format!("damaged: {damage}")),
        );
        lines.push(format!(
            "{} evaluations: {} the same, {} mismatches; {} decisions compared",
            self.evaluations, self.same, self.mismatches, self.decisions
        ));
        let apart = [
            (self.attempts, "attempts, outside of replay"),
            (self.unfinished, "without an answer this time"),
            (self.without_component, "that could not be run here"),
            (
                self.other_engine,
                "of another engine, which come out otherwise of this one",
            ),
        ];
        let apart = apart.into_iter().filter(|(count, _)| *count > 0);
        lines.extend(apart.map(|(count, what)| format!("{count} {what}")));
        lines.join("\n")
    }

    fn value(&self, mismatches: &[v1::ReplayResponse]) -> Value {
        json!({
            "evaluations": self.evaluations,
            "same": self.same,
            "mismatches": mismatches.iter().map(value).collect::<Vec<_>>(),
            "attempts": self.attempts,
            "unfinished": self.unfinished,
            "without_component": self.without_component,
            "other_engine": self.other_engine,
            "decisions": self.decisions,
            "damage": self.damage,
        })
    }
}

fn text(replayed: &v1::ReplayResponse) -> String {
    let verdict = match replayed {
        it if it.attempt => "an attempt without an answer of its own; it was not run".to_owned(),
        it if !it.unfinished.is_empty() => format!("no answer this time: {}", it.unfinished),
        it if !it.mismatch.is_empty() => it.mismatch.clone(),
        it if !it.other_engine.is_empty() => format!(
            "made by another engine ({}); another output of this one",
            it.other_engine
        ),
        _ => "the same output".to_owned(),
    };
    let mut lines = vec![
        format!("evaluation {}: {verdict}", shown_id(&replayed.evaluation)),
        format!("recorded {}", hex(&replayed.recorded)),
        format!("replayed {}", hex(&replayed.replayed)),
    ];
    for it in &replayed.differing {
        let (decision, subject) = (shown_id(&it.decision), shown_id(&it.subject));
        lines.push(format!(
            "decision {decision} on {subject} is not what the policy said"
        ));
        lines.push(format!("  recorded: {}", it.recorded));
        lines.push(format!("  replayed: {}", it.replayed));
    }
    for it in &replayed.changing {
        let (decision, subject) = (shown_id(&it.decision), shown_id(&it.subject));
        lines.push(format!(
            "decision {decision} on {subject} would be another one now"
        ));
        lines.push(format!("  recorded: {}", it.recorded));
        lines.push(format!("  this engine: {}", it.replayed));
    }
    lines.join("\n")
}

fn value(replayed: &v1::ReplayResponse) -> Value {
    let each = |some: &[v1::DifferingDecision]| {
        let some = some.iter().map(|it| {
            json!({
                "decision": shown_id(&it.decision),
                "subject": shown_id(&it.subject),
                "recorded": it.recorded,
                "replayed": it.replayed,
            })
        });
        some.collect::<Vec<_>>()
    };
    json!({
        "evaluation": shown_id(&replayed.evaluation),
        "same": replayed.same,
        "recorded": hex(&replayed.recorded),
        "replayed": hex(&replayed.replayed),
        "mismatch": replayed.mismatch,
        "attempt": replayed.attempt,
        "unfinished": replayed.unfinished,
        "decisions": replayed.decisions,
        "differing": each(&replayed.differing),
        "other_engine": replayed.other_engine,
        "changing": each(&replayed.changing),
    })
}

/// A share that is more than nothing.
fn parts_per_million(text: &str) -> anyhow::Result<u32> {
    let parts = u32::try_from(Ppm::parse_share(text)?.get())?;
    anyhow::ensure!(parts > 0, "a sample of nothing finds nothing");
    Ok(parts)
}
