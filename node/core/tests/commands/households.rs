//! Households over time: what happens to one, what goes along, and what is refused (S1.4, S4.2, S4.4).

use std::collections::{BTreeMap, BTreeSet};

use lika_core::{
    command::{Change, Refusal, Registry as _},
    household_life::{self, Life, Person, What},
    log::{Action, Kind},
    record::{
        Body, Cadre, Case, CaseSubject, ConditionFound, Household, HouseholdEvent, Index, Key,
        LivingConditions, Measure, Member, Pairing, Post, Procedure, Record, Step, Taken,
        VillageTeam,
    },
    succession::{self, Succession},
    value::{Code, Name, RecordId},
    working_days::Counted,
};
use proptest::prelude::*;

use crate::county::*;

const SON: RecordId = id(20);
const GRANDSON: RecordId = id(21);
const OTHER_HOUSEHOLD: RecordId = id(22);
const OTHER_HEAD: RecordId = id(23);
const SUCCESSOR: RecordId = id(24);
const CASE: RecordId = id(25);

/// A new record of the event of this number.
fn made(event: u8, place: u32) -> RecordId {
    RecordId::derived("made", &[&[event][..], &place.to_be_bytes()].concat())
}

/// The household of two with a son and his child, and another household in the next village.
fn families() -> County {
    let mut county = County::new();
    county.must(vec![
        Change::create(SON, area(VILLAGE), member(HOUSEHOLD, "22", "张小三", "")),
        Change::create(GRANDSON, area(VILLAGE), member(HOUSEHOLD, "41", "张四", "")),
    ]);
    let other = Household {
        identity: None,
        ..household("2")
    };
    county.must(vec![
        Change::create(OTHER_HOUSEHOLD, area(OTHER_VILLAGE), other),
        Change::create(
            OTHER_HEAD,
            area(OTHER_VILLAGE),
            member(OTHER_HOUSEHOLD, "02", "王大", ""),
        ),
    ]);
    county
}

fn life(what: What) -> Life {
    Life {
        household: HOUSEHOLD,
        on: day(20160901),
        reason: Some(code("other")),
        note: None,
        heir: None,
        relations: BTreeMap::new(),
        what,
    }
}

/// Lets it happen; what it is refused with.
fn happen(county: &mut County, event: u8, life: &Life) -> Result<Vec<Change>, Refusal> {
    let ids = |place| made(event, place);
    match household_life::plan(&county.registry, life, ids) {
        Ok(plan) => match county.decide(plan.changes.clone()) {
            Ok(_) => Ok(plan.changes),
            Err(refused) => Err(refused.refusal),
        },
        Err(household_life::Error::Refused(refusal)) => Err(refusal),
        Err(household_life::Error::Records(never)) => match never {},
    }
}

fn must(county: &mut County, life: &Life) -> Vec<Change> {
    happen(county, 1, life).unwrap()
}

fn refused(county: &mut County, life: &Life) -> &'static str {
    let before = county.registry.clone();
    let code = happen(county, 1, life).unwrap_err().code();
    assert!(county.registry.same(&before), "nothing is written");
    code
}

fn member_of(county: &County, id: RecordId) -> Member {
    Member::of(&county.registry.get(id).body)
}

fn household_of(county: &County, id: RecordId) -> Household {
    Household::of(&county.registry.get(id).body)
}

fn under(county: &County, index: Index, id: RecordId) -> Vec<Record> {
    let Ok(found) = county.registry.with_key(&Key::record(index, &id));
    let records = found.into_iter().map(|id| county.registry.get(id).clone());
    records.collect()
}

fn kinds_of_events(county: &County, household: RecordId) -> Vec<String> {
    let events = under(county, Index::EventsOfHousehold, household);
    let kinds = events.iter().map(|event| match &event.body {
        Body::HouseholdEvent(event) => event.kind.to_string(),
        other => panic!("not an event: {other:?}"),
    });
    kinds.collect()
}

fn split() -> What {
    What::Split {
        members: vec![SON, GRANDSON],
        head: SON,
        number: Some(text("3")),
    }
}

