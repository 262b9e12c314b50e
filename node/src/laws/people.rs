//! Areas, households and their lives, and what is written about them.

use std::collections::BTreeMap;

use lika_core::{
    command::Change,
    household_life::{self, Life, Person, What},
    record::{
        Area, Case, Household, HouseholdIdentity, IncomeStatement, LivingConditions, Member,
        MemberIdentity, Node, Record, area_id,
    },
    value::{AreaLevel, Code, IdNumber, IdentityDocument, RecordId, Span, Year},
};

use super::{
    Move,
    county::{
        COUNTY, County, NODE, Read, TOWNSHIPS, Try, VILLAGES, area, code, day, edit, end, label,
        name, text,
    },
    dice::Dice,
};

/// How often each is tried.
pub const MOVES: &[(usize, Move)] = &[
    (3, registers_an_area),
    (2, renames_an_area),
    (1, closes_an_area),
    (1, renames_the_node),
    (12, registers_a_household),
    (4, changes_a_card),
    (3, changes_a_member),
    (1, closes_what_still_stands),
    (16, lives_on),
    (10, states_income),
    (6, surveys_living),
];

/// The node, the county, its townships and its villages.
pub fn begin() -> Vec<Change> {
    let node = Node {
        name: label("芦溪县"),
        public_key: Vec::new(),
        scenario: true,
    };
    let mut changes = vec![Change::create(RecordId(NODE.0), area(COUNTY), node)];
    let areas = [COUNTY].into_iter().chain(TOWNSHIPS).chain(VILLAGES);
    changes.extend(areas.map(new_area));
    changes
}

fn new_area(digits: &str) -> Change {
    let code = area(digits);
    let body = Area {
        code,
        name: label("某地"),
        key_village: match code.level() {
            AreaLevel::Village => vec![Span::new(day(2014, 1, 1), None).unwrap()],
            _ => Vec::new(),
        },
        from: None,
        until: None,
        successors: Vec::new(),
    };
    Change::create(area_id(&code), code, body)
}

/// Two people to a household, the head with an identity number that few share.
pub fn registered(county: &County, dice: &mut Dice<'_>) -> Try {
    let office = county.officer(dice).officer;
    let village = county.village(dice);
    let (household, head) = (county.fresh(0), county.fresh(1));
    let mut own = card(dice);
    own.identity = Some(HouseholdIdentity {
        number: Some(text(&format!("H{}", dice.below(200)))),
        hamlet: Some(text("东组")),
        ..HouseholdIdentity::default()
    });
    let mut changes = vec![
        Change::create(household, village, own),
        Change::create(head, village, person(dice, household, "02")),
    ];
    for place in 0..u32::try_from(dice.below(3)).unwrap() {
        let relation = dice.one(&["10", "20", "22"]);
        let body = person(dice, household, relation);
        changes.push(Change::create(county.fresh(2 + place), village, body));
    }
    Try::by(office, changes)
}

fn card(dice: &mut Dice<'_>) -> Household {
    Household {
        main_cause: (!dice.once_in(4)).then(|| dice.code("cause")),
        dangerous_house: Some(dice.once_in(3)),
        safe_water: Some(!dice.once_in(3)),
        identified_on: Some(day(2014, 1, 1)),
        ..Household::new(dice.code("household-type"))
    }
}

fn person(dice: &mut Dice<'_>, household: RecordId, relation: &str) -> Member {
    Member {
        sex: Some(dice.code("sex")),
        labour: Some(dice.code("labour")),
        schooling: Some(dice.code("schooling")),
        allowance: Some(dice.once_in(3)),
        identity: Some(MemberIdentity {
            number: None,
            name: name(dice.one(&["张建国", "李秀英", "王志强", "刘桂兰", "陈小明"])),
            document: document(dice),
            phone: None,
        }),
        health: Some(vec![dice.code("health")]),
        ..Member::new(household, day(2015, 1, 1), code(relation))
    }
}

