//! The service `lika.v1.Registry`.

use lika_core::{
    log::Kind,
    value::{RecordId, Text},
};
use lika_proto::v1::{self, registry_server::Registry};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status, Streaming};

use super::{
    caller, record,
    status::{malformed, status},
    transfer,
};
use crate::{
    gateway::{Balance, Caller, Find, Gateway, ListQuery},
    store::{Lifecycle, PageToken, Position},
};

/// Messages that may wait for a slow reader of a stream.
const STREAM_BUFFER: usize = 64;

/// The service on a gateway.
pub struct RegistryService {
    gateway: Gateway,
}

impl RegistryService {
    /// Serves this gateway.
    pub fn new(gateway: Gateway) -> Self {
        Self { gateway }
    }

    fn current(&self, seq: u64) -> Position {
        let own = self.gateway.reader().head(&self.gateway.reader().node());
        Position {
            epoch: own.map_or(1, |tail| tail.position.epoch),
            seq,
        }
    }
}

#[tonic::async_trait]
impl Registry for RegistryService {
    type WatchStream = ReceiverStream<Result<v1::LogEvent, Status>>;
    type ImportStream = ReceiverStream<Result<v1::ImportEvent, Status>>;
    type ExportStream = ReceiverStream<Result<v1::ExportChunk, Status>>;

    async fn apply(
        &self,
        request: Request<v1::ApplyRequest>,
    ) -> Result<Response<v1::ApplyResponse>, Status> {
        let caller = caller::caller(&self.gateway, &request)?;
        let v1::ApplyRequest { request, changes } = request.into_inner();
        let request = record::request_id(&request)?;
        let changes = changes
            .into_iter()
            .enumerate()
            .map(|(place, change)| record::change(&request, place, change))
            .collect::<Result<_, _>>()?;
        let receipt = self
            .gateway
            .apply(&caller, request, changes)
            .await
            .map_err(|error| status(&error))?;
        let applied = receipt
            .applied
            .iter()
            .map(|applied| v1::Applied {
                id: applied.record.0.to_vec(),
                revision: applied.revision,
            })
            .collect();
        Ok(Response::new(v1::ApplyResponse {
            applied,
            position: Some(record::position(
                &self.gateway.reader().node(),
                receipt.position,
            )),
            repeated_request: receipt.repeated,
        }))
    }

    async fn get(&self, request: Request<v1::GetRequest>) -> Result<Response<v1::Record>, Status> {
        let caller = caller::caller(&self.gateway, &request)?;
        let v1::GetRequest { id, as_of_seq } = request.into_inner();
        let id = RecordId(record::bytes16("id", &id)?);
        let as_of = (as_of_seq > 0).then(|| self.current(as_of_seq));
        let seen = self
            .gateway
            .get(&caller, &id, as_of)
            .map_err(|error| status(&error))?;
        Ok(Response::new(record::record(&seen)))
    }

    async fn find(
        &self,
        request: Request<v1::FindRequest>,
    ) -> Result<Response<v1::FindResponse>, Status> {
        let caller = caller::caller(&self.gateway, &request)?;
        let by = request
            .into_inner()
            .by
            .ok_or_else(|| malformed("by: must be given"))?;
        let what = match by {
            v1::find_request::By::Document(text) => Find::Document(text),
            v1::find_request::By::MemberNumber(text) => Find::MemberNumber(text),
            v1::find_request::By::HouseholdNumber(text) => Find::HouseholdNumber(text),
            v1::find_request::By::Name(text) => Find::Name(text),
        };
        let found = self
            .gateway
            .find(&caller, &what)
            .map_err(|error| status(&error))?;
        Ok(Response::new(v1::FindResponse {
            records: found.iter().map(record::record).collect(),
        }))
    }

    async fn list(
        &self,
        request: Request<v1::ListRequest>,
    ) -> Result<Response<v1::ListResponse>, Status> {
        let caller = caller::caller(&self.gateway, &request)?;
        let query = list_query(&self.gateway, &caller, request.into_inner())?;
        let page = self
            .gateway
            .list(&caller, &query)
            .map_err(|error| status(&error))?;
        Ok(Response::new(v1::ListResponse {
            records: page.items.iter().map(record::record).collect(),
            next_page_token: page.next.map(|PageToken(token)| token).unwrap_or_default(),
        }))
    }

