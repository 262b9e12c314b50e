//! A process of its own is killed at a named point; the next one finds all of a command or nothing of it.

use std::{
    io::Write as _,
    os::unix::process::ExitStatusExt as _,
    process::{Command as Process, Stdio},
};

use super::*;

const FOLDER: &str = "LIKA_TEST_CRASH_FOLDER";
const POINTS: [&str; 5] = [
    "before-append",
    "after-append",
    "after-sync",
    "half-applied",
    "before-answer",
];
/// Enough to be applied in several chunks.
const LARGE: u32 = 300;

/// Does nothing unless it is the child of a test below.
#[test]
fn child() {
    #[expect(
        clippy::disallowed_methods,
        reason = "how a test tells its child what to do"
    )]
    let Ok(folder) = std::env::var(FOLDER) else {
        return;
    };
    let folder = PathBuf::from(folder);
    let clock: Arc<dyn Clock> = Arc::new(Scenario::on(date(2026, 11, 22)));
    let store = Store::open(&settings(&folder), clock, &mut |_| ()).unwrap();
    let mut acknowledged = std::fs::File::options()
        .append(true)
        .create(true)
        .open(folder.join("acknowledged"))
        .unwrap();
    for (number, command) in [begin(), registered(1), large(), registered(2)]
        .into_iter()
        .enumerate()
    {
        store.submit_blocking(command).unwrap();
        writeln!(acknowledged, "{number}").unwrap();
    }
}

fn large() -> Command {
    command("large", (1000..1000 + LARGE).flat_map(register).collect())
}

/// Runs the child, which is killed when it reaches the point for the so-manieth time. Answers what it acknowledged.
fn killed_at(folder: &Path, point: &str, time: u32) -> usize {
    let status = Process::new(std::env::current_exe().unwrap())
        .args(["--exact", "store::tests::crashes::child", "--nocapture"])
        .env(FOLDER, folder)
        .env("LIKA_CRASH_AT", format!("{point}:{time}"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert_eq!(
        status.signal(),
        Some(9),
        "{point}:{time} was not reached: {status}"
    );
    std::fs::read_to_string(folder.join("acknowledged")).map_or(0, |lines| lines.lines().count())
}

fn check_after(point: &str, time: u32, harm: impl Fn(&Path)) {
    let world = World::real();
    let acknowledged = killed_at(world.temp.path(), point, time);
    harm(&world.registry());
    let store = world.open().unwrap();
    let reader = store.reader();
    let there = [
        reader.get(&area_id(&area(COUNTY))).unwrap().is_some(),
        reader.get(&id("household", 1)).unwrap().is_some(),
        reader.get(&id("household", 1000)).unwrap().is_some(),
        reader.get(&id("household", 2)).unwrap().is_some(),
    ];
    let written = there.iter().take_while(|there| **there).count();
    assert!(
        there[written..].iter().all(|there| !there),
        "{point}:{time} {there:?}"
    );
    assert!(
        written >= acknowledged,
        "{point}:{time}: {acknowledged} acknowledged, {written} written"
    );
    let households: i64 = there
        .iter()
        .zip([0, 1, i64::from(LARGE), 1])
        .map(|(there, n)| i64::from(*there) * n)
        .sum();
    let counted = stock(&reader, COUNTY)
        .get("households")
        .copied()
        .unwrap_or(0);
    assert_eq!(counted, households, "{point}:{time}");
    assert_sound(&store);
    for command in [begin(), registered(1), large(), registered(2)] {
        store.submit_blocking(command).unwrap();
    }
    assert_eq!(
        stock(&reader, COUNTY)["households"],
        i64::from(LARGE) + 2,
        "{point}:{time}"
    );
    assert_sound(&store);
}

#[test]
fn a_kill_at_any_point_leaves_all_of_a_command_or_nothing() {
    for point in POINTS {
        for time in [1, 2, 3, 4] {
            check_after(point, time, |_| ());
        }
    }
}

#[test]
fn a_kill_and_a_lost_registry_leave_all_of_a_command_or_nothing() {
    for point in POINTS {
        check_after(point, 3, |registry| {
            std::fs::remove_dir_all(registry).unwrap()
        });
    }
}

#[test]
fn a_kill_and_a_damaged_registry_leave_all_of_a_command_or_nothing() {
    for point in POINTS {
        check_after(point, 3, |registry| {
            let database = registry.join("db");
            let mut bytes = std::fs::read(&database).unwrap();
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            std::fs::write(&database, bytes).unwrap();
        });
    }
}
