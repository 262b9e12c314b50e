//! How a household lives, and which of the conditions of its exit it meets.

use lika_proto::log::v1 as message;

use super::{Document, Fault, Key, Problem, cooperative::MOST_FEN, field, parts};
use crate::{
    rollup::Tally,
    value::{Code, Date, Fen, RecordId, Year},
};

/// The most of any count or measure of a household: beyond it somebody mistyped.
const MOST: u32 = 1_000_000;

/// What the latest survey of a household found. What nobody has asked about is absent.
///
/// Dangerous house and safe water are on the card itself, because the national form has them there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LivingConditions {
    /// The household.
    pub household: RecordId,
    /// The day of the survey.
    pub surveyed_on: Date,
    /// Floor of the house in square metres.
    pub house_area: Option<u32>,
    /// Code list house-structure.
    pub house_structure: Option<Code>,
    /// The year in which the house was built.
    pub house_year: Option<Year>,
    /// Whether there is electricity.
    pub electricity: Option<bool>,
    /// Code list fuel.
    pub fuel: Option<Code>,
    /// Whether there is a sanitary toilet.
    pub toilet: Option<bool>,
    /// Whether a hardened road leads to the house.
    pub road: Option<bool>,
    /// Metres to the main road.
    pub road_distance: Option<u32>,
    /// Whether there is broadband.
    pub broadband: Option<bool>,
    /// The land that it works.
    pub land: Option<Land>,
    /// Whether a member is entitled to the allowance, drawn or not.
    pub allowance_entitled: Option<bool>,
    /// Children and young people who have left school before their time.
    pub dropouts: Option<u32>,
    /// Members who were admitted to a school beyond compulsory schooling.
    pub admitted: Option<u32>,
    /// Those of them who can pay for it to the end.
    pub admitted_supported: Option<u32>,
    /// Members who have had job training.
    pub trained: Option<u32>,
    /// Skills that members have learned.
    pub skills: Option<u32>,
    /// What the household could not help spending within a year; on what is not said, because that may be illness.
    pub hardship_expenses: Option<Fen>,
}

/// Land by use, in hundredths of a mu.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Land {
    /// 耕地.
    pub arable: u32,
    /// 有效灌溉, of the arable land.
    pub irrigated: u32,
    /// 林地.
    pub forest: u32,
    /// 林果.
    pub orchard: u32,
    /// 牧草地.
    pub pasture: u32,
    /// 水面.
    pub water: u32,
}

impl LivingConditions {
    /// The record id of a household's living conditions: there is one.
    pub fn id_for(household: &RecordId) -> RecordId {
        RecordId::derived("lika.living-conditions", &household.0)
    }
}

impl Document for LivingConditions {
    type Message = message::LivingConditions;

    fn parse(message: message::LivingConditions) -> Result<Self, Fault> {
        let message::living_conditions::Open {
            household,
            surveyed_on,
            house_area,
            house_structure,
            house_year,
            electricity,
            fuel,
            toilet,
            road,
            road_distance,
            broadband,
            land,
            allowance_entitled,
            dropouts,
            admitted,
            admitted_supported,
            trained,
            skills,
            hardship_expenses,
        } = field::required("open", message.open)?;
        Ok(Self {
            household: field::id("household", &household)?,
            surveyed_on: field::date("surveyed_on", surveyed_on)?,
            house_area: count("house_area", house_area)?,
            house_structure: field::optional_code(
                "house-structure",
                "house_structure",
                &house_structure,
            )?,
            house_year: field::optional_year("house_year", house_year)?,
            electricity,
            fuel: field::optional_code("fuel", "fuel", &fuel)?,
            toilet,
            road,
            road_distance: count("road_distance", road_distance)?,
            broadband,
            land: land.map(Land::parse).transpose()?,
            allowance_entitled,
            dropouts: count("dropouts", dropouts)?,
            admitted: count("admitted", admitted)?,
            admitted_supported: admitted_supported
                .map(|supported| {
                    within(
                        "admitted_supported",
                        supported,
                        admitted.unwrap_or_default(),
                    )
                })
                .transpose()?,
            trained: count("trained", trained)?,
            skills: count("skills", skills)?,
            hardship_expenses: hardship_expenses
                .map(|fen| field::amount("hardship_expenses", fen, MOST_FEN))
                .transpose()?,
        })
    }

    fn message(&self) -> message::LivingConditions {
        let Self {
            household,
            surveyed_on,
            house_area,
            house_structure,
            house_year,
            electricity,
            fuel,
            toilet,
            road,
            road_distance,
            broadband,
            land,
            allowance_entitled,
            dropouts,
            admitted,
            admitted_supported,
            trained,
            skills,
            hardship_expenses,
        } = self;
        message::LivingConditions {
            open: Some(message::living_conditions::Open {
                household: household.0.to_vec(),
                surveyed_on: surveyed_on.number(),
                house_area: *house_area,
                house_structure: field::printed(house_structure.as_ref()),
                house_year: field::year_number(*house_year),
                electricity: *electricity,
                fuel: field::printed(fuel.as_ref()),
                toilet: *toilet,
                road: *road,
                road_distance: *road_distance,
                broadband: *broadband,
                land: land.as_ref().map(Land::message),
                allowance_entitled: *allowance_entitled,
                dropouts: *dropouts,
                admitted: *admitted,
                admitted_supported: *admitted_supported,
                trained: *trained,
                skills: *skills,
                hardship_expenses: hardship_expenses.map(|fen| fen.0),
            }),
        }
    }

    parts!(LivingConditions);

    fn keys(&self) -> Vec<Key> {
        Vec::new()
    }

    fn tallies(&self) -> Vec<Tally> {
        Vec::new()
    }
}

impl Land {
    fn parse(message: message::living_conditions::Land) -> Result<Self, Fault> {
        let message::living_conditions::Land {
            arable,
            irrigated,
            forest,
            orchard,
            pasture,
            water,
        } = message;
        let of = |field, area| within(field, area, MOST);
        Ok(Self {
            arable: of("land.arable", arable)?,
            irrigated: within("land.irrigated", irrigated, arable.min(MOST))?,
            forest: of("land.forest", forest)?,
            orchard: of("land.orchard", orchard)?,
            pasture: of("land.pasture", pasture)?,
            water: of("land.water", water)?,
        })
    }

    fn message(&self) -> message::living_conditions::Land {
        let Self {
            arable,
            irrigated,
            forest,
            orchard,
            pasture,
            water,
        } = *self;
        message::living_conditions::Land {
            arable,
            irrigated,
            forest,
            orchard,
            pasture,
            water,
        }
    }
}

fn count(field: &'static str, count: Option<u32>) -> Result<Option<u32>, Fault> {
    count.map(|count| within(field, count, MOST)).transpose()
}

fn within(field: &'static str, number: u32, most: u32) -> Result<u32, Fault> {
    if number <= most {
        return Ok(number);
    }
    let problem = Problem::OutOfRange {
        least: 0,
        most: i64::from(most),
    };
    Err(Fault::new(field, problem))
}
