//! Cases, notices and objections: each refusal is reached with nothing written, and whatever is tried, the steps of a case
//! stay in order.

use lika_core::{
    command::{Change, Refusal},
    log::{Action, Kind},
    record::{
        Body, BodyMessage, Calendar, Case, CaseSubject, ConditionFound, Grant, Item, Notice,
        Objection, ObjectionFinding, ObjectionTexts, Officer, Procedure, Step, Taken, Votes,
        area_id,
    },
    value::{Code, Digest, Label, Name, RecordId},
    working_days::{Counted, WorkingDays},
};
use proptest::{collection::vec, prelude::*};

use crate::county::*;

const CASE: RecordId = id(50);
const POSTED: RecordId = id(51);
const OBJECTION: RecordId = id(52);
/// Officers: of the village, of the township, two of the county, and a second account of the township's.
const OF_VILLAGE: RecordId = id(60);
const OF_TOWNSHIP: RecordId = id(61);
const OF_COUNTY: RecordId = id(62);
const ALSO_OF_TOWNSHIP: RecordId = id(63);

fn step(name: &str, act: &str, level: &str, least: u16, most: u16) -> Step {
    Step {
        code: code(name),
        act: code(act),
        level: code(level),
        least,
        most,
        counted: Counted::Calendar,
    }
}

/// Application, appraisal, review after two days, a notice of seven, approval, entry.
fn procedure(kind: &str, from: u32) -> Procedure {
    Procedure {
        kind: code(kind),
        name: Label::parse("某县办理流程").unwrap(),
        from: day(from),
        until: None,
        steps: vec![
            step("application", "application", "village", 0, 0),
            step("appraisal", "appraisal", "village", 0, 10),
            step("review", "review", "township", 2, 10),
            step("notice", "notice", "village", 7, 15),
            step("approval", "approval", "county", 0, 10),
            step("entry", "entry", "county", 0, 10),
        ],
        objection_days: 5,
    }
}

fn exit_procedure() -> Procedure {
    Procedure {
        steps: vec![
            step("house-check", "survey", "village", 0, 0),
            step("entry", "entry", "county", 0, 0),
        ],
        ..procedure("exit", 20_150_101)
    }
}

fn put_in_force(procedure: Procedure, digits: &str) -> Change {
    Change::create(procedure.id_in(&area(digits)), area(digits), procedure)
}

fn appoint(id: RecordId, login: &str, role: &str, digits: &str, cadre: Option<RecordId>) -> Change {
    let officer = Officer {
        grants: vec![Grant {
            role: code(role),
            area: area(digits),
        }],
        ..officer(login, cadre)
    };
    Change::create(id, area(digits), officer)
}

fn county() -> County {
    let mut county = County::new();
    county.must(vec![
        put_in_force(procedure("identification", 20_150_101), COUNTY),
        put_in_force(exit_procedure(), COUNTY),
        appoint(OF_VILLAGE, "cun", "village-cadre", VILLAGE, None),
        appoint(
            OF_TOWNSHIP,
            "zhen",
            "township-officer",
            TOWNSHIP,
            Some(CADRE),
        ),
        appoint(
            ALSO_OF_TOWNSHIP,
            "xian2",
            "county-office",
            COUNTY,
            Some(CADRE),
        ),
        appoint(OF_COUNTY, "xian", "county-office", COUNTY, None),
    ]);
    county
}

fn case() -> Case {
    Case {
        procedure: procedure("identification", 20_150_101).id_in(&area(COUNTY)),
        kind: code("identification"),
        subject: Some(CaseSubject {
            kind: Kind::Household,
            id: HOUSEHOLD,
        }),
        opened_on: day(20_160_901),
        steps: Vec::new(),
        end: None,
        due: None,
        note: None,
    }
}

fn open(county: &mut County) {
    county.must(vec![Change::create(CASE, area(VILLAGE), case())]);
}

fn taken(name: &str, on: u32, officer: RecordId) -> Taken {
    Taken {
        step: code(name),
        on: day(on),
        officer,
        result: code("passed"),
        votes: (name == "appraisal").then_some(Votes {
            present: 30,
            in_favour: 28,
            against: 2,
        }),
        notice: (name == "notice").then_some(POSTED),
        conditions: Vec::new(),
    }
}

