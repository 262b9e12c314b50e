//! `lika policy reverify`.

use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use lika_core::value::hex;
use lika_proto::v1;
use serde_json::{Value, json};

use super::{
    super::{Answer, Called, Output, block_on, client, output::shown_id},
    area_or_own,
};

/// Run again what other engines decided and is still in force, and say what this node's engine would decide otherwise.
///
/// An engine is what executes policies, and may be another one after an update of the node. Every decision stays as it is;
/// one that would be another, or that is not what its policy said, gets an alert, and the exit code is 1.
#[derive(Args, Debug)]
pub struct Reverify {
    /// Decisions in this area and below, by its code, such as 360323; the node's area when it is not given.
    #[arg(long)]
    area: Option<String>,
    #[command(flatten)]
    called: Called,
}

/// Runs `lika policy reverify`.
pub fn run(reverify: &Reverify, output: &mut Output) -> anyhow::Result<Answer> {
    let area = area_or_own(reverify.area.as_deref(), &reverify.called)?;
    let done = block_on(async {
        let mut policies = client::policies(&reverify.called).await?;
        let stream = policies.reverify(v1::ReverifyRequest { area }).await;
        let mut stream = stream.map_err(client::refused)?.into_inner();
        let mut done = v1::ReverifyResponse::default();
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template("evaluations {pos} {spinner} {elapsed}") {
            bar.set_style(style);
        }
        while let Some(told) = stream.message().await.map_err(client::refused)? {
            bar.set_position(told.looked_at);
            done = told;
        }
        bar.finish_and_clear();
        Ok(done)
    })?;
    output.answer(|| text(&done), || value(&done))?;
    let is_changed = |policy: &v1::ReverifiedPolicy| policy.would_change + policy.mismatches > 0;
    Ok(if done.policies.iter().any(is_changed) {
        Answer::No
    } else {
        Answer::Yes
    })
}

fn text(done: &v1::ReverifyResponse) -> String {
    let mut lines = Vec::new();
    for policy in &done.policies {
        let name = match policy.name.as_str() {
            "" => format!("component {}, not admitted here", hex(&policy.component)),
            name => name.to_owned(),
        };
        lines.push(format!(
            "{name}: {} decisions of other engines checked, {} the same, {} would change, {} could not be run, \
             {} are not what their policy said",
            policy.checked,
            policy.same,
            policy.would_change,
            policy.could_not_run,
            policy.mismatches
        ));
        let changing = policy.changing.iter();
        lines.extend(changing.map(|it| format!("  would change: decision {}", shown_id(it))));
    }
    if lines.is_empty() {
        lines.push("nothing in force was decided by another engine".to_owned());
    }
    lines.push(format!("engine {}", done.engine));
    lines.join("\n")
}

fn value(done: &v1::ReverifyResponse) -> Value {
    let policies = done.policies.iter().map(|policy| {
        json!({
            "component": hex(&policy.component),
            "name": policy.name,
            "checked": policy.checked,
            "same": policy.same,
            "would_change": policy.would_change,
            "changing": policy.changing.iter().map(|it| shown_id(it)).collect::<Vec<_>>(),
            "could_not_run": policy.could_not_run,
            "mismatches": policy.mismatches,
        })
    });
    json!({
        "engine": done.engine,
        "evaluations": done.looked_at,
        "policies": policies.collect::<Vec<_>>(),
    })
}
