use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use super::{damage::copy_folder, *};

const CUTS: u64 = 60;

/// What was acknowledged before the power went.
#[derive(Default)]
struct Acknowledged(Vec<Receipt>);

#[test]
fn every_acknowledged_write_survives_a_power_cut() {
    let mut torn = 0;
    let mut acknowledged = 0;
    for seed in 0..CUTS {
        let (receipts, was_torn) = cut_once(seed);
        acknowledged += receipts;
        torn += usize::from(was_torn);
    }
    // Otherwise the test would not show what it says.
    assert!(
        acknowledged > 100,
        "{acknowledged} writes were acknowledged"
    );
    assert!(torn > 3, "{torn} logs were torn");
}

fn cut_once(seed: u64) -> (usize, bool) {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let (mut world, disk) = World::simulated();
    world.settings.segment_bytes = rng.random_range(2000..40_000);
    let stale = world.temp.path().join("stale");
    disk.cut_after(rng.random_range(5..160));
    let receipts = write_until_cut(&world, &disk, &mut rng, &stale);

    let after = disk.after_power_cut(seed);
    world.disk = Arc::new(after.clone());
    harm_registry(&world.registry(), &stale, &mut rng);
    let store = world
        .open()
        .unwrap_or_else(|error| panic!("seed {seed}: {error:?}"));
    let reader = store.reader();
    for receipt in &receipts.0 {
        for applied in &receipt.applied {
            let found = reader
                .get(&applied.record)
                .unwrap()
                .unwrap_or_else(|| panic!("seed {seed}: {applied:?}"));
            assert!(
                found.header.revision >= applied.revision,
                "seed {seed}: {applied:?}"
            );
        }
        let again = store.submit_blocking(command_of(receipt)).unwrap();
        assert_eq!(
            (again.position, again.repeated),
            (receipt.position, true),
            "seed {seed}"
        );
    }
    let report = verified(&store);
    assert!(report.is_sound(), "seed {seed}: {report:?}");
    if receipts.0.is_empty() && reader.get(&area_id(&area(COUNTY))).unwrap().is_none() {
        store.submit_blocking(begin()).unwrap();
    }
    store.submit_blocking(registered(900)).unwrap();
    let before = picture(&reader);
    drop(reader);
    store.close().unwrap();
    let store = world.open().unwrap();
    assert_eq!(picture(&store.reader()), before, "seed {seed}");
    let was_torn = after.files().iter().any(|file| {
        file.extension()
            .is_some_and(|extension| extension == "torn")
    });
    (receipts.0.len(), was_torn)
}

fn write_until_cut(
    world: &World,
    disk: &SimulatedDisk,
    rng: &mut ChaCha8Rng,
    stale: &Path,
) -> Acknowledged {
    let mut acknowledged = Acknowledged::default();
    let copy_at = rng.random_range(1..20);
    let Ok(store) = world.open() else {
        return acknowledged;
    };
    for number in 0..200 {
        let command = if number == 0 { begin() } else { nth(number) };
        match store.submit_blocking(command) {
            Ok(receipt) => acknowledged.0.push(receipt),
            Err(_) => break,
        }
        if number == copy_at {
            copy_folder(&world.registry(), stale);
        }
    }
    assert!(disk.is_cut());
    acknowledged
}

/// Some commands are large enough to be applied in several chunks.
fn nth(number: u32) -> Command {
    if number.is_multiple_of(13) {
        let households = (number * 1000)..(number * 1000 + 120);
        command(
            &format!("register {number}"),
            households.flat_map(register).collect(),
        )
    } else {
        registered(number)
    }
}

fn command_of(receipt: &Receipt) -> Command {
    let all = std::iter::once(begin()).chain((1..200).map(nth));
    all.into_iter()
        .find(|command| command.request == receipt.request)
        .unwrap()
}

/// What sled's files may look like after a power cut: nothing about them is promised.
fn harm_registry(registry: &Path, stale: &Path, rng: &mut ChaCha8Rng) {
    let database = registry.join("db");
    match rng.random_range(0..5) {
        0 if registry.exists() => std::fs::remove_dir_all(registry).unwrap(),
        1 if stale.exists() => {
            std::fs::remove_dir_all(registry).unwrap();
            copy_folder(stale, registry);
        }
        2 if database.exists() => {
            let mut bytes = std::fs::read(&database).unwrap();
            let at = rng.random_range(0..bytes.len());
            bytes[at] ^= 0x20;
            std::fs::write(&database, bytes).unwrap();
        }
        3 if database.exists() => {
            let file = std::fs::OpenOptions::new()
                .write(true)
                .open(&database)
                .unwrap();
            let length = file.metadata().unwrap().len();
            file.set_len(rng.random_range(0..=length)).unwrap();
        }
        _ => {}
    }
}

/// A killed node leaves in memory what it had not made durable; the next one builds upon it.
#[test]
fn what_was_found_at_the_start_is_durable_before_anything_is_built_upon_it() {
    for seed in 0..10 {
        let (mut world, disk) = World::simulated();
        world.settings.segment_bytes = 1_000;
        let store = world.open().unwrap();
        store.submit_blocking(begin()).unwrap();
        store.submit_blocking(registered(1)).unwrap();
        disk.let_syncs_fail(true);
        let lost = store.submit_blocking(registered(2));
        assert!(matches!(lost, Err(Error::Stopped(_))), "{lost:?}");
        drop(store);
        disk.let_syncs_fail(false);

        let store = world.open().unwrap();
        store.submit_blocking(registered(2)).unwrap();
        let next = store.submit_blocking(registered(3)).unwrap();
        drop(store);
        world.disk = Arc::new(disk.after_power_cut(seed));
        std::fs::remove_dir_all(world.registry()).unwrap();
        let store = world.open().unwrap();
        for number in [2, 3] {
            let again = store.submit_blocking(registered(number)).unwrap();
            assert!(again.repeated, "seed {seed}, household {number}");
        }
        assert!(next.position <= store.reader().heads()[0].position);
        assert_sound(&store);
    }
}
