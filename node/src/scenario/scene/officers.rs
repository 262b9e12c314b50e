//! Officers besides the office's first two: what takes two people, or somebody of another level, is done by them.

use std::path::Path;

use lika_core::{
    command::Change,
    record::{Approval, Grant, Officer, OfficerIdentity},
    value::{AreaCode, Code, Date, Name, RecordId, Text},
};
use lika_proto::v1::{self, registry_client::RegistryClient};
use tonic::transport::Channel;

use super::{CHANGES, Scene, channel};
use crate::{
    clock::System,
    config::Config,
    setup,
    wire::{record, status::Refused},
};

/// An officer with a certificate of their own.
pub struct Colleague {
    /// The officer's record.
    pub id: RecordId,
    channel: Channel,
}

impl Colleague {
    /// What they put their name to.
    pub fn approval(&self) -> Approval {
        Approval {
            officer: self.id,
            cadre: None,
        }
    }
}

impl Scene {
    /// Appoints somebody to a role in an area of the node that lies in `folder`.
    pub fn appoint(
        &mut self,
        folder: &Path,
        login: &str,
        role: &str,
        area: AreaCode,
    ) -> anyhow::Result<Colleague> {
        let id = RecordId::derived("lika.scenario.officer", login.as_bytes());
        let officer = Officer {
            grants: vec![Grant {
                role: Code::parse(role)?,
                area,
            }],
            cadre: None,
            locked: false,
            identity: Some(OfficerIdentity {
                login: Text::parse(login)?,
                name: Name::parse("经办人")?,
            }),
            password_hash: None,
        };
        self.apply(vec![Change::create(id, area, officer)])?;
        let path = folder.join("lika.toml");
        setup::issue_client(&path, id, login, &System)?;
        let config = Config::read(&path)?;
        let channel = channel(&self.runtime, &config, &self.node, login)?;
        Ok(Colleague { id, channel })
    }

    /// Two of the office, for what one alone cannot do.
    pub fn appoint_two(&mut self, folder: &Path) -> anyhow::Result<[Colleague; 2]> {
        let area = self.area();
        Ok([
            self.appoint(folder, "first", "county-office", area)?,
            self.appoint(folder, "second", "county-office", area)?,
        ])
    }

    /// As [`Scene::apply`], in somebody else's name.
    pub fn apply_as(&mut self, who: &Colleague, changes: Vec<Change>) -> anyhow::Result<()> {
        let mut registry = RegistryClient::new(who.channel.clone());
        for changes in changes.chunks(CHANGES) {
            let request = v1::ApplyRequest {
                request: self.request(),
                changes: changes.iter().map(record::sent).collect(),
            };
            self.runtime
                .block_on(registry.apply(request))
                .map_err(Refused::from)?;
        }
        Ok(())
    }

    /// The day, so many days later.
    pub fn day_after(&self, days: i32) -> anyhow::Result<Date> {
        let day = self.today().plus_days(days);
        day.ok_or_else(|| anyhow::anyhow!("the calendar ends"))
    }
}
