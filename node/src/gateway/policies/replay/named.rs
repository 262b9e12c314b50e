//! Decisions that name an evaluation, held against it without running anything.

use std::collections::BTreeSet;

use lika_core::{
    log::{Header, Kind},
    record::{Body, Decision, decision_id},
    value::{AreaCode, Code, RecordId},
};

use crate::store::Stored;

/// A decision, in short.
#[derive(Clone, Debug)]
pub(in super::super) struct Named {
    /// Its record.
    pub decision: RecordId,
    /// Where it stands.
    pub area: AreaCode,
    purpose: Code,
    subject: RecordId,
}

impl Named {
    /// What an entry or a record says.
    pub fn new(header: &Header, decision: &Decision) -> Self {
        Self {
            decision: header.record,
            area: header.area,
            purpose: decision.purpose.clone(),
            subject: decision.subject,
        }
    }

    /// Those that the record which they name cannot have led to, whatever its policy said, and why; none where all have
    /// their place.
    ///
    /// An evaluation that this version cannot read says nothing of them.
    pub fn out_of_place(named: &[Self], evaluation: &Stored) -> Option<(Vec<Self>, &'static str)> {
        if named.is_empty() {
            return None;
        }
        if evaluation.header.kind != Kind::Evaluation {
            let why = "what it names as its evaluation is none";
            return Some((named.to_vec(), why));
        }
        let Ok(Body::Evaluation(evaluation)) = &evaluation.body else {
            return None;
        };
        let records = evaluation.tables.iter().flat_map(|table| &table.records);
        let records: BTreeSet<&RecordId> = records.collect();
        let has_a_place = |it: &&Self| {
            records.contains(&it.subject) && it.decision == decision_id(&it.purpose, &it.subject)
        };
        let others = named.iter().filter(|it| !has_a_place(it));
        let others: Vec<Self> = others.cloned().collect();
        let why = "the evaluation that it names is not about its subject";
        (!others.is_empty()).then_some((others, why))
    }
}
