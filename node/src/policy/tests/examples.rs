//! Examples as people write them, and those that nobody wrote.

use crate::policy::conformance::{
    example::{Error, Example, Given},
    generate::Generator,
};
use crate::policy::{Family, Kind, Manifest, check, manifest};

fn fact(key: &str, kind: Kind) -> manifest::Fact {
    manifest::Fact {
        key: key.into(),
        kind,
        version: 1,
        optional: false,
        meaning: String::new(),
        monotone: None,
    }
}

fn table(name: &str, parent: Option<usize>, facts: Vec<manifest::Fact>) -> manifest::Table {
    manifest::Table {
        name: name.into(),
        parent,
        facts,
    }
}

/// Households with members, and helpers to whom members refer.
fn policy() -> Manifest {
    let household = vec![
        fact("household.able", Kind::Flag),
        fact("household.income", Kind::Fen),
        fact("household.share", Kind::Ppm),
    ];
    let member = vec![
        fact("member.born", Kind::Date),
        fact("member.helper", Kind::Row(2)),
    ];
    let helper = vec![
        fact("helper.village", Kind::Code),
        fact("helper.free", Kind::Integer),
    ];
    Manifest {
        name: "example".into(),
        version: "0.1.0".into(),
        purpose: "screening".into(),
        family: Family::Subject,
        summary_zh: String::new(),
        summary_en: String::new(),
        subjects: 0,
        tables: vec![
            table("household", None, household),
            table("member", Some(0), member),
            table("helper", None, helper),
        ],
        categories: Vec::new(),
        reasons: Vec::new(),
        roles: Vec::new(),
        scopes: Vec::new(),
        pool: None,
        settings_schema: "{}".into(),
        legal_basis: Vec::new(),
    }
}

const EXAMPLE: &str = r#"{
  "about": "every kind of value",
  "settings": {"line": 150000},
  "tables": {
    "household": [
      {"household.able": true, "household.income": "1800.5 元", "household.share": "33.3 %",
       "member": [{"member.born": "1961-03-04", "member.helper": 0}, {}]},
      {"household.able": {"is": "unknown"}, "household.income": -5, "household.share": {"is": "withheld"},
       "member": [{"member.born": null}]}
    ],
    "helper": [{"helper.village": "360323100201", "helper.free": 3}]
  }
}"#;

