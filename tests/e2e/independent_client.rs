//! A client in another language, written from the .proto files alone.

use std::process::Command;

use lika_core::value::IdNumber;
use lika_proto::{
    log::v1::Kind,
    v1::{find_request::By, record::Body},
};
use lika_tests::{Node, Ran, Sample, built};
use serde_json::{Value, json};

/// Runs the client; what it prints.
fn python(county: &Node, village: &str, document: &str) -> Value {
    let output = Command::new(built::python())
        .arg(built::source("tests/python/client.py"))
        .arg("--proto")
        .arg(built::source("proto"))
        .arg("--certificates")
        .arg(county.certificates())
        .args(["--address", county.address(), "--login", "admin"])
        .args(["--village", village, "--document", document])
        .output()
        .unwrap();
    Ran::from(output).done().json()
}

#[test]
fn a_python_client_registers_a_household_and_reads_it_back() {
    let county = Node::luxi();
    let sample = Sample::of(100);
    sample.register_areas(&county.client());
    let village = sample.county.households[0].village.digits();
    let born = lika_core::value::Date::parse("1961-03-04").unwrap();
    let document = IdNumber::compose("360399", born, 8).unwrap().to_string();

    let printed = python(&county, village, &document);
    assert_eq!(printed["health"], "SERVING");
    let services = printed["services"].as_array().unwrap();
    for service in ["lika.v1.Registry", "lika.v1.Reports", "lika.v1.Federation"] {
        assert!(services.contains(&json!(service)), "{services:?}");
    }
    assert_eq!(printed["household"]["area"], village);
    assert_eq!(printed["household"]["type"], "development");
    assert_eq!(printed["household"]["revision"], 1);
    assert_eq!(printed["head"]["name"], "郭秋菊");
    assert_eq!(printed["head"]["document"], document.as_str());
    assert_eq!(printed["totals"], json!({"households": 1, "people": 1}));
    assert_eq!(printed["refused"], "request-reused");

    // The node has what the client says.
    let client = county.client();
    let found = client.find(By::Document(document)).unwrap();
    let [head] = found.as_slice() else {
        panic!("one person has the document: {found:?}");
    };
    let Some(Body::Member(member)) = &head.body else {
        panic!("not a member: {head:?}");
    };
    assert_eq!(member.identity.as_ref().unwrap().name, "郭秋菊");
    let households = client.list(Kind::Household, village).unwrap();
    assert_eq!(households.len(), 1);
    let id = uuid::Uuid::from_slice(&households[0].id).unwrap();
    assert_eq!(printed["household"]["id"], id.to_string());
    assert_eq!(member.open.as_ref().unwrap().household, households[0].id);
}