#[test]
fn s1_4_a_split_founds_a_household_with_the_same_helpers_and_a_shared_history() {
    let mut county = families();
    let mut split = life(split());
    split.relations = BTreeMap::from([(GRANDSON, code("22"))]);
    must(&mut county, &split);
    let founded = made(1, 1);
    let son = member_of(&county, SON);
    assert_eq!((son.household, son.from), (founded, day(20160901)));
    assert!(son.is_head());
    assert_eq!(member_of(&county, GRANDSON).relation, "22");
    assert!(member_of(&county, HEAD).is_head());
    let pairings = under(&county, Index::PairingsOfHousehold, founded);
    assert_eq!(pairings.len(), 1);
    let pairing = Pairing::of(&pairings[0].body);
    assert_eq!((pairing.cadre, pairing.responsible), (CADRE, true));
    for household in [HOUSEHOLD, founded] {
        assert_eq!(kinds_of_events(&county, household), ["split"]);
    }
    // Both were identified once, as one.
    assert_eq!(household_of(&county, founded).identified_on, None);
}

#[test]
fn s1_4_a_split_leaves_somebody_and_says_how_the_others_are_related() {
    let mut county = families();
    let everybody = What::Split {
        members: vec![HEAD, WIFE, SON, GRANDSON],
        head: HEAD,
        number: None,
    };
    assert_eq!(
        refused(&mut county, &life(everybody)),
        "split-leaves-nobody"
    );
    assert_eq!(refused(&mut county, &life(split())), "relation-needed");
    let stranger = What::Split {
        members: vec![OTHER_HEAD],
        head: OTHER_HEAD,
        number: None,
    };
    assert_eq!(refused(&mut county, &life(stranger)), "no-such-record");
    // The head leaves, and nobody follows.
    let head = What::Split {
        members: vec![HEAD],
        head: HEAD,
        number: None,
    };
    assert_eq!(refused(&mut county, &life(head.clone())), "not-one-head");
    let mut with_heir = life(head);
    with_heir.heir = Some(WIFE);
    must(&mut county, &with_heir);
    assert!(member_of(&county, WIFE).is_head());
    assert_eq!(member_of(&county, SON).relation, "20");
    assert_eq!(member_of(&county, GRANDSON).relation, "40");
}

#[test]
fn s1_4_a_merge_ends_one_household_and_takes_its_people_along() {
    let mut county = families();
    let mut merge = life(What::Merge {
        into: OTHER_HOUSEHOLD,
    });
    assert_eq!(refused(&mut county, &merge), "relation-needed");
    let relations = [(HEAD, "51"), (WIFE, "52"), (SON, "70"), (GRANDSON, "93")];
    merge.relations = relations.map(|(id, relation)| (id, code(relation))).into();
    must(&mut county, &merge);
    assert!(county.registry.get(HOUSEHOLD).closed);
    assert!(county.registry.get(PAIRING).closed);
    let head = county.registry.get(HEAD);
    assert_eq!(head.area, area(OTHER_VILLAGE));
    assert_eq!(Member::of(&head.body).household, OTHER_HOUSEHOLD);
    assert_eq!(kinds_of_events(&county, OTHER_HOUSEHOLD), ["merged"]);
    // Whoever was helped still is.
    let pairings = under(&county, Index::PairingsOfHousehold, OTHER_HOUSEHOLD);
    let pairing = Pairing::of(&pairings[0].body);
    assert_eq!((pairing.cadre, pairing.from), (CADRE, day(20160901)));
    assert_eq!(pairings[0].area, area(OTHER_VILLAGE));
    let itself = Life {
        household: OTHER_HOUSEHOLD,
        ..life(What::Merge {
            into: OTHER_HOUSEHOLD,
        })
    };
    assert_eq!(refused(&mut county, &itself), "merge-with-itself");
}

fn to(village: &str) -> Life {
    life(What::Move {
        to: area(village),
        address: Some(text("西街2号")),
    })
}

