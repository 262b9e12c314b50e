use lika_core::log::{Draft, Entry, Part, Place, Salt, Sealer};
use lika_core::value::Digest;

use super::*;

/// A province over the county of the other tests.
fn province() -> World {
    let mut world = World::real();
    world.settings.node = NodeId([1; 16]);
    world.settings.area = area("36");
    world
}

/// The entries of a county's log, as its link renders them.
fn county() -> Vec<Entry> {
    let world = World::real();
    let store = world.open().unwrap();
    for ready in [
        begin(),
        registered(1),
        registered(2),
        cadre(1),
        pairing(1, 1, 1, true),
        visit(1, 1, 1),
    ] {
        store.submit_blocking(ready).unwrap();
    }
    let entries = store
        .reader()
        .entries_after(&node_id(), Position::default(), u64::MAX)
        .unwrap();
    entries.into_iter().map(Entry::withhold).collect()
}

#[test]
fn a_province_counts_what_its_county_counts_and_knows_nobody() {
    let entries = county();
    let world = province();
    let store = world.open().unwrap();
    let tail = store.receive_blocking(node_id(), entries.clone()).unwrap();
    assert_eq!(tail.hash, *entries.last().unwrap().hash());
    assert_eq!(stock(&store.reader(), "36")["households"], 2);
    assert_eq!(stock(&store.reader(), "36")["households-paired"], 1);
    let below = store
        .reader()
        .totals_below(&area("3603"), Period::NOW)
        .unwrap();
    assert_eq!(below[&area(COUNTY)]["people"], 2);
    let found = store.reader().get(&id("member", 100)).unwrap().unwrap();
    assert_eq!(found.withheld, [lika_core::log::Class::Identity]);
    assert_sound(&store);
    let before = picture(&store.reader());
    store.close().unwrap();
    std::fs::remove_dir_all(world.registry()).unwrap();
    let store = world.open().unwrap();
    assert_eq!(picture(&store.reader()), before);
    assert_sound(&store);
}

#[test]
fn entries_that_are_here_are_passed_over_however_they_are_cut() {
    let entries = county();
    let world = province();
    let store = world.open().unwrap();
    store
        .receive_blocking(node_id(), entries[..4].to_vec())
        .unwrap();
    let standing = store.reader().standing();
    let tail = store
        .receive_blocking(node_id(), entries[1..4].to_vec())
        .unwrap();
    assert_eq!(tail.position.seq, 4);
    assert_eq!(store.reader().standing(), standing);
    store
        .receive_blocking(node_id(), entries[2..].to_vec())
        .unwrap();
    assert_eq!(stock(&store.reader(), COUNTY)["households"], 2);
    let ours = store
        .reader()
        .entries_after(&node_id(), Position::default(), u64::MAX)
        .unwrap();
    assert_eq!(ours, entries);
    assert_sound(&store);
}

#[test]
fn a_gap_is_refused() {
    let entries = county();
    let store = province().open().unwrap();
    store
        .receive_blocking(node_id(), entries[..3].to_vec())
        .unwrap();
    match store
        .receive_blocking(node_id(), entries[4..].to_vec())
        .err()
    {
        Some(Error::DoesNotFollow {
            head,
            cause: lika_core::log::Error::Gap { expected, found },
            ..
        }) => {
            assert_eq!((head.seq, expected, found), (3, (1, 4), (1, 5)));
        }
        other => panic!("{other:?}"),
    }
    store
        .receive_blocking(node_id(), entries[3..].to_vec())
        .unwrap();
}

#[test]
fn two_histories_are_a_fork() {
    let (one, other) = (county(), county());
    assert_ne!(one[0].hash(), other[0].hash());
    let store = province().open().unwrap();
    store
        .receive_blocking(node_id(), one[..5].to_vec())
        .unwrap();
    for cut in [&other[..3], &other[2..8], &other[5..6]] {
        let refused = store.receive_blocking(node_id(), cut.to_vec());
        assert!(matches!(refused, Err(Error::Fork { .. })), "{refused:?}");
    }
    store
        .receive_blocking(node_id(), one[5..].to_vec())
        .unwrap();
    assert_sound(&store);
}

#[test]
fn a_node_does_not_receive_its_own_log() {
    let entries = county();
    let store = World::real().open().unwrap();
    assert!(matches!(
        store.receive_blocking(node_id(), entries),
        Err(Error::OwnLog)
    ));
}

