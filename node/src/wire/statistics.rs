//! The service `lika.v1.Statistics`.

use lika_core::{
    indicator::{INDICATORS, Indicator},
    monitoring,
    rollup::Period,
    statistics::{Answer, Settings},
    value::{AreaCode, Date, Fen, Month, Ppm, RecordId, Text},
};
use lika_proto::v1::{self, statistics_server::Statistics};
use tonic::{Request, Response, Status};

use super::{
    apart::apart,
    caller, record,
    status::{malformed, status},
};
use crate::{
    gateway::{
        Gateway, Seen, reporting,
        statistics::{self, Monitored, PublishedTable, Question},
    },
    store::Position,
};

/// The service on a gateway.
pub struct StatisticsService {
    gateway: Gateway,
}

impl StatisticsService {
    /// Serves this gateway.
    pub fn new(gateway: Gateway) -> Self {
        Self { gateway }
    }

    fn report_response(&self, seen: &Seen) -> v1::ReportResponse {
        let position = Position {
            epoch: seen.header.epoch,
            seq: seen.header.seq,
        };
        v1::ReportResponse {
            report: Some(record::record(seen)),
            position: Some(record::position(&seen.header.node, position)),
        }
    }
}

#[tonic::async_trait]
impl Statistics for StatisticsService {
    async fn indicators(
        &self,
        request: Request<v1::IndicatorsRequest>,
    ) -> Result<Response<v1::IndicatorsResponse>, Status> {
        caller::caller(&self.gateway, &request)?;
        Ok(Response::new(v1::IndicatorsResponse {
            indicators: INDICATORS.iter().map(indicator).collect(),
        }))
    }

    async fn compute(
        &self,
        request: Request<v1::ComputeRequest>,
    ) -> Result<Response<v1::ComputeResponse>, Status> {
        let caller = caller::caller(&self.gateway, &request)?;
        let v1::ComputeRequest {
            indicator: id,
            version,
            area,
            period,
            as_of,
            share,
            below,
        } = request.into_inner();
        let area = caller::area(&self.gateway, &caller, &area)?;
        let as_of = record::day("as_of", as_of)?;
        let today = as_of.unwrap_or_else(|| self.gateway.clock().today());
        let question = Question {
            indicator: statistics::indicator(&id, version).map_err(|error| status(&error))?,
            area,
            period: period_of(period, today)?,
            as_of,
            settings: Settings {
                share: share.map(Ppm),
                below: below.map(Fen),
            },
        };
        let asked = question.clone();
        let answer = apart(&self.gateway, move |gateway| {
            gateway.compute(&caller, &asked)
        });
        let Answer {
            value,
            parts,
            unknown,
        } = answer.await?;
        Ok(Response::new(v1::ComputeResponse {
            indicator: Some(indicator(question.indicator)),
            area: question.area.digits().to_owned(),
            period: question.period.number(),
            value,
            parts: parts
                .into_iter()
                .map(|(name, value)| v1::Part { name, value })
                .collect(),
            unknown: unknown as u64,
        }))
    }

    async fn monitoring(
        &self,
        request: Request<v1::MonitoringRequest>,
    ) -> Result<Response<v1::MonitoringResponse>, Status> {
        let caller = caller::caller(&self.gateway, &request)?;
        let v1::MonitoringRequest { area, year } = request.into_inner();
        let area = caller::area(&self.gateway, &caller, &area)?;
        let year = record::year("year", year)?;
        let year = year.unwrap_or_else(|| self.gateway.clock().today().year());
        let monitored = apart(&self.gateway, move |gateway| {
            gateway.monitoring(&caller, &area, year)
        });
        Ok(Response::new(v1::MonitoringResponse {
            villages: monitored.await?.into_iter().map(village).collect(),
        }))
    }

    async fn published_table(
        &self,
        request: Request<v1::PublishedTableRequest>,
    ) -> Result<Response<v1::PublishedTableResponse>, Status> {
        let caller = caller::caller(&self.gateway, &request)?;
        let v1::PublishedTableRequest {
            area,
            classes,
            threshold,
        } = request.into_inner();
        let area = caller::area(&self.gateway, &caller, &area)?;
        let threshold = (threshold > 0).then_some(threshold);
        let table = apart(&self.gateway, move |gateway| {
            gateway.published_table(&caller, &area, &classes, threshold)
        });
        Ok(Response::new(published(table.await?)))
    }

    async fn windows(
        &self,
        request: Request<v1::WindowsRequest>,
    ) -> Result<Response<v1::WindowsResponse>, Status> {
        let caller = caller::caller(&self.gateway, &request)?;
        let windows = self.gateway.windows(&caller);
        let windows = windows.map_err(|error| status(&error))?;
        Ok(Response::new(v1::WindowsResponse {
            windows: windows.iter().map(record::record).collect(),
        }))
    }

