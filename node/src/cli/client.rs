//! Calls to a running node, over gRPC with the officer's certificate.

use anyhow::{Context as _, bail};
use lika_core::value::{Date, RecordId};
use lika_proto::{
    log::v1 as log,
    v1::{
        self, cases_client::CasesClient, comparisons_client::ComparisonsClient,
        duplicates_client::DuplicatesClient, evidence_client::EvidenceClient,
        households_client::HouseholdsClient, payments_client::PaymentsClient,
        policies_client::PoliciesClient, record::Body, registry_client::RegistryClient,
        reports_client::ReportsClient, statistics_client::StatisticsClient,
        supervision_client::SupervisionClient, works_client::WorksClient,
    },
};
use tonic::{Code, Status, transport::Channel};

use super::Called;
use crate::{
    clock::{Clock as _, System},
    config::Config,
    pki::{Credentials, Identity},
    wire::{status::Refused, tls},
};

/// Records that are asked for at a time.
const PAGE: u32 = 1000;

/// The registry of a node.
pub type Registry = RegistryClient<Channel>;

/// A channel to the node, with the officer's certificate.
pub async fn connect(called: &Called) -> anyhow::Result<Channel> {
    let config = Config::read(&called.config)?;
    let credentials =
        Credentials::open(&config.certificates, &called.login).with_context(|| {
            format!(
                "no certificate of {:?}; `lika ca issue-client` makes one",
                called.login
            )
        })?;
    let roots = config.certificates.join("own-roots.pem");
    let roots = std::fs::read_to_string(&roots)
        .with_context(|| format!("cannot read {}", roots.display()))?;
    let address = called
        .address
        .clone()
        .unwrap_or_else(|| format!("https://{}", config.grpc));
    let endpoint = tls::client(&address, &credentials, &roots)?;
    endpoint
        .connect()
        .await
        .with_context(|| format!("no node answers at {address}; is it running?"))
}

/// The registry of the node.
pub async fn registry(called: &Called) -> anyhow::Result<Registry> {
    Ok(RegistryClient::new(connect(called).await?))
}

/// The policies of the node.
pub async fn policies(called: &Called) -> anyhow::Result<PoliciesClient<Channel>> {
    Ok(PoliciesClient::new(connect(called).await?))
}

/// The reports of the node.
pub async fn reports(called: &Called) -> anyhow::Result<ReportsClient<Channel>> {
    Ok(ReportsClient::new(connect(called).await?))
}

/// What is due at the node, and its procedures.
pub async fn cases(called: &Called) -> anyhow::Result<CasesClient<Channel>> {
    Ok(CasesClient::new(connect(called).await?))
}

/// Payment batches on their way to a bank and back.
pub async fn payments(called: &Called) -> anyhow::Result<PaymentsClient<Channel>> {
    Ok(PaymentsClient::new(connect(called).await?))
}

/// Comparisons and doubts of the node.
pub async fn comparisons(called: &Called) -> anyhow::Result<ComparisonsClient<Channel>> {
    Ok(ComparisonsClient::new(connect(called).await?))
}

/// People whom two counties have registered.
pub async fn duplicates(called: &Called) -> anyhow::Result<DuplicatesClient<Channel>> {
    Ok(DuplicatesClient::new(connect(called).await?))
}

/// Checkpoints and proofs of the node's log.
pub async fn evidence(called: &Called) -> anyhow::Result<EvidenceClient<Channel>> {
    Ok(EvidenceClient::new(connect(called).await?))
}

/// Indicators and reports of the node.
pub async fn statistics(called: &Called) -> anyhow::Result<StatisticsClient<Channel>> {
    Ok(StatisticsClient::new(connect(called).await?))
}

/// The lives of households at the node.
pub async fn households(called: &Called) -> anyhow::Result<HouseholdsClient<Channel>> {
    Ok(HouseholdsClient::new(connect(called).await?))
}

/// What is due for whom at the node, and rankings.
pub async fn supervision(called: &Called) -> anyhow::Result<SupervisionClient<Channel>> {
    Ok(SupervisionClient::new(connect(called).await?))
}

/// How far works are at the node.
pub async fn works(called: &Called) -> anyhow::Result<WorksClient<Channel>> {
    Ok(WorksClient::new(connect(called).await?))
}

