//! A project becomes a component, by the tools of its language.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use thiserror::Error as DeriveError;
use wit_component::ComponentEncoder;

use super::project::{Language, Project};
use crate::policy::conformance::Finding;

/// Why there is no component.
#[derive(Debug, DeriveError)]
pub enum Error {
    /// A tool that is not there.
    #[error("{tool} cannot be started: run `lika policy doctor`")]
    Tool {
        /// Its name.
        tool: String,
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// A tool that did not do it; it has said why.
    #[error("{tool} failed ({how}); what it says stands above")]
    Failed {
        /// Its name.
        tool: String,
        /// How it ended.
        how: String,
    },
    /// A file that cannot be read or written.
    #[error("{path} cannot be read or written")]
    File {
        /// The file.
        path: String,
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// A module that does not fit the contract.
    #[error("the module does not become a component: {0}")]
    Component(String),
}

/// Builds the component and says where it is. What the tools say goes to standard error.
pub fn build(project: &Project) -> Result<PathBuf, Error> {
    let component = project.component();
    let target = project.folder.join("target");
    fs::create_dir_all(&target).map_err(|cause| file(&target, cause))?;
    let world = project.family.to_string();
    match project.language {
        Language::Rust => {
            let module = target.join("policy.core.wasm");
            run(
                project,
                Path::new("tools/build"),
                &["target/policy.core.wasm"],
            )?;
            componentize(&module, &component)?;
        }
        Language::Python => {
            let app = format!("lika_{world}");
            let arguments = ["-q", "-d", "wit", "-w", &world, "componentize", &app];
            let output = ["--stub-wasi", "-p", ".", "-o", "target/policy.wasm"];
            let arguments = [&arguments[..], &output[..]].concat();
            run(project, &componentize_py(&project.folder), &arguments)?;
        }
        Language::Js => {
            let arguments = ["componentize.mjs", &world, "target/policy.wasm"];
            run(project, Path::new("node"), &arguments)?;
        }
    }
    Ok(component)
}

/// Runs the project's own tests, where the language has any that need no component. What they say goes to standard
/// error.
pub fn test_natively(project: &Project) -> Result<Option<Finding>, Error> {
    match project.language {
        Language::Rust => {}
        Language::Python | Language::Js => return Ok(None),
    }
    let fault = match run(project, Path::new("cargo"), &["test", "--quiet"]) {
        Ok(()) => None,
        Err(failed @ Error::Failed { .. }) => Some(failed.to_string()),
        Err(error) => return Err(error),
    };
    let what = "the project's own tests, natively".into();
    Ok(Some(Finding { what, fault }))
}

/// The tool of the project's own environment, else the one on the path.
pub(super) fn componentize_py(folder: &Path) -> PathBuf {
    let own = folder.join(".venv/bin/componentize-py");
    match own.canonicalize() {
        Ok(own) => own,
        Err(_) => PathBuf::from("componentize-py"),
    }
}

fn run(project: &Project, tool: &Path, arguments: &[&str]) -> Result<(), Error> {
    let name = tool.display().to_string();
    // A path is one of the project, a name is looked up.
    let program = match tool.components().count() {
        1 => tool.to_owned(),
        _ => project.folder.join(tool),
    };
    let mut command = Command::new(absolute(program));
    command.args(arguments).current_dir(&project.folder);
    // Standard output is for what this program answers.
    command.stdin(Stdio::null()).stdout(io::stderr());
    let status = command.status().map_err(|cause| Error::Tool {
        tool: name.clone(),
        cause,
    })?;
    if status.success() {
        Ok(())
    } else {
        Err(Error::Failed {
            tool: name,
            how: status.to_string(),
        })
    }
}

/// A relative program would be looked for from the folder that the command runs in.
fn absolute(program: PathBuf) -> PathBuf {
    match program.components().count() {
        1 => program,
        _ => std::path::absolute(&program).unwrap_or(program),
    }
}

fn componentize(module: &Path, component: &Path) -> Result<(), Error> {
    let bytes = fs::read(module).map_err(|cause| file(module, cause))?;
    let encoded = ComponentEncoder::default()
        .validate(true)
        .module(&bytes)
        .and_then(|encoder| encoder.encode())
        .map_err(|error| Error::Component(format!("{error:#}")))?;
    fs::write(component, encoded).map_err(|cause| file(component, cause))
}

fn file(path: &Path, cause: io::Error) -> Error {
    Error::File {
        path: path.display().to_string(),
        cause,
    }
}