#[test]
fn s1_4_a_household_moves_with_everything_that_is_written_about_it() {
    let mut county = families();
    county.must(vec![
        living(VILLAGE, 20160101),
        Change::create(
            lika_core::record::IncomeStatement::id_for(&HOUSEHOLD, year(2015)),
            area(VILLAGE),
            income(HOUSEHOLD, 2015),
        ),
        Change::create(id(30), area(VILLAGE), measure()),
    ]);
    with_case(&mut county, "transfer");
    must(&mut county, &to(OTHER_VILLAGE));
    let statement = lika_core::record::IncomeStatement::id_for(&HOUSEHOLD, year(2015));
    let about = [HOUSEHOLD, HEAD, WIFE, SON, GRANDSON, PAIRING, id(30), CASE];
    for id in about
        .into_iter()
        .chain([LivingConditions::id_for(&HOUSEHOLD), statement])
    {
        let record = county.registry.get(id);
        assert_eq!(record.area, area(OTHER_VILLAGE), "{:?}", record.body.kind());
    }
    // What was done there stays there.
    assert_eq!(county.registry.get(VISIT).area, area(VILLAGE));
    let address = household_of(&county, HOUSEHOLD).identity.unwrap().address;
    assert_eq!(address, Some(text("西街2号")));
    let mut kinds = kinds_of_events(&county, HOUSEHOLD);
    kinds.sort();
    assert_eq!(kinds, ["moved-in", "moved-out"]);
}

#[test]
fn s1_4_a_household_moves_to_a_village_and_never_in_part() {
    let mut county = families();
    assert_eq!(refused(&mut county, &to(TOWNSHIP)), "not-a-village");
    assert_eq!(refused(&mut county, &to("360323101209")), "unknown-area");
    assert_eq!(refused(&mut county, &to("430121101201")), "outside-area");
    assert_eq!(refused(&mut county, &to(VILLAGE)), "invalid-field");
    let plan = household_life::plan(&county.registry, &to(OTHER_VILLAGE), |place| made(1, place));
    let Ok(plan) = plan else {
        panic!("a household that can move has a plan")
    };
    for left_out in 0..plan.changes.len() {
        let mut changes = plan.changes.clone();
        let left = changes.remove(left_out);
        if left.body.kind() == Kind::HouseholdEvent {
            continue;
        }
        let before = county.registry.clone();
        let refused = county.decide(changes).unwrap_err();
        let expected = match left.body.kind() {
            Kind::Household => "other-area",
            _ => "moves-in-part",
        };
        assert_eq!(refused.refusal.code(), expected, "{refused}");
        assert!(county.registry.same(&before));
    }
    // A helper does not leave alone.
    let pairing = Change {
        area: area(OTHER_VILLAGE),
        ..county.edit(PAIRING, Action::Change, |_: &mut Pairing| {})
    };
    let refused = county.decide(vec![pairing]).unwrap_err();
    assert_eq!(refused.refusal.code(), "other-area");
}

#[test]
fn s1_4_deaths_end_memberships_and_the_last_one_ends_the_household() {
    let mut county = families();
    let dies = |member| life(What::Death { member });
    assert_eq!(refused(&mut county, &dies(HEAD)), "not-one-head");
    let early = Life {
        on: day(19490101),
        ..dies(SON)
    };
    assert_eq!(refused(&mut county, &early), "invalid-field");
    let tomorrow = Life {
        on: day(20161002),
        ..dies(SON)
    };
    assert_eq!(refused(&mut county, &tomorrow), "in-the-future");
    for (number, member) in [SON, GRANDSON, WIFE, HEAD].into_iter().enumerate() {
        let number = u8::try_from(number).unwrap();
        happen(&mut county, number, &dies(member)).unwrap();
    }
    assert!(county.registry.get(HOUSEHOLD).closed);
    assert!(county.registry.get(PAIRING).closed);
    assert_eq!(kinds_of_events(&county, HOUSEHOLD), ["death"; 4]);
}

#[test]
fn nobody_dies_before_birth() {
    let mut county = County::new();
    let long_ago = county.edit(HEAD, Action::Change, |head: &mut Member| {
        head.from = day(19400101);
    });
    county.must(vec![long_ago]);
    let mut dies = life(What::Death { member: HEAD });
    (dies.on, dies.heir) = (day(19491230), Some(WIFE));
    assert_eq!(refused(&mut county, &dies), "ends-before-birth");
}

