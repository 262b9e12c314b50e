//! `lika alert`.

use anyhow::Context as _;
use clap::Subcommand;
use lika_core::{codes, value::RecordId};
use lika_proto::{
    log::v1::{self as log, Kind},
    v1::{self, record::Body},
};
use serde_json::{Value, json};

use super::{Answer, Called, Output, block_on, client, output::shown_id};

/// What a person has to look at.
#[derive(Debug, Subcommand)]
pub enum Alert {
    /// List alerts: those that wait, then those that somebody has looked at.
    List {
        /// Those of this area and below, by its code, such as 360323; your own area when it is not given.
        #[arg(long, default_value = "", hide_default_value = true)]
        area: String,
        /// Only those that wait: nobody has said yet what they were.
        #[arg(long)]
        open: bool,
        #[command(flatten)]
        called: Called,
    },
    /// Close an alert: say what you found. Only the county office of the node that raised it may.
    Resolve {
        /// The id of the alert's record, as `lika alert list` prints it.
        alert: String,
        /// What it was: tampering, fault (a machine or a program failed), policy-fault (the policy did), or as-expected.
        #[arg(long)]
        finding: String,
        /// What you found, in words, such as "disk replaced, records restored"; stays on this node.
        #[arg(long)]
        note: String,
        #[command(flatten)]
        called: Called,
    },
}

/// Runs `lika alert`.
pub fn run(command: &Alert, output: &mut Output) -> anyhow::Result<Answer> {
    match command {
        Alert::List { area, open, called } => list(area, *open, called, output),
        Alert::Resolve {
            alert,
            finding,
            note,
            called,
        } => {
            let request = v1::ResolveAlertRequest {
                request: client::request_id(),
                alert: RecordId::parse(alert).context("the alert")?.0.to_vec(),
                finding: finding.clone(),
                note: note.clone(),
            };
            let resolved = block_on(async {
                let mut registry = client::registry(called).await?;
                let resolved = registry.resolve_alert(request).await;
                Ok(resolved.map_err(client::refused)?.into_inner())
            })?;
            let seq = resolved.position.map_or(0, |position| position.seq);
            output.answer(
                || format!("closed alert {alert}"),
                || json!({"alert": alert, "finding": finding, "seq": seq}),
            )?;
            Ok(Answer::Yes)
        }
    }
}

fn list(area: &str, open: bool, called: &Called, output: &mut Output) -> anyhow::Result<Answer> {
    let records = block_on(async {
        let mut registry = client::registry(called).await?;
        let asked = |closed| v1::ListRequest {
            closed,
            ..client::open_of(Kind::Alert, area)
        };
        let mut records = client::list_all(&mut registry, asked(false)).await?;
        if !open {
            records.extend(client::list_all(&mut registry, asked(true)).await?);
        }
        Ok(records)
    })?;
    let alerts: Vec<Listed<'_>> = records.iter().filter_map(Listed::of).collect();
    output.answer(
        || match &alerts[..] {
            [] => "no alerts".to_owned(),
            alerts => alerts
                .iter()
                .map(Listed::text)
                .collect::<Vec<_>>()
                .join("\n"),
        },
        || json!({"alerts": alerts.iter().map(Listed::value).collect::<Vec<_>>()}),
    )?;
    Ok(Answer::Yes)
}

struct Listed<'a> {
    record: &'a v1::Record,
    open: &'a log::alert::Open,
    note: &'a str,
}

impl<'a> Listed<'a> {
    fn of(record: &'a v1::Record) -> Option<Self> {
        let Some(Body::Alert(alert)) = &record.body else {
            return None;
        };
        Some(Self {
            record,
            open: alert.open.as_ref()?,
            note: alert.free_text.as_ref().map_or("", |text| &text.note),
        })
    }

    fn text(&self) -> String {
        let Self { record, open, note } = self;
        let entry = codes::list("alert").and_then(|list| list.by_code(&open.code));
        let mut lines = vec![format!(
            "{} {} {}: {}",
            shown_id(&record.id),
            open.raised_on,
            open.code,
            entry.map_or("", |entry| entry.en)
        )];
        lines.push(format!("  area {}", record.area));
        if !open.about.is_empty() {
            lines.push(format!("  about {}", shown_id(&open.about)));
        }
        let details = open.details.iter();
        lines.extend(details.map(|it| format!("  {}: {}", it.key, it.text)));
        lines.push(format!("  raised by node {}", shown_id(&open.raised_by)));
        if let Some(resolution) = &open.resolution {
            let (finding, officer) = (&resolution.finding, shown_id(&resolution.officer));
            lines.push(format!("  closed by officer {officer}: {finding} {note}"));
        }
        lines.join("\n")
    }

    fn value(&self) -> Value {
        let Self { record, open, note } = self;
        let details = open.details.iter();
        let details: serde_json::Map<String, Value> = details
            .map(|it| (it.key.clone(), it.text.clone().into()))
            .collect();
        json!({
            "alert": shown_id(&record.id),
            "area": record.area,
            "code": open.code,
            "about": (!open.about.is_empty()).then(|| shown_id(&open.about)),
            "details": details,
            "raised_by": shown_id(&open.raised_by),
            "raised_on": open.raised_on,
            "open": !record.closed,
            "resolution": open.resolution.as_ref().map(|it| json!({
                "officer": shown_id(&it.officer),
                "finding": it.finding,
                "note": note,
                "recorded_at": record.recorded_at,
            })),
        })
    }
}
