//! What a local developer does: the tutorial of the SDK step by step, and what comes of it on a node.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use lika_proto::log::v1::Kind;
use lika_tests::{Node, Ran, built};

const COUNTY: &str = "360323";

/// A fenced block of the tutorial.
struct Block {
    fence: String,
    text: String,
}

/// The blocks under a heading of the tutorial.
fn blocks(heading: &str) -> Vec<Block> {
    let readme = fs::read_to_string(built::source("sdk/README.md")).unwrap();
    let section = readme
        .split("\n## ")
        .find(|section| section.starts_with(heading));
    let section = section.unwrap_or_else(|| panic!("no section {heading}"));
    let parts: Vec<&str> = section.split("```").collect();
    assert!(parts.len() % 2 == 1, "a block of {heading} does not end");
    let block = |part: &&str| {
        let (fence, text) = part.split_once('\n').unwrap();
        Block {
            fence: fence.into(),
            text: text.into(),
        }
    };
    parts.iter().skip(1).step_by(2).map(block).collect()
}

/// A folder for projects, with the tools that the tutorial has installed.
struct Workshop {
    folder: PathBuf,
}

impl Workshop {
    /// A new one. It is always the same folder for the same test, so that runs do not pile up.
    fn open(name: &str) -> Self {
        let folder = built::target().join("author").join(name);
        if folder.exists() {
            fs::remove_dir_all(&folder).unwrap();
        }
        fs::create_dir_all(&folder).unwrap();
        Self { folder }
    }

    /// What `install` blocks bring, from what `make test` has installed: the same versions, by the same files.
    fn install(&self, project: &str, commands: &str) {
        let project = self.folder.join(project);
        let link = |from: PathBuf, to: &str| {
            let to = project.join(to);
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            std::os::unix::fs::symlink(from, to).unwrap();
        };
        match commands.trim() {
            // `make policies` has seen to it.
            "rustup target add wasm32-unknown-unknown" => {}
            "npm install" => {
                let own = fs::read(project.join("package-lock.json")).unwrap();
                let installed = built::target().join("js/ready.json");
                assert_eq!(own, fs::read(installed).expect("run `tools/js-env`"));
                link(built::target().join("js/node_modules"), "node_modules");
            }
            "python3 -m venv .venv\n.venv/bin/pip install -r requirements.txt" => {
                let wanted = fs::read_to_string(project.join("requirements.txt")).unwrap();
                let installed = built::source("tools/python-requirements.txt");
                let installed = fs::read_to_string(installed).unwrap();
                assert!(installed.contains(wanted.trim()), "{wanted} in {installed}");
                let tool = built::python().with_file_name("componentize-py");
                link(tool, ".venv/bin/componentize-py");
            }
            other => panic!("the tutorial installs what this test does not know: {other}"),
        }
    }

    /// Runs commands in a folder of the workshop, with `lika` on the path and nothing from the network.
    fn shell(&self, folder: &str, commands: &str) -> Ran {
        let programs = built::binary().parent().unwrap().to_owned();
        let script = format!("export PATH={}:\"$PATH\"\n{commands}", programs.display());
        let mut command = Command::new("bash");
        command.args(["-euo", "pipefail", "-c", &script]);
        command.current_dir(self.folder.join(folder));
        command.env("CARGO_NET_OFFLINE", "true");
        command.env("CARGO_TARGET_DIR", built::target().join("author/cargo"));
        command.env("LIKA_WASM_FOLDER", built::target().join("wasm-toolchain"));
        command.stdin(Stdio::null());
        command.output().unwrap().into()
    }

    /// Follows the tutorial under a heading; the component that comes of it.
    fn follow(&self, heading: &str, project: &str) -> PathBuf {
        let mut folder = "";
        let mut said = String::new();
        for Block { fence, text } in blocks(heading) {
            match fence.as_str() {
                "sh" => {
                    let ran = self.shell(folder, &text).done();
                    said = ran.stdout;
                    if text.contains(&format!("\ncd {project}\n")) {
                        folder = project;
                    }
                }
                "sh install" => self.install(project, &text),
                "text" => {
                    for line in text.lines() {
                        assert!(said.contains(line), "{line}\nis not said:\n{said}");
                    }
                }
                other => panic!("a block of another kind: {other}"),
            }
        }
        let component = self.folder.join(project).join("target/policy.wasm");
        assert!(component.is_file(), "{} is not there", component.display());
        component
    }
}

