//! Policies on the records of this node: admitted, previewed, proposed, approved, run, accepted, run again.
//!
//! ```text
//! package ─▶ admit ─▶ Policy ─▶ preview ─▶ propose ─▶ Enactment ─▶ approve × 2 ─▶ in force
//!
//! in force ─▶ evaluate ─▶ Evaluation + Decisions ─▶ accept ─▶ Pairing, VillageTeam
//!                ▲
//!             records
//! ```
//!
//! A policy never writes. What it answers becomes decisions, and what it proposes becomes a record when a person
//! accepts it. Every step is one command, so that it happens wholly or not at all, and sending a request again answers
//! what the first one did.

mod acceptance;
pub mod bundle;
mod decisions;
pub mod difference;
mod enactment;
mod failures;
mod findings;
mod helping;
mod inspection;
pub mod preview;
mod reading;
pub mod replay;
pub mod report;
mod run;
pub mod standing;

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Mutex, PoisonError},
};

use lika_core::{
    authority::Permission,
    command::{Change, Command},
    record::{self, Body, Record},
    value::{ActorId, Code, Digest, Label, RecordId, RequestId},
};

pub use self::{
    acceptance::Accepted,
    enactment::{InForce, Proposal},
    run::Evaluated,
};
use self::{difference::Candidate, enactment::DEFAULTS, inspection::Inspection};
use super::{Caller, Error, Gateway};
use crate::{
    blobs::{self, Blobs},
    policy::{
        self, Host, Manifest, Package, Policy, Refusal, Trust, evaluation::SettingsRefusal, gates,
        package,
    },
    store::{Position, Receipt},
    telemetry,
};

/// What runs policies: the host, whose signatures count, the files, and the policies that it has admitted already.
pub struct Policies {
    host: Host,
    trust: Trust,
    packages: Blobs,
    components: Blobs,
    running: Mutex<BTreeMap<Digest, Policy>>,
    trials: preview::Trials,
    inspection: Inspection,
}

impl Policies {
    /// Policies that run on this host; packages and components are kept in the data folder. Of all other components
    /// the host lets go.
    pub fn new(host: Host, trust: Trust, data: &Path) -> Self {
        let components = Blobs::at(data.join("components"), "wasm");
        match components.names() {
            Ok(names) => {
                let names = names.into_iter();
                let names: Vec<_> = names.map(|it| policy::Digest::from_bytes(it.0)).collect();
                host.retain(&names);
            }
            // What is kept is of use still; the next start tidies up.
            Err(error) => tracing::warn!(%error, "components cannot be listed"),
        }
        Self {
            host,
            trust,
            packages: Blobs::at(data.join("packages"), "lika"),
            components,
            running: Mutex::default(),
            trials: preview::Trials::default(),
            inspection: Inspection::open(data.join("inspection.json")),
        }
    }

    /// The running policy of a component. Blocks while its process starts, the first time.
    fn load(&self, component: &Digest) -> Result<Policy, Error> {
        if let Some(policy) = self.running(component) {
            return Ok(policy);
        }
        let bytes = self
            .components
            .get(component)
            .map_err(|error| unusable(&error))?;
        let policy = self.host.admit(&bytes).map_err(|it| not_admitted(&it))?;
        self.keep(component, &policy);
        Ok(policy)
    }

    fn running(&self, component: &Digest) -> Option<Policy> {
        self.running
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(component)
            .cloned()
    }

    fn keep(&self, component: &Digest, policy: &Policy) {
        self.running
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(*component, policy.clone());
    }
}

/// A policy that was admitted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admitted {
    /// Its record.
    pub policy: RecordId,
    /// What the record says.
    pub description: record::Policy,
}

impl Gateway {
    /// Whether the caller may admit policies: to be asked before a package of many megabytes is taken.
    pub fn may_admit(&self, caller: &Caller) -> Result<(), Error> {
        caller.must(Permission::EnactPolicies, &self.area())
    }

    /// Holds a package against every gate and registers its policy. A component that is registered already is answered
    /// as it is.
    pub async fn admit(
        &self,
        caller: &Caller,
        request: RequestId,
        package: Vec<u8>,
    ) -> Result<Admitted, Error> {
        self.may_admit(caller)?;
        let area = self.area();
        let gateway = self.clone();
        let description = blocking(move || gateway.take_in(&package)).await?;
        let policy = record::Policy::id_for(&description.component);
        let known = self.inner.reader.get(&policy)?;
        if known.is_some_and(|stored| !stored.closed) {
            let description = self.policy_record(&policy)?;
            return Ok(Admitted {
                policy,
                description,
            });
        }
        let create = Change::create(policy, area, description.clone());
        self.carry_out(caller, request, vec![create]).await?;
        Ok(Admitted {
            policy,
            description,
        })
    }

    /// The sentences (zh, en) of a reason that a policy gave, its arguments filled in; none when the policy has no
    /// such reason. For pages: the first call for a component starts its process where it blocks nobody.
    pub async fn sentences(
        &self,
        component: &Digest,
        reason: &Code,
        arguments: &[String],
    ) -> Result<Option<(String, String)>, Error> {
        if let Some((zh, en)) = failures::sentences(reason.as_str()) {
            return Ok(Some((zh.to_owned(), en.to_owned())));
        }
        let policy = self.running_policy(component).await?;
        Ok(decisions::sentences(policy.describe(), reason, arguments))
    }

    /// What a component says of itself: labels of roles and categories for pages.
    pub async fn manifest(&self, component: &Digest) -> Result<Manifest, Error> {
        Ok(self.running_policy(component).await?.describe().clone())
    }