fn rejected(name: &str, on: u32, officer: RecordId) -> Taken {
    Taken {
        result: code("rejected"),
        ..taken(name, on, officer)
    }
}

fn adding(county: &County, step: Taken) -> Change {
    county.edit(CASE, Action::Change, |case: &mut Case| {
        case.steps.push(step)
    })
}

#[track_caller]
fn take(county: &mut County, step: Taken) {
    let (actor, change) = (step.officer, adding(county, step));
    county.decide_as(actor, vec![change]).unwrap();
}

#[track_caller]
fn refused(county: &mut County, actor: RecordId, change: Change, code: &str) -> Refusal {
    let before = county.registry.clone();
    let refused = county.decide_as(actor, vec![change]).unwrap_err();
    assert_eq!(refused.refusal.code(), code, "{refused}");
    assert!(before.same(&county.registry), "nothing is written");
    refused.refusal
}

#[track_caller]
fn step_refused(county: &mut County, step: Taken, code: &str) -> Refusal {
    let (actor, change) = (step.officer, adding(county, step));
    refused(county, actor, change, code)
}

fn notice(from: u32, until: u32) -> Notice {
    Notice {
        kind: code("identification"),
        place: Label::parse("村委会公示栏").unwrap(),
        from: day(from),
        until: day(until),
        items: vec![Item {
            case: CASE,
            village: None,
            people: Some(2),
            category: Some(code("general")),
        }],
        digest: None,
        names: Some(vec![Some(Name::parse("张三").unwrap())]),
    }
}

fn post(notice: Notice) -> Change {
    Change::create(POSTED, area(TOWNSHIP), notice)
}

/// As far as the notice, which hangs from the 7th to the 13th.
fn posted() -> County {
    let mut county = county();
    open(&mut county);
    take(&mut county, taken("application", 20_160_901, OF_VILLAGE));
    take(&mut county, taken("appraisal", 20_160_903, OF_VILLAGE));
    take(&mut county, taken("review", 20_160_905, OF_TOWNSHIP));
    county.must(vec![post(notice(20_160_907, 20_160_914))]);
    county
}

fn objection(on: u32) -> Objection {
    Objection {
        notice: POSTED,
        case: CASE,
        received_on: day(on),
        answer_due: None,
        finding: None,
        texts: Some(ObjectionTexts {
            objection: Some(text("他家有小汽车")),
            answer: None,
        }),
    }
}

fn object(id: RecordId, on: u32) -> Change {
    Change::create(id, area(VILLAGE), objection(on))
}

fn answer(county: &County, finding: &str) -> Change {
    let action = if finding == "upheld" {
        Action::Change
    } else {
        Action::Close
    };
    county.edit(OBJECTION, action, |objection: &mut Objection| {
        objection.finding = Some(ObjectionFinding {
            answered_on: day(20_160_912),
            finding: code(finding),
            officer: OF_VILLAGE,
        });
        let texts = objection.texts.get_or_insert_default();
        texts.answer = Some(text("车是他弟弟的"));
    })
}

fn close(county: &County, end: &str) -> Change {
    county.edit(CASE, Action::Close, |case: &mut Case| {
        case.end = Some(code(end))
    })
}

#[test]
fn s1_1_a_case_goes_through_its_procedure_to_the_end() {
    let mut county = posted();
    take(&mut county, taken("notice", 20_160_914, OF_VILLAGE));
    take(&mut county, taken("approval", 20_160_915, OF_COUNTY));
    take(&mut county, taken("entry", 20_160_916, OF_COUNTY));
    let done = close(&county, "completed");
    county.must(vec![done]);
    let done = Case::of(&county.registry.get(CASE).body);
    assert_eq!((done.steps.len(), done.due), (6, None));
}

