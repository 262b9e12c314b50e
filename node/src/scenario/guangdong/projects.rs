//! S3.6: the projects of the villages by type.

use lika_core::value::{Fen, Year};

use super::{
    super::scene::{Caller, projects::project},
    Guangdong, Row, Scale, Scene, Village, YEAR,
};

/// All projects, and those of each class: what they are, and how many.
const PROJECTS: u32 = 28_868;
const AGRICULTURE: u32 = 18_101;
const INDUSTRY: u32 = 2_938;
const TRADE_TOURISM: u32 = 1_559;
const OTHER: u32 = 6_270;

/// What each class has, by finer types.
const CLASSES: [(u32, [&str; 3]); 4] = [
    (AGRICULTURE, ["agriculture", "planting", "livestock"]),
    (INDUSTRY, ["industry", "processing", "processing"]),
    (TRADE_TOURISM, ["trade-tourism", "tourism", "trade"]),
    (OTHER, ["other", "road", "water"]),
];

/// Somebody proposes them, and somebody else approves them.
pub(super) fn build(
    scene: &mut Scene,
    two: &[Caller; 2],
    scale: Scale,
    villages: &[Village],
) -> anyhow::Result<()> {
    let types = CLASSES.iter().flat_map(|(count, types)| {
        let count = usize::try_from(scale.of(*count)).unwrap_or(usize::MAX);
        types.iter().copied().cycle().take(count)
    });
    let places = villages.iter().cycle();
    let plan = |(number, (project_type, village)): (usize, (&'static str, &Village))| {
        let (name, budget) = (
            format!("{number}号项目"),
            [("sponsoring-unit", Fen(10_000_000))],
        );
        let project = project(&name, project_type, Year::new(YEAR)?, &budget)?;
        Ok((village.code, project))
    };
    let plans = types.zip(places).enumerate().map(plan);
    scene.put_under_way(two, plans.collect::<anyhow::Result<_>>()?)
}

pub(super) fn rows(scale: Scale) -> Vec<Row<Guangdong>> {
    let row = |what, source, read, falsify| {
        let figure = scale.count(source);
        let change = "a project is given up";
        Row::<Guangdong>::new(("S3.6", what), figure, read, change, falsify)
    };
    vec![
        row(
            "projects",
            PROJECTS,
            |guangdong| guangdong.count("projects", u32::from(YEAR)),
            |guangdong| guangdong.scene.cancel_a_project(|_| true),
        )
        .remark("of the whole round; here in one year"),
        row(
            "projects in agriculture",
            AGRICULTURE,
            |guangdong| guangdong.count("projects/agriculture", u32::from(YEAR)),
            |guangdong| guangdong.scene.cancel_a_project(|it| it == "planting"),
        ),
        row(
            "projects in industry",
            INDUSTRY,
            |guangdong| guangdong.count("projects/industry", u32::from(YEAR)),
            |guangdong| guangdong.scene.cancel_a_project(|it| it == "processing"),
        ),
        row(
            "projects in trade and tourism",
            TRADE_TOURISM,
            |guangdong| guangdong.count("projects/trade-tourism", u32::from(YEAR)),
            |guangdong| guangdong.scene.cancel_a_project(|it| it == "tourism"),
        ),
        row(
            "other projects",
            OTHER,
            |guangdong| guangdong.count("projects/other", u32::from(YEAR)),
            |guangdong| guangdong.scene.cancel_a_project(|it| it == "road"),
        ),
    ]
}
