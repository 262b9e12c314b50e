//! Roll-ups that can be verified: added up once more, committed to, and inspected leaf by leaf.

use lika_proto::v1::record::Body;
use lika_tests::{Node, Officer, Pair, Ran, Sample, lika, request};
use serde_json::Value;

const COUNTY: &str = "360323";
/// Drawn once, so that every run opens the same leaves.
const SEED: &str = "5b3c0e9a7d1f42688e21b7c4d0f9a6355b3c0e9a7d1f42688e21b7c4d0f9a635";
const HOUSEHOLDS: usize = 120;

fn run(node: &Node, login: &str, line: &str) -> Ran {
    let mut arguments: Vec<&str> = line.split_whitespace().collect();
    arguments.extend(["--json", "--as", login]);
    node.run(&arguments, &[])
}

#[track_caller]
fn done(node: &Node, login: &str, line: &str) -> Value {
    run(node, login, line).done().json()
}

fn stopped(node: &Node) -> Ran {
    let config = node.config();
    let arguments = ["rollup", "verify", "--stopped", "--json", "--config"];
    let arguments = arguments.map(std::ffi::OsStr::new);
    lika(arguments.into_iter().chain([config.as_os_str()]))
}

/// Sets a total behind the back of a node that does not run.
fn tamper(node: &Node, area: &str, dimension: &str, value: i64) {
    let tree = sled::open(node.data().join("registry")).unwrap();
    let level = match area.len() {
        6 => 3,
        9 => 4,
        12 => 5,
        other => panic!("{other} digits"),
    };
    let mut key = vec![8, level];
    key.extend_from_slice(area.as_bytes());
    key.resize(2 + 12 + 4, 0);
    key.extend_from_slice(dimension.as_bytes());
    assert!(
        tree.contains_key(&key).unwrap(),
        "{area} has no {dimension}"
    );
    tree.insert(key, &value.to_be_bytes()).unwrap();
    tree.flush().unwrap();
}

#[test]
fn a_total_that_is_not_what_the_records_add_up_to_is_named() {
    let (mut node, sample) = Node::with_households(HOUSEHOLDS);
    let verified = done(&node, "admin", "rollup verify");
    assert_eq!(verified["agrees"], true, "{verified}");
    assert!(verified["records"].as_u64().unwrap() > sample.people().cast_unsigned());
    let village = sample.county.households[0].village.digits().to_owned();
    node.stop();
    assert_eq!(stopped(&node).done().json()["totals"], verified["totals"]);

    tamper(&node, COUNTY, "people", 1_000_000);
    tamper(&node, &village, "households", 77);
    let found = stopped(&node);
    assert_eq!(found.code, Some(1), "{found:?}");
    let found = found.json();
    let named: Vec<String> = found["differences"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| {
            format!(
                "{} {} {} {}",
                it["area"], it["period"], it["dimension"], it["maintained"]
            )
        })
        .collect();
    let expected = [
        format!("\"{village}\" 0 \"households\" 77"),
        format!("\"{COUNTY}\" 0 \"people\" 1000000"),
    ];
    assert_eq!(named, expected);
    let people = &found["differences"][1]["recounted"];
    assert_eq!(people.as_i64(), Some(sample.people()));
    // The node makes its totals again, at once or, where it finds by itself what is wrong, when it is started again.
    let agrees = |node: &mut Node| {
        node.start();
        let verified = run(node, "admin", "rollup verify");
        node.ended_well() && verified.code == Some(0)
    };
    assert!(agrees(&mut node) || agrees(&mut node), "{}", node.said());
    node.start();
    // Whoever may read totals of a village may have those of the village added up, and no others.
    Officer::appoint(&node, "chun", "village-cadre", &village);
    let own = run(&node, "chun", &format!("rollup verify --area {village}"));
    assert_eq!(own.done().json()["agrees"], true);
    run(&node, "chun", &format!("rollup verify --area {COUNTY}")).refused("denied");
}

