//! S3.2: one assessment a year, a hard settlement every three years, and what comes of failing.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context as _;
use lika_core::{
    command::Change,
    duties::Rhythm,
    log::Kind,
    record::{Answerable, Body, Sanction},
    value::{Code, Date, RecordId, Year},
};

use super::{Figure, Guangdong, Row, Scene, YEAR, id};
use crate::scenario::{
    people,
    scene::supervision::{cadre, entered_assessment, finding, sanction},
};

/// The round: three years, settled at the end of the last.
const FIRST_YEAR: u16 = YEAR - 2;
const DISMISSED: usize = 5;
const DUTIES: &str = "guangdong";
const HEAD: &str = "leading-group-head";

/// What was found about units and cadres.
pub struct Assessed {
    /// The unit that failed in a year.
    failed: Answerable,
    /// About a unit that was not reprimanded.
    found: (Answerable, RecordId),
}

impl Assessed {
    /// Assesses the units each year of the round and settles it, and takes those to task who failed.
    pub fn assess(scene: &mut Scene, units: usize) -> anyhow::Result<Self> {
        let (province, begin) = (scene.area(), Date::new(FIRST_YEAR, 1, 1)?);
        let cadres = (0..=DISMISSED).map(|number| {
            let body = people::cadre(begin)?;
            anyhow::Ok(Change::create(id("cadre", number), province, body))
        });
        scene.apply(cadres.collect::<anyhow::Result<Vec<_>>>()?)?;
        let duties = scene.install_duties(DUTIES, begin)?;
        let head = scene.appointment(province, HEAD, id("cadre", DISMISSED), begin)?;
        scene.apply(vec![head])?;
        let posts = scene.posts(HEAD)?;
        scene.fulfil(&duties, &posts, begin)?;

        let failed = unit(0);
        let mut assessments = Vec::new();
        for number in 0..units {
            for year in FIRST_YEAR..=YEAR {
                let fails = number == 0 && year == FIRST_YEAR;
                let result = if fails {
                    (5_000, "failing")
                } else {
                    (9_000, "good")
                };
                let period = (Rhythm::Year, Date::new(year, 1, 1)?);
                assessments.push(entered_assessment(unit(number), province, period, result)?);
            }
            let round = (Rhythm::ThreeYears, begin);
            let settled = entered_assessment(unit(number), province, round, (9_000, "good"))?;
            assessments.push(settled);
        }
        scene.apply(assessments)?;

        let on = Date::new(YEAR, 2, 1)?;
        let fault = ("failed-assessment", "assessment");
        let ground = scene.find(province, finding(failed, fault, on)?)?;
        for (kind, month) in [("reprimand", 2), ("naming", 3), ("interview", 4)] {
            let day = Date::new(YEAR, month, 15)?;
            scene.impose(province, sanction(failed, kind, ground, day)?)?;
        }
        for number in 0..DISMISSED {
            dismiss(scene, cadre(id("cadre", number)))?;
        }
        let other = unit(1);
        let ground = scene.find(province, finding(other, fault, on)?)?;
        Ok(Self {
            failed,
            found: (other, ground),
        })
    }
}

fn unit(number: usize) -> Answerable {
    Answerable {
        kind: Kind::Unit,
        id: id("unit", number),
    }
}

/// Rung after rung.
fn dismiss(scene: &mut Scene, who: Answerable) -> anyhow::Result<()> {
    let province = scene.area();
    let found = finding(who, ("inaction", "spot-check"), Date::new(YEAR, 2, 1)?)?;
    let ground = scene.find(province, found)?;
    for (kind, month) in [("reprimand", 3), ("interview", 5)] {
        let day = Date::new(YEAR, month, 2)?;
        scene.impose(province, sanction(who, kind, ground, day)?)?;
    }
    let dismissal = Sanction {
        penalty: Some(Code::parse("dismissal")?),
        ..sanction(who, "accountability", ground, Date::new(YEAR, 9, 3)?)?
    };
    scene.impose(province, dismissal)
}

/// S3.2.
pub(super) fn rows() -> Vec<Row<Guangdong>> {
    let mut rows = rhythm();
    rows.extend(failing());
    rows
}

