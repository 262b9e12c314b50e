//! Satisfaction surveys: what people who are helped think of it, counted.

use std::collections::BTreeSet;

use lika_proto::log::v1 as message;

use super::{Answerable, Document, Fault, Key, Problem, field, parts};
use crate::{
    rollup::Tally,
    value::{Code, Date},
};

/// The most people of one survey: beyond it somebody mistyped.
const MOST: u32 = 10_000_000;

/// What people who are helped think of it (S4.9 民意满意度调查); nobody is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SatisfactionSurvey {
    /// Whose help they were asked about.
    pub subject: Answerable,
    /// The day.
    pub on: Date,
    /// How many people were asked.
    pub asked: u32,
    /// How many gave each answer: code list satisfaction, each once.
    pub answers: Vec<(Code, u32)>,
}

impl SatisfactionSurvey {
    /// How many answered.
    pub fn answered(&self) -> u64 {
        self.answers
            .iter()
            .map(|(_, people)| u64::from(*people))
            .sum()
    }

    /// How many of those who answered were not dissatisfied.
    pub fn satisfied(&self) -> u64 {
        let answers = self.answers.iter();
        let satisfied = answers.filter(|(answer, _)| *answer != "dissatisfied");
        satisfied.map(|(_, people)| u64::from(*people)).sum()
    }
}

impl Document for SatisfactionSurvey {
    type Message = message::SatisfactionSurvey;

    fn parse(message: message::SatisfactionSurvey) -> Result<Self, Fault> {
        let message::satisfaction_survey::Open {
            subject_kind,
            subject,
            on,
            asked,
            answers,
        } = field::required("open", message.open)?;
        if !(1..=MOST).contains(&asked) {
            let (least, most) = (1, i64::from(MOST));
            return Err(Fault::new("asked", Problem::OutOfRange { least, most }));
        }
        let mut seen = BTreeSet::new();
        let take = |message::satisfaction_survey::Answer { answer, people }| {
            let answer = field::code("satisfaction", "answers.answer", &answer)?;
            if !seen.insert(answer.clone()) {
                let problem = Problem::Repeated(answer.to_string());
                return Err(Fault::new("answers.answer", problem));
            }
            Ok((answer, people))
        };
        Ok(Self {
            subject: Answerable::parse("subject", subject_kind, &subject, Answerable::ANYBODY)?,
            on: field::date("on", on)?,
            asked,
            answers: answers.into_iter().map(take).collect::<Result<_, _>>()?,
        })
    }

    fn message(&self) -> message::SatisfactionSurvey {
        let Self {
            subject,
            on,
            asked,
            answers,
        } = self;
        let answer = |(answer, people): &(Code, u32)| message::satisfaction_survey::Answer {
            answer: answer.to_string(),
            people: *people,
        };
        message::SatisfactionSurvey {
            open: Some(message::satisfaction_survey::Open {
                subject_kind: subject.kind.number(),
                subject: subject.id.0.to_vec(),
                on: on.number(),
                asked: *asked,
                answers: answers.iter().map(answer).collect(),
            }),
        }
    }

    parts!(SatisfactionSurvey);

    fn keys(&self) -> Vec<Key> {
        Vec::new()
    }

    fn tallies(&self) -> Vec<Tally> {
        let year = self.on.year();
        let mut tallies = vec![
            Tally::in_year("surveys", year, 1),
            Tally::in_year("survey-asked", year, i64::from(self.asked)),
        ];
        tallies.extend(self.answers.iter().map(|(answer, people)| {
            Tally::in_year(format!("survey/{answer}"), year, i64::from(*people))
        }));
        tallies
    }
}
