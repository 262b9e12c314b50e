//! S0.4: the fund, by channel and by township.

use anyhow::Context as _;
use lika_core::{
    record::{Direction, Transfer},
    value::{AreaCode, Date, Fen, RecordId},
};

use super::{Scene, Taishun, YEAR, county::TOWNSHIPS};
use crate::scenario::{
    Figure, Row,
    scene::money::{fund, outside},
};

/// In fen.
const WAN: i64 = 1_000_000;
const OF_COUNTY: Fen = Fen(200 * WAN);
/// What each township gives, in tenths of 万: 251.3万 together.
const OF_TOWNSHIPS: [i64; 10] = [305, 282, 274, 269, 250, 246, 233, 228, 217, 209];

const COUNTY_BUDGET: &str = "county-budget";
pub const TOWNSHIP: &str = "township";

/// Who gives to which fund.
pub struct Funds {
    county: Given,
    /// In the order of the townships.
    pub townships: Vec<Given>,
    /// The day on which all of them are raised.
    on: Date,
}

/// A fund account and who gives to it.
#[derive(Clone, Copy)]
pub struct Given {
    pub area: AreaCode,
    pub giver: RecordId,
    pub fund: RecordId,
}

impl Funds {
    /// The county gives to its account, each township to its own at the credit co-operative.
    pub fn raise(scene: &mut Scene) -> anyhow::Result<Self> {
        let county = Given::open(scene, scene.area(), COUNTY_BUDGET)?;
        let on = scene.today();
        county.give(scene, COUNTY_BUDGET, OF_COUNTY, on)?;
        let mut townships = Vec::new();
        for ((township, _), tenths) in TOWNSHIPS.iter().zip(OF_TOWNSHIPS) {
            let given = Given::open(scene, AreaCode::parse(township)?, TOWNSHIP)?;
            given.give(scene, TOWNSHIP, Fen(tenths * WAN / 10), on)?;
            townships.push(given);
        }
        Ok(Self {
            county,
            townships,
            on,
        })
    }
}

impl Given {
    fn open(scene: &mut Scene, area: AreaCode, channel: &str) -> anyhow::Result<Self> {
        Ok(Self {
            area,
            giver: scene.open_account(area, outside("财政局（所）")?)?,
            fund: scene.open_account(area, fund(channel, "guarantee")?)?,
        })
    }

    /// Money that is given on a day.
    pub fn give(
        self,
        scene: &mut Scene,
        channel: &str,
        amount: Fen,
        on: Date,
    ) -> anyhow::Result<()> {
        let between = (self.giver, self.fund);
        let given = scene.transfer(between, amount, Direction::In, channel)?;
        scene.move_money(vec![(self.area, Transfer { on, ..given })])
    }
}

/// What was given, by channel.
pub fn rows() -> Vec<Row<Taishun>> {
    let given = |what, source, read, falsify| {
        let change = "one fen more is given";
        Row::<Taishun>::new(("S0.4", what), Figure::Money(source), read, change, falsify)
    };
    vec![
        given(
            "guarantee fund: given by the county",
            OF_COUNTY,
            |taishun| taishun.given(&[COUNTY_BUDGET]),
            |taishun| {
                let Funds { county, on, .. } = taishun.funds;
                county.give(&mut taishun.scene, COUNTY_BUDGET, Fen(1), on)
            },
        ),
        given(
            "guarantee fund: given by the townships",
            Fen(2_513 * WAN / 10),
            |taishun| taishun.given(&[TOWNSHIP]),
            Taishun::give_a_fen,
        )
        .remark("ten accounts"),
        given(
            "guarantee fund: both together",
            Fen(4_513 * WAN / 10),
            |taishun| taishun.given(&[COUNTY_BUDGET, TOWNSHIP]),
            Taishun::give_a_fen,
        )
        .remark("the sum is not in the document"),
    ]
}

impl Taishun {
    fn given(&self, channels: &[&str]) -> anyhow::Result<Figure> {
        let figures = channels
            .iter()
            .map(|channel| self.figure(&format!("fund-in/{channel}"), YEAR));
        Ok(Figure::Money(Fen(figures.sum::<anyhow::Result<i64>>()?)))
    }

    pub(super) fn give_a_fen(&mut self) -> anyhow::Result<()> {
        let Funds { townships, on, .. } = &self.funds;
        let (township, on) = (*townships.last().context("no township")?, *on);
        township.give(&mut self.scene, TOWNSHIP, Fen(1), on)
    }
}
