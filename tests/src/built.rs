//! What has to be built before the tests: a missing file is a failure that says how to make it, never a skipped test.

use std::path::{Path, PathBuf};

/// The binary `lika` of the same profile as the test.
pub fn binary() -> PathBuf {
    let binary = above(2).join("lika");
    assert!(
        binary.is_file(),
        "{} is not built; run `cargo build --package lika`",
        binary.display()
    );
    binary
}

/// The folder of the built policies.
pub fn policies() -> PathBuf {
    let folder = above(3).join("policies");
    assert!(
        folder.is_dir(),
        "{} is not there; run `make policies`",
        folder.display()
    );
    folder
}

/// The component of a shipped policy.
pub fn policy(name: &str) -> PathBuf {
    policies().join(name).with_extension("wasm")
}

/// The Python interpreter with the packages of the tests.
pub fn python() -> PathBuf {
    let python = above(3).join("python/bin/python");
    assert!(
        python.is_file(),
        "{} is not there; run `tools/python-env`",
        python.display()
    );
    python
}

/// The folder of everything that is built.
pub fn target() -> PathBuf {
    above(3)
}

/// A file of the repository, by its path from the root.
pub fn source(path: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    root.join(path)
}

/// A folder above the test: `<target>/<profile>/deps/<test>`.
fn above(levels: usize) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    test.ancestors().nth(levels).unwrap().to_owned()
}
