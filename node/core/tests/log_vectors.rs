//! The log's bytes, held still by vectors that were computed without this crate.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "in a test a panic is the report, in helpers too"
)]

use std::{collections::BTreeMap, convert::Infallible};

use bytes::Bytes;
use lika_core::{
    log::{
        Action, Class, Draft, Entry, Header, Kind, Part, PartState, Place, Salt, Sealer, commitment,
    },
    value::{ActorId, AreaCode, Digest, NodeId, RecordId, RequestId},
};
use sha2::{Digest as _, Sha256};

const SUBJECT: [u8; 16] = [0x44; 16];

/// Salts that count, and a cipher that anybody can undo.
#[derive(Default)]
struct Toy(u8);

impl Sealer for Toy {
    type Error = Infallible;

    fn salt(&mut self) -> Result<Salt, Infallible> {
        self.0 += 1;
        Ok(Salt([self.0; 32]))
    }

    fn seal(
        &mut self,
        _subject: &RecordId,
        _class: Class,
        salt: &Salt,
        content: &[u8],
        _commitment: &Digest,
    ) -> Result<Bytes, Infallible> {
        Ok(salt
            .0
            .iter()
            .chain(content)
            .map(|byte| byte ^ 0xA5)
            .collect())
    }
}

struct Vectors(BTreeMap<&'static str, Vec<u8>>);

impl Vectors {
    fn read() -> Self {
        let lines = include_str!("vectors/entry.txt").lines();
        let given = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
        Self(
            given
                .map(|line| line.split_once(" = ").expect("name = hex"))
                .map(|(name, hex)| (name, bytes_of(hex)))
                .collect(),
        )
    }

    fn get(&self, name: &str) -> &[u8] {
        self.0.get(name).expect("a vector of that name")
    }
}

fn bytes_of(hex: &str) -> Vec<u8> {
    let nibble = |digit: u8| {
        let value = char::from(digit).to_digit(16).expect("a hexadecimal digit");
        u8::try_from(value).expect("below 16")
    };
    let pairs = hex.as_bytes().chunks(2);
    pairs
        .map(|pair| nibble(pair[0]) << 4 | nibble(pair[1]))
        .collect()
}

fn place() -> Place {
    Place {
        node: NodeId([0x11; 16]),
        epoch: 1,
        seq: 1,
        previous: Digest::ZERO,
        recorded_at: 1_456_790_400_000,
        actor: ActorId([0x22; 16]),
        request: RequestId([0x33; 16]),
    }
}

fn draft(vectors: &Vectors) -> Draft {
    let part = |class, name| Part {
        subject: RecordId(SUBJECT),
        class,
        content: Bytes::copy_from_slice(vectors.get(name)),
    };
    Draft {
        action: Action::Create,
        kind: Kind::Household,
        record: RecordId(SUBJECT),
        revision: 1,
        area: AreaCode::parse("360323101201").expect("a village"),
        open: Bytes::copy_from_slice(vectors.get("open")),
        sealed: vec![
            part(Class::Identity, "identity"),
            part(Class::FreeText, "free_text"),
        ],
    }
}

fn sealed(vectors: &Vectors) -> Entry {
    match Entry::seal(draft(vectors), &place(), &mut Toy::default()) {
        Ok(entry) => entry,
        Err(never) => match never {},
    }
}

fn decoded(vectors: &Vectors, name: &str) -> Entry {
    Entry::decode(Bytes::copy_from_slice(vectors.get(name))).expect("a vector decodes")
}

/// The commitment as `log.proto` describes it, computed from its bytes.
fn commitment_by_hand(salt: &[u8], content: &[u8]) -> Vec<u8> {
    let length = u64::try_from(content.len()).expect("short");
    let domain: &[u8] = b"lika.log.v1/part\0";
    Sha256::digest([domain, &length.to_be_bytes(), salt, content].concat()).to_vec()
}

#[test]
fn the_vectors_agree_with_the_documented_layout() {
    let vectors = Vectors::read();
    for name in ["open", "identity", "free_text"] {
        let salt = vectors.get(&format!("{name}_salt"));
        let expected = vectors.get(&format!("{name}_commitment"));
        assert_eq!(
            commitment_by_hand(salt, vectors.get(name)),
            expected,
            "{name}"
        );
        let salt = Salt(salt.try_into().unwrap());
        assert_eq!(commitment(&salt, vectors.get(name)).0, expected, "{name}");
    }
    let header = vectors.get("header");
    let length = u64::try_from(header.len()).unwrap().to_be_bytes();
    let domain: &[u8] = b"lika.log.v1/entry\0";
    let by_hand = [
        domain,
        &length,
        header,
        vectors.get("open_commitment"),
        &2u32.to_be_bytes(),
        &[1],
        &SUBJECT,
        vectors.get("identity_commitment"),
        &[3],
        &SUBJECT,
        vectors.get("free_text_commitment"),
    ];
    assert_eq!(
        Sha256::digest(by_hand.concat()).to_vec(),
        vectors.get("hash")
    );
}

#[test]
fn sealing_gives_the_bytes_of_the_vectors() {
    let vectors = Vectors::read();
    let entry = sealed(&vectors);
    assert_eq!(entry.header().encode(), vectors.get("header"));
    assert_eq!(entry.hash().0, vectors.get("hash"));
    assert_eq!(entry.encode(), vectors.get("at_rest"));
    assert_eq!(entry.withhold().encode(), vectors.get("withheld"));
}

#[test]
fn every_rendering_has_the_hash_and_keeps_its_bytes() {
    let vectors = Vectors::read();
    let header = Header::decode(vectors.get("header")).unwrap();
    for name in ["at_rest", "rendered", "withheld"] {
        let entry = decoded(&vectors, name);
        assert_eq!(entry.hash().0, vectors.get("hash"), "{name}");
        assert_eq!(entry.header(), &header, "{name}");
        assert_eq!(entry.encode(), vectors.get(name), "{name}");
        assert_eq!(
            entry.clone().withhold().encode(),
            vectors.get("withheld"),
            "{name}"
        );
    }
    let rendered = decoded(&vectors, "rendered");
    let [identity, free_text] = rendered.sealed() else {
        panic!("two parts: {rendered:?}");
    };
    let PartState::Disclosed(salt, content) = &identity.state else {
        panic!("the identity is disclosed: {identity:?}");
    };
    assert_eq!(
        (&salt.0[..], &content[..]),
        (vectors.get("identity_salt"), vectors.get("identity"))
    );
    assert_eq!(free_text.state, PartState::Withheld);
}

#[test]
fn a_disclosed_part_with_another_content_or_salt_is_refused() {
    let vectors = Vectors::read();
    let rendered = vectors.get("rendered");
    for name in ["identity_salt", "identity_commitment"] {
        let wanted = vectors.get(name);
        let at = rendered
            .windows(wanted.len())
            .position(|bytes| bytes == wanted)
            .unwrap();
        let mut false_part = rendered.to_vec();
        false_part[at] ^= 1;
        let error = Entry::decode(false_part.into()).unwrap_err();
        assert_eq!(error, lika_core::log::Error::FalsePart, "{name}");
    }
}

#[test]
fn the_first_entry_follows_the_start_of_the_log_only() {
    let vectors = Vectors::read();
    let entry = sealed(&vectors);
    let node = place().node;
    assert_eq!(entry.follows(&node, 1, 0, &Digest::ZERO), Ok(()));
    assert!(
        entry
            .follows(&NodeId([0x12; 16]), 1, 0, &Digest::ZERO)
            .is_err()
    );
    assert!(entry.follows(&node, 2, 0, &Digest::ZERO).is_err());
    assert!(entry.follows(&node, 1, 1, &Digest::ZERO).is_err());
    assert!(entry.follows(&node, 1, 0, entry.hash()).is_err());
}
