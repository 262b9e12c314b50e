//! The service `lika.v1.Comparisons`.

use lika_core::value::{RecordId, Text};
use lika_proto::v1::{
    self, compare_event::Event, compare_request::Step, comparisons_server::Comparisons,
};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status, Streaming};

use super::{
    apart::apart,
    caller, record,
    status::{malformed, status},
    transfer::{self, fault_message},
};
use crate::gateway::{
    Caller, Gateway,
    comparisons::{Compare, Compared, Waiting},
};

/// Messages that may wait for a slow reader of a stream.
const STREAM_BUFFER: usize = 64;

type Events = mpsc::Sender<Result<v1::CompareEvent, Status>>;

/// The service on a gateway.
pub struct ComparisonsService {
    gateway: Gateway,
}

impl ComparisonsService {
    /// Serves this gateway.
    pub fn new(gateway: Gateway) -> Self {
        Self { gateway }
    }
}

#[tonic::async_trait]
impl Comparisons for ComparisonsService {
    type CompareStream = ReceiverStream<Result<v1::CompareEvent, Status>>;

    async fn compare(
        &self,
        request: Request<Streaming<v1::CompareRequest>>,
    ) -> Result<Response<Self::CompareStream>, Status> {
        let caller = caller::caller(&self.gateway, &request)?;
        let (events, stream) = mpsc::channel(STREAM_BUFFER);
        let (gateway, requests) = (self.gateway.clone(), request.into_inner());
        tokio::spawn(async move {
            if let Err(refused) = compare(&gateway, &caller, requests, &events).await {
                // The client may have left, and then nobody hears why.
                let _ = events.send(Err(refused)).await;
            }
        });
        Ok(Response::new(ReceiverStream::new(stream)))
    }

    async fn waiting(
        &self,
        request: Request<v1::WaitingRequest>,
    ) -> Result<Response<v1::WaitingResponse>, Status> {
        let caller = caller::caller(&self.gateway, &request)?;
        let area = caller::area(&self.gateway, &caller, &request.into_inner().area)?;
        let waiting = apart(&self.gateway, move |gateway| {
            gateway.waiting_doubts(&caller, &area)
        });
        let Waiting { doubts, has_more } = waiting.await?;
        Ok(Response::new(v1::WaitingResponse {
            doubts: doubts.iter().map(record::record).collect(),
            has_more,
        }))
    }

    async fn verify(
        &self,
        request: Request<v1::VerifyRequest>,
    ) -> Result<Response<v1::VerifyResponse>, Status> {
        let caller = caller::caller(&self.gateway, &request)?;
        let v1::VerifyRequest {
            request,
            doubt,
            finding,
            note,
        } = request.into_inner();
        let request = record::request_id(&request)?;
        let doubt = RecordId(record::bytes16("doubt", &doubt)?);
        let note = Text::parse(&note).map_err(|error| malformed(format!("note: {error}")))?;
        let verified = self
            .gateway
            .verify_doubt(&caller, request, &doubt, &finding, note);
        let receipt = verified.await.map_err(|error| status(&error))?;
        let node = self.gateway.reader().node();
        Ok(Response::new(v1::VerifyResponse {
            position: Some(record::position(&node, receipt.position)),
        }))
    }
}

async fn compare(
    gateway: &Gateway,
    caller: &Caller,
    mut requests: Streaming<v1::CompareRequest>,
    events: &Events,
) -> Result<(), Status> {
    let Some(v1::CompareRequest {
        step: Some(Step::Options(options)),
    }) = requests.message().await?
    else {
        return Err(malformed(
            "the first message of a comparison carries its options",
        ));
    };
    let v1::CompareOptions {
        request,
        source,
        area,
        listed_on,
        dry_run,
    } = options;
    let asked = Compare {
        request: record::request_id(&request)?,
        source: &source,
        area: caller::area(gateway, caller, &area)?,
        listed_on: record::day("listed_on", listed_on)?,
        dry_run,
    };
    // Before a file of many megabytes is taken.
    let may = gateway.may_compare(caller, &asked.area);
    may.map_err(|error| status(&error))?;
    let mut file = transfer::Receiving::new()?;
    while let Some(v1::CompareRequest { step }) = requests.message().await? {
        let Some(Step::Chunk(chunk)) = step else {
            return Err(malformed(
                "after its options a comparison carries pieces of the file",
            ));
        };
        file.take(&chunk)?;
    }
    let compared = gateway.compare(caller, asked, file.finish()?).await;
    let compared = compared.map_err(|error| status(&error))?;
    let faults = compared.faults.list().iter();
    let faults = faults.map(|fault| Event::Fault(fault_message(fault)));
    for event in faults.chain([Event::Summary(summary(gateway, &compared))]) {
        let event = v1::CompareEvent { event: Some(event) };
        if events.send(Ok(event)).await.is_err() {
            // The client has left.
            break;
        }
    }
    Ok(())
}

fn summary(gateway: &Gateway, compared: &Compared) -> v1::CompareSummary {
    let Compared {
        id,
        comparison,
        faults: _,
        receipt,
    } = compared;
    let node = gateway.reader().node();
    v1::CompareSummary {
        comparison: id.map(|id| id.0.to_vec()).unwrap_or_default(),
        rows: comparison.rows,
        unreadable: comparison.unreadable,
        hits: comparison.hits,
        raised: comparison.raised,
        position: receipt
            .as_ref()
            .map(|receipt| record::position(&node, receipt.position)),
    }
}
