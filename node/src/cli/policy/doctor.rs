//! `lika policy doctor`.

use std::path::PathBuf;

use clap::Args;
use serde_json::{Value as Json, json};

use crate::{
    author::{
        doctor::{self, Route},
        project::{Language, Project},
    },
    cli::{Answer, Output},
};

/// Find the ways from source code to a component on this machine, and say what to do about those that are closed.
///
/// The answer is yes where the policy's language has one that is open; outside of a project, where any language has.
#[derive(Args, Debug)]
pub struct Doctor {
    /// Only this language; in a project, the project's.
    #[arg(long, value_enum)]
    lang: Option<Language>,
    /// The project's folder.
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    project: PathBuf,
}

/// Runs `lika policy doctor`.
pub fn run(command: &Doctor, output: &mut Output) -> anyhow::Result<Answer> {
    let project = Project::open(&command.project).ok();
    let wanted = command.lang.or(project.map(|project| project.language));
    let languages = match wanted {
        Some(language) => vec![language],
        None => vec![Language::Rust, Language::Python, Language::Js],
    };
    let routes: Vec<Route> = languages
        .iter()
        .flat_map(|language| doctor::routes(*language, &command.project))
        .collect();
    output.answer(
        || routes.iter().map(line).collect::<Vec<_>>().join("\n"),
        || routes.iter().map(value).collect(),
    )?;
    Ok(if doctor::is_open(&routes) {
        Answer::Yes
    } else {
        Answer::No
    })
}

fn line(route: &Route) -> String {
    let Route {
        language,
        name,
        state,
    } = route;
    match state {
        Ok(found) => format!("open    {language}: {name}: {found}"),
        Err(repair) => format!(
            "closed  {language}: {name}: missing {}\n        to open it: {}",
            repair.missing, repair.command
        ),
    }
}

fn value(route: &Route) -> Json {
    let (found, repair) = match &route.state {
        Ok(found) => (Some(found), None),
        Err(repair) => (None, Some(repair)),
    };
    json!({
        "language": route.language,
        "route": route.name,
        "open": found.is_some(),
        "found": found,
        "missing": repair.map(|repair| &repair.missing),
        "command": repair.map(|repair| &repair.command),
    })
}
