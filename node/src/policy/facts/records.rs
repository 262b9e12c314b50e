//! The records behind the facts, as plain data: whoever has a registry fills this in.

use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

use lika_core::{
    codes,
    log::Kind,
    record::{
        Account, Area, Blacklisting, Cadre, Case, Cooperative, Dividend, GuaranteeFund, Household,
        HouseholdPayment, IncomeStatement, LivingConditions, Loan, Member, Pairing, PaymentBatch,
        PaymentReturn, Shareholding, Taken, Transfer, Unit, VillageTeam,
    },
    value::{AreaCode, Code, Date, Fen, RecordId, Year},
};

use super::supervision::Supervised;

/// The age from which somebody may work; a younger member without a labour code is not a gap in the records.
const WORKING_AGE: u16 = 16;

/// A record with its id and area.
#[derive(Clone, Debug)]
pub struct Found<T> {
    /// The record.
    pub id: RecordId,
    /// Its area.
    pub area: AreaCode,
    /// What it says.
    pub body: T,
}

/// The open records of an area that facts are made of, in the order of area and id once they are [sorted](Self::sort).
#[derive(Clone, Debug, Default)]
pub struct Records {
    /// Areas.
    pub areas: Vec<Found<Area>>,
    /// Cadres, also those not in office on the day.
    pub cadres: Vec<Found<Cadre>>,
    /// Units.
    pub units: Vec<Found<Unit>>,
    /// Village teams.
    pub teams: Vec<Found<VillageTeam>>,
    /// Households.
    pub households: Vec<Found<Household>>,
    /// By household: whether somebody in it is able to work.
    pub able_to_work: BTreeMap<RecordId, Able>,
    /// By household: how many members it has on the day.
    pub persons: BTreeMap<RecordId, i64>,
    /// Members on the day by household, without anything personal; empty unless somebody asks for them.
    pub members: BTreeMap<RecordId, Vec<Found<Member>>>,
    /// By household: the latest income statement up to the day's year.
    pub incomes: BTreeMap<RecordId, IncomeStatement>,
    /// By household: how it lives.
    pub living: BTreeMap<RecordId, LivingConditions>,
    /// By household: the day on which an identification began that goes on.
    pub applications: BTreeMap<RecordId, Date>,
    /// By household: the latest survey in an exit that goes on.
    pub exit_surveys: BTreeMap<RecordId, Taken>,
    /// Published figures by area and series: the latest up to the day's year.
    pub figures: BTreeMap<(AreaCode, String), Figure>,
    /// Pairings by household.
    pub pairings: BTreeMap<RecordId, Vec<Found<Pairing>>>,
    /// Visits in the month, by household and cadre.
    pub household_visits: BTreeMap<(RecordId, RecordId), i64>,
    /// Visits in the half year, by household and cadre; empty unless somebody asks for them.
    pub half_year_visits: BTreeMap<(RecordId, RecordId), i64>,
    /// Visits in the month, by village and cadre, to its households or to the village itself.
    pub village_visits: BTreeMap<(AreaCode, RecordId), i64>,
    /// Co-operatives.
    pub cooperatives: Vec<Found<Cooperative>>,
    /// Shareholdings on the day.
    pub shareholdings: Vec<Found<Shareholding>>,
    /// By co-operative: the latest dividend up to the day's year.
    pub dividends: BTreeMap<RecordId, Dividend>,
    /// What supervision and assessment ask for.
    pub supervised: Supervised,
    /// Loans at every stage.
    pub loans: Vec<Found<Loan>>,
    /// The households that these loans are to.
    pub borrowers: BTreeMap<RecordId, Borrower>,
    /// The guarantee funds behind the loans.
    pub guarantee_funds: BTreeMap<RecordId, GuaranteeFund>,
    /// Accounts, wherever they stand; empty unless somebody asks for money.
    pub accounts: BTreeMap<RecordId, Found<Account>>,
    /// Posted transfers of the day's year up to the day; empty unless somebody asks for funds.
    pub transfers: Vec<Transfer>,
    /// By household: what batches give it in the day's year; empty unless somebody asks for payments.
    pub payments: BTreeMap<RecordId, Vec<Payment>>,
}

/// What a loan is judged by of the household that it is to, wherever that lives now: loans and blacklistings stay where
/// they were written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Borrower {
    /// Code list household-type; none where the household has ended.
    pub household_type: Option<Code>,
    /// All its loans.
    pub loans: BTreeMap<RecordId, Loan>,
    /// Its blacklistings, in force on the day or not.
    pub blacklistings: BTreeMap<RecordId, Blacklisting>,
}

