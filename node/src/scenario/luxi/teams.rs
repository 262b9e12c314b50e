//! S4.2: the teams of the key villages, and the visits of the year.

use anyhow::Context as _;
use lika_core::{
    command::Change,
    log::{Action, Kind},
    record::{Body, VillageTeam},
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
            |luxi| luxi.vacate("leader"),
        ),
        seats(
            "stationed reserve cadres",
            28,
            |luxi| luxi.total("team-seats/stationed", 0),
            |luxi| luxi.vacate("stationed"),
        ),
        seats(
            "sponsoring units bound",
            42,
            |luxi| luxi.total("team-seats/sponsor", 0),
            |luxi| luxi.vacate("sponsor"),
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

impl Luxi {
    fn vacate(&mut self, role: &str) -> anyhow::Result<()> {
        let today = self.scene.today();
        let has_it = |team: &VillageTeam| {
            let mut seats = team.seats.iter();
            seats.position(|seat| seat.role.as_str() == role && seat.until.is_none())
        };
        let record = self.first(
            Kind::VillageTeam,
            |record| matches!(&record.body, Body::VillageTeam(team) if has_it(team).is_some()),
        )?;
        let Body::VillageTeam(team) = &record.body else {
            anyhow::bail!("not a team")
        };
        let mut team = team.clone();
        let seat = has_it(&team).and_then(|place| team.seats.get_mut(place));
        seat.context("no such seat")?.until = Some(today);
        self.scene.change(&record, team)
    }
}
