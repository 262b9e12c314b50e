//! How a county gets in, stays in, and is put out.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use lika::{
    clock::{Clock as _, System},
    pki::{Authority, Credentials, NewKey, Validity},
};
use lika_core::value::{AreaCode, NodeId};
use lika_proto::{
    log::v1::Kind,
    v1::{self, enrolment_client::EnrolmentClient},
};
use lika_tests::{Client, Door, Node, Officer, Pair, Ran, Sample, built, code_of, until};
use serde_json::Value;
use tonic::transport::{Certificate, ClientTlsConfig, Endpoint};

/// A certificate that is in its last third from the beginning: it starts an hour early, for clocks that run behind.
const SOON_OVER: [&str; 2] = ["--certificate-valid", "20m"];

fn province() -> Node {
    let mut province = Node::create("36", "江西省");
    province.start();
    province
}

fn luxi() -> Node {
    Node::create("360323", "芦溪县")
}

fn certificates(node: &Node) -> Vec<Value> {
    let listed = node.ca(&["list", "--json"]).done().json();
    listed["certificates"].as_array().unwrap().clone()
}

/// The certificates that were issued to a node below, the last one last.
fn issued_to(province: &Node, county: &Node) -> Vec<Value> {
    let address = format!("lika://node/{}/{}", county.id(), county.area());
    let all = certificates(province).into_iter();
    all.filter(|each| each["to"] == *address).collect()
}

fn serial(node: &Node) -> String {
    let held = Credentials::open(&node.certificates(), "link").unwrap();
    held.certificate().unwrap().serial.to_string()
}

fn until_linked(county: &Node) {
    until("the county is linked", || {
        let above = county.client().status().above?;
        above.connected.then_some(())
    });
}

