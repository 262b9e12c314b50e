//! Blacklistings: who is lent nothing any more, why, until when, and what became of an appeal.

use lika_proto::log::v1 as message;

use super::{Approval, Document, Fault, Index, Key, Problem, field, parts};
use crate::{
    rollup::Tally,
    value::{Code, Date, RecordId, Text},
};

/// A household that is lent nothing any more (S0.6). It stands in the area of the household.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blacklisting {
    /// The household.
    pub household: RecordId,
    /// The member who did it, where it was one person: then nothing is lent to that member elsewhere either.
    pub member: Option<RecordId>,
    /// Code list blacklist-reason.
    pub reason: Code,
    /// The loan that it is about; always given where the reason is about one.
    pub loan: Option<RecordId>,
    /// The first day.
    pub from: Date,
    /// The first day after it: every blacklisting expires.
    pub until: Date,
    /// Who wrote it down, in person.
    pub by: Approval,
    /// What the household has said against it.
    pub appeal: Option<Appeal>,
    /// What people wrote; not known where it was withheld.
    pub texts: Option<BlacklistingTexts>,
}

/// An appeal against a blacklisting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appeal {
    /// The day.
    pub on: Date,
    /// Its answer.
    pub answer: Option<Answer>,
}

/// The answer to an appeal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The day.
    pub on: Date,
    /// Code list objection-finding: an upheld appeal ends the blacklisting.
    pub finding: Code,
    /// Who answered, in person; somebody else than wrote down the blacklisting.
    pub by: Approval,
}

/// What people wrote.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BlacklistingTexts {
    /// What happened.
    pub ground: Option<Text>,
    /// What the household says against it.
    pub appeal: Option<Text>,
    /// Why the appeal was answered as it was.
    pub answer: Option<Text>,
}

impl Blacklisting {
    /// Whether nothing is lent on a day because of it.
    pub fn is_in_force(&self, on: Date) -> bool {
        let lifted = self.lifted_on();
        self.from <= on && on < self.until && lifted.is_none_or(|lifted| on < lifted)
    }

    /// The day on which an appeal was upheld.
    pub fn lifted_on(&self) -> Option<Date> {
        let answer = self.appeal.as_ref()?.answer.as_ref()?;
        (answer.finding.as_str() == "upheld").then_some(answer.on)
    }

    /// The first field of what was written down that another version of it does not leave as it is.
    pub(crate) fn altered(&self, other: &Self) -> Option<&'static str> {
        let Self {
            household,
            member,
            reason,
            loan,
            from,
            until,
            by,
            appeal: _,
            texts: _,
        } = self;
        let same = [
            ("household", *household == other.household),
            ("member", *member == other.member),
            ("reason", *reason == other.reason),
            ("loan", *loan == other.loan),
            ("from", *from == other.from),
            ("until", *until == other.until),
            ("officer", *by == other.by),
        ];
        same.into_iter()
            .find(|(_, same)| !same)
            .map(|(field, _)| field)
    }
}

impl Document for Blacklisting {
    type Message = message::Blacklisting;

    fn parse(message: message::Blacklisting) -> Result<Self, Fault> {
        let message::Blacklisting { open, free_text } = message;
        let message::blacklisting::Open {
            household,
            member,
            reason,
            loan,
            from,
            until,
            officer,
            cadre,
            appeal,
        } = field::required("open", open)?;
        let from = field::date("from", from)?;
        let until = field::until("until", from, until)?;
        Ok(Self {
            household: field::id("household", &household)?,
            member: field::optional_id("member", &member)?,
            reason: field::code("blacklist-reason", "reason", &reason)?,
            loan: field::optional_id("loan", &loan)?,
            from,
            until: until.ok_or(Fault::new("until", Problem::Missing))?,
            by: person("officer", &officer, &cadre)?,
            appeal: appeal.map(Appeal::parse).transpose()?,
            texts: free_text.map(BlacklistingTexts::parse).transpose()?,
        })
    }

