//! What is in force: proposed on the strength of a preview, approved by two people, suspended, brought back.

use lika_core::{
    authority::Permission,
    command::Change,
    log::{Action, Kind},
    record::{Approval, Body, Enactment, Index, Key, Record},
    value::{ActorId, AreaCode, Code, Date, Digest, RecordId, RequestId},
};

use super::{Caller, Candidate, Error, Gateway, blocking, refused, take_settings};
use crate::{policy::facts, store::Stored};

/// The settings of a policy that takes its defaults.
pub(super) const DEFAULTS: &str = "{}";

/// What somebody wants to put in force.
#[derive(Clone, Debug)]
pub struct Proposal {
    /// The policy.
    pub policy: RecordId,
    /// The area.
    pub area: AreaCode,
    /// The settings; the policy's defaults without.
    pub settings: Option<String>,
    /// The first day.
    pub from: Date,
    /// Whether it holds below in place of what is enacted there.
    pub binding: bool,
    /// The digest of the preview that the proposal rests on.
    pub preview: Digest,
}

/// A policy in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InForce {
    /// The enactment's record.
    pub enactment: RecordId,
    /// The area for which it was enacted.
    pub area: AreaCode,
    /// What it says.
    pub body: Enactment,
}

impl Gateway {
    /// Proposes a policy for its purpose in an area, from a day on. It comes into force when two people have approved
    /// it. A preview that would come out otherwise by now is refused as *stale*.
    pub async fn propose(
        &self,
        caller: &Caller,
        request: RequestId,
        proposal: Proposal,
    ) -> Result<RecordId, Error> {
        self.propose_again(caller, request, proposal, None).await
    }

    /// Proposes what an earlier enactment said, from a day on: the way back.
    pub async fn bring_back(
        &self,
        caller: &Caller,
        request: RequestId,
        earlier: &RecordId,
        from: Date,
        preview: Digest,
    ) -> Result<RecordId, Error> {
        let (record, earlier_body) = self.enactment(earlier)?;
        let Enactment {
            policy,
            settings,
            binding,
            ..
        } = earlier_body;
        let proposal = Proposal {
            policy,
            area: record.area,
            settings: Some(settings),
            from,
            binding,
            preview,
        };
        self.propose_again(caller, request, proposal, Some(*earlier))
            .await
    }

    /// Approves a proposed enactment as the caller. The digest says which preview the approver has seen; it is held
    /// against what the preview says now.
    ///
    /// Answers how it stands then; approving once more with the same request answers the same.
    pub async fn approve(
        &self,
        caller: &Caller,
        request: RequestId,
        enactment: &RecordId,
        preview: Digest,
    ) -> Result<Enactment, Error> {
        let (record, body) = self.enactment(enactment)?;
        caller.must(Permission::ApprovePolicies, &record.area)?;
        let is_mine = |it: &Stored| {
            it.header.request == request && it.header.actor == ActorId(caller.officer.0)
        };
        let has_approved = body.approvals.iter().any(|it| it.officer == caller.officer);
        if has_approved && self.inner.reader.history(enactment)?.iter().any(is_mine) {
            return Ok(body);
        }
        let approval = Approval {
            officer: caller.officer,
            cadre: self.cadre_of(&caller.officer)?,
        };
        let mut approved = body.clone();
        approved.approvals.push(approval);
        if body.preview != preview {
            return Err(stale(&body.preview));
        }
        // Once approved by all, what the preview says is what has happened.
        if !body.is_approved() {
            let candidate = Candidate {
                component: self.policy_record(&body.policy)?.component,
                settings: body.settings.clone(),
            };
            self.must_be_fresh(&body.purpose, record.area, body.from, candidate, preview)
                .await?;
        }
        let change = Change::of(&record, Action::Change, approved.clone());
        self.carry_out(caller, request, vec![change]).await?;
        Ok(approved)
    }

    /// Suspends an enactment: nothing is in force in its place until it is resumed.
    pub async fn suspend(
        &self,
        caller: &Caller,
        request: RequestId,
        enactment: &RecordId,
    ) -> Result<(), Error> {
        self.set_suspended(caller, request, enactment, true).await
    }

    /// Resumes an enactment that was suspended.
    pub async fn resume(
        &self,
        caller: &Caller,
        request: RequestId,
        enactment: &RecordId,
    ) -> Result<(), Error> {
        self.set_suspended(caller, request, enactment, false).await
    }

    /// What is in force for a purpose in an area on a day: what binds the widest area around it; where nothing binds,
    /// the enactment of the nearest one; and of several of one area the one with the latest first day.
    ///
    /// Where that one is suspended nothing is in force: never another answer in its place.
    pub fn policy_in_force(
        &self,
        purpose: &Code,
        area: &AreaCode,
        on: Date,
    ) -> Result<InForce, Error> {
        let (standing, waiting) = self.enactment_standing(purpose, area, on)?;
        match standing {
            Some(in_force) if in_force.body.suspended => Err(Error::Other {
                code: "policy-suspended",
                message: format!(
                    "the policy for {purpose} in area {area} is suspended (enactment {})",
                    in_force.enactment
                ),
            }),
            Some(in_force) => Ok(in_force),
            None => {
                let waits = waiting.map_or_else(String::new, |id| {
                    format!("; enactment {id} waits for the approval of two people")
                });
                Err(Error::Other {
                    code: "no-policy-in-force",
                    message: format!(
                        "no policy is in force for {purpose} in area {area} on {on}{waits}"
                    ),
                })
            }
        }
    }

