//! What either side decides, without network or disk.

use std::time::Duration;

use lika_core::{log::Entry, value::NodeId};

use super::logs::{Own, area, jiangxi, luxi};
use crate::federation::{
    Head, Hello, Member, NotReceived, Pace, Refusal, Rendered, VERSION, WINDOW, Welcome,
    downlink::{self, Effect as Down},
    uplink::{self, Effect as Up, Failure},
};

const PACE: Pace = Pace {
    first: Duration::from_secs(1),
    longest: Duration::from_secs(10),
    refused: Duration::from_secs(300),
};

fn entries(count: usize) -> Vec<Entry> {
    Own::with_entries(luxi(), 0, count).entries()
}

fn other_history(count: usize) -> Vec<Entry> {
    Own::with_entries(luxi(), 99, count).entries()
}

fn end(entries: &[Entry]) -> Head {
    entries.last().map_or(Head::EMPTY, Head::of)
}

fn hello(head: Head) -> downlink::Event {
    downlink::Event::Hello(Hello {
        version: VERSION,
        member: luxi(),
        head,
    })
}

/// The upper node's side of an open link, with entries already there.
fn open(have: &[Entry], own: &[Entry]) -> downlink::State {
    let mut state = downlink::State::new(jiangxi().node, luxi(), end(have));
    let welcomed = state.apply(hello(end(own)));
    let welcome = Welcome {
        version: VERSION,
        node: jiangxi().node,
        head: end(have),
    };
    assert_eq!(welcomed, [Down::Welcome(welcome)]);
    state
}

#[test]
fn entries_are_stored_then_acknowledged() {
    let all = entries(5);
    let mut state = open(&[], &all);
    let batch = downlink::Event::Entries(all[..3].to_vec());
    assert_eq!(state.apply(batch), [Down::Store(all[..3].to_vec())]);
    let stored = state.apply(downlink::Event::Stored(end(&all[..3])));
    assert_eq!(stored, [Down::Acknowledge(end(&all[..3]))]);
    let batch = downlink::Event::Entries(all[3..].to_vec());
    assert_eq!(state.apply(batch), [Down::Store(all[3..].to_vec())]);
}

#[test]
fn what_comes_again_is_acknowledged_and_not_stored_again() {
    let all = entries(5);
    let mut state = open(&all[..3], &all);
    let again = state.apply(downlink::Event::Entries(all[..3].to_vec()));
    assert_eq!(again, [Down::Acknowledge(end(&all[..3]))]);
    let overlapping = state.apply(downlink::Event::Entries(all[1..].to_vec()));
    assert_eq!(overlapping, [Down::Store(all[3..].to_vec())]);
}

#[test]
fn hello_must_be_that_of_the_certificate_and_of_the_same_history() {
    let all = entries(5);
    let neighbour = Member {
        node: luxi().node,
        area: area("360324"),
    };
    let other_node = Member {
        node: NodeId([8; 16]),
        area: luxi().area,
    };
    let said = |version, member, own: &[Entry]| Hello {
        version,
        member,
        head: end(own),
    };
    let later_epoch = Hello {
        head: Head {
            epoch: 2,
            ..end(&all)
        },
        ..said(VERSION, luxi(), &all)
    };
    for (name, hello, expected) in [
        (
            "another version",
            said(2, luxi(), &all),
            Refusal::Version(2),
        ),
        (
            "another area",
            said(VERSION, neighbour, &all),
            Refusal::NotTheCertificate,
        ),
        (
            "another node",
            said(VERSION, other_node, &all),
            Refusal::NotTheCertificate,
        ),
        (
            "less than it acknowledged",
            said(VERSION, luxi(), &all[..2]),
            Refusal::Forked(2),
        ),
        (
            "another entry at the same place",
            said(VERSION, luxi(), &other_history(3)),
            Refusal::Forked(3),
        ),
        ("another epoch", later_epoch, Refusal::Forked(3)),
    ] {
        let mut state = downlink::State::new(jiangxi().node, luxi(), end(&all[..3]));
        let effects = state.apply(downlink::Event::Hello(hello));
        assert_eq!(effects, [Down::Refuse(expected, end(&all[..3]))], "{name}");
        let after = state.apply(downlink::Event::Hello(hello));
        assert_eq!(after, [], "{name}: goes on after the refusal");
    }
}

