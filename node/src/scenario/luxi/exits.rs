//! S4.11 and S4.12: the seven conditions of an exit, and how many exit in a year.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context as _;
use lika_core::{
    command::Change,
    log::{Action, Kind},
    record::{Body, Household, LivingConditions, Member, Outcome, Record, Taken},
    value::{AreaCode, Code, Date, RecordId, Year},
};

use super::{Luxi, Scene, YEAR, pairings};
use crate::scenario::{
    Figure, Row,
    scene::{Caller, Levels, all_met},
};

const PURPOSE: &str = "exit-review";
/// Luxi's conditions alone: the target of income is another county's.
const SETTINGS: &str = r#"{"income-per-head": 0}"#;
const HOUSE_CHECK: &str = "house-check";
/// At least so many people in a year.
const PEOPLE: usize = 5_000;

/// A village some of whose households are looked at.
pub struct Exits {
    village: AreaCode,
    /// It meets no condition.
    poor: RecordId,
    /// It meets all of them.
    well: RecordId,
    /// Its house is to be checked.
    case: RecordId,
    checking: Caller,
    /// Conditions that the check is to leave out.
    left_out: usize,
}

impl Exits {
    /// One village goes by cases; of the others, who has exited is written into the cards.
    pub fn pass(scene: &mut Scene, township: Caller) -> anyhow::Result<Self> {
        scene.go_to(Date::new(YEAR, 12, 1)?);
        let office = scene.office();
        let levels = Levels {
            village: office.clone(),
            township,
            county: office,
        };
        let led = pairings::led_households(scene)?;
        let village = led.last().context("no development household")?.area;
        scene.enact_in(&village, PURPOSE, SETTINGS, scene.today())?;
        let mut of_village = led.into_iter().filter(|it| it.area == village);
        let mut next = || {
            of_village
                .next()
                .context("too few households in the village")
        };
        let (poor, well, checked) = (next()?, next()?, next()?);
        live(scene, std::slice::from_ref(&poor), false)?;
        live(scene, std::slice::from_ref(&well), true)?;
        let looked_at = [poor.id, well.id, checked.id];
        exit(scene, &levels, village, &looked_at)?;
        let case = scene.open_cases(&levels.village, "exit", &[checked])?;
        scene.pass(&levels, &case, Some(HOUSE_CHECK))?;
        Ok(Self {
            village,
            poor: poor.id,
            well: well.id,
            case: *case.first().context("no case")?,
            checking: levels.township,
            left_out: 1,
        })
    }
}

/// Lets households of a village meet every condition, or none.
fn live(scene: &mut Scene, households: &[Record], well: bool) -> anyhow::Result<()> {
    let village = households.first().context("no household")?.area;
    let mut changes = Vec::new();
    for record in households {
        let Body::Household(household) = &record.body else {
            anyhow::bail!("not a household")
        };
        let housed = Household {
            dangerous_house: Some(!well),
            ..household.clone()
        };
        changes.push(Change::of(record, Action::Change, housed));
        let record = scene.get(&LivingConditions::id_for(&record.id))?;
        let Body::LivingConditions(living) = &record.body else {
            anyhow::bail!("not living conditions")
        };
        let living = LivingConditions {
            allowance_entitled: Some(!well),
            dropouts: Some(u32::from(!well)),
            admitted: Some(1),
            admitted_supported: Some(u32::from(well)),
            trained: Some(u32::from(well)),
            skills: Some(u32::from(well)),
            ..living.clone()
        };
        changes.push(Change::of(&record, Action::Change, living));
    }
    for record in scene.list(Kind::Member, &village)? {
        if let Body::Member(member) = &record.body
            && households.iter().any(|it| it.id == member.household)
        {
            let is_able = member.labour.as_ref().is_some_and(|it| *it != "none");
            let work_region = (well && is_able).then(|| Code::parse("country"));
            let member = Member {
                allowance: Some(false),
                medical_insurance: Some(well),
                work_region: work_region.transpose()?,
                ..member.clone()
            };
            changes.push(Change::of(&record, Action::Change, member));
        }
    }
    scene.apply(changes)
}

