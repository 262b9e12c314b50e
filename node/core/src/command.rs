//! Commands: the one way in.
//!
//! A command is a list of changes that holds together. [`decide`] takes them in order, each against the registry as
//! the earlier ones left it, and answers with a draft for each change or with the first refusal; then nothing of the
//! command happens.

mod refusal;
mod relations;

use thiserror::Error;

pub use self::refusal::{BatchRefusal, LoanRefusal, PolicyRefusal, Refusal};
use crate::{
    log::{Action, Draft, Kind},
    record::{Body, Fault, Key, Parts, Problem, Record},
    value::{ActorId, AreaCode, Date, Fen, RecordId, RequestId},
};

/// What somebody wants to change, all of it or nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// Chosen by the client: the same id with the same changes answers the same result.
    pub request: RequestId,
    /// Who asks, from the authenticated identity.
    pub actor: ActorId,
    /// In order; a later one sees what an earlier one did.
    pub changes: Vec<Change>,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What to do.
    pub action: Action,
    /// The revision that the client has seen; 0 to create.
    pub expected_revision: u32,
    /// The record.
    pub id: RecordId,
    /// The area it belongs to.
    pub area: AreaCode,
    /// The whole record as it shall stand. What is personal and not given stays as it was.
    pub body: Body,
}

/// What rules need to know besides the records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Circumstances {
    /// The area that the node serves: it writes nowhere else.
    pub own_area: AreaCode,
    /// The day.
    pub today: Date,
}

/// A record from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outline {
    /// What it is.
    pub kind: Kind,
    /// Where it belongs.
    pub area: AreaCode,
    /// Whether it is closed.
    pub closed: bool,
}

impl Outline {
    /// That of a record.
    pub fn of(record: &Record) -> Self {
        Self {
            kind: record.body.kind(),
            area: record.area,
            closed: record.closed,
        }
    }
}

/// The registry as the rules see it.
pub trait Registry {
    /// Why it could not be read.
    type Error;

    /// A record as it stands, closed or not, with every part that is known here.
    fn current(&self, id: &RecordId) -> Result<Option<Record>, Self::Error>;

    /// What is known of a record without reading what it says; most references need no more.
    fn outline(&self, id: &RecordId) -> Result<Option<Outline>, Self::Error> {
        Ok(self.current(id)?.as_ref().map(Outline::of))
    }

    /// The records that are not closed under a key, its term a prefix when open.
    fn with_key(&self, key: &Key) -> Result<Vec<RecordId>, Self::Error>;

    /// The records of a kind that are not closed, in this area and the areas inside it.
    fn in_area(&self, kind: Kind, area: &AreaCode) -> Result<Vec<RecordId>, Self::Error>;

    /// What the posted transfers leave on an account; nothing on what is none.
    fn balance(&self, account: &RecordId) -> Result<Fen, Self::Error>;

    /// Takes a change, so that what follows sees it: the state before, the state after, and the draft that writes it.
    fn stage(
        &mut self,
        before: Option<&Record>,
        after: &Record,
        draft: &Draft,
    ) -> Result<(), Self::Error>;
}

/// Holds a command against the registry and stages what it does. On an error the caller discards what was staged.
pub fn decide<R: Registry>(
    registry: &mut R,
    command: &Command,
    circumstances: &Circumstances,
) -> Result<Vec<Draft>, Error<R::Error>> {
    if command.changes.is_empty() {
        return Err(Error::Refused(Refused {
            change: 0,
            refusal: Refusal::NothingToDo,
        }));
    }
    let mut drafts = Vec::with_capacity(command.changes.len());
    let mut touched = relations::TouchedHouseholds::default();
    for (number, change) in command.changes.iter().enumerate() {
        let decided = decide_change(registry, change, command.actor, circumstances)
            .map_err(|error| error.at(number))?;
        touched.note(number, decided.before.as_ref(), &decided.after);
        registry
            .stage(decided.before.as_ref(), &decided.after, &decided.draft)
            .map_err(Error::Registry)?;
        drafts.push(decided.draft);
    }
    touched.check(registry)?;
    Ok(drafts)
}

