//! Export: the registered households of an area under the national headings.
//!
//! What is written is what import reads, so that importing an export changes nothing. The column 版本 carries the
//! revisions of household, member and income statement, by which import knows what was changed here since.

use std::collections::HashMap;

use lika_core::{
    codes,
    log::Kind,
    record::{Body, Household, IncomeStatement, Index, Key, Member, MemberIdentity, Record},
    value::{AreaCode, AreaLevel, Code, IdentityDocument, RecordId, Year},
};

pub use super::writer::Error;
use super::{
    Column, Known,
    writer::{Cells, Writer},
};

/// Writes the households of an area, with the income of a year. Answers how many rows were written.
///
/// Households are in the order of the registry; the head of each comes first. `progress` is told how many households are
/// written, and of how many.
pub fn households<K: Known>(
    known: &K,
    area: &AreaCode,
    income_year: Year,
    writer: &mut Writer,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<usize, Error> {
    let names = known
        .areas()
        .map_err(registry)?
        .into_iter()
        .map(|(code, name)| (code, name.to_string()))
        .collect();
    let export = Export {
        known,
        names,
        income_year,
    };
    let households = known.in_area(Kind::Household, area).map_err(registry)?;
    let mut rows = 0;
    for (done, household) in households.iter().enumerate() {
        if done.is_multiple_of(500) {
            progress(done, households.len());
        }
        for cells in export.household(household)? {
            writer.write(&cells)?;
            rows += 1;
        }
    }
    progress(households.len(), households.len());
    Ok(rows)
}

struct Export<'a, K> {
    known: &'a K,
    names: HashMap<AreaCode, String>,
    income_year: Year,
}

impl<K: Known> Export<'_, K> {
    fn household(&self, id: &RecordId) -> Result<Vec<Cells>, Error> {
        let Some(Record {
            area,
            revision,
            body: Body::Household(household),
            ..
        }) = self.current(id)?
        else {
            return Ok(Vec::new());
        };
        let members = self.members(id)?;
        let income = self
            .current(&IncomeStatement::id_for(id, self.income_year))?
            .filter(|record| !record.closed);
        let mut common = Cells::default();
        self.write_place(&mut common, &area);
        write_household(&mut common, &household, members.len());
        if let Some(Record {
            body: Body::IncomeStatement(income),
            ..
        }) = &income
        {
            write_income(&mut common, income);
        }
        let income_revision = income.map_or_else(String::new, |income| income.revision.to_string());
        let rows = members.iter().map(|(member_revision, member)| {
            let mut cells = common.clone();
            write_member(&mut cells, member);
            cells.set(
                Column::Version,
                format!("{revision}/{member_revision}/{income_revision}"),
            );
            cells
        });
        Ok(rows.collect())
    }

    /// The members with their revisions, the head first.
    fn members(&self, household: &RecordId) -> Result<Vec<(u32, Member)>, Error> {
        let ids = self
            .known
            .with_key(&Key::record(Index::MembersOfHousehold, household))
            .map_err(registry)?;
        let mut members = Vec::with_capacity(ids.len());
        for id in ids {
            if let Some(Record {
                revision,
                body: Body::Member(member),
                ..
            }) = self.current(&id)?
            {
                members.push((revision, member));
            }
        }
        members.sort_by_key(|(_, member)| !member.is_head());
        Ok(members)
    }

    fn current(&self, id: &RecordId) -> Result<Option<Record>, Error> {
        self.known.current(id).map_err(registry)
    }

    fn write_place(&self, cells: &mut Cells, area: &AreaCode) {
        let levels = [
            (Column::Province, AreaLevel::Province),
            (Column::Prefecture, AreaLevel::Prefecture),
            (Column::County, AreaLevel::County),
            (Column::Township, AreaLevel::Township),
            (Column::Village, AreaLevel::Village),
        ];
        for (column, level) in levels {
            if let Some(name) = area.at_level(level).and_then(|area| self.names.get(&area)) {
                cells.set(column, name);
            }
        }
        cells.set(Column::AreaCode, area.digits());
    }
}

