//! What is packed, and what a stranger's batch may not be.

use lika_core::log::Entry;
use lika_proto::v1 as proto;
use prost::Message as _;

use super::logs::{CIPHER, Own, PERSONAL, area, contains, luxi};
use crate::federation::{
    Refusal, Rendered,
    batch::{MAX_BYTES, MAX_ENTRIES, MAX_ENTRY_BYTES, fill, pack, unpack},
};

fn entries(count: usize) -> Vec<Entry> {
    Own::with_entries(luxi(), 0, count).entries()
}

fn withheld(entries: &[Entry]) -> Vec<Entry> {
    entries.iter().cloned().map(Entry::withhold).collect()
}

/// A batch of any bytes, as a peer without scruples would send it.
fn crafted(plain: &[u8], count: u32, declared: usize) -> proto::Entries {
    proto::Entries {
        first_seq: 1,
        count,
        uncompressed_size: u32::try_from(declared).unwrap(),
        batch: zstd::bulk::compress(plain, 1).unwrap(),
        log: Vec::new(),
    }
}

fn encoded(entries: &[Entry]) -> Vec<u8> {
    let entries = entries.iter().map(Entry::to_message).collect();
    proto::EntryBatch { entries }.encode_to_vec()
}

#[test]
fn a_batch_arrives_as_it_was_packed_without_its_sealed_parts() {
    let sent = entries(20);
    let message = pack(None, fill(sent.clone())).unwrap();
    assert_eq!((message.first_seq, message.count), (1, 20));
    let plain = zstd::bulk::decompress(&message.batch, MAX_BYTES).unwrap();
    assert!(!contains(&plain, PERSONAL.as_bytes()));
    assert!(!contains(&plain, CIPHER));
    assert!(
        contains(&sent[0].encode(), CIPHER),
        "the search finds nothing anywhere"
    );
    assert_eq!(unpack(message).unwrap(), withheld(&sent));
}

#[test]
fn a_rendered_entry_has_the_hash_of_the_entry() {
    let entry = entries(1).remove(0);
    let rendered = Rendered::pseudonymous(entry.clone());
    assert_eq!(rendered.head().hash, *entry.hash());
    assert_eq!(rendered.size(), entry.withhold().encode().len());
}

#[test]
fn a_batch_is_filled_up_to_its_limits_and_never_empty() {
    assert_eq!(fill(entries(MAX_ENTRIES + 1)).len(), MAX_ENTRIES);
    assert!(fill(Vec::new()).is_empty());

    let log = Own::new(luxi(), 0);
    for _ in 0..5 {
        log.write_under(area("360323"), &vec![b'x'; MAX_BYTES / 3]);
    }
    assert_eq!(fill(log.entries()).len(), 2);

    let log = Own::new(luxi(), 0);
    log.write_under(area("360323"), &vec![b'x'; 3 * MAX_BYTES]);
    log.write(1);
    let alone = fill(log.entries());
    assert_eq!(alone.len(), 1);
    assert_eq!(unpack(pack(None, alone).unwrap()).unwrap().len(), 1);

    let log = Own::new(luxi(), 0);
    log.write_under(area("360323"), &vec![b'x'; MAX_ENTRY_BYTES]);
    let refused = pack(None, fill(log.entries()));
    assert!(matches!(refused, Err(Refusal::TooLarge { .. })));
}

#[test]
fn batches_of_other_sizes_than_they_say_are_refused() {
    let good = encoded(&withheld(&entries(3)));
    let size = good.len();
    assert_eq!(unpack(crafted(&good, 3, size)).unwrap().len(), 3);

    let bomb = vec![0; 64 * 1024 * 1024];
    let mut truncated = crafted(&good, 3, size);
    truncated.batch.truncate(truncated.batch.len() / 2);
    let mut not_zstd = crafted(&good, 3, size);
    not_zstd.batch.clone_from(&good);
    for (name, message, declared) in [
        ("a bomb", crafted(&bomb, 3, MAX_BYTES), MAX_BYTES),
        ("truncated", truncated, size),
        ("not zstd", not_zstd, size),
        ("smaller", crafted(&good, 3, size + 1), size + 1),
        ("larger", crafted(&good, 3, size - 1), size - 1),
    ] {
        let declared = u32::try_from(declared).unwrap();
        assert_eq!(unpack(message), Err(Refusal::FalseSize(declared)), "{name}");
    }
    for (name, entries, bytes) in [
        ("bytes", 2, MAX_BYTES + 1),
        ("entries", 1_001, size),
        ("a single entry beyond all bounds", 1, MAX_ENTRY_BYTES + 1),
    ] {
        let message = crafted(&good, entries, bytes);
        let bytes = u32::try_from(bytes).unwrap();
        let expected = Refusal::TooLarge { entries, bytes };
        assert_eq!(unpack(message), Err(expected), "{name}");
    }
}

#[test]
fn batches_of_other_content_than_they_say_are_refused() {
    let good = encoded(&withheld(&entries(3)));
    let size = good.len();
    let mut wrong_first = crafted(&good, 3, size);
    wrong_first.first_seq = 2;
    let empty_entries = [0x0A, 0x00].repeat(100_000);
    let other_field = [&[0x12, 0x00], good.as_slice()].concat();
    let too_long = [0x0A, 0xFF, 0xFF, 0x7F];
    for (name, message, expected) in [
        (
            "more entries",
            crafted(&good, 2, size),
            "a batch with more entries than it says",
        ),
        (
            "fewer entries",
            crafted(&good, 4, size),
            "a batch with fewer entries than it says",
        ),
        ("nothing", crafted(&[], 0, 0), "an empty batch"),
        (
            "a swarm of empty entries",
            crafted(&empty_entries, 1_000, empty_entries.len()),
            "a batch with more entries than it says",
        ),
        (
            "another field",
            crafted(&other_field, 3, other_field.len()),
            "the batch",
        ),
        (
            "a length beyond the end",
            crafted(&too_long, 1, too_long.len()),
            "the batch",
        ),
    ] {
        assert_eq!(
            unpack(message),
            Err(Refusal::Unreadable(expected)),
            "{name}"
        );
    }
    let gap = Refusal::Gap {
        expected: 2,
        found: 1,
    };
    assert_eq!(unpack(wrong_first), Err(gap));
}

#[test]
fn sealed_content_is_refused_even_when_encrypted() {
    let plain = encoded(&entries(2));
    let message = crafted(&plain, 2, plain.len());
    assert_eq!(unpack(message), Err(Refusal::NotWithheld(1)));
}
