//! `lika policy new`.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use crate::{
    author::{
        project::{Language, World},
        template,
    },
    cli::{Answer, Output},
};

/// Make a project that builds and passes its own tests at once, with the SDK in it.
#[derive(Args, Debug)]
pub struct New {
    /// Name of the policy, and of the folder.
    name: String,
    /// Judge subjects one by one, or share something out inside a group.
    #[arg(long, value_enum, default_value = "subject")]
    family: World,
    /// What the policy is written in.
    #[arg(long, value_enum, default_value = "rust")]
    lang: Language,
    /// The folder, where it is not to be called as the policy.
    #[arg(long, value_name = "FOLDER")]
    into: Option<PathBuf>,
}

/// Runs `lika policy new`.
pub fn run(command: &New, output: &mut Output) -> anyhow::Result<Answer> {
    let New {
        name,
        family,
        lang,
        into,
    } = command;
    let folder = into.clone().unwrap_or_else(|| PathBuf::from(name));
    template::write(&folder, name, *lang, *family)?;
    let shown = folder.display().to_string();
    output.answer(
        || {
            format!(
                "{shown} holds a {family} policy in {lang}; next: cd {shown} && lika policy doctor && \
                 lika policy build && lika policy test"
            )
        },
        || json!({"folder": shown, "name": name, "family": family, "lang": lang}),
    )?;
    Ok(Answer::Yes)
}
