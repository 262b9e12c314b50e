//! The code lists of the registry, as data.
//!
//! Lists that follow a national standard use its codes; the others use short English words.
//! Labels are those of the national forms; aliases are what spreadsheets in practice write instead.

mod alert;
mod case;
mod comparison;
mod helping;
mod household;
mod household_event;
mod loans;
mod measures;
mod money;
mod office;
mod person;
mod reporting;
mod works;

mod supervision;

use crate::{
    record::Problem,
    value::{Code, fold_width},
};

/// A closed list of codes with their labels.
#[derive(Debug, PartialEq, Eq)]
pub struct CodeList {
    /// The name by which records and policies refer to the list, such as `household-type`.
    pub name: &'static str,
    pub entries: &'static [CodeEntry],
}

#[derive(Debug, PartialEq, Eq)]
pub struct CodeEntry {
    pub code: &'static str,
    /// The label of the forms, and of exports.
    pub zh: &'static str,
    pub en: &'static str,
    /// Other labels that are understood on import.
    pub aliases: &'static [&'static str],
}

/// Every list.
pub static LISTS: &[&CodeList] = &[
    &person::SEX,
    &person::ETHNIC_GROUP,
    &person::RELATION,
    &person::MARITAL,
    &person::EDUCATION,
    &person::SCHOOLING,
    &person::HEALTH,
    &person::LABOUR,
    &person::POLITICAL,
    &person::DOCUMENT_TYPE,
    &person::NO_DOCUMENT_REASON,
    &person::WORK_REGION,
    &person::MEMBER_END_REASON,
    &household::HOUSEHOLD_TYPE,
    &household::CAUSE,
    &household::MEASURE,
    &household::IDENTIFICATION_STANDARD,
    &household::HOUSE_STRUCTURE,
    &household::FUEL,
    &helping::RANK,
    &helping::HELPER_LEVEL,
    &helping::PAIRING_ROLE,
    &helping::TEAM_ROLE,
    &helping::VISIT_PURPOSE,
    &helping::UNIT_TYPE,
    &helping::HOLDER,
    &office::ROLE,
    &office::STATISTIC_SERIES,
    &alert::ALERT,
    &alert::FINDING,
    &money::ACCOUNT_SIDE,
    &money::FUND_CHANNEL,
    &money::FUND_PURPOSE,
    &money::FUND_USE,
    &money::PAYMENT_FAULT,
    &money::TRANSFER_DIRECTION,
    &measures::MEASURE_KIND,
    &measures::WAY,
    &measures::HOUSEHOLD_POLICY,
    &measures::URBAN_MEASURE,
    &measures::GUIDANCE,
    &measures::MEASURE_RESULT,
    &works::PROJECT_TYPE,
    &works::PROJECT_STAGE,
    &works::PROJECT_END,
    &works::ENTERPRISE_KIND,
    &works::CONTRACT_KIND,
    &works::CONTRACT_UNIT,
    &works::TRAINING_KIND,
    &works::TRAINING_AUDIENCE,
    &works::INSURANCE_KIND,
    &works::COLLECTIVE_SOURCE,
    &case::CASE_KIND,
    &case::STEP_ACT,
    &case::STEP_LEVEL,
    &case::STEP_RESULT,
    &case::CASE_END,
    &case::OBJECTION_FINDING,
    &case::EXIT_CONDITION,
    &case::EVIDENCE,
    &comparison::SOURCE,
    &comparison::FIELD,
    &comparison::FINDING,
    &reporting::ACT,
    &household_event::HOUSEHOLD_EVENT,
    &household_event::HOUSEHOLD_EVENT_REASON,
    &supervision::POST_ROLE,
    &supervision::RHYTHM,
    &supervision::DUTY_SIDE,
    &supervision::TASK_RESULT,
    &supervision::FINDING_KIND,
    &supervision::INSPECTION,
    &supervision::FINDING_END,
    &supervision::SANCTION_KIND,
    &supervision::PENALTY,
    &supervision::LETTER_GOAL,
    &supervision::LETTER_SIDE,
    &supervision::SATISFACTION,
    &supervision::GRADE,
    &supervision::AWARD_CATEGORY,
    &loans::LOAN_PURPOSE,
    &loans::LOAN_METHOD,
    &loans::LOAN_STAGE,
    &loans::DEFAULT_EXCUSE,
    &loans::BLACKLIST_REASON,
];

