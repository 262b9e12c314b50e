//! What is registered, by name.

use std::collections::{HashMap, HashSet};

use lika_core::{
    authority::Permission,
    log::Kind,
    record::{Body, Index, Key, Member, Record, Transfer},
    value::{AreaCode, Date, Fen, RecordId},
};

use crate::files::{Known, import::registry, table::Error};

/// Both accounts, amount and day of a transfer.
pub(super) type Movement = (RecordId, RecordId, Fen, Date);

/// The registry by the names of what is in it. A kind is read once, when it is first asked for.
pub(super) struct Directory<'a, K> {
    known: &'a K,
    named: HashMap<Kind, HashMap<String, Vec<Record>>>,
    movements: Option<HashSet<Movement>>,
}

/// A member of a household, and the record.
pub(super) type Registered = (RecordId, Member);

impl<'a, K: Known> Directory<'a, K> {
    pub(super) fn new(known: &'a K) -> Self {
        Self {
            known,
            named: HashMap::new(),
            movements: None,
        }
    }

    /// Whether whoever asks may do something in an area.
    pub(super) fn may(&self, permission: Permission, area: &AreaCode) -> bool {
        self.known.may(permission, area)
    }

    /// The open records of a kind with this name that whoever asks may read.
    pub(super) fn named(&mut self, kind: Kind, name: &str) -> Result<Vec<Record>, Error> {
        if !self.named.contains_key(&kind) {
            let read = self.read(kind)?;
            self.named.insert(kind, read);
        }
        let named = self.named.get(&kind).and_then(|named| named.get(name));
        Ok(named.cloned().unwrap_or_default())
    }

    /// A record, unless it is closed.
    pub(super) fn open(&self, id: &RecordId) -> Result<Option<Record>, Error> {
        let record = self.known.current(id).map_err(registry)?;
        Ok(record.filter(|record| !record.closed))
    }

    /// The open records under a key.
    pub(super) fn with_key(&self, key: &Key) -> Result<Vec<Record>, Error> {
        let mut records = Vec::new();
        for id in self.known.with_key(key).map_err(registry)? {
            records.extend(self.open(&id)?);
        }
        Ok(records)
    }

    /// The records of a kind that stand in this very area.
    pub(super) fn standing_in(&self, kind: Kind, area: &AreaCode) -> Result<Vec<RecordId>, Error> {
        let mut standing = Vec::new();
        for id in self.known.in_area(kind, area).map_err(registry)? {
            let record = self.open(&id)?;
            standing.extend(record.filter(|it| it.area == *area).map(|it| it.id));
        }
        Ok(standing)
    }

    /// The members of a household.
    pub(super) fn members(&self, household: &RecordId) -> Result<Vec<Registered>, Error> {
        let key = Key::record(Index::MembersOfHousehold, household);
        let members = self.with_key(&key)?.into_iter();
        let member = |record: Record| match record.body {
            Body::Member(member) => Some((record.id, member)),
            _ => None,
        };
        Ok(members.filter_map(member).collect())
    }

    /// Whether such a transfer is proposed or posted.
    pub(super) fn is_moved(&mut self, movement: &Movement) -> Result<bool, Error> {
        if self.movements.is_none() {
            let ids = self.known.in_area(Kind::Transfer, &AreaCode::NATION);
            let mut movements = HashSet::new();
            for id in ids.map_err(registry)? {
                if let Some(Body::Transfer(transfer)) = self.open(&id)?.map(|it| it.body) {
                    movements.insert(movement_of(&transfer));
                }
            }
            self.movements = Some(movements);
        }
        let movements = self.movements.as_ref();
        Ok(movements.is_some_and(|movements| movements.contains(movement)))
    }

    fn read(&self, kind: Kind) -> Result<HashMap<String, Vec<Record>>, Error> {
        let mut named: HashMap<String, Vec<Record>> = HashMap::new();
        let ids = self.known.in_area(kind, &AreaCode::NATION);
        for id in ids.map_err(registry)? {
            let Some(record) = self.open(&id)? else {
                continue;
            };
            let may_read = match kind {
                Kind::Cadre => Permission::ReadPersonal,
                _ => Permission::ReadOpen,
            };
            let name = name_of(&record.body).filter(|_| self.may(may_read, &record.area));
            if let Some(name) = name.map(ToOwned::to_owned) {
                named.entry(name).or_default().push(record);
            }
        }
        Ok(named)
    }
}

fn movement_of(transfer: &Transfer) -> Movement {
    let Transfer {
        from,
        to,
        amount,
        on,
        ..
    } = transfer;
    (*from, *to, *amount, *on)
}

fn name_of(body: &Body) -> Option<&str> {
    match body {
        Body::Unit(unit) => Some(unit.name.as_str()),
        Body::Cadre(cadre) => cadre.identity.as_ref().map(|own| own.name.as_str()),
        Body::Project(project) => Some(project.name.as_str()),
        Body::Account(account) => Some(account.name.as_str()),
        Body::Enterprise(enterprise) => Some(enterprise.name.as_str()),
        Body::GuaranteeFund(fund) => Some(fund.name.as_str()),
        _ => None,
    }
}