#[test]
fn what_is_committed_stays_and_every_leaf_of_it_can_be_opened() {
    let (mut node, sample) = Node::with_households(HOUSEHOLDS);
    Officer::appoint(&node, "shen", "auditor", COUNTY);
    let committed = done(&node, "admin", &format!("rollup commit --area {COUNTY}"));
    let totals = node.client().totals(COUNTY);
    for (dimension, total) in committed["totals"].as_object().unwrap() {
        let known = totals.get(dimension).copied().unwrap_or_default();
        assert_eq!(total.as_i64(), Some(known), "{dimension}");
    }
    assert_eq!(committed["leaves"], HOUSEHOLDS);
    assert_eq!(
        committed["totals"]["people"].as_i64(),
        Some(sample.people())
    );

    let root = committed["root"].as_str().unwrap();
    let inspect = format!("rollup inspect --leaves 30 --seed {SEED} --root {root}");
    let inspected = done(&node, "shen", &inspect);
    assert_eq!(inspected["holds"], true, "{inspected}");
    let opened = inspected["opened"].as_array().unwrap();
    assert_eq!(opened.len(), 30);
    for leaf in opened {
        // What it stands for can be looked up on the spot.
        let id = uuid::Uuid::parse_str(leaf["household"].as_str().unwrap()).unwrap();
        let record = node.client().get(id.as_bytes()).unwrap();
        assert!(
            matches!(record.body, Some(Body::Household(_))),
            "{record:?}"
        );
        assert_eq!(leaf["adds"]["households"], 1, "{leaf}");
    }
    // 30 of 120: one phantom is found with 25 %.
    assert_eq!(inspected["finds"][0]["ppm"], 250_000);

    // Everything may change, also the node's process: what was committed does not.
    let household = opened[0]["household"].as_str().unwrap();
    let closed = [household];
    let before = inspected["opened"].clone();
    assert_eq!(closed.len(), 1);
    node.client()
        .apply(request(), sample_of_another(&sample))
        .unwrap();
    node.kill();
    node.start();
    let again = done(&node, "shen", &inspect);
    assert_eq!(
        (&again["opened"], &again["holds"]),
        (&before, &Value::Bool(true))
    );
    let all = done(
        &node,
        "shen",
        &format!("rollup inspect --leaves 5000 --seed {SEED}"),
    );
    assert_eq!(all["opened"].as_array().unwrap().len(), HOUSEHOLDS);
    assert_eq!(all["finds"][0]["ppm"], 1_000_000);
    let later = done(&node, "admin", &format!("rollup commit --area {COUNTY}"));
    assert_ne!(later["root"], committed["root"]);
    // A year has figures of its own, and a village its own households.
    let village = sample.county.households[0].village.digits();
    for line in [
        format!("rollup commit --area {COUNTY} --period 2016"),
        format!("rollup commit --area {village}"),
    ] {
        done(&node, "admin", &line);
    }
    let line = format!("rollup inspect --area {village} --leaves 3 --seed {SEED}");
    assert_eq!(done(&node, "shen", &line)["holds"], true);
    // The root that the upper node has is not the one that is shown.
    let other = later["root"].as_str().unwrap();
    let commitment = committed["commitment"].as_str().unwrap();
    let line = format!("rollup inspect --commitment {commitment} --root {other}");
    let refused = run(&node, "shen", &line);
    assert_eq!(refused.code, Some(1), "{refused:?}");
}

#[test]
fn a_commitment_is_made_by_the_node_alone_and_opened_by_it_alone() {
    let pair = Pair::start();
    let sample = Sample::of(30);
    sample.fill(&pair.county);
    Officer::appoint(&pair.county, "chun", "township-officer", COUNTY);
    run(&pair.county, "chun", "rollup commit").refused("denied");
    run(&pair.county, "admin", "rollup commit --period 201603").refused("malformed-request");
    let uuid = "5f0c9ad2-1d0f-4a77-9f56-0d2b7f0f1a11";
    let commit = format!("rollup commit --area {COUNTY} --request {uuid}");
    let committed = done(&pair.county, "admin", &commit);
    assert_eq!(done(&pair.county, "admin", &commit), committed, "once");
    pair.must_agree();

    // The province has the same commitment, and totals that are what it was sent.
    let commitment = committed["commitment"].as_str().unwrap();
    let verified = done(&pair.province, "admin", "rollup verify");
    assert_eq!(verified["agrees"], true, "{verified}");
    let inspect = format!("rollup inspect --commitment {commitment} --leaves 3");
    run(&pair.province, "admin", &inspect).refused("commitment-of-another-node");
    assert_eq!(done(&pair.county, "admin", &inspect)["holds"], true);

    // Nobody writes one by hand, nor changes one.
    let id = uuid::Uuid::parse_str(commitment).unwrap();
    let client = pair.county.client();
    let mut record = client.get(id.as_bytes()).unwrap();
    for action in [
        lika_proto::log::v1::Action::Change,
        lika_proto::log::v1::Action::Create,
    ] {
        if action == lika_proto::log::v1::Action::Create {
            record.id = request().to_vec();
            record.revision = 0;
        }
        let change = lika_proto::v1::Change {
            action: action.into(),
            expected_revision: record.revision,
            record: Some(record.clone()),
        };
        let refused = client.apply(request(), vec![change]).unwrap_err();
        assert!(
            format!("{refused:?}").contains("made-by-the-node"),
            "{refused:?}"
        );
    }
}

/// A household more.
fn sample_of_another(sample: &Sample) -> Vec<lika_proto::v1::Change> {
    let village = sample.county.households[0].village.digits();
    lika_tests::household(900, "general", village).to_vec()
}
