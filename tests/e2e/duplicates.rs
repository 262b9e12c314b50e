//! One person in two counties: found over real sockets, settled by both, and unknown to the province.

use std::{fs, path::Path};

use lika::{pki::Credentials, wire::tls};
use lika_core::value::{AreaCode, Digest};
use lika_proto::{
    log::v1::{self as log, Kind},
    v1::{self, duplicates_client::DuplicatesClient, record::Body},
};
use lika_tests::{Node, Ran, area, household, numbered, request, shown, until};
use serde_json::Value;
use tonic::{Request, Status, transport::Channel};
use tonic_types::StatusExt as _;

/// Of the person whom both have: as the new card and as the old one has it.
const NUMBER: &str = "360323197001011233";
const OLD_NUMBER: &str = "360323700101123";
/// What is fed to the function before the number.
const INPUT: &str = "lika.duplicates.document\0";
/// The person at the one county, and at the other.
const THERE: usize = 7;
const HERE: usize = 3;

/// Two counties below a prefecture that holds the key, below a province that compares.
struct World {
    province: Node,
    prefecture: Node,
    one: Node,
    other: Node,
}

/// Writes lines into the table of the configuration.
fn configure(node: &Node, lines: &str) {
    let text = fs::read_to_string(node.config()).unwrap();
    let table = "[duplicates]\n";
    assert!(text.contains(table), "{text}");
    fs::write(
        node.config(),
        text.replace(table, &format!("{table}{lines}\n")),
    )
    .unwrap();
}

fn enrol_for_comparing(county: &Node, province: &Node) {
    let (token, fingerprint) = province.invite(county, &["--node", county.id()]);
    let config = county.config();
    lika_tests::lika([
        "duplicates".as_ref(),
        "enrol".as_ref(),
        "comparing".as_ref(),
        "--config".as_ref(),
        config.as_os_str(),
        "--address".as_ref(),
        province.address().as_ref(),
        "--token".as_ref(),
        token.as_ref(),
        "--fingerprint".as_ref(),
        fingerprint.as_ref(),
    ])
    .done();
}

impl World {
    fn start() -> Self {
        let mut province = Node::create("36", "江西省");
        configure(&province, "compare = true");
        province.start();
        let mut prefecture = Node::create("3603", "萍乡市");
        prefecture.enrol(&province, province.address());
        let comparing = format!("hold_key = true\ncomparing_nodes = [\"{}\"]", province.id());
        configure(&prefecture, &comparing);
        prefecture.start();
        let counties = [("360323", "芦溪县"), ("360321", "莲花县")].map(|(digits, name)| {
            let mut county = Node::create(digits, name);
            county.enrol(&prefecture, prefecture.address());
            enrol_for_comparing(&county, &province);
            configure(&county, "every_seconds = 1");
            county.start();
            county
        });
        let [one, other] = counties;
        Self {
            province,
            prefecture,
            one,
            other,
        }
    }
}

/// Registers a household of one person with this number.
fn register(county: &Node, number: usize, document: &str) {
    let village = format!("{}104201", county.area());
    let mut changes = household(number, "general", &village);
    let record = changes[1].record.as_mut().unwrap();
    let Some(Body::Member(member)) = &mut record.body else {
        panic!("{record:?}");
    };
    member.identity = Some(log::member::Identity {
        name: "张三".to_owned(),
        document: Some(log::Document {
            r#type: "id-card".to_owned(),
            text: document.to_owned(),
            none_reason: String::new(),
        }),
        ..log::member::Identity::default()
    });
    county.client().apply(request(), changes.to_vec()).unwrap();
}

fn register_areas(county: &Node) {
    let digits = county.area();
    let areas = vec![
        area(&format!("{digits}104")),
        area(&format!("{digits}104201")),
    ];
    county.client().apply(request(), areas).unwrap();
}

fn list(node: &Node, more: &[&str]) -> Ran {
    node.run(&[&["duplicates", "list", "--json"], more].concat(), &[])
}

