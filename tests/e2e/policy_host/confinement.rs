//! What a child holds, and what of it an escaped guest could use.

use std::{fs, path::Path, process::Command};

use lika::policy::{Host, HostProgram, Limits};
use lika_guests::HONEST;
use lika_tests::{Node, built};
use serde_json::Value as Json;

use super::{Admitted, children, quick, until_it_has_ended, write_program};

#[test]
fn a_child_holds_nothing_and_ends_with_its_host() {
    // What whoever started the node has left open is not inherited either.
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("lika");
    let script = format!(
        "#!/bin/sh\nexec 9</etc/hosts\nexec env -i {} \"$@\"\n",
        built::binary().display()
    );
    write_program(&program, &script);
    let host = Host::start(HostProgram::At(program), quick()).unwrap();
    let honest = Admitted::new(&host, HONEST);
    let process = honest.process(&host);
    assert!(children(std::process::id()).contains(&process));
    let read = |name: &str| fs::read_to_string(format!("/proc/{process}/{name}")).unwrap();
    let status = read("status");
    let is = |key: &str, value: &str| {
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix(key))
            .unwrap();
        assert_eq!(line.trim(), value, "{key}");
    };
    is("NoNewPrivs:", "1");
    is("Seccomp:", "2");
    for set in ["CapInh:", "CapPrm:", "CapEff:", "CapAmb:"] {
        is(set, "0000000000000000");
    }
    let limits = read("limits");
    let limit = |name: &str| {
        let line = limits
            .lines()
            .find_map(|line| line.strip_prefix(name))
            .unwrap();
        line.split_whitespace().next().unwrap().to_owned()
    };
    assert_eq!(limit("Max core file size"), "0");
    assert_eq!(limit("Max open files"), "8");
    assert_eq!(limit("Max processes"), "0");
    assert_eq!(limit("Max data size"), (2_u64 << 30).to_string());
    // The line to the node, and the image of the policy's memory.
    let open = fs::read_dir(format!("/proc/{process}/fd")).unwrap();
    let open = open.map(|entry| fs::read_link(entry.unwrap().path()).unwrap());
    let open: Vec<String> = open
        .map(|link| link.to_string_lossy().into_owned())
        .collect();
    let count = |start: &str| open.iter().filter(|link| link.starts_with(start)).count();
    assert_eq!(
        (count("pipe:"), count("/memfd:wasm"), open.len()),
        (3, 1, 4),
        "{open:?}"
    );
    assert_eq!(read("environ"), "");
    assert_eq!(
        fs::read_link(format!("/proc/{process}/cwd")).unwrap(),
        Path::new("/")
    );
    drop((host, honest));
    until_it_has_ended(process);
}

/// Only a build with debug assertions has the attempts.
#[cfg(debug_assertions)]
#[test]
fn whatever_an_escaped_guest_tries_is_refused() {
    let mut node = Node::luxi();
    let all = lika_tests::search::files(node.folder());
    let named = |end: &str| {
        let mut found = all
            .iter()
            .filter(|file| file.to_string_lossy().ends_with(end));
        found.next().unwrap().clone()
    };
    let files = [".segment", "/ring", "node.key"].map(named);

    let limits = serde_json::to_string(&Limits::default()).unwrap();
    let output = Command::new(built::binary())
        .args([
            "policy-host",
            "--json",
            "--limits",
            &limits,
            "--attempt-escape",
        ])
        .args(&files)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {said}", output.status);
    let escape: Json = serde_json::from_slice(&output.stdout).unwrap();
    let list = |name: &str| escape[name].as_array().unwrap().clone();
    let (before, after) = (list("before"), list("after"));
    assert_eq!(before.len(), after.len());
    assert!(before.len() >= 2 * files.len() + 11);
    for attempt in &before {
        assert_eq!(attempt["refused"], Json::Null, "unconfined: {attempt}");
    }
    for attempt in &after {
        assert!(attempt["refused"].is_i64(), "confined: {attempt}");
    }
    let names = |list: &Json| list.as_array().unwrap().clone();
    let held = names(&escape["confinement"]["held"]);
    assert!(held.contains(&"Descriptors".into()), "{escape}");
    assert!(
        held.contains(&"SystemCalls".into()) || held.contains(&"Landlock".into()),
        "{escape}"
    );
    assert_eq!(
        held.len() + names(&escape["confinement"]["lacking"]).len(),
        9
    );
    // One of the two is enough for the files, for the parent and for other programs.
    if held.contains(&"Landlock".into()) {
        for attempt in list("without_rights") {
            let what = attempt["what"].as_str().unwrap();
            let reaches_out = [
                "read",
                "write",
                "memory",
                "environment",
                "signal",
                "program",
                "listener",
                "new file",
            ];
            if reaches_out.iter().any(|start| what.starts_with(start)) {
                assert!(attempt["refused"].is_i64(), "by landlock: {attempt}");
            }
        }
    }
    node.stop();
}
