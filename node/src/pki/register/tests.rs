use std::{fs, sync::Arc, thread};

use lika_core::value::{AreaCode, NodeId, RecordId};
use proptest::prelude::*;

use super::*;
use crate::pki::{Authority, Identity, Token, Validity};

const NOW_MS: u64 = 1_480_000_000_000;
const DAY_MS: u64 = 24 * 60 * 60 * 1000;

fn luxi() -> NodeId {
    NodeId([7; 16])
}

fn area() -> AreaCode {
    AreaCode::parse("360323").unwrap()
}

fn made(token: &Token) -> Event {
    Event::TokenMade {
        token: token.id().clone(),
        hash: token.hash(),
        area: area(),
        node: None,
        name: "芦溪县".to_owned(),
        until_ms: NOW_MS + DAY_MS,
        certificate_ms: 397 * DAY_MS,
    }
}

/// A certificate of Luxi's, and the event that issues it.
fn issued(authority: &Authority, ground: Ground) -> (Certificate, Event) {
    let validity = Validity::days(NOW_MS, 397).unwrap();
    let credentials = authority.issue_node(luxi(), area(), &[], validity).unwrap();
    let pem = credentials.certificate_pem();
    let certificate = Certificate::read_pem(pem).unwrap();
    let event = Event::Issued(Issued::new(&certificate, pem, ground));
    (certificate, event)
}

fn authority() -> Authority {
    Authority::create("Jiangxi", Validity::days(NOW_MS, 3650).unwrap()).unwrap()
}

fn write(register: &Register, events: Vec<Event>) {
    register
        .record(NOW_MS, |_| Ok::<_, Error>((events, ())))
        .unwrap();
}

fn revoked(what: Revoked) -> Event {
    Event::Revoked {
        what,
        reason: "the disk was stolen".to_owned(),
    }
}

#[test]
fn what_one_has_written_the_other_reads_at_its_next_question() {
    let folder = tempfile::tempdir().unwrap();
    let (one, other) = (
        Register::open(folder.path()).unwrap(),
        Register::open(folder.path()).unwrap(),
    );
    let mut lines = other.subscribe();
    let token = Token::make().unwrap();
    write(&one, vec![made(&token)]);
    let seen = other.ask(|standing| standing.shown(&token).cloned());
    assert_eq!(seen.unwrap().unwrap().fate, Fate::Open);
    assert!(lines.has_changed().unwrap());
    lines.mark_unchanged();

    let (certificate, event) = issued(&authority(), Ground::Token(token.id().clone()));
    write(&other, vec![event]);
    let seen = one.ask(|standing| standing.shown(&token).cloned());
    assert_eq!(seen.unwrap().unwrap().fate, Fate::Used(certificate.serial));
    let again = Register::open(folder.path()).unwrap();
    let listed = again.ask(|standing| standing.issued().len()).unwrap();
    assert_eq!(listed, 1);
}

#[test]
fn a_secret_is_in_no_line() {
    let folder = tempfile::tempdir().unwrap();
    let register = Register::open(folder.path()).unwrap();
    let token = Token::make().unwrap();
    write(&register, vec![made(&token)]);
    let text = fs::read_to_string(folder.path().join(NAME)).unwrap();
    assert!(text.contains(&token.id().to_string()));
    let whole = token.expose();
    let secret = whole.split_once('-').unwrap().1;
    assert!(!text.contains(secret));
}

#[test]
fn a_holder_that_is_barred_may_be_enrolled_again() {
    let folder = tempfile::tempdir().unwrap();
    let register = Register::open(folder.path()).unwrap();
    let authority = authority();
    let (unlisted, _) = issued(&authority, Ground::Own);
    let (first, event) = issued(&authority, Ground::Own);
    let holder = Holder::Node(luxi());
    write(&register, vec![event, revoked(Revoked::Holder(holder))]);
    let (second, event) = issued(&authority, Ground::Own);
    write(&register, vec![event]);
    assert!(register.revocation(&unlisted).is_some());
    assert!(register.revocation(&first).is_some());
    assert_eq!(register.revocation(&second), None);
    assert!(register.ask(|it| it.is_enrolled(&luxi(), NOW_MS)).unwrap());

    let serial = Revoked::Serial(second.serial.clone());
    write(&register, vec![revoked(serial)]);
    let why = register.revocation(&second).unwrap();
    assert_eq!(why.reason, "the disk was stolen");
    assert!(!register.ask(|it| it.is_enrolled(&luxi(), NOW_MS)).unwrap());
    let officer = Identity::Client {
        officer: RecordId(luxi().0),
    };
    let namesake = Certificate {
        identity: officer,
        ..unlisted
    };
    assert_eq!(register.revocation(&namesake), None);
}