    async fn window_standing(
        &self,
        request: Request<v1::WindowStandingRequest>,
    ) -> Result<Response<v1::WindowStandingResponse>, Status> {
        let caller = caller::caller(&self.gateway, &request)?;
        let window = RecordId(record::bytes16("window", &request.into_inner().window)?);
        let standing = apart(&self.gateway, move |gateway| {
            gateway.window_standing(&caller, &window)
        });
        let reporting::WindowStanding {
            reported,
            missing,
            is_open,
        } = standing.await?;
        let reported = reported.into_iter().map(|report| v1::AreaReport {
            area: report.area.digits().to_owned(),
            report: report.report.0.to_vec(),
            on: report.on.number(),
            moved: report.moved,
        });
        Ok(Response::new(v1::WindowStandingResponse {
            reported: reported.collect(),
            missing: missing
                .iter()
                .map(|area| area.digits().to_owned())
                .collect(),
            open: is_open,
        }))
    }

    async fn report(
        &self,
        request: Request<v1::ReportRequest>,
    ) -> Result<Response<v1::ReportResponse>, Status> {
        let caller = caller::caller(&self.gateway, &request)?;
        let v1::ReportRequest {
            request,
            window,
            area,
        } = request.into_inner();
        let request = record::request_id(&request)?;
        let window = RecordId(record::bytes16("window", &window)?);
        let area: AreaCode = caller::area(&self.gateway, &caller, &area)?;
        let report = self.gateway.report(&caller, request, &window, area).await;
        let seen = report.map_err(|error| status(&error))?;
        Ok(Response::new(self.report_response(&seen)))
    }

    async fn reopen(
        &self,
        request: Request<v1::ReopenRequest>,
    ) -> Result<Response<v1::ReportResponse>, Status> {
        let caller = caller::caller(&self.gateway, &request)?;
        let v1::ReopenRequest {
            request,
            report,
            reason,
        } = request.into_inner();
        let request = record::request_id(&request)?;
        let report = RecordId(record::bytes16("report", &report)?);
        let reason = Text::parse(&reason).map_err(|error| malformed(format!("reason: {error}")))?;
        let report = self.gateway.reopen(&caller, request, &report, reason).await;
        let seen = report.map_err(|error| status(&error))?;
        Ok(Response::new(self.report_response(&seen)))
    }
}

fn indicator(of: &Indicator) -> v1::Indicator {
    let Indicator {
        id,
        version,
        zh,
        en,
        formula_zh,
        formula_en,
        unit,
        source,
        formula,
    } = of;
    v1::Indicator {
        indicator: (*id).to_owned(),
        version: *version,
        name_zh: (*zh).to_owned(),
        name_en: (*en).to_owned(),
        formula_zh: (*formula_zh).to_owned(),
        formula_en: (*formula_en).to_owned(),
        unit: unit.code().to_owned(),
        source: (*source).to_owned(),
        reportable: formula.is_of_totals(),
    }
}

fn village(monitored: Monitored) -> v1::MonitoredVillage {
    let Monitored {
        area,
        name,
        figures,
    } = monitored;
    let missing = monitoring::missing(&figures).into_iter();
    v1::MonitoredVillage {
        area: area.digits().to_owned(),
        name,
        missing: missing.map(|aspect| aspect.code().to_owned()).collect(),
        figures: figures
            .into_iter()
            .map(|figure| v1::WatchedFigure {
                aspect: figure.aspect.code().to_owned(),
                name: figure.name.to_owned(),
                value: figure.value,
            })
            .collect(),
    }
}

fn published(table: PublishedTable) -> v1::PublishedTableResponse {
    let PublishedTable {
        classes,
        areas,
        published,
        threshold,
    } = table;
    let rows = areas.into_iter().zip(published.counts);
    let rows = rows.map(|((area, name), counts)| v1::PublishedRow {
        area: area.digits().to_owned(),
        name: name.unwrap_or_default(),
        counts: counts
            .into_iter()
            .map(|count| v1::PublishedCount { count })
            .collect(),
    });
    v1::PublishedTableResponse {
        classes: classes.into_iter().map(str::to_owned).collect(),
        rows: rows.collect(),
        threshold,
        left_out: published.left_out as u64,
    }
}

fn period_of(number: u32, today: Date) -> Result<Period, Status> {
    if Period::from_number(number).is_month() {
        let month = Month::from_number(number).map_err(|_| {
            malformed("period: must be a year such as 2016 or a month such as 201606")
        })?;
        return Ok(Period::month_of(month.first_day()));
    }
    let year = record::year("period", number)?;
    Ok(Period::year(year.unwrap_or_else(|| today.year())))
}
