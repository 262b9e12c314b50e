//! Luxi county (S4): the registered households, who helps them with what, and a year of visits.

mod assessment;
mod exits;
mod finance;
mod household_funds;
mod measures;
mod organisation;
mod pairings;
mod recommendations;
mod supervision;
mod teams;
mod village_funds;

use std::fs;

use anyhow::Context as _;
use lika_core::{
    command::Change,
    log::Kind,
    record::{Area, Body, Household, Record, Visit, area_id},
    value::{AreaCode, AreaLevel, Code, Date, RecordId},
};

use self::{
    assessment::Assessed, exits::Exits, finance::Finance, household_funds::HouseholdFunds,
    recommendations::Recommendations, supervision::Supervision, village_funds::VillageFunds,
};
use super::{Figure, Row, Scene, Settings, Story, Tell, people};
use crate::sample::{self, County, HOUSEHOLDS_OF_LUXI, Registered};

/// Luxi, at the end of the year.
pub struct Luxi {
    scene: Scene,
    village_funds: VillageFunds,
    household_funds: HouseholdFunds,
    finance: Finance,
    exits: Exits,
    recommendations: Recommendations,
    supervision: Supervision,
    assessed: Assessed,
}

/// The year that passes: the first one of the second plan of key villages (S4.2).
const YEAR: u16 = 2016;
const MONTHS: [u8; 12] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];

impl Luxi {
    /// Makes the county and lets the year pass.
    pub fn play(settings: &Settings, tell: Tell<'_>) -> anyhow::Result<Self> {
        let begin = Date::new(YEAR, 1, 4)?;
        let mut scene = Scene::open(settings, County::area().digits(), "芦溪县", begin)?;
        tell("registering areas, units, cadres and households");
        register(&mut scene, settings)?;
        tell("appointing the organisation, signing letters, and recommending households");
        scene.install("luxi", Date::new(YEAR, 1, 1)?)?;
        let township = scene.appoint("zhen", "township-officer", scene.area())?;
        organisation::appoint(&mut scene)?;
        assessment::sign(&mut scene)?;
        let mut recommendations = Recommendations::propose(&mut scene, &township)?;
        for policy in ["village-team", "pairing"] {
            tell(&format!(
                "putting {policy} in force, and accepting what it proposes"
            ));
            scene.enact(policy, begin)?;
            scene.evaluate(policy)?;
            scene.accept(policy)?;
        }
        recommendations.assign(&mut scene)?;
        tell("raising and spending the funds of villages and households");
        let village_funds = VillageFunds::raise(&mut scene)?;
        let household_funds = HouseholdFunds::spend(&mut scene)?;
        tell("writing down what was given and lent in 2015");
        measures::give(&mut scene)?;
        let finance = Finance::lend(&mut scene)?;
        tell("visiting every household and every key village each month");
        let rounds = rounds(&scene)?;
        let (last, earlier) = MONTHS.split_last().context("a year has months")?;
        for month in earlier {
            visit(&mut scene, &rounds, *month)?;
        }
        tell("letting households exit");
        let exits = Exits::pass(&mut scene, township)?;
        visit(&mut scene, &rounds, *last)?;
        scene.go_to(Date::new(YEAR, 12, 31)?);
        tell("supervising and assessing");
        recommendations.recommend_others(&mut scene)?;
        let supervision = Supervision::supervise(&mut scene)?;
        let assessed = Assessed::assess(&mut scene)?;
        Ok(Self {
            scene,
            village_funds,
            household_funds,
            finance,
            exits,
            recommendations,
            supervision,
            assessed,
        })
    }
}

impl Story for Luxi {
    fn rows(&self) -> Vec<Row<Self>> {
        let mut rows = scale();
        rows.extend(teams::rows());
        rows.extend(village_funds::rows());
        rows.extend(pairings::rows());
        rows.extend(household_funds::rows());
        rows.extend(recommendations::rows());
        rows.extend(organisation::rows());
        rows.extend(supervision::rows());
        rows.extend(assessment::rows());
        rows.extend(measures::planned());
        rows.extend(measures::given());
        rows.extend(finance::rows());
        rows.extend(exits::rows());
        rows
    }

    fn scene(self) -> Scene {
        self.scene
    }
}

fn register(scene: &mut Scene, settings: &Settings) -> anyhow::Result<()> {
    let wanted = sample::Settings {
        seed: 1,
        households: HOUSEHOLDS_OF_LUXI,
        as_of: scene.today(),
    };
    let county = County::generate(&wanted);
    // The node registered its own area when it was made.
    let own = area_id(&scene.area());
    let areas = county.area_changes.iter().filter(|change| change.id != own);
    scene.apply(areas.cloned().collect())?;
    scene.apply(county.unit_changes.clone())?;
    scene.apply(county.cadre_changes.clone())?;
    let file = settings.folder.join("households.xlsx");
    county.write_xlsx(&file)?;
    scene.import("households", &fs::read(&file)?)?;
    let households = scene.list(Kind::Household, &scene.area())?;
    let registered: Vec<Registered> = households.iter().filter_map(registered).collect();
    scene.apply(sample::surveys(&wanted, &county.households, &registered))
}

