//! What must hold whatever was tried.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use lika_core::{
    log::Kind,
    record::{
        Account, Body, Household, IncomeStatement, Index, Measure, Pairing, PaymentBatch,
        PaymentReturn, Side, Term, Transfer,
    },
    rollup::{
        Period, Tally,
        committed::{Contributions, Dimensions},
    },
    value::{AreaCode, RecordId, Year},
};

use super::county::{COUNTY, County, NODE, TOWNSHIPS, VILLAGES, area};
use crate::{
    clock::Clock,
    gateway::{
        Caller, Error, Gateway, Policies,
        views::{Archive, Book, Ledger, Receiver},
    },
    policy::{Engine, Host, Limits, Trust},
    store::{Difference, Lifecycle, Listing, Witness},
    views::{Sums, Table, Value},
};

type Balances = BTreeMap<RecordId, i64>;

/// Every fen is on one account, no fund is below nothing, and what came in is what went out and what is left.
pub fn ledger(county: &County) {
    let expected = moved(county);
    let reader = county.reader();
    let (mut kept, mut outside) = (0, 0);
    for record in county.records.values() {
        let Body::Account(Account { side, .. }) = &record.body else {
            continue;
        };
        let balance = reader.balance(&record.id).unwrap().0;
        let known = expected.get(&record.id).copied().unwrap_or_default();
        assert_eq!(balance, known, "account {}", record.id);
        match side {
            Side::Internal(_) => {
                assert!(balance >= 0, "fund {} has {balance}", record.id);
                kept += balance;
            }
            Side::External => outside += balance,
        }
    }
    assert_eq!(kept + outside, 0, "money was made or lost");
    let (mut came, mut went, mut used) = (0, 0, 0);
    let county = area(COUNTY);
    for period in reader.periods(&county).unwrap() {
        let totals = reader.totals(&county, Period::from_number(period)).unwrap();
        for (dimension, value) in totals {
            match dimension.split_once('/') {
                Some(("fund-in", _)) => came += value,
                Some(("fund-out", _)) => went += value,
                Some(("fund-use", _)) => used += value,
                _ => {}
            }
        }
    }
    assert_eq!(
        came - went,
        kept,
        "what came in is not what went out and what is left"
    );
    assert_eq!(went, used, "what went out was not all used for something");
}

/// What is on each account by what two people have approved and what banks have told.
fn moved(county: &County) -> Balances {
    let mut balances = Balances::new();
    let mut add = |account: RecordId, fen: i64| *balances.entry(account).or_default() += fen;
    for (_, transfer) in county.all::<Transfer>() {
        if transfer.approvals.len() == 2 {
            add(transfer.from, -transfer.amount.0);
            add(transfer.to, transfer.amount.0);
        }
    }
    for (_, batch) in county.all::<PaymentBatch>() {
        for payment in &batch.payments {
            if batch.approvals.len() == 2 {
                add(batch.from, -payment.amount.0);
                add(batch.transit, payment.amount.0);
            }
        }
    }
    for (_, returned) in county.all::<PaymentReturn>() {
        for result in &returned.results {
            add(returned.transit, -result.amount.0);
            let back = result.fault.is_some();
            let to = if back { returned.from } else { returned.payees };
            add(to, result.amount.0);
        }
    }
    balances
}

type Figures = BTreeMap<(u32, String), i64>;

/// The totals of every area are those that counting its records gives.
pub fn totals(county: &County) {
    let reader = county.reader();
    recounted(county);
    let areas = county.records.values().map(|record| record.area);
    let around = areas.flat_map(|area| area.ancestors_inclusive());
    for area in BTreeSet::from_iter(around) {
        let mut figures = Figures::new();
        for period in reader.periods(&area).unwrap() {
            let of = reader.totals(&area, Period::from_number(period)).unwrap();
            let of = of.into_iter();
            figures.extend(of.map(|(dimension, value)| ((period, dimension), value)));
        }
        let counted = counted(county, &area);
        if figures != counted {
            let differs = |(key, value): &(&(u32, String), &i64)| counted.get(*key) != Some(*value);
            let kept: Vec<_> = figures.iter().filter(differs).collect();
            let missing = |(key, value): &(&(u32, String), &i64)| figures.get(*key) != Some(*value);
            let wanted: Vec<_> = counted.iter().filter(missing).collect();
            panic!("area {area:?}: the totals say {kept:?}, counting gives {wanted:?}");
        }
        committed(county, &area, &figures);
    }
}

