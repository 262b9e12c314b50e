//! Reports through the gateway: the node computes what is reported, and says who has not reported.

use lika_core::{
    authority::Permission,
    command::{Change, Command},
    indicator,
    log::{Action, Kind},
    record::{Act, Body, Figure, Record, Report, ReportingWindow, Turn},
    value::{ActorId, AreaCode, Date, RecordId, RequestId, Text},
};

use super::{Caller, Error, Gateway, Seen};
use crate::store::Stored;

/// Who has reported in a window.
#[derive(Clone, Debug, Default)]
pub struct WindowStanding {
    /// The areas that count as reported.
    pub reported: Vec<AreaReport>,
    /// Those that do not.
    pub missing: Vec<AreaCode>,
    /// Whether the window is open today.
    pub is_open: bool,
}

/// A report that counts.
#[derive(Clone, Debug)]
pub struct AreaReport {
    /// The area.
    pub area: AreaCode,
    /// The report.
    pub report: RecordId,
    /// The day on which it was reported last.
    pub on: Date,
    /// The indicators that come to something else now.
    pub moved: Vec<String>,
}

impl Gateway {
    /// Who has reported in a window, among the areas of which the caller may read totals.
    pub fn window_standing(
        &self,
        caller: &Caller,
        window: &RecordId,
    ) -> Result<WindowStanding, Error> {
        let (_, window_body) = self.window(window)?;
        let mut areas = window_body.areas.iter();
        if !areas.any(|area| caller.may(Permission::ReadTotals, area)) {
            return Err(Error::NotFound(*window));
        }
        let mut standing = WindowStanding {
            is_open: window_body.is_open_on(self.clock().today()),
            ..WindowStanding::default()
        };
        let areas = window_body.areas.iter();
        for area in areas.filter(|area| caller.may(Permission::ReadTotals, area)) {
            let id = Report::id_for(window, area);
            match self.report_of(&id)? {
                Some((_, report)) if report.is_locked() => {
                    let on = report.turns.last().map_or(window_body.from, |turn| turn.on);
                    standing.reported.push(AreaReport {
                        area: *area,
                        report: id,
                        on,
                        moved: self.moved(&report)?,
                    });
                }
                _ => standing.missing.push(*area),
            }
        }
        Ok(standing)
    }

    /// Reports an area's figures and locks them. The same request answers the same.
    pub async fn report(
        &self,
        caller: &Caller,
        request: RequestId,
        window: &RecordId,
        area: AreaCode,
    ) -> Result<Seen, Error> {
        caller.must(Permission::Write(Kind::Report), &area)?;
        let (_, asked) = self.window(window)?;
        let id = Report::id_for(window, &area);
        let known = self.report_of(&id)?;
        let turn = self.turn(caller, Act::Reported)?;
        let change = match known {
            None => {
                let report = Report {
                    window: *window,
                    area,
                    period: asked.period,
                    figures: self.figures(&asked, &area)?,
                    turns: vec![turn],
                    reason: None,
                };
                Change::create(id, area, report)
            }
            Some((record, report)) if report.is_locked() => {
                return self.again(caller, request, record, "already-reported");
            }
            Some((record, report)) => {
                let turns = report.turns.iter().cloned().chain([turn]).collect();
                let report = Report {
                    figures: self.figures(&asked, &area)?,
                    turns,
                    reason: Some(None),
                    ..report
                };
                Change::of(&record, Action::Change, report)
            }
        };
        self.submit(caller, request, change).await
    }

    /// Opens a report again, with a reason. The same request answers the same.
    pub async fn reopen(
        &self,
        caller: &Caller,
        request: RequestId,
        report: &RecordId,
        reason: Text,
    ) -> Result<Seen, Error> {
        let (record, body) = self.report_of(report)?.ok_or(Error::NotFound(*report))?;
        if !caller.may(Permission::ReadOpen, &record.area) {
            return Err(Error::NotFound(*report));
        }
        caller.must(Permission::Write(Kind::Report), &record.area)?;
        if !body.is_locked() {
            return self.again(caller, request, record, "not-reported");
        }
        let turn = self.turn(caller, Act::Reopened)?;
        let turns = body.turns.iter().cloned().chain([turn]).collect();
        let body = Report {
            turns,
            reason: Some(Some(reason).filter(|reason| !reason.is_empty())),
            ..body
        };
        let change = Change::of(&record, Action::Change, body);
        self.submit(caller, request, change).await
    }

    async fn submit(
        &self,
        caller: &Caller,
        request: RequestId,
        change: Change,
    ) -> Result<Seen, Error> {
        let id = change.id;
        let command = Command {
            request,
            actor: ActorId(caller.officer.0),
            changes: vec![change],
        };
        self.inner.store.submit(command).await?;
        self.get(caller, &id, None)
    }

    /// What the same request has made already; else refused with this code.
    fn again(
        &self,
        caller: &Caller,
        request: RequestId,
        record: Record,
        code: &'static str,
    ) -> Result<Seen, Error> {
        let seen = self.get(caller, &record.id, None)?;
        if seen.header.request != request {
            let message = match code {
                "not-reported" => format!("report {} is open already", record.id),
                _ => format!(
                    "report {} counts already; it can be opened again",
                    record.id
                ),
            };
            return Err(Error::Other { code, message });
        }
        Ok(seen)
    }

    fn figures(&self, window: &ReportingWindow, area: &AreaCode) -> Result<Vec<Figure>, Error> {
        let figures = window.indicators.iter().map(|asked| {
            let of = indicator::of(asked).ok_or_else(|| Error::Other {
                code: "unknown-indicator",
                message: format!("there is no {} {}", asked.indicator, asked.version),
            })?;
            Ok(Figure {
                of: asked.clone(),
                value: self.of_totals(of, area, window.period)?,
            })
        });
        figures.collect()
    }

    fn moved(&self, report: &Report) -> Result<Vec<String>, Error> {
        let mut moved = Vec::new();
        for Figure { of, value } in &report.figures {
            let Some(indicator) = indicator::of(of) else {
                continue;
            };
            if self.of_totals(indicator, &report.area, report.period)? != *value {
                moved.push(of.indicator.to_string());
            }
        }
        Ok(moved)
    }

    fn turn(&self, caller: &Caller, act: Act) -> Result<Turn, Error> {
        let officer = self.inner.reader.get(&caller.officer)?;
        let cadre = match officer.and_then(Stored::into_record).map(|it| it.body) {
            Some(Body::Officer(officer)) => officer.cadre,
            _ => None,
        };
        Ok(Turn {
            act,
            officer: caller.officer,
            cadre,
            on: self.clock().today(),
        })
    }

    fn window(&self, id: &RecordId) -> Result<(Record, ReportingWindow), Error> {
        let stored = self.inner.reader.get(id)?;
        let record = stored.and_then(Stored::into_record);
        match record {
            Some(record) => match record.body.clone() {
                Body::ReportingWindow(window) => Ok((record, window)),
                _ => Err(Error::NotFound(*id)),
            },
            None => Err(Error::NotFound(*id)),
        }
    }

    fn report_of(&self, id: &RecordId) -> Result<Option<(Record, Report)>, Error> {
        let stored = self.inner.reader.get(id)?;
        let record = stored.and_then(Stored::into_record);
        Ok(record.and_then(|record| match record.body.clone() {
            Body::Report(report) => Some((record, report)),
            _ => None,
        }))
    }
}