    /// The enactment that stands for a purpose in an area on a day, suspended or not, and one that waits for approvals.
    pub(super) fn enactment_standing(
        &self,
        purpose: &Code,
        area: &AreaCode,
        on: Date,
    ) -> Result<(Option<InForce>, Option<RecordId>), Error> {
        let key = Key::open(Index::EnactmentsOfPurpose, &[purpose.as_str().as_bytes()]);
        let mut candidates = Vec::new();
        let mut waiting = None;
        for id in self.inner.reader.find(&key)? {
            let Some(stored) = self.inner.reader.get(&id)? else {
                continue;
            };
            let position = stored.position();
            let Some(Record {
                id,
                area: enacted_for,
                closed: false,
                body: Body::Enactment(body),
                ..
            }) = stored.into_record()
            else {
                continue;
            };
            if body.purpose != *purpose || !enacted_for.contains(area) {
                continue;
            }
            if !body.is_approved() {
                waiting = Some(id);
            }
            if body.stands_on(on) {
                let rank = (body.rank(&enacted_for), position);
                let area = enacted_for;
                candidates.push((
                    rank,
                    InForce {
                        enactment: id,
                        area,
                        body,
                    },
                ));
            }
        }
        let first = candidates.into_iter().max_by_key(|(rank, _)| *rank);
        Ok((first.map(|(_, in_force)| in_force), waiting))
    }

    async fn propose_again(
        &self,
        caller: &Caller,
        request: RequestId,
        proposal: Proposal,
        brings_back: Option<RecordId>,
    ) -> Result<RecordId, Error> {
        let Proposal {
            policy,
            area,
            settings,
            from,
            binding,
            preview,
        } = proposal;
        caller.must(Permission::EnactPolicies, &area)?;
        let body = self.policy_record(&policy)?;
        let settings = settings.unwrap_or_else(|| DEFAULTS.to_owned());
        let (gateway, json, component) = (self.clone(), settings.clone(), body.component);
        blocking(move || {
            let policy = gateway.inner.policies.load(&component)?;
            facts::check(policy.describe()).map_err(|unknown| refused(&unknown))?;
            take_settings(&policy, &json).map(drop)
        })
        .await?;
        let id = RecordId::derived(
            "lika.enactment",
            &[&request.0[..], &caller.officer.0].concat(),
        );
        let enactment = Enactment {
            policy,
            purpose: body.purpose.clone(),
            settings: settings.clone(),
            from,
            until: None,
            preview,
            approvals: Vec::new(),
            binding,
            suspended: false,
            brings_back,
        };
        // The same request again answers the same, whatever has come into force since.
        if self.inner.reader.get(&id)?.is_none() {
            let candidate = Candidate {
                component,
                settings,
            };
            self.must_be_fresh(&body.purpose, area, from, candidate, preview)
                .await?;
        }
        self.carry_out(caller, request, vec![Change::create(id, area, enactment)])
            .await?;
        Ok(id)
    }

    async fn must_be_fresh(
        &self,
        purpose: &Code,
        area: AreaCode,
        on: Date,
        candidate: Candidate,
        preview: Digest,
    ) -> Result<(), Error> {
        let (gateway, purpose) = (self.clone(), purpose.clone());
        let now = blocking(move || {
            let difference = gateway.difference(&purpose, &area, on, &candidate)?;
            Ok(difference.digest())
        });
        let now = now.await?;
        if now == preview {
            Ok(())
        } else {
            Err(stale(&now))
        }
    }

    async fn set_suspended(
        &self,
        caller: &Caller,
        request: RequestId,
        enactment: &RecordId,
        suspended: bool,
    ) -> Result<(), Error> {
        let (record, body) = self.enactment(enactment)?;
        caller.must(Permission::EnactPolicies, &record.area)?;
        if body.suspended == suspended {
            return Ok(());
        }
        let body = Enactment { suspended, ..body };
        let change = Change::of(&record, Action::Change, body);
        self.carry_out(caller, request, vec![change]).await?;
        Ok(())
    }

    fn enactment(&self, id: &RecordId) -> Result<(Record, Enactment), Error> {
        let stored = self.inner.reader.get(id)?.ok_or(Error::NotFound(*id))?;
        let record = stored.into_record().ok_or(Error::NotFound(*id))?;
        match &record.body {
            Body::Enactment(body) if !record.closed => {
                let body = body.clone();
                Ok((record, body))
            }
            _ => Err(Error::NotFound(*id)),
        }
    }

    /// The cadre record of the officer's person.
    fn cadre_of(&self, officer: &RecordId) -> Result<Option<RecordId>, Error> {
        let stored = self.inner.reader.get(officer)?;
        match stored.and_then(|stored| stored.into_record()) {
            Some(Record {
                body: Body::Officer(officer),
                closed: false,
                ..
            }) => Ok(officer.cadre),
            _ => Err(Error::Other {
                code: "not-the-approver",
                message: format!(
                    "only an officer approves, and {officer} is not a {}",
                    Kind::Officer.label()
                ),
            }),
        }
    }
}

fn stale(now: &Digest) -> Error {
    Error::Other {
        code: "stale-preview",
        message: format!(
            "what would change has changed; the preview is {now} now: look at it again"
        ),
    }
}
