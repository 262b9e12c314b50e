//! `lika report`.

use anyhow::Context as _;
use clap::Subcommand;
use lika_core::value::Date;
use lika_proto::{
    log::v1 as log,
    v1::{self, record::Body},
};
use serde_json::json;

use super::{
    Answer, Called, Output, block_on,
    client::{self, id},
    output::shown_id,
};

/// Figures that areas report, and lock.
#[derive(Debug, Subcommand)]
pub enum Report {
    /// Ask areas to report: opens a window.
    Ask(Box<Ask>),
    /// List the windows that ask your areas.
    Windows {
        #[command(flatten)]
        called: Called,
    },
    /// Say who has reported in a window, and who has not. Ends with 1 while somebody is missing.
    Standing {
        /// The id of the window's record.
        window: String,
        #[command(flatten)]
        called: Called,
    },
    /// Report an area's figures, which the node computes; what they are made of is locked.
    Give {
        /// The id of the window's record.
        window: String,
        /// The area, by its code; your own area when it is not given.
        #[arg(long, default_value = "", hide_default_value = true)]
        area: String,
        #[command(flatten)]
        called: Called,
    },
    /// Open a report again; never by who reported.
    Reopen {
        /// The id of the report's record.
        report: String,
        /// Why; stays on this node.
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        called: Called,
    },
}

/// A window.
#[derive(clap::Args, Debug)]
pub struct Ask {
    /// The name of the report, such as 2016年度报表.
    name: String,
    /// Where the window stands: the code of an area around those that report.
    #[arg(long)]
    area: String,
    /// A year (2016) or a month (201606).
    #[arg(long)]
    period: u32,
    /// The first day on which it can be reported.
    #[arg(long, value_name = "DATE")]
    from: String,
    /// The first day on which it cannot be reported any more.
    #[arg(long, value_name = "DATE")]
    until: String,
    /// An area that reports, by its code; again for each.
    #[arg(long = "of", value_name = "AREA", required = true)]
    areas: Vec<String>,
    /// An indicator, such as income-per-head, or income-per-head:1 for one version; again for each.
    #[arg(long = "indicator", value_name = "INDICATOR", required = true)]
    indicators: Vec<String>,
    #[command(flatten)]
    called: Called,
}

/// Runs `lika report`.
pub fn run(command: &Report, output: &mut Output) -> anyhow::Result<Answer> {
    match command {
        Report::Ask(asked) => ask(asked, output),
        Report::Windows { called } => windows(called, output),
        Report::Standing { window, called } => standing(window, called, output),
        Report::Give {
            window,
            area,
            called,
        } => {
            let request = v1::ReportRequest {
                request: client::request_id(),
                window: id("the window", window)?,
                area: area.clone(),
            };
            let given = block_on(async {
                let mut statistics = client::statistics(called).await?;
                let given = statistics.report(request).await;
                Ok(given.map_err(client::refused)?.into_inner())
            })?;
            print(&given, output)
        }
        Report::Reopen {
            report,
            reason,
            called,
        } => {
            let request = v1::ReopenRequest {
                request: client::request_id(),
                report: id("the report", report)?,
                reason: reason.clone(),
            };
            let reopened = block_on(async {
                let mut statistics = client::statistics(called).await?;
                let reopened = statistics.reopen(request).await;
                Ok(reopened.map_err(client::refused)?.into_inner())
            })?;
            print(&reopened, output)
        }
    }
}

fn ask(asked: &Ask, output: &mut Output) -> anyhow::Result<Answer> {
    let indicators = asked.indicators.iter().map(|text| version(text));
    let open = log::reporting_window::Open {
        name: asked.name.clone(),
        period: asked.period,
        from: Date::parse(&asked.from).context("--from")?.number(),
        until: Date::parse(&asked.until).context("--until")?.number(),
        areas: asked.areas.clone(),
        indicators: indicators.collect::<anyhow::Result<_>>()?,
    };
    let body = Body::ReportingWindow(log::ReportingWindow { open: Some(open) });
    let window = block_on(async {
        let mut registry = client::registry(&asked.called).await?;
        client::create(&mut registry, &asked.area, body).await
    })?;
    let window = shown_id(&window);
    output.answer(
        || format!("opened window {window}"),
        || json!({"window": window}),
    )?;
    Ok(Answer::Yes)
}

