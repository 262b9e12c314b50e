//! S2.7: which villages it is about, what they build, and how many of them still have next to no income of their own.

use std::collections::{BTreeMap, BTreeSet};

use lika_core::{
    command::Change,
    log::{Action, Kind},
    record::{Area, Body, CollectiveIncome, Record},
    shell::shell_villages,
    value::{AreaCode, AreaLevel, Code, Fen, Year},
};

use super::{
    super::scene::{Caller, projects::project},
    CITY, Figure, Row, Sanming, Scene, YEAR, places,
};

/// What makes a shell village: the document gives no threshold.
const THRESHOLD: Fen = Fen(2_000_000);
/// Shell villages before and after.
const BEFORE: usize = 247;
const AFTER: usize = 32;
const PROJECTS: usize = 280;
/// In fen.
const ADDED: i64 = 563_000_000;

/// The projects for the income of the shell villages; some have two.
pub(super) fn build(scene: &mut Scene, two: &[Caller; 2]) -> anyhow::Result<()> {
    let plan = |number: usize| {
        let project = project(
            &format!("村财增收{number}号"),
            ["planting", "livestock", "processing", "tourism"][number % 4],
            Year::new(YEAR)?,
            &[("higher-government", Fen(5_000_000))],
        )?;
        Ok((places::village(number % BEFORE)?, project))
    };
    let plans = (0..PROJECTS).map(plan);
    scene.put_under_way(two, plans.collect::<anyhow::Result<_>>()?)
}

/// Every village states what it had in the year before and in this one.
pub(super) fn report(scene: &mut Scene) -> anyhow::Result<()> {
    let out_of_it = i64::try_from(BEFORE - AFTER)?;
    let mut changes = Vec::new();
    for number in 0..places::VILLAGES {
        let place = i64::try_from(number)?;
        let before = match number {
            0..BEFORE => place % 10 * 50_000,
            _ => THRESHOLD.0 + place * 1_000,
        };
        // The last of the shell villages stay what they were; what the others have more is shared out to the fen.
        let added = match number {
            _ if place < out_of_it => ADDED / out_of_it + i64::from(place < ADDED % out_of_it),
            _ => 0,
        };
        let village = places::village(number)?;
        for (year, amount) in [(YEAR - 1, before), (YEAR, before + added)] {
            changes.push(statement(village, Year::new(year)?, Fen(amount))?);
        }
    }
    scene.apply(changes)
}

fn statement(village: AreaCode, year: Year, amount: Fen) -> anyhow::Result<Change> {
    let own = CollectiveIncome::id_for(&village, year);
    Ok(Change::create(own, village, income(year, amount)?))
}

fn income(year: Year, amount: Fen) -> anyhow::Result<CollectiveIncome> {
    let sources = match amount {
        Fen::ZERO => Vec::new(),
        amount => vec![(Code::parse("leasing")?, amount)],
    };
    Ok(CollectiveIncome { year, sources })
}

/// What the reform is about.
pub(super) fn scope() -> Vec<Row<Sanming>> {
    let row = |what, source, read, change, falsify| {
        let figure = Figure::Count(source);
        Row::<Sanming>::new(("S2.7", what), figure, read, change, falsify)
    };
    let where_they_lie = "of the registered key villages; where they lie the document does not say";
    vec![
        row(
            "key counties",
            5,
            |sanming| sanming.places(AreaLevel::County, |_| true),
            "no village of a county ever was a key village",
            |sanming| sanming.correct(AreaLevel::County, |_| true),
        )
        .remark(where_they_lie),
        row(
            "key townships",
            20,
            |sanming| sanming.places(AreaLevel::Township, |name| !is_of_minority(name)),
            "no village of a township ever was one",
            |sanming| sanming.correct(AreaLevel::Township, |name| !is_of_minority(name)),
        )
        .remark("every township with key villages that is not of a minority"),
        row(
            "townships of minorities",
            2,
            |sanming| sanming.places(AreaLevel::Township, is_of_minority),
            "no village of such a township ever was one",
            |sanming| sanming.correct(AreaLevel::Township, is_of_minority),
        ),
        row(
            "registered villages",
            380,
            |sanming| {
                let areas = sanming.scene.list(Kind::Area, &sanming.scene.area())?;
                let villages = areas.iter().filter(|it| is_listed(it));
                Ok(Figure::Count(i64::try_from(villages.count())?))
            },
            "a village never was registered",
            |sanming| sanming.correct(AreaLevel::Village, |_| true),
        ),
        row(
            "people not yet out of poverty",
            5_520,
            |sanming| {
                let people = |area: &AreaCode| sanming.scene.total(area, "people", 0);
                let towns = people(&AreaCode::parse(places::TOWN)?)?;
                Ok(Figure::Count(people(&sanming.scene.area())? - towns))
            },
            "somebody dies",
            |sanming| sanming.scene.let_somebody_go(&AreaCode::parse("350430")?),
        )
        .remark("1:10 of 55,200; the families of the towns came later and are not among them"),
    ]
}

