//! All of it: two nodes, real certificates, mutual TLS on loopback.

use std::{
    future::Future,
    net::{Ipv4Addr, SocketAddr},
    num::NonZeroU64,
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
    logs::{Between, CIPHER, Own, PERSONAL, Peers, area, contains, jiangxi, luxi},
    proxy::Proxy,
};
use crate::{
    clock::{Clock, Scenario, Stopwatch},
    federation::{
        CarriedLogs, Dialer, Handle, Hello, KEEP_ALIVE, Links, LogHead, Member, Pace, VERSION,
        WINDOW,
        batch::{MAX_ENTRIES, fill, pack},
        service,
        uplink::{self, Error},
    },
    pki::{Authority, Credentials, Validity},
    wire::{listener, tls},
};

const PACE: Pace = Pace {
    first: Duration::from_millis(20),
    longest: Duration::from_millis(100),
    refused: Duration::from_millis(200),
    checks: Duration::from_millis(20),
};

fn validity() -> Validity {
    Validity::between(0, 4_102_444_800_000).unwrap()
}

fn clock() -> Arc<dyn Clock> {
    Arc::new(Scenario::at(1_480_000_000_000))
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
        let (service, links) = service(member, peers.clone(), clock());
        let credentials = issue(authority, member);
        let incoming = TcpIncoming::bind((Ipv4Addr::LOCALHOST, 0).into())
            .unwrap()
            .with_nodelay(Some(true));
        let address = incoming.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let roots = authority.certificate_pem();
        let shown = Arc::new(tls::Shown::new(&credentials, roots).unwrap());
        let connections = listener::accept(incoming, tls::server(shown, roots).unwrap());
        let server = Server::builder()
            .http2_keepalive_interval(Some(KEEP_ALIVE))
            .add_service(service)
            .serve_with_incoming_shutdown(connections, async {
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

fn connect<L: CarriedLogs>(
    credentials: &Credentials,
    roots: &str,
    to: SocketAddr,
    log: &Arc<L>,
) -> Handle {
    let dialer = Dialer::new(&format!("https://{to}"), credentials, roots).unwrap();
    start(dialer, log)
}

fn start<L: CarriedLogs>(dialer: Dialer, log: &Arc<L>) -> Handle {
    let rng = ChaCha8Rng::seed_from_u64(1);
    uplink::start(dialer, log.clone(), PACE, clock(), rng).unwrap()
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
        (seen[0].member, seen[0].connected, seen[0].head()),
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

/// Only what was not durable above crosses the line again.
#[tokio::test]
async fn catch_up_goes_on_from_what_was_acknowledged_however_often_it_is_cut() {
    let authority = authority();
    let peers = Arc::<Peers>::default();
    let upper = Upper::start(&authority, jiangxi(), &peers);
    let line = Proxy::to(upper.address);
    line.slow_down(Duration::from_micros(200));
    let log = Arc::new(Own::with_entries(luxi(), 0, 12_000));
    let credentials = issue(&authority, luxi());
    let roots = authority.certificate_pem();
    line.cut_after(200_000);
    let link = connect(&credentials, roots, line.address, &log);
    for cuts in 1..=3 {
        let cut = |status: &uplink::Status| status.failure.is_some() && line.cuts() >= cuts;
        soon(link.wait_for(cut)).await.unwrap();
        line.cut_after(150_000);
    }
    line.cut_after(i64::MAX);
    assert!(soon(link.delivered(12_000)).await);
    assert!(line.cuts() >= 3);
    assert_eq!(peers.entries(luxi().node), withheld(&log));

    let offered = peers.offered.lock().unwrap().clone();
    let once: Vec<u64> = (1..=12_000).collect();
    assert_eq!(offered, once, "something durable came again");
    // Every link began to read where the one before was acknowledged, at the end of a batch that was read before.
    let reads = log.reads.lock().unwrap().clone();
    let resumed = reads.windows(2).filter(|pair| pair[1] <= pair[0]);
    for pair in resumed {
        assert!(reads.contains(&pair[1]), "{pair:?}");
        let under_way = pair[0] - pair[1];
        assert!(under_way <= (WINDOW * MAX_ENTRIES) as u64, "{pair:?}");
    }
    soon(link.stop()).await;
    upper.stop().await;
}

#[tokio::test]
async fn what_a_line_swallows_is_sent_again_when_it_is_cut() {
    let authority = authority();
    let peers = Arc::<Peers>::default();
    let upper = Upper::start(&authority, jiangxi(), &peers);
    let line = Proxy::to(upper.address);
    let log = Arc::new(Own::with_entries(luxi(), 0, 100));
    let credentials = issue(&authority, luxi());
    let roots = authority.certificate_pem();
    let link = connect(&credentials, roots, line.address, &log);
    assert!(soon(link.delivered(100)).await);
    line.swallow_after(0);
    log.write(200);
    soon(async {
        while line.swallowed() == 0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert_eq!(peers.entries(luxi().node).len(), 100);
    line.cut();
    assert!(soon(link.delivered(300)).await);
    let offered = peers.offered.lock().unwrap().clone();
    assert_eq!(offered, (1..=300).collect::<Vec<_>>());
    soon(link.stop()).await;
    upper.stop().await;
}

/// A county with a year to send does not fill its memory with what the province cannot take.
#[tokio::test]
async fn a_slow_upper_node_slows_the_reading_down() {
    let authority = authority();
    let peers = Arc::<Peers>::default();
    let upper = Upper::start(&authority, jiangxi(), &peers);
    let log = Arc::new(Own::with_entries(luxi(), 0, (WINDOW + 4) * MAX_ENTRIES));
    let credentials = issue(&authority, luxi());
    let roots = authority.certificate_pem();
    let gate = peers.gate.lock().await;
    let link = connect(&credentials, roots, upper.address, &log);
    let reads = || log.reads.lock().unwrap().len();
    soon(async {
        while reads() < WINDOW {
            tokio::task::yield_now().await;
        }
    })
    .await;
    // News of the log, and time, make it read no more.
    log.write(10);
    for _ in 0..10_000 {
        tokio::task::yield_now().await;
    }
    assert_eq!(reads(), WINDOW);
    assert_eq!(peers.entries(luxi().node), []);
    drop(gate);
    assert!(soon(link.delivered(log.end().seq)).await);
    soon(link.stop()).await;
    upper.stop().await;
}

#[tokio::test]
async fn a_link_with_a_bound_takes_the_time_that_it_needs() {
    let authority = authority();
    let peers = Arc::<Peers>::default();
    let upper = Upper::start(&authority, jiangxi(), &peers);
    let log = Arc::new(Own::with_entries(luxi(), 0, 3_000));
    let credentials = issue(&authority, luxi());
    let sizes = [0..1_000, 1_000..2_000].map(|range| {
        let entries = fill(log.entries()[range].to_vec());
        pack(None, entries).unwrap().batch.len()
    });
    let bytes: usize = sizes.into_iter().sum();
    let address = format!("https://{}", upper.address);
    let rate = NonZeroU64::new(400_000);
    let dialer = Dialer::new(&address, &credentials, authority.certificate_pem()).unwrap();
    let watch = Stopwatch::start();
    let link = start(dialer.with_most_bytes_per_second(rate), &log);
    assert!(soon(link.delivered(3_000)).await);
    let least = Duration::from_millis(bytes as u64 * 1_000 / 400_000);
    assert!(
        least > Duration::from_millis(100),
        "{least:?} shows nothing"
    );
    assert!(watch.elapsed() >= least, "{:?}", watch.elapsed());
    soon(link.stop()).await;
    upper.stop().await;
}

#[test]
fn a_bound_is_a_pause_after_each_message() {
    let at = |rate| uplink::Throttle::new(NonZeroU64::new(rate));
    assert_eq!(at(1_000).pause_after(250), Duration::from_millis(250));
    assert_eq!(at(0).pause_after(1 << 30), Duration::ZERO);
    assert!(at(1).pause_after(usize::MAX) > Duration::from_secs(500 * 365 * 24 * 3_600));
}

/// The prefecture between Luxi and Jiangxi.
fn pingxiang() -> Member {
    Member {
        node: NodeId([5; 16]),
        area: area("3603"),
    }
}

fn anyuan() -> Member {
    Member {
        node: NodeId([6; 16]),
        area: area("360302"),
    }
}

#[tokio::test]
async fn a_prefecture_passes_its_counties_through_and_one_that_forks_stops_no_other() {
    let authority = authority();
    let roots = authority.certificate_pem();
    let (at_province, at_prefecture) = (Arc::<Peers>::default(), Arc::<Peers>::default());
    let province = Upper::start(&authority, jiangxi(), &at_province);
    let prefecture = Upper::start(&authority, pingxiang(), &at_prefecture);
    let between = Arc::new(Between {
        own: Own::with_entries(pingxiang(), 0, 3),
        below: at_prefecture.clone(),
    });
    let credentials = issue(&authority, pingxiang());
    let up = connect(&credentials, roots, province.address, &between);

    let log = Arc::new(Own::with_entries(luxi(), 0, 2_500));
    let county = connect(&issue(&authority, luxi()), roots, prefecture.address, &log);
    assert!(soon(up.passed(luxi().node, 2_500)).await);
    // One that joins later is announced on the open link.
    let second = Arc::new(Own::with_entries(anyuan(), 0, 20));
    let other = connect(
        &issue(&authority, anyuan()),
        roots,
        prefecture.address,
        &second,
    );
    assert!(soon(up.passed(anyuan().node, 20)).await);
    assert_eq!(at_province.entries(luxi().node), withheld(&log));
    assert_eq!(at_province.entries(anyuan().node), withheld(&second));
    assert_eq!(at_province.entries(pingxiang().node).len(), 3);
    assert!(!contains(&at_province.bytes(), PERSONAL.as_bytes()));

    // The county dials the province as well: one log on two links.
    let direct = connect(&issue(&authority, luxi()), roots, province.address, &log);
    log.write(30);
    assert!(soon(direct.delivered(2_530)).await);
    assert!(soon(up.passed(luxi().node, 2_530)).await);
    assert_eq!(at_province.entries(luxi().node), withheld(&log));
    soon(direct.stop()).await;
    soon(county.stop()).await;

    // The prefecture has another history of it than the province: the alarm names it, and the rest goes on.
    let forged = Own::with_entries(luxi(), 7, 2_540);
    at_prefecture.replace(luxi().node, withheld(&forged));
    let forked = |status: &uplink::Status| status.forked;
    let status = soon(up.wait_for(forked)).await.unwrap();
    let failure = status.passed[&luxi().node].refused.clone();
    assert!(status.connected, "{status:?}");
    second.write(5);
    assert!(soon(up.passed(anyuan().node, 25)).await);
    assert_eq!(at_province.entries(luxi().node), withheld(&log));
    let seen = province.links.list();
    let link = seen.iter().find(|link| link.member == pingxiang()).unwrap();
    assert!(link.forked() && link.connected, "{link:?}");
    assert!(link.logs[&luxi().node].forked);
    assert!(!link.logs[&anyuan().node].forked);
    assert_eq!(failure.unwrap().code, "forked");

    for link in [up, other] {
        soon(link.stop()).await;
    }
    province.stop().await;
    prefecture.stop().await;
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
        assert!(seen[0].forked(), "{rewritten}: {seen:?}");
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
        own: LogHead::of(says, None),
        logs: Vec::new(),
        clock: 0,
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
    let Ok(Some(Answer::Welcome(welcome))) = welcomed else {
        panic!("{welcomed:?}");
    };
    let [refused] = welcome.refused.as_slice() else {
        panic!("a log that lost its end was taken: {welcome:?}");
    };
    assert_eq!(refused.code, "forked");
    let ended = soon(older.wait_for(|status| status.failure.is_some())).await;
    assert_eq!(ended.unwrap().failure.unwrap().code, "superseded");
    soon(older.stop()).await;
    upper.stop().await;
}
