//! Records as tests write them: what every part of a county needs before its own.

use lika_proto::{
    log::v1::{self as log, Action},
    v1::{self, record::Body},
};

use crate::{Client, create, request};

/// Changes of one command.
const BATCH: usize = 400;

/// The id of a record: its first byte says what it is, its last four which one.
pub fn numbered(what: u8, number: usize) -> Vec<u8> {
    let mut id = vec![what; 16];
    id[12..].copy_from_slice(&u32::try_from(number).unwrap().to_be_bytes());
    id
}

/// An id as people read it.
pub fn shown(id: &[u8]) -> String {
    uuid::Uuid::from_slice(id).unwrap().to_string()
}

/// A new record with an id of the test's own.
pub fn new(id: impl AsRef<[u8]>, area: &str, body: Body) -> v1::Change {
    let mut change = create(area, body);
    change.record.as_mut().unwrap().id = id.as_ref().to_vec();
    change
}

/// A record as it shall stand after a revision.
pub fn changed(id: Vec<u8>, area: &str, revision: u32, body: Body) -> v1::Change {
    v1::Change {
        action: Action::Change.into(),
        expected_revision: revision,
        record: Some(v1::Record {
            id,
            area: area.to_owned(),
            body: Some(body),
            ..v1::Record::default()
        }),
    }
}

/// An area.
pub fn area(code: &str) -> v1::Change {
    let open = log::area::Open {
        code: code.to_owned(),
        name: "某地".to_owned(),
        ..log::area::Open::default()
    };
    create(code, Body::AreaRecord(log::Area { open: Some(open) }))
}

/// A household of a type with its head; ids 0x10 and 0x11 of its number.
pub fn household(number: usize, kind: &str, area: &str) -> [v1::Change; 2] {
    let household = log::Household {
        open: Some(log::household::Open {
            r#type: kind.to_owned(),
            ..log::household::Open::default()
        }),
        ..log::Household::default()
    };
    let member = log::Member {
        open: Some(log::member::Open {
            household: numbered(0x10, number),
            from: 20_040_101,
            relation: "02".to_owned(),
            ..log::member::Open::default()
        }),
        ..log::Member::default()
    };
    [
        new(numbered(0x10, number), area, Body::Household(household)),
        new(numbered(0x11, number), area, Body::Member(member)),
    ]
}

/// Writes changes of any number, in commands of a size that a node takes.
#[track_caller]
pub fn apply(client: &Client, changes: Vec<v1::Change>) -> Vec<v1::Applied> {
    let mut applied = Vec::with_capacity(changes.len());
    for changes in changes.chunks(BATCH) {
        let response = client.apply(request(), changes.to_vec()).unwrap();
        applied.extend(response.applied);
    }
    applied
}
