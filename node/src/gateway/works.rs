//! Works: how far whole-village batches are.

use lika_core::{
    authority::Permission,
    log::Kind,
    record::{Body, Record, VillageBatch},
    value::AreaCode,
    whole_village::{self, Progress},
};

use super::{Caller, Error, Gateway, statistics::every};
use crate::store::Stored;

/// A batch and how far it is.
#[derive(Clone, Debug)]
pub struct BatchProgress {
    /// The record.
    pub record: Record,
    /// What it says.
    pub batch: VillageBatch,
    /// How far it is.
    pub progress: Progress,
}

impl Gateway {
    /// The open whole-village batches of an area, by their first day; blocks.
    pub fn village_batches(
        &self,
        caller: &Caller,
        area: &AreaCode,
    ) -> Result<Vec<BatchProgress>, Error> {
        caller.must(Permission::ReadOpen, area)?;
        let reader = &self.inner.reader;
        let mut batches = Vec::new();
        every(reader, Kind::VillageBatch, area, &mut |record| {
            if let Body::VillageBatch(batch) = record.body.clone() {
                batches.push((record, batch));
            }
        })?;
        batches.sort_by_key(|(record, batch)| (batch.span.from(), record.id));
        let far = |(record, batch): (Record, VillageBatch)| {
            let mut projects = Vec::new();
            for id in reader.find(&VillageBatch::key_of_projects(&record.id))? {
                let project = reader.get(&id)?.and_then(Stored::into_record);
                if let Some(Body::Project(project)) = project.map(|record| record.body) {
                    projects.push(project);
                }
            }
            let progress = whole_village::progress(&batch, &projects);
            Ok(BatchProgress {
                progress: progress.map_err(|error| Error::Other {
                    code: "too-large",
                    message: error.to_string(),
                })?,
                record,
                batch,
            })
        };
        batches.into_iter().map(far).collect()
    }
}