#[test]
fn steps_are_taken_in_order_on_days_that_can_have_been() {
    let mut county = county();
    open(&mut county);
    let skipped = taken("appraisal", 20_160_902, OF_VILLAGE);
    let refusal = step_refused(&mut county, skipped, "step-skipped");
    assert!(refusal.to_string().contains("application"), "{refusal}");
    let early = taken("application", 20_160_831, OF_VILLAGE);
    step_refused(&mut county, early, "step-backdated");
    let tomorrow = taken("application", 20_161_002, OF_VILLAGE);
    step_refused(&mut county, tomorrow, "step-backdated");
    take(&mut county, taken("application", 20_160_902, OF_VILLAGE));
    let before = taken("appraisal", 20_160_901, OF_VILLAGE);
    step_refused(&mut county, before, "step-backdated");
    let again = taken("application", 20_160_903, OF_VILLAGE);
    step_refused(&mut county, again, "step-skipped");
    let for_another = adding(&county, taken("appraisal", 20_160_903, OF_VILLAGE));
    refused(&mut county, OF_TOWNSHIP, for_another, "invalid-field");
    let two = county.edit(CASE, Action::Change, |case: &mut Case| {
        case.steps.push(taken("appraisal", 20_160_903, OF_VILLAGE));
        case.steps.push(taken("review", 20_160_905, OF_VILLAGE));
    });
    refused(&mut county, OF_VILLAGE, two, "invalid-field");
    let rewritten = county.edit(CASE, Action::Change, |case: &mut Case| {
        case.steps[0].on = day(20_160_901)
    });
    refused(&mut county, OF_VILLAGE, rewritten, "invalid-field");
    let unfinished = close(&county, "completed");
    refused(&mut county, OF_VILLAGE, unfinished, "step-skipped");
}

#[test]
fn a_clock_says_from_which_day_on() {
    let mut county = county();
    open(&mut county);
    take(&mut county, taken("application", 20_160_901, OF_VILLAGE));
    take(&mut county, taken("appraisal", 20_160_903, OF_VILLAGE));
    let early = taken("review", 20_160_904, OF_TOWNSHIP);
    let until = day(20_160_905);
    let refusal = step_refused(&mut county, early, "clock-running");
    assert_eq!(refusal, Refusal::ClockRunning { until });
    let low = taken("review", 20_160_905, OF_VILLAGE);
    step_refused(&mut county, low, "level-too-low");
    // What is rejected waits for no clock; nothing comes after it but the end.
    take(&mut county, rejected("review", 20_160_904, OF_TOWNSHIP));
    let on = taken("notice", 20_160_914, OF_VILLAGE);
    step_refused(&mut county, on, "case-rejected");
    let completed = close(&county, "completed");
    refused(&mut county, OF_VILLAGE, completed, "case-rejected");
    let done = close(&county, "rejected");
    county.must(vec![done]);
}

#[test]
fn a_notice_hangs_for_its_clock_and_counts_for_the_step_it_was_posted_for() {
    let mut county = county();
    open(&mut county);
    let too_soon = post(notice(20_160_907, 20_160_914));
    refused(&mut county, OF_TOWNSHIP, too_soon, "step-skipped");
    let mut county = posted();
    let hangs = taken("notice", 20_160_913, OF_VILLAGE);
    step_refused(&mut county, hangs, "clock-running");
    let none = Taken {
        notice: None,
        ..taken("notice", 20_160_914, OF_VILLAGE)
    };
    step_refused(&mut county, none, "invalid-field");
    let short = Change::create(NEW, area(TOWNSHIP), notice(20_160_907, 20_160_913));
    let until = day(20_160_914);
    let refusal = refused(&mut county, OF_TOWNSHIP, short, "notice-too-short");
    assert_eq!(refusal, Refusal::NoticeTooShort { until });
    let early = Change::create(NEW, area(TOWNSHIP), notice(20_160_904, 20_160_914));
    refused(&mut county, OF_TOWNSHIP, early, "step-backdated");
    let elsewhere = Change::create(NEW, area(OTHER_VILLAGE), notice(20_160_907, 20_160_914));
    refused(&mut county, OF_TOWNSHIP, elsewhere, "other-area");
    let other_kind = Notice {
        kind: code("exit"),
        ..notice(20_160_907, 20_160_914)
    };
    let other_kind = Change::create(NEW, area(TOWNSHIP), other_kind);
    refused(&mut county, OF_TOWNSHIP, other_kind, "invalid-field");
    let altered = county.edit(POSTED, Action::Change, |notice: &mut Notice| {
        notice.until = day(20_160_920)
    });
    refused(&mut county, OF_TOWNSHIP, altered, "invalid-field");
    // One that was withdrawn does not count; one that counted is not withdrawn.
    let mut withdrawn = posted();
    let withdraw = withdrawn.edit(POSTED, Action::Close, |_: &mut Notice| {});
    withdrawn.must(vec![withdraw]);
    let gone = taken("notice", 20_160_914, OF_VILLAGE);
    step_refused(&mut withdrawn, gone, "no-such-record");
    take(&mut county, taken("notice", 20_160_914, OF_VILLAGE));
    let withdraw = county.edit(POSTED, Action::Close, |_: &mut Notice| {});
    refused(&mut county, OF_TOWNSHIP, withdraw, "notice-counted");
}

