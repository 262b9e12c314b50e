//! What a list is of, where its address need not say so, and lines of lists.

use axum::extract::{Query, rejection::QueryRejection};
use lika_core::value::{AreaCode, Date};
use serde::Deserialize;

use super::{
    State,
    account::malformed,
    areas::{self, Link},
    door::Visitor,
    words::Words,
};
use crate::gateway::Error;

/// What the address of a list says.
#[derive(Deserialize)]
pub struct Where {
    area: Option<String>,
}

/// The area of a list.
pub struct Listed {
    /// The area that the address names or, where it names none, the first of the visitor's own.
    pub area: AreaCode,
    /// The same list of the visitor's other areas, for whoever has roles in several.
    pub others: Vec<Link>,
}

/// Something that is due by a day.
pub struct DueLine {
    /// Its page.
    pub link: Link,
    /// Where.
    pub area: String,
    /// The day.
    pub due: String,
    /// The day is over.
    pub is_late: bool,
}

/// The day that an address names, or another one where it names none.
pub fn day(text: Option<&str>, or: Date) -> Result<Date, Error> {
    match text.filter(|text| !text.is_empty()) {
        Some(text) => Date::parse(text).map_err(|error| Error::Malformed(error.to_string())),
        None => Ok(or),
    }
}

impl Listed {
    /// Of the list at this address, as its query asks for it.
    pub fn asked(
        console: &State,
        visitor: &Visitor,
        list: &str,
        query: Result<Query<Where>, QueryRejection>,
    ) -> Result<Self, Error> {
        let Query(Where { area }) = query.map_err(|_| malformed())?;
        Self::of(console, visitor, list, area.as_deref())
    }

    /// Of the list at this address; `asked` is what stands in its query.
    pub fn of(
        console: &State,
        visitor: &Visitor,
        list: &str,
        asked: Option<&str>,
    ) -> Result<Self, Error> {
        let (gateway, words) = (console.gateway(), Words(visitor.language));
        let own = visitor.caller()?.own_areas(gateway.area());
        let asked = asked.map(AreaCode::parse).transpose();
        let asked = asked.map_err(|error| Error::Malformed(error.to_string()))?;
        let area = asked.or(own.first().copied()).unwrap_or(gateway.area());
        let others = own.into_iter().filter(|other| *other != area);
        let link = |other: AreaCode| {
            let name = gateway.area_name(&other)?;
            Ok(Link {
                to: format!("{list}?area={}", other.digits()),
                text: areas::named(words, &other, name),
            })
        };
        Ok(Self {
            area,
            others: others.map(link).collect::<Result<_, Error>>()?,
        })
    }
}
