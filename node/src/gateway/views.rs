//! Card, village book, township ledger and county archive, as a caller may see them.
//!
//! Every figure of a book comes from the cards in it, that of a ledger from its books, that of an archive from its
//! ledgers: none is read from the roll-ups, which therefore are a check of them.

mod tables;

use lika_core::{
    authority::Permission,
    log::Kind,
    record::{Body, Household, IncomeStatement, Measure, Member, Pairing},
    value::{AreaCode, AreaLevel, Code, Year},
};

use super::{
    Caller, Error, Gateway, ListQuery,
    pages::{Holder, Item},
};
use crate::{
    store::Lifecycle,
    views::{Card, Sums, Table},
};

/// Records that are read at a time.
const BATCH: usize = 1000;

/// A household as it stands in the book of its village.
pub struct Entry {
    household: Item<Household>,
    members: Vec<Item<Member>>,
    incomes: Vec<Item<IncomeStatement>>,
    pairings: Vec<(Item<Pairing>, Holder)>,
    measures: Vec<Item<Measure>>,
}

/// A village with its households.
pub struct Book {
    /// The village.
    pub of: Place,
    /// Its households in the order of the registry.
    entries: Vec<Entry>,
}

/// A township, summed up by village.
pub struct Ledger {
    /// The township.
    pub of: Place,
    /// Its villages.
    villages: Vec<Place>,
}

/// A county, summed up by township.
pub struct Archive {
    /// The county.
    pub of: Place,
    /// Its townships.
    townships: Vec<Place>,
}

/// A place and what its households amount to.
#[derive(Clone, Debug)]
pub struct Place {
    /// The area.
    pub area: AreaCode,
    /// Its name; its code where it is not registered here.
    pub name: String,
    /// The year of the incomes.
    pub year: Year,
    /// The sums.
    pub sums: Sums,
}

/// What takes the books of a ledger or an archive one after the other, each before the ledger that it is in.
pub trait Receiver<E> {
    /// A book.
    fn book(&mut self, book: &Book) -> Result<(), E>;
    /// A ledger.
    fn ledger(&mut self, ledger: &Ledger) -> Result<(), E>;
}

/// Takes nothing.
impl<E> Receiver<E> for () {
    fn book(&mut self, _: &Book) -> Result<(), E> {
        Ok(())
    }

    fn ledger(&mut self, _: &Ledger) -> Result<(), E> {
        Ok(())
    }
}

impl Book {
    /// A row for each household.
    pub fn table(&self) -> Table {
        tables::book(self)
    }

    /// The cards of its households.
    pub fn cards(&self) -> Vec<Card> {
        let cards = self.entries.iter();
        cards.map(|entry| tables::card(&self.of, entry)).collect()
    }
}

impl Ledger {
    /// A row for each village.
    pub fn table(&self) -> Table {
        tables::sums(
            ("乡簿", "Township ledger"),
            ("村", "Village"),
            &self.of,
            &self.villages,
        )
    }
}

impl Archive {
    /// A row for each township.
    pub fn table(&self) -> Table {
        tables::sums(
            ("县库", "County archive"),
            ("乡镇", "Township"),
            &self.of,
            &self.townships,
        )
    }
}

impl Gateway {
    /// The book of a village, with the incomes of a year.
    pub fn book(&self, caller: &Caller, village: &AreaCode, year: Year) -> Result<Book, Error> {
        of_level(village, AreaLevel::Village)?;
        caller.must(Permission::ReadOpen, village)?;
        let mut entries = Vec::new();
        let mut query = ListQuery {
            kind: Kind::Household,
            area: *village,
            limit: BATCH,
            after: None,
            lifecycle: Lifecycle::Open,
        };
        loop {
            let page = self.list(caller, &query)?;
            for seen in page.items {
                if let Body::Household(body) = seen.record.body {
                    let household = Item {
                        id: seen.record.id,
                        area: seen.record.area,
                        closed: seen.record.closed,
                        withheld: seen.withheld,
                        body,
                    };
                    entries.push(self.entry(caller, household)?);
                }
            }
            match page.next {
                Some(next) => query.after = Some(next),
                None => break,
            }
        }
        let mut of = self.summed(village, year)?;
        for entry in &entries {
            of.sums.add(&entry.sums(year));
        }
        Ok(Book { of, entries })
    }

