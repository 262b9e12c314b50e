//! Totals stay right whatever happens to households (S1.4): whoever counts once counts once in the village, and once in
//! everything around it, also while what is written about them stands in two villages.

use std::collections::{BTreeMap, BTreeSet};

use lika_core::{
    cases::Records,
    household_life::{self, Life, Person, What},
    record::{Index, Key, Measure},
};
use proptest::prelude::*;

use super::*;

struct Read(Reader);

impl Records for Read {
    type Error = Error;

    fn record(&self, id: &RecordId) -> Result<Option<Record>, Error> {
        Ok(self.0.get(id)?.and_then(crate::store::Stored::into_record))
    }

    fn under(&self, key: &Key) -> Result<Vec<RecordId>, Error> {
        self.0.find(key)
    }
}

/// Four households in two villages, each with two members, a helper, and a measure for the household and one for a member.
fn families(store: &Store) {
    store.submit_blocking(begin()).unwrap();
    store.submit_blocking(cadre(1)).unwrap();
    for number in 0..4 {
        store.submit_blocking(registered(number)).unwrap();
        let second = number * 100 + 1;
        let body = member(second, number, "10");
        let mut changes = vec![Change::create(id("member", second), village(number), body)];
        let kinds = lika_core::codes::list("measure-kind").unwrap().entries;
        for (place, of) in [None, Some(id("member", second))].into_iter().enumerate() {
            let body = Measure {
                household: Some(id("household", number)),
                member: of,
                kind: code(kinds[0].code),
                project: None,
                from: date(2026, 1, 1),
                until: None,
                amount: None,
                results: Vec::new(),
            };
            let place = u32::try_from(place).unwrap();
            changes.push(Change::create(
                id("measure", number * 2 + place),
                village(number),
                body,
            ));
        }
        store
            .submit_blocking(command(&format!("family {number}"), changes))
            .unwrap();
        store
            .submit_blocking(pairing(number, number, 1, true))
            .unwrap();
    }
}

fn open_of(reader: &Reader, kind: Kind) -> Vec<RecordId> {
    let listing = Listing {
        kind,
        area: AreaCode::NATION,
        lifecycle: Lifecycle::Open,
        after: None,
        limit: 100_000,
    };
    reader.list_ids(&listing).unwrap().items
}

type Figures = BTreeMap<(u32, String), i64>;

