//! Sanming city (S2): "348" in the villages, "347" in the towns, the companies, the villages' own income and the
//! co-operative of Yuanshan.
//!
//! Villages, companies and the households that they host, guarantee funds and the households that borrow are as many as
//! the document has; of ten people one is registered.

mod dividend;
mod families;
mod hosting;
mod insurance;
mod loans;
mod places;
mod towns;
mod villages;

use lika_core::{
    log::Kind,
    record::{Body, Record},
    value::{AreaCode, Date},
};

use super::{
    Figure, Row, Scene, Settings, Story, Tell,
    people::{self, id},
};

const CITY: &str = "3504";
/// The year of the document (S2).
const YEAR: u16 = 2017;

/// Sanming, at the end of the year.
pub struct Sanming {
    scene: Scene,
    /// Yuanshan, where the co-operative is.
    village: AreaCode,
    towns: towns::Towns,
    loans: loans::Loans,
}

impl Sanming {
    /// Makes the city and lets the year pass.
    pub fn play(settings: &Settings, tell: Tell<'_>) -> anyhow::Result<Self> {
        let begin = Date::new(YEAR, 1, 4)?;
        let mut scene = Scene::open(settings, CITY, "三明市", begin)?;
        let two = scene.appoint_two()?;
        tell("registering villages, households and the co-operative of one of them");
        let village = places::village(places::YUANSHAN)?;
        scene.apply(places::register(begin)?)?;
        for (number, heads) in dividend::HEADS.iter().enumerate() {
            scene.apply(dividend::household(village, number, *heads, begin)?)?;
        }
        scene.apply(dividend::cooperative(village, begin)?)?;
        families::register(&mut scene, begin)?;
        tell("companies take households in, insurances are paid, villages build");
        hosting::sign(&mut scene, begin)?;
        insurance::pay(&mut scene, begin)?;
        villages::build(&mut scene, &two)?;
        tell("taking the hardship families of the towns through \"347\"");
        let towns = towns::Towns::identify(&mut scene)?;
        tell("lending for the guarantee funds");
        let loans = loans::Loans::lend(&mut scene, two)?;
        tell("putting dividend and causes in force, and paying the return of the year");
        scene.enact("dividend", begin)?;
        scene.enact("causes", begin)?;
        scene.go_to(Date::new(YEAR, 12, 31)?);
        villages::report(&mut scene)?;
        let mut sanming = Self {
            scene,
            village,
            towns,
            loans,
        };
        sanming.distribute()?;
        sanming.scene.evaluate("causes")?;
        Ok(sanming)
    }

    fn total(&self, dimension: &str) -> anyhow::Result<i64> {
        let area = self.scene.area();
        self.scene.total(&area, dimension, u32::from(YEAR))
    }

    fn count(&self, dimension: &str) -> anyhow::Result<Figure> {
        Ok(Figure::Count(self.total(dimension)?))
    }

    /// The first record of the city whose body is such.
    fn first(&self, kind: Kind, is_it: impl Fn(&Body) -> bool) -> anyhow::Result<Record> {
        self.scene
            .first(kind, &self.scene.area(), |record| is_it(&record.body))
    }
}

impl Story for Sanming {
    fn rows(&self) -> Vec<Row<Self>> {
        let mut rows = towns::steps();
        rows.extend(families::causes());
        rows.push(families::ways());
        rows.extend(dividend::equity());
        rows.extend(dividend::shares_of_return());
        rows.extend(loans::rows());
        rows.extend(hosting::rows());
        rows.extend(villages::scope());
        rows.extend(villages::shells());
        rows.extend(insurance::rows());
        rows.extend(towns::measures());
        rows
    }

    fn scene(self) -> Scene {
        self.scene
    }
}
