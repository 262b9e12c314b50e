//! What either side decides about a link that carries the lower node's own log, without network or disk.

use std::time::Duration;

use lika_core::{log::Entry, value::NodeId};

use super::logs::{Own, area, jiangxi, luxi, note};
use crate::federation::{
    Acknowledged, Failure, Head, Hello, Known, LogCheckpoint, LogHead, Member, NotReceived,
    NotWitnessed, OLDEST_VERSION, Pace, Refusal, Rendered, ShownFork, Stands, VERSION, WINDOW,
    Welcome,
    downlink::{self, Effect as Down},
    uplink::{self, Effect as Up},
};

pub const PACE: Pace = Pace {
    first: Duration::from_secs(1),
    longest: Duration::from_secs(10),
    refused: Duration::from_secs(300),
    checks: Duration::from_secs(5),
};
pub const NOW: u64 = 1_480_000_000_000;

fn entries(count: usize) -> Vec<Entry> {
    Own::with_entries(luxi(), 0, count).entries()
}

fn other_history(count: usize) -> Vec<Entry> {
    Own::with_entries(luxi(), 99, count).entries()
}

/// How many forks are to be kept, and the other effects.
fn without_forks(effects: Vec<Down>) -> (usize, Vec<Down>) {
    let is_fork = |effect: &Down| matches!(effect, Down::KeepFork(_));
    let (forks, others): (Vec<_>, Vec<_>) = effects.into_iter().partition(is_fork);
    (forks.len(), others)
}

fn checkpoint(log: NodeId, entries: &[Entry]) -> LogCheckpoint {
    let note = note(end(entries));
    LogCheckpoint { log, note }
}

/// Both histories are kept, with the entry that shows it.
fn shown(seq: u64, entry: &Entry) -> Down {
    Down::KeepFork(ShownFork {
        log: luxi().node,
        seq,
        entry: Some(Box::new(entry.clone())),
        note: None,
    })
}

pub fn end(entries: &[Entry]) -> Head {
    entries.last().map_or(Head::EMPTY, Head::of)
}

fn log(head: Head) -> LogHead {
    LogHead { of: luxi(), head }
}

pub fn acknowledged(log: Option<NodeId>, entries: &[Entry]) -> Acknowledged {
    let head = end(entries);
    Acknowledged { log, head }
}

fn hello(version: u32, head: Head) -> downlink::Event {
    let hello = Hello {
        version,
        own: log(head),
        logs: Vec::new(),
        clock: NOW,
    };
    downlink::Event::Hello(hello, NOW)
}

/// What is known of a log of which these entries are durable, at the place where the lower node's copy ends.
pub fn known(have: &[Entry], theirs: Head) -> Known {
    let there = have.iter().find(|entry| entry.header().seq == theirs.seq);
    Known {
        head: end(have),
        area: have.first().map(|entry| entry.header().area),
        there: there.map(Head::of),
    }
}

fn open_as(version: u32, have: &[Entry], own: &[Entry]) -> downlink::State {
    let mut state = downlink::State::new(jiangxi().node, luxi());
    let asked = state.apply(hello(version, end(own)));
    assert_eq!(asked, [Down::Look(vec![log(end(own))])]);
    let looked = vec![known(have, end(own))];
    let welcomed = state.apply(downlink::Event::Looked(looked));
    let welcome = Welcome {
        version,
        node: jiangxi().node,
        head: end(have),
        logs: Stands::default(),
        clock: NOW,
    };
    assert_eq!(welcomed, [Down::Welcome(welcome)]);
    state
}

/// The upper node's side of an open link, with entries already there.
fn open(have: &[Entry], own: &[Entry]) -> downlink::State {
    open_as(VERSION, have, own)
}

fn batch(entries: &[Entry]) -> downlink::Event {
    downlink::Event::Entries(Some(luxi().node), entries.to_vec())
}

fn stored(entries: &[Entry]) -> Down {
    Down::Store(luxi(), entries.to_vec())
}

