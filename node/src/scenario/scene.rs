//! Where a scenario plays: one node with a clock of its own, and the officers who call it.

mod cases;
pub mod loans;
pub mod money;
mod officers;
pub mod projects;
mod reading;
pub mod supervision;
mod teams;

use std::{fs, path::PathBuf, sync::Arc};

use anyhow::Context as _;
use lika_core::{
    command::Change,
    log::{Action, Kind},
    record::{Body, Record},
    value::{AreaCode, Date, Label, RecordId, RequestId},
};
use lika_proto::v1::{
    self, admit_request, import_event::Event, import_request, policies_client::PoliciesClient,
    preview_response::Part, registry_client::RegistryClient, reports_client::ReportsClient,
};
use tokio::runtime::Runtime;
use tonic::transport::Channel;

pub use self::{
    cases::{Levels, all_met, carried},
    officers::Caller,
};
use super::Settings;
use crate::{
    clock::{Clock, Scenario, System},
    config::Config,
    demo::packed,
    pki::Credentials,
    policy::{HostProgram, package::KeyPair},
    serve::Node,
    setup::{self, NewNode},
    wire::{status::Refused, tls},
};

/// Who signs the policies.
const SIGNER: &str = "扶贫办";
const OFFICE: &str = "office";
const APPROVER: &str = "approver";
const PIECE: usize = 1 << 20;

/// A node and its people.
pub struct Scene {
    runtime: Runtime,
    node: Node,
    area: AreaCode,
    clock: Arc<Scenario>,
    config: PathBuf,
    office: Caller,
    approver: Caller,
    signer: KeyPair,
    policies: PathBuf,
    /// Commands so far: each has a request id of its own, the same whenever the scenario is played.
    commands: u64,
}

