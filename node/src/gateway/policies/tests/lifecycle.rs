//! From a package to what is in force, and back.

use lika_core::{
    command::Change,
    log::Action,
    record::{Enactment, Household},
    value::{Digest, RecordId},
};

use super::{
    Body, Error, Proposal,
    county::{COUNTY, KEY_VILLAGE, TOWNSHIP, World, area, code, component, date, id},
    request,
};

const FROM: (u16, u8, u8) = (2016, 1, 1);

/// The pairing policy, admitted.
async fn admitted() -> (World, RecordId) {
    let world = World::new().await;
    let admitted = world.admit("admit", component("pairing")).await.unwrap();
    (world, admitted.policy)
}

fn from() -> lika_core::value::Date {
    let (year, month, day) = FROM;
    date(year, month, day)
}

fn proposal(policy: RecordId, digits: &str, preview: Digest) -> Proposal {
    Proposal {
        policy,
        area: area(digits),
        settings: None,
        from: from(),
        binding: false,
        preview,
    }
}

async fn propose(world: &World, name: &str, proposal: Proposal) -> Result<RecordId, Error> {
    let office = world.office();
    world
        .gateway
        .propose(&office, request(name), proposal)
        .await
}

async fn approve(
    world: &World,
    name: &str,
    officer: u32,
    enactment: &RecordId,
    preview: Digest,
) -> Result<Enactment, Error> {
    let approver = world.approver(officer);
    world
        .gateway
        .approve(&approver, request(name), enactment, preview)
        .await
}

fn in_force(world: &World, digits: &str) -> Result<RecordId, &'static str> {
    let found = world
        .gateway
        .policy_in_force(&code("pairing"), &area(digits), date(2016, 3, 1));
    found.map(|found| found.enactment).map_err(|it| it.code())
}

