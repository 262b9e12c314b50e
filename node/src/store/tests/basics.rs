use super::*;
use crate::store::reader::PageToken;
use lika_core::record::{Index, Key};

#[test]
fn what_was_acknowledged_can_be_read_and_survives_closing() {
    let world = World::real();
    let store = world.open().unwrap();
    let receipt = store.submit_blocking(begin()).unwrap();
    assert_eq!(receipt.position, Position { epoch: 1, seq: 5 });
    store.submit_blocking(registered(1)).unwrap();
    let before = picture(&store.reader());
    assert_eq!(stock(&store.reader(), COUNTY)["people"], 1);
    assert_eq!(stock(&store.reader(), "")["households"], 1);
    store.close().unwrap();

    let store = world.open().unwrap();
    assert_eq!(picture(&store.reader()), before);
    assert_sound(&store);
    let found = store.reader().get(&id("household", 1)).unwrap().unwrap();
    assert!(found.withheld.is_empty());
    match found.body.unwrap() {
        Body::Household(body) => assert_eq!(body, household(1)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_refused_command_leaves_nothing() {
    let world = World::real();
    let store = world.open().unwrap();
    store.submit_blocking(begin()).unwrap();
    let before = (picture(&store.reader()), store.reader().standing());
    let mut changes = register(1);
    changes.extend(register(1));
    let refused = store.submit_blocking(command("twice", changes));
    assert!(is_refused(&refused, "stale-revision"), "{refused:?}");
    let headless = store.submit_blocking(command("headless", register(2)[..1].to_vec()));
    assert!(is_refused(&headless, "not-one-head"), "{headless:?}");
    assert_eq!(
        (picture(&store.reader()), store.reader().standing()),
        before
    );
    store.submit_blocking(registered(1)).unwrap();
    assert_sound(&store);
}

#[test]
fn a_request_that_comes_again_gets_the_same_answer_and_another_one_is_refused() {
    let world = World::real();
    let store = world.open().unwrap();
    store.submit_blocking(begin()).unwrap();
    let first = store.submit_blocking(registered(1)).unwrap();
    store.submit_blocking(registered(2)).unwrap();
    let again = store.submit_blocking(registered(1)).unwrap();
    assert!(!first.repeated && again.repeated);
    assert_eq!(
        again,
        Receipt {
            repeated: true,
            ..first.clone()
        }
    );
    let other = command("register 1", register(3));
    assert!(matches!(
        store.submit_blocking(other),
        Err(Error::RequestReused)
    ));
    drop(store);

    std::fs::remove_dir_all(world.registry()).unwrap();
    let store = world.open().unwrap();
    assert_eq!(
        store.submit_blocking(registered(1)).unwrap().applied,
        first.applied
    );
}

#[test]
fn earlier_revisions_are_read_as_of_a_position() {
    let world = World::real();
    let store = world.open().unwrap();
    store.submit_blocking(begin()).unwrap();
    let created = store.submit_blocking(registered(1)).unwrap();
    let reader = store.reader();
    let household = id("household", 1);
    for (name, water) in [("first", None), ("second", Some(true))] {
        let edit = change(
            name,
            &reader,
            &household,
            Action::Change,
            |body| match body {
                Body::Household(body) => body.safe_water = water,
                other => panic!("{other:?}"),
            },
        );
        store.submit_blocking(edit).unwrap();
    }
    let water = |seq| {
        let found = reader
            .get_as_of(&household, Position { epoch: 1, seq })
            .unwrap()?;
        match found.body.unwrap() {
            Body::Household(body) => Some(body.safe_water),
            other => panic!("{other:?}"),
        }
    };
    let at = created.position.seq;
    assert_eq!(water(at - 2), None);
    assert_eq!(water(at), Some(Some(false)));
    assert_eq!(water(at + 1), Some(None));
    assert_eq!(water(at + 2), Some(Some(true)));
    let revisions: Vec<u32> = reader
        .history(&household)
        .unwrap()
        .iter()
        .map(|r| r.header.revision)
        .collect();
    assert_eq!(revisions, [1, 2, 3]);
}

#[test]
fn lists_are_cut_into_pages_and_keys_find_open_records_only() {
    let world = World::real();
    let store = world.open().unwrap();
    store.submit_blocking(begin()).unwrap();
    for number in 0..7 {
        store.submit_blocking(registered(number)).unwrap();
    }
    let reader = store.reader();
    let mut listing = Listing {
        kind: Kind::Household,
        area: area(TOWNSHIP),
        lifecycle: Lifecycle::Open,
        after: None,
        limit: 3,
    };
    let mut seen = Vec::new();
    loop {
        let page = reader.list_ids(&listing).unwrap();
        seen.extend(page.items);
        match page.next {
            Some(PageToken(token)) => listing.after = Some(PageToken(token)),
            None => break,
        }
    }
    let mut all: Vec<RecordId> = (0..7).map(|number| id("household", number)).collect();
    all.sort_by_key(|record| (reader.get(record).unwrap().unwrap().header.area, *record));
    assert_eq!(seen, all);

    let key = Key::blind(Index::HouseholdNumber, "H000003");
    assert_eq!(reader.find(&key).unwrap(), [id("household", 3)]);
    assert_eq!(
        reader
            .find(&Key::record(Index::MembersOfHousehold, &id("household", 3)))
            .unwrap(),
        [id("member", 300)]
    );
    let below = reader.totals_below(&area(TOWNSHIP), Period::NOW).unwrap();
    assert_eq!(below[&area(VILLAGES[0])]["households"], 4);
    assert_eq!(below[&area(VILLAGES[1])]["households"], 3);
}

#[test]
fn a_household_is_paired_once_however_many_helpers_it_has() {
    let world = World::real();
    let store = world.open().unwrap();
    for ready in [begin(), registered(1), cadre(1), cadre(2)] {
        store.submit_blocking(ready).unwrap();
    }
    let paired = || {
        stock(&store.reader(), COUNTY)
            .get("households-paired")
            .copied()
    };
    store.submit_blocking(pairing(1, 1, 1, true)).unwrap();
    assert_eq!(paired(), Some(1));
    store.submit_blocking(pairing(2, 1, 2, false)).unwrap();
    assert_eq!(paired(), Some(1));
    let ended = change(
        "end",
        &store.reader(),
        &id("pairing", 1),
        Action::Close,
        |body| match body {
            Body::Pairing(body) => body.until = Some(date(2025, 1, 1)),
            other => panic!("{other:?}"),
        },
    );
    let exit = change(
        "exit",
        &store.reader(),
        &id("household", 1),
        Action::Change,
        |body| match body {
            Body::Household(body) => body.exit_year = Some(date(2025, 1, 1).year()),
            other => panic!("{other:?}"),
        },
    );
    // Pairings end with the exit and not before.
    let ended = command("exit", [exit.changes, ended.changes].concat());
    store.submit_blocking(ended).unwrap();
    assert_eq!(paired(), None);
    assert_sound(&store);
}

#[test]
fn the_time_of_an_entry_never_goes_back() {
    let world = World::real();
    let store = world.open().unwrap();
    let first = store.submit_blocking(begin()).unwrap();
    world.clock.set(first.recorded_at - 1000);
    assert_eq!(
        store.submit_blocking(registered(1)).unwrap().recorded_at,
        first.recorded_at
    );
    world.clock.set(first.recorded_at + 5);
    assert_eq!(
        store.submit_blocking(registered(2)).unwrap().recorded_at,
        first.recorded_at + 5
    );
}

#[test]
fn nothing_personal_is_on_the_disk_in_the_clear() {
    let world = World::real();
    let store = world.open().unwrap();
    store.submit_blocking(begin()).unwrap();
    store
        .submit_blocking(command("many", (1..400).flat_map(register).collect()))
        .unwrap();
    store.submit_blocking(cadre(1)).unwrap();
    store.submit_blocking(visit(1, 1, 1)).unwrap();
    store.close().unwrap();
    let mut files = 0;
    for file in files_below(world.temp.path()) {
        let bytes = std::fs::read(&file).unwrap();
        files += 1;
        for secret in ["秘密组", "建国", "H000001", "李干部", "养牛"] {
            let found = bytes
                .windows(secret.len())
                .any(|window| window == secret.as_bytes());
            assert!(!found, "{secret} in {}", file.display());
        }
    }
    assert!(files > 4, "{files} files");
}

#[test]
fn a_destroyed_key_withholds_what_was_sealed_with_it() {
    let world = World::real();
    let store = world.open().unwrap();
    store.submit_blocking(begin()).unwrap();
    store.submit_blocking(registered(1)).unwrap();
    let reader = store.reader();
    let number = Key::blind(Index::HouseholdNumber, "H000001");
    assert!(store.destroy_key_blocking(id("household", 1)).unwrap());
    assert!(!store.destroy_key_blocking(id("household", 1)).unwrap());
    assert_eq!(reader.find(&number).unwrap(), []);
    let found = reader.get(&id("household", 1)).unwrap().unwrap();
    assert_eq!(found.withheld, [lika_core::log::Class::Identity]);
    assert_sound(&store);
    drop((store, reader));

    let store = world.open().unwrap();
    assert_eq!(
        store
            .reader()
            .get(&id("household", 1))
            .unwrap()
            .unwrap()
            .parts
            .sealed,
        []
    );
    assert!(
        store
            .reader()
            .get(&id("member", 100))
            .unwrap()
            .unwrap()
            .withheld
            .is_empty()
    );
    assert_sound(&store);
}

#[test]
fn a_folder_in_use_is_not_opened_twice() {
    let world = World::real();
    let store = world.open().unwrap();
    assert!(matches!(world.open(), Err(Error::Locked(_))));
    drop(store);
    world.open().unwrap();
}

#[test]
fn another_node_key_or_another_node_does_not_open_the_folder() {
    let mut world = World::real();
    world.open().unwrap().submit_blocking(begin()).unwrap();
    let key = std::fs::read(&world.settings.node_key).unwrap();
    std::fs::write(&world.settings.node_key, [1; 32]).unwrap();
    assert!(matches!(world.open(), Err(Error::NodeKey { .. })));
    std::fs::remove_file(&world.settings.node_key).unwrap();
    assert!(matches!(world.open(), Err(Error::NodeKey { .. })));
    std::fs::write(&world.settings.node_key, key).unwrap();
    world.settings.node = NodeId([8; 16]);
    assert!(matches!(world.open(), Err(Error::WrongNode { .. })));
}

#[test]
fn a_full_disk_changes_nothing_and_room_lets_it_go_on() {
    let (world, disk) = World::simulated();
    let store = world.open().unwrap();
    store.submit_blocking(begin()).unwrap();
    for room in [0, 10, 100, 300, 600] {
        disk.fill_at(Some(disk.used() + room));
        let full = store.submit_blocking(registered(1));
        assert!(matches!(full, Err(Error::DiskFull)), "{room}: {full:?}");
    }
    disk.fill_at(None);
    store.submit_blocking(registered(1)).unwrap();
    assert_eq!(stock(&store.reader(), COUNTY)["households"], 1);
    assert_sound(&store);
    store.close().unwrap();
    assert_sound(&world.open().unwrap());
}

#[test]
fn a_log_of_many_segments_reads_like_one() {
    let mut world = World::real();
    world.settings.segment_bytes = 4096;
    let store = world.open().unwrap();
    store.submit_blocking(begin()).unwrap();
    for number in 0..40 {
        store.submit_blocking(registered(number)).unwrap();
    }
    let reader = store.reader();
    let mut after = Position::default();
    let mut entries = Vec::new();
    loop {
        let some = reader.entries_after(&node_id(), after, 1500).unwrap();
        let Some(last) = some.last() else { break };
        after = Position {
            epoch: 1,
            seq: last.header().seq,
        };
        entries.extend(some);
    }
    let seqs: Vec<u64> = entries.iter().map(|entry| entry.header().seq).collect();
    assert_eq!(seqs, (1..=85).collect::<Vec<_>>());
    assert_sound(&store);
    let before = picture(&reader);
    drop((store, reader));
    std::fs::remove_dir_all(world.registry()).unwrap();
    let store = world.open().unwrap();
    assert_eq!(picture(&store.reader()), before);
    assert_sound(&store);
    assert!(files_below(&world.settings.folder.join("log")).len() > 5);
}

pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_below(&path))
        } else {
            found.push(path)
        }
    }
    found
}
