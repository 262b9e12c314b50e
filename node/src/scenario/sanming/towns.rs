//! S2.1 and S2.9: hardship families of the towns, from their application to seven measures: "347".

use std::collections::BTreeSet;

use lika_core::{
    command::Change,
    log::{Action, Kind},
    measure::place,
    record::{Body, Household, Record},
    value::{AreaCode, Code, Date},
};

use super::{
    super::scene::cases::{InForce, Levels},
    Figure, Row, Sanming, Scene, Settings, YEAR, families, id,
    people::{self},
    places,
};

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

/// What the towns go by, and who does it.
pub(super) struct Towns {
    procedure: InForce,
    levels: Levels,
}

impl Towns {
    /// The families apply, are looked at twice and posted twice, and are given what helps them.
    pub(super) fn identify(scene: &mut Scene, settings: &Settings) -> anyhow::Result<Self> {
        let (town, community) = (
            AreaCode::parse(places::TOWN)?,
            AreaCode::parse(places::COMMUNITY)?,
        );
        let street = AreaCode::parse("350402001")?;
        let from = Date::new(YEAR, 5, 1)?;
        scene.go_to(Date::new(YEAR, 5, 8)?);
        let levels = Levels {
            village: scene.appoint(&settings.folder, "shequ", "village-cadre", community)?,
            township: scene.appoint(&settings.folder, "jiedao", "township-officer", street)?,
            county: scene.appoint(&settings.folder, "qu", "county-office", town)?,
        };
        let procedure = scene.install("sanming-347", town, from)?;
        let towns = Self { procedure, levels };
        for number in 0..CAUSES.len() {
            towns.register(scene, number)?;
            let case = id("urban-case", number);
            let begun = (id("urban-family", number), community);
            scene.open_case(case, &towns.procedure, begun, &towns.levels)?;
            scene.take_steps(&case, &towns.procedure, &towns.levels, None)?;
            scene.complete(&case, &towns.levels)?;
        }
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

    fn register(&self, scene: &mut Scene, number: usize) -> anyhow::Result<()> {
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
            vec![
                Change::create(family, community, household),
                Change::create(id("urban-head", number), community, head),
            ],
        )
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
                let number = CAUSES.len();
                sanming.towns.register(&mut sanming.scene, number)?;
                let family = (
                    id("urban-family", number),
                    AreaCode::parse(places::COMMUNITY)?,
                );
                let case = id("urban-case", number);
                let Towns { procedure, levels } = &sanming.towns;
                sanming.scene.open_case(case, procedure, family, levels)
            },
        ),
        row(
            "reviews",
            2,
            |sanming| sanming.fewest("review"),
            "it goes on to its first review",
            |sanming| sanming.go_on("review"),
        ),
        row(
            "public notices",
            2,
            |sanming| sanming.fewest("notice"),
            "it goes on to its first notice",
            |sanming| sanming.go_on("notice"),
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
        let counts = cases
            .iter()
            .map(|case| self.towns.procedure.taken(case, act));
        let fewest = counts.min();
        let fewest = fewest.ok_or_else(|| anyhow::anyhow!("no case"))?;
        Ok(Figure::Count(i64::try_from(fewest)?))
    }

    /// The case that was opened last goes on until a step of an act was taken.
    fn go_on(&mut self, act: &str) -> anyhow::Result<()> {
        let case = id("urban-case", CAUSES.len());
        let Towns { procedure, levels } = &self.towns;
        self.scene.take_steps(&case, procedure, levels, Some(act))
    }
}
