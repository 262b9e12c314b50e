//! S1.4 and S1.7: who comes in and who goes, with reasons, every year; and what a year's work is assessed by.

use std::collections::BTreeMap;

use lika_core::{
    command::Change,
    log::{Action, Kind},
    record::{Body, Member, Record},
    value::{AreaCode, AreaLevel, Code, RecordId},
};

use super::{Levels, Scene, Tuanfeng, YEAR, rule, settle};
use crate::scenario::{
    Figure, Row,
    people::{self, id},
};

/// Those who come in and those who go are numbered from here on.
const FIRST: usize = 50;
/// The next one to exit.
const NEXT: usize = 53;
const STRUCK_OFF: usize = 55;

/// What is to be struck off, and how.
pub struct Year {
    struck_off: Record,
    /// Why its members leave; nobody leaves without a reason.
    reason: Option<&'static str>,
}

impl Year {
    /// Two come in and one goes, by cases; somebody dies and somebody moves away.
    pub fn pass(scene: &mut Scene, levels: &Levels, village: AreaCode) -> anyhow::Result<Self> {
        for number in [FIRST, FIRST + 1, FIRST + 2, NEXT] {
            settle(scene, village, number, people::household("general")?, 3)?;
        }
        come_in(scene, levels, &[FIRST, FIRST + 1])?;
        exit(scene, levels, FIRST + 2)?;
        leave(scene, id("member", FIRST * 100 + 1), "death")?;
        leave(scene, id("member", FIRST * 100 + 2), "moved-away")?;
        let household = people::household("general")?;
        Ok(Self {
            struck_off: settle(scene, village, STRUCK_OFF, household, 2)?,
            reason: None,
        })
    }
}

fn come_in(scene: &mut Scene, levels: &Levels, numbers: &[usize]) -> anyhow::Result<()> {
    let households = numbers
        .iter()
        .map(|number| scene.get(&id("household", *number)));
    let households = households.collect::<anyhow::Result<Vec<_>>>()?;
    let cases = scene.open_cases(&levels.village, "identification", &households)?;
    scene.pass(levels, &cases, None)?;
    scene.end_cases(&levels.county, &cases, "completed")
}

fn exit(scene: &mut Scene, levels: &Levels, number: usize) -> anyhow::Result<()> {
    let household = scene.get(&id("household", number))?;
    let (own, officer) = (household.id, &levels.village);
    for case in scene.open_cases(officer, "exit", &[household])? {
        scene.pass(levels, &[case], None)?;
        scene.exit(&levels.county, &own, &case)?;
    }
    Ok(())
}

fn leave(scene: &mut Scene, member: RecordId, reason: &str) -> anyhow::Result<()> {
    let record = scene.get(&member)?;
    let left = left(scene, &record, reason)?;
    scene.apply(vec![left])
}

fn left(scene: &Scene, record: &Record, reason: &str) -> anyhow::Result<Change> {
    let Body::Member(member) = &record.body else {
        anyhow::bail!("not a member")
    };
    let member = Member {
        until: Some((scene.today(), Code::parse(reason)?)),
        ..member.clone()
    };
    Ok(Change::of(record, Action::Close, member))
}

/// S1.4.
pub fn rows() -> Vec<Row<Tuanfeng>> {
    vec![
        rule(
            ("S1.4", "households that came in and went by cases"),
            "3 identification, 1 exit",
            |it| {
                let cases = it.scene.list_closed(Kind::Case, &it.village)?;
                Ok(counted(cases.iter().filter_map(
                    |record| match &record.body {
                        Body::Case(case) if case.end.as_ref()?.as_str() == "completed" => {
                            Some(case.kind.as_str())
                        }
                        _ => None,
                    },
                )))
            },
            "one more exits",
            |it| {
                let levels = it.levels.clone();
                exit(&mut it.scene, &levels, NEXT)
            },
        ),
        rule(
            ("S1.4", "people who left their households, by reason"),
            "1 death, 1 moved-away",
            |it| {
                let people = it.scene.list_closed(Kind::Member, &it.village)?;
                Ok(counted(people.iter().filter_map(
                    |record| match &record.body {
                        Body::Member(member) => Some(member.until.as_ref()?.1.as_str()),
                        _ => None,
                    },
                )))
            },
            "somebody else dies",
            |it| leave(&mut it.scene, id("member", FIRST * 100 + 101), "death"),
        ),
        rule(
            (
                "S1.4",
                "a household is struck off while people belong to it",
            ),
            "still-has-members",
            |it| Figure::of_attempt(it.strike_off()),
            "each of them leaves with a reason",
            |it| {
                it.year.reason = Some("registered-by-mistake");
                Ok(())
            },
        ),
    ]
}

/// S1.7: the exits of the year are there for each level that is assessed by them.
pub fn assessed() -> Row<Tuanfeng> {
    Row::<Tuanfeng>::new(
        (
            "S1.7",
            "exits of the year that village, township and county are assessed by",
        ),
        Figure::shown("1 1 1"),
        |it| {
            let levels = [AreaLevel::Village, AreaLevel::Township, AreaLevel::County];
            let sums = levels.map(|level| {
                let figures = it.scene.totals_at(level, "exits", u32::from(YEAR))?;
                let sum: i64 = figures.iter().map(|(_, figure)| figure).sum();
                anyhow::Ok(sum.to_string())
            });
            let sums = sums.into_iter().collect::<anyhow::Result<Vec<_>>>()?;
            Ok(Figure::Shown(sums.join(" ")))
        },
        "one more exits",
        |it| {
            let household = it.scene.get(&id("household", FIRST))?;
            let year = it.scene.today().year();
            it.scene.set_exit_year(&[household], Some(year))
        },
    )
    .remark("the content of the assessment, level by level")
}

impl Tuanfeng {
    fn strike_off(&mut self) -> anyhow::Result<()> {
        let Year { struck_off, reason } = &self.year;
        let mut changes = Vec::new();
        if let Some(reason) = reason {
            for place in 0..2 {
                let person = self.scene.get(&id("member", STRUCK_OFF * 100 + place))?;
                changes.push(left(&self.scene, &person, reason)?);
            }
        }
        let body = struck_off.body.clone();
        changes.push(Change::of(struck_off, Action::Close, body));
        self.scene.apply(changes)
    }
}

/// How often each is named, the more frequent first.
fn counted<'a>(names: impl Iterator<Item = &'a str>) -> Figure {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for name in names {
        *counts.entry(name).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let counts = counts.iter().map(|(name, count)| format!("{count} {name}"));
    Figure::Shown(counts.collect::<Vec<_>>().join(", "))
}
