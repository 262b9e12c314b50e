//! What is admitted, what is enacted, and how it stands on a day.

use std::collections::{BTreeMap, BTreeSet};

use lika_core::{
    authority::Permission,
    log::Kind,
    record::{Body, Enactment, Policy},
    value::{ActorId, AreaCode, Code, Date, RecordId},
};

use super::{
    super::{Caller, Error, Gateway, Seen},
    InForce,
};
use crate::{
    policy::Package,
    store::{Lifecycle, Listing, Stored},
};

/// Records that are read at a time.
const PAGE: usize = 1000;

/// A policy that was admitted.
#[derive(Clone, Debug)]
pub struct Registered {
    /// Its record.
    pub seen: Seen,
    /// `subject` or `group`; none where the package is not here.
    pub family: Option<String>,
    /// Whose signatures counted, as the configuration names them now; a key that it does not name stands for itself.
    pub signers: Vec<String>,
}

/// An enactment and how it stands.
#[derive(Clone, Debug)]
pub struct Enacted {
    /// Its record.
    pub seen: Seen,
    /// How it stands.
    pub standing: Standing,
    /// Name and version of its policy; none where that is not here.
    pub policy: Option<(String, String)>,
    /// Who has approved it, one after the other; none for a name that the caller may not read.
    pub approvers: Vec<Option<String>>,
}

/// How an enactment stands on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It waits for approvals.
    Proposed,
    /// It is approved, and its first day has not come.
    ToCome,
    /// It is in force.
    InForce,
    /// It is suspended, and nothing is in force in its place.
    Suspended,
    /// This one stands in its place.
    Superseded(RecordId),
    /// Its last day is over.
    Over,
}

/// Which enactments.
#[derive(Clone, Debug)]
pub struct Asked {
    /// For this purpose, or for all.
    pub purpose: Option<Code>,
    /// Of this area, of the areas in it and of those around it.
    pub area: AreaCode,
    /// The day.
    pub on: Date,
}

impl Gateway {
    /// The policies that this node has admitted for a purpose, or all, by purpose, name and version.
    pub fn registered(
        &self,
        caller: &Caller,
        purpose: Option<&Code>,
    ) -> Result<Vec<Registered>, Error> {
        let mut found = Vec::new();
        self.each_of(Kind::Policy, |stored| {
            if caller.may(Permission::ReadOpen, &stored.header.area)
                && let Some((seen, Body::Policy(policy))) = open(stored)
                && purpose.is_none_or(|purpose| policy.purpose == *purpose)
            {
                let (family, signers) = (self.family(&policy), self.signers(&policy));
                let order = [&policy.name, &policy.version].map(ToString::to_string);
                found.push((
                    (policy.purpose, order),
                    Registered {
                        seen,
                        family,
                        signers,
                    },
                ));
            }
        })?;
        found.sort_by(|(a, _), (b, _)| a.cmp(b));
        Ok(found.into_iter().map(|(_, policy)| policy).collect())
    }

    /// The enactments that are asked for, each as it stands in its own area, by purpose, area and first day.
    ///
    /// Whoever may read an area may know which rules reach it, also where a wider area has made them.
    pub fn enacted(&self, caller: &Caller, asked: &Asked) -> Result<Vec<Enacted>, Error> {
        caller.must(Permission::ReadOpen, &asked.area)?;
        let mut standing = BTreeMap::new();
        let mut found = Vec::new();
        for (seen, body) in self.enactments_around(asked)? {
            let area = seen.record.area;
            let place = (body.purpose.clone(), area);
            let stands = match standing.get(&place) {
                Some(stands) => *stands,
                None => {
                    let (stands, _) = self.enactment_standing(&body.purpose, &area, asked.on)?;
                    let stands = stands.map(|stands| stands.enactment);
                    standing.insert(place, stands);
                    stands
                }
            };
            let standing = Standing::of(seen.record.id, &body, stands, asked.on);
            let order = (body.purpose.clone(), area, body.from, seen.header.seq);
            found.push((order, self.describe(caller, seen, &body, standing)?));
        }
        found.sort_by(|(a, _), (b, _)| a.cmp(b));
        Ok(found.into_iter().map(|(_, enacted)| enacted).collect())
    }

