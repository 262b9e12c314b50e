//! Measures, projects, contracts, trainings, covers and the income of villages: what is refused, and what stays allowed.

use lika_core::{
    command::Change,
    log::Action,
    record::{
        Approval, Body, BodyMessage, CollectiveIncome, Contract, Cover, End, Enterprise, Household,
        Measure, Officer, Project, ReachedStage, Stage, Training,
    },
    value::{Digest, Fen, Label, RecordId},
};

use crate::county::*;

const PROJECT: RecordId = id(30);
const MEASURE: RecordId = id(31);
const INSURER: RecordId = id(32);
const BASE: RecordId = id(33);
const COVER: RecordId = id(34);
/// Two people, the second with two accounts.
const FIRST: RecordId = id(35);
const SECOND: RecordId = id(36);
const ALSO_SECOND: RecordId = id(37);

fn label(text: &str) -> Label {
    Label::parse(text).unwrap()
}

fn create(id: RecordId, digits: &str, body: impl Into<Body>) -> Change {
    Change::create(id, area(digits), body)
}

fn step(stage: Stage, officer: RecordId, on: u32) -> ReachedStage {
    ReachedStage {
        stage,
        on: day(on),
        by: Approval {
            officer,
            cadre: (officer != FIRST).then_some(CADRE),
        },
        evidence: Some(Digest([7; 32])),
    }
}

fn proposed() -> Project {
    Project {
        name: label("烟叶基地"),
        project_type: code("planting"),
        year: year(2016),
        budget: vec![
            (code("county-budget"), Fen(600_000)),
            (code("donation"), Fen(400_000)),
        ],
        households: 20,
        steps: vec![step(Stage::Proposed, FIRST, 20160101)],
        actual: None,
        reimbursed: None,
        end: None,
        village_batch: None,
    }
}

fn measure() -> Measure {
    Measure {
        household: Some(HOUSEHOLD),
        member: Some(WIFE),
        kind: code("job-training"),
        project: None,
        from: day(20160301),
        until: None,
        amount: Some(Fen(50_000)),
        results: vec![code("skill")],
    }
}

fn contract() -> Contract {
    Contract {
        household: HOUSEHOLD,
        organisation: BASE,
        kind: code("hosting"),
        product: Some(label("油茶")),
        volume: Some((450, code("mu"))),
        price: Some(Fen(1_200)),
        added_income: None,
        from: day(20160301),
        until: Some(day(20190301)),
        ended_on: None,
    }
}

fn cover() -> Cover {
    Cover {
        household: HOUSEHOLD,
        member: Some(WIFE),
        kind: code("small-accident"),
        insurer: INSURER,
        premium: Fen(3_000),
        paid_by: code("higher-government"),
        from: day(20160101),
        until: day(20170101),
    }
}

fn training() -> Training {
    Training {
        kind: code("course"),
        audience: code("household"),
        title: label("养蜂技术"),
        on: day(20160301),
        days: 2,
        place: label("村部"),
        attendances: 40,
        questions_resolved: None,
        attendees: vec![HEAD, CADRE],
        unit: None,
    }
}

fn income(sources: &[(&str, i64)]) -> CollectiveIncome {
    let sources = sources.iter();
    CollectiveIncome {
        year: year(2015),
        sources: sources
            .map(|(source, fen)| (code(source), Fen(*fen)))
            .collect(),
    }
}

fn enterprise(kind: &str) -> Enterprise {
    Enterprise {
        name: label("某公司"),
        kind: code(kind),
    }
}

/// Three officers, two companies, and a project that the first has proposed.
fn county() -> County {
    let mut county = County::new();
    let officer = |id, cadre| {
        let officer = Officer {
            grants: Vec::new(),
            cadre,
            locked: false,
            identity: None,
            password_hash: None,
        };
        create(id, COUNTY, officer)
    };
    county.must(vec![
        officer(FIRST, None),
        officer(SECOND, Some(CADRE)),
        officer(ALSO_SECOND, Some(CADRE)),
        create(INSURER, COUNTY, enterprise("insurer")),
        create(BASE, TOWNSHIP, enterprise("hosting-base")),
    ]);
    county
        .decide_as(FIRST, vec![create(PROJECT, TOWNSHIP, proposed())])
        .unwrap();
    county
}

/// `done`, or the code of the refusal.
fn decide(county: &mut County, changes: Vec<Change>) -> &'static str {
    decide_as(county, id(8), changes)
}

