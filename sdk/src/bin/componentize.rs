//! Makes a policy component of the core module that the compiler wrote: `componentize <core.wasm> <component.wasm>`.
//!
//! The same module always gives the same bytes, and a component that already stands there with those bytes is left
//! untouched, so that nothing downstream is rebuilt.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use wit_component::ComponentEncoder;

fn main() -> ExitCode {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [module, component] = arguments.as_slice() else {
        eprintln!("usage: componentize <core.wasm> <component.wasm>");
        return ExitCode::from(2);
    };
    match componentize(module, component) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}: {error}", module.display());
            let mut cause = error.source();
            while let Some(reason) = cause {
                eprintln!("  because {reason}");
                cause = reason.source();
            }
            ExitCode::from(2)
        }
    }
}

fn componentize(module: &Path, component: &Path) -> Result<(), Box<dyn Error>> {
    let module = std::fs::read(module)?;
    let mut encoder = ComponentEncoder::default();
    let encoded = encoder.validate(true).module(&module)?.encode()?;
    let unchanged = std::fs::read(component).is_ok_and(|present| present == encoded);
    if !unchanged {
        std::fs::write(component, encoded)?;
    }
    Ok(())
}
