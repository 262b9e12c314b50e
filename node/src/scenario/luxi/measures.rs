//! S4.10: overlapping sets of people, and what was given to them.

use std::collections::BTreeSet;

use anyhow::Context as _;
use lika_core::{
    command::Change,
    log::{Action, Kind},
    record::{Body, Measure, Member, OfficialStatistic, Record},
    value::{Code, Date, RecordId, Year},
};

use super::{Luxi, Scene};
use crate::scenario::{Figure, Row, people};

/// The year that the document reports.
pub const GIVEN_IN: u16 = 2015;
const JOBS: usize = 2_188;
const POSTS: usize = 172;
const RELOCATED: i64 = 1_026;
/// The document gives no figure.
const RELOCATED_REGISTERED: i64 = 205;
const RELOCATED_SERIES: &str = "relocated-people";

/// S4.10: overlapping sets of people.
pub fn planned() -> Vec<Row<Luxi>> {
    let measure = |what, source, remark, read, falsify| {
        Row::<Luxi>::new(
            ("S4.10", what),
            Figure::Count(source),
            read,
            "one person is planned for it no longer",
            falsify,
        )
        .remark(remark)
    };
    vec![
        measure(
            "industry: labour that lacks skill, funds or a project",
            1_166,
            "",
            |luxi| luxi.total("measure/industry", 0),
            |luxi| luxi.replan("industry"),
        ),
        measure(
            "schooling: poor because of schooling",
            1_017,
            "",
            |luxi| luxi.total("measure/schooling", 0),
            |luxi| luxi.replan("schooling"),
        ),
        measure(
            "employment: labour without a job",
            3_044,
            "",
            |luxi| luxi.total("measure/employment", 0),
            |luxi| luxi.replan("employment"),
        ),
        measure(
            "protection floor",
            7_183,
            "",
            |luxi| luxi.total("measure/protection", 0),
            |luxi| luxi.replan("protection"),
        ),
        measure(
            "science and technology: labour that lacks skill",
            836,
            "may lie inside the 1,166 of industry",
            |luxi| luxi.total("measure/science", 0),
            |luxi| luxi.replan("science"),
        ),
        measure(
            "the four sets of people together",
            12_410,
            "more than the 10,485 people: the document counts overlapping sets",
            |luxi| {
                let sets = ["protection", "employment", "industry", "schooling"];
                let area = luxi.scene.area();
                let counts = sets
                    .map(|set| luxi.scene.total(&area, &format!("measure/{set}"), 0))
                    .into_iter()
                    .sum::<anyhow::Result<i64>>()?;
                Ok(Figure::Count(counts))
            },
            |luxi| luxi.replan("employment"),
        ),
        measure(
            "people whom the protection floor does not hold",
            3_302,
            "10,485 less 7,183; industry and employment, 4,210 together, must overlap by 908 or more",
            |luxi| {
                let area = luxi.scene.area();
                let held = luxi.scene.total(&area, "measure/protection", 0)?;
                Ok(Figure::Count(luxi.scene.total(&area, "people", 0)? - held))
            },
            |luxi| luxi.replan("protection"),
        ),
    ]
}

/// What was given, and what is reported of the year.
pub fn given() -> Vec<Row<Luxi>> {
    let given = |what, source, remark, read, falsify| {
        Row::<Luxi>::new(
            ("S4.10", what),
            Figure::Count(source),
            read,
            "what was given to one turns out not to have been",
            falsify,
        )
        .remark(remark)
    };
    vec![
        given(
            "employment: people moved into jobs",
            2_188,
            "of the 3,044",
            |luxi| luxi.total("people-with-result/job", GIVEN_IN.into()),
            |luxi| luxi.take_back("labour-export"),
        ),
        given(
            "employment: households by public-service posts",
            172,
            "",
            |luxi| {
                luxi.total(
                    "households-with-result/public-service-post",
                    GIVEN_IN.into(),
                )
            },
            |luxi| luxi.take_back("public-service-post"),
        ),
        Row::<Luxi>::new(
            ("S4.10", "relocation: people relocated in 2015"),
            Figure::Count(RELOCATED),
            |luxi| Ok(Figure::Count(luxi.relocated()?.1.value)),
            "one less was reported",
            |luxi| luxi.correct_relocated(RELOCATED - 1),
        )
        .entered()
        .remark("as the province has approved them"),
        Row::<Luxi>::new(
            ("S4.10", "relocation: those of them who are not registered"),
            Figure::shown("some"),
            |luxi| {
                let area = luxi.scene.area();
                let registered =
                    luxi.scene
                        .total(&area, "people-helped/relocation", GIVEN_IN.into())?;
                let some = registered < luxi.relocated()?.1.value;
                Ok(Figure::shown(if some { "some" } else { "none" }))
            },
            "no more were reported than are registered",
            |luxi| luxi.correct_relocated(RELOCATED_REGISTERED),
        )
        .remark("the document does not say how many"),
        given(
            "social help: people",
            10_485,
            "everybody who is registered",
            |luxi| luxi.total("people-by-measure/social", GIVEN_IN.into()),
            |luxi| luxi.take_back("donation"),
        ),
        Row::<Luxi>::new(
            ("S4.10", "pairing: households"),
            Figure::Count(3_906),
            |luxi| luxi.total("households-paired", 0),
            "nobody answers for a household any more",
            |luxi| luxi.unpair(|pairing| pairing.responsible),
        ),
    ]
}

