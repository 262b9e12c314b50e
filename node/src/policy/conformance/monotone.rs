//! What a policy declares of single facts: that an outcome never goes the other way where one of them rises.
//!
//! ```text
//! example ─▶ a row of a subject ─▶ the same subject with each rising value ─▶ outcomes
//!                                  149,999   150,000   150,001                 granted  refused  refused
//! ```
//!
//! Values are those of the examples and of the settings with their neighbours ([`Generator::rising`]), so that the same
//! examples give the same trial. *Undetermined*, and no answer at all, is passed over.

use std::fmt;

use serde_json::Value as Json;

use super::{
    Finding, Trial,
    example::{Example, Given, Row},
    generate::Generator,
};
use crate::policy::{Manifest, Monotone, Outcome, Settings};

/// Generated examples besides the author's own.
const GENERATED: usize = 5;
/// Rows in which a fact is raised, at most: half of them of the author's examples, half generated.
const ROWS: usize = 40;

/// An outcome that has gone the other way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// The subject.
    pub subject: usize,
    /// Table and key of the fact.
    pub fact: String,
    /// What was declared of it.
    pub declared: Monotone,
    /// A value, and what the outcome is with it.
    pub low: (String, Outcome),
    /// A higher value, and what the outcome is with that one.
    pub high: (String, Outcome),
}

impl fmt::Display for Turn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            subject,
            fact,
            declared,
            low,
            high,
        } = self;
        let (low, was) = (&low.0, word(low.1));
        let (high, becomes) = (&high.0, word(high.1));
        write!(
            f,
            "subject {subject} is {was} with {fact} {low} and {becomes} with {high}, which is declared {declared}"
        )
    }
}

/// A fact of which something is declared.
struct Declared {
    table: usize,
    slot: usize,
    way: Monotone,
}

/// A row of a subject: its subject's number, and the way from the rows of the example down to it.
struct Place {
    subject: usize,
    way: Vec<usize>,
}

impl Trial<'_> {
    /// What came of each declaration.
    pub(super) fn declarations(&self, known: &[Example]) -> Vec<Finding> {
        let declared = self.declared().into_iter();
        let finding = |declared: Declared| {
            let way = match declared.way {
                Monotone::Increasing => "rises",
                Monotone::Decreasing => "falls",
            };
            let what = format!("the outcome {way} with {}", self.name(&declared));
            let fault = self.raise(&declared, known).map(|(turn, example)| {
                format!("{turn}\n    for {}", example.to_json(self.manifest))
            });
            Finding { what, fault }
        };
        declared.map(finding).collect()
    }

    /// The first declaration that is not kept, with the example in which it is not.
    pub(super) fn breaks_declaration(&self, known: &[Example]) -> Option<(Turn, Example)> {
        let declared = self.declared();
        declared.iter().find_map(|it| self.raise(it, known))
    }

    fn declared(&self) -> Vec<Declared> {
        let tables = self.manifest.tables.iter().enumerate();
        let facts = tables.flat_map(|(table, declared)| {
            let facts = declared.facts.iter().enumerate();
            facts.filter_map(move |(slot, fact)| {
                fact.monotone.map(|way| Declared { table, slot, way })
            })
        });
        facts.collect()
    }

    fn name(&self, declared: &Declared) -> String {
        let table = &self.manifest.tables[declared.table];
        format!("{}/{}", table.name, table.facts[declared.slot].key)
    }

    fn raise(&self, declared: &Declared, known: &[Example]) -> Option<(Turn, Example)> {
        let mut generator = Generator::new(self.manifest, known, 3);
        let generated: Vec<Example> = (0..GENERATED)
            .map(|_| generator.example(super::SUBJECTS))
            .collect();
        let [known, generated] = [known, &generated].map(|examples| {
            let places = examples.iter().flat_map(|example| {
                let places = places(self.manifest, example, declared.table);
                places.into_iter().map(move |place| (example, place))
            });
            places.collect::<Vec<_>>()
        });
        let mut places = half_each(known, generated, ROWS);
        places.find_map(|(example, place)| {
            let settings = serde_json::from_str(&example.settings).unwrap_or(Json::Null);
            let values = generator.rising(declared.table, declared.slot, &settings);
            self.turns(declared, example, &place, &values)
        })
    }

    /// Whether the outcome goes the other way where the fact of this row takes these values, one after another.
    fn turns(
        &self,
        declared: &Declared,
        example: &Example,
        place: &Place,
        values: &[Given],
    ) -> Option<(Turn, Example)> {
        // Nobody takes settings that the policy refuses; another test of the author says so.
        let settings = self.policy.settings(&example.settings).ok()?;
        let raised = |value: &Given| {
            let mut raised = example.clone();
            let row = row_at(&mut raised.rows, &place.way)?;
            row.facts[declared.slot] = value.clone();
            Some(raised)
        };
        let raised: Vec<Example> = values.iter().filter_map(raised).collect();
        let outcomes = self.outcomes(&settings, &raised, place);
        let before = match declared.way {
            Monotone::Increasing => Outcome::Granted,
            Monotone::Decreasing => Outcome::Refused,
        };
        let mut low = None;
        for (step, outcome) in outcomes.into_iter().enumerate() {
            match (outcome, low) {
                (Some(Outcome::Undetermined) | None, _) => {}
                (Some(outcome), _) if outcome == before => low = Some((step, outcome)),
                (Some(outcome), Some((first, was))) => {
                    let value = |step: usize| values[step].to_json().to_string();
                    let turn = Turn {
                        subject: place.subject,
                        fact: self.name(declared),
                        declared: declared.way,
                        low: (value(first), was),
                        high: (value(step), outcome),
                    };
                    return Some((turn, raised[first].clone()));
                }
                (Some(_), None) => {}
            }
        }
        None
    }

    /// The outcome of the subject in each of these examples. Where a subject stands for itself they are asked about at
    /// once, as so many subjects of one example.
    fn outcomes(
        &self,
        settings: &Settings,
        raised: &[Example],
        place: &Place,
    ) -> Vec<Option<Outcome>> {
        let of = |example: &Example, subjects: &[usize]| -> Vec<Option<Outcome>> {
            let answer = example.input(self.manifest).ok();
            let answer = answer.and_then(|it| self.policy.evaluate(settings, &it).result.ok());
            let decisions = answer.map_or_else(Vec::new, |answer| answer.decisions);
            let outcome = |subject: &usize| decisions.get(*subject).map(|it| it.outcome);
            subjects.iter().map(outcome).collect()
        };
        let Some(first) = raised.first().filter(|_| self.judges_one_by_one()) else {
            let each = raised.iter();
            return each
                .flat_map(|example| of(example, &[place.subject]))
                .collect();
        };
        let is_subject = |row: &&Row| row.table == self.manifest.subjects;
        let subjects = raised
            .iter()
            .filter_map(|example| example.rows.iter().filter(is_subject).nth(place.subject));
        let others = first.rows.iter().filter(|row| !is_subject(row));
        let together = Example {
            rows: subjects.chain(others).cloned().collect(),
            ..first.clone()
        };
        let all: Vec<usize> = (0..raised.len()).collect();
        of(&together, &all)
    }
}