fn registered(record: &Record) -> Option<Registered> {
    let number = household(record)?.identity.as_ref()?.number.as_ref()?;
    Some(Registered {
        id: record.id,
        village: record.area,
        number: number.to_string(),
    })
}

/// Who goes where: to a household whoever answers for it, to a key village the leader of its team.
fn rounds(scene: &Scene) -> anyhow::Result<Vec<(AreaCode, Option<RecordId>, RecordId)>> {
    let mut rounds = Vec::new();
    for record in scene.list(Kind::Pairing, &scene.area())? {
        if let Body::Pairing(pairing) = &record.body
            && pairing.responsible
        {
            rounds.push((record.area, Some(pairing.household), pairing.cadre));
        }
    }
    // Several may answer for one household; one visit a month is what is asked.
    rounds.sort_unstable();
    rounds.dedup_by_key(|(_, household, _)| *household);
    for record in scene.list(Kind::VillageTeam, &scene.area())? {
        if let Body::VillageTeam(team) = &record.body {
            let leader = team
                .seats
                .iter()
                .find(|seat| seat.role.as_str() == "leader");
            let leader = leader.context("a team without a leader")?;
            rounds.push((record.area, None, leader.holder));
        }
    }
    Ok(rounds)
}

fn visit(
    scene: &mut Scene,
    rounds: &[(AreaCode, Option<RecordId>, RecordId)],
    month: u8,
) -> anyhow::Result<()> {
    let day = Date::new(YEAR, month, 28)?;
    scene.go_to(day);
    scene.apply(visits(rounds, day)?)
}

fn visits(
    rounds: &[(AreaCode, Option<RecordId>, RecordId)],
    on: Date,
) -> anyhow::Result<Vec<Change>> {
    let purpose = Code::parse("regular")?;
    let visit = |(area, household, cadre): &(AreaCode, Option<RecordId>, RecordId)| {
        let whom = household.unwrap_or(*cadre);
        let seed = [
            &on.number().to_be_bytes()[..],
            &whom.0,
            area.digits().as_bytes(),
        ]
        .concat();
        let visit = Visit {
            household: *household,
            cadre: *cadre,
            on,
            purpose: Some(purpose.clone()),
            note: None,
        };
        Change::create(
            RecordId::derived("lika.scenario.visit", &seed),
            *area,
            visit,
        )
    };
    Ok(rounds.iter().map(visit).collect())
}

/// S4.1.
fn scale() -> Vec<Row<Luxi>> {
    vec![
        Row::<Luxi>::new(
            ("S4.1", "townships"),
            Figure::Count(9),
            |luxi| {
                let is_township = |area: &Area| area.code.level() == AreaLevel::Township;
                Ok(Figure::Count(luxi.scene.count_areas(is_township)?))
            },
            "a tenth township is registered",
            |luxi| {
                let code = AreaCode::parse("360323999")?;
                let township = people::area(code, "新镇", Vec::new())?;
                luxi.scene.apply(vec![township])
            },
        ),
        Row::<Luxi>::new(
            ("S4.1", "key villages"),
            Figure::Count(14),
            |luxi| Ok(Figure::Count(luxi.scene.key_villages()?)),
            "a village never was one",
            |luxi| luxi.scene.correct_a_key_village(),
        )
        .remark("of the plan that began in 2016"),
        Row::<Luxi>::new(
            ("S4.1", "households registered"),
            Figure::Count(3_906),
            |luxi| luxi.total("households", 0),
            "a household moves away",
            |luxi| luxi.scene.let_a_household_go(&County::area()),
        ),
        Row::<Luxi>::new(
            ("S4.1", "people registered"),
            Figure::Count(10_485),
            |luxi| luxi.total("people", 0),
            "somebody dies",
            |luxi| luxi.scene.let_somebody_go(&County::area()),
        ),
    ]
}

impl Luxi {
    fn total(&self, dimension: &str, period: u32) -> anyhow::Result<Figure> {
        let total = self.scene.total(&self.scene.area(), dimension, period)?;
        Ok(Figure::Count(total))
    }

    fn first(&self, kind: Kind, is_it: impl Fn(&Record) -> bool) -> anyhow::Result<Record> {
        self.scene.first(kind, &self.scene.area(), is_it)
    }
}

fn household(record: &Record) -> Option<&Household> {
    match &record.body {
        Body::Household(household) => Some(household),
        _ => None,
    }
}
