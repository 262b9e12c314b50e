//! S0.2, S0.3 and S0.9: the plan of the year, who helps whom with what, and the four archives.

use std::collections::BTreeSet;

use anyhow::Context as _;
use lika_core::{
    command::Change,
    log::{Action, Kind},
    measure,
    record::{Body, Measure, Outcome, Record, Stage},
    value::{AreaCode, AreaLevel, Fen, RecordId, Year},
};

use super::{PLANNED, Planned, Scene, Taishun, WITH_PROJECT, YEAR, county::TOWNSHIPS};
use crate::scenario::{
    Figure, Row,
    people::{self, id},
    scene::projects::project,
};

/// Households of one cadre at most.
const OF_A_CADRE: usize = 20;

/// A measure for each of 23 households, in turn: what the county does by kind of household (S0.9). The document gives no
/// figures.
const KINDS: [(&str, usize); 4] = [
    ("start-up", 15),
    ("job-training", 4),
    ("labour-export", 3),
    ("relocation", 1),
];

/// Those whom the screening has found to be targets, by village.
pub fn planned(scene: &Scene) -> anyhow::Result<Vec<Planned>> {
    let decisions = scene.list(Kind::Decision, &scene.area())?;
    let planned = decisions.iter().filter_map(|record| match &record.body {
        Body::Decision(decision) => match &decision.outcome {
            Outcome::Granted(category) if category.as_str() == "development" => Some(Planned {
                household: decision.subject,
                village: record.area,
            }),
            _ => None,
        },
        _ => None,
    });
    Ok(planned.collect())
}

/// One contact cadre each.
pub fn pair(scene: &mut Scene, planned: &[Planned]) -> anyhow::Result<()> {
    let today = scene.today();
    let mut changes = Vec::new();
    for (number, households) in planned.chunks(OF_A_CADRE).enumerate() {
        let cadre = id("cadre", number);
        changes.push(Change::create(cadre, scene.area(), people::cadre(today)?));
        for Planned { household, village } in households {
            let pairing = people::pairing(*household, cadre, today)?;
            let own = RecordId::derived("lika.scenario.pairing", &household.0);
            changes.push(Change::create(own, *village, pairing));
        }
    }
    scene.apply(changes)
}

/// One measure each, and for as many as the document says the project that it is part of.
pub fn help(scene: &mut Scene, planned: &[Planned]) -> anyhow::Result<()> {
    let projects = projects(scene)?;
    let today = scene.today();
    let kinds: Vec<&str> = KINDS
        .iter()
        .flat_map(|(kind, count)| std::iter::repeat_n(*kind, *count))
        .collect();
    let mut changes = Vec::new();
    for (number, (planned, kind)) in planned.iter().zip(kinds.iter().cycle()).enumerate() {
        let Planned { household, village } = planned;
        let of_township = projects.iter().find(|(area, _)| area.contains(village));
        let project = of_township.filter(|_| number < WITH_PROJECT);
        let measure = Measure {
            project: project.map(|(_, project)| *project),
            ..people::measure(*household, kind, today)?
        };
        let own = RecordId::derived("lika.scenario.measure", &household.0);
        changes.push(Change::create(own, *village, measure));
    }
    scene.apply(changes)
}

/// A project of each township, approved.
fn projects(scene: &mut Scene) -> anyhow::Result<Vec<(AreaCode, RecordId)>> {
    let office = scene.office();
    let second = scene.appoint("xia", "county-office", scene.area())?;
    let budget = [("county-budget", Fen(10_000_000))];
    let mut projects = Vec::new();
    for (township, name) in TOWNSHIPS {
        let township = AreaCode::parse(township)?;
        let proposal = project(
            &format!("{name}到户发展项目"),
            "planting",
            Year::new(YEAR)?,
            &budget,
        )?;
        let proposed = scene.propose(&office, township, proposal)?;
        scene.advance(&second, &proposed, Stage::Approved, None)?;
        projects.push((township, proposed));
    }
    Ok(projects)
}