fn listed(node: &Node, more: &[&str]) -> Value {
    let ran = list(node, more);
    assert!(matches!(ran.code, Some(0 | 1)), "{ran:?}");
    ran.json()
}

fn alert_of(node: &Node) -> Value {
    until("the alert is there", || {
        let alerts = listed(node, &["--all"])["alerts"].clone();
        alerts.as_array().unwrap().first().cloned()
    })
}

fn resolve(county: &Node, alert: &str, keep: &str) -> Ran {
    let reason = ["--reason", "户口在本县"];
    let command = [
        &["duplicates", "resolve", alert, "--keep", keep],
        &reason[..],
    ]
    .concat();
    county.run(&command, &[])
}

fn until_state(node: &Node, state: &str) {
    until(&format!("the alert is {state}"), || {
        (alert_of(node)["state"] == state).then_some(())
    });
}

/// Whether any file below a folder has these bytes.
fn has(folder: &Path, bytes: &[u8]) -> bool {
    fs::read_dir(folder).unwrap().flatten().any(|entry| {
        let path = entry.path();
        match path.is_dir() {
            true => has(&path, bytes),
            false => {
                let content = fs::read(&path).unwrap_or_default();
                content.windows(bytes.len()).any(|window| window == bytes)
            }
        }
    })
}

fn transfers(node: &Node) -> Vec<log::ownership_transfer::Open> {
    let records = node
        .client()
        .list(Kind::OwnershipTransfer, node.area())
        .unwrap();
    let open = records.into_iter().filter_map(|record| match record.body {
        Some(Body::OwnershipTransfer(transfer)) => transfer.open,
        _ => None,
    });
    open.collect()
}

#[test]
fn two_counties_find_one_person_and_settle_who_keeps_them() {
    let mut world = World::start();
    for county in [&world.one, &world.other] {
        register_areas(county);
    }
    register(&world.one, HERE, NUMBER);
    register(&world.one, 4, "360323198001011238");
    register(&world.other, THERE, OLD_NUMBER);
    let found = alert_of(&world.one);
    assert_eq!(found["alert"], alert_of(&world.other)["alert"]);
    assert_eq!(
        list(&world.one, &[]).code,
        Some(1),
        "an open alert is a truthful no"
    );
    // Each county learns of its own member, and the other's name; the province of neither.
    assert_eq!(found["member"], shown(&numbered(0x11, HERE)));
    assert_eq!(
        alert_of(&world.other)["member"],
        shown(&numbered(0x11, THERE))
    );
    let names: Vec<&Value> = found["sides"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["name"])
        .collect();
    assert!(names.contains(&&"莲花县".into()), "{found}");
    let above = alert_of(&world.province);
    assert_eq!(
        (&above["alert"], &above["member"]),
        (&found["alert"], &Value::Null)
    );
    let raised = world
        .province
        .run(&["alert", "list", "--open", "--json"], &[]);
    assert!(
        raised.stdout.contains("person-in-two-counties"),
        "{raised:?}"
    );
    let own = world.one.run(&["alert", "list", "--open", "--json"], &[]);
    assert!(own.stdout.contains("莲花县"), "{own:?}");
    assert!(
        !own.stdout.contains(&shown(&numbered(0x11, HERE))),
        "{own:?}"
    );

    settle(&mut world, &found);
    nothing_of_the_person_is_above(&mut world, &found);
    counted_and_rotated(&mut world);
}