/// The registry adds up to the same from its records, in every area by itself.
fn recounted(county: &County) {
    struct Nobody;
    impl Witness for Nobody {
        fn goes_on(&mut self, done: u64, of: u64) {
            assert!(done <= of);
        }

        fn differs(&mut self, difference: Difference) {
            panic!("{difference:?}");
        }
    }
    for within in ["", "36", COUNTY, TOWNSHIPS[0], VILLAGES[0]] {
        let within = area(within);
        let open = county.records.values().filter(|record| !record.closed);
        let inside = open.filter(|record| within.contains(&record.area)).count();
        let recounted = county.reader().recount(&within, &mut Nobody).unwrap();
        assert_eq!(recounted.records, inside as u64, "{within:?}");
        assert_eq!(recounted.differences, 0);
    }
}

/// What households add to the figures that are committed is the whole of these figures, and nobody adds less than nothing.
fn committed(county: &County, area: &AreaCode, figures: &Figures) {
    let year = |year| Period::year(Year::new(year).unwrap());
    for period in [Period::NOW, year(2014), year(2015), year(2016)] {
        let dimensions = Dimensions::of(period).unwrap();
        let mut all = Contributions::to(dimensions.clone(), period);
        let open = county.records.values().filter(|record| !record.closed);
        open.filter(|record| area.contains(&record.area))
            .for_each(|record| all.add(record));
        let each = all.into_each().unwrap();
        for (place, dimension) in dimensions.as_slice().iter().enumerate() {
            let sum: u64 = each.iter().map(|of_one| of_one.values[place]).sum();
            let key = (period.number(), dimension.name.to_string());
            let total = figures.get(&key).copied().unwrap_or_default();
            assert_eq!(i64::try_from(sum), Ok(total), "{key:?} of {area:?}");
        }
    }
}

fn counted(county: &County, area: &AreaCode) -> Figures {
    let mut figures = Figures::new();
    let mut count = |tally: Tally| {
        let key = (tally.period.number(), tally.dimension.into_owned());
        *figures.entry(key).or_default() += tally.value;
    };
    let mut covered: BTreeMap<(Index, RecordId), Vec<Vec<u8>>> = BTreeMap::new();
    let mut how = BTreeMap::new();
    let open = county.records.values().filter(|record| !record.closed);
    for record in open.filter(|record| area.contains(&record.area)) {
        record.body.tallies().into_iter().for_each(&mut count);
        for coverage in record.body.coverages() {
            let key = (coverage.index, coverage.subject);
            let own = record.body.keys().into_iter();
            let terms = own.filter(|own| own.index == coverage.index);
            let terms = terms.filter_map(|own| match own.term {
                Term::Open(term) => term
                    .strip_prefix(&coverage.subject.0[..])
                    .map(<[u8]>::to_vec),
                Term::Blind(_) => None,
            });
            covered.entry(key).or_default().extend(terms);
            how.insert(key, coverage.tallies);
        }
    }
    for (key, terms) in covered {
        let terms: Vec<&[u8]> = terms.iter().map(Vec::as_slice).collect();
        how[&key](&terms).into_iter().for_each(&mut count);
    }
    figures.retain(|_, value| *value != 0);
    figures
}

/// A registry that is built from the log alone has the same rows byte for byte, and gives back every record.
pub fn rebuilt(county: &mut County) {
    records(county);
    let before = county.store().rows();
    county.rebuild();
    let after = county.store().rows();
    for (key, value) in &before {
        assert_eq!(
            after.get(key),
            Some(value),
            "row {key:02x?} of the registry"
        );
    }
    let made = after.keys().find(|key| !before.contains_key(*key));
    assert_eq!(made, None, "a row that only the rebuilt registry has");
    records(county);
    let report = county.store().verify(&mut |_| ()).unwrap();
    assert!(report.is_sound(), "{report:?}");
}

/// The store has the records that were accepted, as they were accepted, and no others.
fn records(county: &County) {
    let reader = county.reader();
    for record in county.records.values() {
        let stored = reader.get(&record.id).unwrap().unwrap();
        assert_eq!(stored.into_record().as_ref(), Some(record));
    }
    for kind in Kind::ALL {
        for lifecycle in [Lifecycle::Open, Lifecycle::Closed] {
            let listing = Listing {
                kind: *kind,
                area: AreaCode::NATION,
                lifecycle,
                after: None,
                limit: 100_000,
            };
            let mut listed = reader.list_ids(&listing).unwrap().items;
            listed.sort();
            let own = county.records.values().filter(|record| {
                record.body.kind() == *kind && record.closed == (lifecycle == Lifecycle::Closed)
            });
            assert!(
                listed.iter().eq(own.map(|record| &record.id)),
                "{kind:?} {lifecycle:?}"
            );
        }
    }
}

/// What is handed out on the way to the archive.
#[derive(Default)]
struct Seen {
    books: BTreeMap<AreaCode, Sums>,
    ledgers: BTreeMap<AreaCode, Sums>,
}

