//! A component is compiled once; what is kept of that is believed only as it was kept.

use std::{
    fs,
    path::{Path, PathBuf},
};

use lika::policy::{Cache, Host, HostProgram};
use lika_guests::HONEST;
use lika_tests::{built, search};
use tempfile::TempDir;

use super::{Admitted, quick, signal, until_it_has_ended, write_program};

const SECRET: [u8; 32] = [7; 32];
/// Whatever it is asked, it traps.
const TRAP: &str = "(unreachable)";

/// A folder of machine code.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn host(&self) -> Host {
        self.host_with(built::binary(), &SECRET)
    }

    fn host_with(&self, program: PathBuf, secret: &[u8]) -> Host {
        lika::telemetry::start();
        let cache = Cache::in_folder(self.path(), secret);
        Host::start_with(HostProgram::At(program), quick(), cache).unwrap()
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("code")
    }

    fn files(&self) -> Vec<PathBuf> {
        search::files(&self.path())
    }

    /// Its only file.
    #[track_caller]
    fn file(&self) -> PathBuf {
        let mut files = self.files();
        assert_eq!(files.len(), 1, "{files:?}");
        files.remove(0)
    }
}

/// How often a host compiles to have an honest policy answer.
#[track_caller]
fn compilations(host: &Host) -> u64 {
    assert_eq!(Admitted::new(host, HONEST).judge(1), Ok(()));
    host.compilations()
}

#[test]
fn a_component_is_compiled_once_whatever_happens_to_its_children() {
    let folder = Folder::new();
    let host = folder.host();
    let honest = Admitted::new(&host, HONEST);
    assert_eq!(host.compilations(), 1);
    let process = honest.process(&host);
    signal("KILL", process);
    until_it_has_ended(process);
    assert_eq!(honest.judge(1), Ok(()));
    assert_ne!(honest.process(&host), process);
    // As previews, replays and the last gate do.
    assert_eq!(compilations(&host.apart().unwrap()), 1);
    drop((host, honest));
    assert_eq!(compilations(&folder.host()), 0);
    folder.file();
}

#[test]
fn a_tool_compiles_once_and_leaves_nothing() {
    let host = super::host(quick());
    assert_eq!(compilations(&host), 1);
    assert_eq!(compilations(&host), 1);
    assert_eq!(compilations(&super::host(quick())), 1);
}

#[test]
fn what_was_touched_is_compiled_again() {
    let folder = Folder::new();
    assert_eq!(compilations(&folder.host()), 1);
    let whole = fs::read(folder.file()).unwrap();
    for place in [0, 31, 32, whole.len() / 2, whole.len() - 1] {
        let mut flipped = whole.clone();
        flipped[place] ^= 1;
        fs::write(folder.file(), flipped).unwrap();
        assert_eq!(compilations(&folder.host()), 1, "byte {place}");
        assert_eq!(compilations(&folder.host()), 0, "byte {place}");
    }
    fs::write(folder.file(), &whole[..whole.len() - 1]).unwrap();
    assert_eq!(compilations(&folder.host()), 1);
}

#[test]
fn machine_code_of_another_component_is_not_run_in_its_place() {
    let folder = Folder::new();
    assert_eq!(compilations(&folder.host()), 1);
    let honest = folder.file();
    let trap = Admitted::new(&folder.host(), TRAP);
    let files = folder.files();
    let other = files.iter().find(|file| **file != honest).unwrap();
    fs::copy(other, &honest).unwrap();
    drop(trap);
    assert_eq!(compilations(&folder.host()), 1);
}

#[test]
fn machine_code_that_was_kept_under_another_secret_is_not_run() {
    let folder = Folder::new();
    assert_eq!(compilations(&folder.host()), 1);
    let other = folder.host_with(built::binary(), &[8; 32]);
    assert_eq!(compilations(&other), 1);
    assert_eq!(compilations(&folder.host()), 1);
}

#[test]
fn what_the_engine_does_not_take_is_compiled_again_in_another_process() {
    let folder = Folder::new();
    assert_eq!(compilations(&folder.host()), 1);
    let before = fs::read(folder.file()).unwrap();
    // Where the mark is, the next child is set up otherwise.
    let (program, mark) = (folder.0.path().join("lika"), folder.0.path().join("mark"));
    write_program(&program, &differing_once(&mark));
    let host = folder.host_with(program, &SECRET);
    fs::write(&mark, "").unwrap();
    assert_eq!(compilations(&host), 1);
    assert!(!mark.exists());
    assert_eq!(fs::read(folder.file()).unwrap(), before);
    assert_eq!(compilations(&host), 1);
}

fn differing_once(mark: &Path) -> String {
    let (mark, binary) = (mark.display(), built::binary());
    format!(
        r#"#!/bin/sh
if [ -e {mark} ]; then
  rm {mark}
  limits=$(printf %s "$3" | sed 's/"memory_bytes":[0-9]*/"memory_bytes":1048576/')
  set -- "$1" "$2" "$limits"
fi
exec {} "$@"
"#,
        binary.display()
    )
}

#[test]
fn of_a_component_that_is_refused_nothing_is_kept() {
    let folder = Folder::new();
    let host = folder.host();
    let refused = host.admit(&lika_guests::component("(component)"));
    assert!(refused.is_err());
    assert_eq!(host.compilations(), 1);
    assert_eq!(folder.files(), [] as [PathBuf; 0]);
}

#[test]
fn where_nothing_can_be_kept_policies_run_all_the_same() {
    let folder = Folder::new();
    fs::write(folder.path(), "in the way").unwrap();
    let host = folder.host();
    assert_eq!(compilations(&host), 1);
    assert_eq!(compilations(&host), 2);
}
