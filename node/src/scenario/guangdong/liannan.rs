//! S3.5: Liannan county, which taught those who help: three years of its training centre, as large as they were.

use anyhow::Context as _;
use lika_core::{
    command::Change,
    log::{Action, Kind},
    record::{Body, Cadre, Record, Seat, Training, Unit, VillageTeam},
    value::{AreaCode, Code, Date, Fen, Label, Span, Year},
};

use super::{
    super::scene::projects::project,
    Figure, Guangdong, Row, Scene, Settings, lines,
    people::{self, id},
};

const COUNTY: &str = "441826";
const YEARS: std::ops::RangeInclusive<u16> = 2010..=2012;
const VILLAGES: usize = 38;
const UNITS: usize = 136;
const CADRES: usize = 209;
const PROJECTS: usize = 1_083;
/// What each of them is to cost, in fen: together "more than 2亿".
const COST: Fen = Fen(19_000_000);

/// Makes the county and lets its three years pass.
pub(super) fn play(settings: &Settings) -> anyhow::Result<Scene> {
    let begin = Date::new(*YEARS.start(), 1, 4)?;
    let own = Settings {
        folder: settings.folder.join("liannan"),
        ..settings.clone()
    };
    let mut scene = Scene::open(&own, COUNTY, "连南瑶族自治县", begin)?;
    let two = scene.appoint_two()?;
    let round = Span::new(begin, None)?;
    let mut areas = Vec::new();
    for township in 0..=VILLAGES / 20 {
        let code = AreaCode::parse(&format!("{COUNTY}{}", 101 + township))?;
        areas.push(people::area(code, &format!("{township}号镇"), Vec::new())?);
    }
    for number in 0..VILLAGES {
        areas.push(people::area(
            village(number)?,
            &format!("{number}号村"),
            vec![round],
        )?);
    }
    // One more, which the second round looks at.
    areas.push(people::area(village(VILLAGES)?, "新村", Vec::new())?);
    scene.apply(areas)?;
    scene.apply(helpers(begin)?)?;
    for number in 0..VILLAGES {
        scene.apply(vec![team(number, begin)?])?;
    }
    for year in YEARS {
        scene.go_to(Date::new(year, 12, 31)?);
        let of_year = (0..PROJECTS).filter(|number| number % 3 == usize::from(year % 3));
        let plan = |number: usize| {
            let project = project(
                &format!("{number}号项目"),
                ["agriculture", "industry", "tourism", "road"][number % 4],
                Year::new(year)?,
                &[("sponsoring-unit", COST)],
            )?;
            Ok((village(number % VILLAGES)?, project))
        };
        let plans = of_year.map(plan).collect::<anyhow::Result<_>>()?;
        scene.put_under_way(&two, plans)?;
    }
    scene.apply(held()?)?;
    lines::draw(&mut scene, village(VILLAGES)?)?;
    Ok(scene)
}

fn village(number: usize) -> anyhow::Result<AreaCode> {
    let (township, place) = (101 + number / 20, 201 + number % 20);
    Ok(AreaCode::parse(&format!("{COUNTY}{township}{place}"))?)
}

fn helpers(from: Date) -> anyhow::Result<Vec<Change>> {
    let county = AreaCode::parse(COUNTY)?;
    let unit = |number| {
        let unit = Unit {
            name: Label::parse(&format!("{number}号单位"))?,
            unit_type: Code::parse("government")?,
        };
        Ok(Change::create(id("liannan-unit", number), county, unit))
    };
    let cadre = |number: usize| {
        let cadre = Cadre {
            rank: Code::parse("reserve-deputy")?,
            unit: Some(id("liannan-unit", number % UNITS)),
            from,
            until: None,
            identity: None,
        };
        Ok(Change::create(id("liannan-cadre", number), county, cadre))
    };
    (0..UNITS).map(unit).chain((0..CADRES).map(cadre)).collect()
}

/// Units and cadres are spread over the villages as evenly as they can be.
fn team(number: usize, from: Date) -> anyhow::Result<Change> {
    let seats = |role: &'static str, what: &'static str, all: usize| {
        (number..all).step_by(VILLAGES).map(move |holder| {
            Ok(Seat {
                role: Code::parse(role)?,
                holder: id(what, holder),
                from,
                until: None,
            })
        })
    };
    let sponsors = seats("sponsor", "liannan-unit", UNITS);
    let stationed = seats("stationed", "liannan-cadre", CADRES);
    let team = VillageTeam {
        seats: sponsors.chain(stationed).collect::<anyhow::Result<_>>()?,
        from,
        until: None,
        decision: None,
    };
    Ok(Change::create(
        id("liannan-team", number),
        village(number)?,
        team,
    ))
}

