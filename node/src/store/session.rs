//! The registry as the commands of one group see it: what is stored, and what the earlier ones have changed.

use std::{cell::RefCell, collections::BTreeMap};

use lika_core::{
    command::{self, Change, Circumstances, Command, Outline, Refusal},
    log::{Draft, Kind},
    record::{Key, Record, Term},
    value::{ActorId, AreaCode, Fen, RecordId, RequestId},
};

use crate::store::{
    Error, projection,
    registry::{
        Overlay,
        schema::{self, Done, Lifecycle, OWN_LOG},
    },
    stored::Sources,
};

/// So many outlines are kept: some megabytes.
const MOST_OUTLINES: usize = 1 << 16;

/// A group of commands while it is being decided.
pub struct Session<'a> {
    /// What the group changes.
    pub overlay: Overlay<'a>,
    sources: &'a Sources,
    requests: BTreeMap<RequestId, ([u8; 16], usize)>,
    /// What is to be kept for the next group.
    pub known: KnownOutlines,
}

/// Outlines as they were last read, kept from group to group: most changes refer to what hardly changes.
#[derive(Debug, Default)]
pub struct KnownOutlines(RefCell<BTreeMap<RecordId, Outline>>);

impl KnownOutlines {
    /// Forgets everything: what it was read from is lost.
    pub fn clear(&mut self) {
        self.0.get_mut().clear();
    }

    fn get(&self, id: &RecordId) -> Option<Outline> {
        self.0.borrow().get(id).copied()
    }

    fn put(&self, id: RecordId, outline: Outline) {
        let mut known = self.0.borrow_mut();
        if known.len() >= MOST_OUTLINES {
            known.clear();
        }
        known.insert(id, outline);
    }

    fn remove(&mut self, id: &RecordId) {
        self.0.get_mut().remove(id);
    }
}

/// What becomes of a command.
pub enum Outcome {
    /// It is to be written; the keyed hash is kept with it.
    New(Vec<Draft>, [u8; 16]),
    /// It is the same as an earlier one of the group, by its place among those to be written.
    Repeated(usize),
    /// It was written before.
    Done(Done),
}

impl<'a> Session<'a> {
    /// Begins a group.
    pub fn new(overlay: Overlay<'a>, sources: &'a Sources, known: KnownOutlines) -> Self {
        Self {
            overlay,
            sources,
            requests: BTreeMap::new(),
            known,
        }
    }

    /// Decides a command; a refused one leaves nothing. `place` is its place among those to be written.
    pub fn decide(
        &mut self,
        command: &Command,
        circumstances: &Circumstances,
        place: usize,
    ) -> Result<Outcome, Error> {
        let hash = command_hash(self.sources, command);
        if let Some((earlier, place)) = self.requests.get(&command.request) {
            return if *earlier == hash {
                Ok(Outcome::Repeated(*place))
            } else {
                Err(Error::RequestReused)
            };
        }
        if let Some(value) = self.overlay.get(&schema::request_key(&command.request))? {
            let done = Done::decode(&value)
                .ok_or_else(|| Error::Registry("a request cannot be read".to_owned()))?;
            return if done.hash == hash {
                Ok(Outcome::Done(done))
            } else {
                Err(Error::RequestReused)
            };
        }
        self.overlay.set_savepoint();
        match command::decide(self, command, circumstances) {
            Ok(drafts) => {
                if let Some(subject) = self.erased(&drafts) {
                    self.overlay.roll_back();
                    return Err(Error::Erased(subject));
                }
                self.requests.insert(command.request, (hash, place));
                Ok(Outcome::New(drafts, hash))
            }
            Err(error) => {
                self.overlay.roll_back();
                Err(match error {
                    command::Error::Refused(refused) => Error::Refused(refused),
                    command::Error::Registry(error) => error,
                })
            }
        }
    }
}

