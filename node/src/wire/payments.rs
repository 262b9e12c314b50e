//! The service `lika.v1.Payments`.

use lika_core::value::{RecordId, RequestId};
use lika_proto::v1::{self, payments_server::Payments};
use tonic::{Request, Response, Status};

use super::{caller, record, status::status, transfer};
use crate::gateway::Gateway;

/// The service on a gateway.
pub struct PaymentsService {
    gateway: Gateway,
}

impl PaymentsService {
    /// Serves this gateway.
    pub fn new(gateway: Gateway) -> Self {
        Self { gateway }
    }
}

#[tonic::async_trait]
impl Payments for PaymentsService {
    async fn send(
        &self,
        request: Request<v1::SendPaymentsRequest>,
    ) -> Result<Response<v1::BankFile>, Status> {
        let caller = caller::caller(&self.gateway, &request)?;
        let v1::SendPaymentsRequest { request, batch } = request.into_inner();
        let request = RequestId(record::bytes16("request", &request)?);
        let batch = RecordId(record::bytes16("batch", &batch)?);
        let sent = self.gateway.send_payments(&caller, request, &batch).await;
        let sent = sent.map_err(|error| status(&error))?;
        Ok(Response::new(v1::BankFile {
            digest: sent.digest.0.to_vec(),
            payments: count(sent.batch.payments.len()),
            total: sent.total().get(),
            content: sent.content,
        }))
    }

    async fn take_back(
        &self,
        request: Request<v1::TakeBackRequest>,
    ) -> Result<Response<v1::TakeBackResponse>, Status> {
        let caller = caller::caller(&self.gateway, &request)?;
        let v1::TakeBackRequest {
            request,
            batch,
            payees,
            on,
            content,
        } = request.into_inner();
        let request = RequestId(record::bytes16("request", &request)?);
        let batch = RecordId(record::bytes16("batch", &batch)?);
        let payees = RecordId(record::bytes16("payees", &payees)?);
        let on = record::day("on", on)?;
        let file = transfer::in_memory(&content)?;
        let taken = self
            .gateway
            .take_back_payments(&caller, request, &batch, payees, on, file)
            .await;
        let returned = taken.map_err(|error| status(&error))?;
        let is_paid = |result: &&lika_core::record::PaymentResult| result.fault.is_none();
        let paid = returned.results.iter().filter(is_paid).count();
        Ok(Response::new(v1::TakeBackResponse {
            payment_return: lika_core::record::PaymentReturn::id_for(&batch).0.to_vec(),
            paid: count(paid),
            paid_total: returned.paid().get(),
            failed: count(returned.results.len() - paid),
            failed_total: returned.failed().get(),
        }))
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