fn confirmed(entries: &[Entry]) -> Down {
    Down::Acknowledge(acknowledged(Some(luxi().node), entries))
}

#[test]
fn entries_are_stored_then_acknowledged() {
    let all = entries(5);
    let mut state = open(&[], &all);
    assert_eq!(state.apply(batch(&all[..3])), [stored(&all[..3])]);
    let durable = state.apply(downlink::Event::Stored(end(&all[..3])));
    assert_eq!(durable, [confirmed(&all[..3])]);
    assert_eq!(state.apply(batch(&all[3..])), [stored(&all[3..])]);
}

#[test]
fn what_comes_again_is_acknowledged_and_not_stored_again() {
    let all = entries(5);
    let mut state = open(&all[..3], &all);
    assert_eq!(state.apply(batch(&all[..3])), [confirmed(&all[..3])]);
    assert_eq!(state.apply(batch(&all[1..])), [stored(&all[3..])]);
}

#[test]
fn what_ends_before_the_end_is_held_against_what_is_here() {
    let all = entries(5);
    let mut state = open(&all, &all);
    assert_eq!(state.apply(batch(&all[..3])), [stored(&all[..3])]);
    let durable = state.apply(downlink::Event::Stored(end(&all)));
    assert_eq!(durable, [confirmed(&all)]);
    assert_eq!(
        state.apply(batch(&other_history(3))),
        [stored(&other_history(3))]
    );
    let entry = Box::new(other_history(3).remove(2));
    let why = NotReceived::Forked { seq: 3, entry };
    let forked = state.apply(downlink::Event::NotStored(why));
    let refused = Down::RefuseLog(luxi().node, Refusal::Forked(3), end(&all));
    assert_eq!(forked, [shown(3, &other_history(3)[2]), refused]);
}

#[test]
fn a_hello_that_is_not_the_certificates_ends_the_link() {
    let all = entries(5);
    let neighbour = Member {
        node: luxi().node,
        area: area("360324"),
    };
    let other_node = Member {
        node: NodeId([8; 16]),
        area: luxi().area,
    };
    let passed = LogHead::of(other_node, Some(end(&all)));
    let said = |version, own, logs: &[LogHead]| Hello {
        version,
        own: LogHead::of(own, Some(end(&all))),
        logs: logs.to_vec(),
        clock: NOW,
    };
    for (name, hello, expected) in [
        ("a later version", said(3, luxi(), &[]), Refusal::Version(3)),
        ("no version", said(0, luxi(), &[]), Refusal::Version(0)),
        (
            "another area",
            said(VERSION, neighbour, &[]),
            Refusal::NotTheCertificate,
        ),
        (
            "another node",
            said(VERSION, other_node, &[]),
            Refusal::NotTheCertificate,
        ),
        (
            "the own log twice",
            said(VERSION, luxi(), &[log(end(&all))]),
            Refusal::Unexpected("a log that is named twice"),
        ),
        (
            "more logs than version 1 has",
            said(OLDEST_VERSION, luxi(), &[passed]),
            Refusal::Unexpected("a log that version 1 does not carry"),
        ),
    ] {
        let mut state = downlink::State::new(jiangxi().node, luxi());
        let again = hello.clone();
        let effects = state.apply(downlink::Event::Hello(hello, NOW));
        assert_eq!(effects, [Down::Refuse(expected, Head::EMPTY)], "{name}");
        let after = state.apply(downlink::Event::Hello(again, NOW));
        assert_eq!(after, [], "{name}: goes on after the refusal");
    }
}