/// Jobs for so many who were planned for employment, some of them by a post in public service, one in a household;
/// relocation for some, and help from society for everybody.
pub fn give(scene: &mut Scene) -> anyhow::Result<()> {
    let members = scene.survey(Kind::Member, &scene.area())?;
    let mut changes = Vec::new();
    let mut with_post = BTreeSet::new();
    let jobless = members
        .iter()
        .filter(|record| is_planned(record, "employment"));
    for person in jobless.take(JOBS) {
        let has_post = member(person)
            .is_some_and(|it| with_post.len() < POSTS && with_post.insert(it.household));
        let (kind, results) = match has_post {
            true => ("public-service-post", &["job", "public-service-post"][..]),
            false => ("labour-export", &["job"][..]),
        };
        changes.push(given_to(person, kind, results)?);
    }
    let relocated = usize::try_from(RELOCATED_REGISTERED)?;
    for person in members.iter().take(relocated) {
        changes.push(given_to(person, "relocation", &["moved"])?);
    }
    for person in &members {
        changes.push(given_to(person, "donation", &[])?);
    }
    let reported = (RELOCATED_SERIES, Year::new(GIVEN_IN)?);
    changes.push(people::statistic(
        scene.area(),
        reported,
        RELOCATED,
        "芦溪县移民办",
    )?);
    scene.apply(changes)
}

fn given_to(person: &Record, kind: &str, results: &[&str]) -> anyhow::Result<Change> {
    let member = member(person).context("not a member")?;
    let results = results.iter().map(|code| Code::parse(code));
    let measure = Measure {
        member: Some(person.id),
        results: results.collect::<Result<_, _>>()?,
        ..people::measure(member.household, kind, Date::new(GIVEN_IN, 3, 1)?)?
    };
    let own = RecordId::derived(&format!("lika.scenario.{kind}"), &person.id.0);
    Ok(Change::create(own, person.area, measure))
}

fn member(record: &Record) -> Option<&Member> {
    match &record.body {
        Body::Member(member) => Some(member),
        _ => None,
    }
}

fn is_planned(record: &Record, measure: &str) -> bool {
    member(record).is_some_and(|it| it.measures.iter().any(|own| own.as_str() == measure))
}

impl Luxi {
    fn replan(&mut self, measure: &str) -> anyhow::Result<()> {
        let record = self.first(Kind::Member, |record| is_planned(record, measure))?;
        let mut member = member(&record).context("not a member")?.clone();
        member.measures.retain(|it| it.as_str() != measure);
        self.scene.change(&record, member)
    }

    fn take_back(&mut self, kind: &str) -> anyhow::Result<()> {
        let is_it =
            |record: &Record| matches!(&record.body, Body::Measure(it) if it.kind.as_str() == kind);
        let record = self.first(Kind::Measure, is_it)?;
        let closed = Change::of(&record, Action::Close, record.body.clone());
        self.scene.apply(vec![closed])
    }

    fn relocated(&self) -> anyhow::Result<(Record, OfficialStatistic)> {
        let (series, year) = (Code::parse(RELOCATED_SERIES)?, Year::new(GIVEN_IN)?);
        self.scene.statistic(&series, year)
    }

    fn correct_relocated(&mut self, value: i64) -> anyhow::Result<()> {
        let (record, reported) = self.relocated()?;
        self.scene
            .change(&record, OfficialStatistic { value, ..reported })
    }
}
