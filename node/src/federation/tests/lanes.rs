//! What either side decides about a link that carries several logs, without network or disk.

use lika_core::{log::Entry, value::NodeId};

use super::{
    logs::{Own, area, jiangxi, luxi},
    states::{NOW, PACE, acknowledged, end, known, rendered},
};
use crate::federation::{
    Failure, Head, Hello, Known, LogHead, LogRefused, MAX_LOGS, MAX_UNDER_WAY, Member, Refusal,
    Stands, VERSION, WINDOW, Welcome,
    downlink::{self, Effect as Down},
    message::{decode_logs, encode_logs},
    uplink::{self, Effect as Up},
};

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

fn entries(of: Member, count: usize) -> Vec<Entry> {
    Own::with_entries(of, 0, count).entries()
}

fn log(of: Member, entries: &[Entry]) -> LogHead {
    LogHead::of(of, Some(end(entries)))
}

/// The prefecture's side of an open link to a province that has nothing, carrying these logs beside its own empty one.
fn carrying(logs: &[LogHead]) -> (uplink::State, Vec<Up>) {
    let mut state = uplink::State::new(LogHead::of(pingxiang(), None), PACE);
    state.apply(uplink::Event::Grown(logs.to_vec()));
    state.apply(uplink::Event::RetryDue);
    let greeting = state.apply(uplink::Event::Dialled(NOW));
    let [Up::Greet(hello)] = greeting.as_slice() else {
        panic!("{greeting:?}");
    };
    let taken = hello.logs.iter().map(|log| (log.of.node, Head::EMPTY));
    let taken = taken.collect();
    let effects = state.apply(welcome(taken, Vec::new()));
    (state, effects)
}

fn welcome(taken: Vec<(NodeId, Head)>, refused: Vec<LogRefused>) -> uplink::Event {
    let welcome = Welcome {
        version: VERSION,
        node: jiangxi().node,
        head: Head::EMPTY,
        logs: Stands { taken, refused },
        clock: NOW,
    };
    uplink::Event::Welcome(welcome, NOW)
}

fn refused(of: Member, refusal: &Refusal, head: Head) -> LogRefused {
    LogRefused {
        log: of.node,
        failure: Failure::from(refusal),
        head,
    }
}

/// Reads one entry at a time until the state asks for no more; whose they were.
fn served(state: &mut uplink::State, mut effects: Vec<Up>, logs: &[&[Entry]]) -> Vec<NodeId> {
    let mut order = Vec::new();
    while let Some(Up::ReadAfter(log, after)) = effects.last() {
        let log = *log;
        let of = |entries: &&&[Entry]| entries.first().is_some_and(|it| it.header().node == log);
        let entries = logs.iter().find(of).unwrap();
        let next = usize::try_from(*after).unwrap();
        order.push(log);
        effects = state.apply(uplink::Event::Read(log, vec![entries[next].clone()]));
    }
    order
}

#[test]
fn logs_take_turns_on_the_line_and_share_its_window() {
    let (long, short) = (entries(luxi(), 100), entries(anyuan(), 2));
    let (mut state, effects) = carrying(&[log(luxi(), &long), log(anyuan(), &short)]);
    let order = served(&mut state, effects, &[&long, &short]);
    let (long_one, short_one) = (luxi().node, anyuan().node);
    assert_eq!(order[..4], [short_one, long_one, short_one, long_one]);
    assert_eq!(order.len(), WINDOW);

    // What is free of the window goes to who waits.
    let acknowledged = acknowledged(Some(short_one), &short);
    let effects = state.apply(uplink::Event::Acknowledged(acknowledged));
    assert_eq!(served(&mut state, effects, &[&long, &short]), [long_one; 2]);
}

#[test]
fn large_batches_fill_the_line_by_their_bytes() {
    let large = Own::new(luxi(), 0);
    let open = vec![b'x'; MAX_UNDER_WAY / 3];
    for _ in 0..WINDOW {
        large.write_under(luxi().area, &open);
    }
    let large = large.entries();
    let (mut state, effects) = carrying(&[log(luxi(), &large)]);
    assert_eq!(served(&mut state, effects, &[&large]).len(), 4 - 1);
}

