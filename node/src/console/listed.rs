//! Which area a list is of, where its address need not say so.

use lika_core::value::AreaCode;

use super::{
    State,
    areas::{self, Link},
    door::Visitor,
    words::Words,
};
use crate::gateway::Error;

/// The area of a list.
pub struct Listed {
    /// The area that the address names or, where it names none, the first of the visitor's own.
    pub area: AreaCode,
    /// The same list of the visitor's other areas, for whoever has roles in several.
    pub others: Vec<Link>,
}

impl Listed {
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
