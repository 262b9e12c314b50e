//! Messages about duplicates.

use std::collections::BTreeMap;

use lika_core::{
    record::{Handle, KeeperSignature, OwnershipSide as Side},
    value::{NodeId, RecordId},
};
use lika_proto::v1 as proto;

use crate::duplicates::{
    Evaluated, MOST_CHANGES, Refusal,
    alerts::{Alert, Said},
    comparing::{Concern, Submission},
    county::{Counterpart, Heard, HeardAlert, SaidThere, SubmittedThere},
    table::{Difference, Slot},
    token::{PublicKey, Token},
};

pub(super) fn id(what: &'static str, bytes: Vec<u8>) -> Result<[u8; 16], Refusal> {
    bytes.try_into().map_err(|_| Refusal::Malformed(what))
}

pub(super) fn key((version, key): (&u32, &PublicKey)) -> proto::TokenKey {
    proto::TokenKey {
        version: *version,
        public_key: key.bytes().to_vec(),
    }
}

pub(super) fn evaluated(evaluated: &Evaluated) -> proto::Evaluated {
    let Evaluated {
        node,
        area,
        day,
        elements,
    } = evaluated;
    proto::Evaluated {
        node: node.0.to_vec(),
        area: area.digits().to_owned(),
        day: day.number(),
        elements: *elements,
    }
}

pub(super) fn submission(message: proto::SubmitRequest) -> Result<Submission, Refusal> {
    let proto::SubmitRequest {
        version,
        public_key,
        number,
        restart,
        add,
        remove,
        complete,
    } = message;
    if add.len() + remove.len() > MOST_CHANGES {
        return Err(Refusal::SubmissionSize(add.len() + remove.len()));
    }
    let key = PublicKey::from_bytes(&public_key);
    Ok(Submission {
        version,
        key: key.ok_or(Refusal::Malformed("the public key"))?,
        restart,
        difference: Difference {
            number,
            add: add.into_iter().map(token).collect::<Result<_, _>>()?,
            remove: remove.into_iter().map(token).collect::<Result<_, _>>()?,
            complete,
        },
    })
}

pub(super) fn submit(
    version: u32,
    key: &PublicKey,
    restart: bool,
    difference: &Difference,
) -> proto::SubmitRequest {
    let Difference {
        number,
        add,
        remove,
        complete,
    } = difference;
    let tokens = |tokens: &[(Token, Handle)]| {
        let tokens = tokens.iter().map(|(token, handle)| proto::Token {
            token: token.0.to_vec(),
            handle: handle.0.to_vec(),
        });
        tokens.collect()
    };
    proto::SubmitRequest {
        version,
        public_key: key.bytes().to_vec(),
        number: *number,
        restart,
        add: tokens(add),
        remove: tokens(remove),
        complete: *complete,
    }
}

fn token(message: proto::Token) -> Result<(Token, Handle), Refusal> {
    let proto::Token { token, handle } = message;
    let token = token
        .try_into()
        .map_err(|_| Refusal::Malformed("a token"))?;
    Ok((Token(token), Handle(id("a handle", handle)?)))
}

pub(super) fn alert(alert: &Alert, name: impl Fn(&NodeId) -> String) -> proto::DuplicateAlert {
    let Alert {
        id,
        sides,
        areas,
        found_at,
        lapsed,
        said: _,
    } = alert;
    let side = |(side, area): (&Side, &String)| {
        let said = alert.said_by(&side.node);
        proto::AlertSide {
            node: side.node.0.to_vec(),
            area: area.clone(),
            name: name(&side.node),
            handle: side.handle.0.to_vec(),
            statement: said.map(|Said { keeps, signed }| signed_statement(keeps, signed)),
        }
    };
    proto::DuplicateAlert {
        alert: id.0.to_vec(),
        sides: sides.iter().zip(areas).map(side).collect(),
        found_at: *found_at,
        lapsed: *lapsed,
    }
}

