//! `lika statistic`.

use anyhow::Context as _;
use clap::Subcommand;
use lika_core::value::{Date, Fen, Ppm};
use lika_proto::v1;
use serde_json::{Value, json};

use super::{
    Answer, Called, Output, block_on, client,
    table::{Column, table},
};

/// What stands for a count that is left out.
const LEFT_OUT: &str = "×";

/// Indicators, and tables that may be published.
#[derive(Debug, Subcommand)]
pub enum Statistic {
    /// List every definition of every indicator: how it is computed and rounded, and who asks for it.
    List {
        #[command(flatten)]
        called: Called,
    },
    /// Compute an indicator.
    ///
    /// Ends with 1 where what it is made of is not known.
    Compute(Box<Compute>),
    /// Say what is known of each key village: of nature, economy and people there, and of the work.
    ///
    /// Ends with 1 where a key village is not monitored: nothing is known of one of the four.
    Monitoring {
        /// Those of this area and below, by its code; your own area when it is not given.
        #[arg(long, default_value = "", hide_default_value = true)]
        area: String,
        /// The year; this one when it is not given.
        #[arg(long, default_value_t = 0, hide_default_value = true)]
        year: u32,
        #[command(flatten)]
        called: Called,
    },
    /// Print a table of counts by area and class as it may be published: without small counts, and without what would
    /// give them away.
    Table {
        /// household-type, main-cause or labour.
        classes: String,
        /// The area; its rows are the areas one level below. Your own area when it is not given.
        #[arg(long, default_value = "", hide_default_value = true)]
        area: String,
        /// Counts above 0 and below it are left out; that of the node when it is not given, and never less.
        #[arg(long)]
        threshold: Option<u64>,
        #[command(flatten)]
        called: Called,
    },
}

/// What to compute.
#[derive(clap::Args, Debug)]
pub struct Compute {
    /// The indicator, as `lika statistic list` prints it.
    indicator: String,
    /// The version of its definition; the latest when it is not given.
    #[arg(long, default_value_t = 0, hide_default_value = true)]
    version: u32,
    /// The area, by its code; your own area when it is not given.
    #[arg(long, default_value = "", hide_default_value = true)]
    area: String,
    /// A year (2016) or a month (201606); the year of the day when it is not given.
    #[arg(long, default_value_t = 0, hide_default_value = true)]
    period: u32,
    /// As it was recorded at the end of this day; now when it is not given.
    #[arg(long, value_name = "DATE")]
    as_of: Option<String>,
    /// The share of a line, such as 60% or 33.3333%.
    #[arg(long)]
    share: Option<String>,
    /// The threshold of shell villages, in yuan.
    #[arg(long, value_name = "YUAN")]
    below: Option<String>,
    #[command(flatten)]
    called: Called,
}

/// Runs `lika statistic`.
pub fn run(command: &Statistic, output: &mut Output) -> anyhow::Result<Answer> {
    match command {
        Statistic::List { called } => list(called, output),
        Statistic::Compute(asked) => compute(asked, output),
        Statistic::Monitoring { area, year, called } => monitoring(area, *year, called, output),
        Statistic::Table {
            classes,
            area,
            threshold,
            called,
        } => {
            let request = v1::PublishedTableRequest {
                area: area.clone(),
                classes: classes.clone(),
                threshold: threshold.unwrap_or_default(),
            };
            let published = block_on(async {
                let mut statistics = client::statistics(called).await?;
                let published = statistics.published_table(request).await;
                Ok(published.map_err(client::refused)?.into_inner())
            })?;
            output.answer(|| table_text(&published), || table_value(&published))?;
            Ok(Answer::Yes)
        }
    }
}

fn list(called: &Called, output: &mut Output) -> anyhow::Result<Answer> {
    let indicators = block_on(async {
        let mut statistics = client::statistics(called).await?;
        let listed = statistics.indicators(v1::IndicatorsRequest {}).await;
        Ok(listed.map_err(client::refused)?.into_inner().indicators)
    })?;
    output.answer(
        || {
            let line = |it: &v1::Indicator| {
                let v1::Indicator {
                    indicator,
                    version,
                    name_en,
                    formula_en,
                    unit,
                    source,
                    ..
                } = it;
                format!("{indicator} v{version} ({unit}, {source}): {name_en}\n  {formula_en}")
            };
            let lines: Vec<String> = indicators.iter().map(line).collect();
            lines.join("\n")
        },
        || json!({"indicators": indicators.iter().map(definition).collect::<Vec<_>>()}),
    )?;
    Ok(Answer::Yes)
}

fn definition(it: &v1::Indicator) -> Value {
    json!({
        "indicator": it.indicator,
        "version": it.version,
        "name_zh": it.name_zh,
        "name_en": it.name_en,
        "formula_zh": it.formula_zh,
        "formula_en": it.formula_en,
        "unit": it.unit,
        "source": it.source,
        "reportable": it.reportable,
    })
}

