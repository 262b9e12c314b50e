//! Cadres, units, officers and posts; pairings, teams and visits; duties and what follows from them.

use lika_core::{
    command::Change,
    duties::Rhythm,
    log::Kind,
    record::{
        Answerable, Area, Assessment, Award, Basis, Bound, Cadre, CadreIdentity, Decision, Duty,
        Finding, FindingTexts, Grant, HelperLevel, Household, Officer, OfficerIdentity, Outcome,
        Pairing, Post, Record, ResponsibilityLetter, Sanction, SatisfactionSurvey, Seat, Settled,
        Signature, Task, Unit, VillageTeam, Visit,
    },
    succession::{self, Succession},
    value::{AreaCode, RecordId, Year},
};

use super::{
    Move,
    county::{
        COUNTY, County, Of, Read, TOWNSHIPS, Try, VILLAGES, area, code, day, edit, end, label,
        name, text,
    },
    dice::Dice,
};

/// How often each is tried.
pub const MOVES: &[(usize, Move)] = &[
    (3, registers_a_cadre),
    (1, registers_a_unit),
    (2, appoints_an_officer),
    (1, changes_an_officer),
    (1, a_cadre_leaves),
    (2, a_cadre_is_succeeded),
    (8, pairs),
    (4, ends_a_pairing),
    (5, seats_a_team),
    (6, visits),
    (3, gives_a_post),
    (2, ends_a_post),
    (3, puts_a_duty_in_force),
    (6, writes_a_task),
    (4, finds),
    (3, settles_a_finding),
    (5, sanctions),
    (2, takes_a_sanction_back),
    (4, signs_a_letter),
    (2, asks_how_satisfied),
    (4, assesses),
    (3, awards),
];

/// A unit, cadres of four ranks and officers of three levels; two officers are the same cadre.
pub fn begin(county: &County) -> Vec<Change> {
    let top = area(COUNTY);
    let unit = Unit {
        name: label("县农业局"),
        unit_type: code("government"),
    };
    let mut changes = vec![Change::create(county.fresh(0), top, unit)];
    let places = [COUNTY, TOWNSHIPS[0], VILLAGES[0], VILLAGES[2]];
    for (place, rank) in (1..).zip(["county", "township", "village", "section-full"]) {
        let own = cadre(rank, &format!("C{place}"));
        let at = area(places[usize::try_from(place - 1).unwrap()]);
        changes.push(Change::create(county.fresh(place), at, own));
    }
    let officers = [
        ("wang", "county-office", COUNTY, None),
        ("li", "county-office", COUNTY, Some(1)),
        ("zhao", "township-officer", TOWNSHIPS[0], Some(2)),
        ("cun", "village-cadre", VILLAGES[0], Some(3)),
        ("li2", "county-office", COUNTY, Some(1)),
    ];
    for (place, (login, role, at, cadre)) in (10..).zip(officers) {
        let own = officer(
            login,
            role,
            area(at),
            cadre.map(|place| county.fresh(place)),
        );
        changes.push(Change::create(county.fresh(place), area(at), own));
    }
    changes
}

fn cadre(rank: &str, number: &str) -> Cadre {
    Cadre {
        rank: code(rank),
        unit: None,
        from: day(2015, 1, 1),
        until: None,
        identity: Some(CadreIdentity {
            number: Some(text(number)),
            name: name("王五"),
            phone: None,
        }),
    }
}

fn officer(login: &str, role: &str, at: AreaCode, cadre: Option<RecordId>) -> Officer {
    Officer {
        grants: vec![Grant {
            role: code(role),
            area: at,
        }],
        cadre,
        locked: false,
        identity: Some(OfficerIdentity {
            login: text(login),
            name: name("赵六"),
        }),
        password_hash: None,
    }
}

fn registers_a_cadre(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let office = county.officer(dice).officer;
    let rank = dice.code("rank");
    let mut own = cadre(rank.as_str(), &format!("C{}", dice.below(40)));
    if dice.once_in(2) {
        own.unit = Some(county.any::<Unit>(dice)?.0.id);
    }
    let at = county.place(dice);
    Some(Try::one(office, Change::create(county.fresh(0), at, own)))
}

fn registers_a_unit(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let office = county.officer(dice).officer;
    let unit = Unit {
        name: label(dice.one(&["县水利局", "县教育局"])),
        unit_type: dice.code("unit-type"),
    };
    let change = match county.any::<Unit>(dice) {
        Some((record, _)) if dice.once_in(2) => edit(record, |known: &mut Unit| *known = unit),
        _ => Change::create(county.fresh(0), area(COUNTY), unit),
    };
    Some(Try::one(office, change))
}