/// The totals of an area, counted anew from all open records and from nothing else.
fn recount(reader: &Reader, area: &AreaCode) -> Figures {
    let mut figures = Figures::new();
    let mut count = |tally: lika_core::rollup::Tally| {
        let key = (tally.period.number(), tally.dimension.into_owned());
        *figures.entry(key).or_default() += tally.value;
    };
    let mut covered: BTreeMap<(Index, RecordId), Vec<Vec<u8>>> = BTreeMap::new();
    let mut how = BTreeMap::new();
    for id in Kind::ALL.iter().flat_map(|kind| open_of(reader, *kind)) {
        let record = reader.get(&id).unwrap().unwrap().into_record().unwrap();
        if !area.contains(&record.area) {
            continue;
        }
        record.body.tallies().into_iter().for_each(&mut count);
        for coverage in record.body.coverages() {
            let key = (coverage.index, coverage.subject);
            for own in record.body.keys() {
                if let lika_core::record::Term::Open(term) = own.term
                    && own.index == coverage.index
                {
                    let term = term.strip_prefix(&coverage.subject.0[..]).unwrap();
                    covered.entry(key).or_default().push(term.to_vec());
                }
            }
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

fn totals(reader: &Reader, area: &AreaCode) -> Figures {
    let mut figures = Figures::new();
    for period in reader.periods(area).unwrap() {
        let of = reader.totals(area, Period::from_number(period)).unwrap();
        figures.extend(
            of.into_iter()
                .map(|(dimension, value)| ((period, dimension), value)),
        );
    }
    figures
}

fn assert_counted(reader: &Reader) {
    for digits in ["", "36", COUNTY, TOWNSHIP, VILLAGES[0], VILLAGES[1]] {
        let area = area(digits);
        assert_eq!(
            totals(reader, &area),
            recount(reader, &area),
            "area {digits:?}"
        );
    }
}

/// What may happen, by numbers.
fn of_numbers(reader: &Reader, (what, first, second, place): (u8, usize, usize, u32)) -> Life {
    let people = open_of(reader, Kind::Member);
    let households = open_of(reader, Kind::Household);
    let (member, other) = (people[first % people.len()], people[second % people.len()]);
    let household = match reader.get(&member).unwrap().unwrap().body {
        Ok(Body::Member(member)) => member.household,
        other => panic!("{other:?}"),
    };
    let what = match what {
        0 => What::Split {
            members: vec![member],
            head: member,
            number: None,
        },
        1 => What::Merge {
            into: households[second % households.len()],
        },
        2 | 3 => What::Move {
            to: village(place),
            address: None,
        },
        4 => What::Death { member },
        5 | 6 => What::Join {
            member: other,
            relation: code("97"),
        },
        _ => What::Birth(Person {
            name: Name::parse("新生").unwrap(),
            document: IdentityDocument::None {
                reason: code("not-issued"),
            },
            sex: None,
            relation: code("20"),
            birth_year: None,
        }),
    };
    Life {
        household,
        on: date(2026, 11, 20),
        reason: Some(code("other")),
        note: None,
        heir: Some(other),
        relations: people.iter().map(|id| (*id, code("97"))).collect(),
        what,
    }
}

/// Lets it happen; whether it was allowed.
fn happen(store: &Store, number: u32, life: &Life) -> bool {
    let ids = |place| id("made", number * 1000 + place);
    let Ok(plan) = household_life::plan(&Read(store.reader()), life, ids) else {
        return false;
    };
    let command = command(&format!("life {number}"), plan.changes);
    match store.submit_blocking(command) {
        Ok(_) => true,
        Err(Error::Refused(_)) => false,
        Err(error) => panic!("{error}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn s1_4_after_whatever_happens_the_totals_are_what_counting_gives(
        happenings in proptest::collection::vec((0_u8..8, 0_usize..9, 0_usize..9, 0_u32..2), 1..14),
    ) {
        let (world, _disk) = World::simulated();
        let store = world.open().unwrap();
        families(&store);
        assert_counted(&store.reader());
        for (number, numbers) in (1..).zip(happenings) {
            if open_of(&store.reader(), Kind::Member).is_empty() {
                break;
            }
            let life = of_numbers(&store.reader(), numbers);
            happen(&store, number, &life);
            assert_counted(&store.reader());
        }
        assert_sound(&store);
    }
}

#[test]
fn somebody_with_measures_in_two_villages_counts_once_around_them() {
    let (world, _disk) = World::simulated();
    let store = world.open().unwrap();
    families(&store);
    let before: BTreeSet<_> = totals(&store.reader(), &area(COUNTY)).into_iter().collect();
    // A member marries into the next village, and is given the same measure there.
    let marries = Life {
        household: id("household", 1),
        on: date(2026, 11, 20),
        reason: Some(code("marriage")),
        note: None,
        heir: None,
        relations: BTreeMap::new(),
        what: What::Join {
            member: id("member", 1),
            relation: code("38"),
        },
    };
    assert!(happen(&store, 1, &marries));
    let kinds = lika_core::codes::list("measure-kind").unwrap().entries;
    let again = Measure {
        household: Some(id("household", 1)),
        member: Some(id("member", 1)),
        kind: code(kinds[0].code),
        project: None,
        from: date(2026, 2, 1),
        until: None,
        amount: None,
        results: Vec::new(),
    };
    let again = Change::create(id("measure", 100), village(1), again);
    store
        .submit_blocking(command("again", vec![again]))
        .unwrap();
    assert_counted(&store.reader());
    let once = format!("people-helped/{}", kinds[0].code);
    let after: BTreeSet<_> = totals(&store.reader(), &area(COUNTY)).into_iter().collect();
    let changed: Vec<_> = after.difference(&before).collect();
    assert!(
        changed
            .iter()
            .all(|((_, dimension), _)| !dimension.starts_with(&once)),
        "{changed:?}"
    );
    assert_sound(&store);
}