#[test]
fn s1_4_who_is_born_joins_or_leaves_is_counted_with_the_reason() {
    let mut county = families();
    let person = |name: &str, relation: &str| Person {
        name: Name::parse(name).unwrap(),
        document: document("id-card", ""),
        sex: Some(code("2")),
        relation: code(relation),
        birth_year: None,
    };
    happen(&mut county, 1, &life(What::Birth(person("张五", "42")))).unwrap();
    let child = member_of(&county, made(1, 2));
    assert_eq!(child.birth_year, Some(year(2016)));
    let mut arrival = life(What::Arrival(person("赵一", "38")));
    arrival.reason = None;
    assert_eq!(refused(&mut county, &arrival), "invalid-field");
    arrival.reason = Some(code("marriage"));
    happen(&mut county, 2, &arrival).unwrap();
    let leave = What::Leave {
        member: SON,
        end: code("moved-away"),
    };
    happen(&mut county, 3, &life(leave)).unwrap();
    let tallies: BTreeSet<_> = under(&county, Index::EventsOfHousehold, HOUSEHOLD)
        .iter()
        .flat_map(|event| event.body.tallies())
        .map(|tally| tally.dimension.into_owned())
        .collect();
    for dimension in [
        "household-event/birth",
        "household-event/joined/marriage",
        "household-event/left/other",
    ] {
        assert!(tallies.contains(dimension), "{tallies:?}");
    }
}

#[test]
fn s1_4_a_marriage_takes_a_member_from_one_household_to_another() {
    let mut county = families();
    let marries = Life {
        household: HOUSEHOLD,
        reason: Some(code("marriage")),
        ..life(What::Join {
            member: OTHER_HEAD,
            relation: code("38"),
        })
    };
    // The last member of the other household takes it along.
    must(&mut county, &marries);
    let bride = county.registry.get(OTHER_HEAD);
    assert_eq!(bride.area, area(VILLAGE));
    assert_eq!(Member::of(&bride.body).household, HOUSEHOLD);
    assert!(county.registry.get(OTHER_HOUSEHOLD).closed);
    let mut kinds = kinds_of_events(&county, OTHER_HOUSEHOLD);
    kinds.sort();
    assert_eq!(kinds, ["joined", "left"]);
    assert_eq!(refused(&mut county, &marries), "invalid-field");
}

#[test]
fn s1_4_a_household_has_exactly_one_head_whoever_it_is() {
    let mut county = families();
    let mut head = life(What::Head { member: SON });
    assert_eq!(refused(&mut county, &head), "relation-needed");
    head.relations = BTreeMap::from([(GRANDSON, code("20"))]);
    must(&mut county, &head);
    let relations = [HEAD, WIFE, SON, GRANDSON].map(|id| member_of(&county, id).relation);
    assert_eq!(
        relations.map(|code| code.to_string()),
        ["51", "51", "02", "20"]
    );
}

#[test]
fn a_household_with_an_open_case_is_not_closed() {
    let mut county = families();
    with_case(&mut county, "relapse");
    let mut merge = life(What::Merge {
        into: OTHER_HOUSEHOLD,
    });
    merge.relations = [HEAD, WIFE, SON, GRANDSON]
        .map(|id| (id, code("97")))
        .into();
    assert_eq!(refused(&mut county, &merge), "still-in-case");
}

#[test]
fn an_event_says_what_the_records_say_and_never_changes() {
    let mut county = families();
    let event = |kind: &str| HouseholdEvent {
        kind: code(kind),
        household: HOUSEHOLD,
        other: None,
        members: vec![SON],
        on: day(20160901),
        reason: Some(code("other")),
        case: None,
        note: None,
    };
    for kind in [
        "split",
        "merged",
        "moved-out",
        "death",
        "birth",
        "left",
        "head",
    ] {
        let create = Change::create(NEW, area(VILLAGE), event(kind));
        let refused = county.decide(vec![create]).unwrap_err();
        assert_eq!(refused.refusal.code(), "event-not-so", "{kind}: {refused}");
    }
    must(
        &mut county,
        &life(What::Leave {
            member: SON,
            end: code("moved-away"),
        }),
    );
    let written = county.registry.get(made(1, 0)).clone();
    let Body::HouseholdEvent(mut body) = written.body.clone() else {
        panic!("the event is one")
    };
    body.on = day(20160902);
    let changed = Change::of(&written, Action::Change, body);
    let refused = county.decide(vec![changed]).unwrap_err();
    assert_eq!(refused.refusal.code(), "invalid-field");
    let taken_back = Change::of(&written, Action::Close, written.body.clone());
    county.must(vec![taken_back]);
}

