//! Taishun county (S0): one household, one policy, one cadre, in 2004 and 2005, and the loans of 2005 until they
//! are due.

mod chain;
mod county;
mod credit;
mod funds;
mod loans;
mod notices;
mod plan;
mod screening;
mod terms;

use lika_core::value::{AreaCode, Date, RecordId};

use self::{credit::Credit, funds::Funds, loans::Loans, notices::Notices, terms::Terms};
use super::{Figure, Row, Scene, Settings, Story, Tell};

const COUNTY: &str = "330329";
/// The year whose exits the document counts, and that of the plan.
const BEFORE: u16 = 2004;
const YEAR: u16 = 2005;

/// The plan of 2005 (S0.3, S0.8).
const PLANNED: usize = 2_300;
const WITH_PROJECT: usize = 1_776;
const JOINED: usize = 340;
const ORDERED: usize = 543;

/// Taishun, a year after the loans of 2005.
pub struct Taishun {
    scene: Scene,
    /// The village of those who are not in the plan.
    village: AreaCode,
    funds: Funds,
    notices: Notices,
    terms: Terms,
    loans: Loans,
    credit: Credit,
}

impl Taishun {
    /// Makes the county and lets the years pass until the loans are due.
    pub fn play(settings: &Settings, tell: Tell<'_>) -> anyhow::Result<Self> {
        let begin = Date::new(BEFORE, 1, 5)?;
        let mut scene = Scene::open(settings, COUNTY, "泰顺县", begin)?;
        tell("registering areas and the households of 2004, who exit in it");
        let villages = county::areas(&mut scene)?;
        county::households_of_2004(&mut scene, &villages)?;
        tell("registering the households of 2005, and screening them");
        scene.go_to(Date::new(YEAR, 1, 10)?);
        county::households_of_2005(&mut scene, &villages)?;
        screening::screen(&mut scene)?;
        tell("finding everybody of the plan a cadre and a project");
        scene.go_to(Date::new(YEAR, 3, 1)?);
        let planned = plan::planned(&scene)?;
        plan::pair(&mut scene, &planned)?;
        plan::help(&mut scene, &planned)?;
        scene.go_to(Date::new(YEAR, 4, 15)?);
        let funds = Funds::raise(&mut scene)?;
        chain::sign(&mut scene, &planned)?;
        tell("posting lists");
        let village = *villages
            .first()
            .ok_or_else(|| anyhow::anyhow!("no village"))?;
        let notices = Notices::prepare(&mut scene, village)?;
        tell("lending for a year, taking back, and lending again");
        let mut loans = Loans::lend(&mut scene, &planned, &funds)?;
        let terms = Terms::ask(&mut scene, &planned, &loans)?;
        let borrowed = credit::borrow(&mut scene, &planned, &loans)?;
        loans.take_back(&mut scene)?;
        let credit = Credit::tell(&mut scene, borrowed, &loans)?;
        Ok(Self {
            scene,
            village,
            funds,
            notices,
            terms,
            loans,
            credit,
        })
    }

    fn total(&self, dimension: &str, period: u16) -> anyhow::Result<Figure> {
        Ok(Figure::Count(self.figure(dimension, period)?))
    }

    fn figure(&self, dimension: &str, period: u16) -> anyhow::Result<i64> {
        self.scene
            .total(&self.scene.area(), dimension, u32::from(period))
    }
}

impl Story for Taishun {
    fn rows(&self) -> Vec<Row<Self>> {
        let mut rows = screening::rows();
        rows.extend(plan::rows());
        rows.extend(funds::rows());
        rows.extend(terms::rows());
        rows.extend(loans::rows());
        rows.extend(credit::rows());
        rows.extend(notices::rows());
        rows.extend(chain::rows());
        rows.push(plan::guidance());
        rows
    }

    fn scene(self) -> Scene {
        self.scene
    }
}

/// A household of the plan.
#[derive(Clone, Copy, Debug)]
struct Planned {
    household: RecordId,
    village: AreaCode,
}