fn appoints_an_officer(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let office = county.officer(dice).officer;
    let at = county.place(dice);
    let cadre = county.any::<Cadre>(dice).map(|(record, _)| record.id);
    let cadre = cadre.filter(|_| dice.once_in(2));
    let role = dice.code("role");
    let granted = if dice.once_in(8) { area(COUNTY) } else { at };
    let login = format!("o{}", dice.below(12));
    let own = officer(&login, role.as_str(), granted, cadre);
    Some(Try::one(office, Change::create(county.fresh(0), at, own)))
}

fn changes_an_officer(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let office = county.officer(dice).officer;
    let (record, _) = county.any::<Officer>(dice)?;
    let locked = dice.once_in(2);
    let change = edit(record, |officer: &mut Officer| officer.locked = locked);
    Some(Try::one(office, change))
}

fn a_cadre_leaves(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let office = county.officer(dice).officer;
    let (record, _) = county.any::<Cadre>(dice)?;
    let today = county.today();
    let change = end(record, |cadre: &mut Cadre| cadre.until = Some(today));
    Some(Try::one(office, change))
}

fn a_cadre_is_succeeded(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let office = county.officer(dice).officer;
    let (from, _) = county.any::<Cadre>(dice)?;
    let (to, _) = county.any_where(dice, |record, _: &Cadre| record.id != from.id)?;
    let succession = Succession {
        cadre: from.id,
        by: to.id,
        on: county.today(),
    };
    let read = Read(county.reader());
    let plan = succession::plan(&read, &succession, county.today(), |place| {
        county.fresh(place)
    });
    Some(Try::by(office, plan.ok()?.changes))
}

fn pairs(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let office = county.officer(dice).officer;
    let (household, _) = county.any::<Household>(dice)?;
    let (helper, cadre) = county.any::<Cadre>(dice)?;
    let level = HelperLevel::of_rank(cadre.rank.as_str()).unwrap_or(HelperLevel::Village);
    let own = Pairing {
        household: household.id,
        cadre: helper.id,
        role: dice.code("pairing-role"),
        level: if dice.once_in(12) {
            HelperLevel::County
        } else {
            level
        },
        responsible: !dice.once_in(3),
        from: dice.before(county.today(), 90),
        until: None,
        decision: None,
    };
    let at = if dice.once_in(10) {
        county.village(dice)
    } else {
        household.area
    };
    Some(Try::one(office, Change::create(county.fresh(0), at, own)))
}

fn ends_a_pairing(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let office = county.officer(dice).officer;
    let (record, _) = county.any::<Pairing>(dice)?;
    let until = (!dice.once_in(8)).then(|| county.today());
    let change = end(record, |pairing: &mut Pairing| pairing.until = until);
    Some(Try::one(office, change))
}

fn seats_a_team(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let office = county.officer(dice).officer;
    let (leader, sponsor) = (
        county.any::<Cadre>(dice)?.0.id,
        county.any::<Unit>(dice)?.0.id,
    );
    let seat = |role: &str, holder| Seat {
        role: code(role),
        holder,
        from: day(2016, 1, 1),
        until: None,
    };
    let mut seats = vec![seat("leader", leader)];
    if dice.once_in(2) {
        let holder = if dice.once_in(6) { leader } else { sponsor };
        seats.push(seat("sponsor", holder));
    }
    let today = county.today();
    let known = county.any::<VillageTeam>(dice);
    let change = match (known, dice.below(4)) {
        (Some((record, _)), 2) => edit(record, |team: &mut VillageTeam| team.seats = seats),
        (Some((record, _)), 3) => end(record, |team: &mut VillageTeam| team.until = Some(today)),
        _ => {
            let team = VillageTeam {
                seats,
                from: day(2016, 1, 1),
                until: None,
                decision: None,
            };
            let at = if dice.once_in(10) {
                county.place(dice)
            } else {
                county.village(dice)
            };
            Change::create(county.fresh(0), at, team)
        }
    };
    Some(Try::one(office, change))
}

fn visits(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let office = county.officer(dice).officer;
    let (household, _) = county.any::<Household>(dice)?;
    let is_to_village = dice.once_in(5);
    let on = if dice.once_in(10) {
        county.today().plus_days(1)?
    } else {
        dice.before(county.today(), 30)
    };
    let visit = Visit {
        household: (!is_to_village).then_some(household.id),
        cadre: county.any::<Cadre>(dice)?.0.id,
        on,
        purpose: (!dice.once_in(3)).then(|| dice.code("visit-purpose")),
        note: Some(Some(text("谈了养鸡"))),
    };
    let change = match county.any::<Visit>(dice) {
        Some((record, _)) if dice.once_in(4) => edit(record, |known: &mut Visit| *known = visit),
        _ => Change::create(county.fresh(0), household.area, visit),
    };
    Some(Try::one(office, change))
}