#[test]
fn a_log_that_appears_later_is_announced_on_the_open_link_one_announcement_at_a_time() {
    let (mut state, _) = carrying(&[]);
    let first = entries(luxi(), 2);
    let named = log(luxi(), &first);
    let grown = state.apply(uplink::Event::Grown(vec![named]));
    assert_eq!(grown, [Up::Announce(vec![named])]);
    let second = log(anyuan(), &entries(anyuan(), 1));
    assert_eq!(state.apply(uplink::Event::Grown(vec![second])), []);

    let stands = Stands {
        taken: vec![(luxi().node, Head::EMPTY)],
        refused: Vec::new(),
    };
    let effects = state.apply(uplink::Event::Stands(stands));
    let read = Up::ReadAfter(luxi().node, 0);
    assert_eq!(effects, [Up::Announce(vec![second]), read]);
    let sent = state.apply(uplink::Event::Read(luxi().node, first.clone()));
    assert_eq!(sent, [Up::Send(Some(luxi().node), rendered(&first))]);
}

#[test]
fn a_refused_log_waits_and_the_others_go_on() {
    let (bad, good) = (entries(luxi(), 3), entries(anyuan(), 3));
    let (mut state, _) = carrying(&[log(luxi(), &bad), log(anyuan(), &good)]);
    state.apply(uplink::Event::Read(anyuan().node, good[..1].to_vec()));
    state.apply(uplink::Event::Read(luxi().node, bad[..1].to_vec()));
    let refusal = Refusal::Forked(1);
    let forked = refused(luxi(), &refusal, Head::EMPTY);
    let effects = state.apply(uplink::Event::LogRefused(forked));
    assert_eq!(effects, [Up::Wait(PACE.refused)]);
    let status = state.status();
    assert!(status.connected && status.forked, "{status:?}");
    let failure = status.passed[&luxi().node].refused.clone();
    assert_eq!(failure, Some(Failure::from(&refusal)));
    assert_eq!(status.passed[&anyuan().node].refused, None);
    // The own log is well.
    assert_eq!(status.failure, None);

    let rest = state.apply(uplink::Event::Read(anyuan().node, good[1..].to_vec()));
    assert_eq!(rest, [Up::Send(Some(anyuan().node), rendered(&good[1..]))]);
    let again = state.apply(uplink::Event::RetryDue);
    assert_eq!(again, [Up::Announce(vec![log(luxi(), &bad)])]);
}

#[test]
fn a_log_that_cannot_be_read_stops_no_other() {
    let (bad, good) = (entries(luxi(), 3), entries(anyuan(), 3));
    let (mut state, _) = carrying(&[log(luxi(), &bad), log(anyuan(), &good)]);
    state.apply(uplink::Event::Read(anyuan().node, good.clone()));
    let failure = Failure {
        code: "unreadable".to_owned(),
        message: "damaged".to_owned(),
    };
    let unreadable = uplink::Event::Unreadable(luxi().node, failure.clone());
    assert_eq!(state.apply(unreadable), [Up::Wait(PACE.refused)]);
    let status = state.status();
    assert_eq!(status.passed[&luxi().node].refused, Some(failure));
    let acknowledged = acknowledged(Some(anyuan().node), &good);
    state.apply(uplink::Event::Acknowledged(acknowledged));
    let passed = &state.status().passed[&anyuan().node];
    assert_eq!(passed.acknowledged, Some(end(&good)));
}

/// The county dials the province itself while its prefecture passes it through.
#[test]
fn what_the_upper_node_has_on_another_way_is_no_fork_of_a_log_from_below() {
    let all = entries(luxi(), 6);
    let mut state = uplink::State::new(LogHead::of(pingxiang(), None), PACE);
    state.apply(uplink::Event::Grown(vec![log(luxi(), &all[..3])]));
    state.apply(uplink::Event::RetryDue);
    state.apply(uplink::Event::Dialled(NOW));
    let ahead = vec![(luxi().node, end(&all[..5]))];
    assert_eq!(state.apply(welcome(ahead, Vec::new())), []);
    assert!(!state.status().forked);
    // It catches up with what is there, then goes on from it.
    let grown = uplink::Event::Grown(vec![log(luxi(), &all[..5])]);
    assert_eq!(state.apply(grown), []);
    let grown = uplink::Event::Grown(vec![log(luxi(), &all)]);
    assert_eq!(state.apply(grown), [Up::ReadAfter(luxi().node, 5)]);
    let further = acknowledged(Some(luxi().node), &all);
    assert_eq!(state.apply(uplink::Event::Acknowledged(further)), []);
    assert!(!state.status().forked);
}

