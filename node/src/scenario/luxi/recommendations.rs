//! S4.6: of the households beside the development ones the village committee proposes whom a cadre of section level or
//! above shall help, the township reviews it and assigns one.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context as _;
use lika_core::{
    command::Change,
    log::Kind,
    record::{Body, HelperLevel, Pairing, Record},
    value::{AreaCode, Code, RecordId},
};

use super::{Luxi, Scene, household};
use crate::scenario::{
    Figure, Row,
    people::id,
    scene::{Caller, Levels},
};

const KIND: &str = "helper-assignment";
const REVIEW: &str = "township-review";
const ASSIGNMENT: &str = "assignment";
/// Whom the committee of the village recommends.
const RECOMMENDED: &str = "development-allowance";
/// Households of the village that it does not recommend in time, at least.
const OTHERS: usize = 3;

/// One village whose households are recommended.
pub struct Recommendations {
    village: AreaCode,
    levels: Levels,
    /// Of those that were recommended in time.
    cases: Vec<RecordId>,
    /// The case that stands before the review, for each of two who try to take it further.
    before_review: [RecordId; 2],
    /// The case that was reviewed after its household had got its helper.
    reviewed: RecordId,
}

impl Recommendations {
    /// The village proposes, and the township reviews, before anybody is paired.
    pub fn propose(scene: &mut Scene, township: &Caller) -> anyhow::Result<Self> {
        let village = village(scene)?;
        let levels = Levels {
            village: scene.appoint("cun", "village-cadre", village)?,
            township: township.clone(),
            county: scene.office(),
        };
        let recommended = of_type(scene, &village, |own| own == RECOMMENDED)?;
        let cases = scene.open_cases(&levels.village, KIND, &recommended)?;
        scene.pass(&levels, &cases, Some(ASSIGNMENT))?;
        Ok(Self {
            village,
            levels,
            cases,
            before_review: [id("case", 0); 2],
            reviewed: id("case", 0),
        })
    }

    /// The township assigns whom the pairing gives, and that ends it.
    pub fn assign(&self, scene: &mut Scene) -> anyhow::Result<()> {
        scene.pass(&self.levels, &self.cases, None)?;
        scene.end_cases(&self.levels.township, &self.cases, "completed")
    }

    /// At the end of the year the village recommends others.
    pub fn recommend_others(&mut self, scene: &mut Scene) -> anyhow::Result<()> {
        let is_other = |own: &str| own != RECOMMENDED && own != "development";
        let others = of_type(scene, &self.village, is_other)?;
        let others = others.get(..OTHERS).context("too few others")?;
        let cases = scene.open_cases(&self.levels.village, KIND, others)?;
        scene.pass(&self.levels, &cases, Some(REVIEW))?;
        let &[one, other, reviewed] = cases.as_slice() else {
            anyhow::bail!("not three cases")
        };
        scene.pass(&self.levels, &[reviewed], Some(ASSIGNMENT))?;
        (self.before_review, self.reviewed) = ([one, other], reviewed);
        Ok(())
    }
}

/// The last village that has some of both.
fn village(scene: &Scene) -> anyhow::Result<AreaCode> {
    let mut counts: BTreeMap<AreaCode, (usize, usize)> = BTreeMap::new();
    for record in scene.survey(Kind::Household, &scene.area())? {
        if let Some(own) = household(&record) {
            let (recommended, others) = counts.entry(record.area).or_default();
            match own.household_type.as_str() {
                RECOMMENDED => *recommended += 1,
                "development" => {}
                _ => *others += 1,
            }
        }
    }
    let has_both = |(_, counts): &(&AreaCode, &(usize, usize))| counts.0 > 0 && counts.1 >= OTHERS;
    let last = counts.iter().rev().find(has_both);
    last.map(|(village, _)| *village).context("no such village")
}

fn of_type(
    scene: &Scene,
    village: &AreaCode,
    is_it: impl Fn(&str) -> bool,
) -> anyhow::Result<Vec<Record>> {
    let mut households = scene.survey(Kind::Household, village)?;
    households
        .retain(|record| household(record).is_some_and(|own| is_it(own.household_type.as_str())));
    Ok(households)
}

