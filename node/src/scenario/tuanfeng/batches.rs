//! S1.5: whole-village batches, and the four responsibilities of the county.

use anyhow::Context as _;
use lika_core::{
    command::Change,
    log::{Action, Kind},
    record::{Area, Body, Project, ResponsibilityLetter, Stage, VillageBatch, area_id},
    value::{AreaCode, Date, Fen, Label, RecordId, Span, Year},
};

use super::{Scene, Tuanfeng, VILLAGE, YEAR, monitoring, rule};
use crate::scenario::{
    Figure, Row, people,
    people::id,
    scene::{Caller, projects::project, supervision::signed_letter},
};

/// In fen: what each project of a batch is planned to cost, and what the accepted one did.
const PLANNED: Fen = Fen(6_000_000);
const COST: Fen = Fen(5_800_000);
const CHANNEL: &str = "county-budget";
/// What the county answers for, "four to the county": funds, projects, responsibility and management.
const FOUR: [(&str, i64); 4] = [
    ("funds", 2 * PLANNED.0),
    ("projects", 2),
    ("letters", 2),
    ("projects-accepted", 1),
];

/// A batch of two villages.
pub struct Batches {
    batch: RecordId,
    second: Caller,
    under_way: RecordId,
    /// From when a second batch of the same villages is to be.
    second_from: Date,
}

impl Batches {
    /// Plans a batch, brings its projects so far, and lets county and townships sign what they answer for.
    pub fn plan(scene: &mut Scene, second: &Caller) -> anyhow::Result<Self> {
        let [one, other, _] = monitoring::villages()?;
        let begin = Date::new(YEAR, 1, 1)?;
        let batch = scene.new_id("batch");
        let planned = planned(&[one, other], begin)?;
        scene.apply(vec![Change::create(batch, scene.area(), planned)])?;
        let office = scene.office();
        let mut under_way = batch;
        for (village, last) in [(one, Stage::Accepted), (other, Stage::UnderWay)] {
            let planned = Project {
                village_batch: Some(batch),
                ..project("村组道路", "road", Year::new(YEAR)?, &[(CHANNEL, PLANNED)])?
            };
            under_way = scene.propose(&office, village, planned)?;
            for stage in Stage::ALL.into_iter().skip(1).filter(|it| *it <= last) {
                let officer = match stage {
                    Stage::Approved | Stage::Accepted => second,
                    _ => &office,
                };
                let cost = (stage == Stage::Accepted).then_some(COST);
                scene.advance(officer, &under_way, stage, cost)?;
            }
        }
        answer_for(scene)?;
        Ok(Self {
            batch,
            second: second.clone(),
            under_way,
            second_from: begin,
        })
    }
}

fn planned(villages: &[AreaCode], from: Date) -> anyhow::Result<VillageBatch> {
    let next = from.year().plus(1).context("the years are over")?;
    Ok(VillageBatch {
        name: Label::parse("整村推进")?,
        villages: villages.to_vec(),
        span: Span::new(from, Some(next.first_day()))?,
    })
}

/// The county signs for the four with the city, and each township with the county.
fn answer_for(scene: &mut Scene) -> anyhow::Result<()> {
    let (county, today, year) = (scene.area(), scene.today(), Year::new(YEAR)?);
    let cadres = ["cadre-above", "cadre-below"].map(|what| id(what, 0));
    let appointed = cadres.map(|own| Ok(Change::create(own, county, people::cadre(today)?)));
    scene.apply(appointed.into_iter().collect::<anyhow::Result<_>>()?)?;
    let mut letters = vec![signed_letter(&county, year, &FOUR, cadres, today)?];
    for township in townships(scene)? {
        letters.push(signed_letter(
            &township,
            year,
            &[("projects", 1)],
            cadres,
            today,
        )?);
    }
    scene.apply(letters)
}

fn townships(scene: &Scene) -> anyhow::Result<Vec<AreaCode>> {
    let areas = scene.list(Kind::Area, &scene.area())?;
    let areas = areas.iter().map(|record| record.area);
    let county = scene.area();
    Ok(areas.filter(|area| area.parent() == Some(county)).collect())
}

/// S1.5.
pub fn rows() -> Vec<Row<Tuanfeng>> {
    let mut rows = rules();
    rows.extend(progress());
    rows
}