fn decide_as(county: &mut County, actor: RecordId, changes: Vec<Change>) -> &'static str {
    match county.decide_as(actor, changes) {
        Ok(_) => "done",
        Err(refused) => refused.refusal.code(),
    }
}

/// Edits the project as this officer.
fn edit(county: &mut County, actor: RecordId, edit: impl FnOnce(&mut Project)) -> &'static str {
    let change = county.edit(PROJECT, Action::Change, edit);
    decide_as(county, actor, vec![change])
}

fn advance(county: &mut County, stage: Stage, officer: RecordId, on: u32) -> &'static str {
    edit(county, officer, |project| {
        project.steps.push(step(stage, officer, on));
    })
}

/// Brings the project to a stage, the second officer approving and accepting.
fn bring_to(county: &mut County, last: Stage) {
    for stage in Stage::ALL.into_iter().skip(1) {
        if stage > last {
            return;
        }
        let officer = match stage {
            Stage::Approved | Stage::Accepted => SECOND,
            _ => FIRST,
        };
        let done = edit(county, officer, |project| {
            project.steps.push(step(stage, officer, 20160201));
            match stage {
                Stage::Accepted => project.actual = Some(Fen(900_000)),
                Stage::Reimbursed => project.reimbursed = Some(Fen(900_000)),
                _ => {}
            }
        });
        assert_eq!(done, "done", "{stage:?}");
    }
}

#[test]
fn a_project_begins_as_a_proposal_in_person() {
    let mut county = county();
    let mut born = proposed();
    born.steps.push(step(Stage::Approved, SECOND, 20160101));
    let change = create(NEW, TOWNSHIP, born);
    assert_eq!(decide_as(&mut county, FIRST, vec![change]), "stage-skipped");
    let mut nobody = proposed();
    nobody.steps.clear();
    let change = create(NEW, TOWNSHIP, nobody);
    assert_eq!(decide_as(&mut county, FIRST, vec![change]), "stage-skipped");
    let change = create(NEW, TOWNSHIP, proposed());
    assert_eq!(
        decide_as(&mut county, SECOND, vec![change]),
        "not-the-approver"
    );
    let mut spent = proposed();
    spent.actual = Some(Fen(1));
    let change = create(NEW, TOWNSHIP, spent);
    assert_eq!(decide_as(&mut county, FIRST, vec![change]), "not-accepted");
}

#[test]
fn no_stage_is_skipped_repeated_backdated_or_dreamt_of() {
    let mut county = county();
    for stage in [Stage::Contracted, Stage::Accepted, Stage::Proposed] {
        let done = advance(&mut county, stage, SECOND, 20160201);
        assert_eq!(done, "stage-skipped", "{stage:?}");
    }
    let backdated = advance(&mut county, Stage::Approved, SECOND, 20151231);
    assert_eq!(backdated, "stage-backdated");
    let dreamt = advance(&mut county, Stage::Approved, SECOND, 20161002);
    assert_eq!(dreamt, "in-the-future");
    assert_eq!(
        edit(&mut county, SECOND, |project| project.steps.clear()),
        "invalid-field"
    );
    bring_to(&mut county, Stage::FollowedUp);
    let again = edit(&mut county, FIRST, |project| {
        project.steps[3].on = day(20160202)
    });
    assert_eq!(again, "invalid-field");
}

#[test]
fn it_takes_two_people_to_approve_to_accept_and_to_reimburse() {
    let mut county = county();
    let own = advance(&mut county, Stage::Approved, FIRST, 20160201);
    assert_eq!(own, "same-person");
    let for_another = edit(&mut county, FIRST, |project| {
        project.steps.push(step(Stage::Approved, SECOND, 20160201));
    });
    assert_eq!(for_another, "not-the-approver");
    let hidden = edit(&mut county, SECOND, |project| {
        let mut hidden = step(Stage::Approved, SECOND, 20160201);
        hidden.by.cadre = None;
        project.steps.push(hidden);
    });
    assert_eq!(hidden, "invalid-field");

    bring_to(&mut county, Stage::UnderWay);
    let accept = |county: &mut County, officer| {
        edit(county, officer, |project| {
            project.steps.push(step(Stage::Accepted, officer, 20160201));
            project.actual = Some(Fen(900_000));
        })
    };
    assert_eq!(accept(&mut county, FIRST), "same-person");
    assert_eq!(accept(&mut county, SECOND), "done");
    let reimburse = |county: &mut County, officer, fen| {
        edit(county, officer, |project| {
            project
                .steps
                .push(step(Stage::Reimbursed, officer, 20160201));
            project.reimbursed = Some(Fen(fen));
        })
    };
    // Another account of the person who accepted it.
    assert_eq!(reimburse(&mut county, ALSO_SECOND, 900_000), "same-person");
    assert_eq!(reimburse(&mut county, FIRST, 900_001), "invalid-field");
    assert_eq!(reimburse(&mut county, FIRST, 900_000), "done");
}

