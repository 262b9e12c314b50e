//! The province is away: the county goes on, and both agree when it is back.

use lika_proto::{log::v1 as log, v1::record::Body};
use lika_tests::{Client, Pair, Sample, create, request, until};

/// Registers a unit, as any write would do.
fn write(county: &Client, name: &str) {
    let unit = log::Unit {
        open: Some(log::unit::Open {
            name: name.to_owned(),
            r#type: "enterprise".to_owned(),
        }),
    };
    let change = create("360323", Body::Unit(unit));
    county.apply(request(), vec![change]).unwrap();
}

fn the_county_goes_on(away: impl FnOnce(&mut Pair)) {
    let mut pair = Pair::start();
    Sample::of(100).register_areas(&pair.county.client());
    pair.must_agree();
    let before = pair.county.client().totals("360323").get("units").copied();
    assert_eq!(before, None);

    pair.door.close();
    away(&mut pair);
    let county = pair.county.client();
    for number in 0..50 {
        write(&county, &format!("第{number}合作社"));
    }
    assert_eq!(county.totals("360323")["units"], 50);
    let head = county.status().head.unwrap();
    until("the county sees that the province is away", || {
        let above = county.status().above.unwrap();
        let acknowledged = above
            .acknowledged
            .map_or(0, |acknowledged| acknowledged.seq);
        assert!(acknowledged < head.seq);
        (!above.connected).then_some(())
    });

    pair.start_province();
    write(&county, "最后一家");
    pair.must_agree();
    assert_eq!(pair.province.client().totals("36")["units"], 51);
    pair.county.stop();
    pair.province.stop();
    pair.county.must_verify();
    pair.province.must_verify();
}

#[test]
fn the_county_goes_on_while_the_province_is_stopped() {
    the_county_goes_on(|pair| pair.province.stop());
}

#[test]
fn the_county_goes_on_after_the_province_was_killed() {
    the_county_goes_on(|pair| pair.province.kill());
}

#[test]
fn the_province_goes_on_from_what_it_has_when_it_is_killed_while_it_receives() {
    let mut pair = Pair::start();
    let sample = Sample::of(300);
    sample.register(&pair.county.client());
    pair.must_agree();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("households.csv");
    sample.county.write_csv(&file).unwrap();
    for _ in 0..3 {
        // The first import brings entries, the others nothing; the kill meets the link at different places.
        let import = pair.county.start_import(&file, &uuid::Uuid::new_v4());
        pair.province.kill();
        import.end().done();
        pair.start_province();
    }
    pair.must_agree();
    let totals = pair.province.client().totals("36");
    assert_eq!(totals["households"], sample.households());
    assert_eq!(totals["people"], sample.people());
}
