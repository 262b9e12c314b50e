//! S2.8: four insurances, paid by the city.

use std::collections::BTreeSet;

use lika_core::{
    codes,
    command::Change,
    log::{Action, Kind},
    record::{Body, Cover, Enterprise, Record},
    value::{AreaCode, Code, Date, Fen, Label},
};

use super::{CITY, Figure, Row, Sanming, Scene, YEAR, families, id};

const KINDS: [&str; 4] = [
    "agricultural",
    "serious-illness",
    "small-accident",
    "student",
];
/// The document gives no premium.
const PREMIUM: Fen = Fen(3_000);
/// From above the county: the city.
const PAID_BY: &str = "higher-government";

/// Each of the four for two of the eight families.
pub(super) fn pay(scene: &mut Scene, from: Date) -> anyhow::Result<()> {
    let city = AreaCode::parse(CITY)?;
    let insurer = Enterprise {
        name: Label::parse("保险公司")?,
        kind: Code::parse("insurer")?,
    };
    scene.apply(vec![Change::create(id("insurer", 0), city, insurer)])?;
    let village = families::their_village()?;
    let cover = |number: usize| {
        let cover = Cover {
            household: families::family(number),
            member: None,
            kind: Code::parse(KINDS[number % KINDS.len()])?,
            insurer: id("insurer", 0),
            premium: PREMIUM,
            paid_by: Code::parse(PAID_BY)?,
            from,
            until: Date::new(YEAR + 1, 1, 4)?,
        };
        Ok(Change::create(id("cover", number), village, cover))
    };
    let covers = (0..2 * KINDS.len()).map(cover);
    scene.apply(covers.collect::<anyhow::Result<Vec<_>>>()?)
}

pub(super) fn rows() -> Vec<Row<Sanming>> {
    vec![
        Row::<Sanming>::new(
            ("S2.8", "insurances that households have"),
            Figure::Count(4),
            |sanming| {
                let mut insured = 0;
                for kind in codes::list("insurance-kind").map_or(&[][..], |list| list.entries) {
                    let households = sanming.total(&format!("households-insured/{}", kind.code))?;
                    insured += i64::from(households > 0);
                }
                Ok(Figure::Count(insured))
            },
            "no pupil turns out to be insured",
            |sanming| {
                let mut changes = Vec::new();
                for (record, cover) in sanming.covers()? {
                    if cover.kind == "student" {
                        changes.push(Change::of(&record, Action::Close, cover));
                    }
                }
                sanming.scene.apply(changes)
            },
        ),
        Row::<Sanming>::new(
            ("S2.8", "what the city pays of their premiums"),
            Figure::Shown("100 %".to_owned()),
            |sanming| {
                let covers = sanming.covers()?;
                let kinds: BTreeSet<&str> = covers
                    .iter()
                    .map(|(_, cover)| cover.kind.as_str())
                    .collect();
                let mut premiums = 0;
                for kind in kinds {
                    premiums += sanming.total(&format!("premiums/{kind}"))?;
                }
                anyhow::ensure!(premiums > 0, "nobody is insured");
                let paid = sanming.total(&format!("premiums-by/{PAID_BY}"))?;
                Ok(Figure::Shown(format!("{} %", paid * 100 / premiums)))
            },
            "a helper pays one of them",
            |sanming| {
                let covers = sanming.covers()?;
                let Some((record, cover)) = covers.into_iter().next() else {
                    anyhow::bail!("nobody is insured")
                };
                let other = Cover {
                    paid_by: Code::parse("cadre")?,
                    ..cover
                };
                sanming.scene.change(&record, other)
            },
        ),
    ]
}

impl Sanming {
    fn covers(&self) -> anyhow::Result<Vec<(Record, Cover)>> {
        let records = self.scene.list(Kind::Cover, &self.scene.area())?;
        let cover = |record: Record| match &record.body {
            Body::Cover(cover) => Some((record.clone(), cover.clone())),
            _ => None,
        };
        Ok(records.into_iter().filter_map(cover).collect())
    }
}
