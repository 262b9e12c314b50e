//! From rows to households.

use std::collections::HashMap;

use lika_core::value::{AreaCode, Code, Date, Fen, IdentityDocument, Name, Phone, Sex, Text, Year};

use crate::files::{
    Column,
    column::{Header, Scope},
    fault::{Cause, Report},
    fields::{self, Labels},
    place::Places,
    table::Row,
};

/// What a file says, as far as it can be understood without the registry.
pub(super) struct Read<'a> {
    pub(super) households: Vec<HouseholdRows>,
    pub(super) rows: usize,
    pub(super) report: Report<'a>,
}

/// The rows of one household.
#[derive(Debug, Default)]
pub(super) struct HouseholdRows {
    pub(super) first_row: u32,
    pub(super) number: Option<Text>,
    pub(super) area: Option<AreaCode>,
    pub(super) fields: HouseholdFields,
    pub(super) members: Vec<MemberRow>,
    /// Whether it has a fault, so that it cannot be taken.
    pub(super) is_faulty: bool,
    /// The first cell of each household column that is not blank, with its row.
    cells: Vec<Option<(u32, Box<str>)>>,
}

/// What the household columns say.
#[derive(Debug, Default)]
pub(super) struct HouseholdFields {
    pub(super) hamlet: Option<Text>,
    pub(super) phone: Option<Phone>,
    pub(super) household_type: Option<Code>,
    pub(super) main_cause: Option<Code>,
    pub(super) other_causes: Vec<Code>,
    pub(super) identified_on: Option<Date>,
    pub(super) exit_year: Option<Year>,
    pub(super) risk_removed: Option<bool>,
    pub(super) dangerous_house: Option<bool>,
    pub(super) safe_water: Option<bool>,
    pub(super) willing: Option<bool>,
    pub(super) persons: Option<u32>,
    pub(super) wages: Option<Fen>,
    pub(super) business: Option<Fen>,
    pub(super) property: Option<Fen>,
    pub(super) transfers: Option<Fen>,
    pub(super) expenses: Option<Fen>,
    pub(super) per_head: Option<Fen>,
    /// The row of the income columns.
    pub(super) income_row: u32,
}

/// What a row says of its member.
#[derive(Debug)]
pub(super) struct MemberRow {
    pub(super) row: u32,
    pub(super) number: Option<Text>,
    pub(super) name: Option<Name>,
    pub(super) document: IdentityDocument,
    pub(super) sex: Option<Code>,
    pub(super) relation: Option<Code>,
    pub(super) ethnic_group: Option<Code>,
    pub(super) political: Option<Code>,
    pub(super) education: Option<Code>,
    pub(super) schooling: Option<Code>,
    pub(super) health: Vec<Code>,
    pub(super) labour: Option<Code>,
    pub(super) work_region: Option<Code>,
    pub(super) work_months: Option<u32>,
    pub(super) illness_insurance: Option<bool>,
    pub(super) medical_insurance: Option<bool>,
    pub(super) pension_insurance: Option<bool>,
    pub(super) allowance: Option<bool>,
    pub(super) identified_on: Option<Date>,
    pub(super) measures: Vec<Code>,
    pub(super) version: [Option<u32>; 3],
}

impl MemberRow {
    pub(super) fn is_head(&self) -> bool {
        self.relation
            .as_ref()
            .is_some_and(|relation| relation.as_str().starts_with('0'))
    }
}

/// Reads rows one by one.
pub(super) struct Reading<'a> {
    header: &'a Header,
    places: Places,
    as_of: Date,
    labels: Labels,
    report: Report<'a>,
    households: Vec<HouseholdRows>,
    by_number: HashMap<String, usize>,
    documents: HashMap<String, (u32, usize)>,
    member_numbers: HashMap<String, (u32, usize)>,
    rows: usize,
    id_card: Code,
    disability_card: Code,
}

impl<'a> Reading<'a> {
    pub(super) fn new(header: &'a Header, places: Places, as_of: Date, report: Report<'a>) -> Self {
        let code = |text: &'static str| Code::parse(text).expect("lower-case letters and a hyphen");
        Self {
            header,
            places,
            as_of,
            labels: Labels::default(),
            report,
            households: Vec::new(),
            by_number: HashMap::new(),
            documents: HashMap::new(),
            member_numbers: HashMap::new(),
            rows: 0,
            id_card: code("id-card"),
            disability_card: code("disability-card"),
        }
    }

    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// Takes a row.
    pub(super) fn read(&mut self, row: &Row) {
        self.rows += 1;
        let faults_before = self.report.faults.faults();
        let member = self.member(row);
        let Some(at) = self.household_of(row, &member) else {
            return;
        };
        self.take_area(row, at);
        self.take_household_cells(row, at);
        self.note_person(&member, at);
        let household = &mut self.households[at];
        household.members.push(member);
        household.is_faulty |= self.report.faults.faults() > faults_before;
    }

