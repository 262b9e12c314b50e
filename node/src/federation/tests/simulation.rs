//! Whole provinces in simulated time: every node has the real states of its links, messages are encoded as on the line,
//! and one seeded scheduler decides what happens next.
//!
//! ```text
//!                 province                 what may happen, one thing at a time:
//!               ╱    │    ╲                  a message arrives, or arrives twice
//!    prefecture  prefecture  prefecture      a node makes durable what it was asked to, or loses it and starts anew
//!     ╱ ╱ │ ╲      ╱ │ ╲      ╱ │ ╲          a line is cut, with messages on it
//!    county …     county …   county …        a county writes, joins, or moves to another parent
//! ```
//!
//! A delay is a thing that is not chosen for a long time. Afterwards all that is left happens, and then every tier must
//! have the same logs, count the same, and have kept all that it promised.
//!
//! A failure names its seed. To see it again, put that seed alone into the test's range of seeds: a schedule depends on
//! nothing else.

mod model;
mod schedule;
mod stored;
mod world;

use std::ops::Range;

use lika_core::value::NodeId;

use self::{
    model::Model,
    schedule::Storm,
    stored::Stored,
    world::{Keeper, World},
};

/// Three prefectures and twenty counties under one province.
const PROVINCE: [usize; 3] = [7, 7, 6];

fn run<K: Keeper>(seeds: Range<u64>, prefectures: &[usize], storm: Storm) {
    let mut seen = schedule::Seen::default();
    for seed in seeds {
        // Says which one it was when an assertion far below fails.
        let _named = Named(seed);
        let mut world = World::<K>::new(seed, prefectures);
        world.storm(storm, &mut seen);
        world.settle();
        world.must_agree();
    }
    seen.must_be_worth_it(storm);
}

struct Named(u64);

impl Drop for Named {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the schedule with seed {} fails", self.0);
        }
    }
}

const STORM: Storm = Storm {
    steps: 2_500,
    crashes: 3,
    cuts: 12,
    duplicates: 12,
    moves: 3,
    writes: 25,
};

#[test]
fn a_province_settles_after_any_storm() {
    run::<Model>(0..80, &PROVINCE, STORM);
}

#[test]
fn a_province_settles_after_any_storm_of_the_second_kind() {
    run::<Model>(80..160, &PROVINCE, STORM);
}

#[test]
fn a_province_settles_when_nodes_hardly_ever_stay_up() {
    let storm = Storm {
        crashes: 25,
        cuts: 40,
        ..STORM
    };
    run::<Model>(1_000..1_080, &PROVINCE, storm);
}

#[test]
fn a_province_settles_when_lines_hardly_ever_stay_up() {
    let storm = Storm {
        cuts: 100,
        duplicates: 60,
        ..STORM
    };
    run::<Model>(2_000..2_080, &PROVINCE, storm);
}

#[test]
fn a_province_of_real_stores_settles_after_any_storm() {
    let storm = Storm {
        steps: 500,
        crashes: 10,
        ..STORM
    };
    run::<Stored>(0..2, &PROVINCE, storm);
}

#[test]
fn a_prefecture_of_real_stores_settles_after_any_storm() {
    let storm = Storm {
        steps: 300,
        crashes: 25,
        ..STORM
    };
    run::<Stored>(10..22, &[2], storm);
}

/// A county's disk is put back to an older state: the node above finds it at the next contact, and nobody else waits.
#[test]
fn a_rolled_back_county_is_named_and_stops_no_other() {
    for seed in 0..20 {
        let _named = Named(seed);
        let mut world = World::<Model>::new(seed, &[3, 2]);
        world.storm(STORM, &mut schedule::Seen::default());
        world.settle();
        let county = world.counties()[1];
        world.write(county, 5);
        world.settle();
        world.roll_back(county, 3);
        for county in world.counties() {
            world.write(county, 1 + county % 3);
        }
        world.run_for(std::time::Duration::from_secs(3_600));
        let forked: Vec<NodeId> = world.forked();
        assert_eq!(forked, [world.node(county)]);
        world.must_agree_but(&[county]);
    }
}

/// Lines come and go for a week, nodes restart every few hours, and counties write all the while.
#[test]
fn a_week_of_flapping_lines_loses_nothing_and_dials_no_more_than_it_must() {
    let mut world = World::<Model>::new(7, &[2, 1]);
    let flaps = world.flap_for(std::time::Duration::from_secs(7 * 24 * 3_600));
    world.settle();
    world.must_agree();
    assert!(flaps > 2_000, "only {flaps} lines were cut in a week");
    let dials = world.dials();
    let nodes = world.nodes();
    // A line that is cut is dialled once, or again and again with doubled waits while the node above is away.
    assert!(dials < 3 * flaps + nodes, "{dials} calls for {flaps} cuts");
}
