//! A whole node and the children of its policies.

use std::{fs, path::Path};

use lika_guests::{LOOP, guest_that_reads};
use lika_proto::{log::v1::Kind, v1::record::Body};
use lika_tests::{Node, Started, built, search, until};
use tempfile::TempDir;

use super::{children, signal, until_it_has_ended, until_it_works_hard};

/// A small county, and a folder for files.
struct Scene {
    node: Node,
    folder: TempDir,
    households: i64,
}

impl Scene {
    fn set() -> Self {
        let (node, sample) = Node::with_households(8);
        Self {
            node,
            folder: tempfile::tempdir().unwrap(),
            households: sample.households(),
        }
    }

    /// Admits a component and enacts it for the county.
    fn enact(&self, component: &Path) {
        self.node.put_in_force(component, None, "2016-01-01");
    }

    /// A policy for screening that loops until somebody stops it, and its child.
    fn enact_a_loop(&self) -> u32 {
        let component = self.folder.path().join("looping.wasm");
        let looping = guest_that_reads("household.key", "code", LOOP);
        fs::write(&component, looping).unwrap();
        self.enact(&component);
        let children = children(self.node.process());
        let [child] = children[..] else {
            panic!("not one child: {children:?}")
        };
        child
    }

    /// Starts to evaluate the policy for screening.
    fn start_evaluating(&self) -> Started {
        let evaluate = ["policy", "evaluate", "screening", "--json"];
        let place = ["--area", self.node.area()];
        self.node.start_running(&[&evaluate[..], &place].concat())
    }

    /// The codes of all reasons that decisions have, each once.
    fn reasons(&self) -> Vec<String> {
        let decisions = self.node.client().list(Kind::Decision, "360323").unwrap();
        let of_record = |record: lika_proto::v1::Record| match record.body {
            Some(Body::Decision(decision)) => decision.open.unwrap().reasons,
            other => panic!("{other:?}"),
        };
        let reasons = decisions.into_iter().flat_map(of_record);
        let mut codes: Vec<String> = reasons.map(|reason| reason.code).collect();
        codes.sort_unstable();
        codes.dedup();
        codes
    }
}

#[test]
fn a_node_outlives_the_child_of_its_policy_and_records_what_is_undetermined() {
    let scene = Scene::set();
    let said = scene.node.said();
    assert!(
        said.contains("policies run in confined processes"),
        "{said}"
    );
    let child = scene.enact_a_loop();

    let evaluating = scene.start_evaluating();
    until_it_works_hard(child);
    // Whoever has nothing to do with the policy does not notice.
    assert_eq!(scene.node.client().status().area, "360323");
    signal("KILL", child);
    let evaluated = evaluating.end().done().json();
    assert_eq!(evaluated["decisions"], scene.households, "{evaluated}");
    assert_eq!(evaluated["undetermined"], scene.households, "{evaluated}");
    let reasons = scene.reasons();
    for code in ["policy-crashed", "policy-out-of-fuel", "policy-suspended"] {
        assert!(
            reasons.iter().any(|reason| reason == code),
            "{code}: {reasons:?}"
        );
    }

    // Nobody is decided about while the policy is suspended, and nothing happens in its place.
    let again = scene.node.evaluate("screening", None);
    assert_eq!(again["undetermined"], scene.households, "{again}");
    assert_eq!(scene.reasons(), ["policy-suspended"]);

    // Somebody has to look at it, once.
    let office = scene.node.client();
    let alerts = until("the suspension is told", || {
        let alerts = office.list(Kind::Alert, "360323").unwrap();
        (!alerts.is_empty()).then_some(alerts)
    });
    let [alert] = &alerts[..] else {
        panic!("{alerts:?}");
    };
    let Some(Body::Alert(alert)) = &alert.body else {
        panic!("{alert:?}");
    };
    let open = alert.open.as_ref().unwrap();
    assert_eq!(open.code, "policy-suspended");
    let keys: Vec<&str> = open.details.iter().map(|it| it.key.as_str()).collect();
    assert_eq!(keys, ["component", "cause", "words", "position"]);

    // Another policy is not.
    scene.enact(&built::policy("village-team"));
    let evaluated = scene.node.evaluate("village-team", None);
    assert_ne!(evaluated["decisions"], 0, "{evaluated}");
    assert_eq!(evaluated["undetermined"], 0, "{evaluated}");
}

#[test]
fn a_node_compiles_a_policy_when_it_is_admitted_and_never_again_unless_it_must() {
    let mut scene = Scene::set();
    let compiled = |scene: &Scene| scene.node.said().matches("a policy was compiled").count();
    scene.enact(&built::policy("village-team"));
    let first = scene.node.evaluate("village-team", None);
    assert_ne!(first["decisions"], 0, "{first}");
    // Two processes for the gates, one for each preview.
    assert_eq!(compiled(&scene), 1, "{}", scene.node.said());
    let folder = scene.node.data().join("machine-code");
    let foreign = folder.join("foreign.code");
    fs::write(&foreign, "of nobody").unwrap();
    let evaluate_again = |scene: &mut Scene| {
        scene.node.stop();
        scene.node.start();
        let again = scene.node.evaluate("village-team", None);
        for count in ["decisions", "granted", "refused", "undetermined"] {
            assert_eq!(again[count], first[count], "{again}");
        }
    };
    evaluate_again(&mut scene);
    assert_eq!(compiled(&scene), 1, "{}", scene.node.said());
    let files = search::files(&folder);
    let [file] = &files[..] else {
        panic!("{files:?}")
    };

    let mut bytes = fs::read(file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x20;
    fs::write(file, bytes).unwrap();
    evaluate_again(&mut scene);
    assert_eq!(compiled(&scene), 2, "{}", scene.node.said());
    let said = scene.node.said();
    let mut warnings = said.lines().filter(|line| line.contains("not believed"));
    let warning = warnings.next().unwrap();
    assert!(warning.contains(&file.display().to_string()), "{warning}");
    evaluate_again(&mut scene);
    assert_eq!(compiled(&scene), 2, "{}", scene.node.said());
}

#[test]
fn the_children_of_a_node_that_is_killed_end_with_it_whatever_they_do() {
    let mut scene = Scene::set();
    let child = scene.enact_a_loop();
    let evaluating = scene.start_evaluating();
    until_it_works_hard(child);
    scene.node.kill();
    until_it_has_ended(child);
    drop(evaluating);
}