/// An indicator in its latest version, or in the one that is named after a colon.
fn version(text: &str) -> anyhow::Result<log::reporting_window::IndicatorVersion> {
    let (indicator, version) = match text.split_once(':') {
        Some((indicator, version)) => (indicator, version.parse().context("the version")?),
        None => {
            let latest = lika_core::indicator::latest(text);
            (text, latest.map_or(1, |latest| latest.version))
        }
    };
    Ok(log::reporting_window::IndicatorVersion {
        indicator: indicator.to_owned(),
        version,
    })
}

fn windows(called: &Called, output: &mut Output) -> anyhow::Result<Answer> {
    let windows = block_on(async {
        let mut statistics = client::statistics(called).await?;
        let windows = statistics.windows(v1::WindowsRequest {}).await;
        Ok(windows.map_err(client::refused)?.into_inner().windows)
    })?;
    let listed: Vec<_> = windows
        .iter()
        .filter_map(|record| match &record.body {
            Some(Body::ReportingWindow(window)) => {
                Some((shown_id(&record.id), window.open.as_ref()?))
            }
            _ => None,
        })
        .collect();
    output.answer(
        || {
            let line = |(id, open): &(String, &log::reporting_window::Open)| {
                let log::reporting_window::Open {
                    name,
                    period,
                    from,
                    until,
                    ..
                } = open;
                format!("{id} {name}: {period}, from {from}, before {until}")
            };
            match &listed[..] {
                [] => "no windows".to_owned(),
                listed => listed.iter().map(line).collect::<Vec<_>>().join("\n"),
            }
        },
        || {
            let values = listed.iter().map(|(id, open)| {
                json!({
                    "window": id,
                    "name": open.name,
                    "period": open.period,
                    "from": open.from,
                    "until": open.until,
                    "areas": open.areas,
                })
            });
            json!({"windows": values.collect::<Vec<_>>()})
        },
    )?;
    Ok(Answer::Yes)
}

fn standing(window: &str, called: &Called, output: &mut Output) -> anyhow::Result<Answer> {
    let request = v1::WindowStandingRequest {
        window: id("the window", window)?,
    };
    let v1::WindowStandingResponse {
        reported,
        missing,
        open,
    } = block_on(async {
        let mut statistics = client::statistics(called).await?;
        let standing = statistics.window_standing(request).await;
        Ok(standing.map_err(client::refused)?.into_inner())
    })?;
    output.answer(
        || {
            let reported = reported.iter().map(|report| {
                let moved = match &report.moved[..] {
                    [] => String::new(),
                    moved => format!(", since moved: {}", moved.join(", ")),
                };
                let id = shown_id(&report.report);
                format!("{} reported on {} as {id}{moved}", report.area, report.on)
            });
            let missing = missing
                .iter()
                .map(|area| format!("{area} has not reported"));
            let state = if open { "is open" } else { "is not open" };
            let state = format!("the window {state} today");
            reported
                .chain(missing)
                .chain([state])
                .collect::<Vec<_>>()
                .join("\n")
        },
        || {
            let reported = reported.iter().map(|report| {
                json!({
                    "area": report.area,
                    "report": shown_id(&report.report),
                    "on": report.on,
                    "moved": report.moved,
                })
            });
            json!({
                "reported": reported.collect::<Vec<_>>(),
                "missing": missing,
                "open": open,
            })
        },
    )?;
    Ok(if missing.is_empty() {
        Answer::Yes
    } else {
        Answer::No
    })
}

fn print(response: &v1::ReportResponse, output: &mut Output) -> anyhow::Result<Answer> {
    let record = response.report.as_ref();
    let (record, open) = record
        .and_then(|record| match &record.body {
            Some(Body::Report(report)) => Some((record, report.open.as_ref()?)),
            _ => None,
        })
        .context("the node did not say what it did")?;
    let id = shown_id(&record.id);
    let act = open.turns.last().map_or("", |turn| &turn.act);
    output.answer(
        || {
            let figures = open.figures.iter().map(|figure| {
                let value = figure
                    .value
                    .map_or("not known".to_owned(), |value| value.to_string());
                format!("  {} v{} {value}", figure.indicator, figure.version)
            });
            let first = format!("{act} {id} of {} for {}", record.area, open.period);
            [first]
                .into_iter()
                .chain(figures)
                .collect::<Vec<_>>()
                .join("\n")
        },
        || {
            let figures = open.figures.iter().map(|figure| {
                json!({
                    "indicator": figure.indicator,
                    "version": figure.version,
                    "value": figure.value,
                })
            });
            json!({
                "report": id,
                "area": record.area,
                "period": open.period,
                "act": act,
                "figures": figures.collect::<Vec<_>>(),
            })
        },
    )?;
    Ok(Answer::Yes)
}
