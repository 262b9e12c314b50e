//! Commitments to totals: the node says once what the households of an area add up to, and opens leaves of it.
//!
//! ```text
//!  heads of the logs ──▶ survey ──▶ contributions ──▶ sum tree ──▶ root ──▶ record rollup-commitment, in the log
//!                          ▲                             ▲  │
//!     positions of the record                 key ring: salts  └──▶ leaves that an inspector drew
//! ```
//!
//! Nothing is kept for it but the record: the tree of a position follows from the logs and the key ring, now as then.

use std::collections::BTreeMap;

use lika_core::{
    authority::Permission,
    command::{Change, Command},
    log::{Kind, Salt},
    record::{Body, RollupCommitment},
    rollup::{
        Period,
        committed::{Contributions, Dimensions},
        sum_tree::{Commitment, LogEnd, Opening, Subject, SumTree},
    },
    value::{ActorId, AreaCode, NodeId, RecordId, RequestId},
};

use super::{Caller, Error, Gateway};
use crate::store::{Position, Stored, Survey};

/// Leaves that are opened at once at most.
pub const MOST_LEAVES: usize = 500;
/// How often a tree is made again where what is written meanwhile may have been missed.
const TRIES: usize = 5;
/// Domains of the salts.
const ORDER: &str = "rollup/order";
const LEAF: &str = "rollup/leaf";

/// Leaves of a commitment, and the salt that their order follows from.
#[derive(Clone, Debug)]
pub struct Opened {
    /// The salt.
    pub order: Salt,
    /// The leaves.
    pub leaves: Vec<Opening>,
}

impl Gateway {
    /// Commits to the totals of an area as they stand now, in the node's own log; blocks. Asked again with the same
    /// request it answers what was committed then.
    pub fn commit_totals(
        &self,
        caller: &Caller,
        request: RequestId,
        area: &AreaCode,
        period: Period,
    ) -> Result<(RecordId, RollupCommitment), Error> {
        caller.must(Permission::Write(Kind::RollupCommitment), area)?;
        let id = RecordId::derived("lika.rollup-commitment", &request.0);
        if let Some(done) = self.commitment(&id)? {
            return Ok((id, done));
        }
        let dimensions = Dimensions::of(period).ok_or_else(|| {
            let message = "period: must be 0 or a year, since no figures of months are committed";
            Error::Malformed(message.to_owned())
        })?;
        let _room = self.room_to_recount()?;
        let subject = Subject {
            node: self.inner.reader.node(),
            area: *area,
            period,
            logs: self.log_ends(),
            dimensions,
        };
        let tree = self.settled_tree(&subject)?;
        let commitment = tree.commit(subject);
        let said = RollupCommitment { commitment };
        let command = Command {
            request,
            actor: ActorId(caller.officer.0),
            changes: vec![Change::create(id, *area, said.clone())],
        };
        self.inner.store.submit_blocking(command)?;
        Ok((id, said))
    }

    /// Opens leaves of a commitment of this node, by their places, ascending; blocks. Who opened which is logged.
    pub fn open_leaves(
        &self,
        caller: &Caller,
        id: &RecordId,
        places: &[u64],
    ) -> Result<Opened, Error> {
        let said = self.commitment(id)?.ok_or(Error::NotFound(*id))?;
        let Commitment {
            subject,
            leaves,
            root,
            ..
        } = &said.commitment;
        caller.must(Permission::ReadOpen, &subject.area)?;
        let are_some = (1..=MOST_LEAVES).contains(&places.len());
        if !are_some || !places.is_sorted_by(|one, next| one < next) {
            return Err(Error::Malformed(format!(
                "leaves: must be 1 to {MOST_LEAVES}, ascending, each once"
            )));
        }
        if let Some(place) = places.iter().find(|place| *place >= leaves) {
            return Err(Error::Malformed(format!(
                "leaves: there is no leaf {place} among {leaves}"
            )));
        }
        let own = self.inner.reader.node();
        if subject.node != own {
            return Err(Error::Other {
                code: "commitment-of-another-node",
                message: format!("node {} made this commitment, this is {own}", subject.node),
            });
        }
        let _room = self.room_to_recount()?;
        let tree = self.tree_of(&said.commitment)?;
        // A leaf says of a household what it adds, so whoever opened it can be asked why.
        tracing::info!(
            officer = %caller.officer, commitment = %id, area = %subject.area, ?places,
            "leaves of a commitment were opened"
        );
        let opened = places.iter().map(|place| tree.open(*place));
        let opened: Option<Vec<Opening>> = opened.collect();
        Ok(Opened {
            order: *tree.order(),
            leaves: opened.ok_or_else(|| not_reproduced(root))?,
        })
    }