/// The plan, and the archives that it is kept in.
pub fn rows() -> Vec<Row<Taishun>> {
    vec![
        Row::<Taishun>::new(
            (
                "S0.2",
                "households of the plan: cards, village books, township ledgers, county archive",
            ),
            Figure::shown("2300 2300 2300 2300"),
            Taishun::archives,
            "a household leaves the plan",
            |taishun| taishun.leave_the_plan(|_| true),
        )
        .remark("each counted by itself"),
        Row::<Taishun>::new(
            ("S0.3", "households in the plan of the year"),
            Figure::count(PLANNED),
            |taishun| taishun.total("households-with-measure", 0),
            "a household leaves the plan",
            |taishun| taishun.leave_the_plan(|_| true),
        ),
        Row::<Taishun>::new(
            ("S0.3", "households with a project"),
            Figure::count(WITH_PROJECT),
            |taishun| taishun.total("households-with-project", YEAR),
            "one of them leaves the plan",
            |taishun| taishun.leave_the_plan(|measure| measure.project.is_some()),
        ),
        Row::<Taishun>::new(
            ("S0.3", "households whose project is pending"),
            Figure::count(PLANNED - WITH_PROJECT),
            |taishun| {
                let planned = taishun.figure("households-with-measure", 0)?;
                let with_project = taishun.figure("households-with-project", 0)?;
                Ok(Figure::Count(planned - with_project))
            },
            "the project of one of them is fixed",
            Taishun::fix_a_project,
        )
        .remark("2,300 less 1,776: which is legal"),
        Row::<Taishun>::new(
            ("S0.3", "households with a contact cadre"),
            Figure::count(PLANNED),
            |taishun| taishun.total("households-paired", 0),
            "a cadre leaves a household",
            Taishun::unpair,
        ),
    ]
}

/// S0.9.
pub fn guidance() -> Row<Taishun> {
    Row::<Taishun>::new(
        (
            "S0.9",
            "lines of classified guidance that households are helped by",
        ),
        Figure::Count(4),
        |taishun| {
            let measures = taishun.scene.list(Kind::Measure, &taishun.scene.area())?;
            let lines: BTreeSet<&str> = measures
                .iter()
                .filter_map(|record| measure::place(given(record)?.kind.as_str())?.guidance)
                .collect();
            Ok(Figure::count(lines.len()))
        },
        "nobody is relocated",
        |taishun| {
            let measures = taishun.scene.list(Kind::Measure, &taishun.scene.area())?;
            let relocated = measures
                .iter()
                .filter(|record| given(record).is_some_and(|it| it.kind.as_str() == "relocation"));
            let closed = relocated.map(|it| Change::of(it, Action::Close, it.body.clone()));
            taishun.scene.apply(closed.collect())
        },
    )
    .remark("agriculture, job training, labour export, relocation")
}

impl Taishun {
    fn archives(&mut self) -> anyhow::Result<Figure> {
        let dimension = "households-with-measure";
        let measures = self.scene.list(Kind::Measure, &self.scene.area())?;
        let on_cards: BTreeSet<RecordId> = measures
            .iter()
            .filter_map(|record| given(record)?.household)
            .collect();
        let sum_of = |level| {
            let figures = self.scene.totals_at(level, dimension, 0)?;
            anyhow::Ok(figures.iter().map(|(_, figure)| figure).sum::<i64>())
        };
        let (books, ledgers) = (sum_of(AreaLevel::Village)?, sum_of(AreaLevel::Township)?);
        let archive = self.figure(dimension, 0)?;
        let cards = on_cards.len();
        Ok(Figure::Shown(format!(
            "{cards} {books} {ledgers} {archive}"
        )))
    }

    fn leave_the_plan(&mut self, is_it: impl Fn(&Measure) -> bool) -> anyhow::Result<()> {
        let record = self.measure(is_it)?;
        let leave = Change::of(&record, Action::Close, record.body.clone());
        self.scene.apply(vec![leave])
    }

    fn fix_a_project(&mut self) -> anyhow::Result<()> {
        let record = self.measure(|measure| measure.project.is_none())?;
        let township = record.area.parent().context("a village is in a township")?;
        let project = self.scene.first(Kind::Project, &township, |_| true)?;
        let measure = given(&record).context("not a measure")?;
        let fixed = Measure {
            project: Some(project.id),
            ..measure.clone()
        };
        self.scene.change(&record, fixed)
    }

    fn unpair(&mut self) -> anyhow::Result<()> {
        let record = self
            .scene
            .first(Kind::Pairing, &self.scene.area(), |_| true)?;
        self.scene.unpair(&[record])
    }

    fn measure(&self, is_it: impl Fn(&Measure) -> bool) -> anyhow::Result<Record> {
        let area = self.scene.area();
        self.scene.first(Kind::Measure, &area, |record| {
            given(record).is_some_and(&is_it)
        })
    }
}

fn given(record: &Record) -> Option<&Measure> {
    match &record.body {
        Body::Measure(measure) => Some(measure),
        _ => None,
    }
}