#[test]
fn a_link_carries_so_many_logs_and_says_how_many_are_left_out() {
    let logs: Vec<LogHead> = (0..MAX_LOGS + 3).map(numbered).collect();
    let (state, _) = carrying(&logs);
    let status = state.status();
    assert_eq!(status.passed.len(), MAX_LOGS);
    assert_eq!(status.left_out, 3);
}

fn numbered(number: usize) -> LogHead {
    let mut node = [9; 16];
    node[8..].copy_from_slice(&number.to_be_bytes());
    let of = Member {
        node: NodeId(node),
        area: luxi().area,
    };
    LogHead::of(of, None)
}

#[test]
fn a_list_of_logs_is_counted_before_there_is_room_for_it() {
    let logs: Vec<LogHead> = (0..MAX_LOGS).map(numbered).collect();
    assert_eq!(decode_logs(encode_logs(logs.clone())), Ok(logs.clone()));
    let one_more = [logs.as_slice(), &[numbered(MAX_LOGS)]].concat();
    let empty = [0x0A, 0x00].repeat(4_000_000);
    let twice = encode_logs(vec![numbered(1), numbered(2), numbered(1)]);
    let truncated = encode_logs(logs)[..200].to_vec();
    for (name, bytes, expected) in [
        ("one more", encode_logs(one_more), Refusal::TooManyLogs),
        ("a swarm of empty ones", empty, Refusal::TooManyLogs),
        (
            "one twice",
            twice,
            Refusal::Unexpected("a log that is named twice"),
        ),
        (
            "truncated",
            truncated,
            Refusal::Unreadable("the list of logs"),
        ),
        (
            "another field",
            vec![0x12, 0x00],
            Refusal::Unreadable("the list of logs"),
        ),
        (
            "an empty one",
            vec![0x0A, 0x00],
            Refusal::Unreadable("a node id"),
        ),
    ] {
        assert_eq!(decode_logs(bytes), Err(expected), "{name}");
    }
}

/// The province's side of a link from the prefecture that names these logs, of which this is known.
fn named(logs: &[(LogHead, Known)]) -> (downlink::State, Stands) {
    let mut state = downlink::State::new(jiangxi().node, pingxiang());
    let hello = Hello {
        version: VERSION,
        own: LogHead::of(pingxiang(), None),
        logs: logs.iter().map(|(log, _)| *log).collect(),
        clock: NOW,
    };
    state.apply(downlink::Event::Hello(hello, NOW));
    let known = logs.iter().map(|(_, known)| *known);
    let known = [Known::NOTHING].into_iter().chain(known).collect();
    let effects = state.apply(downlink::Event::Looked(known));
    let [Down::Welcome(welcome)] = effects.as_slice() else {
        panic!("{effects:?}");
    };
    (state, welcome.logs.clone())
}

fn batch(of: Member, entries: &[Entry]) -> downlink::Event {
    downlink::Event::Entries(Some(of.node), entries.to_vec())
}

#[test]
fn each_log_is_taken_and_refused_by_itself() {
    let (good, bad) = (entries(luxi(), 3), entries(anyuan(), 4));
    let logs = [
        (log(luxi(), &good), Known::NOTHING),
        (log(anyuan(), &bad), Known::NOTHING),
    ];
    let (mut state, stands) = named(&logs);
    let taken = vec![(luxi().node, Head::EMPTY), (anyuan().node, Head::EMPTY)];
    assert_eq!((stands.taken, stands.refused), (taken, Vec::new()));

    let refused = state.apply(batch(anyuan(), &bad[1..]));
    let gap = Refusal::Gap {
        expected: 1,
        found: 2,
    };
    assert_eq!(refused, [Down::RefuseLog(anyuan().node, gap, Head::EMPTY)]);
    assert_eq!(state.apply(batch(anyuan(), &bad)), []);
    let stored = state.apply(batch(luxi(), &good));
    assert_eq!(stored, [Down::Store(luxi(), good.clone())]);
    let durable = state.apply(downlink::Event::Stored(end(&good)));
    let confirmed = acknowledged(Some(luxi().node), &good);
    assert_eq!(durable, [Down::Acknowledge(confirmed)]);

    // Named again, it is taken again.
    let again = vec![log(anyuan(), &bad)];
    let look = state.apply(downlink::Event::Announced(again.clone()));
    assert_eq!(look, [Down::Look(again)]);
    state.apply(downlink::Event::Looked(vec![Known::NOTHING]));
    let stored = state.apply(batch(anyuan(), &bad));
    assert_eq!(stored, [Down::Store(anyuan(), bad)]);
}

