//! S4.3: the funds of the key villages, planned together and separate in the books.

use anyhow::Context as _;
use lika_core::{
    log::Kind,
    record::{Body, Direction, VillageTeam},
    value::{AreaCode, Code, Fen, RecordId},
};

use super::{Luxi, Scene, YEAR};
use crate::scenario::{
    Figure, Row,
    scene::money::{fund, outside},
};

/// In fen.
const WAN: i64 = 1_000_000;
/// What each sponsoring unit raises in a year, and what the county adds to a village.
const OF_UNIT: Fen = Fen(5 * WAN);
const OF_COUNTY: Fen = Fen(5 * WAN);
/// What a village has for its works.
const OF_WORKS: Fen = Fen(20 * WAN);

const UNIT: &str = "sponsoring-unit";
const INDUSTRY: &str = "industry-fund";
const WORKS: &str = "village-works";
const PURPOSE: &str = "village-fund";

/// The county's industry fund, who gives to it, and the funds of the key villages.
pub struct VillageFunds {
    treasury: RecordId,
    industry: RecordId,
    villages: Vec<VillageFund>,
    /// Where money of the first village's works is to be booked.
    elsewhere: RecordId,
}

struct VillageFund {
    village: AreaCode,
    /// One of its sponsoring units.
    unit: RecordId,
    of_units: RecordId,
    of_industry: RecordId,
    works: RecordId,
}

impl VillageFunds {
    /// Each unit of a team raises, the county adds, and the works fund of the village is there already.
    pub fn raise(scene: &mut Scene) -> anyhow::Result<Self> {
        let county = scene.area();
        let treasury = scene.open_account(county, outside("县财政局")?)?;
        let industry = scene.open_account(county, fund(INDUSTRY, "industry")?)?;
        let teams = scene.list(Kind::VillageTeam, &county)?;
        let villages = i64::try_from(teams.len())?;
        let all = Fen(OF_COUNTY.0 * villages);
        let transfer = scene.transfer((treasury, industry), all, Direction::In, INDUSTRY)?;
        scene.move_money(vec![(county, transfer)])?;
        let mut funds = Vec::new();
        for record in &teams {
            if let Body::VillageTeam(team) = &record.body {
                funds.push(VillageFund::raise(scene, record.area, team, industry)?);
            }
        }
        let first = funds.first().context("no key village")?;
        Ok(Self {
            treasury,
            industry,
            elsewhere: first.of_units,
            villages: funds,
        })
    }
}

impl VillageFund {
    fn raise(
        scene: &mut Scene,
        village: AreaCode,
        team: &VillageTeam,
        industry: RecordId,
    ) -> anyhow::Result<Self> {
        let of_units = scene.open_account(village, fund(UNIT, PURPOSE)?)?;
        let of_industry = scene.open_account(village, fund(INDUSTRY, PURPOSE)?)?;
        let works = scene.open_account(village, fund(WORKS, PURPOSE)?)?;
        let collective = scene.open_account(village, outside("村集体")?)?;
        let mut given = vec![
            (
                scene.area(),
                scene.transfer(
                    (industry, of_industry),
                    OF_COUNTY,
                    Direction::Internal,
                    INDUSTRY,
                )?,
            ),
            (
                village,
                scene.transfer((collective, works), OF_WORKS, Direction::In, WORKS)?,
            ),
        ];
        let mut unit = None;
        for _ in team
            .seats
            .iter()
            .filter(|seat| seat.role.as_str() == "sponsor")
        {
            let giver = scene.open_account(village, outside("帮扶单位")?)?;
            let transfer = scene.transfer((giver, of_units), OF_UNIT, Direction::In, UNIT)?;
            given.push((village, transfer));
            unit = Some(giver);
        }
        scene.move_money(given)?;
        Ok(Self {
            village,
            unit: unit.context("a team without a sponsoring unit")?,
            of_units,
            of_industry,
            works,
        })
    }
}