impl Session<'_> {
    /// What core has against a change after those before it; nothing of a refused one remains.
    pub fn refuses(
        &mut self,
        actor: ActorId,
        change: Change,
        circumstances: &Circumstances,
    ) -> Result<Option<Refusal>, Error> {
        let command = Command {
            request: RequestId([0; 16]),
            actor,
            changes: vec![change],
        };
        self.overlay.set_savepoint();
        match command::decide(self, &command, circumstances) {
            Ok(_) => Ok(None),
            Err(command::Error::Refused(refused)) => {
                self.overlay.roll_back();
                Ok(Some(refused.refusal))
            }
            Err(command::Error::Registry(error)) => Err(error),
        }
    }

    /// A data subject of whom something is to be written and whose key was destroyed.
    fn erased(&self, drafts: &[Draft]) -> Option<RecordId> {
        let ring = self.sources.ring();
        let mut parts = drafts.iter().flat_map(|draft| &draft.sealed);
        let erased = parts.find(|part| ring.has_destroyed(&part.subject));
        erased.map(|part| part.subject)
    }
}

impl command::Registry for Session<'_> {
    type Error = Error;

    fn current(&self, id: &RecordId) -> Result<Option<Record>, Error> {
        projection::current(&self.overlay, self.sources, OWN_LOG, id)
    }

    fn outline(&self, id: &RecordId) -> Result<Option<Outline>, Error> {
        if let Some(staged) = self.overlay.record(OWN_LOG, id) {
            return Ok(Some(Outline::of(staged)));
        }
        if let Some(known) = self.known.get(id) {
            return Ok(Some(known));
        }
        let outline = projection::outline(&self.overlay, OWN_LOG, id)?;
        if let Some(outline) = outline {
            self.known.put(*id, outline);
        }
        Ok(outline)
    }

    fn with_key(&self, key: &Key) -> Result<Vec<RecordId>, Error> {
        let term = projection::term_bytes(self.sources.ring(), key.index, &key.term);
        let is_blind = matches!(key.term, Term::Blind(_));
        let found = self
            .overlay
            .keys_under(&schema::under_term(key.index, &term))?;
        let records = found.iter().filter_map(|key| {
            let (whole, log, record) = schema::of_index_key(key)?;
            let fits = whole.starts_with(&term) && (!is_blind || whole.len() == term.len());
            (log == OWN_LOG && fits).then_some(record)
        });
        Ok(records.collect())
    }

    fn in_area(&self, kind: Kind, area: &AreaCode) -> Result<Vec<RecordId>, Error> {
        let found = self
            .overlay
            .keys_under(&schema::within_area(Lifecycle::Open, kind, area))?;
        let records = found
            .iter()
            .filter_map(|key| schema::record_of_area_key(key));
        Ok(records
            .filter(|(_, log)| *log == OWN_LOG)
            .map(|(record, _)| record)
            .collect())
    }

    fn balance(&self, account: &RecordId) -> Result<Fen, Error> {
        match self.overlay.get(&schema::balance_key(account, OWN_LOG))? {
            Some(value) => schema::balance(&value)
                .ok_or_else(|| Error::Registry(format!("the balance of {account} cannot be read"))),
            None => Ok(Fen::ZERO),
        }
    }

    fn stage(
        &mut self,
        before: Option<&Record>,
        after: &Record,
        _draft: &Draft,
    ) -> Result<(), Error> {
        projection::stage(
            &mut self.overlay,
            self.sources.ring(),
            OWN_LOG,
            before,
            after,
        )?;
        // Known again when it is next read, whether this is written or taken back.
        self.known.remove(&after.id);
        self.overlay.set_record(OWN_LOG, after.clone());
        Ok(())
    }
}

/// The keyed hash by which a command that comes again is known: a plain one would answer guesses about personal data.
fn command_hash(sources: &Sources, command: &Command) -> [u8; 16] {
    let Command {
        request: _,
        actor,
        changes,
    } = command;
    let mut blinder = sources.ring().blinder("command");
    blinder.update(&actor.0);
    let mut field = |content: &[u8]| {
        blinder.update(&(content.len() as u64).to_be_bytes());
        blinder.update(content);
    };
    for command::Change {
        action,
        expected_revision,
        id,
        area,
        body,
    } in changes
    {
        field(&action.number().to_be_bytes());
        field(&expected_revision.to_be_bytes());
        field(&id.0);
        field(area.digits().as_bytes());
        field(&body.kind().number().to_be_bytes());
        let parts = body.parts();
        field(&parts.open);
        field(&(parts.sealed.len() as u64).to_be_bytes());
        for (class, content) in &parts.sealed {
            field(&[class.number()]);
            field(content);
        }
    }
    blinder.finish()
}
