use super::*;
use crate::store::registry::open_tree;

fn filled(world: &World) -> (String, u128) {
    let store = world.open().unwrap();
    store.submit_blocking(begin()).unwrap();
    for number in 0..20 {
        store.submit_blocking(registered(number)).unwrap();
    }
    let found = (picture(&store.reader()), store.reader().standing().digest);
    store.close().unwrap();
    found
}

fn flip(file: &Path, offset: usize) {
    let mut bytes = std::fs::read(file).unwrap();
    bytes[offset] ^= 0x10;
    std::fs::write(file, bytes).unwrap();
}

fn cut(file: &Path, bytes: u64) {
    let file = std::fs::OpenOptions::new().write(true).open(file).unwrap();
    file.set_len(file.metadata().unwrap().len() - bytes)
        .unwrap();
}

#[test]
fn a_deleted_registry_is_rebuilt_to_the_same_digest() {
    let world = World::real();
    let (before, digest) = filled(&world);
    std::fs::remove_dir_all(world.registry()).unwrap();
    let store = world.open().unwrap();
    assert_eq!(picture(&store.reader()), before);
    assert_eq!(store.reader().standing().digest, digest);
    assert_sound(&store);
}

#[test]
fn a_registry_with_a_flipped_byte_is_rebuilt_or_unharmed() {
    let world = World::real();
    let (before, digest) = filled(&world);
    let database = world.registry().join("db");
    let length = std::fs::read(&database).unwrap().len();
    for step in 0..12 {
        flip(&database, (length / 12) * step + 17);
        let store = world.open().unwrap();
        assert_eq!(picture(&store.reader()), before, "step {step}");
        assert_eq!(store.reader().standing().digest, digest, "step {step}");
        assert_sound(&store);
        store.close().unwrap();
    }
}

#[test]
fn a_stale_registry_is_brought_up_to_date() {
    let world = World::real();
    filled(&world);
    let copy = world.temp.path().join("stale");
    copy_folder(&world.registry(), &copy);
    let store = world.open().unwrap();
    for number in 20..30 {
        store.submit_blocking(registered(number)).unwrap();
    }
    let before = picture(&store.reader());
    store.close().unwrap();
    std::fs::remove_dir_all(world.registry()).unwrap();
    copy_folder(&copy, &world.registry());
    let mut steps = Vec::new();
    let clock: Arc<dyn Clock> = world.clock.clone();
    let store = Store::open(&world.settings, clock, &mut |progress| {
        steps.push(progress.step)
    })
    .unwrap();
    assert_eq!(steps, [crate::store::Step::Replay; 10]);
    assert_eq!(picture(&store.reader()), before);
    assert_sound(&store);
}

#[test]
fn a_registry_that_disagrees_is_found_behind_the_scenes_and_rebuilt() {
    let world = World::real();
    let (before, _) = filled(&world);
    let tree = open_tree(&world.registry(), 1 << 20).unwrap();
    let (key, _) = tree.scan_prefix([8]).next().unwrap().unwrap();
    tree.insert(key, &77_i64.to_be_bytes()).unwrap();
    tree.flush().unwrap();
    drop(tree);
    let store = world.open().unwrap();
    assert_ne!(picture(&store.reader()), before);
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let why = runtime.unwrap().block_on(store.until_stopped());
    assert_eq!(
        why,
        "the registry is rebuilt at the next start: it disagrees with its digest"
    );
    assert_eq!(verified(&store).registry_agrees, Some(false));
    assert!(matches!(store.close(), Err(Error::Stopped(_))));
    let store = world.open().unwrap();
    assert_eq!(picture(&store.reader()), before);
    assert_sound(&store);
}

#[test]
fn a_torn_tail_that_nobody_knows_of_is_cut_and_kept() {
    let world = World::real();
    filled(&world);
    let whole = std::fs::metadata(world.segment()).unwrap().len();
    let mut bytes = std::fs::read(world.segment()).unwrap();
    let piece = bytes[76..376].to_vec();
    bytes.extend_from_slice(&piece);
    std::fs::write(world.segment(), &bytes).unwrap();
    let store = world.open().unwrap();
    assert_eq!(std::fs::metadata(world.segment()).unwrap().len(), whole);
    let kept = world.segment().with_extension("").with_extension("1.torn");
    assert_eq!(std::fs::read(kept).unwrap(), piece);
    store.submit_blocking(registered(50)).unwrap();
    assert_sound(&store);
}

