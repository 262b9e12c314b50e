//! Whole-village batches, and helpers that are assigned: what is refused, with nothing written, and what stays allowed.

use lika_core::{
    command::Change,
    log::{Action, Kind},
    record::{
        Approval, Area, Body, Case, CaseSubject, HelperLevel, Officer, Procedure, Project,
        ReachedStage, Stage, Step, Taken, VillageBatch, area_id,
    },
    value::{AreaCode, Fen, Label, RecordId, Span},
    whole_village::{self, Progress},
    working_days::Counted,
};

use crate::county::*;

const BATCH: RecordId = id(70);
const OTHER: RecordId = id(71);
const PROJECT: RecordId = id(72);
const OFFICER: RecordId = id(73);
const SECOND: RecordId = id(74);
const CASE: RecordId = id(75);

fn create(id: RecordId, digits: &str, body: impl Into<Body>) -> Change {
    Change::create(id, area(digits), body)
}

fn batch(villages: &[&str], from: u32, until: u32) -> VillageBatch {
    VillageBatch {
        name: Label::parse("第一批").unwrap(),
        villages: villages.iter().map(|code| area(code)).collect(),
        span: Span::new(day(from), Some(day(until))).unwrap(),
    }
}

fn step(stage: Stage, officer: RecordId) -> ReachedStage {
    ReachedStage {
        stage,
        on: day(20_160_301),
        by: Approval {
            officer,
            cadre: None,
        },
        evidence: None,
    }
}

fn project(batch: Option<RecordId>) -> Project {
    Project {
        name: Label::parse("村道硬化").unwrap(),
        project_type: code("road"),
        year: year(2016),
        budget: vec![(code("county-budget"), Fen(100))],
        households: 1,
        steps: vec![step(Stage::Proposed, OFFICER)],
        actual: None,
        reimbursed: None,
        end: None,
        village_batch: batch,
    }
}

fn officer() -> Officer {
    Officer {
        grants: Vec::new(),
        cadre: None,
        locked: false,
        identity: None,
        password_hash: None,
    }
}

/// Both villages are key villages from 2016 on, and the first one is in a batch of two years.
fn county() -> County {
    let mut county = County::new();
    let key = |digits: &str| {
        county.edit(area_id(&area(digits)), Action::Change, |area: &mut Area| {
            area.key_village = vec![Span::new(day(20_160_101), None).unwrap()];
        })
    };
    let keys = vec![key(VILLAGE), key(OTHER_VILLAGE)];
    county.must(keys);
    county.must(vec![
        create(OFFICER, COUNTY, officer()),
        create(SECOND, COUNTY, officer()),
        create(BATCH, COUNTY, batch(&[VILLAGE], 20_160_101, 20_180_101)),
    ]);
    county
}

/// `done`, or the code of the refusal, with nothing written.
fn decide(county: &mut County, actor: RecordId, change: Change) -> &'static str {
    let before = county.registry.clone();
    match county.decide_as(actor, vec![change]) {
        Ok(_) => "done",
        Err(refused) => {
            assert!(before.same(&county.registry), "nothing is written");
            refused.refusal.code()
        }
    }
}

#[test]
fn s1_5_a_village_is_a_key_village_and_in_one_batch_at_a_time() {
    let mut county = county();
    for (planned, digits, expected) in [
        (
            batch(&[VILLAGE], 20_170_101, 20_190_101),
            COUNTY,
            "already-in-batch",
        ),
        (
            batch(&[OTHER_VILLAGE], 20_150_101, 20_180_101),
            COUNTY,
            "not-a-key-village",
        ),
        (
            batch(&["360323101299"], 20_160_101, 20_180_101),
            COUNTY,
            "unknown-area",
        ),
        (
            batch(&[OTHER_VILLAGE], 20_160_101, 20_180_101),
            VILLAGE,
            "other-area",
        ),
        (
            batch(&[VILLAGE, OTHER_VILLAGE], 20_180_101, 20_200_101),
            TOWNSHIP,
            "done",
        ),
    ] {
        let change = create(OTHER, digits, planned);
        assert_eq!(decide(&mut county, OFFICER, change), expected);
    }
    let longer = county.edit(BATCH, Action::Change, |batch: &mut VillageBatch| {
        batch.span = Span::new(batch.span.from(), None).unwrap();
    });
    assert_eq!(decide(&mut county, OFFICER, longer), "already-in-batch");
    let earlier = county.edit(BATCH, Action::Change, |batch: &mut VillageBatch| {
        batch.span = Span::new(day(20_160_201), Some(day(20_180_101))).unwrap();
    });
    assert_eq!(decide(&mut county, OFFICER, earlier), "invalid-field");
}