impl Scene {
    /// An empty node for an area, on a day.
    pub fn open(settings: &Settings, area: &str, name: &str, day: Date) -> anyhow::Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()?;
        let clock = Arc::new(Scenario::on(day));
        let area = AreaCode::parse(area)?;
        let new = NewNode {
            folder: settings.folder.clone(),
            name: Label::parse(name)?,
            area,
            hosts: vec!["localhost".to_owned(), "127.0.0.1".to_owned()],
            grpc: "127.0.0.1:0".to_owned(),
            console: "127.0.0.1:0".to_owned(),
            login: OFFICE.to_owned(),
            password: uuid::Uuid::new_v4().simple().to_string(),
            scenario: Some(Arc::<Scenario>::clone(&clock)),
        };
        let made = setup::create(&new, Arc::new(System))?;
        let signer = KeyPair::generate()?;
        setup::trust(&made.config, SIGNER, &signer.public())?;
        let approving = RecordId::derived("lika.scenario.officer", APPROVER.as_bytes());
        setup::issue_client(&made.config, approving, APPROVER, &System)?;
        let config = Config::read(&made.config)?;
        let told: Arc<dyn Clock> = Arc::<Scenario>::clone(&clock);
        let node = runtime.block_on(Node::start(&config, told, HostProgram::Own, &mut |_| {}))?;
        let caller = |id, login: &str| {
            let channel = channel(&runtime, &config, &node, login)?;
            anyhow::Ok(Caller { id, channel })
        };
        let office = caller(made.officer, OFFICE)?;
        let approver = caller(approving, APPROVER)?;
        let mut scene = Self {
            runtime,
            node,
            area,
            clock,
            config: made.config,
            office,
            approver,
            signer,
            policies: settings.policies.clone(),
            commands: 0,
        };
        let appointed = officers::record(APPROVER, "approver", area)?;
        scene.apply(vec![Change::create(approving, area, appointed)])?;
        Ok(scene)
    }

    /// The area of the node.
    pub fn area(&self) -> AreaCode {
        self.area
    }

    /// The day.
    pub fn today(&self) -> Date {
        self.clock.today()
    }

    /// Lets time pass until noon of a day.
    pub fn go_to(&self, day: Date) {
        self.clock.set(Scenario::on(day).now_ms());
    }

    /// Applies changes in their order, in as few commands as messages can carry. What must hold together must be few.
    pub fn apply(&mut self, changes: Vec<Change>) -> anyhow::Result<()> {
        self.apply_as(&self.office(), &changes)
    }

    /// Puts another body in the place of a record's.
    pub fn change(&mut self, current: &Record, body: impl Into<Body>) -> anyhow::Result<()> {
        self.apply(vec![Change::of(current, Action::Change, body)])
    }

    /// Imports a spreadsheet, all or nothing.
    pub fn import(&mut self, name: &str, file: &[u8]) -> anyhow::Result<()> {
        use import_request::Step;
        let options = v1::ImportOptions {
            request: self.request(),
            file_name: name.to_owned(),
            ..v1::ImportOptions::default()
        };
        let pieces = file.chunks(PIECE).map(|piece| Step::Chunk(piece.to_vec()));
        let steps = std::iter::once(Step::Options(options)).chain(pieces);
        let steps = steps.map(|step| v1::ImportRequest { step: Some(step) });
        let steps = tokio_stream::iter(steps.collect::<Vec<_>>());
        let mut registry = RegistryClient::new(self.office.channel.clone());
        self.runtime.block_on(async {
            let mut events = registry
                .import(steps)
                .await
                .map_err(Refused::from)?
                .into_inner();
            while let Some(message) = events.message().await.map_err(Refused::from)? {
                match message.event {
                    Some(Event::Fault(fault)) if !fault.warning => {
                        anyhow::bail!("row {}: {}", fault.row, fault.message_en)
                    }
                    Some(Event::Summary(summary)) if summary.applied => return Ok(()),
                    _ => {}
                }
            }
            anyhow::bail!("the import of {name} was not applied")
        })
    }

    /// One figure of an area: what stands now (period 0), or of a year (2016) or a month (201606).
    pub fn total(&self, area: &AreaCode, dimension: &str, period: u32) -> anyhow::Result<i64> {
        let mut reports = ReportsClient::new(self.office.channel.clone());
        let request = v1::RollUpRequest {
            area: area.digits().to_owned(),
            by_child: false,
        };
        let totals = self.runtime.block_on(reports.roll_up(request));
        let totals = totals.map_err(Refused::from)?.into_inner().area;
        let totals = totals.context("the node has no such area")?.totals;
        Ok(reading::figure(&totals, dimension, period))
    }

    /// Puts a shipped policy in force for the node's area with its defaults: see [`Scene::enact_in`].
    pub fn enact(&mut self, policy: &str, from: Date) -> anyhow::Result<()> {
        self.enact_in(&self.area(), policy, "", from)
    }

    /// Puts a shipped policy in force in an area with settings, in JSON: packed, signed, admitted, previewed, proposed,
    /// approved by two.
    pub fn enact_in(
        &mut self,
        area: &AreaCode,
        policy: &str,
        settings: &str,
        from: Date,
    ) -> anyhow::Result<()> {
        let file = self.policies.join(format!("{policy}.wasm"));
        let component = fs::read(&file).with_context(|| {
            format!("cannot read {}; `make policies` builds it", file.display())
        })?;
        let package = packed(component, SIGNER, &self.signer)?.to_bytes()?;
        let policy = self.admit(&package)?;
        let candidate = v1::PreviewCandidate {
            policy: policy.clone(),
            settings: settings.to_owned(),
        };
        let preview = self.preview(candidate, area, from)?;
        let proposal = v1::ProposeRequest {
            request: self.request(),
            policy,
            area: area.digits().to_owned(),
            settings: settings.to_owned(),
            from: from.number(),
            preview: preview.clone(),
            binding: false,
        };
        let mut office = PoliciesClient::new(self.office.channel.clone());
        let proposed = self.runtime.block_on(office.propose(proposal));
        let enactment = proposed.map_err(Refused::from)?.into_inner().enactment;
        for mut officer in [office, PoliciesClient::new(self.approver.channel.clone())] {
            let approval = v1::ApproveRequest {
                request: self.request(),
                enactment: enactment.clone(),
                preview: preview.clone(),
            };
            let approved = self.runtime.block_on(officer.approve(approval));
            approved.map_err(Refused::from)?;
        }
        Ok(())
    }

    /// Suspends what is in force for a purpose in the node's area.
    pub fn suspend(&mut self, purpose: &str) -> anyhow::Result<()> {
        let enactments = self.list(Kind::Enactment, &self.area())?;
        let found = enactments.iter().find(
            |record| matches!(&record.body, Body::Enactment(body) if body.purpose == purpose),
        );
        let request = v1::SuspendRequest {
            request: self.request(),
            enactment: found.context("nothing is in force")?.id.0.to_vec(),
            suspended: true,
        };
        let mut policies = PoliciesClient::new(self.office.channel.clone());
        let suspended = self.runtime.block_on(policies.suspend(request));
        Ok(suspended.map(drop).map_err(Refused::from)?)
    }

    /// Runs what is in force for a purpose over the node's area, today.
    pub fn evaluate(&mut self, purpose: &str) -> anyhow::Result<()> {
        self.evaluate_in(purpose, &self.area())
    }

    /// Runs what is in force for a purpose over an area, today.
    pub fn evaluate_in(&mut self, purpose: &str, area: &AreaCode) -> anyhow::Result<()> {
        self.evaluate_for(purpose, area, self.today())
    }

    /// Runs what is in force for a purpose over an area, for a day.
    pub fn evaluate_for(&mut self, purpose: &str, area: &AreaCode, on: Date) -> anyhow::Result<()> {
        let request = v1::EvaluateRequest {
            request: self.request(),
            purpose: purpose.to_owned(),
            area: area.digits().to_owned(),
            on: on.number(),
        };
        let mut policies = PoliciesClient::new(self.office.channel.clone());
        let evaluated = self.runtime.block_on(policies.evaluate(request));
        Ok(evaluated.map(drop).map_err(Refused::from)?)
    }

    /// Accepts what is proposed for a purpose, from today.
    pub fn accept(&mut self, purpose: &str) -> anyhow::Result<()> {
        let request = v1::AcceptRequest {
            request: self.request(),
            purpose: purpose.to_owned(),
            area: self.area.digits().to_owned(),
            from: 0,
        };
        let mut policies = PoliciesClient::new(self.office.channel.clone());
        let accepted = self.runtime.block_on(policies.accept(request));
        Ok(accepted.map(drop).map_err(Refused::from)?)
    }

    /// Stops the node.
    pub fn end(self) {
        self.runtime.block_on(self.node.stop());
    }

    fn admit(&mut self, package: &[u8]) -> anyhow::Result<Vec<u8>> {
        use admit_request::Step;
        let pieces = package
            .chunks(PIECE)
            .map(|piece| Step::Chunk(piece.to_vec()));
        let steps = std::iter::once(Step::Request(self.request())).chain(pieces);
        let steps = steps.map(|step| v1::AdmitRequest { step: Some(step) });
        let steps = tokio_stream::iter(steps.collect::<Vec<_>>());
        let mut policies = PoliciesClient::new(self.office.channel.clone());
        let admitted = self.runtime.block_on(policies.admit(steps));
        Ok(admitted.map_err(Refused::from)?.into_inner().policy)
    }

    fn preview(
        &self,
        candidate: v1::PreviewCandidate,
        area: &AreaCode,
        on: Date,
    ) -> anyhow::Result<Vec<u8>> {
        let request = v1::PreviewRequest {
            policy: Some(candidate),
            against: None,
            area: area.digits().to_owned(),
            on: on.number(),
            effects: false,
        };
        let mut policies = PoliciesClient::new(self.office.channel.clone());
        self.runtime.block_on(async {
            let mut parts = policies
                .preview(request)
                .await
                .map_err(Refused::from)?
                .into_inner();
            while let Some(message) = parts.message().await.map_err(Refused::from)? {
                if let Some(Part::Summary(summary)) = message.part {
                    return Ok(summary.digest);
                }
            }
            anyhow::bail!("the preview has no summary")
        })
    }

    fn request(&mut self) -> Vec<u8> {
        self.commands += 1;
        let request = RequestId::derived("lika.scenario", &self.commands.to_be_bytes());
        request.0.to_vec()
    }
}

fn channel(
    runtime: &Runtime,
    config: &Config,
    node: &Node,
    login: &str,
) -> anyhow::Result<Channel> {
    let credentials = Credentials::open(&config.certificates, login)?;
    let roots = fs::read_to_string(config.certificates.join("own-roots.pem"))?;
    let address = format!("https://127.0.0.1:{}", node.grpc().port());
    let endpoint = tls::client(&address, &credentials, &roots)?;
    Ok(runtime.block_on(endpoint.connect())?)
}
