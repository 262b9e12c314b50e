//! The officers of a scene beside its office, and what each of them does in person.

use lika_core::{
    command::Change,
    record::{Approval, Body, Grant, Officer, OfficerIdentity},
    value::{AreaCode, Code, Name, RecordId, Text},
};
use lika_proto::v1::{self, registry_client::RegistryClient};
use tonic::transport::Channel;

use super::{Scene, channel};
use crate::{
    clock::System,
    config::Config,
    setup,
    wire::{record as wire, status::Refused},
};

/// Changes of one command at most: far below what one message may carry.
const CHANGES: usize = 2_000;

/// An officer who calls the node.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The officer's record.
    pub id: RecordId,
    pub(super) channel: Channel,
}

impl Caller {
    /// What they put their name to.
    pub fn approval(&self) -> Approval {
        Approval {
            officer: self.id,
            cadre: None,
        }
    }
}

impl Scene {
    /// The office of the node's area.
    pub fn office(&self) -> Caller {
        self.office.clone()
    }

    /// Makes somebody an officer with a role in an area.
    pub fn appoint(&mut self, login: &str, role: &str, area: AreaCode) -> anyhow::Result<Caller> {
        let id = RecordId::derived("lika.scenario.officer", login.as_bytes());
        self.apply(vec![Change::create(id, area, record(login, role, area)?)])?;
        setup::issue_client(&self.config, id, login, &System)?;
        let config = Config::read(&self.config)?;
        let channel = channel(&self.runtime, &config, &self.node, login)?;
        Ok(Caller { id, channel })
    }

    /// Two of the office, for what one alone cannot do.
    pub fn appoint_two(&mut self) -> anyhow::Result<[Caller; 2]> {
        let area = self.area();
        Ok([
            self.appoint("first", "county-office", area)?,
            self.appoint("second", "county-office", area)?,
        ])
    }

    /// Gives an officer one more role in an area inside that of the officer.
    pub fn give_role(
        &mut self,
        officer: &Caller,
        role: &str,
        area: AreaCode,
    ) -> anyhow::Result<()> {
        let current = self.get(&officer.id)?;
        let Body::Officer(body) = &current.body else {
            anyhow::bail!("not an officer")
        };
        let mut body = body.clone();
        body.grants.push(grant(role, area)?);
        self.change(&current, body)
    }

    /// Applies changes as an officer does: see [`Scene::apply`].
    pub fn apply_as(&mut self, officer: &Caller, changes: &[Change]) -> anyhow::Result<()> {
        let mut registry = RegistryClient::new(officer.channel.clone());
        for changes in changes.chunks(CHANGES) {
            let request = v1::ApplyRequest {
                request: self.request(),
                changes: changes.iter().map(wire::sent).collect(),
            };
            self.runtime
                .block_on(registry.apply(request))
                .map_err(Refused::from)?;
        }
        Ok(())
    }

    /// A new id for a record of a kind, the same whenever the scenario is played.
    pub fn new_id(&mut self, what: &str) -> RecordId {
        RecordId::derived(&format!("lika.scenario.{what}"), &self.request())
    }
}

/// An officer with one role.
pub(super) fn record(login: &str, role: &str, area: AreaCode) -> anyhow::Result<Officer> {
    Ok(Officer {
        grants: vec![grant(role, area)?],
        cadre: None,
        locked: false,
        identity: Some(OfficerIdentity {
            login: Text::parse(login)?,
            name: Name::parse("经办人")?,
        }),
        password_hash: None,
    })
}

fn grant(role: &str, area: AreaCode) -> anyhow::Result<Grant> {
    Ok(Grant {
        role: Code::parse(role)?,
        area,
    })
}
