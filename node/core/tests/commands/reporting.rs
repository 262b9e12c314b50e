//! What is reported is locked until somebody else opens it again, with a reason.

use lika_core::{
    command::Change,
    log::Action,
    record::{Act, Figure, IncomeStatement, IndicatorVersion, Report, ReportingWindow, Turn},
    rollup::Period,
    value::{Fen, Label, RecordId},
};

use crate::county::*;

const WINDOW: RecordId = id(60);
const FIRST: RecordId = id(31);
const SECOND: RecordId = id(32);

fn asked(indicator: &str) -> IndicatorVersion {
    IndicatorVersion {
        indicator: code(indicator),
        version: 1,
    }
}

fn window(from: u32, until: u32) -> ReportingWindow {
    ReportingWindow {
        name: Label::parse("年报").unwrap(),
        period: Period::year(year(2015)),
        from: day(from),
        until: day(until),
        areas: vec![area(TOWNSHIP)],
        indicators: vec![asked("income-per-head"), asked("households")],
    }
}

fn turn(act: Act, officer: RecordId) -> Turn {
    Turn {
        act,
        officer,
        cadre: None,
        on: day(20161001),
    }
}

fn report(officer: RecordId) -> Report {
    let figure = |indicator, value| Figure {
        of: asked(indicator),
        value: Some(value),
    };
    Report {
        window: WINDOW,
        area: area(TOWNSHIP),
        period: Period::year(year(2015)),
        figures: vec![figure("income-per-head", 400_000), figure("households", 1)],
        turns: vec![turn(Act::Reported, officer)],
        reason: None,
    }
}

fn income(wages: i64) -> IncomeStatement {
    IncomeStatement {
        household: HOUSEHOLD,
        year: year(2015),
        wages: Fen(wages),
        business: Fen::ZERO,
        property: Fen::ZERO,
        transfers: Fen::ZERO,
        expenses: Fen::ZERO,
        persons: 2,
    }
}

fn income_id() -> RecordId {
    IncomeStatement::id_for(&HOUSEHOLD, year(2015))
}

/// A county with an open window, an income statement and two officers.
fn county() -> County {
    let mut county = County::new();
    county.must(vec![
        Change::create(FIRST, area(COUNTY), officer("chun", None)),
        Change::create(SECOND, area(COUNTY), officer("xia", None)),
        Change::create(income_id(), area(VILLAGE), income(800_000)),
        Change::create(WINDOW, area(COUNTY), window(20160901, 20161101)),
    ]);
    county
}

fn given(report: Report) -> Change {
    Change::create(Report::id_for(&WINDOW, &report.area), report.area, report)
}

fn report_id() -> RecordId {
    Report::id_for(&WINDOW, &area(TOWNSHIP))
}

#[track_caller]
fn refused(county: &mut County, actor: RecordId, change: Change, code: &str) {
    let before = county.registry.clone();
    let refused = county.decide_as(actor, vec![change]).unwrap_err();
    assert_eq!(refused.refusal.code(), code, "{refused}");
    assert!(county.registry.same(&before));
}

#[test]
fn a_window_asks_for_what_there_is_and_keeps_asking_for_it() {
    let mut county = county();
    let create = |body| Change::create(NEW, area(COUNTY), body);
    let unheard = ReportingWindow {
        indicators: vec![asked("happiness")],
        ..window(20160901, 20161101)
    };
    refused(&mut county, FIRST, create(unheard), "invalid-field");
    let not_of_totals = ReportingWindow {
        indicators: vec![asked("regional-variation")],
        ..window(20160901, 20161101)
    };
    refused(&mut county, FIRST, create(not_of_totals), "invalid-field");
    let beside = ReportingWindow {
        areas: vec![area("360324101")],
        ..window(20160901, 20161101)
    };
    refused(&mut county, FIRST, create(beside), "invalid-field");
    let edits: [fn(&mut ReportingWindow); 3] = [
        |window| window.period = Period::year(year(2014)),
        |window| window.areas = vec![area(VILLAGE)],
        |window| window.indicators.truncate(1),
    ];
    for edit in edits {
        let change = county.edit(WINDOW, Action::Change, edit);
        refused(&mut county, FIRST, change, "invalid-field");
    }
    let extended = county.edit(WINDOW, Action::Change, |window: &mut ReportingWindow| {
        window.until = day(20161201);
        window.areas.push(area(VILLAGE));
    });
    county.decide_as(FIRST, vec![extended]).unwrap();
}

