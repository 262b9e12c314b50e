//! The shipped policies, as components, on the records of a small county.

mod alerts;
mod county;
mod difference;
mod forged;
mod lifecycle;
mod preview;
mod replay;

use lika_core::{
    command::{Change, Command},
    log::Kind,
    record::{Body, Decision, Grant, Index, Key, Outcome, Pairing, VillageTeam, area_id},
    value::{ActorId, Digest, RecordId, RequestId},
};

use self::county::{COUNTY, KEY_VILLAGE, TOWNSHIP, World, area, code, component, date, id, visit};
use super::{Caller, Error, Proposal};
use crate::clock::{Clock as _, Scenario};

fn request(text: &str) -> RequestId {
    RequestId::derived("request", text.as_bytes())
}

#[tokio::test]
async fn a_team_is_proposed_accepted_and_then_complete() {
    let world = World::new().await;
    world.enact("village-team").await;
    let first = world
        .evaluate("first", "village-team", COUNTY)
        .await
        .unwrap();
    assert_eq!((first.decisions, first.refused, first.proposals), (1, 1, 6));
    assert_eq!(
        world
            .evaluate("first", "village-team", COUNTY)
            .await
            .unwrap(),
        first
    );

    let accepted = world.accept("accept", "village-team").await.unwrap();
    assert_eq!((accepted.pairings, accepted.seats), (0, 6));
    assert_eq!(
        world.accept("accept", "village-team").await.unwrap(),
        accepted
    );
    assert_eq!(
        world.accept("again", "village-team").await.unwrap().seats,
        0
    );
    let roles: Vec<String> = world
        .team()
        .seats
        .iter()
        .map(|seat| seat.role.to_string())
        .collect();
    assert_eq!(
        roles,
        [
            "leader",
            "stationed",
            "stationed",
            "sponsor",
            "sponsor",
            "sponsor"
        ]
    );

    let second = world
        .evaluate("second", "village-team", COUNTY)
        .await
        .unwrap();
    assert_eq!(
        (second.decisions, second.granted, second.proposals),
        (1, 1, 0)
    );
    // What the first request did is told as it was, not as it would be now.
    assert_eq!(
        world
            .evaluate("first", "village-team", COUNTY)
            .await
            .unwrap(),
        first
    );
    world.replay_all(&first.evaluations).await;
    world.replay_all(&second.evaluations).await;
}

#[tokio::test]
async fn stationed_cadres_are_relieved_after_a_year() {
    let world = World::new().await;
    world.enact("village-team").await;
    world
        .evaluate("first", "village-team", COUNTY)
        .await
        .unwrap();
    world.accept("accept", "village-team").await.unwrap();
    world.clock.set(Scenario::on(date(2017, 3, 20)).now_ms());
    let team = world.team();
    world
        .write(
            "visit",
            vec![visit(1, team.seats[0].holder, None, date(2017, 3, 1))],
        )
        .await;

    let due = world.evaluate("due", "village-team", COUNTY).await.unwrap();
    assert_eq!((due.refused, due.proposals), (1, 2));
    let reasons: Vec<String> = world
        .decision("village-team", area_id(&area(KEY_VILLAGE)))
        .reasons
        .iter()
        .map(|r| r.code.to_string())
        .collect();
    assert_eq!(
        reasons,
        [
            "rotation-due",
            "rotation-due",
            "missing-stationed-full",
            "missing-stationed-deputy"
        ]
    );
    assert_eq!(
        world.accept("relief", "village-team").await.unwrap().seats,
        2
    );
    let relieved: Vec<_> = world
        .team()
        .seats
        .into_iter()
        .filter(|seat| seat.until.is_some())
        .collect();
    assert_eq!(relieved.len(), 2);
    assert!(
        relieved
            .iter()
            .all(|seat| seat.until == Some(date(2017, 3, 20)))
    );

    let after = world
        .evaluate("after", "village-team", COUNTY)
        .await
        .unwrap();
    assert_eq!((after.granted, after.proposals), (1, 0));
}

