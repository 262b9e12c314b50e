//! What a measure counts as in each of the documents, and which measures a person is planned for where nobody has said
//! so (S4.10).
//!
//! [`place`] answers the first for every code of the list `measure-kind`, [`derive()`] the second.
//!
//! The plan of Luxi counts people by measure, and its counts are overlapping sets. These are the rules by which the
//! columns of the national form give those sets:
//!
//! | measure | who |
//! |---|---|
//! | industry | able to work, in a household that lacks skill or funds |
//! | schooling | at school, in a household that is poor because of schooling |
//! | employment | able to work, without a place and months of work |
//! | protection | without labour capacity, or in an allowance-only or five-guarantee household |
//! | science | ordinary labour in a household that lacks skill |
//!
//! *Able to work* is a labour capacity of the list (ordinary, skilled, weak) outside of the households that are left to
//! social relief (S0.1). Protection is therefore disjoint from industry, employment and science, as 7,183 of 10,485
//! people with 3,044 in employment ask. Illness, disability and disaster lead to protection through the labour capacity
//! that they take away. A labour capacity that nobody stated is neither ability nor the lack of it.
//!
//! The other measures of S4.10 are for whole households and villages and are not derived.

mod place;

pub use place::{Place, place, tells_of_health};

use crate::{
    codes,
    record::{Household, Member},
    value::Code,
};

/// The derived measures of a member of a household, in the order of the code list.
pub fn derive(household: &Household, member: &Member) -> Vec<Code> {
    let household_type = household.household_type.as_str();
    let on_relief = matches!(household_type, "allowance-only" | "five-guarantee");
    let labour = member.labour.as_ref().map(Code::as_str);
    let capacity = labour.and_then(codes::can_work);
    let is_able = capacity == Some(true) && !on_relief;
    let lacks = |cause: &str| {
        household
            .main_cause
            .iter()
            .chain(&household.other_causes)
            .any(|named| named.as_str() == cause)
    };
    let is_at_school = member
        .schooling
        .as_ref()
        .is_some_and(|schooling| schooling.as_str() != "none");
    let has_work =
        member.work_region.is_some() || member.work_months.is_some_and(|months| months > 0);

    let rules = [
        ("industry", is_able && (lacks("skill") || lacks("funds"))),
        ("schooling", is_at_school && lacks("schooling")),
        ("employment", is_able && !has_work),
        ("protection", capacity == Some(false) || on_relief),
        (
            "science",
            is_able && labour == Some("ordinary") && lacks("skill"),
        ),
    ];
    rules
        .into_iter()
        .filter(|(_, holds)| *holds)
        .map(|(code, _)| measure(code))
        .collect()
}

fn measure(code: &'static str) -> Code {
    Code::parse(code).expect("the codes in this file are lower-case letters")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{Date, RecordId};

    fn household(household_type: &str, causes: &[&str]) -> Household {
        let mut causes = causes.iter().map(|cause| Code::parse(cause).unwrap());
        Household {
            main_cause: causes.next(),
            other_causes: causes.collect(),
            ..Household::new(Code::parse(household_type).unwrap())
        }
    }

    fn member(labour: &str, schooling: &str, months: u32) -> Member {
        let code = |text: &str| (!text.is_empty()).then(|| Code::parse(text).unwrap());
        Member {
            schooling: code(schooling),
            labour: code(labour),
            work_months: (months > 0).then_some(months),
            ..Member::new(
                RecordId::derived("test", b"household"),
                Date::new(2014, 1, 1).unwrap(),
                Code::parse("20").unwrap(),
            )
        }
    }

    #[test]
    fn each_measure_follows_from_the_form() {
        for (household_type, causes, labour, schooling, months, expected) in [
            (
                "development",
                &["skill"][..],
                "ordinary",
                "none",
                0,
                "industry employment science",
            ),
            (
                "development",
                &["illness", "skill"],
                "skilled",
                "",
                8,
                "industry",
            ),
            (
                "development-allowance",
                &["funds"],
                "weak",
                "",
                0,
                "industry employment",
            ),
            ("development", &["illness"], "ordinary", "", 0, "employment"),
            (
                "development",
                &["schooling"],
                "none",
                "primary",
                0,
                "schooling protection",
            ),
            (
                "development",
                &["skill"],
                "none",
                "primary",
                0,
                "protection",
            ),
            ("development", &["schooling"], "ordinary", "none", 10, ""),
            ("allowance-only", &["skill"], "weak", "", 0, "protection"),
            ("five-guarantee", &[], "", "", 0, "protection"),
            ("development", &["skill"], "", "", 0, ""),
        ] {
            let derived = derive(
                &household(household_type, causes),
                &member(labour, schooling, months),
            );
            let derived: Vec<&str> = derived.iter().map(Code::as_str).collect();
            assert_eq!(
                derived.join(" "),
                expected,
                "{household_type} {causes:?} {labour} {schooling} {months}"
            );
        }
    }
}
