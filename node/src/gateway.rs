//! The gateway: the one door to a node, whoever knocks.
//!
//! gRPC, console and command line all come through here. The gateway knows who calls (never from what they say, only
//! from the authenticated identity), asks [`lika_core::authority`] whether they may, hands commands to the store and
//! hides from answers what the caller may not see.

pub mod alerts;
mod balance;
pub mod cases;
pub mod commitments;
pub mod comparisons;
mod evidence;
pub mod failure;
pub mod households;
pub mod pages;
mod payments;
mod people;
mod policies;
mod reading;
pub mod reporting;
pub mod statistics;
pub mod supervision;
mod totals;
mod transfer;
pub mod views;
pub mod works;

use std::{fmt, sync::Arc};

use lika_core::{
    authority::{self, Permission},
    codes,
    command::{Change, Command},
    income_year::IncomeYear,
    log::{Action, Kind},
    record::{Fault, Grant},
    suppression,
    value::{ActorId, AreaCode, Code, NodeId, RecordId, RequestId},
};
use thiserror::Error as ThisError;
use tokio::sync::Semaphore;

pub use self::{
    balance::Balance,
    payments::BankFile,
    people::hash_password,
    policies::{
        Accepted, Admitted, Evaluated, InForce, Policies, Proposal, bundle, difference, preview,
        replay, report, standing,
    },
    reading::{Find, ListQuery, Seen},
    totals::AreaTotals,
    transfer::{Import, Imported, View, What},
};
use crate::{
    clock::Clock,
    store::{self, Reader, Receipt, Store},
};

/// The door to a node. Cheap to clone.
#[derive(Clone)]
pub struct Gateway {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    reader: Reader,
    clock: Arc<dyn Clock>,
    area: AreaCode,
    policies: Policies,
    callers: people::Callers,
    counting: Counting,
    /// One at a time: each holds what a whole area adds.
    recounts: Arc<Semaphore>,
}

/// How a node counts: settings that its figures depend on.
#[derive(Clone, Copy, Debug)]
pub struct Counting {
    /// When income years begin.
    pub income_year: IncomeYear,
    /// Counts above 0 and below it are not published.
    pub threshold: u64,
}

impl Default for Counting {
    fn default() -> Self {
        Self {
            income_year: IncomeYear::default(),
            threshold: suppression::ORDINARY_THRESHOLD,
        }
    }
}

/// Who calls: an officer of this node, as the records have it at this moment. `Debug` leaves the name out.
#[derive(Clone)]
pub struct Caller {
    /// The officer's record.
    pub officer: RecordId,
    /// What the officer may do, and where.
    pub grants: Vec<Grant>,
    /// The officer's name, for the page header.
    pub name: String,
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            officer,
            grants,
            name: _,
        } = self;
        f.debug_struct("Caller")
            .field("officer", officer)
            .field("grants", grants)
            .finish_non_exhaustive()
    }
}

impl Caller {
    /// The node itself, for what it does on its own account: joining, the demonstration, replays.
    pub fn node(node: NodeId, area: AreaCode) -> Result<Self, Fault> {
        let role = listed("role", "role", "county-office")?;
        Ok(Self {
            officer: RecordId(node.0),
            grants: vec![Grant { role, area }],
            name: String::new(),
        })
    }

    /// Whether the caller may do something in an area.
    pub fn may(&self, permission: Permission, area: &AreaCode) -> bool {
        authority::authorize(&self.grants, permission, area).is_ok()
    }

    /// The same as an error that says so.
    pub fn must(&self, permission: Permission, area: &AreaCode) -> Result<(), Error> {
        Ok(authority::authorize(&self.grants, permission, area)?)
    }

    /// The area that is meant where the caller names none: that of the node or, for whoever has roles only in one area
    /// inside it, that one. Malformed where there are several.
    pub fn own_area(&self, node: AreaCode) -> Result<AreaCode, Error> {
        match self.own_areas(node).as_slice() {
            [area] => Ok(*area),
            // Whoever has no role here is denied there.
            [] => Ok(node),
            _ => Err(Error::Malformed(
                "area: must be given, because your roles are in several areas".to_owned(),
            )),
        }
    }

