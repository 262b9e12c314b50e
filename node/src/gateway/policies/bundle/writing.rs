//! Writing a bundle.

use std::collections::{BTreeMap, BTreeSet};

use lika_core::{
    record::{Body, BodyMessage, Decision, Evaluation},
    value::{Digest, RecordId},
};
use lika_proto::v1::{self, bundle_item::Item};
use prost::Message as _;

use super::{
    super::{
        Caller, Error, Gateway, damaged,
        replay::{Case, Failed, Fresh, Sample, component_of},
    },
    MAGIC,
};
use crate::store::Stored;

/// What to export.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Records of evaluations, or of decisions, which name theirs.
    pub records: Vec<RecordId>,
    /// A sample besides.
    pub sample: Option<Sample>,
}

impl Gateway {
    /// Writes a bundle in pieces, and answers how many evaluations are in it. `write` answers whether to go on.
    ///
    /// Blocks: each component is asked once for what it says of itself.
    pub fn bundle(
        &self,
        caller: &Caller,
        wanted: &Wanted,
        write: impl FnMut(Vec<u8>) -> bool,
    ) -> Result<u64, Error> {
        let _room = self.inner.policies.trials.enter()?;
        let mut writer = Writer {
            gateway: self,
            caller,
            fresh: Fresh::new(&self.inner.policies.host)?,
            write,
            is_open: true,
            items: 0,
            exported: 0,
            components: BTreeSet::new(),
            evaluations: BTreeSet::new(),
        };
        writer.put(MAGIC.to_vec());
        let mut chosen = Vec::new();
        for record in &wanted.records {
            chosen.push(self.readable(caller, record)?);
        }
        // The same evaluation twice is one evaluation.
        let mut seen = BTreeSet::new();
        let mut named: BTreeMap<RecordId, Vec<RecordId>> = BTreeMap::new();
        for (stored, decision) in &chosen {
            let evaluation = stored.header.record;
            named.entry(evaluation).or_default().extend(decision);
        }
        for (stored, _) in &chosen {
            let evaluation = stored.header.record;
            if seen.insert(evaluation) {
                let named = named.remove(&evaluation).unwrap_or_default();
                writer.export(stored, &named)?;
            }
        }
        if let Some(sample) = &wanted.sample {
            self.each_chosen(caller, sample, |stored| {
                let evaluation = stored.header.record;
                let Ok(component) = component_of(&stored) else {
                    // A record of a version to come, or a damaged one, is no reason to stop.
                    tracing::warn!(%evaluation, "left out of a bundle, since it cannot be read");
                    return Ok(true);
                };
                // Links carry no components.
                if seen.insert(evaluation) && !self.lacks(&writer.fresh, &component) {
                    match writer.export(&stored, &[]) {
                        Ok(()) => {}
                        Err(Failed::Record(error)) => {
                            tracing::warn!(%evaluation, %error, "left out of a bundle");
                        }
                        // What it rests on is of a wider area than the caller's.
                        Err(Failed::Other(Error::NotFound(_))) => {}
                        Err(Failed::Other(error)) => return Err(error),
                    }
                }
                Ok(writer.is_open)
            })?;
        }
        let items = writer.items;
        writer.item(Item::End(v1::BundleEnd { items }));
        Ok(writer.exported)
    }
}

struct Writer<'a, W> {
    gateway: &'a Gateway,
    caller: &'a Caller,
    fresh: Fresh,
    write: W,
    is_open: bool,
    items: u64,
    exported: u64,
    components: BTreeSet<Digest>,
    evaluations: BTreeSet<RecordId>,
}

impl<W: FnMut(Vec<u8>) -> bool> Writer<'_, W> {
    fn export(&mut self, stored: &Stored, named: &[RecordId]) -> Result<(), Failed> {
        let component = component_of(stored)?;
        let policy = self.gateway.fresh_policy(&mut self.fresh, &component)?;
        let Case {
            id,
            evaluation,
            purpose,
            settings,
            earlier,
            decisions,
        } = self.gateway.case(policy.describe(), stored, named)?;
        // An earlier pass may be of a wider area than the one that was asked for.
        for (id, _) in &earlier {
            self.gateway.readable_record(self.caller, id)?;
        }
        if self.components.insert(component) {
            let bytes = self.gateway.component(&component)?;
            self.item(Item::Component(bytes));
        }
        for (id, earlier) in &earlier {
            if !self.evaluations.contains(id) {
                // Its own turn may yet come; then it stands here twice.
                let context = v1::BundleEvaluation {
                    id: id.0.to_vec(),
                    evaluation: Some(evaluation_message(earlier)?),
                    purpose: purpose.to_string(),
                    settings: settings.clone(),
                    earlier: Vec::new(),
                    decisions: Vec::new(),
                    context: true,
                };
                self.evaluations.insert(*id);
                self.item(Item::Evaluation(context));
            }
        }
        let decision = |(id, decision): &(RecordId, Decision)| {
            Ok(v1::BundleDecision {
                id: id.0.to_vec(),
                decision: Some(decision_message(decision)?),
            })
        };
        let exported = v1::BundleEvaluation {
            id: id.0.to_vec(),
            evaluation: Some(evaluation_message(&evaluation)?),
            purpose: purpose.to_string(),
            settings,
            earlier: earlier.iter().map(|(id, _)| id.0.to_vec()).collect(),
            decisions: decisions
                .iter()
                .map(decision)
                .collect::<Result<_, Error>>()?,
            context: false,
        };
        self.evaluations.insert(id);
        self.item(Item::Evaluation(exported));
        self.exported += 1;
        Ok(())
    }

    fn item(&mut self, item: Item) {
        let body = v1::BundleItem { item: Some(item) }.encode_to_vec();
        // No entry of a log is nearly as long.
        let length = u32::try_from(body.len()).unwrap_or(u32::MAX);
        let mut bytes = length.to_le_bytes().to_vec();
        bytes.extend(Digest::of(&body).0);
        bytes.extend(body);
        self.put(bytes);
        self.items += 1;
    }

    fn put(&mut self, bytes: Vec<u8>) {
        self.is_open = self.is_open && (self.write)(bytes);
    }
}

fn evaluation_message(evaluation: &Evaluation) -> Result<lika_proto::log::v1::Evaluation, Error> {
    match Body::Evaluation(evaluation.clone()).message() {
        BodyMessage::Evaluation(message) => Ok(message),
        _ => Err(damaged("an evaluation is something else")),
    }
}

fn decision_message(decision: &Decision) -> Result<lika_proto::log::v1::Decision, Error> {
    match Body::Decision(decision.clone()).message() {
        BodyMessage::Decision(message) => Ok(message),
        _ => Err(damaged("a decision is something else")),
    }
}
