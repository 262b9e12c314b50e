//! Sanctions: the escalation ladder, and what stands beside it.
//!
//! ```text
//!  reprimand ──▶ interview ──▶ accountability        naming · yellow card
//!      ▲___________│_______________│  lapsed: the ladder begins anew
//! ```

use std::collections::BTreeSet;

use lika_proto::log::v1 as message;

use super::{Answerable, Document, Fault, Index, Key, Problem, field, parts};
use crate::{
    log::Kind,
    rollup::Tally,
    value::{Code, Date, RecordId, Text},
};

/// Findings of one sanction at most.
const MOST_FINDINGS: usize = 100;

/// A sanction (S4.8 一次通报、二次约谈、三次问责; S4.9, S3.2); it stands in the area of whom it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sanction {
    /// Whom it is about.
    pub subject: Answerable,
    /// Code list sanction-kind.
    pub kind: Code,
    /// The day.
    pub on: Date,
    /// The findings on which it rests, each once.
    pub findings: Vec<RecordId>,
    /// The first day on which the ladder no longer remembers it: how long it does is the county's own.
    pub lapses_on: Option<Date>,
    /// The day by which things are to be put right; of a yellow card.
    pub deadline: Option<Date>,
    /// The day on which a yellow card was lifted.
    pub lifted_on: Option<Date>,
    /// Code list penalty; of accountability only.
    pub penalty: Option<Code>,
    /// The decision that proposed it.
    pub decision: Option<RecordId>,
    /// A note; not known where it was withheld.
    pub note: Option<Option<Text>>,
}

/// A rung of the ladder, the lowest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rung {
    /// 一次通报.
    Reprimand,
    /// 二次约谈.
    Interview,
    /// 三次问责.
    Accountability,
}

impl Rung {
    /// Every rung, the lowest first.
    pub const ALL: [Self; 3] = [Self::Reprimand, Self::Interview, Self::Accountability];

    /// The code in the list sanction-kind.
    pub fn code(self) -> &'static str {
        match self {
            Self::Reprimand => "reprimand",
            Self::Interview => "interview",
            Self::Accountability => "accountability",
        }
    }

    /// The rung of a code; none for what stands beside the ladder.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rung| rung.code() == code)
    }

    /// The highest rung that may follow where somebody stands: the next one, and the last again after the last.
    pub fn after(standing: Option<Self>) -> Self {
        match standing {
            None => Self::Reprimand,
            Some(Self::Reprimand) => Self::Interview,
            Some(Self::Interview | Self::Accountability) => Self::Accountability,
        }
    }
}

impl Sanction {
    /// Its rung; none of what stands beside the ladder.
    pub fn rung(&self) -> Option<Rung> {
        Rung::from_code(self.kind.as_str())
    }

    /// Whether the ladder remembers it on a day.
    pub fn is_remembered_on(&self, day: Date) -> bool {
        self.on <= day && self.lapses_on.is_none_or(|lapses| day < lapses)
    }

    /// Whether another version of it changes more than whether a yellow card holds, and the note.
    pub(crate) fn is_altered(&self, other: &Self) -> bool {
        let Self {
            subject,
            kind,
            on,
            findings,
            lapses_on,
            deadline,
            lifted_on: _,
            penalty,
            decision,
            note: _,
        } = self;
        *subject != other.subject
            || *kind != other.kind
            || *on != other.on
            || *findings != other.findings
            || *lapses_on != other.lapses_on
            || *deadline != other.deadline
            || *penalty != other.penalty
            || *decision != other.decision
    }
}

impl Document for Sanction {
    type Message = message::Sanction;

    fn parse(message: message::Sanction) -> Result<Self, Fault> {
        let message::Sanction { open, free_text } = message;
        let message::sanction::Open {
            subject_kind,
            subject,
            kind,
            on,
            findings,
            lapses_on,
            deadline,
            lifted_on,
            penalty,
            decision,
        } = field::required("open", open)?;
        let on = field::date("on", on)?;
        let sanction = Self {
            subject: Answerable::parse("subject", subject_kind, &subject, Answerable::ANYBODY)?,
            kind: field::code("sanction-kind", "kind", &kind)?,
            on,
            findings: findings_of(&findings)?,
            lapses_on: field::until("lapses_on", on, lapses_on)?,
            deadline: field::until("deadline", on, deadline)?,
            lifted_on: field::optional_date("lifted_on", lifted_on)?,
            penalty: field::optional_code("penalty", "penalty", &penalty)?,
            decision: field::optional_id("decision", &decision)?,
            note: free_text
                .map(|message::sanction::FreeText { note }| {
                    field::optional_text("note", &note, Text::parse)
                })
                .transpose()?,
        };
        sanction.fits_its_kind()?;
        Ok(sanction)
    }