/// One of a few hundred numbers, so that somebody is registered twice now and then.
fn document(dice: &mut Dice<'_>) -> IdentityDocument {
    if dice.once_in(3) {
        return IdentityDocument::None {
            reason: code("not-given"),
        };
    }
    let born = dice.before(day(2000, 1, 1), 400);
    let number = IdNumber::compose("360323", born, u16::try_from(1 + dice.below(5)).unwrap());
    IdentityDocument::parse(&code("id-card"), number.unwrap().as_str())
}

fn registers_an_area(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let office = county.officer(dice).officer;
    let around = dice.one(&[TOWNSHIPS[0], TOWNSHIPS[1], "360323103", "360324101"]);
    let number = 203 + dice.below(3);
    let new = match dice.below(4) {
        0 => "360323103".to_owned(),
        1 => format!("{around}{number}"),
        _ => format!("{}{number}", TOWNSHIPS[dice.below(2)]),
    };
    Some(Try::one(office, new_area(&new)))
}

fn renames_an_area(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let office = county.officer(dice).officer;
    let (record, _) = county.any::<Area>(dice)?;
    let named = dice.one(&["新村", "宣风镇", "京口村"]);
    let change = edit(record, |area: &mut Area| area.name = label(named));
    Some(Try::one(office, change))
}

/// Mostly too early; what was opened late and stands empty goes.
fn closes_an_area(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let office = county.officer(dice).officer;
    let empty = county.any_where(dice, |record, _: &Area| {
        !VILLAGES.contains(&record.area.digits()) && record.area.digits().len() == 12
    });
    let found = if dice.once_in(3) {
        county.any::<Area>(dice)
    } else {
        empty
    };
    let today = county.today();
    let (record, _) = found?;
    let change = end(record, |area: &mut Area| area.until = Some(today));
    Some(Try::one(office, change))
}

fn renames_the_node(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let (record, _) = county.any::<Node>(dice)?;
    let change = edit(record, |node: &mut Node| node.name = label("芦溪县扶贫办"));
    Some(Try::one(RecordId(NODE.0), change))
}

fn registers_a_household(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    Some(registered(county, dice))
}

fn changes_a_card(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let office = county.officer(dice).officer;
    let (record, _) = county.any::<Household>(dice)?;
    let fresh = card(dice);
    let exit_year = Year::new(2016).ok().filter(|_| dice.once_in(5));
    let note = dice.below(3);
    let change = edit(record, |household: &mut Household| {
        *household = Household {
            identity: household.identity.take(),
            exit_year,
            note: match note {
                0 => None,
                1 => Some(Some(text("有两头牛"))),
                _ => Some(None),
            },
            ..fresh
        };
    });
    Some(Try::one(office, change))
}

fn changes_a_member(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let office = county.officer(dice).officer;
    let (record, member) = county.any::<Member>(dice)?;
    let household = if dice.once_in(6) {
        county.any::<Household>(dice)?.0.id
    } else {
        member.household
    };
    let relation = if dice.once_in(6) {
        "02"
    } else {
        member.relation.as_str()
    };
    let new = person(dice, household, relation);
    let from = member.from;
    let change = edit(record, |member: &mut Member| {
        *member = Member { from, ..new };
    });
    Some(Try::one(office, change))
}

/// A card or a member is closed by itself, as nobody should.
fn closes_what_still_stands(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let office = county.officer(dice).officer;
    let today = county.today();
    let change = if dice.once_in(2) {
        end(county.any::<Household>(dice)?.0, |_: &mut Household| {})
    } else {
        let reason = dice.code("member-end-reason");
        end(county.any::<Member>(dice)?.0, |member: &mut Member| {
            member.until = Some((today, reason));
        })
    };
    Some(Try::one(office, change))
}

/// What happens in a life, planned as the office plans it.
fn lives_on(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let office = county.officer(dice).officer;
    let (household, _) = county.any::<Household>(dice)?;
    let members = county.members(&household.id);
    let today = county.today();
    let on = dice.before(today, 40);
    let what = happening(county, dice, &household.id, &members)?;
    let life = Life {
        household: household.id,
        on,
        reason: (!dice.once_in(3)).then(|| dice.code("household-event-reason")),
        note: None,
        heir: dice.of(&members).map(|(record, _)| record.id),
        relations: relations(dice, &members),
        what,
    };
    let plan = household_life::plan(&Read(county.reader()), &life, |place| county.fresh(place));
    Some(Try::by(office, plan.ok()?.changes))
}

