//! How the county of the demonstration puts a policy in force: signed, admitted, previewed, proposed, approved by two.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use lika_core::{
    command::Change,
    record::{Grant, Officer, OfficerIdentity},
    value::{Code, Date, Name, RecordId, Text},
};

use super::request;
use crate::{
    gateway::{Caller, Gateway, Proposal, difference::Candidate},
    policy::{
        gates,
        package::{KeyPair, Package, Provenance},
    },
};

/// Whose signature counts at the county.
pub(super) const SIGNER: &str = "芦溪县扶贫和移民办公室";

/// The county's office: its first officer, somebody who approves, and the key that it signs with.
pub(super) struct Office {
    pub(super) gateway: Gateway,
    pub(super) caller: Caller,
    approver: Caller,
    key: KeyPair,
    /// Packages are left here, so that they can be carried to the province.
    folder: PathBuf,
}

impl Office {
    /// The office with a second officer who may approve.
    pub(super) async fn open(
        gateway: Gateway,
        caller: Caller,
        key: KeyPair,
        folder: &Path,
    ) -> anyhow::Result<Self> {
        let officer = Officer {
            grants: vec![Grant {
                role: Code::parse("approver")?,
                area: gateway.area(),
            }],
            cadre: None,
            locked: false,
            identity: Some(OfficerIdentity {
                login: Text::parse("approver")?,
                name: Name::parse("审批人")?,
            }),
            password_hash: None,
        };
        let id = RecordId::derived("lika.demo.officer", b"approver");
        let change = Change::create(id, gateway.area(), officer);
        gateway
            .apply(&caller, request("approver"), vec![change])
            .await?;
        let approver = gateway.caller(id)?;
        Ok(Self {
            gateway,
            caller,
            approver,
            key,
            folder: folder.to_owned(),
        })
    }

    /// Puts a policy in force with its defaults, from a day on.
    pub(super) async fn put_in_force(
        &self,
        name: &str,
        component: Vec<u8>,
        from: Date,
    ) -> anyhow::Result<()> {
        let Self {
            gateway,
            caller,
            approver,
            key,
            folder,
        } = self;
        let step = |what: &str| request(&format!("{name}/{what}"));
        let package = tokio::task::block_in_place(|| packed(component, SIGNER, key))?;
        let bytes = package.to_bytes()?;
        fs::write(folder.join(package.file_name()), &bytes)?;
        let admitted = gateway.admit(caller, step("admit"), bytes).await?;
        let candidate = Candidate {
            component: admitted.description.component,
            settings: "{}".to_owned(),
        };
        let (purpose, area) = (admitted.description.purpose, gateway.area());
        let preview =
            tokio::task::block_in_place(|| gateway.difference(&purpose, &area, from, &candidate))?;
        let proposal = Proposal {
            policy: admitted.policy,
            area,
            settings: None,
            from,
            binding: false,
            preview: preview.digest(),
        };
        let enactment = gateway.propose(caller, step("propose"), proposal).await?;
        for (approver, what) in [(caller, "approve"), (approver, "approve too")] {
            gateway
                .approve(approver, step(what), &enactment, preview.digest())
                .await
                .with_context(|| format!("{name}: {what}"))?;
        }
        Ok(())
    }
}

/// A component that passes the gates, packed and signed by its author.
pub(crate) fn packed(component: Vec<u8>, author: &str, key: &KeyPair) -> anyhow::Result<Package> {
    let passed = gates::enter(&gates::host()?, &component)?;
    let provenance = Provenance {
        author: author.to_owned(),
        ..Provenance::default()
    };
    let mut package = Package::pack(component, passed.policy.describe(), provenance, Vec::new())?;
    package.sign(key)?;
    Ok(package)
}
