//! A recorded decision as an example of its policy's project, with the recorded answer beside it.
//!
//! What is captured is what the policy was told, which holds no name and no number; keys of records and texts are
//! replaced ([`Example::recorded`]). A policy whose answer hangs on them could not be tested with the example, and is
//! refused.

use lika_core::record::Evaluation;
use serde_json::Value as Json;
use thiserror::Error as DeriveError;

use crate::policy::{
    Answer, Family, Input, Manifest, Policy, Settings,
    conformance::{
        answer,
        example::{Example, Pseudonyms},
    },
};

/// An example and what the policy answered to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Captured {
    /// The example, as a file says it.
    pub example: Json,
    /// The answer, as the file beside it says it.
    pub answer: Json,
}

/// Why a decision cannot be captured.
#[derive(Debug, DeriveError)]
pub enum Error {
    /// The recorded bytes are not those of an input and an answer of this policy.
    #[error("what was recorded is not an input of this policy with its answer")]
    Unreadable,
    /// The answer is another one for the example.
    #[error(
        "the policy answers otherwise where keys of records are replaced, so that an example cannot stand for the decision"
    )]
    HangsOnKeys,
    /// The id of a record has stayed.
    #[error("the id of a record would stay in the example")]
    NamesARecord,
}

/// Captures an evaluation that is known to replay; `subject` is the row that the decision is about.
pub fn capture(
    policy: &Policy,
    settings: &str,
    evaluation: &Evaluation,
    subject: Option<usize>,
) -> Result<Captured, Error> {
    let manifest = policy.describe();
    let input = Input::from_bytes(&evaluation.input).map_err(|_| Error::Unreadable)?;
    let (mut example, pseudonyms) = Example::recorded(manifest, &input).ok_or(Error::Unreadable)?;
    example.about = about(manifest, subject);
    example.settings = settings.to_owned();
    let example = example.to_json(manifest);

    // What a test will read, not what was meant to be written.
    let again = Example::parse(manifest, &example.to_string()).map_err(|_| Error::Unreadable)?;
    let input = again.input(manifest).map_err(|_| Error::Unreadable)?;
    let result = policy
        .evaluate(&Settings::accepted(settings), &input)
        .result;
    let answered = answer::to_json(manifest, &input, &result);
    let recorded = match &evaluation.failure {
        // The words of a failure are not recorded, and that it fails again is known.
        Some(_) if result.is_err() => answered.clone(),
        Some(_) => return Err(Error::HangsOnKeys),
        None => recorded(manifest, &input, &pseudonyms, evaluation)?,
    };
    if answered != recorded {
        return Err(Error::HangsOnKeys);
    }
    let captured = Captured {
        example,
        answer: recorded,
    };
    if captured.names(evaluation) {
        return Err(Error::NamesARecord);
    }
    Ok(captured)
}

impl Captured {
    fn names(&self, evaluation: &Evaluation) -> bool {
        let Self { example, answer } = self;
        let text = format!("{example}{answer}");
        let records = evaluation.tables.iter().flat_map(|table| &table.records);
        let mut records = records.chain([&evaluation.enactment]);
        records.any(|record| text.contains(&record.to_string()))
    }
}

fn recorded(
    manifest: &Manifest,
    input: &Input,
    pseudonyms: &Pseudonyms,
    evaluation: &Evaluation,
) -> Result<Json, Error> {
    let mut recorded = Answer::from_bytes(&evaluation.output).map_err(|_| Error::Unreadable)?;
    for text in &mut recorded.strings {
        *text = pseudonyms.in_place_of(text);
    }
    Ok(answer::to_json(manifest, input, &Ok(recorded)))
}

fn about(manifest: &Manifest, subject: Option<usize>) -> String {
    let Manifest {
        name,
        version,
        purpose,
        family,
        ..
    } = manifest;
    let captured = format!("Captured from what {name} {version} decided for {purpose}");
    let table = &manifest.tables[manifest.subjects].name;
    match subject.filter(|_| *family == Family::Group) {
        Some(row) => format!("{captured}: the decision is that on {table} {row}."),
        None => format!("{captured}."),
    }
}
