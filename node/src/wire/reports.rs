//! The service `lika.v1.Reports`.

use std::sync::Arc;

use lika_core::{
    authority::Permission,
    record::Body,
    value::{AreaCode, NodeId, RecordId},
};
use lika_proto::v1::{self, reports_server::Reports};
use tonic::{Request, Response, Status};

use super::{
    caller::{self, caller},
    record, rollups,
    status::status,
};
use crate::gateway::{AreaTotals, Error, Gateway, replay::Received};

/// What the federation knows of the links, for the status.
pub trait LinkStatus: Send + Sync {
    /// The link to the node above; none without one.
    fn above(&self) -> Option<v1::UpperStatus>;

    /// How the log of a node below comes here.
    fn below(&self, node: &NodeId) -> LinkBelow;
}

/// How the log of a node below comes here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LinkBelow {
    /// The node whose open link carries it: itself, or one between that passes it through.
    pub carried_by: Option<NodeId>,
    /// Its area, while a link carries it.
    pub area: Option<AreaCode>,
    /// Why no more of it is taken.
    pub refusal: Option<String>,
    /// By how much its clock is ahead of this node's, in milliseconds.
    pub clock_ahead_ms: Option<i64>,
}

/// The service on a gateway.
pub struct ReportsService {
    gateway: Gateway,
    links: Arc<dyn LinkStatus>,
}

impl ReportsService {
    /// Serves this gateway and the links beside it.
    pub fn new(gateway: Gateway, links: Arc<dyn LinkStatus>) -> Self {
        Self { gateway, links }
    }

    fn below(&self) -> Result<Vec<v1::PeerStatus>, Error> {
        let reader = self.gateway.reader();
        let own = reader.node();
        let logs = reader.heads().into_iter().filter(|tail| tail.node != own);
        logs.map(|tail| {
            let LinkBelow {
                carried_by,
                area: linked,
                refusal,
                clock_ahead_ms,
            } = self.links.below(&tail.node);
            // Every log begins with its node's record, so that the area is known while the node is away.
            let recorded = reader.get(&RecordId(tail.node.0))?;
            let area = recorded.map(|stored| stored.header.area).or(linked);
            Ok(v1::PeerStatus {
                node: tail.node.0.to_vec(),
                area: area.map_or_else(String::new, |area| area.digits().to_owned()),
                head: Some(record::head(&tail)),
                connected: carried_by.is_some(),
                sampling: self.gateway.looked_at(&tail.node).map(sampling),
                carried_by: carried_by.map(|node| node.0.to_vec()).unwrap_or_default(),
                refusal: refusal.unwrap_or_default(),
                clock_ahead_ms,
            })
        })
        .collect()
    }

    fn name(&self) -> Result<String, Error> {
        let reader = self.gateway.reader();
        let stored = reader.get(&RecordId(reader.node().0))?;
        Ok(match stored.map(|stored| stored.body) {
            Some(Ok(Body::Node(node))) => node.name.to_string(),
            _ => String::new(),
        })
    }
}

#[tonic::async_trait]
impl Reports for ReportsService {
    async fn roll_up(
        &self,
        request: Request<v1::RollUpRequest>,
    ) -> Result<Response<v1::RollUpResponse>, Status> {
        let caller = caller(&self.gateway, &request)?;
        let v1::RollUpRequest { area, by_child } = request.into_inner();
        let area = record::area("area", &area)?;
        let own = self
            .gateway
            .totals(&caller, &area)
            .map_err(|error| status(&error))?;
        let children = if by_child {
            self.gateway
                .totals_below(&caller, &area)
                .map_err(|error| status(&error))?
        } else {
            Default::default()
        };
        Ok(Response::new(v1::RollUpResponse {
            area: Some(area_totals(&area, own)),
            children: children
                .into_iter()
                .map(|(child, totals)| area_totals(&child, totals))
                .collect(),
        }))
    }

    type VerifyRollUpStream = rollups::VerifyStream;

    async fn verify_roll_up(
        &self,
        request: Request<v1::VerifyRollUpRequest>,
    ) -> Result<Response<Self::VerifyRollUpStream>, Status> {
        let caller = caller(&self.gateway, &request)?;
        let area = request.into_inner().area;
        let area = caller::area(&self.gateway, &caller, &area)?;
        // Before the stream, so that whoever may not is refused as in every other call.
        let may = caller.must(Permission::ReadTotals, &area);
        may.map_err(|error| status(&error))?;
        let stream = rollups::verify(self.gateway.clone(), caller, area);
        Ok(Response::new(stream))
    }

    async fn commit_roll_up(
        &self,
        request: Request<v1::CommitRollUpRequest>,
    ) -> Result<Response<v1::CommitRollUpResponse>, Status> {
        let caller = caller(&self.gateway, &request)?;
        let v1::CommitRollUpRequest {
            request,
            area,
            period,
        } = request.into_inner();
        let area = caller::area(&self.gateway, &caller, &area)?;
        let committed = rollups::commit(&self.gateway, caller, &request, area, period);
        committed.await.map(Response::new)
    }

    async fn open_leaves(
        &self,
        request: Request<v1::OpenLeavesRequest>,
    ) -> Result<Response<v1::OpenLeavesResponse>, Status> {
        let caller = caller(&self.gateway, &request)?;
        let opened = rollups::open(&self.gateway, caller, request.into_inner());
        opened.await.map(Response::new)
    }

    async fn status(
        &self,
        request: Request<v1::StatusRequest>,
    ) -> Result<Response<v1::StatusResponse>, Status> {
        caller(&self.gateway, &request)?;
        let reader = self.gateway.reader();
        let node = reader.node();
        Ok(Response::new(v1::StatusResponse {
            node: node.0.to_vec(),
            area: self.gateway.area().digits().to_owned(),
            name: self.name().map_err(|error| status(&error))?,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            head: reader.head(&node).as_ref().map(record::head),
            below: self.below().map_err(|error| status(&error))?,
            above: self.links.above(),
            open_alerts: self
                .gateway
                .open_alerts(&self.gateway.area())
                .map_err(|error| status(&error))?,
        }))
    }
}

fn sampling(received: Received) -> v1::Sampling {
    let Received {
        epoch: _,
        seq,
        since,
        chosen,
        same,
        mismatches,
        not_run,
    } = received;
    v1::Sampling {
        since,
        seq,
        chosen,
        same,
        mismatches,
        not_run,
    }
}

fn area_totals(area: &AreaCode, totals: AreaTotals) -> v1::AreaTotals {
    v1::AreaTotals {
        area: area.digits().to_owned(),
        name: totals.name.unwrap_or_default(),
        totals: totals
            .totals
            .into_iter()
            .map(|((period, dimension), value)| v1::Total {
                dimension,
                period,
                value,
            })
            .collect(),
    }
}
