//! Reading for a caller: what they may not see is not in the answer.

use std::fmt;

use lika_core::{
    authority::Permission,
    log::{Class, Kind},
    record::{Body, Index, Key, Parts, Record},
    value::{AreaCode, IdentityDocument, RecordId},
};

use super::{Caller, Error, Gateway};
use crate::store::{Lifecycle, Listing, Page, PageToken, Position, Stored};

/// The most records of one page.
const MOST_A_PAGE: usize = 1000;
/// The records of a page when nobody says.
const ORDINARY_PAGE: usize = 100;

/// A record as the caller may see it.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The record, without the parts that are hidden or withheld.
    pub record: Record,
    /// The entry behind it: who, when, where in the log.
    pub header: lika_core::log::Header,
    /// The classes of parts that are not in the record: hidden from the caller, or not known here.
    pub withheld: Vec<Class>,
}

/// What to find.
#[derive(Clone)]
pub enum Find {
    /// An identity document in any of the forms that people write.
    Document(String),
    /// 人编号.
    MemberNumber(String),
    /// 户编号.
    HouseholdNumber(String),
    /// A member's whole name.
    Name(String),
}

/// Says what is asked by, never who is asked for.
impl fmt::Debug for Find {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Document(_) => "Document(..)",
            Self::MemberNumber(_) => "MemberNumber(..)",
            Self::HouseholdNumber(_) => "HouseholdNumber(..)",
            Self::Name(_) => "Name(..)",
        })
    }
}

/// What to list.
#[derive(Clone, Debug)]
pub struct ListQuery {
    /// The kind.
    pub kind: Kind,
    /// In this area and below.
    pub area: AreaCode,
    /// How many; 0 for the ordinary number.
    pub limit: usize,
    /// Where an earlier page ended.
    pub after: Option<PageToken>,
    /// Open or closed ones.
    pub lifecycle: Lifecycle,
}

impl Gateway {
    /// Reads a record, now or as of a position of this node's log.
    pub fn get(
        &self,
        caller: &Caller,
        id: &RecordId,
        as_of: Option<Position>,
    ) -> Result<Seen, Error> {
        let stored = match as_of {
            Some(position) => self.inner.reader.get_as_of(id, position)?,
            None => self.inner.reader.get(id)?,
        };
        see(caller, stored.ok_or(Error::NotFound(*id))?).ok_or(Error::NotFound(*id))
    }

    /// The revisions of a record, oldest first.
    pub fn history(&self, caller: &Caller, id: &RecordId) -> Result<Vec<Seen>, Error> {
        let seen: Vec<Seen> = self
            .inner
            .reader
            .history(id)?
            .into_iter()
            .filter_map(|stored| see(caller, stored))
            .collect();
        if seen.is_empty() {
            Err(Error::NotFound(*id))
        } else {
            Ok(seen)
        }
    }

    /// Lists records of a kind in an area that the caller may read.
    pub fn list(&self, caller: &Caller, query: &ListQuery) -> Result<Page<Seen>, Error> {
        caller.must(Permission::ReadOpen, &query.area)?;
        let limit = if query.limit == 0 {
            ORDINARY_PAGE
        } else {
            query.limit.min(MOST_A_PAGE)
        };
        let listing = Listing {
            kind: query.kind,
            area: query.area,
            lifecycle: query.lifecycle,
            after: query.after.clone(),
            limit,
        };
        let page = self.inner.reader.list(&listing)?;
        let items = page
            .items
            .into_iter()
            .filter_map(|stored| see(caller, stored))
            .collect();
        Ok(Page {
            items,
            next: page.next,
        })
    }

    /// The open records under a key, as the caller may see them.
    pub fn under(&self, caller: &Caller, key: &Key) -> Result<Vec<Seen>, Error> {
        let mut found = Vec::new();
        for id in self.inner.reader.find(key)? {
            found.extend(
                self.inner
                    .reader
                    .get(&id)?
                    .and_then(|stored| see(caller, stored)),
            );
        }
        Ok(found)
    }

    /// Finds people and households by what identifies them; whoever may not read identities there finds nothing.
    pub fn find(&self, caller: &Caller, what: &Find) -> Result<Vec<Seen>, Error> {
        let key = match what {
            Find::Document(text) => Key::blind(Index::Document, normalised(text)?),
            Find::MemberNumber(text) => Key::blind(Index::MemberNumber, text.trim()),
            Find::HouseholdNumber(text) => Key::blind(Index::HouseholdNumber, text.trim()),
            Find::Name(text) => {
                let name = lika_core::value::Name::parse(text);
                Key::blind(
                    Index::MemberName,
                    name.map_err(|error| Error::Malformed(error.to_string()))?
                        .as_str(),
                )
            }
        };
        let found = self.under(caller, &key)?;
        Ok(found
            .into_iter()
            .filter(|seen| caller.may(Permission::ReadPersonal, &seen.record.area))
            .collect())
    }
}

/// Hides what the caller may not see; nothing at all remains of what they may not even read in the open.
///
/// The open part of their own record is everybody's: an approval names the cadre that stands there.
fn see(caller: &Caller, stored: Stored) -> Option<Seen> {
    let area = stored.header.area;
    let is_own = stored.header.record == caller.officer;
    if !is_own && !caller.may(Permission::ReadOpen, &area) {
        return None;
    }
    let personal = caller.may(Permission::ReadPersonal, &area);
    let Parts { open, mut sealed } = stored.parts;
    let mut withheld = stored.withheld;
    withheld.extend(sealed.iter().map(|(class, _)| *class).filter(|_| !personal));
    sealed.retain(|(class, _)| personal && *class != Class::Credential);
    let body = Body::from_parts(stored.header.kind, &Parts { open, sealed }).ok()?;
    let header = stored.header;
    let record = Record {
        id: header.record,
        area,
        revision: header.revision,
        closed: stored.closed,
        body,
    };
    Some(Seen {
        record,
        header,
        withheld,
    })
}

/// The number of a document as people write it: an identity number, or the one on a disability card.
fn normalised(text: &str) -> Result<String, Error> {
    let kinds = lika_core::codes::list("document-type").into_iter();
    let mut kinds = kinds.flat_map(|list| {
        list.entries
            .iter()
            .map(lika_core::codes::CodeEntry::to_code)
    });
    kinds
        .find_map(|kind| IdentityDocument::parse(&kind, text).normalised())
        .ok_or_else(|| {
            Error::Malformed(
                "this is no valid identity number or disability card (GB 11643)".to_owned(),
            )
        })
}
