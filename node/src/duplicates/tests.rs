//! The suite against its standard, and what others may try.

mod comparing;
mod holder;
mod round;
mod vectors;

use lika_core::{
    record::Handle,
    value::{Code, IdNumber, IdentityDocument, NodeId},
};
use proptest::prelude::*;

use super::token::{Batch, Comparable, Evaluation, NotProven, SecretKey, Token};

fn document(text: &str) -> IdentityDocument {
    IdentityDocument::parse(&Code::parse("id-card").unwrap(), text)
}

/// A number with a right check digit, by its serial.
fn number(serial: u16) -> String {
    let body = format!("36032319700101{:03}", serial % 1000);
    let ends = "0123456789X".chars();
    let numbers = ends.map(|end| format!("{body}{end}"));
    let mut right = numbers.filter(|number| IdNumber::parse(number).is_ok());
    right.next().unwrap()
}

fn comparable(text: &str) -> Comparable {
    Comparable::of(&document(text)).unwrap()
}

fn ask(key: &SecretKey, batch: &Batch) -> Evaluation {
    let elements: Vec<Vec<u8>> = batch.elements().iter().map(|it| it.to_vec()).collect();
    key.evaluate(&elements).unwrap()
}

fn tokens(key: &SecretKey, version: u32, documents: &[Comparable]) -> Vec<Token> {
    let batch = Batch::blind(documents).unwrap();
    let evaluation = ask(key, &batch);
    batch.finish(version, &key.public(), &evaluation).unwrap()
}

fn handle(number: u8) -> Handle {
    Handle([number; 16])
}

fn node(number: u8) -> NodeId {
    NodeId([number; 16])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// Whoever evaluates, whenever, and however the number was written.
    #[test]
    fn two_counties_share_exactly_the_tokens_of_equal_documents(
        own in proptest::collection::btree_set(0_u16..40, 1..12),
        other in proptest::collection::btree_set(0_u16..40, 1..12),
    ) {
        let key = SecretKey::generate().unwrap();
        // The other county has old cards, small letters and spaces.
        let as_written = |serial: &u16| {
            let number = number(*serial);
            match serial % 3 {
                0 => format!("{}{}", &number[..6], &number[8..17]),
                1 => format!(" {} ", number.to_lowercase()),
                _ => number,
            }
        };
        let here: Vec<_> = own.iter().map(|serial| comparable(&number(*serial))).collect();
        let there: Vec<_> = other.iter().map(|serial| comparable(&as_written(serial))).collect();
        let here = tokens(&key, 1, &here);
        let there = tokens(&key, 1, &there);
        for (serial, token) in own.iter().zip(&here) {
            let place = other.iter().position(|it| it == serial);
            let found = there.iter().position(|it| it == token);
            prop_assert_eq!(place, found);
        }
    }
}

#[test]
fn another_version_and_another_key_have_other_tokens() {
    let key = SecretKey::generate().unwrap();
    let documents = [comparable(&number(1))];
    let first = tokens(&key, 1, &documents);
    assert_eq!(first, tokens(&key, 1, &documents));
    assert_ne!(first, tokens(&key, 2, &documents));
    assert_ne!(
        first,
        tokens(&SecretKey::generate().unwrap(), 1, &documents)
    );
}

#[test]
fn what_cannot_be_compared_has_no_token() {
    for text in ["", "无", "360323197001011230", "G12345678"] {
        assert!(Comparable::of(&document(text)).is_none(), "{text}");
    }
}

#[test]
fn the_same_document_is_never_sent_twice_in_the_same_way() {
    let documents = [comparable(&number(1)), comparable(&number(1))];
    let batch = Batch::blind(&documents).unwrap();
    let again = Batch::blind(&documents).unwrap();
    let all = [batch.elements(), again.elements()].concat();
    let different: std::collections::BTreeSet<_> = all.iter().collect();
    assert_eq!(different.len(), 4);
}

#[test]
fn an_answer_that_is_not_proved_is_not_used() {
    let key = SecretKey::generate().unwrap();
    let documents: Vec<_> = (1..4).map(|serial| comparable(&number(serial))).collect();
    let other = SecretKey::generate().unwrap();
    type Change = fn(&mut Evaluation, &SecretKey, &Batch);
    let rows: [(&str, Change); 8] = [
        ("another key", |it, other, batch| *it = ask(other, batch)),
        ("elements of another key", |it, other, batch| {
            it.elements = ask(other, batch).elements;
        }),
        ("proof of another batch", |it, other, batch| {
            it.proof = ask(other, batch).proof;
        }),
        ("a flipped bit", |it, _, _| it.proof[5] ^= 1),
        ("no proof", |it, _, _| it.proof = [0; 64]),
        ("one exchanged for another", |it, _, _| {
            it.elements.swap(0, 1)
        }),
        ("one too few", |it, _, _| it.elements.truncate(2)),
        ("no point", |it, _, _| it.elements[2] = [0; 33]),
    ];
    for (what, change) in rows {
        let batch = Batch::blind(&documents).unwrap();
        let mut evaluation = ask(&key, &batch);
        change(&mut evaluation, &other, &batch);
        let finished = batch.finish(1, &key.public(), &evaluation);
        assert_eq!(finished, Err(NotProven), "{what}");
    }
    // An honest answer to an earlier batch of the same documents.
    let replayed = ask(&key, &Batch::blind(&documents).unwrap());
    let batch = Batch::blind(&documents).unwrap();
    assert_eq!(batch.finish(1, &key.public(), &replayed), Err(NotProven));
}
