//! Areas of the administrative division.

use lika_proto::log::v1 as message;

use super::{Document, Fault, Key, field, parts};
use crate::{
    rollup::Tally,
    value::{AreaCode, Date, Label, RecordId, Span},
};

/// An area. Its record id is [`area_id`] of its code, so that everybody finds it without asking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Area {
    /// The code.
    pub code: AreaCode,
    /// The name, without the names of the areas that contain it.
    pub name: Label,
    /// When the village was or is a key village (S4.2: status is dated).
    pub key_village: Vec<Span>,
    /// The first day on which it exists.
    pub from: Option<Date>,
    /// The first day on which it no longer exists.
    pub until: Option<Date>,
    /// The areas that follow it.
    pub successors: Vec<AreaCode>,
}

/// The record id of the area with this code.
pub fn area_id(code: &AreaCode) -> RecordId {
    RecordId::derived("lika.area", code.digits().as_bytes())
}

impl Area {
    /// Whether it is a key village on a day.
    pub fn is_key_village(&self, on: Date) -> bool {
        self.key_village.iter().any(|span| span.contains(on))
    }
}

impl Document for Area {
    type Message = message::Area;

    fn parse(message: message::Area) -> Result<Self, Fault> {
        let open = field::required("open", message.open)?;
        let message::area::Open {
            code,
            name,
            key_village,
            from,
            until,
            successors,
        } = open;
        let key_village = key_village
            .into_iter()
            .map(|message::Period { from, until }| {
                let from = field::date("key_village.from", from)?;
                field::malformed(
                    "key_village",
                    Span::new(from, field::until("key_village.until", from, until)?),
                )
            })
            .collect::<Result<_, Fault>>()?;
        let successors = successors
            .iter()
            .map(|code| field::malformed("successors", AreaCode::parse(code)))
            .collect::<Result<_, Fault>>()?;
        Ok(Self {
            code: field::malformed("code", AreaCode::parse(&code))?,
            name: field::malformed("name", Label::parse(&name))?,
            key_village,
            from: field::optional_date("from", from)?,
            until: field::optional_date("until", until)?,
            successors,
        })
    }

    fn message(&self) -> message::Area {
        let Self {
            code,
            name,
            key_village,
            from,
            until,
            successors,
        } = self;
        message::Area {
            open: Some(message::area::Open {
                code: code.digits().to_owned(),
                name: name.to_string(),
                key_village: key_village
                    .iter()
                    .map(|span| message::Period {
                        from: span.from().number(),
                        until: field::date_number(span.until()),
                    })
                    .collect(),
                from: field::date_number(*from),
                until: field::date_number(*until),
                successors: successors
                    .iter()
                    .map(|code| code.digits().to_owned())
                    .collect(),
            }),
        }
    }

    parts!(Area);

    fn keys(&self) -> Vec<Key> {
        Vec::new()
    }

    fn tallies(&self) -> Vec<Tally> {
        if self.key_village.iter().any(|span| span.until().is_none()) {
            vec![Tally::stock("key-villages", 1)]
        } else {
            Vec::new()
        }
    }
}
