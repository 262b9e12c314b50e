//! Whole-village batches on the command line and through the public API (S1.5).

use lika_proto::{
    log::v1 as log,
    v1::{self, record::Body},
};
use lika_tests::{Node, Officer, Ran, create, request};
use serde_json::Value;

const COUNTY: &str = "360323";
const TOWNSHIP: &str = "360323101";
const VILLAGES: [&str; 3] = ["360323101201", "360323101202", "360323101203"];

fn area(code: &str, is_key: bool) -> v1::Change {
    let period = log::Period {
        from: 20_160_101,
        until: 0,
    };
    let open = log::area::Open {
        code: code.to_owned(),
        name: "某地".to_owned(),
        key_village: Vec::from_iter(is_key.then_some(period)),
        ..log::area::Open::default()
    };
    create(code, Body::AreaRecord(log::Area { open: Some(open) }))
}

/// The first two villages are key villages.
struct County {
    node: Node,
}

impl County {
    #[track_caller]
    fn new() -> Self {
        let node = Node::luxi();
        let mut areas = vec![area(TOWNSHIP, false)];
        areas.extend(
            VILLAGES
                .iter()
                .enumerate()
                .map(|(place, code)| area(code, place < 2)),
        );
        node.client().apply(request(), areas).unwrap();
        Officer::appoint(&node, "xia", "county-office", COUNTY);
        Self { node }
    }

    fn run(&self, login: &str, line: &str) -> Ran {
        let mut arguments: Vec<&str> = line.split_whitespace().collect();
        arguments.extend(["--json", "--as", login]);
        self.node.run(&arguments, &[])
    }

    #[track_caller]
    fn done(&self, login: &str, line: &str) -> Value {
        self.run(login, line).done().json()
    }

    #[track_caller]
    fn batches(&self) -> Value {
        self.done("admin", "village batches")["batches"].clone()
    }
}

#[test]
fn s1_5_a_batch_says_how_far_its_villages_are() {
    let county = County::new();
    let plan = format!("village plan 第一批 --area {COUNTY} --from 2016-01-01 --until 2018-01-01");
    let [one, other, no_key_village] = VILLAGES;
    county
        .run("admin", &format!("{plan} --village {no_key_village}"))
        .refused("not-a-key-village");
    assert_eq!(
        county.batches(),
        Value::Array(Vec::new()),
        "nothing is written"
    );
    let planned = county.done(
        "admin",
        &format!("{plan} --village {one} --village {other}"),
    );
    let batch = planned["batch"].as_str().unwrap();
    county
        .run("admin", &format!("{plan} --village {one}"))
        .refused("already-in-batch");

    let propose = |area: &str| {
        let line = format!("project propose 村组道路 --area {area} --type road --year 2016");
        let more = "--budget county-budget=60000 --on 2016-02-01";
        county.run("admin", &format!("{line} {more} --batch {batch}"))
    };
    propose(no_key_village).refused("not-in-batch");
    for (village, is_accepted) in [(one, true), (other, false)] {
        let proposed = propose(village).done().json();
        let project = proposed["project"].as_str().unwrap();
        let mut stages = vec![("approved", "xia", "")];
        if is_accepted {
            stages.extend([("contracted", "admin", ""), ("noticed", "admin", "")]);
            stages.extend([
                ("under-way", "admin", ""),
                ("accepted", "xia", "--amount 58000"),
            ]);
        }
        for (stage, login, more) in stages {
            let line = format!("project advance {project} {stage} --on 2016-02-01 {more}");
            county.done(login, &line);
        }
    }
    let found = &county.batches()[0];
    let figures = [
        "villages",
        "projects",
        "accepted",
        "budget",
        "actual",
        "reimbursed",
    ];
    let figures = figures.map(|figure| found[figure].as_i64().unwrap());
    assert_eq!(figures, [2, 2, 1, 12_000_000, 5_800_000, 0], "{found}");
    assert_eq!(
        county.node.client().totals(COUNTY)["villages-in-batches@2016"],
        2
    );
}
