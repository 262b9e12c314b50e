//! `lika village plan` and `lika village batches`.

use clap::Args;
use lika_core::value::{Date, Fen};
use lika_proto::{
    log::v1 as log,
    v1::{self, record::Body},
};
use serde_json::{Value, json};

use crate::cli::{Answer, Called, Output, block_on, client, output::shown_id};

/// A batch to plan.
#[derive(Debug, Args)]
pub struct Plan {
    /// Name.
    name: String,
    /// The area that plans it, by its code.
    #[arg(long)]
    area: String,
    /// A village that is a key village on the first day, by its code; again for each village.
    #[arg(long = "village", value_name = "CODE", required = true)]
    villages: Vec<String>,
    /// The first day.
    #[arg(long)]
    from: String,
    /// The first day after it; open when it is not given.
    #[arg(long)]
    until: Option<String>,
    #[command(flatten)]
    called: Called,
}

/// Which batches.
#[derive(Debug, Args)]
pub struct Batches {
    /// Those of this area and below, by its code; your own area when it is not given.
    #[arg(long, default_value = "", hide_default_value = true)]
    area: String,
    #[command(flatten)]
    called: Called,
}

/// Plans a batch.
pub fn plan(plan: &Plan, output: &mut Output) -> anyhow::Result<Answer> {
    let until = plan.until.as_deref().map(Date::parse).transpose()?;
    let open = log::village_batch::Open {
        name: plan.name.clone(),
        villages: plan.villages.clone(),
        from: Date::parse(&plan.from)?.number(),
        until: until.map_or(0, Date::number),
    };
    let body = Body::VillageBatch(log::VillageBatch { open: Some(open) });
    let id = block_on(async {
        let mut registry = client::registry(&plan.called).await?;
        let id = client::create(&mut registry, &plan.area, body).await?;
        Ok(shown_id(&id))
    })?;
    output.answer(
        || format!("planned whole-village batch {id}"),
        || json!({"batch": id}),
    )?;
    Ok(Answer::Yes)
}

/// Says how far each batch is.
pub fn list(batches: &Batches, output: &mut Output) -> anyhow::Result<Answer> {
    let found = block_on(async {
        let mut works = client::works(&batches.called).await?;
        let request = v1::VillageBatchesRequest {
            area: batches.area.clone(),
        };
        let found = works.village_batches(request).await;
        Ok(found.map_err(client::refused)?.into_inner().batches)
    })?;
    output.answer(
        || match &found[..] {
            [] => "no whole-village batches".to_owned(),
            found => found.iter().map(line).collect::<Vec<_>>().join("\n"),
        },
        || json!({"batches": found.iter().map(value).collect::<Vec<_>>()}),
    )?;
    Ok(Answer::Yes)
}

fn line(batch: &v1::BatchProgress) -> String {
    format!(
        "{} {} from {}: {} villages, {} projects, {} accepted, planned {}, cost {}, reimbursed {}",
        shown_id(&batch.batch),
        batch.name,
        batch.from,
        batch.villages,
        batch.projects,
        batch.accepted,
        Fen(batch.budget),
        Fen(batch.actual),
        Fen(batch.reimbursed),
    )
}

fn value(batch: &v1::BatchProgress) -> Value {
    json!({
        "batch": shown_id(&batch.batch),
        "area": batch.area,
        "name": batch.name,
        "from": batch.from,
        "until": (batch.until > 0).then_some(batch.until),
        "villages": batch.villages,
        "projects": batch.projects,
        "accepted": batch.accepted,
        "budget": batch.budget,
        "actual": batch.actual,
        "reimbursed": batch.reimbursed,
    })
}
