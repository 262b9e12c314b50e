//! S1.3: the nine policies that reach the household.

use std::collections::BTreeSet;

use lika_core::{
    command::Change,
    log::{Action, Kind},
    measure,
    record::{Body, Record},
    value::AreaCode,
};

use super::{Scene, Tuanfeng, settle};
use crate::scenario::{
    Figure, Row,
    people::{self, id},
};

/// What the households of a village are given: of each policy of the document one measure or two.
const GIVEN: [&str; 11] = [
    "industry-support",
    "start-up",
    "job-training",
    "relocation",
    "project-funds",
    "pairing",
    "enterprise-link",
    "allowance",
    "tuition-aid",
    "medical-aid",
    "micro-credit",
];
/// Households of this row are numbered from here on.
const FIRST: usize = 10;

/// A household for each.
pub fn help(scene: &mut Scene, village: AreaCode) -> anyhow::Result<()> {
    let today = scene.today();
    for (number, kind) in GIVEN.iter().enumerate() {
        let household = settle(
            scene,
            village,
            FIRST + number,
            people::household("general")?,
            2,
        )?;
        let measure = people::measure(household.id, kind, today)?;
        let own = id("measure", FIRST + number);
        scene.apply(vec![Change::create(own, village, measure)])?;
    }
    Ok(())
}

/// S1.3.
pub fn row() -> Row<Tuanfeng> {
    Row::<Tuanfeng>::new(
        ("S1.3", "policies of the nine that reach a household"),
        Figure::Count(9),
        |it| {
            let measures = it.scene.list(Kind::Measure, &it.village)?;
            let policies: BTreeSet<&str> = measures.iter().filter_map(policy).collect();
            Ok(Figure::count(policies.len()))
        },
        "nobody has a micro-credit, the only measure of finance",
        |it| {
            let is_it = |record: &Record| policy(record) == Some("finance");
            let record = it.scene.first(Kind::Measure, &it.village, is_it)?;
            let taken = Change::of(&record, Action::Close, record.body.clone());
            it.scene.apply(vec![taken])
        },
    )
    .remark("by the place that each measure has in the list")
}

fn policy(record: &Record) -> Option<&'static str> {
    match &record.body {
        Body::Measure(given) => measure::place(given.kind.as_str())?.household_policy,
        _ => None,
    }
}
