//! Duties: what falls due again and again.

use lika_proto::log::v1 as message;

use super::{Answerable, Document, Fault, Index, Key, Problem, field, parts};
use crate::{
    codes,
    duties::{Period, Rhythm},
    rollup::Tally,
    value::{AreaCode, Code, Date, Label, RecordId},
};

/// The longest time after a period in which a task is not late yet.
const LONGEST_GRACE: u32 = 366;

/// What falls due again and again in the record's area and below (S4.8, S4.9, S3.2). Counties differ in it, so it is data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duty {
    /// Its name in totals.
    pub code: Code,
    /// Its name for people.
    pub name: Label,
    /// How often.
    pub rhythm: Rhythm,
    /// Code list duty-side.
    pub side: Code,
    /// For whom.
    pub bound: Bound,
    /// Days after the end of a period in which it is not late yet.
    pub grace: u16,
    /// The first day: the first period is the first that begins on it or later.
    pub from: Date,
    /// The first day after it.
    pub until: Option<Date>,
}

/// Whom a duty binds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bound {
    /// Whoever holds one of these offices: code list post-role, at least one, each once.
    Roles(Vec<Code>),
    /// A cadre, a unit or an area.
    One(Answerable),
}

impl Duty {
    /// The record id in an area: there is one duty of a code from a day on.
    pub fn id_in(&self, area: &AreaCode) -> RecordId {
        let day = self.from.number().to_be_bytes();
        let parts = [&area.key()[..], &day, self.code.as_str().as_bytes()];
        RecordId::derived("lika.duty", &parts.concat())
    }

    /// The period that a day is in; periods of three years are counted from the duty's first year.
    pub fn period_of(&self, day: Date) -> Option<Period> {
        self.rhythm.period_of(day, self.from.year())
    }

    /// The last day on which a task of this period is not late.
    pub fn due(&self, period: &Period) -> Date {
        period
            .last
            .plus_days(i32::from(self.grace))
            .unwrap_or(period.last)
    }

    /// Every duty that is not withdrawn.
    pub fn key_of_all() -> Key {
        Key::open(Index::Duties, &[])
    }

    /// The first field that another version of it does not leave as it is.
    pub(crate) fn altered(&self, other: &Self) -> Option<&'static str> {
        let Self {
            code,
            name,
            rhythm,
            side,
            bound,
            grace,
            from,
            until: _,
        } = self;
        let same = [
            ("code", *code == other.code),
            ("name", *name == other.name),
            ("rhythm", *rhythm == other.rhythm),
            ("side", *side == other.side),
            ("roles", *bound == other.bound),
            ("grace", *grace == other.grace),
            ("from", *from == other.from),
        ];
        same.into_iter()
            .find(|(_, same)| !same)
            .map(|(field, _)| field)
    }
}

impl Document for Duty {
    type Message = message::Duty;

    fn parse(message: message::Duty) -> Result<Self, Fault> {
        let message::duty::Open {
            code,
            name,
            rhythm,
            side,
            roles,
            subject_kind,
            subject,
            grace,
            from,
            until,
        } = field::required("open", message.open)?;
        let from = field::date("from", from)?;
        let grace = u16::try_from(grace)
            .ok()
            .filter(|days| u32::from(*days) <= LONGEST_GRACE);
        let out_of_range = Problem::OutOfRange {
            least: 0,
            most: i64::from(LONGEST_GRACE),
        };
        Ok(Self {
            code: field::malformed("code", Code::parse(&code))?,
            name: field::malformed("name", Label::parse(&name))?,
            rhythm: Rhythm::parse("rhythm", &rhythm)?,
            side: field::code("duty-side", "side", &side)?,
            bound: bound_of(&roles, subject_kind, &subject)?,
            grace: grace.ok_or(Fault::new("grace", out_of_range))?,
            from,
            until: field::until("until", from, until)?,
        })
    }

    fn message(&self) -> message::Duty {
        let Self {
            code,
            name,
            rhythm,
            side,
            bound,
            grace,
            from,
            until,
        } = self;
        let (roles, subject_kind, subject) = match bound {
            Bound::Roles(roles) => (field::code_texts(roles), 0, Vec::new()),
            Bound::One(one) => (Vec::new(), one.kind.number(), one.id.0.to_vec()),
        };
        message::Duty {
            open: Some(message::duty::Open {
                code: code.to_string(),
                name: name.to_string(),
                rhythm: rhythm.code().to_owned(),
                side: side.to_string(),
                roles,
                subject_kind,
                subject,
                grace: u32::from(*grace),
                from: from.number(),
                until: field::date_number(*until),
            }),
        }
    }

    parts!(Duty);

    fn keys(&self) -> Vec<Key> {
        vec![Key::open(Index::Duties, &[self.code.as_str().as_bytes()])]
    }

    fn tallies(&self) -> Vec<Tally> {
        Vec::new()
    }
}

fn bound_of(roles: &[String], kind: u32, id: &[u8]) -> Result<Bound, Fault> {
    let is_one = kind != 0 || !id.is_empty();
    match (roles.is_empty(), is_one) {
        (false, false) => {
            let most = codes::list("post-role").map_or(0, |list| list.entries.len());
            field::code_set("post-role", "roles", roles, most).map(Bound::Roles)
        }
        (true, true) => {
            let one = Answerable::parse("subject", kind, id, Answerable::ANYBODY)?;
            Ok(Bound::One(one))
        }
        (true, false) => Err(Fault::new("roles", Problem::Missing)),
        (false, true) => {
            let problem = "is not given where roles are".to_owned();
            Err(Fault::new("subject", Problem::Malformed(problem)))
        }
    }
}
