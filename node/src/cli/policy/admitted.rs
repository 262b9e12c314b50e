//! A project's policy, admitted for one command.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use clap::Args;

use crate::{
    author::project::Project,
    policy::gates::{self, Passed},
};

/// Which policy.
#[derive(Args, Clone, Debug)]
pub struct Tried {
    /// The project's folder.
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    pub project: PathBuf,
    /// Another component than the one that the project has built.
    #[arg(long, value_name = "FILE")]
    pub component: Option<PathBuf>,
}

impl Tried {
    /// The component's file.
    pub fn file(&self) -> anyhow::Result<PathBuf> {
        match &self.component {
            Some(file) => Ok(file.clone()),
            None => Ok(Project::open(&self.project)?.component()),
        }
    }

    /// The policy, through every gate.
    pub fn admit(&self) -> anyhow::Result<Passed> {
        let component = read(&self.file()?)?;
        Ok(gates::enter(&gates::host()?, &component)?)
    }

    /// Where its examples are.
    pub fn examples(&self) -> PathBuf {
        self.project.join("examples")
    }
}

/// A component's bytes.
pub fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    let shown = file.display();
    fs::read(file).with_context(|| format!("cannot read {shown}; `lika policy build` makes it"))
}

/// The examples in a folder, name and content; a policy that has no folder of them has none.
pub fn read_examples(folder: &Path) -> anyhow::Result<Vec<(String, Vec<u8>)>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => {
            return Err(error).with_context(|| format!("cannot read {}", folder.display()));
        }
    };
    let mut examples = Vec::new();
    for entry in entries {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str());
        if let Some(name) = name.and_then(|name| name.strip_suffix(".json")) {
            let content = fs::read(&path);
            let content = content.with_context(|| format!("cannot read {}", path.display()))?;
            examples.push((name.to_owned(), content));
        }
    }
    examples.sort();
    Ok(examples)
}
