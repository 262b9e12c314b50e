//! The county's own members, as its log has them.

use std::collections::BTreeSet;

use lika_core::{
    log::Kind,
    record::{Body, Handle},
    value::{Digest, RecordId},
};
use ring::rand::{SecureRandom as _, SystemRandom};

use super::{County, Failed};
use crate::{
    duplicates::{
        Error,
        own::{OwnMember, Step},
        token::Comparable,
    },
    store::{self, Lifecycle, Listing, Position, Reader},
};

/// Bytes of the log that are read at once.
const PIECE: u64 = 1 << 20;
/// Records of a page, and members whose steps are remembered together.
const PAGE: usize = 1000;
/// Keeps the tags apart from everything else that is made with the same key.
const TAG: &str = "lika.duplicates.document";

impl County {
    /// Reads what has happened to members since the last time; all of them the first time.
    pub(super) fn scan(&self) -> Result<(), Failed> {
        let reader = self.gateway.reader().clone();
        let Some(tail) = reader.head(&reader.node()) else {
            return Ok(());
        };
        let known = self.own().scanned();
        let continues = known.filter(|at| at.epoch == tail.position.epoch && *at <= tail.position);
        match continues {
            Some(at) if at == tail.position => Ok(()),
            Some(at) => self.scan_log(&reader, at, tail.position),
            None => self.scan_all(&reader, tail.position),
        }
    }

    /// The members among these that have a document that can be compared, with it.
    pub(super) fn documents(
        &self,
        records: &[RecordId],
    ) -> Result<Vec<(RecordId, Comparable)>, Failed> {
        let reader = self.gateway.reader();
        let mut found = Vec::with_capacity(records.len());
        for record in records {
            let document = document(reader, record)?;
            // What was changed since the last look waits for the next one: the token is to be that of the tag.
            let is_known = |document: &Comparable| {
                let own = self.own();
                let member = own.member(record);
                member.is_some_and(|member| member.tag == tag(reader, document))
            };
            found.extend(
                document
                    .filter(is_known)
                    .map(|document| (*record, document)),
            );
        }
        Ok(found)
    }

    fn scan_log(&self, reader: &Reader, after: Position, until: Position) -> Result<(), Failed> {
        let (mut at, mut touched) = (after, BTreeSet::new());
        while at < until {
            let entries = reader.entries_after(&reader.node(), at, PIECE);
            let entries = entries.map_err(Error::from)?;
            let Some(last) = entries.last() else { break };
            let header = last.header();
            at = Position {
                epoch: header.epoch,
                seq: header.seq,
            };
            let headers = entries.iter().map(|entry| entry.header());
            let members = headers.filter(|header| header.kind == Kind::Member);
            touched.extend(members.map(|header| header.record));
        }
        self.look_at(reader, touched)?;
        Ok(self.own().take(vec![Step::scanned(at)])?)
    }

    fn scan_all(&self, reader: &Reader, at: Position) -> Result<(), Failed> {
        let mut after = None;
        let mut left = self.own().records();
        loop {
            let listing = Listing {
                kind: Kind::Member,
                area: self.area,
                lifecycle: Lifecycle::Open,
                after,
                limit: PAGE,
            };
            let page = reader.list_ids(&listing).map_err(Error::from)?;
            for record in &page.items {
                left.remove(record);
            }
            self.look_at(reader, page.items)?;
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        self.look_at(reader, left)?;
        Ok(self.own().take(vec![Step::scanned(at)])?)
    }

    fn look_at(
        &self,
        reader: &Reader,
        records: impl IntoIterator<Item = RecordId>,
    ) -> Result<(), Failed> {
        let mut steps = Vec::new();
        for record in records {
            let document = document(reader, &record)?;
            let mut own = self.own();
            match (document, own.member(&record)) {
                (None, None) => {}
                (None, Some(_)) => steps.push(Step::gone(&record)),
                (Some(document), known) => {
                    let tag = tag(reader, &document);
                    if known.is_none_or(|known| known.tag != tag) {
                        let handle = new_handle()?;
                        steps.push(Step::member(&record, &OwnMember { handle, tag }));
                    }
                }
            }
            if steps.len() >= PAGE {
                own.take(std::mem::take(&mut steps))?;
            }
        }
        Ok(self.own().take(steps)?)
    }
}

/// The document of an open member of this node; none where nothing of it can be compared.
fn document(reader: &Reader, record: &RecordId) -> Result<Option<Comparable>, Error> {
    let stored = match reader.get(record) {
        Ok(stored) => stored,
        Err(store::Error::Erased(_)) => None,
        Err(error) => return Err(error.into()),
    };
    let own = reader.node();
    let stored = stored.filter(|stored| !stored.closed && stored.header.node == own);
    let body = stored.and_then(|stored| stored.body.ok());
    let Some(Body::Member(member)) = body else {
        return Ok(None);
    };
    let identity = member.identity.as_ref();
    Ok(identity.and_then(|identity| Comparable::of(&identity.document)))
}

/// Tells documents apart at this node, and nowhere else.
fn tag(reader: &Reader, document: &Comparable) -> Digest {
    Digest(reader.salt(TAG, document.text().as_bytes()).0)
}

fn new_handle() -> Result<Handle, Error> {
    let mut handle = Handle([0; 16]);
    let random = SystemRandom::new();
    random.fill(&mut handle.0).map_err(|_| Error::Suite)?;
    Ok(handle)
}