fn until_not_linked(county: &Node, why: &str) {
    until(&format!("the county hears {why}"), || {
        let above = county.client().status().above?;
        (!above.connected && above.last_failure.contains(why)).then_some(())
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

#[test]
fn a_county_enrols_with_a_token_and_keeps_its_key_to_itself() {
    let province = province();
    let mut county = luxi();
    let (token, fingerprint) = province.invite(&county, &["--node-name", "芦溪县"]);
    county
        .enrol_with(province.address(), &token, &fingerprint)
        .done();
    county.start();
    until_linked(&county);

    let tokens = province.ca(&["tokens", "--json"]).done().json();
    let used = &tokens["tokens"][0];
    assert_eq!(
        (&used["state"], &used["name"]),
        (&"used".into(), &"芦溪县".into())
    );
    let issued = issued_to(&province, &county);
    assert_eq!(issued.len(), 1);
    assert_eq!(issued[0]["state"], "valid");
    assert_eq!(issued[0]["area"], "360323");
    assert_eq!(issued[0]["serial"], serial(&county));
    assert_eq!(used["certificate"], issued[0]["serial"]);

    let held = Credentials::open(&county.certificates(), "link").unwrap();
    let key = held.key_pem().lines().nth(1).unwrap();
    assert!(
        has(county.folder(), key.as_bytes()),
        "the search finds nothing"
    );
    assert!(!has(province.folder(), key.as_bytes()));
    let secret = token.split_once('-').unwrap().1;
    assert!(!has(province.folder(), secret.as_bytes()));
    assert!(!has(county.folder(), secret.as_bytes()));
    for node in [&province, &county] {
        assert!(!node.said().contains(secret));
    }
}

#[test]
fn a_token_is_refused_to_another_node_and_answered_again_to_the_same() {
    let province = province();
    let (county, thief) = (luxi(), luxi());
    let (token, fingerprint) = province.invite(&county, &[]);
    let enrol = |node: &Node| node.enrol_with(province.address(), &token, &fingerprint);
    enrol(&county).done();
    enrol(&thief).refused("token-used");
    assert!(!Credentials::exist(&thief.certificates(), "link"));
    let issued = issued_to(&province, &county);
    assert_eq!(issued.len(), 1);

    let neighbour = Node::create("360321", "莲花县");
    let (for_luxi, _) = province.invite(&luxi(), &[]);
    let refused = neighbour.enrol_with(province.address(), &for_luxi, &fingerprint);
    refused.refused("token-area");
    let id = for_luxi.split_once('-').unwrap().0;
    province.ca(&["revoke-token", id]).done();
    let refused = thief.enrol_with(province.address(), &for_luxi, &fingerprint);
    refused.refused("token-revoked");
    let traces = fs::read_to_string(province.certificates().join("register.log")).unwrap();
    for code in ["token-used", "token-area", "token-revoked"] {
        assert!(traces.contains(code), "{code}");
        assert!(province.said().contains(code), "{code}");
    }
}

#[test]
fn the_token_is_not_shown_to_an_impostor() {
    let (province, impostor) = (province(), province());
    let county = luxi();
    let (token, fingerprint) = province.invite(&county, &[]);
    let lines = |node: &Node| {
        let text = fs::read_to_string(node.certificates().join("register.log"));
        text.unwrap().lines().count()
    };
    let before = lines(&impostor);
    let refused = county.enrol_with(impostor.address(), &token, &fingerprint);
    refused.refused("fingerprint-differs");
    assert_eq!(lines(&impostor), before, "the impostor was asked");
    let tokens = province.ca(&["tokens", "--json"]).done().json();
    assert_eq!(tokens["tokens"][0]["state"], "open");

    // A neighbour with a fingerprint of its own: it is no node above.
    let mut neighbour = Node::create("360321", "莲花县");
    neighbour.start();
    let (_, theirs) = neighbour.invite(&Node::create("360321100", "琴亭镇"), &[]);
    let refused = county.enrol_with(neighbour.address(), &token, &theirs);
    refused.refused("not-above");
    county
        .enrol_with(province.address(), &token, &fingerprint)
        .done();
}

#[test]
fn a_county_that_is_killed_while_it_enrols_enrols_again() {
    let province = province();
    for point in [
        "key-made",
        "certificate-answered",
        "beside-written:1",
        "beside-written:2",
        "certificate-switched",
        "beside-written:3",
    ] {
        let mut county = luxi();
        let (token, fingerprint) = province.invite(&county, &[]);
        let killed = Command::new(built::binary())
            .args(["node", "enrol", "--upper", province.address()])
            .args(["--token", &token, "--fingerprint", &fingerprint])
            .arg("--config")
            .arg(county.config())
            .env("LIKA_CRASH_AT", point)
            .stderr(Stdio::null())
            .status()
            .unwrap();
        assert_eq!(killed.code(), None, "{point}: it was not killed");
        county
            .enrol_with(province.address(), &token, &fingerprint)
            .done();
        assert_eq!(issued_to(&province, &county).len(), 1, "{point}");
        county.start();
        until_linked(&county);
    }
}

#[test]
fn a_revoked_county_is_put_out_in_the_middle_and_may_come_back_with_a_new_token() {
    let mut pair = Pair::start();
    let sample = Sample::of(20);
    let before = pair.settle();
    let id = pair.county.id().to_owned();
    let why = ["--reason", "the machine was stolen"];
    let revoke = [&["revoke", &id], &why[..]].concat();
    pair.province.ca(&revoke).done();
    // Nobody says anything on the link: it ends all the same.
    until_not_linked(&pair.county, "the machine was stolen");
    assert!(pair.county.said().contains("certificate-revoked"));
    assert!(pair.province.said().contains("certificate-revoked"));
    let issued = issued_to(&pair.province, &pair.county);
    assert_eq!(issued[0]["state"], "revoked");
    assert_eq!(issued[0]["revoked"]["reason"], "the machine was stolen");

    // The county goes on; the province hears nothing of it, also after a restart of both.
    sample.fill(&pair.county);
    pair.province.stop();
    pair.start_province();
    pair.county.stop();
    pair.county.start();
    until_not_linked(&pair.county, "the machine was stolen");
    let below = pair.province.client().status().below;
    assert_eq!(below[0].head, Some(before));

    pair.county.stop();
    let (token, fingerprint) = pair.province.invite(&pair.county, &[]);
    let address = pair.door.address();
    let refused = pair.county.enrol_with(&address, &token, &fingerprint);
    refused.refused("node-taken");
    pair.county.enrol(&pair.province, &address);
    pair.county.start();
    pair.must_agree();
}

#[test]
fn a_revoked_officer_hears_no_more_and_writes_no_more() {
    let county = Node::luxi();
    let chun = Officer::appoint(&county, "chun", "auditor", "360323");
    let mut watched = chun.client.watch(0, "360323").unwrap();
    let end = county.client().status().head.unwrap().seq;
    loop {
        let event = watched.hear().unwrap().unwrap();
        if event.position.unwrap().seq >= end {
            break;
        }
    }
    let id = uuid::Uuid::from_slice(&chun.id).unwrap().to_string();
    let reason = ["--reason", "the telephone was lost"];
    county.ca(&[&["revoke", &id], &reason[..]].concat()).done();
    let again = chun.client.list(Kind::Area, "360323");
    assert_eq!(code_of(again), "certificate-revoked");
    assert_eq!(code_of(watched.hear()), "certificate-revoked");
    let held = Credentials::open(&county.certificates(), "chun").unwrap();
    let afresh = Client::connect(county.address(), &held, &county.roots()).unwrap();
    assert_eq!(code_of(afresh.try_totals("360323")), "certificate-revoked");
    // By its number another certificate of the same officer is one by itself.
    county
        .ca(&["issue-client", "--officer", &id, "--name", "chun-again"])
        .done();
    let other = county.client_as("chun-again");
    assert!(other.try_totals("360323").is_ok());
    let listed = certificates(&county);
    let last = listed.last().unwrap()["serial"].as_str().unwrap();
    county.ca(&[&["revoke", last], &reason[..]].concat()).done();
    assert_eq!(code_of(other.try_totals("360323")), "certificate-revoked");
}

#[test]
fn what_is_not_there_is_not_revoked() {
    let county = luxi();
    let reason = ["--reason", "?"];
    let revoke = |what: &str| county.ca(&[&["revoke", what], &reason[..]].concat());
    for unknown in [
        "",
        "?",
        "0badcafe",
        "12345678-1234-4234-8234-123456789012",
        "node/1",
    ] {
        let refused: Ran = revoke(unknown);
        assert_eq!(refused.code, Some(2), "{unknown}");
        assert!(refused.stderr.contains("knows no"), "{refused:?}");
    }
    let refused = revoke(county.id());
    assert!(refused.stderr.contains("this node's own"), "{refused:?}");
    assert_eq!(county.ca(&["revoke-token", "12345678"]).code, Some(2));
}

#[test]
fn a_certificate_is_renewed_in_time_without_a_break() {
    let province = province();
    let mut county = luxi();
    let door = Door::new();
    door.lead_to(province.address());
    let (token, fingerprint) = province.invite(&county, &SOON_OVER);
    county
        .enrol_with(&door.address(), &token, &fingerprint)
        .done();
    let first = serial(&county);
    county.start();
    let renewed = until("it is renewed", || {
        issued_to(&province, &county).into_iter().nth(1)
    });
    until("the county has it", || {
        (serial(&county) != first).then_some(())
    });
    assert_eq!(renewed["ground"], format!("renewal of {first}"));
    assert_eq!(renewed["area"], "360323");
    until_linked(&county);
    assert!(!county.said().contains("no link to the upper node"));

    // The one before is revoked: what is shown from now on is the next.
    let reason = ["--reason", "it is no longer used"];
    province
        .ca(&[&["revoke", &first], &reason[..]].concat())
        .done();
    county.stop();
    county.start();
    until_linked(&county);
    assert!(!county.said().contains("certificate-revoked") || serial(&county) != first);
}

#[test]
fn a_county_that_is_killed_while_it_renews_is_linked_afterwards() {
    let province = province();
    for point in [
        "key-made",
        "certificate-answered",
        "beside-written",
        "certificate-switched",
    ] {
        let mut county = luxi();
        let (token, fingerprint) = province.invite(&county, &SOON_OVER);
        county
            .enrol_with(province.address(), &token, &fingerprint)
            .done();
        if county.try_start(&[("LIKA_CRASH_AT", point)]).is_ok() {
            let ended = county.end();
            assert_eq!(ended.code(), None, "{point}: it was not killed");
        }
        county.start();
        until_linked(&county);
        until("it is renewed", || {
            (issued_to(&province, &county).len() > 1).then_some(())
        });
        county.stop();
    }
}

#[test]
fn an_authority_that_was_replaced_is_believed_no_more() {
    let mut province = province();
    let mut county = luxi();
    let door = Door::new();
    door.lead_to(province.address());
    county.enrol(&province, &door.address());
    let refused = province.ca(&["init", "--of", "nodes"]);
    assert!(refused.stderr.contains("there already"), "{refused:?}");
    let (_, before) = province.invite(&luxi(), &[]);
    province.ca(&["init", "--of", "nodes", "--replace"]).done();
    province.stop();
    province.start();
    door.lead_to(province.address());
    let (token, after) = province.invite(&county, &["--node", county.id()]);
    assert_ne!(before, after);
    let refused = county.enrol_with(&door.address(), &token, &before);
    refused.refused("fingerprint-differs");
    county.start();
    until_not_linked(&county, "invalid peer certificate");
    county.stop();
    county.enrol_with(&door.address(), &token, &after).done();
    county.start();
    until_linked(&county);
}

/// Calls the enrolment service, with a certificate or without.
fn call<T>(
    node: &Node,
    credentials: Option<&Credentials>,
    ask: impl AsyncFnOnce(
        EnrolmentClient<tonic::transport::Channel>,
    ) -> Result<tonic::Response<T>, tonic::Status>,
) -> Result<T, tonic::Status> {
    let mut tls = ClientTlsConfig::new().ca_certificate(Certificate::from_pem(node.roots()));
    if let Some(held) = credentials {
        let identity = tonic::transport::Identity::from_pem(held.certificate_pem(), held.key_pem());
        tls = tls.identity(identity);
    }
    let endpoint = Endpoint::from_shared(node.address().to_owned()).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let channel = endpoint.tls_config(tls).unwrap().connect().await.unwrap();
        let answer = ask(EnrolmentClient::new(channel)).await;
        answer.map(tonic::Response::into_inner)
    })
}

#[test]
fn bad_requests_are_refused_with_their_codes() {
    let province = province();
    let (token, _) = province.invite(&luxi(), &[]);
    let good = v1::EnrolRequest {
        token,
        request: request(),
        node: vec![7; 16],
        area: "360323".to_owned(),
        signing_key: Vec::new(),
    };
    let with = |change: fn(&mut v1::EnrolRequest)| {
        let mut changed = good.clone();
        change(&mut changed);
        changed
    };
    for (code, asked) in [
        (
            "request-too-large",
            with(|it| it.request = vec![0x30; 8_000]),
        ),
        ("request-unreadable", with(|it| it.request.clear())),
        ("malformed-request", with(|it| it.node = vec![7; 15])),
        ("malformed-request", with(|it| it.area = "36032".to_owned())),
        ("malformed-request", with(|it| it.signing_key = vec![1; 31])),
        ("token-unknown", with(|it| it.token.clear())),
        ("token-area", with(|it| it.area = "36".to_owned())),
    ] {
        let refused = call(&province, None, async |mut client| {
            client.enrol(asked).await
        });
        assert_eq!(code_of(refused), code);
    }
    let granted = call(&province, None, async |mut client| client.enrol(good).await);
    assert!(
        granted
            .unwrap()
            .certificate_chain
            .contains("BEGIN CERTIFICATE")
    );
}

#[test]
fn only_a_node_below_renews_and_not_before_half_of_its_time() {
    let province = province();
    let nodes = Authority::open(&province.certificates(), "nodes").unwrap();
    let validity = Validity::days(System.now_ms(), 100).unwrap();
    let issued = |area: &str| {
        let area = AreaCode::parse(area).unwrap();
        nodes
            .issue_node(NodeId([7; 16]), area, &[], validity)
            .unwrap()
    };
    let admin = Credentials::open(&province.certificates(), "admin").unwrap();
    let renew = |held: Option<&Credentials>| {
        let asked = v1::RenewRequest {
            request: request(),
            signing_key: Vec::new(),
        };
        code_of(call(&province, held, async |mut client| {
            client.renew(asked).await
        }))
    };
    assert_eq!(renew(None), "certificate-missing");
    assert_eq!(renew(Some(&admin)), "not-a-node-certificate");
    assert_eq!(renew(Some(&issued("430121"))), "area-outside");
    assert_eq!(renew(Some(&issued("36"))), "area-outside");
    assert_eq!(renew(Some(&issued("360323"))), "renewal-too-early");
}

#[test]
fn guessing_ends_after_ten_attempts() {
    let province = province();
    let county = luxi();
    let (token, fingerprint) = province.invite(&county, &[]);
    let guess = format!("{}-{}", &token[..8], "0".repeat(64));
    for _ in 0..10 {
        county
            .enrol_with(province.address(), &guess, &fingerprint)
            .refused("token-unknown");
    }
    county
        .enrol_with(province.address(), &token, &fingerprint)
        .refused("too-many-enrolments");
}

fn request() -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let key = NewKey::kept_in(&folder.path().join("asking.key")).unwrap();
    key.request().unwrap()
}
