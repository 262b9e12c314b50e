//! S2.5: guarantee funds of townships and villages, and what is lent for them.

use std::collections::BTreeMap;

use anyhow::Context as _;
use lika_core::{
    command::Change,
    record::{Body, Direction},
    value::{AreaCode, AreaLevel, Date, Fen, RecordId},
};

use super::{
    Figure, Row, Sanming, Scene, families,
    people::{self, id},
    places,
};
use crate::scenario::scene::{
    Caller,
    loans::{Asked, LOAN, Lender, body, parts},
    money::{fund, outside},
};

const FUNDS: usize = 59;
const HOUSEHOLDS: usize = 1_738;
/// In fen: 7,877万.
const LENT: Fen = Fen(7_877_000_000);
/// In fen: 5万.
const MOST: Fen = Fen(5_000_000);
const BETWEEN: Fen = Fen(4_500_000);
const YEARS: u32 = 36;
const ONE_YEAR: u32 = 12;
/// The document gives no leverage.
const TIMES: i64 = 5;
/// Deposited in each fund beyond a fifth of what is lent for it.
const BESIDE: Fen = Fen(100_000);
/// Households of one helper.
const OF_A_HELPER: usize = 10;

const CHANNEL: &str = "county-budget";
/// 5万 for three years, and the helper guarantees.
const SETTINGS: &str = r#"{
    "amount-least": 0,
    "amount-most": 5000000,
    "months-most": 36,
    "guarantor-helps": true,
    "leverage-least": 0,
    "leverage-most": 0
}"#;

/// What was lent, and what is asked for at the edges of the terms.
pub(super) struct Loans {
    lender: Lender,
    /// The day on which all was lent.
    on: Date,
    funds: BTreeMap<AreaCode, RecordId>,
    /// 5万, and one fen more.
    most: RecordId,
    /// For three years, and for a month more.
    longest: RecordId,
    /// Guaranteed by a cadre who helps somebody else.
    stranger: (Asked, RecordId),
    /// Of 5万, under these terms and under Taishun's.
    here: RecordId,
    there: RecordId,
}

impl Loans {
    /// The other households borrow, each with its helper as guarantor; and at the edges of the terms those of Yuanshan
    /// ask.
    pub(super) fn lend(scene: &mut Scene, two: [Caller; 2]) -> anyhow::Result<Self> {
        let begin = scene.today();
        scene.enact_in(&scene.area(), LOAN, SETTINGS, begin)?;
        let lender = Lender::open(scene, "农村信用社", two)?;
        let helpers = pair(scene, begin)?;
        let mut asked = Vec::with_capacity(HOUSEHOLDS);
        for (number, amount) in parts(LENT, HOUSEHOLDS)?.into_iter().enumerate() {
            let (household, village) = families::other(number)?;
            asked.push(Asked {
                household,
                village,
                amount,
                months: YEARS,
                fund: None,
                guarantor: helpers.get(&household).copied(),
            });
        }
        let funds = deposit(scene, &lender, &mut asked)?;
        let mut loans = lender.ask(scene, &asked, begin)?;
        scene.evaluate(LOAN)?;
        lender.lend(scene, &mut loans, begin)?;
        Self::ask(scene, lender, begin, funds)
    }

