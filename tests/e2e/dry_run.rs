//! What an import says before and while it writes.

use std::path::PathBuf;

use lika_proto::{
    log::v1::Kind,
    v1::{self, import_event::Event},
};
use lika_tests::{Node, Officer, Sample, Sheet, request};
use tempfile::TempDir;

const HOUSEHOLDS: usize = 60;
const WAGES: &str = "工资性收入";
const NUMBER: &str = "户编号";
const RELATION: &str = "与户主关系";
const VILLAGE: &str = "行政村";

/// A county that has imported a sheet.
struct Office {
    county: Node,
    sheet: Sheet,
    folder: TempDir,
}

impl Office {
    fn open() -> Self {
        let mut county = Node::create("360323", "芦溪县");
        county.start();
        let sample = Sample::of(HOUSEHOLDS);
        sample.register_areas(&county.client());
        let office = Self {
            county,
            sheet: Sheet::of(&sample.county),
            folder: tempfile::tempdir().unwrap(),
        };
        let file = office.file(&office.sheet);
        office.county.import(&file).done();
        office
    }

    fn file(&self, sheet: &Sheet) -> PathBuf {
        let file = self.folder.path().join("households.csv");
        sheet.write(&file);
        file
    }

    /// The row of somebody who lives alone: what is changed there is changed in no other row.
    fn alone(&self) -> usize {
        self.alone_below(2)
    }

    fn alone_below(&self, above: usize) -> usize {
        let number = |row| self.sheet.cell(row, NUMBER);
        self.sheet.row_where(|row| {
            row > above && number(row) != number(row - 1) && number(row) != number(row + 1)
        })
    }

    /// The row of somebody who is not the head.
    fn dependant(&self) -> usize {
        self.sheet
            .row_where(|row| self.sheet.cell(row, RELATION) != "户主")
    }
}

#[test]
fn a_file_that_changes_only_incomes_says_so() {
    let office = Office::open();
    let changed = office.sheet.with(office.alone(), WAGES, "98765.00");
    let ran = office.county.run(&["import"], &[&office.file(&changed)]);
    let said = ran.done().stdout;
    assert!(said.contains(": written\n"), "{said}");
    assert!(
        said.contains("incomes     0 new, 1 changed, 59 unchanged"),
        "{said}"
    );
}

#[test]
fn a_dry_run_lists_what_is_new_changed_and_absent() {
    let office = Office::open();
    let (alone, dependant) = (office.alone(), office.dependant());
    let other = office.alone_below(alone);
    assert!(dependant < alone, "the rows below move up");
    let sheet = office
        .sheet
        .with(alone, WAGES, "98765.00")
        .with(other, NUMBER, "A999")
        .with(other, "人编号", "")
        .with(other, "姓名", "王新")
        .with(other, "证件号码", "")
        .without(dependant);
    let file = office.file(&sheet);
    let households = office.county.client();
    let households = households.list(Kind::Household, "360323").unwrap();
    let people = office.county.client().list(Kind::Member, "360323").unwrap();

    let said = office.county.run(&["import", "--dry-run"], &[&file]);
    let said = said.done().stdout;
    let (counts, list) = said.split_at(said.find("row ").unwrap());
    assert_eq!(
        counts,
        "160 rows, 0 faulty, 0 faults, 2 warnings: nothing written\n\
         households  1 new, 0 changed, 59 unchanged, 1 absent, 0 left out\n\
         members     1 new, 0 changed, 159 unchanged, 1 absent\n\
         incomes     1 new, 1 changed, 58 unchanged\n\
         conflicting 0\n"
    );
    let list: Vec<_> = list.lines().collect();
    let [changed, new, household, member] = list.as_slice() else {
        panic!("{said}");
    };
    assert_eq!(*changed, format!("row {} changed", alone - 1));
    assert_eq!(*new, format!("row {} new", other - 1));
    let is_named = |line: &str, kind: &str, records: &[v1::Record]| {
        records.iter().any(|record| {
            let id = uuid::Uuid::from_slice(&record.id).unwrap();
            line == format!("absent {kind} {id} in {}", record.area)
        })
    };
    assert!(is_named(household, "household", &households), "{household}");
    assert!(is_named(member, "member", &people), "{member}");

    // Programs get the same.
    let value = office
        .county
        .run(&["import", "--dry-run", "--json"], &[&file]);
    let value = value.done().json();
    assert_eq!(
        value["list"]["rows"].as_array().unwrap().len(),
        2,
        "{value}"
    );
    assert_eq!(value["list"]["absent"][1]["kind"], "member", "{value}");
    assert_eq!(value["list"]["unlisted"], 0, "{value}");

    // What was listed is what is written.
    let written = office.county.import(&file).done().json();
    assert_eq!(written["households"], value["households"]);
    assert_eq!(written["members"], value["members"]);
    assert_eq!(written["applied"], true);
}

