//! All of it: two nodes, real certificates, mutual TLS on loopback.

use std::{
    future::Future,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use lika_core::{
    log::Entry,
    value::{NodeId, RecordId},
};
use lika_proto::v1::{
    FromBelow, Hello as HelloMessage, federation_client::FederationClient,
    from_above::Message as Answer, from_below::Message,
};
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;
use tokio::{sync::oneshot, task::JoinHandle, time::timeout};
use tonic::{
    Code, Status as CallStatus,
    transport::{Server, server::TcpIncoming},
};
use tonic_types::StatusExt as _;

use super::{
    logs::{CIPHER, Own, PERSONAL, Peers, area, contains, jiangxi, luxi},
    proxy::Proxy,
};
use crate::{
    federation::{
        Dialer, Handle, Head, Hello, KEEP_ALIVE, Links, Member, Pace, VERSION, service,
        uplink::{self, Error},
    },
    pki::{Authority, Credentials, Validity},
    wire::tls,
};

const PACE: Pace = Pace {
    first: Duration::from_millis(20),
    longest: Duration::from_millis(100),
    refused: Duration::from_millis(200),
};

fn validity() -> Validity {
    Validity::between(0, 4_102_444_800_000).unwrap()
}

fn authority() -> Authority {
    Authority::create("Jiangxi", validity()).unwrap()
}

fn issue(authority: &Authority, member: Member) -> Credentials {
    let hosts = ["localhost", "127.0.0.1"];
    authority
        .issue_node(member.node, member.area, &hosts, validity())
        .unwrap()
}

/// A node above that listens.
struct Upper {
    address: SocketAddr,
    links: Links,
    stop: oneshot::Sender<()>,
    task: JoinHandle<Result<(), tonic::transport::Error>>,
}

impl Upper {
    fn start(authority: &Authority, member: Member, peers: &Arc<Peers>) -> Self {
        let (service, links) = service(member, peers.clone());
        let credentials = issue(authority, member);
        let incoming = TcpIncoming::bind((Ipv4Addr::LOCALHOST, 0).into())
            .unwrap()
            .with_nodelay(Some(true));
        let address = incoming.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let server = Server::builder()
            .tls_config(tls::server(&credentials, authority.certificate_pem()).unwrap())
            .unwrap()
            .http2_keepalive_interval(Some(KEEP_ALIVE))
            .add_service(service)
            .serve_with_incoming_shutdown(incoming, async {
                stopped.await.ok();
            });
        Self {
            address,
            links,
            stop,
            task: tokio::spawn(server),
        }
    }

    async fn stop(self) {
        self.links.close();
        self.stop.send(()).unwrap();
        soon(self.task).await.unwrap().unwrap();
    }
}

fn connect(credentials: &Credentials, roots: &str, to: SocketAddr, log: &Arc<Own>) -> Handle {
    let dialer = Dialer::new(&format!("https://{to}"), credentials, roots).unwrap();
    uplink::start(dialer, log.clone(), PACE, ChaCha8Rng::seed_from_u64(1)).unwrap()
}

async fn soon<F: Future>(future: F) -> F::Output {
    timeout(Duration::from_secs(20), future)
        .await
        .expect("it happens within 20 s")
}

fn withheld(log: &Own) -> Vec<Entry> {
    log.entries().into_iter().map(Entry::withhold).collect()
}

#[tokio::test]
async fn entries_flow_up_and_nothing_sealed_arrives() {
    let authority = authority();
    let peers = Arc::<Peers>::default();
    let upper = Upper::start(&authority, jiangxi(), &peers);
    let log = Arc::new(Own::with_entries(luxi(), 0, 2_500));
    let credentials = issue(&authority, luxi());
    let link = connect(
        &credentials,
        authority.certificate_pem(),
        upper.address,
        &log,
    );
    assert!(soon(link.delivered(2_500)).await);
    for _ in 0..5 {
        log.write(3);
    }
    assert!(soon(link.delivered(2_515)).await);

    assert_eq!(peers.entries(luxi().node), withheld(&log));
    assert_eq!(link.status().acknowledged, Some(log.end()));
    let bytes = peers.bytes();
    assert!(contains(&bytes, b"open part"), "the search finds nothing");
    assert!(!contains(&bytes, PERSONAL.as_bytes()));
    assert!(!contains(&bytes, CIPHER));

    let seen = upper.links.list();
    assert_eq!(seen.len(), 1);
    assert_eq!(
        (seen[0].member, seen[0].connected, seen[0].head),
        (luxi(), true, log.end())
    );
    soon(link.stop()).await;
    assert!(!link.is_running());
    upper.stop().await;
}

#[tokio::test]
async fn a_cut_in_the_middle_of_a_batch_loses_nothing() {
    let authority = authority();
    let peers = Arc::<Peers>::default();
    let upper = Upper::start(&authority, jiangxi(), &peers);
    let line = Proxy::to(upper.address);
    let log = Arc::new(Own::with_entries(luxi(), 0, 4_000));
    line.cut_after(150_000);
    let credentials = issue(&authority, luxi());
    let link = connect(
        &credentials,
        authority.certificate_pem(),
        line.address,
        &log,
    );
    assert!(soon(link.delivered(4_000)).await);
    assert_eq!(line.cuts(), 1, "the line was never cut");
    assert_eq!(peers.entries(luxi().node), withheld(&log));
    soon(link.stop()).await;
    upper.stop().await;
}

#[tokio::test]
async fn the_link_outlives_an_absent_and_a_restarted_upper_node() {
    let authority = authority();
    let peers = Arc::<Peers>::default();
    let nobody = {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        listener.local_addr().unwrap()
    };
    let line = Proxy::to(nobody);
    let log = Arc::new(Own::with_entries(luxi(), 0, 10));
    let credentials = issue(&authority, luxi());
    let link = connect(
        &credentials,
        authority.certificate_pem(),
        line.address,
        &log,
    );
    let lost = soon(link.wait_for(|status| status.failure.is_some())).await;
    assert_eq!(lost.unwrap().failure.unwrap().code, "cut");
    log.write(10);

    let first = Upper::start(&authority, jiangxi(), &peers);
    line.retarget(first.address);
    assert!(soon(link.delivered(20)).await);
    line.retarget(nobody);
    first.stop().await;
    let lost = soon(link.wait_for(|status| !status.connected))
        .await
        .unwrap();
    assert_eq!(lost.acknowledged, Some(log.end()));
    log.write(10);

    let second = Upper::start(&authority, jiangxi(), &peers);
    line.retarget(second.address);
    assert!(soon(link.delivered(30)).await);
    assert_eq!(peers.entries(luxi().node), withheld(&log));
    soon(link.stop()).await;
    second.stop().await;
}

#[tokio::test]
async fn an_upper_node_without_room_gets_the_entries_later() {
    let authority = authority();
    let peers = Arc::<Peers>::default();
    peers.is_broken.store(true, Ordering::Relaxed);
    let upper = Upper::start(&authority, jiangxi(), &peers);
    let log = Arc::new(Own::with_entries(luxi(), 0, 10));
    let credentials = issue(&authority, luxi());
    let link = connect(
        &credentials,
        authority.certificate_pem(),
        upper.address,
        &log,
    );
    let refused = soon(link.wait_for(|status| status.failure.is_some())).await;
    assert_eq!(refused.unwrap().failure.unwrap().code, "not-stored");
    peers.is_broken.store(false, Ordering::Relaxed);
    assert!(soon(link.delivered(10)).await);
    soon(link.stop()).await;
    upper.stop().await;
}

#[tokio::test]
async fn a_fork_raises_the_alarm_at_both_ends_and_the_county_goes_on() {
    let authority = authority();
    let peers = Arc::<Peers>::default();
    let upper = Upper::start(&authority, jiangxi(), &peers);
    let credentials = issue(&authority, luxi());
    let before = Arc::new(Own::with_entries(luxi(), 0, 10));
    let link = connect(
        &credentials,
        authority.certificate_pem(),
        upper.address,
        &before,
    );
    assert!(soon(link.delivered(10)).await);
    soon(link.stop()).await;

    for rewritten in [5, 10, 20] {
        let log = Arc::new(Own::with_entries(luxi(), 7, rewritten));
        let link = connect(
            &credentials,
            authority.certificate_pem(),
            upper.address,
            &log,
        );
        let failed = soon(link.wait_for(|status| status.failure.is_some())).await;
        let failed = failed.unwrap();
        assert!(failed.forked, "{rewritten}: {failed:?}");
        assert_eq!(failed.failure.unwrap().code, "forked", "{rewritten}");
        let seen = upper.links.list();
        assert!(seen[0].forked, "{rewritten}: {seen:?}");
        log.write(1);
        assert!(link.is_running());
        soon(link.stop()).await;
    }
    assert_eq!(peers.entries(luxi().node), withheld(&before));
    upper.stop().await;
}

#[tokio::test]
async fn an_entry_of_another_area_is_refused_and_nothing_of_its_batch_is_kept() {
    let authority = authority();
    let peers = Arc::<Peers>::default();
    let upper = Upper::start(&authority, jiangxi(), &peers);
    let log = Arc::new(Own::with_entries(luxi(), 0, 3));
    log.write_under(area("360324"), b"not theirs");
    let credentials = issue(&authority, luxi());
    let link = connect(
        &credentials,
        authority.certificate_pem(),
        upper.address,
        &log,
    );
    let refused = soon(link.wait_for(|status| status.failure.is_some())).await;
    assert_eq!(refused.unwrap().failure.unwrap().code, "entry-outside-area");
    assert_eq!(peers.entries(luxi().node), []);
    soon(link.stop()).await;
    upper.stop().await;
}

/// Opens a link as a program without scruples would, and says hello as `says`.
async fn knock(
    to: SocketAddr,
    credentials: &Credentials,
    roots: &str,
    says: Member,
) -> Result<Option<Answer>, CallStatus> {
    let address = format!("https://{to}");
    let endpoint = tls::client(&address, credentials, roots).unwrap();
    let channel = soon(endpoint.connect())
        .await
        .map_err(|error| CallStatus::unavailable(error.to_string()))?;
    let hello = HelloMessage::from(Hello {
        version: VERSION,
        member: says,
        head: Head::EMPTY,
    });
    let message = FromBelow {
        message: Some(Message::Hello(hello)),
    };
    let mut client = FederationClient::new(channel);
    let answers = soon(client.link(tokio_stream::iter([message]))).await?;
    let answer = soon(answers.into_inner().message()).await?;
    Ok(answer.and_then(|answer| answer.message))
}

fn reason(status: &CallStatus) -> (Code, Option<String>) {
    let info = status.get_details_error_info();
    (status.code(), info.map(|info| info.reason))
}

#[tokio::test]
async fn the_door_opens_to_nodes_of_the_area_alone() {
    let authority = authority();
    let roots = authority.certificate_pem();
    let peers = Arc::<Peers>::default();
    let upper = Upper::start(&authority, jiangxi(), &peers);

    let welcomed = knock(upper.address, &issue(&authority, luxi()), roots, luxi()).await;
    assert!(matches!(welcomed, Ok(Some(Answer::Welcome(_)))));

    let client = authority
        .issue_client(RecordId([9; 16]), validity())
        .unwrap();
    let refused = knock(upper.address, &client, roots, luxi()).await;
    let expected = Some("not-a-node-certificate".to_owned());
    assert_eq!(
        reason(&refused.unwrap_err()),
        (Code::PermissionDenied, expected)
    );
    let dialer = Dialer::new("https://127.0.0.1:1", &client, roots);
    assert!(matches!(dialer, Err(Error::NotANode)));

    for elsewhere in ["440100", "44", "36", ""] {
        let area = lika_core::value::AreaCode::parse_padded(elsewhere).unwrap();
        let member = Member {
            node: NodeId([8; 16]),
            area,
        };
        let refused = knock(upper.address, &issue(&authority, member), roots, member).await;
        let expected = Some("area-outside".to_owned());
        assert_eq!(
            reason(&refused.unwrap_err()),
            (Code::PermissionDenied, expected),
            "{elsewhere}"
        );
    }

    let neighbour = Member {
        node: luxi().node,
        area: area("360324"),
    };
    let refused = knock(upper.address, &issue(&authority, luxi()), roots, neighbour).await;
    match refused.unwrap() {
        Some(Answer::Refused(refused)) => assert_eq!(refused.code, "not-the-certificate"),
        other => panic!("{other:?}"),
    }

    let unknown = Authority::create("Nobody", validity()).unwrap();
    let refused = knock(upper.address, &issue(&unknown, luxi()), roots, luxi()).await;
    assert_eq!(reason(&refused.unwrap_err()).1, None, "TLS let it in");
    assert_eq!(peers.entries(luxi().node), []);
    upper.stop().await;
}

#[tokio::test]
async fn a_neighbour_cannot_pose_as_the_node_above() {
    let authority = authority();
    let peers = Arc::<Peers>::default();
    let neighbour = Member {
        node: NodeId([8; 16]),
        area: area("360324"),
    };
    let upper = Upper::start(&authority, neighbour, &peers);
    let log = Arc::new(Own::with_entries(luxi(), 0, 3));
    let credentials = issue(&authority, luxi());
    let link = connect(
        &credentials,
        authority.certificate_pem(),
        upper.address,
        &log,
    );
    let lost = soon(link.wait_for(|status| status.failure.is_some()))
        .await
        .unwrap();
    let failure = lost.failure.unwrap();
    assert_eq!(failure.code, "cut");
    assert!(
        failure.message.contains("ApplicationVerificationFailure"),
        "{}",
        failure.message
    );
    assert_eq!(lost.acknowledged, None);
    soon(link.stop()).await;
    upper.stop().await;
}

#[tokio::test]
async fn a_newer_link_of_the_same_node_ends_the_older() {
    let authority = authority();
    let peers = Arc::<Peers>::default();
    let upper = Upper::start(&authority, jiangxi(), &peers);
    let credentials = issue(&authority, luxi());
    let roots = authority.certificate_pem();
    let log = Arc::new(Own::with_entries(luxi(), 0, 3));
    let older = connect(&credentials, roots, upper.address, &log);
    assert!(soon(older.delivered(3)).await);
    let welcomed = knock(upper.address, &credentials, roots, luxi()).await;
    let Ok(Some(Answer::Refused(refused))) = welcomed else {
        panic!("a node that lost its log was welcomed: {welcomed:?}");
    };
    assert_eq!(refused.code, "forked");
    let ended = soon(older.wait_for(|status| status.failure.is_some())).await;
    assert_eq!(ended.unwrap().failure.unwrap().code, "superseded");
    soon(older.stop()).await;
    upper.stop().await;
}
