//! `lika policy propose`, `approve`, `suspend`, `resume` and `bring-back`.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use lika_core::value::{Date, Digest, RecordId};
use lika_proto::v1;
use serde_json::json;

use super::{call, id};
use crate::cli::{Answer, Called, Output, client};

/// Propose a policy for its purpose in an area from a day; it takes two people's approval.
#[derive(Debug, Args)]
pub struct Propose {
    /// The policy's record.
    policy: String,
    /// The area.
    #[arg(long)]
    area: String,
    /// The file with the settings, JSON; the policy's defaults when it is not given.
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
    /// The first day.
    #[arg(long, value_name = "DATE")]
    from: String,
    /// The digest that `lika policy preview` printed for these settings, this area and this day.
    #[arg(long, value_name = "DIGEST")]
    preview: String,
    /// Hold in the areas below in place of what is enacted there.
    #[arg(long)]
    binding: bool,
    #[command(flatten)]
    called: Called,
}

/// Approve a proposed enactment in person.
#[derive(Debug, Args)]
pub struct Approve {
    /// The enactment's record.
    enactment: String,
    /// The digest of the preview that you have looked at.
    #[arg(long, value_name = "DIGEST")]
    preview: String,
    #[command(flatten)]
    called: Called,
}

/// Suspend an enactment: nothing is in force in its place.
#[derive(Debug, Args)]
pub struct Suspend {
    /// The enactment's record.
    enactment: String,
    #[command(flatten)]
    called: Called,
}

/// Resume an enactment that was suspended.
#[derive(Debug, Args)]
pub struct Resume {
    /// The enactment's record.
    enactment: String,
    #[command(flatten)]
    called: Called,
}

/// Propose what an earlier enactment said, from a day.
#[derive(Debug, Args)]
pub struct BringBack {
    /// The earlier enactment's record.
    enactment: String,
    /// The first day.
    #[arg(long, value_name = "DATE")]
    from: String,
    /// The digest that `lika policy preview` printed for its policy, settings and area on this day.
    #[arg(long, value_name = "DIGEST")]
    preview: String,
    #[command(flatten)]
    called: Called,
}

pub fn propose(command: &Propose, output: &mut Output) -> anyhow::Result<Answer> {
    let Propose {
        policy,
        area,
        settings,
        from,
        preview,
        binding,
        called,
    } = command;
    let settings = settings.as_ref().map(std::fs::read_to_string).transpose();
    let request = v1::ProposeRequest {
        request: client::request_id(),
        policy: record("the policy", policy)?,
        area: area.clone(),
        settings: settings.context("--settings")?.unwrap_or_default(),
        from: Date::parse(from).context("--from")?.number(),
        preview: digest(preview)?,
        binding: *binding,
    };
    let proposed = call(called, async |mut policies| policies.propose(request).await)?;
    proposed_as(&proposed, output)
}

pub fn bring_back(command: &BringBack, output: &mut Output) -> anyhow::Result<Answer> {
    let BringBack {
        enactment,
        from,
        preview,
        called,
    } = command;
    let request = v1::BringBackRequest {
        request: client::request_id(),
        enactment: record("the enactment", enactment)?,
        from: Date::parse(from).context("--from")?.number(),
        preview: digest(preview)?,
    };
    let proposed = call(called, async |mut policies| {
        policies.bring_back(request).await
    })?;
    proposed_as(&proposed, output)
}

pub fn approve(command: &Approve, output: &mut Output) -> anyhow::Result<Answer> {
    let Approve {
        enactment,
        preview,
        called,
    } = command;
    let request = v1::ApproveRequest {
        request: client::request_id(),
        enactment: record("the enactment", enactment)?,
        preview: digest(preview)?,
    };
    let approved = call(called, async |mut policies| policies.approve(request).await)?;
    let v1::ApproveResponse { approvals, needed } = approved;
    output.answer(
        || format!("{approvals} of {needed} approvals"),
        || json!({"approvals": approvals, "needed": needed}),
    )?;
    Ok(Answer::Yes)
}

pub fn suspend(command: &Suspend, output: &mut Output) -> anyhow::Result<Answer> {
    set_suspended(&command.enactment, true, &command.called, output)
}

pub fn resume(command: &Resume, output: &mut Output) -> anyhow::Result<Answer> {
    set_suspended(&command.enactment, false, &command.called, output)
}

fn set_suspended(
    enactment: &str,
    suspended: bool,
    called: &Called,
    output: &mut Output,
) -> anyhow::Result<Answer> {
    let request = v1::SuspendRequest {
        request: client::request_id(),
        enactment: record("the enactment", enactment)?,
        suspended,
    };
    call(called, async |mut policies| policies.suspend(request).await)?;
    let word = if suspended { "suspended" } else { "resumed" };
    output.answer(|| word.to_owned(), || json!({"suspended": suspended}))?;
    Ok(Answer::Yes)
}

fn proposed_as(proposed: &v1::ProposeResponse, output: &mut Output) -> anyhow::Result<Answer> {
    let enactment = id(&proposed.enactment)?.to_string();
    output.answer(|| enactment.clone(), || json!({"enactment": enactment}))?;
    Ok(Answer::Yes)
}

fn record(what: &'static str, text: &str) -> anyhow::Result<Vec<u8>> {
    Ok(RecordId::parse(text).context(what)?.0.to_vec())
}

fn digest(text: &str) -> anyhow::Result<Vec<u8>> {
    let digest = Digest::parse(text).context(
        "--preview: must be the 64 hexadecimal digits that `lika policy preview` prints",
    )?;
    Ok(digest.0.to_vec())
}