#[test]
fn s1_5_projects_name_the_batch_of_their_village_and_year() {
    let mut county = county();
    let mut propose =
        |digits, project| decide(&mut county, OFFICER, create(PROJECT, digits, project));
    assert_eq!(propose(OTHER_VILLAGE, project(Some(BATCH))), "not-in-batch");
    assert_eq!(propose(TOWNSHIP, project(Some(BATCH))), "not-in-batch");
    assert_eq!(propose(VILLAGE, project(Some(OTHER))), "no-such-record");
    let late = Project {
        year: year(2018),
        ..project(Some(BATCH))
    };
    assert_eq!(propose(VILLAGE, late), "invalid-field");
    assert_eq!(propose(VILLAGE, project(Some(BATCH))), "done");

    let without = county.edit(BATCH, Action::Change, |batch: &mut VillageBatch| {
        batch.villages = vec![area(OTHER_VILLAGE)];
    });
    assert_eq!(decide(&mut county, OFFICER, without), "still-in-batch");
    let closed = county.edit(BATCH, Action::Close, |_: &mut VillageBatch| {});
    assert_eq!(decide(&mut county, OFFICER, closed), "still-in-batch");

    // As it was approved, so it stays.
    let approve = county.edit(PROJECT, Action::Change, |project: &mut Project| {
        project.steps.push(step(Stage::Approved, SECOND));
    });
    assert_eq!(decide(&mut county, SECOND, approve), "done");
    let apart = county.edit(PROJECT, Action::Change, |project: &mut Project| {
        project.village_batch = None;
    });
    assert_eq!(decide(&mut county, OFFICER, apart), "invalid-field");
}

#[test]
fn s1_5_a_batch_is_as_far_as_its_projects() {
    let of = |stages: usize, actual: Option<i64>| Project {
        steps: Stage::ALL[..stages]
            .iter()
            .map(|it| step(*it, OFFICER))
            .collect(),
        actual: actual.map(Fen),
        ..project(Some(BATCH))
    };
    let projects = [of(1, None), of(2, None), of(6, Some(90)), of(7, Some(80))];
    let batch = batch(&[VILLAGE, OTHER_VILLAGE], 20_160_101, 20_180_101);
    let expected = Progress {
        villages: 2,
        projects: 3,
        accepted: 2,
        budget: Fen(300),
        actual: Fen(170),
        reimbursed: Fen(0),
    };
    assert_eq!(whole_village::progress(&batch, &projects), Ok(expected));
}

fn taken(step: &str) -> Taken {
    Taken {
        step: code(step),
        on: day(20_160_902),
        officer: OFFICER,
        result: code("passed"),
        votes: None,
        notice: None,
        conditions: Vec::new(),
    }
}

fn planned(name: &str, act: &str) -> Step {
    Step {
        code: code(name),
        act: code(act),
        level: code("village"),
        least: 0,
        most: 0,
        counted: Counted::Calendar,
    }
}

#[test]
fn s4_6_a_helper_is_assigned_by_a_pairing_after_the_review() {
    let mut county = County::new();
    let procedure = Procedure {
        kind: code("helper-assignment"),
        name: Label::parse("推荐结对帮扶").unwrap(),
        from: day(20_150_101),
        until: None,
        objection_days: 5,
        steps: vec![
            planned("recommendation", "application"),
            planned("review", "review"),
            planned("assignment", "assignment"),
        ],
    };
    let own: AreaCode = area(COUNTY);
    let case = Case {
        procedure: procedure.id_in(&own),
        kind: code("helper-assignment"),
        subject: Some(CaseSubject {
            kind: Kind::Household,
            id: HOUSEHOLD,
        }),
        opened_on: day(20_160_901),
        steps: Vec::new(),
        end: None,
        due: None,
        note: None,
    };
    county.must(vec![
        Change::create(procedure.id_in(&own), own, procedure),
        create(CASE, VILLAGE, case),
    ]);
    let take = |county: &mut County, step: &str| {
        let change = county.edit(CASE, Action::Change, |case: &mut Case| {
            case.steps.push(taken(step));
        });
        decide(county, OFFICER, change)
    };
    assert_eq!(take(&mut county, "recommendation"), "done");
    assert_eq!(take(&mut county, "assignment"), "step-skipped");
    assert_eq!(take(&mut county, "review"), "done");
    // The helper whom the household had before is none that was assigned.
    assert_eq!(take(&mut county, "assignment"), "no-helper-assigned");
    let mut helper = pairing(HOUSEHOLD, OTHER, HelperLevel::Section);
    helper.from = day(20_160_902);
    county.must(vec![
        create(OTHER, COUNTY, cadre("section-deputy", "8")),
        create(NEW, VILLAGE, helper),
    ]);
    assert_eq!(take(&mut county, "assignment"), "done");
}
