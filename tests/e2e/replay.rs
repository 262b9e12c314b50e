//! Replays: every decision of the demonstration, from the registry, from exported bytes and at the province.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use lika_core::value::Digest;
use lika_proto::{log::v1::decision, v1};
use lika_tests::{
    Ran, Sample, built, lika,
    search::{self, Needles},
};
use prost::Message as _;
use serde_json::Value;
use tempfile::TempDir;

/// What stands before the first item of a bundle, and before each item.
const MAGIC: usize = 8;
const PREFIX: usize = 4 + 32;

/// A node of the demonstration that was started again.
struct Again {
    child: Child,
    config: PathBuf,
    address: String,
}

impl Again {
    fn start(folder: &Path) -> Self {
        let config = folder.join("lika.toml");
        let mut command = Command::new(built::binary());
        command.args(["node", "run", "--config"]).arg(&config);
        command.stdin(Stdio::null()).stdout(Stdio::null());
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let address = lines
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| line.strip_prefix("gRPC ").map(str::to_owned));
        // It must be able to go on speaking.
        std::thread::spawn(move || lines.for_each(drop));
        Self {
            child,
            config,
            address: address.expect("the node serves"),
        }
    }

    fn policy(&self, arguments: &[&str]) -> Ran {
        let config = self.config.to_str().unwrap();
        let called = ["--json", "--config", config, "--address", &self.address];
        lika([&["policy"], arguments, &called].concat())
    }
}

impl Drop for Again {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn demonstration() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let policies = built::policies();
    lika([
        "demo".as_ref(),
        "--once".as_ref(),
        "--policies".as_ref(),
        policies.as_os_str(),
        "--folder".as_ref(),
        folder.path().as_os_str(),
    ])
    .done();
    folder
}

fn count(told: &Value, key: &str) -> u64 {
    told[key]
        .as_u64()
        .unwrap_or_else(|| panic!("{key} in {told}"))
}

#[track_caller]
fn all_the_same(told: &Value) {
    assert_eq!(told["mismatches"], serde_json::json!([]), "{told}");
    assert_eq!(told["same"], told["evaluations"], "{told}");
    assert!(count(told, "evaluations") > 0, "{told}");
}

/// The items of a bundle.
fn items(file: &[u8]) -> Vec<v1::BundleItem> {
    let (mut rest, mut items) = (&file[MAGIC..], Vec::new());
    while let Some((length, _)) = rest.split_first_chunk::<4>() {
        let length = u32::from_le_bytes(*length) as usize;
        let (item, after) = rest[PREFIX..].split_at(length);
        items.push(v1::BundleItem::decode(item).unwrap());
        rest = after;
    }
    items
}

/// A bundle of these items, whose digests are right.
fn file(magic: &[u8], items: &[v1::BundleItem]) -> Vec<u8> {
    let mut file = magic.to_vec();
    for item in items {
        let item = item.encode_to_vec();
        file.extend(u32::try_from(item.len()).unwrap().to_le_bytes());
        file.extend(Digest::of(&item).0);
        file.extend(item);
    }
    file
}

fn replay_bundle(file: &Path) -> Ran {
    let file = file.to_str().unwrap();
    lika(["policy", "replay", "--json", "--bundle", file])
}

#[test]
fn every_decision_of_the_demonstration_replays_and_a_tampered_one_is_named() {
    let folder = demonstration();
    let sample = Sample::of_demonstration();
    let exported = folder.path().join("all.bundle");
    let at_county = {
        let county = Again::start(&folder.path().join("county"));
        let told = county.policy(&["replay", "--sample", "100%"]).done().json();
        all_the_same(&told);
        // Both policies ran twice.
        let least = 2 * (14 + sample.households().unsigned_abs());
        assert!(count(&told, "decisions") >= least, "{told}");
        let export = ["bundle", "--sample", "100%", "--output"];
        let export = [&export[..], &[exported.to_str().unwrap()]].concat();
        county.policy(&export).done();
        told
    };

    // From exported bytes, with no node.
    let from_bytes = replay_bundle(&exported).done().json();
    all_the_same(&from_bytes);
    for key in ["evaluations", "decisions"] {
        assert_eq!(from_bytes[key], at_county[key]);
    }
    let bytes = fs::read(&exported).unwrap();
    let personal = sample.personal();
    let needles = Needles::new(personal.iter().map(String::as_str));
    assert!(needles.in_bytes(&bytes).is_empty());

    tampered_bundles_are_told(folder.path(), &bytes);
    at_the_province(folder.path());
}