    fn commitment(&self, id: &RecordId) -> Result<Option<RollupCommitment>, Error> {
        let stored = self.inner.reader.get(id)?;
        let record = stored.and_then(Stored::into_record);
        Ok(record.and_then(|record| match record.body {
            Body::RollupCommitment(said) => Some(said),
            _ => None,
        }))
    }

    /// The logs as they stand now.
    fn log_ends(&self) -> Vec<LogEnd> {
        let tails = self.inner.reader.heads().into_iter();
        let mut ends: Vec<LogEnd> = tails
            .map(|tail| LogEnd {
                node: tail.node,
                epoch: tail.position.epoch,
                seq: tail.position.seq,
                hash: tail.hash,
            })
            .collect();
        ends.sort_unstable();
        ends
    }

    /// The tree of a moment that has only just passed. A survey can miss a record that is being closed at that moment,
    /// so where something was written meanwhile the tree is made again until it is the same twice.
    fn settled_tree(&self, subject: &Subject) -> Result<SumTree, Error> {
        let mut tree = self.tree(subject)?;
        for _ in 0..TRIES {
            if self.log_ends() == subject.logs {
                return Ok(tree);
            }
            let again = self.tree(subject)?;
            if again.top() == tree.top() {
                return Ok(again);
            }
            tree = again;
        }
        Err(Error::Other {
            code: "busy",
            message: "too much is written for the totals of one moment to be found".to_owned(),
        })
    }

    /// The tree that was committed.
    fn tree_of(&self, commitment: &Commitment) -> Result<SumTree, Error> {
        for _ in 0..TRIES {
            let tree = self.tree(&commitment.subject)?;
            if tree.commit(commitment.subject.clone()) == *commitment {
                return Ok(tree);
            }
        }
        Err(not_reproduced(&commitment.root))
    }

    /// The tree of the households of an area as the logs stood then.
    fn tree(&self, subject: &Subject) -> Result<SumTree, Error> {
        let reader = &self.inner.reader;
        let at: BTreeMap<NodeId, Position> = subject
            .logs
            .iter()
            .map(|log| {
                let (epoch, seq) = (log.epoch, log.seq);
                (log.node, Position { epoch, seq })
            })
            .collect();
        let survey = Survey {
            kinds: &[
                Kind::Household,
                Kind::Member,
                Kind::IncomeStatement,
                Kind::Loan,
            ],
            area: &subject.area,
            at: &at,
        };
        let none = || Contributions::to(subject.dimensions.clone(), subject.period);
        let shares = reader.survey(&survey, none, |all, record| all.add(&record))?;
        let mut all = none();
        for share in shares {
            all.merge(share);
        }
        let each = all
            .into_each()
            .map_err(|error| cannot_be_committed(&error))?;
        let about = subject.digest();
        let salt =
            |household: &RecordId| reader.salt(LEAF, &[&about.0[..], &household.0[..]].concat());
        let order = reader.salt(ORDER, &about.0);
        let tree = SumTree::grow(subject.dimensions.clone(), each, order, salt);
        tree.map_err(|error| cannot_be_committed(&error))
    }
}

fn cannot_be_committed(error: &dyn std::error::Error) -> Error {
    Error::Other {
        code: "cannot-be-committed",
        message: error.to_string(),
    }
}

fn not_reproduced(root: &lika_core::value::Digest) -> Error {
    Error::Other {
        code: "commitment-not-reproduced",
        message: format!("the log and the key ring no longer give the root {root}"),
    }
}
