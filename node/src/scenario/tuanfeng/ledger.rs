//! S1.2: one ledger, one plan and one set of measures for a household.

use lika_core::{
    command::Change,
    record::{Body, Household, HouseholdIdentity, Measure, Pairing, Record},
    value::{AreaCode, Date, RecordId, Text},
};

use super::{Levels, Scene, Tuanfeng, rule, settle};
use crate::scenario::{
    Figure, Row,
    people::{self, id},
};

/// The household that has it all.
const HELPED: usize = 1;
const NUMBER: &str = "4211211002010001";
const EXIT: &str = "exit";
const MEASURE: &str = "job-training";

/// What the household has once.
pub struct Ledger {
    household: Record,
    measure: RecordId,
    pairing: RecordId,
    exit: RecordId,
}

impl Ledger {
    /// A card, a helper, a measure, and a plan to come out of poverty.
    pub fn keep(scene: &mut Scene, levels: &Levels, village: AreaCode) -> anyhow::Result<Self> {
        let (measure, pairing) = (id("measure", 0), id("pairing", 0));
        let household = settle(scene, village, HELPED, numbered()?, 3)?;
        let today = scene.today();
        scene.apply(vec![
            Change::create(id("cadre", 0), scene.area(), people::cadre(today)?),
            Change::create(pairing, village, helper(household.id, today)?),
            Change::create(
                measure,
                village,
                people::measure(household.id, MEASURE, today)?,
            ),
        ])?;
        let exit = scene.open_cases(&levels.village, EXIT, std::slice::from_ref(&household))?;
        let &[exit] = exit.as_slice() else {
            anyhow::bail!("not one case")
        };
        Ok(Self {
            household,
            measure,
            pairing,
            exit,
        })
    }
}

fn numbered() -> anyhow::Result<Household> {
    Ok(Household {
        identity: Some(HouseholdIdentity {
            number: Some(Text::parse(NUMBER)?),
            ..HouseholdIdentity::default()
        }),
        ..people::household("general")?
    })
}

fn helper(household: RecordId, from: Date) -> anyhow::Result<Pairing> {
    people::pairing(household, id("cadre", 0), from)
}

/// S1.2.
pub fn rows() -> Vec<Row<Tuanfeng>> {
    let mut rows = records();
    rows.extend(bonds());
    rows
}

/// One card, one set of measures.
fn records() -> Vec<Row<Tuanfeng>> {
    vec![
        rule(
            (
                "S1.2",
                "a second card is opened under the number of a household",
            ),
            "not-unique",
            |it| {
                let other = settle(&mut it.scene, it.village, HELPED + 1, numbered()?, 1);
                Figure::of_attempt(other.map(drop))
            },
            "the number of the first turns out to be another one",
            |it| {
                let first = it.scene.get(&it.ledger.household.id)?;
                let Body::Household(household) = &first.body else {
                    anyhow::bail!("not a household")
                };
                let other = HouseholdIdentity {
                    number: Some(Text::parse("4211211002010009")?),
                    ..household.identity.clone().unwrap_or_default()
                };
                let corrected = Household {
                    identity: Some(other),
                    ..household.clone()
                };
                it.scene.change(&first, corrected)
            },
        ),
        rule(
            ("S1.2", "a household is given twice what it has"),
            "already-given",
            |it| {
                let again = people::measure(it.ledger.household.id, MEASURE, it.scene.today())?;
                let own = it.scene.new_id("measure");
                let again = Change::create(own, it.village, again);
                Figure::of_attempt(it.scene.apply(vec![again]))
            },
            "the first has ended",
            |it| {
                let first = it.scene.get(&it.ledger.measure)?;
                let Body::Measure(measure) = &first.body else {
                    anyhow::bail!("not a measure")
                };
                let ended = Measure {
                    until: Some(it.scene.today()),
                    ..measure.clone()
                };
                it.scene.change(&first, ended)
            },
        ),
    ]
}

/// One helper, one plan to exit.
fn bonds() -> Vec<Row<Tuanfeng>> {
    vec![
        rule(
            ("S1.2", "a helper is bound to a household twice"),
            "already-paired",
            |it| {
                let again = helper(it.ledger.household.id, it.scene.today())?;
                let own = it.scene.new_id("pairing");
                let again = Change::create(own, it.village, again);
                Figure::of_attempt(it.scene.apply(vec![again]))
            },
            "the first pairing has ended",
            |it| {
                let first = it.scene.get(&it.ledger.pairing)?;
                it.scene.unpair(&[first])
            },
        ),
        rule(
            ("S1.2", "a second exit is begun for a household"),
            "already-in-case",
            |it| {
                let officer = it.levels.village.clone();
                let household = it.ledger.household.clone();
                let again = it.scene.open_cases(&officer, EXIT, &[household]);
                Figure::of_attempt(again.map(drop))
            },
            "the first is withdrawn",
            |it| {
                let officer = it.levels.county.clone();
                let exit = it.ledger.exit;
                it.scene.end_cases(&officer, &[exit], "withdrawn")
            },
        ),
    ]
}
