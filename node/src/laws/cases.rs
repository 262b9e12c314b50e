//! Procedures, calendars, cases, notices and objections.

use lika_core::{
    codes,
    command::Change,
    log::Kind,
    record::{
        Approval, Area, Calendar, Case, CaseSubject, ConditionFound, Household, Item, Member,
        Notice, Objection, ObjectionFinding, ObjectionTexts, Officer, Procedure, Record, Step,
        Taken, Votes,
    },
    value::{RecordId, Year},
    working_days::Counted,
};

use super::{
    Move,
    county::{COUNTY, County, Of, TOWNSHIPS, Try, area, code, day, edit, end, label, name, text},
    dice::Dice,
};

/// How often each is tried.
pub const MOVES: &[(usize, Move)] = &[
    (2, puts_a_procedure_in_force),
    (1, writes_a_calendar),
    (12, opens_a_case),
    (44, takes_a_step),
    (6, closes_a_case),
    (20, posts_a_notice),
    (1, withdraws_a_notice),
    (20, objects),
    (10, answers),
];

/// Short ways through every kind of case.
pub fn begin() -> Vec<Change> {
    let at = area(COUNTY);
    let kinds = codes::list("case-kind").unwrap().entries;
    let procedures = kinds.iter().map(|kind| {
        let own = procedure(kind.code, 1);
        Change::create(own.id_in(&at), at, own)
    });
    procedures.collect()
}

fn step(name: &str, act: &str, level: &str, least: u16) -> Step {
    Step {
        code: code(name),
        act: code(act),
        level: code(level),
        least,
        most: 10,
        counted: Counted::Calendar,
    }
}

/// From the first of a month; what is looked at is the exit of a household and the rest goes before a notice.
fn procedure(kind: &str, month: u8) -> Procedure {
    let mut steps = match kind {
        "exit" => vec![step("survey", "survey", "village", 0)],
        "identification" => vec![
            step("application", "application", "village", 0),
            step("appraisal", "appraisal", "village", 0),
            step("review", "review", "township", 1),
            step("notice", "notice", "village", 2),
        ],
        _ => vec![step("application", "application", "village", 0)],
    };
    steps.push(step("approval", "approval", "county", 0));
    Procedure {
        kind: code(kind),
        name: label("某县办理流程"),
        from: day(2016, month, 1),
        until: None,
        steps,
        objection_days: 5,
    }
}

fn puts_a_procedure_in_force(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let office = county.officer(dice).officer;
    let today = county.today();
    if let Some((record, _)) = county.any::<Procedure>(dice)
        && dice.once_in(4)
    {
        let change = edit(record, |own: &mut Procedure| own.until = Some(today));
        return Some(Try::one(office, change));
    }
    let kind = dice.code("case-kind");
    let own = procedure(kind.as_str(), u8::try_from(2 + dice.below(4)).unwrap());
    let at = area(dice.one(&[COUNTY, TOWNSHIPS[0], TOWNSHIPS[1]]));
    let id = own.id_in(&at);
    Some(Try::one(office, county.put(id, at, own)))
}

fn writes_a_calendar(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let office = county.officer(dice).officer;
    let (at, year) = (area(COUNTY), Year::new(2016).unwrap());
    let own = Calendar {
        year,
        holidays: vec![dice.before(day(2016, 10, 7), 200)],
        workdays: Vec::new(),
    };
    let id = Calendar::id_for(&at, year);
    Some(Try::one(office, county.put(id, at, own)))
}

fn opens_a_case(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let office = county.officer(dice).officer;
    let kind = match dice.below(4) {
        0 | 1 => code("identification"),
        2 => code("exit"),
        _ => dice.code("case-kind"),
    };
    let (kind_of_subject, subject) = match kind.as_str() {
        "village-exit" if !dice.once_in(5) => {
            let village = county.village(dice);
            let found = county.any_where(dice, |record, _: &Area| record.area == village);
            (Kind::Area, found?.0)
        }
        _ if dice.once_in(8) => (Kind::Member, county.any::<Member>(dice)?.0),
        _ => (Kind::Household, county.any::<Household>(dice)?.0),
    };
    let today = county.today();
    let in_force = county
        .all::<Procedure>()
        .into_iter()
        .filter(|(record, own)| {
            own.kind == kind && own.holds_on(today) && record.area.contains(&subject.area)
        })
        .max_by_key(|(record, own)| (record.area.level(), own.from));
    let (procedure, _) = if dice.once_in(8) {
        county.any::<Procedure>(dice)?
    } else {
        in_force?
    };
    let own = Case {
        procedure: procedure.id,
        subject: Some(CaseSubject {
            kind: kind_of_subject,
            id: subject.id,
        })
        .filter(|_| !dice.once_in(12)),
        kind,
        opened_on: today,
        steps: Vec::new(),
        end: None,
        due: None,
        note: None,
    };
    let change = Change::create(county.fresh(0), subject.area, own);
    Some(Try::one(office, change))
}

fn planned<'a>(county: &'a County, case: &Case) -> Option<&'a Step> {
    let procedure = county.records.get(&case.procedure)?;
    Procedure::of(&procedure.body)?.steps.get(case.steps.len())
}

