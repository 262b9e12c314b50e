use super::*;
use crate::store::{
    Difference, Recounted, Witness,
    registry::{Changed, Changes, schema},
};

const OTHER_TOWNSHIP: &str = "360323105";
const OTHER_VILLAGE: &str = "360323105201";

/// Takes what differs, and does something whenever a piece is done.
struct Heard<'a> {
    differences: Vec<Difference>,
    meanwhile: &'a mut dyn FnMut(u64),
    pieces: u64,
}

impl Witness for Heard<'_> {
    fn goes_on(&mut self, done: u64, of: u64) {
        assert!(done <= of);
        self.pieces += 1;
        (self.meanwhile)(self.pieces);
    }

    fn differs(&mut self, difference: Difference) {
        self.differences.push(difference);
    }
}

fn recounted(
    reader: &Reader,
    digits: &str,
    meanwhile: &mut dyn FnMut(u64),
) -> Result<(Recounted, Vec<String>), Error> {
    let mut heard = Heard {
        differences: Vec::new(),
        meanwhile,
        pieces: 0,
    };
    let recounted = reader.recount(&area(digits), &mut heard)?;
    let differences = heard.differences.into_iter().map(|it| {
        let (period, maintained, recounted) = (it.period.number(), it.maintained, it.recounted);
        format!(
            "{} {period} {} {maintained} {recounted}",
            it.area, it.dimension
        )
    });
    Ok((recounted, differences.collect()))
}

/// Two townships, so that one is counted after the other.
fn county(store: &Store) {
    store.submit_blocking(begin()).unwrap();
    let areas = [OTHER_TOWNSHIP, OTHER_VILLAGE].map(|digits| {
        let code = area(digits);
        let body = Area {
            code,
            name: Label::parse("银河镇").unwrap(),
            key_village: Vec::new(),
            from: None,
            until: None,
            successors: Vec::new(),
        };
        Change::create(area_id(&code), code, body)
    });
    store
        .submit_blocking(command("areas", areas.into()))
        .unwrap();
    for ready in [
        registered(1),
        registered(2),
        registered(3),
        cadre(1),
        cadre(2),
        pairing(1, 1, 1, true),
        pairing(2, 1, 2, false),
        pairing(3, 2, 2, true),
        visit(1, 1, 1),
    ] {
        store.submit_blocking(ready).unwrap();
    }
    store.submit_blocking(in_other_village(10)).unwrap();
}

fn in_other_village(number: u32) -> Command {
    let changes = register(number).into_iter();
    let changes = changes.map(|change| Change {
        area: area(OTHER_VILLAGE),
        ..change
    });
    command(&format!("other {number}"), changes.collect())
}

/// Changes rows of the registry behind the back of the store.
fn tampered(store: &Store, rows: &[(&str, &str, Option<i64>)]) {
    let mut changes = Changes::new();
    for (digits, dimension, value) in rows {
        let key = schema::total_key(&area(digits), Period::NOW, dimension);
        let new = value.map(|value| value.to_be_bytes().to_vec());
        changes.insert(key, Changed { old: None, new });
    }
    store.shared.registry.load(&changes).unwrap();
}

#[test]
fn the_records_add_up_to_the_totals_of_every_area() {
    let world = World::real();
    let store = world.open().unwrap();
    county(&store);
    let reader = store.reader();
    let expected = [
        ("", 21),
        ("36", 21),
        (COUNTY, 21),
        (TOWNSHIP, 15),
        (VILLAGES[0], 5),
        (VILLAGES[1], 9),
        (OTHER_TOWNSHIP, 4),
        ("360323999", 0),
        ("43", 0),
    ];
    for (digits, records) in expected {
        let (counted, differences) = recounted(&reader, digits, &mut |_| ()).unwrap();
        assert_eq!(differences, Vec::<String>::new(), "{digits}");
        assert_eq!(counted.records, records, "{digits}");
        assert_eq!(counted.totals > 0, records > 0, "{digits}");
    }
    let (counted, _) = recounted(&reader, COUNTY, &mut |_| ()).unwrap();
    assert_eq!(counted.at[&node_id()], reader.heads()[0].position);
}