#[test]
fn s2_9_a_second_notice_is_not_the_first_one_again() {
    let mut county = County::new();
    let twice = Procedure {
        steps: vec![
            step("first", "notice", "village", 5, 0),
            step("second", "notice", "village", 5, 0),
        ],
        ..procedure("identification", 20_150_101)
    };
    county.must(vec![put_in_force(twice, COUNTY)]);
    open(&mut county);
    county.must(vec![post(notice(20_160_901, 20_160_906))]);
    let with = |name: &str, on| Taken {
        notice: Some(POSTED),
        ..taken(name, on, OF_VILLAGE)
    };
    take(&mut county, with("first", 20_160_906));
    step_refused(&mut county, with("second", 20_160_911), "not-on-notice");
}

#[test]
fn the_digest_is_of_the_printed_text_whatever_a_client_gives() {
    let mut county = posted();
    let withdraw = county.edit(POSTED, Action::Close, |_: &mut Notice| {});
    county.must(vec![withdraw]);
    let forged = Notice {
        digest: Some(Digest([7; 32])),
        ..notice(20_160_907, 20_160_914)
    };
    county.must(vec![Change::create(NEW, area(TOWNSHIP), forged)]);
    let notice = Notice::of(&county.registry.get(NEW).body);
    let printed = notice.printed().unwrap();
    assert_eq!(
        printed,
        "识别公示\n地点：村委会公示栏\n时间：2016-09-07 至 2016-09-14\n1. 张三 某地 2人 一般贫困户\n"
    );
    assert_eq!(notice.digest, Some(Digest::of(printed.as_bytes())));
}

#[test]
fn no_number_of_a_person_an_account_or_a_phone_can_be_posted() {
    let mut county = posted();
    for wrong in [
        "11010519491231002X",
        "110105 194912 310 02X",
        "１３８００１３８０００",
        "138-0013-8000",
        "138—0013—8000",
        "138:0013+8000",
        "6781234",
        "0799-678-1234",
        "一三八〇〇一三八〇〇〇",
        "①③⑧⓪⓪①③⑧⓪⓪⓪",
        "6222020200112233445",
        "1101 0549 张 1231 002",
    ] {
        let place = Notice {
            place: Label::parse(&format!("村委会 {wrong}")).unwrap(),
            ..notice(20_160_907, 20_160_914)
        };
        let place = Change::create(NEW, area(TOWNSHIP), place);
        refused(&mut county, OF_TOWNSHIP, place, "forbidden-in-notice");
        let name = Notice {
            names: Some(vec![Some(Name::parse(&format!("张三{wrong}")).unwrap())]),
            ..notice(20_160_907, 20_160_914)
        };
        let name = Change::create(NEW, area(TOWNSHIP), name);
        refused(&mut county, OF_TOWNSHIP, name, "forbidden-in-notice");
    }
    let sound = Notice {
        place: Label::parse("幸福路1024号 三组 2016-09-07").unwrap(),
        ..notice(20_160_907, 20_160_914)
    };
    county.must(vec![Change::create(NEW, area(TOWNSHIP), sound)]);
}