/// S4.3.
pub fn rows() -> Vec<Row<Luxi>> {
    let money = |what, source, remark, read, change, falsify| {
        Row::<Luxi>::new(("S4.3", what), Figure::Money(source), read, change, falsify)
            .remark(remark)
    };
    vec![
        money(
            "raised by the sponsoring units",
            Fen(14 * 3 * OF_UNIT.0),
            "14 villages, 3 units, 50,000 yuan",
            |luxi| {
                let area = luxi.scene.area();
                let raised = luxi
                    .scene
                    .total(&area, "fund-in/sponsoring-unit", YEAR.into())?;
                Ok(Figure::Money(Fen(raised)))
            },
            "a unit raises one fen more",
            |luxi| {
                let fund = luxi.village_funds.first()?;
                let (village, between) = (fund.village, (fund.unit, fund.of_units));
                luxi.move_a_fen(village, between, Direction::In, UNIT)
            },
        ),
        money(
            "added by the county of its industry fund",
            Fen(14 * OF_COUNTY.0),
            "14 villages, 50,000 yuan",
            |luxi| {
                let funds = luxi.village_funds.villages.iter();
                let added = funds.map(|fund| luxi.scene.balance(&fund.of_industry));
                let added = added.collect::<anyhow::Result<Vec<_>>>()?;
                Ok(Figure::Money(Fen::sum(added)?))
            },
            "it adds one fen more",
            |luxi| {
                let VillageFunds {
                    treasury, industry, ..
                } = luxi.village_funds;
                let (county, village) =
                    (luxi.scene.area(), luxi.village_funds.first()?.of_industry);
                luxi.move_a_fen(county, (treasury, industry), Direction::In, INDUSTRY)?;
                luxi.move_a_fen(county, (industry, village), Direction::Internal, INDUSTRY)
            },
        ),
        money(
            "least that a key village can plan with",
            Fen(40 * WAN),
            "15万 of the units, 5万 of the county, 20万 of its works fund",
            Luxi::least_of_a_village,
            "a village spends one fen",
            |luxi| {
                // The first has been given more by then.
                let fund = luxi.village_funds.villages.last();
                let fund = fund.context("no key village")?;
                let (village, between) = (fund.village, (fund.of_units, fund.unit));
                let used_for = Code::parse("infrastructure")?;
                luxi.move_a_fen(village, between, Direction::Out { used_for }, UNIT)
            },
        ),
        Row::<Luxi>::new(
            ("S4.3", "money for works is booked to the fund of the units"),
            Figure::shown("other-channel"),
            |luxi| {
                let fund = luxi.village_funds.first()?;
                let (village, between) = (fund.village, (fund.works, luxi.village_funds.elsewhere));
                let transfer = luxi
                    .scene
                    .transfer(between, Fen(1), Direction::Internal, WORKS)?;
                Figure::of_attempt(luxi.scene.propose_transfer(village, transfer))
            },
            "it is booked to another fund for works",
            |luxi| {
                let village = luxi.village_funds.first()?.village;
                let account = fund(WORKS, "infrastructure")?;
                luxi.village_funds.elsewhere = luxi.scene.open_account(village, account)?;
                Ok(())
            },
        )
        .remark("each source keeps its purpose"),
    ]
}

impl VillageFunds {
    fn first(&self) -> anyhow::Result<&VillageFund> {
        self.villages.first().context("no key village")
    }
}

impl Luxi {
    fn least_of_a_village(&mut self) -> anyhow::Result<Figure> {
        let mut least = None;
        for fund in &self.village_funds.villages {
            let funds = [fund.of_units, fund.of_industry, fund.works];
            let balances = funds.map(|account| self.scene.balance(&account));
            let balances = balances.into_iter().collect::<anyhow::Result<Vec<_>>>()?;
            let together = Fen::sum(balances)?;
            least = Some(least.map_or(together, |least: Fen| least.min(together)));
        }
        Ok(Figure::Money(least.context("no key village")?))
    }

    pub(super) fn move_a_fen(
        &mut self,
        area: AreaCode,
        between: (RecordId, RecordId),
        direction: Direction,
        channel: &str,
    ) -> anyhow::Result<()> {
        let transfer = self.scene.transfer(between, Fen(1), direction, channel)?;
        self.scene.move_money(vec![(area, transfer)])
    }
}
