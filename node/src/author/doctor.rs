//! Which languages a component can be built from on this machine, and what is missing for the others.

use std::{
    path::Path,
    process::{Command, Stdio},
};

use super::{build, project::Language};

const WASM: &str = "wasm32-unknown-unknown";
const COMPONENTIZE_JS: &str = "node_modules/@bytecodealliance/componentize-js/package.json";

/// One way from a language to a component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The language.
    pub language: Language,
    /// What the route goes through.
    pub name: &'static str,
    /// What was found of it, or what is missing and how it is had.
    pub state: Result<String, Repair>,
}

/// What to do about a route that is closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repair {
    /// What is not there.
    pub missing: String,
    /// The commands that bring it.
    pub command: String,
}

/// The routes of a language, as seen from a project's folder.
pub fn routes(language: Language, folder: &Path) -> Vec<Route> {
    let route = |name, state| Route {
        language,
        name,
        state,
    };
    match language {
        Language::Rust => vec![
            route("the toolchain's own target", own_target()),
            route("rustup", rustup()),
            route("Debian's archive", debian()),
        ],
        Language::Python => vec![route("componentize-py", python(folder))],
        Language::Js => vec![route("componentize-js", js(folder))],
    }
}

/// Whether a component can be built.
pub fn is_open(routes: &[Route]) -> bool {
    routes.iter().any(|route| route.state.is_ok())
}

fn own_target() -> Result<String, Repair> {
    let missing = |missing: &str, command: &str| Repair {
        missing: missing.into(),
        command: command.into(),
    };
    let rust = said("rustc", &["--version"])
        .ok_or_else(|| missing("a Rust toolchain", "install Rust 1.95 or newer with rustup"))?;
    let libraries = said("rustc", &["--print", "target-libdir", "--target", WASM]);
    let has_core = |folder: String| {
        let mut files = std::fs::read_dir(folder).into_iter().flatten().flatten();
        files.any(|file| file.file_name().to_string_lossy().starts_with("libcore-"))
    };
    if libraries.is_some_and(has_core) {
        Ok(format!("{rust} with {WASM}"))
    } else {
        let command = format!("rustup target add {WASM}");
        Err(missing(&format!("the target {WASM}"), &command))
    }
}

fn rustup() -> Result<String, Repair> {
    let rustup = said("rustup", &["--version"]).ok_or_else(|| Repair {
        missing: "rustup".into(),
        command: "install Rust with rustup, or take one of the other routes".into(),
    })?;
    Ok(format!("{rustup}: the first build asks it for {WASM}"))
}

fn debian() -> Result<String, Repair> {
    let repair = |missing: &str, command: &str| Repair {
        missing: missing.into(),
        command: command.into(),
    };
    for tool in ["apt-get", "dpkg"] {
        said(tool, &["--version"])
            .ok_or_else(|| repair(tool, "this route is for Debian; take one of the others"))?;
    }
    let sysroot = said("rustc", &["--print", "sysroot"]);
    let sysroot = sysroot.ok_or_else(|| repair("rustc", "install Rust 1.95 or newer"))?;
    let host = said("rustc", &["-vV"]).unwrap_or_default();
    let host = host.lines().find_map(|line| line.strip_prefix("host: "));
    let linker = format!("{sysroot}/lib/rustlib/{}/bin/rust-lld", host.unwrap_or("?"));
    if Path::new(&linker).exists() {
        Ok("the first build unpacks Debian's compiler into target/, some 400 MB".into())
    } else {
        Err(repair(
            "rust-lld, the linker",
            "install the Rust toolchain with rustup",
        ))
    }
}

fn python(folder: &Path) -> Result<String, Repair> {
    let tool = build::componentize_py(folder);
    let tool = tool.to_string_lossy();
    if let Some(version) = said(&tool, &["--version"]) {
        return Ok(version);
    }
    let install = "python3 -m venv .venv && .venv/bin/pip install -r requirements.txt";
    Err(match said("python3", &["--version"]) {
        Some(_) => Repair {
            missing: "componentize-py".into(),
            command: format!("in the project: {install}"),
        },
        None => Repair {
            missing: "python3 and componentize-py".into(),
            command: format!(
                "apt-get install python3 python3-venv, then in the project: {install}"
            ),
        },
    })
}

fn js(folder: &Path) -> Result<String, Repair> {
    let repair = |missing: &str, command: &str| Repair {
        missing: missing.into(),
        command: command.into(),
    };
    let node = said("node", &["--version"]);
    let node = node.ok_or_else(|| {
        repair(
            "node, npm and componentize-js",
            "apt-get install nodejs npm, then in the project: npm install",
        )
    })?;
    if folder.join(COMPONENTIZE_JS).exists() {
        Ok(format!("node {node} with componentize-js"))
    } else if said("npm", &["--version"]).is_some() {
        Err(repair("componentize-js", "in the project: npm install"))
    } else {
        Err(repair(
            "npm and componentize-js",
            "apt-get install npm, then in the project: npm install",
        ))
    }
}

/// What a tool says when it is asked; none where it is not there or does not work.
fn said(tool: &str, arguments: &[&str]) -> Option<String> {
    let mut command = Command::new(tool);
    command
        .args(arguments)
        .stdin(Stdio::null())
        .stderr(Stdio::null());
    let output = command.output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}
