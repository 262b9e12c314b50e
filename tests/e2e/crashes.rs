//! The county is killed during an import: afterwards the import is there wholly or not at all.

use std::{
    fs,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use lika_tests::{Pair, Sample};
use tempfile::TempDir;
use uuid::Uuid;

/// What must be there after the restart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    #[cfg(debug_assertions)]
    Nothing,
    #[cfg(debug_assertions)]
    Everything,
    Either,
}

/// Rows of a spreadsheet of the whole county.
const MANY: usize = 60_000;

/// How many rows a spreadsheet has where many would only take longer; `LIKA_TEST_ROWS` asks for another number.
fn few() -> usize {
    let asked = std::env::var("LIKA_TEST_ROWS");
    asked.map_or(6_000, |rows| rows.parse().unwrap())
}

/// A pair whose county has its areas, and a spreadsheet to import.
struct Scene {
    pair: Pair,
    sample: Sample,
    folder: TempDir,
}

impl Scene {
    fn of(rows: usize) -> Self {
        let pair = Pair::start();
        let sample = Sample::with_rows(rows);
        sample.register_areas(&pair.county.client());
        let folder = tempfile::tempdir().unwrap();
        sample
            .county
            .write_csv(&folder.path().join("households.csv"))
            .unwrap();
        Self {
            pair,
            sample,
            folder,
        }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("households.csv")
    }

    /// Households and people, as the county counts them.
    fn counted(&self) -> (i64, i64) {
        let totals = self.pair.county.client().totals("360323");
        let of = |dimension: &str| totals.get(dimension).copied().unwrap_or(0);
        (of("households"), of("people"))
    }

    /// What holds after a crash: all or nothing, once only when it is repeated, at both nodes, and verifiable.
    fn must_have_survived(mut self, request: &Uuid, outcome: Outcome) {
        let whole = (self.sample.households(), self.sample.people());
        self.pair.county.start();
        let counted = self.counted();
        match outcome {
            #[cfg(debug_assertions)]
            Outcome::Nothing => assert_eq!(counted, (0, 0)),
            #[cfg(debug_assertions)]
            Outcome::Everything => assert_eq!(counted, whole),
            Outcome::Either => assert!(counted == (0, 0) || counted == whole, "{counted:?}"),
        }
        self.pair.must_agree();

        let repeated = self.pair.county.start_import(&self.file(), request).end();
        let repeated = repeated.done().json();
        assert_eq!(repeated["applied"], counted == (0, 0), "{repeated}");
        assert_eq!(self.counted(), whole);
        self.pair.must_agree();

        self.pair.county.stop();
        self.pair.province.stop();
        let county = self.pair.county.must_verify();
        let province = self.pair.province.must_verify();
        let own = &county["logs"][0];
        let logs = province["logs"].as_array().unwrap();
        let received = logs.iter().find(|log| log["node"] == own["node"]).unwrap();
        assert_eq!(
            (&own["seq"], &own["head"]),
            (&received["seq"], &received["head"])
        );
    }
}

/// At a moment of the import, another one every time, named when the test fails. A kill after its end shows nothing and
/// is tried again earlier.
fn killed_at_random(rows: usize, longest: Duration) {
    let mut scene = Scene::of(rows);
    let [first, second, ..] = Uuid::new_v4().into_bytes();
    let part = f64::from(u16::from_be_bytes([first, second])) / f64::from(u16::MAX);
    let delay = longest.mul_f64(part);
    eprintln!("killed {delay:?} after the import was started");
    let request = Uuid::new_v4();
    let import = scene.pair.county.start_import(&scene.file(), &request);
    // Not a wait for anything: the moment of the kill is the point of the test.
    thread::sleep(delay);
    scene.pair.county.kill();
    let was_cut = import.end().code == Some(2);
    scene.must_have_survived(&request, Outcome::Either);
    if !was_cut {
        killed_at_random(rows, delay / 2);
    }
}

#[test]
fn killed_at_a_random_moment_all_or_nothing_is_there() {
    killed_at_random(few(), Duration::from_secs(2));
}

#[test]
fn killed_at_a_random_moment_of_a_large_import_all_or_nothing_is_there() {
    killed_at_random(MANY, Duration::from_secs(20));
}