#[tokio::test]
async fn households_are_paired_in_two_passes() {
    let world = World::new().await;
    world.enact("pairing").await;
    let first = world.evaluate("first", "pairing", COUNTY).await.unwrap();
    assert_eq!(first.evaluations.len(), 2);
    // 1+1+1 for the two that are able to work, a responsible helper for the third; whether anybody in the fourth is
    // able to work is not recorded; the fifth has exited.
    assert_eq!(
        (
            first.decisions,
            first.granted,
            first.refused,
            first.undetermined
        ),
        (4, 0, 3, 1)
    );
    assert_eq!(first.proposals, 7);
    let unknown = world.decision("pairing", id("household", 3));
    let missing = [
        "household/household.able-to-work",
        "household/household.type",
    ]
    .map(str::to_owned);
    assert!(
        matches!(&unknown.outcome, Outcome::Undetermined(facts) if facts.iter().all(|fact| missing.contains(fact)) && !facts.is_empty())
    );

    let accepted = world.accept("accept", "pairing").await.unwrap();
    assert_eq!((accepted.pairings, accepted.seats), (7, 0));
    assert_eq!(world.accept("accept", "pairing").await.unwrap(), accepted);
    for household in 0..3 {
        let pairings = world.pairings(household);
        let responsible: Vec<&Pairing> = pairings
            .iter()
            .filter(|pairing| pairing.responsible)
            .collect();
        assert_eq!(responsible.len(), 1);
        let highest = pairings.iter().map(|pairing| pairing.level).min();
        assert_eq!(Some(responsible[0].level), highest);
    }
    assert_eq!(
        [0, 1, 2].map(|household| world.pairings(household).len()),
        [3, 1, 3]
    );

    let second = world.evaluate("second", "pairing", COUNTY).await.unwrap();
    assert_eq!(
        (second.granted, second.undetermined, second.proposals),
        (3, 1, 0)
    );
    assert_eq!(
        world
            .accept("nothing left", "pairing")
            .await
            .unwrap()
            .pairings,
        0
    );
    world.replay_all(&first.evaluations).await;
}

#[tokio::test]
async fn what_is_only_proposed_does_not_count_as_paired() {
    let world = World::new().await;
    world.enact("pairing").await;
    world.evaluate("first", "pairing", COUNTY).await.unwrap();
    let decision = world.decision("pairing", id("household", 0));
    assert_eq!(decision.outcome, Outcome::Refused);
    let reasons: Vec<&str> = decision
        .reasons
        .iter()
        .map(|reason| reason.code.as_str())
        .collect();
    assert!(
        reasons.contains(&"development-without-section-cadre"),
        "{reasons:?}"
    );
    assert_eq!(decision.proposals.len(), 3);
    let component = world.component("pairing").await;
    let sentences = world.gateway.sentences(
        &component,
        &decision.reasons[0].code,
        &decision.reasons[0].arguments,
    );
    assert_eq!(
        sentences.await.unwrap().unwrap(),
        ("没有帮扶责任人".into(), "no responsible helper".into())
    );
    let arguments = ["1".to_owned(), "3".to_owned()];
    let sentences = world
        .gateway
        .sentences(&component, &code("helper-over-quota"), &arguments)
        .await
        .unwrap();
    assert_eq!(
        sentences.unwrap().1,
        "the helper has 1 households, over the quota of 3"
    );
}

#[tokio::test]
async fn a_township_is_paired_by_its_own_cadres() {
    let world = World::new().await;
    world.enact("pairing").await;
    let evaluated = world.evaluate("first", "pairing", TOWNSHIP).await.unwrap();
    assert_eq!(evaluated.evaluations.len(), 1);
    assert_eq!((evaluated.decisions, evaluated.proposals), (4, 3));
    let error = world
        .evaluate("second", "village-team", TOWNSHIP)
        .await
        .unwrap_err();
    assert_eq!(error.code(), "no-policy-in-force");
    world.enact("village-team").await;
    assert_eq!(
        world
            .evaluate("third", "village-team", TOWNSHIP)
            .await
            .unwrap_err()
            .code(),
        "malformed-request"
    );
}