#[test]
fn the_same_record_in_two_logs_is_two_records() {
    let world = province();
    let store = world.open().unwrap();
    let own = Area {
        code: area("36"),
        name: Label::parse("江西省").unwrap(),
        key_village: Vec::new(),
        from: None,
        until: None,
        successors: Vec::new(),
    };
    let ours = Area {
        code: area("3603"),
        name: Label::parse("萍乡市").unwrap(),
        ..own.clone()
    };
    let changes = vec![
        Change::create(area_id(&own.code), own.code, own.clone()),
        Change::create(area_id(&ours.code), ours.code, ours.clone()),
        Change::create(
            area_id(&area(COUNTY)),
            area(COUNTY),
            Area {
                code: area(COUNTY),
                ..ours
            },
        ),
    ];
    store.submit_blocking(command("areas", changes)).unwrap();
    store.receive_blocking(node_id(), county()).unwrap();
    let found = store
        .reader()
        .get(&area_id(&area(COUNTY)))
        .unwrap()
        .unwrap();
    assert_eq!(found.header.node, NodeId([1; 16]));
    let theirs = store
        .reader()
        .get(&area_id(&area(TOWNSHIP)))
        .unwrap()
        .unwrap();
    assert_eq!(theirs.header.node, node_id());
    assert_sound(&store);
}

#[test]
fn a_kind_of_a_newer_version_is_kept_and_counted() {
    let store = province().open().unwrap();
    let place = Place {
        node: node_id(),
        epoch: 1,
        seq: 1,
        previous: Digest::ZERO,
        recorded_at: 1,
        actor: ActorId([0; 16]),
        request: request("new"),
    };
    let draft = Draft {
        action: Action::Create,
        kind: Kind::Unknown(4711),
        record: id("new", 1),
        revision: 1,
        area: area(COUNTY),
        open: bytes::Bytes::from_static(b"\x0a\x01x"),
        sealed: Vec::new(),
    };
    let entry = Entry::seal(draft, &place, &mut NoKeys).unwrap();
    store
        .receive_blocking(node_id(), vec![entry.clone()])
        .unwrap();
    assert_eq!(store.reader().unprojected().unwrap(), 1);
    assert_eq!(
        store
            .reader()
            .get(&id("new", 1))
            .unwrap()
            .map(|found| found.hash),
        None
    );
    let kept = store
        .reader()
        .entries_after(&node_id(), Position::default(), u64::MAX)
        .unwrap();
    assert_eq!(kept, [entry]);
    assert_sound(&store);
}

#[test]
fn personal_content_in_the_clear_is_not_taken() {
    struct Plain;
    impl Sealer for Plain {
        type Error = ();
        fn salt(&mut self) -> Result<Salt, ()> {
            Ok(Salt([5; 32]))
        }
        fn seal(
            &mut self,
            _: &RecordId,
            _: lika_core::log::Class,
            _: &Salt,
            _: &[u8],
            _: &Digest,
        ) -> Result<bytes::Bytes, ()> {
            Ok(bytes::Bytes::new())
        }
    }
    let part = Part {
        subject: id("household", 1),
        class: lika_core::log::Class::Identity,
        content: bytes::Bytes::from_static(b"name"),
    };
    let draft = Draft {
        action: Action::Create,
        kind: Kind::Household,
        record: id("household", 1),
        revision: 1,
        area: area(VILLAGES[0]),
        open: bytes::Bytes::new(),
        sealed: vec![part],
    };
    let place = Place {
        node: node_id(),
        epoch: 1,
        seq: 1,
        previous: Digest::ZERO,
        recorded_at: 1,
        actor: ActorId([0; 16]),
        request: request("plain"),
    };
    let mut message = Entry::seal(draft, &place, &mut Plain).unwrap().to_message();
    message.sealed[0].state = Some(lika_proto::log::v1::sealed_part::State::Disclosed(
        lika_proto::log::v1::Disclosed {
            salt: bytes::Bytes::from_static(&[5; 32]),
            content: bytes::Bytes::from_static(b"name"),
        },
    ));
    let entry = Entry::try_from(message).unwrap();
    let store = province().open().unwrap();
    let refused = store.receive_blocking(node_id(), vec![entry]);
    assert!(
        matches!(refused, Err(Error::InTheClear { .. })),
        "{refused:?}"
    );
}

/// For entries without sealed parts.
struct NoKeys;

impl Sealer for NoKeys {
    type Error = ();

    fn salt(&mut self) -> Result<Salt, ()> {
        Ok(Salt([5; 32]))
    }

    fn seal(
        &mut self,
        _: &RecordId,
        _: lika_core::log::Class,
        _: &Salt,
        _: &[u8],
        _: &Digest,
    ) -> Result<bytes::Bytes, ()> {
        Err(())
    }
}
