//! `lika case procedures`.

use anyhow::Context as _;
use clap::Subcommand;
use lika_core::value::Date;
use lika_proto::{
    log::v1::{Action, Kind},
    v1::{self, record::Body},
};
use serde_json::json;

use super::super::{Answer, Called, Output, block_on, client, output::shown_id};
use crate::procedures;

/// The procedures by which cases begin.
#[derive(Debug, Subcommand)]
pub enum Procedures {
    /// Put procedures in force that ship with the program: taishun, tuanfeng, sanming, sanming-347, guangdong, luxi, or
    /// practice for the kinds that no document spells out.
    Install {
        /// Which.
        name: String,
        /// In this area and below, by its code.
        #[arg(long)]
        area: String,
        /// The first day on which cases begin by them.
        #[arg(long)]
        from: String,
        #[command(flatten)]
        called: Called,
    },
    /// List the procedures of an area.
    List {
        /// Those of this area and below, by its code; your own area when it is not given.
        #[arg(long, default_value = "", hide_default_value = true)]
        area: String,
        #[command(flatten)]
        called: Called,
    },
}

/// Runs `lika case procedures`.
pub fn run(command: &Procedures, output: &mut Output) -> anyhow::Result<Answer> {
    match command {
        Procedures::Install {
            name,
            area,
            from,
            called,
        } => install(name, area, from, called, output),
        Procedures::List { area, called } => list(area, called, output),
    }
}

fn install(
    name: &str,
    area: &str,
    from: &str,
    called: &Called,
    output: &mut Output,
) -> anyhow::Result<Answer> {
    let from = Date::parse(from).context("the first day")?;
    let procedures = procedures::shipped(name, from)?;
    let changes = procedures.into_iter().map(|procedure| v1::Change {
        action: Action::Create.into(),
        expected_revision: 0,
        record: Some(v1::Record {
            area: area.to_owned(),
            body: Some(Body::Procedure(procedure)),
            ..Default::default()
        }),
    });
    let request = v1::ApplyRequest {
        request: client::request_id(),
        changes: changes.collect(),
    };
    let applied = block_on(async {
        let mut registry = client::registry(called).await?;
        let applied = registry.apply(request).await.map_err(client::refused)?;
        Ok(applied.into_inner().applied)
    })?;
    let ids: Vec<String> = applied.iter().map(|it| shown_id(&it.id)).collect();
    output.answer(
        || {
            format!(
                "{} procedures of {name} are in force in {area} from {from}",
                ids.len()
            )
        },
        || json!({"procedures": ids, "area": area, "from": from.number()}),
    )?;
    Ok(Answer::Yes)
}

fn list(area: &str, called: &Called, output: &mut Output) -> anyhow::Result<Answer> {
    let records = block_on(client::list_of(called, Kind::Procedure, area))?;
    let procedures = records.iter().filter_map(|record| match &record.body {
        Some(Body::Procedure(procedure)) => Some((record, procedure.open.as_ref()?)),
        _ => None,
    });
    let procedures: Vec<_> = procedures.collect();
    output.answer(
        || match &procedures[..] {
            [] => "no procedures; `lika case procedures install` puts some in force".to_owned(),
            procedures => procedures
                .iter()
                .map(|(record, open)| {
                    let steps: Vec<&str> = open.steps.iter().map(|it| it.code.as_str()).collect();
                    let (area, kind, name) = (&record.area, &open.kind, &open.name);
                    let (from, steps) = (open.from, steps.join(" "));
                    format!("{from} {area} {kind} {name}: {steps}")
                })
                .collect::<Vec<_>>()
                .join("\n"),
        },
        || {
            let value = |(record, open): &(&v1::Record, &lika_proto::log::v1::procedure::Open)| {
                json!({
                    "procedure": shown_id(&record.id),
                    "area": record.area,
                    "kind": open.kind,
                    "name": open.name,
                    "from": open.from,
                    "until": (open.until > 0).then_some(open.until),
                    "steps": open.steps.iter().map(|it| &it.code).collect::<Vec<_>>(),
                    "objection_days": open.objection_days,
                })
            };
            json!({"procedures": procedures.iter().map(value).collect::<Vec<_>>()})
        },
    )?;
    Ok(Answer::Yes)
}
