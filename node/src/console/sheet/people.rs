//! Households, their members and their income.

use lika_core::{
    log::Class,
    record::{Household, HouseholdIdentity, IncomeStatement, Member},
    value::Phone,
};

use super::{Line, Sheet};
use crate::console::words::{Cell, Words};

impl Sheet<'_> {
    pub(super) fn household(&self, household: &Household) -> Vec<Line> {
        let Household {
            household_type,
            standard,
            main_cause,
            other_causes,
            identified_on,
            exit_year,
            risk_removed,
            dangerous_house,
            safe_water,
            willing,
            identity,
            note,
        } = household;
        let words = self.words;
        let of = |take: fn(&HouseholdIdentity, Words) -> Cell| {
            self.identity(identity.as_ref().map(|identity| take(identity, words)))
        };
        vec![
            self.line(
                "户编号",
                "Household number",
                of(|own, words| words.text(own.number.as_ref())),
            ),
            self.line(
                "自然村（组）",
                "Hamlet",
                of(|own, words| words.text(own.hamlet.as_ref())),
            ),
            self.line(
                "住址",
                "Address",
                of(|own, words| words.text(own.address.as_ref())),
            ),
            self.line(
                "联系电话",
                "Phone",
                of(|own, words| words.text(own.phone.as_ref().map(Phone::masked))),
            ),
            self.line(
                "银行账号",
                "Bank account",
                of(|own, words| account(words, own)),
            ),
            self.line(
                "户类型",
                "Type",
                Cell::of(words.code("household-type", household_type.as_str())),
            ),
            self.line(
                "识别标准",
                "Identified by",
                words.label("identification-standard", standard.as_ref()),
            ),
            self.line(
                "主要致贫原因",
                "Main cause",
                words.label("cause", main_cause.as_ref()),
            ),
            self.line(
                "其他致贫原因",
                "Other causes",
                words.labels("cause", other_causes),
            ),
            self.line("首次识别时间", "Identified on", words.text(*identified_on)),
            self.line("脱贫年度", "Year of exit", words.text(*exit_year)),
            self.line("风险是否消除", "Risk removed", words.yes_no(*risk_removed)),
            self.line("危房户", "Dangerous house", words.yes_no(*dangerous_house)),
            self.line("解决安全饮用水", "Safe water", words.yes_no(*safe_water)),
            self.line("有脱贫意愿", "Willing to be helped", words.yes_no(*willing)),
            self.line(
                "备注",
                "Note",
                self.note(note.as_ref().map(|note| words.text(note.as_ref()))),
            ),
        ]
    }

    #[expect(
        clippy::too_many_lines,
        reason = "one row a field, in the order of the form"
    )]
    pub(super) fn member(&self, member: &Member) -> Vec<Line> {
        let Member {
            household,
            from,
            until,
            sex,
            birth_year,
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
        let words = self.words;
        let identity = identity.as_ref();
        let ended = until
            .as_ref()
            .map(|(_, reason)| words.code("member-end-reason", reason.as_str()));
        let health = health.as_ref().map(|health| words.labels("health", health));
        vec![
            self.line(
                "姓名",
                "Name",
                self.identity(identity.map(|own| Cell::of(own.name.to_string()))),
            ),
            self.line(
                "人编号",
                "Person number",
                self.identity(identity.map(|own| words.text(own.number.as_ref()))),
            ),
            self.line(
                "证件号码",
                "Document",
                self.identity(identity.map(|own| words.document(&own.document))),
            ),
            self.line(
                "联系电话",
                "Phone",
                self.identity(identity.map(|own| self.phone(own.phone.as_ref()))),
            ),
            self.line("所属户", "Household", Cell::of(household.to_string())),
            self.line(
                "在户时间",
                "Membership",
                Cell::of(words.span(*from, until.as_ref().map(|(day, _)| *day))),
            ),
            self.line("终止原因", "Ended because", words.text(ended)),
            self.line("性别", "Sex", words.label("sex", sex.as_ref())),
            self.line("出生年份", "Year of birth", words.text(*birth_year)),
            self.line(
                "与户主关系",
                "Relation to head",
                Cell::of(words.code("relation", relation.as_str())),
            ),
            self.line(
                "民族",
                "Ethnic group",
                words.label("ethnic-group", ethnic_group.as_ref()),
            ),
            self.line(
                "政治面貌",
                "Political status",
                words.label("political", political.as_ref()),
            ),
            self.line(
                "文化程度",
                "Education",
                words.label("education", education.as_ref()),
            ),
            self.line(
                "在校生状况",
                "Schooling",
                words.label("schooling", schooling.as_ref()),
            ),
            self.line(
                "健康状况",
                "Health",
                words.sealed(self.withheld, Class::Sensitive, health),
            ),
            self.line("劳动技能", "Labour", words.label("labour", labour.as_ref())),
            self.line(
                "务工区域",
                "Works in",
                words.label("work-region", work_region.as_ref()),
            ),
            self.line("务工时间（月）", "Months of work", words.text(*work_months)),
            self.line("享受低保", "Allowance", words.yes_no(*allowance)),
            self.line(
                "基本医疗保险",
                "Medical insurance",
                words.yes_no(*medical_insurance),
            ),
            self.line(
                "大病保险",
                "Serious-illness insurance",
                words.yes_no(*illness_insurance),
            ),
            self.line(
                "基本养老保险",
                "Pension insurance",
                words.yes_no(*pension_insurance),
            ),
            self.line("人员识别时间", "Identified on", words.text(*identified_on)),
            self.line("帮扶措施", "Measures", words.labels("measure", measures)),
        ]
    }

    pub(super) fn income(&self, income: &IncomeStatement) -> Vec<Line> {
        let IncomeStatement {
            household,
            year,
            wages,
            business,
            property,
            transfers,
            expenses,
            persons,
        } = income;
        let words = self.words;
        vec![
            self.line("所属户", "Household", Cell::of(household.to_string())),
            self.line("年度", "Year", Cell::of(year.to_string())),
            self.line("工资性收入", "Wages", Cell::of(words.money(*wages))),
            self.line(
                "生产经营性收入",
                "Business",
                Cell::of(words.money(*business)),
            ),
            self.line("财产性收入", "Property", Cell::of(words.money(*property))),
            self.line("转移性收入", "Transfers", Cell::of(words.money(*transfers))),
            self.line(
                "生产经营性支出",
                "Expenses",
                Cell::of(words.money(*expenses)),
            ),
            self.line("人数", "People", Cell::of(persons.to_string())),
            self.line(
                "人均纯收入",
                "Net income per head",
                Cell::of(words.money(income.net_per_head())),
            ),
        ]
    }
}

/// The last four digits are enough to tell accounts apart.
fn account(words: Words, identity: &HouseholdIdentity) -> Cell {
    let Some(account) = &identity.bank_account else {
        return words.none();
    };
    let characters: Vec<char> = account.as_str().chars().collect();
    let shown = if characters.len() > 8 {
        &characters[characters.len() - 4..]
    } else {
        &[]
    };
    Cell::of(format!("****{}", shown.iter().collect::<String>()))
}
