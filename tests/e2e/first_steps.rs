//! The steps of README, as a new office takes them: a node, its areas, its households, from files and by the command line.

use std::path::Path;

use lika_tests::{Node, lika};

#[test]
fn a_new_office_registers_its_areas_and_imports_its_households() {
    let folder = tempfile::tempdir().unwrap();
    let (households, areas) = (
        folder.path().join("households.xlsx"),
        folder.path().join("areas.csv"),
    );
    let sample = ["sample", "--json", "--households", "40", "--out"].map(Path::new);
    let made = [households.as_path(), Path::new("--areas"), &areas];
    let made = lika(sample.into_iter().chain(made)).done().json();
    assert_eq!(made["households"], 40);

    let mut county = Node::create("360323", "芦溪县");
    county.start();
    let early = county.run(&["import", "--json"], &[&households]);
    assert_eq!(early.code, Some(1), "the areas are not there: {early:?}");
    let registered = county.run(&["area", "import", "--json"], &[&areas]).done();
    let again = county.run(&["area", "import", "--json"], &[&areas]).done();
    assert_eq!(registered.json()["registered"], again.json()["known"]);
    assert_eq!(again.json()["registered"], 0);
    county.run(&["import", "--json"], &[&households]).done();
    let totals = county.client().totals("360323");
    assert_eq!(totals["households"], 40);
    county.stop();
    county.must_verify();
}
