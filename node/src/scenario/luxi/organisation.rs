//! S4.7: leading groups at every level, work stations, and first secretaries.

use std::collections::BTreeSet;

use anyhow::Context as _;
use lika_core::{
    log::Kind,
    record::{Area, Body, Record},
    value::{AreaCode, AreaLevel, RecordId},
};

use super::{Luxi, Scene};
use crate::scenario::{Figure, Row};

const SECRETARIES: usize = 36;
/// The roles of the organisation.
pub(super) const GROUP_HEAD: &str = "leading-group-head";
pub(super) const STATION_HEAD: &str = "work-station-head";
pub(super) const FIRST_SECRETARY: &str = "first-secretary";
pub(super) const PARTY_SECRETARY: &str = "village-party-secretary";

/// Gives every leading group and every station its head, and 36 villages a first secretary; the party secretaries of
/// the key villages are in office.
pub(super) fn appoint(scene: &mut Scene) -> anyhow::Result<()> {
    let today = scene.today();
    let cadres = scene.survey(Kind::Cadre, &scene.area())?;
    let areas = scene.list(Kind::Area, &scene.area())?;
    let mut posts = Vec::new();
    for area in areas.iter().filter(|record| has_group(record)) {
        let own = cadre_of(&cadres, &area.area, 0)?;
        posts.push(scene.appointment(area.area, GROUP_HEAD, own, today)?);
        if area.area.level() == AreaLevel::Township {
            let other = cadre_of(&cadres, &area.area, 1)?;
            posts.push(scene.appointment(area.area, STATION_HEAD, other, today)?);
        }
    }
    let villages = villages(&areas);
    for (number, village) in villages.iter().take(SECRETARIES).enumerate() {
        // They are sent from above.
        let sent = cadre_of(&cadres, &scene.area(), number + 1)?;
        posts.push(scene.appointment(village.code, FIRST_SECRETARY, sent, today)?);
    }
    for village in villages.iter().filter(|area| area.is_key_village(today)) {
        let own = cadre_of(&cadres, &village.code, 1)?;
        posts.push(scene.appointment(village.code, PARTY_SECRETARY, own, today)?);
    }
    scene.apply(posts)
}

/// County, townships and villages.
pub(super) fn has_group(record: &Record) -> bool {
    let level = record.area.level();
    matches!(
        level,
        AreaLevel::County | AreaLevel::Township | AreaLevel::Village
    )
}

/// The cadre in a place among those who stand in an area.
pub(super) fn cadre_of(
    cadres: &[Record],
    area: &AreaCode,
    place: usize,
) -> anyhow::Result<RecordId> {
    let mut own = cadres.iter().filter(|record| record.area == *area);
    let found = own.nth(place);
    found.map(|record| record.id).context("too few cadres")
}

/// The villages, those that are or were key villages first.
fn villages(areas: &[Record]) -> Vec<&Area> {
    let villages = areas.iter().filter_map(|record| match &record.body {
        Body::Area(area) if area.code.level() == AreaLevel::Village => Some(area),
        _ => None,
    });
    let mut villages: Vec<&Area> = villages.collect();
    villages.sort_by_key(|area| (area.key_village.is_empty(), area.code));
    villages
}

/// S4.7.
pub fn rows() -> Vec<Row<Luxi>> {
    vec![
        Row::<Luxi>::new(
            (
                "S4.7",
                "of county, townships and villages those without a leading group",
            ),
            Figure::Count(0),
            |luxi| Ok(Figure::count(luxi.without_group()?)),
            "the head of a group leaves it",
            |luxi| luxi.scene.leave_post(GROUP_HEAD),
        )
        .remark("each level has one"),
        Row::<Luxi>::new(
            ("S4.7", "work stations with a head"),
            Figure::Count(9),
            |luxi| luxi.total(&format!("posts/{STATION_HEAD}"), 0),
            "the head of a station leaves it",
            |luxi| luxi.scene.leave_post(STATION_HEAD),
        )
        .remark("one in each township"),
        Row::<Luxi>::new(
            ("S4.7", "first secretaries"),
            Figure::count(SECRETARIES),
            |luxi| luxi.total(&format!("posts/{FIRST_SECRETARY}"), 0),
            "a first secretary is called back",
            |luxi| luxi.scene.leave_post(FIRST_SECRETARY),
        )
        .remark("36 first secretaries, 14 key villages: not one to one"),
    ]
}

impl Luxi {
    fn without_group(&self) -> anyhow::Result<usize> {
        let heads = self.scene.posts(GROUP_HEAD)?;
        let led: BTreeSet<AreaCode> = heads.iter().map(|record| record.area).collect();
        let areas = self.scene.list(Kind::Area, &self.scene.area())?;
        let without = areas
            .iter()
            .filter(|record| has_group(record) && !led.contains(&record.area));
        Ok(without.count())
    }
}