    /// The areas of the node in which the caller has roles, by code: those that are inside no other of them. Only the
    /// node's own for whoever may look at all of it.
    pub fn own_areas(&self, node: AreaCode) -> Vec<AreaCode> {
        if self.may(Permission::ReadTotals, &node) {
            return vec![node];
        }
        let areas = || {
            let grants = self.grants.iter().map(|grant| grant.area);
            grants.filter(|area| node.contains(area))
        };
        let is_outermost =
            |area: &AreaCode| areas().all(|other| other == *area || !other.contains(area));
        let mut outermost: Vec<AreaCode> = areas().filter(is_outermost).collect();
        outermost.sort_unstable();
        outermost.dedup();
        outermost
    }
}

impl Gateway {
    /// A door to this store, with what runs policies on its records.
    pub fn new(store: Store, clock: Arc<dyn Clock>, area: AreaCode, policies: Policies) -> Self {
        Self::counting(store, clock, area, policies, Counting::default())
    }

    /// As [`Self::new`], with settings of its own.
    pub fn counting(
        store: Store,
        clock: Arc<dyn Clock>,
        area: AreaCode,
        policies: Policies,
        counting: Counting,
    ) -> Self {
        let reader = store.reader();
        Self {
            inner: Arc::new(Inner {
                store,
                reader,
                clock,
                area,
                policies,
                callers: people::Callers::default(),
                counting,
                recounts: Arc::new(Semaphore::new(1)),
            }),
        }
    }

    /// Carries out changes as one command: all of them or none.
    pub async fn apply(
        &self,
        caller: &Caller,
        request: RequestId,
        changes: Vec<Change>,
    ) -> Result<Receipt, Error> {
        for change in &changes {
            let write = Permission::Write(change.body.kind());
            caller.must(write, &change.area)?;
            // Nobody takes a household out of an area in which they may not write.
            if change.expected_revision > 0
                && let Some(area) = self.inner.reader.area(&change.id)?
                && area != change.area
            {
                caller.must(write, &area)?;
            }
            if is_made_by_the_node(change) {
                return Err(Error::Other {
                    code: "made-by-the-node",
                    message: format!("a {} cannot be written by hand", change.body.kind().label()),
                });
            }
        }
        self.check_helpers(&changes).await?;
        let command = Command {
            request,
            actor: ActorId(caller.officer.0),
            changes,
        };
        Ok(self.inner.store.submit(command).await?)
    }

    /// The area that the node serves.
    pub fn area(&self) -> AreaCode {
        self.inner.area
    }

    /// What time it is.
    pub fn clock(&self) -> &dyn Clock {
        &*self.inner.clock
    }

    /// The store, for the edges that move whole logs.
    pub fn store(&self) -> &Store {
        &self.inner.store
    }

    /// Reads without asking who calls: for code that has asked, or that acts for the node.
    pub fn reader(&self) -> &Reader {
        &self.inner.reader
    }
}

/// An entry of a code list.
fn listed(list: &'static str, field: &'static str, code: &str) -> Result<Code, Fault> {
    codes::listed(list, code).map_err(|problem| Fault::new(field, problem))
}

/// What stands for an act of the node, and would be forged by hand: a decision that no policy made, a hit of no list, a
/// figure that nobody counted.
fn is_made_by_the_node(change: &Change) -> bool {
    match change.body.kind() {
        Kind::Evaluation
        | Kind::Decision
        | Kind::Alert
        | Kind::Comparison
        | Kind::Report
        | Kind::RollupCommitment
        | Kind::OwnershipTransfer => true,
        Kind::Doubt => change.action == Action::Create,
        Kind::Policy | Kind::Enactment | Kind::Node => change.action != Action::Close,
        _ => false,
    }
}

