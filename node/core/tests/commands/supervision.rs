//! Posts, duties, findings, sanctions and assessments: what is refused, with nothing written, and what stays allowed.

use lika_core::{
    command::Change,
    duties::{self, Rhythm},
    log::{Action, Kind},
    record::{
        Answerable, Assessment, Award, Basis, Body, Bound, Cadre, Decision, Duty, Enactment,
        Evaluation, Finding, FindingTexts, Officer, Outcome, Policy, Post, ResponsibilityLetter,
        Sanction, SatisfactionSurvey, Settled, Signature, Task, area_id, decision_id,
    },
    value::{Date, Digest, Label, RecordId},
};

use bytes::Bytes;

use crate::county::*;

const POST: RecordId = id(50);
const OTHER: RecordId = id(51);
const FINDING: RecordId = id(52);
const UNIT: RecordId = id(53);
const OFFICER: RecordId = id(54);
const FIRST: RecordId = id(55);
const SECOND: RecordId = id(56);

fn label(text: &str) -> Label {
    Label::parse(text).unwrap()
}

fn create(id: RecordId, digits: &str, body: impl Into<Body>) -> Change {
    Change::create(id, area(digits), body)
}

fn cadre_himself() -> Answerable {
    Answerable {
        kind: Kind::Cadre,
        id: CADRE,
    }
}

fn township() -> Answerable {
    Answerable {
        kind: Kind::Area,
        id: area_id(&area(TOWNSHIP)),
    }
}

fn post() -> Post {
    Post {
        cadre: CADRE,
        role: code("first-secretary"),
        from: day(20160115),
        until: None,
    }
}

/// A lecture each quarter (S4.8).
fn lecture() -> Duty {
    Duty {
        code: code("lecture"),
        name: label("每季度上一堂党课"),
        rhythm: Rhythm::Quarter,
        side: code("helping"),
        bound: Bound::Roles(vec![
            code("first-secretary"),
            code("village-party-secretary"),
        ]),
        grace: 10,
        from: day(20160101),
        until: None,
    }
}

fn lecture_id() -> RecordId {
    lecture().id_in(&area(COUNTY))
}

fn task(period: u32, on: u32) -> Task {
    Task {
        duty: lecture_id(),
        holder: Answerable {
            kind: Kind::Post,
            id: POST,
        },
        period: day(period),
        result: code("done"),
        on: day(on),
        code: None,
        due: None,
        note: None,
    }
}

fn write(task: Task) -> Change {
    let id = Task::id_for(&task.duty, &task.holder.id, task.period);
    create(id, VILLAGE, task)
}

fn finding() -> Finding {
    Finding {
        subject: cadre_himself(),
        kind: code("laxity"),
        inspection: code("spot-check"),
        found_on: day(20160301),
        deadline: day(20160401),
        duty: None,
        settled: None,
        texts: Some(FindingTexts {
            note: Some(text("台账三个月未更新")),
            settlement: None,
        }),
    }
}

fn sanction(kind: &str, on: u32) -> Sanction {
    Sanction {
        subject: cadre_himself(),
        kind: code(kind),
        on: day(on),
        findings: vec![FINDING],
        lapses_on: None,
        deadline: None,
        lifted_on: None,
        penalty: None,
        decision: None,
        note: None,
    }
}

fn letter() -> ResponsibilityLetter {
    ResponsibilityLetter {
        year: year(2016),
        upper: area(COUNTY),
        lower: township(),
        goals: vec![(code("people-exited"), 1165)],
        signatures: Vec::new(),
    }
}

fn letter_id() -> RecordId {
    ResponsibilityLetter::id_for(&township().id, year(2016))
}

fn signature(side: &str, cadre: RecordId) -> Signature {
    Signature {
        side: code(side),
        cadre,
        on: day(20160201),
    }
}

fn survey(asked: u32, answers: &[(&str, u32)]) -> SatisfactionSurvey {
    let answers = answers.iter();
    SatisfactionSurvey {
        subject: township(),
        on: day(20160901),
        asked,
        answers: answers
            .map(|(answer, people)| (code(answer), *people))
            .collect(),
    }
}

fn assessment(rhythm: Rhythm, period: u32) -> Assessment {
    Assessment {
        subject: township(),
        rhythm,
        period: day(period),
        score: 9250,
        grade: code("excellent"),
        basis: Basis::Entered(label("县委文件")),
    }
}