/// What one batch gives a household.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Payment {
    /// The batch.
    pub batch: RecordId,
    /// The account of the fund that pays.
    pub fund: RecordId,
    /// How much.
    pub amount: Fen,
    /// The batch's day.
    pub on: Date,
    /// Whether it follows a decision, and so counts against what that gives.
    pub is_decided: bool,
}

/// The year that a payment belongs to: that of the first batch in which it was tried.
fn due_in(
    batches: &BTreeMap<RecordId, PaymentBatch>,
    batch: &PaymentBatch,
    payment: &HouseholdPayment,
) -> Year {
    let (mut batch, mut payment) = (batch, payment);
    // A batch makes good what failed before it, so this ends.
    while let Some(first) = payment.reissues.and_then(|first| batches.get(&first)) {
        let mut payments = first.payments.iter();
        let Some(before) = payments.find(|before| before.household == payment.household) else {
            break;
        };
        (batch, payment) = (first, before);
    }
    batch.year()
}

/// A published figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Figure {
    /// Of this year.
    pub year: Year,
    /// In the unit of its series.
    pub value: i64,
}

/// Which records the facts of a policy are made of: what nobody asks for is not read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each answers for one kind of record, and any of them may be asked for"
)]
pub struct Sources {
    /// Key villages and their teams.
    pub villages: bool,
    /// Households and pairings.
    pub households: bool,
    /// Members one by one.
    pub members: bool,
    /// Income statements.
    pub incomes: bool,
    /// Living conditions.
    pub living: bool,
    /// Visits of half a year.
    pub half_year: bool,
    /// Published figures.
    pub figures: bool,
    /// Co-operatives, shareholdings and dividends.
    pub cooperatives: bool,
    /// Cases that go on.
    pub cases: bool,
    /// What supervision knows of cadres.
    pub cadres: bool,
    /// What townships are assessed by.
    pub townships: bool,
    /// Loans, with blacklistings and the funds behind them.
    pub loans: bool,
    /// What batches give households.
    pub payments: bool,
    /// What came into the funds of villages.
    pub funds: bool,
}

/// Whether somebody is able to work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Able {
    /// Nobody is.
    No,
    /// It is not recorded of somebody, and nobody else is.
    Unknown,
    /// Somebody is.
    Yes,
}

impl Able {
    /// As a fact; none where it is not known.
    pub(super) fn known(self) -> Option<bool> {
        match self {
            Self::Yes => Some(true),
            Self::No => Some(false),
            Self::Unknown => None,
        }
    }
}

impl Records {
    /// Takes what a member says of the household's ability to work on a day.
    pub fn add_member(&mut self, member: &Member, on: Date) {
        if is_member(member, on) {
            let able = self
                .able_to_work
                .entry(member.household)
                .or_insert(Able::No);
            *able = (*able).max(able_of(member, on));
            *self.persons.entry(member.household).or_default() += 1;
        }
    }

    /// Keeps a member on the day, for policies that ask for members; nothing personal is kept.
    pub fn keep_member(&mut self, mut member: Found<Member>, on: Date) {
        if is_member(&member.body, on) {
            member.body.identity = None;
            member.body.health = None;
            let household = member.body.household;
            self.members.entry(household).or_default().push(member);
        }
    }

    /// Takes an income statement, if no later one of the same household is known.
    pub fn add_income(&mut self, income: IncomeStatement) {
        let household = income.household;
        add_later(&mut self.incomes, household, income, |income| income.year);
    }

    /// Takes a dividend, if no later one of the same co-operative is known.
    pub fn add_dividend(&mut self, dividend: Dividend) {
        let cooperative = dividend.cooperative;
        add_later(&mut self.dividends, cooperative, dividend, |dividend| {
            dividend.year
        });
    }

    /// Takes what a case that goes on says of its household on a day: that it has applied, or what the survey of its exit
    /// found.
    pub fn add_case(&mut self, case: &Case, on: Date) {
        let Some(subject) = case.subject.filter(|it| it.kind == Kind::Household) else {
            return;
        };
        if case.opened_on > on {
            return;
        }
        match case.kind.as_str() {
            "identification" => drop(self.applications.insert(subject.id, case.opened_on)),
            "exit" => {
                let mut surveys = case.steps.iter().filter(|step| !step.conditions.is_empty());
                let latest = surveys.rfind(|survey| survey.on <= on);
                if let Some(survey) = latest {
                    self.exit_surveys.insert(subject.id, survey.clone());
                }
            }
            _ => {}
        }
    }

