//! Reading a bundle, and replaying what is in it.

use std::{
    collections::BTreeMap,
    io::{self, Read},
};

use lika_core::{
    record::{Body, BodyMessage, Decision, Evaluation},
    value::{Code, Digest, RecordId},
};
use lika_proto::v1::{self, bundle_item};
use prost::Message as _;

use super::{
    super::{
        Error,
        replay::{Case, Fresh, Replayed},
    },
    MAGIC, PREFIX,
};
use crate::policy::Host;

/// The longest item that is read: an evaluation with its decisions, or a component.
const LONGEST_ITEM: usize = 256 << 20;

/// A bundle that is being read.
pub struct Bundle<R> {
    file: R,
    fresh: Fresh,
    offset: u64,
    items: u64,
    components: BTreeMap<Digest, Vec<u8>>,
    /// Those that later ones may build upon.
    evaluations: BTreeMap<RecordId, Evaluation>,
    has_ended: bool,
}

/// What was found next.
#[derive(Debug)]
pub enum Item {
    /// An evaluation, run again.
    Replayed(Replayed),
    /// An evaluation that could not be run again.
    Failed(RecordId, Error),
    /// Something that is not as it was written.
    Damaged(Damage),
}

/// A place of a bundle that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// The number of the item, from 1.
    pub item: u64,
    /// Where it begins, in bytes.
    pub offset: u64,
    /// What is wrong.
    pub what: String,
}

impl<R: Read> Bundle<R> {
    /// Reads a bundle whose evaluations are run again on a host like this one.
    pub fn open(file: R, host: &Host) -> Result<Self, Error> {
        Ok(Self {
            file,
            fresh: Fresh::new(host)?,
            offset: 0,
            items: 0,
            components: BTreeMap::new(),
            evaluations: BTreeMap::new(),
            has_ended: false,
        })
    }

    /// Adds a component that the bundle need not bring.
    pub fn add_component(&mut self, bytes: Vec<u8>) {
        self.components.insert(Digest::of(&bytes), bytes);
    }

    /// What comes next; none after the end, or after what cannot be read past.
    pub fn replay_next(&mut self) -> io::Result<Option<Item>> {
        Ok(match self.next_case()? {
            Ok(Some(Begun {
                case,
                begins,
                is_whole,
            })) => Some(self.replay(&case, begins, is_whole)),
            Ok(None) => None,
            Err(damage) => Some(Item::Damaged(damage)),
        })
    }

    /// The first evaluation that is there for its own sake, with the bytes of its component; nothing is run.
    pub fn first_case(&mut self) -> io::Result<Result<(Case, Vec<u8>), Damage>> {
        let case = match self.next_case()? {
            Ok(Some(Begun {
                case,
                is_whole: true,
                ..
            })) => case,
            Ok(Some(Begun { begins, .. })) => {
                return Ok(Err(
                    self.damage(begins, "its bytes are not those of its digest")
                ));
            }
            Ok(None) => return Ok(Err(self.damage(self.offset, "there is no evaluation in it"))),
            Err(damage) => return Ok(Err(damage)),
        };
        let component = self.components.get(&case.evaluation.component).cloned();
        let missing = || self.damage(self.offset, "the component is not in it");
        Ok(component.ok_or_else(missing).map(|bytes| (case, bytes)))
    }

    /// The next evaluation that is there for its own sake; none after the end.
    fn next_case(&mut self) -> io::Result<Result<Option<Begun>, Damage>> {
        if self.has_ended {
            return Ok(Ok(None));
        }
        if self.offset == 0 {
            let mut magic = [0; MAGIC.len()];
            if self.read(&mut magic)? < magic.len() || magic != *MAGIC {
                return Ok(Err(self.last("this is no bundle of evaluations")));
            }
        }
        loop {
            let begins = self.offset;
            let body = match self.body()? {
                Ok(body) => body,
                Err(damaged) => return Ok(Err(damaged)),
            };
            let is_whole = Digest::of(&body.bytes) == body.digest;
            match v1::BundleItem::decode(body.bytes.as_slice()) {
                Ok(v1::BundleItem { item: Some(item) }) => {
                    match self.take(item, begins, is_whole) {
                        Ok(Some(case)) => {
                            return Ok(Ok(Some(Begun {
                                case,
                                begins,
                                is_whole,
                            })));
                        }
                        Ok(None) if self.has_ended => return Ok(Ok(None)),
                        Ok(None) => {}
                        Err(damage) => return Ok(Err(damage)),
                    }
                }
                _ if is_whole => return Ok(Err(self.damage(begins, "an item of another kind"))),
                _ => {
                    return Ok(Err(
                        self.damage(begins, "its bytes are not those of its digest")
                    ));
                }
            }
        }
    }

    fn take(
        &mut self,
        item: bundle_item::Item,
        begins: u64,
        is_whole: bool,
    ) -> Result<Option<Case>, Damage> {
        let number = self.items;
        let damage = |what: &str| Err(damage(number, begins, what));
        match item {
            bundle_item::Item::Component(bytes) => {
                if !is_whole {
                    return damage("a component's bytes are not those of its digest");
                }
                self.add_component(bytes);
                Ok(None)
            }
            bundle_item::Item::End(v1::BundleEnd { items }) => {
                self.has_ended = true;
                // The end itself is counted by now.
                if items + 1 == self.items && is_whole {
                    return Ok(None);
                }
                damage("items are missing, or there are too many")
            }
            bundle_item::Item::Evaluation(evaluation) => {
                let is_context = evaluation.context;
                let case = match self.case(evaluation) {
                    Ok(case) => case,
                    Err(what) => return damage(&what),
                };
                self.evaluations.insert(case.id, case.evaluation.clone());
                if is_context {
                    return if is_whole {
                        Ok(None)
                    } else {
                        damage("its bytes are not those of its digest")
                    };
                }
                Ok(Some(case))
            }
        }
    }