#[test]
fn a_log_of_another_history_than_was_acknowledged_is_not_taken() {
    let all = entries(5);
    let later_epoch = Head {
        epoch: 2,
        ..end(&all)
    };
    for (name, theirs, at) in [
        ("less than it acknowledged", end(&all[..2]), 2),
        ("another entry at the same place", end(&other_history(3)), 3),
        ("another epoch", later_epoch, 3),
        ("nothing any more", Head::EMPTY, 0),
    ] {
        for version in [OLDEST_VERSION, VERSION] {
            let mut state = downlink::State::new(jiangxi().node, luxi());
            state.apply(hello(version, theirs));
            let known = known(&all[..3], theirs);
            let effects = state.apply(downlink::Event::Looked(vec![known]));
            let refusal = Refusal::Forked(at);
            match effects.as_slice() {
                [Down::Welcome(welcome)] if version == VERSION => {
                    let [refused] = welcome.logs.refused.as_slice() else {
                        panic!("{name}: {welcome:?}");
                    };
                    assert_eq!(refused.failure, Failure::from(&refusal), "{name}");
                    assert_eq!((refused.head, welcome.head), (known.head, known.head));
                }
                [Down::Refuse(found, head)] if version == OLDEST_VERSION => {
                    assert_eq!((found, *head), (&refusal, known.head), "{name}");
                }
                other => panic!("{name}: {other:?}"),
            }
        }
    }
}

#[test]
fn batches_out_of_place_are_refused_and_nothing_of_them_is_stored() {
    let all = entries(6);
    let stranger = Member {
        node: NodeId([8; 16]),
        area: luxi().area,
    };
    let strangers = Own::with_entries(stranger, 0, 4).entries();
    let outside = Own::with_entries(luxi(), 0, 3);
    outside.write_under(area("360324"), b"not theirs");
    let wider = Own::with_entries(luxi(), 0, 3);
    wider.write_under(area("3603"), b"not theirs");
    let outside_at = |digits: &str| Refusal::EntryOutside {
        seq: 4,
        area: area(digits),
        allowed: luxi().area,
    };
    let gap = |expected, found| Refusal::Gap { expected, found };
    for (name, entries, expected) in [
        ("a gap before", all[4..].to_vec(), gap(4, 5)),
        (
            "a gap inside",
            vec![all[3].clone(), all[5].clone()],
            gap(5, 6),
        ),
        (
            "another history",
            other_history(4)[3..].to_vec(),
            Refusal::Forked(4),
        ),
        (
            "another entry at the head",
            other_history(3)[2..].to_vec(),
            Refusal::Forked(3),
        ),
        (
            "another node's entry",
            strangers,
            Refusal::WrongNode(NodeId([8; 16])),
        ),
        (
            "a neighbour's area",
            outside.entries(),
            outside_at("360324"),
        ),
        ("the area above", wider.entries(), outside_at("3603")),
    ] {
        let mut state = open(&all[..3], &all);
        let effects = state.apply(batch(&entries));
        let refused = Down::RefuseLog(luxi().node, expected.clone(), end(&all[..3]));
        let is_fork = matches!(expected, Refusal::Forked(_));
        assert_eq!(
            without_forks(effects),
            (usize::from(is_fork), vec![refused]),
            "{name}"
        );
        let after = state.apply(batch(&all[3..]));
        assert_eq!(after, [], "{name}: what was under way is not passed over");

        let mut older = open_as(OLDEST_VERSION, &all[..3], &all);
        let effects = older.apply(downlink::Event::Entries(None, entries));
        let refused = Down::Refuse(expected, end(&all[..3]));
        assert_eq!(
            without_forks(effects),
            (usize::from(is_fork), vec![refused]),
            "{name}"
        );
    }
}

