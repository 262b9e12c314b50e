//! S3.3: what the villages have in the end: an income of their own, roads, water and houses.

use std::collections::BTreeMap;

use anyhow::Context as _;
use lika_core::{
    command::Change,
    log::Kind,
    record::{Body, CollectiveIncome, Household, LivingConditions, Measure, Record},
    shell::shell_villages,
    value::{AreaCode, Code, Date, Fen, RecordId, Year},
};

use super::{Figure, Guangdong, Row, Scale, Scene, VILLAGES, Village, YEAR, id};

/// In fen a village.
const COLLECTIVE: i64 = 11_090_000;
/// The target of the round.
const TARGET: Fen = Fen(3_000_000);

/// How a household lives; one of ten had to have its house rebuilt.
pub(super) fn lives(
    household: RecordId,
    village: AreaCode,
    number: u32,
) -> anyhow::Result<Vec<Change>> {
    let surveyed_on = Date::new(YEAR, 12, 31)?;
    let living = LivingConditions {
        household,
        surveyed_on,
        house_area: None,
        house_structure: None,
        house_year: None,
        electricity: None,
        fuel: None,
        toilet: None,
        road: Some(true),
        road_distance: None,
        broadband: None,
        land: None,
        allowance_entitled: None,
        dropouts: None,
        admitted: None,
        admitted_supported: None,
        trained: None,
        skills: None,
        hardship_expenses: None,
    };
    let own = LivingConditions::id_for(&household);
    let mut changes = vec![Change::create(own, village, living)];
    if number % 10 == 5 {
        let rebuilt = Measure {
            household: Some(household),
            member: None,
            kind: Code::parse("housing")?,
            project: None,
            from: Date::new(YEAR, 3, 1)?,
            until: Some(surveyed_on),
            amount: None,
            results: vec![Code::parse("moved")?],
        };
        let own = id("housing", usize::try_from(number)?);
        changes.push(Change::create(own, village, rebuilt));
    }
    Ok(changes)
}

/// Of two neighbouring villages one has as much more as the other has less.
pub(super) fn report(scene: &mut Scene, villages: &[Village]) -> anyhow::Result<()> {
    let statement = |(number, village): (usize, &Village)| {
        let apart = i64::try_from(number / 2 % 40)? * 100_000;
        let amount = match number {
            last if last + 1 == villages.len() && villages.len() % 2 == 1 => COLLECTIVE,
            even if even % 2 == 0 => COLLECTIVE + apart,
            _ => COLLECTIVE - apart,
        };
        let own = CollectiveIncome::id_for(&village.code, Year::new(YEAR)?);
        Ok(Change::create(own, village.code, income(Fen(amount))?))
    };
    let statements = villages.iter().enumerate().map(statement);
    scene.apply(statements.collect::<anyhow::Result<Vec<_>>>()?)
}

fn income(amount: Fen) -> anyhow::Result<CollectiveIncome> {
    let sources = match amount {
        Fen::ZERO => Vec::new(),
        amount => vec![(Code::parse("leasing")?, amount)],
    };
    Ok(CollectiveIncome {
        year: Year::new(YEAR)?,
        sources,
    })
}

pub(super) fn rows(scale: Scale) -> Vec<Row<Guangdong>> {
    let row = |what, source, read, change, falsify| {
        Row::<Guangdong>::new(("S3.3", what), source, read, change, falsify)
    };
    let mut rows = vec![
        row(
            "collective income a village, in yuan",
            Figure::Count(110_900),
            |guangdong| {
                let year = u32::from(YEAR);
                let fen = guangdong.total("collective-income", year)?;
                let villages = guangdong.total("villages-with-income-statement", year)? * 100;
                anyhow::ensure!(villages > 0, "no village has stated its income");
                Ok(Figure::Count((fen + villages / 2).div_euclid(villages)))
            },
            "a village had 1,000,000 yuan in truth",
            |guangdong| guangdong.correct_village(Fen(100_000_000)),
        ),
        row(
            "villages with 30,000 yuan or more",
            scale.count(VILLAGES),
            |guangdong| {
                let incomes: BTreeMap<AreaCode, Fen> = guangdong
                    .scene
                    .list(Kind::CollectiveIncome, &guangdong.scene.area())?
                    .iter()
                    .filter_map(|record| match &record.body {
                        Body::CollectiveIncome(income) => Some((record.area, income.total())),
                        _ => None,
                    })
                    .collect();
                let found = shell_villages(incomes.keys().copied(), &incomes, TARGET);
                Ok(Figure::Count(i64::try_from(found.reached)?))
            },
            "a village had nothing in truth",
            |guangdong| guangdong.correct_village(Fen::ZERO),
        )
        .remark("the target of the round"),
    ];
    rows.extend(works());
    rows
}

