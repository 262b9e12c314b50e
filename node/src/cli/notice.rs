//! `lika notice`.

use anyhow::{Context as _, bail};
use clap::Subcommand;
use lika_core::record::{Body as Known, Notice as Posted};
use lika_proto::{
    log::v1::{self as log, Action},
    v1::{self, record::Body},
};
use serde_json::json;

use super::{
    Answer, Called, Output, block_on,
    client::{self, create, day, id, read},
    output::shown_id,
};

/// Public notices.
#[derive(Debug, Subcommand)]
pub enum Notice {
    /// Post a notice.
    Post {
        /// The kind of its cases.
        kind: String,
        /// Where it stands: the area, by its code.
        #[arg(long)]
        area: String,
        /// Where it hangs, in words.
        #[arg(long)]
        place: String,
        /// The first day.
        #[arg(long)]
        from: String,
        /// The first day after it.
        #[arg(long)]
        until: String,
        /// A line, as case,name,people,category; all but the case may be empty.
        #[arg(long = "item", required = true)]
        items: Vec<String>,
        #[command(flatten)]
        called: Called,
    },
    /// Show a notice: what it says of itself.
    Show {
        /// The id of the notice.
        notice: String,
        #[command(flatten)]
        called: Called,
    },
    /// Print the text of a notice: that of which its digest is.
    Print {
        /// The id of the notice.
        notice: String,
        #[command(flatten)]
        called: Called,
    },
    /// Withdraw a notice on which no case has counted yet.
    Withdraw {
        /// The id of the notice.
        notice: String,
        #[command(flatten)]
        called: Called,
    },
}

/// Runs `lika notice`.
pub fn run(command: &Notice, output: &mut Output) -> anyhow::Result<Answer> {
    match command {
        Notice::Post {
            kind,
            area,
            place,
            from,
            until,
            items,
            called,
        } => {
            let (items, names) = items_of(items)?;
            let open = log::notice::Open {
                kind: kind.clone(),
                place: place.clone(),
                from: day(Some(from))?.number(),
                until: day(Some(until))?.number(),
                items,
                digest: Vec::new(),
            };
            let body = Body::Notice(log::Notice {
                open: Some(open),
                identity: Some(log::notice::Identity { names }),
            });
            let notice = block_on(async {
                let mut registry = client::registry(called).await?;
                create(&mut registry, area, body).await
            })?;
            let notice = shown_id(&notice);
            output.answer(
                || format!("posted notice {notice}; everybody reads it at /notices/{notice}"),
                || json!({"notice": notice, "page": format!("/notices/{notice}")}),
            )?;
        }
        Notice::Show { notice, called } => {
            let (record, posted) = fetch(notice, called)?;
            show(notice, &record, &posted, output)?;
        }
        Notice::Print { notice, called } => {
            let (_, posted) = fetch(notice, called)?;
            let printed = posted.printed().context("the names are not shown to you")?;
            let digest = posted.digest.map(|digest| digest.to_string());
            output.answer(
                || printed.trim_end().to_owned(),
                || json!({"text": printed, "digest": digest}),
            )?;
        }
        Notice::Withdraw { notice, called } => {
            let id = id("the notice", notice)?;
            block_on(async {
                let mut registry = client::registry(called).await?;
                let mut record = read(&mut registry, &id).await?;
                let Some(Body::Notice(known)) = record.body.clone() else {
                    bail!("the record is no notice");
                };
                record.body = Some(Body::Notice(log::Notice {
                    identity: None,
                    ..known
                }));
                client::apply(&mut registry, Action::Close, record).await
            })?;
            output.answer(
                || format!("withdrew notice {notice}"),
                || json!({"notice": notice}),
            )?;
        }
    }
    Ok(Answer::Yes)
}

/// Reads lines of `case,name,people,category`.
fn items_of(lines: &[String]) -> anyhow::Result<(Vec<log::notice::Item>, Vec<String>)> {
    let mut items = Vec::with_capacity(lines.len());
    let mut names = Vec::with_capacity(lines.len());
    for line in lines {
        let mut parts = line.split(',').map(str::trim);
        let case = parts.next().context("a line begins with its case")?;
        names.push(parts.next().unwrap_or_default().to_owned());
        let people = parts.next().filter(|people| !people.is_empty());
        items.push(log::notice::Item {
            case: id("the case", case)?,
            village: String::new(),
            people: people.map(str::parse).transpose()?.unwrap_or_default(),
            category: parts.next().unwrap_or_default().to_owned(),
        });
    }
    Ok((items, names))
}

fn fetch(notice: &str, called: &Called) -> anyhow::Result<(v1::Record, Posted)> {
    let id = id("the notice", notice)?;
    let record = block_on(async {
        let mut registry = client::registry(called).await?;
        read(&mut registry, &id).await
    })?;
    let Some(Body::Notice(message)) = record.body.clone() else {
        bail!("the record is no notice");
    };
    match Known::parse(message.into())? {
        Known::Notice(posted) => Ok((record, posted)),
        _ => bail!("the record is no notice"),
    }
}

fn show(
    notice: &str,
    record: &v1::Record,
    posted: &Posted,
    output: &mut Output,
) -> anyhow::Result<()> {
    let digest = posted.digest.map(|digest| digest.to_string());
    let cases: Vec<String> = posted
        .items
        .iter()
        .map(|item| item.case.to_string())
        .collect();
    output.answer(
        || {
            let Posted {
                kind, from, until, ..
            } = posted;
            let digest = digest.clone().unwrap_or_default();
            let state = if record.closed { ", withdrawn" } else { "" };
            format!(
                "{notice} {kind} {} from {from} until {until}{state}\n  digest {digest}\n  cases {}",
                posted.place,
                cases.join(" ")
            )
        },
        || {
            json!({
                "notice": notice,
                "area": record.area,
                "kind": posted.kind.to_string(),
                "place": posted.place.to_string(),
                "from": posted.from.number(),
                "until": posted.until.number(),
                "digest": digest,
                "cases": cases,
                "withdrawn": record.closed,
            })
        },
    )
}