#[tokio::test(flavor = "multi_thread")]
async fn it_takes_two_people_and_a_fresh_preview() {
    let (world, policy) = admitted().await;
    let preview = world.preview_of(&policy, COUNTY, None, from()).unwrap();
    let error = propose(&world, "stale", proposal(policy, COUNTY, Digest::of(b"")));
    assert_eq!(error.await.unwrap_err().code(), "stale-preview");

    let enactment = propose(&world, "propose", proposal(policy, COUNTY, preview));
    let enactment = enactment.await.unwrap();
    assert_eq!(in_force(&world, COUNTY), Err("no-policy-in-force"));
    let first = approve(&world, "first", 1, &enactment, preview).await;
    let first = first.unwrap();
    assert_eq!(first.approvals.len(), 1);
    // The same call again is the same approval.
    let again = approve(&world, "first", 1, &enactment, preview).await;
    assert_eq!(again.unwrap(), first);
    assert_eq!(in_force(&world, COUNTY), Err("no-policy-in-force"));

    // Neither the same officer nor another account of the same person is a second person.
    for (name, officer) in [("same officer", 1), ("same cadre", 2)] {
        let error = approve(&world, name, officer, &enactment, preview).await;
        assert_eq!(error.unwrap_err().code(), "same-person", "{name}");
    }
    // Nobody approves what they have not looked at.
    let other = approve(&world, "other", 0, &enactment, Digest::of(b"")).await;
    assert_eq!(other.unwrap_err().code(), "stale-preview");
    assert_eq!(in_force(&world, COUNTY), Err("no-policy-in-force"));

    let second = approve(&world, "second", 0, &enactment, preview).await;
    assert!(second.unwrap().is_approved());
    assert_eq!(in_force(&world, COUNTY), Ok(enactment));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_would_change_otherwise_by_now_is_not_approved() {
    let (world, policy) = admitted().await;
    let preview = world.preview_of(&policy, COUNTY, None, from()).unwrap();
    let enactment = propose(&world, "propose", proposal(policy, COUNTY, preview));
    let enactment = enactment.await.unwrap();
    approve(&world, "first", 0, &enactment, preview)
        .await
        .unwrap();

    // A household of which nobody has spoken yet: who can be paired with whom is another question now.
    let stored = world.gateway.reader().get(&id("household", 4)).unwrap();
    let record = stored.unwrap().into_record().unwrap();
    let Body::Household(household) = record.body.clone() else {
        panic!("{record:?}")
    };
    let development = Household {
        household_type: code("development"),
        ..household
    };
    let change = Change::of(&record, Action::Change, development);
    world.write("one more", vec![change]).await;
    let error = approve(&world, "second", 1, &enactment, preview).await;
    assert_eq!(error.unwrap_err().code(), "stale-preview");
    assert_eq!(in_force(&world, COUNTY), Err("no-policy-in-force"));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_approvers_approve_and_only_the_office_proposes() {
    let (world, policy) = admitted().await;
    let preview = world.preview_of(&policy, COUNTY, None, from()).unwrap();
    let approver = world.approver(0);
    let refused = world.gateway.propose(
        &approver,
        request("approver"),
        proposal(policy, COUNTY, preview),
    );
    assert_eq!(refused.await.unwrap_err().code(), "denied");
    let enactment = propose(&world, "propose", proposal(policy, COUNTY, preview));
    let enactment = enactment.await.unwrap();
    // The node itself is nobody who could answer for it.
    let office = world.office();
    let refused = world
        .gateway
        .approve(&office, request("office"), &enactment, preview);
    assert_eq!(refused.await.unwrap_err().code(), "not-the-approver");
    let refused = world
        .gateway
        .suspend(&approver, request("suspend"), &enactment);
    assert_eq!(refused.await.unwrap_err().code(), "denied");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspended_policy_falls_back_to_nothing_and_an_earlier_one_is_brought_back() {
    let (world, policy) = admitted().await;
    let put = |name, settings, from| world.put_in_force(name, &policy, COUNTY, settings, from);
    let old = put("old", None, from()).await.unwrap();
    let settings = Some(r#"{"county-focus": 3}"#);
    let new = put("new", settings, date(2016, 2, 1)).await.unwrap();
    assert_eq!(in_force(&world, COUNTY), Ok(new));

    let office = world.office();
    for name in ["suspend", "suspend again"] {
        let suspended = world.gateway.suspend(&office, request(name), &new);
        suspended.await.unwrap();
    }
    assert_eq!(in_force(&world, COUNTY), Err("policy-suspended"));
    let resumed = world.gateway.resume(&office, request("resume"), &new);
    resumed.await.unwrap();
    assert_eq!(in_force(&world, COUNTY), Ok(new));

    let day = date(2016, 3, 1);
    let preview = world.preview_of(&policy, COUNTY, None, day).unwrap();
    let back = world
        .gateway
        .bring_back(&office, request("back"), &old, day, preview);
    let back = back.await.unwrap();
    for (name, officer) in [("one", 0), ("two", 1)] {
        approve(&world, name, officer, &back, preview)
            .await
            .unwrap();
    }
    assert_eq!(in_force(&world, COUNTY), Ok(back));
    let stored = world.gateway.reader().get(&back).unwrap().unwrap();
    let Body::Enactment(body) = stored.body.unwrap() else {
        panic!("not an enactment")
    };
    assert_eq!(
        (body.brings_back, body.settings.as_str()),
        (Some(old), "{}")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_binds_holds_below_in_place_of_what_is_enacted_there() {
    let (world, policy) = admitted().await;
    let near = world
        .put_in_force("near", &policy, TOWNSHIP, None, from())
        .await
        .unwrap();
    assert_eq!(in_force(&world, KEY_VILLAGE), Ok(near));
    let preview = world.preview_of(&policy, COUNTY, None, from()).unwrap();
    let binding = Proposal {
        binding: true,
        ..proposal(policy, COUNTY, preview)
    };
    let wide = propose(&world, "wide", binding).await.unwrap();
    for (name, officer) in [("one", 0), ("two", 1)] {
        approve(&world, name, officer, &wide, preview)
            .await
            .unwrap();
    }
    assert_eq!(in_force(&world, KEY_VILLAGE), Ok(wide));
}
