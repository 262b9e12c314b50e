//! The office and those who ask it, without a network.

use std::{net::IpAddr, sync::Arc, thread};

use lika_core::value::{AreaCode, NodeId, RecordId};
use tempfile::TempDir;

use super::*;
use crate::{
    clock::{Clock as _, Scenario},
    pki::{
        Authority, Certificate, Credentials, Identity, NewKey, Register, Token, Validity,
        register::{Event, Fate, Holder, Revoked},
    },
};

const NOW_MS: u64 = 1_480_000_000_000;
const HOUR_MS: u64 = 60 * 60 * 1000;
const DAY_MS: u64 = 24 * HOUR_MS;
const JIANGXI: NodeId = NodeId([1; 16]);
const LUXI: NodeId = NodeId([7; 16]);
const OTHER: NodeId = NodeId([8; 16]);

fn area(digits: &str) -> AreaCode {
    AreaCode::parse(digits).unwrap()
}

fn home() -> Option<IpAddr> {
    Some(IpAddr::from([192, 0, 2, 1]))
}

/// The province's office, in a folder of its own.
struct Province {
    folder: TempDir,
    clock: Arc<Scenario>,
    register: Arc<Register>,
    office: Office,
    authority: String,
}

/// A node below, with its folder.
struct County {
    folder: TempDir,
    own: Identity,
}

impl Province {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(Scenario::at(NOW_MS));
        let authority = Authority::create("Jiangxi", Validity::days(NOW_MS, 3650).unwrap());
        let authority = authority.unwrap();
        let pem = authority.certificate_pem().to_owned();
        let register = Arc::new(Register::open(folder.path()).unwrap());
        let office = Office::new(
            JIANGXI,
            area("36"),
            authority,
            Arc::clone(&register),
            Arc::<Scenario>::clone(&clock),
            |node| *node == OTHER,
        );
        Self {
            folder,
            clock,
            register,
            office,
            authority: pem,
        }
    }

    fn write(&self, event: Event) {
        let written = self
            .register
            .record(self.clock.now_ms(), |_| Ok::<_, Refusal>((vec![event], ())));
        written.unwrap();
    }

    fn token(&self, digits: &str, node: Option<NodeId>) -> Token {
        let token = Token::make().unwrap();
        self.write(Event::TokenMade {
            token: token.id().clone(),
            hash: token.hash(),
            area: area(digits),
            node,
            name: String::new(),
            until_ms: self.clock.now_ms() + DAY_MS,
            certificate_ms: 90 * DAY_MS,
        });
        token
    }

    fn fate(&self, token: &Token) -> Fate {
        let fate = self
            .register
            .ask(|it| it.token(token.id()).unwrap().fate.clone());
        fate.unwrap()
    }

    fn enrol(&self, asked: &Asked) -> Result<Granted, Refusal> {
        self.office.enrol(home(), asked)
    }

    fn renew(&self, shown: &Certificate, key: &NewKey) -> Result<Granted, Refusal> {
        let request = key.request().unwrap();
        let asked = Renewing {
            request,
            signing_key: None,
        };
        self.office.renew(home(), shown, &asked)
    }

    /// The codes of the refusals that are written down.
    fn traces(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.folder.path().join("register.log")).unwrap();
        let lines = text.lines().map(|line| {
            let line: serde_json::Value = serde_json::from_str(&line[65..]).unwrap();
            line["event"]["refused"]["code"].as_str().map(str::to_owned)
        });
        lines.flatten().collect()
    }
}

impl County {
    fn new(node: NodeId, digits: &str) -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            own: Identity::Node {
                node,
                area: area(digits),
            },
        }
    }

    fn joining(&self) -> Joining {
        Joining::begin(self.folder.path(), self.own, Peer::Upper).unwrap()
    }

    fn asked(&self, token: &Token) -> Asked {
        let Identity::Node { node, area } = self.own else {
            unreachable!()
        };
        Asked {
            token: token.expose().to_string(),
            request: self.joining().request().unwrap(),
            node,
            area,
            signing_key: None,
        }
    }
}

