//! What came of an import, as it is printed.

use lika_core::log::Kind;
use lika_proto::v1;
use serde_json::{Value, json};

use crate::cli::output::shown_id;

/// The counts and the listing.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Whether it was another list than households.
    pub is_of_list: bool,
    /// The counts.
    pub summary: v1::ImportSummary,
    /// The rows that are listed.
    pub rows: Vec<v1::ImportRow>,
    /// The records that the file does not have.
    pub absent: Vec<v1::ImportAbsent>,
}

impl Outcome {
    /// For people: the counts and, when it is asked for, the listing.
    pub fn text(&self, with_listing: bool) -> String {
        let counts = match self.is_of_list {
            true => counts_of_list,
            false => counts,
        };
        let mut lines = vec![counts(&self.summary)];
        if with_listing {
            let rows = self.rows.iter();
            lines.extend(rows.map(|v1::ImportRow { row, class }| format!("row {row} {class}")));
            let absent = self.absent.iter();
            lines.extend(absent.map(|record| {
                let (kind, id) = (kind(record), shown_id(&record.id));
                format!("absent {kind} {id} in {}", record.area)
            }));
            if self.summary.unlisted > 0 {
                lines.push(format!("and {} more", self.summary.unlisted));
            }
        }
        lines.join("\n")
    }

    /// For programs: the same.
    pub fn value(&self, with_listing: bool) -> Value {
        let summary = &self.summary;
        let rows = self.rows.iter();
        let rows = rows.map(|v1::ImportRow { row, class }| json!({"row": row, "class": class}));
        let absent = self.absent.iter().map(
            |record| json!({"kind": kind(record), "id": shown_id(&record.id), "area": record.area}),
        );
        let mut value = match self.is_of_list {
            true => value_of_list(summary),
            false => value_of_households(summary),
        };
        if with_listing {
            value["list"] = json!({
                "rows": rows.collect::<Vec<_>>(),
                "absent": absent.collect::<Vec<_>>(),
                "unlisted": summary.unlisted,
            });
        }
        value
    }
}

fn value_of_households(summary: &v1::ImportSummary) -> Value {
    json!({
            "rows": summary.rows,
            "households": {
                "new": summary.households_new, "changed": summary.households_changed,
                "unchanged": summary.households_unchanged, "absent": summary.households_absent,
                "left_out": summary.households_left_out,
            },
            "members": {
                "new": summary.members_new, "changed": summary.members_changed,
                "unchanged": summary.members_unchanged, "absent": summary.members_absent,
            },
            "incomes": {
                "new": summary.incomes_new, "changed": summary.incomes_changed,
                "unchanged": summary.incomes_unchanged,
            },
            "conflicting": summary.conflicting,
            "faulty_rows": summary.faulty_rows,
            "faults": summary.faults,
            "warnings": summary.warnings,
            "applied": summary.applied,
            "seq": summary.position.as_ref().map(|position| position.seq),
    })
}

fn value_of_list(summary: &v1::ImportSummary) -> Value {
    json!({
        "rows": summary.rows,
        "records": {
            "new": summary.records_new, "changed": summary.records_changed,
            "unchanged": summary.records_unchanged, "absent": summary.records_absent,
        },
        "left_out": summary.rows_left_out,
        "faulty_rows": summary.faulty_rows,
        "faults": summary.faults,
        "warnings": summary.warnings,
        "applied": summary.applied,
        "seq": summary.position.as_ref().map(|position| position.seq),
    })
}

fn counts_of_list(summary: &v1::ImportSummary) -> String {
    let v1::ImportSummary {
        rows,
        records_new,
        records_changed,
        records_unchanged,
        records_absent,
        rows_left_out,
        ..
    } = summary;
    let read = read(summary);
    format!(
        "{rows} rows, {read}\n\
         rows {records_new} new, {records_changed} changed, {records_unchanged} unchanged, {rows_left_out} left out\n\
         registered and not in the file: {records_absent}"
    )
}

/// What is wrong, and whether anything was written.
fn read(summary: &v1::ImportSummary) -> String {
    let v1::ImportSummary {
        faulty_rows,
        faults,
        warnings,
        applied,
        ..
    } = summary;
    let outcome = if *applied {
        "written"
    } else {
        "nothing written"
    };
    format!("{faulty_rows} faulty, {faults} faults, {warnings} warnings: {outcome}")
}