#[test]
fn an_open_objection_blocks_and_an_upheld_one_leaves_only_rejection() {
    let mut county = posted();
    county.must(vec![object(OBJECTION, 20_160_909)]);
    let received = Objection::of(&county.registry.get(OBJECTION).body);
    // The 9th is a Friday, so five working days later is the next one.
    assert_eq!(received.answer_due, Some(day(20_160_916)));
    let on = taken("notice", 20_160_914, OF_VILLAGE);
    step_refused(&mut county, on.clone(), "objection-open");
    step_refused(
        &mut county,
        rejected("notice", 20_160_914, OF_VILLAGE),
        "objection-open",
    );
    let nobody = answer(&county, "upheld");
    refused(&mut county, OF_COUNTY, nobody, "invalid-field");
    let mut dismissed = county.clone();
    let answered = answer(&dismissed, "dismissed");
    dismissed.decide_as(OF_VILLAGE, vec![answered]).unwrap();
    take(&mut dismissed, on.clone());

    let answered = answer(&county, "upheld");
    county.decide_as(OF_VILLAGE, vec![answered]).unwrap();
    step_refused(&mut county, on, "objection-upheld");
    let keeps = county.edit(OBJECTION, Action::Close, |_: &mut Objection| {});
    refused(&mut county, OF_VILLAGE, keeps, "invalid-field");
    take(&mut county, rejected("notice", 20_160_914, OF_VILLAGE));
    let done = close(&county, "rejected");
    county.must(vec![done]);
    let settled = county.edit(OBJECTION, Action::Close, |_: &mut Objection| {});
    county.must(vec![settled]);
}

#[test]
fn objections_are_received_while_the_notice_hangs_and_are_bounded() {
    let mut county = posted();
    for on in [20_160_906, 20_160_914] {
        let late = object(OBJECTION, on);
        refused(&mut county, OF_VILLAGE, late, "not-while-posted");
    }
    let silent = Objection {
        texts: None,
        ..objection(20_160_909)
    };
    let silent = Change::create(OBJECTION, area(VILLAGE), silent);
    refused(&mut county, OF_VILLAGE, silent, "invalid-field");
    let elsewhere = Change::create(OBJECTION, area(OTHER_VILLAGE), objection(20_160_909));
    refused(&mut county, OF_VILLAGE, elsewhere, "other-area");
    for number in 150..200 {
        county.must(vec![object(id(number), 20_160_909)]);
    }
    let one_more = object(OBJECTION, 20_160_909);
    refused(&mut county, OF_VILLAGE, one_more, "too-many-objections");
}

#[test]
fn nobody_approves_what_the_same_person_has_reviewed() {
    let mut county = posted();
    take(&mut county, taken("notice", 20_160_914, OF_VILLAGE));
    let same_person = taken("approval", 20_160_915, ALSO_OF_TOWNSHIP);
    step_refused(&mut county, same_person, "same-person");
    take(&mut county, taken("approval", 20_160_915, OF_COUNTY));
}

#[test]
fn a_subject_has_one_open_case_of_a_kind() {
    let mut county = county();
    open(&mut county);
    let again = Change::create(NEW, area(VILLAGE), case());
    refused(&mut county, OF_VILLAGE, again, "already-in-case");
    let withdrawn = close(&county, "withdrawn");
    county.must(vec![withdrawn]);
    county.must(vec![Change::create(NEW, area(VILLAGE), case())]);
}

#[test]
fn a_case_is_about_somebody_here_by_the_procedure_in_force() {
    let mut county = county();
    let by = |change: Case, digits: &str| Change::create(CASE, area(digits), change);
    let other = Case {
        procedure: id(99),
        ..case()
    };
    refused(
        &mut county,
        OF_VILLAGE,
        by(other, VILLAGE),
        "procedure-not-in-force",
    );
    let too_early = Case {
        opened_on: day(20_141_231),
        ..case()
    };
    refused(
        &mut county,
        OF_VILLAGE,
        by(too_early, VILLAGE),
        "procedure-not-in-force",
    );
    refused(
        &mut county,
        OF_VILLAGE,
        by(case(), OTHER_VILLAGE),
        "other-area",
    );
    let village = Case {
        subject: Some(CaseSubject {
            kind: Kind::Area,
            id: area_id(&area(VILLAGE)),
        }),
        ..case()
    };
    refused(
        &mut county,
        OF_VILLAGE,
        by(village, VILLAGE),
        "invalid-field",
    );
    let applicant = Case {
        subject: None,
        ..case()
    };
    refused(
        &mut county,
        OF_VILLAGE,
        by(applicant.clone(), TOWNSHIP),
        "not-a-village",
    );
    county.must(vec![by(applicant, VILLAGE)]);
    // Registered in the end, and then somebody for good.
    let registered = county.edit(CASE, Action::Change, |it: &mut Case| {
        it.subject = case().subject
    });
    county.must(vec![registered]);
    let another = county.edit(CASE, Action::Change, |it: &mut Case| {
        it.subject = Some(CaseSubject {
            kind: Kind::Member,
            id: HEAD,
        })
    });
    refused(&mut county, OF_VILLAGE, another, "invalid-field");
}