fn relations(dice: &mut Dice<'_>, members: &[(&Record, &Member)]) -> BTreeMap<RecordId, Code> {
    let told = !dice.once_in(4);
    let told = members.iter().filter(|_| told);
    told.map(|(record, _)| (record.id, code("99"))).collect()
}

fn happening(
    county: &County,
    dice: &mut Dice<'_>,
    household: &RecordId,
    members: &[(&Record, &Member)],
) -> Option<What> {
    let ids: Vec<_> = members.iter().map(|(record, _)| record.id).collect();
    let newcomer = |dice: &mut Dice<'_>, relation| {
        let own = person(dice, *household, relation);
        let identity = own.identity.unwrap();
        Person {
            name: identity.name,
            document: identity.document,
            sex: own.sex,
            relation: code(relation),
            birth_year: Year::new(2016).ok(),
        }
    };
    Some(match dice.below(11) {
        0 => {
            let leaving = 1 + dice.below(ids.len());
            let members: Vec<_> = ids.iter().rev().take(leaving).copied().collect();
            What::Split {
                head: *dice.of(&members)?,
                members,
                number: None,
            }
        }
        1 => What::Merge {
            into: county.any::<Household>(dice)?.0.id,
        },
        2 => What::Move {
            to: county.village(dice),
            address: None,
        },
        3 => What::Death {
            member: *dice.of(&ids)?,
        },
        4 => What::Birth(newcomer(dice, "20")),
        5 => What::Arrival(newcomer(dice, "10")),
        6 => What::Join {
            member: county.any::<Member>(dice)?.0.id,
            relation: code("99"),
        },
        7 => What::Leave {
            member: *dice.of(&ids)?,
            end: dice.code("member-end-reason"),
        },
        8 => What::Head {
            member: *dice.of(&ids)?,
        },
        kind => {
            let wanted = if kind == 9 { "exit" } else { "relapse" };
            let about = |case: &Case| case.subject.map(|subject| subject.id) == Some(*household);
            let case = county.any_where(dice, |_, case: &Case| case.kind == wanted && about(case));
            let case = case.or_else(|| county.any::<Case>(dice))?.0.id;
            if kind == 9 {
                What::Exit { case }
            } else {
                What::Relapse {
                    case,
                    household_type: code("general"),
                }
            }
        }
    })
}

fn states_income(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let office = county.officer(dice).officer;
    let (record, _) = county.any::<Household>(dice)?;
    let year = Year::new(u16::try_from(2014 + dice.below(3)).unwrap()).unwrap();
    let body = IncomeStatement {
        household: record.id,
        year,
        wages: dice.fen(900_000),
        business: dice.fen(300_000),
        property: dice.fen(1_000),
        transfers: dice.fen(50_000),
        expenses: dice.fen(400_000),
        persons: u32::try_from(1 + dice.below(4)).unwrap(),
    };
    let id = IncomeStatement::id_for(&record.id, year);
    Some(Try::one(office, county.put(id, record.area, body)))
}

fn surveys_living(county: &County, dice: &mut Dice<'_>) -> Option<Try> {
    let office = county.officer(dice).officer;
    let (record, _) = county.any::<Household>(dice)?;
    let surveyed_on = if dice.once_in(10) {
        county.today().plus_days(3)?
    } else {
        dice.before(county.today(), 60)
    };
    let body = LivingConditions {
        household: record.id,
        surveyed_on,
        house_area: Some(u32::try_from(40 + dice.below(100)).unwrap()),
        house_structure: Some(dice.code("house-structure")),
        house_year: None,
        electricity: Some(!dice.once_in(3)),
        fuel: Some(dice.code("fuel")),
        toilet: None,
        road: Some(!dice.once_in(3)),
        road_distance: None,
        broadband: None,
        land: None,
        allowance_entitled: Some(dice.once_in(3)),
        dropouts: Some(0),
        admitted: Some(0),
        admitted_supported: None,
        trained: Some(1),
        skills: None,
        hardship_expenses: None,
    };
    let id = LivingConditions::id_for(&record.id);
    Some(Try::one(office, county.put(id, record.area, body)))
}