    fn ask(
        scene: &mut Scene,
        lender: Lender,
        begin: Date,
        funds: BTreeMap<AreaCode, RecordId>,
    ) -> anyhow::Result<Self> {
        let (village, other) = (
            places::village(places::YUANSHAN)?,
            families::their_village()?,
        );
        let (cadre, stranger) = (id("helper-of-yuanshan", 0), id("helper-of-yuanshan", 1));
        let mut changes = Vec::new();
        for cadre in [cadre, stranger] {
            changes.push(Change::create(cadre, scene.area(), people::cadre(begin)?));
        }
        let own = |number| (id("household", number), village);
        let families = (0..5).map(own);
        let helped: Vec<_> = families.chain([(families::family(0), other)]).collect();
        for (number, (household, village)) in helped.iter().enumerate() {
            let pairing = people::pairing(*household, cadre, begin)?;
            let own = id("pairing-of-yuanshan", number);
            changes.push(Change::create(own, *village, pairing));
        }
        scene.apply(changes)?;
        let asked = |number: usize, amount, months| {
            let (household, village) = *helped.get(number).context("too few households")?;
            anyhow::Ok(Asked {
                household,
                village,
                amount,
                months,
                fund: Some(*behind(&funds, &village)?),
                guarantor: Some(cadre),
            })
        };
        let by_stranger = Asked {
            guarantor: Some(stranger),
            ..asked(4, BETWEEN, ONE_YEAR)?
        };
        let asked = [
            asked(0, MOST, ONE_YEAR)?,
            asked(1, Fen(MOST.0 + 1), ONE_YEAR)?,
            asked(2, BETWEEN, YEARS)?,
            asked(3, BETWEEN, YEARS + 1)?,
            by_stranger,
            asked(5, MOST, ONE_YEAR)?,
        ];
        let waiting = lender.ask(scene, &asked, begin)?;
        // In the village of the eight families Taishun's terms are in force from now on.
        scene.enact_in(&other, LOAN, "", begin)?;
        scene.evaluate_in(LOAN, &village)?;
        scene.evaluate_in(LOAN, &other)?;
        let own = |place: usize| waiting.get(place).map(|it| it.id).context("nobody asked");
        Ok(Self {
            lender,
            on: begin,
            funds,
            most: own(0)?,
            longest: own(2)?,
            stranger: (by_stranger, own(4)?),
            here: own(0)?,
            there: own(5)?,
        })
    }
}

/// Each of the other households has a helper of the township.
fn pair(scene: &mut Scene, begin: Date) -> anyhow::Result<BTreeMap<RecordId, RecordId>> {
    let mut helpers = BTreeMap::new();
    let mut changes = Vec::new();
    for number in 0..HOUSEHOLDS {
        let cadre = id("helper", number / OF_A_HELPER);
        if number % OF_A_HELPER == 0 {
            changes.push(Change::create(cadre, scene.area(), people::cadre(begin)?));
        }
        let (household, village) = families::other(number)?;
        let pairing = people::pairing(household, cadre, begin)?;
        changes.push(Change::create(id("pairing", number), village, pairing));
        helpers.insert(household, cadre);
    }
    scene.apply(changes)?;
    Ok(helpers)
}

/// Every township has a fund, and as many villages as it takes to have all of them; each stands behind what is asked for
/// around it, with a fifth of that and a little beside.
fn deposit(
    scene: &mut Scene,
    lender: &Lender,
    asked: &mut [Asked],
) -> anyhow::Result<BTreeMap<AreaCode, RecordId>> {
    let treasury = scene.open_account(scene.area(), outside("市财政局")?)?;
    let mut funds = BTreeMap::new();
    for number in 0..FUNDS {
        let village = places::village(number)?;
        let township = village.at_level(AreaLevel::Township);
        let township = township.context("a village is in a township")?;
        let is_known = funds.contains_key(&township);
        let area = if is_known { village } else { township };
        funds.insert(area, id("guarantee-fund", number));
    }
    let mut behind_each: BTreeMap<RecordId, i64> = BTreeMap::new();
    for asked in asked {
        let fund = *behind(&funds, &asked.village)?;
        asked.fund = Some(fund);
        *behind_each.entry(fund).or_default() += asked.amount.0;
    }
    let (mut changes, mut given) = (Vec::new(), Vec::new());
    for (number, (area, own)) in funds.iter().enumerate() {
        let account = id("guarantee-account", number);
        changes.push(Change::create(account, *area, fund(CHANNEL, "guarantee")?));
        changes.push(Change::create(*own, *area, lender.fund(account, TIMES)?));
        let lent = behind_each.get(own).copied().unwrap_or_default();
        let deposit = Fen(lent / TIMES + BESIDE.0);
        let transfer = scene.transfer((treasury, account), deposit, Direction::In, CHANNEL)?;
        given.push((*area, transfer));
    }
    scene.apply(changes)?;
    scene.move_money(given)?;
    Ok(funds)
}

