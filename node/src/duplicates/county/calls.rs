//! What a county asks of others; the wire answers for them.

use lika_core::{
    record::{KeeperSignature, OwnershipSide as Side},
    value::{NodeId, RecordId},
};
use thiserror::Error as ThisError;

use crate::duplicates::{
    alerts::Alert,
    table::Difference,
    token::{Element, Evaluation, PublicKey},
};

/// Another node did not do it.
#[derive(Clone, Debug, PartialEq, Eq, ThisError)]
#[error("{message} ({code})")]
pub struct CallFailed {
    /// What is wrong.
    pub message: String,
    /// The stable code.
    pub code: String,
    /// When to come back, in milliseconds since 1970-01-01T00:00:00Z, where it said so.
    pub again_ms: Option<u64>,
}

impl CallFailed {
    /// Whether the comparing node asks for everything anew.
    pub fn wants_all(&self) -> bool {
        ["submission-out-of-order", "submission-differs"].contains(&&*self.code)
    }
}

/// What a key-holder says of its keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeldKeys {
    /// The public keys by version; nothing of them is believed yet.
    pub keys: Vec<(u32, Vec<u8>)>,
    /// How many evaluations are left today.
    pub left: u64,
}

/// What the comparing node has of this county.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heard {
    /// Its alerts, the newest first.
    pub alerts: Vec<HeardAlert>,
    /// What it has, by version.
    pub submitted: Vec<SubmittedThere>,
    /// The oldest version that somebody still needs; 0 for none.
    pub oldest_version: u32,
}

/// What the comparing node has under one version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SubmittedThere {
    /// The version.
    pub version: u32,
    /// The number of the last submission.
    pub number: u64,
}

/// An alert as a county hears of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeardAlert {
    /// Its id.
    pub id: RecordId,
    /// The two, in the order of their node ids.
    pub sides: [Counterpart; 2],
    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub found_at: u64,
    /// Whether one of the two no longer has the member.
    pub lapsed: bool,
}

/// One of the two counties.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counterpart {
    /// The node and its handle.
    pub side: Side,
    /// Its area, in digits.
    pub area: String,
    /// Its name, where it is known.
    pub name: String,
    /// What it has said.
    pub said: Option<SaidThere>,
}

/// What a county has said, as the comparing node passes it on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SaidThere {
    /// Where the person stays registered.
    pub keeps: NodeId,
    /// The signature.
    pub signed: KeeperSignature,
}

impl HeardAlert {
    /// The sides without what is known of them.
    pub fn pair(&self) -> [Side; 2] {
        [self.sides[0].side, self.sides[1].side]
    }

    /// Whether its id follows from its sides, as that of every genuine one does.
    pub fn is_genuine(&self) -> bool {
        let met = self.pair().map(|side| (side, String::new()));
        Alert::of(met, self.found_at).id == self.id
    }

    /// The side of a node, and the other one; none when it is not one of the two.
    pub fn seen_by(&self, node: &NodeId) -> Option<(&Counterpart, &Counterpart)> {
        let [one, other] = &self.sides;
        match node {
            node if *node == one.side.node => Some((one, other)),
            node if *node == other.side.node => Some((other, one)),
            _ => None,
        }
    }

    /// Whether both have signed the same, as the comparing node says.
    pub fn is_settled(&self) -> bool {
        let [one, other] = &self.sides;
        let said = one.said.as_ref().zip(other.said.as_ref());
        said.is_some_and(|(one, other)| one.keeps == other.keeps)
    }
}

/// The key-holder, to be called.
pub trait Holder: Send + Sync + 'static {
    /// Its keys.
    fn keys(&self) -> impl Future<Output = Result<HeldKeys, CallFailed>> + Send;

    /// Evaluates blinded elements.
    fn evaluate(
        &self,
        version: u32,
        blinded: &[Element],
    ) -> impl Future<Output = Result<Evaluation, CallFailed>> + Send;
}

/// The comparing node, to be called.
pub trait ComparingNode: Send + Sync + 'static {
    /// What concerns this county.
    fn alerts(&self) -> impl Future<Output = Result<Heard, CallFailed>> + Send;

    /// Takes a difference.
    fn submit(
        &self,
        version: u32,
        key: &PublicKey,
        restart: bool,
        difference: &Difference,
    ) -> impl Future<Output = Result<(), CallFailed>> + Send;

    /// Takes this county's word about an alert.
    fn agree(
        &self,
        alert: &RecordId,
        keeps: &NodeId,
        signature: &[u8; 64],
    ) -> impl Future<Output = Result<(), CallFailed>> + Send;
}
