//! `lika policy accept`.

use anyhow::Context as _;
use clap::Args;
use lika_proto::v1;
use serde_json::json;

use super::{call, day};
use crate::cli::{Answer, Called, Output, client};

/// Accept the open proposals of the current decisions: they become pairings and seats in village teams.
#[derive(Debug, Args)]
pub struct Accept {
    /// The purpose.
    purpose: String,
    /// The area.
    #[arg(long)]
    area: String,
    /// The first day of what is made; today when it is not given.
    #[arg(long, value_name = "DATE")]
    from: Option<String>,
    #[command(flatten)]
    called: Called,
}

pub fn run(command: &Accept, output: &mut Output) -> anyhow::Result<Answer> {
    let Accept {
        purpose,
        area,
        from,
        called,
    } = command;
    let request = v1::AcceptRequest {
        request: client::request_id(),
        purpose: purpose.clone(),
        area: area.clone(),
        from: day(from.as_deref()).context("--from")?,
    };
    let accepted = call(called, async |mut policies| policies.accept(request).await)?;
    let v1::AcceptResponse {
        pairings, seats, ..
    } = accepted;
    output.answer(
        || format!("{pairings} pairings, {seats} seats in teams"),
        || json!({"pairings": pairings, "seats": seats}),
    )?;
    Ok(Answer::Yes)
}