/// The fund of a village, or else of its township.
fn behind<'a>(
    funds: &'a BTreeMap<AreaCode, RecordId>,
    village: &AreaCode,
) -> anyhow::Result<&'a RecordId> {
    let township = village.at_level(AreaLevel::Township);
    let of_township = || funds.get(&township?);
    let fund = funds.get(village).or_else(of_township);
    fund.context("no fund stands behind the village")
}

/// S2.5.
pub(super) fn rows() -> Vec<Row<Sanming>> {
    let mut rows = lent();
    rows.extend(terms());
    rows
}

fn lent() -> Vec<Row<Sanming>> {
    vec![
        Row::<Sanming>::new(
            ("S2.5", "guarantee funds of townships and villages"),
            Figure::count(FUNDS),
            |sanming| {
                let area = sanming.scene.area();
                let funds = sanming.scene.total(&area, "guarantee-funds", 0)?;
                Ok(Figure::Count(funds))
            },
            "a village has one more",
            |sanming| {
                let scene = &mut sanming.scene;
                let account = scene.open_account(sanming.village, fund(CHANNEL, "guarantee")?)?;
                let body = sanming.loans.lender.fund(account, TIMES)?;
                let own = scene.new_id("guarantee-fund");
                scene.apply(vec![Change::create(own, sanming.village, body)])
            },
        )
        .remark(
            "22 of townships and 37 of villages: the document does not say how many are of which",
        ),
        Row::<Sanming>::new(
            ("S2.5", "what was lent"),
            Figure::Money(LENT),
            |sanming| Ok(Figure::Money(Fen(sanming.total("loans-lent")?))),
            "a household turns out to have borrowed one fen more",
            // The first of them lives where Taishun's terms are in force.
            |sanming| sanming.lend(families::other(1)?),
        ),
        Row::<Sanming>::new(
            ("S2.5", "households that were lent to"),
            Figure::count(HOUSEHOLDS),
            |sanming| sanming.count("loan-households"),
            "another turns out to have borrowed a fen",
            |sanming| sanming.lend((id("household", 5), sanming.village)),
        )
        .remark("each of them is registered, though of ten people one is"),
    ]
}

fn terms() -> Vec<Row<Sanming>> {
    vec![
        Row::<Sanming>::new(
            (
                "S2.5",
                "largest loan that is granted, of 50,000 and 50,000.01 yuan",
            ),
            Figure::Money(MOST),
            |sanming| {
                let granted = sanming.scene.granted(&sanming.village)?;
                let most = granted.iter().map(|loan| loan.amount).max();
                Ok(Figure::Money(most.context("nothing is granted")?))
            },
            "who asked for 50,000 asks no more",
            |sanming| sanming.scene.withdraw(&sanming.loans.most),
        ),
        Row::<Sanming>::new(
            (
                "S2.5",
                "months of the longest loan that is granted, of 36 and 37",
            ),
            Figure::Count(YEARS.into()),
            |sanming| {
                let granted = sanming.scene.granted(&sanming.village)?;
                let longest = granted.iter().map(|loan| loan.months).max();
                let longest = longest.context("nothing is granted")?;
                Ok(Figure::Count(longest.into()))
            },
            "who asked for 36 asks no more",
            |sanming| sanming.scene.withdraw(&sanming.loans.longest),
        ),
        Row::<Sanming>::new(
            (
                "S2.5",
                "what is said of a loan guaranteed by a cadre who helps others",
            ),
            Figure::shown("guarantor-does-not-help"),
            |sanming| sanming.scene.reasons(&sanming.loans.stranger.1),
            "the cadre becomes a helper of the household, and the policy runs again",
            Sanming::let_the_guarantor_help,
        ),
        Row::<Sanming>::new(
            (
                "S2.5",
                "what is said of 50,000 yuan here, and where Taishun's terms are in force",
            ),
            Figure::shown("within-terms; amount-above-ceiling"),
            |sanming| {
                let here = sanming.scene.reasons(&sanming.loans.here)?;
                let there = sanming.scene.reasons(&sanming.loans.there)?;
                Ok(Figure::Shown(format!("{here}; {there}")))
            },
            "the other asks for 5,000 yuan, and the policy runs again",
            Sanming::ask_for_less,
        ),
        Row::<Sanming>::new(
            ("S2.5", "settings and components behind these two answers"),
            Figure::shown("settings: 2, components: 1"),
            Sanming::components,
            "these terms are put in force there, and the policy runs again",
            Sanming::equal_terms,
        )
        .remark("the same component, by its digest: a county's terms are settings"),
    ]
}