#[tokio::test]
async fn a_policy_that_loops_decides_nothing() {
    let world = World::new().await;
    let loops = lika_guests::guest_that_reads(
        "household.key",
        "code",
        "(loop $again (br $again)) (unreachable)",
    );
    let admitted = world.admit("admit", loops.clone()).await.unwrap();
    assert_eq!(world.admit("once more", loops).await.unwrap(), admitted);
    let enacted = world.put_in_force("enact", &admitted.policy, COUNTY, None, date(2016, 1, 1));
    enacted.await.unwrap();
    let evaluated = world
        .evaluate("first", "screening", TOWNSHIP)
        .await
        .unwrap();
    assert_eq!(
        (
            evaluated.decisions,
            evaluated.undetermined,
            evaluated.proposals
        ),
        (5, 5, 0)
    );
    assert_eq!(evaluated.evaluations.len(), 5);
    let decision = world.decision("screening", id("household", 0));
    assert_eq!(decision.outcome, Outcome::Undetermined(Vec::new()));
    assert_eq!(decision.reasons[0].code.as_str(), "policy-out-of-fuel");
    let sentences = world.gateway.sentences(
        &admitted.description.component,
        &decision.reasons[0].code,
        &[],
    );
    assert!(
        sentences
            .await
            .unwrap()
            .unwrap()
            .1
            .contains("budget of instructions")
    );
    assert_eq!(
        world
            .evaluate("first", "screening", TOWNSHIP)
            .await
            .unwrap(),
        evaluated
    );
}

#[tokio::test]
async fn a_policy_that_asks_for_an_unknown_fact_is_refused() {
    let world = World::new().await;
    let caller = world.office();
    let refused = |fact: &'static str, kind: &'static str| {
        let guest = lika_guests::guest_that_reads(fact, kind, "(unreachable)");
        world.admit(fact, guest)
    };
    let error = refused("income", "fen").await.unwrap_err();
    assert_eq!(error.code(), "policy-refused");
    assert_eq!(
        error.to_string(),
        "not admitted: no node can tell it what it asks for: \
         this node does not know fact income of table household"
    );
    let error = refused("household.type", "text").await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "not admitted: no node can tell it what it asks for: \
         fact household.type holds a code on this node, the policy declares Text"
    );
    let error = world
        .gateway
        .admit(&caller, request("rubbish"), b"rubbish".to_vec())
        .await
        .unwrap_err();
    assert_eq!(error.code(), "policy-refused");
}

#[tokio::test]
async fn a_policy_that_breaks_its_own_declaration_is_refused() {
    let world = World::new().await;
    // Who earns more is granted, and it declares the reverse.
    let richer = "(i64.ge_s (local.get $value) (i64.const 150000))";
    let guest = |way| {
        let body = lika_guests::granting(richer);
        lika_guests::guest_that_declares("income.net-per-head", way, &body)
    };
    let error = world.admit("falls", guest("decreasing")).await.unwrap_err();
    assert_eq!(error.code(), "policy-not-as-declared");
    let said = error.to_string();
    assert!(
        said.starts_with(
            "not admitted: the policy breaks its own declaration: subject 0 is refused"
        ),
        "{said}"
    );
    assert!(said.contains("household/income.net-per-head"), "{said}");
    world.admit("rises", guest("increasing")).await.unwrap();
}

