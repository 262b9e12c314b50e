//! Guangdong province (S3): the villages and households of the first round, what came of it, and the units that stay; and
//! Liannan, one county of it, as large as it is.

mod assessment;
mod fund_raising;
mod jobs;
mod liannan;
mod lines;
mod projects;
mod round;
mod statistics;
mod villages;

use lika_core::{
    command::Change,
    log::Kind,
    record::{Household, IncomeStatement, Record, Seat, Unit, VillageTeam},
    value::{AreaCode, AreaLevel, Code, Date, Fen, Label, Span, Year},
};

use self::{assessment::Assessed, fund_raising::FundRaising};
use super::{
    Figure, Row, Scale, Scene, Settings, Story, Tell,
    people::{self, id},
};

const PROVINCE: &str = "44";
/// The year of the figures (S3.3), and the three that each unit stays afterwards (S3.4).
const YEAR: u16 = 2012;
const FOLLOWED_UNTIL: u16 = 2015;

const VILLAGES: u32 = 3_407;
const HOUSEHOLDS: u32 = 367_000;
const PEOPLE: u32 = 1_586_000;
/// In fen a head.
const NET: i64 = 776_200;
const WAGES: i64 = 574_400;
/// Villages of a township, townships of a county, counties of a city: as many as codes allow are not needed.
const IN_TOWNSHIP: u32 = 20;
const IN_COUNTY: u32 = 10;
const IN_CITY: u32 = 5;

/// Guangdong, three years after the round.
pub struct Guangdong {
    scene: Scene,
    /// One county of it, with a node of its own and as large as it is.
    liannan: Scene,
    scale: Scale,
    fund_raising: FundRaising,
    assessed: Assessed,
}

/// A village as it was made.
struct Village {
    code: AreaCode,
    households: std::ops::Range<u32>,
}

impl Scale {
    fn of(self, figure: u32) -> u32 {
        match self {
            Self::Hundredth => (figure + 50) / 100,
            Self::Whole => figure,
        }
    }

    fn count(self, figure: u32) -> Figure {
        Figure::Count(self.of(figure).into())
    }
}

impl Guangdong {
    /// Makes the province and lets the years pass.
    pub fn play(settings: &Settings, scale: Scale, tell: Tell<'_>) -> anyhow::Result<Self> {
        let begin = Date::new(YEAR, 1, 4)?;
        let mut scene = Scene::open(settings, PROVINCE, "广东省", begin)?;
        let two = scene.appoint_two()?;
        tell("registering villages and the units that are bound to them");
        let villages = villages(scale)?;
        scene.apply(areas(&villages, begin)?)?;
        for (number, village) in villages.iter().enumerate() {
            scene.apply(bound_unit(village.code, number, begin)?)?;
        }
        tell("raising funds on 30 June, and putting projects under way");
        scene.go_to(Date::new(YEAR, 6, 30)?);
        let fund_raising = FundRaising::raise(&mut scene)?;
        projects::build(&mut scene, &two, scale, &villages)?;
        tell("registering households, people, how they live and their incomes of the year");
        scene.go_to(Date::new(YEAR, 12, 31)?);
        let mut told = 0;
        for village in &villages {
            // A household and its head come in one command.
            let mut changes = Vec::new();
            for number in village.households.clone() {
                changes.extend(household(village.code, number, scale, begin)?);
            }
            scene.apply(changes)?;
            told += village.households.len();
            if told / 50_000 > (told - village.households.len()) / 50_000 {
                tell(&format!("{told} households"));
            }
        }
        tell("stating what villages have, who was trained, and what is published");
        villages::report(&mut scene, &villages)?;
        jobs::report(&mut scene, scale, &villages)?;
        statistics::enter(&mut scene)?;
        tell("assessing the units, and taking those to task that failed");
        let assessed = Assessed::assess(&mut scene, villages.len())?;
        tell("playing Liannan county");
        let liannan = liannan::play(settings)?;
        scene.go_to(Date::new(FOLLOWED_UNTIL, 12, 31)?);
        Ok(Self {
            scene,
            liannan,
            scale,
            fund_raising,
            assessed,
        })
    }
}

impl Story for Guangdong {
    fn rows(&self) -> Vec<Row<Self>> {
        let mut rows = lines::rows();
        rows.extend(assessment::rows());
        rows.extend(round::extent(self.scale));
        rows.extend(round::incomes(self.scale));
        rows.extend(villages::rows(self.scale));
        rows.extend(jobs::rows(self.scale));
        rows.push(round::followed(self.scale));
        rows.extend(liannan::rows());
        rows.extend(projects::rows(self.scale));
        rows.extend(statistics::rows());
        rows.push(fund_raising::row());
        rows
    }

    fn scene(self) -> Scene {
        self.liannan.end();
        self.scene
    }
}

