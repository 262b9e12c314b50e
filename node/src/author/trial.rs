//! The examples of a policy's author, held against what is recorded beside them.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use serde_json::Value as Json;
use thiserror::Error as DeriveError;

use crate::{
    policy::{
        Manifest, Policy,
        conformance::{
            Finding, answer,
            example::{self, Example},
        },
    },
    telemetry,
};

/// An example of the project, in its file.
pub struct Named {
    /// The file.
    pub path: PathBuf,
    /// What it says.
    pub example: Example,
}

/// Something that stops the trial itself.
#[derive(Debug, DeriveError)]
pub enum Error {
    /// A file of the examples.
    #[error("{path} cannot be read or written")]
    File {
        /// The file.
        path: String,
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// An example that cannot be used.
    #[error("{path}")]
    Example {
        /// The file.
        path: String,
        /// Where and why.
        #[source]
        cause: example::Error,
    },
}

/// The examples in a folder, by their names. Files that end in `.answer.json` are answers.
pub fn examples(manifest: &Manifest, folder: &Path) -> Result<Vec<Named>, Error> {
    let file = |cause| Error::File {
        path: folder.display().to_string(),
        cause,
    };
    let mut paths = Vec::new();
    match fs::read_dir(folder) {
        Ok(entries) => {
            for entry in entries {
                paths.push(entry.map_err(file)?.path());
            }
        }
        // A policy that has no examples yet is one.
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(file(error)),
    }
    let name = |path: &Path| path.to_string_lossy().into_owned();
    paths.retain(|path| name(path).ends_with(".json") && !name(path).ends_with(".answer.json"));
    paths.sort();
    let read = |path: PathBuf| {
        let example = read(manifest, &path)?;
        Ok(Named { path, example })
    };
    paths.into_iter().map(read).collect()
}

/// The example in a file.
pub fn read(manifest: &Manifest, path: &Path) -> Result<Example, Error> {
    let text = fs::read_to_string(path).map_err(|cause| Error::File {
        path: path.display().to_string(),
        cause,
    })?;
    Example::parse(manifest, &text).map_err(|cause| Error::Example {
        path: path.display().to_string(),
        cause,
    })
}

/// Holds the examples against the recorded answers, or records them where `accept` says so.
pub fn golden(policy: &Policy, examples: &[Named], accept: bool) -> Result<Vec<Finding>, Error> {
    let check = |named: &Named| {
        let recorded = named.path.with_extension("answer.json");
        let fault = match judge(policy, &named.example) {
            Err(fault) => Some(fault),
            Ok(answer) if accept => {
                let text = format!("{answer:#}\n");
                fs::write(&recorded, text).map_err(|cause| Error::File {
                    path: recorded.display().to_string(),
                    cause,
                })?;
                None
            }
            Ok(answer) => compare(&recorded, &answer),
        };
        let what = named.path.file_name().unwrap_or_default();
        let what = what.to_string_lossy().into_owned();
        Ok(Finding { what, fault })
    };
    examples.iter().map(check).collect()
}

/// The answer to an example, as JSON; what is wrong with its settings or rows otherwise.
fn judge(policy: &Policy, example: &Example) -> Result<Json, String> {
    let manifest = policy.describe();
    let settings = policy
        .settings(&example.settings)
        .map_err(|refusal| telemetry::chain(&refusal))?;
    let input = example.input(manifest).map_err(|error| error.to_string())?;
    let evaluation = policy.evaluate(&settings, &input);
    Ok(answer::to_json(manifest, &input, &evaluation.result))
}

fn compare(recorded: &Path, answer: &Json) -> Option<String> {
    let name = recorded.file_name().unwrap_or_default().to_string_lossy();
    let Ok(text) = fs::read_to_string(recorded) else {
        return Some(format!(
            "there is no {name}: look at `lika policy run`, then `lika policy test --accept`"
        ));
    };
    let expected: Json = match serde_json::from_str(&text) {
        Ok(expected) => expected,
        Err(error) => return Some(format!("{name} is no JSON: {error}")),
    };
    if expected == *answer {
        return None;
    }
    let subjects = |json: &Json| {
        json.as_array()
            .cloned()
            .unwrap_or_else(|| vec![json.clone()])
    };
    let (expected, found) = (subjects(&expected), subjects(answer));
    let at =
        |list: &[Json], index: usize| list.get(index).map_or("nothing".into(), Json::to_string);
    let differ = (0..expected.len().max(found.len()))
        .filter(|index| expected.get(*index) != found.get(*index))
        .map(|index| {
            let (expected, found) = (at(&expected, index), at(&found, index));
            format!("\n    recorded {expected}\n    answered {found}")
        });
    Some(format!(
        "another answer than {name}:{}",
        differ.collect::<String>()
    ))
}
