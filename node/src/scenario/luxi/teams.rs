//! S4.2: the teams of the key villages, and the visits of the year.

use anyhow::Context as _;
use lika_core::{
    command::Change,
    log::{Action, Kind},
};

use super::{Luxi, MONTHS, YEAR};
use crate::scenario::{Figure, Row};

/// S4.2: "1+2+3", and a visit at least monthly.
pub fn rows() -> Vec<Row<Luxi>> {
    let seats = |what, source, read, falsify| {
        Row::<Luxi>::new(
            ("S4.2", what),
            Figure::Count(source),
            read,
            "somebody leaves a team",
            falsify,
        )
        .remark("14 key villages, \"1+2+3\"")
    };
    vec![
        seats(
            "county leaders in village teams",
            14,
            |luxi| luxi.total("team-seats/leader", 0),
            |luxi| luxi.scene.vacate("leader"),
        ),
        seats(
            "stationed reserve cadres",
            28,
            |luxi| luxi.total("team-seats/stationed", 0),
            |luxi| luxi.scene.vacate("stationed"),
        ),
        seats(
            "sponsoring units bound",
            42,
            |luxi| luxi.total("team-seats/sponsor", 0),
            |luxi| luxi.scene.vacate("sponsor"),
        ),
        Row::<Luxi>::new(
            (
                "S4.2",
                "visits to key villages and households in the leanest month",
            ),
            Figure::Count(3_920),
            |luxi| {
                let area = luxi.scene.area();
                let month = |month| u32::from(YEAR) * 100 + u32::from(month);
                let visits = MONTHS.map(|it| luxi.scene.total(&area, "visits", month(it)));
                let visits = visits.into_iter().collect::<anyhow::Result<Vec<_>>>()?;
                Ok(Figure::Count(visits.into_iter().min().unwrap_or(0)))
            },
            "one visit turns out never to have been made",
            |luxi| {
                let village = luxi.first(Kind::VillageTeam, |_| true)?.area;
                let visits = luxi.scene.list(Kind::Visit, &village)?;
                let visit = visits.first().context("no visit")?;
                luxi.scene
                    .apply(vec![Change::of(visit, Action::Close, visit.body.clone())])
            },
        )
        .remark("at least one a month to each of 14 villages (S4.2) and 3,906 households (S4.4)"),
    ]
}