#[test]
fn a_log_that_lost_what_the_registry_has_seen_is_not_opened() {
    let world = World::real();
    filled(&world);
    cut(&world.segment(), 5);
    match world.open().err() {
        Some(Error::MissingAcknowledged { known, .. }) => {
            assert_eq!(known, Position { epoch: 1, seq: 45 })
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_log_that_lost_what_a_peer_acknowledged_is_not_opened() {
    let world = World::real();
    filled(&world);
    let peer = NodeId([3; 16]);
    let store = world.open().unwrap();
    store
        .acknowledged(&peer, Position { epoch: 1, seq: 45 })
        .unwrap();
    store
        .acknowledged(&peer, Position { epoch: 1, seq: 40 })
        .unwrap();
    assert_eq!(
        store.acknowledged_by(&peer).unwrap(),
        Some(Position { epoch: 1, seq: 45 })
    );
    store.close().unwrap();
    std::fs::remove_dir_all(world.registry()).unwrap();
    cut(&world.segment(), 5);
    match world.open().err() {
        Some(Error::MissingAcknowledged { known, found, .. }) => {
            assert_eq!(known, Position { epoch: 1, seq: 45 });
            assert_eq!(found, Position { epoch: 1, seq: 43 });
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn damage_in_the_middle_of_a_log_is_named() {
    let world = World::real();
    filled(&world);
    let length = std::fs::read(world.segment()).unwrap().len();
    flip(&world.segment(), length / 2);

    let store = world.open().unwrap();
    let report = verified(&store);
    let damage = report.damage.unwrap();
    assert_eq!(damage.file, world.segment());
    let offset = usize::try_from(damage.offset).unwrap();
    assert!(
        (offset..offset + 2000).contains(&(length / 2)),
        "{damage:?}"
    );
    assert!(damage.at.seq > 5 && damage.at.seq < 45, "{damage:?}");
    drop(store);

    std::fs::remove_dir_all(world.registry()).unwrap();
    match world.open().err() {
        Some(Error::Damaged { file, offset, .. }) => {
            assert_eq!((file, offset), (damage.file, damage.offset));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_segment_of_a_newer_version_is_refused() {
    let world = World::real();
    filled(&world);
    std::fs::remove_dir_all(world.registry()).unwrap();
    let mut bytes = std::fs::read(world.segment()).unwrap();
    bytes[7] = b'2';
    std::fs::write(world.segment(), bytes).unwrap();
    assert!(matches!(
        world.open().err(),
        Some(Error::NewerFormat {
            found: 2,
            known: 1,
            ..
        })
    ));
}

#[test]
fn damage_in_the_key_ring_is_named() {
    let world = World::real();
    filled(&world);
    let ring = world.settings.folder.join("ring");
    flip(&ring, 30);
    match world.open().err() {
        Some(Error::Damaged {
            file, offset: 0, ..
        }) => assert_eq!(file, ring),
        other => panic!("{other:?}"),
    }
    flip(&ring, 30);
    let length = std::fs::metadata(&ring).unwrap().len();
    let mut bytes = std::fs::read(&ring).unwrap();
    bytes.extend_from_slice(b"LKR1\0\0\0\x02torn");
    std::fs::write(&ring, bytes).unwrap();
    assert_sound(&world.open().unwrap());
    assert_eq!(std::fs::metadata(&ring).unwrap().len(), length);
    std::fs::remove_file(&ring).unwrap();
    assert!(matches!(world.open().err(), Some(Error::Damaged { .. })));
}

/// What looks like keys that were being written when the power went may be keys that the log needs.
#[test]
fn damage_at_the_end_of_the_key_ring_is_no_torn_end() {
    let world = World::real();
    let (before, _) = filled(&world);
    let ring = world.settings.folder.join("ring");
    let sound = std::fs::read(&ring).unwrap();
    for from_end in [1, 9, 60, 80] {
        for is_rebuilt in [false, true] {
            if is_rebuilt {
                std::fs::remove_dir_all(world.registry()).unwrap();
            }
            flip(&ring, sound.len() - from_end);
            let damaged = std::fs::read(&ring).unwrap();
            match world.open().err() {
                Some(Error::Damaged { file, offset, .. }) => {
                    assert_eq!(file, ring);
                    assert!(offset > 0 && offset < sound.len() as u64, "{offset}");
                }
                other => panic!("{from_end}: {other:?}"),
            }
            assert_eq!(std::fs::read(&ring).unwrap(), damaged);
            std::fs::write(&ring, &sound).unwrap();
            let store = world.open().unwrap();
            assert_eq!(picture(&store.reader()), before);
            assert_sound(&store);
        }
    }
}

#[test]
fn after_a_failed_sync_the_writer_never_writes_again() {
    let (world, disk) = World::simulated();
    let store = world.open().unwrap();
    store.submit_blocking(begin()).unwrap();
    disk.let_syncs_fail(true);
    assert!(matches!(
        store.submit_blocking(registered(1)),
        Err(Error::Stopped(_))
    ));
    disk.let_syncs_fail(false);
    let later = store.submit_blocking(registered(2));
    assert!(matches!(later, Err(Error::Stopped(_))), "{later:?}");
    assert!(store.stopped().is_some());
    assert!(store.reader().get(&id("household", 1)).unwrap().is_none());
    assert!(store.close().is_err());

    let store = world.open().unwrap();
    store.submit_blocking(registered(1)).unwrap();
    store.submit_blocking(registered(2)).unwrap();
    assert_sound(&store);
}

pub fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
