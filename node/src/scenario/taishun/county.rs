//! The county: its townships, its villages, and the households of both years.

use lika_core::{
    log::Kind,
    record::{Household, Member},
    value::{AreaCode, Code, Date, Fen, Year},
};

use super::{BEFORE, COUNTY, PLANNED, Scene, YEAR};
use crate::scenario::people;

/// Names as published, ten of them; the order of the codes is not claimed to be the official one.
pub const TOWNSHIPS: [(&str, &str); 10] = [
    ("330329100", "罗阳镇"),
    ("330329101", "司前畲族镇"),
    ("330329102", "百丈镇"),
    ("330329103", "筱村镇"),
    ("330329104", "泗溪镇"),
    ("330329105", "彭溪镇"),
    ("330329106", "雅阳镇"),
    ("330329107", "仕阳镇"),
    ("330329108", "三魁镇"),
    ("330329109", "南浦溪镇"),
];
const IN_TOWNSHIP: usize = 5;

/// Those of 2004: 2,120 households with 6,750 people (S0.8).
const EXITED: usize = 2_120;
const PEOPLE_EXITED: usize = 6_750;

/// Beside the plan, in the first village, so many of each; the document gives no figures. Whom it is about is numbered
/// from here on.
const OTHERS: usize = 10;
pub const WITHOUT_LABOUR: usize = 10_000;
const NOT_WILLING: usize = 11_000;
const NOT_UNDER_THE_LINE: usize = 12_000;
/// The first household of the plan has this number.
const OF_2005: usize = 5_000;

/// In fen a head.
const LINE: i64 = 150_000;

/// Registers the areas; the villages.
pub fn areas(scene: &mut Scene) -> anyhow::Result<Vec<AreaCode>> {
    let mut villages = Vec::new();
    let mut changes = Vec::new();
    for (township, name) in TOWNSHIPS {
        changes.push(people::area(AreaCode::parse(township)?, name, Vec::new())?);
        for number in 1..=IN_TOWNSHIP {
            let village = AreaCode::parse(&format!("{township}{:03}", 200 + number))?;
            changes.push(people::area(
                village,
                &format!("{name}{number}村"),
                Vec::new(),
            )?);
            villages.push(village);
        }
    }
    scene.apply(changes)?;
    Ok(villages)
}

/// Those who are helped in 2004, and whose cards say at its end that they are out of poverty.
pub fn households_of_2004(scene: &mut Scene, villages: &[AreaCode]) -> anyhow::Result<()> {
    let from = scene.today();
    for (place, village) in villages.iter().enumerate() {
        let mut changes = Vec::new();
        for number in (place..EXITED).step_by(villages.len()) {
            let persons = if number < PEOPLE_EXITED - 3 * EXITED {
                4
            } else {
                3
            };
            let household = people::household("general")?;
            changes.extend(people::family(
                *village,
                number,
                household,
                persons,
                |_, member| Ok(member),
                from,
            )?);
        }
        scene.apply(changes)?;
    }
    scene.go_to(Date::new(BEFORE, 12, 31)?);
    let helped = scene.list(Kind::Household, &AreaCode::parse(COUNTY)?)?;
    scene.set_exit_year(&helped, Some(Year::new(BEFORE)?))
}

/// The applicants of 2005, the two years' plans apart: those who are under the line, able and willing; and in the first
/// village those who are not able, not willing, or not under the line.
pub fn households_of_2005(scene: &mut Scene, villages: &[AreaCode]) -> anyhow::Result<()> {
    for (place, village) in villages.iter().enumerate() {
        let mut changes = Vec::new();
        for number in (place..PLANNED).step_by(villages.len()) {
            // The least is that of nobody, the most one fen under the line.
            let per_head = LINE - 1 - i64::try_from(number % 90)? * 1_000;
            changes.extend(applicant(scene, *village, OF_2005 + number, per_head)?.changes()?);
        }
        if place == 0 {
            for number in 0..OTHERS {
                let apart = i64::try_from(number)? * 1_000;
                let under = |number| applicant(scene, *village, number, LINE - 50_000);
                let unable = under(WITHOUT_LABOUR + number)?.unable();
                let unwilling = under(NOT_WILLING + number)?.unwilling();
                let not_poor =
                    applicant(scene, *village, NOT_UNDER_THE_LINE + number, LINE + apart)?;
                for applicant in [unable, unwilling, not_poor] {
                    changes.extend(applicant.changes()?);
                }
            }
        }
        scene.apply(changes)?;
    }
    Ok(())
}

/// Somebody who applies: a household of two.
struct Applicant {
    village: AreaCode,
    number: usize,
    household: Household,
    labour: &'static str,
    per_head: Fen,
    on: Date,
}

fn applicant(
    scene: &Scene,
    village: AreaCode,
    number: usize,
    per_head: i64,
) -> anyhow::Result<Applicant> {
    Ok(Applicant {
        village,
        number,
        household: Household {
            willing: Some(true),
            ..people::household("general")?
        },
        labour: "ordinary",
        per_head: Fen(per_head),
        on: scene.today(),
    })
}

impl Applicant {
    fn unable(self) -> Self {
        Self {
            labour: "none",
            ..self
        }
    }

    fn unwilling(mut self) -> Self {
        self.household.willing = Some(false);
        self
    }

    fn changes(self) -> anyhow::Result<Vec<lika_core::command::Change>> {
        let Self {
            village,
            number,
            household,
            labour,
            per_head,
            on,
        } = self;
        let shape = |place, member| {
            let labour = if place == 0 { labour } else { "none" };
            Ok(Member {
                labour: Some(Code::parse(labour)?),
                ..member
            })
        };
        let mut changes = people::family(village, number, household, 2, shape, on)?;
        let income_year = (Year::new(YEAR - 1)?, 2);
        changes.push(people::income(village, number, income_year, per_head));
        Ok(changes)
    }
}