impl Receiver<Error> for Seen {
    fn book(&mut self, book: &Book) -> Result<(), Error> {
        let table = book.table();
        let cards = book.cards();
        assert_eq!(table.rows.len(), cards.len(), "a row for each card");
        for (row, card) in table.rows.iter().zip(&cards) {
            let people = Value::Count(i64::try_from(card.tables[0].rows.len()).unwrap());
            assert_eq!(row[3], people, "people in the book and on the card");
        }
        assert_eq!(sum(&table, 3), Some(book.of.sums.people));
        assert_eq!(i64::try_from(cards.len()).unwrap(), book.of.sums.households);
        self.books.insert(book.of.area, book.of.sums.clone());
        Ok(())
    }

    fn ledger(&mut self, ledger: &Ledger) -> Result<(), Error> {
        adds_up(&ledger.table());
        self.ledgers.insert(ledger.of.area, ledger.of.sums.clone());
        Ok(())
    }
}

/// The sum of a column of counts.
fn sum(table: &Table, column: usize) -> Option<i64> {
    let counts = table.rows.iter().map(|row| match row[column] {
        Value::Count(count) => Some(count),
        _ => None,
    });
    counts.sum()
}

/// Households, people, paired and helped, and every type and cause.
fn adds_up(table: &Table) {
    let total = table.total.as_ref().unwrap();
    for (column, cell) in total.iter().enumerate() {
        if let Value::Count(count) = cell {
            assert_eq!(
                sum(table, column),
                Some(*count),
                "column {column} of {:?}",
                table.title
            );
        }
    }
}

/// Cards, books, ledgers and archive say the same, and what the records say.
pub fn views(county: &mut County) {
    let of = area(COUNTY);
    let year = Year::new(2015).unwrap();
    let clock: Arc<dyn Clock> = county.clock.clone();
    let host = Host::in_process(Engine::new(Limits::default()).unwrap());
    let policies = Policies::new(host, Trust::default(), county.temp.path());
    let gateway = Gateway::new(county.store.take().unwrap(), clock, of, policies);
    let caller = Caller::node(NODE, of).unwrap();
    let mut seen = Seen::default();
    let archive: Result<Archive, Error> = gateway.archive(&caller, &of, year, &mut seen);
    let archive = archive.unwrap();
    adds_up(&archive.table());
    let whole = archive.of.sums;
    let reader = gateway.reader();
    for (within, parts) in [(&of, &seen.ledgers), (&of, &seen.books)] {
        let mut together = Sums::default();
        parts.values().for_each(|sums| together.add(sums));
        assert_eq!(together, whole, "the parts of {within:?}");
    }
    for (area, sums) in seen
        .books
        .iter()
        .chain(&seen.ledgers)
        .chain([(&of, &whole)])
    {
        assert_eq!(*sums, amounts(county, area, year), "{area:?}");
        let totals = reader.totals(area, Period::NOW).unwrap();
        let total = |dimension: &str| totals.get(dimension).copied().unwrap_or_default();
        assert_eq!(
            (sums.households, sums.people),
            (total("households"), total("people"))
        );
    }
    drop(gateway);
    county.open();
}

/// What the households of an area amount to, from the records as they were accepted.
fn amounts(county: &County, area: &AreaCode, year: Year) -> Sums {
    let mut sums = Sums::default();
    let mut households = county.all::<Household>();
    households.retain(|(record, _)| area.contains(&record.area));
    for (record, household) in households {
        let is_own = |id: &RecordId| *id == record.id;
        sums.households += 1;
        sums.people += i64::try_from(county.members(&record.id).len()).unwrap();
        let mut pairings = county.all::<Pairing>().into_iter();
        let paired = pairings.any(|(_, it)| is_own(&it.household) && it.responsible);
        sums.paired += i64::from(paired);
        let mut measures = county.all::<Measure>().into_iter();
        let helped =
            measures.any(|(_, it)| it.household.as_ref().is_some_and(is_own) && it.until.is_none());
        sums.with_measure += i64::from(helped);
        for (_, income) in county.all::<IncomeStatement>() {
            if is_own(&income.household) && income.year == year {
                let sources = [
                    income.wages,
                    income.business,
                    income.property,
                    income.transfers,
                ];
                sums.net += sources.iter().map(|fen| fen.0).sum::<i64>() - income.expenses.0;
                sums.persons += i64::from(income.persons);
            }
        }
        let kind = household.household_type.to_string();
        *sums.by_type.entry(kind).or_default() += 1;
        if let Some(cause) = &household.main_cause {
            *sums.by_cause.entry(cause.to_string()).or_default() += 1;
        }
    }
    sums
}
