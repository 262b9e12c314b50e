use lika_core::record::{Index, Key};

use super::{damage::copy_folder, *};

fn erased(world: &World) -> Store {
    let store = world.open().unwrap();
    store.submit_blocking(begin()).unwrap();
    store.submit_blocking(registered(1)).unwrap();
    assert!(store.destroy_key_blocking(id("household", 1)).unwrap());
    store
}

fn number() -> Key {
    Key::blind(Index::HouseholdNumber, "H000001")
}

#[test]
fn what_was_erased_is_not_written_again_and_its_history_stays_readable() {
    let world = World::real();
    let store = erased(&world);
    let with_identity = change(
        "identity again",
        &store.reader(),
        &id("household", 1),
        Action::Change,
        |body| *body = Body::Household(household(1)),
    );
    let refused = store.submit_blocking(with_identity);
    assert!(matches!(refused, Err(Error::Erased(subject)) if subject == id("household", 1)));
    let without = change(
        "type",
        &store.reader(),
        &id("household", 1),
        Action::Change,
        |body| {
            if let Body::Household(household) = body {
                household.household_type = code("five-guarantee");
            }
        },
    );
    store.submit_blocking(without).unwrap();
    assert_eq!(
        store.reader().history(&id("household", 1)).unwrap().len(),
        2
    );
    assert_sound(&store);
    let before = picture(&store.reader());
    store.close().unwrap();
    std::fs::remove_dir_all(world.registry()).unwrap();
    let store = world.open().unwrap();
    assert_eq!(picture(&store.reader()), before);
    assert_sound(&store);
}

#[test]
fn a_registry_from_before_an_erasure_is_rebuilt() {
    let world = World::real();
    let store = world.open().unwrap();
    store.submit_blocking(begin()).unwrap();
    store.submit_blocking(registered(1)).unwrap();
    store.close().unwrap();
    let stale = world.temp.path().join("stale");
    copy_folder(&world.registry(), &stale);
    let store = world.open().unwrap();
    assert!(store.destroy_key_blocking(id("household", 1)).unwrap());
    store.close().unwrap();
    std::fs::remove_dir_all(world.registry()).unwrap();
    copy_folder(&stale, &world.registry());
    let store = world.open().unwrap();
    assert_eq!(store.reader().find(&number()).unwrap(), []);
    assert_sound(&store);
}
