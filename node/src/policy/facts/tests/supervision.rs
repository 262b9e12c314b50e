//! What supervision knows of a cadre, and by what a township is assessed.

use lika_core::{
    duties::Rhythm,
    log::Kind as RecordKind,
    record::{
        Answerable, Approval, Area, Bound, Cadre, Duty, Finding, HelperLevel, IncomeStatement,
        Pairing, Post, Project, ReachedStage, ResponsibilityLetter, Sanction, SatisfactionSurvey,
        Settled, Signature, Stage, Task, area_id,
    },
    value::{AreaCode, Date, Fen, Label, RecordId},
};

use super::{
    super::{records::Found, supervision::Supervised},
    *,
};

const CADRE: RecordId = RecordId([10; 16]);
const POST: RecordId = RecordId([11; 16]);
const DUTY: RecordId = RecordId([12; 16]);

fn area(digits: &str) -> AreaCode {
    AreaCode::parse(digits).unwrap()
}

fn on(number: u32) -> Date {
    Date::from_number(number).unwrap()
}

fn label(text: &str) -> Label {
    Label::parse(text).unwrap()
}

fn found<T>(number: u8, digits: &str, body: T) -> Found<T> {
    Found {
        id: RecordId([number; 16]),
        area: area(digits),
        body,
    }
}

fn finding(end: Option<&str>) -> Finding {
    Finding {
        subject: Answerable {
            kind: RecordKind::Cadre,
            id: CADRE,
        },
        kind: code("laxity"),
        inspection: code("spot-check"),
        found_on: on(20_200_301),
        deadline: on(20_200_401),
        duty: None,
        settled: end.map(|end| Settled {
            on: on(20_200_402),
            end: code(end),
        }),
        texts: None,
    }
}

/// A first secretary since July 2019 with a lecture each quarter, of which the first was given.
fn supervised() -> Supervised {
    let duty = Duty {
        code: code("lecture"),
        name: label("党课"),
        rhythm: Rhythm::Quarter,
        side: code("helping"),
        bound: Bound::Roles(vec![code("first-secretary")]),
        grace: 10,
        from: on(20_190_101),
        until: None,
    };
    let post = Post {
        cadre: CADRE,
        role: code("first-secretary"),
        from: on(20_190_701),
        until: None,
    };
    let sanction = Sanction {
        subject: Answerable {
            kind: RecordKind::Cadre,
            id: CADRE,
        },
        kind: code("reprimand"),
        on: on(20_200_305),
        findings: vec![RecordId([13; 16])],
        lapses_on: None,
        deadline: None,
        lifted_on: None,
        penalty: None,
        decision: None,
        note: None,
    };
    Supervised {
        duties: vec![found(12, "360323", duty)],
        posts: vec![found(11, "360323101201", post)],
        done: [Task::id_for(&DUTY, &POST, on(20_190_701))].into(),
        findings: vec![
            found(13, "360323", finding(None)),
            found(14, "360323", finding(Some("unfounded"))),
            found(15, "360323", finding(Some("put-right"))),
        ],
        sanctions: vec![found(16, "360323", sanction)],
        ..Supervised::default()
    }
}

fn cadres(records: &Records, day: Date) -> Vec<(&'static str, Fact)> {
    let group = Group {
        area: area("360323"),
        on: day,
        proposed: &[],
    };
    let mut tables = super::super::Tables::new();
    super::super::supervision::add_cadres(&mut tables, records, &group);
    tables["cadre"][0].facts.clone()
}

fn records() -> Records {
    let cadre = Cadre {
        rank: code("section-deputy"),
        unit: None,
        from: on(20_100_101),
        until: None,
        identity: None,
    };
    let pairing = Pairing {
        household: HOUSEHOLD,
        cadre: CADRE,
        role: code("focus"),
        level: HelperLevel::Section,
        responsible: true,
        from: on(20_200_101),
        until: None,
        decision: None,
    };
    let mut records = Records {
        cadres: vec![Found {
            id: CADRE,
            area: area("360323"),
            body: cadre,
        }],
        supervised: supervised(),
        ..Records::default()
    };
    records
        .pairings
        .insert(HOUSEHOLD, vec![found(17, "360323101201", pairing)]);
    records
}

#[test]
fn a_cadre_is_seen_with_tasks_visits_findings_and_the_last_rung() {
    let mut records = records();
    let told = cadres(&records, day());
    let expected = [
        ("cadre.key", Fact::key(&CADRE)),
        // The quarters that ended in September, December and March; the first of them was done.
        ("cadre.tasks-due", Fact::Integer(3)),
        ("cadre.tasks-late", Fact::Integer(2)),
        ("cadre.households", Fact::Integer(1)),
        ("cadre.households-unvisited", Fact::Integer(1)),
        ("cadre.findings", Fact::Integer(2)),
        ("cadre.findings-overdue", Fact::Integer(1)),
        ("cadre.rung", Fact::code("reprimand")),
        ("cadre.rung-on", Fact::date(on(20_200_305))),
    ];
    assert_eq!(told, expected);
    let keys = catalogue::table("cadre").unwrap().facts.iter();
    assert!(
        keys.map(|fact| fact.key)
            .eq(told.iter().map(|(key, _)| *key))
    );

    records.household_visits.insert((HOUSEHOLD, CADRE), 1);
    records.supervised.sanctions[0].body.lapses_on = Some(on(20_200_601));
    let told = cadres(&records, day());
    let of = |key: &str| told.iter().find(|(own, _)| *own == key).unwrap().1.clone();
    assert_eq!(of("cadre.households-unvisited"), Fact::Integer(0));
    assert_eq!(of("cadre.rung"), Fact::Absent);
}

