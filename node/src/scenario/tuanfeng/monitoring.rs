//! S1.6: every key village is monitored, by what nature, the economy and people make poor there, and by the work.

use std::collections::BTreeSet;

use anyhow::Context as _;
use lika_core::{
    command::Change,
    log::{Action, Kind},
    record::{Household, Member, Visit},
    value::{AreaCode, Code, Date, Fen, Span, Year},
};
use lika_proto::v1;

use super::{Scene, Tuanfeng, YEAR};
use crate::scenario::{
    Figure, Row,
    people::{self, id},
};

const TOWNSHIP: &str = "421121101";
/// The households of these villages are numbered from here on.
const FIRST: usize = 200;
/// In fen a head.
const INCOME: Fen = Fen(200_000);

/// The key villages of the county.
pub(super) fn villages() -> anyhow::Result<[AreaCode; 3]> {
    let village = |number: u32| AreaCode::parse(&format!("{TOWNSHIP}{number}"));
    Ok([village(201)?, village(202)?, village(203)?])
}

/// Registers a township of key villages, and of each what is known of it.
pub fn settle(scene: &mut Scene) -> anyhow::Result<()> {
    let (today, year) = (scene.today(), Year::new(YEAR)?);
    let key = || Span::new(Date::new(YEAR, 1, 1)?, None).context("a key village");
    let mut changes = vec![people::area(
        AreaCode::parse(TOWNSHIP)?,
        "回龙山镇",
        Vec::new(),
    )?];
    for village in villages()? {
        changes.push(people::area(village, village.digits(), vec![key()?])?);
    }
    let cadre = id("cadre", FIRST);
    changes.push(Change::create(
        cadre,
        AreaCode::parse(TOWNSHIP)?,
        people::cadre(today)?,
    ));
    scene.apply(changes)?;
    for (number, village) in (FIRST..).zip(villages()?) {
        let household = Household {
            safe_water: Some(false),
            dangerous_house: Some(true),
            ..people::household("general")?
        };
        let able = |_, member: Member| {
            Ok(Member {
                labour: Some(Code::parse("ordinary")?),
                ..member
            })
        };
        let mut changes = people::family(village, number, household, 2, able, today)?;
        changes.push(people::income(village, number, (year, 2), INCOME));
        let visit = Visit {
            household: Some(id("household", number)),
            cadre,
            on: today,
            purpose: Some(Code::parse("regular")?),
            note: None,
        };
        changes.push(Change::create(id("visit", number), village, visit));
        scene.apply(changes)?;
    }
    Ok(())
}

/// S1.6.
pub fn rows() -> Vec<Row<Tuanfeng>> {
    vec![
        Row::<Tuanfeng>::new(
            ("S1.6", "key villages that are monitored, of all"),
            Figure::shown("3 of 3"),
            |it| {
                let villages = it.scene.monitoring(Year::new(YEAR)?)?;
                let monitored = villages.iter().filter(|it| it.missing.is_empty());
                let (monitored, all) = (monitored.count(), villages.len());
                Ok(Figure::Shown(format!("{monitored} of {all}")))
            },
            "another village becomes one, of which nothing is known",
            |it| {
                let key = Span::new(Date::new(YEAR, 1, 1)?, None)?;
                let village = AreaCode::parse(&format!("{TOWNSHIP}204"))?;
                let area = people::area(village, village.digits(), vec![key])?;
                it.scene.apply(vec![area])
            },
        )
        .remark("the document says every one"),
        Row::<Tuanfeng>::new(
            ("S1.6", "what something is known of in the first of them"),
            Figure::shown("economic human natural work"),
            |it| {
                let village = it.monitored()?;
                let known = village.figures.iter().filter(|it| it.value.is_some());
                let known: BTreeSet<&str> = known.map(|it| it.aspect.as_str()).collect();
                Ok(Figure::Shown(Vec::from_iter(known).join(" ")))
            },
            "the income of its people turns out not to have been stated",
            |it| {
                let [village, ..] = villages()?;
                let is_it = |_: &_| true;
                let record = it.scene.first(Kind::IncomeStatement, &village, is_it)?;
                let taken = Change::of(&record, Action::Close, record.body.clone());
                it.scene.apply(vec![taken])
            },
        )
        .remark("poverty of nature, of the economy and of people, and the work itself"),
        Row::<Tuanfeng>::new(
            (
                "S1.6",
                "there: houses in danger, without safe water, unable to work, visits",
            ),
            Figure::shown("1 1 0 1"),
            |it| {
                let village = it.monitored()?;
                let names = [
                    "dangerous-houses",
                    "without-safe-water",
                    "unable-to-work",
                    "visits",
                ];
                let figure = |name| {
                    let mut figures = village.figures.iter();
                    let found = figures.find(|it| it.name == name);
                    let value = found.and_then(|it| it.value);
                    value.map_or("unknown".to_owned(), |value| value.to_string())
                };
                Ok(Figure::Shown(names.map(figure).join(" ")))
            },
            "its house is repaired",
            |it| {
                let record = it.scene.get(&id("household", FIRST))?;
                let repaired = Household {
                    safe_water: Some(false),
                    dangerous_house: Some(false),
                    ..people::household("general")?
                };
                it.scene.change(&record, repaired)
            },
        )
        .remark("counted in its records"),
    ]
}

impl Tuanfeng {
    /// What is known of the first key village.
    fn monitored(&self) -> anyhow::Result<v1::MonitoredVillage> {
        let [village, ..] = villages()?;
        let villages = self.scene.monitoring(Year::new(YEAR)?)?;
        let mut villages = villages.into_iter();
        let found = villages.find(|it| it.area == village.digits());
        found.context("it is no key village")
    }
}