/// The same of a county that heard of it.
pub(super) fn heard_alert(alert: &HeardAlert) -> proto::DuplicateAlert {
    let HeardAlert {
        id,
        sides,
        found_at,
        lapsed,
    } = alert;
    let side = |counterpart: &Counterpart| {
        let Counterpart {
            side,
            area,
            name,
            said,
        } = counterpart;
        let said = said.as_ref();
        proto::AlertSide {
            node: side.node.0.to_vec(),
            area: area.clone(),
            name: name.clone(),
            handle: side.handle.0.to_vec(),
            statement: said.map(|SaidThere { keeps, signed }| signed_statement(keeps, signed)),
        }
    };
    proto::DuplicateAlert {
        alert: id.0.to_vec(),
        sides: sides.iter().map(side).collect(),
        found_at: *found_at,
        lapsed: *lapsed,
    }
}

fn signed_statement(keeps: &NodeId, signed: &KeeperSignature) -> proto::SignedStatement {
    proto::SignedStatement {
        keeps: keeps.0.to_vec(),
        key: signed.key.to_vec(),
        signature: signed.signature.to_vec(),
    }
}

pub(super) fn concern(
    concern: Concern,
    most: usize,
    shown: impl Fn(&Alert) -> proto::DuplicateAlert,
) -> proto::AlertsResponse {
    let Concern {
        alerts,
        submitted,
        oldest_version,
    } = concern;
    proto::AlertsResponse {
        alerts: alerts.iter().take(most).map(shown).collect(),
        submitted: submitted.iter().map(of_slot).collect(),
        oldest_version,
    }
}

pub(super) fn participants(slots: &[Slot]) -> Vec<proto::Participant> {
    let mut participants: BTreeMap<(&str, [u8; 16]), Vec<proto::Submitted>> = BTreeMap::new();
    for slot in slots {
        let of_node = participants.entry((&slot.area, slot.node)).or_default();
        of_node.push(of_slot(slot));
    }
    let participants = participants.into_iter();
    let participants = participants.map(|((area, node), submitted)| proto::Participant {
        node: node.to_vec(),
        area: area.to_owned(),
        submitted,
    });
    participants.collect()
}

fn of_slot(slot: &Slot) -> proto::Submitted {
    proto::Submitted {
        version: slot.version,
        number: slot.number,
        tokens: slot.tokens,
        complete: slot.complete,
    }
}

/// What a county heard; none where it cannot be read.
pub(super) fn heard(message: proto::AlertsResponse) -> Option<Heard> {
    let proto::AlertsResponse {
        alerts,
        submitted,
        oldest_version,
    } = message;
    let submitted = submitted.iter().map(|submitted| SubmittedThere {
        version: submitted.version,
        number: submitted.number,
    });
    Some(Heard {
        submitted: submitted.collect(),
        alerts: alerts.into_iter().map(read_alert).collect::<Option<_>>()?,
        oldest_version,
    })
}

fn read_alert(message: proto::DuplicateAlert) -> Option<HeardAlert> {
    let proto::DuplicateAlert {
        alert,
        sides,
        found_at,
        lapsed,
    } = message;
    let sides: Vec<Counterpart> = sides.into_iter().map(read_side).collect::<Option<_>>()?;
    Some(HeardAlert {
        id: RecordId(alert.try_into().ok()?),
        sides: sides.try_into().ok()?,
        found_at,
        lapsed,
    })
}

fn read_side(message: proto::AlertSide) -> Option<Counterpart> {
    let proto::AlertSide {
        node,
        area,
        name,
        handle,
        statement,
    } = message;
    let node = NodeId(node.try_into().ok()?);
    let said = match statement {
        None => None,
        Some(proto::SignedStatement {
            keeps,
            key,
            signature,
        }) => Some(SaidThere {
            keeps: NodeId(keeps.try_into().ok()?),
            signed: KeeperSignature {
                node,
                key: key.try_into().ok()?,
                signature: signature.try_into().ok()?,
            },
        }),
    };
    Some(Counterpart {
        side: Side {
            node,
            handle: Handle(handle.try_into().ok()?),
        },
        area,
        name,
        said,
    })
}
