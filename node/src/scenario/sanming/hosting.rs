//! S2.6: companies that take households into their bases.

use lika_core::{
    command::Change,
    log::{Action, Kind},
    record::{Body, Contract, Enterprise, Record},
    value::{AreaCode, Code, Date, Fen, Label},
};

use super::{CITY, Figure, Row, Sanming, Scene, YEAR, families, id};

const COMPANIES: usize = 90;
const HOUSEHOLDS: usize = 970;
/// In hundredths of a mu.
const LAND: u64 = 463_000;
/// In fen.
const ADDED: i64 = 910_000_000;

/// Each household signs with one of the companies; land and income are shared out to the last unit.
pub(super) fn sign(scene: &mut Scene, from: Date) -> anyhow::Result<()> {
    let city = AreaCode::parse(CITY)?;
    let company = |number| {
        let company = Enterprise {
            name: Label::parse(&format!("{number}号公司"))?,
            kind: Code::parse("hosting-base")?,
        };
        Ok(Change::create(id("company", number), city, company))
    };
    let companies = (0..COMPANIES).map(company);
    scene.apply(companies.collect::<anyhow::Result<Vec<_>>>()?)?;
    let contract = |number: usize| {
        let (household, village) = families::other(number)?;
        let (place, all) = (u64::try_from(number)?, u64::try_from(HOUSEHOLDS)?);
        let land = LAND / all + u64::from(place < LAND % all);
        let (place, all) = (i64::try_from(place)?, i64::try_from(all)?);
        let added = ADDED / all + i64::from(place < ADDED % all);
        let contract = Contract {
            household,
            organisation: id("company", number % COMPANIES),
            kind: Code::parse("hosting")?,
            product: Some(Label::parse("油茶")?),
            volume: Some((land, Code::parse("mu")?)),
            price: Some(Fen(120_000)),
            added_income: Some(Fen(added)),
            from,
            until: None,
            ended_on: None,
        };
        Ok(Change::create(contract.id(), village, contract))
    };
    let contracts = (0..HOUSEHOLDS).map(contract);
    scene.apply(contracts.collect::<anyhow::Result<Vec<_>>>()?)
}

pub(super) fn rows() -> Vec<Row<Sanming>> {
    let row = |what, source, read, change, falsify| {
        Row::<Sanming>::new(("S2.6", what), source, read, change, falsify)
    };
    let mut rows = vec![
        row(
            "companies that host",
            Figure::Count(90),
            |sanming| {
                let area = sanming.scene.area();
                let companies = sanming.scene.total(&area, "enterprises/hosting-base", 0)?;
                Ok(Figure::Count(companies))
            },
            "a company turns out to host nobody",
            |sanming| {
                let is_it = |body: &Body| match body {
                    Body::Enterprise(company) => company.kind == "hosting-base",
                    _ => false,
                };
                let record = sanming.first(Kind::Enterprise, is_it)?;
                let Body::Enterprise(company) = &record.body else {
                    anyhow::bail!("not an enterprise")
                };
                let other = Enterprise {
                    kind: Code::parse("other")?,
                    ..company.clone()
                };
                sanming.scene.change(&record, other)
            },
        ),
        row(
            "households that are hosted",
            Figure::Count(970),
            |sanming| sanming.count("households-contracted/hosting"),
            "a contract turns out never to have been signed",
            |sanming| {
                let (record, contract) = sanming.contract()?;
                let close = Change::of(&record, Action::Close, contract);
                sanming.scene.apply(vec![close])
            },
        ),
    ];
    rows.extend(what_it_brings());
    rows
}

/// Land and income.
fn what_it_brings() -> Vec<Row<Sanming>> {
    let row = |what, source, read, change, falsify| {
        Row::<Sanming>::new(("S2.6", what), source, read, change, falsify)
    };
    vec![
        row(
            "mu on which they are",
            Figure::Shown("4630.00".to_owned()),
            |sanming| {
                let land = sanming.total("contract-volume/hosting-mu")?;
                Ok(Figure::Shown(format!("{}.{:02}", land / 100, land % 100)))
            },
            "a hundredth of a mu less",
            |sanming| {
                let (record, mut contract) = sanming.contract()?;
                if let Some((land, _)) = &mut contract.volume {
                    *land -= 1;
                }
                sanming.scene.change(&record, contract)
            },
        ),
        row(
            "income that was added",
            Figure::Money(Fen(ADDED)),
            |sanming| {
                let added = sanming.total("contract-income/hosting")?;
                Ok(Figure::Money(Fen(added)))
            },
            "one fen less",
            |sanming| sanming.add_less(1, 1),
        ),
        row(
            "income that was added, a household, in 10,000 yuan",
            Figure::Count(1),
            |sanming| {
                let added = sanming.total("contract-income/hosting")?;
                let households = sanming.total("households-contracted/hosting")?;
                anyhow::ensure!(households > 0, "nobody is hosted");
                let unit = households * 1_000_000;
                Ok(Figure::Count((added + unit / 2).div_euclid(unit)))
            },
            "half of them have added nothing",
            |sanming| sanming.add_less(HOUSEHOLDS / 2, i64::MAX),
        )
        .remark("\"nearly 10,000 yuan\": 9,381, shown rounded"),
    ]
}

impl Sanming {
    fn contracts(&self) -> anyhow::Result<Vec<(Record, Contract)>> {
        let records = self.scene.list(Kind::Contract, &self.scene.area())?;
        let contract = |record: Record| match &record.body {
            Body::Contract(contract) => Some((record.clone(), contract.clone())),
            _ => None,
        };
        Ok(records.into_iter().filter_map(contract).collect())
    }

    fn contract(&self) -> anyhow::Result<(Record, Contract)> {
        let mut contracts = self.contracts()?.into_iter();
        contracts
            .next()
            .ok_or_else(|| anyhow::anyhow!("no contract of {YEAR}"))
    }

    /// So many contracts have added so many fen less, or nothing where that is more than they had.
    fn add_less(&mut self, contracts: usize, less: i64) -> anyhow::Result<()> {
        let mut changes = Vec::new();
        for (record, mut contract) in self.contracts()?.into_iter().take(contracts) {
            let added = contract.added_income.map_or(0, |added| added.0);
            contract.added_income = Some(Fen(added - less.min(added)));
            changes.push(Change::of(&record, Action::Change, contract));
        }
        self.scene.apply(changes)
    }
}
