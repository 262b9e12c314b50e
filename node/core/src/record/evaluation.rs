//! Evaluations: one run of a policy, complete enough to be run again.

use bytes::Bytes;
use lika_proto::log::v1 as message;

use super::{Document, Fault, Index, Key, Problem, field, parts, policy};
use crate::{
    rollup::Tally,
    value::{Digest, RecordId},
};

/// One run of a policy over one subject or one group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evaluation {
    /// The enactment.
    pub enactment: RecordId,
    /// SHA-256 of the component.
    pub component: Digest,
    /// SHA-256 of the settings.
    pub settings: Digest,
    /// The engine and its settings that matter for the answer.
    pub engine: String,
    /// The log position that the facts were read at: epoch and sequence number.
    pub as_of: (u32, u64),
    /// The policy's name for what was grouped.
    pub scope: String,
    /// The input as the policy got it; all facts in it are of the open class.
    pub input: Bytes,
    /// The output as the policy gave it; empty when it gave none.
    pub output: Bytes,
    /// The stable code of what went wrong.
    pub failure: Option<String>,
    /// The records that the input's rows stand for.
    pub tables: Vec<EvaluationTable>,
}

/// The records behind the rows of one table of the input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvaluationTable {
    /// The table's name.
    pub name: String,
    /// In the order of the rows.
    pub records: Vec<RecordId>,
}

impl Document for Evaluation {
    type Message = message::Evaluation;

    fn parse(message: message::Evaluation) -> Result<Self, Fault> {
        let message::evaluation::Open {
            enactment,
            component,
            settings,
            engine,
            as_of_epoch,
            as_of_seq,
            scope,
            input,
            output,
            failure,
            tables,
        } = field::required("open", message.open)?;
        Ok(Self {
            enactment: field::id("enactment", &enactment)?,
            component: policy::digest("component", &component)?,
            settings: policy::digest("settings", &settings)?,
            engine,
            as_of: (as_of_epoch, as_of_seq),
            scope,
            input: input.into(),
            output: output.into(),
            failure: (!failure.is_empty()).then_some(failure),
            tables: tables
                .into_iter()
                .map(EvaluationTable::parse)
                .collect::<Result<_, _>>()?,
        })
    }

    fn message(&self) -> message::Evaluation {
        let Self {
            enactment,
            component,
            settings,
            engine,
            as_of,
            scope,
            input,
            output,
            failure,
            tables,
        } = self;
        message::Evaluation {
            open: Some(message::evaluation::Open {
                enactment: enactment.0.to_vec(),
                component: component.0.to_vec(),
                settings: settings.0.to_vec(),
                engine: engine.clone(),
                as_of_epoch: as_of.0,
                as_of_seq: as_of.1,
                scope: scope.clone(),
                input: input.to_vec(),
                output: output.to_vec(),
                failure: failure.clone().unwrap_or_default(),
                tables: tables.iter().map(EvaluationTable::message).collect(),
            }),
        }
    }

    parts!(Evaluation);

    fn keys(&self) -> Vec<Key> {
        vec![Key::record(Index::EvaluationsOfEnactment, &self.enactment)]
    }

    fn tallies(&self) -> Vec<Tally> {
        Vec::new()
    }
}

impl EvaluationTable {
    fn parse(message: message::evaluation::Table) -> Result<Self, Fault> {
        let message::evaluation::Table { name, records } = message;
        let (ids, rest) = records.as_chunks::<16>();
        if !rest.is_empty() {
            return Err(Fault::new("tables.records", Problem::NotAnId));
        }
        Ok(Self {
            name,
            records: ids.iter().map(|id| RecordId(*id)).collect(),
        })
    }

    fn message(&self) -> message::evaluation::Table {
        let Self { name, records } = self;
        message::evaluation::Table {
            name: name.clone(),
            records: records.iter().flat_map(|id| id.0).collect(),
        }
    }
}