#[test]
fn every_total_that_is_not_what_the_records_add_up_to_is_named() {
    let world = World::real();
    let store = world.open().unwrap();
    county(&store);
    let rows = [
        (VILLAGES[0], "people", Some(7)),
        (TOWNSHIP, "households-paired", None),
        (OTHER_VILLAGE, "yaks", Some(-3)),
        ("360323999", "people", Some(1)),
        ("360323999201", "people", Some(1)),
        (COUNTY, "households", Some(400)),
        ("36", "households", None),
        ("", "people", Some(5)),
        ("4301", "people", Some(5)),
    ];
    tampered(&store, &rows);
    let named = |digits| recounted(&store.reader(), digits, &mut |_| ()).unwrap();
    let (counted, mut differences) = named("");
    differences.sort();
    let differences = differences.join("\n");
    expect_test::expect![[r#"
         0 people 5 4
        36 0 households 0 4
        360323 0 households 400 4
        360323104 0 households-paired 0 2
        360323104201 0 people 7 1
        360323105201 0 yaks -3 0
        360323999 0 people 1 0
        360323999201 0 people 1 0
        4301 0 people 5 0"#]]
    .assert_eq(&differences);
    assert_eq!(counted.differences, 9);
    // Of an area only what is inside it.
    assert_eq!(named(VILLAGES[1]).1, Vec::<String>::new());
    assert_eq!(named(VILLAGES[0]).1, ["360323104201 0 people 7 1"]);
    assert_eq!(named(TOWNSHIP).1.len(), 2);
    assert_eq!(named(COUNTY).1.len(), 6);
}

#[test]
fn it_is_about_one_moment_whatever_is_written_meanwhile() {
    let world = World::real();
    let store = world.open().unwrap();
    county(&store);
    let reader = store.reader();
    let (before, _) = recounted(&reader, COUNTY, &mut |_| ()).unwrap();
    let mut written = 0;
    let mut meanwhile = |pieces| {
        written += 1;
        // A township that is done, one that is not, and both around them.
        let number = 20 + u32::try_from(pieces).unwrap() * 10;
        store.submit_blocking(registered(number)).unwrap();
        store.submit_blocking(in_other_village(number + 1)).unwrap();
        if pieces == 1 {
            let close = change(
                "unpaired",
                &store.reader(),
                &id("pairing", 2),
                Action::Close,
                |body| match body {
                    Body::Pairing(pairing) => pairing.until = Some(date(2026, 1, 1)),
                    other => panic!("{other:?}"),
                },
            );
            store.submit_blocking(close).unwrap();
            let changed = change(
                "exits",
                &store.reader(),
                &id("household", 10),
                Action::Change,
                |body| match body {
                    Body::Household(household) => household.main_cause = Some(code("illness")),
                    other => panic!("{other:?}"),
                },
            );
            store.submit_blocking(changed).unwrap();
        }
    };
    let (during, differences) = recounted(&reader, COUNTY, &mut meanwhile).unwrap();
    assert_eq!(differences, Vec::<String>::new());
    assert_eq!(during, before);
    assert!(written >= 3, "{written}");
    let (after, differences) = recounted(&reader, COUNTY, &mut |_| ()).unwrap();
    assert_eq!(differences, Vec::<String>::new());
    assert!(after.records > before.records);
}

#[test]
fn whoever_is_outrun_is_told_so() {
    let world = World::real();
    let store = world.open().unwrap();
    county(&store);
    let mut meanwhile = |pieces| {
        if pieces == 1 {
            let many = (100..900).flat_map(register);
            store
                .submit_blocking(command("many", many.collect()))
                .unwrap();
        }
    };
    let outrun = recounted(&store.reader(), COUNTY, &mut meanwhile);
    assert!(matches!(outrun, Err(Error::Outrun)), "{outrun:?}");
    // Nothing is wrong with the store.
    assert_eq!(store.stopped(), None);
    let (_, differences) = recounted(&store.reader(), COUNTY, &mut |_| ()).unwrap();
    assert_eq!(differences, Vec::<String>::new());
}

#[test]
fn a_province_recounts_what_it_was_sent() {
    let world = World::real();
    let store = world.open().unwrap();
    county(&store);
    let entries = store
        .reader()
        .entries_after(&node_id(), Position::default(), u64::MAX)
        .unwrap();
    let entries = entries.into_iter().map(lika_core::log::Entry::withhold);
    let mut upper = World::real();
    upper.settings.node = NodeId([1; 16]);
    upper.settings.area = area("36");
    let province = upper.open().unwrap();
    province
        .receive_blocking(node_id(), entries.collect())
        .unwrap();
    let (counted, differences) = recounted(&province.reader(), "36", &mut |_| ()).unwrap();
    assert_eq!(differences, Vec::<String>::new());
    assert_eq!(counted.records, 21);
    tampered(&province, &[(COUNTY, "people", Some(9))]);
    let (_, differences) = recounted(&province.reader(), "36", &mut |_| ()).unwrap();
    assert_eq!(differences, ["360323 0 people 9 4"]);
}

#[test]
fn a_salt_can_be_made_again_and_is_nobody_elses() {
    let (world, other) = (World::real(), World::real());
    let salt = |world: &World, domain: &str, content: &[u8]| {
        let store = world.open().unwrap();
        let salt = store.reader().salt(domain, content).0;
        store.close().unwrap();
        salt
    };
    let own = salt(&world, "a", b"1");
    assert_eq!(own, salt(&world, "a", b"1"));
    assert_ne!(own, salt(&world, "b", b"1"));
    assert_ne!(own, salt(&world, "a", b"2"));
    assert_ne!(own, salt(&other, "a", b"1"));
}