/// The list of that name.
#[must_use]
pub fn list(name: &str) -> Option<&'static CodeList> {
    LISTS.iter().copied().find(|list| list.name == name)
}

/// A code that a list has.
pub fn listed(list: &'static str, code: &str) -> Result<Code, Problem> {
    let entry = self::list(list).and_then(|list| list.by_code(code));
    entry.map(CodeEntry::to_code).ok_or_else(|| {
        let code = code.to_owned();
        Problem::UnknownCode { list, code }
    })
}

/// Whether somebody of this code of the list `labour` can work: ordinary, skilled and weak labour can.
///
/// None for a code that the list does not have, which is neither yes nor no.
#[must_use]
pub fn can_work(labour: &str) -> Option<bool> {
    let entry = person::LABOUR.by_code(labour)?;
    Some(matches!(entry.code, "ordinary" | "skilled" | "weak"))
}

/// The class of a project type in the count of projects (S3.6): one of agriculture, industry, trade-tourism and other,
/// so that the four add up.
#[must_use]
pub fn project_class(project_type: &str) -> &'static str {
    match project_type {
        "agriculture" | "planting" | "livestock" | "forestry" | "fishery" => "agriculture",
        "industry" | "processing" => "industry",
        "trade-tourism" | "trade" | "tourism" => "trade-tourism",
        _ => "other",
    }
}

impl CodeList {
    #[must_use]
    pub fn by_code(&self, code: &str) -> Option<&'static CodeEntry> {
        self.entries.iter().find(|entry| entry.code == code)
    }

    /// The entry of a label or alias, as spreadsheets write it: white space, full width and traditional
    /// characters make no difference.
    #[must_use]
    pub fn by_label(&self, label: &str) -> Option<&'static CodeEntry> {
        let label: Vec<char> = bare(label).map(simplified).collect();
        let is_written = |own: &'static str| bare(own).eq(label.iter().copied());
        self.entries
            .iter()
            .find(|entry| entry.labels().any(is_written))
    }
}

impl CodeEntry {
    #[must_use]
    pub fn to_code(&self) -> Code {
        Code::parse(self.code).expect("a test checks every code of every list")
    }

    /// The label of the forms, then the aliases.
    pub fn labels(&self) -> impl Iterator<Item = &'static str> + use<> {
        std::iter::once(self.zh).chain(self.aliases.iter().copied())
    }
}

/// One row of a list.
const fn entry(
    code: &'static str,
    zh: &'static str,
    en: &'static str,
    aliases: &'static [&'static str],
) -> CodeEntry {
    CodeEntry {
        code,
        zh,
        en,
        aliases,
    }
}

/// A label without white space and marks, half-width.
fn bare(label: &str) -> impl Iterator<Item = char> {
    let is_mark = |c: &char| c.is_whitespace() || matches!(c, '、' | ',' | '/' | '·');
    label.chars().map(fold_width).filter(move |c| !is_mark(c))
}