    /// What was damaged is replayed all the same: then it has a name.
    fn replay(&mut self, case: &Case, begins: u64, is_whole: bool) -> Item {
        let component = case.evaluation.component;
        let components = &self.components;
        let bytes = || {
            let bytes = components.get(&component).cloned();
            bytes.ok_or_else(|| Error::Other {
                code: "not-found",
                message: format!("component {component} is not in the bundle"),
            })
        };
        let policy = self.fresh.policy(&component, bytes);
        match policy.and_then(|policy| case.replay(&policy)) {
            Ok(replayed) if is_whole || replayed.is_mismatch() => Item::Replayed(replayed),
            Ok(_) => {
                let what = format!(
                    "the bytes of evaluation {} are not those of its digest",
                    case.id
                );
                Item::Damaged(self.damage(begins, &what))
            }
            Err(error) => Item::Failed(case.id, error),
        }
    }

    fn case(&self, evaluation: v1::BundleEvaluation) -> Result<Case, String> {
        let v1::BundleEvaluation {
            id,
            evaluation,
            purpose,
            settings,
            earlier,
            decisions,
            context: _,
        } = evaluation;
        let id = record_id(&id)?;
        let of_this = |what: &str| format!("evaluation {id}: {what}");
        let evaluation = evaluation.ok_or_else(|| of_this("there is nothing in it"))?;
        let evaluation = match Body::parse(BodyMessage::Evaluation(evaluation)) {
            Ok(Body::Evaluation(evaluation)) => evaluation,
            _ => return Err(of_this("it cannot be read")),
        };
        let earlier = earlier.iter().map(|id| {
            let id = record_id(id)?;
            let found = self.evaluations.get(&id).cloned();
            let found = found.ok_or_else(|| of_this("a pass before it is missing"))?;
            Ok((id, found))
        });
        Ok(Case {
            id,
            evaluation,
            purpose: Code::parse(&purpose).map_err(|_| of_this("its purpose cannot be read"))?,
            settings,
            earlier: earlier.collect::<Result<_, String>>()?,
            decisions: decisions
                .into_iter()
                .map(decision)
                .collect::<Result<_, String>>()?,
        })
    }

    fn body(&mut self) -> io::Result<Result<Found, Damage>> {
        let begins = self.offset;
        let mut prefix = [0; PREFIX];
        if self.read(&mut prefix)? < PREFIX {
            return Ok(Err(self.last("it ends in the middle")));
        }
        self.items += 1;
        let (length, digest) = prefix.split_at(4);
        let length = length
            .try_into()
            .map(u32::from_le_bytes)
            .unwrap_or(u32::MAX) as usize;
        if length > LONGEST_ITEM {
            return Ok(Err(self.last("an item's length is damaged")));
        }
        let mut bytes = Vec::new();
        let read = (&mut self.file)
            .take(length as u64)
            .read_to_end(&mut bytes)?;
        self.offset += read as u64;
        if read < length {
            self.offset = begins;
            return Ok(Err(self.last("it ends in the middle of an item")));
        }
        let digest = Digest(digest.try_into().unwrap_or_default());
        Ok(Ok(Found { bytes, digest }))
    }

    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut read = 0;
        while read < buffer.len() {
            match self.file.read(&mut buffer[read..]) {
                Ok(0) => break,
                Ok(more) => read += more,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.offset += read as u64;
        Ok(read)
    }

    fn damage(&self, offset: u64, what: &str) -> Damage {
        damage(self.items, offset, what)
    }

    /// Damage that nothing can be read past.
    fn last(&mut self, what: &str) -> Damage {
        self.has_ended = true;
        self.damage(self.offset, what)
    }
}

fn damage(item: u64, offset: u64, what: &str) -> Damage {
    Damage {
        item,
        offset,
        what: what.to_owned(),
    }
}

/// An evaluation that is there for its own sake.
struct Begun {
    case: Case,
    /// Where its item begins, in bytes.
    begins: u64,
    /// Whether the item's bytes are those of its digest.
    is_whole: bool,
}

struct Found {
    bytes: Vec<u8>,
    digest: Digest,
}

fn decision(decision: v1::BundleDecision) -> Result<(RecordId, Decision), String> {
    let v1::BundleDecision { id, decision } = decision;
    let id = record_id(&id)?;
    let decision = decision.map(|it| Body::parse(BodyMessage::Decision(it)));
    match decision {
        Some(Ok(Body::Decision(decision))) => Ok((id, decision)),
        _ => Err(format!("decision {id} cannot be read")),
    }
}

fn record_id(bytes: &[u8]) -> Result<RecordId, String> {
    let bytes: Result<[u8; 16], _> = bytes.try_into();
    bytes
        .map(RecordId)
        .map_err(|_| "a record's id has not 16 bytes".to_owned())
}