fn assess(assessment: Assessment) -> Change {
    let id = Assessment::id_for(&assessment.subject.id, assessment.rhythm, assessment.period);
    create(id, TOWNSHIP, assessment)
}

fn award(category: &str, most: u32, recipients: &[RecordId]) -> Change {
    let award = Award {
        year: year(2016),
        category: code(category),
        most,
        recipients: recipients.to_vec(),
    };
    create(award.id_in(&area(COUNTY)), COUNTY, award)
}

/// A first secretary with a lecture each quarter, a finding about him, and somebody else.
fn county() -> County {
    let mut county = County::new();
    let officer = Officer {
        grants: Vec::new(),
        cadre: Some(CADRE),
        locked: false,
        identity: None,
        password_hash: None,
    };
    county.must(vec![
        create(OTHER, COUNTY, cadre("county", "8")),
        create(UNIT, COUNTY, unit()),
        create(OFFICER, COUNTY, officer),
        create(POST, VILLAGE, post()),
        create(lecture_id(), COUNTY, lecture()),
        create(FINDING, TOWNSHIP, finding()),
    ]);
    county
}

/// `done`, or the code of the refusal; a refusal writes nothing.
fn decide(county: &mut County, change: Change) -> &'static str {
    decide_as(county, id(8), change)
}

fn decide_as(county: &mut County, actor: RecordId, change: Change) -> &'static str {
    let (record, before) = (change.id, county.registry.find(change.id));
    match county.decide_as(actor, vec![change]) {
        Ok(_) => "done",
        Err(refused) => {
            assert_eq!(county.registry.find(record), before, "nothing is written");
            refused.refusal.code()
        }
    }
}

#[test]
fn a_post_is_held_by_an_open_cadre_where_there_is_such_an_office_and_once() {
    let mut county = county();
    assert_eq!(
        decide(&mut county, create(NEW, VILLAGE, post())),
        "already-in-post"
    );
    assert_eq!(
        decide(&mut county, create(NEW, TOWNSHIP, post())),
        "invalid-field"
    );
    let future = Post {
        from: day(20161002),
        ..post()
    };
    assert_eq!(
        decide(&mut county, create(NEW, OTHER_VILLAGE, future)),
        "in-the-future"
    );
    // 36 first secretaries and 14 key villages are not one to one (S4.7).
    assert_eq!(
        decide(&mut county, create(NEW, OTHER_VILLAGE, post())),
        "done"
    );
}

#[test]
fn a_cadre_who_is_gone_holds_no_post() {
    let mut county = county();
    let leaves = |county: &County| {
        county.edit(CADRE, Action::Close, |cadre: &mut Cadre| {
            cadre.until = Some(day(20160901));
        })
    };
    let leaving = leaves(&county);
    assert_eq!(decide(&mut county, leaving), "still-in-post");
    let ended = county.edit(POST, Action::Change, |post: &mut Post| {
        post.until = Some(day(20160901));
    });
    assert_eq!(decide(&mut county, ended), "done");
    let leaving = leaves(&county);
    assert_eq!(decide(&mut county, leaving), "done");
    assert_eq!(
        decide(&mut county, create(NEW, OTHER_VILLAGE, post())),
        "no-such-record"
    );
    let revived = county.edit(POST, Action::Change, |post: &mut Post| {
        post.until = None;
    });
    assert_eq!(decide(&mut county, revived), "invalid-field");
}

#[test]
fn a_task_is_of_a_period_that_has_begun_and_of_somebody_who_owes_it() {
    let rows = [
        (
            "before its period",
            task(20160701, 20160630),
            "task-before-period",
        ),
        ("in the future", task(20161001, 20161002), "in-the-future"),
        ("of no period", task(20160401, 20160501), "done"),
        ("within a period", task(20160402, 20160501), "invalid-field"),
        ("before the duty", task(20151001, 20160501), "not-owed"),
        // He came on 15 January and holds the post at the end of March.
        ("taken over within it", task(20160101, 20160301), "done"),
    ];
    for (name, task, expected) in rows {
        assert_eq!(decide(&mut county(), write(task)), expected, "{name}");
    }
    let mut county = county();
    let of_cadre = Task {
        holder: cadre_himself(),
        ..task(20160401, 20160501)
    };
    let id = Task::id_for(&of_cadre.duty, &CADRE, of_cadre.period);
    let change = create(id, TOWNSHIP, of_cadre);
    assert_eq!(decide(&mut county, change), "not-owed");
    let change = create(NEW, VILLAGE, task(20160401, 20160501));
    assert_eq!(decide(&mut county, change), "wrong-id");
    let change = write(task(20160401, 20160501));
    assert_eq!(decide(&mut county, change), "done");
    let change = write(task(20160401, 20160501));
    assert_eq!(decide(&mut county, change), "stale-revision", "done once");
}

