//! Who may knock where: every certificate opens its own door and no other.

use lika::{
    clock::{Clock as _, System},
    pki::{Authority, Credentials, Validity},
    wire::tls,
};
use lika_core::value::{AreaCode, NodeId, RecordId};
use lika_proto::{
    log::v1::Kind,
    v1::{self, from_above::Message},
};
use lika_tests::{Client, Node, Pair, code_of, until};
use tonic::transport::{Certificate, ClientTlsConfig, Endpoint};
use tonic_types::StatusExt as _;

const STRANGER: NodeId = NodeId([0x42; 16]);

fn validity() -> Validity {
    Validity::days(System.now_ms(), 1).unwrap()
}

fn province() -> Node {
    let mut province = Node::create("36", "江西省");
    province.start();
    province
}

/// A node certificate that the province's own authority signed, whatever its area.
fn issued_by(province: &Node, area: &str) -> Credentials {
    let authority = Authority::open(&province.certificates(), "nodes").unwrap();
    let area = AreaCode::parse(area).unwrap();
    authority
        .issue_node(STRANGER, area, &["localhost"], validity())
        .unwrap()
}

fn hello(area: &str) -> v1::Hello {
    v1::Hello {
        version: 1,
        node: STRANGER.0.to_vec(),
        area: area.to_owned(),
        head: Some(v1::Head {
            epoch: 1,
            seq: 0,
            hash: vec![0; 32],
        }),
        ..v1::Hello::default()
    }
}

fn connect(node: &Node, credentials: &Credentials) -> Client {
    Client::connect(node.address(), credentials, &node.roots()).unwrap()
}

fn until_it_has_logged(province: &Node, code: &str) {
    until("the province has logged it", || {
        province.said().contains(code).then_some(())
    });
}

#[test]
fn a_certificate_of_another_area_is_refused_at_the_door_and_logged() {
    let province = province();
    let neighbour = connect(&province, &issued_by(&province, "430121"));
    assert_eq!(code_of(neighbour.link(hello("430121"))), "area-outside");
    until_it_has_logged(&province, "area-outside");
    assert_eq!(province.client().status().below, []);
}

#[test]
fn a_province_invites_nobody_outside_its_area() {
    let province = Node::create("36", "江西省");
    for (area, why) in [
        ("430121", "430121 is not in 36"),
        ("36", "this node itself"),
    ] {
        let refused = province.ca(&["token", "--area", area]);
        assert_eq!(refused.code, Some(2));
        assert!(refused.stderr.contains(why), "{}", refused.stderr);
    }
    let tokens = province.ca(&["tokens", "--json"]).done().json();
    assert_eq!(tokens["tokens"], serde_json::json!([]));
}

#[test]
fn a_hello_must_say_what_the_certificate_says() {
    let province = province();
    let county = connect(&province, &issued_by(&province, "360323"));
    let answer = county.link(hello("360321"));
    let code = match answer {
        Ok(Some(v1::FromAbove {
            message: Some(Message::Refused(refused)),
        })) => refused.code,
        other => code_of(other),
    };
    assert_eq!(code, "not-the-certificate");
    assert_eq!(province.client().status().below, []);
}

#[test]
fn a_client_certificate_opens_no_link() {
    let pair = Pair::start();
    let client = pair.province.client();
    assert_eq!(
        code_of(client.link(hello("360323"))),
        "not-a-node-certificate"
    );
    until_it_has_logged(&pair.province, "not-a-node-certificate");
}

#[test]
fn a_node_certificate_reads_and_writes_no_record() {
    let pair = Pair::start();
    let county = Credentials::open(&pair.county.certificates(), "link").unwrap();
    let county = connect(&pair.province, &county);
    assert_eq!(code_of(county.list(Kind::Area, "36")), "not-an-officer");
    assert_eq!(code_of(county.apply([7; 16], Vec::new())), "not-an-officer");
    assert_eq!(code_of(county.try_totals("36")), "not-an-officer");
}

#[test]
fn an_officer_of_the_county_is_nobody_at_the_province() {
    let pair = Pair::start();
    let officer = Credentials::open(&pair.county.certificates(), "admin").unwrap();
    must_not_be_served(
        &pair.province,
        Client::connect(pair.province.address(), &officer, &pair.province.roots()),
    );
}

#[test]
fn a_caller_without_a_certificate_is_refused() {
    let province = province();
    let roots = Certificate::from_pem(province.roots());
    let endpoint = Endpoint::from_shared(province.address().to_owned()).unwrap();
    let tls = ClientTlsConfig::new().ca_certificate(roots);
    let caller = Client::to(&endpoint.tls_config(tls).unwrap()).unwrap();
    assert_eq!(code_of(caller.try_totals("36")), "certificate-missing");
    assert_eq!(code_of(caller.link(hello("360323"))), "certificate-missing");
    // The door still opens for those who may.
    assert_eq!(province.client().status().area, "36");
}

#[test]
fn a_certificate_of_an_unknown_authority_is_refused() {
    let province = province();
    let authority = Authority::create("somebody", validity()).unwrap();
    let officer = RecordId(
        uuid::Uuid::parse_str(province.officer())
            .unwrap()
            .into_bytes(),
    );
    let credentials = authority.issue_client(officer, validity()).unwrap();
    let endpoint = tls::client(province.address(), &credentials, &province.roots()).unwrap();
    must_not_be_served(&province, Client::to(&endpoint));
}

/// TLS may tell the caller only at the first call; what counts is that no answer comes from behind it.
#[track_caller]
fn must_not_be_served(node: &Node, client: Result<Client, tonic::transport::Error>) {
    if let Ok(client) = client {
        let refused = client.try_totals(node.area()).unwrap_err();
        assert!(refused.get_details_error_info().is_none(), "{refused:?}");
    }
    // The door still opens for those who may.
    assert_eq!(node.client().status().area, node.area());
}