    async fn running_policy(&self, component: &Digest) -> Result<Policy, Error> {
        if let Some(policy) = self.inner.policies.running(component) {
            return Ok(policy);
        }
        let (gateway, component) = (self.clone(), *component);
        blocking(move || gateway.inner.policies.load(&component)).await
    }

    /// Holds a package against every gate and keeps it; what it says of itself becomes its record.
    fn take_in(&self, bytes: &[u8]) -> Result<record::Policy, Error> {
        let policies = &self.inner.policies;
        let package = Package::read(bytes).map_err(|error| refused(&error))?;
        let signed_with = policies.trust.check(&package).map_err(|it| unsigned(&it))?;
        let component = package.component();
        // One that runs already keeps its process, and whatever is held against it.
        let own = policy::Digest::of(component);
        let policy = match policies.running(&Digest(*own.as_bytes())) {
            Some(policy) => policy,
            None => {
                gates::pass(&policies.host, component, package.examples())
                    .map_err(|it| turned_away(&it))?
                    .policy
            }
        };
        let manifest = policy.describe();
        let described = package.manifest().must_describe(manifest);
        described.map_err(|mismatch| refused(&mismatch))?;
        let label = |text: &str| Label::parse(text).map_err(|error| refused(&error));
        let (name, version) = (label(&manifest.name)?, label(&manifest.version)?);
        let purpose = Code::parse(&manifest.purpose).map_err(|error| refused(&error))?;
        let keys = signed_with.iter().map(|key| label(key));
        let signed_with = keys.collect::<Result<_, _>>()?;
        let kept = |blobs: &Blobs, bytes| blobs.put(bytes).map_err(|error| unusable(&error));
        let digest = kept(&policies.components, component)?;
        let package = kept(&policies.packages, bytes)?;
        policies.keep(&digest, &policy);
        Ok(record::Policy {
            name,
            version,
            purpose,
            component: digest,
            size: component.len() as u64,
            package,
            signed_with,
        })
    }

    fn policy_record(&self, id: &RecordId) -> Result<record::Policy, Error> {
        let stored = self.inner.reader.get(id)?.ok_or(Error::NotFound(*id))?;
        match stored.into_record() {
            Some(Record {
                closed: false,
                body: Body::Policy(policy),
                ..
            }) => Ok(policy),
            _ => Err(Error::NotFound(*id)),
        }
    }

    fn position(&self) -> Position {
        self.inner
            .reader
            .head(&self.inner.reader.node())
            .map(|tail| tail.position)
            .unwrap_or_default()
    }

    /// A command on the strength of a permission that was asked for already.
    async fn carry_out(
        &self,
        caller: &Caller,
        request: RequestId,
        changes: Vec<Change>,
    ) -> Result<Receipt, Error> {
        let command = Command {
            request,
            actor: ActorId(caller.officer.0),
            changes,
        };
        Ok(self.inner.store.submit(command).await?)
    }
}

/// Settings as the policy takes them, or the faults that it names.
fn take_settings(policy: &Policy, json: &str) -> Result<policy::Settings, Error> {
    use policy::Failure::{Suspended, Unavailable};
    policy.settings(json).map_err(|refusal| match &refusal {
        SettingsRefusal::Failed(failure @ (Unavailable { .. } | Suspended { .. })) => {
            unavailable(failure)
        }
        refusal => Error::Other {
            code: "invalid-settings",
            message: telemetry::chain(refusal),
        },
    })
}

/// A component that cannot be examined now is not at fault.
fn turned_away(error: &gates::Error) -> Error {
    if error.says_nothing_of_it() {
        return Error::Other {
            code: "policies-unavailable",
            message: telemetry::chain(error),
        };
    }
    if let gates::Error::Conformance(broken) = error
        && broken.is_of_a_declaration()
    {
        return Error::Other {
            code: "policy-not-as-declared",
            message: telemetry::chain(error),
        };
    }
    refused(error)
}

/// The same, of one that was admitted before.
fn not_admitted(refusal: &Refusal) -> Error {
    match refusal {
        Refusal::Host(failure @ policy::Failure::Unavailable { .. }) => unavailable(failure),
        refusal => refused(refusal),
    }
}

fn unsigned(untrusted: &package::Untrusted) -> Error {
    Error::Other {
        code: "not-signed",
        message: untrusted.to_string(),
    }
}

/// The code of what can be tried again, since there was no process to run a policy.
const UNAVAILABLE: &str = "policies-unavailable";

fn unavailable(failure: &policy::Failure) -> Error {
    Error::Other {
        code: UNAVAILABLE,
        message: telemetry::chain(failure),
    }
}

fn refused(error: &dyn std::error::Error) -> Error {
    Error::Other {
        code: "policy-refused",
        message: telemetry::chain(error),
    }
}

/// Why a component cannot be read is for the node's log; a client learns which one it was.
fn unusable(error: &blobs::Error) -> Error {
    tracing::error!(
        error = error as &dyn std::error::Error,
        "a component cannot be used"
    );
    let code = if matches!(error, blobs::Error::Io { .. }) {
        "internal"
    } else {
        "damaged"
    };
    Error::Other {
        code,
        message: "the component of the policy cannot be used on this node".to_owned(),
    }
}

/// What a record that this node wrote should say and does not.
fn damaged(what: &str) -> Error {
    Error::Other {
        code: "damaged",
        message: what.to_owned(),
    }
}

async fn blocking<T: Send + 'static>(
    run: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    tokio::task::spawn_blocking(run)
        .await
        .map_err(|_| Error::TaskEnded)?
}

#[cfg(test)]
mod tests;