/// Courses, meetings and visits: what, for whom, how many, the attendances of each and the questions that it resolved.
const HELD: [(&str, &str, usize, u32, Option<u32>); 4] = [
    ("course", "stationed-cadre", 6, 170, None),
    ("course", "local-cadre", 6, 53, None),
    ("joint-meeting", "stationed-cadre", 12, 0, Some(4)),
    ("advisory-visit", "household", 110, 3, None),
];

fn held() -> anyhow::Result<Vec<Change>> {
    let county = AreaCode::parse(COUNTY)?;
    let mut changes = Vec::new();
    for (kind, audience, count, attendances, questions_resolved) in HELD {
        for (year, _) in YEARS.cycle().zip(0..count) {
            let training = Training {
                kind: Code::parse(kind)?,
                audience: Code::parse(audience)?,
                title: Label::parse("扶贫业务")?,
                on: Date::new(year, 5, 1)?,
                days: 1,
                place: Label::parse("扶贫孵化中心")?,
                attendances,
                questions_resolved,
                attendees: Vec::new(),
                unit: None,
            };
            let own = id("liannan-training", changes.len());
            changes.push(Change::create(own, county, training));
        }
    }
    Ok(changes)
}

pub(super) fn rows() -> Vec<Row<Guangdong>> {
    let mut rows = scope();
    rows.extend(trainings());
    rows.extend(projects());
    for row in &mut rows {
        if row.statement.remark.is_empty() {
            row.statement.remark = "Liannan, three years, 1:1";
        }
    }
    rows
}

fn scope() -> Vec<Row<Guangdong>> {
    let row = |what, source, read, change, falsify| {
        let figure = Figure::Count(source);
        Row::<Guangdong>::new(("S3.5", what), figure, read, change, falsify)
    };
    vec![
        row(
            "key villages of the county",
            38,
            |guangdong| Ok(Figure::Count(guangdong.liannan.key_villages()?)),
            "a village never was one",
            |guangdong| guangdong.liannan.correct_a_key_village(),
        ),
        row(
            "village teams",
            38,
            |guangdong| guangdong.in_liannan("village-teams", 0),
            "a team is dissolved",
            Guangdong::dissolve_a_team,
        ),
        row(
            "units that help",
            136,
            |guangdong| guangdong.in_liannan("team-seats/sponsor", 0),
            "a unit leaves its village",
            |guangdong| guangdong.liannan.vacate("sponsor"),
        ),
        row(
            "cadres stationed in villages",
            209,
            |guangdong| guangdong.in_liannan("team-seats/stationed", 0),
            "a cadre leaves a village",
            |guangdong| guangdong.liannan.vacate("stationed"),
        ),
    ]
}

fn trainings() -> Vec<Row<Guangdong>> {
    let row = |what, source, read, change, falsify| {
        Row::<Guangdong>::new(("S3.5", what), source, read, change, falsify)
    };
    let shown = |text: &str| Figure::Shown(text.to_owned());
    let never_held = "one turns out never to have been held";
    let fewer = "two hundred fewer turn out to have come";
    vec![
        row(
            "courses for cadres stationed in villages",
            Figure::Count(6),
            |guangdong| guangdong.over_years("trainings/course-stationed-cadre", Figure::Count),
            never_held,
            |guangdong| guangdong.never_held("course", "stationed-cadre"),
        ),
        row(
            "attendances of stationed cadres",
            shown("more than 1,000"),
            |guangdong| {
                let dimension = "training-attendances/stationed-cadre";
                guangdong.over_years(dimension, |count| more_than(count, 1_000, "1,000"))
            },
            fewer,
            |guangdong| guangdong.fewer_attended("stationed-cadre"),
        ),
        row(
            "courses for cadres of county, townships and villages",
            Figure::Count(6),
            |guangdong| guangdong.over_years("trainings/course-local-cadre", Figure::Count),
            never_held,
            |guangdong| guangdong.never_held("course", "local-cadre"),
        ),
        row(
            "attendances of cadres of county, townships and villages",
            shown("more than 300"),
            |guangdong| {
                let dimension = "training-attendances/local-cadre";
                guangdong.over_years(dimension, |count| more_than(count, 300, "300"))
            },
            fewer,
            |guangdong| guangdong.fewer_attended("local-cadre"),
        ),
        row(
            "joint meetings",
            Figure::Count(12),
            |guangdong| guangdong.over_years("trainings/joint-meeting", Figure::Count),
            never_held,
            |guangdong| guangdong.never_held("joint-meeting", "stationed-cadre"),
        ),
        row(
            "questions that they resolved",
            shown("nearly 50"),
            |guangdong| guangdong.over_years("questions-resolved", nearly_50),
            never_held,
            |guangdong| guangdong.never_held("joint-meeting", "stationed-cadre"),
        ),
        row(
            "advisory visits",
            Figure::Count(110),
            |guangdong| guangdong.over_years("trainings/advisory-visit", Figure::Count),
            never_held,
            |guangdong| guangdong.never_held("advisory-visit", "household"),
        ),
    ]
}