#[test]
fn a_case_keeps_the_procedure_it_began_with_and_the_nearest_area_decides() {
    let mut county = county();
    open(&mut county);
    let later = Procedure {
        steps: vec![step("entry", "entry", "county", 0, 0)],
        ..procedure("identification", 20_160_915)
    };
    let of_township = procedure("identification", 20_160_920);
    county.must(vec![
        put_in_force(later.clone(), COUNTY),
        put_in_force(of_township.clone(), TOWNSHIP),
    ]);
    take(&mut county, taken("application", 20_160_930, OF_VILLAGE));
    let withdrawn = close(&county, "withdrawn");
    county.must(vec![withdrawn]);
    for (on, in_force) in [
        (
            20_160_914,
            procedure("identification", 20_150_101).id_in(&area(COUNTY)),
        ),
        (20_160_915, later.id_in(&area(COUNTY))),
        (20_160_920, of_township.id_in(&area(TOWNSHIP))),
    ] {
        let found = lika_core::cases::in_force(
            &county.registry,
            &area(VILLAGE),
            &code("identification"),
            day(on),
        );
        let Ok(found) = found;
        assert_eq!(found.map(|found| found.id), Some(in_force), "{on}");
    }
}

#[test]
fn what_a_procedure_says_stays() {
    let mut county = county();
    let id = procedure("identification", 20_150_101).id_in(&area(COUNTY));
    let shorter = county.edit(id, Action::Change, |it: &mut Procedure| {
        it.steps.pop();
    });
    refused(&mut county, OF_COUNTY, shorter, "invalid-field");
    let ends = county.edit(id, Action::Change, |it: &mut Procedure| {
        it.until = Some(day(20_170_101))
    });
    county.must(vec![ends]);
    let elsewhere = Change::create(NEW, area(COUNTY), procedure("exit", 20_160_101));
    refused(&mut county, OF_COUNTY, elsewhere, "wrong-id");
}

