//! Comparisons through the gateway: a whole list is one command.
//!
//! What is read of a list is held in memory while it is read, and only what it says of somebody registered in the area
//! outlives its row. Nothing of a list is logged.

use std::{
    fs::File,
    io::{Read as _, Seek as _},
};

use lika_core::{
    authority::Permission,
    command::{Change, Command, Refusal},
    log::Kind,
    record::{Body, Comparison, Doubt, Index, Key, Member, Record, Verification},
    value::{ActorId, AreaCode, Date, Digest, RecordId, RequestId, Text},
};

use super::{Caller, Error, Gateway, listed, transfer::file_refused};
use crate::{
    files::{
        Faults, Table,
        comparison::{self, Hit, List, Registered},
    },
    store::{self, Reader, Receipt, Stored},
};

/// Doubts of one answer at most.
const MOST: usize = 1000;

/// What a comparison is asked to do.
#[derive(Clone, Copy, Debug)]
pub struct Compare<'a> {
    /// The request: the whole list is one command.
    pub request: RequestId,
    /// Code list comparison-source.
    pub source: &'a str,
    /// The area whose people are looked up.
    pub area: AreaCode,
    /// The day of the list; today when it is not given.
    pub listed_on: Option<Date>,
    /// Only say what would happen.
    pub dry_run: bool,
}

/// What came of a comparison.
#[derive(Clone, Debug)]
pub struct Compared {
    /// Its record; none in a dry run.
    pub id: Option<RecordId>,
    /// What it counts.
    pub comparison: Comparison,
    /// What is wrong in the list.
    pub faults: Faults,
    /// What was written; none in a dry run, or when the request is answered again.
    pub receipt: Option<Receipt>,
}

/// The doubts that wait in an area.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// The oldest first.
    pub doubts: Vec<super::Seen>,
    /// There are more than are listed.
    pub has_more: bool,
}

impl Gateway {
    /// Whether the caller may hold lists against the registry in an area: asked before a file is taken.
    pub fn may_compare(&self, caller: &Caller, area: &AreaCode) -> Result<(), Error> {
        caller.must(Permission::Write(Kind::Comparison), area)
    }

    /// Holds a list against the registry. The same request answers the same counts.
    pub async fn compare(
        &self,
        caller: &Caller,
        asked: Compare<'_>,
        mut file: File,
    ) -> Result<Compared, Error> {
        let area = asked.area;
        self.may_compare(caller, &area)?;
        caller.must(Permission::Write(Kind::Doubt), &area)?;
        let source = listed("comparison-source", "source", asked.source)?;
        let today = self.clock().today();
        let listed_on = asked.listed_on.unwrap_or(today);
        if listed_on > today {
            let refusal = Refusal::InTheFuture {
                field: "listed_on",
                date: listed_on,
            };
            return Err(Error::Other {
                code: refusal.code(),
                message: refusal.to_string(),
            });
        }
        let id = RecordId::derived("lika.comparison", &asked.request.0);
        let (reader, of) = (self.inner.reader.clone(), source.clone());
        let read = tokio::task::spawn_blocking(move || {
            let digest = digest(&mut file)?;
            let table = Table::of_file(file, "list")?;
            let mut look_up = |number: &str| registered(&reader, &area, number);
            let list = comparison::read(table, &of, Comparison::MOST_ROWS, &mut look_up)?;
            Ok((digest, list))
        });
        let (digest, list) = read
            .await
            .map_err(|_| Error::TaskEnded)?
            .map_err(file_refused)?;
        let List {
            rows,
            unreadable,
            hits,
            faults,
        } = list;
        let mut comparison = Comparison {
            source,
            listed_on,
            compared_on: today,
            rows,
            unreadable,
            hits: hits.len() as u64,
            raised: 0,
            digest: Some(digest),
        };
        if let Some(earlier) = self.compared_before(&id, &area, &comparison)? {
            return Ok(Compared {
                id: Some(id),
                comparison: earlier,
                faults,
                receipt: None,
            });
        }
        let doubts = self.doubts(&id, &comparison, hits)?;
        comparison.raised = doubts.len() as u64;
        let receipt = if asked.dry_run {
            None
        } else {
            let first = Change::create(id, area, comparison.clone());
            let command = Command {
                request: asked.request,
                actor: ActorId(caller.officer.0),
                changes: [first].into_iter().chain(doubts).collect(),
            };
            Some(self.inner.store.submit(command).await?)
        };
        Ok(Compared {
            id: receipt.is_some().then_some(id),
            comparison,
            faults,
            receipt,
        })
    }

    /// What this request has done already: by then its own doubts are known, so that its body would be another one.
    fn compared_before(
        &self,
        id: &RecordId,
        area: &AreaCode,
        asked: &Comparison,
    ) -> Result<Option<Comparison>, Error> {
        let Some(stored) = self.inner.reader.get(id)? else {
            return Ok(None);
        };
        let record = stored.into_record();
        let record = record.filter(|record| record.area == *area);
        match record.map(|record| record.body) {
            Some(Body::Comparison(known))
                if known.source == asked.source
                    && known.listed_on == asked.listed_on
                    && known.digest == asked.digest =>
            {
                Ok(Some(known))
            }
            _ => Err(store::Error::RequestReused.into()),
        }
    }