/// They do not agree at first; a county that is killed meanwhile loses nothing.
fn settle(world: &mut World, found: &Value) {
    let alert = found["alert"].as_str().unwrap().to_owned();
    resolve(&world.one, &alert, "here").done();
    resolve(&world.other, &alert, "here").done();
    world.one.kill();
    world.one.start();
    until("the province has heard both", || {
        let alert = alert_of(&world.province);
        let sides = alert["sides"].as_array().unwrap().iter();
        sides
            .clone()
            .all(|side| !side["keeps"].is_null())
            .then_some(())
    });
    assert_eq!(alert_of(&world.province)["state"], "open");
    resolve(&world.other, &alert, "there").done();
    for node in [&world.one, &world.other, &world.province] {
        until_state(node, "settled");
    }
    until(
        "both logs have both signatures, here and at the province",
        || {
            let settled = |node| {
                let transfers = transfers(node);
                let signed = transfers.iter().filter(|it| it.signatures.len() == 2);
                signed.count()
            };
            let counts = [&world.one, &world.other, &world.province].map(settled);
            (counts == [1, 1, 2]).then_some(())
        },
    );
    let keeper = uuid::Uuid::parse_str(world.one.id()).unwrap();
    for transfer in transfers(&world.province) {
        assert_eq!(transfer.keeps.unwrap().node, keeper.as_bytes());
    }
    resolve(&world.other, &alert, "here").refused("ownership-settled");
    let left = world
        .province
        .run(&["alert", "list", "--open", "--json"], &[]);
    let left = left.done().json();
    let is_above = |alert: &&Value| alert["area"] == "36";
    let above = left["alerts"].as_array().unwrap().iter().find(is_above);
    assert_eq!(
        above, None,
        "those of the counties are for their officers to close"
    );
}

/// Neither the number nor what follows from it by a known function lies on a disk above the counties.
fn nothing_of_the_person_is_above(world: &mut World, found: &Value) {
    let mut needles: Vec<Vec<u8>> = Vec::new();
    for number in [NUMBER, OLD_NUMBER] {
        let input = format!("{INPUT}{number}");
        for text in [number, &input] {
            let hash = Digest::of(text.as_bytes());
            let hex = hash.to_string().into_bytes();
            needles.extend([text.as_bytes().to_vec(), hash.0.to_vec(), hex]);
        }
    }
    let handle = found["sides"][0]["handle"].as_str().unwrap();
    let handle = lika::duplicates::key::unhex(handle).unwrap();
    for node in [&world.province, &world.prefecture] {
        for needle in &needles {
            assert!(!has(node.folder(), needle), "{}: {needle:?}", node.area());
        }
        assert!(!node.said().contains(NUMBER));
    }
    assert!(
        has(&world.province.data(), &handle),
        "the search finds nothing"
    );
}

/// What was evaluated is counted, once a member; and after a rotation everybody moves.
fn counted_and_rotated(world: &mut World) {
    let evaluated = |world: &World| {
        let listed = listed(&world.prefecture, &[]);
        let counts = listed["evaluated"].as_array().unwrap().iter();
        counts
            .map(|it| it["elements"].as_u64().unwrap())
            .sum::<u64>()
    };
    assert_eq!(evaluated(world), 3);
    let config = world.prefecture.config();
    lika_tests::lika([
        "duplicates".as_ref(),
        "rotate".as_ref(),
        "--config".as_ref(),
        config.as_os_str(),
    ])
    .done();
    until(
        "everybody has moved to version 2, and to nothing else",
        || {
            let listed = listed(&world.province, &[]);
            let participants = listed["participants"].as_array().unwrap().clone();
            let moved = participants.iter().filter(|it| {
                let versions = it["submitted"].as_array().unwrap();
                versions.len() == 1
                    && versions[0]["version"] == 2
                    && versions[0]["complete"] == true
            });
            (moved.count() == 2).then_some(())
        },
    );
    assert_eq!(evaluated(world), 6);
    let alerts = listed(&world.province, &["--all"])["alerts"].clone();
    assert_eq!(
        alerts.as_array().unwrap().len(),
        1,
        "the same two are the same alert"
    );
    for node in [
        &mut world.one,
        &mut world.other,
        &mut world.prefecture,
        &mut world.province,
    ] {
        node.stop();
        node.must_verify();
    }
}

/// Calls as a county would, with its certificate.
struct Caller {
    runtime: tokio::runtime::Runtime,
    client: DuplicatesClient<Channel>,
}

impl Caller {
    fn new(county: &Node, upper: &Node, name: &str, authority: &str) -> Self {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let credentials = Credentials::open(&county.certificates(), name).unwrap();
        let roots = fs::read_to_string(county.certificates().join(authority)).unwrap();
        let area = AreaCode::parse(county.area()).unwrap();
        let endpoint = tls::to_upper_node(upper.address(), &credentials, &roots, area).unwrap();
        let channel = runtime.block_on(endpoint.connect()).unwrap();
        Self {
            runtime,
            client: DuplicatesClient::new(channel),
        }
    }