    /// Reads what belongs to whole households.
    pub(super) fn finish(mut self) -> Read<'a> {
        let mut households = std::mem::take(&mut self.households);
        for household in &mut households {
            let faults_before = self.report.faults.faults();
            household.fields = self.household_fields(household);
            household.is_faulty |= self.report.faults.faults() > faults_before;
            household.cells = Vec::new();
        }
        Read {
            households,
            rows: self.rows,
            report: self.report,
        }
    }

    fn text<'r>(&self, row: &'r Row, column: Column) -> &'r str {
        self.header
            .place(column)
            .map_or("", |place| row.text(place))
    }

    /// The text of a cell that must not be the error of a formula, or a number that lost its last digits.
    fn sound_text<'r>(&mut self, row: &'r Row, column: Column) -> &'r str {
        let Some(place) = self.header.place(column) else {
            return "";
        };
        fields::sound(row, place, is_number_of_somebody(column)).unwrap_or_else(|cause| {
            self.report
                .value(row.number, column, row.text(place), cause);
            ""
        })
    }

    fn value<T: Default>(
        &mut self,
        row: &Row,
        column: Column,
        read: impl FnOnce(&mut Self, &str) -> Result<T, Cause>,
    ) -> T {
        let text = self.sound_text(row, column);
        read(self, text).unwrap_or_else(|cause| {
            self.report.value(row.number, column, text, cause);
            T::default()
        })
    }

    fn code(&mut self, row: &Row, column: Column, list: &'static str) -> Option<Code> {
        self.value(row, column, |reading, text| reading.labels.code(list, text))
    }

    fn yes_or_no(&mut self, row: &Row, column: Column) -> Option<bool> {
        self.value(row, column, |_, text| fields::yes_or_no(text))
    }

    fn member(&mut self, row: &Row) -> MemberRow {
        let document = self.document(row);
        let name = self.name(row);
        let relation = self.code(row, Column::Relation, "relation");
        if relation.is_none() && self.text(row, Column::Relation).is_empty() {
            self.report
                .value(row.number, Column::Relation, "", Cause::Missing);
        }
        let as_of = self.as_of;
        MemberRow {
            row: row.number,
            number: self.value(row, Column::MemberNumber, |_, text| fields::text(text)),
            name,
            sex: self.sex(row, &document),
            document,
            relation,
            ethnic_group: self.code(row, Column::EthnicGroup, "ethnic-group"),
            political: self.code(row, Column::Political, "political"),
            education: self.code(row, Column::Education, "education"),
            schooling: self.code(row, Column::Schooling, "schooling"),
            health: self.value(row, Column::Health, |reading, text| {
                reading.labels.set("health", text)
            }),
            labour: self.code(row, Column::Labour, "labour"),
            work_region: self.code(row, Column::WorkRegion, "work-region"),
            work_months: self.value(row, Column::WorkMonths, |_, text| fields::months(text)),
            illness_insurance: self.yes_or_no(row, Column::IllnessInsurance),
            medical_insurance: self.yes_or_no(row, Column::MedicalInsurance),
            pension_insurance: self.yes_or_no(row, Column::PensionInsurance),
            allowance: self.yes_or_no(row, Column::Allowance),
            identified_on: self.value(row, Column::MemberIdentifiedOn, |_, text| {
                fields::date(text, as_of)
            }),
            measures: self.value(row, Column::Measures, |reading, text| {
                reading.labels.set("measure", text)
            }),
            version: fields::version(self.text(row, Column::Version)),
        }
    }

    fn name(&mut self, row: &Row) -> Option<Name> {
        self.value(row, Column::Name, |_, text| {
            if text.is_empty() {
                return Err(Cause::Missing);
            }
            Name::parse(text).map(Some).map_err(|_| Cause::BadText)
        })
    }

    /// The document; where the file does not say of which kind, its length does.
    fn document(&mut self, row: &Row) -> IdentityDocument {
        let text = self.sound_text(row, Column::Document);
        let kind = self.code(row, Column::DocumentType, "document-type");
        let by_length = if text.chars().count() == 20 {
            &self.disability_card
        } else {
            &self.id_card
        };
        let document = IdentityDocument::parse(&kind.unwrap_or_else(|| by_length.clone()), text);
        if let IdentityDocument::Unverified { fault, .. } = &document {
            self.report.value(
                row.number,
                Column::Document,
                text,
                Cause::Unverified(*fault),
            );
        }
        document
    }

    /// The sex as the file gives it, else as the identity number has it.
    fn sex(&mut self, row: &Row, document: &IdentityDocument) -> Option<Code> {
        let given = self.code(row, Column::Sex, "sex");
        let IdentityDocument::Valid(number) = document else {
            return given;
        };
        let of_number = match number.person().sex() {
            Sex::Male => "男",
            Sex::Female => "女",
        };
        let of_number = self.labels.code("sex", of_number).ok().flatten();
        if given.is_some() && given != of_number {
            self.report.value(
                row.number,
                Column::Sex,
                self.text(row, Column::Sex),
                Cause::SexDiffers,
            );
        }
        given.or(of_number)
    }

    /// The household of a row: by its number, else the one before, unless the row is a head.
    fn household_of(&mut self, row: &Row, member: &MemberRow) -> Option<usize> {
        let number: Option<Text> =
            self.value(row, Column::HouseholdNumber, |_, text| fields::text(text));
        let last = self.households.len().checked_sub(1);
        let known = match &number {
            Some(number) => self.by_number.get(number.as_str()).copied(),
            None if member.is_head() => None,
            None => match last {
                Some(last) => Some(last),
                None => {
                    self.report
                        .value(row.number, Column::HouseholdNumber, "", Cause::NoHousehold);
                    return None;
                }
            },
        };
        let at = known.unwrap_or_else(|| {
            let at = self.households.len();
            if let Some(number) = &number {
                self.by_number.insert(number.to_string(), at);
            }
            let cells = vec![None; Column::ALL.len()];
            self.households.push(HouseholdRows {
                first_row: row.number,
                number,
                cells,
                ..HouseholdRows::default()
            });
            at
        });
        Some(at)
    }

    fn take_area(&mut self, row: &Row, at: usize) {
        let names = [
            Column::Province,
            Column::Prefecture,
            Column::County,
            Column::Township,
            Column::Village,
        ]
        .map(|column| self.text(row, column));
        let code = self.text(row, Column::AreaCode);
        let household = &self.households[at];
        // Only the village or its code says where a household is; where neither stands, the rows before have said it.
        if names[4].is_empty() && code.is_empty() && household.area.is_some() {
            return;
        }
        let column = if code.is_empty() {
            Column::Village
        } else {
            Column::AreaCode
        };
        let shown = if code.is_empty() { names[4] } else { code };
        match (self.places.village(names, code), household.area) {
            (Some(area), None) => self.households[at].area = Some(area),
            (Some(area), Some(before)) if area != before => {
                let row_before = household.first_row;
                self.report.value(
                    row.number,
                    column,
                    shown,
                    Cause::TwoAreas { row: row_before },
                );
            }
            (Some(_), Some(_)) => {}
            (None, _) => self
                .report
                .value(row.number, column, shown, Cause::UnknownArea),
        }
    }

    fn take_household_cells(&mut self, row: &Row, at: usize) {
        let columns = Column::ALL.iter().copied().filter(|column| {
            column.scope() == Scope::Household && *column != Column::HouseholdNumber
        });
        for column in columns {
            let text = self.sound_text(row, column);
            if text.is_empty() {
                continue;
            }
            match &self.households[at].cells[column as usize] {
                None => {
                    self.households[at].cells[column as usize] = Some((row.number, text.into()))
                }
                Some((before, other)) if **other != *text => {
                    let cause = Cause::ColumnsDiffer { row: *before };
                    self.report.value(row.number, column, text, cause);
                }
                Some(_) => {}
            }
        }
    }

    /// A person, and a number, stand in a file once. Both households are faulty, since nobody knows which is right.
    fn note_person(&mut self, member: &MemberRow, at: usize) {
        if let Some(document) = member.document.normalised()
            && let Some((row, other)) = self.documents.insert(document, (member.row, at))
        {
            self.households[other].is_faulty = true;
            let text = member.document.text();
            self.report.value(
                member.row,
                Column::Document,
                &text,
                Cause::PersonTwice { row },
            );
        }
        if let Some(number) = &member.number
            && let Some((row, other)) = self
                .member_numbers
                .insert(number.to_string(), (member.row, at))
        {
            self.households[other].is_faulty = true;
            self.report.value(
                member.row,
                Column::MemberNumber,
                number.as_str(),
                Cause::NumberTwice { row },
            );
        }
    }

    fn household_fields(&mut self, household: &HouseholdRows) -> HouseholdFields {
        if household.area.is_none() && !household.is_faulty {
            self.report
                .value(household.first_row, Column::Village, "", Cause::Missing);
        }
        let as_of = self.as_of;
        let mut fields =
            HouseholdFields {
                hamlet: self.cell(household, Column::Hamlet, |_, text| fields::text(text)),
                phone: self.cell(household, Column::Phone, |_, text| fields::phone(text)),
                household_type: self.cell(household, Column::HouseholdType, |reading, text| {
                    match text {
                        "" => Err(Cause::Missing),
                        label => reading.labels.code("household-type", label),
                    }
                }),
                main_cause: self.cell(household, Column::MainCause, |reading, text| {
                    reading.labels.code("cause", text)
                }),
                other_causes: Vec::new(),
                identified_on: self.cell(household, Column::HouseholdIdentifiedOn, |_, text| {
                    fields::date(text, as_of)
                }),
                exit_year: self.cell(household, Column::ExitYear, |_, text| fields::year(text)),
                risk_removed: self.cell(household, Column::RiskRemoved, |_, text| {
                    fields::yes_or_no(text)
                }),
                dangerous_house: self.cell(household, Column::DangerousHouse, |_, text| {
                    fields::yes_or_no(text)
                }),
                safe_water: self.cell(household, Column::SafeWater, |_, text| {
                    fields::yes_or_no(text)
                }),
                willing: self.cell(household, Column::Willing, |_, text| {
                    fields::yes_or_no(text)
                }),
                persons: self.cell(household, Column::Persons, |_, text| fields::persons(text)),
                wages: self.amount(household, Column::Wages),
                business: self.amount(household, Column::Business),
                property: self.amount(household, Column::Property),
                transfers: self.amount(household, Column::Transfers),
                expenses: self.amount(household, Column::Expenses),
                per_head: self.cell(household, Column::IncomePerHead, |_, text| {
                    fields::computed_amount(text)
                }),
                income_row: household.row_of(Column::Wages),
            };
        fields.other_causes = self.other_causes(household, fields.main_cause.as_ref());
        fields
    }

    fn amount(&mut self, household: &HouseholdRows, column: Column) -> Option<Fen> {
        self.cell(household, column, |_, text| fields::amount(text))
    }

    fn other_causes(&mut self, household: &HouseholdRows, main: Option<&Code>) -> Vec<Code> {
        let mut causes = self.cell(household, Column::OtherCauses, |reading, text| {
            reading.labels.set("cause", text)
        });
        let Some(main) = main else {
            if !causes.is_empty() && household.cells[Column::MainCause as usize].is_none() {
                self.report.value(
                    household.row_of(Column::OtherCauses),
                    Column::MainCause,
                    "",
                    Cause::NoMainCause,
                );
            }
            return causes;
        };
        let row = household.row_of(Column::OtherCauses);
        if causes.contains(main) {
            causes.retain(|cause| cause != main);
            self.report
                .value(row, Column::OtherCauses, "", Cause::CauseTwice);
        }
        if causes.len() > 2 {
            self.report
                .value(row, Column::OtherCauses, "", Cause::TooManyCauses);
            causes.truncate(2);
        }
        causes
    }

    fn cell<T: Default>(
        &mut self,
        household: &HouseholdRows,
        column: Column,
        read: impl FnOnce(&mut Self, &str) -> Result<T, Cause>,
    ) -> T {
        let cell = household
            .cells
            .get(column as usize)
            .and_then(Option::as_ref);
        let (row, text) = cell.map_or((household.first_row, ""), |(row, text)| (*row, &**text));
        read(self, text).unwrap_or_else(|cause| {
            self.report.value(row, column, text, cause);
            T::default()
        })
    }
}

impl HouseholdRows {
    fn row_of(&self, column: Column) -> u32 {
        let cell = self.cells.get(column as usize).and_then(Option::as_ref);
        cell.map_or(self.first_row, |(row, _)| *row)
    }
}

fn is_number_of_somebody(column: Column) -> bool {
    matches!(
        column,
        Column::Document | Column::HouseholdNumber | Column::MemberNumber
    )
}
