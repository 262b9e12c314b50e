//! Files are lost or damaged: the registry is rebuilt from the log, and damage in the log is refused and named.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use lika_tests::{Node, Pair, Ran, Sample, Totals, lika, search, until};

const HOUSEHOLDS: usize = 300;

/// A county with some households that has stopped, and what it counted.
fn county() -> (Node, Totals) {
    let mut county = Node::create("360323", "芦溪县");
    county.start();
    let sample = Sample::of(HOUSEHOLDS);
    sample.register(&county.client());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("households.xlsx");
    sample.county.write_xlsx(&file).unwrap();
    county.import(&file).done();
    let totals = county.client().totals("360323");
    assert_eq!(totals["households"], sample.households());
    assert_eq!(totals["people"], sample.people());
    county.stop();
    (county, totals)
}

fn flip(file: &Path, offset: usize) {
    let mut bytes = fs::read(file).unwrap();
    bytes[offset] ^= 0x20;
    fs::write(file, bytes).unwrap();
}

fn must_be_whole(county: &mut Node, totals: &Totals) {
    must_serve(county, totals);
    // A page that nobody has read yet may be damaged still: then verifying finds it, and the next start rebuilds.
    if county.verify().code != Some(0) {
        must_serve(county, totals);
    }
    county.must_verify();
}

/// Started again when it ends, as a supervisor does: a node that finds damage ends, and its next start rebuilds.
fn must_serve(county: &mut Node, totals: &Totals) {
    let serves = |county: &mut Node| {
        county.start();
        let client = county.try_client().ok();
        let seen = client.and_then(|client| client.try_totals("360323").ok());
        county.ended_well() && seen.as_ref() == Some(totals)
    };
    assert!(serves(county) || serves(county), "{}", county.said());
}

#[test]
fn the_registry_is_rebuilt_when_its_folder_is_gone() {
    let (mut county, totals) = county();
    let registry = county.data().join("registry");
    fs::remove_dir_all(&registry).unwrap();
    must_be_whole(&mut county, &totals);
    assert!(registry.is_dir());
}

#[test]
fn a_flipped_byte_in_the_registry_loses_nothing() {
    let (mut county, totals) = county();
    let registry = county.data().join("registry");
    let places = 8;
    for place in 0..places {
        let files: Vec<PathBuf> = search::files(&registry)
            .into_iter()
            .filter(|file| fs::metadata(file).unwrap().len() > 0)
            .collect();
        let largest = files
            .iter()
            .max_by_key(|file| fs::metadata(file).unwrap().len());
        let largest = largest.unwrap();
        // The file is longer than what it holds.
        let bytes = fs::read(largest).unwrap();
        let used = bytes.iter().rposition(|byte| *byte != 0).unwrap();
        flip(largest, (used - 17) * place / places + 17);
        must_be_whole(&mut county, &totals);
    }
    // A single byte may be one that nobody reads any more; one in every block is not.
    let database = registry.join("db");
    let mut bytes = fs::read(&database).unwrap();
    bytes
        .iter_mut()
        .skip(17)
        .step_by(512)
        .for_each(|byte| *byte ^= 0x20);
    fs::write(&database, bytes).unwrap();
    must_be_whole(&mut county, &totals);
    let aside = county.data().join("registry.damaged-1");
    assert!(aside.is_dir(), "no registry was moved aside");
}

#[test]
fn a_flipped_byte_in_each_file_of_the_registry_loses_nothing() {
    let (mut county, totals) = county();
    let registry = county.data().join("registry");
    let mut flipped = 0;
    for file in search::files(&registry) {
        // A rebuild may have replaced it by another one.
        let length = fs::metadata(&file).map_or(0, |metadata| metadata.len());
        if length > 0 {
            flip(&file, usize::try_from(length).unwrap() / 2);
            flipped += 1;
            must_be_whole(&mut county, &totals);
        }
    }
    assert!(flipped > 0);
}

#[test]
fn a_flipped_byte_in_the_log_is_refused_and_named() {
    let (county, _) = county();
    let files = search::files(&county.data().join("log"));
    let segment = files.iter().find(|file| is_segment(file));
    let segment = segment.unwrap();
    let length = usize::try_from(fs::metadata(segment).unwrap().len()).unwrap();
    for place in [80, length / 3, length / 2] {
        let sound = fs::read(segment).unwrap();
        flip(segment, place);
        let verified = county.verify();
        assert!(
            matches!(verified.code, Some(1 | 2)),
            "byte {place}: {verified:?}"
        );
        let said = format!("{}{}", verified.stdout, verified.stderr);
        assert!(
            said.contains(&segment.display().to_string()),
            "byte {place}: {said}"
        );
        assert!(place >= offset(&said), "byte {place}: {said}");
        fs::write(segment, sound).unwrap();
    }
    county.must_verify();
}