#[test]
fn it_is_reported_in_its_window_by_whom_it_asks_and_in_person() {
    let mut county = county();
    let elsewhere = Report {
        area: area(VILLAGE),
        ..report(FIRST)
    };
    refused(&mut county, FIRST, given(elsewhere), "not-in-window");
    refused(
        &mut county,
        SECOND,
        given(report(FIRST)),
        "not-the-approver",
    );
    let mut less = report(FIRST);
    less.figures.truncate(1);
    refused(&mut county, FIRST, given(less), "invalid-field");
    let mut earlier = report(FIRST);
    earlier.turns[0].on = day(20160930);
    refused(&mut county, FIRST, given(earlier), "invalid-field");
    let over = county.edit(WINDOW, Action::Change, |window: &mut ReportingWindow| {
        window.until = day(20161001);
    });
    let mut late = county.clone();
    late.must(vec![over]);
    refused(&mut late, FIRST, given(report(FIRST)), "window-closed");
    county.decide_as(FIRST, vec![given(report(FIRST))]).unwrap();
}

#[test]
fn what_a_reported_figure_is_made_of_is_locked_and_nothing_else() {
    let mut county = county();
    let richer = |county: &County| {
        county.edit(
            income_id(),
            Action::Change,
            |income: &mut IncomeStatement| {
                income.wages = Fen(900_000);
            },
        )
    };
    county.decide_as(FIRST, vec![given(report(FIRST))]).unwrap();
    let change = richer(&county);
    refused(&mut county, FIRST, change, "period-reported");
    let close = county.edit(income_id(), Action::Close, |_: &mut IncomeStatement| {});
    refused(&mut county, FIRST, close, "period-reported");
    let same = county.edit(income_id(), Action::Change, |_: &mut IncomeStatement| {});
    county.must(vec![same]);
    let other_year = IncomeStatement {
        year: year(2016),
        ..income(1)
    };
    let id = IncomeStatement::id_for(&HOUSEHOLD, year(2016));
    county.must(vec![Change::create(id, area(VILLAGE), other_year)]);
    county.must(vec![Change::create(
        NEW,
        area(VILLAGE),
        visit(None, 20151001),
    )]);

    let reopen = |officer, reason: Option<&str>| {
        let reason = reason.map(|reason| Some(text(reason)));
        move |report: &mut Report| {
            report.turns.push(turn(Act::Reopened, officer));
            report.reason = reason;
        }
    };
    let own = county.edit(report_id(), Action::Change, reopen(FIRST, Some("漏报")));
    refused(&mut county, FIRST, own, "same-person");
    let silent = county.edit(report_id(), Action::Change, reopen(SECOND, None));
    refused(&mut county, SECOND, silent, "invalid-field");
    let altered = county.edit(report_id(), Action::Change, |report: &mut Report| {
        reopen(SECOND, Some("漏报"))(report);
        report.figures[1].value = Some(2);
    });
    refused(&mut county, SECOND, altered, "invalid-field");
    let close = county.edit(report_id(), Action::Close, reopen(SECOND, Some("漏报")));
    refused(&mut county, SECOND, close, "invalid-field");
    let change = county.edit(report_id(), Action::Change, reopen(SECOND, Some("漏报")));
    county.decide_as(SECOND, vec![change]).unwrap();

    let change = richer(&county);
    county.must(vec![change]);
    let again = county.edit(report_id(), Action::Change, |report: &mut Report| {
        report.turns.push(turn(Act::Reported, FIRST));
        report.figures[0].value = Some(450_000);
        report.reason = Some(None);
    });
    county.decide_as(FIRST, vec![again]).unwrap();
    let change = county.edit(
        income_id(),
        Action::Change,
        |income: &mut IncomeStatement| {
            income.wages = Fen(1);
        },
    );
    refused(&mut county, SECOND, change, "period-reported");
}