fn write_household(cells: &mut Cells, household: &Household, members: usize) {
    let Household {
        household_type,
        standard: _,
        main_cause,
        other_causes,
        identified_on,
        exit_year,
        risk_removed,
        dangerous_house,
        safe_water,
        willing,
        identity,
        note: _,
    } = household;
    cells.set(
        Column::HouseholdType,
        label("household-type", Some(household_type)),
    );
    cells.set(Column::MainCause, label("cause", main_cause.as_ref()));
    cells.set(Column::OtherCauses, labels("cause", other_causes));
    cells.set(
        Column::HouseholdIdentifiedOn,
        printed(identified_on.as_ref()),
    );
    cells.set(Column::ExitYear, printed(exit_year.as_ref()));
    cells.set(Column::RiskRemoved, yes_or_no(*risk_removed));
    cells.set(Column::DangerousHouse, yes_or_no(*dangerous_house));
    cells.set(Column::SafeWater, yes_or_no(*safe_water));
    cells.set(Column::Willing, yes_or_no(*willing));
    cells.set(Column::Persons, members.to_string());
    if let Some(identity) = identity {
        cells.set(Column::HouseholdNumber, printed(identity.number.as_ref()));
        cells.set(Column::Hamlet, printed(identity.hamlet.as_ref()));
        cells.set(Column::Phone, printed(identity.phone.as_ref()));
    }
}

fn write_income(cells: &mut Cells, income: &IncomeStatement) {
    let IncomeStatement {
        household: _,
        year: _,
        wages,
        business,
        property,
        transfers,
        expenses,
        persons,
    } = income;
    cells.set(Column::Persons, persons.to_string());
    cells.set(Column::Wages, wages.to_string());
    cells.set(Column::Business, business.to_string());
    cells.set(Column::Property, property.to_string());
    cells.set(Column::Transfers, transfers.to_string());
    cells.set(Column::Expenses, expenses.to_string());
    cells.set(Column::IncomePerHead, income.net_per_head().to_string());
}

fn write_member(cells: &mut Cells, member: &Member) {
    let Member {
        household: _,
        from: _,
        until: _,
        sex,
        birth_year: _,
        relation,
        ethnic_group,
        political,
        education,
        schooling,
        labour,
        work_region,
        work_months,
        allowance,
        medical_insurance,
        illness_insurance,
        pension_insurance,
        identified_on,
        measures,
        identity,
        health,
    } = member;
    cells.set(Column::Sex, label("sex", sex.as_ref()));
    cells.set(Column::Relation, label("relation", Some(relation)));
    cells.set(
        Column::EthnicGroup,
        label("ethnic-group", ethnic_group.as_ref()),
    );
    cells.set(Column::Political, label("political", political.as_ref()));
    cells.set(Column::Education, label("education", education.as_ref()));
    cells.set(Column::Schooling, label("schooling", schooling.as_ref()));
    cells.set(Column::Labour, label("labour", labour.as_ref()));
    cells.set(
        Column::WorkRegion,
        label("work-region", work_region.as_ref()),
    );
    cells.set(Column::WorkMonths, printed(work_months.as_ref()));
    cells.set(Column::Allowance, yes_or_no(*allowance));
    cells.set(Column::MedicalInsurance, yes_or_no(*medical_insurance));
    cells.set(Column::IllnessInsurance, yes_or_no(*illness_insurance));
    cells.set(Column::PensionInsurance, yes_or_no(*pension_insurance));
    cells.set(Column::MemberIdentifiedOn, printed(identified_on.as_ref()));
    cells.set(Column::Measures, labels("measure", measures));
    cells.set(
        Column::Health,
        labels("health", health.as_deref().unwrap_or_default()),
    );
    if let Some(identity) = identity {
        write_identity(cells, identity);
    }
}

fn write_identity(cells: &mut Cells, identity: &MemberIdentity) {
    let MemberIdentity {
        number,
        name,
        document,
        phone: _,
    } = identity;
    cells.set(Column::MemberNumber, printed(number.as_ref()));
    cells.set(Column::Name, name.to_string());
    cells.set(
        Column::DocumentType,
        label("document-type", document.kind().as_ref()),
    );
    let text = match document {
        IdentityDocument::None { reason } if reason.as_str() == "not-issued" => "无".to_owned(),
        document => document.text(),
    };
    cells.set(Column::Document, text);
}

fn label(list: &'static str, code: Option<&Code>) -> &'static str {
    let entry = code.and_then(|code| codes::list(list)?.by_code(code.as_str()));
    entry.map_or("", |entry| entry.zh)
}

fn labels(list: &'static str, codes: &[Code]) -> String {
    codes
        .iter()
        .map(|code| label(list, Some(code)))
        .collect::<Vec<_>>()
        .join("、")
}

fn yes_or_no(truth: Option<bool>) -> &'static str {
    match truth {
        Some(true) => "是",
        Some(false) => "否",
        None => "",
    }
}

fn printed<T: ToString>(value: Option<&T>) -> String {
    value.map(ToString::to_string).unwrap_or_default()
}

fn registry<E: std::error::Error + Send + Sync + 'static>(error: E) -> Error {
    Error::Registry(Box::new(error))
}