fn counts(summary: &v1::ImportSummary) -> String {
    let v1::ImportSummary {
        rows,
        households_new,
        households_changed,
        households_unchanged,
        members_new,
        members_changed,
        members_unchanged,
        households_absent,
        members_absent,
        conflicting,
        incomes_new,
        incomes_changed,
        incomes_unchanged,
        households_left_out,
        ..
    } = summary;
    let read = read(summary);
    format!(
        "{rows} rows, {read}\n\
         households  {households_new} new, {households_changed} changed, {households_unchanged} unchanged, \
         {households_absent} absent, {households_left_out} left out\n\
         members     {members_new} new, {members_changed} changed, {members_unchanged} unchanged, \
         {members_absent} absent\n\
         incomes     {incomes_new} new, {incomes_changed} changed, {incomes_unchanged} unchanged\n\
         conflicting {conflicting}"
    )
}

fn kind(record: &v1::ImportAbsent) -> &'static str {
    let number = u32::try_from(record.kind).ok();
    number
        .and_then(Kind::from_number)
        .map_or("record", Kind::label)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    fn outcome() -> Outcome {
        Outcome {
            is_of_list: false,
            summary: v1::ImportSummary {
                rows: 5,
                members_unchanged: 4,
                households_unchanged: 2,
                households_absent: 1,
                households_left_out: 1,
                incomes_changed: 1,
                incomes_unchanged: 1,
                faulty_rows: 1,
                faults: 2,
                unlisted: 3,
                ..v1::ImportSummary::default()
            },
            rows: vec![v1::ImportRow {
                row: 2,
                class: "changed".to_owned(),
            }],
            absent: vec![v1::ImportAbsent {
                kind: 2,
                id: vec![0xa5; 16],
                area: "360323100201".to_owned(),
            }],
        }
    }

    #[test]
    fn a_dry_run_prints_the_listing_below_the_counts() {
        expect![[r#"
            5 rows, 1 faulty, 2 faults, 0 warnings: nothing written
            households  0 new, 0 changed, 2 unchanged, 1 absent, 1 left out
            members     0 new, 0 changed, 4 unchanged, 0 absent
            incomes     0 new, 1 changed, 1 unchanged
            conflicting 0
            row 2 changed
            absent household a5a5a5a5-a5a5-a5a5-a5a5-a5a5a5a5a5a5 in 360323100201
            and 3 more"#]]
        .assert_eq(&outcome().text(true));
        assert_eq!(
            outcome()
                .text(true)
                .lines()
                .take(5)
                .collect::<Vec<_>>()
                .join("\n"),
            outcome().text(false)
        );
    }

    #[test]
    fn the_counts_of_a_list_are_of_its_rows() {
        let outcome = Outcome {
            is_of_list: true,
            summary: v1::ImportSummary {
                rows: 5,
                records_new: 2,
                records_unchanged: 2,
                records_absent: 3,
                rows_left_out: 1,
                faulty_rows: 1,
                faults: 2,
                applied: true,
                ..v1::ImportSummary::default()
            },
            ..Outcome::default()
        };
        expect![[r#"
            5 rows, 1 faulty, 2 faults, 0 warnings: written
            rows 2 new, 0 changed, 2 unchanged, 1 left out
            registered and not in the file: 3"#]]
        .assert_eq(&outcome.text(false));
        expect![[r#"{"applied":true,"faults":2,"faulty_rows":1,"left_out":1,"records":{"absent":3,"changed":0,"new":2,"unchanged":2},"rows":5,"seq":null,"warnings":0}"#]]
        .assert_eq(&outcome.value(false).to_string());
    }

    #[test]
    fn programs_get_counts_and_listing() {
        assert!(outcome().value(false).get("list").is_none());
        let value = serde_json::to_string_pretty(&outcome().value(true)).unwrap();
        expect![[r#"
            {
              "applied": false,
              "conflicting": 0,
              "faults": 2,
              "faulty_rows": 1,
              "households": {
                "absent": 1,
                "changed": 0,
                "left_out": 1,
                "new": 0,
                "unchanged": 2
              },
              "incomes": {
                "changed": 1,
                "new": 0,
                "unchanged": 1
              },
              "list": {
                "absent": [
                  {
                    "area": "360323100201",
                    "id": "a5a5a5a5-a5a5-a5a5-a5a5-a5a5a5a5a5a5",
                    "kind": "household"
                  }
                ],
                "rows": [
                  {
                    "class": "changed",
                    "row": 2
                  }
                ],
                "unlisted": 3
              },
              "members": {
                "absent": 0,
                "changed": 0,
                "new": 0,
                "unchanged": 4
              },
              "rows": 5,
              "seq": null,
              "warnings": 0
            }"#]]
        .assert_eq(&value);
    }
}
