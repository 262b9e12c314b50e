//! `lika rollup commit`.

use anyhow::Context as _;
use clap::Args;
use lika_core::value::hex;
use lika_proto::{log::v1 as log, v1};
use serde_json::{Map, json};

use super::super::{Answer, Called, Output, block_on, client, output::shown_id};

/// What to commit to.
#[derive(Args, Debug)]
pub struct Commit {
    /// The area, by its code; your own area when it is not given.
    #[arg(long, default_value = "", hide_default_value = true)]
    area: String,
    /// A year such as 2016; what stands now when it is not given.
    #[arg(
        long,
        value_name = "YEAR",
        default_value_t = 0,
        hide_default_value = true
    )]
    period: u32,
    /// Repeat this request: a UUID that an earlier commitment was given.
    #[arg(long, value_name = "UUID")]
    request: Option<uuid::Uuid>,
    #[command(flatten)]
    called: Called,
}

/// Commits, and prints what was committed.
pub fn run(commit: &Commit, output: &mut Output) -> anyhow::Result<Answer> {
    let request = commit
        .request
        .map_or_else(client::request_id, |request| request.into_bytes().to_vec());
    let request = v1::CommitRollUpRequest {
        request,
        area: commit.area.clone(),
        period: commit.period,
    };
    let committed = block_on(async {
        let mut reports = client::reports(&commit.called).await?;
        let committed = reports.commit_roll_up(request).await;
        Ok(committed.map_err(client::refused)?.into_inner())
    })?;
    let said = committed.said.and_then(|said| said.open);
    let said = said.context("the node did not say what it committed to")?;
    let id = shown_id(&committed.commitment);
    output.answer(|| text(&id, &said), || value(&id, &said))?;
    Ok(Answer::Yes)
}

fn text(id: &str, said: &log::rollup_commitment::Open) -> String {
    let mut lines = vec![
        format!("commitment {id}"),
        format!("root {}", hex(&said.root)),
    ];
    let ends = said.logs.iter();
    lines.extend(ends.map(|end| {
        format!(
            "log of {} up to epoch {} entry {}",
            shown_id(&end.node),
            end.epoch,
            end.seq
        )
    }));
    lines.push(format!("leaves {}", said.leaves));
    let totals = said.dimensions.iter();
    lines.extend(totals.map(|it| format!("{}\t{}\t{}", said.period, it.name, it.total)));
    lines.join("\n")
}

fn value(id: &str, said: &log::rollup_commitment::Open) -> serde_json::Value {
    let totals = said
        .dimensions
        .iter()
        .map(|it| (it.name.clone(), json!(it.total)));
    let logs = said
        .logs
        .iter()
        .map(|end| json!({"node": shown_id(&end.node), "epoch": end.epoch, "seq": end.seq}));
    json!({
        "commitment": id,
        "area": said.area,
        "period": said.period,
        "root": hex(&said.root),
        "leaves": said.leaves,
        "totals": totals.collect::<Map<_, _>>(),
        "logs": logs.collect::<Vec<_>>(),
    })
}