#[test]
fn a_checkpoint_is_held_against_the_log_and_answered() {
    let all = entries(3);
    let mut state = open(&all, &all);
    let own = || checkpoint(luxi().node, &all);
    let asked = state.apply(downlink::Event::Checkpoint(own()));
    assert_eq!(asked, [Down::Witness(own())]);
    let answered = state.apply(downlink::Event::Witnessed(own()));
    assert_eq!(answered, [Down::Checkpoint(own())]);
    // What cannot be said now says nothing about the log.
    for why in [
        NotWitnessed::Unknown,
        NotWitnessed::Failed("disk full".into()),
    ] {
        assert_eq!(
            state.apply(downlink::Event::NotWitnessed(luxi().node, why)),
            []
        );
    }
    for (why, refusal) in [
        (NotWitnessed::Forked(3), Refusal::Forked(3)),
        (
            NotWitnessed::False("a forged one".into()),
            Refusal::FalseCheckpoint,
        ),
    ] {
        let mut state = open(&all, &all);
        let refused = state.apply(downlink::Event::NotWitnessed(luxi().node, why));
        let expected = Down::RefuseLog(luxi().node, refusal, end(&all));
        assert_eq!(refused, [expected]);
        // Nothing more is said about it until it is named again.
        assert_eq!(state.apply(downlink::Event::Checkpoint(own())), []);
    }
    let unnamed = downlink::Event::Checkpoint(checkpoint(NodeId([8; 16]), &all));
    let ended = open(&all, &all).apply(unnamed);
    assert!(
        matches!(ended[..], [Down::Refuse(Refusal::Unexpected(_), _)]),
        "{ended:?}"
    );
}

#[test]
fn checkpoints_are_shown_of_what_the_upper_node_has_and_only_when_it_is_time() {
    let all = entries(3);
    let mut state = greeted(&all);
    let own = luxi().node;
    assert_eq!(state.apply(welcome(Head::EMPTY)), [Up::ReadAfter(own, 0)]);
    // It does not have it yet.
    assert_eq!(state.apply(uplink::Event::ChecksDue), []);
    state.apply(read(&all));
    assert_eq!(state.apply(durable(&all)), []);
    let shown = state.apply(uplink::Event::ChecksDue);
    assert_eq!(shown, [Up::Check(own, end(&all))]);
    let kept = state.apply(uplink::Event::Witnessed(checkpoint(own, &all)));
    assert_eq!(kept, [Up::Keep(checkpoint(own, &all))]);
    // Once.
    assert_eq!(state.apply(uplink::Event::ChecksDue), []);
}

#[test]
fn a_link_starts_with_hello_says_it_once_and_names_why_it_ends() {
    let all = entries(2);
    let fresh = || downlink::State::new(jiangxi().node, luxi());
    let refused = |effects: Vec<Down>| match effects.as_slice() {
        [Down::Refuse(refusal, _)] => refusal.code(),
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(fresh().apply(batch(&all))), "message-unexpected");
    let early = downlink::Event::Announced(Vec::new());
    assert_eq!(refused(fresh().apply(early)), "message-unexpected");
    let again = open(&[], &all).apply(hello(VERSION, end(&all)));
    assert_eq!(refused(again), "message-unexpected");
    let unnamed = downlink::Event::Entries(Some(NodeId([8; 16])), all.clone());
    assert_eq!(
        refused(open(&[], &all).apply(unnamed)),
        "message-unexpected"
    );
    let own = Some(luxi().node);
    let full = || NotReceived::Failed("disk full".into());
    for (event, code) in [
        (downlink::Event::NotStored(full()), "not-stored"),
        (downlink::Event::Draining, "draining"),
        (downlink::Event::Superseded, "superseded"),
        (
            downlink::Event::Faulty(own, Refusal::FalseSize(9)),
            "batch-false-size",
        ),
        (
            downlink::Event::Faulty(own, Refusal::NotWithheld(9)),
            "content-not-withheld",
        ),
        (
            downlink::Event::Faulty(None, Refusal::TooManyLogs),
            "too-many-logs",
        ),
    ] {
        assert_eq!(refused(open(&[], &all).apply(event)), code);
    }
}

#[test]
fn a_node_of_version_1_is_answered_as_before() {
    let all = entries(5);
    let mut state = open_as(OLDEST_VERSION, &all[..2], &all);
    let sent = downlink::Event::Entries(None, all[2..].to_vec());
    assert_eq!(state.apply(sent), [stored(&all[2..])]);
    let durable = state.apply(downlink::Event::Stored(end(&all)));
    assert_eq!(durable, [Down::Acknowledge(acknowledged(None, &all))]);
}