/// Admits a component, puts it in force, evaluates the county and replays an evaluation.
fn on_a_node(component: &Path, purpose: &str) {
    let (county, sample) = Node::with_households(8);
    county.put_in_force(component, None, "2016-01-01");
    let evaluated = county.evaluate(purpose, None);
    assert_eq!(evaluated["decisions"], sample.households(), "{evaluated}");
    assert_eq!(evaluated["undetermined"], 0, "{evaluated}");
    // Nobody is paired yet, so nobody is visited.
    assert_eq!(evaluated["refused"], sample.households(), "{evaluated}");

    let evaluations = county.client().ids(Kind::Evaluation, COUNTY);
    let replayed = county.replay(&evaluations[0]);
    assert_eq!(replayed["same"], true, "{replayed}");
    assert_eq!(replayed["recorded"], replayed["replayed"]);
}

#[test]
fn the_tutorial_in_rust_ends_in_a_policy_that_a_node_runs() {
    let workshop = Workshop::open("rust");
    let component = workshop.follow("In Rust", "visits");
    let built = fs::read(&component).unwrap();
    let ran = workshop
        .shell("visits", "lika policy watch --times 1")
        .done();
    assert!(ran.stdout.contains("7 held, 0 did not"), "{}", ran.stdout);
    assert!(
        fs::read(&component).unwrap() == built,
        "the same source, another component"
    );
    on_a_node(&component, "supervision");
}

#[test]
fn the_tutorial_in_python_ends_in_a_policy_that_a_node_runs() {
    let workshop = Workshop::open("python");
    on_a_node(&workshop.follow("In Python", "visits-py"), "supervision");
}

#[test]
fn the_tutorial_in_javascript_ends_in_a_policy_that_a_node_runs() {
    let workshop = Workshop::open("js");
    on_a_node(
        &workshop.follow("In JavaScript", "visits-js"),
        "supervision",
    );
}

#[test]
fn the_three_languages_share_out_alike() {
    let workshop = Workshop::open("group");
    for (language, install) in [
        ("rust", "rustup target add wasm32-unknown-unknown"),
        (
            "python",
            "python3 -m venv .venv\n.venv/bin/pip install -r requirements.txt",
        ),
        ("js", "npm install"),
    ] {
        let project = format!("helpers-{language}");
        let new = format!("lika policy new {project} --family group --lang {language}");
        workshop.shell("", &new).done();
        workshop.install(&project, install);
        let ran = workshop
            .shell(&project, "lika policy build && lika policy test")
            .done();
        assert!(
            ran.stdout.contains("held    helpers.json"),
            "{}",
            ran.stdout
        );
    }
}

#[test]
fn what_is_wrong_with_a_project_or_an_example_is_said_with_its_place() {
    let workshop = Workshop::open("faults");
    let refused = |folder: &str, command: &str, code: i32, text: &str| {
        let ran = workshop.shell(folder, command);
        let said = format!("{}{}", ran.stdout, ran.stderr);
        assert_eq!(ran.code, Some(code), "{command}: {said}");
        assert!(said.contains(text), "{text}\nis not said:\n{said}");
    };
    refused("", "lika policy new Visits", 2, "is not a name");
    refused("", "lika policy build", 2, "policy.toml cannot be read");
    workshop
        .shell("", "lika policy new visits --lang js")
        .done();
    refused("", "lika policy new visits", 2, "visits is there already");
    refused(
        "visits",
        "lika policy doctor",
        1,
        "to open it: in the project: npm install",
    );
    refused(
        "visits",
        "lika policy check",
        2,
        "`lika policy build` makes it",
    );

    let shipped = built::policy("pairing");
    let run = format!(
        "lika policy run --component {} -i example.json",
        shipped.display()
    );
    for (example, place) in [
        ("{", "not an example: EOF while parsing an object at line 1"),
        (
            r#"{"tables": {"house": []}}"#,
            "tables/house: the policy declares no such table",
        ),
        (
            r#"{"tables": {"pairing": []}}"#,
            "tables/pairing: its rows belong to those of another",
        ),
        (
            r#"{"tables": {"household": [{"household.able": true}]}}"#,
            "tables/household/0/household.able: the policy reads no such fact of a household",
        ),
        (
            r#"{"tables": {"household": [{}, {"pairing": [{"pairing.since": 5}]}]}}"#,
            "tables/household/1/pairing/0/pairing.since: 5 is not a day: text like \"2020-06-30\"",
        ),
    ] {
        fs::write(workshop.folder.join("visits/example.json"), example).unwrap();
        refused("visits", &run, 2, place);
    }
}
