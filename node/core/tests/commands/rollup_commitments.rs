//! What a node has said of its totals stays said.

use lika_core::{
    command::{Change, Refusal},
    log::{Action, Salt},
    record::{Body, Fault, RollupCommitment},
    rollup::{
        Period,
        committed::{Contribution, Dimensions},
        sum_tree::{LogEnd, Subject, SumTree},
    },
    value::{Digest, NodeId, RecordId},
};
use lika_proto::log::v1 as message;

use crate::county::*;

const COMMITMENT: RecordId = id(76);

/// One household of one person.
fn commitment(digits: &str) -> RollupCommitment {
    let dimensions = Dimensions::of(Period::NOW).unwrap();
    let named = dimensions.as_slice().iter();
    let values = named.map(|it| u64::from(["households", "people"].contains(&&*it.name)));
    let one = Contribution {
        subject: HOUSEHOLD,
        values: values.collect(),
    };
    let salt = |_: &RecordId| Salt([2; 32]);
    let tree = SumTree::grow(dimensions.clone(), vec![one], Salt([1; 32]), salt).unwrap();
    let end = LogEnd {
        node: NodeId([7; 16]),
        epoch: 1,
        seq: 12,
        hash: Digest([3; 32]),
    };
    RollupCommitment {
        commitment: tree.commit(Subject {
            node: end.node,
            area: area(digits),
            period: Period::NOW,
            logs: vec![end],
            dimensions,
        }),
    }
}

fn refused(county: &mut County, change: Change) -> Refusal {
    county.decide(vec![change]).unwrap_err().refusal
}

#[test]
fn a_commitment_is_neither_changed_nor_closed() {
    let mut county = County::new();
    let said = commitment(COUNTY);
    county.must(vec![Change::create(COMMITMENT, area(COUNTY), said.clone())]);
    for action in [Action::Change, Action::Close] {
        let change = county.edit(COMMITMENT, action, |said: &mut RollupCommitment| {
            said.commitment.leaves += 1;
        });
        assert_eq!(refused(&mut county, change), Refusal::Committed(COMMITMENT));
    }
    // Nor is it moved: it is about its area.
    let mut moved = county.edit(COMMITMENT, Action::Change, |_: &mut RollupCommitment| {});
    moved.area = area(TOWNSHIP);
    assert!(county.decide(vec![moved]).is_err());
}

#[test]
fn a_commitment_stands_in_the_area_that_it_is_about() {
    let mut county = County::new();
    let elsewhere = Change::create(COMMITMENT, area(TOWNSHIP), commitment(COUNTY));
    assert_eq!(refused(&mut county, elsewhere).code(), "other-area");
}

#[test]
fn a_commitment_that_cannot_be_true_is_none() {
    type Open = message::rollup_commitment::Open;
    type Change<'a> = &'a dyn Fn(&mut Open);
    let check = |change: &dyn Fn(&mut Open)| -> Fault {
        let message = Body::from(commitment(COUNTY)).message();
        let lika_core::record::BodyMessage::RollupCommitment(mut message) = message else {
            panic!("{message:?}");
        };
        change(message.open.as_mut().unwrap());
        Body::parse(message.into()).unwrap_err()
    };
    let rows: [(&str, Change<'_>); 13] = [
        ("node", &|it| it.node.truncate(15)),
        ("area", &|it| it.area = "3603230".to_owned()),
        ("period", &|it| it.period = 7),
        ("logs", &|it| it.logs.clear()),
        ("logs", &|it| it.logs.push(it.logs[0].clone())),
        ("logs.hash", &|it| it.logs[0].hash.truncate(31)),
        ("order", &|it| it.order.clear()),
        ("root", &|it| it.root.push(0)),
        ("dimensions", &|it| it.dimensions.clear()),
        ("dimensions", &|it| it.dimensions.swap(0, 1)),
        ("dimensions", &|it| it.dimensions[0].most = 0),
        // Two households of one leaf, and a sum that is beyond every total.
        ("dimensions", &|it| it.dimensions[0].total = 2),
        ("dimensions", &|it| {
            (it.leaves, it.dimensions[0].most) = (1 << 40, 1 << 40);
            it.dimensions[0].total = 1 << 63;
        }),
    ];
    for (place, (field, change)) in rows.into_iter().enumerate() {
        assert_eq!(check(change).field, field, "row {place}");
    }
}
