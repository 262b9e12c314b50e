//! Who somebody is never reaches the province, and lies nowhere in the clear.

use std::collections::BTreeSet;

use lika::sample::HOUSEHOLDS_OF_LUXI;
use lika_tests::{Pair, Sample, search::Needles};

#[test]
fn no_name_phone_or_number_lies_in_the_clear_in_any_file() {
    let mut pair = Pair::start();
    let sample = Sample::of(HOUSEHOLDS_OF_LUXI);
    sample.register(&pair.county.client());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("households.xlsx");
    sample.county.write_xlsx(&file).unwrap();
    pair.county.import(&file).done();
    pair.must_agree();
    let totals = pair.province.client().totals("36");
    assert_eq!(totals["people"], sample.people());
    pair.county.stop();
    pair.province.stop();

    let personal: BTreeSet<String> = sample.personal().into_iter().collect();
    assert!(personal.len() > HOUSEHOLDS_OF_LUXI);
    let needles = Needles::new(personal.iter().map(String::as_str));
    for node in [&pair.county, &pair.province] {
        assert_eq!(needles.in_folder(&node.data()), BTreeSet::new());
        assert_eq!(needles.in_bytes(node.said().as_bytes()), BTreeSet::new());
    }

    // The search finds what is there: names of villages and units are no secret.
    let village = &sample.county.households[0].village_name;
    for text in [village.as_str(), "芦溪县审计局"] {
        for node in [&pair.county, &pair.province] {
            let found = Needles::new([text]).in_folder(&node.data());
            assert!(!found.is_empty(), "{text} is not in {}", node.area());
        }
    }
    // And it would find a person in a spreadsheet.
    let spreadsheet = lika_tests::Sheet::of(&sample.county).text();
    assert!(needles.in_bytes(spreadsheet.as_bytes()).len() > HOUSEHOLDS_OF_LUXI);
}
