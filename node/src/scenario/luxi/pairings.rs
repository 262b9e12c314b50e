//! S4.4: who helps which household.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context as _;
use lika_core::{
    command::Change,
    log::Kind,
    record::{Body, HelperLevel, Household, Pairing, Record},
    value::{Code, RecordId},
};

use super::{Luxi, Scene, household};
use crate::scenario::{Figure, Row};

/// S4.4: "1+1+1".
pub fn rows() -> Vec<Row<Luxi>> {
    vec![
        Row::<Luxi>::new(
            ("S4.4", "households with a helper who answers for them"),
            Figure::Count(3_906),
            |luxi| luxi.total("households-paired", 0),
            "nobody answers for a household any more",
            |luxi| luxi.unpair(|pairing| pairing.responsible),
        ),
        Row::<Luxi>::new(
            (
                "S4.4",
                "development households without a cadre of section level or above",
            ),
            Figure::Count(0),
            |luxi| {
                let helped = helped_by_leaders(&luxi.scene)?;
                let mut unhelped = development_households(&luxi.scene)?;
                unhelped.retain(|household| !helped.contains(&household.id));
                Ok(Figure::count(unhelped.len()))
            },
            "such a cadre leaves a development household",
            |luxi| {
                luxi.unpair(|pairing| {
                    pairing.role.as_str() == "focus" && pairing.level <= HelperLevel::Section
                })
            },
        )
        .remark("\"every development household has one\""),
        Row::<Luxi>::new(
            (
                "S4.4",
                "cadres of section level or above beyond their quota of focus households",
            ),
            Figure::Count(0),
            |luxi| Ok(Figure::Count(luxi.beyond_quota()?)),
            "the policy is suspended, and a cadre is given one household more than the quota",
            Luxi::pair_beyond_quota,
        )
        .remark("2 for a county-level cadre, 1 for one of section level"),
    ]
}

impl Luxi {
    pub(super) fn unpair(&mut self, is_it: impl Fn(&Pairing) -> bool) -> anyhow::Result<()> {
        let record = self.first(
            Kind::Pairing,
            |record| matches!(&record.body, Body::Pairing(pairing) if is_it(pairing)),
        )?;
        let Body::Pairing(pairing) = &record.body else {
            anyhow::bail!("not a pairing")
        };
        // Others of the same household may answer for it, or be of that level, too.
        let mut such = self.scene.list(Kind::Pairing, &record.area)?;
        such.retain(|other| {
            matches!(&other.body, Body::Pairing(own) if own.household == pairing.household && is_it(own))
        });
        self.scene.unpair(&such)
    }

    /// Focus households by cadre of section level or above.
    fn focus(&self) -> anyhow::Result<BTreeMap<RecordId, (HelperLevel, usize)>> {
        let mut focus = BTreeMap::new();
        for record in self.scene.survey(Kind::Pairing, &self.scene.area())? {
            if let Body::Pairing(pairing) = &record.body
                && pairing.role.as_str() == "focus"
                && pairing.level <= HelperLevel::Section
            {
                focus.entry(pairing.cadre).or_insert((pairing.level, 0)).1 += 1;
            }
        }
        Ok(focus)
    }

    fn beyond_quota(&self) -> anyhow::Result<i64> {
        let focus = self.focus()?;
        let beyond = focus
            .values()
            .filter(|(level, households)| *households > quota(*level));
        Ok(i64::try_from(beyond.count())?)
    }

    fn pair_beyond_quota(&mut self) -> anyhow::Result<()> {
        let focus = self.focus()?;
        let full = focus
            .iter()
            .find(|(_, (level, households))| *households == quota(*level));
        let (cadre, (level, _)) = full.context("nobody has reached the quota")?;
        let own = self.first(
            Kind::Pairing,
            |record| matches!(&record.body, Body::Pairing(pairing) if pairing.cadre == *cadre),
        )?;
        let is_other = |record: &Record| {
            let is_development = household(record).is_some_and(is_development);
            is_development && record.area != own.area
        };
        let household = self.first(Kind::Household, is_other)?;
        let pairing = Pairing {
            household: household.id,
            cadre: *cadre,
            role: Code::parse("focus")?,
            level: *level,
            responsible: false,
            from: self.scene.today(),
            until: None,
            decision: None,
        };
        let id = RecordId::derived("lika.scenario.pairing", &household.id.0);
        let change = Change::create(id, household.area, pairing);
        let attempt = self.scene.apply(vec![change.clone()]);
        let came = Figure::of_attempt(attempt)?;
        anyhow::ensure!(
            came == Figure::Refused("refused-by-policy".to_owned()),
            "while the policy is in force it comes to {came}"
        );
        self.scene.suspend("pairing")?;
        self.scene.apply(vec![change])
    }
}

/// The development households that a cadre of section level or above helps.
pub fn led_households(scene: &Scene) -> anyhow::Result<Vec<Record>> {
    let helped = helped_by_leaders(scene)?;
    let mut households = development_households(scene)?;
    households.retain(|record| helped.contains(&record.id));
    Ok(households)
}

fn helped_by_leaders(scene: &Scene) -> anyhow::Result<BTreeSet<RecordId>> {
    let pairings = scene.survey(Kind::Pairing, &scene.area())?;
    let helped = pairings.iter().filter_map(|record| match &record.body {
        Body::Pairing(pairing) if pairing.level <= HelperLevel::Section => Some(pairing.household),
        _ => None,
    });
    Ok(helped.collect())
}

fn development_households(scene: &Scene) -> anyhow::Result<Vec<Record>> {
    let mut households = scene.survey(Kind::Household, &scene.area())?;
    households.retain(|record| household(record).is_some_and(is_development));
    Ok(households)
}

/// How many development households a cadre may have in focus (S4.4).
fn quota(level: HelperLevel) -> usize {
    match level {
        HelperLevel::County => 2,
        HelperLevel::Section | HelperLevel::Township | HelperLevel::Village => 1,
    }
}

fn is_development(household: &Household) -> bool {
    household.household_type.as_str() == "development"
}