fn welcome_as(version: u32, head: Head) -> uplink::Event {
    let welcome = Welcome {
        version,
        node: jiangxi().node,
        head,
        logs: Stands::default(),
        clock: NOW,
    };
    uplink::Event::Welcome(welcome, NOW)
}

fn welcome(head: Head) -> uplink::Event {
    welcome_as(VERSION, head)
}

fn read(entries: &[Entry]) -> uplink::Event {
    uplink::Event::Read(luxi().node, entries.to_vec())
}

fn durable(entries: &[Entry]) -> uplink::Event {
    uplink::Event::Acknowledged(acknowledged(Some(luxi().node), entries))
}

fn grown(entries: &[Entry]) -> uplink::Event {
    uplink::Event::Grown(vec![log(end(entries))])
}

fn send(entries: &[Entry]) -> Up {
    Up::Send(Some(luxi().node), rendered(entries))
}

fn one(seq: u64) -> Up {
    Up::ReadOne(luxi().node, seq)
}

fn after(seq: u64) -> Up {
    Up::ReadAfter(luxi().node, seq)
}

fn greet(version: u32, own: &[Entry]) -> Up {
    Up::Greet(Hello {
        version,
        own: log(end(own)),
        logs: Vec::new(),
        clock: NOW,
    })
}

/// The lower node's side after hello.
fn greeted(own: &[Entry]) -> uplink::State {
    let mut state = uplink::State::new(log(end(own)), PACE);
    assert_eq!(state.apply(uplink::Event::RetryDue), [Up::Dial]);
    let dialled = state.apply(uplink::Event::Dialled(NOW));
    assert_eq!(dialled, [greet(VERSION, own)]);
    assert!(state.awaits_answer());
    state
}

pub fn rendered(entries: &[Entry]) -> Vec<Rendered> {
    entries
        .iter()
        .cloned()
        .map(Rendered::pseudonymous)
        .collect()
}

#[test]
fn the_log_is_sent_from_where_the_upper_node_stopped() {
    let all = entries(5);
    let mut state = greeted(&all);
    assert_eq!(state.apply(welcome(end(&all[..2]))), [one(2)]);
    assert_eq!(state.apply(read(&all[1..2])), [after(2)]);
    assert!(state.status().connected);
    assert_eq!(state.status().acknowledged, Some(end(&all[..2])));
    let effects = state.apply(read(&all[2..4]));
    assert_eq!(effects, [send(&all[2..4]), after(4)]);
    assert_eq!(state.apply(read(&all[4..])), [send(&all[4..])]);
    assert_eq!(state.apply(durable(&all)), []);
    assert_eq!(state.status().acknowledged, Some(end(&all)));
}

#[test]
fn an_upper_node_that_has_everything_gets_what_is_written_later() {
    let all = entries(5);
    let mut state = greeted(&all[..3]);
    assert_eq!(state.apply(welcome(end(&all[..3]))), []);
    assert!(state.status().connected);
    assert_eq!(state.apply(grown(&all)), [after(3)]);
    assert_eq!(state.apply(grown(&all)), []);
}

#[test]
fn no_more_than_the_window_is_under_way() {
    let all = entries(WINDOW + 2);
    let mut state = greeted(&all);
    let mut effects = state.apply(welcome(Head::EMPTY));
    let mut sent = 0;
    while let Some(Up::ReadAfter(_, after)) = effects.last() {
        let next = usize::try_from(*after).unwrap();
        effects = state.apply(read(&all[next..=next]));
        sent += 1;
    }
    assert_eq!(sent, WINDOW);
    assert_eq!(state.apply(durable(&all[..2])), [after(WINDOW as u64)]);
}

#[test]
fn an_upper_node_that_is_ahead_of_this_link_is_not_sent_it_twice() {
    let all = entries(6);
    let mut state = greeted(&all);
    state.apply(welcome(Head::EMPTY));
    state.apply(read(&all[..2]));
    // What a link before this one had under way arrived meanwhile.
    state.apply(durable(&all[..4]));
    state.apply(read(&all[2..3]));
    assert_eq!(state.status().acknowledged, Some(end(&all[..4])));
}

