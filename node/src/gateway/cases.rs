//! Cases: what is due in an area, where one stands, and what everybody may read and say of a notice.

use lika_core::{
    authority::Permission,
    cases::{self, Obstacle, Standing},
    command::{Change, Command, Refusal},
    log::Class,
    record::{Body, Case, Fault, Index, Key, Notice, Objection, ObjectionTexts, Problem, Record},
    value::{ActorId, AreaCode, Code, Date, RecordId, RequestId, Text},
};

use super::{Caller, Error, Gateway, Seen};
use crate::store::{self, Reader, Receipt};

/// Cases, and objections, of one answer at most.
pub const MOST: usize = 1000;
/// The most characters that somebody who is not signed in may write.
const LONGEST_OBJECTION: usize = 1000;

/// What is due in an area.
#[derive(Clone, Debug, Default)]
pub struct Due {
    /// Cases, those due first.
    pub cases: Vec<CaseStanding>,
    /// Objections that wait for their answer, those due first.
    pub objections: Vec<(Record, Objection)>,
    /// There are more than are listed.
    pub has_more: bool,
}

/// A case and where it stands.
#[derive(Clone, Debug)]
pub struct CaseStanding {
    /// The record.
    pub record: Record,
    /// What of it is hidden, from this caller or at this node.
    pub withheld: Vec<Class>,
    /// What it says.
    pub case: Case,
    /// Where it stands; none where its procedure is not known here.
    pub standing: Option<Standing>,
}

/// A notice as everybody may read it.
#[derive(Clone, Debug)]
pub struct Posted {
    /// The notice.
    pub notice: Notice,
    /// Where it was posted.
    pub area: AreaCode,
    /// It was withdrawn.
    pub is_withdrawn: bool,
    /// It hangs today, so that its list is shown and objections are taken.
    pub hangs: bool,
}

/// The records of the store as [`cases`] asks for them.
pub(super) struct Stored<'a>(pub(super) &'a Reader);

impl cases::Records for Stored<'_> {
    type Error = store::Error;

    fn record(&self, id: &RecordId) -> Result<Option<Record>, store::Error> {
        let stored = self.0.get(id)?;
        Ok(stored.and_then(store::Stored::into_record))
    }

    fn under(&self, key: &Key) -> Result<Vec<RecordId>, store::Error> {
        self.0.find(key)
    }
}

impl Gateway {
    /// What is due in an area by a day.
    pub fn due(&self, caller: &Caller, area: &AreaCode, by: Date) -> Result<Due, Error> {
        caller.must(Permission::ReadOpen, area)?;
        let (cases, more_cases) = self.due_under(Index::CasesDue, area, by)?;
        let (objections, more_objections) = self.due_under(Index::ObjectionsDue, area, by)?;
        let cases = cases
            .into_iter()
            .map(|record| self.with_standing(record, Vec::new()))
            .collect::<Result<Vec<_>, _>>()?;
        let objections = objections.into_iter().filter_map(|record| {
            let Body::Objection(objection) = record.body.clone() else {
                return None;
            };
            Some((record, objection))
        });
        Ok(Due {
            cases: cases.into_iter().flatten().collect(),
            objections: objections.collect(),
            has_more: more_cases || more_objections,
        })
    }

    /// Where a case stands today.
    pub fn standing(&self, caller: &Caller, id: &RecordId) -> Result<CaseStanding, Error> {
        let Seen {
            record, withheld, ..
        } = self.get(caller, id, None)?;
        let standing = self.with_standing(record, withheld)?;
        standing.ok_or(Error::NotFound(*id))
    }

    /// The procedure by which a case of a kind begins in an area on a day, as its record.
    pub fn procedure_in_force(
        &self,
        caller: &Caller,
        area: &AreaCode,
        kind: &Code,
        on: Date,
    ) -> Result<Option<Seen>, Error> {
        caller.must(Permission::ReadOpen, area)?;
        let found = cases::in_force(&Stored(&self.inner.reader), area, kind, on)?;
        let Some(found) = found else { return Ok(None) };
        // What holds in an area may be known there, also when it stands above.
        let node = Caller::node(self.inner.reader.node(), found.area)?;
        self.get(&node, &found.id, None).map(Some)
    }