#[test]
fn s4_4_nobody_is_unpaired_before_exit() {
    let mut county = families();
    let end = county.edit(PAIRING, Action::Close, |pairing: &mut Pairing| {
        pairing.until = Some(day(20160901));
    });
    let refused = county.decide(vec![end.clone()]).unwrap_err();
    assert_eq!(refused.refusal.code(), "unpaired-before-exit");
    let answers_no_more = county.edit(PAIRING, Action::Change, |pairing: &mut Pairing| {
        pairing.responsible = false;
    });
    let refused = county.decide(vec![answers_no_more]).unwrap_err();
    assert_eq!(refused.refusal.code(), "unpaired-before-exit");
    // A successor who comes a day later leaves a gap, one who does not answer for the household is none.
    county.must(vec![Change::create(
        SUCCESSOR,
        area(TOWNSHIP),
        cadre("township", "9"),
    )]);
    let level = lika_core::record::HelperLevel::Township;
    for (from, responsible) in [(20160902, true), (20160901, false)] {
        let next = Pairing {
            from: day(from),
            responsible,
            ..pairing(HOUSEHOLD, SUCCESSOR, level)
        };
        let changes = vec![end.clone(), Change::create(NEW, area(VILLAGE), next)];
        let refused = county.decide(changes).unwrap_err();
        assert_eq!(refused.refusal.code(), "unpaired-before-exit");
    }
    let exited_in = |county: &County, of| {
        county.edit(HOUSEHOLD, Action::Change, |household: &mut Household| {
            household.exit_year = Some(year(of));
        })
    };
    let later = vec![exited_in(&county, 2017), end.clone()];
    let refused = county.decide(later).unwrap_err();
    assert_eq!(refused.refusal.code(), "unpaired-before-exit");
    county.must(vec![exited_in(&county, 2016), end]);
}

fn succeed(county: &mut County, by: RecordId, on: u32) -> Result<succession::Plan, Refusal> {
    let succession = Succession {
        cadre: CADRE,
        by,
        on: day(on),
    };
    let plan = succession::plan(&county.registry, &succession, day(20161001), |place| {
        made(9, place)
    });
    match plan {
        Ok(plan) => match county.decide(plan.changes.clone()) {
            Ok(_) => Ok(plan),
            Err(refused) => Err(refused.refusal),
        },
        Err(household_life::Error::Refused(refusal)) => Err(refusal),
        Err(household_life::Error::Records(never)) => match never {},
    }
}