impl Sanming {
    /// One fen more, on the day of the others.
    fn lend(&mut self, (household, village): (RecordId, AreaCode)) -> anyhow::Result<()> {
        let on = self.loans.on;
        let helper = id("helper-of-the-fen", usize::from(village == self.village));
        let pairing = people::pairing(household, helper, on)?;
        let own = RecordId::derived("lika.scenario.pairing-for-the-fen", &household.0);
        self.scene.apply(vec![
            Change::create(helper, self.scene.area(), people::cadre(on)?),
            Change::create(own, village, pairing),
        ])?;
        let asked = Asked {
            household,
            village,
            amount: Fen(1),
            months: ONE_YEAR,
            fund: Some(*behind(&self.loans.funds, &village)?),
            guarantor: Some(helper),
        };
        let (lender, scene) = (&self.loans.lender, &mut self.scene);
        let mut loans = lender.ask(scene, &[asked], on)?;
        scene.evaluate_for(LOAN, &village, on)?;
        lender.lend(scene, &mut loans, on)
    }

    fn let_the_guarantor_help(&mut self) -> anyhow::Result<()> {
        let (asked, _) = self.loans.stranger;
        let cadre = asked.guarantor.context("nobody guarantees it")?;
        let pairing = people::pairing(asked.household, cadre, self.scene.today())?;
        let own = id("pairing-of-the-stranger", 0);
        let paired = Change::create(own, asked.village, pairing);
        self.scene.apply(vec![paired])?;
        self.scene.evaluate_in(LOAN, &asked.village)
    }

    fn ask_for_less(&mut self) -> anyhow::Result<()> {
        let there = self.loans.there;
        let record = self.scene.get(&there)?;
        let loan = body(&record)?.clone();
        self.scene.withdraw(&there)?;
        let asked = Asked {
            household: loan.household,
            village: record.area,
            amount: Fen(MOST.0 / 10),
            months: loan.months,
            fund: loan.fund,
            guarantor: loan.guarantor,
        };
        let today = self.scene.today();
        let asked = self.loans.lender.ask(&mut self.scene, &[asked], today)?;
        self.loans.there = asked.first().context("no loan")?.id;
        self.scene.evaluate_in(LOAN, &record.area)
    }

    fn equal_terms(&mut self) -> anyhow::Result<()> {
        let other = families::their_village()?;
        let today = self.scene.today();
        self.scene.enact_in(&other, LOAN, SETTINGS, today)?;
        self.scene.evaluate_in(LOAN, &other)
    }

    fn components(&mut self) -> anyhow::Result<Figure> {
        let (mut settings, mut components) = (Vec::new(), Vec::new());
        for loan in [self.loans.here, self.loans.there] {
            let evaluation = self.scene.decision(LOAN, &loan)?.evaluation;
            let Body::Evaluation(evaluation) = self.scene.get(&evaluation)?.body else {
                anyhow::bail!("not an evaluation")
            };
            settings.push(evaluation.settings);
            components.push(evaluation.component);
        }
        settings.dedup();
        components.dedup();
        Ok(Figure::Shown(format!(
            "settings: {}, components: {}",
            settings.len(),
            components.len()
        )))
    }
}