fn gives_a_post(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let office = county.officer(dice).officer;
    let (record, _) = county.any::<Cadre>(dice)?;
    let role = dice.code("post-role");
    let at = if role.as_str().starts_with("leading") || dice.once_in(8) {
        county.place(dice)
    } else {
        county.village(dice)
    };
    let post = Post {
        cadre: record.id,
        role,
        from: day(2016, 1, 1),
        until: None,
    };
    Some(Try::one(office, Change::create(county.fresh(0), at, post)))
}

fn ends_a_post(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let office = county.officer(dice).officer;
    let (record, _) = county.any::<Post>(dice)?;
    let today = county.today();
    let change = edit(record, |post: &mut Post| post.until = Some(today));
    Some(Try::one(office, change))
}

fn puts_a_duty_in_force(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let office = county.officer(dice).officer;
    let today = county.today();
    if let Some((record, _)) = county.any::<Duty>(dice)
        && dice.once_in(4)
    {
        let change = edit(record, |duty: &mut Duty| duty.until = Some(today));
        return Some(Try::one(office, change));
    }
    let at = county.place(dice);
    let bound = if dice.once_in(3) {
        Bound::One(anybody(county, dice)?.0)
    } else {
        Bound::Roles(vec![
            code("first-secretary"),
            code("village-party-secretary"),
        ])
    };
    let duty = Duty {
        code: code(dice.one(&["lecture", "account", "report"])),
        name: label("每月一次"),
        rhythm: dice.one(&Rhythm::ALL),
        side: dice.code("duty-side"),
        bound,
        grace: 10,
        from: dice.one(&[day(2016, 1, 1), day(2016, 2, 1), day(2015, 1, 1)]),
        until: None,
    };
    let id = duty.id_in(&at);
    Some(Try::one(office, county.put(id, at, duty)))
}

/// Somebody who answers for something, and where.
fn anybody(county: &County, dice: &mut Dice<'_>) -> Option<(Answerable, AreaCode)> {
    let (kind, record) = match dice.below(3) {
        0 => (Kind::Cadre, county.any::<Cadre>(dice)?.0),
        1 => (Kind::Area, county.any::<Area>(dice)?.0),
        _ => (Kind::Unit, county.any::<Unit>(dice)?.0),
    };
    let id = record.id;
    Some((Answerable { kind, id }, record.area))
}

fn writes_a_task(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let office = county.officer(dice).officer;
    let (record, duty) = county.any::<Duty>(dice)?;
    let (holder, at) = match (&duty.bound, dice.once_in(8)) {
        (Bound::One(one), _) => (*one, county.records.get(&one.id)?.area),
        (Bound::Roles(roles), false) => {
            let post = county.any_where(dice, |post, own: &Post| {
                roles.contains(&own.role) && record.area.contains(&post.area)
            });
            let (post, _) = post?;
            let (kind, id) = (Kind::Post, post.id);
            (Answerable { kind, id }, post.area)
        }
        (Bound::Roles(_), true) => anybody(county, dice)?,
    };
    let day = dice.before(county.today(), 60);
    let period = duty.period_of(day)?.first;
    let result = dice.code("task-result");
    let note = (!dice.once_in(4)).then(|| Some(text("已上报")));
    let task = Task {
        duty: record.id,
        holder,
        period,
        result,
        on: if dice.once_in(10) {
            period.plus_days(-1)?
        } else {
            county.today()
        },
        code: None,
        due: None,
        note,
    };
    let id = Task::id_for(&record.id, &holder.id, period);
    Some(Try::one(office, county.put(id, at, task)))
}

fn finds(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let office = county.officer(dice).officer;
    let (subject, at) = anybody(county, dice)?;
    let found_on = dice.before(county.today(), 30);
    let duty = county.any::<Duty>(dice).map(|(record, _)| record.id);
    let finding = Finding {
        subject,
        kind: dice.code("finding-kind"),
        inspection: dice.code("inspection"),
        found_on,
        deadline: found_on.plus_days(30)?,
        duty: duty.filter(|_| dice.once_in(2)),
        settled: None,
        texts: Some(FindingTexts {
            note: Some(text("台账未更新")),
            settlement: None,
        }),
    };
    let change = Change::create(county.fresh(0), at, finding);
    Some(Try::one(office, change))
}

fn settles_a_finding(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let office = county.officer(dice).officer;
    let (record, finding) = county.any::<Finding>(dice)?;
    let on = if dice.once_in(8) {
        finding.found_on.plus_days(-1)?
    } else {
        county.today()
    };
    let end = dice.code("finding-end");
    let change = edit(record, |finding: &mut Finding| {
        finding.settled = Some(Settled { on, end });
    });
    Some(Try::one(office, change))
}