    async fn history(
        &self,
        request: Request<v1::HistoryRequest>,
    ) -> Result<Response<v1::HistoryResponse>, Status> {
        let caller = caller::caller(&self.gateway, &request)?;
        let id = RecordId(record::bytes16("id", &request.into_inner().id)?);
        let seen = self
            .gateway
            .history(&caller, &id)
            .map_err(|error| status(&error))?;
        Ok(Response::new(v1::HistoryResponse {
            revisions: seen.iter().map(record::revision).collect(),
        }))
    }

    async fn watch(
        &self,
        request: Request<v1::WatchRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        let caller = caller::caller(&self.gateway, &request)?;
        let v1::WatchRequest { after_seq, area } = request.into_inner();
        let area = caller::area(&self.gateway, &caller, &area)?;
        let (events, stream) = mpsc::channel(STREAM_BUFFER);
        let follow = super::watch::follow(
            self.gateway.clone(),
            caller.officer,
            area,
            self.current(after_seq),
            events,
        );
        tokio::spawn(follow);
        Ok(Response::new(ReceiverStream::new(stream)))
    }

    async fn resolve_alert(
        &self,
        request: Request<v1::ResolveAlertRequest>,
    ) -> Result<Response<v1::ResolveAlertResponse>, Status> {
        let caller = caller::caller(&self.gateway, &request)?;
        let v1::ResolveAlertRequest {
            request,
            alert,
            finding,
            note,
        } = request.into_inner();
        let request = record::request_id(&request)?;
        let alert = RecordId(record::bytes16("alert", &alert)?);
        let note = Text::parse(&note).map_err(|error| malformed(format!("note: {error}")))?;
        let resolved = self
            .gateway
            .resolve_alert(&caller, request, &alert, &finding, Some(note))
            .await;
        let receipt = resolved.map_err(|error| status(&error))?;
        let node = self.gateway.reader().node();
        Ok(Response::new(v1::ResolveAlertResponse {
            position: Some(record::position(&node, receipt.position)),
        }))
    }

    async fn import(
        &self,
        request: Request<Streaming<v1::ImportRequest>>,
    ) -> Result<Response<Self::ImportStream>, Status> {
        let caller = caller::caller(&self.gateway, &request)?;
        let (events, stream) = mpsc::channel(STREAM_BUFFER);
        tokio::spawn(transfer::import(
            self.gateway.clone(),
            caller,
            request.into_inner(),
            events,
        ));
        Ok(Response::new(ReceiverStream::new(stream)))
    }

    async fn export(
        &self,
        request: Request<v1::ExportRequest>,
    ) -> Result<Response<Self::ExportStream>, Status> {
        let caller = caller::caller(&self.gateway, &request)?;
        let v1::ExportRequest {
            area,
            format,
            view,
            year,
        } = request.into_inner();
        let area = caller::area(&self.gateway, &caller, &area)?;
        let (chunks, stream) = mpsc::channel(STREAM_BUFFER);
        tokio::spawn(transfer::export(
            self.gateway.clone(),
            caller,
            area,
            transfer::Wanted { format, view, year },
            chunks,
        ));
        Ok(Response::new(ReceiverStream::new(stream)))
    }

    async fn balance(
        &self,
        request: Request<v1::BalanceRequest>,
    ) -> Result<Response<v1::BalanceResponse>, Status> {
        let caller = caller::caller(&self.gateway, &request)?;
        let account = RecordId(record::bytes16("account", &request.into_inner().account)?);
        let balance = self.gateway.balance(&caller, &account);
        let Balance { balance, committed } = balance.map_err(|error| status(&error))?;
        Ok(Response::new(v1::BalanceResponse {
            balance: balance.get(),
            committed: committed.get(),
        }))
    }
}

fn list_query(
    gateway: &Gateway,
    caller: &Caller,
    request: v1::ListRequest,
) -> Result<ListQuery, Status> {
    let v1::ListRequest {
        kind,
        area,
        page_size,
        page_token,
        closed,
    } = request;
    let kind: Kind = record::kind(kind)?;
    Ok(ListQuery {
        kind,
        area: caller::area(gateway, caller, &area)?,
        limit: page_size as usize,
        after: (!page_token.is_empty()).then_some(PageToken(page_token)),
        lifecycle: if closed {
            Lifecycle::Closed
        } else {
            Lifecycle::Open
        },
    })
}
