//! S3.3: who was trained, and who moved into a job.

use lika_core::{
    command::Change,
    log::Kind,
    record::{Body, OfficialStatistic, Training},
    value::{Code, Date, Label, Year},
};

use super::{Figure, Guangdong, Row, Scale, Scene, Village, id};

/// The years that the document counts (S3.3).
const YEARS: std::ops::RangeInclusive<u16> = 2009..=2012;
const TRAININGS: u32 = 2_044_000;
const JOBS: u32 = 1_993_000;
const SERIES: &str = "transferred-labour";

/// Each village holds a course in each year, and states how many of its people moved into a job.
pub(super) fn report(scene: &mut Scene, scale: Scale, villages: &[Village]) -> anyhow::Result<()> {
    let places = villages
        .iter()
        .flat_map(|village| YEARS.map(move |year| (village.code, year)));
    let all = u32::try_from(villages.len() * YEARS.count())?;
    let share = |whole: u32, place: u32| whole / all + u32::from(place < whole % all);
    let mut changes = Vec::new();
    for (place, (village, year)) in (0..).zip(places) {
        let course = Training {
            kind: Code::parse("course")?,
            audience: Code::parse("household")?,
            title: Label::parse("专业技能")?,
            on: Date::new(year, 3, 1)?,
            days: 1,
            place: Label::parse("村部")?,
            attendances: share(scale.of(TRAININGS), place),
            questions_resolved: None,
            attendees: Vec::new(),
            unit: None,
        };
        changes.push(Change::create(
            id("course", usize::try_from(place)?),
            village,
            course,
        ));
        let figure = OfficialStatistic {
            series: Code::parse(SERIES)?,
            year: Year::new(year)?,
            value: i64::from(share(scale.of(JOBS), place)),
            source: Label::parse("村级统计")?,
        };
        let own = OfficialStatistic::id_for(&village, &figure.series, figure.year);
        changes.push(Change::create(own, village, figure));
    }
    scene.apply(changes)
}

pub(super) fn rows(scale: Scale) -> Vec<Row<Guangdong>> {
    vec![
        Row::<Guangdong>::new(
            ("S3.3", "attendances of farmers at trainings"),
            scale.count(TRAININGS),
            |guangdong| {
                let mut attendances = 0;
                for year in YEARS {
                    let dimension = "training-attendances/household";
                    attendances += guangdong.total(dimension, u32::from(year))?;
                }
                Ok(Figure::Count(attendances))
            },
            "a course turns out to have had one fewer",
            |guangdong| {
                let record = guangdong.first(Kind::Training)?;
                let Body::Training(course) = &record.body else {
                    anyhow::bail!("not a training")
                };
                let fewer = Training {
                    attendances: course.attendances - 1,
                    ..course.clone()
                };
                guangdong.scene.change(&record, fewer)
            },
        )
        .remark("2009 to 2012"),
        Row::<Guangdong>::new(
            ("S3.3", "rural people who moved into a job"),
            scale.count(JOBS),
            |guangdong| {
                let area = guangdong.scene.area();
                let figures = guangdong.scene.list(Kind::OfficialStatistic, &area)?;
                let moved = figures.iter().map(|record| match &record.body {
                    Body::OfficialStatistic(figure) if figure.series == SERIES => figure.value,
                    _ => 0,
                });
                Ok(Figure::Count(moved.sum()))
            },
            "a village states one fewer",
            |guangdong| {
                let record = guangdong.first(Kind::OfficialStatistic)?;
                let Body::OfficialStatistic(figure) = &record.body else {
                    anyhow::bail!("not a statistic")
                };
                let fewer = OfficialStatistic {
                    value: figure.value - 1,
                    ..figure.clone()
                };
                guangdong.scene.change(&record, fewer)
            },
        )
        .entered()
        .remark("more than the registered people: all of the villages, as each of them states"),
    ]
}
