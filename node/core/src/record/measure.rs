//! Measures: help given to one household or village.

use std::collections::BTreeSet;

use lika_proto::log::v1 as message;

use super::{Document, Fault, Index, Key, Problem, cooperative::MOST_FEN, field, parts};
use crate::{
    measure::{place, tells_of_health},
    rollup::{Coverage, Tally},
    value::{Code, Date, Fen, RecordId, Span, Year},
};

/// Help given to one household or, without one, to the village that is the record's area (S0.3, S4.10).
///
/// What is over has an end and stays open, because the year that it was given in goes on counting it. The measures of a
/// household that have no end are its plan; one without a project is *pending*, which is legal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measure {
    /// The household.
    pub household: Option<RecordId>,
    /// The member whom it is for; nobody where it would tell of their health.
    pub member: Option<RecordId>,
    /// Code list measure-kind.
    pub kind: Code,
    /// The project that it is part of.
    pub project: Option<RecordId>,
    /// The first day.
    pub from: Date,
    /// The first day after it.
    pub until: Option<Date>,
    /// What was given.
    pub amount: Option<Fen>,
    /// Code list measure-result: what came of it; a set.
    pub results: Vec<Code>,
}

impl Measure {
    /// Whether it has not ended.
    pub fn is_running(&self) -> bool {
        self.until.is_none()
    }

    /// Whether both give the same to the same at the same time.
    pub fn repeats(&self, other: &Self) -> bool {
        let what = |own: &Self| (own.household, own.member, own.project);
        what(self) == what(other) && self.kind == other.kind && self.overlaps(other)
    }

    fn overlaps(&self, other: &Self) -> bool {
        match (
            Span::new(self.from, self.until),
            Span::new(other.from, other.until),
        ) {
            (Ok(own), Ok(other)) => own.overlaps(&other),
            _ => false,
        }
    }

    /// What counts, for the terms that [`given`] reads:
    ///
    /// ```text
    /// running(1) ‖ has project(1) ‖ year(2) ‖ kind ‖ for each result: 0 ‖ result
    /// ```
    fn counting(&self) -> Vec<u8> {
        let mut counting = vec![
            u8::from(self.is_running()),
            u8::from(self.project.is_some()),
        ];
        counting.extend(self.from.year().get().to_be_bytes());
        counting.extend(self.kind.as_str().as_bytes());
        for result in &self.results {
            counting.push(0);
            counting.extend(result.as_str().as_bytes());
        }
        counting
    }
}

impl Document for Measure {
    type Message = message::Measure;

    fn parse(message: message::Measure) -> Result<Self, Fault> {
        let message::measure::Open {
            household,
            member,
            measure,
            project,
            from,
            until,
            amount,
            results,
        } = field::required("open", message.open)?;
        let household = field::optional_id("household", &household)?;
        let member = field::optional_id("member", &member)?;
        let kind = field::code("measure-kind", "measure", &measure)?;
        if member.is_some() && household.is_none() {
            return Err(Fault::new("household", Problem::Missing));
        }
        if member.is_some() && tells_of_health(kind.as_str()) {
            let problem = "is not named where the measure tells of health".to_owned();
            return Err(Fault::new("member", Problem::Malformed(problem)));
        }
        let from = field::date("from", from)?;
        Ok(Self {
            household,
            member,
            kind,
            project: field::optional_id("project", &project)?,
            from,
            until: field::until("until", from, until)?,
            amount: amount
                .map(|fen| field::amount("amount", fen, MOST_FEN))
                .transpose()?,
            results: field::code_set("measure-result", "results", &results, usize::MAX)?,
        })
    }

    fn message(&self) -> message::Measure {
        let Self {
            household,
            member,
            kind,
            project,
            from,
            until,
            amount,
            results,
        } = self;
        message::Measure {
            open: Some(message::measure::Open {
                household: field::id_bytes(household.as_ref()),
                member: field::id_bytes(member.as_ref()),
                measure: kind.to_string(),
                project: field::id_bytes(project.as_ref()),
                from: from.number(),
                until: field::date_number(*until),
                amount: amount.map(|amount| amount.0),
                results: field::code_texts(results),
            }),
        }
    }

    parts!(Measure);

