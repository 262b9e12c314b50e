//! `lika award`.

use anyhow::bail;
use clap::Subcommand;
use lika_proto::{
    log::v1::{self as log, Action, Kind},
    v1::{self, record::Body},
};
use serde_json::{Value, json};

use super::{
    Answer, Called, Output, block_on,
    client::{self, create, id, read},
    output::shown_id,
    subject::Subject,
};

/// Who is commended in a year.
#[derive(Debug, Subcommand)]
pub enum Award {
    /// Say how many of a category may be commended in a year.
    Announce {
        /// county, township, village, unit or person.
        category: String,
        /// Where, by the code of the area.
        #[arg(long)]
        area: String,
        /// The year.
        #[arg(long)]
        year: u32,
        /// How many; it stays what it was.
        #[arg(long)]
        most: u32,
        #[command(flatten)]
        called: Called,
    },
    /// Commend somebody.
    Give {
        /// The id of the award.
        award: String,
        /// Whom: the code of an area, or the id of a unit or a cadre; again for each.
        #[arg(long = "to", required = true)]
        recipients: Vec<String>,
        #[command(flatten)]
        called: Called,
    },
    /// List the awards of an area.
    List {
        /// This area and below, by its code; your own area when it is not given.
        #[arg(long, default_value = "", hide_default_value = true)]
        area: String,
        #[command(flatten)]
        called: Called,
    },
}

/// Runs `lika award`.
pub fn run(command: &Award, output: &mut Output) -> anyhow::Result<Answer> {
    match command {
        Award::Announce {
            category,
            area,
            year,
            most,
            called,
        } => {
            let open = log::award::Open {
                year: *year,
                category: category.clone(),
                most: *most,
                recipients: Vec::new(),
            };
            let body = Body::Award(log::Award { open: Some(open) });
            let award = block_on(async {
                let mut registry = client::registry(called).await?;
                create(&mut registry, area, body).await
            })?;
            let award = shown_id(&award);
            output.answer(
                || format!("{most} of {category} may be commended in {year}: award {award}"),
                || json!({"award": award}),
            )?;
        }
        Award::Give {
            award,
            recipients,
            called,
        } => {
            let count = block_on(give(called, &id("the award", award)?, recipients))?;
            output.answer(
                || format!("{count} are commended by award {award}"),
                || json!({"award": award, "recipients": count}),
            )?;
        }
        Award::List { area, called } => list(area, called, output)?,
    }
    Ok(Answer::Yes)
}

async fn give(called: &Called, id: &[u8], recipients: &[String]) -> anyhow::Result<usize> {
    let mut registry = client::registry(called).await?;
    let mut record = read(&mut registry, id).await?;
    let Some((_, open)) = open_of(&record) else {
        bail!("the record is no award");
    };
    let mut open = open.clone();
    for recipient in recipients {
        let subject = Subject::read(&mut registry, recipient).await?;
        open.recipients.push(subject.id);
    }
    let count = open.recipients.len();
    record.body = Some(Body::Award(log::Award { open: Some(open) }));
    client::apply(&mut registry, Action::Change, record).await?;
    Ok(count)
}

fn list(area: &str, called: &Called, output: &mut Output) -> anyhow::Result<()> {
    let records = block_on(client::list_of(called, Kind::Award, area))?;
    let awards: Vec<_> = records.iter().filter_map(open_of).collect();
    output.answer(
        || match &awards[..] {
            [] => "no awards".to_owned(),
            awards => awards
                .iter()
                .map(|(record, open)| {
                    let (id, given, most) =
                        (shown_id(&record.id), open.recipients.len(), open.most);
                    let (year, category) = (open.year, &open.category);
                    format!("{id} {year} {} {category}: {given} of {most}", record.area)
                })
                .collect::<Vec<_>>()
                .join("\n"),
        },
        || json!({"awards": awards.iter().map(value).collect::<Vec<_>>()}),
    )
}

fn value((record, open): &(&v1::Record, &log::award::Open)) -> Value {
    json!({
        "award": shown_id(&record.id),
        "area": record.area,
        "year": open.year,
        "category": open.category,
        "most": open.most,
        "recipients": open.recipients.iter().map(|id| shown_id(id)).collect::<Vec<_>>(),
    })
}

fn open_of(record: &v1::Record) -> Option<(&v1::Record, &log::award::Open)> {
    match &record.body {
        Some(Body::Award(award)) => Some((record, award.open.as_ref()?)),
        _ => None,
    }
}
