//! `lika area`.

use std::{collections::BTreeSet, path::PathBuf};

use clap::Subcommand;
use lika_core::value::{AreaCode, Date};
use lika_proto::{log::v1 as message, v1};
use serde_json::json;

use super::{Answer, Called, Output, block_on, client};
use crate::{
    clock::{Clock as _, System},
    files::{
        Table,
        areas::{self, AreaRow},
    },
};

/// The administrative division below the node.
#[derive(Debug, Subcommand)]
pub enum Area {
    /// Register the areas of a spreadsheet with the columns 区划代码, 名称 and, where there are any, 重点村 (是 or 否).
    ///
    /// Areas that are registered already stay as they are.
    Import {
        /// The spreadsheet, XLSX or CSV.
        file: PathBuf,
        #[command(flatten)]
        called: Called,
    },
}

/// Carries out the command.
pub fn run(command: &Area, output: &mut Output) -> anyhow::Result<Answer> {
    let Area::Import { file, called } = command;
    let areas = areas::read(Table::open(file)?)?;
    let total = areas.len();
    let today = System.today();
    let registered = block_on(async {
        let mut registry = client::registry(called).await?;
        let request = client::open_of(message::Kind::Area, "");
        let known = client::list_all(&mut registry, request).await?.into_iter();
        let known: BTreeSet<String> = known.map(|record| record.area).collect();
        let new = areas
            .into_iter()
            .filter(|(code, _)| !known.contains(code.digits()));
        let changes: Vec<v1::Change> = new.map(|(code, area)| change(code, area, today)).collect();
        let registered = changes.len();
        if registered > 0 {
            let request = v1::ApplyRequest {
                request: client::request_id(),
                changes,
            };
            registry.apply(request).await.map_err(client::refused)?;
        }
        Ok(registered)
    })?;
    output.answer(
        || {
            format!(
                "{registered} areas registered, {} were there",
                total - registered
            )
        },
        || json!({"registered": registered, "known": total - registered}),
    )?;
    Ok(Answer::Yes)
}

fn change(code: AreaCode, area: AreaRow, today: Date) -> v1::Change {
    let AreaRow {
        name,
        is_key_village,
    } = area;
    let key_village = is_key_village.then(|| message::Period {
        from: today.number(),
        until: 0,
    });
    let body = message::Area {
        open: Some(message::area::Open {
            code: code.digits().to_owned(),
            name: name.to_string(),
            key_village: key_village.into_iter().collect(),
            ..Default::default()
        }),
    };
    v1::Change {
        action: message::Action::Create.into(),
        expected_revision: 0,
        record: Some(v1::Record {
            area: code.digits().to_owned(),
            body: Some(v1::record::Body::AreaRecord(body)),
            ..Default::default()
        }),
    }
}