fn takes_a_step(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let going_on = county.any_where(dice, |_, case: &Case| {
        case.end.is_none() && planned(county, case).is_some()
    });
    let (record, case) = going_on?;
    let step = if dice.once_in(12) {
        let (_, procedure) = county.any::<Procedure>(dice)?;
        dice.of(&procedure.steps)?
    } else {
        planned(county, case)?
    };
    let by = whoever_may(county, dice, record, case);
    let notice = county.any_where(dice, |_, notice: &Notice| notice.lists(&record.id));
    let notice = notice.or_else(|| county.any::<Notice>(dice));
    let is_exit_survey = step.act == "survey" && case.kind == "exit";
    let on = if dice.once_in(12) {
        dice.before(county.today(), 40)
    } else {
        county.today()
    };
    let taken = Taken {
        step: step.code.clone(),
        on,
        officer: by.officer,
        result: code(if dice.once_in(10) {
            "rejected"
        } else {
            "passed"
        }),
        votes: (step.act == "appraisal").then_some(Votes {
            present: 30,
            in_favour: 28,
            against: 2,
        }),
        notice: notice
            .filter(|_| step.act == "notice")
            .map(|(notice, _)| notice.id),
        conditions: if is_exit_survey {
            conditions()
        } else {
            Vec::new()
        },
    };
    let change = edit(record, |case: &mut Case| case.steps.push(taken));
    Some(Try::one(by.officer, change))
}

fn conditions() -> Vec<ConditionFound> {
    let entries = codes::list("exit-condition").unwrap().entries.iter();
    let found = entries.map(|entry| ConditionFound {
        condition: entry.to_code(),
        met: true,
        evidence: code("seen"),
    });
    found.collect()
}

/// Mostly an officer of the county who has not taken a step of the case yet.
fn whoever_may(county: &County, dice: &mut Dice<'_>, record: &Record, case: &Case) -> Approval {
    if dice.once_in(8) {
        return county.officer(dice);
    }
    let taken: Vec<_> = case.steps.iter().map(|step| step.officer).collect();
    let found = county.any_where(dice, |officer, own: &Officer| {
        let mut grants = own.grants.iter();
        let may = grants.any(|it| it.role == "county-office" && it.area.contains(&record.area));
        may && !taken.contains(&officer.id)
    });
    match found {
        Some((officer, own)) => Approval {
            officer: officer.id,
            cadre: own.cadre,
        },
        None => county.officer(dice),
    }
}

fn closes_a_case(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let office = county.officer(dice).officer;
    let over = county.any_where(dice, |_, case: &Case| planned(county, case).is_none());
    let (record, case) = match over {
        Some(found) if !dice.once_in(4) => found,
        _ => county.any::<Case>(dice)?,
    };
    let reason = match planned(county, case) {
        None if case.is_rejected() => code("rejected"),
        None => code("completed"),
        Some(_) => dice.code("case-end"),
    };
    let change = end(record, |case: &mut Case| case.end = Some(reason));
    Some(Try::one(office, change))
}

fn posts_a_notice(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let office = county.officer(dice).officer;
    let waiting = county.any_where(dice, |_, case: &Case| {
        planned(county, case).is_some_and(|step| step.act == "notice")
    });
    let (record, case) = match waiting {
        Some(found) => found,
        None if dice.once_in(3) => county.any::<Case>(dice)?,
        None => return None,
    };
    let from = county.today();
    let days = if dice.once_in(6) { 1 } else { 8 };
    let place = if dice.once_in(12) {
        "村委会，电话13812345678"
    } else {
        "村委会公示栏"
    };
    let notice = Notice {
        kind: case.kind.clone(),
        place: label(place),
        from,
        until: from.plus_days(days)?,
        items: vec![Item {
            case: record.id,
            village: None,
            people: Some(2),
            category: Some(code("general")),
        }],
        digest: None,
        names: (!dice.once_in(12)).then(|| vec![Some(name("张三"))]),
    };
    let change = Change::create(county.fresh(0), record.area, notice);
    Some(Try::one(office, change))
}

fn withdraws_a_notice(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let office = county.officer(dice).officer;
    let (record, _) = county.any::<Notice>(dice)?;
    let change = if dice.once_in(3) {
        edit(record, |notice: &mut Notice| notice.place = label("别处"))
    } else {
        end(record, |_: &mut Notice| {})
    };
    Some(Try::one(office, change))
}

fn objects(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let office = county.officer(dice).officer;
    let today = county.today();
    let hanging = county.any_where(dice, |_, notice: &Notice| notice.hangs_on(today));
    let (record, notice) = hanging.or_else(|| county.any::<Notice>(dice))?;
    let case: RecordId = if dice.once_in(8) {
        county.any::<Case>(dice)?.0.id
    } else {
        notice.items.first()?.case
    };
    let objection = Objection {
        notice: record.id,
        case,
        received_on: today,
        answer_due: None,
        finding: None,
        texts: Some(ObjectionTexts {
            objection: Some(text("他家有小汽车")),
            answer: None,
        }),
    };
    let at = county.records.get(&case)?.area;
    Some(Try::one(
        office,
        Change::create(county.fresh(0), at, objection),
    ))
}

fn answers(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let office = county.officer(dice).officer;
    let (record, objection) = county.any::<Objection>(dice)?;
    let is_upheld = dice.once_in(4);
    if objection.finding.is_some() {
        return Some(Try::one(office, end(record, |_: &mut Objection| {})));
    }
    let finding = ObjectionFinding {
        answered_on: county.today(),
        finding: code(if is_upheld { "upheld" } else { "dismissed" }),
        officer: office,
    };
    let answer = |own: &mut Objection| {
        own.finding = Some(finding);
        own.texts.get_or_insert_default().answer = Some(text("车是他弟弟的"));
    };
    let change = if is_upheld == dice.once_in(8) {
        end(record, answer)
    } else {
        edit(record, answer)
    };
    Some(Try::one(office, change))
}
