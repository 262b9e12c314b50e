//! `lika policy watch`.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    thread,
    time::{Duration, SystemTime},
};

use clap::Args;

use super::{
    admitted::Tried,
    test::{self, Test},
};
use crate::{
    author::{build, project::Project},
    cli::{Answer, Output, output},
    telemetry,
};

/// How often the files are looked at.
const LOOK_AGAIN: Duration = Duration::from_millis(500);
/// Files that are looked at; a project has a hundred.
const FILES: usize = 5_000;

/// Build and test again whenever a file of the project changes, until interrupted.
#[derive(Args, Debug)]
pub struct Watch {
    /// The project's folder.
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    project: PathBuf,
    /// End after so many times.
    #[arg(long)]
    times: Option<u32>,
}

/// Runs `lika policy watch`. A fault is shown and waits for the next change.
pub fn run(command: &Watch, output: &mut Output) -> anyhow::Result<Answer> {
    let project = Project::open(&command.project)?;
    let mut last = None;
    let mut answer = Answer::Yes;
    let mut times = 0;
    while command.times.is_none_or(|most| times < most) {
        let seen = files(&project.folder)?;
        if last.as_ref() == Some(&seen) {
            thread::sleep(LOOK_AGAIN);
            continue;
        }
        // What changes meanwhile is a change after this one.
        last = Some(seen);
        times += 1;
        answer = match once(&project, output) {
            Ok(answer) => answer,
            Err(error) if output::is_broken_pipe(&error) => return Err(error),
            Err(error) => {
                eprintln!("lika: {}", telemetry::chain(&*error));
                Answer::No
            }
        };
    }
    Ok(answer)
}

fn once(project: &Project, output: &mut Output) -> anyhow::Result<Answer> {
    build::build(project)?;
    let tried = Tried {
        project: project.folder.clone(),
        component: None,
    };
    test::run(&Test::of(tried), output)
}

/// When each file of the project was written, but for what is made from them.
fn files(folder: &Path) -> io::Result<BTreeMap<PathBuf, SystemTime>> {
    const MADE: [&str; 5] = ["target", "node_modules", ".venv", ".git", "__pycache__"];
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            let made = MADE.iter().any(|made| entry.file_name() == *made);
            let kind = entry.file_type()?;
            if kind.is_dir() && !made {
                folders.push(entry.path());
            } else if kind.is_file() {
                // An editor may have replaced it since.
                if let Ok(written) = entry.metadata().and_then(|it| it.modified()) {
                    files.insert(entry.path(), written);
                }
            }
            if files.len() > FILES {
                return Err(io::Error::other(format!(
                    "more than {FILES} files are too many to watch"
                )));
            }
        }
    }
    Ok(files)
}
