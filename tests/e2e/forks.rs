//! What nodes sign of their logs, exchanged on the link; a disk that was rolled back is found, and the work goes on.

use std::{fs, path::Path};

use lika_proto::{
    log::v1::Kind,
    v1::{Record, record::Body},
};
use lika_tests::{Node, Pair, Sample, apply, household, search, until};
use serde_json::Value;

fn copy(from: &Path, to: &Path) {
    for file in search::files(from) {
        let target = to.join(file.strip_prefix(from).unwrap());
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(&file, &target).unwrap();
    }
}

fn write(county: &Node, village: &str, first: usize) {
    let changes = (first..first + 3).flat_map(|it| household(it, "general", village));
    apply(&county.client(), changes.collect());
}

/// The checkpoint that a node keeps of the county's log, if it is about so many entries.
fn note(node: &Node, county: &Node, size: u64) -> Option<String> {
    let file = format!("checkpoints/{}-1.note", county.id());
    let note = fs::read_to_string(node.data().join(file)).ok()?;
    let found = note.lines().nth(1)?.parse::<u64>().ok()?;
    (found == size).then_some(note)
}

fn alarms(node: &Node) -> Vec<Record> {
    let alerts = node.client().list(Kind::Alert, node.area()).unwrap();
    let is_fork = |record: &Record| match &record.body {
        Some(Body::Alert(alert)) => alert.open.as_ref().unwrap().code == "log-forked",
        _ => false,
    };
    alerts.into_iter().filter(is_fork).collect()
}

#[test]
fn a_rolled_back_disk_raises_the_alarm_at_both_ends_and_both_histories_are_kept() {
    let mut pair = Pair::start();
    let sample = Sample::of(20);
    sample.register_areas(&pair.county.client());
    let village = sample.county.households[0].village.digits();
    write(&pair.county, village, 1);
    let before = pair.settle();
    let (county, province) = (&pair.county, &pair.province);
    let signed = until("the province has signed the county's checkpoint", || {
        note(county, county, before.seq)
    });
    assert_eq!(note(province, county, before.seq), Some(signed.clone()));
    for node in [county, province] {
        let line = format!("\n— lika/{} ", node.id());
        assert!(signed.contains(&line), "{signed}");
    }

    let old = tempfile::tempdir().unwrap();
    pair.county.stop();
    copy(&pair.county.data(), old.path());
    pair.county.start();
    write(&pair.county, village, 10);
    let after = pair.settle();
    pair.county.stop();
    fs::remove_dir_all(pair.county.data()).unwrap();
    copy(old.path(), &pair.county.data());
    pair.county.start();
    write(&pair.county, village, 20);

    for node in [&pair.county, &pair.province] {
        let what = format!("an alarm at {}", node.area());
        let alarm = until(&what, || alarms(node).pop());
        let Some(Body::Alert(alert)) = alarm.body else {
            panic!("{alarm:?}");
        };
        let about = &alert.open.as_ref().unwrap().about;
        assert_eq!(
            uuid::Uuid::from_slice(about).unwrap().to_string(),
            pair.county.id()
        );
    }
    // The county goes on working, and so does everything else of the province.
    write(&pair.county, village, 30);
    let at_province = pair.province.client().status().below.remove(0);
    assert_eq!(at_province.head, Some(after));
    assert!(!at_province.refusal.is_empty());

    let forks = search::files(&pair.province.data().join("forks"));
    let [fork] = forks.as_slice() else {
        panic!("{forks:?}");
    };
    let fork: Value = serde_json::from_slice(&fs::read(fork).unwrap()).unwrap();
    assert_eq!(fork["format"], "lika-fork/1");
    assert_eq!(fork["node"], pair.county.id());
    let ours = &fork["ours"];
    assert!(ours["entry"]["header"].is_string(), "{fork}");
    let kept = ours["checkpoint"].as_str().unwrap();
    assert!(
        kept.starts_with(&format!("lika/{}/1\n", pair.county.id())),
        "{kept}"
    );
}