/// Why a command was not carried out.
#[derive(Debug, Error)]
pub enum Error<E> {
    /// A rule speaks against it.
    #[error(transparent)]
    Refused(Refused),
    /// The registry could not be read.
    #[error("the registry could not be read")]
    Registry(#[source] E),
}

/// A refusal and the change that it is about.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("change {}: {refusal}", change + 1)]
pub struct Refused {
    /// The change's place in the command, from 0.
    pub change: usize,
    /// Why.
    pub refusal: Refusal,
}

/// An error that does not know its change yet.
enum ChangeError<E> {
    Refused(Refusal),
    Registry(E),
}

impl<E> ChangeError<E> {
    fn at(self, change: usize) -> Error<E> {
        match self {
            Self::Refused(refusal) => Error::Refused(Refused { change, refusal }),
            Self::Registry(error) => Error::Registry(error),
        }
    }
}

impl<E> From<BatchRefusal> for ChangeError<E> {
    fn from(refusal: BatchRefusal) -> Self {
        Refusal::from(refusal).into()
    }
}

impl<E> From<LoanRefusal> for ChangeError<E> {
    fn from(refusal: LoanRefusal) -> Self {
        Self::Refused(refusal.into())
    }
}

impl<E> From<PolicyRefusal> for ChangeError<E> {
    fn from(refusal: PolicyRefusal) -> Self {
        Self::Refused(refusal.into())
    }
}

impl<E> From<Refusal> for ChangeError<E> {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

struct Decided {
    before: Option<Record>,
    after: Record,
    draft: Draft,
}

fn decide_change<R: Registry>(
    registry: &R,
    change: &Change,
    actor: ActorId,
    circumstances: &Circumstances,
) -> Result<Decided, ChangeError<R::Error>> {
    let before = registry
        .current(&change.id)
        .map_err(ChangeError::Registry)?;
    check_revision(change, before.as_ref())?;
    check_area(registry, change, circumstances)?;
    let mut parts = change.body.parts();
    if let Some(before) = &before {
        parts.inherit(&before.body.parts());
    }
    // What was cleared is not written, so the state that is staged is the one that the log gives back.
    parts.sealed.retain(|(_, content)| !content.is_empty());
    let mut after = Record {
        id: change.id,
        area: change.area,
        revision: change.expected_revision + 1,
        closed: change.action == Action::Close,
        body: Body::from_parts(change.body.kind(), &parts).map_err(Refusal::Invalid)?,
    };
    if relations::complete(registry, before.as_ref(), &mut after)? {
        parts = after.body.parts();
        parts.sealed.retain(|(_, content)| !content.is_empty());
    }
    relations::check(registry, before.as_ref(), &after, actor, circumstances)?;
    relations::unlocked(registry, before.as_ref(), &after)?;
    let draft = after.draft(change.action, parts);
    Ok(Decided {
        before,
        after,
        draft,
    })
}

fn check_revision(change: &Change, before: Option<&Record>) -> Result<(), Refusal> {
    let current = before.map_or(0, |record| record.revision);
    let creates = change.action == Action::Create;
    if creates != (change.expected_revision == 0) {
        let problem = Problem::Malformed("must be 0 to create and is needed otherwise".to_owned());
        return Err(Fault::new("expected_revision", problem).into());
    }
    if current != change.expected_revision {
        return Err(Refusal::Stale {
            expected: change.expected_revision,
            current,
        });
    }
    let Some(before) = before else { return Ok(()) };
    if before.closed {
        return Err(Refusal::Closed(before.id));
    }
    if before.body.kind() != change.body.kind() {
        return Err(Refusal::OtherKind {
            id: before.id,
            kind: before.body.kind(),
        });
    }
    let moves =
        change.action == Action::Change && relations::moves_with_household(change.body.kind());
    if before.area != change.area && !moves {
        return Err(Refusal::OtherArea {
            current: before.area,
            wanted: change.area,
        });
    }
    Ok(())
}

fn check_area<R: Registry>(
    registry: &R,
    change: &Change,
    circumstances: &Circumstances,
) -> Result<(), ChangeError<R::Error>> {
    let area = change.area;
    if !circumstances.own_area.contains(&area) {
        return Err(Refusal::OutsideArea {
            area,
            own_area: circumstances.own_area,
        }
        .into());
    }
    let needed = match &change.body {
        Body::Area(_) if area == circumstances.own_area => None,
        Body::Area(_) => area.parent(),
        // What an alert is about may stand in an area that only a node below has registered.
        Body::Node(_) | Body::Alert(_) => None,
        _ => Some(area),
    };
    let Some(needed) = needed else { return Ok(()) };
    let registered = registry
        .outline(&crate::record::area_id(&needed))
        .map_err(ChangeError::Registry)?;
    match registered {
        Some(area) if !area.closed => Ok(()),
        _ => Err(Refusal::UnknownArea(needed).into()),
    }
}

impl Change {
    /// A change that creates a record.
    pub fn create(id: RecordId, area: AreaCode, body: impl Into<Body>) -> Self {
        Self {
            action: Action::Create,
            expected_revision: 0,
            id,
            area,
            body: body.into(),
        }
    }

    /// A change of the current revision of a record.
    pub fn of(current: &Record, action: Action, body: impl Into<Body>) -> Self {
        Self {
            action,
            expected_revision: current.revision,
            id: current.id,
            area: current.area,
            body: body.into(),
        }
    }

    /// Whether it leaves the open part and every given sealed part as they are.
    pub fn changes_nothing(&self, current: &Record) -> bool {
        let mut parts = self.body.parts();
        let before = current.body.parts();
        parts.inherit(&before);
        self.action == Action::Change
            && parts
                == Parts {
                    open: before.open,
                    sealed: before.sealed,
                }
    }
}