/// How often, and for whom.
fn rhythm() -> Vec<Row<Guangdong>> {
    vec![
        Row::<Guangdong>::new(
            (
                "S3.2",
                "yearly assessments and settlements that the province held of the round",
            ),
            Figure::shown("3 1"),
            |guangdong| {
                let (since, on) = (Date::new(FIRST_YEAR, 1, 1)?, Date::new(YEAR, 12, 31)?);
                let tasks = guangdong.scene.tasks(since, on)?;
                let done = ["assessment", "settlement"]
                    .map(|code| tasks.get(code).map_or(0, |count| count.done).to_string());
                Ok(Figure::Shown(done.join(" ")))
            },
            "one turns out not to have been held",
            |guangdong| guangdong.scene.take_back(Kind::Task, |_| true),
        ),
        Row::<Guangdong>::new(
            (
                "S3.2",
                "how often the sponsoring unit was assessed and settled that was least",
            ),
            Figure::shown("3 1"),
            Guangdong::least_assessed,
            "an assessment turns out not to have been made",
            |guangdong| guangdong.scene.take_back(Kind::Assessment, |_| true),
        )
        .remark("one a year, and one every three years"),
        Row::<Guangdong>::new(
            ("S3.2", "sides for which duties are written"),
            Figure::shown("helped helping"),
            |guangdong| {
                let duties = guangdong.scene.list(Kind::Duty, &guangdong.scene.area())?;
                let sides = duties.iter().filter_map(|record| match &record.body {
                    Body::Duty(duty) => Some(duty.side.as_str()),
                    _ => None,
                });
                let sides: BTreeSet<&str> = sides.collect();
                Ok(Figure::Shown(Vec::from_iter(sides).join(" ")))
            },
            "the duty of the helped side is withdrawn",
            |guangdong| {
                guangdong.scene.take_back(
                    Kind::Duty,
                    |record| matches!(&record.body, Body::Duty(duty) if duty.side.as_str() == "helped"),
                )
            },
        ),
    ]
}

/// What follows.
fn failing() -> Vec<Row<Guangdong>> {
    vec![
        Row::<Guangdong>::new(
            ("S3.2", "what a unit is given that fails"),
            Figure::shown("reprimand naming interview"),
            |guangdong| {
                let (province, failed) = (guangdong.scene.area(), guangdong.assessed.failed);
                let kinds = guangdong.scene.sanctions(&province, failed)?;
                Ok(Figure::Shown(kinds.join(" ")))
            },
            "it turns out not to have been named",
            |guangdong| {
                guangdong.scene.take_back(
                    Kind::Sanction,
                    |record| matches!(&record.body, Body::Sanction(it) if it.kind.as_str() == "naming"),
                )
            },
        ),
        Row::<Guangdong>::new(
            ("S3.2", "a unit is interviewed that was not reprimanded"),
            Figure::shown("rung-skipped"),
            |guangdong| Figure::of_attempt(guangdong.take_to_task("interview")),
            "it is reprimanded",
            |guangdong| guangdong.take_to_task("reprimand"),
        ),
        Row::<Guangdong>::new(
            ("S3.2", "cadres dismissed in the first round"),
            Figure::count(DISMISSED),
            |guangdong| guangdong.count("penalties/dismissal", u32::from(YEAR)),
            "one dismissal is taken back",
            |guangdong| {
                guangdong.scene.take_back(
                    Kind::Sanction,
                    |record| matches!(&record.body, Body::Sanction(it) if it.penalty.is_some()),
                )
            },
        )
        .entered()
        .remark("the document reports them; each rests on a finding, and follows two lower rungs"),
    ]
}

impl Guangdong {
    /// The fewest assessments and settlements that any unit has had.
    fn least_assessed(&mut self) -> anyhow::Result<Figure> {
        let units = self.scene.list(Kind::Unit, &self.scene.area())?;
        let mut had: BTreeMap<RecordId, (usize, usize)> =
            units.iter().map(|unit| (unit.id, (0, 0))).collect();
        let round = Year::new(FIRST_YEAR)?..=Year::new(YEAR)?;
        for record in self.scene.list(Kind::Assessment, &self.scene.area())? {
            if let Body::Assessment(assessment) = &record.body
                && round.contains(&assessment.period.year())
                && let Some((years, settled)) = had.get_mut(&assessment.subject.id)
            {
                *years += usize::from(assessment.rhythm == Rhythm::Year);
                *settled += usize::from(assessment.rhythm == Rhythm::ThreeYears);
            }
        }
        let years = had.values().map(|(years, _)| years).min();
        let settled = had.values().map(|(_, settled)| settled).min();
        let (years, settled) = years.zip(settled).context("there are no units")?;
        Ok(Figure::Shown(format!("{years} {settled}")))
    }

    fn take_to_task(&mut self, kind: &str) -> anyhow::Result<()> {
        let (province, today) = (self.scene.area(), self.scene.today());
        let (who, ground) = self.assessed.found;
        self.scene
            .impose(province, sanction(who, kind, ground, today)?)
    }
}