fn compute(asked: &Compute, output: &mut Output) -> anyhow::Result<Answer> {
    let as_of = match &asked.as_of {
        Some(text) => Date::parse(text).context("--as-of")?.number(),
        None => 0,
    };
    let share = asked.share.as_deref().map(Ppm::parse_share).transpose();
    let below = asked.below.as_deref().map(Fen::parse_yuan).transpose();
    let request = v1::ComputeRequest {
        indicator: asked.indicator.clone(),
        version: asked.version,
        area: asked.area.clone(),
        period: asked.period,
        as_of,
        share: share.context("--share")?.map(|share| share.0),
        below: below.context("--below")?.map(|below| below.0),
    };
    let computed = block_on(async {
        let mut statistics = client::statistics(&asked.called).await?;
        let computed = statistics.compute(request).await;
        Ok(computed.map_err(client::refused)?.into_inner())
    })?;
    let definition = computed.indicator.clone().unwrap_or_default();
    output.answer(
        || {
            let shown = computed.value.map(|value| in_unit(&definition.unit, value));
            let mut lines = vec![format!(
                "{} v{} of {} for {}: {}",
                definition.indicator,
                definition.version,
                computed.area,
                computed.period,
                shown.unwrap_or_else(|| "not known".to_owned()),
            )];
            let parts = computed.parts.iter();
            lines.extend(parts.map(|part| format!("  {} {}", part.name, part.value)));
            if computed.unknown > 0 {
                lines.push(format!(
                    "  {} areas of which nothing is known",
                    computed.unknown
                ));
            }
            lines.join("\n")
        },
        || {
            let parts = computed.parts.iter();
            let parts = parts.map(|part| (part.name.clone(), Value::from(part.value)));
            json!({
                "indicator": definition.indicator,
                "version": definition.version,
                "unit": definition.unit,
                "area": computed.area,
                "period": computed.period,
                "value": computed.value,
                "parts": parts.collect::<serde_json::Map<_, _>>(),
                "unknown": computed.unknown,
            })
        },
    )?;
    Ok(match computed.value {
        Some(_) => Answer::Yes,
        None => Answer::No,
    })
}

fn monitoring(
    area: &str,
    year: u32,
    called: &Called,
    output: &mut Output,
) -> anyhow::Result<Answer> {
    let request = v1::MonitoringRequest {
        area: area.to_owned(),
        year,
    };
    let villages = block_on(async {
        let mut statistics = client::statistics(called).await?;
        let monitored = statistics.monitoring(request).await;
        Ok(monitored.map_err(client::refused)?.into_inner().villages)
    })?;
    output.answer(
        || {
            let line = |village: &v1::MonitoredVillage| {
                let figures = village.figures.iter().map(|figure| {
                    let value = figure
                        .value
                        .map_or("?".to_owned(), |value| value.to_string());
                    format!("{} {value}", figure.name)
                });
                let figures: Vec<String> = figures.collect();
                let missing = match &village.missing[..] {
                    [] => String::new(),
                    missing => format!("; not monitored: {}", missing.join(", ")),
                };
                format!(
                    "{} {}: {}{missing}",
                    village.area,
                    village.name,
                    figures.join(", ")
                )
            };
            match &villages[..] {
                [] => "no key villages".to_owned(),
                villages => villages.iter().map(line).collect::<Vec<_>>().join("\n"),
            }
        },
        || {
            let values = villages.iter().map(|village| {
                let figures = village.figures.iter();
                let figures = figures.map(|it| (it.name.clone(), json!(it.value)));
                json!({
                    "area": village.area,
                    "name": village.name,
                    "figures": figures.collect::<serde_json::Map<_, _>>(),
                    "missing": village.missing,
                })
            });
            json!({"villages": values.collect::<Vec<_>>()})
        },
    )?;
    Ok(
        if villages.iter().all(|village| village.missing.is_empty()) {
            Answer::Yes
        } else {
            Answer::No
        },
    )
}

/// A value as people read it: yuan with two decimals, ratios with six.
fn in_unit(unit: &str, value: i64) -> String {
    match unit {
        "fen" => format!("{} yuan", Fen(value)),
        "ppm" => {
            let parts = value.unsigned_abs();
            let sign = if value < 0 { "-" } else { "" };
            format!("{sign}{}.{:06}", parts / 1_000_000, parts % 1_000_000)
        }
        _ => value.to_string(),
    }
}

fn table_text(published: &v1::PublishedTableResponse) -> String {
    let v1::PublishedTableResponse {
        classes,
        rows,
        threshold,
        left_out,
    } = published;
    // Titles of columns live as long as the program, and classes come from the node.
    let mut columns = vec![Column::Left("area"), Column::Left("name")];
    columns.extend(classes.iter().map(|_| Column::Right("")));
    columns.push(Column::Right("total"));
    let title = ["", ""]
        .into_iter()
        .chain(classes.iter().map(String::as_str));
    let title: Vec<String> = title.map(str::to_owned).collect();
    let rows = rows.iter().map(|row| {
        let counts = row.counts.iter();
        let counts = counts.map(|it| {
            it.count
                .map_or(LEFT_OUT.to_owned(), |count| count.to_string())
        });
        let names = [row.area.clone(), row.name.clone()];
        names.into_iter().chain(counts).collect()
    });
    let rows: Vec<Vec<String>> = [title].into_iter().chain(rows).collect();
    let left_out = format!(
        "{LEFT_OUT}: {left_out} counts are left out: those below {threshold}, and others so that nobody gets them back"
    );
    format!("{}\n{left_out}", table(&columns, &rows))
}

fn table_value(published: &v1::PublishedTableResponse) -> Value {
    let rows = published.rows.iter().map(|row| {
        let counts: Vec<Option<u64>> = row.counts.iter().map(|it| it.count).collect();
        json!({"area": row.area, "name": row.name, "counts": counts})
    });
    json!({
        "classes": published.classes,
        "rows": rows.collect::<Vec<_>>(),
        "threshold": published.threshold,
        "left_out": published.left_out,
    })
}
