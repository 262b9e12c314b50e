//! S4.5: 2,000 yuan a year for each development household that a cadre of section level or above helps.

use std::collections::BTreeMap;

use anyhow::Context as _;
use lika_core::{
    command::Change,
    record::{Direction, Record, Transfer},
    value::{AreaCode, AreaLevel, Code, Fen, RecordId},
};

use super::{Luxi, Scene, YEAR, pairings};
use crate::scenario::{
    Figure, Row,
    scene::money::{barred_fund, fund, outside},
};

/// In fen: half of the county, half raised by the cadre.
const HALF: Fen = Fen(100_000);

const INDUSTRY: &str = "industry-fund";
const CADRE: &str = "cadre";
const PURPOSE: &str = "household-fund";

/// The funds of one township, and a household of it.
pub struct HouseholdFunds {
    township: AreaCode,
    cadres: RecordId,
    of_cadres: RecordId,
    household: RecordId,
    /// Where living expenses are to be paid from.
    paying: RecordId,
}

/// What a township keeps for its households: the county's money and what the cadres have raised.
struct Township {
    of_county: RecordId,
    of_cadres: RecordId,
    cadres: RecordId,
}

impl HouseholdFunds {
    /// The county gives, the cadres raise, and every household is paid by both for its industry.
    pub fn spend(scene: &mut Scene) -> anyhow::Result<Self> {
        let mut by_township: BTreeMap<AreaCode, Vec<Record>> = BTreeMap::new();
        for household in pairings::led_households(scene)? {
            let township = household.area.at_level(AreaLevel::Township);
            let township = township.context("a village is in a township")?;
            by_township.entry(township).or_default().push(household);
        }
        let county = scene.area();
        let treasury = scene.open_account(county, outside("县财政局")?)?;
        let industry = scene.open_account(county, barred_fund(INDUSTRY, PURPOSE)?)?;
        let mut last = None;
        for (area, households) in &by_township {
            let township = Township::open(scene, *area)?;
            let all = Fen(HALF.0 * i64::try_from(households.len())?);
            scene.move_money(township.given(scene, (treasury, industry), *area, all)?)?;
            let household = township.spend(scene, *area, households)?;
            last = Some(Self {
                township: *area,
                cadres: township.cadres,
                of_cadres: township.of_cadres,
                household,
                paying: township.of_cadres,
            });
        }
        last.context("no development household")
    }
}

impl Township {
    fn open(scene: &mut Scene, area: AreaCode) -> anyhow::Result<Self> {
        Ok(Self {
            of_county: scene.open_account(area, barred_fund(INDUSTRY, PURPOSE)?)?,
            of_cadres: scene.open_account(area, barred_fund(CADRE, PURPOSE)?)?,
            cadres: scene.open_account(area, outside("帮扶干部")?)?,
        })
    }

    fn given(
        &self,
        scene: &Scene,
        (treasury, industry): (RecordId, RecordId),
        area: AreaCode,
        all: Fen,
    ) -> anyhow::Result<Vec<(AreaCode, Transfer)>> {
        let (county, internal) = (scene.area(), Direction::Internal);
        let down = (industry, self.of_county);
        let raised = (self.cadres, self.of_cadres);
        Ok(vec![
            (
                county,
                scene.transfer((treasury, industry), all, Direction::In, INDUSTRY)?,
            ),
            (county, scene.transfer(down, all, internal, INDUSTRY)?),
            (area, scene.transfer(raised, all, Direction::In, CADRE)?),
        ])
    }

    /// Pays both halves to every household; the account of the last.
    fn spend(
        &self,
        scene: &mut Scene,
        area: AreaCode,
        households: &[Record],
    ) -> anyhow::Result<RecordId> {
        let mut accounts = Vec::new();
        let mut paid = Vec::new();
        for household in households {
            let account = account_of(&household.id);
            accounts.push(Change::create(account, household.area, outside("农户")?));
            for (from, channel) in [(self.of_county, INDUSTRY), (self.of_cadres, CADRE)] {
                let used_for = Code::parse("industry")?;
                let out = Direction::Out { used_for };
                paid.push((area, scene.transfer((from, account), HALF, out, channel)?));
            }
        }
        let last = accounts.last().context("no household")?.id;
        scene.apply(accounts)?;
        scene.move_money(paid)?;
        Ok(last)
    }
}

fn account_of(household: &RecordId) -> RecordId {
    RecordId::derived("lika.scenario.account-of", &household.0)
}

/// S4.5.
pub fn rows() -> Vec<Row<Luxi>> {
    let mut rows = halves();
    rows.extend(bar());
    rows
}

/// What was given, and by whom.
fn halves() -> Vec<Row<Luxi>> {
    vec![
        Row::<Luxi>::new(
            (
                "S4.5",
                "least that a development household was given for its industry",
            ),
            Figure::Money(Fen(2 * HALF.0)),
            |luxi| {
                let households = pairings::led_households(&luxi.scene)?;
                let given = households
                    .iter()
                    .map(|household| luxi.scene.balance(&account_of(&household.id)));
                let given = given.collect::<anyhow::Result<Vec<_>>>()?;
                Ok(Figure::Money(
                    given.into_iter().min().context("no household")?,
                ))
            },
            "one gives a fen back",
            |luxi| {
                let HouseholdFunds {
                    township,
                    of_cadres,
                    household,
                    ..
                } = luxi.household_funds;
                luxi.move_a_fen(township, (household, of_cadres), Direction::In, CADRE)
            },
        )
        .remark("each that a cadre of section level or above helps"),
        Row::<Luxi>::new(
            ("S4.5", "what the cadres' half is more than the county's"),
            Figure::Money(Fen::ZERO),
            |luxi| {
                let area = luxi.scene.area();
                let of = |channel| {
                    let dimension = format!("fund-out/{channel}");
                    luxi.scene.total(&area, &dimension, YEAR.into())
                };
                Ok(Figure::Money(Fen(of(CADRE)? - of(INDUSTRY)?)))
            },
            "a cadre raises and pays one fen more",
            |luxi| {
                let HouseholdFunds {
                    township,
                    cadres,
                    of_cadres,
                    household,
                    ..
                } = luxi.household_funds;
                luxi.move_a_fen(township, (cadres, of_cadres), Direction::In, CADRE)?;
                let used_for = Code::parse("industry")?;
                let out = Direction::Out { used_for };
                luxi.move_a_fen(township, (of_cadres, household), out, CADRE)
            },
        )
        .remark("1,000 yuan and 1,000 yuan"),
    ]
}

/// What it is never for.
fn bar() -> Vec<Row<Luxi>> {
    vec![Row::<Luxi>::new(
        ("S4.5", "living expenses are paid from it"),
        Figure::shown("barred-use"),
        |luxi| {
            let HouseholdFunds {
                township,
                household,
                paying,
                ..
            } = luxi.household_funds;
            let used_for = Code::parse("living-expenses")?;
            let out = Direction::Out { used_for };
            let transfer = luxi
                .scene
                .transfer((paying, household), Fen(1), out, CADRE)?;
            Figure::of_attempt(luxi.scene.propose_transfer(township, transfer))
        },
        "they are paid from money without that bar",
        |luxi| {
            let (township, relief) = (luxi.household_funds.township, fund(CADRE, "relief")?);
            luxi.household_funds.paying = luxi.scene.open_account(township, relief)?;
            Ok(())
        },
    )]
}
