//! Previews whose bad subjects are found by halving.

use std::ops::Range;

use super::answer::Answer;
use super::evaluation::Failure;
use super::input::Input;
use super::manifest::Manifest;

/// Failing calls after which a preview is not cut further. Twelve find one subject among 4,096; a
/// policy that fails for most subjects is not worth asking about each, least of all when every
/// failure takes the whole deadline.
const FAILING_CALLS: u32 = 64;

/// Subjects that were judged together, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Their rows in the input that was given.
    pub subjects: Range<u32>,
    /// Their own input; rows in the answer are rows of this one.
    pub input: Input,
    /// The answer, checked, or why there is none. Where the part is one subject, it is the one
    /// that the policy fails for.
    pub result: Result<Answer, Failure>,
}

impl Part {
    /// All subjects of an input.
    pub(super) fn whole(
        manifest: &Manifest,
        input: &Input,
        result: Result<Answer, Failure>,
    ) -> Self {
        Self {
            subjects: 0..rows(manifest, input),
            input: input.clone(),
            result,
        }
    }
}

/// Judges an input, and the halves of what fails.
///
/// A failure that is not of a subject (the process cannot be started, the policy is suspended)
/// stands for all that it met.
pub(super) fn in_parts(
    manifest: &Manifest,
    input: &Input,
    mut judge: impl FnMut(&Input) -> Result<Answer, Failure>,
) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut failing = 0;
    // The next subjects are on top.
    let mut open = vec![(0..rows(manifest, input), input.clone())];
    while let Some((subjects, own)) = open.pop() {
        let result = judge(&own);
        if let Err(failure) = &result {
            failing += 1;
            let worth_cutting = failure.is_of_a_subject() && failing < FAILING_CALLS;
            let halves = worth_cutting.then(|| halves(manifest, &subjects, &own));
            if let Some((first, second)) = halves.flatten() {
                open.extend([second, first]);
                continue;
            }
        }
        parts.push(Part {
            subjects,
            input: own,
            result,
        });
    }
    parts
}

type Half = (Range<u32>, Input);

fn halves(manifest: &Manifest, subjects: &Range<u32>, input: &Input) -> Option<(Half, Half)> {
    let count = rows(manifest, input);
    if count < 2 {
        return None;
    }
    let (middle, at) = (count / 2, subjects.start + count / 2);
    let first = input.of_subjects(manifest, 0..middle)?;
    let second = input.of_subjects(manifest, middle..count)?;
    Some(((subjects.start..at, first), (at..subjects.end, second)))
}

fn rows(manifest: &Manifest, input: &Input) -> u32 {
    let table = input.tables.get(manifest.subjects);
    table.map_or(0, |table| table.rows)
}