fn luxi() -> County {
    County::new(LUXI, "360323")
}

fn answered(granted: Granted) -> Answered {
    let Granted {
        certificate,
        authority,
        upper,
        now_ms,
    } = granted;
    Answered {
        chain: certificate,
        authority,
        upper,
        now_ms,
    }
}

fn code<T: std::fmt::Debug>(refused: Result<T, Refusal>) -> &'static str {
    refused.unwrap_err().code()
}

fn key(folder: &TempDir, name: &str) -> NewKey {
    NewKey::kept_in(&folder.path().join(name)).unwrap()
}

#[test]
fn a_token_is_good_for_one_key_and_gives_it_the_same_certificate_again() {
    let province = Province::new();
    let token = province.token("360323", None);
    let (county, thief) = (luxi(), luxi());
    let first = province.enrol(&county.asked(&token)).unwrap();
    let certificate = Certificate::read_pem(&first.certificate).unwrap();
    assert_eq!(certificate.identity, county.own);
    assert_eq!(certificate.until_ms, NOW_MS + 90 * DAY_MS);
    assert_eq!(first.upper, JIANGXI);

    // The answer was lost, the office restarted, and the token's time is over by now.
    province.clock.advance(2 * DAY_MS);
    let again = province.enrol(&county.asked(&token)).unwrap();
    assert_eq!(again.certificate, first.certificate);
    assert_eq!(code(province.enrol(&thief.asked(&token))), "token-used");
    let used = Fate::Used(certificate.serial);
    assert_eq!(province.fate(&token), used);

    let bar = Event::Revoked {
        what: Revoked::Holder(Holder::Node(LUXI)),
        reason: "stolen".to_owned(),
    };
    province.write(bar);
    let again = province.enrol(&county.asked(&token));
    assert_eq!(code(again), "certificate-revoked");
}

#[test]
fn nobody_gets_more_than_the_token_allows_and_a_refusal_leaves_it_unused() {
    let province = Province::new();
    let token = province.token("360323", Some(LUXI));
    let county = luxi();
    let asked = county.asked(&token);
    let with = |change: fn(&mut Asked)| {
        let mut asked = asked.clone();
        change(&mut asked);
        asked
    };
    let mut foreign = asked.clone();
    let last = foreign.request.len() - 1;
    foreign.request[last] ^= 1;
    let mut guessed = asked.clone();
    let wrong = if guessed.token.ends_with('0') {
        "1"
    } else {
        "0"
    };
    guessed.token.replace_range(72.., wrong);
    let refused = [
        (
            "token-area",
            with(|it| it.area = AreaCode::parse("360321").unwrap()),
        ),
        (
            "token-area",
            with(|it| it.area = AreaCode::parse("36").unwrap()),
        ),
        (
            "token-area",
            with(|it| it.area = AreaCode::parse("360323100").unwrap()),
        ),
        ("token-node", with(|it| it.node = OTHER)),
        ("token-unknown", guessed),
        (
            "token-unknown",
            with(|it| it.token = "open sesame".to_owned()),
        ),
        (
            "request-too-large",
            with(|it| it.request = vec![0x30; 4097]),
        ),
        ("request-unreadable", with(|it| it.request.push(0))),
        ("request-not-signed", foreign),
    ];
    let mut traces = Vec::new();
    for ((expected, asked), host) in refused.into_iter().zip(0..) {
        // Each from an address of its own, so that only the request is to blame.
        let from = IpAddr::from([192, 0, 2, host]);
        let refused = province.office.enrol(Some(from), &asked);
        assert_eq!(code(refused), expected);
        traces.push(expected.to_owned());
        assert_eq!(province.fate(&token), Fate::Open, "{expected}");
    }
    assert_eq!(province.traces(), traces);
    province.enrol(&asked).unwrap();
}