/// Why the gateway did not do it. [`Error::code`] is stable; see [`failure::TABLE`].
#[derive(Debug, ThisError)]
pub enum Error {
    /// Nobody is signed in.
    #[error("nobody is signed in")]
    NotSignedIn,
    /// The name or the password is wrong; which of them is nobody's business.
    #[error("the name or the password is wrong")]
    WrongPassword,
    /// The certificate belongs to no officer of this node, or to one who is locked.
    #[error("the certificate belongs to no active officer of this node")]
    NotAnOfficer,
    /// The caller may not.
    #[error(transparent)]
    Denied(#[from] authority::Denied),
    /// There is no such record, or the caller may not know of it.
    #[error("there is no record {0}")]
    NotFound(RecordId),
    /// The request cannot be read.
    #[error("{0}")]
    Malformed(String),
    /// A field of a record is wrong.
    #[error(transparent)]
    Invalid(#[from] Fault),
    /// The store did not do it.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// A background task of the node ended early.
    #[error("a task of the node ended early")]
    TaskEnded,
    /// Refused by another part, which names the code and the message.
    #[error("{message}")]
    Other {
        /// A code of [`failure::TABLE`].
        code: &'static str,
        /// What is wrong.
        message: String,
    },
}

impl Error {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotSignedIn => "not-signed-in",
            Self::WrongPassword => "wrong-password",
            Self::NotAnOfficer => "not-an-officer",
            Self::Denied(_) => "denied",
            Self::NotFound(_) => "not-found",
            Self::Malformed(_) => "malformed-request",
            Self::Invalid(_) => "invalid-field",
            Self::Store(error) => store_code(error),
            Self::TaskEnded => "internal",
            Self::Other { code, .. } => code,
        }
    }

    /// The message for clients: what is wrong with their request, and nothing about the node's inside.
    pub fn message(&self) -> String {
        match self {
            Self::Store(store::Error::Refused(refused)) => refused.to_string(),
            Self::Store(error) if store_code(error) == "internal" => {
                "the node could not do it".to_owned()
            }
            error => error.to_string(),
        }
    }
}

fn store_code(error: &store::Error) -> &'static str {
    match error {
        store::Error::Refused(refused) => refused.refusal.code(),
        store::Error::RequestReused => "request-reused",
        store::Error::Erased(_) => "erased",
        store::Error::Outrun => "busy",
        store::Error::DiskFull => "disk-full",
        store::Error::Stopped(_) => "stopped",
        store::Error::Damaged { .. } | store::Error::Registry(_) => "damaged",
        _ => "internal",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_own_area_follows_from_the_roles() {
        let area = |text: &str| AreaCode::parse(text).unwrap();
        let own = |grants: &[(&str, &str)]| {
            let grant = |(role, text): &(&str, &str)| Grant {
                role: Code::parse(role).unwrap(),
                area: area(text),
            };
            let caller = Caller {
                officer: RecordId([1; 16]),
                grants: grants.iter().map(grant).collect(),
                name: String::new(),
            };
            let own = caller.own_area(area("360323"));
            own.map(|area| area.digits().to_owned())
                .map_err(|error| error.message())
        };
        let found = |text: &str| Ok(text.to_owned());
        assert_eq!(own(&[("county-office", "360323")]), found("360323"));
        assert_eq!(own(&[("auditor", "36")]), found("360323"));
        assert_eq!(
            own(&[("village-cadre", "360323100201")]),
            found("360323100201")
        );
        let nested = [
            ("village-cadre", "360323100201"),
            ("township-officer", "360323100"),
        ];
        assert_eq!(own(&nested), found("360323100"));
        let two = [
            ("village-cadre", "360323100201"),
            ("village-cadre", "360323100202"),
        ];
        assert!(own(&two).unwrap_err().contains("several areas"));
        assert_eq!(own(&[]), found("360323"));
        assert_eq!(own(&[("village-cadre", "430121")]), found("360323"));
    }
}