#[test]
fn what_is_excused_is_excused_in_words_and_by_somebody_else() {
    let mut county = county();
    let excused = |note: Option<&str>| {
        write(Task {
            result: code("excused"),
            note: Some(note.map(text)),
            ..task(20160401, 20160501)
        })
    };
    assert_eq!(decide(&mut county, excused(None)), "invalid-field");
    assert_eq!(
        decide_as(&mut county, OFFICER, excused(Some("抗洪"))),
        "excuses-oneself"
    );
    assert_eq!(decide(&mut county, excused(Some("抗洪"))), "done");
}

#[test]
fn what_a_duty_says_stays() {
    let mut county = county();
    let edited = county.edit(lecture_id(), Action::Change, |duty: &mut Duty| {
        duty.rhythm = Rhythm::Year;
    });
    assert_eq!(decide(&mut county, edited), "invalid-field");
    let ended = county.edit(lecture_id(), Action::Change, |duty: &mut Duty| {
        duty.until = Some(day(20160701));
    });
    assert_eq!(decide(&mut county, ended), "done");
    assert_eq!(
        decide(&mut county, write(task(20160701, 20160901))),
        "not-owed"
    );
}

#[test]
fn the_account_says_who_owes_what_and_what_is_late() {
    let mut county = county();
    county.must(vec![write(task(20160101, 20160301))]);
    county.must(vec![write(task(20160401, 20160901))]);
    let account = |on: u32| {
        let owed = duties::account(&county.registry, &area(COUNTY), day(20160101), day(on));
        let line = |owed: &duties::Owed| {
            let state = match &owed.task {
                Some(task) if task.is_late() => "done late",
                Some(_) => "done",
                None if owed.is_late_on(day(on)) => "late",
                None => "due",
            };
            format!("{} {} {state}", owed.period.first, owed.due)
        };
        owed.unwrap().iter().map(line).collect::<Vec<_>>()
    };
    assert_eq!(account(20160110), ["2016-01-01 2016-04-10 due"]);
    let in_july = [
        "2016-01-01 2016-04-10 done",
        "2016-04-01 2016-07-10 late",
        "2016-07-01 2016-10-10 due",
    ];
    assert_eq!(account(20160711), in_july);
    let in_october = [
        "2016-01-01 2016-04-10 done",
        "2016-04-01 2016-07-10 done late",
        "2016-07-01 2016-10-10 due",
        "2016-10-01 2017-01-10 due",
    ];
    assert_eq!(account(20161001), in_october);
}

#[test]
fn a_finding_is_settled_once_and_after_it_was_made() {
    let mut county = county();
    let settle = |county: &County, on: u32, end: &str| {
        county.edit(FINDING, Action::Change, |finding: &mut Finding| {
            finding.settled = Some(Settled {
                on: day(on),
                end: code(end),
            });
        })
    };
    let early = settle(&county, 20160229, "put-right");
    assert_eq!(decide(&mut county, early), "settled-before-found");
    let late = settle(&county, 20161002, "put-right");
    assert_eq!(decide(&mut county, late), "in-the-future");
    let settled = settle(&county, 20160301, "put-right");
    assert_eq!(decide(&mut county, settled), "done");
    let otherwise = settle(&county, 20160302, "unfounded");
    assert_eq!(decide(&mut county, otherwise), "invalid-field");
    let elsewhere = create(NEW, VILLAGE, finding());
    assert_eq!(decide(&mut county, elsewhere), "other-area");
}