    fn message(&self) -> message::Blacklisting {
        let Self {
            household,
            member,
            reason,
            loan,
            from,
            until,
            by: Approval { officer, cadre },
            appeal,
            texts,
        } = self;
        message::Blacklisting {
            open: Some(message::blacklisting::Open {
                household: household.0.to_vec(),
                member: field::id_bytes(member.as_ref()),
                reason: reason.to_string(),
                loan: field::id_bytes(loan.as_ref()),
                from: from.number(),
                until: until.number(),
                officer: officer.0.to_vec(),
                cadre: field::id_bytes(cadre.as_ref()),
                appeal: appeal.as_ref().map(Appeal::message),
            }),
            free_text: texts.as_ref().map(BlacklistingTexts::message),
        }
    }

    parts!(Blacklisting, free_text = FreeText);

    /// What is written of it is about the household, and goes when the household's key goes.
    fn subject(&self, _own: RecordId) -> RecordId {
        self.household
    }

    fn keys(&self) -> Vec<Key> {
        let household = Key::record(Index::BlacklistingsOfHousehold, &self.household);
        let member = self.member.iter();
        let member = member.map(|member| Key::record(Index::BlacklistingsOfMember, member));
        std::iter::once(household).chain(member).collect()
    }

    fn tallies(&self) -> Vec<Tally> {
        let year = self.from.year();
        let mut tallies = vec![Tally::in_year("blacklistings", year, 1)];
        if let Some(lifted) = self.lifted_on() {
            let year = lifted.year();
            tallies.push(Tally::in_year("blacklistings-lifted", year, 1));
        }
        tallies
    }
}

fn person(field: &'static str, officer: &[u8], cadre: &[u8]) -> Result<Approval, Fault> {
    Ok(Approval {
        officer: field::id(field, officer)?,
        cadre: field::optional_id("cadre", cadre)?,
    })
}

impl Appeal {
    fn parse(message: message::blacklisting::Appeal) -> Result<Self, Fault> {
        let message::blacklisting::Appeal { on, answer } = message;
        Ok(Self {
            on: field::date("appeal.on", on)?,
            answer: answer.map(Answer::parse).transpose()?,
        })
    }

    fn message(&self) -> message::blacklisting::Appeal {
        let Self { on, answer } = self;
        message::blacklisting::Appeal {
            on: on.number(),
            answer: answer.as_ref().map(Answer::message),
        }
    }
}

impl Answer {
    fn parse(message: message::blacklisting::Answer) -> Result<Self, Fault> {
        let message::blacklisting::Answer {
            on,
            finding,
            officer,
            cadre,
        } = message;
        Ok(Self {
            on: field::date("appeal.answer.on", on)?,
            finding: field::code("objection-finding", "appeal.answer.finding", &finding)?,
            by: person("appeal.answer.officer", &officer, &cadre)?,
        })
    }

    fn message(&self) -> message::blacklisting::Answer {
        let Self {
            on,
            finding,
            by: Approval { officer, cadre },
        } = self;
        message::blacklisting::Answer {
            on: on.number(),
            finding: finding.to_string(),
            officer: officer.0.to_vec(),
            cadre: field::id_bytes(cadre.as_ref()),
        }
    }
}

impl BlacklistingTexts {
    fn parse(message: message::blacklisting::FreeText) -> Result<Self, Fault> {
        let message::blacklisting::FreeText {
            ground,
            appeal,
            answer,
        } = message;
        Ok(Self {
            ground: field::optional_text("ground", &ground, Text::parse)?,
            appeal: field::optional_text("appeal", &appeal, Text::parse)?,
            answer: field::optional_text("answer", &answer, Text::parse)?,
        })
    }

    fn message(&self) -> message::blacklisting::FreeText {
        let Self {
            ground,
            appeal,
            answer,
        } = self;
        message::blacklisting::FreeText {
            ground: field::printed(ground.as_ref()),
            appeal: field::printed(appeal.as_ref()),
            answer: field::printed(answer.as_ref()),
        }
    }
}