/// The officer of the certificate that a call shows.
pub fn officer(called: &Called) -> anyhow::Result<RecordId> {
    let config = Config::read(&called.config)?;
    match Credentials::open(&config.certificates, &called.login)?.identity()? {
        Identity::Client { officer } => Ok(officer),
        Identity::Node { .. } => bail!("{:?} is the certificate of a node", called.login),
    }
}

/// All records that a request lists, page by page.
pub async fn list_all(
    registry: &mut Registry,
    mut request: v1::ListRequest,
) -> anyhow::Result<Vec<v1::Record>> {
    request.page_size = PAGE;
    let mut records = Vec::new();
    loop {
        let page = registry.list(request.clone()).await.map_err(refused)?;
        let page = page.into_inner();
        records.extend(page.records);
        if page.next_page_token.is_empty() {
            return Ok(records);
        }
        request.page_token = page.next_page_token;
    }
}

/// The open records of a kind in an area, your own when it is empty.
pub async fn list_of(
    called: &Called,
    kind: log::Kind,
    area: &str,
) -> anyhow::Result<Vec<v1::Record>> {
    let mut registry = registry(called).await?;
    list_all(&mut registry, open_of(kind, area)).await
}

/// Asks for the open records of a kind in an area, your own when it is empty.
pub fn open_of(kind: log::Kind, area: &str) -> v1::ListRequest {
    v1::ListRequest {
        kind: kind.into(),
        area: area.to_owned(),
        ..v1::ListRequest::default()
    }
}

/// A record as it stands.
pub async fn read(registry: &mut Registry, id: &[u8]) -> anyhow::Result<v1::Record> {
    let found = registry.get(current(id)).await.map_err(refused)?;
    Ok(found.into_inner())
}

/// A record as it stands; none where there is none that you may know of.
pub async fn find(registry: &mut Registry, id: &[u8]) -> anyhow::Result<Option<v1::Record>> {
    match registry.get(current(id)).await {
        Ok(found) => Ok(Some(found.into_inner())),
        Err(status) if status.code() == Code::NotFound => Ok(None),
        Err(status) => Err(refused(status)),
    }
}

fn current(id: &[u8]) -> v1::GetRequest {
    v1::GetRequest {
        id: id.to_vec(),
        as_of_seq: 0,
    }
}

/// Creates a record in an area; its id.
pub async fn create(registry: &mut Registry, area: &str, body: Body) -> anyhow::Result<Vec<u8>> {
    let record = v1::Record {
        area: area.to_owned(),
        body: Some(body),
        ..v1::Record::default()
    };
    Ok(apply(registry, log::Action::Create, record).await?.id)
}

/// Applies one change of a record: of its current revision, or, to create it, of none. Sealed parts that the body leaves
/// out stay as they are.
pub async fn apply(
    registry: &mut Registry,
    action: log::Action,
    record: v1::Record,
) -> anyhow::Result<v1::Applied> {
    let request = v1::ApplyRequest {
        request: request_id(),
        changes: vec![v1::Change {
            action: action.into(),
            expected_revision: record.revision,
            record: Some(record),
        }],
    };
    let response = registry.apply(request).await.map_err(refused)?.into_inner();
    let mut applied = response.applied.into_iter();
    applied.next().context("the node did not say what it did")
}

/// The record of the officer whom the certificate names, and of their cadre; empty where there is none.
pub async fn caller(
    registry: &mut Registry,
    called: &Called,
) -> anyhow::Result<(Vec<u8>, Vec<u8>)> {
    let officer = officer(called)?;
    let cadre = match read(registry, &officer.0).await?.body {
        Some(Body::Officer(officer)) => officer.open.map(|open| open.cadre),
        _ => None,
    };
    Ok((officer.0.to_vec(), cadre.unwrap_or_default()))
}

/// The bytes of an id.
pub fn id(what: &'static str, text: &str) -> anyhow::Result<Vec<u8>> {
    Ok(RecordId::parse(text).context(what)?.0.to_vec())
}

/// A day; today where none is given.
pub fn day(text: Option<&str>) -> anyhow::Result<Date> {
    match text {
        Some(text) => Date::parse(text).context("the day"),
        None => Ok(System.today()),
    }
}

/// A failed call in words: the message, the stable code, and what to do.
pub fn refused(status: Status) -> anyhow::Error {
    Refused::from(status).into()
}

/// A fresh request id.
pub fn request_id() -> Vec<u8> {
    uuid::Uuid::new_v4().into_bytes().to_vec()
}
