//! S2.2 and S2.3: a family for every cause, each helped in one of the eight ways; and all the others.

use std::collections::BTreeSet;

use anyhow::Context as _;
use lika_core::{
    command::Change,
    log::{Action, Kind},
    measure::place,
    record::{Body, Decision, Household, Measure, Member, Outcome, Record},
    value::{AreaCode, Code, Date, RecordId},
};

use super::{
    Figure, Row, Sanming, Scene,
    people::{self, id},
    places,
};

/// Of ten people of the document one is registered (S2.7).
const PEOPLE: u32 = 5_520;
/// Those of Yuanshan.
const OF_YUANSHAN: u32 = 62;
/// Households besides these and those of the eight families: all of them borrow (S2.5), and 970 are hosted.
const HOUSEHOLDS: u32 = 1_738;
/// The usual four causes and four lacks, what a member is planned for, and what the family is given.
const FAMILIES: [(&str, &str, &str); 8] = [
    ("illness", "protection", "pairing"),
    ("disability", "protection", "relocation"),
    ("schooling", "schooling", "idle-assets"),
    ("disaster", "relocation", "order-contract"),
    ("labour", "industry", "shareholding"),
    ("skill", "science", "start-up"),
    ("funds", "finance", "mutual-funds"),
    ("land", "industry", "base-hosting"),
];
const IN_FAMILY: u32 = 4;
const CAUSES: usize = 4;
/// The village of the eight families.
const THEIR_VILLAGE: usize = 0;

/// The id of one of the eight families.
pub(super) fn family(number: usize) -> RecordId {
    id("family", number)
}

/// Where the eight families live.
pub(super) fn their_village() -> anyhow::Result<AreaCode> {
    places::village(THEIR_VILLAGE)
}

/// Another household and its village: any but Yuanshan, whose households are those of the co-operative.
pub(super) fn other(number: usize) -> anyhow::Result<(RecordId, AreaCode)> {
    let place = number % (places::VILLAGES - 1);
    let village = places::village(place + usize::from(place >= places::YUANSHAN))?;
    Ok((id("other-household", number), village))
}

/// Registers the eight families with what is planned for them, and the others.
pub(super) fn register(scene: &mut Scene, from: Date) -> anyhow::Result<()> {
    let village = their_village()?;
    for (number, (cause, planned, kind)) in FAMILIES.iter().enumerate() {
        let household = Household {
            main_cause: Some(Code::parse(cause)?),
            ..people::household("general")?
        };
        let mut changes = vec![Change::create(family(number), village, household)];
        for place in 0..IN_FAMILY {
            let measures = match place {
                0 => vec![Code::parse(planned)?],
                _ => Vec::new(),
            };
            let member = Member {
                measures,
                ..people::member(family(number), place, from)?
            };
            let own = id("family-member", number * 10 + usize::try_from(place)?);
            changes.push(Change::create(own, village, member));
        }
        let given = measure(family(number), kind, from)?;
        changes.push(Change::create(id("way", number), village, given));
        scene.apply(changes)?;
    }
    let rest = PEOPLE - OF_YUANSHAN - IN_FAMILY * u32::try_from(FAMILIES.len())?;
    let of_four = rest - 3 * HOUSEHOLDS;
    let mut changes = Vec::new();
    for number in 0..HOUSEHOLDS {
        let (own, village) = other(usize::try_from(number)?)?;
        changes.push(Change::create(own, village, people::household("general")?));
        for place in 0..3 + u32::from(number < of_four) {
            let person = id("other-member", usize::try_from(number * 10 + place)?);
            let member = people::member(own, place, from)?;
            changes.push(Change::create(person, village, member));
        }
        // A household and its people come in one command.
        if number % 200 == 199 {
            scene.apply(std::mem::take(&mut changes))?;
        }
    }
    scene.apply(changes)
}

/// What a household is given from a day on.
pub(super) fn measure(household: RecordId, kind: &str, from: Date) -> anyhow::Result<Measure> {
    Ok(Measure {
        household: Some(household),
        member: None,
        kind: Code::parse(kind)?,
        project: None,
        from,
        until: None,
        amount: None,
        results: Vec::new(),
    })
}

/// S2.2: each cause points to measures.
pub(super) fn causes() -> Vec<Row<Sanming>> {
    let row = |what, read, falsify| {
        Row::<Sanming>::new(
            ("S2.2", what),
            Figure::Count(4),
            read,
            "nothing is planned for a family any more, and the policy runs again",
            falsify,
        )
        .remark("the document does not list them; these are the usual ones")
    };
    vec![
        row(
            "causes for which measures are planned",
            |sanming| sanming.answered(&FAMILIES[..CAUSES]),
            |sanming| sanming.plan_nothing(0),
        ),
        row(
            "lacks for which measures are planned",
            |sanming| sanming.answered(&FAMILIES[CAUSES..]),
            |sanming| sanming.plan_nothing(CAUSES),
        ),
    ]
}

/// S2.3: the ways in which households are helped.
pub(super) fn ways() -> Row<Sanming> {
    Row::<Sanming>::new(
        ("S2.3", "ways of help that are in use"),
        Figure::Count(8),
        |sanming| {
            let measures = sanming.scene.list(Kind::Measure, &sanming.scene.area())?;
            let way = |record: &Record| match &record.body {
                Body::Measure(measure) => place(measure.kind.as_str())?.way,
                _ => None,
            };
            let ways: BTreeSet<&str> = measures.iter().filter_map(way).collect();
            Ok(Figure::Count(i64::try_from(ways.len())?))
        },
        "nobody's idle assets are put to use",
        |sanming| {
            let is_it = |body: &Body| match body {
                Body::Measure(measure) => measure.kind == "idle-assets",
                _ => false,
            };
            let record = sanming.first(Kind::Measure, is_it)?;
            let body = record.body.clone();
            let close = Change::of(&record, Action::Close, body);
            sanming.scene.apply(vec![close])
        },
    )
    .remark("348: each measure has its place among them")
}

impl Sanming {
    /// For how many of these causes something is planned, as the policy finds of the households that have them.
    fn answered(&self, causes: &[(&str, &str, &str)]) -> anyhow::Result<Figure> {
        let area = self.scene.area();
        let planned = |record: Record| match record.body {
            Body::Decision(Decision {
                purpose,
                subject,
                outcome: Outcome::Granted(_),
                ..
            }) if purpose == "causes" => Some(subject),
            _ => None,
        };
        let decisions = self.scene.list(Kind::Decision, &area)?;
        let planned: BTreeSet<RecordId> = decisions.into_iter().filter_map(planned).collect();
        let mut answered = BTreeSet::new();
        for record in self.scene.list(Kind::Household, &area)? {
            if let Body::Household(household) = &record.body
                && let Some(cause) = &household.main_cause
                && planned.contains(&record.id)
                && causes.iter().any(|(own, ..)| cause == own)
            {
                answered.insert(cause.clone());
            }
        }
        Ok(Figure::Count(i64::try_from(answered.len())?))
    }

    fn plan_nothing(&mut self, number: usize) -> anyhow::Result<()> {
        let head = id("family-member", number * 10);
        let members = self.scene.list(Kind::Member, &their_village()?)?;
        let record = members.into_iter().find(|record| record.id == head);
        let record = record.context("no such family")?;
        let Body::Member(member) = &record.body else {
            anyhow::bail!("not a member")
        };
        let nothing = Member {
            measures: Vec::new(),
            ..member.clone()
        };
        self.scene.change(&record, nothing)?;
        self.scene.evaluate("causes")
    }
}