#[test]
fn a_registry_is_not_rebuilt_from_a_damaged_log() {
    let (mut county, totals) = county();
    fs::remove_dir_all(county.data().join("registry")).unwrap();
    let files = search::files(&county.data().join("log"));
    let segment = files.iter().find(|file| is_segment(file)).unwrap();
    let sound = fs::read(segment).unwrap();
    // In the first batch: without a registry, damage in the last one cannot be told from a torn tail.
    let place = 200;
    flip(segment, place);
    let ended = county.try_start(&[]).expect_err("the log is damaged");
    assert_eq!(ended.status.code(), Some(2), "{ended:?}");
    assert!(
        ended.said.contains(&segment.display().to_string()),
        "{}",
        ended.said
    );
    assert!(place >= offset(&ended.said), "{}", ended.said);
    // Nothing was cut: with the byte mended all is there again.
    assert_eq!(fs::metadata(segment).unwrap().len(), sound.len() as u64);
    fs::write(segment, sound).unwrap();
    must_be_whole(&mut county, &totals);
}

#[test]
fn a_log_that_ends_before_what_was_acknowledged_is_refused() {
    let (mut county, _) = county();
    let files = search::files(&county.data().join("log"));
    let segment = files.iter().find(|file| is_segment(file));
    let segment = segment.unwrap();
    let bytes = fs::read(segment).unwrap();
    fs::write(segment, &bytes[..bytes.len() - 100]).unwrap();
    let ended = county
        .try_start(&[])
        .expect_err("acknowledged entries are missing");
    assert_eq!(ended.status.code(), Some(2), "{ended:?}");
    assert!(ended.said.contains("was acknowledged"), "{}", ended.said);
}

/// What happens to a file of which one byte is another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Finding {
    /// The node does not start, and names it.
    Refused,
    /// `lika log verify` names it.
    Verified,
    /// `lika node check` names it.
    Checked,
    /// It is made again from what is whole.
    MadeAgain,
}

/// Every file of a node that lasts. A new one has to be written down here, with who finds it damaged.
fn finding(name: &str) -> Option<Finding> {
    let (folder, rest) = name.split_once('/').unwrap_or(("", name));
    let (below, file) = rest.split_once('/').unwrap_or(("", rest));
    match (folder, below, file) {
        ("", "", "lika.toml" | "node.key") => Some(Finding::Refused),
        ("certificates", "", "signing.key") => Some(Finding::Refused),
        ("certificates", "", _) => Some(Finding::Checked),
        ("data", "", "ring") | ("data", "acknowledged", _) => Some(Finding::Refused),
        ("data", "log" | "checkpoints", _) => Some(Finding::Verified),
        // How far the node has looked at what arrived: it looks again.
        ("data", "", "inspection.json" | "redo") => Some(Finding::MadeAgain),
        ("data", "registry" | "machine-code", _) => Some(Finding::MadeAgain),
        _ => None,
    }
}

#[test]
fn one_flipped_byte_in_any_file_of_a_node_is_found_and_named() {
    let mut pair = Pair::start();
    let sample = Sample::of(30);
    sample.fill(&pair.county);
    pair.settle();
    let note = format!("checkpoints/{}-1.note", pair.county.id());
    let note = pair.county.data().join(note);
    until("the province has signed a checkpoint", || {
        note.exists().then_some(())
    });
    let totals = pair.county.client().totals("360323");
    pair.county.stop();
    let mut seen = BTreeMap::new();
    for file in search::files(pair.county.folder()) {
        let name = file.strip_prefix(pair.county.folder()).unwrap();
        let name = name.to_str().unwrap().to_owned();
        let length = fs::metadata(&file).map_or(0, |metadata| metadata.len());
        if length == 0 {
            continue;
        }
        let finding = finding(&name).unwrap_or_else(|| panic!("who finds {name} damaged?"));
        seen.entry(format!("{finding:?}"))
            .or_insert_with(Vec::new)
            .push(name.clone());
        let sound = fs::read(&file).unwrap();
        flip(&file, sound.len() / 2);
        let path = file.display().to_string();
        let said = match finding {
            Finding::Refused => {
                let ended = pair.county.try_start(&[]).expect_err(&name);
                assert_eq!(ended.status.code(), Some(2), "{name}: {ended:?}");
                ended.said
            }
            Finding::Verified => said(pair.county.verify()),
            Finding::Checked => {
                let config = pair.county.config();
                let arguments = ["node".as_ref(), "check".as_ref(), "--config".as_ref()];
                said(lika(arguments.into_iter().chain([config.as_os_str()])))
            }
            Finding::MadeAgain => {
                must_be_whole(&mut pair.county, &totals);
                continue;
            }
        };
        assert!(said.contains(&path), "{name}: {said}");
        fs::write(&file, sound).unwrap();
    }
    for kind in ["Refused", "Verified", "Checked", "MadeAgain"] {
        assert!(seen.contains_key(kind), "{seen:?}");
    }
    must_be_whole(&mut pair.county, &totals);
}

/// What a command says that has found something.
#[track_caller]
fn said(ran: Ran) -> String {
    assert!(matches!(ran.code, Some(1 | 2)), "{ran:?}");
    ran.stdout + &ran.stderr
}

fn is_segment(file: &Path) -> bool {
    file.extension().is_some_and(|ending| ending == "segment")
}

/// The offset that a report names, as JSON (`"offset":80`) or in words (`at byte 80`).
#[track_caller]
fn offset(said: &str) -> usize {
    let after = ["\"offset\":", "at byte "]
        .into_iter()
        .find_map(|mark| said.split_once(mark));
    let (_, after) = after.unwrap_or_else(|| panic!("no offset in {said}"));
    let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap()
}
