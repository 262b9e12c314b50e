//! The screening policy of `sdk/examples/screening.rs` as an Extism plug-in: facts come as JSON objects, decisions go as
//! JSON.

use extism_pdk::{FnResult, Json, plugin_fn};
use serde::{Deserialize, Serialize};

/// Settings, and the households to judge.
#[derive(Deserialize)]
struct Question {
    settings: Settings,
    households: Vec<Household>,
}

/// Left out, they are the policy's defaults.
#[derive(Deserialize)]
#[serde(default, rename_all = "kebab-case")]
struct Settings {
    income_line: i64,
    willingness: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            income_line: 150_000,
            willingness: true,
        }
    }
}

#[derive(Deserialize)]
struct Household {
    #[serde(rename = "income.net-per-head")]
    income: i64,
    #[serde(rename = "household.willing")]
    willing: bool,
    members: Vec<Member>,
}

#[derive(Deserialize)]
struct Member {
    #[serde(rename = "member.labour-capacity")]
    labour: Labour,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Labour {
    Ordinary,
    Skilled,
    Lost,
    None,
}

#[derive(Serialize)]
struct Decision {
    outcome: Outcome,
    #[serde(skip_serializing_if = "Option::is_none")]
    category: Option<Category>,
    reasons: Vec<Reason>,
    comparisons: Vec<Comparison>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
enum Outcome {
    Granted,
    Refused,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
enum Category {
    Development,
    SocialRelief,
}

#[derive(Serialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
enum Reason {
    IncomeUnderLine { income: i64, line: i64 },
    IncomeNotUnderLine { income: i64, line: i64 },
    NoLabour,
    NotWilling,
}

#[derive(Serialize)]
struct Comparison {
    fact: &'static str,
    comparator: &'static str,
    value: i64,
    threshold: i64,
    holds: bool,
}

/// Judges the households, in their order.
#[plugin_fn]
pub fn judge(Json(question): Json<Question>) -> FnResult<Json<Vec<Decision>>> {
    let Question {
        settings,
        households,
    } = question;
    let decide = |household: &Household| decide(&settings, household);
    Ok(Json(households.iter().map(decide).collect()))
}

fn decide(settings: &Settings, household: &Household) -> Decision {
    let (income, line) = (household.income, settings.income_line);
    let able = household
        .members
        .iter()
        .any(|member| matches!(member.labour, Labour::Ordinary | Labour::Skilled));
    let holds = income < line;
    let (category, reason) = if !holds {
        (None, Reason::IncomeNotUnderLine { income, line })
    } else if !able {
        (Some(Category::SocialRelief), Reason::NoLabour)
    } else if settings.willingness && !household.willing {
        (None, Reason::NotWilling)
    } else {
        let reason = Reason::IncomeUnderLine { income, line };
        (Some(Category::Development), reason)
    };
    Decision {
        outcome: match category {
            Some(_) => Outcome::Granted,
            None => Outcome::Refused,
        },
        category,
        reasons: vec![reason],
        comparisons: vec![Comparison {
            fact: "income.net-per-head",
            comparator: "less",
            value: income,
            threshold: line,
            holds,
        }],
    }
}