    fn message(&self) -> message::Sanction {
        let Self {
            subject,
            kind,
            on,
            findings,
            lapses_on,
            deadline,
            lifted_on,
            penalty,
            decision,
            note,
        } = self;
        message::Sanction {
            open: Some(message::sanction::Open {
                subject_kind: subject.kind.number(),
                subject: subject.id.0.to_vec(),
                kind: kind.to_string(),
                on: on.number(),
                findings: findings.iter().map(|id| id.0.to_vec()).collect(),
                lapses_on: field::date_number(*lapses_on),
                deadline: field::date_number(*deadline),
                lifted_on: field::date_number(*lifted_on),
                penalty: field::printed(penalty.as_ref()),
                decision: field::id_bytes(decision.as_ref()),
            }),
            free_text: note.as_ref().map(|note| message::sanction::FreeText {
                note: field::printed(note.as_ref()),
            }),
        }
    }

    parts!(Sanction, free_text = FreeText);

    /// What is written about a cadre goes when the cadre's key goes.
    fn subject(&self, own: RecordId) -> RecordId {
        let is_person = self.subject.kind == Kind::Cadre;
        if is_person { self.subject.id } else { own }
    }

    fn keys(&self) -> Vec<Key> {
        let day = self.on.number().to_be_bytes();
        let of_subject = Key::open(Index::SanctionsOfSubject, &[&self.subject.id.0, &day]);
        let findings = self.findings.iter();
        let of_findings = findings.map(|finding| Key::record(Index::SanctionsOfFinding, finding));
        [of_subject].into_iter().chain(of_findings).collect()
    }

    fn tallies(&self) -> Vec<Tally> {
        let year = self.on.year();
        let mut tallies = vec![Tally::in_year(format!("sanctions/{}", self.kind), year, 1)];
        tallies.extend(
            self.penalty
                .iter()
                .map(|penalty| Tally::in_year(format!("penalties/{penalty}"), year, 1)),
        );
        let holds = self.deadline.is_some() && self.lifted_on.is_none();
        tallies.extend(holds.then(|| Tally::stock("yellow-cards", 1)));
        tallies
    }
}

impl Sanction {
    fn fits_its_kind(&self) -> Result<(), Fault> {
        let only = |field, of: &str| {
            let problem = format!("is given of {of} only");
            Err(Fault::new(field, Problem::Malformed(problem)))
        };
        let is_card = self.kind == "yellow-card";
        if is_card && self.deadline.is_none() {
            return Err(Fault::new("deadline", Problem::Missing));
        }
        if !is_card && self.deadline.is_some() {
            return only("deadline", "a yellow card");
        }
        if !is_card && self.lifted_on.is_some() {
            return only("lifted_on", "a yellow card");
        }
        if self.lifted_on.is_some_and(|lifted| lifted < self.on) {
            return Err(Fault::new("lifted_on", Problem::EndsBeforeItBegins));
        }
        if self.lapses_on.is_some() && self.rung().is_none() {
            return only("lapses_on", "a rung of the ladder");
        }
        if self.penalty.is_some() && self.rung() != Some(Rung::Accountability) {
            return only("penalty", "accountability");
        }
        Ok(())
    }
}

fn findings_of(messages: &[Vec<u8>]) -> Result<Vec<RecordId>, Fault> {
    if messages.len() > MOST_FINDINGS {
        return Err(Fault::new("findings", Problem::TooMany(MOST_FINDINGS)));
    }
    let mut seen = BTreeSet::new();
    let take = |bytes: &Vec<u8>| {
        let id = field::id("findings", bytes)?;
        if seen.insert(id) {
            Ok(id)
        } else {
            Err(Fault::new("findings", Problem::Repeated(id.to_string())))
        }
    };
    messages.iter().map(take).collect()
}
