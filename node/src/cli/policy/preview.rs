//! `lika policy preview` and `lika policy diff`.

mod text;
mod value;

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use lika_core::value::RecordId;
use lika_proto::v1::{self, preview_response::Part};

use super::{
    super::{Answer, Called, Output, block_on, client, output::shown_id},
    day,
};

/// Try a policy over the records as they are and say what would change; prints the digest that `propose` and `approve`
/// take. Nothing is recorded.
#[derive(Args, Debug)]
pub struct Preview {
    /// The policy's record.
    policy: String,
    /// The file with the settings, JSON; the policy's defaults when it is not given.
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    called: Called,
}

/// Compare two policies, or two settings of one, over the records as they are.
#[derive(Args, Debug)]
pub struct Diff {
    /// The record of the policy that stands for what is.
    before: String,
    /// The record of the policy that stands for what would be.
    after: String,
    /// The settings of the first one, JSON; its defaults when they are not given.
    #[arg(long, value_name = "FILE")]
    before_settings: Option<PathBuf>,
    /// The settings of the second one, JSON; its defaults when they are not given.
    #[arg(long, value_name = "FILE")]
    after_settings: Option<PathBuf>,
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    called: Called,
}

/// Where and when.
#[derive(Args, Debug)]
struct Place {
    /// The area.
    #[arg(long)]
    area: String,
    /// The day that the question is about, as the first day of an enactment; today when it is not given.
    #[arg(long, value_name = "DATE")]
    from: Option<String>,
    /// Move every whole number among the settings by 5 % either way; each is a further run.
    #[arg(long)]
    effects: bool,
}

/// Everything that the node answered.
#[derive(Debug, Default)]
struct Told {
    summary: v1::PreviewSummary,
    changes: Vec<v1::PreviewChange>,
    close: Vec<v1::PreviewCloseSubject>,
}

/// Runs `lika policy preview`.
pub fn preview(preview: &Preview, output: &mut Output) -> anyhow::Result<Answer> {
    let request = v1::PreviewRequest {
        policy: Some(candidate(&preview.policy, preview.settings.as_ref())?),
        against: None,
        ..preview.place.request()?
    };
    ask(request, &preview.called, output)
}

/// Runs `lika policy diff`.
pub fn diff(diff: &Diff, output: &mut Output) -> anyhow::Result<Answer> {
    let request = v1::PreviewRequest {
        policy: Some(candidate(&diff.after, diff.after_settings.as_ref())?),
        against: Some(candidate(&diff.before, diff.before_settings.as_ref())?),
        ..diff.place.request()?
    };
    ask(request, &diff.called, output)
}

impl Place {
    fn request(&self) -> anyhow::Result<v1::PreviewRequest> {
        Ok(v1::PreviewRequest {
            policy: None,
            against: None,
            area: self.area.clone(),
            on: day(self.from.as_deref()).context("--from")?,
            effects: self.effects,
        })
    }
}

fn candidate(policy: &str, settings: Option<&PathBuf>) -> anyhow::Result<v1::PreviewCandidate> {
    let read = |file: &PathBuf| {
        std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))
    };
    Ok(v1::PreviewCandidate {
        policy: RecordId::parse(policy).context("the policy")?.0.to_vec(),
        settings: settings.map(read).transpose()?.unwrap_or_default(),
    })
}

fn ask(
    request: v1::PreviewRequest,
    called: &Called,
    output: &mut Output,
) -> anyhow::Result<Answer> {
    let told = block_on(async {
        let mut policies = client::policies(called).await?;
        let stream = policies.preview(request).await.map_err(client::refused)?;
        let (mut stream, mut told) = (stream.into_inner(), Told::default());
        while let Some(response) = stream.message().await.map_err(client::refused)? {
            match response.part {
                Some(Part::Summary(summary)) => told.summary = summary,
                Some(Part::Changes(changes)) => told.changes.extend(changes.changes),
                Some(Part::Close(close)) => told.close.extend(close.subjects),
                None => {}
            }
        }
        Ok(told)
    })?;
    output.answer(|| text::of(&told), || value::of(&told))?;
    Ok(Answer::Yes)
}

/// What is said of a subject in one word or two.
fn outcome(verdict: Option<&v1::DifferenceVerdict>) -> (&'static str, &str) {
    use lika_proto::log::v1::decision::Outcome;
    match verdict {
        None => ("-", ""),
        Some(verdict) => match verdict.outcome() {
            Outcome::Granted => ("granted", verdict.category.as_str()),
            Outcome::Refused => ("refused", ""),
            Outcome::Undetermined | Outcome::Unspecified => ("undetermined", ""),
        },
    }
}

#[cfg(test)]
mod tests;