#[tokio::test]
async fn faulty_settings_are_not_enacted_and_the_nearest_enactment_holds() {
    let world = World::new().await;
    let caller = world.office();
    let policy = world.enact("pairing").await;
    let (county, township) = (area(COUNTY), area(TOWNSHIP));
    let proposal = |digits, settings: &str, from, preview| Proposal {
        policy,
        area: area(digits),
        settings: Some(settings.to_owned()),
        from,
        binding: false,
        preview,
    };
    let from = date(2016, 1, 1);
    let faulty = proposal(COUNTY, r#"{"county-focus": -1}"#, from, Digest::of(b""));
    let error = world.gateway.propose(&caller, request("faulty"), faulty);
    assert_eq!(error.await.unwrap_err().code(), "invalid-settings");

    let (settings, from) = (r#"{"county-focus": 3}"#, date(2016, 2, 1));
    let preview = world.preview_of(&policy, COUNTY, Some(settings), from);
    let again = proposal(COUNTY, settings, from, preview.unwrap());
    let put = |name, digits, settings, from| {
        world.put_in_force(name, &policy, digits, Some(settings), from)
    };
    let wide = put("wide", COUNTY, settings, from).await.unwrap();
    let proposed = world.gateway.propose(&caller, request("wide"), again);
    assert_eq!(proposed.await.unwrap(), wide, "the same request once more");
    let near = put(
        "near",
        TOWNSHIP,
        r#"{"county-focus": 4}"#,
        date(2016, 1, 15),
    )
    .await
    .unwrap();
    let in_force = |area, on| {
        world
            .gateway
            .policy_in_force(&code("pairing"), &area, on)
            .map(|found| found.enactment)
    };
    assert_eq!(in_force(county, date(2016, 3, 1)).unwrap(), wide);
    assert_ne!(in_force(county, date(2016, 1, 31)).unwrap(), wide);
    assert_eq!(in_force(township, date(2016, 3, 1)).unwrap(), near);
    assert_eq!(in_force(area(KEY_VILLAGE), date(2016, 3, 1)).unwrap(), near);
    assert_eq!(
        in_force(county, date(2015, 12, 31)).unwrap_err().code(),
        "no-policy-in-force"
    );
}

#[tokio::test]
async fn whoever_may_not_is_denied() {
    let world = World::new().await;
    world.enact("pairing").await;
    let grant = Grant {
        role: code("village-cadre"),
        area: area(TOWNSHIP),
    };
    let caller = Caller {
        officer: id("officer", 1),
        grants: vec![grant],
        name: String::new(),
    };
    let evaluated = world
        .gateway
        .evaluate(
            &caller,
            request("no"),
            &code("pairing"),
            &area(TOWNSHIP),
            None,
        )
        .await;
    assert!(matches!(evaluated, Err(Error::Denied(_))));
    let admitted = world
        .gateway
        .admit(&caller, request("no"), component("pairing"))
        .await;
    assert!(matches!(admitted, Err(Error::Denied(_))));
    let accepted = world
        .gateway
        .accept(
            &caller,
            request("no"),
            &code("pairing"),
            &area(TOWNSHIP),
            None,
        )
        .await;
    assert!(matches!(accepted, Err(Error::Denied(_))));
    // A township officer may in the own township, and nowhere else.
    let grant = Grant {
        role: code("township-officer"),
        area: area(TOWNSHIP),
    };
    let caller = Caller {
        officer: id("officer", 2),
        grants: vec![grant],
        name: String::new(),
    };
    let evaluate = |name, digits| {
        let (gateway, caller) = (world.gateway.clone(), caller.clone());
        async move {
            gateway
                .evaluate(
                    &caller,
                    request(name),
                    &code("pairing"),
                    &area(digits),
                    None,
                )
                .await
        }
    };
    assert!(matches!(
        evaluate("county", COUNTY).await,
        Err(Error::Denied(_))
    ));
    assert_eq!(evaluate("own", TOWNSHIP).await.unwrap().decisions, 4);
}

#[tokio::test]
async fn a_request_is_not_taken_for_another_one() {
    let world = World::new().await;
    world.enact("pairing").await;
    world.evaluate("first", "pairing", COUNTY).await.unwrap();
    assert_eq!(
        world
            .evaluate("first", "pairing", TOWNSHIP)
            .await
            .unwrap_err()
            .code(),
        "request-reused"
    );
}