#[test]
fn a_fork_is_shown_to_the_upper_node_and_raises_the_alarm() {
    let all = entries(5);
    let theirs = &other_history(2);
    let mut state = greeted(&all);
    assert_eq!(state.apply(welcome(end(theirs))), [one(2)]);
    assert_eq!(state.apply(read(&all[1..2])), [send(&all[1..2])]);
    assert!(state.status().forked);

    let mut upper = open(theirs, &all);
    let answer = upper.apply(batch(&all[1..2]));
    let refusal = Refusal::Forked(2);
    let refused = Down::RefuseLog(luxi().node, refusal.clone(), end(theirs));
    assert_eq!(answer, [shown(2, &all[1]), refused]);

    let refused = crate::federation::LogRefused {
        log: luxi().node,
        failure: Failure::from(&refusal),
        head: end(theirs),
    };
    let effects = state.apply(uplink::Event::LogRefused(refused));
    assert_eq!(effects, [Up::Wait(PACE.refused)]);
    let status = state.status();
    assert!(status.forked && status.connected, "{status:?}");
    assert_eq!(status.failure, Some(Failure::from(&refusal)));

    // Somebody may have looked at it meanwhile.
    let again = state.apply(uplink::Event::RetryDue);
    assert_eq!(again, [Up::Announce(vec![log(end(&all))])]);
}

#[test]
fn an_upper_node_that_has_what_was_never_written_is_a_fork() {
    let all = entries(5);
    let later_epoch = Head {
        epoch: 2,
        ..end(&all[..2])
    };
    for theirs in [end(&entries(6)), later_epoch] {
        let mut state = greeted(&all);
        assert_eq!(state.apply(welcome(theirs)), [Up::Wait(PACE.refused)]);
        assert!(state.status().forked);
    }
    for theirs in [entries(6), other_history(2)] {
        let mut state = greeted(&all);
        state.apply(welcome(Head::EMPTY));
        state.apply(read(&all[..2]));
        state.apply(durable(&theirs));
        assert!(state.status().forked, "{theirs:?}");
    }
}

#[test]
fn waits_grow_to_a_bound_and_start_anew_after_an_acknowledgement() {
    let all = entries(3);
    let mut state = uplink::State::new(log(end(&all)), PACE);
    let fail = |state: &mut uplink::State| {
        state.apply(uplink::Event::RetryDue);
        let cut = uplink::Event::Cut("no route".to_owned());
        match state.apply(cut).as_slice() {
            [Up::HangUp, Up::Wait(wait)] => wait.as_secs(),
            other => panic!("{other:?}"),
        }
    };
    let waits: Vec<u64> = (0..6).map(|_| fail(&mut state)).collect();
    assert_eq!(waits, [1, 2, 4, 8, 10, 10]);
    for _ in 0..100 {
        assert_eq!(fail(&mut state), 10);
    }

    state.apply(uplink::Event::RetryDue);
    state.apply(uplink::Event::Dialled(NOW));
    state.apply(welcome(Head::EMPTY));
    state.apply(read(&all));
    state.apply(durable(&all));
    let cut = state.apply(uplink::Event::Cut("reset".to_owned()));
    assert_eq!(cut, [Up::HangUp, Up::Wait(PACE.first)]);
    let failure = state.status().failure.unwrap();
    assert_eq!(
        (failure.code.as_str(), failure.message.as_str()),
        ("cut", "reset")
    );
    assert_eq!(state.status().acknowledged, Some(end(&all)));
}

fn refused(code: &str) -> uplink::Event {
    uplink::Event::Refused(Failure {
        code: code.to_owned(),
        message: String::new(),
    })
}