/// The simplified form of the traditional characters that occur in labels of the lists.
fn simplified(c: char) -> char {
    const PAIRS: &str = "戶户貧贫養养婦妇媽妈親亲孫孙兒儿員员黨党預预備备團团體体單单學学齡龄歲岁專专碩硕職职業业幹干無无勞劳動动殘残長长穩稳難难發发開开護护證证\
                         縣县鄉乡鎮镇內内臺台區区際际離离異异喪丧類类災灾資资術术條条後后運运輸输財财險险會会農农應应對对質质結结幫帮標标準准國国級级與与報报補补戰战關关\
                         係系僱雇羣群眾众滿满漢汉維维爾尔壯壮鮮鲜瑤瑶達达賽赛羅罗獨独龍龙倫伦門门諾诺陽阳錫锡納纳頗颇";
    let mut pairs = PAIRS.chars();
    while let (Some(traditional), Some(simple)) = (pairs.next(), pairs.next()) {
        if traditional == c {
            return simple;
        }
    }
    c
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::value::Code;

    fn code_of(name: &str, label: &str) -> Option<&'static str> {
        list(name).unwrap().by_label(label).map(|entry| entry.code)
    }

    #[test]
    fn every_code_is_one_and_every_label_means_one_thing() {
        let mut names = BTreeSet::new();
        for list in LISTS {
            assert!(names.insert(list.name), "{} twice", list.name);
            let (mut codes, mut labels) = (BTreeSet::new(), BTreeSet::new());
            for entry in list.entries {
                assert!(
                    Code::parse(entry.code).is_ok(),
                    "{}: {}",
                    list.name,
                    entry.code
                );
                assert!(
                    codes.insert(entry.code),
                    "{}: {} twice",
                    list.name,
                    entry.code
                );
                assert!(!entry.en.is_empty() && !entry.zh.is_empty());
                assert_eq!(list.by_code(entry.code), Some(entry));
                for label in entry.labels() {
                    let own: String = bare(label).collect();
                    assert!(
                        own.chars().all(|c| simplified(c) == c),
                        "{label} is not simplified"
                    );
                    assert!(labels.insert(own), "{}: {label} twice", list.name);
                    assert_eq!(list.by_label(label), Some(entry), "{}: {label}", list.name);
                }
            }
        }
    }

    #[test]
    fn labels_of_the_national_form_are_understood() {
        for (name, label, code) in [
            ("sex", "男", "1"),
            ("ethnic-group", "畲", "22"),
            ("ethnic-group", "漢族", "01"),
            ("relation", "户主", "02"),
            ("relation", "之儿媳", "38"),
            ("relation", "之外孙女", "44"),
            ("household-type", "五保户", "five-guarantee"),
            ("household-type", "一般贫困户", "general"),
            ("household-type", " 低保貧困戶 ", "allowance"),
            ("education", "文盲或半文盲", "illiterate"),
            ("labour", "弱劳动力或半劳动力", "weak"),
            ("work-region", "乡（镇）内", "township"),
            ("work-region", "乡(镇)内", "township"),
            ("cause", "自身发展动力不足", "motivation"),
            ("cause", "因 残", "disability"),
            ("health", "患有大病", "serious-illness"),
            ("document-type", "居民身份证", "id-card"),
            ("political", "群众", "masses"),
        ] {
            assert_eq!(code_of(name, label), Some(code), "{name} {label}");
        }
        assert_eq!(code_of("cause", "因懒"), None);
        assert_eq!(list("colour"), None);
    }

    #[test]
    fn the_lists_of_the_standards_are_whole() {
        assert_eq!(list("ethnic-group").unwrap().entries.len(), 56);
        assert_eq!(
            list("measure").unwrap().entries.len(),
            10,
            "the ten measures of S4.10"
        );
        assert_eq!(list("cause").unwrap().entries.len(), 12);
    }

    #[test]
    fn every_project_type_has_one_class_and_a_class_is_its_own() {
        let types = list("project-type").unwrap();
        let classes: BTreeSet<_> = types
            .entries
            .iter()
            .map(|entry| project_class(entry.code))
            .collect();
        assert_eq!(classes.len(), 4, "the four classes of S3.6");
        for class in classes {
            assert_eq!(project_class(class), class);
            assert!(types.by_code(class).is_some());
        }
    }

    #[test]
    fn weak_labour_can_work_and_an_unknown_code_is_no_answer() {
        assert_eq!(can_work("weak"), Some(true));
        assert_eq!(can_work("lost"), Some(false));
        assert_eq!(can_work("none"), Some(false));
        assert_eq!(can_work("strong"), None);
    }
}
