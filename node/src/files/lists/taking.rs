//! From typed rows to proposals: what is registered is found, what differs is proposed.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    fmt::Display,
};

use lika_core::{
    authority::Permission,
    command::Change,
    log::{Action, Kind},
    record::{Body, Cadre, Index, Key, Record},
    value::{AreaCode, Label, Name, RecordId, Text},
};

use super::{List, Proposal, Settings, cell::DocumentNumber, column::Given, directory::Directory};
use crate::files::{
    Class, Known, Plan,
    fault::{Cause, Named, Report},
    table::Error,
};

/// Why a row is not taken.
pub(super) enum Halt {
    /// It is faulty, which is reported.
    Faulty,
    /// The file cannot be taken at all.
    Error(Error),
}

impl From<Error> for Halt {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

/// The columns that say which household a row is about.
pub(super) struct HouseholdNamed<'r> {
    pub(super) number: &'r Given<Option<Text>>,
    pub(super) document: &'r Given<Option<DocumentNumber>>,
    pub(super) head: &'r Given<Option<Name>>,
    pub(super) village: &'r Given<Option<AreaCode>>,
}

/// The columns that say which cadre a row is about.
pub(super) struct CadreNamed<'r> {
    pub(super) number: &'r Given<Option<Text>>,
    pub(super) name: &'r Given<Option<Name>>,
    pub(super) unit: &'r Given<Option<Label>>,
}

/// A list while its rows are taken.
pub(super) struct Taking<'a, K> {
    pub(super) settings: &'a Settings,
    pub(super) directory: Directory<'a, K>,
    list: List,
    report: Report<'a>,
    plan: Plan,
    proposals: Vec<Proposal>,
    /// What the rows are about, with their row.
    subjects: HashMap<String, u32>,
    /// The registered records that the file has.
    taken: HashSet<RecordId>,
    /// Where they stand, and what is new.
    areas: BTreeSet<AreaCode>,
    classes: BTreeMap<u32, Class>,
}

impl<'a, K: Known> Taking<'a, K> {
    pub(super) fn new(
        list: List,
        settings: &'a Settings,
        directory: Directory<'a, K>,
        report: Report<'a>,
    ) -> Self {
        Self {
            settings,
            directory,
            list,
            report,
            plan: Plan::default(),
            proposals: Vec::new(),
            subjects: HashMap::new(),
            taken: HashSet::new(),
            areas: BTreeSet::new(),
            classes: BTreeMap::new(),
        }
    }

    /// How many rows there were.
    pub(super) fn rows(&self) -> usize {
        self.plan.summary.rows
    }