#[test]
fn a_sanction_rests_on_findings_about_the_same_subject() {
    let rows: [(&str, fn(&mut Sanction), &str); 4] = [
        ("none", |it| it.findings.clear(), "sanction-without-finding"),
        (
            "no finding",
            |it| it.findings = vec![VISIT],
            "sanction-without-finding",
        ),
        (
            "found later",
            |it| it.on = day(20160229),
            "sanction-without-finding",
        ),
        ("one", |_| {}, "done"),
    ];
    for (name, edit, expected) in rows {
        let mut reprimand = sanction("reprimand", 20160305);
        edit(&mut reprimand);
        let change = create(NEW, TOWNSHIP, reprimand);
        assert_eq!(decide(&mut county(), change), expected, "{name}");
    }
    let mut county = county();
    let about_another = Sanction {
        subject: Answerable {
            kind: Kind::Cadre,
            id: OTHER,
        },
        ..sanction("reprimand", 20160305)
    };
    let change = create(NEW, COUNTY, about_another);
    assert_eq!(decide(&mut county, change), "sanction-without-finding");
    county.must(vec![create(NEW, TOWNSHIP, sanction("naming", 20160305))]);
    for (action, end) in [(Action::Change, "unfounded"), (Action::Close, "put-right")] {
        let change = county.edit(FINDING, action, |finding: &mut Finding| {
            finding.settled = Some(Settled {
                on: day(20160401),
                end: code(end),
            });
        });
        assert_eq!(decide(&mut county, change), "finding-sanctioned", "{end}");
    }
}

#[test]
fn no_rung_is_skipped_and_a_lapsed_one_is_forgotten() {
    let mut county = county();
    for kind in ["interview", "accountability"] {
        let change = create(NEW, TOWNSHIP, sanction(kind, 20160305));
        assert_eq!(decide(&mut county, change), "rung-skipped", "{kind}");
    }
    let reprimand = Sanction {
        lapses_on: Some(day(20160705)),
        ..sanction("reprimand", 20160305)
    };
    let change = create(FIRST, TOWNSHIP, reprimand);
    assert_eq!(decide(&mut county, change), "done");
    let change = create(NEW, TOWNSHIP, sanction("accountability", 20160405));
    assert_eq!(decide(&mut county, change), "rung-skipped");
    let change = create(NEW, TOWNSHIP, sanction("interview", 20160304));
    assert_eq!(decide(&mut county, change), "step-backdated");
    let change = create(NEW, TOWNSHIP, sanction("interview", 20160705));
    assert_eq!(decide(&mut county, change), "rung-skipped", "lapsed");
    let change = create(SECOND, TOWNSHIP, sanction("interview", 20160704));
    assert_eq!(decide(&mut county, change), "done");
    let back = county.edit(FIRST, Action::Close, |_: &mut Sanction| {});
    assert_eq!(decide(&mut county, back), "sanction-followed");
    let last = Sanction {
        penalty: Some(code("dismissal")),
        ..sanction("accountability", 20160901)
    };
    assert_eq!(decide(&mut county, create(NEW, TOWNSHIP, last)), "done");
    let back = county.edit(NEW, Action::Close, |_: &mut Sanction| {});
    assert_eq!(decide(&mut county, back), "done");
}

#[test]
fn a_yellow_card_stands_beside_the_ladder_and_is_lifted() {
    let mut county = county();
    let card = Sanction {
        deadline: Some(day(20160601)),
        ..sanction("yellow-card", 20160305)
    };
    assert_eq!(decide(&mut county, create(NEW, TOWNSHIP, card)), "done");
    let change = create(FIRST, TOWNSHIP, sanction("interview", 20160405));
    assert_eq!(decide(&mut county, change), "rung-skipped");
    let lifted = county.edit(NEW, Action::Change, |card: &mut Sanction| {
        card.lifted_on = Some(day(20160501));
    });
    assert_eq!(decide(&mut county, lifted), "done");
    let moved = county.edit(NEW, Action::Change, |card: &mut Sanction| {
        card.deadline = Some(day(20161201));
    });
    assert_eq!(decide(&mut county, moved), "invalid-field");
}

#[test]
fn a_letter_is_signed_level_by_level_and_once_by_each_side() {
    let mut county = county();
    let to_the_top = ResponsibilityLetter {
        upper: area("36"),
        ..letter()
    };
    let change = create(letter_id(), TOWNSHIP, to_the_top);
    assert_eq!(decide(&mut county, change), "invalid-field");
    let change = create(letter_id(), TOWNSHIP, letter());
    assert_eq!(decide(&mut county, change), "done");
    let sign = |county: &County, side: &str, cadre: RecordId| {
        let signed = signature(side, cadre);
        county.edit(
            letter_id(),
            Action::Change,
            move |letter: &mut ResponsibilityLetter| letter.signatures.push(signed),
        )
    };
    let change = sign(&county, "lower", CADRE);
    assert_eq!(decide(&mut county, change), "done");
    let change = sign(&county, "lower", OTHER);
    assert_eq!(decide(&mut county, change), "side-signed");
    let change = sign(&county, "upper", CADRE);
    assert_eq!(decide(&mut county, change), "signs-for-both");
    let change = county.edit(
        letter_id(),
        Action::Change,
        |letter: &mut ResponsibilityLetter| letter.goals[0].1 = 1,
    );
    assert_eq!(decide(&mut county, change), "invalid-field");
    let change = sign(&county, "upper", OTHER);
    assert_eq!(decide(&mut county, change), "done");
    let change = sign(&county, "upper", OTHER);
    assert_eq!(decide(&mut county, change), "side-signed");
}

