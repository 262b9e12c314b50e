//! `lika duty`.

use anyhow::Context as _;
use clap::Subcommand;
use lika_core::value::Date;
use lika_proto::{
    log::v1::{self as log, Action, Kind},
    v1::{self, record::Body},
};
use serde_json::json;

use super::{Answer, Called, Output, block_on, client, output::shown_id};
use crate::duties;

/// What falls due again and again, and for whom.
#[derive(Debug, Subcommand)]
pub enum Duty {
    /// Put duties in force that ship with the program: taishun, guangdong or luxi.
    Install {
        /// Which.
        name: String,
        /// In this area and below, by its code.
        #[arg(long)]
        area: String,
        /// The first day.
        #[arg(long)]
        from: String,
        #[command(flatten)]
        called: Called,
    },
    /// List the duties of an area.
    List {
        /// Those of this area and below, by its code; your own area when it is not given.
        #[arg(long, default_value = "", hide_default_value = true)]
        area: String,
        #[command(flatten)]
        called: Called,
    },
}

/// Runs `lika duty`.
pub fn run(command: &Duty, output: &mut Output) -> anyhow::Result<Answer> {
    match command {
        Duty::Install {
            name,
            area,
            from,
            called,
        } => install(name, area, from, called, output)?,
        Duty::List { area, called } => list(area, called, output)?,
    }
    Ok(Answer::Yes)
}

fn install(
    name: &str,
    area: &str,
    from: &str,
    called: &Called,
    output: &mut Output,
) -> anyhow::Result<()> {
    let from = Date::parse(from).context("the first day")?;
    let changes = duties::shipped(name, from)?
        .into_iter()
        .map(|duty| v1::Change {
            action: Action::Create.into(),
            expected_revision: 0,
            record: Some(v1::Record {
                area: area.to_owned(),
                body: Some(Body::Duty(duty)),
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
                "{} duties of {name} are in force in {area} from {from}",
                ids.len()
            )
        },
        || json!({"duties": ids, "area": area, "from": from.number()}),
    )
}

fn list(area: &str, called: &Called, output: &mut Output) -> anyhow::Result<()> {
    let records = block_on(client::list_of(called, Kind::Duty, area))?;
    let duties = records.iter().filter_map(|record| match &record.body {
        Some(Body::Duty(log::Duty { open: Some(open) })) => Some((record, open)),
        _ => None,
    });
    let duties: Vec<_> = duties.collect();
    output.answer(
        || match &duties[..] {
            [] => "no duties; `lika duty install` puts some in force".to_owned(),
            duties => duties
                .iter()
                .map(|(record, open)| {
                    let roles = match open.roles.is_empty() {
                        true => shown_id(&open.subject),
                        false => open.roles.join(" "),
                    };
                    let (code, rhythm, area) = (&open.code, &open.rhythm, &record.area);
                    format!("{code} {} {area} each {rhythm}: {roles}", open.name)
                })
                .collect::<Vec<_>>()
                .join("\n"),
        },
        || {
            let duties = duties.iter().map(|(record, open)| {
                json!({
                    "duty": shown_id(&record.id),
                    "area": record.area,
                    "code": open.code,
                    "name": open.name,
                    "rhythm": open.rhythm,
                    "side": open.side,
                    "roles": open.roles,
                    "subject": (!open.subject.is_empty()).then(|| shown_id(&open.subject)),
                    "grace": open.grace,
                    "from": open.from,
                    "until": (open.until > 0).then_some(open.until),
                })
            });
            json!({"duties": duties.collect::<Vec<_>>()})
        },
    )
}
