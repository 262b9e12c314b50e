//! The service `lika.v1.Cases`.

use lika_core::{
    cases::Obstacle,
    codes,
    record::{Objection, Record},
    value::{Date, RecordId},
};
use lika_proto::v1::{self, cases_server::Cases};
use tonic::{Request, Response, Status};

use super::{
    apart::apart,
    caller, record,
    status::{malformed, status},
};
use crate::gateway::{
    Gateway,
    cases::{CaseStanding, Due},
};

/// The service on a gateway.
pub struct CasesService {
    gateway: Gateway,
}

impl CasesService {
    /// Serves this gateway.
    pub fn new(gateway: Gateway) -> Self {
        Self { gateway }
    }
}

#[tonic::async_trait]
impl Cases for CasesService {
    async fn due(
        &self,
        request: Request<v1::DueRequest>,
    ) -> Result<Response<v1::DueResponse>, Status> {
        let caller = caller::caller(&self.gateway, &request)?;
        let v1::DueRequest { area, by } = request.into_inner();
        let area = caller::area(&self.gateway, &caller, &area)?;
        let by = record::day_or_today(self.gateway.clock(), "by", by)?;
        let due = apart(&self.gateway, move |gateway| {
            gateway.due(&caller, &area, by)
        });
        let Due {
            cases,
            objections,
            has_more,
        } = due.await?;
        let today = self.gateway.clock().today();
        Ok(Response::new(v1::DueResponse {
            cases: cases.iter().map(|case| standing(case, today)).collect(),
            objections: objections
                .iter()
                .map(|(record, objection)| due_objection(record, objection, today))
                .collect(),
            has_more,
            today: today.number(),
        }))
    }

    async fn standing(
        &self,
        request: Request<v1::StandingRequest>,
    ) -> Result<Response<v1::CaseStanding>, Status> {
        let caller = caller::caller(&self.gateway, &request)?;
        let id = RecordId(record::bytes16("case", &request.into_inner().case)?);
        let found = self.gateway.standing(&caller, &id);
        let found = found.map_err(|error| status(&error))?;
        let today = self.gateway.clock().today();
        Ok(Response::new(standing(&found, today)))
    }

    async fn in_force(
        &self,
        request: Request<v1::InForceRequest>,
    ) -> Result<Response<v1::InForceResponse>, Status> {
        let caller = caller::caller(&self.gateway, &request)?;
        let v1::InForceRequest { area, kind, on } = request.into_inner();
        let area = caller::area(&self.gateway, &caller, &area)?;
        let kind = codes::listed("case-kind", &kind)
            .map_err(|problem| malformed(format!("kind: {problem}")))?;
        let on = record::day_or_today(self.gateway.clock(), "on", on)?;
        let found = self.gateway.procedure_in_force(&caller, &area, &kind, on);
        let found = found.map_err(|error| status(&error))?;
        Ok(Response::new(v1::InForceResponse {
            procedure: found.as_ref().map(record::record),
        }))
    }
}

fn standing(found: &CaseStanding, today: Date) -> v1::CaseStanding {
    let CaseStanding {
        record,
        withheld: _,
        case,
        standing,
    } = found;
    let next = standing
        .as_ref()
        .and_then(|standing| standing.next.as_ref());
    let text = |text: Option<String>| text.unwrap_or_default();
    let (objection, from) = match standing.as_ref().and_then(|standing| standing.obstacle) {
        Some(Obstacle::Objection(id) | Obstacle::Upheld(id)) => (id.0.to_vec(), 0),
        Some(Obstacle::Clock(day)) => (Vec::new(), day.number()),
        Some(Obstacle::NoNotice) | None => (Vec::new(), 0),
    };
    v1::CaseStanding {
        case: record.id.0.to_vec(),
        area: record.area.digits().to_owned(),
        kind: case.kind.to_string(),
        subject: case
            .subject
            .map(|subject| subject.id.0.to_vec())
            .unwrap_or_default(),
        step: text(next.map(|step| step.code.to_string())),
        act: text(next.map(|step| step.act.to_string())),
        level: text(next.map(|step| step.level.to_string())),
        due: case.due.map_or(0, Date::number),
        late: found.is_late(today),
        obstacle: found.obstacle().unwrap_or_default().to_owned(),
        objection,
        from,
    }
}

fn due_objection(record: &Record, objection: &Objection, today: Date) -> v1::DueObjection {
    v1::DueObjection {
        objection: record.id.0.to_vec(),
        area: record.area.digits().to_owned(),
        case: objection.case.0.to_vec(),
        notice: objection.notice.0.to_vec(),
        due: objection.answer_due.map_or(0, Date::number),
        late: objection.answer_due.is_some_and(|due| due < today),
    }
}
