//! Posts: offices that cadres hold.

use lika_proto::log::v1 as message;

use super::{Document, Fault, Index, Key, field, parts};
use crate::{
    rollup::Tally,
    value::{AreaLevel, Code, Date, RecordId, Span},
};

/// An office that a cadre holds in the record's area (S4.7). It ends by `until` and stays open, because what fell due while
/// it was held is still owed; closing takes back what was written down by mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Post {
    /// The cadre.
    pub cadre: RecordId,
    /// Code list post-role.
    pub role: Code,
    /// The first day.
    pub from: Date,
    /// The first day after it.
    pub until: Option<Date>,
}

impl Post {
    /// From when until when it is held.
    pub fn span(&self) -> Option<Span> {
        Span::new(self.from, self.until).ok()
    }

    /// The level of the areas that have such an office; none where several have.
    pub fn level(&self) -> Option<AreaLevel> {
        match self.role.as_str() {
            "first-secretary" | "village-party-secretary" => Some(AreaLevel::Village),
            "work-station-head" | "work-station-member" => Some(AreaLevel::Township),
            _ => None,
        }
    }

    /// The posts of a role; the key of one role may begin with another's.
    pub fn key_of(role: &Code) -> Key {
        Key::open(Index::PostsOfRole, &[role.as_str().as_bytes()])
    }
}

impl Document for Post {
    type Message = message::Post;

    fn parse(message: message::Post) -> Result<Self, Fault> {
        let message::post::Open {
            cadre,
            role,
            from,
            until,
        } = field::required("open", message.open)?;
        let from = field::date("from", from)?;
        Ok(Self {
            cadre: field::id("cadre", &cadre)?,
            role: field::code("post-role", "role", &role)?,
            from,
            until: field::until("until", from, until)?,
        })
    }

    fn message(&self) -> message::Post {
        let Self {
            cadre,
            role,
            from,
            until,
        } = self;
        message::Post {
            open: Some(message::post::Open {
                cadre: cadre.0.to_vec(),
                role: role.to_string(),
                from: from.number(),
                until: field::date_number(*until),
            }),
        }
    }

    parts!(Post);

    fn keys(&self) -> Vec<Key> {
        vec![
            Key::record(Index::PostsOfCadre, &self.cadre),
            Self::key_of(&self.role),
        ]
    }

    /// Only an office that is held counts.
    fn tallies(&self) -> Vec<Tally> {
        let held = self.until.is_none();
        Vec::from_iter(held.then(|| Tally::stock(format!("posts/{}", self.role), 1)))
    }
}
