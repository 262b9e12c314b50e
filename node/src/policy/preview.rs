//! Previews: many subjects at a time, and the bad ones found by halving.

use std::collections::BTreeMap;
use std::ops::Range;

use super::answer::Answer;
use super::evaluation::Failure;
use super::input::Input;
use super::manifest::{Family, Kind, Manifest};

/// Subjects of one call: enough that starting an instance does not count, few enough that a call
/// for the record never waits long for the end of this one.
const AT_ONCE: u32 = 4096;

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

/// Has all subjects of an input judged, some thousands at a time; `take` gets the parts in the
/// order of the subjects, told in rows of the whole. A group is one part.
pub fn some_at_a_time<E>(
    manifest: &Manifest,
    input: &Input,
    mut judge: impl FnMut(&Input) -> Vec<Part>,
    mut take: impl FnMut(Part) -> Result<(), E>,
) -> Result<(), E> {
    let count = rows(manifest, input);
    let is_cut = manifest.family == Family::Subject && count > AT_ONCE;
    let piece = |first: u32| {
        let last = count.min(first.saturating_add(AT_ONCE));
        let mut own = input.of_subjects(manifest, first..last)?;
        drop_unused_strings(manifest, &mut own);
        Some((first, own))
    };
    let firsts = (0..count).step_by(AT_ONCE as usize);
    let pieces: Option<Vec<_>> = if is_cut {
        firsts.map(piece).collect()
    } else {
        None
    };
    // Those who refer to rows of others are judged among them.
    let Some(pieces) = pieces else {
        return judge(input).into_iter().try_for_each(take);
    };
    for (first, own) in pieces {
        for part in judge(&own) {
            let Range { start, end } = part.subjects;
            take(Part {
                subjects: first + start..first + end,
                ..part
            })?;
        }
    }
    Ok(())
}

/// Keeps the strings that the rows of an input use, in the order of their first use: a part would
/// otherwise carry those of all others.
fn drop_unused_strings(manifest: &Manifest, input: &mut Input) {
    let mut places: BTreeMap<i64, i64> = BTreeMap::new();
    let mut kept = Vec::new();
    for (declared, table) in manifest.tables.iter().zip(&mut input.tables) {
        let width = declared.facts.len();
        for (slot, fact) in declared.facts.iter().enumerate() {
            if !matches!(fact.kind, Kind::Code | Kind::Text) {
                continue;
            }
            for position in (slot..table.slots.len()).step_by(width) {
                let (0, index) = table.get(position) else {
                    continue;
                };
                let text = usize::try_from(index).ok();
                let Some(text) = text.and_then(|index| input.strings.get_mut(index)) else {
                    continue;
                };
                let place = *places.entry(index).or_insert_with(|| {
                    kept.push(std::mem::take(text));
                    kept.len() as i64 - 1
                });
                table.slots[position] = place;
            }
        }
    }
    input.strings = kept;
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