    pub(super) fn report(&mut self) -> &mut Report<'a> {
        &mut self.report
    }

    /// Begins a row.
    pub(super) fn begin(&mut self) {
        self.plan.summary.rows += 1;
    }

    /// Says what is wrong with a cell.
    pub(super) fn fault<T>(&mut self, at: u32, given: &Given<T>, cause: Cause) -> Halt {
        given.report(at, cause, &mut self.report);
        Halt::Faulty
    }

    /// The value of a cell that this row must have.
    pub(super) fn must<T: Clone>(&mut self, at: u32, given: &Given<Option<T>>) -> Result<T, Halt> {
        match &**given {
            Some(value) => Ok(value.clone()),
            None => Err(self.fault(at, given, Cause::Missing)),
        }
    }

    /// Asks whether whoever imports may write there, before anything of it is told.
    pub(super) fn may_write(&mut self, kind: Kind, area: &AreaCode) -> Result<(), Halt> {
        if self.directory.may(Permission::Write(kind), area) {
            Ok(())
        } else {
            Err(Halt::Error(Error::NotYours(*area)))
        }
    }

    /// Sees to it that no two rows are about the same.
    pub(super) fn once(&mut self, at: u32, subject: &[&dyn Display]) -> Result<(), Halt> {
        let subject: Vec<String> = subject.iter().map(|part| part.to_string()).collect();
        match self.subjects.insert(subject.join("\u{1f}"), at) {
            None => Ok(()),
            Some(row) => {
                self.report.row(at, Cause::RowTwice { row });
                Err(Halt::Faulty)
            }
        }
    }

    /// The one registered record that a cell can mean; none where there is none.
    pub(super) fn one<T, R>(
        &mut self,
        at: u32,
        given: &Given<T>,
        what: Named,
        mut found: Vec<R>,
    ) -> Result<Option<R>, Halt> {
        let count = found.len();
        match (found.pop(), count) {
            (Some(_), 2..) => Err(self.fault(at, given, Cause::Ambiguous { what, count })),
            (found, _) => Ok(found),
        }
    }

    /// The one registered record of a kind and name: where several have the name, that which stands in the row's own
    /// area.
    pub(super) fn named(
        &mut self,
        at: u32,
        given: &Given<Option<Label>>,
        (kind, what): (Kind, Named),
        near: &AreaCode,
    ) -> Result<Option<Record>, Halt> {
        let Some(name) = &**given else {
            return Ok(None);
        };
        let found = self.directory.named(kind, name.as_str())?;
        self.nearest(at, given, what, found, near).map(Some)
    }

    /// Of several records that a cell can mean, that which stands in the row's own area.
    pub(super) fn nearest<T>(
        &mut self,
        at: u32,
        given: &Given<T>,
        what: Named,
        mut found: Vec<Record>,
        near: &AreaCode,
    ) -> Result<Record, Halt> {
        if found.len() > 1 && found.iter().any(|record| record.area == *near) {
            found.retain(|record| record.area == *near);
        }
        match self.one(at, given, what, found)? {
            Some(record) => Ok(record),
            None => Err(self.fault(at, given, Cause::NotRegistered(what))),
        }
    }

    /// The household that a row is about. Everything that the row says of it has to be so.
    pub(super) fn household(&mut self, at: u32, said: &HouseholdNamed<'_>) -> Result<Record, Halt> {
        let of_head = |record: &Record| match &record.body {
            Body::Member(member) if member.is_head() => Some(member.household),
            _ => None,
        };
        let (key, is_of_member) = match (&**said.number, &**said.document, &**said.head) {
            (Some(number), ..) => (Key::blind(Index::HouseholdNumber, number.as_str()), false),
            (None, Some(document), _) => (Key::blind(Index::Document, document.0.as_str()), true),
            (None, None, Some(head)) if said.village.is_some() => {
                (Key::blind(Index::MemberName, head.as_str()), true)
            }
            (None, None, _) => {
                return Err(self.fault(at, said.number, Cause::HouseholdNotNamed));
            }
        };
        let mut found = Vec::new();
        for record in self.directory.with_key(&key)? {
            let household = match is_of_member {
                true => of_head(&record).map(|household| self.directory.open(&household)),
                false => Some(Ok(Some(record))),
            };
            found.extend(household.transpose()?.flatten());
        }
        let mut fitting = Vec::new();
        for record in found {
            let is_there = said.village.is_none_or(|village| village == record.area);
            // Whoever may not read who lives there finds nobody.
            let may_know = self.directory.may(Permission::ReadPersonal, &record.area);
            if is_there && may_know && self.is_headed(&record.id, said)? {
                fitting.push(record);
            }
        }
        let household = match (&**said.number, &**said.document) {
            (Some(_), _) => self.one(at, said.number, Named::Household, fitting)?,
            (None, Some(_)) => self.one(at, said.document, Named::Household, fitting)?,
            (None, None) => self.one(at, said.head, Named::Household, fitting)?,
        };
        let cause = Cause::NotRegistered(Named::Household);
        household.ok_or_else(|| match (&**said.number, &**said.document) {
            (Some(_), _) => self.fault(at, said.number, cause),
            (None, Some(_)) => self.fault(at, said.document, cause),
            (None, None) => self.fault(at, said.head, cause),
        })
    }

    /// Whether the head of a household is the one that the row gives.
    fn is_headed(&self, household: &RecordId, said: &HouseholdNamed<'_>) -> Result<bool, Halt> {
        if said.head.is_none() && said.document.is_none() {
            return Ok(true);
        }
        let members = self.directory.members(household)?;
        let mut heads = members.iter().filter(|(_, member)| member.is_head());
        let is_head = heads.any(|(_, head)| {
            let Some(own) = &head.identity else {
                return false;
            };
            let name = said.head.as_ref();
            let document = said.document.as_ref();
            name.is_none_or(|name| *name == own.name)
                && document.is_none_or(|it| own.document.normalised().as_ref() == Some(&it.0))
        });
        Ok(is_head)
    }

    /// The cadre that a row is about; none where it names none. Everything that the row says of the cadre has to be so.
    pub(super) fn cadre(
        &mut self,
        at: u32,
        said: &CadreNamed<'_>,
        near: &AreaCode,
    ) -> Result<Option<(Record, Cadre)>, Halt> {
        let mut found = match (&**said.number, &**said.name) {
            (Some(number), _) => self.cadres_numbered(number)?,
            (None, Some(name)) => self.directory.named(Kind::Cadre, name.as_str())?,
            (None, None) => return Ok(None),
        };
        if let Some(name) = &**said.name {
            found.retain(|record| is_cadre_where(record, |own| own.name == *name));
        }
        let what = (Kind::Unit, Named::Unit);
        if let Some(unit) = self.named(at, said.unit, what, near)? {
            let is_of = |record: &Record| match &record.body {
                Body::Cadre(cadre) => cadre.unit == Some(unit.id),
                _ => false,
            };
            found.retain(is_of);
        }
        let one = match &**said.name {
            Some(_) => self.one(at, said.name, Named::Cadre, found)?,
            None => self.one(at, said.number, Named::Cadre, found)?,
        };
        match one.map(|record| (record.body.clone(), record)) {
            Some((Body::Cadre(cadre), record)) => Ok(Some((record, cadre))),
            _ => {
                let cause = Cause::NotRegistered(Named::Cadre);
                Err(match &**said.name {
                    Some(_) => self.fault(at, said.name, cause),
                    None => self.fault(at, said.number, cause),
                })
            }
        }
    }

    /// The cadres with a number of the county's list, as far as whoever imports may know of them.
    pub(super) fn cadres_numbered(&self, number: &Text) -> Result<Vec<Record>, Halt> {
        let key = Key::blind(Index::CadreNumber, number.as_str());
        let mut found = self.directory.with_key(&key)?;
        found.retain(|record| self.directory.may(Permission::ReadPersonal, &record.area));
        Ok(found)
    }

    /// Proposes what a row asks for: over what is registered, or new. Answers the record's id.
    pub(super) fn propose(
        &mut self,
        at: u32,
        area: AreaCode,
        before: Option<&Record>,
        body: impl Into<Body>,
    ) -> Result<RecordId, Halt> {
        let body = body.into();
        match before {
            None => {
                let id = self.new_id(body.kind(), at);
                Ok(self.create(at, id, area, body))
            }
            Some(before) if before.area != area => {
                let cause = Cause::RegisteredIn { area: before.area };
                self.report.row(at, cause);
                Err(Halt::Faulty)
            }
            Some(before) => {
                let change = Change::of(before, Action::Change, body);
                let class = match change.changes_nothing(before) {
                    true => Class::Unchanged,
                    false => Class::Changed,
                };
                Ok(self.add(at, class, change))
            }
        }
    }

    /// Proposes a new record under an id.
    pub(super) fn create(
        &mut self,
        at: u32,
        id: RecordId,
        area: AreaCode,
        body: impl Into<Body>,
    ) -> RecordId {
        self.add(at, Class::New, Change::create(id, area, body))
    }

    fn add(&mut self, at: u32, class: Class, change: Change) -> RecordId {
        let (id, kind, area) = (change.id, change.body.kind(), change.area);
        if kind == self.list.kind() {
            self.taken.insert(id);
            self.areas.insert(area);
        }
        // A row that is more than one record counts once, as the most that happens to it.
        let known = self.classes.entry(at).or_insert(class);
        *known = class.max(*known);
        if class != Class::Unchanged {
            self.proposals.push(Proposal { row: at, change });
        }
        id
    }

    /// The same request makes the same records of the same rows.
    fn new_id(&self, kind: Kind, row: u32) -> RecordId {
        let domain = format!("lika.import.{}", kind.label());
        let request = &self.settings.request.0[..];
        RecordId::derived(&domain, &[request, &row.to_be_bytes()].concat())
    }

    /// Notes what is registered in the areas of the file and is not in it.
    pub(super) fn note_absent(&mut self) -> Result<(), Error> {
        let kind = self.list.kind();
        for area in &self.areas {
            let standing = self.directory.standing_in(kind, area)?;
            let absent = standing.into_iter().filter(|id| !self.taken.contains(id));
            self.plan.absent_records.extend(absent.map(|id| (kind, id)));
        }
        self.plan.summary.records.absent = self.plan.absent_records.len();
        Ok(())
    }

    pub(super) fn finish(self) -> (Plan, Vec<Proposal>) {
        let Self {
            mut plan,
            proposals,
            report,
            classes,
            ..
        } = self;
        plan.rows = classes.into_iter().collect();
        plan.faults = report.faults;
        (plan, proposals)
    }
}

/// Whether a record is a cadre of whom something holds.
pub(super) fn is_cadre_where(
    record: &Record,
    holds: impl FnOnce(&lika_core::record::CadreIdentity) -> bool,
) -> bool {
    match &record.body {
        Body::Cadre(cadre) => cadre.identity.as_ref().is_some_and(holds),
        _ => false,
    }
}