    /// The enactment that stands for each purpose in the area itself: in force, or suspended so that nothing is.
    pub fn enacted_in_force(&self, caller: &Caller, asked: &Asked) -> Result<Vec<Enacted>, Error> {
        caller.must(Permission::ReadOpen, &asked.area)?;
        let purposes: BTreeSet<Code> = match &asked.purpose {
            Some(purpose) => [purpose.clone()].into(),
            None => {
                let around = self.enactments_around(asked)?.into_iter();
                around.map(|(_, body)| body.purpose).collect()
            }
        };
        let mut found = Vec::new();
        for purpose in purposes {
            let (stands, _) = self.enactment_standing(&purpose, &asked.area, asked.on)?;
            let Some(InForce {
                enactment, body, ..
            }) = stands
            else {
                continue;
            };
            let stored = self.inner.reader.get(&enactment)?;
            let (seen, _) = stored.and_then(open).ok_or(Error::NotFound(enactment))?;
            let standing = Standing::of(enactment, &body, Some(enactment), asked.on);
            found.push(self.describe(caller, seen, &body, standing)?);
        }
        Ok(found)
    }

    /// How an enactment stands in its own area on a day.
    pub fn standing_of(&self, caller: &Caller, id: &RecordId, on: Date) -> Result<Enacted, Error> {
        let seen = self.get(caller, id, None)?;
        let Body::Enactment(body) = seen.record.body.clone() else {
            return Err(Error::NotFound(*id));
        };
        let (stands, _) = self.enactment_standing(&body.purpose, &seen.record.area, on)?;
        let stands = stands.map(|stands| stands.enactment);
        let standing = Standing::of(*id, &body, stands, on);
        self.describe(caller, seen, &body, standing)
    }

    fn enactments_around(&self, asked: &Asked) -> Result<Vec<(Seen, Enactment)>, Error> {
        let Asked { purpose, area, .. } = asked;
        let mut found = Vec::new();
        self.each_of(Kind::Enactment, |stored| {
            let enacted_for = stored.header.area;
            let reaches = area.contains(&enacted_for) || enacted_for.contains(area);
            if reaches
                && let Some((seen, Body::Enactment(body))) = open(stored)
                && purpose.as_ref().is_none_or(|it| body.purpose == *it)
            {
                found.push((seen, body));
            }
        })?;
        Ok(found)
    }

    fn describe(
        &self,
        caller: &Caller,
        seen: Seen,
        body: &Enactment,
        standing: Standing,
    ) -> Result<Enacted, Error> {
        let area = seen.record.area;
        let name = |officer: &RecordId| self.actor_name(caller, &area, ActorId(officer.0));
        let approvers = body.approvals.iter().map(|it| name(&it.officer));
        let policy = match self.policy_record(&body.policy) {
            Ok(policy) => Some((policy.name.to_string(), policy.version.to_string())),
            Err(Error::NotFound(_)) => None,
            Err(error) => return Err(error),
        };
        Ok(Enacted {
            standing,
            policy,
            approvers: approvers.collect::<Result<_, _>>()?,
            seen,
        })
    }

    /// What a policy that has no process yet says in its package.
    fn family(&self, policy: &Policy) -> Option<String> {
        let policies = &self.inner.policies;
        if let Some(policy) = policies.running(&policy.component) {
            return Some(policy.describe().family.to_string());
        }
        let bytes = policies.packages.get(&policy.package).ok()?;
        let package = Package::read(&bytes).ok()?;
        Some(package.manifest().family.clone())
    }

    fn signers(&self, policy: &Policy) -> Vec<String> {
        let person = |key: &str| {
            let signers = &self.inner.policies.trust.signers;
            let signer = signers.iter().find(|signer| signer.key() == key);
            signer.map_or_else(|| key.to_owned(), |signer| signer.person.clone())
        };
        let keys = policy.signed_with.iter();
        keys.map(|key| person(key.as_str())).collect()
    }

    fn each_of(&self, kind: Kind, mut take: impl FnMut(Stored)) -> Result<(), Error> {
        let mut listing = Listing {
            kind,
            area: AreaCode::NATION,
            lifecycle: Lifecycle::Open,
            after: None,
            limit: PAGE,
        };
        loop {
            let page = self.inner.reader.list(&listing)?;
            page.items.into_iter().for_each(&mut take);
            listing.after = page.next;
            if listing.after.is_none() {
                return Ok(());
            }
        }
    }
}

impl Standing {
    /// How an enactment stands on a day where this one stands for its purpose and area.
    fn of(id: RecordId, body: &Enactment, stands: Option<RecordId>, on: Date) -> Self {
        if !body.is_approved() {
            return Self::Proposed;
        }
        if body.until.is_some_and(|until| until <= on) {
            return Self::Over;
        }
        if on < body.from {
            return Self::ToCome;
        }
        match stands {
            Some(other) if other != id => Self::Superseded(other),
            _ if body.suspended => Self::Suspended,
            _ => Self::InForce,
        }
    }
}

/// A record of which everything is open.
fn open(stored: Stored) -> Option<(Seen, Body)> {
    let (header, withheld) = (stored.header.clone(), stored.withheld.clone());
    let record = stored.into_record()?;
    let body = record.body.clone();
    let seen = Seen {
        record,
        header,
        withheld,
    };
    Some((seen, body))
}