/// A torn tail is what a kill inside an append leaves: it is cut, kept aside, and the node serves.
#[test]
fn a_torn_tail_is_cut_and_kept_aside() {
    let mut scene = Scene::of(few());
    let before = scene.pair.county.client().status().head;
    scene.pair.county.kill();
    let segment = newest_segment(&scene.pair.county.data());
    let mut bytes = fs::read(&segment).unwrap();
    let whole = bytes.len();
    // The beginning of a batch that was never finished: the first bytes of one that was.
    let begun = bytes[76..76 + 30].to_vec();
    bytes.extend(begun);
    fs::write(&segment, &bytes).unwrap();
    scene.pair.county.start();
    assert_eq!(scene.pair.county.client().status().head, before);
    let torn = lika_tests::search::files(&scene.pair.county.data());
    assert!(
        torn.iter()
            .any(|file| file.to_string_lossy().contains(".torn")),
        "{torn:?}"
    );
    assert_eq!(fs::metadata(&segment).unwrap().len(), whole as u64);
    scene.must_have_survived_a_restart();
}

impl Scene {
    fn must_have_survived_a_restart(mut self) {
        self.pair.must_agree();
        self.pair.county.stop();
        self.pair.county.must_verify();
    }
}

fn newest_segment(data: &Path) -> PathBuf {
    let files = lika_tests::search::files(&data.join("log"));
    let segments = files
        .into_iter()
        .filter(|file| file.extension().is_some_and(|it| it == "segment"));
    segments.max().unwrap()
}

/// Only a build with debug assertions has the points.
#[cfg(debug_assertions)]
mod at_named_points {
    use std::{fs, os::unix::process::ExitStatusExt as _};

    use lika_tests::Node;
    use uuid::Uuid;

    use super::{MANY, Outcome, Scene, few};

    const SIGKILL: i32 = 9;

    #[test]
    fn killed_while_parsing_nothing_is_there() {
        killed_at("while-parsing", few(), Outcome::Nothing, unharmed);
    }

    #[test]
    fn killed_before_the_append_nothing_is_there() {
        killed_at("before-append", few(), Outcome::Nothing, unharmed);
    }

    #[test]
    fn killed_after_the_append_all_or_nothing_is_there() {
        killed_at("after-append", MANY, Outcome::Either, unharmed);
    }

    #[test]
    fn killed_after_the_sync_everything_is_there() {
        killed_at("after-sync", few(), Outcome::Everything, unharmed);
    }

    #[test]
    fn killed_half_way_through_applying_everything_is_there() {
        killed_at("half-applied", MANY, Outcome::Everything, unharmed);
    }

    #[test]
    fn killed_before_the_answer_everything_is_there() {
        killed_at("before-answer", few(), Outcome::Everything, unharmed);
    }

    #[test]
    fn killed_after_the_sync_without_a_registry_everything_is_there() {
        killed_at("after-sync", few(), Outcome::Everything, without_registry);
    }

    #[test]
    fn killed_half_way_through_applying_with_a_flipped_byte_everything_is_there() {
        killed_at(
            "half-applied",
            few(),
            Outcome::Everything,
            with_flipped_byte,
        );
    }

    fn unharmed(_: &Node) {}

    fn without_registry(county: &Node) {
        fs::remove_dir_all(county.data().join("registry")).unwrap();
    }

    /// Verifying finds it, and the next start rebuilds: otherwise the county would end when it finds it itself.
    fn with_flipped_byte(county: &Node) {
        let database = county.data().join("registry/db");
        let mut bytes = fs::read(&database).unwrap();
        let place = bytes.iter().rposition(|byte| *byte != 0).unwrap() / 2;
        bytes[place] ^= 0x20;
        fs::write(database, bytes).unwrap();
        county.verify();
    }

    fn killed_at(point: &str, rows: usize, outcome: Outcome, harm: fn(&Node)) {
        let mut scene = Scene::of(rows);
        scene.pair.county.stop();
        scene.pair.county.start_to_crash_at(point);
        let request = Uuid::new_v4();
        let import = scene.pair.county.start_import(&scene.file(), &request);
        let status = scene.pair.county.end();
        assert_eq!(
            status.signal(),
            Some(SIGKILL),
            "{point} was not reached: {status}"
        );
        let cut_off = import.end();
        assert_eq!(cut_off.code, Some(2), "{cut_off:?}");
        harm(&scene.pair.county);
        scene.must_have_survived(&request, outcome);
    }
}