    fn keys(&self) -> Vec<Key> {
        let counting = self.counting();
        let mut keys = Vec::new();
        match &self.household {
            Some(household) => keys.push(Key::open(
                Index::MeasuresOfHousehold,
                &[&household.0, &counting],
            )),
            None => keys.push(Key::open(
                Index::MeasuresOfVillages,
                &[self.kind.as_str().as_bytes()],
            )),
        }
        let member = self.member.as_ref();
        keys.extend(
            member.map(|member| Key::open(Index::MeasuresOfMember, &[&member.0, &counting])),
        );
        let project = self.project.as_ref();
        keys.extend(project.map(|project| Key::record(Index::MeasuresOfProject, project)));
        keys
    }

    fn tallies(&self) -> Vec<Tally> {
        let year = self.from.year();
        let mut tallies = vec![Tally::in_year(
            format!("measures-given/{}", self.kind),
            year,
            1,
        )];
        if self.is_running() {
            tallies.push(Tally::stock(format!("measures-running/{}", self.kind), 1));
        }
        if let Some(amount) = self.amount {
            tallies.push(Tally::in_year("measure-amount", year, amount.0));
            tallies.push(Tally::in_year(
                format!("measure-amount/{}", self.kind),
                year,
                amount.0,
            ));
        }
        tallies
    }

    fn coverages(&self) -> Vec<Coverage> {
        let of_household = self.household.map(|subject| Coverage {
            index: Index::MeasuresOfHousehold,
            subject,
            tallies: helped_household,
        });
        let of_member = self.member.map(|subject| Coverage {
            index: Index::MeasuresOfMember,
            subject,
            tallies: helped_member,
        });
        of_household.into_iter().chain(of_member).collect()
    }
}

/// What is read back from the term of a measure.
struct Given<'a> {
    is_running: bool,
    has_project: bool,
    year: Year,
    kind: &'a str,
    results: Vec<&'a str>,
}

/// Reads what [`Measure::counting`] wrote.
fn given<'a>(term: &'a [u8]) -> Option<Given<'a>> {
    let (head, text) = term.split_first_chunk::<4>()?;
    let [running, project, high, low] = *head;
    let mut codes = text
        .split(|byte| *byte == 0)
        .filter_map(|code| std::str::from_utf8(code).ok());
    Some(Given {
        is_running: running == 1,
        has_project: project == 1,
        year: Year::new(u16::from_be_bytes([high, low])).ok()?,
        kind: codes.next()?,
        results: codes.collect(),
    })
}

/// A household counts once in a year for each kind of measure, each of the ten measures and each result; once for the
/// plan that it has now, and once for the project in it.
fn helped_household(terms: &[&[u8]]) -> Vec<Tally> {
    let given: Vec<Given<'_>> = terms.iter().filter_map(|term| given(term)).collect();
    let mut tallies = helped("households", &given);
    let mut running = given.iter().filter(|given| given.is_running);
    if running.clone().next().is_some() {
        tallies.push(Tally::stock("households-with-measure", 1));
    }
    if running.any(|given| given.has_project) {
        tallies.push(Tally::stock("households-with-project", 1));
    }
    let years: BTreeSet<Year> = given
        .iter()
        .filter(|given| given.has_project)
        .map(|given| given.year)
        .collect();
    tallies.extend(
        years
            .into_iter()
            .map(|year| Tally::in_year("households-with-project", year, 1)),
    );
    tallies
}

/// As [`helped_household`], for one person.
fn helped_member(terms: &[&[u8]]) -> Vec<Tally> {
    let given: Vec<Given<'_>> = terms.iter().filter_map(|term| given(term)).collect();
    helped("people", &given)
}

fn helped(who: &str, given: &[Given<'_>]) -> Vec<Tally> {
    let mut counted: BTreeSet<(Year, String)> = BTreeSet::new();
    for given in given {
        counted.insert((given.year, format!("{who}-helped/{}", given.kind)));
        if let Some(place) = place(given.kind) {
            counted.insert((given.year, format!("{who}-by-measure/{}", place.measure)));
        }
        for result in &given.results {
            counted.insert((given.year, format!("{who}-with-result/{result}")));
        }
    }
    counted
        .into_iter()
        .map(|(year, dimension)| Tally::in_year(dimension, year, 1))
        .collect()
}