#[test]
fn a_line_that_was_never_finished_is_no_line_and_makes_room() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(NAME);
    let token = Token::make().unwrap();
    write(&Register::open(folder.path()).unwrap(), vec![made(&token)]);
    let first = fs::read(&file).unwrap();
    let other = Token::make().unwrap();
    write(&Register::open(folder.path()).unwrap(), vec![made(&other)]);
    let both = fs::read(&file).unwrap();
    for length in first.len()..both.len() {
        fs::write(&file, &both[..length]).unwrap();
        let register = Register::open(folder.path()).unwrap();
        let known = |token: &Token| register.ask(|it| it.shown(token).is_some()).unwrap();
        assert!(known(&token) && !known(&other), "{length}");
        write(&register, vec![made(&other)]);
        assert!(known(&other), "{length}");
        assert_eq!(fs::read(&file).unwrap(), both, "{length}");
    }
}

#[test]
fn a_byte_that_was_changed_is_found_and_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(NAME);
    let register = Register::open(folder.path()).unwrap();
    for _ in 0..3 {
        write(&register, vec![made(&Token::make().unwrap())]);
    }
    let sound = fs::read(&file).unwrap();
    let line_length = sound.len() / 3;
    for place in 0..sound.len() - line_length {
        let mut changed = sound.clone();
        changed[place] ^= 1;
        fs::write(&file, &changed).unwrap();
        let error = Register::open(folder.path()).unwrap_err();
        let expected = (place / line_length) as u64 + 1;
        match error {
            // The end of a line that is gone joins it with the next.
            Error::Damaged { line, .. } => assert_eq!(line, expected, "{place}"),
            other => panic!("{place}: {other}"),
        }
    }
    fs::write(&file, &sound[..line_length]).unwrap();
    let error = register.refresh().unwrap_err();
    assert!(matches!(error, Error::Damaged { line: 3, .. }), "{error}");
}

#[test]
fn what_a_newer_version_wrote_is_not_guessed_at() {
    let folder = tempfile::tempdir().unwrap();
    let json = r#"{"at_ms":5,"event":{"renounced":{"token":"12345678"}}}"#;
    let digest = chained(&Digest::ZERO, json.as_bytes());
    // The space belongs to neither.
    fs::write(folder.path().join(NAME), format!("{digest} {json}\n")).unwrap();
    let error = Register::open(folder.path()).unwrap_err();
    assert!(matches!(error, Error::Newer { line: 1, .. }), "{error}");
}

#[test]
fn of_many_who_use_one_token_at_once_one_gets_it() {
    let folder = tempfile::tempdir().unwrap();
    let token = Arc::new(Token::make().unwrap());
    write(&Register::open(folder.path()).unwrap(), vec![made(&token)]);
    let authority = Arc::new(authority());
    let tries = (0..8).map(|_| {
        let (token, authority) = (Arc::clone(&token), Arc::clone(&authority));
        let folder = folder.path().to_owned();
        thread::spawn(move || {
            let register = Register::open(&folder).unwrap();
            register.record(NOW_MS, |standing| {
                let known = standing.shown(&token).unwrap();
                let events = match known.fate {
                    Fate::Open => vec![issued(&authority, Ground::Token(token.id().clone())).1],
                    _ => Vec::new(),
                };
                let got = events.len();
                Ok::<_, Error>((events, got))
            })
        })
    });
    let tries: Vec<_> = tries.collect();
    let got = tries.into_iter().map(|each| each.join().unwrap().unwrap());
    assert_eq!(got.sum::<usize>(), 1);
}

proptest! {
    /// Whatever happens later, what was revoked stays revoked, and a token that was used stays used for that.
    #[test]
    fn nothing_is_given_back(order in proptest::collection::vec(0_usize..6, 1..40)) {
        let authority = authority();
        let token = Token::make().unwrap();
        let mut standing = Standing::default();
        let (certificate, first) = issued(&authority, Ground::Token(token.id().clone()));
        let (_, second) = issued(&authority, Ground::Token(token.id().clone()));
        let serial = Revoked::Serial(certificate.serial.clone());
        let events = [
            made(&token),
            first,
            second,
            revoked(serial),
            revoked(Revoked::Holder(Holder::Node(luxi()))),
            Event::TokenRevoked { token: token.id().clone() },
        ];
        standing.apply(NOW_MS, events[0].clone());
        let mut fate = Fate::Open;
        let mut was_revoked = false;
        for (at, index) in order.into_iter().enumerate() {
            if index > 0 {
                standing.apply(NOW_MS + at as u64, events[index].clone());
            }
            let now = standing.token(token.id()).unwrap().fate.clone();
            prop_assert!(fate == Fate::Open || fate == now);
            fate = now;
            was_revoked |= index == 3;
            prop_assert!(!was_revoked || standing.revocation(&certificate).is_some());
        }
    }
}
