//! From households of a file to changes of the registry.

mod bodies;

use std::collections::{BTreeSet, HashMap, HashSet};

use lika_core::{
    command::Change,
    log::{Action, Kind},
    record::{Body, Household, IncomeStatement, Index, Key, Member, Record},
    value::{AreaCode, RecordId},
};

use self::bodies::Bodies;
use super::{
    Class, Faulty, Known, Plan, Progress, Settings, Stage,
    reading::{HouseholdRows, MemberRow, Read},
    registry,
};
use crate::files::{
    Column,
    column::Header,
    fault::{Cause, Report},
    table::Error,
};

/// Where the revisions stand in the column 版本.
const HOUSEHOLD_VERSION: usize = 0;
const MEMBER_VERSION: usize = 1;
const INCOME_VERSION: usize = 2;

/// Holds what was read against the registry.
pub(super) fn plan<K: Known>(
    read: Read<'_>,
    header: &Header,
    known: &K,
    settings: &Settings,
    progress: &mut dyn FnMut(Progress),
) -> Result<Plan, Error> {
    let Read {
        households,
        rows,
        report,
    } = read;
    let total = households.len();
    let mut matching = Matching {
        known,
        settings,
        bodies: Bodies {
            header,
            as_of: settings.as_of,
            income_year: settings.income_year,
        },
        report,
        plan: Plan::default(),
        taken: HashMap::new(),
        villages: BTreeSet::new(),
    };
    matching.plan.summary.rows = rows;
    for (done, household) in households.into_iter().enumerate() {
        if done.is_multiple_of(500) {
            progress(Progress {
                stage: Stage::Matching,
                done,
                total: Some(total),
            });
        }
        matching.take(household)?;
    }
    matching.note_absent_households()?;
    progress(Progress {
        stage: Stage::Matching,
        done: total,
        total: Some(total),
    });
    Ok(matching.finish())
}

struct Matching<'a, K> {
    known: &'a K,
    settings: &'a Settings,
    bodies: Bodies<'a>,
    report: Report<'a>,
    plan: Plan,
    /// The registered households that the file has, with their row.
    taken: HashMap<RecordId, u32>,
    villages: BTreeSet<AreaCode>,
}

/// A registered record and its body.
struct Registered<B> {
    record: Record,
    body: B,
}

/// What a household of the file is to the registry.
struct Match {
    household: Option<Registered<Household>>,
    /// In the order of the rows.
    members: Vec<Option<Registered<Member>>>,
    absent: Vec<Registered<Member>>,
}

/// A change that is about to be made, and what it is to the registry.
struct Proposal {
    class: Class,
    row: u32,
    change: Change,
}