#[test]
fn an_old_or_revoked_token_opens_nothing() {
    let province = Province::new();
    let (old, revoked) = (
        province.token("360323", None),
        province.token("360323", None),
    );
    let token = revoked.id().clone();
    province.write(Event::TokenRevoked { token });
    let county = luxi();
    assert_eq!(
        code(province.enrol(&county.asked(&revoked))),
        "token-revoked"
    );
    province.clock.advance(DAY_MS - 1);
    assert_eq!(province.fate(&old), Fate::Open);
    province.clock.advance(1);
    assert_eq!(code(province.enrol(&county.asked(&old))), "token-expired");
}

#[test]
fn nobody_becomes_a_node_that_is_known_already() {
    let province = Province::new();
    let county = luxi();
    let first = province.token("360323", None);
    province.enrol(&county.asked(&first)).unwrap();

    // A neighbour with a token of its own area, under Luxi's id: it could write Luxi's log.
    let neighbour = County::new(LUXI, "360321");
    let token = province.token("360321", None);
    assert_eq!(code(province.enrol(&neighbour.asked(&token))), "node-taken");
    let with_log = County::new(OTHER, "360321");
    assert_eq!(code(province.enrol(&with_log.asked(&token))), "node-taken");
    let as_upper = County::new(JIANGXI, "360321");
    let of_upper = province.token("360321", Some(JIANGXI));
    assert_eq!(
        code(province.enrol(&as_upper.asked(&of_upper))),
        "node-taken"
    );

    // Whoever makes the token may say that it is the same node, on a new disk.
    let again = luxi();
    let unnamed = province.token("360323", None);
    assert_eq!(code(province.enrol(&again.asked(&unnamed))), "node-taken");
    let named = province.token("360323", Some(LUXI));
    province.enrol(&again.asked(&named)).unwrap();
}

#[test]
fn a_token_cannot_be_guessed_for_long() {
    let province = Province::new();
    let token = province.token("360323", None);
    let county = luxi();
    let right = county.asked(&token);
    let mut wrong = right.clone();
    wrong.token = Token::make().unwrap().expose().to_string();
    for _ in 0..10 {
        assert_eq!(code(province.enrol(&wrong)), "token-unknown");
    }
    assert_eq!(code(province.enrol(&right)), "too-many-enrolments");
    let elsewhere = Some(IpAddr::from([192, 0, 2, 2]));
    assert_eq!(
        code(province.office.enrol(elsewhere, &wrong)),
        "token-unknown"
    );
    assert_eq!(province.traces().len(), 11);
    province.clock.advance(15 * 60 * 1000);
    province.enrol(&right).unwrap();
}

#[test]
fn of_eight_who_use_a_token_at_once_one_gets_in() {
    let province = Arc::new(Province::new());
    let token = province.token("360323", None);
    let tries: Vec<_> = (0..8)
        .map(|last| {
            let county = luxi();
            let asked = county.asked(&token);
            let province = Arc::clone(&province);
            let from = Some(IpAddr::from([192, 0, 2, last]));
            thread::spawn(move || province.office.enrol(from, &asked))
        })
        .collect();
    let got = tries.into_iter().map(|each| each.join().unwrap());
    let (in_, out): (Vec<_>, Vec<_>) = got.partition(Result::is_ok);
    assert_eq!(in_.len(), 1);
    for each in out {
        assert_eq!(code(each), "token-used");
    }
}

#[test]
fn what_cannot_be_written_down_is_not_given_out() {
    let province = Province::new();
    let token = province.token("360323", None);
    let asked = luxi().asked(&token);
    let file = province.folder.path().join("register.log");
    let aside = province.folder.path().join("aside");
    std::fs::rename(&file, &aside).unwrap();
    std::fs::create_dir(&file).unwrap();
    assert_eq!(code(province.enrol(&asked)), "authority-failed");
    std::fs::remove_dir(&file).unwrap();
    std::fs::rename(&aside, &file).unwrap();
    assert_eq!(province.fate(&token), Fate::Open);
    province.enrol(&asked).unwrap();
}