    /// How many households of an area were identified in a year, without those whose identification goes on.
    pub fn identified_in(&self, area: &AreaCode, year: Year) -> i64 {
        let households = self.households.iter().filter(|household| {
            let identified_on = household.body.identified_on;
            area.contains(&household.area)
                && identified_on.is_some_and(|on| on.year() == year)
                && !self.applications.contains_key(&household.id)
        });
        i64::try_from(households.count()).unwrap_or(i64::MAX)
    }

    /// Takes a figure, if no later one of the same area and series is known.
    pub fn add_figure(&mut self, area: AreaCode, series: &str, figure: Figure) {
        let known = self
            .figures
            .entry((area, series.to_owned()))
            .or_insert(figure);
        if known.year < figure.year {
            *known = figure;
        }
    }

    /// Takes what batches of the day's year give, unless a bank could not pay it. What makes a failed payment good belongs
    /// to the year of that one.
    ///
    /// A batch of the same year counts whatever its day: what is under way is not due a second time because somebody
    /// asks about an earlier day.
    pub fn add_batches(
        &mut self,
        batches: &BTreeMap<RecordId, PaymentBatch>,
        returns: &BTreeMap<RecordId, PaymentReturn>,
        on: Date,
    ) {
        for (id, batch) in batches {
            let returned = returns.get(id);
            for payment in &batch.payments {
                let household = &payment.household;
                let has_failed = returned.is_some_and(|returned| returned.has_failed(household));
                if has_failed || due_in(batches, batch, payment) != on.year() {
                    continue;
                }
                let of_household = self.payments.entry(*household).or_default();
                of_household.push(Payment {
                    batch: *id,
                    fund: batch.from,
                    amount: payment.amount,
                    on: batch.on,
                    is_decided: payment.follows.is_some(),
                });
            }
        }
    }

    /// Takes a transfer, if it has moved money in the day's year up to the day.
    pub fn add_transfer(&mut self, transfer: Transfer, on: Date) {
        if transfer.is_posted() && transfer.year() == on.year() && transfer.on <= on {
            self.transfers.push(transfer);
        }
    }

    /// The figure of an area.
    pub fn figure(&self, area: &AreaCode, series: &str) -> Option<Figure> {
        self.figures.get(&(*area, series.to_owned())).copied()
    }

    /// The figure of the widest area around this one that has any: lines are drawn from the province's (S3.1).
    pub fn widest_figure(&self, area: &AreaCode, series: &str) -> Option<Figure> {
        area.ancestors_inclusive()
            .filter_map(|area| Some((area.level(), self.figure(&area, series)?)))
            .min_by_key(|(level, _)| *level)
            .map(|(_, figure)| figure)
    }

    /// Takes what somebody else has gathered of the same area.
    pub fn merge(&mut self, other: Self) {
        let Self {
            areas,
            cadres,
            units,
            teams,
            households,
            able_to_work,
            persons,
            members,
            incomes,
            living,
            applications,
            exit_surveys,
            figures,
            pairings,
            household_visits,
            half_year_visits,
            village_visits,
            cooperatives,
            shareholdings,
            dividends,
            supervised,
            loans,
            borrowers,
            guarantee_funds,
            accounts,
            transfers,
            payments,
        } = other;
        self.areas.extend(areas);
        self.cadres.extend(cadres);
        self.units.extend(units);
        self.teams.extend(teams);
        self.households.extend(households);
        for (household, able) in able_to_work {
            let known = self.able_to_work.entry(household).or_insert(able);
            *known = (*known).max(able);
        }
        sum(&mut self.persons, persons);
        for (household, members) in members {
            self.members.entry(household).or_default().extend(members);
        }
        incomes.into_values().for_each(|own| self.add_income(own));
        self.living.extend(living);
        self.applications.extend(applications);
        self.exit_surveys.extend(exit_surveys);
        for ((area, series), figure) in figures {
            self.add_figure(area, &series, figure);
        }
        for (household, pairings) in pairings {
            self.pairings.entry(household).or_default().extend(pairings);
        }
        sum(&mut self.household_visits, household_visits);
        sum(&mut self.half_year_visits, half_year_visits);
        sum(&mut self.village_visits, village_visits);
        self.supervised.merge(supervised);
        self.cooperatives.extend(cooperatives);
        self.shareholdings.extend(shareholdings);
        dividends
            .into_values()
            .for_each(|own| self.add_dividend(own));
        self.loans.extend(loans);
        self.borrowers.extend(borrowers);
        self.guarantee_funds.extend(guarantee_funds);
        self.accounts.extend(accounts);
        self.transfers.extend(transfers);
        for (household, payments) in payments {
            self.payments.entry(household).or_default().extend(payments);
        }
    }

