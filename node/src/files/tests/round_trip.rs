//! Import after export changes nothing.

use lika_core::{
    codes,
    command::Change,
    log::Action,
    record::{Body, Household, HouseholdIdentity, IncomeStatement, Member, MemberIdentity},
    value::{AreaCode, Code, Fen, IdentityDocument, Name, Phone, RecordId, Text},
};
use proptest::prelude::*;

use super::*;
use crate::files::writer::Writer;

fn export_to(memory: &Memory, path: &Path, format: Format) -> usize {
    let mut writer = Writer::create(path, format, today(), Column::ALL.to_vec()).unwrap();
    let year = Year::new(2015).unwrap();
    let rows =
        export::households(memory, &County::area(), year, &mut writer, &mut |_, _| ()).unwrap();
    writer.finish().unwrap();
    rows
}

fn check_round_trip(memory: &Memory) {
    let folder = TempDir::new().unwrap();
    for (name, format) in [("a.xlsx", Format::Xlsx), ("a.csv", Format::Csv)] {
        let path = folder.path().join(name);
        let rows = export_to(memory, &path, format);
        let plan = plan_file(&path, memory, Faulty::RefuseAll);
        assert_eq!(
            plan.faults
                .list()
                .iter()
                .filter(|fault| fault.severity() == Severity::Fault)
                .count(),
            0,
            "{:?}",
            plan.faults
        );
        assert_eq!(plan.changes, []);
        assert_eq!(
            (plan.summary.rows, plan.summary.members.unchanged),
            (rows, rows)
        );
        assert_eq!(
            plan.summary.members.absent + plan.summary.households.absent,
            0
        );
    }
}

#[test]
fn the_sample_comes_back_as_it_went() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("sample.csv");
    county(80).write_csv(&path).unwrap();
    let mut memory = registry();
    let plan = plan_file(&path, &memory, Faulty::RefuseAll);
    assert_eq!(plan.summary.households.new, 80, "{:?}", plan.faults);
    memory.apply(plan.changes);
    check_round_trip(&memory);
}

#[test]
fn what_was_edited_here_since_the_export_is_left_as_it_is() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("export.csv");
    let mut memory = registry();
    let rows = [
        "芦溪镇,360323100201,A1,,张三,,户主,扶贫开发户,因病,,,,,",
        "芦溪镇,360323100201,A2,,李四,,户主,五保户,,,,,,",
    ];
    memory.apply(plan_text(&sheet(&rows), &memory, Faulty::RefuseAll).changes);
    export_to(&memory, &path, Format::Csv);

    let edited = memory
        .records
        .values()
        .find(|record| matches!(&record.body, Body::Household(h) if h.main_cause.is_some()));
    let edited = edited.unwrap().clone();
    let Body::Household(body) = &edited.body else {
        panic!("a household was looked for")
    };
    let body = Household {
        safe_water: Some(false),
        ..body.clone()
    };
    memory.apply(vec![Change::of(&edited, Action::Change, body)]);

    let exported = std::fs::read_to_string(&path).unwrap();
    let plan = plan_text(
        &exported
            .replace("因病", "因残")
            .replace("五保户", "纯低保户"),
        &memory,
        Faulty::RefuseAll,
    );
    assert_eq!(
        (
            plan.summary.households.conflicting,
            plan.summary.households.changed
        ),
        (1, 1)
    );
    assert_eq!(
        plan.changes.len(),
        1,
        "the conflicting household is left as it is"
    );
    assert_eq!(plan.faults.list()[0].code(), "edited-since");
}

#[test]
fn a_cell_that_would_be_a_formula_is_text() {
    let mut memory = registry();
    let row = "芦溪镇,360323100201,'=A1,'+1,'@张三,,户主,扶贫开发户,,,,,,+86 10012345678";
    memory.apply(plan_text(&sheet(&[row]), &memory, Faulty::RefuseAll).changes);
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("export.csv");
    export_to(&memory, &path, Format::Csv);
    let exported = std::fs::read_to_string(&path).unwrap();
    for cell in [",'=A1,", ",'+1,", ",'@张三,", ",'+86 10012345678,"] {
        assert!(exported.contains(cell), "{cell}: {exported}");
    }
    check_round_trip(&memory);
}

fn any_code(list: &'static str) -> impl Strategy<Value = Code> {
    let entries = codes::list(list).unwrap().entries;
    (0..entries.len()).prop_map(move |at| entries[at].to_code())
}

fn any_text() -> impl Strategy<Value = Option<Text>> {
    proptest::option::of("[=+@'\"a-z0-9张 ,、-]{1,12}").prop_map(|text| {
        text.and_then(|text| Text::parse(&text).ok())
            .filter(|text| !text.is_empty())
    })
}

fn any_date() -> impl Strategy<Value = Date> {
    (2010..2016u16, 1..13u8, 1..29u8)
        .prop_map(|(year, month, day)| Date::new(year, month, day).unwrap())
}

