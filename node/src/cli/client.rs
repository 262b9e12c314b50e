//! Calls to a running node, over gRPC with the officer's certificate.

use anyhow::{Context as _, bail};
use lika_core::value::RecordId;
use lika_proto::{
    log::v1 as log,
    v1::{
        self, cases_client::CasesClient, comparisons_client::ComparisonsClient,
        households_client::HouseholdsClient, payments_client::PaymentsClient,
        policies_client::PoliciesClient, registry_client::RegistryClient,
        reports_client::ReportsClient, statistics_client::StatisticsClient,
        supervision_client::SupervisionClient, works_client::WorksClient,
    },
};
use tonic::{Status, transport::Channel};

use super::Called;
use crate::{
    config::Config,
    pki::{Credentials, Identity},
    wire::{status::Refused, tls},
};

/// Records that are asked for at a time.
const PAGE: u32 = 1000;

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
pub async fn registry(called: &Called) -> anyhow::Result<RegistryClient<Channel>> {
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
    registry: &mut RegistryClient<Channel>,
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
    let request = v1::ListRequest {
        kind: kind.into(),
        area: area.to_owned(),
        ..Default::default()
    };
    list_all(&mut registry, request).await
}

/// Applies one change of a record: of its current revision, or, to create it, of none.
pub async fn apply(
    registry: &mut RegistryClient<Channel>,
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
    registry: &mut RegistryClient<Channel>,
    called: &Called,
) -> anyhow::Result<(Vec<u8>, Vec<u8>)> {
    let officer = officer(called)?;
    let request = v1::GetRequest {
        id: officer.0.to_vec(),
        as_of_seq: 0,
    };
    let record = registry.get(request).await.map_err(refused)?.into_inner();
    let cadre = match record.body {
        Some(v1::record::Body::Officer(officer)) => officer.open.map(|open| open.cadre),
        _ => None,
    };
    Ok((officer.0.to_vec(), cadre.unwrap_or_default()))
}

/// A failed call in words: the message, the stable code, and what to do.
pub fn refused(status: Status) -> anyhow::Error {
    Refused::from(status).into()
}

/// A fresh request id.
pub fn request_id() -> Vec<u8> {
    uuid::Uuid::new_v4().into_bytes().to_vec()
}