#[test]
fn batches_out_of_place_are_refused_and_nothing_of_them_is_stored() {
    let all = entries(6);
    let strangers = Own::with_entries(
        Member {
            node: NodeId([8; 16]),
            area: luxi().area,
        },
        0,
        4,
    )
    .entries();
    let outside = Own::with_entries(luxi(), 0, 3);
    outside.write_under(area("360324"), b"not theirs");
    let wider = Own::with_entries(luxi(), 0, 3);
    wider.write_under(area("3603"), b"not theirs");
    let outside_at = |digits: &str| Refusal::EntryOutside {
        seq: 4,
        area: area(digits),
        allowed: luxi().area,
    };
    for (name, batch, expected) in [
        (
            "a gap before",
            all[4..].to_vec(),
            Refusal::Gap {
                expected: 4,
                found: 5,
            },
        ),
        (
            "a gap inside",
            vec![all[3].clone(), all[5].clone()],
            Refusal::Gap {
                expected: 5,
                found: 6,
            },
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
        let effects = state.apply(downlink::Event::Entries(batch));
        assert_eq!(effects, [Down::Refuse(expected, end(&all[..3]))], "{name}");
        let after = state.apply(downlink::Event::Entries(all[3..].to_vec()));
        assert_eq!(after, [], "{name}: goes on after the refusal");
    }
}

#[test]
fn a_link_starts_with_hello_says_it_once_and_names_why_it_ends() {
    let all = entries(2);
    let fresh = || downlink::State::new(jiangxi().node, luxi(), Head::EMPTY);
    let refused = |effects: Vec<Down>| match effects.as_slice() {
        [Down::Refuse(refusal, _)] => refusal.code(),
        other => panic!("{other:?}"),
    };
    let batch = || downlink::Event::Entries(all.clone());
    assert_eq!(refused(fresh().apply(batch())), "message-unexpected");
    let again = open(&[], &all).apply(hello(end(&all)));
    assert_eq!(refused(again), "message-unexpected");
    for (event, code) in [
        (
            downlink::Event::NotStored(NotReceived::Failed("disk full".into())),
            "not-stored",
        ),
        (downlink::Event::NotStored(NotReceived::Forked(1)), "forked"),
        (downlink::Event::Draining, "draining"),
        (downlink::Event::Superseded, "superseded"),
        (
            downlink::Event::Faulty(Refusal::FalseSize(9)),
            "batch-false-size",
        ),
    ] {
        assert_eq!(refused(open(&[], &all).apply(event)), code);
    }
}

fn welcome(head: Head) -> uplink::Event {
    uplink::Event::Welcome(Welcome {
        version: VERSION,
        node: jiangxi().node,
        head,
    })
}

/// The lower node's side after hello.
fn greeted(own: &[Entry]) -> uplink::State {
    let mut state = uplink::State::new(end(own), PACE);
    assert_eq!(state.apply(uplink::Event::RetryDue), [Up::Dial]);
    assert_eq!(state.apply(uplink::Event::Dialled), [Up::Greet(end(own))]);
    assert!(state.awaits_answer());
    state
}

fn rendered(entries: &[Entry]) -> Vec<Rendered> {
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
    assert_eq!(state.apply(welcome(end(&all[..2]))), [Up::ReadOne(2)]);
    let compared = state.apply(uplink::Event::Read(all[1..2].to_vec()));
    assert_eq!(compared, [Up::ReadAfter(2)]);
    assert!(state.status().connected);
    assert_eq!(state.status().acknowledged, Some(end(&all[..2])));
    let read = state.apply(uplink::Event::Read(all[2..4].to_vec()));
    assert_eq!(read, [Up::Send(rendered(&all[2..4])), Up::ReadAfter(4)]);
    let read = state.apply(uplink::Event::Read(all[4..].to_vec()));
    assert_eq!(read, [Up::Send(rendered(&all[4..]))]);
    assert_eq!(state.apply(uplink::Event::Acknowledged(end(&all))), []);
    assert_eq!(state.status().acknowledged, Some(end(&all)));
}

#[test]
fn an_upper_node_that_has_everything_gets_what_is_written_later() {
    let all = entries(5);
    let mut state = greeted(&all[..3]);
    assert_eq!(state.apply(welcome(end(&all[..3]))), []);
    assert!(state.status().connected);
    let grown = state.apply(uplink::Event::Grown(end(&all)));
    assert_eq!(grown, [Up::ReadAfter(3)]);
    assert_eq!(state.apply(uplink::Event::Grown(end(&all))), []);
}

#[test]
fn no_more_than_the_window_is_under_way() {
    let all = entries(WINDOW + 2);
    let mut state = greeted(&all);
    let mut effects = state.apply(welcome(Head::EMPTY));
    let mut sent = 0;
    while let Some(Up::ReadAfter(after)) = effects.last() {
        let next = usize::try_from(*after).unwrap();
        effects = state.apply(uplink::Event::Read(vec![all[next].clone()]));
        sent += 1;
    }
    assert_eq!(sent, WINDOW);
    let acknowledged = state.apply(uplink::Event::Acknowledged(end(&all[..2])));
    assert_eq!(acknowledged, [Up::ReadAfter(WINDOW as u64)]);
}

#[test]
fn an_upper_node_that_is_ahead_of_this_link_is_not_sent_it_twice() {
    let all = entries(6);
    let mut state = greeted(&all);
    state.apply(welcome(Head::EMPTY));
    state.apply(uplink::Event::Read(all[..2].to_vec()));
    // What a link before this one had under way arrived meanwhile.
    state.apply(uplink::Event::Acknowledged(end(&all[..4])));
    state.apply(uplink::Event::Read(all[2..3].to_vec()));
    assert_eq!(state.status().acknowledged, Some(end(&all[..4])));
}

#[test]
fn a_fork_is_shown_to_the_upper_node_and_raises_the_alarm() {
    let all = entries(5);
    let theirs = end(&other_history(2));
    let mut state = greeted(&all);
    assert_eq!(state.apply(welcome(theirs)), [Up::ReadOne(2)]);
    let proof = state.apply(uplink::Event::Read(all[1..2].to_vec()));
    assert_eq!(proof, [Up::Send(rendered(&all[1..2]))]);
    assert!(state.status().forked && state.awaits_answer());

    let mut upper = downlink::State::new(jiangxi().node, luxi(), theirs);
    upper.apply(hello(end(&all)));
    let answer = upper.apply(downlink::Event::Entries(all[1..2].to_vec()));
    assert_eq!(answer, [Down::Refuse(Refusal::Forked(2), theirs)]);

    let refused = state.apply(uplink::Event::Refused(Failure {
        code: "forked".to_owned(),
        message: String::new(),
    }));
    assert_eq!(refused, [Up::HangUp, Up::Wait(PACE.refused)]);
    assert!(state.status().forked && !state.status().connected);
}

#[test]
fn an_upper_node_that_has_what_was_never_written_is_a_fork() {
    let all = entries(5);
    for theirs in [
        end(&entries(6)),
        Head {
            epoch: 2,
            ..end(&all[..2])
        },
    ] {
        let mut state = greeted(&all);
        let effects = state.apply(welcome(theirs));
        assert_eq!(effects, [Up::HangUp, Up::Wait(PACE.refused)]);
        assert!(state.status().forked);
    }
    for theirs in [end(&entries(6)), end(&other_history(2))] {
        let mut state = greeted(&all);
        state.apply(welcome(Head::EMPTY));
        state.apply(uplink::Event::Read(all[..2].to_vec()));
        state.apply(uplink::Event::Acknowledged(theirs));
        assert!(state.status().forked, "{theirs:?}");
    }
}

#[test]
fn waits_grow_to_a_bound_and_start_anew_after_an_acknowledgement() {
    let all = entries(3);
    let mut state = uplink::State::new(end(&all), PACE);
    let fail = |state: &mut uplink::State| {
        state.apply(uplink::Event::RetryDue);
        match state
            .apply(uplink::Event::Cut("no route".to_owned()))
            .as_slice()
        {
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
    state.apply(uplink::Event::Dialled);
    state.apply(welcome(Head::EMPTY));
    state.apply(uplink::Event::Read(all.clone()));
    state.apply(uplink::Event::Acknowledged(end(&all)));
    let cut = state.apply(uplink::Event::Cut("reset".to_owned()));
    assert_eq!(cut, [Up::HangUp, Up::Wait(PACE.first)]);
    let failure = state.status().failure.clone().unwrap();
    assert_eq!(
        (failure.code.as_str(), failure.message.as_str()),
        ("cut", "reset")
    );
    assert_eq!(state.status().acknowledged, Some(end(&all)));
}

#[test]
fn only_refusals_that_pass_by_themselves_are_tried_again_soon() {
    for (code, wait) in [
        ("not-stored", PACE.first),
        ("draining", PACE.first),
        ("superseded", PACE.refused),
        ("entry-outside-area", PACE.refused),
        ("something-newer", PACE.refused),
    ] {
        let mut state = greeted(&entries(1));
        let effects = state.apply(uplink::Event::Refused(Failure {
            code: code.to_owned(),
            message: String::new(),
        }));
        assert_eq!(effects, [Up::HangUp, Up::Wait(wait)], "{code}");
    }
}

#[test]
fn late_news_of_a_lost_link_changes_nothing() {
    let all = entries(3);
    let mut state = greeted(&all);
    state.apply(uplink::Event::Cut("reset".to_owned()));
    for event in [
        welcome(Head::EMPTY),
        uplink::Event::Acknowledged(end(&all)),
        uplink::Event::Read(all.clone()),
        uplink::Event::Dialled,
        uplink::Event::Cut("again".to_owned()),
    ] {
        assert_eq!(state.apply(event), []);
    }
    assert_eq!(state.apply(uplink::Event::RetryDue), [Up::Dial]);
}