    /// Puts them in the order of area and id, whatever the order in which they came: the same records are the same
    /// input everywhere.
    pub fn sort(&mut self) {
        sort(&mut self.areas);
        sort(&mut self.cadres);
        sort(&mut self.units);
        sort(&mut self.teams);
        sort(&mut self.households);
        self.members.values_mut().for_each(|own| sort(own));
        self.pairings.values_mut().for_each(|own| sort(own));
        sort(&mut self.cooperatives);
        sort(&mut self.shareholdings);
        self.supervised.sort();
        sort(&mut self.loans);
    }

    /// What of these records one co-operative is made of: itself, its holders, and the households among them.
    pub fn of_cooperative(&self, cooperative: &RecordId) -> Self {
        let shareholdings: Vec<_> = self
            .shareholdings
            .iter()
            .filter(|share| share.body.cooperative == *cooperative)
            .cloned()
            .collect();
        let holders: BTreeSet<RecordId> = shareholdings
            .iter()
            .filter_map(|share| share.body.holder.household().copied())
            .collect();
        let itself = |found: &&Found<Cooperative>| found.id == *cooperative;
        let households = self.households.iter();
        Self {
            areas: self.areas.clone(),
            cooperatives: self.cooperatives.iter().filter(itself).cloned().collect(),
            households: households
                .filter(|household| holders.contains(&household.id))
                .cloned()
                .collect(),
            able_to_work: of(&self.able_to_work, &holders),
            persons: of(&self.persons, &holders),
            members: of(&self.members, &holders),
            incomes: of(&self.incomes, &holders),
            living: of(&self.living, &holders),
            applications: of(&self.applications, &holders),
            exit_surveys: of(&self.exit_surveys, &holders),
            figures: self.figures.clone(),
            dividends: of(&self.dividends, &BTreeSet::from([*cooperative])),
            shareholdings,
            ..Self::default()
        }
    }
}

pub(super) fn sort<T>(found: &mut [Found<T>]) {
    found.sort_unstable_by_key(|found| (found.area, found.id));
}

fn sum<K: Ord>(known: &mut BTreeMap<K, i64>, more: BTreeMap<K, i64>) {
    for (key, count) in more {
        *known.entry(key).or_default() += count;
    }
}

fn add_later<T>(
    known: &mut BTreeMap<RecordId, T>,
    of: RecordId,
    found: T,
    year: impl Fn(&T) -> Year,
) {
    match known.entry(of) {
        Entry::Vacant(free) => {
            free.insert(found);
        }
        Entry::Occupied(mut known) if year(known.get()) < year(&found) => {
            known.insert(found);
        }
        Entry::Occupied(_) => {}
    }
}

fn of<T: Clone>(all: &BTreeMap<RecordId, T>, some: &BTreeSet<RecordId>) -> BTreeMap<RecordId, T> {
    let found = some
        .iter()
        .filter_map(|id| Some((*id, all.get(id)?.clone())));
    found.collect()
}

/// The days of so many months that end with this day.
pub fn months_until(on: Date, months: i32) -> impl Iterator<Item = Date> {
    let before = on.plus_months(-months).unwrap_or(on);
    std::iter::successors(Some(on), |day| day.plus_days(-1)).take_while(move |day| *day > before)
}

fn is_member(member: &Member, on: Date) -> bool {
    member.from <= on && member.until.as_ref().is_none_or(|(until, _)| on < *until)
}

/// Whether a member is able to work on a day.
pub(super) fn able_of(member: &Member, on: Date) -> Able {
    match member
        .labour
        .as_ref()
        .map(|labour| codes::can_work(labour.as_str()))
    {
        Some(Some(true)) => Able::Yes,
        Some(Some(false)) => Able::No,
        Some(None) | None => {
            let born = member.birth_year.map(|year| year.get());
            let is_child = born.is_some_and(|born| on.year().get() < born + WORKING_AGE);
            if is_child { Able::No } else { Able::Unknown }
        }
    }
}
