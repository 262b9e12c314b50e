//! Cadres who can be helpers.

use lika_proto::log::v1 as message;

use super::{Document, Fault, Index, Key, field, parts};
use crate::{
    rollup::Tally,
    value::{Code, Date, Name, Phone, RecordId, Text},
};

/// A cadre in a post; the record's area is where the post is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cadre {
    /// Code list rank.
    pub rank: Code,
    /// The unit.
    pub unit: Option<RecordId>,
    /// The first day in the post.
    pub from: Date,
    /// The first day after it.
    pub until: Option<Date>,
    /// Who it is; not known where it was withheld.
    pub identity: Option<CadreIdentity>,
}

/// Who a cadre is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CadreIdentity {
    /// Number in the county's list of cadres.
    pub number: Option<Text>,
    /// Name.
    pub name: Name,
    /// Phone.
    pub phone: Option<Phone>,
}

/// At which level a cadre helps (S4.4: section level or above, reserve cadres included; township; village).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HelperLevel {
    /// A leader of the county.
    County,
    /// Section level, full or deputy, or in reserve for it.
    Section,
    /// A cadre of the township.
    Township,
    /// A cadre of the village.
    Village,
}

impl HelperLevel {
    /// Every level, highest first.
    pub const ALL: [Self; 4] = [Self::County, Self::Section, Self::Township, Self::Village];

    /// The code in the list helper-level.
    pub fn code(self) -> &'static str {
        match self {
            Self::County => "county",
            Self::Section => "section",
            Self::Township => "township",
            Self::Village => "village",
        }
    }

    /// Reads a code of the list helper-level.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.code() == code)
    }

    /// The level of a rank.
    pub fn of_rank(rank: &str) -> Option<Self> {
        match rank {
            "county" => Some(Self::County),
            "section-full" | "section-deputy" | "reserve-full" | "reserve-deputy" => {
                Some(Self::Section)
            }
            "township" => Some(Self::Township),
            "village" => Some(Self::Village),
            _ => None,
        }
    }

    /// The place in the registry's keys.
    pub fn number(self) -> u8 {
        match self {
            Self::County => 1,
            Self::Section => 2,
            Self::Township => 3,
            Self::Village => 4,
        }
    }
}

impl Document for Cadre {
    type Message = message::Cadre;

    fn parse(message: message::Cadre) -> Result<Self, Fault> {
        let message::Cadre { open, identity } = message;
        let message::cadre::Open {
            rank,
            unit,
            from,
            until,
        } = field::required("open", open)?;
        let from = field::date("from", from)?;
        Ok(Self {
            rank: field::code("rank", "rank", &rank)?,
            unit: field::optional_id("unit", &unit)?,
            from,
            until: field::until("until", from, until)?,
            identity: identity.map(CadreIdentity::parse).transpose()?,
        })
    }

    fn message(&self) -> message::Cadre {
        let Self {
            rank,
            unit,
            from,
            until,
            identity,
        } = self;
        message::Cadre {
            open: Some(message::cadre::Open {
                rank: rank.to_string(),
                unit: field::id_bytes(unit.as_ref()),
                from: from.number(),
                until: field::date_number(*until),
            }),
            identity: identity.as_ref().map(CadreIdentity::message),
        }
    }

    parts!(Cadre, identity = Identity);

    fn keys(&self) -> Vec<Key> {
        self.identity
            .as_ref()
            .and_then(|identity| identity.number.as_ref())
            .map(|number| Key::blind(Index::CadreNumber, number.as_str()))
            .into_iter()
            .collect()
    }

    fn tallies(&self) -> Vec<Tally> {
        vec![Tally::stock(format!("cadres/{}", self.rank), 1)]
    }
}

impl CadreIdentity {
    fn parse(message: message::cadre::Identity) -> Result<Self, Fault> {
        let message::cadre::Identity {
            number,
            name,
            phone,
        } = message;
        Ok(Self {
            number: field::optional_text("number", &number, Text::parse)?,
            name: field::malformed("name", Name::parse(&name))?,
            phone: field::optional_text("phone", &phone, Phone::parse)?,
        })
    }

    fn message(&self) -> message::cadre::Identity {
        let Self {
            number,
            name,
            phone,
        } = self;
        message::cadre::Identity {
            number: field::printed(number.as_ref()),
            name: name.to_string(),
            phone: field::printed(phone.as_ref()),
        }
    }
}