fn sanctions(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let office = county.officer(dice).officer;
    let (record, finding) = county.any::<Finding>(dice)?;
    let on = dice.before(county.today(), 5);
    let kind = dice.code("sanction-kind");
    let is_card = kind == "yellow-card";
    let is_last = kind == "accountability";
    let sanction = Sanction {
        subject: finding.subject,
        on,
        findings: vec![record.id; usize::from(!dice.once_in(8))],
        lapses_on: None,
        deadline: if is_card { on.plus_days(30) } else { None },
        lifted_on: None,
        penalty: is_last.then(|| dice.code("penalty")),
        decision: None,
        note: None,
        kind,
    };
    let change = Change::create(county.fresh(0), record.area, sanction);
    Some(Try::one(office, change))
}

fn takes_a_sanction_back(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let office = county.officer(dice).officer;
    let (record, sanction) = county.any::<Sanction>(dice)?;
    let today = county.today();
    let change = if sanction.kind == "yellow-card" && dice.once_in(2) {
        edit(record, |card: &mut Sanction| card.lifted_on = Some(today))
    } else {
        end(record, |_: &mut Sanction| {})
    };
    Some(Try::one(office, change))
}

fn signs_a_letter(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let office = county.officer(dice).officer;
    let (lower, at) = anybody(county, dice)?;
    let year = Year::new(2016).unwrap();
    let id = ResponsibilityLetter::id_for(&lower.id, year);
    let known = county.records.get(&id);
    let is_letter = |record: &&Record| ResponsibilityLetter::of(&record.body).is_some();
    if let Some(record) = known.filter(is_letter).filter(|record| !record.closed) {
        let signature = Signature {
            side: dice.code("letter-side"),
            cadre: county.any::<Cadre>(dice)?.0.id,
            on: county.today(),
        };
        let change = edit(record, |letter: &mut ResponsibilityLetter| {
            letter.signatures.push(signature);
        });
        return Some(Try::one(office, change));
    }
    let upper = match lower.kind {
        Kind::Unit => at,
        _ => at.parent()?,
    };
    let letter = ResponsibilityLetter {
        year,
        upper,
        lower,
        goals: vec![(code("people-exited"), 1165)],
        signatures: Vec::new(),
    };
    Some(Try::one(office, county.put(id, at, letter)))
}

fn asks_how_satisfied(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let office = county.officer(dice).officer;
    let (subject, at) = anybody(county, dice)?;
    let answered = u32::try_from(dice.below(60)).unwrap();
    let survey = SatisfactionSurvey {
        subject,
        on: county.today(),
        asked: 50,
        answers: vec![(dice.code("satisfaction"), answered)],
    };
    Some(Try::one(
        office,
        Change::create(county.fresh(0), at, survey),
    ))
}

fn assesses(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let office = county.officer(dice).officer;
    let (subject, at) = anybody(county, dice)?;
    let rhythm = dice.one(&Rhythm::ALL);
    let on = dice.before(county.today(), 200);
    let period = rhythm.period_of(on, on.year())?.first;
    let period = if dice.once_in(8) {
        period.plus_days(1)?
    } else {
        period
    };
    let decided = county.any_where(dice, |_, decision: &Decision| {
        decision.purpose == "assessment" && decision.subject == subject.id
    });
    let (score, grade, basis) = match decided {
        Some((record, decision)) => {
            let grade = match &decision.outcome {
                Outcome::Granted(grade) if !dice.once_in(4) => grade.clone(),
                _ => dice.code("grade"),
            };
            let score = decision.score.unwrap_or(1);
            (score, grade, Basis::Decision(record.id))
        }
        None => (9250, dice.code("grade"), Basis::Entered(label("县委文件"))),
    };
    let assessment = Assessment {
        subject,
        rhythm,
        period,
        score,
        grade,
        basis,
    };
    let id = Assessment::id_for(&subject.id, rhythm, period);
    Some(Try::one(office, county.put(id, at, assessment)))
}

fn awards(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let office = county.officer(dice).officer;
    let category = dice.code("award-category");
    let (kind, _) = Award::subjects_of(category.as_str())?;
    let mut recipients = Vec::new();
    for _ in 0..dice.below(3) {
        let id = match kind {
            Kind::Cadre => county.any::<Cadre>(dice)?.0.id,
            Kind::Unit => county.any::<Unit>(dice)?.0.id,
            _ => county.any::<Area>(dice)?.0.id,
        };
        if !recipients.contains(&id) {
            recipients.push(id);
        }
    }
    let award = Award {
        year: Year::new(u16::try_from(2015 + dice.below(3)).unwrap()).unwrap(),
        category,
        most: 1 + u32::from(!dice.once_in(3)),
        recipients,
    };
    let at = area(COUNTY);
    let id = award.id_in(&at);
    Some(Try::one(office, county.put(id, at, award)))
}