#[test]
fn what_it_cost_is_known_with_the_acceptance_and_reimbursed_after_it() {
    let mut county = county();
    bring_to(&mut county, Stage::UnderWay);
    let early = edit(&mut county, FIRST, |project| {
        project.reimbursed = Some(Fen(1))
    });
    assert_eq!(early, "not-accepted");
    let early = edit(&mut county, FIRST, |project| project.actual = Some(Fen(1)));
    assert_eq!(early, "not-accepted");
    let silent = advance(&mut county, Stage::Accepted, SECOND, 20160201);
    assert_eq!(silent, "invalid-field");
    bring_to_accepted(&mut county);
    let unpaid = edit(&mut county, FIRST, |project| {
        project.reimbursed = Some(Fen(1))
    });
    assert_eq!(unpaid, "invalid-field");
    let altered = edit(&mut county, FIRST, |project| project.actual = Some(Fen(1)));
    assert_eq!(altered, "invalid-field");
}

fn bring_to_accepted(county: &mut County) {
    let done = edit(county, SECOND, |project| {
        project.steps.push(step(Stage::Accepted, SECOND, 20160201));
        project.actual = Some(Fen(900_000));
    });
    assert_eq!(done, "done");
}

#[test]
fn what_was_approved_stays_and_a_proposal_can_be_mended() {
    type Edit = fn(&mut Project);
    let edits: [(&str, Edit); 5] = [
        ("name", |project| project.name = label("别的")),
        ("type", |project| project.project_type = code("road")),
        ("year", |project| project.year = year(2015)),
        ("budget", |project| project.budget[0].1 = Fen(1)),
        ("households", |project| project.households = 1),
    ];
    for (field, change) in edits {
        let mut county = county();
        assert_eq!(edit(&mut county, FIRST, change), "done", "{field}");
        bring_to(&mut county, Stage::Approved);
        let back: Edit = |project| {
            let before = proposed();
            project.name = before.name;
            project.project_type = before.project_type;
            project.year = before.year;
            project.budget = before.budget;
            project.households = before.households;
        };
        assert_eq!(edit(&mut county, FIRST, back), "invalid-field", "{field}");
    }
}

#[test]
fn a_project_is_cancelled_before_its_acceptance_and_completed_after_its_last_stage() {
    let end = |reason: &str, on| {
        Some(End {
            reason: code(reason),
            on: day(on),
        })
    };
    let mut county = county();
    bring_to(&mut county, Stage::UnderWay);
    let early = edit(&mut county, FIRST, |it| it.end = end("completed", 20160301));
    assert_eq!(early, "stage-skipped");
    let backdated = edit(&mut county, FIRST, |it| it.end = end("cancelled", 20160101));
    assert_eq!(backdated, "stage-backdated");
    let close = county.edit(PROJECT, Action::Close, |_: &mut Project| {});
    assert_eq!(decide_as(&mut county, FIRST, vec![close]), "invalid-field");
    let mut other = self::county();
    bring_to(&mut other, Stage::FollowedUp);
    let late = edit(&mut other, FIRST, |it| it.end = end("cancelled", 20160301));
    assert_eq!(late, "invalid-field");
    let done = edit(&mut other, FIRST, |it| it.end = end("completed", 20160301));
    assert_eq!(done, "done");

    let cancel = edit(&mut county, FIRST, |it| it.end = end("cancelled", 20160301));
    assert_eq!(cancel, "done");
    let after = advance(&mut county, Stage::Accepted, SECOND, 20160401);
    assert_eq!(after, "invalid-field");
    // Nobody gets a measure of it any more.
    let mut late = measure();
    late.project = Some(PROJECT);
    assert_eq!(
        decide(&mut county, vec![create(MEASURE, VILLAGE, late)]),
        "invalid-field"
    );
}

