//! What a preview tells, and whom.

use lika_core::{record::Grant, value::RecordId};

use super::{
    super::{
        preview::Ask,
        report::{Direction, Report},
    },
    Caller, Error,
    county::{COUNTY, TOWNSHIP, World, area, code, date, id},
};

/// The county with pairings of 1 March 2016 that ask for no visits, and the pairing policy.
async fn paired() -> (World, RecordId) {
    let world = World::new().await;
    let policy = world.enact("pairing").await;
    let (from, settings) = (date(2016, 2, 1), r#"{"visits-per-month": 0}"#);
    let enacted = world.put_in_force("no visits", &policy, COUNTY, Some(settings), from);
    enacted.await.unwrap();
    world.evaluate("first", "pairing", COUNTY).await.unwrap();
    world.accept("accept", "pairing").await.unwrap();
    (world, policy)
}

fn ask(policy: RecordId) -> Ask {
    Ask {
        policy,
        settings: None,
        against: None,
        area: area(COUNTY),
        on: Some(date(2016, 5, 1)),
        effects: false,
    }
}

async fn preview(world: &World, ask: Ask) -> Result<Report, Error> {
    world.gateway.preview(&world.office(), ask).await
}

fn caller(role: &str, digits: &str) -> Caller {
    let grant = Grant {
        role: code(role),
        area: area(digits),
    };
    Caller {
        officer: id("officer", 1),
        grants: vec![grant],
        name: String::new(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_household_that_would_lose_is_named_with_before_and_after() {
    let (world, policy) = paired().await;
    let report = preview(&world, ask(policy)).await.unwrap();
    let difference = &report.difference;
    let mut losers = [0, 1, 2].map(|household| id("household", household));
    losers.sort_unstable();
    let named: Vec<RecordId> = difference.changes.iter().map(|it| it.subject).collect();
    assert_eq!(named, losers);
    for change in &difference.changes {
        assert_eq!(change.direction(), Direction::Loss);
        let (before, after) = (
            change.before.as_ref().unwrap(),
            change.after.as_ref().unwrap(),
        );
        assert_eq!(
            (before.outcome.code(), after.outcome.code()),
            ("granted", "refused")
        );
        let (reason, arguments) = &after.reasons[0];
        assert_eq!(reason.as_str(), "no-visit");
        let sentence = report.words.reason_after(reason, arguments).unwrap();
        assert!(sentence.1.contains('1'), "{sentence:?}");
    }
    let total = &report.total;
    assert_eq!(
        (total.subjects, total.losses, total.gains, total.others),
        (4, 3, 0, 0)
    );
    assert_eq!(total.undetermined, (1, 1));
    assert_eq!(report.townships[&area(TOWNSHIP)], *total);
    let types = report.household_types.iter();
    let types: Vec<_> = types.map(|(kind, it)| (kind.clone(), it.losses)).collect();
    let kind = |text| Some(code(text));
    assert_eq!(
        types,
        [
            (kind("allowance"), 0),
            (kind("allowance-only"), 1),
            (kind("development"), 1),
            (kind("general"), 1),
        ]
    );
    assert!(report.used.calls >= 2);
    let peak = report.used.peak;
    for share in [peak.fuel, peak.memory, peak.output] {
        assert!((1..1_000_000).contains(&share), "{peak:?}");
    }
    // Asking again promises the same.
    let again = preview(&world, ask(policy)).await.unwrap();
    assert_eq!(again.difference.digest(), difference.digest());
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_are_moved_one_by_one_and_two_policies_compared() {
    let (world, policy) = paired().await;
    let none = Some(r#"{"visits-per-month": 0}"#.to_owned());
    let report = preview(
        &world,
        Ask {
            settings: none.clone(),
            effects: true,
            ..ask(policy)
        },
    );
    let report = report.await.unwrap();
    assert_eq!(report.difference.changes, []);
    let visits = report.effects.iter();
    let visits: Vec<_> = visits
        .filter(|it| it.setting == "visits-per-month")
        .collect();
    let [visits] = visits[..] else {
        panic!("{visits:?}");
    };
    assert_eq!((visits.value, visits.tried), (0, 1));
    assert_eq!(visits.tally.as_ref().unwrap().losses, 3);
    let quotas = report.effects.iter();
    let quotas: Vec<_> = quotas
        .filter(|it| it.setting == "village-households")
        .map(|it| (it.value, it.tried))
        .collect();
    assert_eq!(quotas, [(50, 48), (50, 52)]);

    let report = preview(
        &world,
        Ask {
            settings: none,
            against: Some((policy, None)),
            ..ask(policy)
        },
    );
    let report = report.await.unwrap();
    assert_eq!((report.total.gains, report.total.losses), (3, 0));
    assert_eq!(report.difference.before.unwrap().enactment, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn those_who_write_approve_and_enact_may_try_and_nobody_else() {
    let (world, policy) = paired().await;
    let try_as = |role, digits| {
        let (gateway, ask) = (world.gateway.clone(), ask(policy));
        async move { gateway.preview(&caller(role, digits), ask).await.map(drop) }
    };
    for role in ["county-office", "approver", "policy-developer"] {
        try_as(role, COUNTY).await.unwrap();
        assert!(matches!(
            try_as(role, TOWNSHIP).await,
            Err(Error::Denied(_))
        ));
    }
    for role in [
        "village-cadre",
        "township-officer",
        "auditor",
        "province-viewer",
    ] {
        let refused = try_as(role, COUNTY).await;
        assert!(matches!(refused, Err(Error::Denied(_))), "{role}");
    }
}