/// As many households exit as have the people of the goal; those of one village by cases.
fn exit(
    scene: &mut Scene,
    levels: &Levels,
    village: AreaCode,
    staying: &[RecordId],
) -> anyhow::Result<()> {
    let area = scene.area();
    let mut sizes: BTreeMap<RecordId, usize> = BTreeMap::new();
    for record in scene.survey(Kind::Member, &area)? {
        if let Body::Member(member) = &record.body {
            *sizes.entry(member.household).or_default() += 1;
        }
    }
    let households = scene.survey(Kind::Household, &area)?;
    let (of_village, others): (Vec<_>, Vec<_>) = households
        .into_iter()
        .filter(|record| !staying.contains(&record.id))
        .partition(|record| record.area == village);
    let mut left = PEOPLE;
    let exiting = of_village.into_iter().chain(others).filter(|record| {
        let people = sizes.get(&record.id).copied().unwrap_or_default();
        let fits = people <= left;
        left -= if fits { people } else { 0 };
        fits
    });
    let (by_case, others): (Vec<_>, Vec<_>) = exiting.partition(|record| record.area == village);
    // What the policy refuses nobody approves.
    live(scene, &by_case, true)?;
    scene.evaluate_in(PURPOSE, &village)?;
    let cases = scene.open_cases(&levels.village, "exit", &by_case)?;
    scene.pass(levels, &cases, None)?;
    scene.end_cases(&levels.county, &cases, "completed")?;
    // Written into the cards: everybody keeps their helper to the end of the year (S4.4).
    let mut exiting = others;
    for record in by_case {
        exiting.push(scene.get(&record.id)?);
    }
    scene.set_exit_year(&exiting, Some(Year::new(YEAR)?))
}

/// S4.11 and S4.12.
pub fn rows() -> Vec<Row<Luxi>> {
    vec![
        Row::<Luxi>::new(
            (
                "S4.11",
                "conditions that a household fails which meets none",
            ),
            Figure::Count(7),
            |luxi| Ok(Figure::count(luxi.failed()?.len())),
            "its house is repaired",
            Luxi::repair,
        ),
        Row::<Luxi>::new(
            (
                "S4.11",
                "what is said of a household that meets all of them",
            ),
            Figure::shown("may-exit"),
            |luxi| match luxi.scene.decision(PURPOSE, &luxi.exits.well)?.outcome {
                Outcome::Granted(category) => Ok(Figure::Shown(category.to_string())),
                outcome => Ok(Figure::shown(outcome.code())),
            },
            "a child leaves school",
            Luxi::drop_out,
        ),
        Row::<Luxi>::new(
            ("S4.11", "a house is checked for six conditions"),
            Figure::shown("invalid-field"),
            |luxi| {
                let Exits {
                    case,
                    checking,
                    left_out,
                    ..
                } = &luxi.exits;
                let (case, officer) = (*case, checking.clone());
                let conditions = all_met()?.into_iter().skip(*left_out).collect();
                let taken = Taken {
                    conditions,
                    ..luxi.scene.taken(&officer, HOUSE_CHECK)?
                };
                Figure::of_attempt(luxi.scene.take(&officer, &[case], &taken))
            },
            "it is checked for all seven",
            |luxi| {
                luxi.exits.left_out = 0;
                Ok(())
            },
        ),
        Row::<Luxi>::new(
            ("S4.12", "people who exit in a year"),
            Figure::count(PEOPLE),
            |luxi| {
                let (_, people) = luxi.scene.exited(Year::new(YEAR)?)?;
                Ok(Figure::count(people))
            },
            "a household turns out not to have exited",
            |luxi| {
                let year = Year::new(YEAR)?;
                let household = luxi.first(Kind::Household, |record| {
                    matches!(&record.body, Body::Household(it) if it.exit_year == Some(year))
                })?;
                luxi.scene.set_exit_year(&[household], None)
            },
        )
        .remark("\"at least\": just so many have exited, one village by cases"),
    ]
}

impl Luxi {
    /// The conditions that the poor household fails: training and work away are the two halves of one.
    fn failed(&self) -> anyhow::Result<BTreeSet<String>> {
        let decision = self.scene.decision(PURPOSE, &self.exits.poor)?;
        let conditions = decision.reasons.iter().map(|reason| {
            let condition = match reason.code.as_str() {
                "too-few-trained" | "too-few-workers-away" => "work",
                other => other,
            };
            condition.to_owned()
        });
        Ok(conditions.collect())
    }

    fn repair(&mut self) -> anyhow::Result<()> {
        let record = self.scene.get(&self.exits.poor)?;
        let Body::Household(household) = &record.body else {
            anyhow::bail!("not a household")
        };
        let repaired = Household {
            dangerous_house: Some(false),
            ..household.clone()
        };
        self.scene.change(&record, repaired)?;
        self.scene.evaluate_in(PURPOSE, &self.exits.village)
    }

    fn drop_out(&mut self) -> anyhow::Result<()> {
        let record = self
            .scene
            .get(&LivingConditions::id_for(&self.exits.well))?;
        let Body::LivingConditions(living) = &record.body else {
            anyhow::bail!("not living conditions")
        };
        let dropped_out = LivingConditions {
            dropouts: Some(1),
            ..living.clone()
        };
        self.scene.change(&record, dropped_out)?;
        self.scene.evaluate_in(PURPOSE, &self.exits.village)
    }
}
