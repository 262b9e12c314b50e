//! `lika assessment`.

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use lika_core::{duties::Rhythm, value::Date};
use lika_proto::{
    log::v1 as log,
    v1::{self, record::Body},
};
use serde_json::{Value, json};

use super::{
    Answer, Called, Output, block_on,
    client::{self, create, day, id, read},
    output::shown_id,
    subject::Subject,
};

/// How somebody did in a period, and rankings.
#[derive(Debug, Subcommand)]
pub enum Assessment {
    /// Enter a score that a document reports.
    Enter(Box<Entered>),
    /// Take over the score and the grade that a policy gave.
    Accept(Box<Accepted>),
    /// Who did best.
    Ranking {
        /// This area and below, by its code; your own area when it is not given.
        #[arg(long, default_value = "", hide_default_value = true)]
        area: String,
        /// county, township, village, unit or person.
        #[arg(long)]
        of: String,
        /// week, month, two-months, quarter, half-year, year or three-years.
        #[arg(long, default_value = "year")]
        rhythm: String,
        /// A day of the period, of three years one of the first year; today when it is not given.
        #[arg(long)]
        on: Option<String>,
        #[command(flatten)]
        called: Called,
    },
}

/// A score that is entered.
#[derive(Args, Debug)]
pub struct Entered {
    /// Who was assessed: the id of a cadre or a unit, or the code of an area.
    subject: String,
    #[command(flatten)]
    of: Of,
    /// Points with at most two decimals.
    #[arg(long, allow_negative_numbers = true)]
    score: String,
    /// excellent, good, passing or failing.
    #[arg(long)]
    grade: String,
    /// Where the score comes from.
    #[arg(long)]
    source: String,
}

/// A score that is taken over.
#[derive(Args, Debug)]
pub struct Accepted {
    /// The id of the decision.
    decision: String,
    #[command(flatten)]
    of: Of,
}

/// Of which time.
#[derive(Args, Debug)]
struct Of {
    /// week, month, two-months, quarter, half-year, year or three-years.
    #[arg(long, default_value = "year")]
    rhythm: String,
    /// A day of the period, of three years one of the first year.
    #[arg(long)]
    on: String,
    #[command(flatten)]
    called: Called,
}

impl Of {
    /// The first day of the period.
    fn period(&self) -> anyhow::Result<u32> {
        let on = Date::parse(&self.on)?;
        let rhythm = Rhythm::from_code(&self.rhythm)
            .with_context(|| format!("{:?} is no rhythm", self.rhythm))?;
        let period = rhythm.period_of(on, on.year());
        Ok(period.context("no period has that day")?.first.number())
    }
}

/// Runs `lika assessment`.
pub fn run(command: &Assessment, output: &mut Output) -> anyhow::Result<Answer> {
    match command {
        Assessment::Enter(entered) => {
            let made = block_on(enter(entered))?;
            told(&made, output)?;
        }
        Assessment::Accept(accepted) => {
            let made = block_on(accept(accepted))?;
            told(&made, output)?;
        }
        Assessment::Ranking {
            area,
            of,
            rhythm,
            on,
            called,
        } => {
            let request = v1::RankingRequest {
                area: area.clone(),
                rhythm: rhythm.clone(),
                on: day(on.as_deref())?.number(),
                of: of.clone(),
            };
            rank(request, called, output)?;
        }
    }
    Ok(Answer::Yes)
}

fn told(made: &[u8], output: &mut Output) -> anyhow::Result<()> {
    let made = shown_id(made);
    output.answer(
        || format!("wrote down assessment {made}"),
        || json!({"assessment": made}),
    )
}

async fn enter(entered: &Entered) -> anyhow::Result<Vec<u8>> {
    let of = &entered.of;
    let mut registry = client::registry(&of.called).await?;
    let subject = Subject::read(&mut registry, &entered.subject).await?;
    let open = log::assessment::Open {
        subject_kind: subject.kind,
        subject: subject.id,
        rhythm: of.rhythm.clone(),
        period: of.period()?,
        score: hundredths(&entered.score)?,
        grade: entered.grade.clone(),
        decision: Vec::new(),
        source: entered.source.clone(),
    };
    let body = Body::Assessment(log::Assessment { open: Some(open) });
    create(&mut registry, &subject.area, body).await
}

async fn accept(accepted: &Accepted) -> anyhow::Result<Vec<u8>> {
    let of = &accepted.of;
    let mut registry = client::registry(&of.called).await?;
    let record = read(&mut registry, &id("the decision", &accepted.decision)?).await?;
    let Some(Body::Decision(log::Decision {
        open: Some(decision),
    })) = record.body
    else {
        bail!("the record is no decision");
    };
    let open = log::assessment::Open {
        subject_kind: decision.subject_kind,
        subject: decision.subject,
        rhythm: of.rhythm.clone(),
        period: of.period()?,
        score: decision.score.context("the decision gives no score")?,
        grade: decision.category,
        decision: record.id,
        source: String::new(),
    };
    let body = Body::Assessment(log::Assessment { open: Some(open) });
    create(&mut registry, &record.area, body).await
}

/// Points with at most two decimals, in hundredths.
fn hundredths(text: &str) -> anyhow::Result<i64> {
    let wrong = || format!("{text:?} is not a number of points with at most two decimals");
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || part.len() > 2 || !are_digits(whole) || !are_digits(part) {
        bail!(wrong());
    }
    let points: i64 = format!("{whole}{part:0<2}").parse().with_context(wrong)?;
    Ok(sign * points)
}

fn points(hundredths: i64) -> String {
    let sign = if hundredths < 0 { "-" } else { "" };
    let score = hundredths.unsigned_abs();
    format!("{sign}{}.{:02}", score / 100, score % 100)
}

fn rank(request: v1::RankingRequest, called: &Called, output: &mut Output) -> anyhow::Result<()> {
    let found = block_on(async {
        let mut supervision = client::supervision(called).await?;
        let found = supervision.ranking(request).await;
        Ok(found.map_err(client::refused)?.into_inner())
    })?;
    output.answer(
        || match &found.ranked[..] {
            [] => "nobody has been assessed".to_owned(),
            ranked => ranked
                .iter()
                .map(|it| {
                    let entered = if it.entered { " (entered)" } else { "" };
                    let (place, score, grade) = (it.place, points(it.score), &it.grade);
                    let (area, subject) = (&it.area, shown_id(&it.subject));
                    format!("{place}. {area} {subject} {score} {grade}{entered}")
                })
                .collect::<Vec<_>>()
                .join("\n"),
        },
        || json!({"ranked": found.ranked.iter().map(ranked_value).collect::<Vec<_>>()}),
    )
}

fn ranked_value(ranked: &v1::Ranked) -> Value {
    json!({
        "place": ranked.place,
        "assessment": shown_id(&ranked.assessment),
        "subject": shown_id(&ranked.subject),
        "area": ranked.area,
        "score": points(ranked.score),
        "grade": ranked.grade,
        "entered": ranked.entered,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_read_as_they_are_printed() {
        for (text, expected) in [("92.5", 9250), ("92.05", 9205), ("0", 0), ("-1.2", -120)] {
            assert_eq!(hundredths(text).unwrap(), expected, "{text}");
        }
        for text in ["", ".5", "1.234", "1,5", "+1", "--1", "1e3"] {
            assert!(hundredths(text).is_err(), "{text}");
        }
        assert_eq!(points(-120), "-1.20");
    }
}