#[test]
fn nobody_answers_who_was_not_asked() {
    let mut county = county();
    let beyond = survey(100, &[("satisfied", 90), ("dissatisfied", 11)]);
    assert_eq!(
        decide(&mut county, create(NEW, TOWNSHIP, beyond)),
        "more-answers-than-asked"
    );
    let all = survey(100, &[("satisfied", 90), ("dissatisfied", 10)]);
    assert_eq!((all.answered(), all.satisfied()), (100, 90));
    assert_eq!(decide(&mut county, create(NEW, TOWNSHIP, all)), "done");
}

#[test]
fn an_assessment_is_of_a_whole_period_and_there_is_one() {
    let mut county = county();
    let within = assess(assessment(Rhythm::Year, 20160201));
    assert_eq!(decide(&mut county, within), "invalid-field");
    let ahead = assess(assessment(Rhythm::Year, 20170101));
    assert_eq!(decide(&mut county, ahead), "in-the-future");
    for (rhythm, period) in [
        (Rhythm::Year, 20160101),
        (Rhythm::ThreeYears, 20140101),
        (Rhythm::TwoMonths, 20160901),
    ] {
        let change = assess(assessment(rhythm, period));
        assert_eq!(decide(&mut county, change), "done", "{rhythm:?}");
    }
    let again = assess(assessment(Rhythm::Year, 20160101));
    assert_eq!(decide(&mut county, again), "stale-revision");
}

/// A decision about the township, with the policy, the enactment and the run behind it.
fn decided(county: &mut County, purpose: &str, outcome: Outcome, score: Option<i64>) -> RecordId {
    let of = |what: &str| RecordId::derived(what, purpose.as_bytes());
    let component = Digest::of(purpose.as_bytes());
    let policy = Policy {
        name: label(purpose),
        version: label("0.1.0"),
        purpose: code(purpose),
        component,
        size: 1,
        package: Digest([3; 32]),
        signed_with: Vec::new(),
    };
    let enactment = Enactment {
        policy: Policy::id_for(&component),
        purpose: code(purpose),
        settings: "{}".to_owned(),
        from: day(20161001),
        until: None,
        preview: Digest([2; 32]),
        approvals: Vec::new(),
        binding: false,
        suspended: false,
        brings_back: None,
    };
    let evaluation = Evaluation {
        enactment: of("enactment"),
        component,
        settings: Digest([2; 32]),
        engine: "wasmtime".to_owned(),
        as_of: (1, 1),
        scope: "county".to_owned(),
        input: Bytes::new(),
        output: Bytes::new(),
        failure: None,
        tables: Vec::new(),
    };
    let decision = Decision {
        evaluation: of("evaluation"),
        purpose: code(purpose),
        subject_kind: Kind::Area,
        subject: township().id,
        outcome,
        amount: None,
        reasons: Vec::new(),
        comparisons: Vec::new(),
        proposals: Vec::new(),
        score,
    };
    let id = decision_id(&decision.purpose, &decision.subject);
    county.must(vec![
        create(Policy::id_for(&component), COUNTY, policy),
        create(of("enactment"), COUNTY, enactment),
        create(of("evaluation"), COUNTY, evaluation),
        create(id, TOWNSHIP, decision),
    ]);
    id
}

