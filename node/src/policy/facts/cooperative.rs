//! Co-operatives, who holds what of them, and what they returned (S2.4).

use lika_core::{
    record::{Cooperative, Shareholding},
    value::Fen,
};

use super::{
    Fact, Group, Row, Tables,
    records::{Found, Records},
    village,
};

/// The whole in parts per million.
const WHOLE: i128 = 1_000_000;

/// Adds the co-operatives of the group and the shareholdings that are open on the day, in the order of both.
pub(super) fn add(tables: &mut Tables, records: &Records, group: &Group<'_>) {
    let households = tables
        .get("household")
        .map(|rows| village::places(rows))
        .unwrap_or_default();
    let (mut cooperatives, mut shareholdings) = (Vec::new(), Vec::new());
    for cooperative in records
        .cooperatives
        .iter()
        .filter(|cooperative| group.area.contains(&cooperative.area))
    {
        let row = u32::try_from(cooperatives.len()).unwrap_or(u32::MAX);
        let shares: Vec<_> = records
            .shareholdings
            .iter()
            .filter(|share| share.body.cooperative == cooperative.id)
            .collect();
        cooperatives.push(of_cooperative(records, cooperative, &shares));
        shareholdings.extend(shares.into_iter().map(|share| {
            let household = share
                .body
                .holder
                .household()
                .and_then(|household| households.get(household));
            Row {
                record: share.id,
                parent: Some(row),
                facts: of_share(cooperative, share, household.copied()),
            }
        }));
    }
    tables.insert("co-operative", cooperatives);
    tables.insert("shareholding", shareholdings);
}

fn of_cooperative(
    records: &Records,
    cooperative: &Found<Cooperative>,
    shares: &[&Found<Shareholding>],
) -> Row {
    let from_funds = shares.iter().filter(|share| share.body.poverty_fund);
    // Core keeps the sum within the capital.
    let from_funds: i64 = from_funds.map(|share| share.body.equity.get()).sum();
    let dividend = records.dividends.get(&cooperative.id);
    let fen = |amount: Option<Fen>| amount.map_or(Fact::Absent, |amount| Fact::Fen(amount.get()));
    let year = dividend.map_or(Fact::Absent, |dividend| {
        Fact::Integer(dividend.year.get().into())
    });
    Row {
        record: cooperative.id,
        parent: None,
        facts: vec![
            ("co-operative.key", Fact::key(&cooperative.id)),
            (
                "co-operative.name",
                Fact::Text(cooperative.body.name.to_string()),
            ),
            (
                "co-operative.capital",
                Fact::Fen(cooperative.body.capital.get()),
            ),
            ("co-operative.poverty-fund", Fact::Fen(from_funds)),
            ("dividend.year", year),
            (
                "dividend.return",
                fen(dividend.map(|dividend| dividend.amount)),
            ),
            (
                "dividend.distributed",
                fen(dividend.map(lika_core::record::Dividend::distributed)),
            ),
        ],
    }
}

fn of_share(
    cooperative: &Found<Cooperative>,
    share: &Found<Shareholding>,
    household: Option<u32>,
) -> Vec<(&'static str, Fact)> {
    let Shareholding {
        cooperative: _,
        holder,
        equity,
        poverty_fund,
        from: _,
        until: _,
    } = &share.body;
    let capital = i128::from(cooperative.body.capital.get());
    // Half a part is rounded up; no capital is nothing.
    let part = (i128::from(equity.get()) * WHOLE * 2 + capital) / (capital * 2);
    vec![
        ("shareholding.key", Fact::key(&share.id)),
        ("shareholding.holder", Fact::code(holder.code())),
        ("shareholding.equity", Fact::Fen(equity.get())),
        (
            "shareholding.share",
            Fact::Ppm(i64::try_from(part).unwrap_or(i64::MAX)),
        ),
        ("shareholding.poverty-fund", Fact::Flag(*poverty_fund)),
        (
            "shareholding.household",
            household.map_or(Fact::Absent, |row| Fact::Row("household", row)),
        ),
    ]
}
