//! `lika cadre`.

use clap::Subcommand;
use lika_proto::v1;
use serde_json::json;

use super::{
    Answer, Called, Output, block_on,
    client::{self, day, id},
};

/// Cadres.
#[derive(Debug, Subcommand)]
pub enum Cadre {
    /// Let one cadre follow another in every pairing and village team, without a gap; the post of the earlier one ends.
    Succeed {
        /// The cadre who leaves the post.
        cadre: String,
        /// The cadre who follows.
        #[arg(long)]
        by: String,
        /// The first day of the successor; today when it is not given.
        #[arg(long)]
        on: Option<String>,
        #[command(flatten)]
        called: Called,
    },
}

/// Runs `lika cadre`.
pub fn run(command: &Cadre, output: &mut Output) -> anyhow::Result<Answer> {
    let Cadre::Succeed {
        cadre,
        by,
        on,
        called,
    } = command;
    let request = v1::SucceedRequest {
        request: client::request_id(),
        cadre: id("the cadre", cadre)?,
        by: id("the successor", by)?,
        on: day(on.as_deref())?.number(),
    };
    let done = block_on(async {
        let mut households = client::households(called).await?;
        let done = households.succeed(request).await.map_err(client::refused)?;
        Ok(done.into_inner())
    })?;
    let (households, seats, posts) = (done.households, done.seats, done.posts);
    output.answer(
        || format!("{households} households, {seats} seats and {posts} posts passed on"),
        || json!({"households": households, "seats": seats, "posts": posts}),
    )?;
    Ok(Answer::Yes)
}