#[test]
fn an_entry_that_a_newer_node_wrote_stops_its_log_alone() {
    let good = entries(luxi(), 1);
    let logs = [
        (log(luxi(), &good), Known::NOTHING),
        (log(anyuan(), &good), Known::NOTHING),
    ];
    let (mut state, _) = named(&logs);
    let unreadable = Refusal::Unreadable("an entry");
    let effects = state.apply(downlink::Event::Faulty(
        Some(anyuan().node),
        unreadable.clone(),
    ));
    let refused = Down::RefuseLog(anyuan().node, unreadable, Head::EMPTY);
    assert_eq!(effects, [refused]);
    assert_eq!(
        state.apply(batch(luxi(), &good)),
        [Down::Store(luxi(), good)]
    );
}

#[test]
fn only_logs_of_the_certificates_area_and_of_one_history_come_from_below() {
    let all = entries(luxi(), 5);
    let elsewhere = Member {
        node: NodeId([7; 16]),
        area: area("360423"),
    };
    let moved = Member {
        node: luxi().node,
        area: area("360302"),
    };
    let ours = known(&all[..3], end(&all));
    let known_elsewhere = Known {
        area: Some(elsewhere.area),
        ..ours
    };
    let outside = |area| Refusal::LogOutside {
        area,
        allowed: pingxiang().area,
    };
    let other = Own::with_entries(luxi(), 99, 2).entries();
    let upper = Member {
        node: jiangxi().node,
        area: luxi().area,
    };
    for (name, named_as, known, expected) in [
        (
            "a neighbour's county",
            log(elsewhere, &all),
            Known::NOTHING,
            outside(elsewhere.area),
        ),
        (
            "a neighbour's county under another area",
            log(luxi(), &all),
            known_elsewhere,
            outside(elsewhere.area),
        ),
        (
            "another county's area",
            log(moved, &all),
            ours,
            Refusal::LogArea {
                said: moved.area,
                found: luxi().area,
            },
        ),
        (
            "the upper node's own log",
            log(upper, &all),
            Known::NOTHING,
            Refusal::OwnLog,
        ),
        (
            "another history that ends before",
            log(luxi(), &other),
            super::states::known(&all[..3], end(&other)),
            Refusal::Forked(2),
        ),
    ] {
        let (mut state, stands) = named(&[(named_as, known)]);
        let head = known.head;
        let whose = named_as.of;
        assert_eq!(stands.refused, [refused(whose, &expected, head)], "{name}");
        // The link lives.
        let again = state.apply(downlink::Event::Announced(vec![log(anyuan(), &[])]));
        assert!(matches!(again[..], [Down::Look(_)]), "{name}: {again:?}");
    }
    // A copy that is behind, or ahead, of one and the same history is taken.
    for ends in [&all[..2], &all[..3], &all[..5], &all[..0]] {
        let known = known(&all[..3], end(ends));
        let (_, stands) = named(&[(log(luxi(), ends), known)]);
        assert_eq!(stands.taken, [(luxi().node, known.head)]);
    }
}

#[test]
fn a_log_is_of_the_area_that_its_first_entry_says() {
    let wide = Own::with_entries(luxi(), 0, 2);
    let wide = wide.entries();
    let claimed = Member {
        node: luxi().node,
        area: area("3603"),
    };
    let (mut state, _) = named(&[(log(claimed, &wide), Known::NOTHING)]);
    let effects = state.apply(batch(claimed, &wide));
    let refusal = Refusal::LogArea {
        said: claimed.area,
        found: luxi().area,
    };
    assert_eq!(
        effects,
        [Down::RefuseLog(luxi().node, refusal, Head::EMPTY)]
    );
}