impl<K: Known> Matching<'_, K> {
    fn take(&mut self, rows: HouseholdRows) -> Result<(), Error> {
        if let Some(area) = rows.area {
            self.villages.insert(area);
        }
        let faults_before = self.report.faults.faults();
        let matched = self.find(&rows)?;
        if let Some(household) = &matched.household {
            self.check_household(&rows, household);
        }
        self.check_heads(&rows, &matched);
        let is_faulty = rows.is_faulty || self.report.faults.faults() > faults_before;
        if let (Some(area), false) = (rows.area, is_faulty) {
            self.propose(&rows, area, matched)?;
        } else {
            self.plan.summary.left_out += 1;
        }
        Ok(())
    }

    fn check_household(&mut self, rows: &HouseholdRows, household: &Registered<Household>) {
        if let Some(row) = self.taken.insert(household.record.id, rows.first_row) {
            self.report
                .row(rows.first_row, Cause::HouseholdTwice { row });
        }
        if rows.area.is_some_and(|area| area != household.record.area) {
            self.report.row(rows.first_row, Cause::HouseholdElsewhere);
        }
    }

    /// Members that stay although they are not in the file count too: the household as it would stand has one head.
    fn check_heads(&mut self, rows: &HouseholdRows, matched: &Match) {
        let in_file = rows
            .members
            .iter()
            .filter(|member| member.is_head())
            .count();
        let staying = matched
            .absent
            .iter()
            .filter(|member| member.body.is_head())
            .count();
        match in_file + staying {
            1 => {}
            0 => self
                .report
                .value(rows.first_row, Column::Relation, "", Cause::NoHead),
            heads => {
                let second = rows
                    .members
                    .iter()
                    .filter(|member| member.is_head())
                    .nth(usize::from(staying == 0));
                let row = second.map_or(rows.first_row, |member| member.row);
                self.report
                    .value(row, Column::Relation, "", Cause::ManyHeads { heads });
            }
        }
    }

    fn find(&mut self, rows: &HouseholdRows) -> Result<Match, Error> {
        let household = self.find_household(rows)?;
        let mut free = match &household {
            Some(household) => self.members_of(&household.record.id)?,
            None => Vec::new(),
        };
        let mut members: Vec<Option<Registered<Member>>> = Vec::with_capacity(rows.members.len());
        for row in &rows.members {
            members.push(self.find_member(row, household.as_ref(), &mut free)?);
        }
        for (row, member) in rows.members.iter().zip(&mut members) {
            if member.is_none() {
                *member = take_by_name(row, &mut free);
            }
        }
        Ok(Match {
            household,
            members,
            absent: free,
        })
    }

    fn find_household(&self, rows: &HouseholdRows) -> Result<Option<Registered<Household>>, Error> {
        if let Some(number) = &rows.number
            && let Some(id) = self.one(&Key::blind(Index::HouseholdNumber, number.as_str()))?
        {
            return self.household(&id);
        }
        let head = rows.members.iter().find(|member| member.is_head());
        let Some(document) = head.and_then(|head| head.document.normalised()) else {
            return Ok(None);
        };
        let Some(id) = self.one(&Key::blind(Index::Document, document))? else {
            return Ok(None);
        };
        match self.member(&id)? {
            // A person who is head here and something else there has moved; the rows of members say so.
            Some(member) if member.body.is_head() => {
                let household = self.household(&member.body.household)?;
                Ok(household.filter(|household| is_same_number(rows, &household.body)))
            }
            _ => Ok(None),
        }
    }

    /// The member of a row by number and by document, taken out of those of the household.
    fn find_member(
        &mut self,
        row: &MemberRow,
        household: Option<&Registered<Household>>,
        free: &mut Vec<Registered<Member>>,
    ) -> Result<Option<Registered<Member>>, Error> {
        let by_number = match &row.number {
            Some(number) => self.one(&Key::blind(Index::MemberNumber, number.as_str()))?,
            None => None,
        };
        let by_document = match row.document.normalised() {
            Some(document) => self.one(&Key::blind(Index::Document, document))?,
            None => None,
        };
        if let (Some(number), Some(document)) = (by_number, by_document)
            && number != document
        {
            self.report.value(
                row.row,
                Column::Document,
                &row.document.text(),
                Cause::TwoPeople,
            );
            return Ok(None);
        }
        let Some(id) = by_number.or(by_document) else {
            return Ok(None);
        };
        if let Some(at) = free.iter().position(|member| member.record.id == id) {
            return Ok(Some(free.swap_remove(at)));
        }
        let elsewhere = self.member(&id)?;
        let is_here = elsewhere.is_some_and(|member| {
            household.is_some_and(|household| household.record.id == member.body.household)
        });
        let cause = if is_here {
            Cause::TwoPeople
        } else {
            Cause::RegisteredElsewhere
        };
        self.report
            .value(row.row, Column::Document, &row.document.text(), cause);
        Ok(None)
    }

    fn propose(
        &mut self,
        rows: &HouseholdRows,
        area: AreaCode,
        matched: Match,
    ) -> Result<(), Error> {
        let Match {
            household,
            members,
            absent,
        } = matched;
        let head_document = rows
            .members
            .iter()
            .find(|member| member.is_head())
            .and_then(|m| m.document.normalised());
        if household.is_none() && rows.number.is_none() && head_document.is_none() {
            self.report.row(rows.first_row, Cause::CannotBeFoundAgain);
            self.plan.summary.left_out += 1;
            return Ok(());
        }
        let id = household.as_ref().map_or_else(
            || self.new_id("household", rows.first_row),
            |known| known.record.id,
        );
        let body = self
            .bodies
            .household(rows, household.as_ref().map(|known| &known.body));
        let income = self.propose_income(rows, area, id, absent.len())?;
        let mut proposals = Vec::with_capacity(members.len() + 1);
        for (row, member) in rows.members.iter().zip(members) {
            let before = member.as_ref().map(|member| &member.body);
            let Some(next) = self.bodies.member(
                row,
                id,
                &body,
                household.as_ref().map(|known| &known.body),
                before,
            ) else {
                continue;
            };
            let new_id = self.new_id("member", row.row);
            let known = member.as_ref().map(|member| &member.record);
            proposals.push(propose(
                row.row,
                new_id,
                area,
                next.into(),
                known,
                row.version[MEMBER_VERSION],
            ));
        }
        let seen = rows
            .members
            .first()
            .and_then(|member| member.version[HOUSEHOLD_VERSION]);
        let known = household.as_ref().map(|known| &known.record);
        let household = propose(rows.first_row, id, area, body.into(), known, seen);
        self.accept(household, proposals, income);
        self.plan.summary.members.absent += absent.len();
        self.plan
            .absent_members
            .extend(absent.iter().map(|member| member.record.id));
        Ok(())
    }

    fn propose_income(
        &mut self,
        rows: &HouseholdRows,
        area: AreaCode,
        household: RecordId,
        absent: usize,
    ) -> Result<Option<Proposal>, Error> {
        let id = IncomeStatement::id_for(&household, self.settings.income_year);
        let known = self
            .known
            .current(&id)
            .map_err(registry)?
            .filter(|record| !record.closed);
        let before = match known.as_ref().map(|record| &record.body) {
            Some(Body::IncomeStatement(income)) => Some(income),
            _ => None,
        };
        let income = self
            .bodies
            .income(rows, household, before, absent, &mut self.report);
        let seen = rows
            .members
            .first()
            .and_then(|member| member.version[INCOME_VERSION]);
        Ok(income.map(|income| {
            propose(
                rows.first_row,
                id,
                area,
                income.into(),
                known.as_ref(),
                seen,
            )
        }))
    }

    /// Takes the changes of a household, all of them or, where one conflicts, none.
    fn accept(&mut self, household: Proposal, members: Vec<Proposal>, income: Option<Proposal>) {
        let all = || std::iter::once(&household).chain(&members).chain(&income);
        let mut conflicting: Vec<u32> = all()
            .filter(|proposal| proposal.class == Class::Conflicting)
            .map(|proposal| proposal.row)
            .collect();
        conflicting.dedup();
        for row in &conflicting {
            self.report.row(*row, Cause::EditedSince);
        }
        let summary = &mut self.plan.summary;
        summary.households.count(household.class);
        for member in &members {
            summary.members.count(member.class);
        }
        if let Some(income) = &income {
            summary.incomes.count(income.class);
        }
        let of_household = household.class.max(
            income
                .as_ref()
                .map_or(Class::Unchanged, |income| income.class),
        );
        for (place, member) in members.iter().enumerate() {
            let class = if place == 0 {
                member.class.max(of_household)
            } else {
                member.class
            };
            self.plan.rows.push((member.row, class));
        }
        if conflicting.is_empty() {
            let proposals = std::iter::once(household).chain(members).chain(income);
            let changing = proposals.filter(|proposal| proposal.class != Class::Unchanged);
            self.plan
                .changes
                .extend(changing.map(|proposal| proposal.change));
        }
    }

    fn note_absent_households(&mut self) -> Result<(), Error> {
        let mut absent = Vec::new();
        for village in &self.villages {
            let registered = self
                .known
                .in_area(Kind::Household, village)
                .map_err(registry)?;
            absent.extend(
                registered
                    .into_iter()
                    .filter(|household| !self.taken.contains_key(household)),
            );
        }
        self.plan.summary.households.absent = absent.len();
        self.plan.absent_households = absent;
        Ok(())
    }

    fn finish(self) -> Plan {
        let Self {
            mut plan,
            mut report,
            settings,
            ..
        } = self;
        report.faults.sort();
        plan.rows.sort_unstable();
        if settings.faulty == Faulty::RefuseAll && report.faults.faults() > 0 {
            plan.changes = Vec::new();
        }
        plan.faults = report.faults;
        plan
    }

    /// The id of a new record: the same request makes the same records of the same rows.
    fn new_id(&self, kind: &str, row: u32) -> RecordId {
        let domain = format!("lika.import.{kind}");
        RecordId::derived(
            &domain,
            &[&self.settings.request.0[..], &row.to_be_bytes()].concat(),
        )
    }

    fn one(&self, key: &Key) -> Result<Option<RecordId>, Error> {
        Ok(self
            .known
            .with_key(key)
            .map_err(registry)?
            .into_iter()
            .next())
    }

    fn household(&self, id: &RecordId) -> Result<Option<Registered<Household>>, Error> {
        let record = self.known.current(id).map_err(registry)?;
        Ok(record.and_then(|record| match record.body.clone() {
            Body::Household(body) => Some(Registered { record, body }),
            _ => None,
        }))
    }

    fn member(&self, id: &RecordId) -> Result<Option<Registered<Member>>, Error> {
        let record = self.known.current(id).map_err(registry)?;
        Ok(record.and_then(|record| match record.body.clone() {
            Body::Member(body) => Some(Registered { record, body }),
            _ => None,
        }))
    }

    fn members_of(&self, household: &RecordId) -> Result<Vec<Registered<Member>>, Error> {
        let ids = self
            .known
            .with_key(&Key::record(Index::MembersOfHousehold, household))
            .map_err(registry)?;
        let mut members = Vec::with_capacity(ids.len());
        let mut seen = HashSet::new();
        for id in ids {
            if seen.insert(id) {
                members.extend(self.member(&id)?);
            }
        }
        Ok(members)
    }
}