#[test]
fn a_procedure_that_cannot_be_is_refused() {
    let with = |steps: Vec<Step>| {
        let wrong = Procedure {
            steps,
            ..procedure("exit", 20_160_101)
        };
        let message: BodyMessage = Body::from(wrong).message();
        Body::parse(message).unwrap_err().to_string()
    };
    let wrong = [
        vec![],
        vec![step("a", "announcement", "county", 0, 0)],
        vec![step("a", "notice", "village", 0, 0)],
        vec![step("a", "review", "village", 5, 4)],
        vec![step("a", "dance", "village", 0, 0)],
        vec![step("a", "review", "moon", 0, 0)],
        vec![step("a", "review", "village", 0, 0); 2],
        vec![step("a", "review", "village", 0, 367)],
    ];
    let faults: Vec<String> = wrong.into_iter().map(with).collect();
    expect_test::expect![[r#"
        steps: must be given
        steps.act: an announcement comes after an approval
        steps.least: a notice is posted for a day at least
        steps.most: must not be less than the least days
        steps.act: "dance" is not in the code list step-act
        steps.level: "moon" is not in the code list step-level
        steps.code: "a" stands there twice
        steps.most: must be from 0 to 366"#]]
    .assert_eq(&faults.join("\n"));
}

#[test]
fn s4_11_the_survey_of_an_exit_says_of_each_condition_whether_it_is_met() {
    let mut county = county();
    let exit = Case {
        procedure: exit_procedure().id_in(&area(COUNTY)),
        kind: code("exit"),
        ..case()
    };
    county.must(vec![Change::create(CASE, area(VILLAGE), exit)]);
    let nothing = taken("house-check", 20_160_901, OF_VILLAGE);
    step_refused(&mut county, nothing.clone(), "invalid-field");
    let list = lika_core::codes::list("exit-condition").unwrap().entries;
    assert_eq!(list.len(), 7);
    let found = list.iter().map(|entry| ConditionFound {
        condition: entry.to_code(),
        met: entry.code != "skill",
        evidence: code("seen"),
    });
    let whole = Taken {
        conditions: found.collect(),
        ..nothing
    };
    let six = Taken {
        conditions: whole.conditions[..6].to_vec(),
        ..whole.clone()
    };
    step_refused(&mut county, six, "invalid-field");
    // An open condition is for the policy exit-review to refuse.
    take(&mut county, whole);
}

#[test]
fn due_days_count_working_days_by_the_calendar() {
    let mut county = county();
    let working = Procedure {
        steps: vec![Step {
            counted: Counted::Working,
            ..step("review", "review", "township", 0, 5)
        }],
        ..procedure("correction", 20_150_101)
    };
    let calendar = Calendar {
        year: year(2016),
        holidays: vec![day(20_160_915), day(20_160_916)],
        workdays: vec![day(20_160_918)],
    };
    let correction = Case {
        procedure: working.id_in(&area(COUNTY)),
        kind: code("correction"),
        opened_on: day(20_160_912),
        due: Some(day(20_300_101)),
        ..case()
    };
    county.must(vec![
        put_in_force(working, COUNTY),
        Change::create(
            Calendar::id_for(&area(COUNTY), year(2016)),
            area(COUNTY),
            calendar,
        ),
        Change::create(CASE, area(VILLAGE), correction),
    ]);
    // The 13th, 14th, then Sunday the 18th that is worked, 19th, 20th: Mid-Autumn and Saturday are not.
    let due = Case::of(&county.registry.get(CASE).body).due;
    assert_eq!(due, Some(day(20_160_920)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_is_tried_the_steps_of_a_case_stay_in_order(
        attempts in vec((0usize..6, 0i32..30, 0usize..4, any::<bool>()), 1..30)
    ) {
        let mut county = posted();
        let procedure = procedure("identification", 20_150_101);
        let officers = [OF_VILLAGE, OF_TOWNSHIP, OF_COUNTY, ALSO_OF_TOWNSHIP];
        for (place, after, officer, is_rejected) in attempts {
            let planned: &Code = &procedure.steps[place].code;
            let on = day(20_160_901).plus_days(after).unwrap().number();
            let step = if is_rejected {
                rejected(planned.as_str(), on, officers[officer])
            } else {
                taken(planned.as_str(), on, officers[officer])
            };
            let change = adding(&county, step);
            // Refused or not, what stands is in order.
            let _ = county.decide_as(officers[officer], vec![change]);
            let case = Case::of(&county.registry.get(CASE).body);
            let names = case.steps.iter().map(|it| &it.step);
            prop_assert!(names.eq(procedure.steps.iter().take(case.steps.len()).map(|it| &it.code)));
            prop_assert!(case.steps.is_sorted_by_key(|it| it.on));
            let until_last = case.steps.split_last().map_or(&[][..], |(_, before)| before);
            prop_assert!(until_last.iter().all(|it| !it.is_rejected()));
        }
    }

    #[test]
    fn working_days_are_counted_one_by_one(
        start in 0i32..700, days in 0u16..60,
        holidays in vec(0i32..365, 0..20), workdays in vec(0i32..365, 0..20)
    ) {
        let first = day(20_160_101);
        let pick = |offsets: Vec<i32>| {
            let mut days: Vec<_> = offsets.into_iter().filter_map(|it| first.plus_days(it)).collect();
            days.sort();
            days.dedup();
            days
        };
        let calendar = Calendar { year: year(2016), holidays: pick(holidays), workdays: pick(workdays) };
        let clock = WorkingDays::default().with(&calendar);
        let from = first.plus_days(start).unwrap();
        let reached = clock.after(from, days, Counted::Working).unwrap();
        let between = (1..=from.days_until(reached)).filter_map(|it| from.plus_days(it));
        prop_assert_eq!(between.filter(|day| clock.is_working(*day)).count(), usize::from(days));
        prop_assert!(days == 0 || clock.is_working(reached));
        // A clock of so many working days is never over before one of as many calendar days.
        let plain = clock.after(from, days, Counted::Calendar).unwrap();
        prop_assert!(plain <= reached);
        // One clock after the other is the same as both together.
        let half = days / 2;
        let halfway = clock.after(from, half, Counted::Working).unwrap();
        prop_assert_eq!(clock.after(halfway, days - half, Counted::Working), Some(reached));
    }
}
