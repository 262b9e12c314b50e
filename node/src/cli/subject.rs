//! Whom a command line names: a cadre, a unit or a post by its id, an area by its code or id.

use anyhow::bail;
use lika_core::{
    record::area_id,
    value::{AreaCode, RecordId},
};
use lika_proto::{log::v1::Kind, v1::record::Body};

use super::client::{Registry, id, read};

/// Somebody who answers for something.
pub struct Subject {
    /// The kind's number.
    pub kind: u32,
    /// The record.
    pub id: Vec<u8>,
    /// Where it stands.
    pub area: String,
}

impl Subject {
    /// Reads whom a text names.
    pub async fn read(registry: &mut Registry, text: &str) -> anyhow::Result<Self> {
        let id = match AreaCode::parse(text) {
            Ok(code) if !text.is_empty() => {
                let RecordId(id) = area_id(&code);
                id.to_vec()
            }
            _ => id("whom it is about", text)?,
        };
        let record = read(registry, &id).await?;
        let kind = match record.body {
            Some(Body::AreaRecord(_)) => Kind::Area,
            Some(Body::Cadre(_)) => Kind::Cadre,
            Some(Body::Unit(_)) => Kind::Unit,
            Some(Body::Post(_)) => Kind::Post,
            _ => bail!("{text} is no area, cadre, unit or post"),
        };
        Ok(Self {
            kind: kind as u32,
            id,
            area: record.area,
        })
    }
}
