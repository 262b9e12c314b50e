//! `lika policy`.

mod admitted;
mod bench;
mod build;
mod check;
mod doctor;
mod new;
mod run;
mod test;
mod watch;

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Subcommand;
use lika_core::value::{Date, RecordId};
use lika_proto::v1::{self, admit_request::Step};
use serde_json::json;

use super::{Answer, Called, Output, block_on, client};

const PIECE: usize = 1 << 20;

/// Admit, enact, run and replay policies.
#[derive(Debug, Subcommand)]
pub enum Policy {
    /// Check a component at the door and register it.
    Admit {
        /// The component.
        file: PathBuf,
        #[command(flatten)]
        called: Called,
    },
    /// Put a policy in force for its purpose in an area from a day.
    Enact {
        /// The policy's record.
        policy: String,
        /// The area.
        #[arg(long)]
        area: String,
        /// The file with the settings, JSON; the policy's defaults when it is not given.
        #[arg(long, value_name = "FILE")]
        settings: Option<PathBuf>,
        /// The first day.
        #[arg(long)]
        from: String,
        #[command(flatten)]
        called: Called,
    },
    /// Run the policy in force for a purpose over an area.
    Evaluate {
        /// The purpose.
        purpose: String,
        /// The area.
        #[arg(long)]
        area: String,
        /// The day that the question is about; today when it is not given.
        #[arg(long)]
        on: Option<String>,
        #[command(flatten)]
        called: Called,
    },
    /// Accept the open proposals of the current decisions.
    Accept {
        /// The purpose.
        purpose: String,
        /// The area.
        #[arg(long)]
        area: String,
        /// The first day of what is made; today when it is not given.
        #[arg(long)]
        from: Option<String>,
        #[command(flatten)]
        called: Called,
    },
    /// Run a recorded evaluation again and compare.
    Replay {
        /// The evaluation's record.
        evaluation: String,
        #[command(flatten)]
        called: Called,
    },
    New(new::New),
    Doctor(doctor::Doctor),
    Build(build::Build),
    Test(test::Test),
    Run(run::Run),
    Watch(watch::Watch),
    Bench(bench::Bench),
    Check(check::Check),
}

/// Runs `lika policy`.
pub fn run(command: &Policy, output: &mut Output) -> anyhow::Result<Answer> {
    match command {
        Policy::Admit { file, called } => admit(file, called, output),
        Policy::Enact {
            policy,
            area,
            settings,
            from,
            called,
        } => {
            let settings = settings.as_ref().map(std::fs::read_to_string).transpose();
            let request = v1::EnactRequest {
                request: client::request_id(),
                policy: RecordId::parse(policy).context("the policy")?.0.to_vec(),
                area: area.clone(),
                settings: settings.context("--settings")?.unwrap_or_default(),
                from: Date::parse(from).context("--from")?.number(),
            };
            enact(request, called, output)
        }
        Policy::Evaluate {
            purpose,
            area,
            on,
            called,
        } => {
            let request = v1::EvaluateRequest {
                request: client::request_id(),
                purpose: purpose.clone(),
                area: area.clone(),
                on: day(on.as_deref()).context("--on")?,
            };
            evaluate(request, called, output)
        }
        Policy::Accept {
            purpose,
            area,
            from,
            called,
        } => {
            let request = v1::AcceptRequest {
                request: client::request_id(),
                purpose: purpose.clone(),
                area: area.clone(),
                from: day(from.as_deref()).context("--from")?,
            };
            accept(request, called, output)
        }
        Policy::Replay { evaluation, called } => replay(evaluation, called, output),
        Policy::New(command) => new::run(command, output),
        Policy::Doctor(command) => doctor::run(command, output),
        Policy::Build(command) => build::run(command, output),
        Policy::Test(command) => test::run(command, output),
        Policy::Run(command) => run::run(command, output),
        Policy::Watch(command) => watch::run(command, output),
        Policy::Bench(command) => bench::run(command, output),
        Policy::Check(command) => check::run(command, output),
    }
}