fn projects() -> Vec<Row<Guangdong>> {
    let row = |what, source, read, change, falsify| {
        Row::<Guangdong>::new(("S3.5", what), source, read, change, falsify)
    };
    vec![
        row(
            "projects of the county",
            Figure::Count(1_083),
            |guangdong| guangdong.over_years("projects", Figure::Count),
            "a project is given up",
            |guangdong| guangdong.liannan.cancel_a_project(|_| true),
        ),
        row(
            "funds for them, in yuan",
            Figure::Shown("more than 200,000,000".to_owned()),
            |guangdong| {
                guangdong.over_years("project-budget", |fen| {
                    more_than(fen / 100, 200_000_000, "200,000,000")
                })
            },
            "forty projects are given up",
            |guangdong| (0..40).try_for_each(|_| guangdong.liannan.cancel_a_project(|_| true)),
        ),
    ]
}

/// The document says no more than that it is more.
fn more_than(count: i64, bound: i64, shown: &str) -> Figure {
    Figure::Shown(match count > bound {
        true => format!("more than {shown}"),
        false => count.to_string(),
    })
}

/// The document says no more than that.
fn nearly_50(count: i64) -> Figure {
    Figure::Shown(match count {
        45..50 => "nearly 50".to_owned(),
        count => count.to_string(),
    })
}

impl Guangdong {
    fn in_liannan(&self, dimension: &str, period: u32) -> anyhow::Result<Figure> {
        let area = self.liannan.area();
        Ok(Figure::Count(self.liannan.total(&area, dimension, period)?))
    }

    fn over_years(
        &self,
        dimension: &str,
        figure: impl Fn(i64) -> Figure,
    ) -> anyhow::Result<Figure> {
        let area = self.liannan.area();
        let mut sum = 0;
        for year in YEARS {
            sum += self.liannan.total(&area, dimension, u32::from(year))?;
        }
        Ok(figure(sum))
    }

    fn dissolve_a_team(&mut self) -> anyhow::Result<()> {
        let area = self.liannan.area();
        let teams = self.liannan.list(Kind::VillageTeam, &area)?;
        let record = teams.first().context("no team")?;
        let Body::VillageTeam(team) = &record.body else {
            anyhow::bail!("not a team")
        };
        let dissolved = VillageTeam {
            until: Some(self.liannan.today()),
            ..team.clone()
        };
        let close = Change::of(record, Action::Close, dissolved);
        self.liannan.apply(vec![close])
    }

    fn trainings_of(&self, kind: &str, audience: &str) -> anyhow::Result<Vec<(Record, Training)>> {
        let area = self.liannan.area();
        let mut found = Vec::new();
        for record in self.liannan.list(Kind::Training, &area)? {
            if let Body::Training(training) = &record.body
                && training.kind == kind
                && training.audience == audience
            {
                let training = training.clone();
                found.push((record, training));
            }
        }
        Ok(found)
    }

    fn never_held(&mut self, kind: &str, audience: &str) -> anyhow::Result<()> {
        let trainings = self.trainings_of(kind, audience)?;
        let (record, training) = trainings.into_iter().next().context("none was held")?;
        let close = Change::of(&record, Action::Close, training);
        self.liannan.apply(vec![close])
    }

    /// Two hundred fewer have come to the courses for somebody.
    fn fewer_attended(&mut self, audience: &str) -> anyhow::Result<()> {
        let mut left = 200;
        for (record, mut training) in self.trainings_of("course", audience)? {
            let fewer = training.attendances.min(left);
            training.attendances -= fewer;
            left -= fewer;
            self.liannan.change(&record, training)?;
        }
        Ok(())
    }
}