#[test]
fn s4_4_a_successor_takes_over_from_the_day_and_without_a_gap() {
    let mut county = families();
    county.must(vec![Change::create(
        SUCCESSOR,
        area(TOWNSHIP),
        cadre("township", "9"),
    )]);
    let code_of = |refusal: Result<_, Refusal>| refusal.map(drop).unwrap_err().code();
    assert_eq!(
        code_of(succeed(&mut county, CADRE, 20160901)),
        "invalid-field"
    );
    assert_eq!(
        code_of(succeed(&mut county, NEW, 20160901)),
        "no-such-record"
    );
    assert_eq!(
        code_of(succeed(&mut county, SUCCESSOR, 20161002)),
        "in-the-future"
    );
    let office = Post {
        cadre: CADRE,
        role: code("work-station-head"),
        from: day(20160101),
        until: None,
    };
    county.must(vec![Change::create(NEW, area(TOWNSHIP), office)]);
    let plan = succeed(&mut county, SUCCESSOR, 20160901).unwrap();
    assert_eq!((plan.households, plan.seats, plan.posts), (1, 1, 1));
    let ended = Post::of(&county.registry.get(NEW).body);
    assert_eq!(ended.until, Some(day(20160901)));
    let held = under(&county, Index::PostsOfCadre, SUCCESSOR);
    let held: Vec<_> = held
        .iter()
        .map(|it| (it.area, Post::of(&it.body)))
        .collect();
    let next = Post {
        cadre: SUCCESSOR,
        from: day(20160901),
        until: None,
        ..ended.clone()
    };
    assert_eq!(held, [(area(TOWNSHIP), next)]);
    let ended = county.registry.get(PAIRING);
    assert_eq!(Pairing::of(&ended.body).until, Some(day(20160901)));
    let open = under(&county, Index::PairingsOfHousehold, HOUSEHOLD);
    let next = Pairing::of(&open[0].body);
    assert_eq!((open.len(), next.cadre), (1, SUCCESSOR));
    assert_eq!((next.from, next.responsible), (day(20160901), true));
    let team = VillageTeam::of(&county.registry.get(TEAM).body);
    let seats = team.seats.iter();
    let seats: Vec<_> = seats
        .map(|seat| (seat.holder, seat.from, seat.until))
        .collect();
    assert_eq!(
        seats,
        [
            (CADRE, day(20160101), Some(day(20160901))),
            (SUCCESSOR, day(20160901), None)
        ]
    );
    let post = county.registry.get(CADRE);
    assert_eq!(
        (post.closed, Cadre::of(&post.body).until),
        (true, Some(day(20160901)))
    );
}

#[test]
fn s4_11_an_exit_ends_the_pairings_and_a_relapse_takes_the_household_back() {
    let mut county = families();
    with_case(&mut county, "exit");
    let exit = life(What::Exit { case: CASE });
    assert_eq!(refused(&mut county, &exit), "step-skipped");
    take(&mut county, "survey");
    happen(&mut county, 1, &exit).unwrap();
    let exited = household_of(&county, HOUSEHOLD);
    assert_eq!(exited.exit_year, Some(year(2016)));
    assert_eq!(exited.household_type, "exited");
    assert!(county.registry.get(PAIRING).closed);
    assert!(county.registry.get(CASE).closed);
    // An exit's case is no relapse.
    let relapse = life(What::Relapse {
        case: CASE,
        household_type: code("general"),
    });
    let refusal = happen(&mut county, 2, &relapse).unwrap_err();
    assert_eq!(refusal.code(), "event-not-so");
    // A case leads to one exit, and after what was done in it.
    let again = HouseholdEvent {
        kind: code("exited"),
        household: HOUSEHOLD,
        on: day(20160902),
        other: None,
        members: Vec::new(),
        case: Some(CASE),
        reason: Some(code("other")),
        note: Some(None),
    };
    let write = |county: &mut County, event: HouseholdEvent| {
        let refused = county.decide(vec![Change::create(NEW, area(VILLAGE), event)]);
        refused.unwrap_err().to_string()
    };
    let refused = write(&mut county, again.clone());
    assert!(refused.contains("an event already"), "{refused}");
    let before = HouseholdEvent {
        on: day(20160819),
        ..again
    };
    let refused = write(&mut county, before);
    assert!(refused.contains("after that day"), "{refused}");
}

fn measure() -> Measure {
    Measure {
        household: Some(HOUSEHOLD),
        member: None,
        kind: code(lika_core::codes::list("measure-kind").unwrap().entries[0].code),
        project: None,
        from: day(20160201),
        until: None,
        amount: None,
        results: Vec::new(),
    }
}

/// A case of the household by a procedure of one step, a survey.
fn with_case(county: &mut County, kind: &str) {
    let survey = Step {
        code: code("survey"),
        act: code("survey"),
        level: code("village"),
        least: 0,
        most: 0,
        counted: Counted::Calendar,
    };
    let procedure = Procedure {
        kind: code(kind),
        name: lika_core::value::Label::parse("一步").unwrap(),
        from: day(20160101),
        until: None,
        steps: vec![survey],
        objection_days: 5,
    };
    let procedure_id = procedure.id_in(&area(COUNTY));
    county.must(vec![Change::create(procedure_id, area(COUNTY), procedure)]);
    let case = Case {
        procedure: procedure_id,
        kind: code(kind),
        subject: Some(CaseSubject {
            kind: Kind::Household,
            id: HOUSEHOLD,
        }),
        opened_on: day(20160801),
        steps: Vec::new(),
        end: None,
        due: None,
        note: None,
    };
    county.must(vec![Change::create(CASE, area(VILLAGE), case)]);
}

