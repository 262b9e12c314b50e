//! `lika policy evaluate`.

use anyhow::Context as _;
use clap::Args;
use lika_proto::v1;
use serde_json::json;

use super::{call, day};
use crate::cli::{Answer, Called, Output, client};

/// Run the policy in force for a purpose over an area.
#[derive(Debug, Args)]
pub struct Evaluate {
    /// The purpose.
    purpose: String,
    /// The area.
    #[arg(long)]
    area: String,
    /// The day that the question is about; today when it is not given.
    #[arg(long, value_name = "DATE")]
    on: Option<String>,
    #[command(flatten)]
    called: Called,
}

pub fn run(command: &Evaluate, output: &mut Output) -> anyhow::Result<Answer> {
    let Evaluate {
        purpose,
        area,
        on,
        called,
    } = command;
    let request = v1::EvaluateRequest {
        request: client::request_id(),
        purpose: purpose.clone(),
        area: area.clone(),
        on: day(on.as_deref()).context("--on")?,
    };
    let evaluated = call(called, async |mut policies| {
        policies.evaluate(request).await
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