#[test]
fn only_refusals_that_pass_by_themselves_are_tried_again_soon() {
    for (code, wait) in [
        ("not-stored", PACE.first),
        ("draining", PACE.first),
        ("superseded", PACE.refused),
        ("not-the-certificate", PACE.refused),
        ("something-newer", PACE.refused),
    ] {
        let mut state = greeted(&entries(1));
        let effects = state.apply(refused(code));
        assert_eq!(effects, [Up::HangUp, Up::Wait(wait)], "{code}");
    }
}

#[test]
fn an_upper_node_of_version_1_is_sent_the_own_log_as_before() {
    let all = entries(3);
    let mut state = greeted(&all);
    let effects = state.apply(refused("link-version"));
    assert_eq!(effects, [Up::HangUp, Up::Wait(PACE.first)]);
    let message = state.status().failure.unwrap();
    assert_eq!(message.code, "link-version");
    state.apply(uplink::Event::RetryDue);
    let dialled = state.apply(uplink::Event::Dialled(NOW));
    assert_eq!(dialled, [greet(OLDEST_VERSION, &all)]);
    let effects = state.apply(welcome_as(OLDEST_VERSION, Head::EMPTY));
    assert_eq!(effects, [after(0)]);
    let sent = state.apply(read(&all));
    assert_eq!(sent, [Up::Send(None, rendered(&all))]);
    state.apply(uplink::Event::Acknowledged(acknowledged(None, &all)));
    assert_eq!(state.status().acknowledged, Some(end(&all)));
    assert_eq!(state.apply(uplink::Event::ChecksDue), []);

    // When it comes back it may have been upgraded.
    state.apply(uplink::Event::Cut("restarted".to_owned()));
    state.apply(uplink::Event::RetryDue);
    let dialled = state.apply(uplink::Event::Dialled(NOW));
    assert_eq!(dialled, [greet(VERSION, &all)]);
}

#[test]
fn an_upper_node_that_speaks_neither_version_is_not_dialled_again_and_again() {
    let all = entries(1);
    let mut state = greeted(&all);
    state.apply(refused("link-version"));
    state.apply(uplink::Event::RetryDue);
    state.apply(uplink::Event::Dialled(NOW));
    let effects = state.apply(refused("link-version"));
    assert_eq!(effects, [Up::HangUp, Up::Wait(PACE.refused)]);
    state.apply(uplink::Event::RetryDue);
    let dialled = state.apply(uplink::Event::Dialled(NOW));
    assert_eq!(dialled, [greet(VERSION, &all)]);
}

#[test]
fn late_news_of_a_lost_link_changes_nothing() {
    let all = entries(3);
    let mut state = greeted(&all);
    state.apply(uplink::Event::Cut("reset".to_owned()));
    for event in [
        welcome(Head::EMPTY),
        durable(&all),
        read(&all),
        uplink::Event::Dialled(NOW),
        uplink::Event::Cut("again".to_owned()),
    ] {
        assert_eq!(state.apply(event), []);
    }
    assert_eq!(state.apply(uplink::Event::RetryDue), [Up::Dial]);
}

#[test]
fn clocks_that_differ_are_measured_at_either_side() {
    let all = entries(1);
    let mut state = uplink::State::new(log(end(&all)), PACE);
    state.apply(uplink::Event::RetryDue);
    state.apply(uplink::Event::Dialled(NOW));
    let late = Welcome {
        version: VERSION,
        node: jiangxi().node,
        head: end(&all),
        logs: Stands::default(),
        clock: NOW + 60_050,
    };
    state.apply(uplink::Event::Welcome(late, NOW + 100));
    let skew = state.status().skew.unwrap();
    assert_eq!((skew.ahead_ms, skew.is_notable()), (60_000, true));

    let mut upper = downlink::State::new(jiangxi().node, luxi());
    let hello = Hello {
        version: VERSION,
        own: log(end(&all)),
        logs: Vec::new(),
        clock: NOW,
    };
    upper.apply(downlink::Event::Hello(hello, NOW + 400));
    let skew = upper.skew().unwrap();
    assert_eq!((skew.ahead_ms, skew.is_notable()), (-400, false));
}