#[test]
fn an_absent_household_is_listed_to_those_who_may_read_it() {
    let office = Office::open();
    let alone = office.alone();
    let village = office.sheet.cell(alone, VILLAGE);
    let absent = |login: &str, sheet: &Sheet| {
        let arguments = ["import", "--dry-run", "--json", "--as", login];
        office.county.run(&arguments, &[&office.file(sheet)])
    };
    let all = office.sheet.without(alone);
    let listed = absent("admin", &all).done().json()["list"]["absent"].clone();
    assert_eq!(listed.as_array().unwrap().len(), 1, "{listed}");
    let area = listed[0]["area"].as_str().unwrap();
    Officer::appoint(&office.county, "chun", "village-cadre", area);
    let own = all.only(VILLAGE, village);
    assert_eq!(absent("chun", &own).done().json()["list"]["absent"], listed);

    // A file that reaches beyond one's own villages is compared with nothing.
    let households = office.county.client().list(Kind::Household, "").unwrap();
    let mut others = households.iter().map(|household| &household.area);
    let other = others.find(|other| *other != area).unwrap();
    Officer::appoint(&office.county, "mei", "village-cadre", other);
    for (login, sheet) in [("chun", &all), ("mei", &own)] {
        let ran = absent(login, sheet);
        assert_eq!(ran.code, Some(2), "{ran:?}");
        assert!(ran.stderr.contains("(denied)"), "{}", ran.stderr);
        assert_eq!(ran.stdout, "");
    }
}

#[test]
fn rows_with_several_faults_count_once() {
    let office = Office::open();
    let row = office.alone();
    let spoilt = office
        .sheet
        .with(row, "人员识别时间", "never")
        .with(row, "务工时间(月)", "13")
        .with(row, WAGES, "-1")
        .with(row + 1, "人员识别时间", "never");
    let summary = office.county.import(&office.file(&spoilt)).json();
    assert_eq!(
        (&summary["faulty_rows"], &summary["faults"]),
        (&2.into(), &4.into()),
        "{summary}"
    );
    assert_eq!(summary["households"]["left_out"], 2, "{summary}");
    assert_eq!(summary["applied"], false);
}

#[test]
fn progress_ends_with_writing_and_a_dry_run_has_none() {
    let office = Office::open();
    let sheet = office.sheet.with(office.alone(), WAGES, "98765.00");
    let text = sheet.text().into_bytes();
    let client = office.county.client();
    let stages = |dry_run| {
        let options = v1::ImportOptions {
            request: request().to_vec(),
            dry_run,
            ..v1::ImportOptions::default()
        };
        let events = client.import(options, [text.clone()].into_iter()).unwrap();
        let mut stages = events.into_iter().filter_map(|event| match event.event {
            Some(Event::Progress(progress)) => {
                Some((progress.stage, progress.done, progress.total))
            }
            _ => None,
        });
        stages.next_back().unwrap()
    };
    assert_eq!(stages(true), ("matching".to_owned(), 60, 60));
    assert_eq!(stages(false), ("writing".to_owned(), 1, 1));
}