    /// The ledger of a township; `receiver` is given its books.
    pub fn ledger<E: From<Error>>(
        &self,
        caller: &Caller,
        township: &AreaCode,
        year: Year,
        receiver: &mut impl Receiver<E>,
    ) -> Result<Ledger, E> {
        of_level(township, AreaLevel::Township)?;
        caller.must(Permission::ReadOpen, township)?;
        let mut of = self.summed(township, year)?;
        let mut villages = Vec::new();
        for village in self.totals_listed(caller, township)?.into_keys() {
            let book = self.book(caller, &village, year)?;
            of.sums.add(&book.of.sums);
            receiver.book(&book)?;
            villages.push(book.of);
        }
        Ok(Ledger { of, villages })
    }

    /// The archive of a county; `receiver` is given its books and ledgers.
    pub fn archive<E: From<Error>>(
        &self,
        caller: &Caller,
        county: &AreaCode,
        year: Year,
        receiver: &mut impl Receiver<E>,
    ) -> Result<Archive, E> {
        of_level(county, AreaLevel::County)?;
        caller.must(Permission::ReadOpen, county)?;
        let mut of = self.summed(county, year)?;
        let mut townships = Vec::new();
        for township in self.totals_listed(caller, county)?.into_keys() {
            let ledger = self.ledger(caller, &township, year, receiver)?;
            of.sums.add(&ledger.of.sums);
            receiver.ledger(&ledger)?;
            townships.push(ledger.of);
        }
        Ok(Archive { of, townships })
    }

    /// The year whose incomes a view shows: the last income year that is over.
    pub fn year_of_views(&self) -> Result<Year, Error> {
        self.last_whole_year(self.clock().today())
    }

    fn summed(&self, area: &AreaCode, year: Year) -> Result<Place, Error> {
        let name = self.area_name(area)?;
        Ok(Place {
            area: *area,
            name: name.unwrap_or_else(|| area.digits().to_owned()),
            year,
            sums: Sums::default(),
        })
    }

    fn entry(&self, caller: &Caller, household: Item<Household>) -> Result<Entry, Error> {
        let id = household.id;
        let members = self.members(caller, &id, self.clock().today())?;
        let incomes = self.incomes_of(caller, &id)?;
        let pairings = self.pairings_of(caller, &household.area, &id)?;
        let measures = self.running_measures_of(caller, &id)?;
        Ok(Entry {
            household,
            members,
            incomes,
            pairings,
            measures,
        })
    }
}

impl Entry {
    fn sums(&self, year: Year) -> Sums {
        let household = &self.household.body;
        let counted = |code: &Code| (code.to_string(), 1);
        let income = self.income(year);
        Sums {
            households: 1,
            people: i64::try_from(self.members.len()).unwrap_or(i64::MAX),
            paired: i64::from(self.responsible().next().is_some()),
            with_measure: i64::from(!self.measures.is_empty()),
            net: income.map_or(0, |income| income.net().0),
            persons: income.map_or(0, |income| i64::from(income.persons)),
            by_type: [counted(&household.household_type)].into(),
            by_cause: household.main_cause.iter().map(counted).collect(),
        }
    }

    fn income(&self, year: Year) -> Option<&IncomeStatement> {
        let mut incomes = self.incomes.iter().map(|income| &income.body);
        incomes.find(|income| income.year == year)
    }

    fn responsible(&self) -> impl Iterator<Item = &Holder> {
        let responsible = self.pairings.iter().filter(|(it, _)| it.body.responsible);
        responsible.map(|(_, holder)| holder)
    }

    fn head(&self) -> Option<&Item<Member>> {
        self.members.iter().find(|member| member.body.is_head())
    }
}

fn of_level(area: &AreaCode, level: AreaLevel) -> Result<(), Error> {
    if area.level() == level {
        return Ok(());
    }
    let wanted = match level {
        AreaLevel::Village => "a village",
        AreaLevel::Township => "a township",
        _ => "a county",
    };
    Err(Error::Malformed(format!("area: must be {wanted}")))
}