/// A township around the village of a household of one that exited in the year.
fn township_records() -> Records {
    let township = area("360323101");
    let mut records = super::records(area("360323101201"));
    let body = Area {
        code: township,
        name: label("上埠镇"),
        key_village: Vec::new(),
        from: None,
        until: None,
        successors: Vec::new(),
    };
    records.areas.push(Found {
        id: area_id(&township),
        area: township,
        body,
    });
    records
}

fn township(records: &Records) -> Vec<(&'static str, Fact)> {
    let group = Group {
        area: area("360323"),
        on: day(),
        proposed: &[],
    };
    let mut tables = super::super::Tables::new();
    super::super::supervision::add_townships(&mut tables, records, &group);
    tables["township"][0].facts.clone()
}

fn income(year: u16, wages: i64) -> IncomeStatement {
    IncomeStatement {
        household: HOUSEHOLD,
        year: Year::new(year).unwrap(),
        wages: Fen(wages),
        business: Fen(0),
        property: Fen(0),
        transfers: Fen(0),
        expenses: Fen(0),
        persons: 3,
    }
}

/// A project that was accepted in March.
fn project(project_type: &str) -> Project {
    let stage = |stage| ReachedStage {
        stage,
        on: on(20_200_301),
        by: Approval {
            officer: CADRE,
            cadre: None,
        },
        evidence: None,
    };
    Project {
        name: label("村道硬化"),
        project_type: code(project_type),
        year: Year::new(2020).unwrap(),
        budget: Vec::new(),
        households: 1,
        steps: Stage::ALL.into_iter().take(6).map(stage).collect(),
        actual: Some(Fen(1)),
        reimbursed: None,
        end: None,
        village_batch: None,
    }
}

/// A letter of the township that these sides have signed.
fn letter(sides: &[&str]) -> ResponsibilityLetter {
    let signature = |side: &&str| Signature {
        side: code(side),
        cadre: CADRE,
        on: on(20_200_101),
    };
    ResponsibilityLetter {
        year: Year::new(2020).unwrap(),
        upper: area("360323"),
        lower: Answerable {
            kind: RecordKind::Area,
            id: area_id(&area("360323101")),
        },
        goals: vec![(code("people-exited"), 556)],
        signatures: sides.iter().map(signature).collect(),
    }
}

#[test]
fn of_a_township_of_which_little_is_recorded_little_is_known() {
    let mut records = township_records();
    let half_signed = letter(&["lower"]);
    records
        .supervised
        .add_letter(&area("360323101"), &half_signed, day());
    let expected = [
        ("township.key", Fact::code("360323101")),
        ("township.people-exited", Fact::Integer(1)),
        ("township.people-exited-in-three-years", Fact::Integer(1)),
        ("township.exit-goal", Fact::Absent),
        ("township.income-growth", Fact::Unknown),
        ("township.services", Fact::Integer(0)),
        ("township.satisfied", Fact::Absent),
    ];
    assert_eq!(township(&records), expected);
}

#[test]
fn a_township_is_assessed_by_exits_growth_services_and_satisfaction() {
    let (own, village) = (area("360323101"), area("360323101201"));
    let mut records = township_records();
    let supervised = &mut records.supervised;
    for (year, wages) in [(2019, 300_000), (2020, 330_000)] {
        supervised.add_income(&village, &income(year, wages), day());
    }
    supervised.add_project(&village, &project("road"), day());
    supervised.add_project(&village, &project("planting"), day());
    let letter = letter(&["lower", "upper"]);
    supervised.add_letter(&own, &letter, day());
    let survey = SatisfactionSurvey {
        subject: letter.lower,
        on: on(20_200_401),
        asked: 100,
        answers: vec![(code("satisfied"), 60), (code("dissatisfied"), 20)],
    };
    supervised.add_survey(&own, &survey, day());
    let told = township(&records);
    let expected = [
        ("township.key", Fact::code("360323101")),
        ("township.people-exited", Fact::Integer(1)),
        ("township.people-exited-in-three-years", Fact::Integer(1)),
        ("township.exit-goal", Fact::Integer(556)),
        ("township.income-growth", Fact::Ppm(100_000)),
        ("township.services", Fact::Integer(1)),
        ("township.satisfied", Fact::Ppm(750_000)),
    ];
    assert_eq!(told, expected);
    let keys = catalogue::table("township").unwrap().facts.iter();
    assert!(
        keys.map(|fact| fact.key)
            .eq(told.iter().map(|(key, _)| *key))
    );
}