/// A household that was found by its head is another one if it has another number.
fn is_same_number(rows: &HouseholdRows, household: &Household) -> bool {
    let registered = household
        .identity
        .as_ref()
        .and_then(|identity| identity.number.as_ref());
    rows.number.is_none() || registered.is_none()
}

/// A person whose number and document say nothing is the one of that name in the household, unless a number or a valid
/// document there says otherwise.
fn take_by_name(row: &MemberRow, free: &mut Vec<Registered<Member>>) -> Option<Registered<Member>> {
    let name = row.name.as_ref()?;
    let at = free.iter().position(|member| {
        member.body.identity.as_ref().is_some_and(|identity| {
            let other_number = row.number.is_some() && identity.number.is_some();
            let other_document =
                row.document.normalised().is_some() && identity.document.normalised().is_some();
            identity.name == *name && !other_number && !other_document
        })
    })?;
    Some(free.swap_remove(at))
}

fn propose(
    row: u32,
    new_id: RecordId,
    area: AreaCode,
    body: Body,
    known: Option<&Record>,
    seen: Option<u32>,
) -> Proposal {
    let Some(known) = known else {
        return Proposal {
            class: Class::New,
            row,
            change: Change::create(new_id, area, body),
        };
    };
    let change = Change::of(known, Action::Change, body);
    let class = if change.changes_nothing(known) {
        Class::Unchanged
    } else if seen.is_some_and(|seen| seen < known.revision) {
        Class::Conflicting
    } else {
        Class::Changed
    };
    Proposal { class, row, change }
}