#[test]
fn a_measure_is_for_somebody_registered() {
    type Edit = fn(&mut Measure);
    let rows: &[(&str, &str, Edit, &str)] = &[
        ("as it should be", VILLAGE, |_| {}, "done"),
        (
            "of no household",
            VILLAGE,
            |it| it.household = Some(NEW),
            "no-such-record",
        ),
        ("elsewhere", OTHER_VILLAGE, |_| {}, "other-area"),
        ("in a township", TOWNSHIP, |_| {}, "not-a-village"),
        (
            "of a stranger",
            VILLAGE,
            |it| it.member = Some(CADRE),
            "no-such-record",
        ),
        (
            "of no project",
            VILLAGE,
            |it| it.project = Some(NEW),
            "no-such-record",
        ),
        (
            "of a project",
            VILLAGE,
            |it| it.project = Some(PROJECT),
            "done",
        ),
        (
            "given tomorrow",
            VILLAGE,
            |it| it.from = day(20161002),
            "in-the-future",
        ),
        (
            "ended tomorrow",
            VILLAGE,
            |it| it.until = Some(day(20161002)),
            "in-the-future",
        ),
        (
            "planned for tomorrow",
            VILLAGE,
            |it| {
                it.from = day(20161002);
                it.amount = None;
                it.results.clear();
            },
            "done",
        ),
    ];
    for (name, place, edit, expected) in rows {
        let mut county = county();
        let mut measure = measure();
        edit(&mut measure);
        let change = create(MEASURE, place, measure);
        assert_eq!(decide(&mut county, vec![change]), *expected, "{name}");
    }
}

#[test]
fn a_measure_is_given_once_at_a_time() {
    let mut county = county();
    county.must(vec![create(MEASURE, VILLAGE, measure())]);
    let again = || vec![create(NEW, VILLAGE, measure())];
    assert_eq!(decide(&mut county, again()), "already-given");
    let mut husband = measure();
    husband.member = Some(HEAD);
    county.must(vec![create(id(101), VILLAGE, husband)]);
    let moved = county.edit(MEASURE, Action::Change, |it: &mut Measure| {
        it.member = Some(HEAD)
    });
    assert_eq!(decide(&mut county, vec![moved]), "invalid-field");
    // A project that is fixed later is written in, once.
    let fixed = county.edit(MEASURE, Action::Change, |it: &mut Measure| {
        it.project = Some(PROJECT);
    });
    county.must(vec![fixed]);
    let ended = county.edit(MEASURE, Action::Change, |it: &mut Measure| {
        it.until = Some(day(20160401));
    });
    county.must(vec![ended]);
    let mut later = measure();
    later.from = day(20160401);
    later.project = Some(PROJECT);
    county.must(vec![create(NEW, VILLAGE, later)]);
}

#[test]
fn a_village_gets_a_measure_once_and_its_neighbour_too() {
    let mut county = county();
    let of_village = || Measure {
        household: None,
        member: None,
        kind: code("infrastructure"),
        results: Vec::new(),
        ..measure()
    };
    county.must(vec![
        create(MEASURE, VILLAGE, of_village()),
        create(id(101), OTHER_VILLAGE, of_village()),
    ]);
    let again = vec![create(NEW, VILLAGE, of_village())];
    assert_eq!(decide(&mut county, again), "already-given");
}

#[test]
fn a_measure_that_tells_of_health_names_no_member() {
    let mut sick = measure();
    sick.kind = code("medical-aid");
    let message: BodyMessage = Body::from(sick).message();
    let fault = Body::parse(message).unwrap_err();
    assert_eq!(fault.field, "member");
}

#[test]
fn a_closed_household_gets_nothing_and_signs_nothing() {
    let mut county = county();
    let ended = |county: &County, id| {
        county.edit(
            id,
            Action::Close,
            |member: &mut lika_core::record::Member| {
                member.until = Some((day(20160901), code("moved-away")));
            },
        )
    };
    let changes = vec![
        ended(&county, HEAD),
        ended(&county, WIFE),
        county.edit(
            PAIRING,
            Action::Close,
            |it: &mut lika_core::record::Pairing| {
                it.until = Some(day(20160901));
            },
        ),
        county.edit(HOUSEHOLD, Action::Close, |_: &mut Household| {}),
    ];
    county.must(changes);
    let contract = contract();
    for change in [
        create(MEASURE, VILLAGE, measure()),
        create(contract.id(), VILLAGE, contract),
        create(COVER, VILLAGE, cover()),
    ] {
        assert_eq!(decide(&mut county, vec![change]), "no-such-record");
    }
}

