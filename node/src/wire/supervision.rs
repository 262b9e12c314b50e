//! The service `lika.v1.Supervision`.

use lika_core::{
    codes,
    duties::{Owed, Rhythm},
    ranking::Ranked,
    record::Basis,
    value::{Code, Date, RecordId},
};
use lika_proto::v1::{self, supervision_server::Supervision};
use tonic::{Request, Response, Status};

use super::{apart::apart, caller, record, status::malformed};
use crate::gateway::{
    Gateway,
    supervision::{Count, TaskAccount},
};

/// The service on a gateway.
pub struct SupervisionService {
    gateway: Gateway,
}

impl SupervisionService {
    /// Serves this gateway.
    pub fn new(gateway: Gateway) -> Self {
        Self { gateway }
    }
}

#[tonic::async_trait]
impl Supervision for SupervisionService {
    async fn tasks(
        &self,
        request: Request<v1::TasksRequest>,
    ) -> Result<Response<v1::TasksResponse>, Status> {
        let caller = caller::caller(&self.gateway, &request)?;
        let v1::TasksRequest { area, on, since } = request.into_inner();
        let area = caller::area(&self.gateway, &caller, &area)?;
        let on = record::day_or_today(self.gateway.clock(), "on", on)?;
        let since = record::day("since", since)?;
        let since = since.unwrap_or_else(|| on.year().first_day());
        let found = apart(&self.gateway, move |gateway| {
            gateway.tasks(&caller, &area, since, on)
        });
        let TaskAccount {
            open,
            has_more,
            counts,
            duties: _,
        } = found.await?;
        Ok(Response::new(v1::TasksResponse {
            owed: open.iter().map(|owed| owed_task(owed, on)).collect(),
            counts: counts.iter().map(duty_count).collect(),
            has_more,
            on: on.number(),
        }))
    }

    async fn ranking(
        &self,
        request: Request<v1::RankingRequest>,
    ) -> Result<Response<v1::RankingResponse>, Status> {
        let caller = caller::caller(&self.gateway, &request)?;
        let v1::RankingRequest {
            area,
            rhythm,
            on,
            of,
        } = request.into_inner();
        let area = caller::area(&self.gateway, &caller, &area)?;
        let rhythm = Rhythm::from_code(&rhythm)
            .ok_or_else(|| malformed("rhythm: must be one of the code list rhythm"))?;
        let of = codes::listed("award-category", &of)
            .map_err(|problem| malformed(format!("of: {problem}")))?;
        let on = record::day_or_today(self.gateway.clock(), "on", on)?;
        let found = apart(&self.gateway, move |gateway| {
            gateway.ranking(&caller, &area, rhythm, on, &of)
        });
        Ok(Response::new(v1::RankingResponse {
            ranked: found.await?.iter().map(ranked).collect(),
        }))
    }
}

fn owed_task(owed: &Owed, on: Date) -> v1::OwedTask {
    let Owed {
        duty,
        code,
        holder,
        cadre,
        area,
        period,
        due,
        task: _,
    } = owed;
    v1::OwedTask {
        duty: duty.0.to_vec(),
        code: code.to_string(),
        holder_kind: holder.kind.number(),
        holder: holder.id.0.to_vec(),
        cadre: cadre.map(|RecordId(id)| id.to_vec()).unwrap_or_default(),
        area: area.digits().to_owned(),
        period: period.first.number(),
        due: due.number(),
        late: owed.is_late_on(on),
    }
}

fn duty_count((code, count): (&Code, &Count)) -> v1::DutyCount {
    let Count {
        owed,
        done,
        done_late,
        excused,
        late,
    } = *count;
    v1::DutyCount {
        code: code.to_string(),
        owed,
        done,
        done_late,
        excused,
        late,
    }
}

fn ranked(ranked: &Ranked) -> v1::Ranked {
    let Ranked {
        place,
        id,
        area,
        assessment,
    } = ranked;
    v1::Ranked {
        place: *place,
        assessment: id.0.to_vec(),
        subject: assessment.subject.id.0.to_vec(),
        area: area.digits().to_owned(),
        score: assessment.score,
        grade: assessment.grade.to_string(),
        entered: matches!(assessment.basis, Basis::Entered(_)),
    }
}