    fn doubts(
        &self,
        id: &RecordId,
        comparison: &Comparison,
        hits: Vec<Hit>,
    ) -> Result<Vec<Change>, Error> {
        let mut doubts = Vec::new();
        for hit in hits {
            let Hit {
                row,
                member,
                area,
                name_differs,
                statements,
            } = hit;
            let key = Doubt::hit_of(&member, &comparison.source, &statements);
            if !self.inner.reader.find(&key)?.is_empty() {
                continue;
            }
            let doubt = Doubt {
                comparison: *id,
                member,
                source: comparison.source.clone(),
                raised_on: comparison.compared_on,
                name_differs,
                verification: None,
                statements: Some(statements),
                note: None,
            };
            doubts.push(Change::create(Doubt::id_for(id, row), area, doubt));
        }
        Ok(doubts)
    }

    /// The doubts in an area that nobody has verified.
    pub fn waiting_doubts(&self, caller: &Caller, area: &AreaCode) -> Result<Waiting, Error> {
        caller.must(Permission::ReadOpen, area)?;
        let reader = &self.inner.reader;
        let today = self.clock().today().number().to_be_bytes();
        let mut doubts = Vec::new();
        for id in reader.find_up_to(Index::DoubtsWaiting, &today)? {
            let seen = match self.get(caller, &id, None) {
                Ok(seen) => seen,
                Err(Error::NotFound(_)) => continue,
                Err(error) => return Err(error),
            };
            if !area.contains(&seen.record.area) {
                continue;
            }
            if doubts.len() == MOST {
                return Ok(Waiting {
                    doubts,
                    has_more: true,
                });
            }
            doubts.push(seen);
        }
        Ok(Waiting {
            doubts,
            has_more: false,
        })
    }

    /// Says what a doubt was, as the caller. The same request answers the same.
    pub async fn verify_doubt(
        &self,
        caller: &Caller,
        request: RequestId,
        doubt: &RecordId,
        finding: &str,
        note: Text,
    ) -> Result<Receipt, Error> {
        let not_found = || Error::NotFound(*doubt);
        let first = self.inner.reader.history(doubt)?.into_iter().next();
        let first = first.ok_or_else(not_found)?;
        let raised_by = first.header.node;
        let record = first.into_record().ok_or_else(not_found)?;
        let is_readable = caller.may(Permission::ReadOpen, &record.area);
        let (true, Body::Doubt(body)) = (is_readable, &record.body) else {
            return Err(not_found());
        };
        caller.must(Permission::Write(Kind::Doubt), &record.area)?;
        if raised_by != self.inner.reader.node() {
            return Err(Error::Other {
                code: "doubt-of-another-node",
                message: format!("the doubt was raised by node {raised_by} and is verified there"),
            });
        }
        let body = Doubt {
            verification: Some(Verification {
                finding: listed("doubt-finding", "finding", finding)?,
                officer: caller.officer,
                on: self.clock().today(),
            }),
            note: Some(Some(note).filter(|note| !note.is_empty())),
            ..body.clone()
        };
        let command = Command {
            request,
            actor: ActorId(caller.officer.0),
            changes: vec![Change::of(&record, lika_core::log::Action::Change, body)],
        };
        match self.inner.store.submit(command).await {
            Err(store::Error::Refused(refused))
                if matches!(refused.refusal, Refusal::Stale { .. }) =>
            {
                let settled = Refusal::DoubtSettled(*doubt);
                Err(Error::Other {
                    code: settled.code(),
                    message: settled.to_string(),
                })
            }
            done => Ok(done?),
        }
    }
}

/// The SHA-256 of a file, rewound afterwards.
fn digest(file: &mut File) -> Result<Digest, crate::files::Error> {
    let mut bytes = Vec::new();
    let read = file.read_to_end(&mut bytes).and_then(|_| file.rewind());
    read.map_err(crate::files::Error::Io)?;
    Ok(Digest::of(&bytes))
}

/// Who is registered in an area under a number.
fn registered(
    reader: &Reader,
    area: &AreaCode,
    number: &str,
) -> Result<Option<Registered>, store::Error> {
    for id in reader.find(&Key::blind(Index::Document, number))? {
        let stored = reader.get(&id)?.filter(|it| area.contains(&it.header.area));
        let Some(Record {
            area,
            body: Body::Member(Member { identity, .. }),
            ..
        }) = stored.and_then(Stored::into_record)
        else {
            continue;
        };
        return Ok(Some(Registered {
            member: id,
            area,
            name: identity.map(|identity| identity.name),
        }));
    }
    Ok(None)
}