    /// A notice as everybody may read it; blocks.
    pub fn posted(&self, id: &RecordId) -> Result<Posted, Error> {
        let stored = self.inner.reader.get(id)?.ok_or(Error::NotFound(*id))?;
        // What nodes below have posted is read there.
        if stored.header.node != self.inner.reader.node() {
            return Err(Error::NotFound(*id));
        }
        let record = stored.into_record().ok_or(Error::NotFound(*id))?;
        let Body::Notice(notice) = record.body else {
            return Err(Error::NotFound(*id));
        };
        let hangs = !record.closed && notice.hangs_on(self.clock().today());
        Ok(Posted {
            notice,
            area: record.area,
            is_withdrawn: record.closed,
            hangs,
        })
    }

    /// Takes down what somebody who is not signed in objects to; the node writes it. The same request is one objection.
    pub async fn object(
        &self,
        request: RequestId,
        notice: &RecordId,
        case: &RecordId,
        objection: &str,
    ) -> Result<Receipt, Error> {
        if objection.chars().count() > LONGEST_OBJECTION {
            let problem = format!("at most {LONGEST_OBJECTION} characters");
            return Err(Fault::new("objection", Problem::Malformed(problem)).into());
        }
        let text = Text::parse(objection)
            .map_err(|error| Fault::new("objection", Problem::Malformed(error.to_string())))?;
        // Who is not signed in learns nothing of records that no notice of this node shows.
        if !self.posted(notice)?.notice.lists(case) {
            return Err(Error::NotFound(*notice));
        }
        let stored = self.inner.reader.get(case)?;
        let area = stored.ok_or(Error::NotFound(*notice))?.header.area;
        let body = Objection {
            notice: *notice,
            case: *case,
            received_on: self.clock().today(),
            answer_due: None,
            finding: None,
            texts: Some(ObjectionTexts {
                objection: (!text.is_empty()).then_some(text),
                answer: None,
            }),
        };
        let id = RecordId::derived("lika.objection", &request.0);
        let command = Command {
            request,
            actor: ActorId(self.inner.reader.node().0),
            changes: vec![Change::create(id, area, body)],
        };
        match self.inner.store.submit(command).await {
            // Who is not signed in learns nothing of records that no notice shows.
            Err(store::Error::Refused(refused))
                if matches!(refused.refusal, Refusal::NoSuchRecord { .. }) =>
            {
                Err(Error::NotFound(*notice))
            }
            done => Ok(done?),
        }
    }

    pub(super) fn due_under(
        &self,
        index: Index,
        area: &AreaCode,
        by: Date,
    ) -> Result<(Vec<Record>, bool), Error> {
        let reader = &self.inner.reader;
        let mut found = Vec::new();
        for id in reader.find_up_to(index, &by.number().to_be_bytes())? {
            let stored = reader.get(&id)?;
            let stored = stored.filter(|stored| area.contains(&stored.header.area));
            let Some(record) = stored.and_then(store::Stored::into_record) else {
                continue;
            };
            if found.len() == MOST {
                return Ok((found, true));
            }
            found.push(record);
        }
        Ok((found, false))
    }

    fn with_standing(
        &self,
        record: Record,
        withheld: Vec<Class>,
    ) -> Result<Option<CaseStanding>, Error> {
        let Body::Case(case) = record.body.clone() else {
            return Ok(None);
        };
        let standing = if record.closed {
            None
        } else {
            let (records, today) = (Stored(&self.inner.reader), self.clock().today());
            cases::standing(&records, &record, &case, today)?
        };
        Ok(Some(CaseStanding {
            record,
            withheld,
            case,
            standing,
        }))
    }
}

impl CaseStanding {
    /// The code with which taking the next step would be refused.
    pub fn obstacle(&self) -> Option<&'static str> {
        let obstacle = self.standing.as_ref()?.obstacle?;
        Some(match obstacle {
            Obstacle::Objection(_) => "objection-open",
            Obstacle::Upheld(_) => "objection-upheld",
            Obstacle::NoNotice => "not-on-notice",
            Obstacle::Clock(_) => "clock-running",
        })
    }

    /// Whether it should have been done before this day.
    pub fn is_late(&self, today: Date) -> bool {
        self.case.due.is_some_and(|due| due < today)
    }
}
