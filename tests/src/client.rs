//! A client of a node, with a certificate, that waits for its answers.

use std::{collections::BTreeMap, time::Duration};

use lika::{pki::Credentials, wire::tls};
use lika_proto::{
    log::v1::Kind,
    v1::{
        self, federation_client::FederationClient, households_client::HouseholdsClient,
        registry_client::RegistryClient, reports_client::ReportsClient,
    },
};
use tokio::runtime::Runtime;
use tonic::{
    Status, Streaming,
    transport::{Channel, Endpoint, Error},
};
use tonic_types::StatusExt as _;

/// The figures of an area by dimension and period (`visits@202011`; what stands now has no period).
pub type Totals = BTreeMap<String, i64>;

/// How long to wait for an event before it counts as one that never comes.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// Calls one node as one officer.
pub struct Client {
    runtime: Runtime,
    channel: Channel,
}

impl Client {
    /// Connects with a certificate.
    pub fn connect(address: &str, credentials: &Credentials, roots: &str) -> Result<Self, Error> {
        Self::to(&tls::client(address, credentials, roots).unwrap())
    }

    /// Connects to an endpoint.
    pub fn to(endpoint: &Endpoint) -> Result<Self, Error> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let channel = runtime.block_on(endpoint.connect())?;
        Ok(Self { runtime, channel })
    }

    /// Applies a command.
    pub fn apply(
        &self,
        request: [u8; 16],
        changes: Vec<v1::Change>,
    ) -> Result<v1::ApplyResponse, Status> {
        let request = v1::ApplyRequest {
            request: request.to_vec(),
            changes,
        };
        self.answer(async { self.registry().apply(request).await })
    }

    /// Reads a record.
    pub fn get(&self, id: &[u8]) -> Result<v1::Record, Status> {
        let request = v1::GetRequest {
            id: id.to_vec(),
            as_of_seq: 0,
        };
        self.answer(async { self.registry().get(request).await })
    }

    /// Finds records.
    pub fn find(&self, by: v1::find_request::By) -> Result<Vec<v1::Record>, Status> {
        let request = v1::FindRequest { by: Some(by) };
        let found = self.answer(async { self.registry().find(request).await })?;
        Ok(found.records)
    }

    /// Lists the open records of a kind in an area, all pages.
    pub fn list(&self, kind: Kind, area: &str) -> Result<Vec<v1::Record>, Status> {
        let mut records = Vec::new();
        let mut page_token = Vec::new();
        loop {
            let request = v1::ListRequest {
                kind: kind.into(),
                area: area.to_owned(),
                page_size: 1000,
                page_token,
                closed: false,
            };
            let page = self.answer(async { self.registry().list(request).await })?;
            records.extend(page.records);
            if page.next_page_token.is_empty() {
                return Ok(records);
            }
            page_token = page.next_page_token;
        }
    }

    /// The ids of the open records of a kind in an area, as commands take them.
    #[track_caller]
    pub fn ids(&self, kind: Kind, area: &str) -> Vec<String> {
        let records = self.list(kind, area).unwrap();
        let id = |record: v1::Record| uuid::Uuid::from_slice(&record.id).unwrap().to_string();
        records.into_iter().map(id).collect()
    }

    /// The revisions of a record, oldest first.
    pub fn history(&self, id: &[u8]) -> Result<Vec<v1::Revision>, Status> {
        let request = v1::HistoryRequest { id: id.to_vec() };
        let history = self.answer(async { self.registry().history(request).await })?;
        Ok(history.revisions)
    }

    /// Closes an alert.
    pub fn resolve_alert(
        &self,
        alert: &[u8],
        finding: &str,
        note: &str,
    ) -> Result<v1::ResolveAlertResponse, Status> {
        let request = v1::ResolveAlertRequest {
            request: crate::request().to_vec(),
            alert: alert.to_vec(),
            finding: finding.to_owned(),
            note: note.to_owned(),
        };
        self.answer(async { self.registry().resolve_alert(request).await })
    }

    /// What is on an account, and what of it is owed.
    pub fn balance(&self, account: &[u8]) -> Result<v1::BalanceResponse, Status> {
        let request = v1::BalanceRequest {
            account: account.to_vec(),
        };
        self.answer(async { self.registry().balance(request).await })
    }

    /// Follows the log in an area from a sequence number.
    pub fn watch(&self, after_seq: u64, area: &str) -> Result<Watched<'_>, Status> {
        let request = v1::WatchRequest {
            after_seq,
            area: area.to_owned(),
        };
        let events = self.answer(async { self.registry().watch(request).await })?;
        Ok(Watched {
            runtime: &self.runtime,
            events,
        })
    }

    /// Imports a file in the given pieces; the events, or why the node ended the call.
    pub fn import(
        &self,
        options: v1::ImportOptions,
        pieces: impl Iterator<Item = Vec<u8>> + Send + 'static,
    ) -> Result<Vec<v1::ImportEvent>, Status> {
        use v1::import_request::Step;
        let steps = std::iter::once(Step::Options(options)).chain(pieces.map(Step::Chunk));
        let requests = steps.map(|step| v1::ImportRequest { step: Some(step) });
        self.runtime.block_on(async {
            let stream = tokio_stream::iter(requests);
            let mut events = self.registry().import(stream).await?.into_inner();
            let mut all = Vec::new();
            while let Some(event) = events.message().await? {
                all.push(event);
            }
            Ok(all)
        })
    }

    /// Records something that happened to a household.
    pub fn happen(&self, request: v1::HappenRequest) -> Result<v1::HappenResponse, Status> {
        let mut households = HouseholdsClient::new(self.channel.clone());
        self.answer(async { households.happen(request).await })
    }

    /// The totals of an area.
    #[track_caller]
    pub fn totals(&self, area: &str) -> Totals {
        self.try_totals(area).unwrap()
    }

    /// The totals of an area, or why they are not told.
    pub fn try_totals(&self, area: &str) -> Result<Totals, Status> {
        let request = v1::RollUpRequest {
            area: area.to_owned(),
            by_child: false,
        };
        let answer = self.answer(async { self.reports().roll_up(request).await })?;
        let totals = answer.area.unwrap_or_default().totals;
        Ok(totals
            .into_iter()
            .map(|total| match total.period {
                0 => (total.dimension, total.value),
                period => (format!("{}@{period}", total.dimension), total.value),
            })
            .collect())
    }

    /// The totals of an area and of the areas one level below.
    pub fn totals_below(&self, area: &str) -> Result<v1::RollUpResponse, Status> {
        let request = v1::RollUpRequest {
            area: area.to_owned(),
            by_child: true,
        };
        self.answer(async { self.reports().roll_up(request).await })
    }

    /// How the node is.
    #[track_caller]
    pub fn status(&self) -> v1::StatusResponse {
        let request = v1::StatusRequest {};
        self.answer(async { self.reports().status(request).await })
            .unwrap()
    }

    /// Knocks as the node below: sends a hello and waits for the first answer.
    pub fn link(&self, hello: v1::Hello) -> Result<Option<v1::FromAbove>, Status> {
        let hello = v1::FromBelow {
            message: Some(v1::from_below::Message::Hello(hello)),
        };
        let mut federation = FederationClient::new(self.channel.clone());
        self.runtime.block_on(async {
            let below = tokio_stream::iter([hello]);
            let mut above = federation.link(below).await?.into_inner();
            above.message().await
        })
    }

    fn registry(&self) -> RegistryClient<Channel> {
        RegistryClient::new(self.channel.clone())
    }

    fn reports(&self) -> ReportsClient<Channel> {
        ReportsClient::new(self.channel.clone())
    }

    fn answer<T>(
        &self,
        call: impl Future<Output = Result<tonic::Response<T>, Status>>,
    ) -> Result<T, Status> {
        Ok(self.runtime.block_on(call)?.into_inner())
    }
}

/// The log as it is followed.
pub struct Watched<'a> {
    runtime: &'a Runtime,
    events: Streaming<v1::LogEvent>,
}

impl Watched<'_> {
    /// The next thing that happened; none when the node has ended the stream. Fails when nothing comes in time.
    pub fn hear(&mut self) -> Result<Option<v1::LogEvent>, Status> {
        let next = async { tokio::time::timeout(LONGEST_WAIT, self.events.message()).await };
        self.runtime
            .block_on(next)
            .expect("the node says something")
    }
}

/// The stable code of a failed call.
#[track_caller]
pub fn code_of<T: std::fmt::Debug>(answer: Result<T, Status>) -> String {
    let status = answer.expect_err("the call must be refused");
    let info = status.get_details_error_info();
    info.unwrap_or_else(|| panic!("no code in {status:?}"))
        .reason
}
