//! Writing a bundle.

use std::collections::BTreeSet;

use lika_core::{
    record::{Body, BodyMessage, Decision, Evaluation},
    value::{Digest, RecordId},
};
use lika_proto::v1::{self, bundle_item::Item};
use prost::Message as _;

use super::{
    super::{
        Caller, Error, Gateway, damaged,
        replay::{Case, Fresh, Sample, component_of},
    },
    MAGIC,
};
use crate::{blobs, store::Stored};

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
            chosen.push(self.readable(caller, record)?.0);
        }
        // The same evaluation twice is one evaluation.
        let mut seen = BTreeSet::new();
        for stored in chosen {
            if seen.insert(stored.header.record) {
                writer.export(stored)?;
            }
        }
        if let Some(sample) = &wanted.sample {
            self.each_chosen(caller, sample, |stored| {
                if seen.insert(stored.header.record) && writer.can_export(&stored)? {
                    writer.export(stored)?;
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
    /// Whether this node has what it takes: links carry no components, and the caller may not read a wider area.
    fn can_export(&mut self, stored: &Stored) -> Result<bool, Error> {
        let component = component_of(stored)?;
        if !self.fresh.knows(&component)
            && let Err(blobs::Error::Missing(_)) =
                self.gateway.inner.policies.components.get(&component)
        {
            return Ok(false);
        }
        let policy = self.gateway.fresh_policy(&mut self.fresh, &component)?;
        let earlier = self.gateway.earlier_passes(policy.describe(), stored)?;
        let mut ids = earlier.iter().map(|(id, _)| id);
        Ok(ids.all(|id| self.gateway.readable_record(self.caller, id).is_ok()))
    }

    fn export(&mut self, stored: Stored) -> Result<(), Error> {
        let Ok(Body::Evaluation(evaluation)) = &stored.body else {
            return Err(Error::NotFound(stored.header.record));
        };
        let component = evaluation.component;
        let policy = self.gateway.fresh_policy(&mut self.fresh, &component)?;
        if self.components.insert(component) {
            let bytes = self.gateway.component(&component)?;
            self.item(Item::Component(bytes));
        }
        let Case {
            id,
            evaluation,
            purpose,
            settings,
            earlier,
            decisions,
        } = self.gateway.case(policy.describe(), &stored)?;
        for (id, earlier) in &earlier {
            // An earlier pass may be of a wider area than the one that was asked for.
            self.gateway.readable_record(self.caller, id)?;
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