#[test]
fn a_contract_is_written_down_once_with_an_organisation() {
    let mut county = county();
    let signed = contract();
    let change = |contract: Contract| create(contract.id(), VILLAGE, contract);
    county.must(vec![change(signed.clone())]);
    assert_eq!(
        decide(&mut county, vec![change(signed.clone())]),
        "stale-revision"
    );
    assert_eq!(
        decide(&mut county, vec![create(NEW, VILLAGE, signed.clone())]),
        "wrong-id"
    );
    let with_cadre = Contract {
        organisation: CADRE,
        ..signed.clone()
    };
    assert_eq!(
        decide(&mut county, vec![change(with_cadre)]),
        "no-such-record"
    );
    let tomorrow = Contract {
        from: day(20161002),
        ..signed.clone()
    };
    assert_eq!(decide(&mut county, vec![change(tomorrow)]), "in-the-future");
    let elsewhere = Contract {
        product: None,
        ..signed.clone()
    };
    let elsewhere = create(elsewhere.id(), OTHER_VILLAGE, elsewhere);
    assert_eq!(decide(&mut county, vec![elsewhere]), "other-area");
    let end = county.edit(signed.id(), Action::Change, |it: &mut Contract| {
        it.ended_on = Some(day(20160801));
        it.added_income = Some(Fen(1_000_000));
    });
    county.must(vec![end]);
    let other = county.edit(signed.id(), Action::Change, |it: &mut Contract| {
        it.product = None;
    });
    assert_eq!(decide(&mut county, vec![other]), "wrong-id");
}

#[test]
fn nobody_is_insured_twice_or_by_somebody_who_does_not_insure() {
    let mut county = county();
    let change = |id, cover: Cover| vec![create(id, VILLAGE, cover)];
    assert_eq!(decide(&mut county, change(COVER, cover())), "done");
    assert_eq!(decide(&mut county, change(NEW, cover())), "already-covered");
    let next = Cover {
        from: day(20170101),
        until: day(20180101),
        ..cover()
    };
    assert_eq!(decide(&mut county, change(NEW, next)), "done");
    let by_base = Cover {
        insurer: BASE,
        member: None,
        ..cover()
    };
    assert_eq!(
        decide(&mut county, change(id(101), by_base)),
        "invalid-field"
    );
    let stranger = Cover {
        member: Some(CADRE),
        ..cover()
    };
    assert_eq!(
        decide(&mut county, change(id(101), stranger)),
        "no-such-record"
    );
    let moved = county.edit(COVER, Action::Change, |it: &mut Cover| it.member = None);
    assert_eq!(decide(&mut county, vec![moved]), "invalid-field");
}

#[test]
fn who_is_named_at_a_training_is_registered() {
    let mut county = county();
    county.must(vec![create(NEW, TOWNSHIP, training())]);
    let mut of_nobody = training();
    of_nobody.attendees = vec![PROJECT];
    let change = create(id(101), TOWNSHIP, of_nobody);
    assert_eq!(decide(&mut county, vec![change]), "no-such-record");
    let mut by_nobody = training();
    by_nobody.unit = Some(CADRE);
    let change = create(id(101), TOWNSHIP, by_nobody);
    assert_eq!(decide(&mut county, vec![change]), "no-such-record");
    let mut tomorrow = training();
    tomorrow.on = day(20161002);
    let change = create(id(101), TOWNSHIP, tomorrow);
    assert_eq!(decide(&mut county, vec![change]), "in-the-future");
    let mut fewer = training();
    fewer.attendances = 1;
    let message: BodyMessage = Body::from(fewer).message();
    assert_eq!(Body::parse(message).unwrap_err().field, "attendees");
}

#[test]
fn a_village_has_one_income_a_year() {
    let mut county = county();
    let id_of = |digits: &str, of| CollectiveIncome::id_for(&area(digits), year(of));
    let stated = || income(&[("leasing", 3_000_000), ("subsidy", 1)]);
    assert_eq!(stated().total(), Fen(3_000_001));
    county.must(vec![create(id_of(VILLAGE, 2015), VILLAGE, stated())]);
    for (id, place, of, expected) in [
        (id_of(VILLAGE, 2015), VILLAGE, 2015, "stale-revision"),
        (NEW, OTHER_VILLAGE, 2015, "wrong-id"),
        (id_of(TOWNSHIP, 2015), TOWNSHIP, 2015, "not-a-village"),
        (id_of(VILLAGE, 2017), VILLAGE, 2017, "invalid-field"),
    ] {
        let mut income = stated();
        income.year = year(of);
        let change = create(id, place, income);
        assert_eq!(decide(&mut county, vec![change]), expected);
    }
}
