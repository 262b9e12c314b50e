//! S2.1 and S2.9: hardship families of the towns, from their application to seven measures: "347".

use std::collections::BTreeSet;

use anyhow::Context as _;
use lika_core::{
    command::Change,
    log::{Action, Kind},
    measure::place,
    record::{Body, Household, Record},
    value::{AreaCode, Code, Date},
};

use super::{
    super::scene::Levels,
    Figure, Row, Sanming, Scene, YEAR, families, id,
    people::{self},
    places,
};

const IDENTIFICATION: &str = "identification";
/// A family for each of the four causes.
const CAUSES: [&str; 4] = ["illness", "disability", "schooling", "disaster"];
/// A measure for each of the seven of the document.
const GIVEN: [&str; 7] = [
    "local-job",
    "medical-aid",
    "tuition-aid",
    "housing-aid",
    "disability-aid",
    "allowance",
    "pairing",
];

/// Who does what in the towns.
pub(super) struct Towns {
    levels: Levels,
}

impl Towns {
    /// The families apply, are looked at twice and posted twice, and are given what helps them.
    pub(super) fn identify(scene: &mut Scene) -> anyhow::Result<Self> {
        let (town, community) = (
            AreaCode::parse(places::TOWN)?,
            AreaCode::parse(places::COMMUNITY)?,
        );
        let street = AreaCode::parse("350402001")?;
        let from = Date::new(YEAR, 5, 1)?;
        scene.go_to(Date::new(YEAR, 5, 8)?);
        let levels = Levels {
            village: scene.appoint("shequ", "village-cadre", community)?,
            township: scene.appoint("jiedao", "township-officer", street)?,
            county: scene.appoint("qu", "county-office", town)?,
        };
        scene.install_in(town, "sanming-347", from)?;
        let towns = Self { levels };
        let families = (0..CAUSES.len()).map(|number| towns.register(scene, number));
        let families = families.collect::<anyhow::Result<Vec<_>>>()?;
        let cases = scene.open_cases(&towns.levels.village, IDENTIFICATION, &families)?;
        scene.pass(&towns.levels, &cases, None)?;
        scene.end_cases(&towns.levels.county, &cases, "completed")?;
        let today = scene.today();
        let given = |(number, kind): (usize, &&str)| {
            let family = id("urban-family", number % CAUSES.len());
            let measure = families::measure(family, kind, today)?;
            Ok(Change::create(
                id("urban-measure", number),
                community,
                measure,
            ))
        };
        let given = GIVEN.iter().enumerate().map(given);
        scene.apply(given.collect::<anyhow::Result<Vec<_>>>()?)?;
        Ok(towns)
    }

    fn register(&self, scene: &mut Scene, number: usize) -> anyhow::Result<Record> {
        let community = AreaCode::parse(places::COMMUNITY)?;
        let family = id("urban-family", number);
        let cause = CAUSES.get(number).map(|cause| Code::parse(cause));
        let household = Household {
            main_cause: cause.transpose()?,
            ..people::household("general")?
        };
        let head = people::member(family, 0, scene.today())?;
        scene.apply_as(
            &self.levels.village,
            &[
                Change::create(family, community, household),
                Change::create(id("urban-head", number), community, head),
            ],
        )?;
        scene.get(&family)
    }
}

/// S2.1: what every case has gone through.
pub(super) fn steps() -> Vec<Row<Sanming>> {
    let row = |what, source, read, change, falsify| {
        let figure = Figure::Count(source);
        Row::<Sanming>::new(("S2.1", what), figure, read, change, falsify)
            .remark("of the case that has the fewest; \"347\", which the document spells out")
    };
    vec![
        row(
            "applications of a family",
            1,
            |sanming| sanming.fewest("application"),
            "a case begins without an application",
            |sanming| {
                let Sanming { scene, towns, .. } = sanming;
                let family = towns.register(scene, CAUSES.len())?;
                scene
                    .open_cases(&towns.levels.village, IDENTIFICATION, &[family])
                    .map(drop)
            },
        ),
        row(
            "reviews",
            2,
            |sanming| sanming.fewest("review"),
            "it goes on to its first review",
            |sanming| sanming.go_on("community-notice"),
        ),
        row(
            "public notices",
            2,
            |sanming| sanming.fewest("notice"),
            "it goes on to its first notice",
            |sanming| sanming.go_on("street-review"),
        ),
    ]
}

/// S2.9: what makes the families poor, and what is done about it.
pub(super) fn measures() -> Vec<Row<Sanming>> {
    vec![
        Row::<Sanming>::new(
            ("S2.9", "causes of hardship in the towns"),
            Figure::Count(4),
            |sanming| {
                let households = sanming.in_town(Kind::Household)?;
                let cause = |record: &Record| match &record.body {
                    Body::Household(household) => household.main_cause.clone(),
                    _ => None,
                };
                let causes: BTreeSet<Code> = households.iter().filter_map(cause).collect();
                Ok(Figure::Count(i64::try_from(causes.len())?))
            },
            "the cause of one turns out to be that of another",
            |sanming| {
                for record in sanming.in_town(Kind::Household)? {
                    if let Body::Household(household) = &record.body
                        && household
                            .main_cause
                            .as_ref()
                            .is_some_and(|it| it == "disaster")
                    {
                        let other = Household {
                            main_cause: Some(Code::parse("illness")?),
                            ..household.clone()
                        };
                        return sanming.scene.change(&record, other);
                    }
                }
                anyhow::bail!("no such family")
            },
        )
        .remark("the four causes of the classification"),
        Row::<Sanming>::new(
            ("S2.9", "measures for hardship families of the towns"),
            Figure::Count(7),
            |sanming| {
                let measures = sanming.in_town(Kind::Measure)?;
                let counted = |record: &Record| match &record.body {
                    Body::Measure(measure) => place(measure.kind.as_str())?.urban_measure,
                    _ => None,
                };
                let counted: BTreeSet<&str> = measures.iter().filter_map(counted).collect();
                Ok(Figure::Count(i64::try_from(counted.len())?))
            },
            "nobody is helped with a house",
            |sanming| {
                for record in sanming.in_town(Kind::Measure)? {
                    if matches!(&record.body, Body::Measure(it) if it.kind == "housing-aid") {
                        let close = Change::of(&record, Action::Close, record.body.clone());
                        return sanming.scene.apply(vec![close]);
                    }
                }
                anyhow::bail!("no such measure")
            },
        ),
    ]
}

impl Sanming {
    fn in_town(&self, kind: Kind) -> anyhow::Result<Vec<Record>> {
        self.scene.list(kind, &AreaCode::parse(places::TOWN)?)
    }

    /// How many steps of an act were taken in the case that has the fewest.
    fn fewest(&self, act: &str) -> anyhow::Result<Figure> {
        let cases = self.scene.cases(&AreaCode::parse(places::TOWN)?)?;
        let counts = cases.iter().map(|case| self.scene.gone_through(case, act));
        let counts = counts.collect::<anyhow::Result<Vec<_>>>()?;
        Ok(Figure::count(counts.into_iter().min().context("no case")?))
    }

    /// The case that is open goes on until a step is next.
    fn go_on(&mut self, until: &str) -> anyhow::Result<()> {
        let town = AreaCode::parse(places::TOWN)?;
        let open = self.scene.first(Kind::Case, &town, |_| true)?;
        self.scene.pass(&self.towns.levels, &[open.id], Some(until))
    }
}