#[test]
fn what_is_taken_from_a_decision_is_what_it_says() {
    let mut county = county();
    let granted = Outcome::Granted(code("excellent"));
    let decision = decided(&mut county, "assessment", granted, Some(9250));
    let other = Assessment {
        score: 9251,
        basis: Basis::Decision(decision),
        ..assessment(Rhythm::Year, 20160101)
    };
    assert_eq!(
        decide(&mut county, assess(other.clone())),
        "other-than-decided"
    );
    let same = Assessment {
        score: 9250,
        ..other
    };
    let better = Assessment {
        grade: code("good"),
        ..same.clone()
    };
    assert_eq!(decide(&mut county, assess(better)), "other-than-decided");
    assert_eq!(decide(&mut county, assess(same)), "done");

    let granted = Outcome::Granted(code("reprimand"));
    let decision = decided(&mut county, "supervision", granted, None);
    county.must(vec![create(
        FIRST,
        TOWNSHIP,
        Finding {
            subject: township(),
            ..finding()
        },
    )]);
    let about = |kind: &str| Sanction {
        subject: township(),
        findings: vec![FIRST],
        decision: Some(decision),
        ..sanction(kind, 20160305)
    };
    let change = create(SECOND, TOWNSHIP, about("naming"));
    assert_eq!(decide(&mut county, change), "other-than-decided");
    let change = create(SECOND, TOWNSHIP, about("reprimand"));
    assert_eq!(decide(&mut county, change), "done");
}

#[test]
fn no_more_are_commended_than_there_may_be() {
    let mut county = county();
    let both = [CADRE, OTHER];
    assert_eq!(
        decide(&mut county, award("person", 1, &both)),
        "award-beyond-number"
    );
    assert_eq!(
        decide(&mut county, award("person", 10, &[UNIT])),
        "no-such-record"
    );
    let village = area_id(&area(VILLAGE));
    assert_eq!(
        decide(&mut county, award("township", 3, &[village])),
        "invalid-field"
    );
    let change = award("person", 2, &[CADRE]);
    let id = change.id;
    assert_eq!(decide(&mut county, change), "done");
    let more = county.edit(id, Action::Change, |award: &mut Award| award.most = 3);
    assert_eq!(decide(&mut county, more), "invalid-field");
    let more = county.edit(id, Action::Change, |award: &mut Award| {
        award.recipients = vec![CADRE, OTHER, UNIT];
    });
    assert_eq!(decide(&mut county, more), "award-beyond-number");
}

mod periods {
    use super::*;
    use lika_core::value::{Span, Year};
    use proptest::{prelude::*, sample::select};

    fn any_day() -> impl Strategy<Value = Date> {
        (0..70_000i32).prop_map(|days| day(19010101).plus_days(days).unwrap())
    }

    fn any_rhythm() -> impl Strategy<Value = Rhythm> {
        select(Rhythm::ALL.to_vec())
    }

    fn any_first() -> impl Strategy<Value = Year> {
        (1990u16..2030).prop_map(year)
    }

    proptest! {
        #[test]
        fn every_day_is_in_one_period_and_the_next_begins_when_it_ends(
            rhythm in any_rhythm(), on in any_day(), first in any_first(),
        ) {
            let period = rhythm.period_of(on, first).unwrap();
            prop_assert!(period.first <= on && on <= period.last);
            prop_assert_eq!(rhythm.period_of(period.first, first), Some(period));
            prop_assert_eq!(rhythm.period_of(period.last, first), Some(period));
            let next = period.last.plus_days(1).unwrap();
            prop_assert_eq!(rhythm.period_of(next, first).unwrap().first, next);
        }

        #[test]
        fn periods_of_the_calendar_tile_every_year(rhythm in any_rhythm(), number in 1901u16..2090) {
            let year = year(number);
            if !matches!(rhythm, Rhythm::Week | Rhythm::ThreeYears) {
                let begins = rhythm.period_of(year.first_day(), year).unwrap();
                let ends = rhythm.period_of(year.last_day(), year).unwrap();
                prop_assert_eq!(begins.first, year.first_day());
                prop_assert_eq!(ends.last, year.last_day());
            }
        }

        #[test]
        fn nothing_is_due_twice_and_a_successor_leaves_no_gap(
            rhythm in any_rhythm(), from in any_day(), days in 0..3000i32, change in 1..3000i32,
        ) {
            let duty = Duty { rhythm, from, ..lecture() };
            let by = from.plus_days(days).unwrap();
            let changes = from.plus_days(change).unwrap();
            let whole = Span::new(from, None).unwrap();
            let predecessor = Span::new(from, Some(changes)).unwrap();
            let successor = Span::new(changes, None).unwrap();
            let of = |span: &Span| duties::periods(&duty, span, from, by);
            let all = of(&whole);
            prop_assert!(all.windows(2).all(|two| two[0].last < two[1].first));
            prop_assert_eq!([of(&predecessor), of(&successor)].concat(), all);
        }
    }
}
