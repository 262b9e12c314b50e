//! A project's policy, admitted for one command.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;

use crate::author::{
    gates::{self, Passed},
    project::Project,
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
        Ok(gates::pass(&gates::host()?, &component)?)
    }

    /// Where its examples are.
    pub fn examples(&self) -> PathBuf {
        self.project.join("examples")
    }
}

/// A component's bytes.
pub fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    let shown = file.display();
    std::fs::read(file)
        .with_context(|| format!("cannot read {shown}; `lika policy build` makes it"))
}
