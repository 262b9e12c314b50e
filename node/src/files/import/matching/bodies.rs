//! The records that rows describe, over what is registered.

use lika_core::{
    measure,
    record::{Household, IncomeStatement, Member, MemberIdentity},
    value::{Date, Fen, IdentityDocument, RecordId, Year},
};

use crate::files::{
    Column,
    column::Header,
    fault::{Cause, Report},
    import::reading::{HouseholdFields, HouseholdRows, MemberRow},
};

/// What income per head may differ by from its sources: files round it to the yuan.
const ROUNDING: Fen = Fen(100);

/// Makes bodies; a column that the file does not have leaves its field as it is.
pub(super) struct Bodies<'a> {
    pub(super) header: &'a Header,
    pub(super) as_of: Date,
    pub(super) income_year: Year,
}

impl Bodies<'_> {
    /// The household of these rows. Called without a type only where the household is not taken.
    pub(super) fn household(&self, rows: &HouseholdRows, before: Option<&Household>) -> Household {
        let fields = &rows.fields;
        let mut body = before.cloned().unwrap_or_else(|| new_household(fields));
        let has = |column| self.header.has(column);
        if let Some(household_type) = &fields.household_type {
            body.household_type = household_type.clone();
        }
        if has(Column::MainCause) {
            body.main_cause.clone_from(&fields.main_cause);
        }
        if has(Column::OtherCauses) {
            body.other_causes.clone_from(&fields.other_causes);
        }
        if body.main_cause.is_none() {
            body.other_causes.clear();
        }
        body.other_causes
            .retain(|cause| Some(cause) != body.main_cause.as_ref());
        put(
            has(Column::HouseholdIdentifiedOn),
            &mut body.identified_on,
            fields.identified_on,
        );
        put(has(Column::ExitYear), &mut body.exit_year, fields.exit_year);
        put(
            has(Column::RiskRemoved),
            &mut body.risk_removed,
            fields.risk_removed,
        );
        put(
            has(Column::DangerousHouse),
            &mut body.dangerous_house,
            fields.dangerous_house,
        );
        put(
            has(Column::SafeWater),
            &mut body.safe_water,
            fields.safe_water,
        );
        put(has(Column::Willing), &mut body.willing, fields.willing);
        let identity = body.identity.get_or_insert_default();
        if rows.number.is_some() {
            identity.number.clone_from(&rows.number);
        }
        put(
            has(Column::Hamlet),
            &mut identity.hamlet,
            fields.hamlet.clone(),
        );
        put(
            has(Column::Phone),
            &mut identity.phone,
            fields.phone.clone(),
        );
        body
    }

    /// The member of a row; none where the row has no name or relation, which is a fault already.
    pub(super) fn member(
        &self,
        row: &MemberRow,
        id: RecordId,
        household: &Household,
        household_before: Option<&Household>,
        before: Option<&Member>,
    ) -> Option<Member> {
        let relation = row.relation.clone()?;
        let mut body = match before {
            Some(before) => Member {
                relation,
                ..before.clone()
            },
            None => self.new_member(row, id, household)?,
        };
        let has = |column| self.header.has(column);
        put(has(Column::Sex), &mut body.sex, row.sex.clone());
        body.sex = body.sex.or_else(|| row.sex.clone());
        put(
            has(Column::EthnicGroup),
            &mut body.ethnic_group,
            row.ethnic_group.clone(),
        );
        put(
            has(Column::Political),
            &mut body.political,
            row.political.clone(),
        );
        put(
            has(Column::Education),
            &mut body.education,
            row.education.clone(),
        );
        put(
            has(Column::Schooling),
            &mut body.schooling,
            row.schooling.clone(),
        );
        put(has(Column::Labour), &mut body.labour, row.labour.clone());
        put(
            has(Column::WorkRegion),
            &mut body.work_region,
            row.work_region.clone(),
        );
        put(
            has(Column::WorkMonths),
            &mut body.work_months,
            row.work_months,
        );
        put(
            has(Column::IllnessInsurance),
            &mut body.illness_insurance,
            row.illness_insurance,
        );
        put(
            has(Column::MedicalInsurance),
            &mut body.medical_insurance,
            row.medical_insurance,
        );
        put(
            has(Column::PensionInsurance),
            &mut body.pension_insurance,
            row.pension_insurance,
        );
        put(has(Column::Allowance), &mut body.allowance, row.allowance);
        put(
            has(Column::MemberIdentifiedOn),
            &mut body.identified_on,
            row.identified_on,
        );
        // A blank cell over nothing known says nothing; it would seal an empty part.
        if has(Column::Health) && !(row.health.is_empty() && body.health.is_none()) {
            body.health = Some(row.health.clone());
        }
        if let IdentityDocument::Valid(number) = &row.document {
            body.birth_year = Some(number.person().birth_date().year());
        }
        body.identity = Some(identity(row, before)?);
        self.put_measures(row, &mut body, household, household_before, before);
        Some(body)
    }

    /// The income statement; none where the file says nothing of income. Without 人数 it is divided by everybody, those
    /// who are absent from the file included.
    pub(super) fn income(
        &self,
        rows: &HouseholdRows,
        household: RecordId,
        before: Option<&IncomeStatement>,
        absent: usize,
        report: &mut Report<'_>,
    ) -> Option<IncomeStatement> {
        let fields = &rows.fields;
        let sources = [
            fields.wages,
            fields.business,
            fields.property,
            fields.transfers,
            fields.expenses,
        ];
        if sources.iter().all(Option::is_none) {
            return None;
        }
        if let Some(persons) = fields.persons
            && persons as usize != rows.members.len()
        {
            let cause = Cause::PersonsDiffer {
                rows: rows.members.len(),
            };
            report.value(rows.first_row, Column::Persons, &persons.to_string(), cause);
        }
        let people = (rows.members.len() + absent)
            .try_into()
            .ok()
            .filter(|people| (1..=99).contains(people));
        let amount = |column, given: Option<Fen>, registered: fn(&IncomeStatement) -> Fen| {
            if self.header.has(column) {
                given.unwrap_or_default()
            } else {
                before.map(registered).unwrap_or_default()
            }
        };
        let income = IncomeStatement {
            household,
            year: self.income_year,
            wages: amount(Column::Wages, fields.wages, |income| income.wages),
            business: amount(Column::Business, fields.business, |income| income.business),
            property: amount(Column::Property, fields.property, |income| income.property),
            transfers: amount(Column::Transfers, fields.transfers, |income| {
                income.transfers
            }),
            expenses: amount(Column::Expenses, fields.expenses, |income| income.expenses),
            persons: fields.persons.or(people).unwrap_or(1),
        };
        if Fen::sum([
            income.wages,
            income.business,
            income.property,
            income.transfers,
        ])
        .is_err()
        {
            report.value(fields.income_row, Column::Wages, "", Cause::TooLarge);
            return None;
        }
        let computed = income.net_per_head();
        if let Some(given) = fields.per_head
            && given.get().abs_diff(computed.get()) > ROUNDING.get().unsigned_abs()
        {
            let cause = Cause::IncomePerHeadDiffers { computed };
            report.value(
                fields.income_row,
                Column::IncomePerHead,
                &given.to_string(),
                cause,
            );
        }
        Some(income)
    }

    fn new_member(
        &self,
        row: &MemberRow,
        household_id: RecordId,
        household: &Household,
    ) -> Option<Member> {
        Some(Member {
            sex: row.sex.clone(),
            ..Member::new(
                household_id,
                row.identified_on
                    .or(household.identified_on)
                    .unwrap_or(self.as_of),
                row.relation.clone()?,
            )
        })
    }

    /// The measures of the file; without that column those that follow from the form, unless somebody here chose others.
    fn put_measures(
        &self,
        row: &MemberRow,
        body: &mut Member,
        household: &Household,
        household_before: Option<&Household>,
        before: Option<&Member>,
    ) {
        if self.header.has(Column::Measures) {
            body.measures.clone_from(&row.measures);
            return;
        }
        let were_derived = match (before, household_before) {
            (Some(member), Some(household)) => {
                member.measures == measure::derive(household, member)
            }
            _ => true,
        };
        if were_derived {
            body.measures = measure::derive(household, body);
        }
    }
}

fn new_household(fields: &HouseholdFields) -> Household {
    Household::new(
        fields.household_type.clone().unwrap_or_else(|| {
            lika_core::value::Code::parse("general").expect("lower-case letters")
        }),
    )
}

fn identity(row: &MemberRow, before: Option<&Member>) -> Option<MemberIdentity> {
    let before = before.and_then(|member| member.identity.as_ref());
    Some(MemberIdentity {
        number: row
            .number
            .clone()
            .or_else(|| before.and_then(|identity| identity.number.clone())),
        name: row.name.clone()?,
        document: row.document.clone(),
        phone: before.and_then(|identity| identity.phone.clone()),
    })
}

fn put<T>(is_in_file: bool, field: &mut Option<T>, value: Option<T>) {
    if is_in_file {
        *field = value;
    }
}