fn tampered_bundles_are_told(folder: &Path, bytes: &[u8]) {
    let (magic, _) = bytes.split_at(MAGIC);
    let mut tampered = items(bytes);
    let evaluations = tampered
        .iter_mut()
        .rev()
        .filter_map(|item| match &mut item.item {
            Some(v1::bundle_item::Item::Evaluation(evaluation)) => Some(evaluation),
            _ => None,
        });
    let mut decisions = evaluations.flat_map(|evaluation| &mut evaluation.decisions);
    let victim = decisions
        .find_map(|it| {
            let open = it.decision.as_mut()?.open.as_mut()?;
            let is_granted = open.outcome() == decision::Outcome::Granted;
            is_granted.then_some((it.id.clone(), open))
        })
        .unwrap();
    let (id, open) = victim;
    open.set_outcome(decision::Outcome::Refused);
    open.category.clear();
    let path = folder.join("tampered.bundle");
    fs::write(&path, file(magic, &tampered)).unwrap();
    let ran = replay_bundle(&path);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let told = ran.json();
    let mismatches = told["mismatches"].as_array().unwrap();
    let [mismatch] = &mismatches[..] else {
        panic!("{told}");
    };
    let differing = &mismatch["differing"];
    let id = uuid::Uuid::from_slice(&id).unwrap().to_string();
    assert_eq!(differing.as_array().unwrap().len(), 1, "{mismatch}");
    assert_eq!(differing[0]["decision"], id, "{mismatch}");
    let text = |key: &str| differing[0][key].as_str().unwrap().to_owned();
    assert!(text("recorded").starts_with("refused"), "{mismatch}");
    assert!(text("replayed").starts_with("granted"), "{mismatch}");

    // A recorded output that was changed is named with both digests.
    let mut tampered = items(bytes);
    let open = tampered
        .iter_mut()
        .rev()
        .find_map(|item| match &mut item.item {
            Some(v1::bundle_item::Item::Evaluation(it)) => it.evaluation.as_mut()?.open.as_mut(),
            _ => None,
        });
    *open.unwrap().output.last_mut().unwrap() ^= 1;
    fs::write(&path, file(magic, &tampered)).unwrap();
    let ran = replay_bundle(&path);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let told = ran.json();
    let mismatch = &told["mismatches"][0];
    assert_eq!(mismatch["recorded"].as_str().unwrap().len(), 64, "{told}");
    assert_ne!(mismatch["recorded"], mismatch["replayed"], "{told}");

    // Cut short.
    fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    let ran = replay_bundle(&path);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(!ran.json()["damage"].as_array().unwrap().is_empty());
}

/// Evaluations arrive through the link, components do not: the province admits what it wants to run.
fn at_the_province(folder: &Path) {
    let province = Again::start(&folder.join("province"));
    let replay = |share: &str| {
        let area = ["--area", "360323", "--since", "2020-01-01", "--seed", "11"];
        let arguments = [&["replay", "--sample", share], &area[..]].concat();
        province.policy(&arguments)
    };
    // What was not run is not the same.
    let without = replay("100%");
    assert_eq!(without.code, Some(1), "{without:?}");
    let without = without.json();
    assert_eq!(
        without["without_component"], without["evaluations"],
        "{without}"
    );
    assert_eq!(without["missing"].as_array().unwrap().len(), 2, "{without}");
    let packages = search::files(folder)
        .into_iter()
        .filter(|file| file.parent() == Some(folder))
        .filter(|file| {
            file.extension()
                .is_some_and(|extension| extension == "lika")
        });
    for file in packages {
        province.policy(&["admit", file.to_str().unwrap()]).done();
    }
    let told = replay("60%").done().json();
    all_the_same(&told);
    assert!(
        count(&told, "evaluations") < count(&without, "evaluations"),
        "{told}"
    );
    assert!(count(&told, "decisions") > 0, "{told}");
}