/// Roads, water and houses.
fn works() -> Vec<Row<Guangdong>> {
    let row = |what, read, change, falsify| {
        let whole = Figure::Shown("100 %".to_owned());
        Row::<Guangdong>::new(("S3.3", what), whole, read, change, falsify)
    };
    vec![
        row(
            "villages in which a hardened road leads to every house",
            Guangdong::with_roads,
            "a survey was wrong about the road",
            Guangdong::take_a_road,
        ),
        row(
            "households with safe water",
            |guangdong| {
                let households = guangdong
                    .scene
                    .list(Kind::Household, &guangdong.scene.area())?;
                let is_safe = |record: &&Record| match &record.body {
                    Body::Household(household) => household.safe_water == Some(true),
                    _ => false,
                };
                percent(households.iter().filter(is_safe).count(), households.len())
            },
            "the water of one is not safe",
            |guangdong| {
                let record = guangdong.first(Kind::Household)?;
                let Body::Household(household) = &record.body else {
                    anyhow::bail!("not a household")
                };
                let unsafe_water = Household {
                    safe_water: Some(false),
                    ..household.clone()
                };
                guangdong.scene.change(&record, unsafe_water)
            },
        ),
        row(
            "houses that were to be rebuilt and are",
            |guangdong| {
                let count = |dimension| guangdong.total(dimension, u32::from(YEAR));
                let begun = count("households-helped/housing")?;
                let moved = count("households-with-result/moved")?;
                percent(usize::try_from(moved)?, usize::try_from(begun)?)
            },
            "a family has not moved in",
            |guangdong| {
                let record = guangdong.first(Kind::Measure)?;
                let Body::Measure(measure) = &record.body else {
                    anyhow::bail!("not a measure")
                };
                let not_yet = Measure {
                    results: Vec::new(),
                    ..measure.clone()
                };
                guangdong.scene.change(&record, not_yet)
            },
        ),
    ]
}

/// Rounded down: 100 % is all of them.
fn percent(part: usize, all: usize) -> anyhow::Result<Figure> {
    let share = (part * 100).checked_div(all);
    let share = share.context("there are none")?;
    Ok(Figure::Shown(format!("{share} %")))
}

impl Guangdong {
    fn with_roads(&mut self) -> anyhow::Result<Figure> {
        let mut villages: BTreeMap<AreaCode, bool> = BTreeMap::new();
        let surveys = self
            .scene
            .list(Kind::LivingConditions, &self.scene.area())?;
        for record in surveys {
            if let Body::LivingConditions(living) = record.body {
                *villages.entry(record.area).or_insert(true) &= living.road == Some(true);
            }
        }
        let all = villages.len();
        percent(villages.into_values().filter(|has| *has).count(), all)
    }

    fn take_a_road(&mut self) -> anyhow::Result<()> {
        let record = self.first(Kind::LivingConditions)?;
        let Body::LivingConditions(living) = &record.body else {
            anyhow::bail!("not living conditions")
        };
        let without = LivingConditions {
            road: Some(false),
            ..living.clone()
        };
        self.scene.change(&record, without)
    }

    fn correct_village(&mut self, amount: Fen) -> anyhow::Result<()> {
        let record = self.first(Kind::CollectiveIncome)?;
        self.scene.change(&record, income(amount)?)
    }
}
