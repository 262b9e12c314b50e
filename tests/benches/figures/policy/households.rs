//! The households that are judged, in the form in which each side takes them.

use anyhow::Result;
use lika::policy::{Answer, Input, InputBuilder, Manifest, Outcome, Value};
use serde_json::{Value as Json, json};

/// Households of three members around the line.
pub struct Households(Vec<Household>);

struct Household {
    income: i64,
    willing: bool,
    labour: [&'static str; 3],
}

/// How many households got which answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Answers {
    pub development: u64,
    pub social_relief: u64,
    pub refused: u64,
}

impl Households {
    /// So many of them.
    pub fn new(count: u32) -> Self {
        let household = |index: u32| Household {
            income: i64::from(100_000 + index % 1_000 * 100),
            willing: !index.is_multiple_of(7),
            labour: [0, 1, 2].map(|member| {
                let place = index as usize * 3 + member;
                ["ordinary", "skilled", "lost", "none"][place * 7 % 4]
            }),
        };
        Self((0..count).map(household).collect())
    }

    /// As a component takes them.
    pub fn input(&self, manifest: &Manifest) -> Result<Input> {
        let mut builder = InputBuilder::new(manifest, 0);
        for household in &self.0 {
            builder.row(0, None, |key| match key {
                "income.net-per-head" => Value::Fen(household.income),
                _ => Value::Flag(household.willing),
            })?;
        }
        for (row, household) in (0..).zip(&self.0) {
            for labour in household.labour {
                builder.row(1, Some(row), |_| Value::Code(labour))?;
            }
        }
        Ok(builder.finish())
    }

    /// As a plug-in takes them that speaks JSON.
    pub fn question(&self) -> Json {
        let member = |labour: &&str| json!({ "member.labour-capacity": labour });
        let household = |household: &Household| {
            json!({
                "income.net-per-head": household.income,
                "household.willing": household.willing,
                "members": household.labour.iter().map(member).collect::<Vec<_>>(),
            })
        };
        let households: Vec<Json> = self.0.iter().map(household).collect();
        json!({ "settings": {}, "households": households })
    }
}

impl Answers {
    /// What a component answered.
    pub fn of(manifest: &Manifest, answer: &Answer) -> Result<Self> {
        let mut answers = Self::default();
        for decision in &answer.decisions {
            let category = decision.category.map(|index| index as usize);
            let category = category.and_then(|index| manifest.categories.get(index));
            let category = category.map(|category| category.code.as_str());
            match (decision.outcome, category) {
                (Outcome::Granted, Some("development")) => answers.development += 1,
                (Outcome::Granted, Some("social-relief")) => answers.social_relief += 1,
                (Outcome::Refused, None) => answers.refused += 1,
                other => anyhow::bail!("an answer that the policy does not give: {other:?}"),
            }
        }
        Ok(answers)
    }
}
