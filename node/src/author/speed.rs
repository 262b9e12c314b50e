//! How quick a policy is: one decision for the record, and many at once.

use std::time::Duration;

use super::trial::Named;
use crate::{
    clock::Stopwatch,
    policy::{Failure, Family, Policy, Settings, conformance::generate::Generator},
};

/// Subjects of the bulk run.
const BULK: usize = 1_000;

/// What one call costs.
#[derive(Clone, Debug, PartialEq)]
pub struct Speed {
    /// A decision of record: one subject (or one small group), a fresh instance, there and back.
    pub record: Duration,
    /// Calls that were timed.
    pub calls: u32,
    /// A subject in a preview of many; none where a group is judged as a whole.
    pub bulk: Option<Duration>,
}

/// Times a policy for about so long; the failure where it gives no answer.
pub fn measure(
    policy: &Policy,
    defaults: &Settings,
    examples: &[Named],
    time: Duration,
) -> Result<Speed, Failure> {
    let manifest = policy.describe();
    let known: Vec<_> = examples.iter().map(|named| named.example.clone()).collect();
    let mut generator = Generator::new(manifest, &known, 2);
    let mut input = |subjects| {
        let example = generator.example(subjects);
        example.input(manifest).map_err(|error| Failure::Broken {
            cause: error.to_string(),
        })
    };
    let (one, many) = (input(1)?, input(BULK)?);
    let (watch, mut calls) = (Stopwatch::start(), 0);
    while calls == 0 || watch.elapsed() < time {
        policy.evaluate(defaults, &one).result?;
        calls += 1;
    }
    let record = watch.elapsed() / calls;
    let bulk = match manifest.family {
        Family::Group => None,
        Family::Subject => {
            let (watch, mut rounds) = (Stopwatch::start(), 0);
            while rounds == 0 || watch.elapsed() < time {
                policy.preview(defaults, &many)?;
                rounds += 1;
            }
            let subjects = u32::try_from(BULK).unwrap_or(u32::MAX);
            Some(watch.elapsed() / (rounds * subjects))
        }
    };
    Ok(Speed {
        record,
        calls,
        bulk,
    })
}