#[test]
fn every_kind_of_value_is_read() {
    let manifest = policy();
    let example = Example::parse(&manifest, EXAMPLE).unwrap();
    assert_eq!(example.settings, r#"{"line":150000}"#);
    let input = example.input(&manifest).unwrap();
    check::input(&manifest, &input).unwrap();
    let [household, member, helper] = &input.tables[..] else {
        panic!("{input:?}")
    };
    let slots = |table: &crate::policy::input::Table| -> Vec<(u64, i64)> {
        (0..table.slots.len()).map(|slot| table.get(slot)).collect()
    };
    let born = i64::from(
        lika_core::value::Date::new(1970, 1, 1)
            .unwrap()
            .days_until(lika_core::value::Date::new(1961, 3, 4).unwrap()),
    );
    assert_eq!(
        slots(household),
        [(0, 1), (0, 180_050), (0, 333_000), (2, 0), (0, -5), (3, 0)]
    );
    let absent = (1, 0);
    assert_eq!(
        slots(member),
        [(0, born), (0, 0), absent, absent, absent, absent]
    );
    assert_eq!(member.parents, [0, 0, 1]);
    assert_eq!(slots(helper), [(0, 0), (0, 3)]);
    assert_eq!(input.strings, ["360323100201"]);
}

#[test]
fn what_is_written_reads_back() {
    let manifest = policy();
    let example = Example::parse(&manifest, EXAMPLE).unwrap();
    let written = example.to_json(&manifest).to_string();
    assert_eq!(Example::parse(&manifest, &written).unwrap(), example);
}

#[test]
fn a_fault_names_its_place() {
    let manifest = policy();
    let fault = |text: &str| match Example::parse(&manifest, text) {
        Err(Error::At { place, what }) => format!("{place}: {what}"),
        other => panic!("{other:?}"),
    };
    let household = |row: &str| fault(&format!(r#"{{"tables": {{"household": [{row}]}}}}"#));
    assert_eq!(
        household(r#"{"household.income": 1.5}"#),
        "tables/household/0/household.income: 1.5 is not money: a whole number of fen, or text like \"1800.00 元\""
    );
    assert!(household(r#"{"household.income": "1.234 元"}"#).starts_with("tables/household/0"));
    assert!(household(r#"{"household.able": {"is": "lost"}}"#).contains("is no state"));
    assert!(household(r#"{"member": [{}, 5]}"#).starts_with("tables/household/0/member/1: a row"));
    assert!(household(r#"{"helper": []}"#).contains("it reads household.able"));
    assert!(fault(r#"{"tables": {}, "scope": "county"}"#).starts_with("scope: "));
    assert!(matches!(
        Example::parse(&manifest, r#"{"tables": {}, "colour": 1}"#),
        Err(Error::Json(_))
    ));
}

#[test]
fn subjects_change_places_with_what_belongs_to_them() {
    let manifest = policy();
    let example = Example::parse(&manifest, EXAMPLE).unwrap();
    let input = example.input_of(&manifest, &[1, 0]).unwrap();
    assert_eq!(input.tables[1].parents, [0, 1, 1]);
    assert_eq!(input.tables[0].get(4), (0, 180_050));
    let alone = example.input_of(&manifest, &[1]).unwrap();
    assert_eq!((alone.tables[0].rows, alone.tables[1].rows), (1, 1));
    assert_eq!(alone.tables[2].rows, 1, "helpers belong to nobody");
}

#[test]
fn what_is_generated_fits_and_is_the_same_again() {
    let manifest = policy();
    let known = [Example::parse(&manifest, EXAMPLE).unwrap()];
    let generate = |seed| {
        let mut generator = Generator::new(&manifest, &known, seed);
        (0..50).map(|_| generator.example(5)).collect::<Vec<_>>()
    };
    let examples = generate(1);
    assert_eq!(examples, generate(1));
    assert_ne!(examples, generate(2));
    for example in &examples {
        let input = example.input(&manifest).unwrap();
        check::input(&manifest, &input).unwrap();
        assert_eq!(input.tables[0].rows, 5);
    }
    let facts = examples.iter().flat_map(|example| &example.rows);
    let facts: Vec<&Given> = facts.flat_map(|row| &row.facts).collect();
    for wanted in [
        Given::Unknown,
        Given::Withheld,
        Given::Absent,
        Given::Flag(true),
        Given::Fen(180_050),
        Given::Fen(180_049),
    ] {
        assert!(facts.contains(&&wanted), "{wanted:?}");
    }
}

#[test]
fn a_recorded_input_is_the_example_that_it_was_made_of() {
    let manifest = policy();
    let known = [Example::parse(&manifest, EXAMPLE).unwrap()];
    let mut generator = Generator::new(&manifest, &known, 4);
    for _ in 0..50 {
        let input = generator.example(5).input(&manifest).unwrap();
        let (example, _) = Example::recorded(&manifest, &input).unwrap();
        let again = Example::parse(&manifest, &example.to_json(&manifest).to_string()).unwrap();
        let again = again.input(&manifest).unwrap();
        // Texts are told apart, not told.
        assert_eq!(again.tables.len(), input.tables.len());
        for (table, own) in again.tables.iter().zip(&input.tables) {
            assert_eq!((table.rows, &table.parents), (own.rows, &own.parents));
            assert_eq!(table.states, own.states);
        }
    }
    let other = Manifest {
        tables: Vec::new(),
        ..manifest.clone()
    };
    let input = known[0].input(&manifest).unwrap();
    assert_eq!(Example::recorded(&other, &input), None);
}

#[test]
fn keys_of_records_are_replaced_and_stay_in_their_order() {
    let facts = vec![
        fact("household.key", Kind::Code),
        fact("household.village", Kind::Code),
        fact("household.name", Kind::Text),
    ];
    let manifest = Manifest {
        tables: vec![table("household", None, facts)],
        ..policy()
    };
    // In another order than that of the rows, and more than nine.
    let keys: Vec<String> = (0..12u8)
        .map(|row| lika_core::value::RecordId([row * 7 % 12; 16]).to_string())
        .collect();
    let rows = keys.iter().map(|key| {
        serde_json::json!({"household.key": key, "household.village": "360323104201", "household.name": "京口"})
    });
    let text = serde_json::json!({"tables": {"household": rows.collect::<Vec<_>>()}}).to_string();
    let input = Example::parse(&manifest, &text).unwrap();
    let input = input.input(&manifest).unwrap();
    let (example, pseudonyms) = Example::recorded(&manifest, &input).unwrap();
    let written = example.to_json(&manifest);
    let shown = |row: usize| written["tables"]["household"][row]["household.key"].clone();
    assert_eq!(
        (shown(0), shown(1), shown(5)),
        (
            "subject-01".into(),
            "subject-08".into(),
            "subject-12".into()
        )
    );
    let written = written.to_string();
    assert!(
        written.contains("360323104201"),
        "what is declared is a fact: {written}"
    );
    assert!(
        !written.contains("京口") && written.contains("text-1"),
        "{written}"
    );
    assert!(keys.iter().all(|key| !written.contains(key)), "{written}");
    let sentence = pseudonyms.in_place_of(&format!("as {} has", keys[1]));
    assert_eq!(sentence, "as subject-08 has");
}