fn villages(scale: Scale) -> anyhow::Result<Vec<Village>> {
    let (villages, households) = (scale.of(VILLAGES), scale.of(HOUSEHOLDS));
    let village = |number: u32| {
        let township = number / IN_TOWNSHIP;
        let county = township / IN_COUNTY;
        let city = county / IN_CITY;
        let code = format!(
            "{PROVINCE}{:02}{:02}{:03}{:03}",
            city + 1,
            county % IN_CITY + 21,
            township % IN_COUNTY + 101,
            number % IN_TOWNSHIP + 201
        );
        // As even as whole households allow.
        let begin = |number: u32| {
            let begin = u64::from(number) * u64::from(households) / u64::from(villages);
            u32::try_from(begin)
        };
        Ok(Village {
            code: AreaCode::parse(&code)?,
            households: begin(number)?..begin(number + 1)?,
        })
    };
    (0..villages).map(village).collect()
}

/// The areas above the villages, each once and before what is in it, and the villages: key villages of the round.
fn areas(villages: &[Village], from: Date) -> anyhow::Result<Vec<Change>> {
    let mut codes = std::collections::BTreeSet::new();
    for village in villages {
        codes.extend(std::iter::successors(Some(village.code), AreaCode::parent));
    }
    let round = Span::new(from, Some(Date::new(FOLLOWED_UNTIL + 1, 1, 1)?))?;
    let area = |code: AreaCode| {
        let is_village = code.level() == AreaLevel::Village;
        let key_village = if is_village { vec![round] } else { Vec::new() };
        people::area(code, &format!("{}号", code.digits()), key_village)
    };
    let below = |code: &AreaCode| code.digits().len() > PROVINCE.len();
    // Shorter codes come first, since a prefix sorts before what begins with it.
    codes.into_iter().filter(below).map(area).collect()
}

/// A sponsoring unit and its seat in the team of the village (S3.4).
fn bound_unit(village: AreaCode, number: usize, from: Date) -> anyhow::Result<Vec<Change>> {
    let unit = id("unit", number);
    let body = Unit {
        name: Label::parse(&format!("第{}帮扶单位", number + 1))?,
        unit_type: Code::parse("government")?,
    };
    let seat = Seat {
        role: Code::parse("sponsor")?,
        holder: unit,
        from,
        until: None,
    };
    let team = VillageTeam {
        seats: vec![seat],
        from,
        until: None,
        decision: None,
    };
    Ok(vec![
        Change::create(unit, AreaCode::parse(PROVINCE)?, body),
        Change::create(id("team", number), village, team),
    ])
}

/// A household with its people and its income of the year. Of two neighbours of one size one has as much more as the
/// other has less, so that the mean is the document's and hardly any household has it.
fn household(
    village: AreaCode,
    number: u32,
    scale: Scale,
    from: Date,
) -> anyhow::Result<Vec<Change>> {
    let own = id("household", usize::try_from(number)?);
    let household = Household {
        safe_water: Some(true),
        dangerous_house: Some(false),
        ..people::household("general")?
    };
    let mut changes = vec![Change::create(own, village, household)];
    // Four people, and five in as many households, the first ones, as it takes.
    let of_five = scale.of(PEOPLE) - 4 * scale.of(HOUSEHOLDS);
    let persons = if number < of_five { 5 } else { 4 };
    for place in 0..persons {
        let person = id("member", usize::try_from(number * 10 + place)?);
        changes.push(Change::create(
            person,
            village,
            people::member(own, place, from)?,
        ));
    }
    let apart = i64::from(number / 2 % 400) * 1_000;
    let apart = if number.is_multiple_of(2) {
        apart
    } else {
        -apart
    };
    let heads = i64::from(persons);
    let year = Year::new(YEAR)?;
    let income = IncomeStatement {
        household: own,
        year,
        wages: Fen(WAGES * heads),
        business: Fen((NET - WAGES + 300_000 + apart) * heads),
        property: Fen(0),
        transfers: Fen(100_000 * heads),
        expenses: Fen(400_000 * heads),
        persons,
    };
    changes.push(Change::create(
        IncomeStatement::id_for(&own, year),
        village,
        income,
    ));
    changes.extend(villages::lives(own, village, number)?);
    Ok(changes)
}

impl Guangdong {
    fn total(&self, dimension: &str, period: u32) -> anyhow::Result<i64> {
        self.scene.total(&self.scene.area(), dimension, period)
    }

    fn count(&self, dimension: &str, period: u32) -> anyhow::Result<Figure> {
        Ok(Figure::Count(self.total(dimension, period)?))
    }

    /// The first record of a kind in the first village that has any.
    fn first(&self, kind: Kind) -> anyhow::Result<Record> {
        let teams = self.scene.list(Kind::VillageTeam, &self.scene.area())?;
        for team in teams {
            let records = self.scene.list(kind, &team.area)?;
            if let Some(first) = records.into_iter().next() {
                return Ok(first);
            }
        }
        anyhow::bail!("there is no {}", kind.label())
    }
}
