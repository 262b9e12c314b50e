//! What two counties have signed about a person stays signed.

use lika_core::{
    command::{Change, Refusal},
    log::Action,
    record::{Body, Fault, Handle, KeeperSignature, OwnershipSide, OwnershipTransfer},
    value::{NodeId, RecordId},
};
use lika_proto::log::v1 as message;

use crate::county::*;

const OWN: NodeId = NodeId([7; 16]);
const OTHER: NodeId = NodeId([8; 16]);
const ALERT: RecordId = id(77);

fn transfer(signed_by: &[NodeId]) -> OwnershipTransfer {
    let side = |node| OwnershipSide {
        node,
        handle: Handle([3; 16]),
    };
    let signature = |node: &NodeId| KeeperSignature {
        node: *node,
        key: [1; 32],
        signature: [2; 64],
    };
    OwnershipTransfer {
        alert: ALERT,
        keeps: side(OWN),
        closes: side(OTHER),
        signatures: signed_by.iter().map(signature).collect(),
        member: Some(HEAD),
        reason: Some(None),
    }
}

fn refused(county: &mut County, change: Change) -> Refusal {
    county.decide(vec![change]).unwrap_err().refusal
}

#[test]
fn until_both_have_signed_a_county_may_think_again_and_then_no_more() {
    let mut county = County::new();
    let own = OwnershipTransfer::id_for(&OWN, &ALERT);
    county.must(vec![Change::create(own, area(COUNTY), transfer(&[OWN]))]);
    let again = county.edit(own, Action::Change, |it: &mut OwnershipTransfer| {
        std::mem::swap(&mut it.keeps, &mut it.closes);
    });
    county.must(vec![again]);
    let closed = county.edit(own, Action::Close, |_: &mut OwnershipTransfer| {});
    assert_eq!(refused(&mut county, closed), Refusal::OwnershipSettled(own));
    let both = county.edit(own, Action::Change, |it: &mut OwnershipTransfer| {
        it.signatures = transfer(&[OWN, OTHER]).signatures;
    });
    county.must(vec![both]);
    let changed = county.edit(own, Action::Change, |it: &mut OwnershipTransfer| {
        it.reason = Some(None);
        it.signatures.pop();
    });
    assert_eq!(
        refused(&mut county, changed),
        Refusal::OwnershipSettled(own)
    );
}

#[test]
fn it_stands_under_the_id_of_its_alert_at_one_of_the_two() {
    let mut county = County::new();
    let elsewhere = Change::create(NEW, area(COUNTY), transfer(&[OWN]));
    assert_eq!(refused(&mut county, elsewhere).code(), "wrong-id");
}

#[test]
fn a_transfer_that_cannot_be_is_none() {
    type Open = message::ownership_transfer::Open;
    type Change<'a> = &'a dyn Fn(&mut Open);
    let check = |change: &dyn Fn(&mut Open)| -> Fault {
        let message = Body::from(transfer(&[OWN, OTHER])).message();
        let lika_core::record::BodyMessage::OwnershipTransfer(mut message) = message else {
            panic!("{message:?}");
        };
        change(message.open.as_mut().unwrap());
        Body::parse(message.into()).unwrap_err()
    };
    let rows: [(&str, Change<'_>); 9] = [
        ("alert", &|it| it.alert.truncate(15)),
        ("keeps", &|it| it.keeps = None),
        ("closes", &|it| it.closes = it.keeps.clone()),
        ("closes", &|it| it.closes.as_mut().unwrap().handle.push(0)),
        ("signatures", &|it| it.signatures.clear()),
        ("signatures", &|it| it.signatures.swap(0, 1)),
        ("signatures", &|it| it.signatures[1].node = vec![9; 16]),
        ("signatures", &|it| it.signatures[0].key.truncate(31)),
        ("signatures", &|it| it.signatures[0].signature.push(0)),
    ];
    for (place, (field, change)) in rows.into_iter().enumerate() {
        assert_eq!(check(change).field, field, "row {place}");
    }
}
