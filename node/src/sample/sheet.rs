//! The households as the county would export them.

use std::path::Path;

use lika_core::value::{Date, Fen};

use super::{
    households::{Kind, SampleHousehold, SampleMember},
    places::{COUNTY, PREFECTURE, PROVINCE},
};
use crate::files::{
    Column,
    writer::{Cells, Error, Format, Writer},
};

/// Writes the national headings and a row for each person. Measures are no column: they follow from the others.
pub(super) fn write(
    households: &[SampleHousehold],
    path: &Path,
    format: Format,
    as_of: Date,
) -> Result<(), Error> {
    let is_national = |column: &Column| {
        !matches!(
            column,
            Column::AreaCode | Column::Measures | Column::Version
        )
    };
    let columns = Column::ALL.iter().copied().filter(is_national).collect();
    let mut writer = Writer::create(path, format, as_of, columns)?;
    for household in households {
        let common = common_cells(household);
        for (place, member) in household.members.iter().enumerate() {
            writer.write(&member_cells(&common, household, place, member))?;
        }
    }
    writer.finish()
}

fn common_cells(household: &SampleHousehold) -> Cells {
    let mut cells = Cells::default();
    cells.set(Column::Province, PROVINCE);
    cells.set(Column::Prefecture, PREFECTURE);
    cells.set(Column::County, COUNTY);
    cells.set(Column::Township, household.township_name);
    cells.set(Column::Village, &household.village_name);
    cells.set(Column::Hamlet, &household.hamlet);
    cells.set(Column::HouseholdNumber, &household.number);
    cells.set(Column::Persons, household.members.len().to_string());
    let (main, others) = household.causes.split_first().unwrap_or((&"", &[]));
    cells.set(Column::MainCause, *main);
    cells.set(Column::OtherCauses, others.join("、"));
    cells.set(Column::DangerousHouse, yes_or_no(household.dangerous_house));
    cells.set(Column::SafeWater, yes_or_no(household.safe_water));
    cells.set(Column::Willing, yes_or_no(household.willing));
    let [wages, business, property, transfers, expenses] = household.income;
    let yuan = |amount: i64| Fen(amount * 100).to_string();
    cells.set(Column::Wages, yuan(wages));
    cells.set(Column::Business, yuan(business));
    cells.set(Column::Property, yuan(property));
    cells.set(Column::Transfers, yuan(transfers));
    cells.set(Column::Expenses, yuan(expenses));
    let people = i64::try_from(household.members.len()).unwrap_or(1);
    let net = wages + business + property + transfers - expenses;
    cells.set(Column::IncomePerHead, Fen(net * 100 / people).to_string());
    cells.set(Column::HouseholdType, household.kind.label());
    cells.set(Column::Phone, &household.phone);
    cells.set(
        Column::HouseholdIdentifiedOn,
        household.identified_on.to_string(),
    );
    cells
}

fn member_cells(
    common: &Cells,
    household: &SampleHousehold,
    place: usize,
    member: &SampleMember,
) -> Cells {
    let mut cells = common.clone();
    let draws_allowance = matches!(
        household.kind,
        Kind::DevelopmentAllowance | Kind::AllowanceOnly
    );
    cells.set(
        Column::MemberNumber,
        format!("{}{:02}", household.number, place + 1),
    );
    cells.set(Column::Name, &member.name);
    cells.set(Column::Sex, if member.is_male { "男" } else { "女" });
    cells.set(Column::DocumentType, "居民身份证");
    cells.set(Column::Document, &member.document);
    cells.set(Column::Relation, member.relation);
    cells.set(Column::EthnicGroup, "汉族");
    cells.set(Column::Political, "群众");
    cells.set(Column::Education, member.education);
    cells.set(Column::Schooling, member.schooling);
    cells.set(Column::Health, member.health);
    cells.set(Column::Labour, member.labour);
    if let Some((region, months)) = member.work {
        cells.set(Column::WorkRegion, region);
        cells.set(Column::WorkMonths, months.to_string());
    }
    cells.set(Column::IllnessInsurance, "是");
    cells.set(Column::MedicalInsurance, "是");
    cells.set(
        Column::PensionInsurance,
        yes_or_no(member.age >= 16 && !member.is_at_school()),
    );
    cells.set(Column::Allowance, yes_or_no(draws_allowance));
    cells.set(
        Column::MemberIdentifiedOn,
        household.identified_on.max(member.born).to_string(),
    );
    cells
}

fn yes_or_no(truth: bool) -> &'static str {
    if truth { "是" } else { "否" }
}