/// A county that has enrolled, and its certificate.
fn enrolled(province: &Province, signing_key: Option<[u8; 32]>) -> (County, Certificate) {
    let county = luxi();
    let token = province.token("360323", None);
    let mut asked = county.asked(&token);
    asked.signing_key = signing_key;
    let granted = province.enrol(&asked).unwrap();
    let fingerprint = pki::Fingerprint::of(&pki::first_certificate(&province.authority).unwrap());
    let now_ms = province.clock.now_ms();
    let joined = county
        .joining()
        .join(&answered(granted), fingerprint, now_ms);
    (county, joined.unwrap())
}

#[test]
fn a_certificate_is_renewed_for_the_same_node_and_area_with_another_key() {
    let province = Province::new();
    let (county, first) = enrolled(&province, Some([5; 32]));
    let next = key(&county.folder, "next.key");
    assert_eq!(code(province.renew(&first, &next)), "renewal-too-early");
    province.clock.advance(60 * DAY_MS);
    assert!(is_due(&first, province.clock.now_ms()));
    let granted = province.renew(&first, &next).unwrap();
    let second = Certificate::read_pem(&granted.certificate).unwrap();
    assert_eq!(second.identity, first.identity);
    assert_ne!(second.key, first.key);
    assert_eq!(second.signing_key, Some([5; 32]));
    assert_eq!(second.until_ms, NOW_MS + 150 * DAY_MS);
    let again = province.renew(&first, &next).unwrap();
    assert_eq!(again.certificate, granted.certificate);

    province.clock.advance(30 * DAY_MS);
    let third = key(&county.folder, "third.key");
    assert_eq!(code(province.renew(&first, &third)), "certificate-expired");
}

#[test]
fn only_a_node_of_this_area_whose_certificate_counts_is_renewed() {
    let province = Province::new();
    let (county, first) = enrolled(&province, None);
    province.clock.advance(60 * DAY_MS);
    let next = key(&county.folder, "next.key");
    let named = |identity| Certificate {
        identity,
        ..first.clone()
    };
    let officer = RecordId(LUXI.0);
    let node = |digits| Identity::Node {
        node: LUXI,
        area: AreaCode::parse_padded(digits).unwrap(),
    };
    for (expected, shown) in [
        (
            "not-a-node-certificate",
            named(Identity::Client { officer }),
        ),
        ("area-outside", named(node("430121"))),
        ("area-outside", named(node("36"))),
        ("area-outside", named(node(""))),
    ] {
        assert_eq!(code(province.renew(&shown, &next)), expected);
    }
    province.write(Event::Revoked {
        what: Revoked::Serial(first.serial.clone()),
        reason: "stolen".to_owned(),
    });
    assert_eq!(code(province.renew(&first, &next)), "certificate-revoked");
}

#[test]
fn an_answer_is_taken_only_when_all_of_it_is_right() {
    let province = Province::new();
    let token = province.token("360323", None);
    let county = luxi();
    let granted = province.enrol(&county.asked(&token)).unwrap();
    let right = answered(granted);
    let fingerprint = pki::Fingerprint::of(&pki::first_certificate(&province.authority).unwrap());
    let impostor = Province::new();
    let neighbour = County::new(OTHER, "360321");
    let foreign_token = impostor.token("360323", None);
    let forged = answered(impostor.enrol(&county.asked(&foreign_token)).unwrap());
    let other = luxi();

    let hour = NOW_MS - HOUR_MS;
    let cases: [(&str, &County, Answered, u64); 6] = [
        ("fingerprint-differs", &county, forged.clone(), NOW_MS),
        (
            "certificate-issuer",
            &county,
            Answered {
                chain: forged.chain.clone(),
                ..right.clone()
            },
            NOW_MS,
        ),
        ("certificate-foreign", &neighbour, right.clone(), NOW_MS),
        ("certificate-key", &other, right.clone(), NOW_MS),
        ("clock-differs", &county, right.clone(), hour - 1000),
        (
            "clock-differs",
            &county,
            right.clone(),
            NOW_MS + 90 * DAY_MS,
        ),
    ];
    for (expected, county, answered, now_ms) in cases {
        let taken = county.joining().join(&answered, fingerprint, now_ms);
        assert_eq!(taken.unwrap_err().code(), expected);
        assert!(
            !Credentials::exist(county.folder.path(), LINK),
            "{expected}"
        );
    }
    // A clock that runs an hour behind is tolerated.
    county.joining().join(&right, fingerprint, hour).unwrap();
    let held = Credentials::open(county.folder.path(), LINK).unwrap();
    assert_eq!(held.identity().unwrap(), county.own);
}