/// What came of it.
pub(super) fn shells() -> Vec<Row<Sanming>> {
    let row = |what, source, read, change, falsify| {
        Row::<Sanming>::new(("S2.7", what), source, read, change, falsify)
    };
    let threshold = "below 20,000 yuan: the document gives no threshold, it is a setting";
    vec![
        row(
            "shell villages at first",
            Figure::Count(247),
            |sanming| sanming.shells(YEAR - 1),
            "one had 1,000,000 yuan in truth",
            |sanming| sanming.correct_income(YEAR - 1),
        )
        .remark(threshold),
        row(
            "projects for the income of villages",
            Figure::Count(280),
            |sanming| sanming.count("projects"),
            "a project is given up",
            |sanming| sanming.scene.cancel_a_project(|_| true),
        ),
        row(
            "shell villages in the end",
            Figure::Count(32),
            |sanming| sanming.shells(YEAR),
            "one had 1,000,000 yuan in truth",
            |sanming| sanming.correct_income(YEAR),
        )
        .remark(threshold),
        row(
            "what villages have more than before",
            Figure::Money(Fen(ADDED)),
            |sanming| {
                let city = AreaCode::parse(CITY)?;
                let income = |year| {
                    let scene = &sanming.scene;
                    scene.total(&city, "collective-income", u32::from(year))
                };
                Ok(Figure::Money(Fen(income(YEAR)? - income(YEAR - 1)?)))
            },
            "one fen less",
            |sanming| sanming.take_a_fen_of_income(),
        ),
    ]
}

fn is_of_minority(name: &str) -> bool {
    name.ends_with(places::MINORITY)
}

fn is_listed(record: &Record) -> bool {
    matches!(&record.body, Body::Area(area) if !area.key_village.is_empty())
}

impl Sanming {
    /// The areas of a level with such a name in which key villages lie, with these villages.
    fn listed(
        &self,
        level: AreaLevel,
        is_it: impl Fn(&str) -> bool,
    ) -> anyhow::Result<BTreeMap<String, Vec<Record>>> {
        let areas = self.scene.list(Kind::Area, &self.scene.area())?;
        let name = |record: &Record| match &record.body {
            Body::Area(area) => area.name.to_string(),
            _ => String::new(),
        };
        let of_level = areas.iter().filter(|it| it.area.level() == level);
        let such = of_level.filter(|it| is_it(&name(it)));
        let such: BTreeSet<&str> = such.map(|it| it.area.digits()).collect();
        let mut listed: BTreeMap<String, Vec<Record>> = BTreeMap::new();
        for record in areas.iter().filter(|it| is_listed(it)) {
            let around = places::at(&record.area, level);
            if such.contains(around.as_str()) {
                listed.entry(around).or_default().push(record.clone());
            }
        }
        Ok(listed)
    }

    fn places(&self, level: AreaLevel, is_it: fn(&str) -> bool) -> anyhow::Result<Figure> {
        let listed = self.listed(level, is_it)?;
        Ok(Figure::Count(i64::try_from(listed.len())?))
    }

    /// The villages of the last of these areas never were key villages.
    fn correct(&mut self, level: AreaLevel, is_it: fn(&str) -> bool) -> anyhow::Result<()> {
        let listed = self.listed(level, is_it)?;
        let Some(villages) = listed.into_values().next_back() else {
            anyhow::bail!("no key village")
        };
        let mut changes = Vec::new();
        for record in villages {
            if let Body::Area(area) = &record.body {
                let never = Area {
                    key_village: Vec::new(),
                    ..area.clone()
                };
                changes.push(Change::of(&record, Action::Change, never));
            }
        }
        self.scene.apply(changes)
    }

    fn statements(&self, year: u16) -> anyhow::Result<Vec<(Record, CollectiveIncome)>> {
        let records = self
            .scene
            .list(Kind::CollectiveIncome, &self.scene.area())?;
        let statement = |record: Record| match &record.body {
            Body::CollectiveIncome(income) if income.year.get() == year => {
                Some((record.clone(), income.clone()))
            }
            _ => None,
        };
        Ok(records.into_iter().filter_map(statement).collect())
    }

    fn shells(&self, year: u16) -> anyhow::Result<Figure> {
        let areas = self.scene.list(Kind::Area, &self.scene.area())?;
        let statements = self.statements(year)?;
        let incomes: BTreeMap<AreaCode, Fen> = statements
            .iter()
            .map(|(record, income)| (record.area, income.total()))
            .collect();
        let areas = areas.into_iter().map(|record| record.area);
        let found = shell_villages(areas, &incomes, THRESHOLD);
        Ok(Figure::Count(i64::try_from(found.below.len())?))
    }

    /// A shell village of the year had a good income in truth.
    fn correct_income(&mut self, year: u16) -> anyhow::Result<()> {
        let statements = self.statements(year)?;
        let mut poor = statements
            .into_iter()
            .filter(|(_, it)| it.total() < THRESHOLD);
        let Some((record, statement)) = poor.next() else {
            anyhow::bail!("no shell village")
        };
        let good = income(statement.year, Fen(100_000_000))?;
        self.scene.change(&record, good)
    }

    fn take_a_fen_of_income(&mut self) -> anyhow::Result<()> {
        let statements = self.statements(YEAR)?;
        let mut some = statements
            .into_iter()
            .filter(|(_, it)| it.total() > Fen::ZERO);
        let Some((record, statement)) = some.next() else {
            anyhow::bail!("no village has an income")
        };
        let less = income(statement.year, Fen(statement.total().0 - 1))?;
        self.scene.change(&record, less)
    }
}
