//! What a scene reads back: records, totals and balances.

use anyhow::Context as _;
use lika_core::{
    log::Kind,
    record::{Body, Decision, OfficialStatistic, Record, decision_id},
    value::{AreaCode, AreaLevel, Code, Fen, RecordId, Year},
};
use lika_proto::v1::{
    self, registry_client::RegistryClient, reports_client::ReportsClient,
    statistics_client::StatisticsClient,
};

use super::{Caller, Scene};
use crate::wire::{record, status::Refused};

const PAGE: u32 = 1_000;

impl Scene {
    /// A record as it stands, closed or not.
    pub fn get(&self, id: &RecordId) -> anyhow::Result<Record> {
        let mut registry = RegistryClient::new(self.office.channel.clone());
        let request = v1::GetRequest {
            id: id.0.to_vec(),
            as_of_seq: 0,
        };
        let found = self.runtime.block_on(registry.get(request));
        let found = found.map_err(Refused::from)?.into_inner();
        Ok(record::received(found).map_err(Refused::from)?)
    }

    /// The open records of a kind in an area and below it.
    pub fn list(&self, kind: Kind, area: &AreaCode) -> anyhow::Result<Vec<Record>> {
        self.every_page(&self.office, listing(kind, area))
    }

    /// As [`Scene::list`], for who only counts: without who anybody is.
    pub fn survey(&self, kind: Kind, area: &AreaCode) -> anyhow::Result<Vec<Record>> {
        self.every_page(&self.approver, listing(kind, area))
    }

    /// The closed records of a kind in an area and below it.
    pub fn list_closed(&self, kind: Kind, area: &AreaCode) -> anyhow::Result<Vec<Record>> {
        let request = v1::ListRequest {
            closed: true,
            ..listing(kind, area)
        };
        self.every_page(&self.office, request)
    }

    /// The first open record of a kind in an area or below it that is such.
    pub fn first(
        &self,
        kind: Kind,
        area: &AreaCode,
        is_it: impl Fn(&Record) -> bool,
    ) -> anyhow::Result<Record> {
        let mut first = None;
        self.each_page(&self.office, listing(kind, area), |page| {
            first = page.into_iter().find(|record| is_it(record));
            first.is_none()
        })?;
        first.with_context(|| format!("there is no such {}", kind.label()))
    }

    /// What a policy said last of a subject for a purpose.
    pub fn decision(&self, purpose: &str, subject: &RecordId) -> anyhow::Result<Decision> {
        match self
            .get(&decision_id(&Code::parse(purpose)?, subject))?
            .body
        {
            Body::Decision(decision) => Ok(decision),
            _ => anyhow::bail!("not a decision"),
        }
    }

    /// A published figure of the node's area.
    pub fn statistic(
        &self,
        series: &Code,
        year: Year,
    ) -> anyhow::Result<(Record, OfficialStatistic)> {
        let record = self.get(&OfficialStatistic::id_for(&self.area, series, year))?;
        match record.body.clone() {
            Body::OfficialStatistic(figure) => Ok((record, figure)),
            _ => anyhow::bail!("not a figure"),
        }
    }

    /// What is on an account.
    pub fn balance(&self, account: &RecordId) -> anyhow::Result<Fen> {
        let mut registry = RegistryClient::new(self.office.channel.clone());
        let request = v1::BalanceRequest {
            account: account.0.to_vec(),
        };
        let balance = self.runtime.block_on(registry.balance(request));
        Ok(Fen(balance.map_err(Refused::from)?.into_inner().balance))
    }

    /// One figure of every area of a level that has totals.
    pub fn totals_at(
        &self,
        level: AreaLevel,
        dimension: &str,
        period: u32,
    ) -> anyhow::Result<Vec<(AreaCode, i64)>> {
        let mut areas = vec![self.area];
        let mut figures = Vec::new();
        // Each round is one level further down.
        while let Some(area) = areas.pop() {
            if area.level() == level {
                let total = self.total(&area, dimension, period)?;
                figures.push((area, total));
                continue;
            }
            let mut reports = ReportsClient::new(self.office.channel.clone());
            let request = v1::RollUpRequest {
                area: area.digits().to_owned(),
                by_child: true,
            };
            let rolled_up = self.runtime.block_on(reports.roll_up(request));
            for child in rolled_up.map_err(Refused::from)?.into_inner().children {
                let code = AreaCode::parse(&child.area)?;
                if code.level() == level {
                    figures.push((code, figure(&child.totals, dimension, period)));
                } else {
                    areas.push(code);
                }
            }
        }
        Ok(figures)
    }

    /// What is known of each key village in a year.
    pub fn monitoring(&self, year: Year) -> anyhow::Result<Vec<v1::MonitoredVillage>> {
        let mut statistics = StatisticsClient::new(self.office.channel.clone());
        let request = v1::MonitoringRequest {
            area: self.area.digits().to_owned(),
            year: year.get().into(),
        };
        let found = self.runtime.block_on(statistics.monitoring(request));
        Ok(found.map_err(Refused::from)?.into_inner().villages)
    }

    fn every_page(&self, caller: &Caller, request: v1::ListRequest) -> anyhow::Result<Vec<Record>> {
        let mut records = Vec::new();
        self.each_page(caller, request, |page| {
            records.extend(page);
            true
        })?;
        Ok(records)
    }

    /// Hands on the pages of a list that somebody asks for, as long as more are wanted.
    fn each_page(
        &self,
        caller: &Caller,
        mut request: v1::ListRequest,
        mut wants_more: impl FnMut(Vec<Record>) -> bool,
    ) -> anyhow::Result<()> {
        let mut registry = RegistryClient::new(caller.channel.clone());
        loop {
            let page = self.runtime.block_on(registry.list(request.clone()));
            let page = page.map_err(Refused::from)?.into_inner();
            let records = page.records.into_iter().map(record::received);
            let records = records.collect::<Result<Vec<_>, _>>();
            let is_wanted = wants_more(records.map_err(Refused::from)?);
            if page.next_page_token.is_empty() || !is_wanted {
                return Ok(());
            }
            request.page_token = page.next_page_token;
        }
    }
}

/// One of the figures of an area; nothing where there is none.
pub(super) fn figure(totals: &[v1::Total], dimension: &str, period: u32) -> i64 {
    let is_it = |total: &&v1::Total| total.dimension == dimension && total.period == period;
    totals.iter().find(is_it).map_or(0, |total| total.value)
}

fn listing(kind: Kind, area: &AreaCode) -> v1::ListRequest {
    v1::ListRequest {
        kind: i32::try_from(kind.number()).unwrap_or_default(),
        area: area.digits().to_owned(),
        page_size: PAGE,
        page_token: Vec::new(),
        closed: false,
    }
}