/// So many of both, half of each: a hundred rows that an author chose must not leave the others untried. Room that one
/// does not use is the other's.
fn half_each<T>(one: Vec<T>, other: Vec<T>, most: usize) -> impl Iterator<Item = T> {
    let half = most / 2;
    let of_one = most - other.len().min(half);
    let of_other = most - one.len().min(of_one);
    one.into_iter()
        .take(of_one)
        .chain(other.into_iter().take(of_other))
}

/// The rows of a table that belong to a subject, or are one.
fn places(manifest: &Manifest, example: &Example, table: usize) -> Vec<Place> {
    let rows = example.rows.iter().enumerate();
    let subjects = rows.filter(|(_, row)| row.table == manifest.subjects);
    let mut places = Vec::new();
    for (subject, (at, row)) in subjects.enumerate() {
        find(row, table, &mut vec![at], &mut |way: &[usize]| {
            let way = way.to_vec();
            places.push(Place { subject, way });
        });
    }
    places
}

fn find(row: &Row, table: usize, way: &mut Vec<usize>, found: &mut impl FnMut(&[usize])) {
    if row.table == table {
        found(way.as_slice());
    }
    for (at, part) in row.parts.iter().enumerate() {
        way.push(at);
        find(part, table, way, found);
        way.pop();
    }
}

fn row_at<'a>(rows: &'a mut [Row], way: &[usize]) -> Option<&'a mut Row> {
    let (first, rest) = way.split_first()?;
    let row = rows.get_mut(*first)?;
    if rest.is_empty() {
        Some(row)
    } else {
        row_at(&mut row.parts, rest)
    }
}

fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Granted => "granted",
        Outcome::Refused => "refused",
        Outcome::Undetermined => "undetermined",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_examples_leave_room_for_what_nobody_wrote() {
        let counts = |one: usize, other: usize| {
            let all: Vec<bool> = half_each(vec![true; one], vec![false; other], 40).collect();
            let of_one = all.iter().filter(|it| **it).count();
            (of_one, all.len() - of_one)
        };
        for (given, taken) in [
            ((100, 100), (20, 20)),
            ((100, 5), (35, 5)),
            ((5, 100), (5, 35)),
            ((3, 4), (3, 4)),
            ((100, 0), (40, 0)),
        ] {
            assert_eq!(counts(given.0, given.1), taken, "{given:?}");
        }
    }
}