fn any_document() -> impl Strategy<Value = IdentityDocument> {
    let parsed = (any_code("document-type"), "[=0-9X无]{0,20}")
        .prop_map(|(kind, text)| IdentityDocument::parse(&kind, &text));
    let none = any_code("no-document-reason").prop_map(|reason| IdentityDocument::None { reason });
    prop_oneof![parsed, none]
}

prop_compose! {
    fn any_household()(
        household_type in any_code("household-type"),
        main_cause in proptest::option::of(any_code("cause")),
        other in any_code("cause"),
        identified_on in proptest::option::of(any_date()),
        flags in proptest::array::uniform3(proptest::option::of(any::<bool>())),
        hamlet in any_text(),
        phone in proptest::option::of("[+]?[0-9]{5,11}"),
    ) -> Household {
        let other_causes = if main_cause.is_none() || main_cause.as_ref() == Some(&other) { Vec::new() } else { vec![other] };
        Household {
            household_type,
            standard: None,
            main_cause,
            other_causes,
            identified_on,
            exit_year: identified_on.map(|date| date.year()),
            risk_removed: flags[0],
            dangerous_house: flags[1],
            safe_water: flags[2],
            willing: Some(true),
            identity: Some(HouseholdIdentity {
                number: None,
                hamlet,
                address: Text::parse("溪边 1 号").ok(),
                phone: phone.and_then(|phone| Phone::parse(&phone).ok()),
                bank_account: None,
            }),
            note: Some(None),
        }
    }
}

prop_compose! {
    fn any_member()(
        codes in (
            proptest::option::of(any_code("sex")),
            proptest::option::of(any_code("ethnic-group")),
            proptest::option::of(any_code("political")),
            proptest::option::of(any_code("education")),
            proptest::option::of(any_code("schooling")),
            proptest::option::of(any_code("labour")),
            proptest::option::of(any_code("work-region")),
        ),
        health in proptest::option::of(any_code("health")),
        measure in proptest::option::of(any_code("measure")),
        relation in any_code("relation"),
        work_months in proptest::option::of(0..13u32),
        flags in proptest::array::uniform4(proptest::option::of(any::<bool>())),
        from in any_date(),
        identified_on in proptest::option::of(any_date()),
        name in "[=+@'张王·a-z -]{1,8}",
        document in any_document(),
    ) -> Member {
        let (sex, ethnic_group, political, education, schooling, labour, work_region) = codes;
        // A person with a valid number has the sex and the year of birth of that number.
        let number = match &document { IdentityDocument::Valid(number) => Some(number.person()), _ => None };
        Member {
            household: RecordId([0; 16]),
            from,
            until: None,
            sex: number.map_or(sex, |number| Code::parse(number.sex().code()).ok()),
            birth_year: number.map(|number| number.birth_date().year()),
            relation: if relation.as_str().starts_with('0') { Code::parse("80").unwrap() } else { relation },
            ethnic_group,
            political,
            education,
            schooling,
            labour,
            work_region,
            work_months,
            allowance: flags[0],
            medical_insurance: flags[1],
            illness_insurance: flags[2],
            pension_insurance: flags[3],
            identified_on,
            measures: measure.into_iter().collect(),
            identity: Some(MemberIdentity {
                number: None,
                name: Name::parse(&name).unwrap_or_else(|_| Name::parse("张三").unwrap()),
                document,
                phone: None,
            }),
            health: Some(health.into_iter().collect()),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn whatever_is_registered_comes_back_as_it_went(
        households in proptest::collection::vec(
            (any_household(), proptest::collection::vec(any_member(), 1..4), proptest::array::uniform5(0..10_000_000i64)),
            1..4,
        ),
    ) {
        let mut memory = registry();
        let village = AreaCode::parse("360323100201").unwrap();
        let mut changes = Vec::new();
        for (at, (mut household, members, fen)) in households.into_iter().enumerate() {
            let id = RecordId::derived("test.household", &at.to_be_bytes());
            household.identity.as_mut().unwrap().number = Text::parse(&format!("H{at}")).ok();
            changes.push(Change::create(id, village, household));
            for (place, mut member) in members.into_iter().enumerate() {
                member.household = id;
                if place == 0 {
                    member.relation = Code::parse("02").unwrap();
                }
                let number = format!("H{at}M{place}");
                member.identity.as_mut().unwrap().number = Text::parse(&number).ok();
                changes.push(Change::create(RecordId::derived("test.member", number.as_bytes()), village, member));
            }
            let [wages, business, property, transfers, expenses] = fen.map(Fen);
            let year = Year::new(2015).unwrap();
            let income = IncomeStatement { household: id, year, wages, business, property, transfers, expenses, persons: 3 };
            changes.push(Change::create(IncomeStatement::id_for(&id, year), village, income));
        }
        memory.apply(changes);
        check_round_trip(&memory);
    }
}
