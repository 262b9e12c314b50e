//! Tuanfeng county (S1): precise identification, help and management. The document gives rules and no figures: a row
//! attempts what a rule speaks against, or reads the state that a rule leads to.

mod batches;
mod identification;
mod ledger;
mod measures;
mod monitoring;
mod projects;
mod year;

use lika_core::{
    command::Change,
    record::{Household, Member, Record},
    value::{AreaCode, Date},
};

use self::{
    batches::Batches, identification::Identification, ledger::Ledger, projects::Projects,
    year::Year,
};
use super::{
    Figure, Row, Scene, Settings, Story, Tell,
    people::{self, id},
    scene::Levels,
};

const COUNTY: &str = "421121";
const TOWNSHIP: &str = "421121100";
const VILLAGE: &str = "421121100201";
const FULL_VILLAGE: &str = "421121100202";
/// The year of the document.
const YEAR: u16 = 2014;

/// Tuanfeng, in the course of 2014.
pub struct Tuanfeng {
    scene: Scene,
    village: AreaCode,
    /// The village whose quota of identifications is used up.
    full: AreaCode,
    levels: Levels,
    identification: Identification,
    ledger: Ledger,
    year: Year,
    projects: Projects,
    batches: Batches,
}

impl Tuanfeng {
    /// Makes the county and lets the year begin.
    pub fn play(settings: &Settings, tell: Tell<'_>) -> anyhow::Result<Self> {
        let begin = Date::new(YEAR, 1, 6)?;
        let mut scene = Scene::open(settings, COUNTY, "团风县", begin)?;
        tell("registering areas and officers");
        let township = AreaCode::parse(TOWNSHIP)?;
        let village = AreaCode::parse(VILLAGE)?;
        let full = AreaCode::parse(FULL_VILLAGE)?;
        scene.apply(vec![
            people::area(township, "团风镇", Vec::new())?,
            people::area(village, "黄湖村", Vec::new())?,
            people::area(full, "方家墩村", Vec::new())?,
        ])?;
        let levels = Levels {
            village: scene.appoint("cun", "village-cadre", village)?,
            township: scene.appoint("zhen", "township-officer", township)?,
            county: scene.office(),
        };
        scene.install("tuanfeng", begin)?;
        tell("identifying households, helping them, and letting some go");
        let year = Year::pass(&mut scene, &levels, village)?;
        let ledger = Ledger::keep(&mut scene, &levels, village)?;
        measures::help(&mut scene, village)?;
        tell("carrying projects out");
        let projects = Projects::carry_out(&mut scene, township)?;
        tell("monitoring key villages, and planning them as a batch");
        monitoring::settle(&mut scene)?;
        let batches = Batches::plan(&mut scene, projects.second())?;
        tell("beginning what breaks the rules");
        let identification = Identification::begin(&mut scene, &levels, [village, full])?;
        Ok(Self {
            scene,
            village,
            full,
            levels,
            identification,
            ledger,
            year,
            projects,
            batches,
        })
    }
}

impl Story for Tuanfeng {
    fn rows(&self) -> Vec<Row<Self>> {
        let mut rows = identification::rows();
        rows.extend(ledger::rows());
        rows.push(measures::row());
        rows.extend(year::rows());
        rows.extend(projects::rows());
        rows.extend(batches::rows());
        rows.extend(monitoring::rows());
        rows.push(year::assessed());
        rows
    }

    fn scene(self) -> Scene {
        self.scene
    }
}

/// A rule: what comes of breaking it, and what makes that come out otherwise.
fn rule(
    names: (&'static str, &'static str),
    source: &str,
    read: fn(&mut Tuanfeng) -> anyhow::Result<Figure>,
    change: &'static str,
    falsify: fn(&mut Tuanfeng) -> anyhow::Result<()>,
) -> Row<Tuanfeng> {
    Row::new(names, Figure::shown(source), read, change, falsify)
}

/// Registers a household of so many people; its record.
fn settle(
    scene: &mut Scene,
    village: AreaCode,
    number: usize,
    household: Household,
    people: u32,
) -> anyhow::Result<Record> {
    let from = scene.today();
    let changes: Vec<Change> = people::family(
        village,
        number,
        household,
        people,
        |_, it: Member| Ok(it),
        from,
    )?;
    scene.apply(changes)?;
    scene.get(&id("household", number))
}