/// What a batch is.
fn rules() -> Vec<Row<Tuanfeng>> {
    vec![
        rule(
            (
                "S1.5",
                "a village that is no key village is put into a batch",
            ),
            "not-a-key-village",
            |it| {
                let village = AreaCode::parse(VILLAGE)?;
                it.plan_another(village, Date::new(YEAR, 1, 1)?)
            },
            "it is made one",
            |it| it.make_key_village(VILLAGE),
        ),
        rule(
            ("S1.5", "a village is put into two batches of the same year"),
            "already-in-batch",
            |it| {
                let [village, ..] = monitoring::villages()?;
                it.plan_another(village, it.batches.second_from)
            },
            "the second is of the next year",
            |it| {
                it.batches.second_from = Date::new(YEAR + 1, 1, 1)?;
                Ok(())
            },
        ),
        rule(
            ("S1.5", "a project of another village is planned in a batch"),
            "not-in-batch",
            |it| {
                let [.., village] = monitoring::villages()?;
                let (office, batch) = (it.scene.office(), it.batches.batch);
                let planned = Project {
                    village_batch: Some(batch),
                    ..project("村组道路", "road", Year::new(YEAR)?, &[(CHANNEL, PLANNED)])?
                };
                let proposed = it.scene.propose(&office, village, planned);
                Figure::of_attempt(proposed.map(drop))
            },
            "the village joins the batch",
            |it| {
                let [.., village] = monitoring::villages()?;
                let record = it.scene.get(&it.batches.batch)?;
                let Body::VillageBatch(batch) = &record.body else {
                    anyhow::bail!("not a batch")
                };
                let mut larger = batch.clone();
                larger.villages.push(village);
                it.scene
                    .apply(vec![Change::of(&record, Action::Change, larger)])
            },
        ),
    ]
}

/// How far they are.
fn progress() -> Vec<Row<Tuanfeng>> {
    vec![
        rule(
            (
                "S1.5",
                "how far the batch is: villages, projects, accepted, planned and actual cost",
            ),
            "2 2 1 120000.00 58000.00",
            |it| {
                let batches = it.scene.village_batches()?;
                let own = it.batches.batch.0;
                let batch = batches.iter().find(|batch| batch.batch == own);
                let batch = batch.context("the node has no such batch")?;
                Ok(Figure::Shown(format!(
                    "{} {} {} {} {}",
                    batch.villages,
                    batch.projects,
                    batch.accepted,
                    Fen(batch.budget),
                    Fen(batch.actual)
                )))
            },
            "the other project is accepted too",
            |it| {
                let (second, project) = (it.batches.second.clone(), it.batches.under_way);
                it.scene
                    .advance(&second, &project, Stage::Accepted, Some(COST))
            },
        ),
        Row::<Tuanfeng>::new(
            ("S1.5", "of the \"four to the county\" those that the county has met"),
            Figure::count(FOUR.len()),
            |it| Ok(Figure::count(it.met()?)),
            "a township turns out not to have signed its letter",
            |it| {
                let last = townships(&it.scene)?.pop().context("no township")?;
                it.scene
                    .take_back(Kind::ResponsibilityLetter, |record| record.area == last)
            },
        )
        .remark("funds, projects, responsibility, management: what its signed letter says of each, against the records"),
    ]
}

impl Tuanfeng {
    fn plan_another(&mut self, village: AreaCode, from: Date) -> anyhow::Result<Figure> {
        let (county, own) = (self.scene.area(), self.scene.new_id("batch"));
        let change = Change::create(own, county, planned(&[village], from)?);
        Figure::of_attempt(self.scene.apply(vec![change]))
    }

    fn make_key_village(&mut self, digits: &str) -> anyhow::Result<()> {
        let record = self.scene.get(&area_id(&AreaCode::parse(digits)?))?;
        let Body::Area(area) = &record.body else {
            anyhow::bail!("not an area")
        };
        let area = Area {
            key_village: vec![Span::new(Date::new(YEAR, 1, 1)?, None)?],
            ..area.clone()
        };
        self.scene.change(&record, area)
    }

    /// How many goals of the county's signed letter are reached.
    fn met(&self) -> anyhow::Result<usize> {
        let (county, year) = (self.scene.area(), Year::new(YEAR)?);
        let own = ResponsibilityLetter::id_for(&area_id(&county), year);
        let Body::ResponsibilityLetter(letter) = self.scene.get(&own)?.body else {
            anyhow::bail!("not a letter")
        };
        if !letter.is_signed() {
            return Ok(0);
        }
        let mut met = 0;
        for (item, target) in &letter.goals {
            met += usize::from(self.reached(item.as_str())? >= *target);
        }
        Ok(met)
    }

    fn reached(&self, item: &str) -> anyhow::Result<i64> {
        let (county, year) = (self.scene.area(), u32::from(YEAR));
        Ok(match item {
            "funds" => self.scene.total(&county, "project-budget", year)?,
            "projects" => self.scene.total(&county, "projects", year)?,
            "letters" => {
                let letters = self.scene.list(Kind::ResponsibilityLetter, &county)?;
                let below = letters.iter().filter(|record| record.area != county);
                let signed = below.filter(|record| matches!(&record.body, Body::ResponsibilityLetter(it) if it.is_signed()));
                i64::try_from(signed.count())?
            }
            "projects-accepted" => {
                let projects = self.scene.list(Kind::Project, &county)?;
                let accepted = projects.iter().filter(|record| matches!(&record.body, Body::Project(it) if it.has_reached(Stage::Accepted)));
                i64::try_from(accepted.count())?
            }
            other => anyhow::bail!("{other} is none of the four"),
        })
    }
}
