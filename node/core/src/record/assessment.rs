//! Assessments: how somebody did in a period.

use lika_proto::log::v1 as message;

use super::{Answerable, Document, Fault, Index, Key, Problem, field, parts};
use crate::{
    duties::Rhythm,
    rollup::Tally,
    value::{Code, Date, Label, RecordId},
};

/// How somebody did in a period (S1.7, S3.2, S4.9); it stands in the area of its subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assessment {
    /// Who is assessed.
    pub subject: Answerable,
    /// Of what time: a year of assessment, three years of settlement.
    pub rhythm: Rhythm,
    /// The first day of the period.
    pub period: Date,
    /// In hundredths of a point.
    pub score: i64,
    /// Code list grade.
    pub grade: Code,
    /// Where the score comes from.
    pub basis: Basis,
}

/// Where a score comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Basis {
    /// The decision of a policy, which gives it.
    Decision(RecordId),
    /// Entered, from where these words say.
    Entered(Label),
}

impl Assessment {
    /// The highest score, either way.
    const MOST: i64 = 100_000_000;

    /// The record id of an assessment: a subject has one of a rhythm for a period.
    pub fn id_for(subject: &RecordId, rhythm: Rhythm, period: Date) -> RecordId {
        let day = period.number().to_be_bytes();
        let parts = [&subject.0[..], &day, rhythm.code().as_bytes()];
        RecordId::derived("lika.assessment", &parts.concat())
    }

    /// The assessments of a rhythm and a period.
    pub fn key_of(rhythm: Rhythm, period: Date) -> Key {
        let day = period.number().to_be_bytes();
        Key::open(
            Index::AssessmentsOfPeriod,
            &[rhythm.code().as_bytes(), b"/", &day],
        )
    }
}

impl Document for Assessment {
    type Message = message::Assessment;

    fn parse(message: message::Assessment) -> Result<Self, Fault> {
        let message::assessment::Open {
            subject_kind,
            subject,
            rhythm,
            period,
            score,
            grade,
            decision,
            source,
        } = field::required("open", message.open)?;
        if !(-Self::MOST..=Self::MOST).contains(&score) {
            let (least, most) = (-Self::MOST, Self::MOST);
            return Err(Fault::new("score", Problem::OutOfRange { least, most }));
        }
        let decision = field::optional_id("decision", &decision)?;
        let source = field::optional_text("source", &source, Label::parse)?;
        Ok(Self {
            subject: Answerable::parse("subject", subject_kind, &subject, Answerable::ANYBODY)?,
            rhythm: Rhythm::parse("rhythm", &rhythm)?,
            period: field::date("period", period)?,
            score,
            grade: field::code("grade", "grade", &grade)?,
            basis: match (decision, source) {
                (Some(decision), None) => Basis::Decision(decision),
                (None, Some(source)) => Basis::Entered(source),
                (None, None) => return Err(Fault::new("source", Problem::Missing)),
                (Some(_), Some(_)) => {
                    let problem = "is given for an entered score only".to_owned();
                    return Err(Fault::new("source", Problem::Malformed(problem)));
                }
            },
        })
    }

    fn message(&self) -> message::Assessment {
        let Self {
            subject,
            rhythm,
            period,
            score,
            grade,
            basis,
        } = self;
        let (decision, source) = match basis {
            Basis::Decision(decision) => (decision.0.to_vec(), String::new()),
            Basis::Entered(source) => (Vec::new(), source.to_string()),
        };
        message::Assessment {
            open: Some(message::assessment::Open {
                subject_kind: subject.kind.number(),
                subject: subject.id.0.to_vec(),
                rhythm: rhythm.code().to_owned(),
                period: period.number(),
                score: *score,
                grade: grade.to_string(),
                decision,
                source,
            }),
        }
    }

    parts!(Assessment);

    fn keys(&self) -> Vec<Key> {
        vec![Self::key_of(self.rhythm, self.period)]
    }

    fn tallies(&self) -> Vec<Tally> {
        let (rhythm, year) = (self.rhythm.code(), self.period.year());
        vec![
            Tally::in_year(format!("assessments/{rhythm}"), year, 1),
            Tally::in_year(format!("assessments/{rhythm}/{}", self.grade), year, 1),
        ]
    }
}
