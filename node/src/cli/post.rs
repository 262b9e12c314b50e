//! `lika post`.

use anyhow::bail;
use clap::Subcommand;
use lika_proto::{
    log::v1::{self as log, Action, Kind},
    v1::{self, record::Body},
};
use serde_json::json;

use super::{
    Answer, Called, Output, block_on,
    client::{self, create, day, id, read},
    output::shown_id,
};

/// Offices that cadres hold.
#[derive(Debug, Subcommand)]
pub enum Post {
    /// Write down that a cadre holds an office.
    Appoint {
        /// leading-group-head, leading-group-member, work-station-head, work-station-member, first-secretary or
        /// village-party-secretary.
        role: String,
        /// Where, by the code of the area.
        #[arg(long)]
        area: String,
        /// The id of the cadre.
        #[arg(long)]
        cadre: String,
        /// The first day; today when it is not given.
        #[arg(long)]
        from: Option<String>,
        #[command(flatten)]
        called: Called,
    },
    /// Write down that a post has ended.
    End {
        /// The id of the post.
        post: String,
        /// The first day on which the cadre no longer holds it; today when it is not given.
        #[arg(long)]
        until: Option<String>,
        #[command(flatten)]
        called: Called,
    },
    /// List the posts of an area.
    List {
        /// This area and below, by its code; your own area when it is not given.
        #[arg(long, default_value = "", hide_default_value = true)]
        area: String,
        #[command(flatten)]
        called: Called,
    },
}

/// Runs `lika post`.
pub fn run(command: &Post, output: &mut Output) -> anyhow::Result<Answer> {
    match command {
        Post::Appoint {
            role,
            area,
            cadre,
            from,
            called,
        } => {
            let open = log::post::Open {
                cadre: id("the cadre", cadre)?,
                role: role.clone(),
                from: day(from.as_deref())?.number(),
                until: 0,
            };
            let body = Body::Post(log::Post { open: Some(open) });
            let post = block_on(async {
                let mut registry = client::registry(called).await?;
                create(&mut registry, area, body).await
            })?;
            let post = shown_id(&post);
            output.answer(
                || format!("cadre {cadre} is {role} in {area}: post {post}"),
                || json!({"post": post}),
            )?;
        }
        Post::End {
            post,
            until,
            called,
        } => {
            let (id, until) = (id("the post", post)?, day(until.as_deref())?.number());
            block_on(end(called, &id, until))?;
            output.answer(
                || format!("post {post} has ended"),
                || json!({"post": post, "until": until}),
            )?;
        }
        Post::List { area, called } => list(area, called, output)?,
    }
    Ok(Answer::Yes)
}

async fn end(called: &Called, id: &[u8], until: u32) -> anyhow::Result<v1::Applied> {
    let mut registry = client::registry(called).await?;
    let mut record = read(&mut registry, id).await?;
    let Some(Body::Post(log::Post { open: Some(open) })) = record.body.clone() else {
        bail!("the record is no post");
    };
    let open = log::post::Open { until, ..open };
    record.body = Some(Body::Post(log::Post { open: Some(open) }));
    client::apply(&mut registry, Action::Change, record).await
}

fn list(area: &str, called: &Called, output: &mut Output) -> anyhow::Result<()> {
    let records = block_on(client::list_of(called, Kind::Post, area))?;
    let posts = records.iter().filter_map(|record| match &record.body {
        Some(Body::Post(log::Post { open: Some(open) })) => Some((record, open)),
        _ => None,
    });
    let posts: Vec<_> = posts.collect();
    output.answer(
        || match &posts[..] {
            [] => "no posts".to_owned(),
            posts => posts
                .iter()
                .map(|(record, open)| {
                    let (id, cadre) = (shown_id(&record.id), shown_id(&open.cadre));
                    let until = match open.until {
                        0 => String::new(),
                        until => format!(" until {until}"),
                    };
                    format!(
                        "{id} {} {} cadre {cadre} from {}{until}",
                        record.area, open.role, open.from
                    )
                })
                .collect::<Vec<_>>()
                .join("\n"),
        },
        || {
            let posts = posts.iter().map(|(record, open)| {
                json!({
                    "post": shown_id(&record.id),
                    "area": record.area,
                    "role": open.role,
                    "cadre": shown_id(&open.cadre),
                    "from": open.from,
                    "until": (open.until > 0).then_some(open.until),
                })
            });
            json!({"posts": posts.collect::<Vec<_>>()})
        },
    )
}