#[test]
fn a_node_that_is_stopped_while_it_renews_has_a_pair_and_renews_again() {
    let province = Province::new();
    let (county, first) = enrolled(&province, None);
    province.clock.advance(60 * DAY_MS);
    let now_ms = province.clock.now_ms();
    let held = || Credentials::open(county.folder.path(), LINK).unwrap();

    let renewing =
        || Joining::begin_renewal(county.folder.path(), county.own, Peer::Upper).unwrap();
    let renew = |joining: &Joining, shown: &Certificate| {
        let asked = Renewing {
            request: joining.request().unwrap(),
            signing_key: None,
        };
        province.office.renew(home(), shown, &asked).unwrap()
    };

    // Stopped with a key whose certificate was lost on the way: the same key asks again.
    let lost = renew(&renewing(), &first);
    assert_eq!(held().certificate().unwrap(), first);
    let again = renew(&renewing(), &first);
    assert_eq!(again.certificate, lost.certificate);
    let waiting = county.folder.path().join("link.waiting.key");
    let kept = std::fs::read(&waiting).unwrap();
    renewing().renew(&answered(again), now_ms).unwrap();
    let second = held().certificate().unwrap();
    assert_ne!(second.key, first.key);
    assert!(!waiting.exists());

    // Stopped after the switch, with the key still lying there: the next certificate is for another one.
    crate::pki::write_new(&waiting, &kept, 0o600).unwrap();
    province.clock.advance(60 * DAY_MS);
    let joining = renewing();
    let granted = renew(&joining, &second);
    let third = joining.renew(&answered(granted), province.clock.now_ms());
    assert_ne!(third.unwrap().certificate().unwrap().key, second.key);
}

#[test]
fn a_certificate_is_due_in_its_last_third_and_looked_at_more_often_towards_its_end() {
    let province = Province::new();
    let (_, certificate) = enrolled(&province, None);
    let length = certificate.until_ms - certificate.from_ms;
    let due = certificate.until_ms - length / 3;
    assert!(!is_due(&certificate, due - 1));
    assert!(is_due(&certificate, due));
    assert!(is_due(&certificate, certificate.until_ms + DAY_MS));
    let mut last = u64::MAX;
    for now_ms in (certificate.from_ms..certificate.until_ms + DAY_MS).step_by(1_000_000) {
        let next = check_after_ms(&certificate, now_ms);
        assert!(next <= last && (30_000..=HOUR_MS).contains(&next));
        last = next;
    }
}

#[test]
fn every_refusal_has_a_row_that_says_what_to_do() {
    let refusals = [
        Refusal::UnknownToken,
        Refusal::ExpiredToken,
        Refusal::RevokedToken,
        Refusal::UsedToken,
        Refusal::OtherArea {
            allowed: area("36"),
            asked: area("44"),
        },
        Refusal::OtherNode(LUXI),
        Refusal::TakenNode(LUXI),
        BadRequest::TooLarge(1).into(),
        BadRequest::Unreadable.into(),
        BadRequest::NotSigned.into(),
        BadRequest::WrongKey.into(),
        BadRequest::HasWishes.into(),
        Refusal::NotANode,
        Refusal::OutsideArea {
            asked: area("44"),
            own: area("36"),
        },
        Refusal::TooEarly,
        Refusal::ExpiredCertificate,
        Refusal::RevokedCertificate(String::new()),
        Refusal::TooMany,
        Refusal::Malformed("the area"),
        Refusal::Authority(pki::Error::NoRandomness),
    ];
    for refusal in refusals {
        let row = crate::gateway::failure::failure(refusal.code());
        assert_eq!(row.code, refusal.code());
    }
}
