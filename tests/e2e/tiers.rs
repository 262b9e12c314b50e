//! County, prefecture and province as processes: what the county writes reaches every tier once, whoever is killed.

use std::{thread, time::Duration};

use lika_proto::v1;
use lika_tests::{Tier, Tiers, apply, area, below, household, request};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

const TOWNSHIP: &str = "360323104";
const VILLAGE: &str = "360323104201";
/// Which node is killed when: the same every time, though not what it is doing then.
const SEED: u64 = 20_261_123;
const KILLS: usize = 9;
/// Households of one command.
const FEW: usize = 5;

/// Writes households until it is told that enough have been written. What has no answer is asked again, under the same
/// request, until it has one.
struct Office {
    written: usize,
    open: Option<([u8; 16], Vec<v1::Change>)>,
}

impl Office {
    fn write(&mut self, tiers: &Tiers) -> bool {
        let written = self.written;
        let (request, changes) = self.open.get_or_insert_with(|| {
            let numbers = written..written + FEW;
            let changes = numbers.flat_map(|number| household(number, "general", VILLAGE));
            (request(), changes.collect())
        });
        let client = tiers.county.try_client();
        let answer = client.map(|client| client.apply(*request, changes.clone()));
        let is_done = matches!(answer, Ok(Ok(_)));
        if is_done {
            self.open = None;
            self.written += FEW;
        }
        is_done
    }
}

#[test]
fn killed_at_random_again_and_again_all_three_tiers_have_the_same() {
    let mut rng = ChaCha8Rng::seed_from_u64(SEED);
    let mut tiers = Tiers::start();
    let areas = vec![area(TOWNSHIP), area(VILLAGE)];
    apply(&tiers.county.client(), areas);
    let mut office = Office {
        written: 0,
        open: None,
    };
    for kill in 0..KILLS {
        // Every tier three times, in an order of the seed.
        let tier = match (kill + rng.random_range(0..2)) % 3 {
            0 => Tier::Prefecture,
            1 => Tier::County,
            _ => Tier::Province,
        };
        for _ in 0..rng.random_range(1..6) {
            assert!(office.write(&tiers), "the county serves and takes nothing");
        }
        let moment = Duration::from_millis(rng.random_range(0..120));
        eprintln!("{tier:?} is killed after {moment:?} more");
        thread::scope(|scope| {
            let victim = tiers.node(tier).process();
            scope.spawn(move || {
                // Not a wait for anything: the moment of the kill is the point of the test.
                thread::sleep(moment);
                let victim = rustix::process::Pid::from_raw(victim.try_into().unwrap()).unwrap();
                rustix::process::kill_process(victim, rustix::process::Signal::KILL).unwrap();
            });
            while office.write(&tiers) && tier == Tier::County {}
        });
        tiers.node(tier).end();
        if tier != Tier::County {
            // The county goes on alone.
            assert!(office.write(&tiers), "the county waits for {tier:?}");
        }
        tiers.start_one(tier);
    }
    while office.open.is_some() {
        office.write(&tiers);
    }
    let households = i64::try_from(office.written).unwrap();
    tiers.must_agree();
    assert_eq!(
        tiers.province.client().totals("36")["households"],
        households
    );

    let status = tiers.province.client().status();
    let county = below(&status, &tiers.county).unwrap();
    let prefecture = uuid::Uuid::parse_str(tiers.prefecture.id()).unwrap();
    assert_eq!(county.carried_by, prefecture.as_bytes());
    assert!(county.connected && county.refusal.is_empty(), "{county:?}");

    for tier in [Tier::County, Tier::Prefecture, Tier::Province] {
        tiers.node(tier).stop();
        tiers.node(tier).must_verify();
    }
}