    fn evaluate(&mut self, version: u32, blinded: Vec<Vec<u8>>) -> String {
        let request = v1::EvaluateElementsRequest { version, blinded };
        code(self.runtime.block_on(self.client.evaluate(request)))
    }
}

fn code<T>(answer: Result<T, Status>) -> String {
    match answer {
        Ok(_) => "answered".to_owned(),
        Err(status) => status
            .get_details_error_info()
            .map_or_else(|| status.to_string(), |info| info.reason),
    }
}

#[test]
fn whoever_may_not_is_refused_by_name() {
    let mut prefecture = Node::create("3603", "萍乡市");
    let county = Node::create("360323", "芦溪县");
    // The county is named as one that compares: it gets nothing evaluated, whatever its certificate is good for.
    let lines = format!("hold_key = true\ncomparing_nodes = [\"{}\"]", county.id());
    configure(&prefecture, &format!("{lines}\nevaluations_per_day = 3"));
    prefecture.start();
    county.enrol(&prefecture, prefecture.address());
    let neighbour = Node::create("360321", "莲花县");
    neighbour.enrol(&prefecture, prefecture.address());
    let point = vec![
        // The generator of P-256, compressed.
        lika::duplicates::key::unhex(
            "036b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296",
        )
        .unwrap(),
    ];
    let mut caller = Caller::new(&county, &prefecture, "link", "upper.pem");
    assert_eq!(caller.evaluate(1, point.clone()), "comparing-node");
    let mut caller = Caller::new(&neighbour, &prefecture, "link", "upper.pem");
    assert_eq!(caller.evaluate(1, point.clone()), "answered");
    assert_eq!(caller.evaluate(2, point.clone()), "key-version-unknown");
    assert_eq!(caller.evaluate(1, vec![vec![0; 33]]), "element-invalid");
    assert_eq!(
        caller.evaluate(1, vec![point[0].clone(); 513]),
        "batch-size"
    );
    let spent = v1::EvaluateElementsRequest {
        version: 1,
        blinded: vec![point[0].clone(); 2],
    };
    let refused = caller
        .runtime
        .block_on(caller.client.evaluate(spent))
        .unwrap_err();
    assert_eq!(code::<()>(Err(refused.clone())), "evaluation-budget");
    let again = refused
        .get_details_retry_info()
        .unwrap()
        .retry_delay
        .unwrap();
    assert!(again.as_secs() <= 24 * 3600, "{again:?}");
    assert!(refused.message().contains("come back at"), "{refused}");
    let submit = v1::SubmitRequest::default();
    let submitted = caller.runtime.block_on(caller.client.submit(submit));
    assert_eq!(code(submitted), "not-comparing");
    let alerts = caller.client.alerts(v1::AlertsRequest {});
    assert_eq!(code(caller.runtime.block_on(alerts)), "not-comparing");
    // Whoever has no certificate of a node below gets nothing, an officer as little as the node itself.
    for name in ["admin", "node"] {
        let credentials = Credentials::open(&prefecture.certificates(), name).unwrap();
        let endpoint = tls::client(prefecture.address(), &credentials, &prefecture.roots());
        let channel = caller
            .runtime
            .block_on(endpoint.unwrap().connect())
            .unwrap();
        let mut client = DuplicatesClient::new(channel);
        let asked = v1::EvaluateElementsRequest {
            version: 1,
            blinded: point.clone(),
        };
        let refused = code(
            caller
                .runtime
                .block_on(client.evaluate(Request::new(asked))),
        );
        let expected = ["not-a-node-certificate", "area-outside"];
        assert!(expected.contains(&&*refused), "{name}: {refused}");
    }
    let counted = listed(&prefecture, &[])["evaluated"].clone();
    assert_eq!(counted[0]["elements"], 2, "{counted}");
}
