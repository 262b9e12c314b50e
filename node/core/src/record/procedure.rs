//! Procedures: what a case goes through, as data.
//!
//! Counties run the same procedures with other steps and other clocks, so that a county changes its procedure by putting
//! another one in force from a day on. Cases that have begun end by the one they began with.

use std::collections::BTreeSet;

use lika_proto::log::v1 as message;

use super::{Document, Fault, Index, Key, Problem, field, parts};
use crate::{
    rollup::Tally,
    value::{AreaCode, Code, Date, Label, RecordId},
    working_days::{Counted, WorkingDays},
};

/// What cases of a kind go through in the record's area and below (S1.1, S2.1, S2.9).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Procedure {
    /// Code list case-kind.
    pub kind: Code,
    /// Name.
    pub name: Label,
    /// The first day on which a case begins by it.
    pub from: Date,
    /// The first day on which none does any more.
    pub until: Option<Date>,
    /// The steps in order, at least one, each code once.
    pub steps: Vec<Step>,
    /// Working days in which an objection is answered.
    pub objection_days: u16,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Its name in the procedure.
    pub code: Code,
    /// Code list step-act.
    pub act: Code,
    /// Who takes it: code list step-level.
    pub level: Code,
    /// Days that pass at least since the step before; of a notice those that it is posted, at least one.
    pub least: u16,
    /// Days after which it is late; 0 for never.
    pub most: u16,
    /// Which days these are.
    pub counted: Counted,
}

impl Procedure {
    /// Steps of a procedure at most.
    pub const MOST_STEPS: usize = 40;

    /// The record id in an area: there is one procedure of a kind from a day on.
    pub fn id_in(&self, area: &AreaCode) -> RecordId {
        let day = self.from.number().to_be_bytes();
        let parts = [&area.key()[..], &day, self.kind.as_str().as_bytes()];
        RecordId::derived("lika.procedure", &parts.concat())
    }

    /// Whether a case that opens on this day begins by it, unless a later one does.
    pub fn holds_on(&self, day: Date) -> bool {
        self.from <= day && self.until.is_none_or(|until| day < until)
    }

    /// The first field that another version of it does not leave as it is.
    pub(crate) fn altered(&self, other: &Self) -> Option<&'static str> {
        let Self {
            kind,
            name,
            from,
            until: _,
            steps,
            objection_days,
        } = self;
        let same = [
            ("kind", *kind == other.kind),
            ("name", *name == other.name),
            ("from", *from == other.from),
            ("steps", *steps == other.steps),
            ("objection_days", *objection_days == other.objection_days),
        ];
        same.into_iter()
            .find(|(_, same)| !same)
            .map(|(field, _)| field)
    }
}

impl Document for Procedure {
    type Message = message::Procedure;

    fn parse(message: message::Procedure) -> Result<Self, Fault> {
        let message::procedure::Open {
            kind,
            name,
            from,
            until,
            steps,
            objection_days,
        } = field::required("open", message.open)?;
        let from = field::date("from", from)?;
        Ok(Self {
            kind: field::code("case-kind", "kind", &kind)?,
            name: field::malformed("name", Label::parse(&name))?,
            from,
            until: field::until("until", from, until)?,
            steps: steps_of(steps)?,
            objection_days: match days("objection_days", objection_days)? {
                0 => return Err(Fault::new("objection_days", Problem::Missing)),
                days => days,
            },
        })
    }

    fn message(&self) -> message::Procedure {
        let Self {
            kind,
            name,
            from,
            until,
            steps,
            objection_days,
        } = self;
        message::Procedure {
            open: Some(message::procedure::Open {
                kind: kind.to_string(),
                name: name.to_string(),
                from: from.number(),
                until: field::date_number(*until),
                steps: steps.iter().map(Step::message).collect(),
                objection_days: u32::from(*objection_days),
            }),
        }
    }

    parts!(Procedure);

    fn keys(&self) -> Vec<Key> {
        vec![Key::open(
            Index::ProceduresOfKind,
            &[self.kind.as_str().as_bytes()],
        )]
    }

    fn tallies(&self) -> Vec<Tally> {
        Vec::new()
    }
}

/// The steps with what must hold among them.
fn steps_of(messages: Vec<message::procedure::Step>) -> Result<Vec<Step>, Fault> {
    if messages.is_empty() {
        return Err(Fault::new("steps", Problem::Missing));
    }
    if messages.len() > Procedure::MOST_STEPS {
        let most = Procedure::MOST_STEPS;
        return Err(Fault::new("steps", Problem::TooMany(most)));
    }
    let mut codes = BTreeSet::new();
    let mut is_approved = false;
    let mut steps = Vec::with_capacity(messages.len());
    for message in messages {
        let step = Step::parse(message)?;
        if !codes.insert(step.code.clone()) {
            let problem = Problem::Repeated(step.code.to_string());
            return Err(Fault::new("steps.code", problem));
        }
        is_approved |= step.act == "approval";
        if step.act == "announcement" && !is_approved {
            let problem = "an announcement comes after an approval";
            return Err(Fault::new(
                "steps.act",
                Problem::Malformed(problem.to_owned()),
            ));
        }
        steps.push(step);
    }
    Ok(steps)
}

impl Step {
    fn parse(message: message::procedure::Step) -> Result<Self, Fault> {
        let message::procedure::Step {
            code,
            act,
            level,
            least,
            most,
            working,
        } = message;
        let step = Self {
            code: field::malformed("steps.code", Code::parse(&code))?,
            act: field::code("step-act", "steps.act", &act)?,
            level: field::code("step-level", "steps.level", &level)?,
            least: days("steps.least", least)?,
            most: days("steps.most", most)?,
            counted: if working {
                Counted::Working
            } else {
                Counted::Calendar
            },
        };
        let (field, problem) = if step.act == "notice" && step.least == 0 {
            ("steps.least", "a notice is posted for a day at least")
        } else if step.most != 0 && step.most < step.least {
            ("steps.most", "must not be less than the least days")
        } else {
            return Ok(step);
        };
        Err(Fault::new(field, Problem::Malformed(problem.to_owned())))
    }

    fn message(&self) -> message::procedure::Step {
        let Self {
            code,
            act,
            level,
            least,
            most,
            counted,
        } = self;
        message::procedure::Step {
            code: code.to_string(),
            act: act.to_string(),
            level: level.to_string(),
            least: u32::from(*least),
            most: u32::from(*most),
            working: *counted == Counted::Working,
        }
    }
}

fn days(field: &'static str, days: u32) -> Result<u16, Fault> {
    let most = WorkingDays::LONGEST;
    match u16::try_from(days) {
        Ok(days) if days <= most => Ok(days),
        _ => Err(Fault::new(
            field,
            Problem::OutOfRange {
                least: 0,
                most: i64::from(most),
            },
        )),
    }
}
