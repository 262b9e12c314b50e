//! S0.8: the link to the production chain, and who has come out of poverty.

use lika_core::{
    command::Change,
    log::{Action, Kind},
    record::{Body, Contract, Cooperative, Enterprise, OfficialStatistic, Record},
    value::{Code, Fen, Label, RecordId, Year},
};

use super::{BEFORE, JOINED, ORDERED, Planned, Scene, Taishun, YEAR};
use crate::scenario::{
    Figure, Row,
    people::{self, id},
};

const JOIN: &str = "membership";
const ORDER: &str = "order";
/// The first that has signed orders: some have both joined and signed.
const FIRST_ORDER: usize = 300;
/// Which part of the households with a project is expected to exit in the year.
const EXPECTED: &str = "expected-exit-share";

/// Some households join the co-operative, some sign orders with the leading enterprise; and what is expected of the year
/// is entered.
pub fn sign(scene: &mut Scene, planned: &[Planned]) -> anyhow::Result<()> {
    let (cooperative, enterprise) = (id("co-operative", 0), id("enterprise", 0));
    let body = Cooperative {
        name: Label::parse("泰顺茶叶专业合作社")?,
        capital: Fen(100_000_000),
    };
    let mut changes = vec![Change::create(cooperative, scene.area(), body)];
    let body = Enterprise {
        name: Label::parse("泰顺龙头企业")?,
        kind: Code::parse("leading-enterprise")?,
    };
    changes.push(Change::create(enterprise, scene.area(), body));
    for planned in planned.iter().take(JOINED) {
        changes.push(contract(scene, planned, cooperative, JOIN)?);
    }
    for planned in planned.iter().skip(FIRST_ORDER).take(ORDERED) {
        changes.push(contract(scene, planned, enterprise, ORDER)?);
    }
    // In parts per million.
    let expected = (EXPECTED, Year::new(YEAR)?);
    changes.push(people::statistic(
        scene.area(),
        expected,
        800_000,
        "泰顺县扶贫办",
    )?);
    scene.apply(changes)
}

fn contract(
    scene: &Scene,
    planned: &Planned,
    organisation: RecordId,
    kind: &str,
) -> anyhow::Result<Change> {
    let contract = Contract {
        household: planned.household,
        organisation,
        kind: Code::parse(kind)?,
        product: None,
        volume: None,
        price: None,
        added_income: None,
        from: scene.today(),
        until: None,
        ended_on: None,
    };
    Ok(Change::create(contract.id(), planned.village, contract))
}

/// S0.8.
pub fn rows() -> Vec<Row<Taishun>> {
    let contracted = |what, source, read, falsify| {
        let change = "one has left before it was kept";
        Row::<Taishun>::new(("S0.8", what), Figure::count(source), read, change, falsify)
    };
    let share = |what, source, read, falsify| {
        let change = "five have left before it was kept";
        Row::<Taishun>::new(("S0.8", what), Figure::shown(source), read, change, falsify)
            .remark("of the 2,300")
    };
    let mut rows = vec![
        contracted(
            "households that joined an organisation",
            JOINED,
            |taishun| taishun.total("households-contracted/membership", YEAR),
            |taishun| taishun.leave(JOIN, 1),
        ),
        share(
            "which part of the plan they are",
            "14.8 %",
            |taishun| taishun.share_of_plan("households-contracted/membership"),
            |taishun| taishun.leave(JOIN, 5),
        ),
        contracted(
            "households that signed orders",
            ORDERED,
            |taishun| taishun.total("households-contracted/order", YEAR),
            |taishun| taishun.leave(ORDER, 1),
        ),
        share(
            "which part of the plan these are",
            "23.6 %",
            |taishun| taishun.share_of_plan("households-contracted/order"),
            |taishun| taishun.leave(ORDER, 5),
        ),
    ];
    rows.extend(exits());
    rows
}

fn exits() -> Vec<Row<Taishun>> {
    let exited = |what, source, read| {
        let change = "a household turns out not to have exited";
        Row::<Taishun>::new(("S0.8", what), Figure::Count(source), read, change, |taishun| {
            let area = taishun.scene.area();
            let year = Year::new(BEFORE)?;
            let left = |record: &Record| matches!(&record.body, Body::Household(it) if it.exit_year == Some(year));
            let household = taishun.scene.first(Kind::Household, &area, left)?;
            taishun.scene.set_exit_year(&[household], None)
        })
        .remark("in 2004")
    };
    vec![
        exited("households that exited", 2_120, |taishun| {
            taishun.total("exits", BEFORE)
        }),
        exited("people who exited", 6_750, |taishun| {
            let (_, people) = taishun.scene.exited(Year::new(BEFORE)?)?;
            Ok(Figure::count(people))
        }),
        Row::<Taishun>::new(
            ("S0.8", "which part is expected to exit in the year"),
            Figure::shown("80 %"),
            |taishun| {
                Ok(Figure::Shown(percent(
                    taishun.expected()?.1.value,
                    1_000_000,
                    0,
                )))
            },
            "one percent less is expected",
            |taishun| {
                let (record, expected) = taishun.expected()?;
                let less = OfficialStatistic {
                    value: expected.value - 10_000,
                    ..expected
                };
                taishun.scene.change(&record, less)
            },
        )
        .entered()
        .remark("of the 1,776 with a project: an expectation, which nothing is computed from"),
    ]
}

impl Taishun {
    fn share_of_plan(&self, dimension: &str) -> anyhow::Result<Figure> {
        let planned = self.figure("households-with-measure", 0)?;
        let part = self.figure(dimension, YEAR)?;
        Ok(Figure::Shown(percent(part, planned, 1)))
    }

    /// Contracts that were never kept.
    fn leave(&mut self, kind: &str, households: usize) -> anyhow::Result<()> {
        for _ in 0..households {
            let area = self.scene.area();
            let is_it = |record: &Record| matches!(&record.body, Body::Contract(it) if it.kind.as_str() == kind);
            let record = self.scene.first(Kind::Contract, &area, is_it)?;
            let left = Change::of(&record, Action::Close, record.body.clone());
            self.scene.apply(vec![left])?;
        }
        Ok(())
    }

    fn expected(&self) -> anyhow::Result<(Record, OfficialStatistic)> {
        let series = Code::parse(EXPECTED)?;
        self.scene.statistic(&series, Year::new(YEAR)?)
    }
}

/// A part of a whole, with so many decimals, rounded.
fn percent(part: i64, whole: i64, decimals: u32) -> String {
    let scale = 10_i64.pow(decimals);
    let rounded = (part * 100 * scale + whole / 2).div_euclid(whole.max(1));
    match decimals {
        0 => format!("{rounded} %"),
        _ => format!("{}.{} %", rounded / scale, rounded % scale),
    }
}