/// S4.6.
pub fn rows() -> Vec<Row<Luxi>> {
    vec![
        Row::<Luxi>::new(
            (
                "S4.6",
                "households beside the development ones that such a cadre helps unrecommended",
            ),
            Figure::Count(0),
            |luxi| Ok(Figure::count(luxi.helped_unrecommended()?.len())),
            "such a cadre helps one more, whom nobody has recommended",
            |luxi| {
                let reviewed = luxi.recommendations.reviewed;
                let subject = luxi.scene.case(&reviewed)?.1.subject;
                let taken = subject.context("a case of nobody")?.id;
                let village = luxi.recommendations.village;
                let others = of_type(&luxi.scene, &village, |own| own != "development")?;
                let helped = luxi.helped()?;
                let other = others
                    .iter()
                    .find(|record| record.id != taken && !helped.contains(&record.id))
                    .context("everybody is helped")?;
                luxi.help(other.id)
            },
        )
        .remark("of one village, which has recommended before anybody was paired"),
        Row::<Luxi>::new(
            (
                "S4.6",
                "a helper is assigned before the township has reviewed it",
            ),
            Figure::shown("step-skipped"),
            |luxi| {
                let [case, _] = luxi.recommendations.before_review;
                let township = luxi.recommendations.levels.township.clone();
                luxi.attempt(case, ASSIGNMENT, &township)
            },
            "the township reviews it",
            |luxi| {
                let [case, _] = luxi.recommendations.before_review;
                let levels = luxi.recommendations.levels.clone();
                luxi.scene.pass(&levels, &[case], Some(ASSIGNMENT))
            },
        ),
        Row::<Luxi>::new(
            ("S4.6", "the village reviews what it has recommended"),
            Figure::shown("level-too-low"),
            |luxi| {
                let [_, case] = luxi.recommendations.before_review;
                let village = luxi.recommendations.levels.village.clone();
                luxi.attempt(case, REVIEW, &village)
            },
            "its cadre is made an officer of the township there",
            |luxi| {
                let village = luxi.recommendations.levels.village.clone();
                let area = luxi.recommendations.village;
                luxi.scene.give_role(&village, "township-officer", area)
            },
        ),
        Row::<Luxi>::new(
            ("S4.6", "a helper is assigned, and no pairing follows"),
            Figure::shown("no-helper-assigned"),
            |luxi| {
                let case = luxi.recommendations.reviewed;
                let township = luxi.recommendations.levels.township.clone();
                luxi.attempt(case, ASSIGNMENT, &township)
            },
            "the household is paired",
            |luxi| {
                let case = luxi.scene.case(&luxi.recommendations.reviewed)?.1;
                luxi.help(case.subject.context("a case of nobody")?.id)
            },
        ),
    ]
}

impl Luxi {
    /// What comes of a step that an officer takes of a case.
    fn attempt(&mut self, case: RecordId, step: &str, officer: &Caller) -> anyhow::Result<Figure> {
        let taken = self.scene.taken(officer, step)?;
        Figure::of_attempt(self.scene.take(officer, &[case], &taken))
    }

    /// The households of the village that a cadre of section level or above helps.
    fn helped(&self) -> anyhow::Result<BTreeSet<RecordId>> {
        let pairings = self
            .scene
            .list(Kind::Pairing, &self.recommendations.village)?;
        let helped = pairings.iter().filter_map(|record| match &record.body {
            Body::Pairing(pairing) if pairing.level <= HelperLevel::Section => {
                Some(pairing.household)
            }
            _ => None,
        });
        Ok(helped.collect())
    }

    /// Those beside the development ones whom nobody has recommended.
    fn helped_unrecommended(&self) -> anyhow::Result<BTreeSet<RecordId>> {
        let village = &self.recommendations.village;
        let cases = self.scene.cases(village)?.into_iter();
        let assigned = cases.filter(|case| {
            let is_completed = case
                .end
                .as_ref()
                .is_some_and(|end| end.as_str() == "completed");
            case.kind.as_str() == KIND && is_completed
        });
        let recommended: BTreeSet<RecordId> =
            assigned.filter_map(|case| Some(case.subject?.id)).collect();
        let beside = of_type(&self.scene, village, |own| own != "development")?;
        let beside: BTreeSet<RecordId> = beside.iter().map(|record| record.id).collect();
        let mut helped = self.helped()?;
        helped.retain(|own| beside.contains(own));
        anyhow::ensure!(!helped.is_empty(), "such a cadre helps none of them");
        helped.retain(|own| !recommended.contains(own));
        Ok(helped)
    }

    /// A cadre of section level takes on a household of the village, today.
    fn help(&mut self, household: RecordId) -> anyhow::Result<()> {
        let of_section = |record: &Record| matches!(&record.body, Body::Pairing(it) if it.level == HelperLevel::Section);
        let record = self.first(Kind::Pairing, of_section)?;
        let Body::Pairing(pairing) = &record.body else {
            anyhow::bail!("not a pairing")
        };
        let helping = Pairing {
            household,
            cadre: pairing.cadre,
            role: Code::parse("contact")?,
            level: HelperLevel::Section,
            responsible: false,
            from: self.scene.today(),
            until: None,
            decision: None,
        };
        let own = self.scene.new_id("pairing");
        let village = self.recommendations.village;
        self.scene
            .apply(vec![Change::create(own, village, helping)])
    }
}
