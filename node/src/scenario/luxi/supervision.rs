//! S4.8: task accounts, the six ones, spot checks, and the ladder.

use std::collections::BTreeMap;

use anyhow::Context as _;
use lika_core::{
    log::Kind,
    record::{Answerable, Body},
    value::{AreaCode, AreaLevel, Date, RecordId},
};

use super::{
    Luxi, Scene, YEAR,
    organisation::{FIRST_SECRETARY, GROUP_HEAD, PARTY_SECRETARY, STATION_HEAD},
};
use crate::scenario::{
    Figure, Row,
    scene::supervision::{cadre, finding, sanction},
};

const SIX_ONES: [&str; 6] = [
    "diary",
    "ledger",
    "lecture",
    "survey-report",
    "promised-works",
    "quarterly-report",
];
const ACCOUNTS: [&str; 4] = [
    "year-account",
    "quarter-account",
    "month-account",
    "week-account",
];
const LADDER: [&str; 3] = ["reprimand", "interview", "accountability"];

/// Whom inspections have found something about.
pub struct Supervision {
    /// Who did not put it right.
    climbed: (Answerable, AreaCode),
    /// About whom a spot check found something, and what: nobody has been reprimanded yet.
    found: (Answerable, AreaCode, RecordId),
    /// About whom nothing was found yet.
    blameless: (Answerable, AreaCode, Option<RecordId>),
}

impl Supervision {
    /// Puts the duties in force, lets everybody do them for the year but village groups, and inspects.
    pub fn supervise(scene: &mut Scene) -> anyhow::Result<Self> {
        let begin = Date::new(YEAR, 1, 1)?;
        let duties = scene.install_duties("luxi", begin)?;
        let mut posts = Vec::new();
        for role in [FIRST_SECRETARY, PARTY_SECRETARY, STATION_HEAD, GROUP_HEAD] {
            posts.extend(scene.posts(role)?);
        }
        // What the groups of villages do is not looked at.
        let is_of_village =
            |role: &str, area: &AreaCode| role == GROUP_HEAD && area.level() == AreaLevel::Village;
        posts.retain(|record| {
            matches!(&record.body, Body::Post(post) if !is_of_village(post.role.as_str(), &record.area))
        });
        scene.fulfil(&duties, &posts, begin)?;

        let cadres = scene.survey(Kind::Cadre, &scene.area())?;
        let mut last = cadres
            .iter()
            .rev()
            .map(|record| (cadre(record.id), record.area));
        let mut next = || last.next().context("too few cadres");
        let (climbed, found, blameless) = (next()?, next()?, next()?);
        for (rung, month) in LADDER.into_iter().zip([3, 5, 7]) {
            let ground = spot_check(scene, climbed, Date::new(YEAR, month, 1)?)?;
            let day = Date::new(YEAR, month, 20)?;
            scene.impose(climbed.1, sanction(climbed.0, rung, ground, day)?)?;
        }
        let ground = spot_check(scene, found, Date::new(YEAR, 9, 1)?)?;
        Ok(Self {
            climbed,
            found: (found.0, found.1, ground),
            blameless: (blameless.0, blameless.1, None),
        })
    }
}

fn spot_check(
    scene: &mut Scene,
    (about, area): (Answerable, AreaCode),
    on: Date,
) -> anyhow::Result<RecordId> {
    scene.find(area, finding(about, ("inaction", "spot-check"), on)?)
}

/// S4.8.
pub fn rows() -> Vec<Row<Luxi>> {
    let mut rows = accounts();
    rows.extend(ladder());
    rows
}