fn take(county: &mut County, step: &str) {
    let conditions = lika_core::codes::list("exit-condition").unwrap().entries;
    let found = |condition: &lika_core::codes::CodeEntry| ConditionFound {
        condition: condition.to_code(),
        met: true,
        evidence: Code::parse(lika_core::codes::list("evidence").unwrap().entries[0].code).unwrap(),
    };
    let taken = Taken {
        step: code(step),
        on: day(20160820),
        officer: id(8),
        result: code("passed"),
        votes: None,
        notice: None,
        conditions: conditions.iter().map(found).collect(),
    };
    let change = county.edit(CASE, Action::Change, |case: &mut Case| {
        case.steps.push(taken);
    });
    county.must(vec![change]);
}

/// Something that may happen, by numbers.
fn anything() -> impl Strategy<Value = (u8, usize, usize, u8)> {
    (0_u8..8, 0_usize..12, 0_usize..12, 0_u8..3)
}

fn of_numbers(county: &County, (what, first, second, other): (u8, usize, usize, u8)) -> Life {
    let Ok(households) = county.registry.in_area(Kind::Household, &area(COUNTY));
    let Ok(people) = county.registry.in_area(Kind::Member, &area(COUNTY));
    let pick = |from: &[RecordId], number: usize| from.get(number % from.len().max(1)).copied();
    let member = pick(&people, first).unwrap_or(NEW);
    let heir = pick(&people, second).unwrap_or(NEW);
    let household = match county.registry.current(&member) {
        Ok(Some(record)) => Member::of(&record.body).household,
        _ => NEW,
    };
    let other_household = pick(&households, second).unwrap_or(NEW);
    let villages = [VILLAGE, OTHER_VILLAGE, VILLAGE];
    let what = match what {
        0 => What::Split {
            members: vec![member],
            head: member,
            number: None,
        },
        1 => What::Merge {
            into: other_household,
        },
        2 | 3 => What::Move {
            to: area(villages[usize::from(other)]),
            address: None,
        },
        4 => What::Death { member },
        5 => What::Join {
            member: heir,
            relation: code("97"),
        },
        6 => What::Head { member },
        _ => What::Birth(Person {
            name: Name::parse("张").unwrap(),
            document: document("id-card", ""),
            sex: None,
            relation: code("20"),
            birth_year: None,
        }),
    };
    Life {
        household,
        heir: Some(heir),
        relations: people.iter().map(|id| (*id, code("97"))).collect(),
        ..life(what)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever happens, or is refused: one head each, everything in one area, and events that name what is there.
    #[test]
    fn whatever_happens_every_household_is_whole(
        happenings in proptest::collection::vec(anything(), 1..16),
    ) {
        let mut county = families();
        county.must(vec![living(VILLAGE, 20160101), Change::create(id(30), area(VILLAGE), measure())]);
        for (number, numbers) in happenings.into_iter().enumerate() {
            let life = of_numbers(&county, numbers);
            let before = county.registry.clone();
            if happen(&mut county, u8::try_from(number).unwrap() + 50, &life).is_err() {
                prop_assert!(county.registry.same(&before));
            }
            let Ok(households) = county.registry.in_area(Kind::Household, &area(COUNTY));
            for household in households {
                let place = county.registry.get(household).area;
                let members = under(&county, Index::MembersOfHousehold, household);
                let heads = members.iter().filter(|it| Member::of(&it.body).is_head());
                prop_assert_eq!(heads.count(), 1);
                for index in [
                    Index::MembersOfHousehold,
                    Index::PairingsOfHousehold,
                    Index::MeasuresOfHousehold,
                ] {
                    for record in under(&county, index, household) {
                        prop_assert_eq!(record.area, place);
                    }
                }
                prop_assert!(!under(&county, Index::PairingsOfHousehold, household).is_empty()
                    || household == OTHER_HOUSEHOLD || !kinds_of_events(&county, household).is_empty());
            }
        }
    }
}