fn enact(
    request: v1::EnactRequest,
    called: &Called,
    output: &mut Output,
) -> anyhow::Result<Answer> {
    let enacted = block_on(async {
        let mut policies = client::policies(called).await?;
        Ok(policies
            .enact(request)
            .await
            .map_err(client::refused)?
            .into_inner())
    })?;
    let enactment = id(&enacted.enactment)?.to_string();
    output.answer(|| enactment.clone(), || json!({"enactment": enactment}))?;
    Ok(Answer::Yes)
}

fn evaluate(
    request: v1::EvaluateRequest,
    called: &Called,
    output: &mut Output,
) -> anyhow::Result<Answer> {
    let evaluated = block_on(async {
        let mut policies = client::policies(called).await?;
        Ok(policies
            .evaluate(request)
            .await
            .map_err(client::refused)?
            .into_inner())
    })?;
    let v1::EvaluateResponse {
        policy,
        decisions,
        granted,
        refused,
        undetermined,
        proposals,
        ..
    } = evaluated;
    output.answer(
        || {
            format!(
                "{policy}: {decisions} decisions: {granted} granted, {refused} refused, \
                 {undetermined} undetermined; {proposals} proposals"
            )
        },
        || {
            json!({
                "policy": policy,
                "decisions": decisions,
                "granted": granted,
                "refused": refused,
                "undetermined": undetermined,
                "proposals": proposals,
            })
        },
    )?;
    Ok(Answer::Yes)
}

fn accept(
    request: v1::AcceptRequest,
    called: &Called,
    output: &mut Output,
) -> anyhow::Result<Answer> {
    let accepted = block_on(async {
        let mut policies = client::policies(called).await?;
        Ok(policies
            .accept(request)
            .await
            .map_err(client::refused)?
            .into_inner())
    })?;
    let v1::AcceptResponse {
        pairings, seats, ..
    } = accepted;
    output.answer(
        || format!("{pairings} pairings, {seats} seats in teams"),
        || json!({"pairings": pairings, "seats": seats}),
    )?;
    Ok(Answer::Yes)
}

fn admit(file: &PathBuf, called: &Called, output: &mut Output) -> anyhow::Result<Answer> {
    let component =
        std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let message = |step| v1::AdmitRequest { step: Some(step) };
    let mut messages = vec![message(Step::Request(client::request_id()))];
    messages.extend(
        component
            .chunks(PIECE)
            .map(|piece| message(Step::Chunk(piece.to_vec()))),
    );
    let admitted = block_on(async {
        let mut policies = client::policies(called).await?;
        Ok(policies
            .admit(tokio_stream::iter(messages))
            .await
            .map_err(client::refused)?
            .into_inner())
    })?;
    let policy = id(&admitted.policy)?;
    let description = admitted.description.unwrap_or_default();
    output.answer(
        || format!("{} {} for {}: policy {policy}", description.name, description.version, description.purpose),
        || json!({"policy": policy.to_string(), "name": description.name, "version": description.version, "purpose": description.purpose}),
    )?;
    Ok(Answer::Yes)
}

fn replay(evaluation: &str, called: &Called, output: &mut Output) -> anyhow::Result<Answer> {
    let request = v1::ReplayRequest {
        evaluation: RecordId::parse(evaluation)
            .context("the evaluation")?
            .0
            .to_vec(),
    };
    let replayed = block_on(async {
        let mut policies = client::policies(called).await?;
        Ok(policies
            .replay(request)
            .await
            .map_err(client::refused)?
            .into_inner())
    })?;
    let (recorded, again) = (
        super::output::hex(&replayed.recorded),
        super::output::hex(&replayed.replayed),
    );
    output.answer(
        || {
            let verdict = if replayed.same {
                "the same output"
            } else {
                "another output"
            };
            format!("{verdict}\nrecorded {recorded}\nreplayed {again}")
        },
        || json!({"same": replayed.same, "recorded": recorded, "replayed": again}),
    )?;
    Ok(if replayed.same {
        Answer::Yes
    } else {
        Answer::No
    })
}

fn day(text: Option<&str>) -> anyhow::Result<u32> {
    Ok(text.map(Date::parse).transpose()?.map_or(0, Date::number))
}

fn id(bytes: &[u8]) -> anyhow::Result<RecordId> {
    Ok(RecordId(bytes.try_into().context(
        "the node answered with an id that is not 16 bytes",
    )?))
}
