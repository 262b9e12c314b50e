use std::sync::atomic::{AtomicBool, Ordering};

use super::*;

/// What a reader sees of a household that is changed again and again.
fn watch(reader: &Reader, ended: &AtomicBool) -> usize {
    let record = id("household", 1);
    let mut looks = 0;
    while !ended.load(Ordering::Relaxed) {
        let at = reader.heads()[0].position;
        let then = reader.get_as_of(&record, at).unwrap();
        assert!(then.is_some(), "as of {at} it is there");
        let revisions: Vec<u32> = reader
            .history(&record)
            .unwrap()
            .iter()
            .map(|revision| revision.header.revision)
            .collect();
        let whole: Vec<u32> = (1..=u32::try_from(revisions.len()).unwrap()).collect();
        assert_eq!(revisions, whole);
        looks += 1;
    }
    looks
}

#[test]
fn readers_see_every_revision_while_others_are_written() {
    let world = World::real();
    let store = world.open().unwrap();
    store.submit_blocking(begin()).unwrap();
    store.submit_blocking(registered(1)).unwrap();
    let ended = AtomicBool::new(false);
    let looks = std::thread::scope(|scope| {
        let watchers: Vec<_> = (0..2)
            .map(|_| {
                let reader = store.reader();
                scope.spawn(|| watch(&{ reader }, &ended))
            })
            .collect();
        for round in 0..60 {
            let edit = change(
                &format!("round {round}"),
                &store.reader(),
                &id("household", 1),
                Action::Change,
                |body| {
                    if let Body::Household(household) = body {
                        household.safe_water = Some(round % 2 == 0);
                    }
                },
            );
            // The change is one of many rows, so that it takes a while.
            let others = (0..40).flat_map(|other| register(1_000 + round * 100 + other));
            let changes = others.chain(edit.changes);
            store
                .submit_blocking(command(&format!("round {round}"), changes.collect()))
                .unwrap();
        }
        ended.store(true, Ordering::Relaxed);
        watchers
            .into_iter()
            .map(|watcher| watcher.join().unwrap())
            .sum::<usize>()
    });
    assert!(looks > 10, "{looks} looks");
    assert_sound(&store);
}
