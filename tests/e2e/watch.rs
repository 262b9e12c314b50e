//! Following the log: whoever follows hears what they may read, for as long as they may.

use std::collections::BTreeSet;

use lika_proto::{log::v1::Kind, v1::record::Body};
use lika_tests::{Node, Officer, Watched, code_of, search::Needles};
use prost::Message as _;

const COUNTY: &str = "360323";
const HOUSEHOLDS: usize = 20;

/// Reads up to the end that the log has now; what was heard, as it is sent: printed, an event says nothing personal.
fn catch_up(county: &Node, watched: &mut Watched<'_>) -> Vec<Vec<u8>> {
    let end = county.client().status().head.unwrap().seq;
    let mut heard = Vec::new();
    loop {
        let event = watched.hear().unwrap().unwrap();
        heard.push(event.encode_to_vec());
        if event.position.unwrap().seq >= end {
            return heard;
        }
    }
}

#[test]
fn a_locked_officer_hears_no_more() {
    let (county, _) = Node::with_households(HOUSEHOLDS);
    let auditor = Officer::appoint(&county, "chun", "auditor", COUNTY);
    let mut watched = auditor.client.watch(0, COUNTY).unwrap();
    catch_up(&county, &mut watched);
    auditor.lock(&county);
    assert_eq!(code_of(watched.hear()), "not-an-officer");
    let again = auditor.client.watch(0, COUNTY).map(drop);
    assert_eq!(code_of(again), "not-an-officer");
}

#[test]
fn a_demoted_officer_hears_no_more_of_the_county() {
    let (county, _) = Node::with_households(HOUSEHOLDS);
    let auditor = Officer::appoint(&county, "chun", "auditor", COUNTY);
    let mut watched = auditor.client.watch(0, COUNTY).unwrap();
    catch_up(&county, &mut watched);
    let households = county.client().list(Kind::Household, COUNTY).unwrap();
    let village = &households[0].area;
    auditor.reappoint(&county, "village-cadre", village);
    assert_eq!(code_of(watched.hear()), "denied");

    // Of the own village the officer may hear, and hears nothing else.
    let mut own = auditor.client.watch(0, "").unwrap();
    let event = own.hear().unwrap().unwrap();
    let record = event.revision.unwrap().record.unwrap();
    assert_eq!(record.area, *village);
}

#[test]
fn a_policy_developer_hears_of_nobody_and_nobody_hears_a_password() {
    let (county, sample) = Node::with_households(HOUSEHOLDS);
    let hash = "$argon2id$v=19$m=19456,t=2,p=1$bm90LWEtc2FsdA$bm90LWEtaGFzaA";
    let developer = Officer::appoint(&county, "mei", "policy-developer", COUNTY);
    developer.set_password_hash(&county, hash);

    let office = county.client();
    let seen_by_office = catch_up(&county, &mut office.watch(0, COUNTY).unwrap());
    let mut watched = developer.client.watch(0, COUNTY).unwrap();
    let seen_by_developer = catch_up(&county, &mut watched);
    let personal = sample.personal();
    let personal = personal.iter().map(String::as_str).chain(["王春", hash]);
    let needles = Needles::new(personal);
    assert_eq!(
        needles.in_bytes(&seen_by_developer.concat()),
        BTreeSet::new()
    );
    assert_eq!(
        seen_by_developer.len(),
        seen_by_office.len(),
        "the entries are the same, with less in them"
    );
    // The office hears of people, so that the check above can fail, and of no password either.
    let heard = needles.in_bytes(&seen_by_office.concat());
    assert!(heard.len() > 20, "{heard:?}");
    assert!(!heard.contains(hash), "{heard:?}");
}

#[test]
fn a_change_is_heard_when_it_is_made() {
    let (county, _) = Node::with_households(HOUSEHOLDS);
    let office = county.client();
    let end = office.status().head.unwrap().seq;
    let mut watched = office.watch(end, COUNTY).unwrap();
    let auditor = Officer::appoint(&county, "chun", "auditor", COUNTY);
    let event = watched.hear().unwrap().unwrap();
    assert_eq!(event.position.unwrap().seq, end + 1);
    let record = event.revision.unwrap().record.unwrap();
    assert_eq!(record.id, auditor.id);
    assert!(matches!(record.body, Some(Body::Officer(_))));
}
