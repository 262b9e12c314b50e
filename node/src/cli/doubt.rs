//! `lika doubt`.

use anyhow::Context as _;
use clap::Subcommand;
use lika_core::{codes, value::RecordId};
use lika_proto::{
    log::v1::{self as log, Kind},
    v1::{self, record::Body},
};
use serde_json::{Value, json};

use super::{Answer, Called, Output, block_on, client, output::shown_id};

/// What lists of other bureaus say of people who are registered.
#[derive(Debug, Subcommand)]
pub enum Doubt {
    /// List doubts: those that nobody has verified, the oldest first.
    List {
        /// Those of this area and below, by its code; your own area when it is not given.
        #[arg(long, default_value = "", hide_default_value = true)]
        area: String,
        /// Only those of this source, such as vehicles.
        #[arg(long)]
        source: Option<String>,
        /// Those that somebody has verified too.
        #[arg(long)]
        all: bool,
        #[command(flatten)]
        called: Called,
    },
    /// Say what a doubt was; it is done once.
    Verify {
        /// The id of the doubt's record, as `lika doubt list` prints it.
        doubt: String,
        /// What it was: true or mistaken.
        #[arg(long)]
        finding: String,
        /// What you found, in words; stays on this node.
        #[arg(long)]
        note: String,
        #[command(flatten)]
        called: Called,
    },
}

/// Runs `lika doubt`.
pub fn run(command: &Doubt, output: &mut Output) -> anyhow::Result<Answer> {
    match command {
        Doubt::List {
            area,
            source,
            all,
            called,
        } => list(area, source.as_deref(), *all, called, output),
        Doubt::Verify {
            doubt,
            finding,
            note,
            called,
        } => {
            let request = v1::VerifyRequest {
                request: client::request_id(),
                doubt: RecordId::parse(doubt).context("the doubt")?.0.to_vec(),
                finding: finding.clone(),
                note: note.clone(),
            };
            let verified = block_on(async {
                let mut comparisons = client::comparisons(called).await?;
                let verified = comparisons.verify(request).await;
                Ok(verified.map_err(client::refused)?.into_inner())
            })?;
            let seq = verified.position.map_or(0, |position| position.seq);
            output.answer(
                || format!("verified doubt {doubt}: {finding}"),
                || json!({"doubt": doubt, "finding": finding, "seq": seq}),
            )?;
            Ok(Answer::Yes)
        }
    }
}

fn list(
    area: &str,
    source: Option<&str>,
    all: bool,
    called: &Called,
    output: &mut Output,
) -> anyhow::Result<Answer> {
    let (records, has_more) = block_on(async {
        if all {
            return Ok((client::list_of(called, Kind::Doubt, area).await?, false));
        }
        let mut comparisons = client::comparisons(called).await?;
        let asked = v1::WaitingRequest {
            area: area.to_owned(),
        };
        let waiting = comparisons.waiting(asked).await.map_err(client::refused)?;
        let v1::WaitingResponse { doubts, has_more } = waiting.into_inner();
        Ok((doubts, has_more))
    })?;
    let doubts: Vec<Listed<'_>> = records.iter().filter_map(Listed::of).collect();
    let is_asked = |doubt: &&Listed<'_>| source.is_none_or(|source| doubt.open.source == source);
    let doubts: Vec<&Listed<'_>> = doubts.iter().filter(is_asked).collect();
    output.answer(
        || {
            let mut lines: Vec<String> = doubts.iter().map(|doubt| doubt.text()).collect();
            if has_more {
                lines.push("there are more; verify some of these first".to_owned());
            }
            if lines.is_empty() {
                lines.push("no doubts".to_owned());
            }
            lines.join("\n")
        },
        || {
            let values = doubts.iter().map(|doubt| doubt.value());
            json!({"doubts": values.collect::<Vec<_>>(), "has_more": has_more})
        },
    )?;
    Ok(Answer::Yes)
}

struct Listed<'a> {
    record: &'a v1::Record,
    open: &'a log::doubt::Open,
    /// None where it is withheld.
    said: Option<&'a [log::doubt::Statement]>,
    note: &'a str,
}

impl<'a> Listed<'a> {
    fn of(record: &'a v1::Record) -> Option<Self> {
        let Some(Body::Doubt(doubt)) = &record.body else {
            return None;
        };
        Some(Self {
            record,
            open: doubt.open.as_ref()?,
            said: doubt.sensitive.as_ref().map(|said| &said.statements[..]),
            note: doubt.free_text.as_ref().map_or("", |text| &text.note),
        })
    }

    fn text(&self) -> String {
        let open = self.open;
        let label = |list: &str, code: &str| {
            let entry = codes::list(list).and_then(|list| list.by_code(code));
            entry.map_or_else(|| code.to_owned(), |entry| entry.en.to_owned())
        };
        let mut lines = vec![format!(
            "{} {} {}{}",
            shown_id(&self.record.id),
            open.raised_on,
            label("comparison-source", &open.source),
            if open.name_differs {
                ", another name"
            } else {
                ""
            },
        )];
        lines.push(format!(
            "  area {}, member {}",
            self.record.area,
            shown_id(&open.member)
        ));
        let said = self.said.into_iter().flatten();
        lines.extend(
            said.map(|it| format!("  {}: {}", label("comparison-field", &it.field), it.text)),
        );
        if !open.finding.is_empty() {
            let finding = label("doubt-finding", &open.finding);
            lines.push(format!("  {} {finding}: {}", open.verified_on, self.note));
        }
        lines.join("\n")
    }

    fn value(&self) -> Value {
        let open = self.open;
        let said = self.said.map(|said| {
            let said = said
                .iter()
                .map(|it| (it.field.clone(), Value::from(it.text.clone())));
            said.collect::<serde_json::Map<_, _>>()
        });
        json!({
            "doubt": shown_id(&self.record.id),
            "area": self.record.area,
            "comparison": shown_id(&open.comparison),
            "member": shown_id(&open.member),
            "source": open.source,
            "raised_on": open.raised_on,
            "name_differs": open.name_differs,
            "says": said,
            "verification": (!open.finding.is_empty()).then(|| json!({
                "finding": open.finding,
                "officer": shown_id(&open.officer),
                "on": open.verified_on,
                "note": self.note,
            })),
        })
    }
}
