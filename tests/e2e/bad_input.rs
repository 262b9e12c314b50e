//! Spoilt files: each fault is named with its place, and nothing is written.

use std::{fs, path::PathBuf};

use lika_proto::v1;
use lika_tests::{Node, Ran, Sample, Sheet, code_of, request};
use tempfile::TempDir;

/// A county with its areas, and a sound sheet for it.
struct Office {
    county: Node,
    sample: Sample,
    sheet: Sheet,
    folder: TempDir,
}

impl Office {
    fn open() -> Self {
        let mut county = Node::create("360323", "芦溪县");
        county.start();
        let sample = Sample::of(100);
        sample.register_areas(&county.client());
        let sheet = Sheet::of(&sample.county);
        Self {
            county,
            sample,
            sheet,
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Imports, and fails if anything was written.
    #[track_caller]
    fn import_in_vain(&self, file: &std::path::Path) -> Ran {
        let client = self.county.client();
        let head = client.status().head;
        let ran = self.county.import(file);
        assert_eq!(client.status().head, head, "{ran:?}");
        assert_eq!(client.totals("360323").get("households"), None);
        ran
    }

    /// Imports a spoilt sheet, and fails unless the fault is named with its place.
    #[track_caller]
    fn must_name(&self, spoilt: &Sheet, code: &str, row: usize, column: &str) {
        let file = self.file("spoilt.csv");
        spoilt.write(&file);
        let ran = self.import_in_vain(&file);
        assert_eq!(ran.code, Some(1), "{ran:?}");
        let place = format!(" row {row} {column} ");
        let begin = format!("fault {code}: ");
        let mut lines = ran.stderr.lines();
        assert!(
            lines.any(|line| line.starts_with(&begin) && line.contains(&place)),
            "{begin}…{place}: {}",
            ran.stderr
        );
        assert_eq!(ran.json()["applied"], false);
    }
}

const RELATION: &str = "与户主关系";
const DOCUMENT: &str = "证件号码";

#[test]
fn each_fault_in_a_row_is_named_with_its_place_and_nothing_is_written() {
    let office = Office::open();
    let sheet = &office.sheet;
    let village = sheet.with(5, "行政村", "没有这个村");
    office.must_name(&village, "unknown-area", 5, "行政村");

    let household = |row| sheet.cell(row, "户编号");
    let other = sheet.row_where(|row| household(row) != household(2));
    let twice = sheet.with(other, DOCUMENT, sheet.cell(2, DOCUMENT));
    office.must_name(&twice, "person-twice", other, DOCUMENT);

    let child = sheet.row_where(|row| sheet.cell(row, RELATION) != "户主");
    let headless = sheet.with(2, RELATION, sheet.cell(child, RELATION));
    office.must_name(&headless, "no-head", 2, RELATION);

    // On the first row of a household: on another row it would be the row that says something else.
    let date = sheet.with(2, "首次识别时间", "2016-02-30");
    office.must_name(&date, "bad-date", 2, "首次识别时间");

    let future = sheet.with(2, "首次识别时间", "2099-01-01");
    office.must_name(&future, "in-the-future", 2, "首次识别时间");

    let income = sheet.with(other, "工资性收入", "-1200.00");
    office.must_name(&income, "negative-amount", other, "工资性收入");

    // Sound after all: only what was spoilt was refused.
    let file = office.file("sound.csv");
    sheet.write(&file);
    let summary = office.county.import(&file).done().json();
    assert_eq!(summary["households"]["new"], office.sample.households());
}

#[test]
fn a_fault_shows_no_identity_number() {
    let office = Office::open();
    let sheet = &office.sheet;
    let other = sheet.row_where(|row| sheet.cell(row, "户编号") != sheet.cell(2, "户编号"));
    let document = sheet.cell(2, DOCUMENT);
    let file = office.file("twice.csv");
    sheet.with(other, DOCUMENT, document).write(&file);
    let ran = office.import_in_vain(&file);
    assert!(ran.stderr.contains("person-twice"), "{}", ran.stderr);
    for said in [ran.stderr, ran.stdout, office.county.said()] {
        assert!(!said.contains(document), "{said}");
    }
}

#[test]
fn what_is_no_spreadsheet_is_refused() {
    let office = Office::open();
    let binary = fs::read(lika_tests::built::binary()).unwrap();
    let files: [(&str, &[u8]); 5] = [
        (
            "broken.xlsx",
            b"PK\x03\x04\x14\0 and nothing that follows from it",
        ),
        ("program.xlsx", &binary[..4096]),
        ("program.csv", &binary[..4096]),
        ("empty.csv", b""),
        ("letter.csv", "您好，附件是本月的名单。\n此致\n".as_bytes()),
    ];
    for (name, bytes) in files {
        let file = office.file(name);
        fs::write(&file, bytes).unwrap();
        let ran = office.import_in_vain(&file);
        assert_eq!(ran.code, Some(2), "{name}: {ran:?}");
        assert!(
            ran.stderr.contains("(file-refused)"),
            "{name}: {}",
            ran.stderr
        );
    }
}

#[test]
fn a_file_over_the_limit_is_refused() {
    let office = Office::open();
    let limit = lika::files::table::LARGEST_FILE;
    let path = office.file("huge.csv");
    let file = fs::File::create(&path).unwrap();
    file.set_len(limit + 1).unwrap();
    let ran = office.import_in_vain(&path);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.stderr.contains("huge.csv"), "{}", ran.stderr);
    assert!(ran.stderr.contains(&limit.to_string()), "{}", ran.stderr);

    // The node trusts no client about it.
    let client = office.county.client();
    let head = client.status().head;
    let options = v1::ImportOptions {
        request: request().to_vec(),
        file_name: "huge".to_owned(),
        ..v1::ImportOptions::default()
    };
    let piece = 1 << 20;
    let pieces = limit / piece + 1;
    let piece = usize::try_from(piece).unwrap();
    let refused = client.import(options, (0..pieces).map(move |_| vec![b'x'; piece]));
    assert_eq!(code_of(refused), "too-large");
    assert_eq!(client.status().head, head);
}

#[test]
fn gb18030_is_read_like_utf8() {
    let office = Office::open();
    let text = office.sheet.text();
    let (bytes, _, is_lossy) = encoding_rs::GB18030.encode(&text);
    assert!(!is_lossy);
    assert!(std::str::from_utf8(&bytes).is_err());
    let file = office.file("gb18030.csv");
    fs::write(&file, &bytes).unwrap();
    let summary = office.county.import(&file).done().json();
    assert_eq!(summary["households"]["new"], office.sample.households());
    assert_eq!(summary["members"]["new"], office.sample.people());
    let name = &office.sample.county.households[0].members[0].name;
    let by = v1::find_request::By::Name(name.clone());
    assert!(!office.county.client().find(by).unwrap().is_empty());
}

#[test]
fn a_dry_run_writes_nothing() {
    let office = Office::open();
    let file = office.file("sound.csv");
    office.sheet.write(&file);
    let client = office.county.client();
    let head = client.status().head;
    let ran = office
        .county
        .run(&["import", "--json", "--dry-run"], &[&file]);
    let summary = ran.done().json();
    assert_eq!(summary["households"]["new"], office.sample.households());
    assert_eq!(summary["applied"], false);
    assert_eq!(client.status().head, head);
}