/// What is done in which time.
fn accounts() -> Vec<Row<Luxi>> {
    vec![
        Row::<Luxi>::new(
            (
                "S4.8",
                "accounts of year, quarter, month and week that the stations rendered",
            ),
            Figure::shown("9 36 108 468"),
            |luxi| {
                let begin = Date::new(YEAR, 1, 1)?;
                let tasks = luxi.scene.tasks(begin, luxi.scene.today())?;
                let done = ACCOUNTS.map(|code| tasks.get(code).map_or(0, |count| count.done));
                Ok(Figure::Shown(done.map(|done| done.to_string()).join(" ")))
            },
            "the account of one week was not rendered",
            |luxi| luxi.undo("week-account"),
        )
        .remark("9 stations; 2016 has 52 weeks that begin in it"),
        Row::<Luxi>::new(
            (
                "S4.8",
                "of the six ones those that every secretary has kept",
            ),
            Figure::count(SIX_ONES.len()),
            |luxi| {
                let begin = Date::new(YEAR, 1, 1)?;
                let tasks = luxi.scene.tasks(begin, luxi.scene.today())?;
                let is_kept = |code: &&&str| {
                    let count = tasks.get(**code);
                    count.is_some_and(|count| count.owed > 0 && count.done == count.owed)
                };
                Ok(Figure::count(SIX_ONES.iter().filter(is_kept).count()))
            },
            "a diary of one month was not kept",
            |luxi| luxi.undo("diary"),
        )
        .remark("36 first secretaries and the party secretaries of 14 key villages"),
        Row::<Luxi>::new(
            (
                "S4.8",
                "lectures and written reports of the secretary who has fewest",
            ),
            Figure::shown("4 4"),
            |luxi| {
                let counts = luxi.fewest(&["lecture", "quarterly-report"])?;
                Ok(Figure::Shown(counts.join(" ")))
            },
            "one lecture was not given",
            |luxi| luxi.undo("lecture"),
        )
        .remark("one each quarter"),
    ]
}

/// What follows from what is found.
fn ladder() -> Vec<Row<Luxi>> {
    vec![
        Row::<Luxi>::new(
            ("S4.8", "the ladder of somebody who puts nothing right"),
            Figure::shown("reprimand interview accountability"),
            |luxi| {
                let (who, area) = luxi.supervision.climbed;
                Ok(Figure::Shown(luxi.scene.sanctions(&area, who)?.join(" ")))
            },
            "the last rung is taken back",
            |luxi| {
                luxi.scene.take_back(
                    Kind::Sanction,
                    |record| matches!(&record.body, Body::Sanction(it) if it.kind.as_str() == "accountability"),
                )
            },
        ),
        Row::<Luxi>::new(
            ("S4.8", "somebody is interviewed who was not reprimanded"),
            Figure::shown("rung-skipped"),
            |luxi| Figure::of_attempt(luxi.take_to_task("interview")),
            "the reprimand comes first",
            |luxi| luxi.take_to_task("reprimand"),
        ),
        Row::<Luxi>::new(
            (
                "S4.8",
                "somebody is reprimanded of whom no check has found anything",
            ),
            Figure::shown("sanction-without-finding"),
            |luxi| {
                let (who, area, ground) = luxi.supervision.blameless;
                // Something that was found of somebody else.
                let ground = ground.unwrap_or(luxi.supervision.found.2);
                let today = luxi.scene.today();
                let reprimand = sanction(who, "reprimand", ground, today)?;
                Figure::of_attempt(luxi.scene.impose(area, reprimand))
            },
            "a spot check finds something",
            |luxi| {
                let (who, area, _) = luxi.supervision.blameless;
                let today = luxi.scene.today();
                let ground = spot_check(&mut luxi.scene, (who, area), today)?;
                luxi.supervision.blameless.2 = Some(ground);
                Ok(())
            },
        ),
    ]
}

impl Luxi {
    /// The first task of a duty turns out not to have been done.
    pub(super) fn undo(&mut self, duty: &str) -> anyhow::Result<()> {
        self.scene.take_back(
            Kind::Task,
            |record| matches!(&record.body, Body::Task(task) if task.code.as_ref().is_some_and(|own| own.as_str() == duty)),
        )
    }

    /// How often the holders of posts have done each of these duties who have done it least.
    fn fewest(&self, duties: &[&str]) -> anyhow::Result<Vec<String>> {
        let tasks = self.scene.list(Kind::Task, &self.scene.area())?;
        let fewest = |duty: &&str| {
            let mut counts: BTreeMap<RecordId, usize> = BTreeMap::new();
            for record in &tasks {
                if let Body::Task(task) = &record.body
                    && task.code.as_ref().is_some_and(|own| own.as_str() == *duty)
                {
                    *counts.entry(task.holder.id).or_default() += 1;
                }
            }
            counts
                .values()
                .min()
                .copied()
                .unwrap_or_default()
                .to_string()
        };
        Ok(duties.iter().map(fewest).collect())
    }

    fn take_to_task(&mut self, kind: &str) -> anyhow::Result<()> {
        let (who, area, ground) = self.supervision.found;
        let today = self.scene.today();
        self.scene.impose(area, sanction(who, kind, ground, today)?)
    }
}
