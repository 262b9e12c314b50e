//! Has households judged by an Extism plug-in and says how fast that went.
//!
//! `peer-extism <plug-in.wasm>` reads one question, JSON, from stdin, asks it again and again in one instance, and prints
//! one line of JSON: the households a second of the best round, and how many got which answer. A round begins with facts
//! in memory, or with the text of the question, and ends with decisions in memory. No fuel is counted, as Extism comes.

use std::{
    collections::BTreeMap,
    io::Read as _,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use extism::{Manifest, PluginBuilder, Wasm};
use serde::{Deserialize, Serialize};
use serde_json::json;

const ROUNDS: u32 = 200;

/// Households, and the settings as they were given.
#[derive(Deserialize, Serialize)]
struct Question {
    settings: serde_json::Value,
    households: Vec<Household>,
}

#[derive(Deserialize, Serialize)]
struct Household {
    #[serde(rename = "income.net-per-head")]
    income: i64,
    #[serde(rename = "household.willing")]
    willing: bool,
    members: Vec<Member>,
}

#[derive(Deserialize, Serialize)]
struct Member {
    #[serde(rename = "member.labour-capacity")]
    labour: String,
}

/// What is read of a decision by whoever acts on it.
#[derive(Deserialize)]
#[expect(dead_code, reason = "read from the answer and not looked at")]
struct Decision<'a> {
    outcome: Outcome,
    category: Option<Category>,
    reasons: Vec<Reason>,
    #[serde(borrow)]
    comparisons: Vec<Comparison<'a>>,
}

#[derive(Clone, Copy, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "kebab-case")]
enum Outcome {
    Granted,
    Refused,
}

#[derive(Clone, Copy, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "kebab-case")]
enum Category {
    Development,
    SocialRelief,
}

#[derive(Deserialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
#[expect(dead_code, reason = "read from the answer and not looked at")]
enum Reason {
    IncomeUnderLine { income: i64, line: i64 },
    IncomeNotUnderLine { income: i64, line: i64 },
    NoLabour,
    NotWilling,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "read from the answer and not looked at")]
struct Comparison<'a> {
    fact: &'a str,
    comparator: &'a str,
    value: i64,
    threshold: i64,
    holds: bool,
}

fn main() -> Result<()> {
    let plugin = std::env::args().nth(1).context("which plug-in?")?;
    let plugin = std::fs::read(&plugin).with_context(|| format!("cannot read {plugin}"))?;
    let mut question = String::new();
    std::io::stdin().read_to_string(&mut question)?;
    let question: Question = serde_json::from_str(&question)?;
    let manifest = Manifest::new([Wasm::data(plugin)]);
    let mut plugin = PluginBuilder::new(manifest)
        .with_cache_disabled()
        .build()
        .context("no plug-in")?;
    let (mut from_facts, mut from_text) = (Duration::MAX, Duration::MAX);
    let mut answers = BTreeMap::new();
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        let question = serde_json::to_string(&question)?;
        let asked = Instant::now();
        let answer: &str = plugin.call("judge", question)?;
        let decisions: Vec<Decision> = serde_json::from_str(answer)?;
        from_text = from_text.min(asked.elapsed());
        from_facts = from_facts.min(begun.elapsed());
        answers.clear();
        for decision in decisions {
            *answers
                .entry((decision.outcome, decision.category))
                .or_default() += 1_u32;
        }
    }
    let households: u32 = answers.values().sum();
    let of = |answer| answers.get(&answer).copied().unwrap_or_default();
    let said = json!({
        "from_facts": f64::from(households) / from_facts.as_secs_f64(),
        "from_text": f64::from(households) / from_text.as_secs_f64(),
        "development": of((Outcome::Granted, Some(Category::Development))),
        "social-relief": of((Outcome::Granted, Some(Category::SocialRelief))),
        "refused": of((Outcome::Refused, None)),
    });
    println!("{said}");
    Ok(())
}
